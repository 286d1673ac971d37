#include "persistence/event_fields.h"

#include <bit>

#include "base/time.h"
#include "order/evidence.h"
#include "order/governance.h"
#include "order/latch_events.h"
#include "order/swap.h"
#include "persistence/blotter/tables.h"

namespace portcullis::persistence {
namespace {

using order::EventType;

// The fields that tell one event from another of its kind; all of it stands in the journal.
class Fields {
 public:
  explicit Fields(boost::json::object& to) : to_(to) {}

  template <typename Id>
  requires requires(Id id) { id.has_value(); }
  void add(std::string_view name, Id id) {
    if (id.has_value()) to_[name] = std::uint64_t{id.value()};
  }
  void add(std::string_view name, std::uint64_t number) { to_[name] = number; }
  void add_text(std::string_view name, std::string_view text) {
    if (!text.empty()) to_[name] = clean_text(text);
  }
  template <int Scale, typename Tag>
  void add(std::string_view name, Decimal<Scale, Tag> decimal) {
    to_[name] = decimal.to_string();
  }

 private:
  boost::json::object& to_;
};

void add_identity(Fields& f, const order::OrderIdentity& identity, std::string_view cl_ord_id) {
  f.add("order", identity.order);
  f.add("request", identity.request);
  f.add("account", identity.account);
  f.add("instrument", identity.instrument);
  f.add_text("cl_ord_id", cl_ord_id);
  f.add_text("side", to_string(identity.side));
  if (identity.trader.has_value()) f.add("trader", identity.trader);
  if (identity.settle_date != 0) f.add_text("settle_date", Date::from_days(identity.settle_date).to_iso());
  if (identity.settle_date2 != 0) f.add_text("settle_date2", Date::from_days(identity.settle_date2).to_iso());
  if (identity.fixing_date != 0) f.add_text("fixing_date", Date::from_days(identity.fixing_date).to_iso());
}

void add_terms(Fields& f, const order::Terms& terms) {
  f.add("order_qty", terms.order_qty);
  if (terms.has_price) f.add("price", terms.price);
  if (terms.ord_type == order::OrdType::kForexSwap) {
    f.add("order_qty2", terms.order_qty2);
    f.add("price2", terms.price2);
  }
  f.add_text("ord_type", to_string(terms.ord_type));
  f.add_text("time_in_force", to_string(terms.time_in_force));
}

void add_reject(Fields& f, const order::Reject& reject) {
  f.add_text("code", to_string(reject.code));
  f.add_text("control", to_string(reject.control));
  f.add_text("text", reject.text.view());
}

void add_fields(Fields& f, const order::EventView& event) {
  switch (event.type()) {
    case EventType::kEpochStarted:
      f.add("epoch", event.as<order::EpochStarted>().epoch);
      return;
    case EventType::kBuildStarted: {
      const auto e = event.as<order::BuildStarted>();
      f.add_text("version", e.version.view());
      f.add_text("build_id", e.build_id.view());
      return;
    }
    case EventType::kOperatorListed: {
      const auto e = event.as<order::OperatorListed>();
      f.add_text("name", e.name.view());
      f.add("role", e.role);
      return;
    }
    case EventType::kExposureSampled: {
      const auto e = event.as<order::ExposureSampled>();
      f.add_text("scope", to_string(e.scope));
      f.add("id", e.id);
      f.add("gross_open", e.gross_open);
      f.add("net_open_position", e.net_open_position);
      f.add("settlement", e.settlement);
      f.add("traded", e.traded);
      f.add("open_orders", e.open_orders);
      return;
    }
    case EventType::kShadowDecided: {
      const auto e = event.as<order::ShadowDecided>();
      f.add("decision", e.decision);
      f.add("order", e.order);
      f.add_text("live", to_string(e.live));
      f.add_text("shadow", to_string(e.shadow));
      f.add_text("control", to_string(e.control));
      return;
    }
    case EventType::kNameAdded: {
      const auto e = event.as<order::NameAdded>();
      f.add("kind", static_cast<std::uint64_t>(e.kind));
      f.add("index", e.index);
      f.add_text("name", e.name.view());
      return;
    }
    case EventType::kSessionChanged: {
      const auto e = event.as<order::SessionChanged>();
      f.add("session", e.session);
      f.add("state", static_cast<std::uint64_t>(e.state));
      f.add_text("reason", e.reason.view());
      return;
    }
    case EventType::kTargetAdvanced: {
      const auto e = event.as<order::TargetAdvanced>();
      f.add("session", e.session);
      f.add("next_target", e.next_target);
      return;
    }
    case EventType::kSequenceReset: {
      const auto e = event.as<order::SequenceReset>();
      f.add("session", e.session);
      f.add("sequence_epoch", e.sequence_epoch);
      f.add("next_sender", e.next_sender);
      f.add("next_target", e.next_target);
      return;
    }
    case EventType::kMessagesWritten: {
      const auto e = event.as<order::MessagesWritten>();
      f.add("session", e.session);
      f.add("sequence_epoch", e.sequence_epoch);
      f.add("up_to", e.up_to);
      return;
    }
    case EventType::kReportsReissued: {
      const auto e = event.as<order::ReportsReissued>();
      f.add("session", e.session);
      f.add("sequence_epoch", e.sequence_epoch);
      f.add("up_to", e.up_to);
      return;
    }
    case EventType::kDecided: {
      const auto e = event.as<order::Decided>();
      f.add("decision", e.decision);
      f.add("order", e.order);
      f.add_text("msg_type", std::string_view(&e.msg_type, 1));
      f.add_text("code", to_string(e.code));
      f.add_text("control", to_string(e.control));
      f.add("limits_version", e.limits_version);
      f.add("market_version", e.market_version);
      f.add("checks", e.check_count);
      return;
    }
    case EventType::kOrderAccepted: {
      const order::AcceptedView e(event);
      add_identity(f, e.identity(), e.cl_ord_id());
      add_terms(f, e.terms());
      return;
    }
    case EventType::kOrderRejected: {
      const auto e = event.as<order::OrderRejected>();
      add_identity(f, e.identity, e.cl_ord_id.view());
      add_terms(f, e.terms);
      f.add_text("symbol", e.symbol.view());
      add_reject(f, e.reject);
      return;
    }
    case EventType::kOrderRouted: {
      const auto e = event.as<order::OrderRouted>();
      f.add("order", e.order);
      f.add("request", e.request);
      f.add("broker", e.broker);
      f.add("msg_seq_num", e.msg_seq_num);
      return;
    }
    case EventType::kCancelRequested: {
      const auto e = event.as<order::CancelRequested>();
      f.add("order", e.order);
      f.add("request", e.request);
      f.add_text("cl_ord_id", e.cl_ord_id.view());
      f.add("queued", e.queued);
      return;
    }
    case EventType::kReplaceRequested: {
      const auto e = event.as<order::ReplaceRequested>();
      f.add("order", e.order);
      f.add("request", e.request);
      f.add_text("cl_ord_id", e.cl_ord_id.view());
      add_terms(f, e.terms);
      return;
    }
    case EventType::kRequestRefused: {
      const auto e = event.as<order::RequestRefused>();
      f.add("order", e.order);
      f.add_text("cl_ord_id", e.cl_ord_id.view());
      add_reject(f, e.reject);
      return;
    }
    case EventType::kExecutionApplied: {
      const order::ExecutionView e(event);
      f.add("order", e->order);
      f.add("request", e->request);
      f.add("execution", e->execution);
      f.add_text("exec_type", to_string(e->exec_type));
      f.add_text("status", to_string(e->status_after));
      f.add("last_qty", e.last_qty());
      f.add("last_px", e.last_px());
      f.add("cum_qty", e->cum_after);
      f.add("leaves_qty", e->leaves_after);
      f.add("applied", e->applied() ? 1 : 0);
      f.add_text("exec_id", e.exec_id());
      f.add_text("text", e.text());
      return;
    }
    case EventType::kRequestRejected: {
      const auto e = event.as<order::RequestRejected>();
      f.add("order", e.order);
      f.add("request", e.request);
      f.add_text("text", e.text.view());
      return;
    }
    case EventType::kOrderUnknown: {
      const auto e = event.as<order::OrderUnknown>();
      f.add("order", e.order);
      f.add_text("reason", e.reason.view());
      return;
    }
    case EventType::kReportSuspended: {
      const auto e = event.as<order::ReportSuspended>();
      f.add("execution", e.execution);
      f.add_text("cl_ord_id", e.cl_ord_id.view());
      f.add_text("exec_id", e.exec_id.view());
      f.add("last_qty", e.last_qty);
      f.add("last_px", e.last_px);
      f.add_text("reason", e.reason.view());
      return;
    }
    case EventType::kStatusAnswered: {
      const auto e = event.as<order::StatusAnswered>();
      f.add("order", e.order);
      f.add_text("cl_ord_id", e.cl_ord_id.view());
      return;
    }
    case EventType::kMessageRefused: {
      const auto e = event.as<order::MessageRefused>();
      f.add("ref_seq_num", e.ref_seq_num);
      f.add_text("text", e.text.view());
      return;
    }
    case EventType::kStatusRequested: {
      const auto e = event.as<order::StatusRequested>();
      f.add("order", e.order);
      f.add("broker", e.broker);
      return;
    }
    case EventType::kAlertRaised: {
      const auto e = event.as<order::AlertRaised>();
      f.add("alert", e.alert);
      f.add_text("code", to_string(e.code));
      f.add_text("severity", to_string(e.severity));
      f.add("order", e.order);
      f.add_text("text", e.text.view());
      return;
    }
    case EventType::kAlertAcknowledged: {
      const auto e = event.as<order::AlertAcknowledged>();
      f.add("alert", e.alert);
      f.add_text("user", e.user.view());
      return;
    }
    case EventType::kScopeStateSet: {
      const auto e = event.as<order::ScopeStateSet>();
      f.add_text("scope", to_string(e.scope));
      f.add("id", e.id);
      f.add_text("state", to_string(e.state));
      f.add_text("user", e.user.view());
      f.add_text("reason", e.reason.view());
      return;
    }
    case EventType::kControlLatched: {
      const auto e = event.as<order::ControlLatched>();
      f.add_text("control", to_string(e.control));
      f.add_text("scope", to_string(e.scope));
      f.add("id", e.id);
      f.add("instrument", e.instrument);
      f.add("direction", e.direction);
      f.add("usage", e.usage);
      f.add("limit", e.limit);
      f.add_text("response", to_string(e.response));
      f.add_text("reason", e.reason.view());
      return;
    }
    case EventType::kClientGrouped: {
      const auto e = event.as<order::ClientGrouped>();
      f.add("client", e.client);
      f.add("group", e.group);
      return;
    }
    case EventType::kContractSized: {
      const auto e = event.as<order::ContractSized>();
      f.add("instrument", e.instrument);
      f.add("multiplier", e.multiplier);
      return;
    }
    case EventType::kLimitLevelCrossed: {
      const auto e = event.as<order::LimitLevelCrossed>();
      f.add_text("scope", to_string(e.scope));
      f.add("id", e.id);
      f.add("limit_index", e.limit_index);
      f.add("level", e.level);
      f.add("percent", e.percent);
      f.add("usage", static_cast<std::uint64_t>(e.usage));
      f.add("limit", static_cast<std::uint64_t>(e.limit));
      return;
    }
    case EventType::kBreakerTold: {
      const auto e = event.as<order::BreakerTold>();
      f.add_text("control", to_string(e.control));
      f.add_text("scope", to_string(e.scope));
      f.add("id", e.id);
      f.add("detail", e.detail);
      f.add("on", e.on);
      f.add("usage", static_cast<std::uint64_t>(e.usage));
      f.add("limit", static_cast<std::uint64_t>(e.limit));
      return;
    }
    case EventType::kDriftWindowOpened: {
      const auto e = event.as<order::DriftWindowOpened>();
      f.add("instrument", e.instrument);
      f.add("reference", e.reference);
      return;
    }
    case EventType::kControlRearmed: {
      const auto e = event.as<order::ControlRearmed>();
      f.add_text("control", to_string(e.control));
      f.add_text("scope", to_string(e.scope));
      f.add("id", e.id);
      f.add("instrument", e.instrument);
      f.add("direction", e.direction);
      f.add_text("user", e.user.view());
      f.add_text("approver", e.approver.view());
      f.add_text("reason", e.reason.view());
      return;
    }
    case EventType::kQuoteSet: {
      const auto e = event.as<order::QuoteSet>();
      f.add("instrument", e.instrument);
      f.add("bid", e.bid);
      f.add("ask", e.ask);
      return;
    }
    case EventType::kRateSet: {
      const auto e = event.as<order::RateSet>();
      f.add("currency", e.currency);
      f.add("rate", e.rate);
      return;
    }
    case EventType::kLimitSet: {
      const auto e = event.as<order::LimitSet>();
      f.add_text("scope", to_string(e.scope));
      f.add("id", e.id);
      f.add("limit", e.limit);
      f.add_text("before", std::to_string(e.before));
      f.add_text("raw", std::to_string(e.value));
      f.add_text("user", e.user.view());
      f.add_text("checker", e.checker.view());
      f.add_text("reason", e.reason.view());
      return;
    }
    case EventType::kDayRolled:
      f.add_text("trade_date", Date::from_days(event.as<order::DayRolled>().trade_date).to_iso());
      if (event.as<order::DayRolled>().flat != 0) f.add_text("positions", "flat");
      f.add("keep_days", std::uint64_t{event.as<order::DayRolled>().keep_days});
      return;
    case EventType::kEntriesGivenBack: {
      const auto e = event.as<order::EntriesGivenBack>();
      f.add_text("table", order::to_string(e.table));
      f.add("from", e.from);
      f.add("count", static_cast<std::uint64_t>(std::popcount(e.which)));
      return;
    }
    case EventType::kHoldChanged: {
      const auto e = event.as<order::HoldChanged>();
      f.add("held", e.held);
      f.add_text("reason", e.reason.view());
      return;
    }
    case EventType::kBrokerPhaseChanged: {
      const auto e = event.as<order::BrokerPhaseChanged>();
      f.add("broker", e.broker);
      f.add("phase", static_cast<std::uint64_t>(e.phase));
      return;
    }
    case EventType::kSessionEnabled: {
      const auto e = event.as<order::SessionEnabled>();
      f.add("session", e.session);
      f.add("enabled", e.enabled);
      f.add_text("user", e.user.view());
      return;
    }
    case EventType::kMassCancelStarted: {
      const auto e = event.as<order::MassCancelStarted>();
      f.add_text("scope", to_string(e.scope));
      f.add("id", e.id);
      f.add("run", e.run);
      f.add("drill", e.drill);
      return;
    }
    case EventType::kProposed: {
      const auto e = event.as<order::Proposed>();
      f.add("proposal", e.proposal);
      f.add_text("kind", to_string(e.kind));
      f.add_text("scope", to_string(e.scope));
      f.add("id", e.id);
      f.add_text("maker", e.maker.view());
      f.add_text("ticket", e.ticket.view());
      f.add_text("reason", e.reason.view());
      return;
    }
    case EventType::kLimitProposed: {
      const auto e = event.as<order::LimitProposed>();
      f.add("proposal", e.proposal);
      f.add("limit", e.limit);
      f.add_text("before", std::to_string(e.before));
      f.add_text("raw", std::to_string(e.value));
      return;
    }
    case EventType::kProposalDecided: {
      const auto e = event.as<order::ProposalDecided>();
      f.add("proposal", e.proposal);
      f.add_text("state", to_string(e.state));
      f.add_text("checker", e.checker.view());
      f.add_text("reason", e.reason.view());
      return;
    }
    case EventType::kPositionAdjusted: {
      const auto e = event.as<order::PositionAdjusted>();
      f.add("account", e.account);
      f.add("instrument", e.instrument);
      f.add("quantity", e.quantity);
      f.add("price", e.price);
      f.add_text("maker", e.maker.view());
      f.add_text("checker", e.checker.view());
      return;
    }
    case EventType::kMassCancelFinished: {
      const auto e = event.as<order::MassCancelFinished>();
      f.add("run", e.run);
      f.add("orders", e.orders);
      f.add("sent", e.sent);
      f.add("canceled", e.canceled);
      f.add("too_late", e.too_late);
      return;
    }
    case EventType::kMassCancelEscalated: {
      const auto e = event.as<order::MassCancelEscalated>();
      f.add("run", e.run);
      f.add("outstanding", e.outstanding);
      return;
    }
    case EventType::kDrillAdvanced: {
      const auto e = event.as<order::DrillAdvanced>();
      f.add("run", e.run);
      f.add("broker", e.broker);
      f.add("count", e.count);
      return;
    }
    case EventType::kSwapReserved: {
      const auto e = event.as<order::SwapReserved>();
      f.add("order", e.order);
      f.add("buy", e.need.buy);
      f.add("sell", e.need.sell);
      f.add("term_in", e.need.term_in);
      f.add("term_out", e.need.term_out);
      f.add("near_receivable", e.need.near_receivable);
      f.add("far_receivable", e.need.far_receivable);
      return;
    }
    case EventType::kSwapBooked: {
      const auto e = event.as<order::SwapBooked>();
      f.add("order", e.order);
      f.add("execution", e.execution);
      f.add("near_base", e.booking.near_base);
      f.add("near_term", e.booking.near_term);
      f.add("far_base", e.booking.far_base);
      f.add("far_term", e.booking.far_term);
      return;
    }
    case EventType::kBrokerMassCancelRequested: {
      const auto e = event.as<order::BrokerMassCancelRequested>();
      f.add("broker", e.broker);
      f.add("run", e.run);
      return;
    }
    case EventType::kAudited: {
      const auto e = event.as<order::Audited>();
      f.add("number", e.number);
      f.add_text("outcome", to_string(e.outcome));
      f.add_text("user", e.user.view());
      f.add_text("action", e.action.view());
      f.add_text("detail", e.detail.view());
      return;
    }
  }
}

}  // namespace

void add_event_fields(boost::json::object& to, const order::EventView& event) {
  Fields fields(to);
  add_fields(fields, event);
}

}  // namespace portcullis::persistence
