#include "gateway/apply.h"

#include <algorithm>

#include "gateway/mass_cancel.h"
#include "gateway/resting.h"
#include "gateway/scope.h"
#include "order/latch_events.h"

namespace portcullis::gateway {
namespace {

using order::ExecType;
using order::OrdStatus;

Session& session_of(State& state, SessionId id) { return state.sessions[id.value()]; }
Broker& line_of(State& state, BrokerId id) { return state.broker_states[id.value()]; }

void reserve(State& state, Order& order, const order::Need& after) {
  state.risk.reserve(place_of(order), order.reserved, after);
  order.reserved = after;
  if (order.is_swap() && after == order::Need()) release_swap(state, order);
}

// D1: an order is open while anything of it can still be executed. One that is filled is, as long as a replace of it has
// no answer and may open it again: it reserves what that would add.
bool counts_as_open(const Order& order) { return order.is_open() || order.reserved != order::Need(); }

void recount(State& state, const Order& order, bool counted) {
  if (counts_as_open(order) != counted) state.risk.count_open(place_of(order), counted ? -1 : 1);
}

void index_request(State& state, RequestNumber number) {
  const Request& request = state.requests[number];
  // A ClOrdID that is used again leads to its first request, whatever the layout of the index.
  if (!request.cl_ord_id.empty() && !state.find_request(request.session, request.cl_ord_id.view()).has_value()) {
    state.cl_ord_ids.insert(hash_text(request.session.value(), request.cl_ord_id.view()), number.value());
  }
}

// An order that opens again may have closed on another day, whose ids are forgotten: its client must be able to name
// it. In the order of their numbers: where an id stands twice, the first request keeps it.
void index_requests_of(State& state, const Order& order) {
  std::vector<RequestNumber> all;
  for (RequestNumber r = order.newest; r.has_value(); r = state.requests[r].previous) all.push_back(r);
  for (auto r = all.rbegin(); r != all.rend(); ++r) index_request(state, *r);
}

void set_status(State& state, Order& order, OrdStatus status, Quantity leaves_qty) {
  const bool was_open = order.is_open();
  order.status = status;
  order.leaves_qty = leaves_qty;
  if (was_open == order.is_open()) return;
  if (was_open) count_ended(state, order);
  if (was_open) {
    state.open_orders.remove(order.number);
  } else {
    state.open_orders.add(order.number);
    index_requests_of(state, order);
  }
}

Request& add_request(State& state, Order& order, RequestNumber number, RequestKind kind) {
  PORTCULLIS_CHECK(number == state.requests.next(), "requests are added in the order of their numbers");
  Request& request = state.requests.add();
  request.order = order.number;
  request.previous = order.newest;
  request.kind = kind;
  order.newest = number;
  return request;
}

void index_execution(State& state, ExecutionNumber number) {
  const Execution& execution = state.executions[number];
  if (!execution.exec_id.empty() && !state.find_execution(execution.broker, execution.exec_id.view()).has_value()) {
    state.exec_ids.insert(hash_text(execution.broker.value(), execution.exec_id.view()), number.value());
  }
}

// Drops what no longer waits from the fronts of the broker's queues.
void trim(State& state, Broker& line) {
  while (!line.unanswered.empty()) {
    const Request& request = state.requests[line.unanswered.front()];
    // A cancel of our own that was sent twice has its answer when the order is over.
    const bool moot = request.run != 0 && !state.orders[request.order].is_open();
    if (request.state == RequestState::kSent && !moot) break;
    line.unanswered.pop_front();
  }
  trim_cancels(state, line);
  while (!line.held.empty()) {
    const Request& request = state.requests[line.held.front()];
    if (request.state == RequestState::kHeld && !request.routed) break;
    line.held.pop_front();
  }
}

// A request gets its last answer.
void close_request(State& state, Order& order, RequestNumber number, RequestState outcome) {
  Request& request = state.requests[number];
  if (request.kind == RequestKind::kNew) {
    request.state = outcome;
    return;
  }
  if (!waits(request)) return;
  if (request.state == RequestState::kPending) {
    std::uint8_t& shown = request.kind == RequestKind::kCancel ? order.shown_pending_cancels : order.shown_pending_replaces;
    if (shown > 0) --shown;
  }
  request.state = outcome;
  if (order.open_requests > 0) --order.open_requests;
}

void on(State& state, const order::EpochStarted& e, UtcTime) { state.epoch = e.epoch; }
void on(State& state, const order::NameAdded& e, UtcTime time) {
  switch (e.kind) {
    case order::NameKind::kClient: state.clients.add(e); break;
    case order::NameKind::kAccount: state.accounts.add(e); break;
    case order::NameKind::kBroker:
      state.brokers.add(e);
      state.broker_states.emplace_back();
      break;
    case order::NameKind::kSession: {
      state.session_names.add(e);
      Session& session = state.sessions.emplace_back();
      session.of_broker = e.detail == 1;
      session.numbers_since = time;
      const SessionId id(static_cast<std::uint16_t>(e.index));
      if (session.of_broker) {
        session.broker = BrokerId(static_cast<std::uint16_t>(e.owner));
        line_of(state, session.broker).session = id;
      } else {
        session.client = ClientId(static_cast<std::uint16_t>(e.owner));
      }
      break;
    }
    case order::NameKind::kInstrument: state.instruments.add(e); break;
    case order::NameKind::kCurrency: state.currencies.add(e); break;
    case order::NameKind::kGroup: state.groups.add(e); break;
    case order::NameKind::kTrader: state.traders.add(e); break;
  }
  state.risk.add_name(e);
}

void on(State& state, const order::SessionChanged& e, UtcTime time) {
  Session& session = session_of(state, e.session);
  if (e.state == order::SessionState::kDisconnected && session.state != order::SessionState::kDisconnected) {
    session.down_since = time;
    session.disconnect_done = false;
  }
  if (e.state == order::SessionState::kLoggedOn) session.disconnect_done = true;
  session.state = e.state;
  session.reason = e.reason;
}

void on(State& state, const order::TargetAdvanced& e, UtcTime) {
  session_of(state, e.session).numbers.next_target = e.next_target;
}

void on(State& state, const order::SequenceReset& e, UtcTime time) {
  Session& session = session_of(state, e.session);
  session.numbers_since = time;
  const SessionNumbers& old = session.numbers;
  if (!session.of_broker && old.written + 1 < old.next_sender) {
    session.owed.push_back(OwedReports{old.sequence_epoch, old.written + 1, old.next_sender - 1});
  }
  session.numbers = SessionNumbers{e.sequence_epoch, e.next_sender, e.next_target, e.next_sender - 1};
  if (session.of_broker) {
    Broker& line = line_of(state, session.broker);
    line.evidence_seq = 0;
    std::fill(line.sent.begin(), line.sent.end(), Broker::Sent{});
  }
}

void on(State& state, const order::MessagesWritten& e, UtcTime) {
  SessionNumbers& numbers = session_of(state, e.session).numbers;
  if (e.sequence_epoch == numbers.sequence_epoch) numbers.written = e.up_to;
}

void on(State& state, const order::ReportsReissued& e, UtcTime) {
  std::deque<OwedReports>& owed = session_of(state, e.session).owed;
  PORTCULLIS_CHECK(!owed.empty() && owed.front().sequence_epoch == e.sequence_epoch, "reports that are not owed");
  owed.front().first = e.up_to + 1;
  if (owed.front().first > owed.front().last) owed.pop_front();
}

void on(State& state, const order::Decided& e, UtcTime time) {
  ++state.decisions;
  // A replace takes its token whether it is refused or not; an order does so in its own event.
  if (e.msg_type == 'G' && e.order.has_value()) {
    const SessionId session = state.orders[e.order].session;
    state.risk.take_token(session, time);
    state.risk.count_message(session, time);
    state.risk.count_decision(session, e.code != order::RejectCode::kNone, time);
    state.risk.count_messages(session, risk::DayCounts{.replaces = 1});
  }
}

Order& add_order(State& state, const order::OrderIdentity& identity, const order::Terms& terms, UtcTime time) {
  PORTCULLIS_CHECK(identity.order == state.orders.next(), "orders are added in the order of their numbers");
  Order& order = state.orders.add();
  order.number = identity.order;
  order.epoch = state.epoch;
  order.instrument = identity.instrument;
  order.account = identity.account;
  order.client = identity.client;
  order.session = identity.session;
  order.trader = identity.trader;
  order.settle_date = identity.settle_date;
  order.settle_date2 = identity.settle_date2;
  order.fixing_date = identity.fixing_date;
  order.side = identity.side;
  order.dealt = identity.dealt;
  order.terms = terms;
  order.leaves_qty = terms.order_qty;
  order.accepted = time;
  order.changed = time;
  order.trade_date = state.trade_date;
  Request& request = add_request(state, order, identity.request, RequestKind::kNew);
  request.session = identity.session;
  request.time = time;
  request.terms = terms;
  request.cl_ord_id = identity.cl_ord_id;
  order.original = identity.request;
  order.live = identity.request;
  index_request(state, identity.request);
  return order;
}

void on(State& state, const order::OrderAccepted& e, UtcTime time) {
  Order& order = add_order(state, e.identity, e.terms, e.time);
  order.valuation = e.valuation;
  state.requests[order.original].valuation = e.valuation;
  state.risk.know_multiplier(order.instrument, e.valuation.multiplier);
  // The broker's own node joins when the order is routed, in the same record.
  order.reserved = e.reserved;
  state.open_orders.add(order.number);
  state.risk.count_decision(order.session, false, time);
  state.risk.count_messages(order.session, risk::DayCounts{.orders = 1});
  state.risk.remember_order(order.account, order.trader, order.instrument, order.side, order.dealt, e.terms, e.time);
  state.risk.take_token(order.session, time);
  state.risk.count_message(order.session, time);
}

void on(State& state, const order::OrderRejected& e, UtcTime time) {
  Order& order = add_order(state, e.identity, e.terms, e.time);
  order.status = OrdStatus::kRejected;
  order.reject = e.reject.code;
  order.leaves_qty = Quantity();
  state.requests[order.original].state = RequestState::kRejected;
  state.risk.count_decision(order.session, true, time);
  state.risk.count_messages(order.session, risk::DayCounts{.orders = 1});
  state.risk.take_token(order.session, time);
  state.risk.count_message(order.session, time);
}

void on(State& state, const order::OrderRouted& e, UtcTime time) {
  Order& order = state.orders[e.order];
  Request& request = state.requests[e.request];
  Broker& line = line_of(state, e.broker);
  if (request.kind == RequestKind::kNew) {
    order.broker = e.broker;
    state.risk.reserve(place_of(order), order::Need{}, order.reserved);
    state.risk.count_open(place_of(order), 1);
  }
  request.routed = true;
  request.state = RequestState::kSent;
  request.epoch = e.epoch;
  request.msg_seq_num = e.msg_seq_num;
  request.time = e.time;
  line.sent[e.msg_seq_num % Broker::kSentRing] = Broker::Sent{e.msg_seq_num, e.request};
  line.unanswered.push_back(e.request);
  if (request.kind != RequestKind::kCancel) update_resting(state, order);
  if (request.kind == RequestKind::kCancel) {
    count_cancel_sent(state, order, e.time);
    if (request.run != 0 && request.tries < kMaxCancelTries) {
      line.cancels_sent.push_back(Broker::CancelSent{e.order, request.run, e.time, request.tries});
    }
  }
  state.risk.take_broker_token(e.broker, time);
  trim(state, line);
}

void on(State& state, const order::CancelRequested& e, UtcTime time) {
  Order& order = state.orders[e.order];
  Request& request = add_request(state, order, e.request, RequestKind::kCancel);
  request.session = e.session;
  request.time = e.time;
  request.origin = e.origin;
  request.run = e.run;
  request.terms = order.terms;
  request.cl_ord_id = e.cl_ord_id;
  request.state = RequestState::kHeld;
  ++order.open_requests;
  if (e.origin == order::RequestOrigin::kClient) {
    order.client_canceled = true;
    state.risk.count_messages(e.session, risk::DayCounts{.cancels = 1});
    state.risk.take_token(e.session, time);
    state.risk.count_message(e.session, time);
  }
  index_request(state, e.request);
  if (e.queued != 0) line_of(state, order.broker).held.push_back(e.request);
  Broker& line = line_of(state, order.broker);
  if (e.run != 0 && !line.cancels_sent.empty() && line.cancels_sent.front().order == e.order) {
    request.tries = static_cast<std::uint8_t>(line.cancels_sent.front().tries + 1);
    line.cancels_sent.pop_front();
  }
  trim_cancels(state, line);
}

void on(State& state, const order::ReplaceRequested& e, UtcTime) {
  Order& order = state.orders[e.order];
  Request& request = add_request(state, order, e.request, RequestKind::kReplace);
  request.session = e.session;
  request.time = e.time;
  request.terms = e.terms;
  request.valuation = e.valuation;
  request.cl_ord_id = e.cl_ord_id;
  ++order.open_requests;
  index_request(state, e.request);
  reserve(state, order, e.reserved_after);
}

void on(State& state, const order::RequestRefused& e, UtcTime) {
  if (e.uses_up_id == 0 || !e.order.has_value()) return;
  Order& order = state.orders[e.order];
  const RequestNumber number = state.requests.next();
  Request& request =
      add_request(state, order, number, e.response_to == '1' ? RequestKind::kCancel : RequestKind::kReplace);
  request.session = e.session;
  request.time = e.time;
  request.terms = order.terms;
  request.cl_ord_id = e.cl_ord_id;
  request.state = RequestState::kRejected;
  index_request(state, number);
}

void add_execution(State& state, const order::ExecutionApplied& e) {
  PORTCULLIS_CHECK(e.execution == state.executions.next(), "executions are added in the order of their numbers");
  Execution& execution = state.executions.add();
  execution.order = e.order;
  execution.broker = e.broker;
  execution.exec_type = e.exec_type;
  execution.epoch = state.epoch;
  execution.time = e.time;
  execution.trade_date = state.trade_date;
  execution.exec_id = e.exec_id;
  execution.last_qty = e.last_qty;
  execution.last_px = e.last_px;
  const bool trade = e.exec_type == ExecType::kTrade || e.exec_type == ExecType::kTradeCorrect;
  execution.booked = trade && e.applied != 0;
  if (trade) execution.booking = e.booking;
  if (e.exec_type != ExecType::kOrderStatus) index_execution(state, e.execution);
}

// What the report says of the request whose ClOrdID it carries.
void advance_request(State& state, Order& order, const order::ExecutionApplied& e) {
  Request& request = state.requests[e.request];
  switch (e.exec_type) {
    case ExecType::kPendingCancel:
    case ExecType::kPendingReplace:
      if (request.kind != RequestKind::kNew && request.state == RequestState::kSent) {
        request.state = RequestState::kPending;
        ++(request.kind == RequestKind::kCancel ? order.shown_pending_cancels : order.shown_pending_replaces);
      }
      break;
    case ExecType::kReplaced:
      if (e.closes_request != 0) {
        request.replaced = order.live;
        close_request(state, order, e.request, RequestState::kAccepted);
        order.live = e.request;
        order.valuation = request.valuation;
      }
      break;
    case ExecType::kCanceled:
      if (e.closes_request != 0) close_request(state, order, e.request, RequestState::kAccepted);
      break;
    default:
      break;
  }
  Request& original = state.requests[order.original];
  if (original.state == RequestState::kSent) {
    original.state = e.exec_type == ExecType::kRejected ? RequestState::kRejected : RequestState::kAccepted;
  }
}

void on(State& state, const order::ExecutionApplied& e, UtcTime) {
  add_execution(state, e);
  Order& order = state.orders[e.order];
  Broker& line = line_of(state, e.broker);
  const Request& request = state.requests[e.request];
  if (request.routed) line.evidence_seq = std::max(line.evidence_seq, request.msg_seq_num);
  std::erase(line.asked, e.order);
  if (e.applied == 0) {
    trim(state, line);
    return;
  }
  if (e.refers_to.has_value()) {
    Execution& old = state.executions[e.refers_to];
    old.undone = true;
    if (e.exec_type == ExecType::kTradeCorrect) {
      old.corrected_by = e.execution;
      // What is booked under the correction is the whole of it, for a later bust.
      Execution& correction = state.executions[e.execution];
      correction.trade_date = old.trade_date;
      correction.booking = order::Booking{old.booking.base + e.booking.base, old.booking.base_amount + e.booking.base_amount,
                                          old.booking.term + e.booking.term, old.booking.traded + e.booking.traded};
    }
  }
  order.acknowledged = order.acknowledged || e.exec_type != ExecType::kRejected;
  order.unknown = false;
  order.changed = e.time;
  order.broker_order_id = e.broker_order_id;
  const bool is_answer = e.exec_type == ExecType::kNew || e.exec_type == ExecType::kRejected;
  if (is_answer) state.risk.count_answer(e.broker, e.exec_type == ExecType::kRejected, e.time);
  if (e.exec_type == ExecType::kTrade) {
    state.risk.count_messages(order.session, risk::DayCounts{.executions = 1});
    state.risk.count_execution(order.session, e.time);
  }
  if (e.exec_type == ExecType::kTrade && order.cum_qty.is_zero()) {
    state.risk.count_filled_order(order.session, order.trader, order.instrument, order::buys_base(order.side, order.dealt));
  }
  const bool counted = counts_as_open(order);
  order.cum_qty = e.cum_after;
  order.value = static_cast<Wide>(e.value_high) << 64 | static_cast<Wide>(e.value_low);
  if (e.terms_changed != 0) order.terms = e.terms_after;
  advance_request(state, order, e);
  reserve(state, order, e.reserved_after);
  state.risk.book(place_of(order), e.booking);
  set_status(state, order, e.status_after, e.leaves_after);
  recount(state, order, counted);
  update_resting(state, order);
  trim(state, line);
}

void on(State& state, const order::RequestRejected& e, UtcTime) {
  Order& order = state.orders[e.order];
  Broker& line = line_of(state, e.broker);
  const Request& request = state.requests[e.request];
  if (request.routed) line.evidence_seq = std::max(line.evidence_seq, request.msg_seq_num);
  close_request(state, order, e.request, RequestState::kRejected);
  if (request.kind == RequestKind::kCancel && !state.cancel_waits(order)) order.client_canceled = false;
  state.risk.count_answer(e.broker, true, e.time);
  order.changed = e.time;
  const bool counted = counts_as_open(order);
  reserve(state, order, e.reserved_after);
  recount(state, order, counted);
  update_resting(state, order);
  trim(state, line);
}

void on(State& state, const order::OrderUnknown& e, UtcTime) {
  Order& order = state.orders[e.order];
  order.unknown = true;
  if (!order.broker.has_value()) return;
  Broker& line = line_of(state, order.broker);
  std::erase(line.asked, e.order);
  // Said once; what waits behind it has its own turn.
  std::erase_if(line.unanswered, [&](RequestNumber r) { return state.requests[r].order == e.order; });
  trim(state, line);
}

void on(State& state, const order::ReportSuspended& e, UtcTime) {
  PORTCULLIS_CHECK(e.execution == state.executions.next(), "executions are added in the order of their numbers");
  Execution& execution = state.executions.add();
  execution.broker = e.broker;
  execution.exec_type = e.exec_type;
  execution.epoch = state.epoch;
  execution.time = e.time;
  execution.exec_id = e.exec_id;
  execution.last_qty = e.last_qty;
  execution.last_px = e.last_px;
  execution.booking = e.booking;
  index_execution(state, e.execution);
  if (e.instrument.has_value()) state.risk.suspend(e.instrument, e.broker, e.side == order::Side::kBuy, e.booking);
}

void on(State&, const order::StatusAnswered&, UtcTime) {}
void on(State&, const order::MessageRefused&, UtcTime) {}

void on(State& state, const order::StatusRequested& e, UtcTime time) {
  Broker& line = line_of(state, e.broker);
  state.risk.take_broker_token(e.broker, time);
  if (!e.order.has_value()) {
    line.asked.assign(line.to_ask.begin(), line.to_ask.end());
    line.to_ask.clear();
    return;
  }
  if (!line.to_ask.empty() && line.to_ask.front() == e.order) {
    line.to_ask.pop_front();
    line.asked.push_back(e.order);
  }
}

void on(State& state, const order::AlertRaised& e, UtcTime) {
  Alert alert;
  alert.alert = e.alert;
  alert.time = e.time;
  alert.order = e.order;
  alert.session = e.session;
  alert.code = e.code;
  alert.severity = e.severity;
  alert.text = e.text;
  state.alert_count = e.alert + 1;
  state.alerts.push_back(alert);
  if (state.alerts.size() > kMaxAlerts) state.alerts.pop_front();
}

void on(State& state, const order::AlertAcknowledged& e, UtcTime) {
  for (Alert& alert : state.alerts) {
    if (alert.alert != e.alert) continue;
    alert.acknowledged = true;
    alert.acknowledged_at = e.time;
    alert.acknowledged_by = e.user;
  }
}

void on(State& state, const order::ScopeStateSet& e, UtcTime) {
  state.risk.set_scope_state(e.scope, e.id, e.state);
  const auto same = [&e](const State::ScopeChange& change) { return change.scope == e.scope && change.id == e.id; };
  std::erase_if(state.scope_changes, same);
  state.scope_changes.push_back(State::ScopeChange{e.scope, e.id, e.time, e.user, e.reason});
}

void on(State& state, const order::MassCancelStarted& e, UtcTime) { start_run(state, e); }
void on(State& state, const order::MassCancelFinished& e, UtcTime) { finish_run(state, e); }
void on(State& state, const order::DrillAdvanced& e, UtcTime) { advance_drill(state, e); }

void on(State& state, const order::Audited& e, UtcTime) {
  state.audit_count = e.number + 1;
  std::copy(std::begin(e.digest), std::end(e.digest), state.audit_digest.begin());
}

void on(State& state, const order::MassCancelEscalated& e, UtcTime) {
  for (MassCancel& run : state.mass_cancels) {
    if (run.run == e.run) run.escalated = true;
  }
}

void mark(std::vector<bool>& marks, std::size_t index) {
  if (marks.size() <= index) marks.resize(index + 1);
  marks[index] = true;
}

void on(State& state, const order::QuoteSet& e, UtcTime) {
  if (e.from_configuration == 0) mark(state.operator_quotes, e.instrument.value());
  ++state.market_version;
  state.risk.set_quote(e.instrument, e.bid, e.ask, e.time, e.from_configuration != 0);
}

void on(State& state, const order::RateSet& e, UtcTime) {
  if (e.from_configuration == 0) mark(state.operator_rates, e.currency.value());
  ++state.market_version;
  state.risk.set_rate(e.currency, e.rate, e.time, e.from_configuration != 0);
}

void on(State& state, const order::DayRolled& e, UtcTime) {
  state.trade_date = e.trade_date;
  // ClOrdIDs of orders that are over may be used again; those of open orders stay (GTC).
  state.cl_ord_ids.clear();
  std::vector<RequestNumber> kept;
  state.open_orders.for_each([&](OrderNumber number) {
    for (RequestNumber r = state.orders[number].newest; r.has_value(); r = state.requests[r].previous) kept.push_back(r);
  });
  // In the order of their numbers: where an id stands twice, the first request keeps it.
  std::sort(kept.begin(), kept.end());
  for (const RequestNumber number : kept) index_request(state, number);
  state.risk.start_day(e.trade_date);
}

void on(State& state, const order::HoldChanged& e, UtcTime) {
  state.held = e.held != 0;
  state.held_reason = e.reason;
}

void on(State& state, const order::BrokerPhaseChanged& e, UtcTime) {
  Broker& line = line_of(state, e.broker);
  line.phase = e.phase;
  line.to_ask.clear();
  line.asked.clear();
  if (e.phase != BrokerPhase::kReconciling) return;
  line.reconciling_since = e.time;
  state.open_orders.for_each([&](OrderNumber number) {
    if (state.orders[number].broker == e.broker) line.to_ask.push_back(number);
  });
}

void on(State& state, const order::ClientGrouped& e, UtcTime) { state.risk.set_group(e.client, e.group); }

void on(State& state, const order::SessionEnabled& e, UtcTime) { session_of(state, e.session).enabled = e.enabled != 0; }

risk::LatchKey key_of(const auto& e) {
  return risk::LatchKey{e.control, e.scope, e.id, e.instrument, static_cast<risk::Direction>(e.direction), e.detail};
}

void on(State& state, const order::LimitLevelCrossed& e, UtcTime) {
  state.risk.set_level(e.scope, e.id, risk::LevelReached{static_cast<config::Limit>(e.limit_index), e.level,
                                                         static_cast<config::Response>(e.response), 0, e.cell});
}

void on(State& state, const order::BreakerTold& e, UtcTime) {
  const risk::LatchKey key{e.control, e.scope, e.id, e.instrument, risk::Direction::kBoth, e.detail};
  state.risk.set_told(risk::Latch{key, order::ScopeState::kActive, e.time, e.usage, e.limit}, e.on != 0);
}

void on(State& state, const order::DriftWindowOpened& e, UtcTime) {
  state.risk.open_drift_window(e.instrument, e.reference, e.time);
}

void on(State& state, const order::ControlLatched& e, UtcTime) {
  state.risk.set_latch(risk::Latch{key_of(e), e.response, e.time, e.usage, e.limit});
}

void on(State& state, const order::ControlRearmed& e, UtcTime) { state.risk.rearm(key_of(e)); }

// What the broker does with it, it reports order by order.
void on(State& state, const order::BrokerMassCancelRequested& e, UtcTime) {
  state.risk.take_broker_token(e.broker, e.time);
}

template <typename E>
void dispatch(State& state, const order::EventView& event, UtcTime time) {
  on(state, event.as<E>(), time);
}

}  // namespace

void apply(State& state, const order::EventView& event, UtcTime time) {
  using order::EventType;
  switch (event.type()) {
    case EventType::kEpochStarted: return dispatch<order::EpochStarted>(state, event, time);
    case EventType::kBuildStarted: case EventType::kOperatorListed:
    case EventType::kExposureSampled: case EventType::kShadowDecided: return apply_evidence(state, event);
    case EventType::kNameAdded: return dispatch<order::NameAdded>(state, event, time);
    case EventType::kSessionChanged: return dispatch<order::SessionChanged>(state, event, time);
    case EventType::kTargetAdvanced: return dispatch<order::TargetAdvanced>(state, event, time);
    case EventType::kSequenceReset: return dispatch<order::SequenceReset>(state, event, time);
    case EventType::kMessagesWritten: return dispatch<order::MessagesWritten>(state, event, time);
    case EventType::kReportsReissued: return dispatch<order::ReportsReissued>(state, event, time);
    case EventType::kDecided: return dispatch<order::Decided>(state, event, time);
    case EventType::kOrderAccepted: return dispatch<order::OrderAccepted>(state, event, time);
    case EventType::kOrderRejected: return dispatch<order::OrderRejected>(state, event, time);
    case EventType::kOrderRouted: return dispatch<order::OrderRouted>(state, event, time);
    case EventType::kCancelRequested: return dispatch<order::CancelRequested>(state, event, time);
    case EventType::kReplaceRequested: return dispatch<order::ReplaceRequested>(state, event, time);
    case EventType::kRequestRefused: return dispatch<order::RequestRefused>(state, event, time);
    case EventType::kExecutionApplied: return dispatch<order::ExecutionApplied>(state, event, time);
    case EventType::kRequestRejected: return dispatch<order::RequestRejected>(state, event, time);
    case EventType::kOrderUnknown: return dispatch<order::OrderUnknown>(state, event, time);
    case EventType::kReportSuspended: return dispatch<order::ReportSuspended>(state, event, time);
    case EventType::kStatusAnswered: return dispatch<order::StatusAnswered>(state, event, time);
    case EventType::kMessageRefused: return dispatch<order::MessageRefused>(state, event, time);
    case EventType::kStatusRequested: return dispatch<order::StatusRequested>(state, event, time);
    case EventType::kAlertRaised: return dispatch<order::AlertRaised>(state, event, time);
    case EventType::kAlertAcknowledged: return dispatch<order::AlertAcknowledged>(state, event, time);
    case EventType::kScopeStateSet: return dispatch<order::ScopeStateSet>(state, event, time);
    case EventType::kQuoteSet: return dispatch<order::QuoteSet>(state, event, time);
    case EventType::kRateSet: return dispatch<order::RateSet>(state, event, time);
    case EventType::kDayRolled: return dispatch<order::DayRolled>(state, event, time);
    case EventType::kHoldChanged: return dispatch<order::HoldChanged>(state, event, time);
    case EventType::kBrokerPhaseChanged: return dispatch<order::BrokerPhaseChanged>(state, event, time);
    case EventType::kSessionEnabled: return dispatch<order::SessionEnabled>(state, event, time);
    case EventType::kLimitSet:
    case EventType::kProposed:
    case EventType::kLimitProposed:
    case EventType::kProposalDecided:
    case EventType::kPositionAdjusted: return apply_governance(state, event);
    case EventType::kMassCancelFinished: return dispatch<order::MassCancelFinished>(state, event, time);
    case EventType::kMassCancelEscalated: return dispatch<order::MassCancelEscalated>(state, event, time);
    case EventType::kDrillAdvanced: return dispatch<order::DrillAdvanced>(state, event, time);
    case EventType::kAudited: return dispatch<order::Audited>(state, event, time);
    case EventType::kMassCancelStarted: return dispatch<order::MassCancelStarted>(state, event, time);
    case EventType::kControlLatched: return dispatch<order::ControlLatched>(state, event, time);
    case EventType::kControlRearmed: return dispatch<order::ControlRearmed>(state, event, time);
    case EventType::kClientGrouped: return dispatch<order::ClientGrouped>(state, event, time);
    case EventType::kLimitLevelCrossed: return dispatch<order::LimitLevelCrossed>(state, event, time);
    case EventType::kBreakerTold: return dispatch<order::BreakerTold>(state, event, time);
    case EventType::kDriftWindowOpened: return dispatch<order::DriftWindowOpened>(state, event, time);
    case EventType::kSwapReserved:
    case EventType::kSwapBooked: return apply_swap(state, event);
    case EventType::kBrokerMassCancelRequested: return dispatch<order::BrokerMassCancelRequested>(state, event, time);
  }
  PORTCULLIS_CHECK(false, "an event of a type that this version does not know");
}

}  // namespace portcullis::gateway
