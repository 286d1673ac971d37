#pragma once

#include "risk/scopes.h"

// For risk/moves.cc and risk/swaps.cc: the scopes that an event moves.

namespace portcullis::risk {

// Calls move(Scopes&) for the scopes of the order, and then for its broker: those that were resolved to decide it.
template <typename Move>
void for_scopes(State& state, ScopeCache& cache, const Place& place, Move&& move) {
  Place of_the_order = place;
  of_the_order.broker = order::BrokerId::none();
  move(cache.to_apply(state, of_the_order, false));
  if (!place.broker.has_value()) return;
  move(cache.to_apply(state, Place{.broker = place.broker, .instrument = place.instrument}, true));
}

}  // namespace portcullis::risk
