#include "bench/measurement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

namespace portcullis::bench {
namespace {

using testing::HasSubstr;
using testing::Not;

// Of an open loop of 1,000 orders a second, two seconds long.
Measurement measured(const std::string& subject, int repetition, std::int64_t p50_us, std::int64_t p99_us) {
  Measurement m;
  m.subject = subject;
  m.load = "1,000/s";
  m.repetition = repetition;
  m.rate = 1'000;
  m.result.sent = m.result.answered = 2'000;
  m.result.elapsed_ns = 2'000'000'000;
  m.result.p50_ns = p50_us * 1'000;
  m.result.p99_ns = p99_us * 1'000;
  m.cpu_ns = 10'000;
  return m;
}

TEST(Measurement, ComparesLatencyWithTheRelayOfTheSameRepetition) {
  const std::string text = table({measured("relay", 1, 100, 200), measured("process", 1, 110, 300),
                                  measured("relay", 2, 200, 400), measured("process", 2, 240, 400)});
  EXPECT_THAT(text, HasSubstr("| 1,000/s | process | 1.10 / 1.15 / 1.20 | 1.00 / 1.25 / 1.50 | – | – |"));
  EXPECT_THAT(text, Not(HasSubstr("| 1,000/s | relay | 1.00")));
}

TEST(Measurement, ShowsWhatDiskAddsInSyncsOfItsDisk) {
  Measurement disk = measured("disk", 1, 500, 900);
  disk.sync_p50_ns = 200'000;
  const std::string text = table({measured("relay", 1, 100, 300), disk});
  EXPECT_THAT(
      text,
      HasSubstr("| 1,000/s | disk | 5.00 / 5.00 / 5.00 | 3.00 / 3.00 / 3.00 | 200 / 200 / 200 | 2.0 / 2.0 / 2.0 |"));
}

TEST(Measurement, ComparesNoLatencyOfASubjectThatFellBehind) {
  Measurement disk = measured("disk", 1, 500, 900);
  disk.sync_p50_ns = 200'000;
  disk.result.elapsed_ns = 2'100'000'000;
  const std::string text = table({measured("relay", 1, 100, 300), disk});
  EXPECT_THAT(text, HasSubstr("| 1,000/s | disk | does not keep up | – | 200 / 200 / 200 | – |"));
}

TEST(Measurement, ShowsWhatEachThreadTakesOfAnOrderTheDearestFirst) {
  const auto run = [](int repetition, std::int64_t main, std::int64_t projector) {
    Measurement m = measured("process", repetition, 100, 200);
    m.load = "1,024 in flight";
    m.rate = 0;
    m.cpu_ns_by_thread = {{"portcullis", main}, {"projector", projector}, {"door", 1}};
    return m;
  };
  EXPECT_THAT(table({run(1, 7'000, 11'000), run(2, 8'000, 9'000)}),
              HasSubstr("| load | subject | thread | CPU ns an order |\n|---|---|---|---|\n"
                        "| 1,024 in flight | process | projector | 9,000 / 10,000 / 11,000 |\n"
                        "| 1,024 in flight | process | portcullis | 7,000 / 7,500 / 8,000 |\n"));
  EXPECT_THAT(table({run(1, 7'000, 11'000)}), Not(HasSubstr("door")));
  EXPECT_THAT(table({measured("relay", 1, 100, 200)}), Not(HasSubstr("| thread |")));
}

TEST(Measurement, ComparesNoThroughputThatGeneratorOrBrokerBounds) {
  const auto run = [](const std::string& subject, double generator_idle, double broker_idle) {
    Measurement m = measured(subject, 1, 100, 200);
    m.load = "1,024 in flight";
    m.rate = 0;
    m.result.idle_share = generator_idle;
    m.broker_idle_share = broker_idle;
    return m;
  };
  const Measurement process = run("process", 0.9, 0.8);
  EXPECT_THAT(table({run("relay", 0.5, 0.4), process}), HasSubstr("| 1.00 / 1.00 / 1.00 | – | 90 / 90 / 90 | 80 / 80 / 80 |"));
  EXPECT_THAT(table({run("relay", 0.04, 0.4), process}), HasSubstr("| – | – | 90 / 90 / 90 | 80 / 80 / 80 |"));
  EXPECT_THAT(table({run("relay", 0.5, 0.04), process}), HasSubstr("| – | – | 90 / 90 / 90 | 80 / 80 / 80 |"));
}

TEST(Measurement, ShowsWhatASessionCostsBesideWhatAnOrderCosts) {
  const auto run = [](const std::string& load, std::int64_t cpu, std::int64_t logon) {
    Measurement m = measured("process", 1, 100, 200);
    m.load = load;
    m.rate = 0;
    m.cpu_ns = cpu;
    m.cpu_ns_by_thread = {{kMainThread, cpu / 2}, {"projector", cpu / 2}};
    m.cpu_ns_a_logon = logon;
    return m;
  };
  EXPECT_THAT(
      table({run("1,024 in flight", 10'000, 900'000), run("1,024 in flight, 1,000 sessions", 18'000, 150'000)}),
      HasSubstr("| 1,024 in flight, 1,000 sessions | 1.80 / 1.80 / 1.80 | 1.80 / 1.80 / 1.80 | 150 / 150 / 150 |"));
}

TEST(Measurement, CallsTheFirstThreadOfAProcessByOneName) {
  EXPECT_TRUE(cpu_ns_by_thread(getpid()).contains(kMainThread));
}

// The kernel says so of a thread whose turn does not come, too; time on a processor does not tell it from one at rest.
TEST(Measurement, TellsAProcessThatRestsFromOneThatHasWork) {
  EXPECT_TRUE(has_work(getpid()));
  const pid_t resting = fork();
  if (resting == 0) {
    for (;;) pause();
  }
  ASSERT_GT(resting, 0);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (has_work(resting) && std::chrono::steady_clock::now() < give_up) sched_yield();
  EXPECT_FALSE(has_work(resting));
  kill(resting, SIGKILL);
  EXPECT_EQ(waitpid(resting, nullptr, 0), resting);
}

TEST(Measurement, TimesTheDiskThatHoldsTheDirectory) {
  EXPECT_GT(sync_p50_ns(testing::TempDir(), 2'000), 0);
  EXPECT_THROW(sync_p50_ns("/nowhere/at/all", 2'000), std::runtime_error);
}

}  // namespace
}  // namespace portcullis::bench
