// What operators do, what time makes due, and what a session's change means for its orders.

#include <algorithm>

#include "gateway/client_requests.h"
#include "gateway/decide_swaps.h"
#include "gateway/ids.h"
#include "gateway/mandatory_limits.h"
#include "gateway/start_positions.h"

namespace portcullis::gateway {
namespace {

using order::AlertCode;
using order::BrokerPhaseChanged;
using order::ReasonText;
using order::Reject;
using order::RejectCode;
using order::Severity;

// How long a broker may take to answer what it is asked at reconciliation.
constexpr Duration kReconcileTimeout = Duration::seconds(10);
// And how long its mass status may take before the orders that it left out are asked for one by one.
constexpr Duration kMassStatusTimeout = Duration::seconds(3);

Reject no(RejectCode code, std::string_view text) {
  return Reject{code, order::Control::kCore, 0, ReasonText::truncated(text)};
}

void write_phase(Deciding& d, BrokerId broker, BrokerPhase phase) {
  BrokerPhaseChanged event{};
  event.time = d.now;
  event.broker = broker;
  event.phase = phase;
  d.events.add(event);
}

bool is_logged_on(const State& state, const Broker& line) {
  return state.sessions[line.session.value()].state == order::SessionState::kLoggedOn;
}

// A request that the broker has not answered in time, or cannot answer because its line is down.
bool decide_unanswered(Deciding& d, BrokerId broker, const Broker& line) {
  if (line.unanswered.empty()) return false;
  const State& state = d.state;
  const Request& request = state.requests[line.unanswered.front()];
  const bool up = is_logged_on(state, line);
  if (up && d.now - request.time < state.setup.brokers[broker.value()].ack_timeout) return false;
  // Of an order that is over nothing is unknown: what was asked for comes too late, whether the broker says so or not.
  // A filled one may be opened again by its replace.
  const Order& order = state.orders[request.order];
  const bool reopens = request.kind == RequestKind::kReplace && order.status == order::OrdStatus::kFilled;
  if (request.kind != RequestKind::kNew && !order.is_open() && !reopens) {
    reject_request(d, broker, line.unanswered.front(), 0, "the order was over before the broker answered");
    return true;
  }
  write_unknown(
      d, request.order,
      up ? "the broker has not answered within ack_timeout_s" : "the broker's line went down before it answered");
  if (takes_requests(state, broker)) write_status_requested(d, broker, request.order);
  return true;
}

// A cancel that waited for the line goes first of all.
bool decide_held_cancel(Deciding& d, BrokerId broker, const Broker& line) {
  if (line.held.empty() || line.phase != BrokerPhase::kOpen || !takes_requests(d.state, broker)) return false;
  if (!d.state.risk.broker_has_token(broker, d.now, true)) return false;
  const RequestNumber number = line.held.front();
  const Request& request = d.state.requests[number];
  const Order& order = d.state.orders[request.order];
  if (!order.is_open()) {
    order::RequestRejected event{};
    event.order = request.order;
    event.request = number;
    event.time = d.now;
    event.reserved_after = order.reserved;
    event.broker = broker;
    event.cxl_rej_reason = 0;  // too late to cancel
    event.response_to = '1';
    event.text = ReasonText("the order was over before its broker could be reached");
    d.events.add(event);
    return true;
  }
  order::OrderRouted routed{};
  routed.order = request.order;
  routed.request = number;
  routed.epoch = narrow_counter(d.state.epoch);
  routed.msg_seq_num = d.next_seq(line.session);
  routed.broker = broker;
  d.events.add(routed);
  return true;
}

// Asks, waits, gives up: then the broker takes orders, and what it did not explain stays UNKNOWN.
bool decide_reconciliation(Deciding& d, BrokerId broker, const Broker& line) {
  const State& state = d.state;
  if (line.phase != BrokerPhase::kReconciling || !is_logged_on(state, line)) return false;
  const BrokerSetup& setup = state.setup.brokers[broker.value()];
  if (setup.reconcile == config::Reconcile::kMassStatus && !line.to_ask.empty()) {
    write_status_requested(d, broker, OrderNumber::none());
    return true;
  }
  if (!line.to_ask.empty()) {
    if (!state.risk.broker_has_token(broker, d.now, true)) return false;
    write_status_requested(d, broker, line.to_ask.front());
    return true;
  }
  const bool mass_status = setup.reconcile == config::Reconcile::kMassStatus;
  const Duration patience = mass_status ? kMassStatusTimeout : kReconcileTimeout;
  if (!line.asked.empty() && d.now - line.reconciling_since < patience) return false;
  if (!line.asked.empty()) {
    // What the mass status left out is asked for by itself: only the answer to that is taken as proof.
    if (mass_status && !state.risk.broker_has_token(broker, d.now, true)) return false;
    const OrderNumber order = *line.asked.rbegin();
    write_unknown(d, order, "the broker has not told the order's state at reconciliation");
    if (mass_status) write_status_requested(d, broker, order);
    return true;
  }
  write_phase(d, broker, BrokerPhase::kOpen);
  return true;
}

// A hold from the start ends when every configured broker has told what it knows.
bool decide_release_of_hold(Deciding& d) {
  const State& state = d.state;
  if (!state.held || state.setup.brokers.empty()) return false;
  for (std::size_t i = 0; i < state.setup.brokers.size(); ++i) {
    if (state.setup.brokers[i].configured && state.broker_states[i].phase != BrokerPhase::kOpen) return false;
  }
  order::HoldChanged event{};
  d.events.add(event);
  d.alert(AlertCode::kHold, Severity::kInfo, "every broker is reconciled: orders are taken again");
  return true;
}

Reject decide_one(Deciding&, const std::monostate&) {
  return no(RejectCode::kOther, "an empty command");
}

Reject decide_one(Deciding& d, const order::TellLimitsNotRaised& command) {
  d.alert(AlertCode::kLimitsNotRaised, Severity::kCritical, command.what.view());
  return {};
}

Reject decide_one(Deciding& d, const order::SetScopeState& command) {
  order::ScopeStateSet event{};
  event.id = command.id;
  event.scope = command.scope;
  event.state = command.state;
  event.proposal = order::kNoProposal;
  event.user = command.user;
  event.reason = command.reason;
  write_scope_state(d, event);
  return {};
}

Reject decide_one(Deciding& d, const order::OperatorCancel& command) {
  const State& state = d.state;
  if (!state.orders.contains(command.order)) return no(RejectCode::kUnknownOrder, "no such order");
  const Order& order = state.orders[command.order];
  if (!order.is_open()) return no(RejectCode::kTooLateToCancel, "the order is over");
  if (!order.broker.has_value()) return no(RejectCode::kTooLateToCancel, "the order was never sent to a broker");
  if (state.cancel_waits(order)) return no(RejectCode::kAlreadyPending, "a cancel of this order has no answer yet");
  decide_own_cancel(d, order, order::RequestOrigin::kOperator);
  return {};
}

Reject decide_one(Deciding& d, const order::SetQuote& command) {
  order::QuoteSet event{};
  event.time = d.now;
  event.bid = command.bid;
  event.ask = command.ask;
  event.instrument = command.instrument;
  d.events.add(event);
  return {};
}

Reject decide_one(Deciding& d, const order::SetRate& command) {
  order::RateSet event{};
  event.time = d.now;
  event.rate = command.rate;
  event.currency = command.currency;
  d.events.add(event);
  return {};
}

Reject decide_one(Deciding& d, const order::SetLimit& command) {
  order::LimitSet event{};
  event.time = d.now;
  event.value = command.value;
  const risk::Node* const node = d.state.risk.state().find(command.scope, command.id);
  event.before = node != nullptr ? node->limits[static_cast<config::Limit>(command.limit)] : 0;
  event.proposal = order::kNoProposal;
  event.id = command.id;
  event.limit = command.limit;
  event.scope = command.scope;
  event.version = d.state.limits_version + 1;
  event.user = command.user;
  event.reason = command.reason;
  d.events.add(event);
  return {};
}

Reject decide_one(Deciding& d, const order::AcknowledgeAlert& command) {
  const auto& alerts = d.state.alerts;
  const auto found =
      std::find_if(alerts.begin(), alerts.end(), [&](const Alert& a) { return a.alert == command.alert; });
  if (found == alerts.end()) return no(RejectCode::kOther, "no such alert among the newest");
  if (found->acknowledged) return no(RejectCode::kOther, "the alert has been acknowledged already");
  order::AlertAcknowledged event{};
  event.alert = command.alert;
  event.time = d.now;
  event.user = command.user;
  d.events.add(event);
  return {};
}

Reject decide_one(Deciding& d, const order::ResolveOrder& command) { return decide_resolution(d, command); }
Reject decide_one(Deciding& d, const order::RequestChange& command) { return decide_change(d, command); }
Reject decide_one(Deciding& d, const order::StartDrill& command) { return decide_drill_start(d, command); }
Reject decide_one(Deciding& d, const order::RearmControl& command) { return decide_rearm(d, command); }
Reject decide_one(Deciding&, const order::NoteAudit&) { return {}; }
Reject decide_one(Deciding& d, const order::StartPositions& command) {
  return decide_start_positions(d, command);
}
Reject decide_one(Deciding& d, const order::NameTrader& command) { return decide_trader(d, command); }
Reject decide_one(Deciding& d, const order::ReportHealth& command) { return decide_health(d, command); }
Reject decide_one(Deciding& d, const order::DecideProposal& command) { return decide_proposal(d, command); }

Reject decide_one(Deciding& d, const order::EnableSession& command) {
  if (command.session.value() >= d.state.sessions.size()) return no(RejectCode::kOther, "no such session");
  if (command.enabled) {
    const std::string missing = missing_mandatory_limits(d.state, command.session);
    if (!missing.empty()) {
      return refuse(d, Refusal::kConflict,
                    "the session cannot be enabled before its client has limits of its own (risk.mandatory_limits): " +
                        missing + "; PUT /limits/client/" +
                        std::string(d.state.session_names[command.session.value()].name.view()) +
                        " states them");
    }
  }
  order::SessionEnabled event{};
  event.session = command.session;
  event.enabled = command.enabled ? 1 : 0;
  event.user = command.user;
  d.events.add(event);
  return {};
}

Reject decide_one(Deciding& d, const order::RollDay& command) {
  if (command.trade_date <= d.state.trade_date) return no(RejectCode::kOther, "the trade date is this one already");
  order::DayRolled event{};
  event.time = d.now;
  event.trade_date = command.trade_date;
  event.flat = d.state.setup.roll_positions == config::RollPositions::kFlat ? 1 : 0;
  event.keep_days = d.state.setup.keep_orders_days;
  d.events.add(event);
  // What was good for longer than its own value date can only be reduced or cancelled from here on.
  std::uint32_t outlived = 0;
  d.state.open_orders.for_each([&](OrderNumber number) {
    const Order& order = d.state.orders[number];
    const auto passes = [&](std::int32_t date) {
      return date != 0 && date >= d.state.trade_date && date < command.trade_date;
    };
    if (passes(order.settle_date) || passes(order.fixing_date())) ++outlived;
  });
  if (outlived != 0) {
    d.alert(AlertCode::kOutlived, Severity::kWarning,
            std::to_string(outlived) + " open orders have outlived their value date or fixing: they cannot grow, and what "
                                       "is executed of them settles by hand");
  }
  return {};
}

}  // namespace

void write_unknown(Deciding& d, OrderNumber order, std::string_view reason) {
  order::OrderUnknown event{};
  event.order = order;
  event.time = d.now;
  event.reason = ReasonText::truncated(reason);
  d.events.add(event);
  d.alert(AlertCode::kOrderUnknown, Severity::kCritical, reason, order);
}

void write_status_requested(Deciding& d, BrokerId broker, OrderNumber order) {
  order::StatusRequested event{};
  event.order = order;
  event.time = d.now;
  event.broker = broker;
  d.events.add(event);
}

std::string id_of_resolution(const State& state, const Order& order) {
  return "RESOLVED-" + std::string(IdBuffer::order_id(state.setup.gateway_id, order.epoch, order.number).view());
}

Reject decide_resolution(Deciding& d, const order::ResolveOrder& command) {
  const State& state = d.state;
  if (!state.orders.contains(command.order)) return no(RejectCode::kUnknownOrder, "no such order");
  const Order& order = state.orders[command.order];
  if (!order.unknown)
    return no(RejectCode::kOther, "the order's state is known; only an UNKNOWN order can be resolved");
  if (command.user == command.approver) return no(RejectCode::kNotPermitted, "two different persons resolve an order");
  order::ExecutionDraft event;
  event.head.order = command.order;
  event.head.request = order.original;
  event.head.execution = state.executions.next();
  event.head.flags = order::ExecutionApplied::kApplied;
  event.head.broker = order.broker;
  event.head.cum_after = order.cum_qty;
  event.text = command.reason.view();
  std::string exec_id;
  SwapBookings swap;
  switch (command.as) {
    case order::OrdStatus::kCanceled:
      event.head.exec_type = order::ExecType::kCanceled;
      break;
    case order::OrdStatus::kRejected:
      event.head.exec_type = order::ExecType::kRejected;
      break;
    case order::OrdStatus::kFilled: {
      event.head.exec_type = order::ExecType::kTrade;
      exec_id = id_of_resolution(state, order);
      event.exec_id = exec_id;
      const Quantity rest = command.cum_qty - order.cum_qty;
      if (!rest.is_positive()) return no(RejectCode::kBadQuantity, "cum_qty must be more than what is booked already");
      // The rest traded at what brings the average to avg_px.
      const Wide whole = static_cast<Wide>(command.cum_qty.raw()) * command.avg_px.raw();
      const auto last_px = narrow(divide(whole - order.value, rest.raw(), Rounding::kHalfEven));
      if (!last_px || *last_px <= 0) return no(RejectCode::kBadField, "avg_px does not fit what is booked already");
      order::Trade& trade = event.trade.emplace();
      trade.last_qty = rest;
      trade.last_px = Price::from_raw(*last_px);
      trade.set_value(whole);
      trade.booking = order.is_swap()
                          ? swap.fill(d, order, event.head.execution, rest, trade.last_px, order.price2())
                          : state.risk.booking_of(order.instrument, order.side, order.dealt, rest, trade.last_px);
      event.head.cum_after = command.cum_qty;
      break;
    }
    default:
      return no(RejectCode::kBadField, "an order is resolved as cancelled, rejected or filled");
  }
  event.head.status_after = command.as;
  order::write(d.events, event, order.reserved);
  swap.write(d);
  return {};
}

void write_scope_state(Deciding& d, const order::ScopeStateSet& change) {
  order::ScopeStateSet event = change;
  event.time = d.now;
  event.before = d.state.risk.own_state(event.scope, event.id);
  d.events.add(event);
  d.alert(AlertCode::kScopeState, event.state == order::ScopeState::kActive ? Severity::kInfo : Severity::kCritical,
          event.reason.view());
  if (event.state >= order::ScopeState::kCancel) {
    MassCancelRequest request;
    request.scope = event.scope;
    request.id = event.id;
    request.user = event.user;
    request.reason = event.reason;
    write_mass_cancel(d, request);
  }
}

Reject decide(Deciding& d, const OperatorCommand& command) {
  return std::visit([&](const auto& one) { return decide_one(d, one); }, command);
}

bool decide_due(Deciding& d) {
  const State& state = d.state;
  if (decide_emergency_due(d)) return true;
  for (std::uint16_t i = 0; i < state.broker_states.size(); ++i) {
    const BrokerId broker(i);
    const Broker& line = state.broker_states[i];
    if (decide_unanswered(d, broker, line) || decide_reconciliation(d, broker, line) ||
        decide_held_cancel(d, broker, line)) {
      return true;
    }
  }
  return decide_release_of_hold(d) || decide_due_breakers(d) || decide_governance_due(d) || decide_sample(d) ||
         decide_giving_back(d);
}

// After a reset: what the session owes is bounded, the oldest go first.
static void decide_owed(Deciding& d, SessionId session) {
  const std::deque<OwedReports>& owed = d.state.sessions[session.value()].owed;
  std::uint64_t total = 0;
  for (const OwedReports& range : owed) total += range.last - range.first + 1;
  if (total <= kMaxOwedReports) return;
  std::uint64_t excess = total - kMaxOwedReports;
  d.alert(AlertCode::kSequence, Severity::kCritical,
          "more than 20000 messages were never written before their numbers were reset: the oldest are not issued again",
          OrderNumber::none(), session);
  for (const OwedReports& range : owed) {
    if (excess == 0) return;
    const std::uint64_t given_up = std::min(excess, range.last - range.first + 1);
    order::ReportsReissued event{};
    event.session = session;
    event.sequence_epoch = range.sequence_epoch;
    event.up_to = range.first + given_up - 1;
    d.events.add(event);
    excess -= given_up;
  }
}

void decide_session(Deciding& d, SessionId session, const SessionEffects& effects) {
  const State& state = d.state;
  const Session& self = state.sessions[session.value()];
  if (effects.reset) decide_owed(d, session);
  for (const SessionAlert& alert : effects.alerts) {
    d.alert(alert.code, alert.severity, alert.text, OrderNumber::none(), session);
  }
  if (self.of_broker) {
    const Broker& line = state.broker_states[self.broker.value()];
    if (effects.state == order::SessionState::kLoggedOn) write_phase(d, self.broker, BrokerPhase::kDraining);
    if (effects.state == order::SessionState::kDisconnected) write_phase(d, self.broker, BrokerPhase::kDown);
    if (effects.reconcile_again && line.phase != BrokerPhase::kDown) write_phase(d, self.broker, BrokerPhase::kDraining);
    const bool lost_numbers = std::any_of(effects.alerts.begin(), effects.alerts.end(), [](const SessionAlert& alert) {
      return alert.code == order::AlertCode::kHold;
    });
    if (lost_numbers && !state.held) {
      order::HoldChanged event{};
      event.held = 1;
      event.reason = ReasonText("a broker has seen more messages from us than we know of");
      d.events.add(event);
    }
    if (effects.drained && line.phase == BrokerPhase::kDraining) {
      const bool ask = state.setup.brokers[self.broker.value()].reconcile != config::Reconcile::kNone;
      write_phase(d, self.broker, ask ? BrokerPhase::kReconciling : BrokerPhase::kOpen);
    }
    return;
  }
  for (const StagedMessage& message : effects.outbound) {
    if (!message.application) decide_rejected_message(d, message.bytes);
  }
  if (effects.state == order::SessionState::kDisconnected) {
    const ClientSetup& setup = state.setup.clients[self.client.value()];
    if (setup.cancel_on_disconnect != config::CancelOnDisconnect::kNone && setup.disconnect_grace.ns() == 0) {
      write_disconnect_cancel(d, session, setup.cancel_on_disconnect);
    }
  }
}

}  // namespace portcullis::gateway
