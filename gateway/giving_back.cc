#include "gateway/giving_back.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "gateway/decide.h"
#include "gateway/order_entries.h"
#include "gateway/state.h"

namespace portcullis::gateway {
namespace {

using order::EntriesGivenBack;
using order::GivenBackTable;

constexpr std::uint64_t kWindow = 64;  // entries of an event
// What a step looks at, and how many events it writes: it is not to hold up an order that comes meanwhile.
constexpr int kWindowsLooked = 8;
constexpr int kWindowsGiven = 4;
// While more orders than this wait in brokers' queues, nothing is given back.
constexpr std::size_t kMaxQueued = 1024;

GivenBackTable after(GivenBackTable table) {
  switch (table) {
    case GivenBackTable::kOrders:
      return GivenBackTable::kRequests;
    case GivenBackTable::kRequests:
      return GivenBackTable::kExecutions;
    case GivenBackTable::kNone:
    case GivenBackTable::kExecutions:
      break;
  }
  return GivenBackTable::kNone;
}

std::uint64_t end_of(const GivingBack::Day& end, GivenBackTable table) {
  return table == GivenBackTable::kOrders     ? end.orders
         : table == GivenBackTable::kRequests ? end.requests
                                              : end.executions;
}

// Where the first chunk begins, from there, that has any entry.
std::uint64_t past_gone(const State& state, GivenBackTable table, std::uint64_t number) {
  return table == GivenBackTable::kOrders     ? state.orders.past_gone(number)
         : table == GivenBackTable::kRequests ? state.requests.past_gone(number)
                                              : state.executions.past_gone(number);
}

bool may_go(const State& state, const Order& order, std::uint32_t horizon) {
  if (order.last_day >= horizon || order.is_open() || order.unknown || order.open_requests != 0) return false;
  return order.reserved == order::Need() && !waits(state.requests[order.original]);
}

bool goes(const State& state, GivenBackTable table, std::uint64_t number, std::uint32_t horizon) {
  switch (table) {
    case GivenBackTable::kOrders: {
      const OrderNumber order(number);
      return state.orders.contains(order) && may_go(state, state.orders[order], horizon);
    }
    case GivenBackTable::kRequests: {
      const RequestNumber request(number);
      return state.requests.contains(request) && !state.orders.contains(state.requests[request].order);
    }
    case GivenBackTable::kExecutions: {
      const ExecutionNumber execution(number);
      return state.executions.contains(execution) && !state.orders.contains(state.executions[execution].order);
    }
    case GivenBackTable::kNone:
      break;
  }
  return false;
}

std::size_t queued(const Broker& line) {
  return line.unanswered.size() + line.held.size() + line.to_ask.size() + line.asked.size() + line.cancel_queue.size() +
         line.cancels_sent.size();
}

// Without the orders that a broker's queue names, whatever else is true of them.
std::uint64_t without_queued(const State& state, std::uint64_t from, std::uint64_t which) {
  const auto keep = [&](OrderNumber order) {
    if (order.value() >= from && order.value() - from < kWindow) which &= ~(std::uint64_t{1} << (order.value() - from));
  };
  for (const Broker& line : state.broker_states) {
    for (const RequestNumber request : line.unanswered) keep(state.requests[request].order);
    for (const RequestNumber request : line.held) keep(state.requests[request].order);
    for (const OrderNumber order : line.to_ask) keep(order);
    for (const OrderNumber order : line.asked) keep(order);
    for (const Broker::CancelDue& due : line.cancel_queue) keep(due.order);
    for (const Broker::CancelSent& sent : line.cancels_sent) keep(sent.order);
  }
  return which;
}

// The last one moves into its place.
void forget_swap(State& state, std::uint32_t place) {
  const auto last = static_cast<std::uint32_t>(state.swaps.size() - 1);
  if (place != last) {
    state.swaps[place] = std::move(state.swaps[last]);
    state.orders[state.swaps[place].order].swap = place;
  }
  state.swaps.pop_back();
}

void give_back(State& state, OrderNumber number) {
  Order& order = state.orders[number];
  if (order.is_swap()) forget_swap(state, order.swap);
  state.beside.give_back(order);
  state.orders.give_back(number);
}

void give_back(State& state, RequestNumber number) {
  Request& request = state.requests[number];
  if (state.is_indexed(request)) {
    state.cl_ord_ids.erase(hash_text(request.session.value(), request.cl_ord_id.view()), number.value());
  }
  state.beside.give_back(request);
  state.requests.give_back(number);
}

void give_back(State& state, ExecutionNumber number) {
  Execution& execution = state.executions[number];
  if (execution.indexed)
    state.exec_ids.erase(hash_text(execution.broker.value(), execution.exec_id.view()), number.value());
  state.beside.give_back(execution);
  state.executions.give_back(number);
}

}  // namespace

bool GivingBack::was_taken_by(std::uint64_t epoch, std::uint64_t request) const {
  const auto start = std::lower_bound(starts.begin(), starts.end(), epoch,
                                      [](const Start& each, std::uint64_t value) { return each.epoch < value; });
  if (start == starts.end() || start->epoch != epoch) return false;
  const auto next = start + 1;
  return next == starts.end() || request < next->first_request;
}

void note_start(State& state, std::uint64_t epoch) {
  std::deque<GivingBack::Start>& starts = state.giving_back.starts;
  starts.push_back({epoch, state.requests.size()});
  if (starts.size() > GivingBack::kMaxStarts) starts.pop_front();
}

void begin_trading_day(State& state, std::uint16_t keep_days) {
  GivingBack& self = state.giving_back;
  const GivingBack::Day begins{state.orders.size(), state.requests.size(), state.executions.size()};
  if (begins == self.days.back()) return;  // nothing was taken on the day before: it was none
  ++self.today;
  self.days.push_back(begins);
  if (keep_days == 0) return;
  while (self.today - self.kept_from > keep_days) {
    ++self.kept_from;
    self.days.pop_front();
  }
}

void give_back(State& state, const EntriesGivenBack& e) {
  GivingBack& self = state.giving_back;
  if (self.table == GivenBackTable::kNone) {
    self.round = self.kept_from;
    self.end = self.days.front();
  }
  for (std::uint64_t which = e.which; which != 0; which &= which - 1) {
    const std::uint64_t number = e.from + static_cast<std::uint64_t>(std::countr_zero(which));
    switch (e.table) {
      case GivenBackTable::kOrders:
        give_back(state, OrderNumber(number));
        break;
      case GivenBackTable::kRequests:
        give_back(state, RequestNumber(number));
        break;
      case GivenBackTable::kExecutions:
        give_back(state, ExecutionNumber(number));
        break;
      case GivenBackTable::kNone:
        break;
    }
  }
  self.last = e.time;
  self.table = e.over != 0 ? after(e.table) : e.table;
  self.at = e.over != 0 ? 0 : e.from + kWindow;
}

bool gives_back(const State& state, UtcTime now) {
  const GivingBack& self = state.giving_back;
  if (self.table == GivenBackTable::kNone && self.round == self.kept_from) return false;
  if (now == self.last) return false;
  std::size_t waiting = 0;
  for (const Broker& line : state.broker_states) waiting += queued(line);
  return waiting <= kMaxQueued;
}

bool decide_giving_back(Deciding& d) {
  const State& state = d.state;
  if (!gives_back(state, d.now)) return false;
  const GivingBack& self = state.giving_back;
  const bool begins = self.table == GivenBackTable::kNone;
  EntriesGivenBack event{};
  event.time = d.now;
  event.table = begins ? GivenBackTable::kOrders : self.table;
  const std::uint32_t horizon = begins ? self.kept_from : self.round;
  const std::uint64_t end = end_of(begins ? self.days.front() : self.end, event.table);
  std::uint64_t at = begins ? 0 : self.at;
  int given = 0;
  for (int looked = 1; event.over == 0; ++looked) {
    event.from = at = past_gone(state, event.table, at);
    event.which = 0;
    for (std::uint64_t number = at; number < std::min(end, at + kWindow); ++number) {
      if (goes(state, event.table, number, horizon)) event.which |= std::uint64_t{1} << (number - at);
    }
    if (event.table == GivenBackTable::kOrders && event.which != 0)
      event.which = without_queued(state, at, event.which);
    at += kWindow;
    event.over = at >= end ? 1 : 0;
    const bool last = looked == kWindowsLooked || event.over != 0;
    if (event.which == 0 && !last) continue;
    d.events.add(event);
    if (last || ++given == kWindowsGiven) break;
  }
  return true;
}

}  // namespace portcullis::gateway
