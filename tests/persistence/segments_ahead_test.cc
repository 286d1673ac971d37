#include "persistence/segments_ahead.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/persistence/fault_file_system.h"
#include "tests/persistence/journal_fixture.h"

// Segments that are made beyond the next one, seen through a journal whose steps the tests take, at both levels.

namespace portcullis::persistence::testing {
namespace {

const std::string kDirectory = "journal";
const std::string kPayload(8000, 'x');
constexpr std::uint64_t kAhead = 3;

SegmentHeader first_header() {
  SegmentHeader header;
  header.journal_id = 7;
  header.bytes = kMinSegmentBytes;
  return header;
}

class JournalAhead : public ::testing::TestWithParam<JournalDurability> {
 protected:
  JournalOptions options() const {
    JournalOptions with = manual_options(GetParam());
    with.ahead_bytes = kAhead * kMinSegmentBytes;
    with.fatal = [](const std::string& what) { ADD_FAILURE() << what; };
    return with;
  }
  void open() {
    auto opened = Journal::open(files, kDirectory, options());
    ASSERT_TRUE(opened.ok()) << opened.error().what;
    journal = std::move(*opened);
  }
  void SetUp() override { open(); }

  void record() {
    append(*journal, kPayload);
    if (GetParam() == JournalDurability::kDisk) journal->sync_step();
  }
  // As far as the core comes without anybody's help.
  std::uint64_t record_until_it_would_wait() {
    const std::uint64_t before = journal->last_index();
    while (!journal->would_block(kPayload.size())) record();
    return journal->last_index() - before;
  }
  void prepare() {
    while (journal->prepare_step()) {
    }
  }
  std::size_t beside() {
    const auto names = files.list(kDirectory);
    return static_cast<std::size_t>(
        std::count_if(names->begin(), names->end(), [](const std::string& name) { return name.ends_with(".new"); }));
  }
  std::size_t in_place() { return list_segments(files, kDirectory)->size(); }
  // Of zeros or anything else, to files that are not yet the journal's.
  std::size_t creations() {
    return static_cast<std::size_t>(std::count_if(files.trace().begin(), files.trace().end(), [](const auto& done) {
      return done.kind == FaultFileSystem::Operation::kCreate && done.path.ends_with(".new");
    }));
  }

  FaultFileSystem files;
  std::unique_ptr<Journal> journal;
};

INSTANTIATE_TEST_SUITE_P(Levels, JournalAhead, ::testing::Values(JournalDurability::kProcess, JournalDurability::kDisk),
                         [](const auto& with) { return with.param == JournalDurability::kDisk ? "disk" : "process"; });

TEST_P(JournalAhead, NothingIsMadeAheadForAJournalThatNobodyUses) {
  prepare();
  EXPECT_EQ(in_place(), 2u) << "its own and the next";
  EXPECT_EQ(beside(), 0u);
  while (beside() == 0) {
    ASSERT_LE(journal->last_index(), 3u) << "a quarter of a segment";
    record();
    prepare();
  }
  EXPECT_EQ(beside(), kAhead);
  EXPECT_EQ(in_place(), 2u) << "they are not the journal's yet";
}

TEST_P(JournalAhead, ABurstTakesWhatIsThereAndMakesNothing) {
  record_until_it_would_wait();
  prepare();
  ASSERT_EQ(beside(), kAhead);
  const std::size_t made = creations();
  for (std::uint64_t i = kAhead; i-- > 0;) {
    EXPECT_GE(record_until_it_would_wait(), 7u) << "a segment";
    EXPECT_TRUE(journal->prepare_step());
    EXPECT_FALSE(journal->would_block(kPayload.size()));
    EXPECT_EQ(beside(), i);
  }
  EXPECT_EQ(creations(), made);
  // Beyond what was made there is one at a time, as ever.
  for (int i = 0; i < 3; ++i) {
    EXPECT_GE(record_until_it_would_wait(), 7u);
    EXPECT_TRUE(journal->prepare_step());
    EXPECT_FALSE(journal->would_block(kPayload.size()));
  }
  EXPECT_EQ(beside(), 0u);
  // And in the rest behind the burst they are made again.
  prepare();
  EXPECT_EQ(beside(), kAhead);
}

TEST_P(JournalAhead, OneThatIsBeingMadeIsFinishedWhenItIsNeeded) {
  record_until_it_would_wait();
  EXPECT_TRUE(journal->prepare_step()) << "the next";
  while (beside() == 0) ASSERT_TRUE(journal->prepare_step());
  ASSERT_EQ(beside(), 1u) << "begun, and not filled";
  const std::size_t made = creations();
  record_until_it_would_wait();
  EXPECT_TRUE(journal->prepare_step());
  EXPECT_FALSE(journal->would_block(kPayload.size()));
  EXPECT_EQ(beside(), 0u);
  EXPECT_EQ(creations(), made);
}

TEST_P(JournalAhead, AKillLeavesNothingOfThem) {
  record_until_it_would_wait();
  prepare();
  ASSERT_EQ(beside(), kAhead);
  const std::uint64_t last = journal->last_index();
  auto killed = files.copy();
  ASSERT_TRUE(killed->open(kDirectory + "/somebodys.new", OpenMode::kCreate).ok());
  auto again = Journal::open(*killed, kDirectory, manual_options(GetParam()));
  ASSERT_TRUE(again.ok()) << again.error().what;
  EXPECT_EQ((*again)->last_index(), last);
  const auto names = killed->list(kDirectory);
  for (const std::string& name : *names) EXPECT_TRUE(name == "somebodys.new" || !name.ends_with(".new")) << name;
  EXPECT_TRUE(killed->exists(kDirectory + "/somebodys.new")) << "none of ours";
}

TEST_P(JournalAhead, ACleanStopGivesTheirSpaceBack) {
  record_until_it_would_wait();
  prepare();
  const std::uint64_t last = journal->last_index();
  ASSERT_TRUE(journal->close().ok());
  journal.reset();
  EXPECT_EQ(beside(), 0u);
  auto again = Journal::open(files, kDirectory, manual_options(GetParam()));
  ASSERT_TRUE(again.ok()) << again.error().what;
  EXPECT_EQ((*again)->last_index(), last);
}

TEST_P(JournalAhead, TheyLeaveTheDiskToOthers) {
  // Room for the next segment and for all of them, and not for four times as much beside.
  files.space(files.used() + (kAhead + 1) * kMinSegmentBytes);
  record_until_it_would_wait();
  prepare();
  EXPECT_EQ(beside(), 0u);
  EXPECT_FALSE(journal->low_space());
  EXPECT_FALSE(journal->would_block(kPayload.size()));
}

TEST_P(JournalAhead, ADiskThatIsFullIsNoMatterUntilTheNextSegmentIsMissing) {
  record_until_it_would_wait();
  prepare();
  ASSERT_EQ(beside(), kAhead);
  files.space(files.used());  // something else has taken the rest
  for (std::uint64_t i = 0; i < kAhead; ++i) {
    record_until_it_would_wait();
    prepare();
    EXPECT_FALSE(journal->low_space());
    EXPECT_FALSE(journal->would_block(kPayload.size()));
  }
  EXPECT_EQ(beside(), 0u);
  record_until_it_would_wait();
  prepare();
  EXPECT_TRUE(journal->low_space());
  EXPECT_TRUE(journal->would_block(kPayload.size()));
  files.space(UINT64_MAX);
  prepare();
  EXPECT_FALSE(journal->would_block(kPayload.size()));
  EXPECT_FALSE(journal->low_space());
}

// Found full in the middle of one: it is given back, and tried again after a while.
TEST(SegmentsAhead, OneThatTheDiskHasNoRoomForIsLeftForAWhile) {
  FaultFileSystem files;
  ASSERT_TRUE(files.make_directory(kDirectory).ok());
  SegmentsAhead ahead(files, kDirectory, ZerosSynced::kNo, kAhead * kMinSegmentBytes);
  const SegmentHeader header = first_header();
  const SegmentsAhead::Clock::time_point now{};
  ASSERT_TRUE(ahead.want_more(kMinSegmentBytes, now));
  files.space(files.used() + 1000);
  ASSERT_TRUE(ahead.fill_piece(header, now).ok());
  EXPECT_TRUE(ahead.empty());
  EXPECT_EQ(files.list(kDirectory)->size(), 0u);
  files.space(UINT64_MAX);
  EXPECT_FALSE(ahead.want_more(kMinSegmentBytes, now + SegmentsAhead::kAgainAfter - std::chrono::seconds(1)));
  EXPECT_TRUE(ahead.want_more(kMinSegmentBytes, now + SegmentsAhead::kAgainAfter));
}

TEST(SegmentsAhead, AnErrorOfTheDiskIsOne) {
  FaultFileSystem files;
  ASSERT_TRUE(files.make_directory(kDirectory).ok());
  SegmentsAhead ahead(files, kDirectory, ZerosSynced::kNo, kAhead * kMinSegmentBytes);
  const SegmentHeader header = first_header();
  ASSERT_TRUE(ahead.fill_piece(header).ok());
  files.fail_write(1, EIO);
  const auto filled = ahead.fill_piece(header);
  ASSERT_FALSE(filled.ok());
  EXPECT_EQ(filled.error().code, EIO);
}

}  // namespace
}  // namespace portcullis::persistence::testing
