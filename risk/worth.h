#pragma once

#include <cstdint>
#include <limits>

#include "base/decimal.h"

// What amounts are worth in the risk currency.

namespace portcullis::risk {

__extension__ using UnsignedWide = unsigned __int128;

// For what mark_of has no room for.
Amount mark_of_large(Wide native, Rate rate);

// An amount in the risk currency, rounded up; held at the end of the range. Zero or less is worth nothing. A decision
// does this some forty times, so there is no division in it: 10^12 is 2^12 times 5^12, and by the constant 5^12 the
// compiler multiplies. floor(floor(x / 2^12) / 5^12) is floor(x / 10^12).
inline Amount mark_of(std::int64_t native, Rate rate) {
  constexpr std::uint64_t kFive12 = 244'140'625;
  constexpr auto kUp = static_cast<std::uint64_t>(pow10(Rate::kScale) - 1);
  if (native <= 0 || !rate.is_positive()) return Amount();
  // Both factors have 63 bits. Up to some 690 million at a rate of one there is nothing above 64 bits.
  const UnsignedWide up = UnsignedWide{static_cast<std::uint64_t>(native)} * static_cast<std::uint64_t>(rate.raw()) + kUp;
  if (up >> 76 != 0) [[unlikely]]
    return mark_of_large(native, rate);
  return Amount::from_raw(static_cast<std::int64_t>(static_cast<std::uint64_t>(up >> 12) / kFive12));
}
inline Amount mark_of(Wide native, Rate rate) {
  const auto narrowed = static_cast<std::int64_t>(native);
  return native == narrowed ? mark_of(narrowed, rate) : mark_of_large(native, rate);
}

// An amount of either sign in the risk currency, to the last part: `up` rounded up, which is too much by `rest` parts
// of 10^-12. The worth of a sum is the sum of such worths, which no rounded one is.
struct Worth {
  static constexpr std::int64_t kParts = 1'000'000'000'000;

  std::int64_t up = 0;    // held at the ends of the range, where the rest is nothing
  std::int64_t rest = 0;  // below kParts
};
static_assert(Wide{Worth::kParts} == pow10(Rate::kScale));

// The rest of a worth that is at its mark, `up`; in wrapped sums, since it is below 10^12 itself.
inline std::uint64_t rest_of(std::int64_t up, std::uint64_t native, Rate rate) {
  return static_cast<std::uint64_t>(up) * Worth::kParts - native * static_cast<std::uint64_t>(rate.raw());
}

inline Worth worth_of(Wide native, Rate rate) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (!rate.is_positive()) return Worth();
  const bool is_below = native < 0;
  const Wide size = is_below ? -native : native;
  const std::int64_t up = mark_of(size, rate).raw();
  if (up == kMax) [[unlikely]]
    return Worth{is_below ? -kMax : kMax, 0};
  const auto rest = static_cast<std::int64_t>(rest_of(up, static_cast<std::uint64_t>(size), rate));
  if (!is_below) return Worth{up, rest};
  return rest == 0 ? Worth{-up, 0} : Worth{1 - up, Worth::kParts - rest};
}

}  // namespace portcullis::risk
