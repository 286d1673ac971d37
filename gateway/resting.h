#pragma once

#include "gateway/state.h"

// Where orders rest, for control D10: a view that risk asks, of the clients whose configuration has self_cross.

namespace portcullis::gateway {

// The order has changed: its price of now takes the place of the one it was known under.
void update_resting(State& state, Order& order);
// Another configuration, or a state that was loaded: all open orders anew.
void rebuild_resting(State& state);

}  // namespace portcullis::gateway
