#include "persistence/pages_ahead.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "tests/persistence/fault_file_system.h"
#include "tests/persistence/journal_fixture.h"

namespace portcullis::persistence::testing {
namespace {

using namespace std::chrono_literals;
using Ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;  // offset, size

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

class Noted final : public Mapping {
 public:
  explicit Noted(std::uint64_t size) : bytes_(size) {}
  std::span<std::byte> bytes() override { return bytes_; }
  void make_ready(std::uint64_t offset, std::uint64_t size) override { ranges.emplace_back(offset, size); }
  void unmap(const BetweenPieces&) override {}

  Ranges ranges;

 private:
  std::vector<std::byte> bytes_;
};

class PagesAheadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ahead.add(0, first, now);
    ahead.add(8 * kMiB, second, now);
    now += 40s;
    ahead.keep_ready(100, now);  // the piece that the core is in, and no more
    EXPECT_EQ(std::exchange(first.ranges, {}), (Ranges{{0, 2 * kMiB}}));
    EXPECT_EQ(second.ranges, Ranges{});
  }

  Noted first{8 * kMiB}, second{5 * kMiB};
  PagesAhead ahead{2s};
  PagesAhead::Clock::time_point now{1h};
};

TEST_F(PagesAheadTest, LeavesWhatWasMadeReadyAMomentAgo) {
  now += 1999ms;
  ahead.keep_ready(kMiB, now);
  EXPECT_EQ(first.ranges, (Ranges{{2 * kMiB, 2 * kMiB}, {4 * kMiB, 2 * kMiB}})) << "but not what it is in";
}

TEST(PagesAhead, LeavesASegmentThatIsFilledFast) {
  Noted segment{8 * kMiB};
  PagesAhead ahead{2s};
  PagesAhead::Clock::time_point now{1h};
  ahead.add(0, segment, now);
  ahead.keep_ready(kMiB, now + 39s);
  EXPECT_EQ(segment.ranges, Ranges{});
  ahead.keep_ready(kMiB + 8, now + 40s);
  EXPECT_EQ(segment.ranges, (Ranges{{0, 2 * kMiB}}));
}

TEST_F(PagesAheadTest, MakesReadyThePieceThatTheCoreIsInAndNoOther) {
  now += 2s;
  ahead.keep_ready(kMiB, now);  // less than a piece; so many looks lead into the next two
  EXPECT_EQ(first.ranges, (Ranges{{0, 2 * kMiB}, {2 * kMiB, 2 * kMiB}, {4 * kMiB, 2 * kMiB}}));
  EXPECT_EQ(second.ranges, Ranges{});
  now += 100ms;
  ahead.keep_ready(kMiB + 8, now);
  EXPECT_EQ(first.ranges.size(), 3U) << "a moment ago";
  now += 2s;
  ahead.keep_ready(kMiB + 16, now);
  EXPECT_EQ(first.ranges.size(), 4U) << "it comes no further than this piece";
  EXPECT_EQ(first.ranges.back(), (std::pair{std::uint64_t{0}, 2 * kMiB}));
}

TEST_F(PagesAheadTest, GoesOnIntoTheNextSegmentAndStopsAtItsEnd) {
  now += 2s;
  ahead.keep_ready(7 * kMiB, now);
  EXPECT_EQ(first.ranges, (Ranges{{6 * kMiB, 2 * kMiB}}));
  EXPECT_EQ(second.ranges, (Ranges{{0, 2 * kMiB}, {2 * kMiB, 2 * kMiB}, {4 * kMiB, kMiB}}));
}

// The core goes over to the next segment before it is known that it has left the last one.
TEST_F(PagesAheadTest, KnowsWhichSegmentsTheCoreHasLeft) {
  now += 2s;
  ahead.keep_ready(12 * kMiB, now);
  EXPECT_EQ(first.ranges, Ranges{});
  EXPECT_EQ(second.ranges, (Ranges{{4 * kMiB, kMiB}}));
  ahead.remove_oldest();
  now += 2s;
  ahead.keep_ready(12 * kMiB + 8, now);
  EXPECT_EQ(first.ranges, Ranges{});
  EXPECT_EQ(second.ranges.size(), 2U);
}

TEST_F(PagesAheadTest, DoesNothingWhileNothingMovesNorAgainAtOnce) {
  now += 1h;
  ahead.keep_ready(100, now);
  EXPECT_EQ(first.ranges, Ranges{});
  now += PagesAhead::kLookAfter - 1ms;
  ahead.keep_ready(108, now);
  EXPECT_EQ(first.ranges, Ranges{});
  now += 1ms;
  ahead.keep_ready(108, now);
  EXPECT_EQ(first.ranges, (Ranges{{0, 2 * kMiB}}));
}

// --- on a real file ---

long faults_of_this_thread() {
  rusage usage = {};
  EXPECT_EQ(::getrusage(RUSAGE_THREAD, &usage), 0);
  return usage.ru_minflt;
}

// What a sanitizer notes of a store would be faults, too.
__attribute__((no_sanitize("thread", "address"))) void store_into_each(volatile char* pages, std::uint64_t bytes) {
  for (std::uint64_t at = 0; at < bytes; at += 4096) pages[at] = 1;
}

class RealMapping : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kBytes = 4 * kMiB;

  void SetUp() override {
    auto opened = posix_file_system().open(temporary.path() + "/segment", OpenMode::kCreate);
    ASSERT_TRUE(opened.ok()) << opened.error().what;
    file = std::move(*opened);
    ASSERT_TRUE(file->allocate(kBytes).ok());
    // In pieces, as a segment is made: the system maps large ones as a whole.
    const std::vector<std::byte> zeros(kPieceBytes);
    for (std::uint64_t at = 0; at < kBytes; at += kPieceBytes) ASSERT_TRUE(write_all(*file, at, zeros).ok());
    auto mapped = file->map(kBytes, [] {});
    ASSERT_TRUE(mapped.ok()) << mapped.error().what;
    mapping = std::move(*mapped);
  }
  // How often this thread faults while it stores into each page.
  long faults_of_stores() {
    auto* const pages = reinterpret_cast<volatile char*>(mapping->bytes().data());
    const long before = faults_of_this_thread();
    store_into_each(pages, kBytes);
    return faults_of_this_thread() - before;
  }

  TemporaryDirectory temporary;
  std::unique_ptr<File> file;
  std::unique_ptr<Mapping> mapping;
};

TEST_F(RealMapping, AStoreDoesNotFaultOnceItsPagesAreReadyAgain) {
  EXPECT_LE(faults_of_stores(), 8) << "as mapped";
  // As the system does by itself after some time: now they are clean, and read-only to the processor.
  ASSERT_TRUE(file->sync_data().ok());
  mapping->make_ready(0, PagesAhead::kPieceBytes);
  mapping->make_ready(PagesAhead::kPieceBytes, PagesAhead::kPieceBytes);
  EXPECT_LE(faults_of_stores(), 8) << "of " << kBytes / 4096 << " pages";
}

TEST_F(RealMapping, NothingStoredMeanwhileIsLost) {
  std::atomic<std::uint64_t> filled{0};
  std::thread other([&] {
    while (filled.load(std::memory_order_relaxed) < kBytes) {
      mapping->make_ready(
          filled.load(std::memory_order_relaxed) / PagesAhead::kPieceBytes * PagesAhead::kPieceBytes % kBytes,
          PagesAhead::kPieceBytes);
    }
  });
  for (std::uint64_t i = 0; i < kBytes; i += 8) {
    const std::uint64_t word = i * 0x9e3779b97f4a7c15U + 1;
    std::memcpy(mapping->bytes().data() + i, &word, sizeof word);
    filled.store(i + 8, std::memory_order_relaxed);
  }
  other.join();
  mapping.reset();
  std::vector<std::byte> stored(kBytes);
  ASSERT_TRUE(read_up_to(*file, 0, stored).ok());
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < kBytes; i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, stored.data() + i, sizeof word);
    wrong += word != i * 0x9e3779b97f4a7c15U + 1;
  }
  EXPECT_EQ(wrong, 0U);
}

// --- by a journal ---

TEST(JournalPages, AreMadeReadyAheadOfTheCoreAtLevelProcessOnly) {
  for (const JournalDurability durability : {JournalDurability::kProcess, JournalDurability::kDisk}) {
    FaultFileSystem files;
    JournalOptions options = manual_options(durability);
    options.pages_ready_for = {};
    auto journal = Journal::open(files, "journal", options);
    ASSERT_TRUE(journal.ok()) << journal.error().what;
    int made_ready = 0;
    files.on_make_ready = [&](std::uint64_t, std::uint64_t) { ++made_ready; };
    const std::string payload(8000, 'x');
    int looks = 0;
    for (int i = 0; i < 100; ++i) {
      append(**journal, payload);
      if ((*journal)->durable_index() != (*journal)->last_index()) (*journal)->sync_step();
      (*journal)->prepare_step();
      ++looks;
      if (durability == JournalDurability::kProcess) {
        EXPECT_GE(made_ready, looks) << "record " << i;
      }
    }
    if (durability == JournalDurability::kDisk) {
      EXPECT_EQ(made_ready, 0);
    }
    ASSERT_TRUE((*journal)->close().ok());
  }
}

}  // namespace
}  // namespace portcullis::persistence::testing
