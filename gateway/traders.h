#pragma once

#include <string_view>

#include "gateway/state.h"

// Traders are named by their first order, or by an operator who speaks of them before (decide_trader in
// gateway/decide.h).

namespace portcullis::gateway {

// The trader whom an order of this client names; false when there was no room for the name. Empty: none.
bool resolve_trader(const State& state, ClientId client, std::string_view text, order::TraderId& trader);
// Why not.
order::Reject unknown_trader(const State& state, ClientId client, std::string_view text);

}  // namespace portcullis::gateway
