#include "persistence/frame.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace portcullis::persistence {
namespace {

constexpr std::uint64_t kId = 42;

std::vector<std::byte> frame_with(std::string_view payload, std::uint64_t index, std::uint32_t lag = 0) {
  std::vector<std::byte> frame(aligned_frame_bytes(payload.size()), std::byte{0xEE});
  std::memcpy(frame.data() + kFrameHeaderBytes, payload.data(), payload.size());
  seal_frame(frame.data(), FrameKind::kRecord, index, lag, static_cast<std::uint32_t>(payload.size()), kId);
  return frame;
}

TEST(Frame, ReadsBackWhatWasSealed) {
  const auto bytes = frame_with("8=FIX.4.4", 7, 3);
  const auto frame = parse_frame(bytes, kId);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->index, 7u);
  EXPECT_EQ(frame->lag, 3u);
  EXPECT_EQ(frame->durable_before(), 3u);
  EXPECT_EQ(frame->payload.size(), 9u);
  EXPECT_EQ(claimed_frame_bytes(bytes), bytes.size());
}

TEST(Frame, AnyFlippedBitMakesItInvalid) {
  auto bytes = frame_with("35=D and some more", 9);
  for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
    bytes[i / 8] ^= std::byte{1} << (i % 8);
    EXPECT_FALSE(parse_frame(bytes, kId)) << "bit " << i;
    bytes[i / 8] ^= std::byte{1} << (i % 8);
  }
  EXPECT_TRUE(parse_frame(bytes, kId));
}

TEST(Frame, CutAnywhereIsInvalid) {
  const auto bytes = frame_with("35=8", 1);
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(parse_frame(std::span(bytes).first(size), kId));
}

TEST(Frame, OfAnotherJournalIsInvalid) {
  EXPECT_FALSE(parse_frame(frame_with("35=8", 1), kId + 1));
}

TEST(Frame, ZerosAreBlankAndNoFrame) {
  const std::vector<std::byte> zeros(64);
  EXPECT_TRUE(blank_frame(zeros));
  EXPECT_FALSE(parse_frame(zeros, kId));
  EXPECT_EQ(claimed_frame_bytes(zeros), 0u);
}

TEST(Frame, AnUnknownLagProvesNothing) {
  EXPECT_EQ(parse_frame(frame_with("", 5, kLagUnknown), kId)->durable_before(), 0u);
}

TEST(SegmentHeaderBytes, ReadBackAndRefusedWhenDamaged) {
  std::vector<std::byte> bytes(kSegmentHeaderBytes);
  SegmentHeader header;
  header.journal_id = kId;
  header.base = 65536;
  header.bytes = 65536;
  header.number = 1;
  encode_segment_header(header, bytes);
  const auto read = decode_segment_header(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->base, 65536u);
  for (std::size_t i = 0; i < 56; ++i) {
    bytes[i] ^= std::byte{1};
    EXPECT_FALSE(decode_segment_header(bytes)) << "byte " << i;
    bytes[i] ^= std::byte{1};
  }
}

}  // namespace
}  // namespace portcullis::persistence
