#include "risk/headroom.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/risk/desk.h"

namespace portcullis::risk {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

// Few values, so that several places share the least one; and large ones.
std::int64_t any_value(std::mt19937_64& random) {
  switch (random() % 6) {
    case 0:
      return static_cast<std::int64_t>(random() >> 1);
    case 1:
      return -static_cast<std::int64_t>(random() >> 1);
    default:
      return static_cast<std::int64_t>(random() % 5) - 2;
  }
}

// Scopes that hold what they please.
struct AnyScopes {
  explicit AnyScopes(std::mt19937_64& random) {
    const std::size_t count = random() % kMaxNodes + 1;
    for (std::size_t at = 0; at < count; ++at) {
      scopes.nodes.add(&node);
      for (std::int64_t& limit : scopes.held[at].of) limit = std::min(any_value(random), Scopes::kNoLimit);
      for (std::int64_t& below : scopes.below_levels[at].of) below = random() % 8 == 0 ? any_value(random) : kMost;
      if (random() % 4 != 0) scopes.holding |= Places{1} << at;
      if (random() % 4 != 0) scopes.levelled |= Places{1} << at;
      exposures[at].count_open(any_value(random));
      InstrumentExposure& cell = instruments[at];
      cell.worst_long = any_value(random);
      cell.worst_short = any_value(random);
      cell.daily = any_value(random);
      for (CurrencyExposure* currency : {&bases[at], &terms[at]}) {
        currency->long_worth = any_value(random);
        currency->short_worth = any_value(random);
      }
      dates[at].total = Amount::from_raw(any_value(random));
      scopes.sums[at] = &exposures[at];
      scopes.instrument[at] = &cell;
      scopes.base[at] = &bases[at];
      scopes.term[at] = &terms[at];
      scopes.settling[at] = &dates[at];
    }
  }

  Node node;
  std::array<Exposure, kMaxNodes> exposures;
  std::array<InstrumentExposure, kMaxNodes> instruments;
  std::array<CurrencyExposure, kMaxNodes> bases;
  std::array<CurrencyExposure, kMaxNodes> terms;
  std::array<DateSum, kMaxNodes> dates;
  Scopes scopes;
};

TEST(Headroom, TheNearestIsTheFirstOfTheLeastWhicheverProcessorFindsIt) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 2000; ++round) {
    const AnyScopes any(random);
    Headrooms found;
    Headrooms portably;
    find_nearest(any.scopes, found);
    find_nearest_portably(any.scopes, portably);
    for (std::size_t sum = 0; sum < HeldRow::kSize; ++sum) {
      ASSERT_EQ(found.least.of[sum], portably.least.of[sum]) << sum;
      ASSERT_EQ(found.place.of[sum], portably.place.of[sum]) << sum;
    }
    // One of each kind by itself.
    const auto first_least = [&](HeldSum sum, auto&& usage) {
      Nearest nearest{kMost, 0};
      for (std::size_t at = 0; at < any.scopes.nodes.size(); ++at) {
        if ((any.scopes.holding >> at & 1) == 0) continue;
        const auto left = static_cast<std::int64_t>(static_cast<std::uint64_t>(any.scopes.held[at][sum]) -
                                                    static_cast<std::uint64_t>(usage(at)));
        if (left < nearest.headroom) nearest = {left, at};
      }
      EXPECT_EQ(found[sum].headroom, nearest.headroom);
      EXPECT_EQ(found[sum].place, nearest.place);
    };
    first_least(HeldSum::kOpenOrders, [&](std::size_t at) { return any.exposures[at].open_orders(); });
    first_least(HeldSum::kShortPosition, [&](std::size_t at) { return any.instruments[at].worst_short; });
    first_least(HeldSum::kSettlement, [&](std::size_t at) { return any.dates[at].total.raw(); });
    first_least(HeldSum::kTermShort, [&](std::size_t at) { return any.terms[at].short_mark().raw(); });
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Headroom, ALevelIsReachedWhereAnySumIsAboveItWhicheverProcessorLooks) {
  std::mt19937_64 random(11);
  std::size_t reached_so_far = 0;
  for (int round = 0; round < 2000; ++round) {
    const AnyScopes any(random);
    const Places reached = find_levels_reached(any.scopes);
    ASSERT_EQ(reached, find_levels_reached_portably(any.scopes));
    for (std::size_t at = 0; at < any.scopes.nodes.size(); ++at) {
      const HeldRow& below = any.scopes.below_levels[at];
      const bool is_above = any.exposures[at].open_orders() > below[HeldSum::kOpenOrders] ||
                            any.instruments[at].worst_long > below[HeldSum::kLongPosition] ||
                            any.instruments[at].worst_short > below[HeldSum::kShortPosition] ||
                            any.instruments[at].daily > below[HeldSum::kDailyQuantity] ||
                            any.dates[at].total.raw() > below[HeldSum::kSettlement] ||
                            any.bases[at].long_mark().raw() > below[HeldSum::kBaseLong] ||
                            any.bases[at].short_mark().raw() > below[HeldSum::kBaseShort] ||
                            any.terms[at].long_mark().raw() > below[HeldSum::kTermLong] ||
                            any.terms[at].short_mark().raw() > below[HeldSum::kTermShort] ||
                            0 > std::min({below[HeldSum::kGrossOpen], below[HeldSum::kDailyVolume],
                                          below[HeldSum::kNetOpen]});
      const bool asks = (any.scopes.levelled >> at & 1) != 0;
      ASSERT_EQ((reached >> at & 1) != 0, asks && is_above);
    }
    reached_so_far += reached != 0 ? 1 : 0;
  }
  EXPECT_GT(reached_so_far, 100U);
  EXPECT_LT(reached_so_far, 1900U);
}

}  // namespace
}  // namespace portcullis::risk
