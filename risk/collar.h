#pragma once

#include <cstdint>
#include <limits>

#include "base/decimal.h"
#include "config/limits.h"
#include "risk/market.h"

// B3: how far from the middle of a quote a price may be, in integers.

namespace portcullis::risk {

inline constexpr Wide kWholePercent = pow10(config::Percent::kScale) * 100;

// The last price inside the collar, `collar` in units of Percent; bid + ask is twice the middle.
inline std::int64_t collar_edge(const Quote& quote, std::int64_t collar, bool buys_base) {
  // Prices below 2^34 (some 171.8) and collars below 100 %: twice the price and twice 10^8 leave nothing above 63 bits.
  const bool small =
      ((quote.bid.raw() | quote.ask.raw()) >> 34) == 0 && static_cast<std::uint64_t>(collar) < kWholePercent;
  if (small) [[likely]] {
    constexpr auto kWhole = static_cast<std::uint64_t>(kWholePercent);
    const auto share = static_cast<std::uint64_t>(collar);
    const auto twice = static_cast<std::uint64_t>(quote.bid.raw() + quote.ask.raw());
    const std::uint64_t price = buys_base ? twice * (kWhole + share) / (2 * kWhole)
                                          : (twice * (kWhole - share) + 2 * kWhole - 1) / (2 * kWhole);
    return static_cast<std::int64_t>(price);
  }
  const Wide twice_mid = Wide{quote.bid.raw()} + quote.ask.raw();
  const Wide factor = buys_base ? kWholePercent + collar : kWholePercent - collar;
  const auto price = narrow(
      divide(twice_mid * factor, 2 * kWholePercent, buys_base ? Rounding::kTowardZero : Rounding::kAwayFromZero));
  // Past the range of prices there is nothing to refuse.
  return price ? *price : std::numeric_limits<std::int64_t>::max();
}

// Twice the way from the middle that a price stays behind it: what it has above zero is on the passive side.
inline Wide twice_behind(const Quote& quote, Price price, bool buys_base) {
  const Wide twice_mid = Wide{quote.bid.raw()} + quote.ask.raw();
  return buys_base ? twice_mid - Wide{price.raw()} * 2 : Wide{price.raw()} * 2 - twice_mid;
}

// Whether it stays further behind than the band, in units of Percent.
inline bool is_behind(const Quote& quote, Price price, bool buys_base, std::int64_t band) {
  const Wide behind = twice_behind(quote, price, buys_base);
  return behind > 0 && behind * kWholePercent > Wide{band} * (Wide{quote.bid.raw()} + quote.ask.raw());
}

// How far, rounded up: above a band exactly when is_behind().
inline std::int64_t distance_behind(const Quote& quote, Price price, bool buys_base) {
  const Wide behind = twice_behind(quote, price, buys_base);
  const Wide twice_mid = Wide{quote.bid.raw()} + quote.ask.raw();
  if (behind <= 0 || twice_mid <= 0) return 0;
  return narrow(divide(behind * kWholePercent, twice_mid, Rounding::kAwayFromZero))
      .value_or(std::numeric_limits<std::int64_t>::max());
}

}  // namespace portcullis::risk
