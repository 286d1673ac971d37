// What the events of a record bring with them: controls that trip by what has just happened. Asked after the events
// have been applied, so the state holds their sums; what follows stands in the same record.

#include "gateway/decide_consequences.h"

#include "order/latch_events.h"

namespace portcullis::gateway {
namespace {

using order::AlertCode;
using order::Control;
using order::Scope;
using order::Severity;

void write_latched(Deciding& d, const risk::LatchKey& key, std::int64_t usage, std::int64_t limit,
                   order::ScopeState response, std::string_view reason, OrderNumber order, SessionId session) {
  order::ControlLatched event{};
  event.time = d.now;
  event.usage = usage;
  event.limit = limit;
  event.id = key.id;
  event.instrument = key.instrument;
  event.scope = key.scope;
  event.control = key.control;
  event.direction = static_cast<std::uint8_t>(key.direction);
  event.response = response;
  event.detail = key.detail;
  event.reason = order::ReasonText::truncated(reason);
  d.events.add(event);
  d.alert(AlertCode::kControlLatched, Severity::kCritical, reason, order, session);
}

// C3: the order that reaches the limit is executed, the next one is refused.
void decide_repeated_executions(Deciding& d, const Order& order) {
  const risk::State& risk = d.state.risk.state();
  const risk::Direction direction = risk::direction_of(order::buys_base(order.side, order.dealt));
  const auto latch = [&](Scope scope, std::uint32_t id, std::int64_t count, std::int64_t limit, std::string_view why) {
    const risk::LatchKey key{Control::kC3, scope, id, order.instrument, direction};
    if (count < limit || risk.latches.find(key) != nullptr) return;
    write_latched(d, key, count, limit, order::ScopeState::kActive, why, order.number, order.session);
  };
  if (const risk::Session* session = risk.find_session(order.session)) {
    latch(Scope::kSession, order.session.value(), session->filled_orders.count(order.instrument, direction),
          d.state.risk.repeated_executions_limit(order.account),
          "C3: repeated executions of one session in one instrument and direction; it takes no more until re-armed");
  }
  if (const auto limit = d.state.risk.repeated_executions_limit_of(order.trader)) {
    latch(Scope::kTrader, order.trader.value(),
          risk.trader_orders[order.trader.value()].count(order.instrument, direction), *limit,
          "C3: repeated executions of one trader in one instrument and direction; it takes no more until re-armed");
  }
}

void decide_levels_of(Deciding& d, const Order& order) {
  const risk::Place place = place_of(order);
  decide_levels(d, place, d.state.risk.scopes_of(place));
}

void after(Deciding& d, const order::OrderAccepted& event) {
  const Order& order = d.state.orders[event.order];
  decide_levels_of(d, order);
  decide_reject_rate(d, order.session);
  decide_flood(d, order.session);
  decide_market_data(d, order.instrument);
  decide_ratios(d, order.session);
  decide_drift(d, order.instrument, true);
}

void after(Deciding& d, const order::OrderRejected& event) {
  decide_reject_rate(d, event.identity.session);
  decide_flood(d, event.identity.session);
  decide_ratios(d, event.identity.session);
}

void after(Deciding& d, const order::Decided& event) {
  const bool repeats = event.msg_type == 'D' && !event.request.has_value();
  if (!event.order.has_value() || (event.msg_type != 'G' && !repeats)) return;
  const SessionId session = d.state.orders[event.order].session;
  decide_reject_rate(d, session);
  if (repeats) decide_flood(d, session);
}

void after(Deciding& d, const order::CancelRequested& event) {
  if (event.origin != order::RequestOrigin::kClient) return;
  decide_flood(d, event.session);
  decide_ratios(d, event.session);
}

void after(Deciding& d, const order::RequestRefused& event) {
  decide_flood(d, event.session);
}

void after(Deciding& d, const order::ReplaceRequested& event) {
  const Order& order = d.state.orders[event.order];
  decide_levels_of(d, order);
  decide_flood(d, order.session);
  decide_market_data(d, order.instrument);
  decide_ratios(d, order.session);
}

void after(Deciding& d, order::ExecutionView event) {
  if (!event->applied()) return;
  const Order& order = d.state.orders[event->order];
  // A swap's execution may move nothing, net of its legs; a loss that stands is looked at again all the same.
  const order::Trade* trade = event.trade();
  const bool moved = event->exec_type == order::ExecType::kTrade ||
                     (trade != nullptr && (trade->booking.base != Quantity() || trade->booking.term != Amount()));
  if (event->exec_type == order::ExecType::kTrade) {
    decide_repeated_executions(d, order);
    decide_fills(d, order.session);
  }
  const risk::Place place = place_of(order);
  const risk::Scopes& scopes = d.state.risk.scopes_of(place);
  decide_levels(d, place, scopes);
  if (moved) decide_losses(d, scopes);
  if (event->exec_type == order::ExecType::kRejected) decide_broker_rejects(d, event->broker);
  const bool first_answer = event->exec_type == order::ExecType::kNew ||
                            event->exec_type == order::ExecType::kPendingNew ||
                            event->exec_type == order::ExecType::kRejected;
  if (first_answer && !event.exec_id().empty()) {
    decide_latency(d, event->broker, d.now - d.state.requests[event->request].time);
  }
}

void after(Deciding& d, const order::RequestRejected& event) {
  decide_levels_of(d, d.state.orders[event.order]);
  decide_broker_rejects(d, event.broker);
}

void after(Deciding& d, const order::ReportSuspended& event) {
  if (!event.instrument.has_value()) return;
  decide_losses(d, d.state.risk.scopes_of(risk::Place{order::ClientId::none(), order::AccountId::none(), event.broker,
                                                      event.instrument, true}));
}

void after(Deciding& d, const order::QuoteSet& event) {
  decide_all_losses(d);
  decide_drift(d, event.instrument, false);
}

template <typename E>
void consider(Deciding& d, const order::EventView& event) {
  after(d, event.in_place<E>());
}

}  // namespace

bool decide_consequences(Deciding& d, const order::EventView& event) {
  using order::EventType;
  if (d.events.remaining() < kConsequenceReserve) return false;
  switch (event.type()) {
    case EventType::kDecided:
      consider<order::Decided>(d, event);
      if (event.in_place<order::Decided>().code == order::RejectCode::kNone) {
        decide_order_levels(d, event.in_place<order::Decided>().order, event.tail(sizeof(order::Decided)));
      }
      break;
    case EventType::kOrderAccepted:
      consider<order::OrderAccepted>(d, event);
      break;
    case EventType::kOrderRejected:
      consider<order::OrderRejected>(d, event);
      break;
    case EventType::kCancelRequested:
      consider<order::CancelRequested>(d, event);
      break;
    case EventType::kRequestRefused:
      consider<order::RequestRefused>(d, event);
      break;
    case EventType::kReplaceRequested:
      consider<order::ReplaceRequested>(d, event);
      break;
    case EventType::kExecutionApplied:
      after(d, order::ExecutionView(event));
      break;
    case EventType::kRequestRejected:
      consider<order::RequestRejected>(d, event);
      break;
    case EventType::kReportSuspended:
      consider<order::ReportSuspended>(d, event);
      break;
    case EventType::kQuoteSet:
      consider<order::QuoteSet>(d, event);
      break;
    case EventType::kRateSet:
    case EventType::kLimitSet:
    case EventType::kPositionAdjusted:
      decide_all_losses(d);
      break;
    default:
      break;
  }
  return d.events.remaining() >= kConsequenceReserve;
}

namespace {

// The scope has this state already, or gets one as strong in this record: two controls may trip by one input.
bool has_state(const Deciding& d, Scope scope, std::uint32_t id, order::ScopeState state) {
  if (d.state.risk.own_state(scope, id) >= state) return true;
  bool gets = false;
  order::for_each_event(d.events.bytes(), [&](const order::EventView& event) {
    if (event.type() != order::EventType::kScopeStateSet) return;
    const auto& set = event.in_place<order::ScopeStateSet>();
    gets = gets || (set.scope == scope && set.id == id && set.state >= state);
  });
  return gets;
}

}  // namespace

void latch_scope(Deciding& d, const risk::LatchKey& key, std::int64_t usage, std::int64_t limit,
                 order::ScopeState response, std::string_view reason) {
  const risk::Engine& risk = d.state.risk;
  if (risk.state().latches.find(key) != nullptr) return;
  const SessionId session =
      key.scope == Scope::kSession ? SessionId(static_cast<std::uint16_t>(key.id)) : SessionId::none();
  write_latched(d, key, usage, limit, response, reason, OrderNumber::none(), session);
  if (has_state(d, key.scope, key.id, response)) return;
  order::ScopeStateSet event{};
  event.time = d.now;
  event.id = key.id;
  event.scope = key.scope;
  event.state = response;
  event.before = risk.own_state(key.scope, key.id);
  event.proposal = order::kNoProposal;
  event.user = order::UserText("breaker");
  event.reason = order::ReasonText::truncated(reason);
  d.events.add(event);
}

order::Reject decide_rearm(Deciding& d, const order::RearmControl& command) {
  const auto no = [](order::RejectCode code, std::string_view text) {
    return order::Reject{code, Control::kCore, 0, order::ReasonText::truncated(text)};
  };
  const risk::LatchKey key{
      command.control, command.scope, command.id, command.instrument, static_cast<risk::Direction>(command.direction),
      command.detail};
  if (command.direction > static_cast<std::uint8_t>(risk::Direction::kSellsBase) ||
      d.state.risk.state().latches.find(key) == nullptr) {
    return no(order::RejectCode::kOther, "this control is armed: nothing has tripped it");
  }
  if (d.state.risk.state().latches.find(key)->response != order::ScopeState::kActive) {
    return no(order::RejectCode::kOther,
              "this control has given its scope a state; it is armed again when that is lifted");
  }
  if (command.user.empty() || command.approver.empty() || command.user == command.approver) {
    return no(order::RejectCode::kNotPermitted, "two different persons re-arm a control");
  }
  order::ControlRearmed event{};
  event.time = d.now;
  event.id = command.id;
  event.instrument = command.instrument;
  event.scope = command.scope;
  event.control = command.control;
  event.direction = command.direction;
  event.detail = command.detail;
  event.user = command.user;
  event.approver = command.approver;
  event.reason = command.reason;
  d.events.add(event);
  d.alert(AlertCode::kControlLatched, Severity::kInfo, "a control that had tripped is armed again");
  return {};
}

}  // namespace portcullis::gateway
