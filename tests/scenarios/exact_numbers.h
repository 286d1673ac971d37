#pragma once

#include <cstdint>
#include <string>

// The exact model's arithmetic: integers on fixed grids. Quantities 10^-3, prices 10^-8, money 10^-2, rates 10^-12,
// percentages 10^-6.

namespace portcullis::scenarios::exact {

__extension__ using Int = __int128;

Int divide_up(Int numerator, Int denominator);
Int divide_half_even(Int numerator, Int denominator);
std::string decimal(Int raw, int scale);

// 10^exponent.
constexpr Int power(int exponent) {
  Int value = 1;
  while (exponent-- > 0) value *= 10;
  return value;
}

constexpr Int worse(Int a, Int b) {
  return a > b ? a : b;
}

inline constexpr Int kHundred = 100;

}  // namespace portcullis::scenarios::exact
