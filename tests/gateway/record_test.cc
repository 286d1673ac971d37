#include "gateway/record.h"

#include <vector>

#include <gtest/gtest.h>

namespace portcullis::gateway {
namespace {

std::vector<std::byte> written(std::uint64_t slow_lines) {
  std::vector<std::byte> memory(4096, std::byte{0xEE});
  RecordWriter writer(memory);
  writer.begin(InputKind::kMessage, order::SessionId(1), 2, UtcTime::from_ns(3), 4, "35=D");
  writer.set_facts(true, slow_lines);
  order::EventWriter events = writer.events();
  events.add(order::EpochStarted{.epoch = 5});
  writer.end_events(events);
  writer.add_outbound(order::SessionId(6), false, 7, 8, "35=8");
  memory.resize(writer.finish());
  return memory;
}

TEST(Record, TellsWhichLinesWereSlowWhereAnyWas) {
  const std::size_t usual = written(0).size();
  for (const std::uint64_t slow_lines : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 63}) {
    const std::vector<std::byte> content = written(slow_lines);
    EXPECT_EQ(content.size(), usual + (slow_lines == 0 ? 0 : 8));
    const auto record = RecordView::parse(content);
    ASSERT_TRUE(record.has_value());
    EXPECT_EQ(record->slow_lines(), slow_lines);
    EXPECT_NE(record->header().flags & kLowSpace, 0);
    EXPECT_EQ(record->input(), "35=D");
    int seen = 0;
    record->for_each_event([&](const order::EventView& event) {
      EXPECT_EQ(event.as<order::EpochStarted>().epoch, 5u);
      ++seen;
    });
    record->for_each_outbound([&](const OutboundView& message) {
      EXPECT_EQ(message.bytes, "35=8");
      ++seen;
    });
    EXPECT_EQ(seen, 2);
  }
}

TEST(Record, RefusesOneThatEndsEarly) {
  const std::vector<std::byte> content = written(3);
  for (std::size_t size = 0; size < content.size(); size += 8) {
    EXPECT_FALSE(RecordView::parse(std::span(content).first(size)).has_value()) << size;
  }
}

}  // namespace
}  // namespace portcullis::gateway
