#pragma once

#include "gateway/state.h"

// Side(54) in a session's own terms. Inside, it speaks of the dealt currency and, of a swap, of the near leg, as FIX
// says; a counterparty may speak of the pair's base currency whatever is dealt (side_basis), or of the far leg
// (swap_side_leg). What turns it one way turns it back.

namespace portcullis::gateway {

inline bool turns_side(const SessionSetup& session, order::Dealt dealt, order::OrdType type) {
  const bool of_base = dealt == order::Dealt::kTerm && session.side_basis == config::SideBasis::kBase;
  const bool of_far_leg =
      type == order::OrdType::kForexSwap && session.swap_side_leg == config::SwapSideLeg::kFar;
  return of_base != of_far_leg;
}

// What a quantity of the instrument counts where nobody says otherwise.
inline order::Dealt usual_dealt(const State& state, order::InstrumentId instrument) {
  return state.risk.state().instruments[instrument.value()].is_fx ? order::Dealt::kBase : order::Dealt::kUnits;
}

// A short sale has no other side to turn to; whoever would need it is refused (gateway/decide_new_order.cc).
constexpr bool can_turn(order::Side side) { return side == order::Side::kBuy || side == order::Side::kSell; }
constexpr order::Side turned(order::Side side) {
  return side == order::Side::kBuy ? order::Side::kSell : order::Side::kBuy;
}

// From a session's terms to ours, and from ours to a session's.
inline order::Side side_for(const SessionSetup& session, order::Side side, order::Dealt dealt, order::OrdType type) {
  return turns_side(session, dealt, type) && can_turn(side) ? turned(side) : side;
}

}  // namespace portcullis::gateway
