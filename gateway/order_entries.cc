#include "gateway/order_entries.h"

#include <utility>

#include "gateway/apply.h"
#include "gateway/mass_cancel.h"

namespace portcullis::gateway {

using order::OrdStatus;

void index_request(State& state, Request& request, RequestNumber number) {
  const std::string_view id = request.cl_ord_id.view();
  if (id.empty()) return;
  const std::uint64_t known = state.cl_ord_ids.find_or_insert(
      hash_text(request.session.value(), id), number.value(),
      [&](std::uint64_t other) { return state.is_of(RequestNumber(other), request.session, id); });
  if (known == HashIndex::kNone) request.indexed_in = state.id_day;
}

namespace {

// An order that opens again may have closed on another day, whose ids are forgotten: its client must be able to name
// it. In the order of their numbers: where an id stands twice, the first request keeps it.
void index_requests_of(State& state, const Order& order) {
  std::vector<RequestNumber> all;
  for (RequestNumber r = order.newest; r.has_value(); r = state.requests[r].previous) all.push_back(r);
  for (auto r = all.rbegin(); r != all.rend(); ++r) index_request(state, state.requests[*r], *r);
}

}  // namespace

void reserve(State& state, Order& order, const order::Need& after) {
  state.risk.reserve(place_of(order), order.reserved, after);
  order.reserved = after;
  if (order.is_swap() && after == order::Need()) release_swap(state, order);
}

bool counts_as_open(const Order& order) {
  return order.is_open() || order.reserved != order::Need();
}

void move_order(State& state, Order& order, const order::Need& after, const order::Booking& booking, bool counted) {
  const order::Need before = std::exchange(order.reserved, after);
  const int opened = (counts_as_open(order) ? 1 : 0) - (counted ? 1 : 0);
  state.risk.move(place_of(order), before, after, booking, opened);
  if (order.is_swap() && after == order::Need()) release_swap(state, order);
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
  touch(state, order);
  return request;
}

void index_execution(State& state, Execution& execution, ExecutionNumber number) {
  const std::string_view id = execution.exec_id.view();
  if (id.empty()) return;
  const std::uint64_t hash = hash_text(execution.broker.value(), id);
  const std::uint64_t known = state.exec_ids.find_or_insert(hash, number.value(), [&](std::uint64_t other) {
    return state.is_of(ExecutionNumber(other), execution.broker, id);
  });
  if (known == HashIndex::kNone) [[likely]] {
    execution.indexed = true;
    return;
  }
  Execution& before = state.executions[ExecutionNumber(known)];
  const bool anew =
      execution.order.has_value() && execution.order != before.order && execution.trade_date != before.trade_date;
  if (before.order.has_value() && !anew) return;
  // Of two in suspense the newer one answers for the id: it is kept longer. So does an order's to which the broker has
  // given the id anew on another day.
  state.exec_ids.erase(hash, known);
  before.indexed = false;
  state.exec_ids.insert(hash, number.value());
  execution.indexed = true;
}

void trim(State& state, Broker& line) {
  while (!line.unanswered.empty()) {
    const Request& request = state.requests[line.unanswered.front()];
    // A cancel of our own that was sent twice has its answer when the order is over.
    const bool moot = request.run != 0 && !state.orders[request.order].is_open();
    if (request.state == RequestState::kSent && !moot) break;
    line.unanswered.pop_front();
  }
  if (!line.cancel_queue.empty() || !line.cancels_sent.empty()) [[unlikely]]
    trim_cancels(state, line);
  while (!line.held.empty()) {
    const Request& request = state.requests[line.held.front()];
    if (request.state == RequestState::kHeld && !request.routed) break;
    line.held.pop_front();
  }
}

void close_request(State& state, Order& order, RequestNumber number, RequestState outcome) {
  Request& request = state.requests[number];
  if (request.kind == RequestKind::kNew) {
    request.state = outcome;
    return;
  }
  if (!waits(request)) return;
  if (request.state == RequestState::kPending) {
    std::uint8_t& shown =
        request.kind == RequestKind::kCancel ? order.shown_pending_cancels : order.shown_pending_replaces;
    if (shown > 0) --shown;
  }
  request.state = outcome;
  if (order.open_requests > 0) --order.open_requests;
}

}  // namespace portcullis::gateway
