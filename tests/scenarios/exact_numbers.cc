#include "tests/scenarios/exact_numbers.h"

#include <algorithm>

namespace portcullis::scenarios::exact {

Int divide_up(Int numerator, Int denominator) {
  const Int quotient = numerator / denominator;
  return numerator % denominator > 0 ? quotient + 1 : quotient;
}

Int divide_half_even(Int numerator, Int denominator) {
  if (numerator < 0) return -divide_half_even(-numerator, denominator);
  const Int quotient = numerator / denominator, twice = numerator % denominator * 2;
  if (twice > denominator || (twice == denominator && quotient % 2 != 0)) return quotient + 1;
  return quotient;
}

std::string decimal(Int raw, int scale) {
  if (raw < 0) return "-" + decimal(-raw, scale);
  std::string digits;
  for (int i = 0; raw != 0 || i <= scale; ++i) {
    if (i == scale && scale != 0) digits += '.';
    digits += static_cast<char>('0' + static_cast<int>(raw % 10));
    raw /= 10;
  }
  std::reverse(digits.begin(), digits.end());
  if (scale != 0) {
    while (digits.back() == '0') digits.pop_back();
    if (digits.back() == '.') digits.pop_back();
  }
  return digits;
}

}  // namespace portcullis::scenarios::exact
