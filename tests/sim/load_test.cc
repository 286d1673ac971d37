#include "sim/load/load.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

#include "sim/load/raw_session.h"
#include "sim/stop_signal.h"

namespace portcullis::sim {
namespace {

// The bare broker on a thread of its own.
class LoadTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    stop_ = eventfd(0, 0);
    std::promise<std::uint16_t> port;
    auto listening = port.get_future();
    thread_ = std::thread([this, &port] {
      const Status done = run_bare_broker({"127.0.0.1", 0, GetParam(), "BANK", "LOAD", true}, stop_,
                                          [&port](std::uint16_t number) { port.set_value(number); });
      EXPECT_TRUE(done.ok());
    });
    settings_.host = "127.0.0.1";
    settings_.port = listening.get();
    settings_.begin_string = GetParam();
    settings_.sender = "LOAD";
    settings_.target = "BANK";
    settings_.symbols = {"EUR/USD", "USD/JPY"};
    settings_.accounts = {"L-1"};
    settings_.orders = 2000;
    settings_.rate = 10'000;
  }
  void TearDown() override {
    const std::uint64_t one = 1;
    EXPECT_EQ(write(stop_, &one, sizeof one), static_cast<ssize_t>(sizeof one));
    thread_.join();
    close(stop_);
  }

  LoadSettings settings_;
  std::thread thread_;
  int stop_ = -1;
};

TEST_P(LoadTest, OpenLoopAnswersEveryOrder) {
  const Result<LoadResult> result = run_load(settings_);
  ASSERT_TRUE(result.ok()) << result.error().what;
  EXPECT_EQ(result->sent, 2000);
  EXPECT_EQ(result->answered, 2000);
  EXPECT_EQ(result->reports, 4000);
  EXPECT_EQ(result->rejected, 0);
  EXPECT_GT(result->p50_ns, 0);
  EXPECT_LE(result->p50_ns, result->p99_ns);
  EXPECT_LE(result->p999_ns, result->max_ns);
}

TEST_P(LoadTest, ClosedLoopAndASecondConnection) {
  settings_.in_flight = 64;
  for (int round = 0; round < 2; ++round) {
    const Result<LoadResult> result = run_load(settings_);
    ASSERT_TRUE(result.ok()) << result.error().what;
    EXPECT_EQ(result->answered, 2000);
  }
}

TEST_P(LoadTest, SpinsWithoutLosingAnything) {
  settings_.spin = true;
  const Result<LoadResult> result = run_load(settings_);
  ASSERT_TRUE(result.ok()) << result.error().what;
  EXPECT_EQ(result->answered, 2000);
}

TEST_P(LoadTest, SaysWhenAllAreLoggedOnAndWhenAllIsAnswered) {
  std::vector<std::string> said;
  settings_.on_logged_on = [&] { said.emplace_back("logged on"); };
  settings_.on_answered = [&] { said.emplace_back("answered"); };
  for (const std::int64_t in_flight : {0, 64}) {
    said.clear();
    settings_.in_flight = in_flight;
    const Result<LoadResult> result = run_load(settings_);
    ASSERT_TRUE(result.ok()) << result.error().what;
    EXPECT_EQ(result->answered, 2000);
    EXPECT_EQ(said, (std::vector<std::string>{"logged on", "answered"}));
  }
}

// Faster than a thread can wake for each order: those of 50 µs leave together.
TEST_P(LoadTest, OpenLoopSendsInGroupsWhereOrdersAreClose) {
  settings_.rate = 200'000;
  settings_.orders = 20'000;
  const Result<LoadResult> result = run_load(settings_);
  ASSERT_TRUE(result.ok()) << result.error().what;
  EXPECT_EQ(result->answered, 20'000);
  EXPECT_EQ(result->reports, 40'000);
  // The last order's time is 99.995 ms after the first's, in a group of its own at 100 ms.
  EXPECT_GE(result->elapsed_ns, 100'000'000);
}

INSTANTIATE_TEST_SUITE_P(Versions, LoadTest, testing::Values("FIX.4.2", "FIX.4.4"),
                         [](const auto& version) { return std::string("FIX4") + version.param[6]; });

TEST(RawMessage, FindsTheFirstValueOfEachTagInAnyOrder) {
  RawMessage message(
      "8=FIX.4.4\x01"
      "9=5\x01"
      "35=D\x01"
      "11=A\x01"
      "58=x=1\x01"
      "111=no\x01"
      "11=B\x01"
      "10=000\x01");
  EXPECT_EQ(message.get(58), "x=1");
  EXPECT_EQ(message.get(11), "A");
  EXPECT_EQ(message.get(1), "");
  EXPECT_EQ(message.get(10), "000");
  EXPECT_EQ(message.msg_type(), "D");
  EXPECT_EQ(message.get(111), "no");
}

TEST(RawMessage, FindsFieldsBeyondThoseThatItRemembers) {
  std::string bytes;
  for (int tag = 1; tag <= 200; ++tag) bytes += std::to_string(tag) + "=v" + std::to_string(tag) + "\x01";
  RawMessage message(bytes);
  for (const int tag : {200, 1, 150, 65, 64, 200}) EXPECT_EQ(message.get(tag), "v" + std::to_string(tag));
  EXPECT_EQ(message.get(201), "");
}

TEST(RawMessage, EndsWithItsBytes) {
  EXPECT_EQ(RawMessage("").get(8), "");
  EXPECT_EQ(RawMessage("8").get(8), "");
  EXPECT_EQ(RawMessage("8=FIX.4.4").get(8), "FIX.4.4");
  EXPECT_EQ(RawMessage("8=").get(8), "");
  EXPECT_EQ(RawMessage("\x01\x01=").get(8), "");
}

TEST(RawBody, WritesWhatHasAValue) {
  RawBody body;
  body.add("11=", "A");
  body.add("41=", "");
  body.add("58=", std::string(3000, 'x'));
  EXPECT_EQ(body.view(),
            "11=A\x01"
            "58=" +
                std::string(3000, 'x') + "\x01");
  body.clear();
  body.add("1=", "Z");
  EXPECT_EQ(body.view(), "1=Z\x01");
}

TEST(StopSignal, TakesASignalThatNobodyWaitedFor) {
  {
    StopSignal stop;
    EXPECT_FALSE(stop.wait_for(Duration()));
    kill(getpid(), SIGTERM);
    pollfd waiting{stop.file(), POLLIN, 0};
    EXPECT_EQ(poll(&waiting, 1, 10'000), 1);
  }
  StopSignal again;  // we are still here, and nothing is left of it
  EXPECT_FALSE(again.wait_for(Duration()));
}

TEST(Load, SaysThatNobodyListens) {
  LoadSettings settings;
  settings.host = "127.0.0.1";
  settings.port = 1;
  settings.symbols = {"EUR/USD"};
  EXPECT_FALSE(run_load(settings).ok());
}

}  // namespace
}  // namespace portcullis::sim
