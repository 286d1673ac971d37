#pragma once

#include "gateway/state.h"

// Which orders belong to what a limit or a state hangs at.

namespace portcullis::gateway {

bool in_scope(const State& state, const Order& order, order::Scope scope, std::uint32_t id);
// It stays at its broker overnight.
bool outlives_day(const Order& order);

// Calls visit(const Order&) for each order of the scope that is open at a broker, oldest first. Nothing may open
// or end meanwhile.
template <typename Visit>
void for_each_open(const State& state, order::Scope scope, std::uint32_t id, Visit&& visit) {
  state.open_orders.for_each([&](OrderNumber number) {
    const Order& order = state.orders[number];
    if (order.broker.has_value() && in_scope(state, order, scope, id)) visit(order);
  });
}

// Whether the scope would ever be asked for this limit: where the configuration could not state it, nobody may.
bool may_state(order::Scope scope, config::Limit limit);

}  // namespace portcullis::gateway
