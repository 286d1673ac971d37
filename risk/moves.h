#pragma once

#include "risk/scopes.h"

// For risk/moves.cc and risk/swaps.cc: the scopes that an event moves.

namespace portcullis::risk {

// Calls move(Scopes&) for the scopes of the order, its broker among them: those that were resolved to decide it.
template <typename Move>
void for_scopes(State& state, ScopeCache& cache, const Place& place, Move&& move) {
  move(cache.to_apply(state, place, false));
}

}  // namespace portcullis::risk
