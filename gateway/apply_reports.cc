// What brokers report, and what they are asked.

#include <algorithm>
#include <utility>

#include "gateway/applying.h"
#include "gateway/order_entries.h"
#include "gateway/resting.h"

namespace portcullis::gateway::applying {

using order::ExecType;

void add_execution(State& state, const order::ExecutionView& e, const order::Trade* trade, UtcTime time) {
  PORTCULLIS_CHECK(e->execution == state.executions.next(), "executions are added in the order of their numbers");
  Execution& execution = state.executions.add();
  execution.order = e->order;
  execution.broker = e->broker;
  execution.exec_type = e->exec_type;
  execution.epoch = narrow_counter(state.epoch);
  execution.time = time;
  execution.trade_date = state.trade_date;
  execution.exec_id.set(e.exec_id(), state.beside.texts);
  const bool trades = e->exec_type == ExecType::kTrade || e->exec_type == ExecType::kTradeCorrect;
  execution.booked = trades && e->applied();
  if (trade != nullptr) {
    state.beside.set_traded(execution,
                            Traded{trade->last_qty, trade->last_px, trades ? trade->booking : order::Booking()});
  }
  if (e->exec_type != ExecType::kOrderStatus) index_execution(state, execution, e->execution);
}

// What the report says of the request whose ClOrdID it carries.
void advance_request(State& state, Order& order, Request& request, const order::ExecutionView& e) {
  switch (e->exec_type) {
    case ExecType::kPendingCancel:
    case ExecType::kPendingReplace:
      if (request.kind != RequestKind::kNew && request.state == RequestState::kSent) {
        request.state = RequestState::kPending;
        ++(request.kind == RequestKind::kCancel ? order.shown_pending_cancels : order.shown_pending_replaces);
      }
      break;
    case ExecType::kReplaced:
      if (e->closes_request()) {
        // Said once more of the request whose terms hold: it has replaced what it had.
        if (e->request != order.live) request.replaced = order.live;
        close_request(state, order, e->request, RequestState::kAccepted);
        order.live = e->request;
        if (request.replacement != nullptr) order.valuation = request.replacement->valuation;
      }
      break;
    case ExecType::kCanceled:
      if (e->closes_request()) close_request(state, order, e->request, RequestState::kAccepted);
      break;
    default:
      break;
  }
  Request& original = e->request == order.original ? request : state.requests[order.original];
  if (original.state == RequestState::kSent) {
    original.state = e->exec_type == ExecType::kRejected ? RequestState::kRejected : RequestState::kAccepted;
  }
}

void on(State& state, order::ExecutionView e, UtcTime time) {
  const order::Trade* const trade = e.trade();
  add_execution(state, e, trade, time);
  Order& order = state.orders[e->order];
  touch(state, order);
  Broker& line = line_of(state, e->broker);
  Request& request = state.requests[e->request];
  if (request.routed) line.evidence_seq = std::max(line.evidence_seq, request.msg_seq_num);
  if (!line.asked.empty()) line.asked.erase(e->order);
  if (!e->applied()) {
    trim(state, line);
    return;
  }
  if (const ExecutionNumber undone = e.refers_to(); undone.has_value()) {
    Execution& old = state.executions[undone];
    PORTCULLIS_CHECK(old.traded != nullptr, "what was not booked is undone");
    old.undone = true;
    if (e->exec_type == ExecType::kTradeCorrect) {
      old.corrected_by = e->execution;
      // What is booked under the correction is the whole of it, for a later bust.
      Execution& correction = state.executions[e->execution];
      correction.trade_date = old.trade_date;
      const order::Booking first = old.traded->booking;
      const order::Booking change = e.booking();
      state.beside.set_traded(
          correction, Traded{e.last_qty(), e.last_px(),
                             order::Booking{first.base + change.base, first.base_amount + change.base_amount,
                                            first.term + change.term, first.traded + change.traded,
                                            first.volume + change.volume}});
    }
  }
  order.acknowledged = order.acknowledged || e->exec_type != ExecType::kRejected;
  order.unknown = false;
  order.changed = time;
  if (!e.broker_order_id().empty()) order.broker_order_id.set(e.broker_order_id(), state.beside.texts);
  const bool is_answer = e->exec_type == ExecType::kNew || e->exec_type == ExecType::kRejected;
  if (is_answer) state.risk.count_answer(e->broker, e->exec_type == ExecType::kRejected, time);
  if (e->exec_type == ExecType::kTrade) {
    state.risk.count_messages(order.session, risk::DayCounts{.executions = 1});
    state.risk.count_execution(order.session, time);
    if (!std::exchange(order.executed, true)) {
      state.risk.count_filled_order(order.session, order.trader, order.instrument,
                                    order::buys_base(order.side, order.dealt));
    }
  }
  const bool counted = counts_as_open(order);
  order.cum_qty = e->cum_after;
  if (trade != nullptr) order.value = trade->value();
  if (const order::Terms* const terms = e.terms_after(); terms != nullptr) state.beside.set_terms(order, *terms);
  advance_request(state, order, request, e);
  set_status(state, order, e->status_after, e->leaves_after);
  move_order(state, order, e.reserved_after(order.reserved), trade != nullptr ? trade->booking : order::Booking(), counted);
  update_resting(state, order);
  trim(state, line);
}

void on(State& state, const order::RequestRejected& e, UtcTime) {
  Order& order = state.orders[e.order];
  touch(state, order);
  Broker& line = line_of(state, e.broker);
  const Request& request = state.requests[e.request];
  if (request.routed) line.evidence_seq = std::max(line.evidence_seq, request.msg_seq_num);
  close_request(state, order, e.request, RequestState::kRejected);
  if (request.kind == RequestKind::kCancel && !state.cancel_waits(order)) order.client_canceled = false;
  state.risk.count_answer(e.broker, true, e.time);
  order.changed = e.time;
  const bool counted = counts_as_open(order);
  move_order(state, order, e.reserved_after, order::Booking(), counted);
  update_resting(state, order);
  trim(state, line);
}

void on(State& state, const order::OrderUnknown& e, UtcTime) {
  Order& order = state.orders[e.order];
  order.unknown = true;
  touch(state, order);
  if (!order.broker.has_value()) return;
  Broker& line = line_of(state, order.broker);
  line.asked.erase(e.order);
  // Said once; what waits behind it has its own turn.
  std::erase_if(line.unanswered, [&](RequestNumber r) { return state.requests[r].order == e.order; });
  trim(state, line);
}

void on(State& state, const order::ReportSuspended& e, UtcTime) {
  PORTCULLIS_CHECK(e.execution == state.executions.next(), "executions are added in the order of their numbers");
  Execution& execution = state.executions.add();
  execution.broker = e.broker;
  execution.exec_type = e.exec_type;
  execution.epoch = narrow_counter(state.epoch);
  execution.time = e.time;
  execution.exec_id.set(e.exec_id.view(), state.beside.texts);
  state.beside.set_traded(execution, Traded{e.last_qty, e.last_px, e.booking});
  index_execution(state, execution, e.execution);
  if (e.instrument.has_value()) state.risk.suspend(e.instrument, e.broker, e.side == order::Side::kBuy, e.booking);
}

void on(State&, const order::StatusAnswered&, UtcTime) {}
void on(State&, const order::MessageRefused&, UtcTime) {}

void on(State& state, const order::StatusRequested& e, UtcTime time) {
  Broker& line = line_of(state, e.broker);
  state.risk.take_broker_token(e.broker, time);
  if (!e.order.has_value()) {
    line.asked.insert(line.to_ask.begin(), line.to_ask.end());
    line.to_ask.clear();
    return;
  }
  if (!line.to_ask.empty() && line.to_ask.front() == e.order) {
    line.to_ask.pop_front();
    line.asked.insert(e.order);
  }
}

// What the broker does with it, it reports order by order.
void on(State& state, const order::BrokerMassCancelRequested& e, UtcTime) {
  state.risk.take_broker_token(e.broker, e.time);
}

}  // namespace portcullis::gateway::applying
