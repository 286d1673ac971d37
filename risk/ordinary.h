#pragma once

#include <cstdint>

#include "order/types.h"
#include "risk/check_log.h"
#include "risk/scopes.h"
#include "risk/state.h"

// Most orders: a new limit order of a pair that is delivered, dealt in its base currency, under fresh rates and a fresh
// quote, while nothing that it meets is blocked, restricted or latched. One that passes every control is taken in one
// sweep, with the evidence that the controls would leave (risk/checks/). Whatever else an order is, or where it does not
// pass, the controls themselves are asked: what is refused, and why, is theirs alone to say.

namespace portcullis::risk {

struct NewOrder;
struct Verdict;

struct OrdinaryAsked {
  const NewOrder& order;  // with what C2 seeks
  const Scopes& scopes;  // with the order's value date, and marked
  bool account_known = false;
  std::int32_t trade_date = 0;
  const OpenPrices::Side* resting = nullptr;  // what it could meet; null: its client does not ask
};

// True: it passes; the verdict is filled in but for its broker, and the evidence is in the log. False: nothing is
// written.
bool passes_as_ordinary(const State& state, const OrdinaryAsked& asked, CheckLog& log, Verdict& verdict);

}  // namespace portcullis::risk
