#pragma once

#include "base/decimal.h"
#include "order/types.h"

namespace portcullis::risk {

// One of the two currencies that an order moves, by how much its open side grows, and the rates that it is valued by.
// Worked out once for all scopes and controls, its broker's included.
struct Growing {
  order::CurrencyId currency;
  bool receives = true;   // `in` grows, else `out`
  bool counts = false;    // it grows, and is not the risk currency
  bool has_rate = false;  // it can be valued
  bool is_fresh = false;  // both rates are one
  Amount amount;          // zero: nothing grows
  Rate now;               // with the haircut of a stale one
  Rate marked;            // that the scopes' sums are of
  std::int64_t worth = 0;  // of the amount, at the rate of now, rounded up: no sum's worth grows by more
  std::int64_t rest = 0;   // by how much that is more, as in Worth
};

}  // namespace portcullis::risk
