#pragma once

#include "base/time.h"
#include "gateway/state.h"
#include "order/events.h"

// apply(state, event): the only thing that changes the state. Never reads the configuration, the market
// or a clock, and never fails on an event that decide has written: recovery is this function over the
// journal (gateway/core.h).

namespace portcullis::gateway {

// `time`: of the record that holds the event.
void apply(State& state, const order::EventView& event, UtcTime time);

// Its part for what persons decide (gateway/apply_governance.cc).
void apply_governance(State& state, const order::EventView& event);
// And for what swaps have beside other orders (gateway/apply_swaps.cc).
void apply_swap(State& state, const order::EventView& event);
void release_swap(State& state, Order& order);

}  // namespace portcullis::gateway
