#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "risk/amounts.h"
#include "risk/powers.h"
#include "tests/risk/desk.h"

// The short ways of the hot path, where their numbers end: each says what exact integers of any size say, on either
// side of its edge.

namespace portcullis::risk {
namespace {

using order::Control;
using order::Scope;
using order::Side;

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

// As divide(), by the definition of rounding.
Wide divided(Wide value, Wide by, Rounding rounding) {
  const bool negative = value < 0;
  const Wide size = negative ? -value : value;
  Wide quotient = size / by;
  const Wide rest = size % by;
  if (rounding == Rounding::kAwayFromZero && rest != 0) ++quotient;
  if (rounding == Rounding::kHalfEven && (2 * rest > by || (2 * rest == by && quotient % 2 == 1))) ++quotient;
  return negative ? -quotient : quotient;
}

template <int kDigits>
void compare_division(Wide value) {
  constexpr Wide kPower = pow10(kDigits);
  for (const Rounding rounding : {Rounding::kTowardZero, Rounding::kAwayFromZero, Rounding::kHalfEven}) {
    ASSERT_EQ(divide_by_power<kDigits>(value, rounding), divided(value, kPower, rounding))
        << "high " << static_cast<std::int64_t>(value >> 64) << " low " << static_cast<std::uint64_t>(value);
  }
  if constexpr (kDigits <= 18) {
    std::int64_t even = 0;
    const bool is_short = half_even_by_power<kDigits>(value, even);
    ASSERT_EQ(is_short, value >= 0 && value >> (64 + kDigits) == 0);
    if (is_short) {
      ASSERT_EQ(Wide{even}, divided(value, kPower, Rounding::kHalfEven));
    }
  }
  const Wide floor = floor_by_power<kDigits>(value);
  ASSERT_TRUE(floor * kPower <= value && value - floor * kPower < kPower);
}

template <int kDigits>
void compare_divisions() {
  constexpr Wide kPower = pow10(kDigits);
  constexpr Wide kEdge = Wide{1} << (64 + kDigits);  // what the short way can take is below it
  for (const Wide centre : {Wide{0}, kPower, 7 * kPower, kEdge, kEdge / 2, Wide{kMost}, Wide{1} << 64, kEdge * 4}) {
    for (Wide off = -3; off <= 3; ++off) {
      for (const Wide value : {centre + off, centre / kPower * kPower + kPower / 2 + off}) {
        compare_division<kDigits>(value);
        compare_division<kDigits>(-value);
      }
    }
  }
  std::mt19937_64 random(kDigits);
  for (int i = 0; i < 20'000; ++i) {
    const Wide value = (Wide{random()} << 64 | Wide{random()}) >> (random() % 126 + 1);
    compare_division<kDigits>(random() % 4 == 0 ? -value : value);
  }
}

TEST(Edges, DivisionsByPowersOfTenRoundAsDivisionsDo) {
  compare_divisions<2>();
  compare_divisions<9>();
  compare_divisions<12>();
  compare_divisions<13>();
}

TEST(Edges, WhatAFillBooksIsRoundedHalfToEvenWhateverItsSize) {
  std::mt19937_64 random(3);
  const auto held = [](Wide value) { return static_cast<std::int64_t>(std::clamp<Wide>(value, -kMost, kMost)); };
  for (int round = 0; round < 20'000; ++round) {
    const auto any = [&random] { return static_cast<std::int64_t>(random() >> (1 + random() % 62)); };
    const bool buys = round % 2 == 0;
    const std::int64_t quantity = any();
    const std::int64_t price = random() % 8 == 0 ? -any() : any();
    const std::int64_t rate = any();
    const std::int64_t multiplier = random() % 8 == 0 ? 100 : 1;
    const order::Booking booked = booking_for(buys, order::Dealt::kBase, Quantity::from_raw(quantity), Price::from_raw(price),
                                              Rate::from_raw(rate), multiplier);
    const Wide sign = buys ? 1 : -1;
    ASSERT_EQ(booked.base.raw(), sign * quantity);
    ASSERT_EQ(booked.volume.raw(), quantity);
    ASSERT_EQ(booked.base_amount.raw(), sign * divided(quantity, 10, Rounding::kHalfEven));
    ASSERT_EQ(booked.term.raw(), held(-sign * divided(Wide{quantity} * price, pow10(9), Rounding::kHalfEven)));
    Wide value = Wide{quantity} * rate;
    const bool fits = !__builtin_mul_overflow(value, Wide{multiplier}, &value);
    ASSERT_EQ(booked.traded.raw(), fits ? held(divided(value, pow10(13), Rounding::kHalfEven)) : kMost);
  }
}

TEST(Edges, AMarkIsRoundedUpAndHeldAtTheEndOfTheRange) {
  const auto exact = [](Wide native, Rate rate) {
    if (native > kMost && rate.is_positive()) return kMost;  // a sum past 63 bits, at any rate
    return native <= 0 || !rate.is_positive()
               ? std::int64_t{0}
               : static_cast<std::int64_t>(
                     std::min<Wide>(divided(native * rate.raw(), pow10(Rate::kScale), Rounding::kAwayFromZero), kMost));
  };
  for (const char* text : {"0.000000000001", "0.006666666667", "1", "1.1", "1.100000000001", "150.5"}) {
    const Rate rate = *Rate::parse(text);
    const Wide edge = (Wide{1} << 76) / rate.raw();  // above it, there is something above 64 bits
    for (const Wide centre : {Wide{0}, edge, Wide{kMost}, Wide{kMost} * 2, Wide{1} << 61, pow10(12)}) {
      for (Wide off = -2; off <= 2; ++off) {
        EXPECT_EQ(mark_of(centre + off, rate).raw(), exact(centre + off, rate)) << text;
      }
    }
  }
}

// Yen of `cents` short at the worst, at a rate of one, and nothing else that counts.
class Short {
 public:
  explicit Short(std::int64_t cents, const char* rate = "1") : desk(wide_open()) {
    for (const Limit amount : {Limit::kMaxOrderNotional, Limit::kMaxGrossOpenNotional, Limit::kMaxLongPosition,
                               Limit::kMaxShortPosition, Limit::kMaxCurrencyPosition, Limit::kMaxNetOpenPosition,
                               Limit::kMaxDailySettlement, Limit::kMaxDailyVolume, Limit::kMaxDailyLoss}) {
      desk.set_limit(Scope::kFirm, 0, amount, kMost);
    }
    desk.engine.set_rate(kJpy, *Rate::parse(rate), kNoon, true);
    desk.engine.set_rate(kGbp, *Rate::parse("0.000000000001"), kNoon, true);
    desk.set_position(Quantity::from_raw(cents), "10", kGbpJpy);
  }

  // 10 GBP are bought for at most 1,900 JPY.
  order::Reject buy() const {
    return desk.judge(desk.ask(Side::kBuy, limit_terms(qty("10"), "190"), order::Dealt::kBase, kGbpJpy));
  }
  void limit(Limit what, std::int64_t raw) { desk.set_limit(Scope::kAccount, 0, what, raw); }

  Desk desk;

 private:
  static config::Config wide_open() {
    config::Config config = example_config();
    config.risk.accounts.clear();
    return config;
  }
};

constexpr std::int64_t kBought = 190'000;  // cents

std::vector<std::int64_t> around_powers() {
  std::vector<std::int64_t> all;
  for (const int power : {59, 60, 61, 62}) {
    for (const std::int64_t off :
         {-kBought - 1, -kBought, -kBought + 1, -std::int64_t{1}, std::int64_t{0}, std::int64_t{1}}) {
      all.push_back((std::int64_t{1} << power) + off);
    }
  }
  for (const std::int64_t off : {kBought + 1, kBought, kBought - 1, qty("10").raw()}) all.push_back(kMost - off);
  return all;
}

TEST(Edges, D4AndD5OfTheLargestPositions) {
  for (const std::int64_t held : around_powers()) {
    for (const Limit limit : {Limit::kMaxCurrencyPosition, Limit::kMaxNetOpenPosition}) {
      Short book(held);
      ASSERT_FALSE(book.buy()) << held << ' ' << book.buy().text.view();
      const auto after = static_cast<std::int64_t>(std::min<Wide>(Wide{held} + kBought, kMost));
      book.limit(limit, after);
      EXPECT_FALSE(book.buy()) << held;
      book.limit(limit, after - 1);
      EXPECT_EQ(book.buy().control, limit == Limit::kMaxCurrencyPosition ? Control::kD4 : Control::kD5) << held;
      EXPECT_FALSE(book.desk.engine.verify());
    }
  }
}

TEST(Edges, APositionPastTheRangeIsRefusedUnderAnyLimit) {
  EXPECT_EQ(Short(kMost - 1).buy().control, Control::kD3);
}

TEST(Edges, D4AndD5OfAmountsWhoseMarkIsHeldAtTheEndOfTheRange) {
  // The position is worth more than the range has: every growth of it is refused under any limit below the end.
  Short book(std::int64_t{1} << 60, "150");
  book.limit(Limit::kMaxNetOpenPosition, kMost - 1);
  EXPECT_FALSE(book.buy()) << "held at the end already: it grows no further, and what does not grow passes";
  Short smaller(kMost / 150 - kBought / 2, "150");
  smaller.limit(Limit::kMaxNetOpenPosition, kMost - 1);
  EXPECT_EQ(smaller.buy().control, Control::kD5);
}

// The last price inside, by the definition.
std::int64_t highest(std::int64_t bid, std::int64_t ask, std::int64_t collar) {
  constexpr Wide kWhole = pow10(config::Percent::kScale) * 100;
  return static_cast<std::int64_t>((Wide{bid} + ask) * (kWhole + collar) / (2 * kWhole));
}
std::int64_t lowest(std::int64_t bid, std::int64_t ask, std::int64_t collar) {
  constexpr Wide kWhole = pow10(config::Percent::kScale) * 100;
  return static_cast<std::int64_t>(divided((Wide{bid} + ask) * (kWhole - collar), 2 * kWhole, Rounding::kAwayFromZero));
}

TEST(Edges, B3OfPricesAndCollarsOnEitherSideOfTheShortWay) {
  config::Config config = example_config();
  config.risk.accounts.clear();
  for (config::Instrument& instrument : config.instruments) instrument.price_tick = Price::from_raw(1);
  Desk desk(config);
  constexpr std::int64_t kEdge = std::int64_t{1} << 34;
  constexpr std::int64_t kWhole = 100'000'000;
  static_assert(pow10(config::Percent::kScale) * 100 == Wide{kWhole});
  const auto judge = [&desk](Side side, std::int64_t raw) {
    order::Terms terms = limit_terms(qty("1"), "1");
    terms.price = Price::from_raw(raw);
    return desk.judge(desk.ask(side, terms, order::Dealt::kBase, kGbpJpy)).control;
  };
  for (const std::int64_t bid :
       {std::int64_t{1}, kEdge / 2 - 1, kEdge - 2, kEdge - 1, kEdge, kEdge + 1, kEdge * 1000}) {
    for (const std::int64_t spread : {0, 1, 2, 7}) {
      desk.engine.set_quote(kGbpJpy, Price::from_raw(bid), Price::from_raw(bid + spread), kNoon, true);
      for (const std::int64_t collar : {std::int64_t{1}, std::int64_t{2'000'000}, std::int64_t{3'333'333}, kWhole - 1,
                                        kWhole, kWhole + 1, 5 * kWhole}) {
        desk.set_limit(Scope::kFirm, 0, Limit::kPriceCollarPercent, collar);
        const std::int64_t most = highest(bid, bid + spread, collar);
        const std::int64_t least = lowest(bid, bid + spread, collar);
        const std::string where = std::to_string(bid) + '+' + std::to_string(spread) + ' ' + std::to_string(collar);
        EXPECT_EQ(judge(Side::kBuy, most + 1), Control::kB3) << where;
        if (most > 0) {
          EXPECT_NE(judge(Side::kBuy, most), Control::kB3) << where;
        }
        if (least > 0) {
          EXPECT_NE(judge(Side::kSell, least), Control::kB3) << where;
        }
        if (least > 1) {
          EXPECT_EQ(judge(Side::kSell, least - 1), Control::kB3) << where;
        }
      }
    }
  }
}

}  // namespace
}  // namespace portcullis::risk
