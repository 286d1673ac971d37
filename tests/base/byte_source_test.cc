#include "base/byte_source.h"

#include <gtest/gtest.h>

#include <vector>

namespace portcullis {
namespace {

TEST(ByteSource, GivesAllOfWhatIsAtHand) {
  const std::vector<std::byte> bytes(10, std::byte{7});
  ByteSource source(bytes);
  EXPECT_EQ(source.ready().size(), 10u);
  EXPECT_EQ(source.ready().data(), bytes.data());
  source.take(4);
  EXPECT_EQ(source.left(), 6u);
  EXPECT_EQ(source.ready(100).size(), 6u) << "no more than there is, however much is wanted";
  source.take(6);
  EXPECT_EQ(source.ready(1).size(), 0u);
  EXPECT_DEATH(source.take(1), "only what is ready");
}

// Bytes become ready three at a time, and never behind the twelfth.
class InSteps final : public ByteSource {
 public:
  explicit InSteps(std::span<const std::byte> all) : ByteSource(all, 0) {}
  std::vector<std::size_t> taken;

 private:
  std::size_t wait(std::size_t taken_before, std::size_t wanted) override {
    taken.push_back(taken_before);
    return std::min<std::size_t>((wanted + 2) / 3 * 3, 12);
  }
};

TEST(ByteSource, WaitsForAsMuchAsIsWanted) {
  const std::vector<std::byte> bytes(20, std::byte{7});
  InSteps source(bytes);
  EXPECT_EQ(source.ready().size(), 0u) << "and does not wait where nothing is";
  EXPECT_EQ(source.ready(1).size(), 3u);
  EXPECT_EQ(source.ready(3).size(), 3u);
  source.take(2);
  EXPECT_EQ(source.ready(2).size(), 4u);
  source.take(4);
  EXPECT_EQ(source.left(), 14u);
  EXPECT_EQ(source.ready(14).size(), 6u) << "what will never be ready is not waited for";
  EXPECT_EQ(source.taken, std::vector<std::size_t>({0, 2, 6}));
}

}  // namespace
}  // namespace portcullis
