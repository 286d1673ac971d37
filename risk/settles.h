#pragma once

#include <cstdint>

#include "base/decimal.h"
#include "risk/cells.h"
#include "risk/exposure.h"
#include "risk/worth.h"

// How an event moves what one currency settles on one value date in one scope, and its mark in the sum of the date.

namespace portcullis::risk {

// What is paid is no receivable; most reports of a fill leave the worth as it was.
template <bool kBooks>
[[gnu::always_inline]] inline void settle(SettlementExposure& cell, DateSum& sum, Amount receivable, Amount executed,
                                          Rate rate, bool keep_marks) {
  const std::uint64_t worth = cell.wrapped_worth();
  add_amount(cell.receivable, receivable);
  if constexpr (kBooks) add_amount(cell.net, executed);
  if (keep_marks && cell.wrapped_worth() != worth) mark(cell, sum, rate);
}

// What an order reserves of the currency that it receives, and what that is worth: worked out once for all scopes.
struct Receivable {
  Receivable(Amount change, Rate at_rate) : amount(change), rate(at_rate), worth(worth_of(change.raw(), at_rate)) {
    const auto is_near = [](std::int64_t value) { return (value ^ value >> 63) >> kNearBits == 0; };
    is_small = rate.is_positive() && is_near(amount.raw()) && is_near(worth.up);
  }

  // Two numbers of so many bits have a sum that fits.
  static constexpr int kNearBits = 61;

  Amount amount;
  Rate rate;
  Worth worth;
  bool is_small = false;
};

// The short way of settle<false>() for a change that is small, where the cell is marked at its rate: the mark follows by
// what the change itself is worth, and what rounding has added to it so far follows from the mark. False: sums are near
// the end of the range, and nothing has moved.
[[gnu::always_inline]] inline bool settle_by_worth(SettlementExposure& cell, DateSum& sum, const Receivable& more) {
  const std::uint64_t worth = cell.wrapped_worth();
  const std::uint64_t after = worth + static_cast<std::uint64_t>(more.amount.raw());
  const std::int64_t mark = cell.mark.raw();
  const auto any_bit = worth | after | static_cast<std::uint64_t>(mark) | static_cast<std::uint64_t>(cell.receivable.raw());
  if (any_bit >> Receivable::kNearBits != 0) [[unlikely]]
    return false;
  const std::uint64_t rest = rest_of(mark, worth, more.rate) + static_cast<std::uint64_t>(more.worth.rest);
  const std::int64_t change = more.worth.up - (rest >= Worth::kParts ? 1 : 0);
  cell.receivable = Amount::from_raw(cell.receivable.raw() + more.amount.raw());
  cell.mark = Amount::from_raw(mark + change);
  sum.add(change);
  return true;
}

}  // namespace portcullis::risk
