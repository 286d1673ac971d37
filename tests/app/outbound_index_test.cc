#include "app/outbound_index.h"

#include <gtest/gtest.h>

#include <span>
#include <vector>

namespace portcullis::app {
namespace {

gateway::OutboundHeader header(std::uint16_t session, std::uint32_t epoch, std::uint64_t number) {
  gateway::OutboundHeader made;
  made.session = order::SessionId(session);
  made.sequence_epoch = epoch;
  made.msg_seq_num = number;
  return made;
}

std::uint64_t offset_of(std::uint64_t number) {
  return 4096 + 32 * number;
}

// As many as fill two pieces and begin a third, and as many as fill all pieces and a block and begin another.
constexpr std::uint64_t kSome = 2 * Offsets::kPiece + 1;
constexpr std::uint64_t kVeryMany = Offsets::kMany + Offsets::kBlock + 1;

// So many after an epoch of few and beside a session that was never used.
OutboundIndex filled(std::uint64_t count) {
  OutboundIndex index;
  for (std::uint64_t number = 5; number < 8; ++number) index.add(header(2, 1, number), offset_of(number));
  for (std::uint64_t number = 1; number <= count; ++number) {
    index.add(header(2, 2, number), offset_of(number));
  }
  index.add(header(0, 9, 1), 77);
  return index;
}

void expect_all(const OutboundIndex& index, std::uint64_t count) {
  EXPECT_EQ(index.find(order::SessionId(2), 1, 4), OutboundIndex::kNone);
  for (std::uint64_t number = 5; number < 8; ++number) {
    EXPECT_EQ(index.find(order::SessionId(2), 1, number), offset_of(number));
  }
  EXPECT_EQ(index.find(order::SessionId(2), 1, 8), OutboundIndex::kNone);
  for (std::uint64_t number = 1; number <= count; ++number) {
    ASSERT_EQ(index.find(order::SessionId(2), 2, number), offset_of(number));
  }
  EXPECT_EQ(index.find(order::SessionId(2), 2, count + 1), OutboundIndex::kNone);
  EXPECT_EQ(index.find(order::SessionId(2), 3, 1), OutboundIndex::kNone);
  EXPECT_EQ(index.find(order::SessionId(1), 1, 1), OutboundIndex::kNone);
  EXPECT_EQ(index.find(order::SessionId(0), 9, 1), 77u);
  EXPECT_EQ(index.find(order::SessionId(3), 1, 1), OutboundIndex::kNone);
}

std::vector<std::byte> saved(const OutboundIndex& index) {
  std::vector<std::byte> bytes;
  ByteSink out(bytes);
  index.save(out);
  EXPECT_TRUE(out.flush());
  return bytes;
}

TEST(OutboundIndex, FindsWhereEachMessageStands) {
  for (const std::uint64_t count : {kSome, Offsets::kMany, kVeryMany}) expect_all(filled(count), count);
}

TEST(OutboundIndex, GoesOnBehindWhatASnapshotHeld) {
  for (const std::uint64_t count : {kSome, Offsets::kMany, kVeryMany}) {
    const std::vector<std::byte> bytes = saved(filled(count));
    // Sessions; of each its epochs; of each its number, its first message, and a list of offsets.
    constexpr std::size_t kEpoch = 4 + 8 + 8;
    EXPECT_EQ(bytes.size(), 8 + 3 * 8 + 3 * kEpoch + 8 * (1 + 3 + count));

    ByteSource source(bytes);
    OutboundIndex loaded;
    ASSERT_TRUE(loaded.load(source).ok());
    expect_all(loaded, count);
    EXPECT_EQ(saved(loaded), bytes);
    for (std::uint64_t number = count + 1; number <= count + Offsets::kPiece; ++number) {
      loaded.add(header(2, 2, number), offset_of(number));
    }
    expect_all(loaded, count + Offsets::kPiece);
  }
}

TEST(OutboundIndex, TakesNothingOfASnapshotThatEndsEarly) {
  for (const std::uint64_t count : {kSome, kVeryMany}) {
    const std::vector<std::byte> bytes = saved(filled(count));
    for (const std::size_t size : {std::size_t{0}, std::size_t{9}, bytes.size() / 2, bytes.size() - 1}) {
      ByteSource source(std::span<const std::byte>(bytes).first(size));
      OutboundIndex loaded;
      EXPECT_FALSE(loaded.load(source).ok());
      EXPECT_EQ(loaded.find(order::SessionId(2), 1, 5), OutboundIndex::kNone);
    }
  }
}

}  // namespace
}  // namespace portcullis::app
