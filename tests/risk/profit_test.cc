#include "risk/profit.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "risk/archive.h"
#include "tests/risk/desk.h"

// E1's figure: average price, marks at bid and ask, reversals, and the day.

namespace portcullis::risk {
namespace {

order::Booking bought(std::string_view base, std::string_view term) {
  return order::Booking{qty(base), money(base), -money(term), Amount(), Quantity()};
}
order::Booking sold(std::string_view base, std::string_view term) {
  return order::Booking{-qty(base), -money(base), money(term), Amount(), Quantity()};
}

InstrumentProfit after(std::initializer_list<order::Booking> bookings) {
  InstrumentProfit profit;
  for (const order::Booking& booking : bookings) profit.book(booking.base, booking.term);
  return profit;
}

Quote quote(std::string_view bid, std::string_view ask) {
  return Quote(price(bid), price(ask), kNoon);
}

// Term currency, on the grid of amounts.
Amount total(const InstrumentProfit& profit, const Quote* market) {
  return Amount::from_raw(static_cast<std::int64_t>(profit.total(market) / 1'000'000'000));
}

TEST(Profit, AGrowingPositionAveragesItsPriceAndAShrinkingOneRealises) {
  InstrumentProfit profit = after({bought("1000000", "1100000"), bought("1000000", "1200000")});
  EXPECT_EQ(profit.cost, money("2300000"));
  EXPECT_EQ(profit.realised(), money("0"));
  profit.book(qty("-500000"), money("600000"));
  EXPECT_EQ(profit.cost, money("1725000")) << "the average price, 1.15, stays";
  EXPECT_EQ(profit.realised(), money("25000"));
}

TEST(Profit, APositionThatTurnsIsOpenedAtThePriceThatTurnedIt) {
  const InstrumentProfit profit = after({bought("1000000", "1100000"), sold("3000000", "3600000")});
  EXPECT_EQ(profit.position, millions("-2"));
  EXPECT_EQ(profit.cost, money("-2400000"));
  EXPECT_EQ(profit.realised(), money("100000"));
  const Quote market = quote("1.2100", "1.2200");
  EXPECT_EQ(total(profit, &market), money("60000")) << "a short position is worth what buying it back costs";
}

TEST(Profit, TheSumDoesNotDependOnTheSplitAndABustTakesItBack) {
  const Quote market = quote("1.0999", "1.1001");
  InstrumentProfit profit = after({bought("3000000", "3300000.01"), sold("1000000", "1100000.33")});
  const Amount before = total(profit, &market);
  const order::Booking late = bought("777777.77", "855555.55");
  profit.book(late.base, late.term);
  EXPECT_NE(total(profit, &market), before);
  const order::Booking back = reversed(late);
  profit.book(back.base, back.term);
  EXPECT_EQ(total(profit, &market), before);
  EXPECT_EQ(profit.position, millions("2"));
}

TEST(Profit, TheDayStartsAtNothingWithThePositionAtItsWorth) {
  const Quote market = quote("1.0999", "1.1001");
  InstrumentProfit profit = after({bought("5000000", "5525000")});
  EXPECT_EQ(total(profit, &market), money("-25500"));
  profit.start_day(&market);
  EXPECT_EQ(total(profit, &market), money("0"));
  const Quote lower = quote("1.0899", "1.0901");
  EXPECT_EQ(total(profit, &lower), money("-50000"));
  // Without a quote it is worth what it cost.
  InstrumentProfit unknown = after({bought("5000000", "5525000"), sold("1000000", "1110000")});
  unknown.start_day(nullptr);
  EXPECT_EQ(total(unknown, nullptr), money("0"));
  EXPECT_EQ(unknown.cost, money("4420000"));
}

TEST(Profit, EveryScopeAboveAnAccountLosesInTheRiskCurrency) {
  Desk desk;
  BookedOrder order =
      desk.send(desk.ask(order::Side::kBuy, limit_terms(millions("4"), "187.60"), order::Dealt::kBase, kGbpJpy));
  desk.fill(order, millions("4"), "188.00");
  // 4m at (187.48 - 188.00) JPY, at 0.006666666667: -13,866.66…, rounded down.
  const Amount loss = money("-13866.67");
  EXPECT_EQ(desk.engine.state().accounts[0].profit.total(), loss);
  EXPECT_EQ(desk.engine.state().clients[0].profit.total(), loss);
  EXPECT_EQ(desk.engine.state().firm.profit.total(), loss);
  EXPECT_EQ(desk.engine.state().clients[1].profit.total(), money("0"));
  EXPECT_EQ(desk.engine.used(desk.engine.state().accounts[0], Limit::kMaxDailyLoss), 1'386'667);
  desk.engine.set_quote(kGbpJpy, price("188.10"), price("188.20"), kNoon, false);
  EXPECT_EQ(desk.engine.state().firm.profit.total(), money("2666.66"));
  EXPECT_EQ(desk.engine.used(desk.engine.state().accounts[0], Limit::kMaxDailyLoss), 0);
  desk.engine.set_rate(kJpy, *Rate::parse("0.01"), kNoon, false);
  EXPECT_EQ(desk.engine.state().firm.profit.total(), money("4000"));
}

TEST(Levels, ClimbAtOnceAndFallFivePointsBelow) {
  const std::uint8_t percent[] = {50, 75, 90};
  EXPECT_EQ(level_after(49, 100, 0, percent), 0);
  EXPECT_EQ(level_after(50, 100, 0, percent), 1);
  EXPECT_EQ(level_after(95, 100, 0, percent), 3);
  EXPECT_EQ(level_after(86, 100, 3, percent), 3);
  EXPECT_EQ(level_after(85, 100, 3, percent), 3);
  EXPECT_EQ(level_after(84, 100, 3, percent), 2);
  EXPECT_EQ(level_after(46, 100, 2, percent), 1);
  EXPECT_EQ(level_after(44, 100, 1, percent), 0);
  EXPECT_EQ(level_after(5, 0, 0, percent), 0) << "a limit of zero has no levels";
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(level_after(kMax, kMax, 0, percent), 3);
}

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

std::int64_t held(Wide value) {
  return static_cast<std::int64_t>(std::clamp<Wide>(value, -Wide{kMost}, kMost));
}
Wide rounded_down(Wide value, Wide by) {
  return value / by - (value % by < 0 ? 1 : 0);
}
Wide half_even(Wide value, Wide by) {
  return by < 0 ? divide(-value, -by, Rounding::kHalfEven) : divide(value, by, Rounding::kHalfEven);
}

// Whatever is executed: of any size, and to the ends of the range.
TEST(Profit, IsThatOfTheFormulaForAmountsOfAnySize) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    std::mt19937_64 random(seed);
    const auto any = [&random](int most_bits) {
      const auto value =
          static_cast<std::int64_t>(random() >> (64 - 1 - random() % static_cast<std::uint64_t>(most_bits)));
      return random() % 2 == 0 ? value : -value;
    };
    const int bits = seed % 3 == 0 ? 63 : 40;
    Profit profit;
    Wide position = 0;
    Wide cash = 0;
    Wide cost = 0;
    for (int step = 0; step < 30; ++step) {
      const Wide base = step > 0 && random() % 8 == 0 ? -position : Wide{any(bits)};
      const std::int64_t term = random() % 8 == 0 ? 0 : any(bits);
      const Wide after = position + base;
      if (position == 0 || base == 0 || (position > 0) == (base > 0)) {
        cost = held(cost - term);
      } else if (after == 0 || (after > 0) == (position > 0)) {
        cost = held(half_even(cost * after, position));
      } else {
        cost = held(half_even(-Wide{term} * after, base));
      }
      position = held(after);
      cash = held(cash + term);
      const Quote quote(Price::from_raw(1 + std::abs(any(50))), Price::from_raw(kMost / 2), kNoon);
      const Quote* const known = random() % 8 == 0 ? nullptr : &quote;
      const Rate rate = random() % 2 == 0 ? Rate::of(1) : Rate::from_raw(std::abs(any(50)));
      const std::int64_t multiplier = random() % 4 == 0 ? 100 : 1;
      profit.execute({kEurUsd, Quantity::from_raw(held(base)), Amount::from_raw(term), known, rate, multiplier});
      const InstrumentProfit& of = profit.of(kEurUsd);
      ASSERT_EQ(of.position.raw(), held(position)) << seed << ", step " << step;
      ASSERT_EQ(of.cash.raw(), held(cash)) << seed << ", step " << step;
      ASSERT_EQ(of.cost.raw(), held(cost)) << seed << ", step " << step;
      const std::int64_t in_term = held(rounded_down(of.total(known, multiplier), pow10(9)));
      ASSERT_EQ(profit.total().raw(), held(rounded_down(Wide{in_term} * rate.raw(), pow10(12)))) << seed;
    }
  }
}

// What is received fits, and so does what the position is worth; both together do not.
TEST(Profit, EndsWithTheRange) {
  const Quote quote(Price::of(4), Price::of(4), kNoon);
  Profit profit;
  profit.execute({kEurUsd, Quantity::from_raw(1), Amount(), &quote, Rate::of(1), 1});
  profit.execute({kEurUsd, Quantity::from_raw(1'000'000'000'000), Amount::from_raw(kMost), &quote, Rate::of(1), 1});
  EXPECT_EQ(profit.total().raw(), kMost);
}

// In the term currency, and again in the risk currency.
TEST(Profit, ALossIsRoundedUpByTheLeastPartThatIsOver) {
  const auto sold = [](std::int64_t ask, std::int64_t rate) {
    const Quote quote(Price::from_raw(1), Price::from_raw(ask), kNoon);
    Profit profit;
    for (const std::int64_t base : {-1, -2}) {  // three in all
      profit.execute({kEurUsd, Quantity::from_raw(base), Amount(), &quote, Rate::from_raw(rate), 1});
    }
    return profit.total().raw();
  };
  constexpr std::int64_t kOne = 1'000'000'000'000;
  EXPECT_EQ(sold(1'000'000'000, kOne), -3);
  EXPECT_EQ(sold(666'666'667, kOne), -3) << "2.000000001";
  EXPECT_EQ(sold(666'666'666, kOne), -2) << "1.999999998";
  EXPECT_EQ(sold(1'000'000'000, 666'666'666'667), -3) << "2.000000000001";
  EXPECT_EQ(sold(1'000'000'000, 666'666'666'666), -2) << "1.999999999998";
}

TEST(RecentCounts, CountsWhatIsInTheWindowToTheSecond) {
  RecentCounts counts;
  const UtcTime start = UtcTime::from_ns(1'790'000'000'000'000'000);
  for (int second = 0; second < 200; ++second) counts.add(start + Duration::seconds(second), second % 2 == 0);
  const UtcTime now = start + Duration::seconds(199);
  EXPECT_EQ(counts.within(now, Duration::seconds(10)).all, 10u);
  EXPECT_EQ(counts.within(now, Duration::seconds(10)).bad, 5u);
  EXPECT_EQ(counts.within(now, Duration::seconds(60)).all, 60u);
  EXPECT_EQ(counts.within(now + Duration::seconds(5), Duration::seconds(10)).all, 5u);
  EXPECT_EQ(counts.within(now + Duration::seconds(100), Duration::seconds(60)).all, 0u);
  counts.add(now + Duration::seconds(1000), true);
  EXPECT_EQ(counts.within(now + Duration::seconds(1000), Duration::seconds(60)).all, 1u) << "a long pause forgets all";
}

// What is asked first, so that a window is walked only where there are enough bad ones: never fewer than any has.
TEST(RecentCounts, KnowsTheMostThatAnyWindowMayHold) {
  RecentCounts counts;
  const UtcTime start = UtcTime::from_ns(1'790'000'000'000'000'000);
  const std::int64_t first = start.ns() / Duration::seconds(1).ns();
  EXPECT_EQ(counts.bad_at_most(), 0u);
  for (int second = 0; second < 70; ++second) {
    counts.add(start + Duration::seconds(second), false);
    if (second % 10 == 0) counts.add(start + Duration::seconds(second), true);
    for (const int window : {1, 10, 60}) {
      const UtcTime now = start + Duration::seconds(second);
      ASSERT_LE(counts.within(now, Duration::seconds(window)).bad, counts.bad_at_most()) << second;
      ASSERT_EQ(counts.within(now, Duration::seconds(1)).all, counts.in_second(first + second).all);
    }
  }
  EXPECT_EQ(counts.bad_at_most(), 6u) << "that of the first second is forgotten";
  EXPECT_EQ(counts.in_second(first + 60).bad, 1u);
  EXPECT_EQ(counts.in_second(first + 60).all, 2u);
  EXPECT_EQ(counts.in_second(first + 5).all, 0u) << "forgotten";
  EXPECT_EQ(counts.in_second(first + 70).all, 0u) << "still to come";

  std::vector<std::byte> bytes;
  ByteSink sink(bytes);
  SaveArchive save(sink);
  RecentCounts::archive(counts, save);
  sink.flush();
  RecentCounts loaded;
  LoadArchive load(bytes);
  RecentCounts::archive(loaded, load);
  EXPECT_EQ(loaded.bad_at_most(), 6u) << "a snapshot does not say it";

  counts.add(start + Duration::seconds(1'000), false);
  EXPECT_EQ(counts.bad_at_most(), 0u);
  counts.add(start + Duration::seconds(1'000), true);
  EXPECT_EQ(counts.bad_at_most(), 1u);
  counts.reset();
  EXPECT_EQ(counts.bad_at_most(), 0u);
}

}  // namespace
}  // namespace portcullis::risk
