#include "order/events.h"

#include <array>

#include <gtest/gtest.h>

namespace portcullis::order {
namespace {

TEST(EventWriter, GivesBackWhatWasAdded) {
  alignas(8) std::array<std::byte, 1024> memory;
  EventWriter writer(memory.data(), memory.size());
  writer.add(TargetAdvanced{.session = SessionId(3), .next_target = 42});
  const std::array<CheckResult, 2> checks{CheckResult{Control::kB1, Scope::kFirm, 1, 0, 0, 0, 5, 10},
                                          CheckResult{Control::kD3, Scope::kAccount, 0, 0, 7, 9, 5, 10}};
  Decided decided{};
  decided.decision = 1;
  decided.check_count = 2;
  writer.add_with_tail(decided, checks);

  int seen = 0;
  EXPECT_TRUE(for_each_event(writer.bytes(), [&](const EventView& event) {
    if (seen++ == 0) {
      EXPECT_EQ(event.as<TargetAdvanced>().next_target, 42u);
      EXPECT_EQ(event.as<TargetAdvanced>().session, SessionId(3));
    } else {
      EXPECT_EQ(event.as<Decided>().check_count, 2u);
      EXPECT_EQ(event.tail(sizeof(Decided)).size(), 2 * sizeof(CheckResult));
    }
  }));
  EXPECT_EQ(seen, 2);
}

TEST(ForEachEvent, RefusesATruncatedSection) {
  alignas(8) std::array<std::byte, 256> memory;
  EventWriter writer(memory.data(), memory.size());
  writer.add(EpochStarted{.epoch = 7});
  for (std::size_t size = 1; size < writer.size(); ++size) {
    EXPECT_FALSE(for_each_event(writer.bytes().first(size), [](const EventView&) {})) << size;
  }
}

}  // namespace
}  // namespace portcullis::order
