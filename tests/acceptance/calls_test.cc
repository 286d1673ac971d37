// Killed before and after each system call of one order's life: from the moment the client's order has been read until
// a report for it has been handed to the client's socket. After each kill the gateway starts again and the books of
// clients, brokers, gateway and blotter must agree.
//
// A round takes seconds, so a usual run takes a number of calls evenly spread over the life; PORTCULLIS_CALL_ROUNDS=0
// takes all of them (scripts/nightly).
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/syscall.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <vector>

#include "sim/inbox.h"
#include "tests/acceptance/rig.h"

namespace portcullis::acceptance {
namespace {

// For what comes sooner or later: a sanitizer on a busy machine takes long.
constexpr Duration kPatience = Duration::seconds(60);

bool receives(std::uint64_t call) {
  return call == SYS_recvfrom || call == SYS_recvmsg || call == SYS_read || call == SYS_readv;
}
bool sends(std::uint64_t call) {
  return call == SYS_sendto || call == SYS_sendmsg || call == SYS_write || call == SYS_writev;
}

// Numbers the stops of all threads while an order lives: before each call, and after it.
class Life {
 public:
  explicit Life(Descriptors descriptors) : descriptors_(std::move(descriptors)) {}

  // The number of this stop, from 1; 0 while no order lives.
  int number(const TracedProcess::Stop& stop) {
    if (over_) return 0;
    if (!begun_) {
      begun_ = stop.exit && receives(stop.call) && stop.result > 0 && kind(stop) == "client";
      return begun_ ? ++stops_ : 0;
    }
    over_ = stop.exit && sends(stop.call) && stop.result > 0 && kind(stop) == "client";
    return ++stops_;
  }
  bool over() const { return over_; }

 private:
  std::string kind(const TracedProcess::Stop& stop) const { return descriptors_.kind(stop.process, stop.arguments[0]); }

  Descriptors descriptors_;
  bool begun_ = false;
  bool over_ = false;
  int stops_ = 0;
};

class CallsTest : public testing::Test {
 protected:
  void play(const std::string& durability);
  void check(Rig& rig) {
    const bool settled = rig.settle();
    const sim::LedgerSummary summary = rig.judged();
    const bool good = settled && summary.lost == 0 && summary.duplicated == 0 && summary.violations == 0;
    if (!good) rig.keep();
    ASSERT_TRUE(good) << "settled: " << settled << "\n" << to_json(summary) << "\nlogs: " << rig.path() << "\n" << rig.last_words();
  }
};

void CallsTest::play(const std::string& durability) {
  Rig rig(durability, 100, 1, 6);
  const Descriptors descriptors(rig.ports().clients, {rig.ports().northbank, rig.ports().southbank});
  rig.start_gateway();
  ASSERT_TRUE(rig.wait_for_sessions(kPatience)) << rig.last_words();

  // How many stops a life has; other threads' calls fall into it, so it differs a little from one to the next.
  auto stops = std::make_shared<std::atomic<int>>(0);
  rig.gateway().arm([life = Life(descriptors), stops](const TracedProcess::Stop& stop) mutable {
    const int number = life.number(stop);
    if (number > 0) *stops = number;
    return false;
  });
  rig.begin_trading();
  check(rig);
  const int all = *stops;
  ASSERT_GT(all, 10) << "one order takes more calls than that";
  // A process is armed once.
  rig.gateway().signal(SIGKILL);
  ASSERT_TRUE(rig.gateway().wait(kPatience));
  rig.start_gateway();
  ASSERT_TRUE(rig.wait_for_sessions(kPatience)) << rig.last_words();

  const char* text = std::getenv("PORTCULLIS_CALL_ROUNDS");
  const int wanted = text == nullptr ? 6 : std::atoi(text);
  const int rounds = wanted == 0 ? all : std::min(wanted, all);
  int hits = 0;
  for (int round = 0; round < rounds; ++round) {
    const int target = rounds == 1 ? 1 : 1 + static_cast<int>(static_cast<long>(round) * (all - 1) / (rounds - 1));
    SCOPED_TRACE("killed at stop " + std::to_string(target) + " of " + std::to_string(all));
    rig.gateway().arm([life = Life(descriptors), target](const TracedProcess::Stop& stop) mutable {
      const int number = life.number(stop);
      return number == target || (life.over() && number > 0 && number < target);  // a shorter life: at its end
    });
    rig.begin_trading();
    const bool ended = rig.gateway().wait(Duration::seconds(10));
    if (ended && rig.gateway().hit()) ++hits;
    if (!ended) {
      rig.gateway().signal(SIGKILL);
      ASSERT_TRUE(rig.gateway().wait(kPatience));
    }
    ASSERT_EQ(rig.gateway().exit_code(), 128 + SIGKILL) << "it ended by itself: " << rig.last_words();
    rig.start_gateway();
    ASSERT_TRUE(rig.wait_for_sessions(kPatience)) << rig.last_words();
    ASSERT_NO_FATAL_FAILURE(check(rig));
  }
  EXPECT_GE(hits, rounds * 8 / 10);
  const std::string difference = rig.blotter_disagreement(kPatience);
  EXPECT_EQ(difference, "");
  rig.gateway().signal(SIGTERM);
  ASSERT_TRUE(rig.gateway().wait(kPatience));
  EXPECT_EQ(rig.gateway().exit_code(), 0) << rig.last_words();
  std::string output;
  EXPECT_EQ(rig.run({"journal", "verify", rig.data_dir() + "/journal"}, output), 0) << output;
  std::fprintf(stderr, "%s: %d stops in one order's life, %d kills, %d of them at the chosen stop\n", durability.c_str(), all,
               rounds, hits);
}

TEST_F(CallsTest, OneOrderKilledAtEachCallWithDurabilityDisk) { play("disk"); }
TEST_F(CallsTest, OneOrderKilledAtEachCallWithDurabilityProcess) { play("process"); }

}  // namespace
}  // namespace portcullis::acceptance
