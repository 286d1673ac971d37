#include "risk/open_prices.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/risk/count_allocations.h"
#include "tests/risk/desk.h"

namespace portcullis::risk {
namespace {

constexpr order::ClientId kClient{1};
constexpr order::InstrumentId kInstrument{2};

Price at(std::int64_t tick) {
  return Price::from_raw(price("1.1000").raw() + tick * price("0.0001").raw());
}

TEST(OpenPrices, KnowsTheBestOfEachSide) {
  OpenPrices prices;
  EXPECT_EQ(prices.best(kClient, kInstrument, true), nullptr);
  prices.add(kClient, kInstrument, true, at(1));
  prices.add(kClient, kInstrument, true, at(3));
  prices.add(kClient, kInstrument, false, at(5));
  prices.add(kClient, kInstrument, false, at(4));
  ASSERT_NE(prices.best(kClient, kInstrument, true), nullptr);
  EXPECT_EQ(*prices.best(kClient, kInstrument, true), at(3));
  EXPECT_EQ(*prices.best(kClient, kInstrument, false), at(4));
  EXPECT_EQ(prices.best(order::ClientId(2), kInstrument, true), nullptr) << "another client's are not looked at";
  EXPECT_EQ(prices.best(kClient, order::InstrumentId(3), true), nullptr);
}

// Against a set of all prices, over a random life; a side that was looked up stays good.
TEST(OpenPrices, AgreesWithAllThatRests) {
  std::mt19937_64 random(7);
  OpenPrices prices;
  std::multiset<Price> buys;
  std::multiset<Price> sells;
  const OpenPrices::Side& buy_side = prices.side(kClient, kInstrument, true);
  const OpenPrices::Side& sell_side = prices.side(kClient, kInstrument, false);
  for (int step = 0; step < 20'000; ++step) {
    const bool buys_base = random() % 2 == 0;
    std::multiset<Price>& rest = buys_base ? buys : sells;
    if (random() % 3 != 0 || rest.empty()) {
      const Price price = at(static_cast<std::int64_t>(random() % 50));
      rest.insert(price);
      prices.add(kClient, kInstrument, buys_base, price);
    } else {
      const auto gone = std::next(rest.begin(), static_cast<std::ptrdiff_t>(random() % rest.size()));
      prices.remove(kClient, kInstrument, buys_base, *gone);
      rest.erase(gone);
    }
    if (step % 5'000 == 4'999) {
      prices.clear();
      buys.clear();
      sells.clear();
    }
    ASSERT_EQ(buy_side.best() == nullptr, buys.empty());
    ASSERT_EQ(sell_side.best() == nullptr, sells.empty());
    if (!buys.empty()) {
      ASSERT_EQ(*buy_side.best(), *buys.rbegin());
    }
    if (!sells.empty()) {
      ASSERT_EQ(*sell_side.best(), *sells.begin());
    }
  }
}

TEST(OpenPrices, ForgettingWhatNeverRestedChangesNothing) {
  OpenPrices prices;
  prices.remove(kClient, kInstrument, true, at(1));
  prices.add(kClient, kInstrument, true, at(2));
  prices.remove(kClient, kInstrument, true, at(1));
  EXPECT_EQ(*prices.best(kClient, kInstrument, true), at(2));
}

TEST(OpenPrices, ACopyIsItsOwn) {
  OpenPrices prices;
  prices.add(kClient, kInstrument, true, at(2));
  OpenPrices copy(prices);
  prices.add(kClient, kInstrument, true, at(3));
  EXPECT_EQ(*copy.best(kClient, kInstrument, true), at(2));
}

// An order that comes after others have gone takes no memory.
TEST(OpenPrices, AllocatesNothingInSteadyState) {
  OpenPrices prices;
  for (std::int64_t i = 0; i < 100; ++i) prices.add(kClient, kInstrument, true, at(i));
  for (std::int64_t i = 0; i < 100; ++i) prices.remove(kClient, kInstrument, true, at(i));
  start_counting_allocations();
  for (std::int64_t i = 0; i < 100; ++i) prices.add(kClient, kInstrument, true, at(1'000 - i));
  for (std::int64_t i = 0; i < 100; ++i) prices.remove(kClient, kInstrument, true, at(901 + i));
  EXPECT_EQ(stop_counting_allocations(), 0);
  EXPECT_EQ(prices.best(kClient, kInstrument, true), nullptr);
}

// What a decision looks up is the side that orders come to and go from, also where it was asked before there was one.
TEST(OpenPrices, AreThoseThatADecisionMeets) {
  Desk desk;
  NewOrder order = desk.buy(millions("1"));
  order.self_cross = config::SelfCross::kReject;
  const auto refused = [&] {
    CheckLog log;
    return !desk.engine.evaluate_new(order, log).accepted();
  };
  EXPECT_FALSE(refused());
  desk.engine.rest(order.client, order.instrument, false, order.terms.price);
  EXPECT_TRUE(refused());
  desk.engine.unrest(order.client, order.instrument, false, order.terms.price);
  EXPECT_FALSE(refused());
  desk.engine.rest(order.client, order.instrument, false, order.terms.price);
  EXPECT_TRUE(refused());
  desk.engine.forget_resting();
  EXPECT_FALSE(refused());
}

}  // namespace
}  // namespace portcullis::risk
