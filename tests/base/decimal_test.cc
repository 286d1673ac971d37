#include "base/decimal.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/short_digits.h"

namespace portcullis {
namespace {

TEST(Decimal, ReadsTextExactly) {
  EXPECT_EQ(Price::parse("1.1")->raw(), 110'000'000);
  EXPECT_EQ(Price::parse("-0.00000001")->raw(), -1);
  EXPECT_EQ(Quantity::parse("0001000.500")->raw(), 1'000'500);
  EXPECT_EQ(Rate::parse("0.006666666667")->raw(), 6'666'666'667);
  EXPECT_EQ(Price::parse("23.")->raw(), 2'300'000'000);
  EXPECT_EQ(Price::parse(".5")->raw(), 50'000'000);
}

TEST(Decimal, AcceptsTrailingZerosPastItsScale) {
  EXPECT_EQ(Quantity::parse("1.000000000")->raw(), 1'000);
  EXPECT_FALSE(Quantity::parse("1.0001"));
}

TEST(Decimal, RefusesWhatIsNoFixFloat) {
  for (const char* text : {"", "-", ".", "1e5", "+1", " 1", "1 ", "1.1.1", "0x10", "NaN", "1,0"}) {
    EXPECT_FALSE(Price::parse(text)) << text;
  }
}

// Texts of up to eight bytes are read at once, longer ones digit by digit: zeros in front make the one the other.
TEST(Decimal, ReadsAShortTextAsALongOne) {
  std::mt19937 random(20261126);
  constexpr std::string_view kCharacters = "0123456789012345678901234567890123456789..-/:a\x01\xb0";
  for (int i = 0; i < 200'000; ++i) {
    std::string text(random() % 9, '0');
    for (char& c : text) c = kCharacters[random() % kCharacters.size()];
    const bool negative = text.starts_with('-');
    const std::string padded = (negative ? "-" : "") + std::string("00000000") + text.substr(negative ? 1 : 0);
    // What is no number alone may be one behind zeros.
    if (text.find_first_of("0123456789") == std::string::npos) continue;
    const auto price = Price::parse(text);
    ASSERT_EQ(static_cast<bool>(price), static_cast<bool>(Price::parse(padded))) << text;
    EXPECT_EQ(price.value_or(Price()), Price::parse(padded).value_or(Price())) << text;
    const auto quantity = Quantity::parse(text);
    ASSERT_EQ(static_cast<bool>(quantity), static_cast<bool>(Quantity::parse(padded))) << text;
    EXPECT_EQ(quantity.value_or(Quantity()), Quantity::parse(padded).value_or(Quantity())) << text;
  }
}

// A short decimal in one word is what the text says, and only digits on both sides of a point are one.
TEST(Decimal, IsTheSameInOneWord) {
  std::mt19937 random(20261127);
  constexpr std::string_view kCharacters = "0123456789012345678901234567890123456789..-/:a\x01\xb0";
  int read = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text(1 + random() % 8, '0');
    for (char& c : text) c = kCharacters[random() % kCharacters.size()];
    const std::uint32_t packed = short_digits::packed_decimal(text);
    const std::size_t point = text.find('.');
    const bool whole = text.find_first_not_of("0123456789.") == std::string::npos && point != 0 &&
                       point != text.size() - 1 && text.find('.', point + 1) == std::string::npos;
    ASSERT_EQ(packed != 0, whole || (point == std::string::npos &&
                                     text.find_first_not_of("0123456789") == std::string::npos)) << text;
    if (packed == 0) continue;
    ++read;
    std::int64_t raw = short_digits::digits_of_packed(packed);
    for (std::uint32_t n = short_digits::decimals_of_packed(packed); n < 8; ++n) raw *= 10;
    ASSERT_EQ(raw, Price::parse(text)->raw()) << text;
  }
  EXPECT_GT(read, 10'000);
}

// Where other bytes stand before a text, it says what it says alone.
TEST(Decimal, IsTheSameInsideALongerText) {
  std::mt19937_64 random(31);
  static constexpr char kBytes[] = {'0', '1', '5', '9', '9', '.', '-', '/', ':', '=', '\x01', '\x00', '\x1e', '\xff'};
  const auto any = [&random](std::size_t size, std::size_t of) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += kBytes[random() % of];
    return text;
  };
  for (int round = 0; round < 300'000; ++round) {
    const std::size_t size = 1 + random() % short_digits::kMost;
    const std::string text = any(size, round % 3 == 0 ? sizeof kBytes : round % 3 == 1 ? 6 : 5);
    const std::string whole = any(short_digits::kMost, sizeof kBytes) + text;
    const char* const end = whole.data() + whole.size();
    ASSERT_EQ(short_digits::packed_decimal_before(end, size), short_digits::packed_decimal(text)) << text;
    const short_digits::Values here = short_digits::values_before(end, size);
    const short_digits::Values alone = short_digits::values_of(short_digits::load(text), size);
    ASSERT_EQ(here.is_bad == 0, alone.is_bad == 0) << text;
    if (alone.is_bad == 0) {
      ASSERT_EQ(here.digits, alone.digits) << text;
    }
  }
}

TEST(Decimal, RefusesWhatDoesNotFit) {
  EXPECT_TRUE(Quantity::parse("1000000000000000"));  // 10^15 rupiah
  EXPECT_FALSE(Quantity::parse("10000000000000000"));
  EXPECT_FALSE(Price::parse("99999999999999999999999999"));
}

TEST(Decimal, WritesTheShortestExactForm) {
  EXPECT_EQ(Price::parse("1.10000")->to_string(), "1.1");
  EXPECT_EQ(Price::parse("-0.05")->to_string(), "-0.05");
  EXPECT_EQ(Quantity::of(5'000'000).to_string(), "5000000");
  EXPECT_EQ(Amount().to_string(), "0");
  EXPECT_EQ(Amount::of(5).to_string(2), "5.00");
  EXPECT_EQ(Quantity::from_raw(std::numeric_limits<std::int64_t>::min()).to_string(), "-9223372036854775.808");
}

// The digits, with a point in their place and without the zeros that say nothing.
std::string plain_format(std::int64_t raw, int scale, int min_decimals) {
  std::string digits = std::to_string(raw);
  const bool negative = digits[0] == '-';
  if (negative) digits.erase(0, 1);
  if (digits.size() <= static_cast<std::size_t>(scale))
    digits.insert(0, static_cast<std::size_t>(scale) + 1 - digits.size(), '0');
  std::string decimals = digits.substr(digits.size() - static_cast<std::size_t>(scale));
  digits.resize(digits.size() - static_cast<std::size_t>(scale));
  while (static_cast<int>(decimals.size()) > min_decimals && !decimals.empty() && decimals.back() == '0')
    decimals.pop_back();
  return (negative ? "-" : "") + digits + (decimals.empty() ? "" : "." + decimals);
}

TEST(Decimal, WritesAsTheDigitsSay) {
  std::mt19937_64 random(3);
  std::vector<std::int64_t> values = {
      0, 1, -1, 10, -10, std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()};
  for (int i = 0; i < 20'000; ++i) {
    auto value = static_cast<std::int64_t>(random() >> random() % 64);
    for (std::uint64_t zeros = random() % 6; zeros > 0; --zeros)
      value = std::abs(value) < 100'000'000'000'000'000 ? value * 10 : value;
    values.push_back(random() % 2 == 0 ? value : -value);
  }
  for (const std::int64_t value : values) {
    for (const int scale : {0, 2, 3, 8, 12}) {
      for (const int min_decimals : {0, static_cast<int>(random() % 10)}) {
        char out[32];
        ASSERT_EQ(std::string(out, decimal_detail::format(value, scale, min_decimals, out)),
                  plain_format(value, scale, min_decimals))
            << value << " at scale " << scale;
      }
    }
  }
}

TEST(Divide, IsTheSameInOneWordAndInTwo) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 20'000; ++i) {
    const auto numerator = static_cast<std::int64_t>(random() >> random() % 64) * (random() % 2 == 0 ? 1 : -1);
    const auto denominator = static_cast<std::int64_t>(random() >> (1 + random() % 60)) | 1;
    for (const Rounding rounding : {Rounding::kHalfEven, Rounding::kAwayFromZero, Rounding::kTowardZero}) {
      // The second is the same fraction, too wide for one word.
      const Wide wide = Wide{1} << 63;
      ASSERT_TRUE(divide(numerator, denominator, rounding) == divide(numerator * wide, denominator * wide, rounding))
          << numerator << " / " << denominator;
    }
  }
}

TEST(Decimal, SaysWhenASumOverflows) {
  const Quantity largest = Quantity::from_raw(std::numeric_limits<std::int64_t>::max());
  EXPECT_FALSE(Quantity::add(largest, Quantity::from_raw(1)));
  EXPECT_FALSE(Quantity::subtract(-largest, Quantity::from_raw(2)));
  EXPECT_EQ(*Quantity::add(largest, Quantity::from_raw(-1)) + Quantity::from_raw(1), largest);
}

TEST(Divide, RoundsAsAsked) {
  EXPECT_EQ(divide(5, 2, Rounding::kHalfEven), 2);
  EXPECT_EQ(divide(7, 2, Rounding::kHalfEven), 4);
  EXPECT_EQ(divide(-5, 2, Rounding::kHalfEven), -2);
  EXPECT_EQ(divide(-7, 2, Rounding::kHalfEven), -4);
  EXPECT_EQ(divide(10, 3, Rounding::kHalfEven), 3);
  EXPECT_EQ(divide(10, 3, Rounding::kAwayFromZero), 4);
  EXPECT_EQ(divide(-10, 3, Rounding::kAwayFromZero), -4);
  EXPECT_EQ(divide(11, 3, Rounding::kTowardZero), 3);
  EXPECT_EQ(divide(9, 3, Rounding::kAwayFromZero), 3);
}

}  // namespace
}  // namespace portcullis
