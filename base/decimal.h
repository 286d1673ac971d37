#pragma once

#include <compare>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

// Exact decimals as scaled 64-bit integers. A value is raw() / 10^kScale of its unit.
//
//   Price     10^-8   one unit of the term currency (or of price) per unit of base; up to 92 thousand million
//   Quantity  10^-3   units of the base currency or of the instrument; up to 9.2 * 10^15
//   Amount    10^-2   money of one currency, the grid of all exposure accounting; up to 9.2 * 10^16
//   Rate      10^-12  units of the risk currency for one unit of a currency; up to 9.2 million
//
// Products are formed in 128 bits (Wide) and brought back with an explicit rounding. Overflow is an
// error that the caller sees (std::optional), never a wrapped number.

namespace portcullis {

__extension__ using Wide = __int128;

enum class Rounding : std::uint8_t {
  kHalfEven,      // booked amounts
  kAwayFromZero,  // reserves: "up"
  kTowardZero,
};

// 10^exponent for 0 <= exponent <= 36.
constexpr Wide pow10(int exponent) {
  Wide value = 1;
  for (int i = 0; i < exponent; ++i) value *= 10;
  return value;
}

// numerator / denominator with the given rounding; denominator > 0.
Wide divide(Wide numerator, Wide denominator, Rounding rounding);

// Narrows to 64 bits, or nothing when it does not fit.
constexpr std::optional<std::int64_t> narrow(Wide value) {
  if (value > std::numeric_limits<std::int64_t>::max() || value < std::numeric_limits<std::int64_t>::min()) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(value);
}

namespace decimal_detail {

enum class ParseError : std::uint8_t { kNone, kNotANumber, kTooManyDecimals, kTooLarge };

// FIX float (volume 1): optional sign, digits, optional point and digits; leading and trailing zeros
// allowed, no exponent. Trailing zeros past `scale` decimals are accepted; other digits there are not.
ParseError parse(std::string_view text, int scale, std::int64_t& raw);
// Writes the shortest exact form ("1.1", "-0.05", "5000000"), at least `min_decimals` decimals.
// `out` holds at least 32 bytes; returns the length.
std::size_t format(std::int64_t raw, int scale, int min_decimals, char* out);

}  // namespace decimal_detail

template <int Scale, typename Tag>
class Decimal {
 public:
  static constexpr int kScale = Scale;
  static constexpr std::int64_t kOne = static_cast<std::int64_t>(pow10(Scale));

  constexpr Decimal() = default;
  static constexpr Decimal from_raw(std::int64_t raw) {
    Decimal value;
    value.raw_ = raw;
    return value;
  }
  // Whole units; the caller knows that it fits.
  static constexpr Decimal of(std::int64_t units) { return from_raw(units * kOne); }

  // Nothing when the text is no FIX float, has more decimals than the scale, or is too large.
  static std::optional<Decimal> parse(std::string_view text) {
    std::int64_t raw = 0;
    if (decimal_detail::parse(text, Scale, raw) != decimal_detail::ParseError::kNone) return std::nullopt;
    return from_raw(raw);
  }

  constexpr std::int64_t raw() const { return raw_; }
  constexpr bool is_zero() const { return raw_ == 0; }
  constexpr bool is_positive() const { return raw_ > 0; }
  constexpr bool is_negative() const { return raw_ < 0; }

  std::string to_string(int min_decimals = 0) const {
    char buffer[32];
    return std::string(buffer, decimal_detail::format(raw_, Scale, min_decimals, buffer));
  }
  // Into a buffer of at least 32 bytes; returns the length. Does not allocate.
  std::size_t format(char* out, int min_decimals = 0) const {
    return decimal_detail::format(raw_, Scale, min_decimals, out);
  }

  // Nothing on overflow.
  static constexpr std::optional<Decimal> add(Decimal a, Decimal b) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a.raw_, b.raw_, &sum)) return std::nullopt;
    return from_raw(sum);
  }
  static constexpr std::optional<Decimal> subtract(Decimal a, Decimal b) {
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(a.raw_, b.raw_, &difference)) return std::nullopt;
    return from_raw(difference);
  }

  // For sums whose bound is known; overflow is a programmer's mistake and stops the process.
  friend constexpr Decimal operator+(Decimal a, Decimal b) { return checked(add(a, b)); }
  friend constexpr Decimal operator-(Decimal a, Decimal b) { return checked(subtract(a, b)); }
  constexpr Decimal operator-() const { return Decimal() - *this; }
  Decimal& operator+=(Decimal other) { return *this = *this + other; }
  Decimal& operator-=(Decimal other) { return *this = *this - other; }

  friend constexpr auto operator<=>(Decimal, Decimal) = default;

 private:
  static constexpr Decimal checked(std::optional<Decimal> value) {
    if (!value) std::abort();
    return *value;
  }

  std::int64_t raw_ = 0;
};

using Price = Decimal<8, struct PriceTag>;
using Quantity = Decimal<3, struct QuantityTag>;
using Amount = Decimal<2, struct AmountTag>;
using Rate = Decimal<12, struct RateTag>;

}  // namespace portcullis
