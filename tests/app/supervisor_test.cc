#include "app/supervisor.h"

#include <gtest/gtest.h>

#include "tests/gateway/fixture.h"

// What the supervisor sees of the gateway's own health (F2), and that each change is reported once.

namespace portcullis::app {
namespace {

using gateway::testing::Gateway;
using order::HealthCondition;
using order::ReportHealth;

class SupervisorTest : public ::testing::Test {
 protected:
  explicit SupervisorTest(config::Config config = gateway::testing::small_configuration())
      : gateway_(std::move(config)), supervisor_(gateway_.core(), [this](const ReportHealth& report) {
          reports_.push_back(report);
          gateway_.command(report);
        }) {}

  // A look this long after the first one.
  void look(Duration after, std::uint64_t last, std::uint64_t durable, Duration clock_step = Duration()) {
    Vitals vitals;
    vitals.now.steady = SteadyTime::from_ns(1'000'000'000) + after;
    vitals.now.utc = start_ + after + clock_step;
    vitals.last_record = last;
    vitals.durable_record = durable;
    vitals.low_space = low_space_;
    supervisor_.look(vitals);
  }
  void expect(std::size_t count, HealthCondition condition, bool bad) {
    ASSERT_EQ(reports_.size(), count);
    EXPECT_EQ(reports_.back().condition, condition);
    EXPECT_EQ(reports_.back().bad, bad);
  }

  Gateway gateway_;
  const UtcTime start_ = gateway_.now();
  std::vector<ReportHealth> reports_;
  bool low_space_ = false;
  Supervisor supervisor_;
};

constexpr Duration ms(std::int64_t count) {
  return Duration::milliseconds(count);
}

TEST_F(SupervisorTest, AJournalThatLagsIsReportedOnceAndItsEndAfterAWhile) {
  look(ms(0), 5, 5);
  look(ms(100), 9, 5);
  look(ms(200), 12, 5);
  EXPECT_TRUE(reports_.empty()) << "exactly as long as is allowed";
  look(ms(220), 12, 5);
  expect(1, HealthCondition::kJournalLag, true);
  EXPECT_EQ(reports_.back().usage, 120);
  look(ms(300), 14, 5);
  expect(1, HealthCondition::kJournalLag, true);
  look(ms(320), 14, 14);
  look(ms(5'000), 14, 14);
  expect(1, HealthCondition::kJournalLag, true);
  look(ms(5'300), 14, 14);
  expect(2, HealthCondition::kJournalLag, false);
}

TEST_F(SupervisorTest, AJournalThatMovesDoesNotLagHoweverMuchIsWaiting) {
  for (int i = 0; i < 100; ++i)
    look(ms(20 * i), 1'000 + 10 * static_cast<std::uint64_t>(i), 500 + 10 * static_cast<std::uint64_t>(i));
  EXPECT_TRUE(reports_.empty());
}

TEST_F(SupervisorTest, AClockThatWasSteppedIsReported) {
  look(ms(0), 1, 1);
  look(ms(100), 1, 1, ms(400));
  EXPECT_TRUE(reports_.empty());
  look(ms(200), 1, 1, ms(-200));
  expect(1, HealthCondition::kClockStep, true);
  EXPECT_EQ(reports_.back().usage, 600);
  look(ms(300), 1, 1, ms(-200));
  look(ms(5'300), 1, 1, ms(-200));
  expect(2, HealthCondition::kClockStep, false);
}

TEST_F(SupervisorTest, ABrokerThatIsLoggedOnAndTellsNothingIsReportedForItself) {
  gateway_.disconnect("northbank", true);
  gateway_.log_on("northbank", true);
  look(ms(0), 1, 1);
  look(ms(30'000), 1, 1);
  EXPECT_TRUE(reports_.empty());
  look(ms(30'020), 1, 1);
  expect(1, HealthCondition::kReconciliation, true);
  EXPECT_EQ(reports_.back().scope, order::Scope::kBroker);
  EXPECT_EQ(reports_.back().id, gateway_.state().brokers.find("northbank"));
  gateway_.drained("northbank");
  gateway_.pass(Duration::seconds(1));
  look(ms(40'000), 1, 1);
  look(ms(45'000), 1, 1);
  expect(2, HealthCondition::kReconciliation, false);
}

TEST_F(SupervisorTest, AFullDiskIsReported) {
  look(ms(0), 1, 1);
  low_space_ = true;
  look(ms(100), 1, 1);
  expect(1, HealthCondition::kDiskFull, true);
}

// Where the core makes records durable itself, none of them is seen to wait.
TEST_F(SupervisorTest, AJournalThatTheCoreItselfWaitedForLags) {
  look(ms(0), 5, 5);
  supervisor_.journal_waited(ms(100));
  look(ms(100), 9, 9);
  EXPECT_TRUE(reports_.empty()) << "exactly as long as is allowed";
  supervisor_.journal_waited(ms(130));
  supervisor_.journal_waited(ms(10));
  look(ms(230), 12, 12);
  expect(1, HealthCondition::kJournalLag, true);
  EXPECT_EQ(reports_.back().usage, 130);
  look(ms(5'220), 14, 14);
  EXPECT_EQ(reports_.size(), 1u);
  look(ms(5'240), 14, 14);
  expect(2, HealthCondition::kJournalLag, false);
}

class SupervisorOfStaleRates : public SupervisorTest {
 protected:
  static config::Config stale() {
    config::Config config = gateway::testing::small_configuration();
    config.reference.stale_after = Duration::seconds(1);
    return config;
  }
  SupervisorOfStaleRates() : SupervisorTest(stale()) {}
};

TEST_F(SupervisorOfStaleRates, RatesThatHaveDiedAreReported) {
  look(ms(0), 1, 1);
  EXPECT_TRUE(reports_.empty());
  look(ms(5'020), 1, 1);
  expect(1, HealthCondition::kDeadRates, true);
}

class SupervisorOfFutures : public SupervisorTest {
 protected:
  static config::Config with_a_future() {
    config::Config config = gateway::testing::small_configuration();
    config::Instrument future;
    future.symbol = "FES/X";
    future.type = config::InstrumentType::kFuture;
    future.term = "EUR";
    future.price_tick = *Price::parse("0.5");
    future.quantity_min = Quantity::of(1);
    config.instruments.push_back(future);
    return config;
  }
  SupervisorOfFutures() : SupervisorTest(with_a_future()) {}
};

TEST_F(SupervisorOfFutures, WhatIsNoFxNeedsNoRateOfABaseCurrency) {
  look(ms(0), 1, 1);
  look(ms(20), 1, 1);
  EXPECT_TRUE(reports_.empty());
}

TEST_F(SupervisorTest, AnotherProcessEndsWhatTheLastOneTold) {
  look(ms(0), 5, 5);
  look(ms(100), 9, 5);
  look(ms(220), 9, 5);
  expect(1, HealthCondition::kJournalLag, true);
  ASSERT_EQ(gateway_.state().risk.state().told.all().size(), 1u);
  std::vector<ReportHealth> of_next;
  Supervisor next(gateway_.core(), [&](const ReportHealth& report) { of_next.push_back(report); });
  Vitals well;
  well.now.steady = SteadyTime::from_ns(50);
  well.now.utc = gateway_.now();
  next.look(well);
  EXPECT_TRUE(of_next.empty());
  well.now.steady = well.now.steady + Duration::seconds(5);
  well.now.utc = well.now.utc + Duration::seconds(5);
  next.look(well);
  ASSERT_EQ(of_next.size(), 1u);
  EXPECT_FALSE(of_next.back().bad);
}

}  // namespace
}  // namespace portcullis::app
