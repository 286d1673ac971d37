// kill -9 while trading. The counterparties stay; the gateway is killed at a chosen system call with ten or more orders
// in flight, started again, and must bring every order to its end with nothing lost and nothing doubled.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "sim/inbox.h"
#include "tests/acceptance/rig.h"

namespace portcullis::acceptance {
namespace {

// For what comes sooner or later: a sanitizer on a busy machine takes long.
constexpr Duration kPatience = Duration::seconds(60);
constexpr std::size_t kInFlight = 10;
constexpr std::int64_t kOrders = 40;  // of each client in a round

enum class Point { kRandom, kDurableNotSent, kAnsweredNotReported, kAnsweredNotRecorded, kInSnapshot };

const char* name(Point point) {
  switch (point) {
    case Point::kRandom:
      return "at a random system call";
    case Point::kDurableNotSent:
      return "record durable, bytes not yet sent";
    case Point::kAnsweredNotReported:
      return "broker answered, report not yet sent";
    case Point::kAnsweredNotRecorded:
      return "broker answered, answer not yet recorded";
    case Point::kInSnapshot:
      return "in the middle of a snapshot";
  }
  return "";
}

bool is_receive(std::uint64_t call) {
  return call == SYS_recvfrom || call == SYS_recvmsg || call == SYS_read || call == SYS_readv;
}
bool is_send(std::uint64_t call) {
  return call == SYS_sendto || call == SYS_sendmsg || call == SYS_write || call == SYS_writev;
}
bool is_file_write(std::uint64_t call) {
  return call == SYS_write || call == SYS_pwrite64 || call == SYS_pwritev || call == SYS_writev || call == SYS_fsync ||
         call == SYS_fdatasync;
}

// The k-th call that fits, so that the rounds fall on different messages.
TracedProcess::KillWhen kill_at(Point point, int k, const Descriptors& descriptors) {
  switch (point) {
    case Point::kRandom:
      return [left = k * 25](const TracedProcess::Stop&) mutable { return --left <= 0; };
    case Point::kDurableNotSent:  // about to hand bytes to a broker: their record is durable
      return [left = k, descriptors](const TracedProcess::Stop& stop) mutable {
        if (stop.exit || !is_send(stop.call)) return false;
        return descriptors.kind(stop.process, stop.arguments[0]) == "broker" && --left <= 0;
      };
    case Point::kAnsweredNotReported:
      return [left = k, answered = false, descriptors](const TracedProcess::Stop& stop) mutable {
        if (stop.exit && is_receive(stop.call) && stop.result > 0 &&
            descriptors.kind(stop.process, stop.arguments[0]) == "broker") {
          answered = true;
        }
        if (!answered || stop.exit || !is_send(stop.call)) return false;
        return descriptors.kind(stop.process, stop.arguments[0]) == "client" && --left <= 0;
      };
    case Point::kAnsweredNotRecorded:
      return [left = k, descriptors](const TracedProcess::Stop& stop) mutable {
        if (!stop.exit || !is_receive(stop.call) || stop.result <= 0) return false;
        return descriptors.kind(stop.process, stop.arguments[0]) == "broker" && --left <= 0;
      };
    case Point::kInSnapshot:  // one of the calls that write it and make it durable
      return [left = k % 3 + 1, descriptors](const TracedProcess::Stop& stop) mutable {
        if (stop.exit || !is_file_write(stop.call)) return false;
        return descriptors.kind(stop.process, stop.arguments[0]).find("/snapshots") != std::string::npos && --left <= 0;
      };
  }
  return nullptr;
}

int rounds(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::atoi(text);
}

class KillTest : public testing::Test {
 protected:
  void run(const std::string& durability, int rounds, const std::vector<Point>& points);
};

void KillTest::run(const std::string& durability, int rounds, const std::vector<Point>& points) {
  const char* seed_text = std::getenv("PORTCULLIS_KILL_SEED");
  const auto seed = seed_text == nullptr ? std::random_device{}() : static_cast<unsigned>(std::atol(seed_text));
  std::fprintf(stderr, "PORTCULLIS_KILL_SEED=%u\n", seed);
  std::mt19937 random(seed);
  Rig rig(durability, 400, kOrders, seed);
  const Descriptors descriptors(rig.ports().clients, {rig.ports().northbank, rig.ports().southbank});
  std::map<Point, int> hits;
  rig.start_gateway();
  ASSERT_TRUE(rig.wait_for_sessions(kPatience)) << rig.last_words();
  for (int round = 0; round < rounds; ++round) {
    const Point point = points[static_cast<std::size_t>(round) % points.size()];
    SCOPED_TRACE("round " + std::to_string(round) + ", " + name(point));
    rig.begin_trading();
    while (rig.in_flight() < kInFlight && rig.trading() && rig.gateway().running()) {
      rig.gateway().wait(Duration::milliseconds(1));
    }
    std::size_t in_flight = rig.in_flight();
    if (point == Point::kInSnapshot) {
      // A start writes its first snapshot when its follower has folded the journal: one kill in the middle of trading,
      // and another while the next start writes. On a busy machine all is answered until then.
      rig.gateway().signal(SIGKILL);
      ASSERT_TRUE(rig.gateway().wait(kPatience));
      rig.start_gateway();
    }
    rig.gateway().arm(kill_at(point, static_cast<int>(random() % 12) + 1, descriptors));
    // A snapshot is written for certain, once the machine has time for who makes it; the other points only while orders
    // are on their way.
    const bool ended = rig.gateway().wait(point == Point::kInSnapshot ? kPatience : Duration::seconds(10));
    if (point != Point::kInSnapshot) in_flight = rig.in_flight();
    if (!ended) {  // the point was not reached: a plain kill, which does not count as a hit
      rig.gateway().signal(SIGKILL);
      rig.gateway().wait(kPatience);
    }
    ASSERT_EQ(rig.gateway().exit_code(), 128 + SIGKILL) << "it ended by itself: " << rig.last_words();
    if (rig.gateway().hit() && in_flight >= kInFlight) ++hits[point];

    std::string output;
    ASSERT_EQ(rig.run({"journal", "verify", rig.data_dir() + "/journal"}, output), 0) << output;

    rig.start_gateway();
    ASSERT_TRUE(rig.wait_for_sessions(kPatience)) << rig.last_words();
    const bool settled = rig.settle();
    const sim::LedgerSummary summary = rig.judged();
    const bool good = settled && summary.lost == 0 && summary.duplicated == 0 && summary.violations == 0;
    if (!good) rig.keep();
    ASSERT_TRUE(good) << "settled: " << settled << "\n" << to_json(summary) << "\nlogs: " << rig.path();
    const std::string difference = rig.blotter_disagreement(kPatience);
    if (!difference.empty()) rig.keep();
    ASSERT_EQ(difference, "") << "logs: " << rig.path();
    std::fprintf(stderr, "round %d: %s%s, %zu in flight, %lld orders so far\n", round + 1, name(point),
                 rig.gateway().running() ? "" : " (ended)", in_flight, static_cast<long long>(summary.orders));
  }
  rig.gateway().signal(SIGTERM);
  ASSERT_TRUE(rig.gateway().wait(kPatience));
  ASSERT_EQ(rig.gateway().exit_code(), 0) << rig.last_words();
  for (const Point point : std::set<Point>(points.begin(), points.end())) {
    const auto planned = std::count_if(points.begin(), points.end(), [&](Point p) { return p == point; }) * rounds /
                         static_cast<int>(points.size());
    EXPECT_GE(hits[point], planned * 8 / 10) << "too few kills " << name(point);
  }
}

TEST_F(KillTest, NothingIsLostWithDurabilityDisk) {
  run("disk", rounds("PORTCULLIS_KILL_ROUNDS", 50),
      {Point::kDurableNotSent, Point::kAnsweredNotReported, Point::kRandom, Point::kAnsweredNotRecorded,
       Point::kInSnapshot});
}

TEST_F(KillTest, NothingIsLostWithDurabilityProcess) {
  run("process", rounds("PORTCULLIS_KILL_ROUNDS", 50) / 5,
      {Point::kDurableNotSent, Point::kAnsweredNotReported, Point::kRandom, Point::kAnsweredNotRecorded});
}

}  // namespace
}  // namespace portcullis::acceptance
