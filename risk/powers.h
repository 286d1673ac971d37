#pragma once

#include "base/decimal.h"

// Divisions by powers of ten that divide nothing.

namespace portcullis::risk {

// divide(value, 10^kDigits, rounding) without a division: 10^n is 2^n times 5^n, and by the constant 5^n the compiler
// multiplies. What is negative, or too large for it, goes the general way.
template <int kDigits>
Wide divide_by_power(Wide value, Rounding rounding) {
  static_assert(kDigits < 28, "5^n fits 64 bits");
  constexpr Wide kPower = pow10(kDigits);
  constexpr auto kFives = static_cast<std::uint64_t>(kPower >> kDigits);
  if (value < 0 || value >> kDigits >> 64 != 0) [[unlikely]]
    return divide(value, kPower, rounding);
  if (rounding == Rounding::kAwayFromZero) {
    // Up is down from as much as nearly one more.
    const Wide shifted = (value + (kPower - 1)) >> kDigits;
    if (shifted >> 64 == 0) [[likely]]
      return Wide{static_cast<std::uint64_t>(shifted) / kFives};
  }
  const auto quotient = Wide{static_cast<std::uint64_t>(value >> kDigits) / kFives};
  const Wide rest = value - quotient * kPower;
  switch (rounding) {
    case Rounding::kTowardZero:
      return quotient;
    case Rounding::kAwayFromZero:
      return rest != 0 ? quotient + 1 : quotient;
    case Rounding::kHalfEven:
      return 2 * rest > kPower || (2 * rest == kPower && quotient % 2 != 0) ? quotient + 1 : quotient;
  }
  return quotient;
}

// Rounded up, of zero or more, where the result is below 2^63 by far; false where it may not be.
template <int kDigits>
[[gnu::always_inline]] inline bool up_by_power(Wide value, std::int64_t& up) {
  static_assert(kDigits < 28, "5^n fits 64 bits");
  constexpr Wide kPower = pow10(kDigits);
  constexpr auto kFives = static_cast<std::uint64_t>(kPower >> kDigits);
  const Wide shifted = (value + (kPower - 1)) >> kDigits;
  if (shifted >> 64 != 0) [[unlikely]]
    return false;
  const std::uint64_t quotient = static_cast<std::uint64_t>(shifted) / kFives;
  up = static_cast<std::int64_t>(quotient);
  return kFives > 1 || up >= 0;
}

// Rounded half to even, of zero or more, where the result is below 2^63 by far; false where it may not be.
template <int kDigits>
[[gnu::always_inline]] inline bool half_even_by_power(Wide value, std::int64_t& even) {
  static_assert(kDigits > 0 && kDigits <= 18, "what is left over fits 64 bits, and so does the result");
  constexpr auto kPower = static_cast<std::uint64_t>(pow10(kDigits));
  constexpr std::uint64_t kFives = kPower >> kDigits;
  const Wide shifted = value >> kDigits;
  if (shifted >> 64 != 0) [[unlikely]]
    return false;
  const std::uint64_t quotient = static_cast<std::uint64_t>(shifted) / kFives;
  const std::uint64_t rest = static_cast<std::uint64_t>(value) - quotient * kPower;
  even = static_cast<std::int64_t>(quotient + (2 * rest + quotient % 2 > kPower ? 1 : 0));
  return true;
}

// Rounded down, whatever the sign.
template <int kDigits>
Wide floor_by_power(Wide value) {
  if constexpr (kDigits <= 18) {
    constexpr auto kPower = static_cast<std::int64_t>(pow10(kDigits));
    const auto narrow = static_cast<std::int64_t>(value);
    // Within 64 bits, as nearly all are.
    if (narrow == value) [[likely]]
      return narrow / kPower - (narrow % kPower < 0 ? 1 : 0);
  }
  return value >= 0 ? divide_by_power<kDigits>(value, Rounding::kTowardZero)
                    : -divide_by_power<kDigits>(-value, Rounding::kAwayFromZero);
}

}  // namespace portcullis::risk
