#include "session/resend_gap.h"

#include <gtest/gtest.h>

namespace portcullis::session {
namespace {

using Due = ResendGap::Due;

constexpr Duration kPatience = Duration::seconds(10);

SteadyTime at(std::int64_t seconds) {
  return SteadyTime::from_ns(seconds * 1'000'000'000);
}

// We expect 5; 9 has arrived, and 5 onwards is asked for at second 0.
ResendGap open_gap() {
  ResendGap gap(kPatience);
  EXPECT_TRUE(gap.too_high(9));
  gap.requested(5, at(0));
  return gap;
}

TEST(ResendGap, AsksOnceForOneGap) {
  ResendGap gap = open_gap();
  EXPECT_TRUE(gap.open());
  EXPECT_FALSE(gap.too_high(10));
  EXPECT_EQ(gap.due(at(9)), Due::kNothing);
}

TEST(ResendGap, ClosesWhenTheHighestNumberSeenHasArrived) {
  ResendGap gap = open_gap();
  gap.too_high(11);
  gap.advanced(10, at(1));
  EXPECT_TRUE(gap.open());
  EXPECT_FALSE(gap.closed_at(11));
  EXPECT_TRUE(gap.closed_at(12));
  gap.advanced(12, at(2));
  EXPECT_FALSE(gap.open());
  EXPECT_EQ(gap.due(at(100)), Due::kNothing);
  EXPECT_TRUE(gap.too_high(15));
}

TEST(ResendGap, ARequestThatBroughtNothingIsRepeated) {
  const ResendGap gap = open_gap();
  EXPECT_EQ(gap.due(at(10)), Due::kRepeat);
}

// Records that leave the expected number where it is are our own Heartbeats: they are no answer.
TEST(ResendGap, OurOwnHeartbeatsDoNotKeepALostRequestYoung) {
  ResendGap gap = open_gap();
  for (int second = 1; second < 10; ++second) gap.advanced(5, at(second));
  EXPECT_EQ(gap.due(at(10)), Due::kRepeat);
}

TEST(ResendGap, WhatArrivesBuysPatience) {
  ResendGap gap = open_gap();
  gap.advanced(6, at(9));
  EXPECT_EQ(gap.due(at(18)), Due::kNothing);
  EXPECT_EQ(gap.due(at(19)), Due::kRepeat);
}

TEST(ResendGap, GivesUpAfterTheThirdRequestThatBroughtNothing) {
  ResendGap gap = open_gap();
  gap.requested(5, at(10));
  EXPECT_EQ(gap.due(at(20)), Due::kRepeat);
  gap.requested(5, at(20));
  EXPECT_EQ(gap.due(at(29)), Due::kNothing);
  EXPECT_EQ(gap.due(at(30)), Due::kGiveUp);
}

TEST(ResendGap, CountsAttemptsAnewWhenSomethingCame) {
  ResendGap gap = open_gap();
  gap.requested(5, at(10));
  gap.requested(5, at(20));
  gap.advanced(7, at(21));
  gap.requested(7, at(31));
  EXPECT_EQ(gap.due(at(41)), Due::kRepeat);
}

}  // namespace
}  // namespace portcullis::session
