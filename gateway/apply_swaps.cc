#include <algorithm>

#include "gateway/apply.h"

namespace portcullis::gateway {
namespace {

Swap& swap_of(State& state, Order& order) {
  if (!order.is_swap()) {
    order.swap = static_cast<std::uint32_t>(state.swaps.size());
    state.swaps.emplace_back().order = order.number;
  }
  return state.swaps[order.swap];
}

risk::SwapDates dates_of(const Order& order) {
  return {order.settle_date, order.settle_date2()};
}

void reserve(State& state, Order& order, const order::SwapNeed& need) {
  Swap& swap = swap_of(state, order);
  state.risk.reserve_swap(place_of(order), dates_of(order), swap.need, need);
  swap.need = need;
}

void on(State& state, const order::SwapReserved& e) {
  reserve(state, state.orders[e.order], e.need);
}

void on(State& state, const order::SwapBooked& e) {
  Order& order = state.orders[e.order];
  Swap& swap = swap_of(state, order);
  state.risk.settle_swap(place_of(order), dates_of(order), e.booking);
  const auto known = std::find_if(swap.settled.begin(), swap.settled.end(),
                                  [&e](const Swap::Settled& each) { return each.execution == e.execution; });
  if (known == swap.settled.end()) {
    swap.settled.push_back({e.execution, e.booking});
  } else {
    swap.settled.erase(known);  // undone
  }
}

}  // namespace

void release_swap(State& state, Order& order) {
  reserve(state, order, order::SwapNeed());
}

void apply_swap(State& state, const order::EventView& event) {
  if (event.type() == order::EventType::kSwapReserved) return on(state, event.in_place<order::SwapReserved>());
  on(state, event.in_place<order::SwapBooked>());
}

}  // namespace portcullis::gateway
