#include "tests/persistence/trading_day.h"

#include <cstring>

namespace portcullis::persistence::testing {

using namespace order;  // NOLINT: nearly every name here is one of the vocabulary.

void TradingDay::record(gateway::InputKind kind, std::string_view input, const Events& events) {
  now_ns_ += 1'000'000;
  gateway::RecordWriter writer(memory_);
  writer.begin(kind, SessionId(0), 1, UtcTime::from_ns(now_ns_), 7, input);
  EventWriter to = writer.events();
  events(to);
  writer.end_events(to);
  write_(std::span(memory_).first(writer.finish()));
}

void TradingDay::names() {
  record(gateway::InputKind::kStart, "", [&](EventWriter& to) {
    to.add(EpochStarted{1764000000});
    const auto add = [&](NameKind kind, std::uint32_t index, std::uint32_t owner, std::string_view text) {
      NameAdded name{};
      name.kind = kind;
      name.index = index;
      name.owner = owner;
      name.name = NameText(text);
      to.add(name);
    };
    add(NameKind::kClient, 0, 0, "alpha");
    add(NameKind::kAccount, 0, 0, "ALPHA-1");
    add(NameKind::kAccount, 1, 0, "ALPHA-\"2\"");  // A name that needs an escape.
    add(NameKind::kBroker, 0, 0, "northbank");
    add(NameKind::kSession, 0, 0, "alpha");
    add(NameKind::kSession, 1, 0, "northbank");
    add(NameKind::kInstrument, 0, 0, "EUR/USD");
    add(NameKind::kInstrument, 1, 0, "USD/JPY");
    SessionChanged changed{};
    changed.session = SessionId(0);
    changed.state = SessionState::kLoggedOn;
    to.add(changed);
  });
}

OrderIdentity TradingDay::identity() const {
  OrderIdentity identity{};
  identity.order = OrderNumber(orders_);
  identity.request = RequestNumber(requests_);
  identity.account = AccountId(orders_ % 2);
  identity.instrument = InstrumentId(orders_ / 2 % 2);
  identity.client = ClientId(0);
  identity.session = SessionId(0);
  identity.side = orders_ % 3 == 0 ? Side::kSell : Side::kBuy;
  return identity;
}

Terms TradingDay::terms() const {
  Terms terms;
  terms.order_qty = Quantity::of(static_cast<std::int64_t>(1000 + orders_ % 50 * 1000));
  terms.price = Price::from_raw(110'000'000 + static_cast<std::int64_t>(orders_ % 100) * 1000);
  terms.has_price = true;
  return terms;
}

ExecutionDraft TradingDay::execution(ExecType type, OrdStatus status) {
  ExecutionDraft event;
  event.head.order = OrderNumber(orders_);
  event.head.request = RequestNumber(requests_);
  event.head.execution = ExecutionNumber(executions_++);
  event.head.exec_type = type;
  event.head.status_after = status;
  event.head.flags = ExecutionApplied::kApplied | ExecutionApplied::kClosesRequest;
  event.head.broker = BrokerId(0);
  event.head.leaves_after = terms().order_qty;
  exec_id_ = "X" + std::to_string(executions_);
  event.exec_id = exec_id_;
  // Said once: it stays what it is.
  broker_order_id_ = "B" + std::to_string(orders_);
  if (type == ExecType::kNew) event.broker_order_id = broker_order_id_;
  return event;
}

void TradingDay::report(const ExecutionDraft& execution) {
  record(gateway::InputKind::kMessage, "35=8", [&](EventWriter& to) { write(to, execution, Need{}); });
}

void TradingDay::order() {
  const bool refused = orders_ % 10 == 9;
  const std::string cl_ord_id = "C" + std::to_string(orders_);
  record(gateway::InputKind::kMessage, "35=D", [&](EventWriter& to) {
    Decided decided{};
    decided.decision = decisions_++;
    decided.order = OrderNumber(orders_);
    decided.request = RequestNumber(requests_);
    decided.code = refused ? RejectCode::kMaxQuantity : RejectCode::kNone;
    decided.control = refused ? Control::kB1 : Control::kCore;
    decided.msg_type = 'D';
    std::vector<CheckResult> checks;
    for (const Scope scope : {Scope::kFirm, Scope::kClient, Scope::kAccount, Scope::kInstrument}) {
      CheckResult check{};
      check.control = Control::kB1;
      check.scope = scope;
      check.passed = refused ? 0 : 1;
      check.node = scope == Scope::kAccount ? static_cast<std::uint32_t>(orders_ % 2) : 0;
      check.usage = 0;
      check.delta = terms().order_qty.raw();
      check.limit = 10'000'000'000;
      checks.push_back(check);
    }
    decided.check_count = static_cast<std::uint32_t>(checks.size());
    to.add_with_tail(decided, checks);
    if (refused) {
      OrderRejected rejected{};
      rejected.identity = identity();
      rejected.cl_ord_id = IdText(cl_ord_id);
      rejected.terms = terms();
      rejected.time = UtcTime::from_ns(now_ns_);
      rejected.symbol = NameText("EUR/USD");
      rejected.account = NameText("ALPHA-1");
      rejected.reject.code = RejectCode::kMaxQuantity;
      rejected.reject.control = Control::kB1;
      rejected.reject.text = ReasonText("B1: quantity above the account's limit");
      to.add(rejected);
      return;
    }
    write_accepted(to, identity(), cl_ord_id, terms(), Valuation{}, Need{});
    OrderRouted routed{};
    routed.order = OrderNumber(orders_);
    routed.request = RequestNumber(requests_);
    routed.epoch = 1764000000;
    routed.msg_seq_num = orders_ + 2;
    routed.broker = BrokerId(0);
    to.add(routed);
  });
  if (refused) {
    ++orders_, ++requests_;
    return;
  }
  report(execution(ExecType::kNew, OrdStatus::kNew));
  switch (orders_ % 7) {
    case 0:
    case 1:
    case 2: {  // A fill, in text that is not UTF-8; every now and then busted.
      auto fill = execution(ExecType::kTrade, OrdStatus::kFilled);
      const auto sign = identity().side == Side::kBuy ? 1 : -1;
      Trade& trade = fill.trade.emplace();
      trade.last_qty = fill.head.cum_after = terms().order_qty;
      fill.head.leaves_after = Quantity();
      trade.last_px = terms().price;
      trade.set_value(Wide{trade.last_qty.raw()} * Wide{trade.last_px.raw()});
      trade.booking.base = Quantity::from_raw(sign * trade.last_qty.raw());
      trade.booking.term = Amount::from_raw(-sign * 12345);
      trade.booking.traded = Amount::from_raw(12345);
      fill.text = "done \xFF \\ \"quoted\" {\xC3\xA9} <img onerror=alert(1)>";
      report(fill);
      if (orders_ % 35 == 0) {
        auto bust = execution(ExecType::kTradeCancel, OrdStatus::kNew);
        bust.refers_to = fill.head.execution;
        Booking& booking = bust.trade.emplace().booking;
        booking.base = -trade.booking.base;
        booking.term = -trade.booking.term;
        booking.traded = -trade.booking.traded;
        report(bust);
      }
      break;
    }
    case 3: {  // Cancelled by its client.
      ++requests_;
      record(gateway::InputKind::kMessage, "35=F", [&](EventWriter& to) {
        CancelRequested cancel{};
        cancel.order = OrderNumber(orders_);
        cancel.request = RequestNumber(requests_);
        cancel.time = UtcTime::from_ns(now_ns_);
        cancel.session = SessionId(0);
        cancel.cl_ord_id = IdText("CXL" + std::to_string(orders_));
        to.add(cancel);
      });
      auto done = execution(ExecType::kCanceled, OrdStatus::kCanceled);
      done.head.leaves_after = Quantity();
      report(done);
      break;
    }
    case 4: {  // Replaced.
      ++requests_;
      Terms changed = terms();
      changed.order_qty += Quantity::of(500);
      record(gateway::InputKind::kMessage, "35=G", [&](EventWriter& to) {
        ReplaceRequested replace{};
        replace.order = OrderNumber(orders_);
        replace.request = RequestNumber(requests_);
        replace.time = UtcTime::from_ns(now_ns_);
        replace.terms = changed;
        replace.session = SessionId(0);
        replace.cl_ord_id = IdText("RPL" + std::to_string(orders_));
        to.add(replace);
      });
      auto done = execution(ExecType::kReplaced, OrdStatus::kNew);
      done.terms_after = changed;
      done.head.leaves_after = changed.order_qty;
      report(done);
      break;
    }
    case 5:  // Lost sight of, with an alert that someone acknowledges.
      record(gateway::InputKind::kTick, "", [&](EventWriter& to) {
        OrderUnknown unknown{};
        unknown.order = OrderNumber(orders_);
        unknown.time = UtcTime::from_ns(now_ns_);
        unknown.reason = ReasonText("no acknowledgement within 5 s");
        to.add(unknown);
        AlertRaised alert{};
        alert.alert = alerts_;
        alert.time = UtcTime::from_ns(now_ns_);
        alert.order = OrderNumber(orders_);
        alert.code = AlertCode::kOrderUnknown;
        alert.severity = Severity::kCritical;
        alert.text = ReasonText("order unknown");
        to.add(alert);
      });
      record(gateway::InputKind::kCommand, R"({"action":"acknowledge"})", [&](EventWriter& to) {
        AlertAcknowledged acknowledged{};
        acknowledged.alert = alerts_++;
        acknowledged.time = UtcTime::from_ns(now_ns_);
        acknowledged.user = FixedText<31>("ops");
        to.add(acknowledged);
      });
      break;
    default:  // A report for no order of ours, and a cancel that we refuse.
      record(gateway::InputKind::kMessage, "35=8", [&](EventWriter& to) {
        ReportSuspended suspended{};
        suspended.execution = ExecutionNumber(executions_++);
        suspended.time = UtcTime::from_ns(now_ns_);
        suspended.instrument = InstrumentId(0);
        suspended.broker = BrokerId(0);
        suspended.exec_type = ExecType::kTrade;
        suspended.side = Side::kBuy;
        suspended.last_qty = Quantity::of(1000);
        suspended.last_px = Price::of(1);
        suspended.booking.base = Quantity::of(1000);
        suspended.booking.term = Amount::of(-1100);
        to.add(suspended);
        RequestRefused refusal{};
        refusal.order = OrderNumber(orders_);
        refusal.time = UtcTime::from_ns(now_ns_);
        refusal.session = SessionId(0);
        refusal.response_to = '1';
        refusal.cl_ord_id = IdText("LATE");
        refusal.reject.code = RejectCode::kTooLateToCancel;
        to.add(refusal);
      });
      break;
  }
  ++orders_, ++requests_;
}

}  // namespace portcullis::persistence::testing
