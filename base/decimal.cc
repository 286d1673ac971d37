#include "base/decimal.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/check.h"

namespace portcullis {

Wide divide(Wide numerator, Wide denominator, Rounding rounding) {
  PORTCULLIS_CHECK(denominator > 0, "division by a denominator that is not positive");
  Wide quotient = 0;
  Wide remainder = 0;
  if (numerator == static_cast<std::int64_t>(numerator) && denominator == static_cast<std::int64_t>(denominator)) {
    // Most amounts fit here, where a division is one instruction and no call.
    quotient = static_cast<std::int64_t>(numerator) / static_cast<std::int64_t>(denominator);
    remainder = static_cast<std::int64_t>(numerator) % static_cast<std::int64_t>(denominator);
  } else {
    quotient = numerator / denominator;
    remainder = numerator % denominator;
  }
  if (remainder == 0) return quotient;
  const Wide sign = numerator < 0 ? -1 : 1;
  switch (rounding) {
    case Rounding::kTowardZero:
      return quotient;
    case Rounding::kAwayFromZero:
      return quotient + sign;
    case Rounding::kHalfEven: {
      const Wide distance = remainder * sign;
      const Wide rest = denominator - distance;
      if (distance > rest || (distance == rest && quotient % 2 != 0)) return quotient + sign;
      return quotient;
    }
  }
  return quotient;
}

namespace decimal_detail {

ParseError parse(std::string_view text, int scale, std::int64_t& raw) {
  std::size_t i = 0;
  bool negative = false;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) {
    // FIX has no plus sign, but it harms nobody: it is refused all the same, to keep one spelling.
    if (text[i] == '+') return ParseError::kNotANumber;
    negative = true;
    ++i;
  }
  std::uint64_t magnitude = 0;
  bool any_digit = false;
  bool too_large = false;
  const auto push = [&](unsigned digit) {
    if (magnitude > (static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) - digit) / 10) {
      too_large = true;
    } else {
      magnitude = magnitude * 10 + digit;
    }
  };
  for (; i < text.size() && text[i] != '.'; ++i) {
    const unsigned digit = static_cast<unsigned char>(text[i]) - '0';
    if (digit > 9) return ParseError::kNotANumber;
    any_digit = true;
    push(digit);
  }
  int decimals = 0;
  bool too_many = false;
  if (i < text.size()) {
    ++i;  // the point
    for (; i < text.size(); ++i) {
      const unsigned digit = static_cast<unsigned char>(text[i]) - '0';
      if (digit > 9) return ParseError::kNotANumber;
      any_digit = true;
      if (decimals < scale) {
        push(digit);
        ++decimals;
      } else if (digit != 0) {
        too_many = true;
      }
    }
  }
  if (!any_digit) return ParseError::kNotANumber;
  for (; decimals < scale; ++decimals) push(0);
  if (too_large) return ParseError::kTooLarge;
  if (too_many) return ParseError::kTooManyDecimals;
  raw = negative ? -static_cast<std::int64_t>(magnitude) : static_cast<std::int64_t>(magnitude);
  return ParseError::kNone;
}

std::size_t format(std::int64_t raw, int scale, int min_decimals, char* out) {
  constexpr std::array<std::uint64_t, 20> kUnits = [] {
    std::array<std::uint64_t, 20> units = {};
    std::uint64_t unit = 1;
    for (std::uint64_t& entry : units) {
      entry = unit;
      unit *= 10;
    }
    return units;
  }();
  const bool negative = raw < 0;
  const std::uint64_t magnitude = negative ? ~static_cast<std::uint64_t>(raw) + 1 : static_cast<std::uint64_t>(raw);
  const std::uint64_t unit = kUnits[static_cast<std::size_t>(scale)];
  std::uint64_t whole = magnitude / unit;
  std::uint64_t fraction = magnitude - whole * unit;
  const int least = std::min(scale, std::max(min_decimals, 0));
  int decimals = scale;
  if (fraction == 0) {
    decimals = least;
  } else {
    while (decimals > least && fraction % 10 == 0) {
      fraction /= 10;
      --decimals;
    }
  }
  char reversed[32];
  std::size_t length = 0;
  for (int i = 0; i < decimals; ++i) {
    reversed[length++] = static_cast<char>('0' + fraction % 10);
    fraction /= 10;
  }
  if (decimals > 0) reversed[length++] = '.';
  do {
    reversed[length++] = static_cast<char>('0' + whole % 10);
    whole /= 10;
  } while (whole != 0);
  std::size_t size = 0;
  if (negative) out[size++] = '-';
  while (length > 0) out[size++] = reversed[--length];
  return size;
}

}  // namespace decimal_detail
}  // namespace portcullis
