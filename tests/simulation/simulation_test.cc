#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "tests/gateway/fixture.h"
#include "tests/simulation/world.h"

// Whole lives of the gateway by chance. A failure names its seed: PORTCULLIS_SEED=n plays that one again, the same to
// the last byte; PORTCULLIS_SEEDS=n plays so many.

namespace portcullis::simulation {
namespace {

TEST(Simulation, NothingIsLostOrDoneTwiceWhateverFails) {
  std::uint64_t first = 1, last = 200;
  if (const char* count = std::getenv("PORTCULLIS_SEEDS")) last = std::stoul(count);
  if (const char* one = std::getenv("PORTCULLIS_SEED")) first = last = std::stoul(one);
  World::Counts all;
  sim::LedgerSummary sum;
  int failures = 0;
  for (std::uint64_t seed = first; seed <= last && failures < 5; ++seed) {
    World world(seed);
    const std::string wrong = world.run();
    EXPECT_EQ(wrong, "") << "PORTCULLIS_SEED=" << seed;
    if (!wrong.empty()) ++failures;
    const World::Counts& c = world.counts();
    all.ticks += c.ticks, all.crashes += c.crashes, all.power_losses += c.power_losses, all.cuts += c.cuts;
    all.lost += c.lost, all.doubled += c.doubled, all.delayed += c.delayed, all.torn += c.torn;
    const sim::LedgerSummary summary = world.ledger();
    sum.orders += summary.orders, sum.filled += summary.filled, sum.cancelled += summary.cancelled;
    sum.rejected += summary.rejected, sum.executions += summary.executions;
  }
  std::printf(
      "seeds %lu to %lu, %lu ticks: %lu crashes, %lu power losses, %lu torn writes, %lu cuts; frames %lu lost, %lu "
      "doubled, "
      "%lu delayed; %ld orders, %ld filled, %ld cancelled, %ld rejected, %ld executions\n",
      first, last, all.ticks, all.crashes, all.power_losses, all.torn, all.cuts, all.lost, all.doubled, all.delayed,
      sum.orders, sum.filled, sum.cancelled, sum.rejected, sum.executions);
  if (first == last) return;
  EXPECT_GT(all.crashes, last - first);
  EXPECT_GT(all.power_losses, (last - first) / 2);
  EXPECT_GT(sum.executions, static_cast<std::int64_t>(last - first));
}

TEST(Simulation, ASeedPlaysTheSameAgain) {
  for (const std::uint64_t seed : {3u, 4u}) {
    const auto play = [seed] {
      World world(seed);
      const std::string wrong = world.run();
      return wrong + "/" + std::to_string(world.counts().ticks) + "/" + sim::to_json(world.ledger());
    };
    EXPECT_EQ(play(), play());
  }
}

// The oracle sees what it is there for: a gateway that swallows one execution, or sends one order twice as new.
TEST(Simulation, FindsAReportThatNeverComes) {
  World world(3);
  int reports = 0;
  world.tamper = [&](bool to_broker, std::string& frame) {
    // Every frame with this fill, and every repetition of it, becomes a Heartbeat's worth of nothing.
    if (to_broker || frame.find("\x01"
                                "150=F\x01") == std::string::npos)
      return true;
    return ++reports < 3;
  };
  EXPECT_NE(world.run(), "");
}

TEST(Simulation, FindsAnOrderThatGoesTwice) {
  World world(3);
  std::string order;  // the fields of one, without its header
  bool doubled = false;
  world.tamper = [&](bool to_broker, std::string& frame) {
    if (!to_broker || doubled) return true;
    const gateway::testing::Sent sent = gateway::testing::parse("northbank", frame);
    if (sent.type() == "D" && sent[43].empty()) {
      order = "35=D|11=LDN1AGAIN|";
      for (const int tag : {1, 55, 54, 60, 38, 40, 44, 59, 15, 58}) {
        if (!sent[tag].empty()) order += std::to_string(tag) + "=" + sent[tag] + "|";
      }
    } else if (sent.type() == "0" && !order.empty()) {
      // In the place of a Heartbeat, under its number.
      doubled = true;
      frame = gateway::testing::frame("FIX.4.4", "PORTCULLIS", "NORTHBANK", std::stoul(sent[34]), world.time(), order);
    }
    return true;
  };
  const std::string wrong = world.run();
  EXPECT_TRUE(doubled);
  EXPECT_NE(wrong, "");
}

}  // namespace
}  // namespace portcullis::simulation
