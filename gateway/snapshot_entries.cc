#include "gateway/snapshot_entries.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>
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

// An entry stands in a snapshot as it stands in memory, since there are millions: without what is of this process
// alone, and with what stands beside it right behind. Where it leads to such a thing, a one says so.
template <typename T>
class Image {
 public:
  explicit Image(const T& entry) : entry_(reinterpret_cast<const std::byte*>(&entry)) {
    std::memcpy(bytes_, entry_, sizeof entry);
  }

  // A member of the entry is this in the snapshot.
  template <typename M>
  Image& has(const M& member, M value) {
    std::memcpy(at(&member), &value, sizeof value);
    return *this;
  }
  template <typename M>
  Image& leads_to(M* const& member) {
    const std::uint64_t there = member != nullptr ? 1 : 0;
    static_assert(sizeof there == sizeof member);
    std::memcpy(at(&member), &there, sizeof there);
    return *this;
  }
  template <std::size_t N>
  Image& text(const StoredText<N>& text) {
    if (text.is_long()) std::memset(at(&text), 0, N);
    return *this;
  }
  void write(Saving& ar) const { ar.bytes(bytes_, sizeof bytes_); }

 private:
  std::byte* at(const void* member) { return bytes_ + (static_cast<const std::byte*>(member) - entry_); }

  const std::byte* entry_;
  alignas(T) std::byte bytes_[sizeof(T)];
};

template <std::size_t N>
void save_long(Saving& ar, const StoredText<N>& text) {
  if (text.is_long()) ar.bytes(text.view().data(), text.size());
}

// After its entry's bytes: the text that is behind them, or as many bytes here as it says.
template <std::size_t N>
void load_long(Loading& ar, StoredText<N>& text, LongTexts& texts) {
  std::array<char, LongTexts::kLongest> memory{};
  const std::size_t size = text.size();
  if (size <= N) return;
  text.forget();
  if (size > memory.size()) return ar.fail("holds a text that is too long");
  ar.bytes(memory.data(), size);
  if (ar.ok()) text.set(std::string_view(memory.data(), size), texts);
}

// Whether something stands beside the entry; the entry no longer says so.
template <typename M>
bool led_to(Loading& ar, const M*& member) {
  std::uint64_t there = 0;
  std::memcpy(&there, &member, sizeof there);
  member = nullptr;
  if (there > 1) ar.fail("holds an entry that leads elsewhere");
  return there == 1;
}

template <typename M>
const M* load_beside(Loading& ar, Slots<M>& slots) {
  M* const beside = slots.add();
  ar.bytes(beside, sizeof *beside);
  return beside;
}

// What is read is checked where it lies: a truth value that is neither may not even be looked at as one.
template <typename... Bools>
void check_truth(Loading& ar, const Bools&... values) {
  static_assert((std::is_same_v<Bools, bool> && ...));
  const auto byte = [](const bool& value) { return *reinterpret_cast<const unsigned char*>(&value); };
  if ((byte(values) | ...) > 1) ar.fail("holds a truth value that is neither");
}
template <typename E>
void check_kind(Loading& ar, E value, E last) {
  if (value > last) ar.fail("holds a kind that this version does not know");
}
template <typename Id>
void check_some(Loading& ar, const Id& id, std::uint64_t count) {
  if (id.value() >= count) ar.fail("refers to an entry that it does not have");
}
template <typename Id>
void check_maybe(Loading& ar, const Id& id, std::uint64_t count) {
  if (id.has_value()) check_some(ar, id, count);
}

void save_order(Saving& ar, const Order& order) {
  // The price under which it rests follows from the configuration.
  Image(order).leads_to(order.rare).has(order.resting, Price()).text(order.broker_order_id).write(ar);
  if (order.rare != nullptr) ar.bytes(order.rare, sizeof *order.rare);
  save_long(ar, order.broker_order_id);
}

void load_order(Loading& ar, Order& order, OrderNumber number, const Counts& counts, Beside& beside) {
  ar.bytes(&order, sizeof order);
  if (!ar.ok()) return;
  if (led_to(ar, order.rare)) order.rare = load_beside(ar, beside.rare_terms);
  load_long(ar, order.broker_order_id, beside.texts);
  check_some(ar, order.original, counts.requests);
  check_some(ar, order.live, counts.requests);
  check_some(ar, order.newest, counts.requests);
  check_maybe(ar, order.instrument, counts.instruments);
  check_maybe(ar, order.account, counts.accounts);
  check_some(ar, order.client, counts.clients);
  check_some(ar, order.session, counts.sessions);
  check_maybe(ar, order.broker, counts.brokers);
  check_maybe(ar, order.trader, counts.traders);
  check_kind(ar, order.dealt, order::Dealt::kUnits);
  check_truth(ar, order.has_price, order.has_stop_px, order.unknown, order.acknowledged, order.client_canceled,
              order.executed, order.kept);
  if (ar.ok() && (order.number != number || !order.kept)) ar.fail("holds an entry under another number");
  order.resting = Price();
}

void save_request(Saving& ar, const Request& request, bool indexed) {
  Image(request)
      .leads_to(request.replacement)
      .has(request.indexed_in, indexed ? 1u : 0u)
      .text(request.cl_ord_id)
      .write(ar);
  if (request.replacement != nullptr) ar.bytes(request.replacement, sizeof *request.replacement);
  save_long(ar, request.cl_ord_id);
}

// `number` is the request's own: those before it in its order are older. Whether it is indexed, it says by other than
// 0.
void load_request(Loading& ar, Request& request, std::uint64_t number, const Counts& counts, Beside& beside) {
  ar.bytes(&request, sizeof request);
  if (!ar.ok()) return;
  if (led_to(ar, request.replacement)) {
    const Replacement* const replacement = load_beside(ar, beside.replacements);
    check_truth(ar, replacement->terms.has_price, replacement->terms.has_stop_px);
    request.replacement = replacement;
  }
  load_long(ar, request.cl_ord_id, beside.texts);
  check_some(ar, request.order, counts.orders);
  check_maybe(ar, request.previous, number);
  check_maybe(ar, request.replaced, counts.requests);
  check_maybe(ar, request.session, counts.sessions);
  check_kind(ar, request.kind, RequestKind::kReplace);
  check_kind(ar, request.state, RequestState::kRejected);
  check_kind(ar, request.origin, order::RequestOrigin::kDisconnect);
  check_truth(ar, request.routed, request.gap_filled, request.kept);
  if (ar.ok() && !request.kept) ar.fail("holds an entry that is not there");
  // The terms of one that waits are looked at.
  const bool whole = request.kind != RequestKind::kReplace || request.replacement != nullptr || !waits(request);
  if (ar.ok() && !whole) ar.fail("holds a replace without terms");
}

void save_execution(Saving& ar, const Execution& execution) {
  Image(execution).leads_to(execution.traded).text(execution.exec_id).write(ar);
  if (execution.traded != nullptr) ar.bytes(execution.traded, sizeof *execution.traded);
  save_long(ar, execution.exec_id);
}

void load_execution(Loading& ar, Execution& execution, const Counts& counts, Beside& beside) {
  ar.bytes(&execution, sizeof execution);
  if (!ar.ok()) return;
  if (led_to(ar, execution.traded)) execution.traded = load_beside(ar, beside.traded);
  load_long(ar, execution.exec_id, beside.texts);
  check_maybe(ar, execution.order, counts.orders);
  check_maybe(ar, execution.broker, counts.brokers);
  check_maybe(ar, execution.corrected_by, counts.executions);
  check_truth(ar, execution.undone, execution.booked, execution.indexed, execution.kept);
  if (ar.ok() && !execution.kept) ar.fail("holds an entry that is not there");
  if (ar.ok() && execution.booked && execution.traded == nullptr) ar.fail("has booked nothing");
}

template <typename Archive, typename S>
void swap_fields(Archive& ar, S& swap, const Counts& counts) {
  ar.some(swap.order, counts.orders);
  ar(swap.need);
  std::uint64_t settled = swap.settled.size();
  ar.length(settled, sizeof(ExecutionNumber) + sizeof(order::SwapBooking));
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
    load_order(ar, order, OrderNumber(i), counts, state.beside);
    if (!ar.ok()) return;
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
  state.cl_ord_ids.reserve(std::max(state.orders.kept(), HashIndex::kLeastRoom));
  InsertAhead cl_ord_ids(state.cl_ord_ids);
  std::uint64_t next = 0;
  std::uint64_t unbroken_from = 0;  // all from this number on are there
  load_kept(ar, state.requests, counts.requests, [&](Request& request, std::uint64_t i) {
    if (i != std::exchange(next, i + 1)) unbroken_from = i;
    load_request(ar, request, i, counts, state.beside);
    if (!ar.ok()) return;
    for (const RequestNumber older : {request.previous, request.replaced}) {
      const bool there = !older.has_value() || state.requests.contains(older) || !state.orders.contains(request.order);
      if (!there) ar.fail("refers to an entry that it does not have");
    }
    if (std::exchange(request.indexed_in, 0) == 0) return;
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
  // No more than can stand in what is left, of 64 bytes each at least: a count is not believed.
  state.exec_ids.reserve(std::max<std::uint64_t>(std::min<std::uint64_t>(kept, ar.left() / 64), 2 * HashIndex::kLeastRoom));
  InsertAhead exec_ids(state.exec_ids);
  std::vector<ExecutionNumber> corrected;
  load_kept(ar, state.executions, counts.executions, [&](Execution& execution, std::uint64_t i) {
    load_execution(ar, execution, counts, state.beside);
    if (!ar.ok()) return;
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
  save_kept(ar, state.orders, [&](const Order& order, std::uint64_t) { save_order(ar, order); });
  save_kept(ar, state.requests,
            [&](const Request& request, std::uint64_t) { save_request(ar, request, state.is_indexed(request)); });
  ar(state.executions.kept());
  save_kept(ar, state.executions, [&](const Execution& execution, std::uint64_t) { save_execution(ar, execution); });
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
