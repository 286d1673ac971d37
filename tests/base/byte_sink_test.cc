#include "base/byte_sink.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace portcullis {
namespace {

constexpr std::size_t kPiece = ByteSink::kPieceBytes;

std::vector<std::byte> counting(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 131 >> 3);
  return bytes;
}

TEST(ByteSink, HandsOnWhatWasAppendedInWholePieces) {
  const std::vector<std::byte> bytes = counting(3 * kPiece + 100);
  for (const std::size_t step :
       {std::size_t{1}, std::size_t{7}, std::size_t{8}, kPiece - 1, kPiece, kPiece + 1, bytes.size()}) {
    std::vector<std::byte> taken;
    std::vector<std::size_t> sizes;
    ByteSink sink([&](std::span<const std::byte> piece) {
      taken.insert(taken.end(), piece.begin(), piece.end());
      sizes.push_back(piece.size());
      return true;
    });
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      sink.append(std::span(bytes).subspan(at, std::min(step, bytes.size() - at)));
    }
    EXPECT_LE(sizes.size(), 3u) << "nothing is handed on before a piece is full";
    EXPECT_TRUE(sink.flush());
    EXPECT_TRUE(taken == bytes) << "in steps of " << step;
    EXPECT_EQ(sizes, (std::vector<std::size_t>{kPiece, kPiece, kPiece, 100}));
  }
}

TEST(ByteSink, APieceThatIsExactlyFullIsHandedOnOnce) {
  std::vector<std::size_t> sizes;
  ByteSink sink([&](std::span<const std::byte> piece) {
    sizes.push_back(piece.size());
    return true;
  });
  sink.append(counting(kPiece));
  EXPECT_TRUE(sink.flush());
  EXPECT_TRUE(sink.flush());
  EXPECT_EQ(sizes, std::vector<std::size_t>{kPiece});
}

TEST(ByteSink, NothingIsHandedOnWhenNothingWasAppended) {
  int taken = 0;
  ByteSink sink([&](std::span<const std::byte>) { return ++taken > 0; });
  sink.append(std::span<const std::byte>());
  EXPECT_TRUE(sink.flush());
  EXPECT_EQ(taken, 0);
}

TEST(ByteSink, AppendsToAVector) {
  std::vector<std::byte> out = counting(3);
  ByteSink sink(out);
  const std::uint32_t value = 0x04030201;
  sink.append(&value, sizeof value);
  EXPECT_TRUE(sink.flush());
  ASSERT_EQ(out.size(), 7u);
  EXPECT_EQ(out[3], std::byte{1});
  EXPECT_EQ(out[6], std::byte{4});
}

TEST(ByteSink, AfterAPieceThatCouldNotBeTakenItAsksForNothingMore) {
  int asked = 0;
  ByteSink sink([&](std::span<const std::byte>) { return ++asked < 2; });
  const std::vector<std::byte> bytes = counting(kPiece);
  sink.append(bytes);
  sink.append(bytes);
  EXPECT_TRUE(sink.ok());
  sink.append(bytes);
  EXPECT_FALSE(sink.ok());
  for (int i = 0; i < 5; ++i) sink.append(bytes);
  EXPECT_FALSE(sink.flush());
  EXPECT_EQ(asked, 2);
}

}  // namespace
}  // namespace portcullis
