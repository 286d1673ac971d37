// Orders, and the requests on them, as they were decided and sent.

#include "gateway/applying.h"
#include "gateway/mass_cancel.h"
#include "gateway/order_entries.h"
#include "gateway/resting.h"

namespace portcullis::gateway::applying {

using order::OrdStatus;

void on(State& state, const order::Decided& e, UtcTime time) {
  ++state.decisions;
  // An order whose ClOrdID(11) is taken makes no order and has no event of its own.
  if (e.msg_type == 'D' && e.order.has_value() && !e.request.has_value()) {
    const SessionId session = state.orders[e.order].session;
    state.risk.take_token(session, time);
    state.risk.count_message(session, time);
    state.risk.count_decision(session, true, time);
  }
  // A replace takes its token whether it is refused or not; an order does so in its own event.
  if (e.msg_type == 'G' && e.order.has_value()) {
    const SessionId session = state.orders[e.order].session;
    state.risk.take_token(session, time);
    state.risk.count_message(session, time);
    state.risk.count_decision(session, e.code != order::RejectCode::kNone, time);
    state.risk.count_messages(session, risk::DayCounts{.replaces = 1});
  }
}

Order& add_order(State& state, const order::OrderIdentity& identity, std::string_view cl_ord_id, const order::Terms& terms,
                 UtcTime time) {
  PORTCULLIS_CHECK(identity.order == state.orders.next(), "orders are added in the order of their numbers");
  Order& order = state.orders.add();
  order.number = identity.order;
  order.epoch = narrow_counter(state.epoch);
  order.instrument = identity.instrument;
  order.account = identity.account;
  order.client = identity.client;
  order.session = identity.session;
  order.trader = identity.trader;
  order.settle_date = identity.settle_date;
  order.side = identity.side;
  order.dealt = identity.dealt;
  if ((identity.settle_date2 | identity.fixing_date) != 0) [[unlikely]] {
    RareTerms rare;
    rare.settle_date2 = identity.settle_date2;
    rare.fixing_date = identity.fixing_date;
    state.beside.set_rare(order, rare);
  }
  state.beside.set_terms(order, terms);
  order.leaves_qty = terms.order_qty;
  order.accepted = time;
  order.changed = time;
  order.trade_date = state.trade_date;
  Request& request = add_request(state, order, identity.request, RequestKind::kNew);
  request.session = identity.session;
  request.time = time;
  request.cl_ord_id.set(cl_ord_id, state.beside.texts);
  order.original = identity.request;
  order.live = identity.request;
  index_request(state, request, identity.request);
  return order;
}

void on(State& state, order::AcceptedView e, UtcTime time) {
  const order::Terms terms = e.terms();
  Order& order = add_order(state, e.identity(), e.cl_ord_id(), terms, time);
  order.valuation = e.valuation();
  // The broker's own node joins when the order is routed, in the same record.
  order.reserved = e->reserved;
  state.open_orders.add(order.number);
  state.risk.count_decision(order.session, false, time);
  state.risk.count_messages(order.session, risk::DayCounts{.orders = 1});
  state.risk.remember_order(order.account, order.trader, order.instrument, order.side, order.dealt, terms, time);
  state.risk.take_token(order.session, time);
  state.risk.count_message(order.session, time);
}

void on(State& state, const order::OrderRejected& e, UtcTime time) {
  Order& order = add_order(state, e.identity, e.cl_ord_id.view(), e.terms, e.time);
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
    state.risk.move(place_of(order), order::Need{}, order.reserved, order::Booking(), 1);
  }
  request.routed = true;
  request.state = RequestState::kSent;
  request.epoch = e.epoch;
  request.msg_seq_num = e.msg_seq_num;
  request.time = time;
  line.sent[e.msg_seq_num % Broker::kSentRing] = Broker::Sent{e.msg_seq_num, e.request};
  line.unanswered.push_back(e.request);
  if (request.kind != RequestKind::kCancel) update_resting(state, order);
  if (request.kind == RequestKind::kCancel) {
    count_cancel_sent(state, order, time);
    if (request.run != 0 && request.tries < kMaxCancelTries) {
      line.cancels_sent.push_back(Broker::CancelSent{e.order, request.run, time, request.tries});
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
  request.cl_ord_id.set(e.cl_ord_id.view(), state.beside.texts);
  request.state = RequestState::kHeld;
  ++order.open_requests;
  if (e.origin == order::RequestOrigin::kClient) {
    order.client_canceled = true;
    state.risk.count_messages(e.session, risk::DayCounts{.cancels = 1});
    state.risk.take_token(e.session, time);
    state.risk.count_message(e.session, time);
  }
  index_request(state, request, e.request);
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
  Replacement* const replacement = state.beside.replacements.add();
  *replacement = Replacement{e.terms, e.valuation};
  request.replacement = replacement;
  request.cl_ord_id.set(e.cl_ord_id.view(), state.beside.texts);
  ++order.open_requests;
  index_request(state, request, e.request);
  reserve(state, order, e.reserved_after);
}

void on(State& state, const order::RequestRefused& e, UtcTime time) {
  // A cancel, or a replace of no order of ours, is a message like any other; a replace of one took its token when it
  // was decided.
  if (e.response_to == '1' || !e.order.has_value()) {
    state.risk.take_token(e.session, time);
    state.risk.count_message(e.session, time);
  }
  if (e.uses_up_id == 0 || !e.order.has_value()) return;
  Order& order = state.orders[e.order];
  const RequestNumber number = state.requests.next();
  Request& request =
      add_request(state, order, number, e.response_to == '1' ? RequestKind::kCancel : RequestKind::kReplace);
  request.session = e.session;
  request.time = e.time;
  request.cl_ord_id.set(e.cl_ord_id.view(), state.beside.texts);
  request.state = RequestState::kRejected;
  index_request(state, request, number);
}

}  // namespace portcullis::gateway::applying
