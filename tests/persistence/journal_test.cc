#include "persistence/journal.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "persistence/journal_length.h"
#include "tests/persistence/allocation_count.h"
#include "tests/persistence/journal_fixture.h"

namespace portcullis::persistence::testing {
namespace {

std::unique_ptr<Journal> must_open(const std::string& directory, JournalOptions options) {
  auto journal = Journal::open(posix_file_system(), directory, std::move(options));
  EXPECT_TRUE(journal.ok()) << (journal.ok() ? "" : journal.error().what);
  return journal.ok() ? std::move(*journal) : nullptr;
}

class JournalAtLevel : public ::testing::TestWithParam<JournalDurability> {
 protected:
  JournalOptions threaded() const {
    JournalOptions options = manual_options(GetParam());
    options.manual = false;
    options.ahead_bytes = 2 * options.segment_bytes;
    return options;
  }
  JournalOptions by_hand() const { return manual_options(GetParam()); }

  TemporaryDirectory temporary_;
  const std::string directory_ = temporary_.path() + "/journal";
};

INSTANTIATE_TEST_SUITE_P(Levels, JournalAtLevel,
                         ::testing::Values(JournalDurability::kProcess, JournalDurability::kDisk),
                         [](const auto& level) {
                           return level.param == JournalDurability::kProcess ? "Process" : "Disk";
                         });

TEST_P(JournalAtLevel, KeepsRecordsOverManySegmentsAndRuns) {
  constexpr std::uint64_t kPerRun = 1500;
  for (std::uint64_t run = 0; run < 4; ++run) {
    auto journal = must_open(directory_, threaded());
    ASSERT_NE(journal, nullptr);
    EXPECT_EQ(journal->recovered().last_index, run * kPerRun);
    EXPECT_EQ(journal->recovered().records, run * kPerRun);
    EXPECT_EQ(journal->recovered().torn_bytes, 0u);
    EXPECT_EQ(journal->recovered().stopped_cleanly, run > 0);
    for (std::uint64_t i = run * kPerRun + 1; i <= (run + 1) * kPerRun; ++i) {
      EXPECT_EQ(append(*journal, payload_of(i)).index, i);
      if (i % 10 == 0) journal->flush();
    }
    ASSERT_TRUE(journal->close().ok());
    EXPECT_EQ(journal->durable_index(), (run + 1) * kPerRun);
  }
  EXPECT_EQ(expect_records(posix_file_system(), directory_), 4 * kPerRun);
  const auto report = verify_journal(posix_file_system(), directory_);
  ASSERT_TRUE(report.ok());
  EXPECT_GT(report->segments, 10u);
}

TEST_P(JournalAtLevel, RefusesADirectoryThatIsInUse) {
  auto journal = must_open(directory_, by_hand());
  auto second = Journal::open(posix_file_system(), directory_, by_hand());
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.error().what.find("another process"), std::string::npos) << second.error().what;
}

TEST_P(JournalAtLevel, KeepsEmptyAndLargestRecords) {
  auto journal = must_open(directory_, threaded());
  const std::string largest(journal->largest_payload(), 'L');
  for (int i = 0; i < 20; ++i) {
    append(*journal, "");
    append(*journal, largest);
    journal->flush();
  }
  ASSERT_TRUE(journal->close().ok());
  auto reader = JournalReader::open(posix_file_system(), directory_);
  ASSERT_TRUE(reader.ok());
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ((**reader->next()).payload.size(), 0u);
    EXPECT_EQ(text_of((**reader->next()).payload), largest);
  }
  EXPECT_FALSE(reader->next()->has_value());
}

// Who starts from a journal gets its records while they are checked: all of them, in order, over segments and pieces,
// with a look at the next one; behind a snapshot's position; and none that an error comes before.
TEST_P(JournalAtLevel, AStartVisitsEachRecordOnce) {
  constexpr std::uint64_t kCount = 4'000;
  constexpr std::size_t kLargest = 2'000;
  std::vector<Position> positions{Position{}};
  {
    auto journal = must_open(directory_, threaded());
    for (std::uint64_t i = 1; i <= kCount; ++i) positions.push_back(append(*journal, payload_of(i, kLargest)));
    ASSERT_TRUE(journal->close().ok());
  }
  EXPECT_GT(expected_records(posix_file_system(), directory_), kCount * 9 / 10);
  EXPECT_LT(expected_records(posix_file_system(), directory_), kCount * 11 / 10);
  std::uint64_t visited = 0;
  std::uint64_t looked_ahead = 0;
  std::uint64_t fails_at = 0;
  JournalOptions options = by_hand();
  options.scan.visit = [&](const JournalRecord& record, std::span<const std::byte> following) -> Status {
    if (record.position.index == fails_at) return Error{"it does not fold"};
    ++visited;
    EXPECT_EQ(record.position, positions[record.position.index]);
    EXPECT_EQ(record.content_version, options.content_version);
    EXPECT_EQ(text_of(record.payload), payload_of(record.position.index, kLargest));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(record.payload.data()) % kFrameAlignment, 0u);
    if (following.empty()) return {};
    EXPECT_EQ(text_of(following), payload_of(record.position.index + 1, kLargest));
    ++looked_ahead;
    return {};
  };
  ASSERT_NE(must_open(directory_, options), nullptr);
  EXPECT_EQ(visited, kCount);
  EXPECT_GT(looked_ahead, kCount * 9 / 10);

  visited = 0;
  options.scan.from = positions[2'500];
  ASSERT_NE(must_open(directory_, options), nullptr);
  EXPECT_EQ(visited, kCount - 2'500);

  visited = 0;
  options.scan.from = Position{};
  fails_at = 3'000;
  const auto refused = Journal::open(posix_file_system(), directory_, options);
  ASSERT_FALSE(refused.ok());
  const std::uint64_t offset = positions[3'000].offset;
  std::uint64_t base = 0;
  const auto segments = list_segments(posix_file_system(), directory_);
  for (const SegmentFile& segment : *segments) {
    if (segment.header.base <= offset) base = segment.header.base;
  }
  EXPECT_GT(base, 0u);
  EXPECT_EQ(refused.error().what, segment_path(directory_, base) + " at offset " + std::to_string(offset - base) +
                                      ": record 3000: it does not fold");
  EXPECT_EQ(visited, 2'999u);
}

TEST_P(JournalAtLevel, ReadsEachRecordByItsOffsetDurableOrNot) {
  auto journal = must_open(directory_, by_hand());
  std::vector<Position> positions;
  std::vector<std::byte> scratch;
  for (std::uint64_t i = 1; i <= 800; ++i) {
    positions.push_back(append(*journal, payload_of(i)));
    // Some are synced, the last ones are still in memory.
    if (i % 37 == 0 && GetParam() == JournalDurability::kDisk) journal->sync_step();
    for (std::uint64_t back : {std::uint64_t{1}, i / 2 + 1, i}) {
      auto payload = journal->read(positions[back - 1].offset, scratch);
      ASSERT_TRUE(payload.ok()) << payload.error().what;
      ASSERT_EQ(text_of(*payload), payload_of(back));
    }
  }
  EXPECT_FALSE(journal->read(positions.back().offset + 8, scratch).ok());
  EXPECT_FALSE(journal->read(positions.back().offset + 4096, scratch).ok());
}

TEST_P(JournalAtLevel, AReaderFollowsTheWriter) {
  auto journal = must_open(directory_, threaded());
  constexpr std::uint64_t kRecords = 20000;
  std::thread writer([&] {
    for (std::uint64_t i = 1; i <= kRecords; ++i) {
      append(*journal, payload_of(i));
      if (i % 16 == 0) journal->flush();
    }
    journal->flush();
  });
  // One reads files and checks, as another process does; the other takes what this process wrote where it stands.
  auto checking = JournalReader::open(posix_file_system(), directory_);
  auto trusting = JournalReader::open(posix_file_system(), directory_);
  ASSERT_TRUE(checking.ok() && trusting.ok());
  trusting->trust_own_records_behind(journal->recovered().last_index);
  const auto follow = [&](JournalReader& reader) {
    std::uint64_t seen = 0;
    while (seen < kRecords && !HasFailure()) {
      auto record = reader.next(journal->durable_index());
      if (!record.ok()) {
        ADD_FAILURE() << record.error().what;
        return;
      }
      if (!*record) {
        std::this_thread::yield();
        continue;
      }
      ++seen;
      EXPECT_EQ((*record)->position.index, seen);
      EXPECT_EQ(text_of((*record)->payload), payload_of(seen));
    }
  };
  std::thread other([&] { follow(*checking); });
  follow(*trusting);
  other.join();
  writer.join();

  // Who looks ahead is shown the record that comes next, but for the first of each segment, and nothing behind the limit.
  auto looking = JournalReader::open(posix_file_system(), directory_);
  ASSERT_TRUE(looking.ok());
  looking->trust_own_records_behind(journal->recovered().last_index);
  std::uint64_t shown = 0;
  std::uint64_t far = 0;
  for (std::uint64_t i = 1; i <= kRecords && !HasFailure(); ++i) {
    ASSERT_TRUE(looking->next(kRecords).value().has_value());
    if (const auto third = looking->following(3); !third.empty()) {
      ++far;
      EXPECT_EQ(text_of(third), payload_of(i + 3));
    }
    const auto following = looking->following();
    if (following.empty()) continue;
    ++shown;
    EXPECT_EQ(text_of(following), payload_of(i + 1));
  }
  EXPECT_GT(shown, kRecords / 2);
  EXPECT_GT(far, kRecords / 4);
  EXPECT_LT(far, shown);
  EXPECT_TRUE(checking->following().empty());

  // Though what is behind the limit may have been read with it.
  auto limited = JournalReader::open(posix_file_system(), directory_);
  ASSERT_TRUE(limited.ok());
  limited->trust_own_records_behind(journal->recovered().last_index);
  ASSERT_TRUE(limited->next(2).value().has_value());
  EXPECT_EQ(text_of(limited->following()), payload_of(2));
  EXPECT_TRUE(limited->following(2).empty());
  ASSERT_TRUE(limited->next(2).value().has_value());
  EXPECT_FALSE(limited->next(2).value().has_value());
  auto third = limited->next(3).value();
  ASSERT_TRUE(third.has_value());
  EXPECT_EQ(text_of(third->payload), payload_of(3));
}

// A writer that is at the end of each segment before the next one is ready, and takes it in that moment.
TEST_P(JournalAtLevel, SegmentsAreFilledFasterThanTheyArePrepared) {
  auto journal = must_open(directory_, threaded());
  const std::string payload(kMinSegmentBytes / 8, 'x');
  constexpr std::uint64_t kRecords = 1400;  // 200 segments
  std::minstd_rand random(7);
  for (std::uint64_t i = 1; i <= kRecords && !journal->failed(); ++i) {
    while (journal->would_block(payload.size()) && !journal->failed()) journal->flush();
    for (auto spins = random() % 4096; spins > 0; --spins) std::atomic_signal_fence(std::memory_order_seq_cst);
    EXPECT_EQ(append(*journal, payload).index, i);
  }
  ASSERT_TRUE(journal->close().ok());
  EXPECT_EQ(journal->durable_index(), kRecords);
}

TEST_P(JournalAtLevel, WhatAnEarlierRunWroteIsCheckedByAllReaders) {
  std::uint64_t damaged_at = 0;
  Position last;
  {
    auto journal = must_open(directory_, threaded());
    for (std::uint64_t i = 1; i <= 10; ++i) {
      last = append(*journal, payload_of(i));
      if (i == 5) damaged_at = last.offset;
    }
    ASSERT_TRUE(journal->close().ok());
  }
  auto journal = must_open(directory_, threaded());
  append(*journal, payload_of(11));
  journal->flush();
  while (journal->durable_index() < 11) std::this_thread::yield();
  // A disk that rots while the gateway runs.
  auto file = posix_file_system().open(segment_path(directory_, 0), OpenMode::kReadWrite);
  ASSERT_TRUE(file.ok());
  const std::byte wrong{0x7f};
  ASSERT_TRUE(write_all(**file, damaged_at + kFrameHeaderBytes + 3, std::span(&wrong, 1)).ok());
  auto reader = JournalReader::open(posix_file_system(), directory_);
  ASSERT_TRUE(reader.ok());
  reader->trust_own_records_behind(journal->recovered().last_index);
  for (int i = 1; i <= 4; ++i) ASSERT_TRUE(reader->next(11).ok());
  EXPECT_FALSE(reader->next(11).ok());
  // What this run wrote is there all the same.
  ASSERT_TRUE(reader->seek_behind(last).ok());
  const auto own = reader->next(11);
  ASSERT_TRUE(own.ok() && *own);
  EXPECT_EQ(text_of((*own)->payload), payload_of(11));
}

TEST_P(JournalAtLevel, SeeksByIndexAndByPosition) {
  auto journal = must_open(directory_, threaded());
  std::vector<Position> positions{Position{}};
  for (std::uint64_t i = 1; i <= 3000; ++i) positions.push_back(append(*journal, payload_of(i)));
  ASSERT_TRUE(journal->close().ok());
  auto reader = JournalReader::open(posix_file_system(), directory_);
  ASSERT_TRUE(reader.ok());
  for (std::uint64_t i : {0u, 1u, 2u, 500u, 2999u, 1234u, 3000u}) {
    ASSERT_TRUE(reader->seek_behind(i).ok());
    EXPECT_EQ(reader->last_index(), i);
    ASSERT_TRUE(reader->seek_behind(positions[i]).ok());
    auto next = reader->next();
    ASSERT_TRUE(next.ok());
    ASSERT_EQ(next->has_value(), i < 3000);
    if (i < 3000) {
      EXPECT_EQ((*next)->position, positions[i + 1]);
    }
  }
  EXPECT_FALSE(reader->seek_behind(std::uint64_t{3001}).ok());
  EXPECT_FALSE(reader->seek_behind(Position{5, positions[6].offset}).ok());
  EXPECT_FALSE(reader->seek_behind(Position{5, positions[5].offset, positions[5].checksum + 1}).ok());

  // A recovery from a snapshot's position reads only what is behind it.
  JournalOptions options = by_hand();
  options.scan.from = positions[2500];
  {
    auto reopened = must_open(directory_, options);
    ASSERT_NE(reopened, nullptr);
    EXPECT_EQ(reopened->recovered().records, 501u);
    EXPECT_EQ(reopened->last_index(), 3000u);
  }
  options.scan.from.index += 1;
  EXPECT_FALSE(Journal::open(posix_file_system(), directory_, options).ok());
}

TEST_P(JournalAtLevel, ARecordGivenUpLeavesNoTrace) {
  auto journal = must_open(directory_, by_hand());
  append(*journal, payload_of(1));
  auto memory = journal->begin(4000);
  std::memset(memory.data(), 0xFF, memory.size());
  append(*journal, payload_of(2));
  ASSERT_TRUE(journal->close().ok());
  journal.reset();
  EXPECT_EQ(expect_records(posix_file_system(), directory_), 2u);
  auto again = must_open(directory_, by_hand());
  EXPECT_EQ(again->last_index(), 2u);
}

TEST_P(JournalAtLevel, AnotherContentVersionBeginsASegment) {
  append(*must_open(directory_, by_hand()), payload_of(1));  // Not closed: as after a kill.
  JournalOptions options = by_hand();
  if (GetParam() == JournalDurability::kDisk) {
    auto journal = must_open(directory_, options);
    append(*journal, payload_of(1));
    ASSERT_TRUE(journal->close().ok());
  }
  options.content_version = 2;
  auto journal = must_open(directory_, options);
  append(*journal, payload_of(2));
  ASSERT_TRUE(journal->close().ok());
  auto reader = JournalReader::open(posix_file_system(), directory_);
  EXPECT_EQ((**reader->next()).content_version, 0u);
  EXPECT_EQ((**reader->next()).content_version, 2u);
  EXPECT_EQ(expect_records(posix_file_system(), directory_), 2u);
}

TEST_P(JournalAtLevel, AppendsWithoutAllocating) {
  JournalOptions options = by_hand();
  options.segment_bytes = std::uint64_t{1} << 20;
  options.ring_bytes = std::uint64_t{512} << 10;
  auto journal = must_open(directory_, options);
  const std::string payload(400, 'x');
  const std::uint64_t before = allocation_count();
  for (int i = 0; i < 500; ++i) {
    auto memory = journal->begin(64 << 10);
    std::memcpy(memory.data(), payload.data(), payload.size());
    journal->commit(payload.size());
  }
  EXPECT_EQ(allocation_count(), before);
}

TEST(JournalOnDisk, IsDurableOnlyAfterTheSync) {
  TemporaryDirectory temporary;
  auto journal = must_open(temporary.path() + "/journal", manual_options());
  append(*journal, "a");
  append(*journal, "b");
  EXPECT_EQ(journal->durable_index(), 0u);
  EXPECT_TRUE(journal->sync_step());
  EXPECT_EQ(journal->durable_index(), 2u);
  EXPECT_EQ(journal->groups(), 1u);
  EXPECT_FALSE(journal->sync_step());
}

TEST(JournalOnDisk, SaysWhenItWouldBlock) {
  TemporaryDirectory temporary;
  auto journal = must_open(temporary.path() + "/journal", manual_options());
  const std::string payload(4000, 'x');
  while (!journal->would_block(payload.size())) append(*journal, payload);
  EXPECT_EQ(journal->last_index(), 8u);
  EXPECT_TRUE(journal->sync_step());
  EXPECT_FALSE(journal->would_block(payload.size()));
  // By hand, begin does the work itself where it would wait.
  for (int i = 0; i < 100; ++i) append(*journal, payload);
  EXPECT_EQ(journal->last_index(), 108u);
}

TEST(JournalOnDisk, WakesItsOwnerAfterEachGroup) {
  TemporaryDirectory temporary;
  JournalOptions options = manual_options();
  options.manual = false;
  std::atomic<int> woken{0};
  options.wake = [&] { woken.fetch_add(1), woken.notify_all(); };
  auto journal = must_open(temporary.path() + "/journal", options);
  append(*journal, "a");
  journal->flush();
  woken.wait(0);
  EXPECT_EQ(journal->durable_index(), 1u);
}

// The core makes a few records durable itself, which spares two threads' wake-ups.
TEST(JournalOnDisk, AFewRecordsAreSyncedWhereTheyWereCommitted) {
  TemporaryDirectory temporary;
  JournalOptions options = manual_options();
  options.quick_sync = std::chrono::hours(1);
  int woken = 0;
  options.wake = [&] { ++woken; };
  auto journal = must_open(temporary.path() + "/journal", options);
  EXPECT_FALSE(journal->sync_few());  // nothing is committed
  append(*journal, "a");
  EXPECT_FALSE(journal->sync_few());  // how fast the disk is, is not known yet
  EXPECT_TRUE(journal->sync_step());
  for (std::uint64_t i = 0; i < Journal::kFew; ++i) append(*journal, "b");
  EXPECT_TRUE(journal->sync_few());
  EXPECT_EQ(journal->durable_index(), 1 + Journal::kFew);
  EXPECT_EQ(journal->groups(), 2u);
  EXPECT_EQ(woken, 1) << "not for what it did itself";
  EXPECT_GT(journal->take_longest_wait().count(), 0);
  EXPECT_EQ(journal->take_longest_wait().count(), 0);

  for (std::uint64_t i = 0; i <= Journal::kFew; ++i) append(*journal, "c");
  EXPECT_FALSE(journal->sync_few());
  EXPECT_EQ(journal->durable_index(), 1 + Journal::kFew);
}

// With both at work: the core in between with what is little, the sync thread with the rest and with each new segment.
TEST(JournalOnDisk, CoreAndSyncThreadTakeTurns) {
  TemporaryDirectory temporary;
  JournalOptions options = manual_options();
  options.manual = false;
  options.quick_sync = std::chrono::hours(1);
  const std::string directory = temporary.path() + "/journal";
  auto journal = must_open(directory, options);
  constexpr std::uint64_t kRecords = 3'000;
  std::uint64_t batch = 0;
  for (std::uint64_t i = 1; i <= kRecords; ++i) {
    append(*journal, payload_of(i));
    if (++batch <= i % (2 * Journal::kFew)) continue;
    batch = 0;
    if (!journal->sync_few()) journal->flush();
  }
  ASSERT_TRUE(journal->close().ok());
  EXPECT_EQ(expect_records(posix_file_system(), directory), kRecords);
}

TEST(JournalOptionsCheck, RefusesImpossibleSizes) {
  TemporaryDirectory temporary;
  JournalOptions options = manual_options();
  options.ring_bytes = options.segment_bytes;
  EXPECT_FALSE(Journal::open(posix_file_system(), temporary.path() + "/j", options).ok());
  options = manual_options();
  options.segment_bytes += 8;
  EXPECT_FALSE(Journal::open(posix_file_system(), temporary.path() + "/j", options).ok());
}

TEST(JournalVerify, SaysWhatWasExpectedWhereThereIsNoJournal) {
  TemporaryDirectory temporary;
  EXPECT_FALSE(verify_journal(posix_file_system(), temporary.path() + "/missing").ok());
  EXPECT_FALSE(verify_journal(posix_file_system(), temporary.path()).ok());
}

}  // namespace
}  // namespace portcullis::persistence::testing
