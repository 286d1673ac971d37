#include "base/decimal.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "base/check.h"
#include "base/decimal_text.h"
#include "base/short_digits.h"

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
namespace {

constexpr std::array<std::uint64_t, 20> kUnits = [] {
  std::array<std::uint64_t, 20> units = {};
  std::uint64_t unit = 1;
  for (std::uint64_t& entry : units) {
    entry = unit;
    unit *= 10;
  }
  return units;
}();

// Any text, digit by digit, with each overflow looked at.
ParseError parse_any(std::string_view text, int scale, std::int64_t& raw) {
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

// The eight decimal digits of a number below 10^8, the first in the lowest byte: halved into numbers of four, two and
// one digits, each half in its own lane.
inline __attribute__((always_inline)) std::uint64_t eight_digits(std::uint64_t value) {
  std::uint64_t lanes = value / 10'000;
  lanes |= (value - lanes * 10'000) << 32;
  const std::uint64_t hundreds = (lanes * 10'486 >> 20) & 0x0000007f0000007fULL;
  lanes = hundreds | (lanes - hundreds * 100) << 16;
  const std::uint64_t tens = (lanes * 103 >> 10) & 0x000f000f000f000fULL;
  return tens | (lanes - tens * 10) << 8;
}

constexpr std::uint64_t kZeros = 0x3030303030303030ULL;
constexpr std::uint64_t kEightDigits = 100'000'000;

char* put_eight(char* out, std::uint64_t digits) {
  digits |= kZeros;
  std::memcpy(out, &digits, sizeof digits);
  return out + sizeof digits;
}

// Of a number from 1 to kEightDigits - 1. These may write up to eight bytes more than the digits, and return where the
// digits end.
inline __attribute__((always_inline)) char* put_short(char* out, std::uint64_t value) {
  const std::uint64_t digits = eight_digits(value);
  const int leading_zeros = __builtin_ctzll(digits) & ~7;  // in bits
  put_eight(out, digits >> leading_zeros);
  return out + 8 - leading_zeros / 8;
}

__attribute__((noinline)) char* put_long(char* out, std::uint64_t value) {
  if (value < 10) {
    *out = static_cast<char>('0' + value);
    return out + 1;
  }
  if (value < kEightDigits) return put_short(out, value);
  const std::uint64_t upper = value / kEightDigits;
  return put_eight(put_long(out, upper), eight_digits(value - upper * kEightDigits));
}

inline __attribute__((always_inline)) char* put_whole(char* out, std::uint64_t value) {
  if (value < 10) {  // of most prices
    *out = static_cast<char>('0' + value);
    return out + 1;
  }
  if (value < kEightDigits) [[likely]] {
    return put_short(out, value);
  }
  return put_long(out, value);
}

}  // namespace

namespace {

// Up to eight digits and a point, which most quantities and prices are; false: for those below to read.
bool parse_short(std::string_view text, int scale, std::int64_t& raw) {
  if (text.empty() || text.size() > short_digits::kMost) return false;
  std::uint64_t word = short_digits::load(text);
  std::size_t digits = text.size();
  std::size_t decimals = 0;
  const std::size_t point = short_digits::point_in(word);
  if (point < digits) {
    word = short_digits::without(word, point);
    decimals = --digits - point;
    if (digits == 0) return false;
  }
  const auto places = static_cast<std::size_t>(scale);
  const short_digits::Values values = short_digits::values_of(word, digits);
  if (values.is_bad != 0 || decimals > places || digits - decimals + places > 18) return false;
  raw = static_cast<std::int64_t>(short_digits::number_of(values.digits) * kUnits[places - decimals]);
  return true;
}

}  // namespace

ParseError parse(std::string_view text, int scale, std::int64_t& raw) {
  if (parse_short(text, scale, raw)) [[likely]] {
    return ParseError::kNone;
  }
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool negative = at < end && *at == '-';
  if (negative) ++at;
  std::uint64_t magnitude = 0;
  const auto read_digits = [&] {
    const char* const first = at;
    for (; at < end; ++at) {
      const unsigned digit = static_cast<unsigned char>(*at) - unsigned{'0'};
      if (digit > 9) break;
      magnitude = magnitude * 10 + digit;
    }
    return static_cast<std::size_t>(at - first);
  };
  const std::size_t whole = read_digits();
  std::size_t decimals = 0;
  if (at < end && *at == '.') {
    ++at;
    decimals = read_digits();
  }
  // With 18 digits nothing has overflowed.
  const auto places = static_cast<std::size_t>(scale);
  if (at != end || whole + decimals == 0 || decimals > places || whole + places > 18) [[unlikely]] {
    return parse_any(text, scale, raw);
  }
  const auto value = static_cast<std::int64_t>(magnitude * kUnits[places - decimals]);
  raw = negative ? -value : value;
  return ParseError::kNone;
}

namespace {

// Any decimal; format() has what most are.
__attribute__((noinline)) std::size_t format_any(std::int64_t raw, int scale, int min_decimals, char* out) {
  const bool negative = raw < 0;
  const std::uint64_t magnitude = negative ? ~static_cast<std::uint64_t>(raw) + 1 : static_cast<std::uint64_t>(raw);
  char* at = out;
  if (negative) *at++ = '-';
  // A division by a constant is a multiplication.
  std::uint64_t whole = 0;
  switch (scale) {
    case 0:
      whole = magnitude;
      break;
    case 2:
      whole = magnitude / 100;
      break;
    case 3:
      whole = magnitude / 1'000;
      break;
    case 8:
      whole = magnitude / kEightDigits;
      break;
    default:
      whole = magnitude / kUnits[static_cast<std::size_t>(scale)];
      break;
  }
  std::uint64_t fraction = magnitude - whole * kUnits[static_cast<std::size_t>(scale)];
  at = put_whole(at, whole);
  const int least = std::min(scale, std::max(min_decimals, 0));
  if (fraction == 0 && least == 0) return static_cast<std::size_t>(at - out);
  *at++ = '.';
  int left = scale;
  int written = 0;
  if (scale > 8) {
    const std::uint64_t unit = kUnits[static_cast<std::size_t>(scale - 8)];
    const std::uint64_t upper = fraction / unit;
    fraction -= upper * unit;
    if (fraction == 0 && least <= 8) {
      fraction = upper;
      left = 8;
    } else {
      at = put_eight(at, eight_digits(upper));
      written = 8;
      left -= 8;
    }
  }
  // The digits stand at the front of the eight; trailing zeros are those behind the last that is none.
  const std::uint64_t digits = eight_digits(fraction * kUnits[static_cast<std::size_t>(8 - left)]);
  put_eight(at, digits);
  const int significant = digits == 0 ? 0 : 8 - __builtin_clzll(digits) / 8;
  at += std::max(significant, least - written);
  return static_cast<std::size_t>(at - out);
}

}  // namespace

char* put_number(char* out, std::int64_t value) {
  if (value < 0) [[unlikely]] return out + format_any(value, 0, 0, out);
  return put_whole(out, static_cast<std::uint64_t>(value));
}

char* put_quantity(char* out, std::int64_t raw) {
  const auto magnitude = static_cast<std::uint64_t>(raw);
  const std::uint64_t whole = magnitude / 1'000;
  if (raw < 0 || whole * 1'000 != magnitude) [[unlikely]] return out + format_any(raw, 3, 0, out);
  return put_whole(out, whole);
}

char* put_price(char* out, std::int64_t raw) {
  if (raw < 0) [[unlikely]] return out + format_any(raw, 8, 0, out);
  const auto magnitude = static_cast<std::uint64_t>(raw);
  const std::uint64_t whole = magnitude / kEightDigits;
  const std::uint64_t fraction = magnitude - whole * kEightDigits;
  char* const at = put_whole(out, whole);
  if (fraction == 0) return at;
  *at = '.';
  const std::uint64_t digits = eight_digits(fraction);
  put_eight(at + 1, digits);
  return at + 9 - __builtin_clzll(digits) / 8;
}

std::size_t format(std::int64_t raw, int scale, int min_decimals, char* out) {
  if (min_decimals <= 0) {
    if (scale == 0) return static_cast<std::size_t>(put_number(out, raw) - out);
    if (scale == 3) return static_cast<std::size_t>(put_quantity(out, raw) - out);
    if (scale == 8) return static_cast<std::size_t>(put_price(out, raw) - out);
  }
  return format_any(raw, scale, min_decimals, out);
}

}  // namespace decimal_detail
}  // namespace portcullis
