#include "base/decimal.h"

#include <gtest/gtest.h>

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
