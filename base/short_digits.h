#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// Texts of at most eight bytes, such as most quantities and prices, taken as one number with the first character in its
// lowest byte, so that all are looked at in one step. Little-endian hosts only.

namespace portcullis::short_digits {

inline constexpr std::size_t kMost = 8;

// Of 1 to kMost bytes; zeros behind them.
inline std::uint64_t load(std::string_view text) {
  const char* const at = text.data();
  const std::size_t size = text.size();
  const auto two_halves = [at, size]<typename Half>(Half) {
    Half first = 0;
    Half last = 0;
    std::memcpy(&first, at, sizeof first);
    std::memcpy(&last, at + size - sizeof last, sizeof last);
    return std::uint64_t{first} | std::uint64_t{last} << 8 * (size - sizeof last);
  };
  if (size >= 4) return two_halves(std::uint32_t{});
  if (size >= 2) return two_halves(std::uint16_t{});
  return static_cast<unsigned char>(*at);
}

// Where the first point stands; kMost or more when there is none.
inline std::size_t point_in(std::uint64_t text) {
  constexpr std::uint64_t kPoints = 0x2e2e2e2e2e2e2e2eULL;
  const std::uint64_t others = text ^ kPoints;
  const std::uint64_t found = (others - 0x0101010101010101ULL) & ~others & 0x8080808080808080ULL;
  return found == 0 ? kMost : static_cast<std::size_t>(__builtin_ctzll(found)) / 8;
}

// Without the byte at `at`, below kMost: those behind it move up.
inline std::uint64_t without(std::uint64_t text, std::size_t at) {
  const std::uint64_t before = (std::uint64_t{1} << 8 * at) - 1;
  return (text & before) | (text >> 8 & ~before);
}

// The digits' values, the last in the highest byte and zeros in front; one of `is_bad` bits is set where there is none.
struct Values {
  std::uint64_t digits;
  std::uint64_t is_bad;
};
// Of the first `size` bytes, 1 to kMost.
inline Values values_of(std::uint64_t text, std::size_t size) {
  const std::size_t gap = 8 * (kMost - size);
  const std::uint64_t digits = (text ^ 0x3030303030303030ULL) << gap;
  return {digits, ((digits + 0x7676767676767676ULL) | digits) & 0x8080808080808080ULL};
}

// The number that eight such values are: pairs, then fours, then all.
inline std::uint64_t number_of(std::uint64_t digits) {
  digits = digits * 2561 >> 8 & 0x00ff00ff00ff00ffULL;
  digits = digits * 6553601 >> 16 & 0x0000ffff0000ffffULL;
  return digits * 42949672960001ULL >> 32;
}

// A decimal of 1 to kMost characters, with digits on both sides of its point if it has one: its digits as one number,
// and how many of them are decimals, in one word that is never zero. Zero: it is none.
inline std::uint32_t packed_decimal(std::string_view text) {
  std::size_t size = text.size();
  std::uint64_t word = load(text);
  const std::size_t point = point_in(word);
  std::size_t decimals = 0;
  if (point < size) {
    decimals = --size - point;
    if (point == 0 || decimals == 0) return 0;
    word = without(word, point);
  }
  const Values values = values_of(word, size);
  if (values.is_bad != 0) return 0;
  return 1u << 31 | static_cast<std::uint32_t>(decimals) << 28 | static_cast<std::uint32_t>(number_of(values.digits));
}

// Of one digit.
constexpr std::uint32_t packed_digit(std::uint32_t digit) { return 1u << 31 | digit; }

// The same of texts that stand inside a longer one, so that the eight bytes before their `end` can be read at once:
// whatever stands before the text is shifted out.

inline Values values_before(const char* end, std::size_t size) {
  const std::size_t gap = 8 * (kMost - size);
  std::uint64_t word = 0;
  std::memcpy(&word, end - kMost, kMost);
  const std::uint64_t digits = (word ^ 0x3030303030303030ULL) >> gap << gap;
  return {digits, ((digits + 0x7676767676767676ULL) | digits) & 0x8080808080808080ULL};
}

inline std::uint32_t packed_decimal_before(const char* end, std::size_t size) {
  const std::size_t gap = 8 * (kMost - size);
  std::uint64_t word = 0;
  std::memcpy(&word, end - kMost, kMost);
  // Digits become their values, and a point 0x1e: the lowest byte that has 0x10 in it is a point, or there is no decimal.
  word = (word ^ 0x3030303030303030ULL) >> gap << gap;
  std::uint32_t decimals = 0;
  if (const std::uint64_t points = word & 0x1010101010101010ULL; points != 0) {
    const auto at = static_cast<std::uint32_t>(__builtin_ctzll(points)) & 0x38;
    if ((word >> at & 0xff) != 0x1e || at == gap || at == 56) return 0;
    decimals = 7 - at / 8;
    // What stands before it moves up by one.
    const std::uint64_t before = (std::uint64_t{1} << at) - 1;
    word = (word & ~(before << 8 | 0xff)) | (word & before) << 8;
  }
  if ((((word + 0x7676767676767676ULL) | word) & 0x8080808080808080ULL) != 0) return 0;
  return 1u << 31 | decimals << 28 | static_cast<std::uint32_t>(number_of(word));
}

constexpr std::uint32_t digits_of_packed(std::uint32_t packed) { return packed & ((1u << 28) - 1); }
constexpr std::uint32_t decimals_of_packed(std::uint32_t packed) { return packed >> 28 & 7; }

}  // namespace portcullis::short_digits
