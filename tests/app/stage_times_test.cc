#include "app/stage_times.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace portcullis::app {
namespace {

using Stage = StageTimes::Stage;

TEST(StageTimes, CountsWhatIsBelowEachBound) {
  StageTimes times;
  for (int i = 0; i < 10; ++i) times.add(Stage::kDecide, 100);   // 100 ns at one nanosecond a tick
  for (int i = 0; i < 5; ++i) times.add(Stage::kDecide, 3'000);  // 3 µs
  times.add(Stage::kDecide, 5'000'000'000);                      // 5 s: above every bound
  const StageTimes::Histogram decide = times.histogram(Stage::kDecide, 1.0);
  EXPECT_EQ(decide.count, 16u);
  EXPECT_NEAR(decide.sum_s, 5.000016, 1e-9);
  for (const auto& bucket : decide.buckets) {
    EXPECT_EQ(bucket.cumulative, bucket.upper_s < 3e-6 ? 10u : 15u) << bucket.upper_s;
  }
  EXPECT_EQ(times.histogram(Stage::kRelease, 1.0).count, 0u);
}

// In the order of a message's way.
TEST(StageTimes, NamesEachStageForWhoReadsTheMetrics) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < StageTimes::kStages; ++i) names.push_back(StageTimes::name(static_cast<Stage>(i)));
  EXPECT_EQ(names, (std::vector<std::string>{"receive", "decode", "decide", "journal", "release"}));
}

TEST(StageTimes, PutsNoValueUnderABoundThatItExceeds) {
  std::mt19937_64 random(9);
  for (int i = 0; i < 2'000; ++i) {
    StageTimes times;
    const std::uint64_t ticks = random() >> random() % 64;
    const double ns_per_tick = 0.25 + static_cast<double>(random() % 100) / 50;
    times.add(Stage::kJournal, ticks);
    const StageTimes::Histogram journal = times.histogram(Stage::kJournal, ns_per_tick);
    ASSERT_EQ(journal.count, 1u) << ticks;
    for (const auto& bucket : journal.buckets) {
      const double ns = static_cast<double>(ticks) * ns_per_tick;
      if (bucket.cumulative == 1) {
        ASSERT_LE(ns, bucket.upper_s * 1e9 * 1.000001) << ticks;
      } else {
        ASSERT_GE(ns * 1.13, bucket.upper_s * 1e9) << ticks;  // a bucket is an eighth of its power of two wide
      }
    }
  }
}

TEST(StageTimes, TicksGoWithTheSteadyClock) {
  StageTimes times;
  const std::uint64_t first = StageTimes::ticks();
  while (StageTimes::ticks() == first) {
  }
  EXPECT_GT(times.ns_per_tick(), 0.0);
}

}  // namespace
}  // namespace portcullis::app
