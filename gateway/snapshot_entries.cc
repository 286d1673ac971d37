#include "gateway/snapshot_entries.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "config/config.h"

namespace portcullis::gateway {
namespace {

constexpr std::uint64_t kMaxDaysKept = config::kMaxKeepOrdersDays + 1;

template <typename Archive, typename D>
void day_fields(Archive& ar, D& day) {
  ar(day.orders);
  ar(day.requests);
  ar(day.executions);
}

// How the tables of orders stand to the trading days.
template <typename Archive, typename G>
void giving_back_fields(Archive& ar, G& self, const Counts& counts) {
  ar(self.today);
  ar(self.kept_from);
  ar(self.round);
  ar.kind(self.table, order::GivenBackTable::kExecutions);
  day_fields(ar, self.end);
  ar(self.at);
  ar(self.last);
  std::uint64_t days = self.days.size();
  std::uint64_t starts = self.starts.size();
  ar(days);
  ar(starts);
  if constexpr (Archive::kLoads) {
    if (self.kept_from > self.today || days != std::uint64_t{self.today - self.kept_from} + 1 || days > kMaxDaysKept) {
      ar.fail("counts the trading days otherwise than it holds them");
    }
    if (starts > GivingBack::kMaxStarts) ar.fail("holds more starts than are kept");
    if (ar.ok()) self.days.resize(days);
    if (ar.ok()) self.starts.resize(starts);
  }
  for (auto& day : self.days) day_fields(ar, day);
  for (auto& start : self.starts) {
    ar(start.epoch);
    ar(start.first_request);
  }
  if constexpr (Archive::kLoads) {
    const auto fits = [&counts](const GivingBack::Day& day) {
      return day.orders <= counts.orders && day.requests <= counts.requests && day.executions <= counts.executions;
    };
    if (!fits(self.end) || !std::all_of(self.days.begin(), self.days.end(), fits)) {
      ar.fail("counts more orders by a trading day than it has");
    }
  }
}

template <typename Archive, typename O>
void order_fields(Archive& ar, O& order, const Counts& counts) {
  ar(order.epoch);
  ar.some(order.original, counts.requests);
  ar.some(order.live, counts.requests);
  ar.some(order.newest, counts.requests);
  ar.maybe(order.instrument, counts.instruments);
  ar.maybe(order.account, counts.accounts);
  ar.some(order.client, counts.clients);
  ar.some(order.session, counts.sessions);
  ar.maybe(order.broker, counts.brokers);
  ar.maybe(order.trader, counts.traders);
  ar(order.side);
  ar.kind(order.dealt, order::Dealt::kUnits);
  ar(order.status);
  ar(order.shown_pending_cancels);
  ar(order.shown_pending_replaces);
  ar(order.open_requests);
  ar(order.unknown);
  ar(order.acknowledged);
  ar(order.client_canceled);
  ar(order.executed);
  ar(order.reject);
  ar(order.terms);
  ar(order.valuation);
  ar(order.reserved);
  ar(order.cum_qty);
  ar(order.leaves_qty);
  ar(order.value);
  ar(order.accepted);
  ar(order.changed);
  ar(order.trade_date);
  ar(order.settle_date);
  ar(order.settle_date2);
  ar(order.fixing_date);
  ar(order.swap);
  ar(order.last_day);
  ar(order.counted_run);
  ar(order.broker_order_id);
}

// `number` is the request's own: those before it in its order are older.
template <typename Archive, typename R>
void request_fields(Archive& ar, R& request, std::uint64_t number, const Counts& counts) {
  ar.some(request.order, counts.orders);
  ar.maybe(request.previous, number);
  ar.maybe(request.replaced, counts.requests);
  ar(request.epoch);
  ar(request.msg_seq_num);
  ar(request.time);
  ar(request.terms);
  ar(request.valuation);
  ar.maybe(request.session, counts.sessions);
  ar.kind(request.kind, RequestKind::kReplace);
  ar.kind(request.state, RequestState::kRejected);
  ar.kind(request.origin, order::RequestOrigin::kDisconnect);
  ar(request.run);
  ar(request.tries);
  ar(request.routed);
  ar(request.gap_filled);
  ar(request.cl_ord_id);
}

template <typename Archive, typename E>
void execution_fields(Archive& ar, E& execution, const Counts& counts) {
  ar.maybe(execution.order, counts.orders);
  ar.maybe(execution.broker, counts.brokers);
  ar(execution.exec_type);
  ar(execution.undone);
  ar(execution.booked);
  ar.maybe(execution.corrected_by, counts.executions);
  ar(execution.epoch);
  ar(execution.last_qty);
  ar(execution.last_px);
  ar(execution.booking);
  ar(execution.time);
  ar(execution.trade_date);
  ar(execution.exec_id);
}

template <typename Archive, typename S>
void swap_fields(Archive& ar, S& swap, const Counts& counts) {
  ar.some(swap.order, counts.orders);
  ar(swap.need);
  std::uint64_t settled = swap.settled.size();
  ar(settled);
  if constexpr (Archive::kLoads) {
    if (settled > counts.executions) ar.fail("holds a swap of more executions than there are");
    if (ar.ok()) swap.settled.resize(settled);
  }
  for (auto& each : swap.settled) {
    ar.some(each.execution, counts.executions);
    ar(each.booking);
  }
}

// An order that is a swap and its entry name each other.
void load_swaps(Loading& ar, State& state, const Counts& counts) {
  std::uint64_t size = 0;
  ar(size);
  if (size > counts.orders) ar.fail("holds more swaps than orders");
  for (std::uint64_t i = 0; i < size && ar.ok(); ++i) {
    Swap& swap = state.swaps.emplace_back();
    swap_fields(ar, swap, counts);
    if (!ar.ok()) return;
    const bool is_its = state.orders.contains(swap.order) && state.orders[swap.order].swap == i;
    if (!is_its) ar.fail("holds a swap of an order that is none");
  }
  for (OrderNumber n = state.orders.next_kept(OrderNumber(0)); n.has_value() && ar.ok();
       n = state.orders.next_kept(OrderNumber(n.value() + 1))) {
    const Order& order = state.orders[n];
    if (order.is_swap() && order.swap >= state.swaps.size()) ar.fail("holds an order whose swap is missing");
  }
}

// Entries of a table that are there, in runs of neighbors: the number of the first, how many, and then each of them.
constexpr std::uint64_t kLongestRun = 256;
constexpr std::uint64_t kNoMoreRuns = ~std::uint64_t{0};

template <typename T, typename Number, typename Write>
void save_kept(Saving& ar, const NumberedStore<T, Number>& table, Write&& write) {
  for (Number first = table.next_kept(Number(0)); first.has_value() && ar.ok();) {
    std::uint64_t end = first.value() + 1;
    while (end - first.value() < kLongestRun && table.contains(Number(end))) ++end;
    ar(first.value());
    ar(end - first.value());
    for (std::uint64_t i = first.value(); i < end; ++i) write(table[Number(i)], i);
    first = table.next_kept(Number(end));
  }
  ar(kNoMoreRuns);
}

template <typename T, typename Number, typename Read>
void load_kept(Loading& ar, NumberedStore<T, Number>& table, std::uint64_t count, Read&& read) {
  while (ar.ok()) {
    std::uint64_t first = kNoMoreRuns;
    std::uint64_t run = 0;
    ar(first);
    if (first == kNoMoreRuns) break;
    ar(run);
    if (first < table.size() || first >= count || run > kLongestRun || run > count - first) {
      ar.fail("numbers the entries of a table otherwise than it counts them");
    }
    if (!ar.ok()) return;
    table.skip_to(first);
    for (std::uint64_t i = first; i < first + run && ar.ok(); ++i) read(table.add(), i);
  }
  if (ar.ok()) table.skip_to(count);
}

// An order's requests are added with it and after it.
void load_orders(Loading& ar, State& state, const Counts& counts) {
  RequestNumber before;
  load_kept(ar, state.orders, counts.orders, [&](Order& order, std::uint64_t i) {
    order.number = OrderNumber(i);
    order_fields(ar, order, counts);
    const bool ascend =
        (!before.has_value() || order.original > before) && order.live >= order.original && order.newest >= order.live;
    if (!ascend) ar.fail("holds an order whose requests are older than it");
    before = order.original;
    if (order.is_open()) state.open_orders.add(order.number);
  });
}

// The indices are not saved but for one bit a request: which of them the index holds depends on the orders
// that were open when the trading day began.
void load_requests(Loading& ar, State& state, const Counts& counts) {
  // Each order that is there has a request at least, and few have more; those of days before are not in it.
  state.cl_ord_ids.reserve(state.orders.kept());
  InsertAhead cl_ord_ids(state.cl_ord_ids);
  std::uint64_t next = 0;
  std::uint64_t unbroken_from = 0;  // all from this number on are there
  load_kept(ar, state.requests, counts.requests, [&](Request& request, std::uint64_t i) {
    if (i != std::exchange(next, i + 1)) unbroken_from = i;
    request_fields(ar, request, i, counts);
    for (const RequestNumber older : {request.previous, request.replaced}) {
      const bool there = !older.has_value() || state.requests.contains(older) || !state.orders.contains(request.order);
      if (!there) ar.fail("refers to an entry that it does not have");
    }
    bool indexed = false;
    ar(indexed);
    if (!indexed) return;
    cl_ord_ids.add(hash_text(request.session.value(), request.cl_ord_id.view()), i);
    request.indexed_in = state.id_day;
  });
  if (next != counts.requests) unbroken_from = counts.requests;
  // Only the oldest orders have requests among those of which some are gone.
  for (OrderNumber n = state.orders.next_kept(OrderNumber(0)); n.has_value() && ar.ok();
       n = state.orders.next_kept(OrderNumber(n.value() + 1))) {
    const Order& order = state.orders[n];
    if (order.original.value() >= unbroken_from) return;
    for (const RequestNumber request : {order.original, order.live, order.newest}) {
      if (!state.requests.contains(request)) ar.fail("refers to an entry that it does not have");
    }
  }
}

void load_executions(Loading& ar, State& state, const Counts& counts) {
  std::uint64_t kept = 0;
  ar(kept);
  // No more than can stand in what is left, of more than 64 bytes each: a count is not believed.
  state.exec_ids.reserve(std::min<std::uint64_t>(kept, ar.left() / 64));
  InsertAhead exec_ids(state.exec_ids);
  std::vector<ExecutionNumber> corrected;
  load_kept(ar, state.executions, counts.executions, [&](Execution& execution, std::uint64_t i) {
    execution_fields(ar, execution, counts);
    ar(execution.indexed);
    if (execution.indexed) exec_ids.add(hash_text(execution.broker.value(), execution.exec_id.view()), i);
    if (execution.corrected_by.has_value()) corrected.push_back(ExecutionNumber(i));
  });
  for (const ExecutionNumber number : corrected) {
    const Execution& execution = state.executions[number];
    const bool there = state.executions.contains(execution.corrected_by) || !state.orders.contains(execution.order);
    if (!there) ar.fail("refers to an entry that it does not have");
  }
}

// All that waits at a broker is there.
void check_queues(Loading& ar, const State& state) {
  bool there = true;
  const auto order = [&](OrderNumber number) { there = there && state.orders.contains(number); };
  const auto request = [&](RequestNumber number) {
    there = there && state.requests.contains(number);
    if (there) order(state.requests[number].order);
  };
  for (const Broker& line : state.broker_states) {
    for (const RequestNumber number : line.unanswered) request(number);
    for (const RequestNumber number : line.held) request(number);
    for (const OrderNumber number : line.to_ask) order(number);
    for (const OrderNumber number : line.asked) order(number);
    for (const Broker::CancelDue& due : line.cancel_queue) order(due.order);
    for (const Broker::CancelSent& sent : line.cancels_sent) order(sent.order);
  }
  if (!there) ar.fail("refers to an entry that it does not have");
}

}  // namespace

void save_entries(Saving& ar, const State& state, const Counts& counts) {
  giving_back_fields(ar, state.giving_back, counts);
  save_kept(ar, state.orders, [&](const Order& order, std::uint64_t) { order_fields(ar, order, counts); });
  save_kept(ar, state.requests, [&](const Request& request, std::uint64_t i) {
    request_fields(ar, request, i, counts);
    ar(state.is_indexed(request));
  });
  ar(state.executions.kept());
  save_kept(ar, state.executions, [&](const Execution& execution, std::uint64_t) {
    execution_fields(ar, execution, counts);
    ar(execution.indexed);
  });
  ar(std::uint64_t{state.swaps.size()});
  for (const Swap& swap : state.swaps) swap_fields(ar, swap, counts);
}

void load_entries(Loading& ar, State& state, const Counts& counts) {
  giving_back_fields(ar, state.giving_back, counts);
  load_orders(ar, state, counts);
  load_requests(ar, state, counts);
  load_executions(ar, state, counts);
  if (ar.ok()) check_queues(ar, state);
  load_swaps(ar, state, counts);
}

}  // namespace portcullis::gateway
