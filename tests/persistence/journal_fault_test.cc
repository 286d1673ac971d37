#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <random>
#include <thread>

#include "persistence/segment.h"
#include "tests/persistence/fault_file_system.h"
#include "tests/persistence/journal_fixture.h"

namespace portcullis::persistence::testing {
namespace {

const std::string kDirectory = "journal";
const std::string kFirstSegment = "journal/0000000000000000.journal";

std::unique_ptr<Journal> must_open(FileSystem& files, JournalOptions options = manual_options()) {
  auto journal = Journal::open(files, kDirectory, std::move(options));
  EXPECT_TRUE(journal.ok()) << (journal.ok() ? "" : journal.error().what);
  return journal.ok() ? std::move(*journal) : nullptr;
}

// Records 1 to `count`, each synced alone; the positions of their frames.
std::vector<Position> write_records(FileSystem& files, std::uint64_t count,
                                    JournalDurability durability = JournalDurability::kDisk) {
  auto journal = must_open(files, manual_options(durability));
  std::vector<Position> positions;
  for (std::uint64_t i = 1; i <= count; ++i) {
    positions.push_back(append(*journal, payload_of(i)));
    if (durability == JournalDurability::kDisk) journal->sync_step();
  }
  return positions;
}

TEST(JournalTail, TornAtAnyByteIsCutOff) {
  for (const auto durability : {JournalDurability::kDisk, JournalDurability::kProcess}) {
    FaultFileSystem files;
    const auto positions = write_records(files, 5, durability);
    const std::uint64_t begin = positions.back().offset;
    const std::uint64_t size = kFrameHeaderBytes + payload_of(5).size();
    for (std::uint64_t kept = 0; kept < size; ++kept) {
      auto torn = files.copy();
      auto& bytes = torn->content(kFirstSegment);
      std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(begin + kept), bytes.end(), std::byte{0});
      auto journal = must_open(*torn, manual_options(durability));
      ASSERT_NE(journal, nullptr);
      ASSERT_EQ(journal->last_index(), 4u) << kept << " bytes kept";
      ASSERT_EQ(journal->recovered().torn_bytes > 0, kept > 0);
      ASSERT_LE(journal->recovered().torn_bytes, kept);
      // What is appended then stands where the torn record stood.
      EXPECT_EQ(append(*journal, payload_of(5)).offset, begin);
      ASSERT_TRUE(journal->close().ok());
      ASSERT_EQ(expect_records(*torn, kDirectory), 5u);
    }
  }
}

TEST(JournalTail, GarbageBehindTheEndIsCutOffAndNeverComesBack) {
  FaultFileSystem files;
  const auto positions = write_records(files, 4);
  auto& bytes = files.content(kFirstSegment);
  // The old record 4 again, further behind: valid bytes, in the wrong place.
  const std::size_t size = aligned_frame_bytes(payload_of(4).size());
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(positions[3].offset), size,
              bytes.begin() + static_cast<std::ptrdiff_t>(positions[3].offset + size + 64));
  auto journal = must_open(files);
  ASSERT_NE(journal, nullptr);
  EXPECT_EQ(journal->last_index(), 4u);
  EXPECT_GT(journal->recovered().torn_bytes, 0u);
  EXPECT_NE(journal->recovered().torn_at.find(kFirstSegment), std::string::npos);
  EXPECT_TRUE(std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(positions[3].offset + size), bytes.end(),
                          [](std::byte b) { return b == std::byte{0}; }));
}

TEST(JournalDamage, AFlippedBitInTheMiddleIsRefusedWithFileAndOffset) {
  for (const auto durability : {JournalDurability::kDisk, JournalDurability::kProcess}) {
    FaultFileSystem files;
    const auto positions = write_records(files, 5, durability);
    for (std::uint64_t i = positions[2].offset; i < positions[3].offset; ++i) {
      auto damaged = files.copy();
      damaged->content(kFirstSegment)[i] ^= std::byte{1} << (i % 8);
      const auto before = damaged->content(kFirstSegment);
      auto journal = Journal::open(*damaged, kDirectory, manual_options(durability));
      ASSERT_FALSE(journal.ok()) << "byte " << i;
      EXPECT_NE(journal.error().what.find(kFirstSegment + " at offset " + std::to_string(positions[2].offset)),
                std::string::npos)
          << journal.error().what;
      EXPECT_EQ(damaged->content(kFirstSegment), before);
      EXPECT_FALSE(verify_journal(*damaged, kDirectory).ok());
    }
  }
}

TEST(JournalDamage, TheLastRecordIsProtectedByACleanStop) {
  FaultFileSystem files;
  auto journal = must_open(files);
  const Position last = append(*journal, payload_of(1));
  ASSERT_TRUE(journal->close().ok());
  files.content(kFirstSegment)[last.offset + kFrameHeaderBytes] ^= std::byte{4};
  EXPECT_FALSE(Journal::open(files, kDirectory, manual_options()).ok());
}

TEST(JournalDamage, IsSeenAcrossSegments) {
  FaultFileSystem files;
  const auto positions = write_records(files, 1000);
  ASSERT_GT(positions.back().offset, kMinSegmentBytes);
  std::size_t last_of_first = 0;
  while (positions[last_of_first + 1].offset < kMinSegmentBytes) ++last_of_first;
  auto damaged = files.copy();
  damaged->content(kFirstSegment)[positions[last_of_first].offset + 3] ^= std::byte{1};
  auto journal = Journal::open(*damaged, kDirectory, manual_options());
  ASSERT_FALSE(journal.ok());
  EXPECT_NE(journal.error().what.find("record " + std::to_string(last_of_first + 1)), std::string::npos)
      << journal.error().what;
  // And a segment that is missing, or is another's.
  auto missing = files.copy();
  ASSERT_TRUE(missing->remove(segment_path(kDirectory, kMinSegmentBytes)).ok());
  auto refused = Journal::open(*missing, kDirectory, manual_options());
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().what.find("is missing"), std::string::npos) << refused.error().what;
}

TEST(JournalDamage, AHoleInAnUnsyncedGroupIsNotDamage) {
  FaultFileSystem files;
  auto journal = must_open(files);
  append(*journal, payload_of(1));
  journal->sync_step();
  std::vector<Position> group;
  for (std::uint64_t i = 2; i <= 6; ++i) group.push_back(append(*journal, payload_of(i)));
  journal->sync_step();  // Written as one group, with lags 0, 1, 2, 3, 4.
  auto lost = files.copy();
  lost->content(kFirstSegment)[group[1].offset + 30] ^= std::byte{1};
  auto recovered = must_open(*lost);
  ASSERT_NE(recovered, nullptr);
  EXPECT_EQ(recovered->last_index(), 2u);
  EXPECT_EQ(recovered->recovered().torn_records, 3u);
  // But a record that came after the group was synced tells that nothing of it may be missing.
  append(*journal, payload_of(7));
  journal->sync_step();
  files.content(kFirstSegment)[group[1].offset + 30] ^= std::byte{1};
  EXPECT_FALSE(Journal::open(*files.copy(), kDirectory, manual_options()).ok());
}

TEST(JournalDamage, AfterPowerLossAtLevelProcessAHoleIsCutOff) {
  FaultFileSystem files;
  const auto positions = write_records(files, 10, JournalDurability::kProcess);
  auto& bytes = files.content(kFirstSegment);
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(positions[6].offset), 40, std::byte{0});
  JournalOptions options = manual_options(JournalDurability::kProcess);
  EXPECT_FALSE(Journal::open(*files.copy(), kDirectory, options).ok());
  options.scan.power_lost = true;
  auto journal = must_open(files, options);
  ASSERT_NE(journal, nullptr);
  EXPECT_EQ(journal->last_index(), 6u);
  EXPECT_EQ(journal->recovered().torn_records, 3u);
  ASSERT_TRUE(journal->close().ok());
  EXPECT_EQ(expect_records(files, kDirectory), 6u);
}

// A core that is faster than the disk has left that many segments which were not synced.
TEST(JournalDamage, AfterPowerLossAtLevelProcessAHoleInAnySegmentThatWaitedForTheDiskIsCutOff) {
  FaultFileSystem files;
  std::vector<Position> positions;
  {
    auto journal = must_open(files, manual_options(JournalDurability::kProcess));
    const std::string payload(8000, 'x');
    while (positions.empty() || positions.back().offset < (kUnsyncedSegments + 1) * kMinSegmentBytes) {
      positions.push_back(append(*journal, payload));
      journal->prepare_step();
    }
  }
  JournalOptions options = manual_options(JournalDurability::kProcess);
  options.scan.power_lost = true;
  const std::uint64_t last = positions.back().offset / kMinSegmentBytes;
  for (std::uint64_t segment = 0; segment <= last; ++segment) {
    const auto in_it = [segment](const Position& p) { return p.offset / kMinSegmentBytes == segment; };
    const auto first = std::find_if(positions.begin(), positions.end(), in_it);
    ASSERT_NE(first, positions.end());
    // The first record's segment is told by where the one before it ends, the second one's by where it stands itself.
    for (const auto& lost_record : {*first, *(first + 1)}) {
      if (lost_record.offset / kMinSegmentBytes != segment) continue;
      auto lost = files.copy();
      auto& bytes = lost->content(segment_path(kDirectory, segment * kMinSegmentBytes));
      std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(lost_record.offset % kMinSegmentBytes), 40, std::byte{0});
      const auto opened = Journal::open(*lost, kDirectory, options);
      const bool last_record = lost_record.index == positions.back().index;
      EXPECT_EQ(opened.ok(), last_record || segment + kUnsyncedSegments > last) << "segment " << segment << " of " << last;
      if (opened.ok()) {
        EXPECT_EQ((*opened)->last_index(), lost_record.index - 1);
      }
    }
  }
}

// Every state that a power loss can leave behind, after each operation of the trace: nothing kept of what was
// not synced, all of it, each prefix, and random sectors of it.
class PowerLoss {
 public:
  PowerLoss(const FaultFileSystem& files, std::vector<std::pair<std::size_t, std::uint64_t>> durable)
      : files_(files), durable_(std::move(durable)) {}

  std::size_t check_all(std::size_t first_operation) {
    std::mt19937_64 random(20261);
    for (std::size_t crash = first_operation; crash <= files_.trace().size(); ++crash) {
      const std::size_t first = crash > 6 ? crash - 6 : 0;
      check(
          crash, [](std::size_t, std::size_t) { return false; }, 0);
      check(
          crash, [](std::size_t, std::size_t) { return false; }, 9);
      check(
          crash, [](std::size_t, std::size_t) { return true; }, 0);
      check(
          crash, [](std::size_t, std::size_t) { return true; }, 9);
      for (std::size_t prefix = first; prefix < crash; ++prefix) {
        check(
            crash, [prefix](std::size_t operation, std::size_t) { return operation < prefix; }, 9);
        check(
            crash, [prefix](std::size_t operation, std::size_t) { return operation != prefix; }, 9);
      }
      for (int i = 0; i < 12; ++i) {
        const std::uint64_t salt = random();
        const auto keeps = [salt](std::size_t operation, std::size_t sector) {
          return (std::hash<std::uint64_t>{}(salt ^ (operation * 1000003 + sector) * 0x9E3779B97F4A7C15) >> 17) % 2 ==
                 0;
        };
        check(crash, keeps, random() % 4);
      }
      if (::testing::Test::HasFailure()) return states_;
    }
    return states_;
  }

 private:
  void check(std::size_t crash, const std::function<bool(std::size_t, std::size_t)>& keeps,
             std::size_t directory_changes) {
    ++states_;
    auto files = files_.after_power_loss(crash, keeps, directory_changes);
    auto journal = Journal::open(*files, kDirectory, manual_options());
    ASSERT_TRUE(journal.ok()) << "after operation " << crash << ": " << journal.error().what;
    std::uint64_t durable = 0;
    for (const auto& [operations, index] : durable_) {
      if (operations <= crash) durable = index;
    }
    const std::uint64_t found = (*journal)->last_index();
    ASSERT_GE(found, durable) << "after operation " << crash;
    // It can be appended to, and then holds what it held and the new records, and nothing else.
    append(**journal, payload_of(found + 1));
    append(**journal, payload_of(found + 2));
    ASSERT_TRUE((*journal)->close().ok());
    ASSERT_EQ(expect_records(*files, kDirectory), found + 2) << "after operation " << crash;
  }

  const FaultFileSystem& files_;
  const std::vector<std::pair<std::size_t, std::uint64_t>> durable_;
  std::size_t states_ = 0;
};

// Of a journal with segments made ahead, or without.
void expect_no_loss(std::uint64_t ahead) {
  FaultFileSystem files;
  std::vector<std::pair<std::size_t, std::uint64_t>> durable;
  JournalOptions options = manual_options();
  options.ahead_bytes = ahead * options.segment_bytes;
  auto journal = must_open(files, options);
  std::mt19937_64 random(7);
  for (std::uint64_t i = 1; i <= 420;) {  // Enough for three segments.
    const std::uint64_t group = 1 + random() % 20;
    for (std::uint64_t n = 0; n < group; ++n, ++i) append(*journal, payload_of(i));
    journal->sync_step();
    durable.emplace_back(files.trace().size(), journal->durable_index());
    if (random() % 3 == 0) journal->prepare_step();
  }
  const std::size_t states = PowerLoss(files, durable).check_all(1);
  ::testing::Test::RecordProperty("states", static_cast<int>(states));
  EXPECT_GT(states, 2000u);
}

TEST(JournalPowerLoss, LosesNothingDurableAndInventsNothing) {
  expect_no_loss(0);
}

TEST(JournalPowerLoss, NorWithSegmentsMadeAhead) {
  expect_no_loss(2);
}

TEST(JournalPowerLoss, DuringRecoveryItself) {
  FaultFileSystem first;
  auto journal = must_open(first);
  for (std::uint64_t i = 1; i <= 3; ++i) append(*journal, payload_of(i));
  journal->sync_step();
  const std::uint64_t durable = journal->durable_index();
  // A group over two segments of which the beginning is lost.
  for (std::uint64_t i = 4; i <= 120; ++i) append(*journal, payload_of(i));
  const std::size_t before_group = first.trace().size();
  journal->sync_step();
  auto torn = first.after_power_loss(
      first.trace().size(),
      [&](std::size_t operation, std::size_t sector) { return operation != before_group || sector > 0; }, 9);
  // after_power_loss keeps no trace: recover a twin whose whole content is traced as synced.
  FaultFileSystem traced;
  ASSERT_TRUE(traced.make_directory(kDirectory).ok());
  const auto names = torn->list(kDirectory);
  for (const std::string& name : *names) {
    const std::string path = kDirectory + "/" + name;
    auto file = traced.open(path, OpenMode::kCreate);
    ASSERT_TRUE(write_all(**file, 0, torn->content(path)).ok());
    ASSERT_TRUE((*file)->sync_data().ok());
  }
  ASSERT_TRUE(traced.sync_directory(kDirectory).ok());
  const std::size_t start = traced.trace().size();
  ASSERT_NE(must_open(traced), nullptr);
  EXPECT_GT(PowerLoss(traced, {{0, durable}}).check_all(start), 20u);
}

TEST(JournalErrors, AFailedWriteOrSyncStopsAtTheFirst) {
  for (const bool at_sync : {false, true}) {
    FaultFileSystem files;
    JournalOptions options = manual_options();
    std::vector<std::string> fatal;
    options.fatal = [&](const std::string& what) { fatal.push_back(what); };
    auto journal = must_open(files, options);
    append(*journal, payload_of(1));
    ASSERT_TRUE(journal->sync_step());
    append(*journal, payload_of(2));
    at_sync ? files.fail_sync(1, EIO) : files.fail_write(1, EIO);
    EXPECT_FALSE(journal->sync_step());
    EXPECT_EQ(fatal.size(), 1u);
    EXPECT_EQ(journal->durable_index(), 1u);
    // Never tried again, although the next attempt would succeed.
    EXPECT_FALSE(journal->sync_step());
    EXPECT_EQ(journal->durable_index(), 1u);
    EXPECT_TRUE(journal->begin(10).empty());
    EXPECT_FALSE(journal->close().ok());
  }
}

TEST(JournalErrors, AFailedWriteOrSyncOfTheCoreItselfStopsAtTheFirst) {
  for (const bool at_sync : {false, true}) {
    FaultFileSystem files;
    JournalOptions options = manual_options();
    std::vector<std::string> fatal;
    options.fatal = [&](const std::string& what) { fatal.push_back(what); };
    options.quick_sync = std::chrono::hours(1);
    auto journal = must_open(files, options);
    append(*journal, payload_of(1));
    ASSERT_TRUE(journal->sync_step());
    append(*journal, payload_of(2));
    ASSERT_TRUE(journal->sync_few());
    append(*journal, payload_of(3));
    at_sync ? files.fail_sync(1, EIO) : files.fail_write(1, EIO);
    EXPECT_FALSE(journal->sync_few());
    EXPECT_EQ(fatal.size(), 1u);
    EXPECT_FALSE(journal->sync_few());
    EXPECT_FALSE(journal->sync_step());
    EXPECT_EQ(journal->durable_index(), 2u);
    EXPECT_FALSE(journal->close().ok());
  }
}

TEST(JournalSlowDisk, IsLeftToTheSyncThread) {
  FaultFileSystem files;
  JournalOptions options = manual_options();
  options.quick_sync = std::chrono::microseconds(0);
  auto journal = must_open(files, options);
  for (std::uint64_t i = 1; i <= 3; ++i) {
    append(*journal, payload_of(i));
    EXPECT_FALSE(journal->sync_few());
    EXPECT_TRUE(journal->sync_step());
  }
}

// Beside a sync that is under way, and at the end of a segment, which has a sync of its own, the core does not wait.
TEST(JournalSlowDisk, TheCoreWaitsForNoOtherSync) {
  FaultFileSystem files;
  JournalOptions options = manual_options();
  options.quick_sync = std::chrono::hours(1);
  auto journal = must_open(files, options);
  append(*journal, payload_of(1));
  ASSERT_TRUE(journal->sync_step());
  append(*journal, payload_of(2));
  std::atomic<bool> in_sync{false};
  std::atomic<bool> may_end{false};
  files.on_sync = [&] {
    in_sync = true;
    in_sync.notify_all();
    may_end.wait(false);
  };
  std::thread other([&] { EXPECT_TRUE(journal->sync_step()); });
  in_sync.wait(false);
  append(*journal, payload_of(3));
  EXPECT_FALSE(journal->sync_few());
  may_end = true;
  may_end.notify_all();
  other.join();
  files.on_sync = nullptr;
  EXPECT_EQ(journal->durable_index(), 2u);
  ASSERT_TRUE(journal->sync_few());

  while (append(*journal, std::string(2000, 'x')).offset < kMinSegmentBytes) ASSERT_TRUE(journal->sync_step());
  EXPECT_FALSE(journal->sync_few());
  EXPECT_TRUE(journal->sync_step());
  append(*journal, "y");
  EXPECT_TRUE(journal->sync_few());
}

TEST(JournalErrors, TheDefaultEndsTheProcessWithCode70) {
  EXPECT_EXIT(
      {
        FaultFileSystem files;
        auto journal = must_open(files);
        append(*journal, "x");
        files.fail_sync(1, EIO);
        journal->sync_step();
      },
      ::testing::ExitedWithCode(70), "the journal cannot be written");
}

// A page that cannot be had shows where it is touched, and there is nobody to return an error to.
TEST(JournalErrors, APageThatIsGoneEndsTheProcessWithCode70) {
  TemporaryDirectory temporary;
  const std::string path = temporary.path() + "/file";
  auto file = posix_file_system().open(path, OpenMode::kCreate);
  ASSERT_TRUE(file.ok() && (*file)->allocate(8192).ok());
  auto mapping = (*file)->map(8192, [] {});
  ASSERT_TRUE(mapping.ok());
  EXPECT_EXIT(
      {
        stop_at_bus_error();
        static_cast<void>((*file)->truncate(0));
        (*mapping)->bytes()[4096] = std::byte{1};
      },
      ::testing::ExitedWithCode(70), "a page of a mapped file cannot be read or written");
}

// Who reads all that there is must not take damage for the end.
TEST(JournalDamage, AReaderWithoutALimitSaysThatRecordsFollow) {
  for (const auto durability : {JournalDurability::kDisk, JournalDurability::kProcess}) {
    FaultFileSystem files;
    const auto positions = write_records(files, 300, durability);
    auto& bytes = files.content(kFirstSegment);
    bytes[positions[99].offset + 8] ^= std::byte{1};
    auto reader = JournalReader::open(files, kDirectory);
    ASSERT_TRUE(reader.ok());
    for (int i = 1; i <= 99; ++i) ASSERT_TRUE(reader->next()->has_value());
    const auto damaged = reader->next();
    ASSERT_FALSE(damaged.ok());
    EXPECT_NE(damaged.error().what.find("the journal is damaged: record 100"), std::string::npos) << damaged.error().what;
    bytes[positions[99].offset + 8] ^= std::byte{1};
    // A torn tail is an end.
    bytes[positions[299].offset + 8] ^= std::byte{1};
    EXPECT_EQ(expect_records(files, kDirectory), 299u);
  }
}

TEST(JournalDamage, WithoutItsFirstSegmentItIsReadFromASnapshotOnOnly) {
  FaultFileSystem files;
  std::vector<Position> positions;
  {
    auto journal = must_open(files);
    const std::string payload(8000, 'x');
    while (journal->last_index() < 20) positions.push_back(append(*journal, payload));
    ASSERT_TRUE(journal->close().ok());
  }
  ASSERT_TRUE(files.remove(kFirstSegment).ok());
  JournalOptions options = manual_options();
  std::uint64_t visited = 0;
  options.scan.visit = [&visited](const JournalRecord&, std::span<const std::byte>) {
    ++visited;
    return Status();
  };
  const auto refused = Journal::open(files, kDirectory, options);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().what.find("put the segments that were moved away back"), std::string::npos) << refused.error().what;
  EXPECT_EQ(visited, 0u);
  EXPECT_TRUE(JournalReader::open(files, kDirectory).ok());
  EXPECT_FALSE(JournalReader::open_whole(files, kDirectory).ok());
  options.scan.from = positions[17];
  EXPECT_TRUE(Journal::open(files, kDirectory, options).ok());
  EXPECT_EQ(visited, 2u);
}

TEST(JournalErrors, ShortWritesAreContinued) {
  FaultFileSystem files;
  files.short_writes(13);
  auto journal = must_open(files);
  for (std::uint64_t i = 1; i <= 60; ++i) append(*journal, payload_of(i));
  ASSERT_TRUE(journal->close().ok());
  EXPECT_EQ(expect_records(files, kDirectory), 60u);
}

TEST(JournalErrors, AWriteTornAtAnyByteLosesNothingDurable) {
  const std::size_t size = aligned_frame_bytes(payload_of(2).size()) + aligned_frame_bytes(payload_of(3).size());
  for (std::size_t torn_at = 0; torn_at < size; ++torn_at) {
    FaultFileSystem files;
    JournalOptions options = manual_options();
    options.fatal = [](const std::string&) {};
    auto journal = must_open(files, options);
    append(*journal, payload_of(1));
    journal->sync_step();
    append(*journal, payload_of(2));
    append(*journal, payload_of(3));
    files.tear_write(1, torn_at);
    EXPECT_FALSE(journal->sync_step());
    journal.reset();
    auto recovered = must_open(files);
    ASSERT_NE(recovered, nullptr);
    ASSERT_GE(recovered->last_index(), 1u);
    ASSERT_EQ(expect_records(files, kDirectory), recovered->last_index());
  }
}

TEST(JournalDiskFull, TheReserveIsFreedAndComesBack) {
  FaultFileSystem files;
  JournalOptions options = manual_options();
  options.reserve_bytes = 2 * kMinSegmentBytes;
  files.space(6 * kMinSegmentBytes);  // The reserve and four segments.
  auto journal = must_open(files, options);
  const std::string payload(8000, 'x');
  while (!journal->low_space()) {
    ASSERT_LT(journal->last_index(), 100u);
    append(*journal, payload);
  }
  // Two segments more fit into the space of the reserve: cancels and fills go on.
  const std::uint64_t at_low_space = journal->last_index();
  while (!journal->begin(payload.size()).empty()) append(*journal, payload);
  EXPECT_GE(journal->last_index() - at_low_space, 14u);
  EXPECT_FALSE(journal->failed());
  EXPECT_TRUE(journal->would_block(payload.size()));
  // The operator makes space: the journal goes on by itself.
  files.space(UINT64_MAX);
  EXPECT_TRUE(journal->prepare_step());
  EXPECT_FALSE(journal->begin(payload.size()).empty());
  append(*journal, payload);
  while (journal->prepare_step()) {
  }
  EXPECT_FALSE(journal->low_space());
  EXPECT_TRUE(files.exists(kDirectory + "/reserve"));
  ASSERT_TRUE(journal->close().ok());
}

// Nobody would know why all stands still: what is left is told when no segment can follow, and again when it is of no use.
TEST(JournalDiskFull, TellsThatItWaitsForSpaceAndThatItHasIt) {
  FaultFileSystem files;
  JournalOptions options = manual_options(JournalDurability::kProcess);
  const std::string payload(8000, 'x');
  std::vector<JournalSpace> told;
  options.usual_payload = payload.size();
  options.tell_space = [&told](JournalSpace space) { told.push_back(space); };
  auto journal = must_open(files, options);
  files.space(files.used());
  while (!journal->would_block(payload.size())) {
    append(*journal, payload);
    journal->prepare_step();
    EXPECT_EQ(journal->space() == JournalSpace::kNone, journal->would_block(payload.size()));
  }
  EXPECT_EQ(journal->space(), JournalSpace::kNone);
  journal->prepare_step();
  EXPECT_EQ(told, (std::vector{JournalSpace::kLast, JournalSpace::kNone}));
  files.space(UINT64_MAX);
  journal->prepare_step();
  EXPECT_EQ(journal->space(), JournalSpace::kEnough);
  EXPECT_EQ(told, (std::vector{JournalSpace::kLast, JournalSpace::kNone, JournalSpace::kEnough}));
  EXPECT_FALSE(journal->would_block(payload.size()));
}

// The preparing thread asks before it sleeps: a core that takes the next segment between its last look and its sleep finds
// nobody to wake.
TEST(JournalPreparing, IsWantedAsLongAsTheNextSegmentIsMissing) {
  for (const auto durability : {JournalDurability::kDisk, JournalDurability::kProcess}) {
    FaultFileSystem files;
    auto journal = must_open(files, manual_options(durability));
    EXPECT_TRUE(journal->wants_preparing());
    while (journal->prepare_step()) {
    }
    EXPECT_FALSE(journal->wants_preparing());
    const std::string payload(8000, 'x');
    while (!journal->wants_preparing()) {
      ASSERT_LT(journal->last_index(), 9u) << "a segment was left, and nothing is wanted";
      append(*journal, payload);
      if (durability == JournalDurability::kDisk) journal->sync_step();
    }
    while (journal->prepare_step()) {
    }
    EXPECT_FALSE(journal->wants_preparing());
    // Where there is no space, the next look is in a while.
    files.space(files.used());
    while (!journal->low_space()) {
      ASSERT_LT(journal->last_index(), 40u);
      append(*journal, payload);
      if (durability == JournalDurability::kDisk) journal->sync_step();
      journal->prepare_step();
    }
    EXPECT_FALSE(journal->wants_preparing());
  }
}

TEST(JournalDiskFull, AQuotaThatIsUsedUpIsAFullDisk) {
  FaultFileSystem files;
  auto journal = must_open(files);
  files.space(files.used(), EDQUOT);
  EXPECT_FALSE(journal->prepare_step());
  EXPECT_TRUE(journal->low_space());
  EXPECT_FALSE(journal->failed());
}

TEST(JournalDiskFull, NoSpaceForTheFirstSegmentIsSaidAtStart) {
  FaultFileSystem files;
  files.space(1000);
  EXPECT_FALSE(Journal::open(files, kDirectory, manual_options()).ok());
}

TEST(JournalVersions, ANewerFormatIsRefusedWithBothNumbers) {
  FaultFileSystem files;
  write_records(files, 1);
  auto& bytes = files.content(kFirstSegment);
  SegmentHeader header = *decode_segment_header(bytes);
  header.format_version = 9;
  encode_segment_header(header, std::span(bytes).first(kSegmentHeaderBytes));
  auto journal = Journal::open(files, kDirectory, manual_options());
  ASSERT_FALSE(journal.ok());
  EXPECT_NE(journal.error().what.find("format 9; this version reads format 1"), std::string::npos);
}

}  // namespace
}  // namespace portcullis::persistence::testing
