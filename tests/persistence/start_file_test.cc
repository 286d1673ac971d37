#include "persistence/start_file.h"

#include <gtest/gtest.h>

#include "tests/persistence/fault_file_system.h"
#include "tests/persistence/journal_fixture.h"

namespace portcullis::persistence::testing {
namespace {

StartArguments arguments(std::uint64_t unix_seconds, const std::string& boot,
                         JournalDurability durability = JournalDurability::kProcess) {
  return {"LDN1", unix_seconds, boot, durability};
}

std::unique_ptr<StartFile> must_begin(FileSystem& files, const StartArguments& with) {
  auto start = StartFile::begin(files, "data", with);
  EXPECT_TRUE(start.ok()) << (start.ok() ? "" : start.error().what);
  return start.ok() ? std::move(*start) : nullptr;
}

TEST(StartFile, EpochsGrowWhateverTheClockSays) {
  FaultFileSystem files;
  EXPECT_EQ(must_begin(files, arguments(1000, "a"))->epoch(), 1000u);
  EXPECT_EQ(must_begin(files, arguments(1000, "a"))->epoch(), 1001u);
  EXPECT_EQ(must_begin(files, arguments(5, "a"))->epoch(), 1002u);
  EXPECT_EQ(must_begin(files, arguments(2000, "a"))->epoch(), 2000u);
}

TEST(StartFile, TheEpochIsDurableWhenBeginReturns) {
  FaultFileSystem files;
  const std::uint64_t epoch = must_begin(files, arguments(1000, "a"))->epoch();
  auto after = files.after_power_loss(
      files.trace().size(), [](std::size_t, std::size_t) { return false; }, 0);
  EXPECT_GT(must_begin(*after, arguments(5, "a"))->epoch(), epoch);
  // At each moment of a start there is a record that checks, or none.
  for (std::size_t i = 0; i <= files.trace().size(); ++i) {
    for (std::size_t changes : {0u, 1u, 2u}) {
      auto state = files.after_power_loss(
          i, [](std::size_t, std::size_t) { return false; }, changes);
      EXPECT_TRUE(StartFile::begin(*state, "data", arguments(5, "a")).ok());
    }
  }
}

TEST(StartFile, HoldsAfterPowerLossAtLevelProcess) {
  FaultFileSystem files;
  EXPECT_FALSE(must_begin(files, arguments(1, "boot-1"))->hold());
  EXPECT_FALSE(must_begin(files, arguments(2, "boot-1"))->hold()) << "the process died, the machine did not";
  auto held = must_begin(files, arguments(3, "boot-2"));
  EXPECT_EQ(held->hold_reason(), HoldReason::kPowerLost);
  held.reset();
  held = must_begin(files, arguments(4, "boot-2"));
  EXPECT_EQ(held->hold_reason(), HoldReason::kStillHeld) << "a restart does not release a hold";
  ASSERT_TRUE(held->release_hold().ok());
  held.reset();
  EXPECT_FALSE(must_begin(files, arguments(5, "boot-2"))->hold());
}

TEST(StartFile, HoldsForWhatTheJournalShowsUntilItIsReleased) {
  FaultFileSystem files;
  {
    auto start = must_begin(files, arguments(1, "boot-1"));
    ASSERT_TRUE(start->hold_for(HoldReason::kEndMissing).ok());
    EXPECT_EQ(start->hold_reason(), HoldReason::kEndMissing);
  }
  EXPECT_EQ(must_begin(files, arguments(2, "boot-1"))->hold_reason(), HoldReason::kStillHeld);
}

TEST(StartFile, DoesNotHoldAfterACleanStopOrAtLevelDisk) {
  FaultFileSystem files;
  {
    auto start = must_begin(files, arguments(1, "boot-1"));
    ASSERT_TRUE(start->stopped_cleanly().ok());
  }
  EXPECT_FALSE(must_begin(files, arguments(2, "boot-2", JournalDurability::kDisk))->hold());
  EXPECT_FALSE(must_begin(files, arguments(3, "boot-3", JournalDurability::kDisk))->hold());
}

TEST(StartFile, HoldsWhereAJournalHasNoStartRecord) {
  FaultFileSystem files;
  must_begin(files, arguments(1, "a")).reset();
  ASSERT_TRUE(Journal::open(files, journal_directory("data"), manual_options()).ok());
  ASSERT_TRUE(files.remove("data/start").ok());
  EXPECT_EQ(must_begin(files, arguments(2, "a"))->hold_reason(), HoldReason::kStartMissing);
}

TEST(StartFile, RefusesASecondGatewayAnothersDirectoryAndADamagedRecord) {
  FaultFileSystem files;
  {
    auto start = must_begin(files, arguments(1, "a"));
    auto second = StartFile::begin(files, "data", arguments(2, "a"));
    ASSERT_FALSE(second.ok());
    EXPECT_NE(second.error().what.find("another gateway runs"), std::string::npos);
  }
  StartArguments other = arguments(3, "a");
  other.gateway_id = "NYC1";
  auto refused = StartFile::begin(files, "data", other);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().what.find("belongs to gateway LDN1"), std::string::npos);
  auto& bytes = files.content("data/start");
  for (std::byte& byte : bytes) {
    byte ^= std::byte{1};
    EXPECT_FALSE(StartFile::begin(files, "data", arguments(4, "a")).ok());
    byte ^= std::byte{1};
  }
}

TEST(StartFile, WorksOnARealFileSystem) {
  TemporaryDirectory temporary;
  auto boot = kernel_boot_id();
  ASSERT_TRUE(boot.ok());
  StartArguments real = arguments(100, *boot);
  auto start = StartFile::begin(posix_file_system(), temporary.path() + "/data", real);
  ASSERT_TRUE(start.ok()) << start.error().what;
  EXPECT_FALSE(StartFile::begin(posix_file_system(), temporary.path() + "/data", real).ok());
  ASSERT_TRUE((*start)->stopped_cleanly().ok());
  start->reset();
  EXPECT_EQ((*StartFile::begin(posix_file_system(), temporary.path() + "/data", real))->epoch(), 101u);
}

}  // namespace
}  // namespace portcullis::persistence::testing
