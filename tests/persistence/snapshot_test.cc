#include "persistence/snapshot.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/persistence/fault_file_system.h"
#include "tests/persistence/journal_fixture.h"

namespace portcullis::persistence::testing {
namespace {

constexpr std::uint64_t kId = 5;
constexpr std::uint64_t kAny = JournalReader::kNoLimit;

class SnapshotTest : public ::testing::Test {
 protected:
  Status write(std::uint64_t index, std::string_view state) {
    return store_.write(kId, Position{index, index * 100, index * 7}, as_byte_span(state));
  }
  std::string newest(std::uint64_t at_most = kAny) {
    passed_over_.clear();
    auto snapshot = store_.newest(kId, at_most, passed_over_);
    EXPECT_TRUE(snapshot.ok());
    if (!snapshot.ok() || !*snapshot) return "none";
    EXPECT_EQ((*snapshot)->last.offset, (*snapshot)->last.index * 100);
    EXPECT_EQ((*snapshot)->last.checksum, (*snapshot)->last.index * 7);
    return text_of((*snapshot)->state);
  }

  FaultFileSystem files_;
  SnapshotStore store_{files_, "snapshots", 3};
  std::vector<std::string> passed_over_;
};

TEST_F(SnapshotTest, GivesTheNewestAndKeepsTwo) {
  EXPECT_EQ(newest(), "none");
  ASSERT_TRUE(write(10, "ten").ok());
  ASSERT_TRUE(write(20, "twenty").ok());
  ASSERT_TRUE(write(300, "three hundred").ok());
  EXPECT_EQ(newest(), "three hundred");
  EXPECT_EQ(newest(25), "twenty");
  EXPECT_EQ(newest(15), "none");
  EXPECT_EQ(files_.list("snapshots")->size(), 2u);
}

TEST_F(SnapshotTest, ABrokenOneGivesWayToTheOneBefore) {
  ASSERT_TRUE(write(10, "ten").ok());
  ASSERT_TRUE(write(20, "twenty").ok());
  auto& bytes = files_.content("snapshots/0000000000000014.snapshot");
  for (std::byte& byte : bytes) {
    byte ^= std::byte{16};
    EXPECT_EQ(newest(), "ten");
    EXPECT_EQ(passed_over_.size(), 1u);
    byte ^= std::byte{16};
  }
  EXPECT_EQ(newest(), "twenty");
}

TEST_F(SnapshotTest, AnotherJournalsOrVersionsIsPassedOver) {
  ASSERT_TRUE(store_.write(kId + 1, Position{30, 3000}, as_byte_span("foreign")).ok());
  EXPECT_EQ(newest(), "none");
  ASSERT_TRUE(write(31, "mine").ok());
  SnapshotStore later(files_, "snapshots", 4);
  auto snapshot = later.newest(kId, kAny, passed_over_);
  ASSERT_TRUE(snapshot.ok());
  EXPECT_FALSE(snapshot->has_value());
}

TEST_F(SnapshotTest, PowerLossWhileWritingLeavesTheOneBefore) {
  ASSERT_TRUE(write(10, "ten").ok());
  const std::size_t before = files_.trace().size();
  ASSERT_TRUE(write(20, "twenty").ok());
  for (std::size_t i = before; i <= files_.trace().size(); ++i) {
    for (std::size_t changes = 0; changes < 3; ++changes) {
      auto state = files_.after_power_loss(
          i, [](std::size_t, std::size_t) { return false; }, changes);
      SnapshotStore store(*state, "snapshots", 3);
      auto snapshot = store.newest(kId, kAny, passed_over_);
      ASSERT_TRUE(snapshot.ok());
      ASSERT_TRUE(snapshot->has_value()) << "after operation " << i;
    }
  }
}

TEST_F(SnapshotTest, AFailedWriteIsReported) {
  files_.fail_sync(1, EIO);
  EXPECT_FALSE(write(10, "ten").ok());
  EXPECT_EQ(newest(), "none");
}

}  // namespace
}  // namespace portcullis::persistence::testing
