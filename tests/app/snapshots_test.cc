#include "app/snapshots.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/order_log.h"
#include "gateway/snapshot.h"
#include "persistence/journal.h"
#include "persistence/start_file.h"
#include "tests/gateway/random_flow.h"

namespace portcullis::app {
namespace {

using persistence::Position;

constexpr int kSteps = 1'500;
// For what the follower does, which gives way to all others on this machine.
constexpr std::chrono::minutes kAtMost{2};

// The system's files, where what is written to a snapshot can fail.
class FullDisk final : public persistence::FileSystem {
 public:
  std::atomic<bool> full = false;
  std::atomic<int> failures = 0;

  persistence::IoResult<std::unique_ptr<persistence::File>> open(const std::string& path,
                                                                 persistence::OpenMode mode) override {
    auto file = files_.open(path, mode);
    if (!file || mode != persistence::OpenMode::kCreate || !path.ends_with(".snapshot.tmp")) return file;
    return std::unique_ptr<persistence::File>(std::make_unique<Unfinished>(*this, std::move(*file)));
  }
  persistence::IoResult<> rename(const std::string& from, const std::string& to) override {
    return files_.rename(from, to);
  }
  persistence::IoResult<> remove(const std::string& path) override { return files_.remove(path); }
  persistence::IoResult<> make_directory(const std::string& path) override { return files_.make_directory(path); }
  persistence::IoResult<> sync_directory(const std::string& path) override { return files_.sync_directory(path); }
  persistence::IoResult<std::vector<std::string>> list(const std::string& path) override { return files_.list(path); }
  bool exists(const std::string& path) override { return files_.exists(path); }
  persistence::IoResult<std::uint64_t> free_bytes(const std::string& path) override { return files_.free_bytes(path); }
  persistence::IoResult<std::unique_ptr<persistence::FileLock>> lock(const std::string& path) override {
    return files_.lock(path);
  }

 private:
  // Its first piece is taken; those behind it find the disk full.
  class Unfinished final : public persistence::File {
   public:
    Unfinished(FullDisk& disk, std::unique_ptr<persistence::File> file) : disk_(disk), file_(std::move(file)) {}
    persistence::IoResult<std::size_t> read_some(std::uint64_t offset, std::span<std::byte> to) override {
      return file_->read_some(offset, to);
    }
    persistence::IoResult<std::size_t> write_some(std::uint64_t offset,
                                                  std::span<const std::span<const std::byte>> parts) override {
      if (!disk_.full || offset == 0) return file_->write_some(offset, parts);
      ++disk_.failures;
      return persistence::IoError{ENOSPC, "write: no space left on device"};
    }
    persistence::IoResult<> sync_data() override { return file_->sync_data(); }
    persistence::IoResult<> write_out(std::uint64_t offset, std::uint64_t size) override {
      return file_->write_out(offset, size);
    }
    persistence::IoResult<> allocate(std::uint64_t bytes) override { return file_->allocate(bytes); }
    persistence::IoResult<> truncate(std::uint64_t bytes) override { return file_->truncate(bytes); }
    persistence::IoResult<std::uint64_t> size() override { return file_->size(); }
    persistence::IoResult<std::unique_ptr<persistence::Mapping>> map(
        std::uint64_t bytes, const persistence::BetweenPieces& between_pieces) override {
      return file_->map(bytes, between_pieces);
    }
    persistence::IoResult<std::unique_ptr<persistence::ReadMapping>> map_for_reading(std::uint64_t bytes) override {
      return file_->map_for_reading(bytes);
    }

   private:
    FullDisk& disk_;
    std::unique_ptr<persistence::File> file_;
  };

  persistence::FileSystem& files_ = persistence::posix_file_system();
};

// A data directory with the journal of a random trading day, at rest.
class SnapshotsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "portcullis-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    persistence::JournalOptions options;
    options.durability = persistence::JournalDurability::kProcess;
    options.segment_bytes = std::uint64_t{1} << 20;
    options.reserve_bytes = 0;
    auto journal = persistence::Journal::open(files_, persistence::journal_directory(directory_), options);
    ASSERT_TRUE(journal.ok()) << journal.error().what;
    gateway::testing::Gateway gateway;
    gateway::testing::RandomFlow flow(11);
    for (int i = 0; i < kSteps; ++i) flow.next(gateway)(gateway);
    for (const auto& content : gateway.records()) {
      const auto memory = (*journal)->begin(content.size());
      std::memcpy(memory.data(), content.data(), content.size());
      positions_.push_back((*journal)->commit(content.size()));
    }
    journal_id_ = (*journal)->journal_id();
    ASSERT_TRUE((*journal)->close().ok());
    whole_ = recovered(Position{});
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  std::uint64_t records() const { return positions_.size(); }
  Snapshots::Pace never() const { return {~std::uint64_t{0}, std::chrono::hours(24)}; }

  // The bytes of the state that a start has: the newest snapshot, which must be that of `expected`, and the rest.
  std::vector<std::byte> recovered(Position expected) {
    gateway::Core core;
    OutboundIndex outbound;
    passed_over_.clear();
    const auto found = load_newest_snapshot(files_, directory_, core, outbound, passed_over_);
    EXPECT_TRUE(found.ok());
    EXPECT_EQ(found->index, expected.index);
    EXPECT_EQ(found->offset, expected.offset);
    auto reader = persistence::JournalReader::open(files_, persistence::journal_directory(directory_));
    EXPECT_TRUE(reader.ok());
    EXPECT_TRUE(reader->seek_behind(*found).ok());
    std::uint64_t folded = 0;
    while (true) {
      const auto next = reader->next(records());
      EXPECT_TRUE(next.ok());
      if (!next.ok() || !next->has_value()) break;
      const Status status = fold(**next, core, outbound);
      EXPECT_TRUE(status.ok()) << status.error().what;
      ++folded;
    }
    EXPECT_EQ(folded, records() - found->index);
    std::vector<std::byte> bytes;
    ByteSink sink(bytes);
    save_snapshot(core, outbound, sink);
    sink.flush();
    return bytes;
  }

  // A follower's last snapshot with the journal durable up to `index`.
  void snapshot_of(std::uint64_t index) {
    Snapshots snapshots(
        files_, directory_, [index] { return index; }, never());
    snapshots.finish();
    EXPECT_EQ(snapshots.last_index(), index);
  }
  // A snapshot that holds these bytes, whatever they are.
  auto write(persistence::SnapshotStore& store, const Position& last, const std::vector<std::byte>& state) const {
    return store.write(journal_id_, last, [&state](ByteSink& out) { out.append(state); });
  }
  std::string path_of(std::uint64_t index) const {
    char name[32];
    std::snprintf(name, sizeof name, "/%016llx.snapshot", static_cast<unsigned long long>(index));
    return persistence::snapshot_directory(directory_) + name;
  }
  static void break_file(const std::string& path, std::streamoff at = 1'000) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    ASSERT_TRUE(file.is_open()) << path;
    file.seekg(at);
    const char old = static_cast<char>(file.get());
    file.seekp(at);
    file.put(static_cast<char>(old ^ 1));
  }

  FullDisk disk_;
  persistence::FileSystem& files_ = disk_;
  std::string directory_;
  std::vector<Position> positions_;
  std::uint64_t journal_id_ = 0;
  std::vector<std::byte> whole_;  // folded without a snapshot
  std::vector<std::string> passed_over_;
};

TEST_F(SnapshotsTest, RecoveryWithAndWithoutOneGivesTheSameState) {
  const std::uint64_t half = records() / 2;
  for (const std::uint64_t index : {std::uint64_t{1}, half, records()}) {
    snapshot_of(index);
    EXPECT_TRUE(recovered(positions_[index - 1]) == whole_) << "from record " << index;
    EXPECT_TRUE(passed_over_.empty());
  }
}

TEST_F(SnapshotsTest, WithoutTheirJournalNothingIsBegun) {
  snapshot_of(records());
  std::filesystem::remove_all(persistence::journal_directory(directory_));
  gateway::Core core;
  OutboundIndex outbound;
  const auto refused = load_newest_snapshot(files_, directory_, core, outbound, passed_over_);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().what.find("restore the journal from a copy"), std::string::npos) << refused.error().what;
}

// Two of them would be the two that are kept, and what is written now would be removed at once.
TEST_F(SnapshotsTest, ThoseBehindTheJournalsEndAreRemoved) {
  const std::uint64_t end = records() / 2;
  persistence::SnapshotStore store(files_, persistence::snapshot_directory(directory_), kSnapshotContentVersion);
  ASSERT_TRUE(write(store, positions_[records() - 2], {}).ok());
  ASSERT_TRUE(write(store, positions_[records() - 1], {}).ok());
  EXPECT_EQ(store.beyond(journal_id_, end)->size(), 2u);
  EXPECT_EQ(store.beyond(journal_id_, records() - 1)->size(), 1u);
  EXPECT_TRUE(store.beyond(journal_id_, records())->empty());
  EXPECT_TRUE(store.beyond(journal_id_ + 1, end)->empty());
  // What cannot be read keeps no gateway from starting.
  std::filesystem::create_directory(path_of(records() + 1));
  ASSERT_TRUE(store.beyond(journal_id_, end).ok());
  EXPECT_EQ(store.beyond(journal_id_, end)->size(), 2u);
  std::filesystem::remove(path_of(records() + 1));
  snapshot_of(end);
  EXPECT_TRUE(std::filesystem::exists(path_of(end)));
  EXPECT_FALSE(std::filesystem::exists(path_of(records())));
  EXPECT_TRUE(store.beyond(journal_id_, end)->empty());
}

TEST_F(SnapshotsTest, TheFollowerWritesAsTheJournalGrows) {
  std::atomic<std::uint64_t> durable = 50;
  Snapshots snapshots(files_, directory_, [&durable] { return durable.load(); }, {100, std::chrono::hours(24)});
  const auto wait_for = [&snapshots](std::uint64_t index) {
    const auto deadline = std::chrono::steady_clock::now() + kAtMost;
    while (snapshots.last_index() < index && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    return snapshots.last_index();
  };
  EXPECT_EQ(wait_for(50), 50u) << "what the start found";
  durable = 400;
  EXPECT_EQ(wait_for(400), 400u);
  durable = records();
  snapshots.finish();
  EXPECT_EQ(snapshots.last_index(), records());
  EXPECT_TRUE(recovered(positions_.back()) == whole_);
  // Two are kept: the last one, and that of 400 or one that was due on the way from there.
  EXPECT_TRUE(std::filesystem::exists(path_of(records())));
  EXPECT_FALSE(std::filesystem::exists(path_of(50)));
  const auto kept = std::filesystem::directory_iterator(std::filesystem::path(path_of(50)).parent_path());
  EXPECT_EQ(std::distance(begin(kept), end(kept)), 2);
}

// A disk that fails for a while does not end those who follow the journal.
TEST_F(SnapshotsTest, FollowersGoOnWhenTheJournalCanBeReadAgain) {
  const std::uint64_t middle = records() / 2;
  const std::uint64_t at = positions_[middle].offset;
  const auto segments = persistence::list_segments(files_, persistence::journal_directory(directory_));
  const auto holds = [at](const persistence::SegmentFile& s) { return at < s.header.base + s.header.bytes; };
  const auto found = std::find_if(segments->begin(), segments->end(), holds);
  const std::string segment = found->path;
  const auto offset = static_cast<std::streamoff>(at - found->header.base + persistence::kFrameHeaderBytes);
  break_file(segment, offset);
  const auto durable = [this] { return records(); };
  Snapshots snapshots(files_, directory_, durable, never());
  OrderLog order_log(persistence::journal_directory(directory_), "LDN1", records(), durable);
  const auto wait_for = [&](std::uint64_t index) {
    const auto deadline = std::chrono::steady_clock::now() + kAtMost;
    while ((snapshots.folded_index() < index || order_log.last_index() < index) && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    EXPECT_EQ(snapshots.folded_index(), index);
    EXPECT_EQ(order_log.last_index(), index);
  };
  wait_for(middle);
  break_file(segment, offset);  // whole again
  wait_for(records());
  snapshots.finish();
  EXPECT_EQ(snapshots.last_index(), records());
  EXPECT_TRUE(recovered(positions_.back()) == whole_);
}

TEST_F(SnapshotsTest, ThePeriodWritesWhatIsNew) {
  std::atomic<std::uint64_t> durable = 50;
  Snapshots snapshots(files_, directory_, [&durable] { return durable.load(); },
                      {~std::uint64_t{0}, std::chrono::milliseconds(1)});
  durable = 60;
  const auto deadline = std::chrono::steady_clock::now() + kAtMost;
  while (snapshots.last_index() < 60 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_EQ(snapshots.last_index(), 60u);
}

// It once said so only when it found nothing new, and so took a larger share from trading after five seconds of it.
TEST_F(SnapshotsTest, AFollowerThatFindsNewRecordsAtEachLookHasCaughtUpBetweenThem) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NICE, &limit);
  const bool may_be_lifted = ::geteuid() == 0 || limit.rlim_cur >= 2;
  std::atomic<std::uint64_t> durable = 50;
  std::atomic<int> asked = 0;
  std::atomic<int> class_when_asked = -1;
  // The follower's thread asks at its start, at each look, and before it writes the first snapshot, behind the first look.
  constexpr int kAtTheFourthLook = 6;
  const auto one_more = [&] {
    if (asked + 1 == kAtTheFourthLook) class_when_asked = ::sched_getscheduler(0);
    ++asked;
    return ++durable;
  };
  Snapshots snapshots(files_, directory_, one_more, never());
  const auto deadline = std::chrono::steady_clock::now() + kAtMost;
  while (asked < kAtTheFourthLook && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_EQ(class_when_asked, may_be_lifted ? SCHED_IDLE : SCHED_OTHER);
}

TEST_F(SnapshotsTest, TheFollowerGoesOnFromTheNewest) {
  const std::uint64_t half = records() / 2;
  snapshot_of(half);
  Snapshots snapshots(
      files_, directory_, [half] { return half; }, never());
  snapshots.finish();
  EXPECT_EQ(snapshots.last_index(), half) << "nothing new, nothing written";
  snapshot_of(records());
  EXPECT_TRUE(recovered(positions_.back()) == whole_);
}

TEST_F(SnapshotsTest, ABrokenNewestOneGivesWay) {
  const std::uint64_t half = records() / 2;
  snapshot_of(half);
  snapshot_of(records());
  break_file(path_of(records()));
  EXPECT_TRUE(recovered(positions_[half - 1]) == whole_);
  ASSERT_EQ(passed_over_.size(), 1u);
  EXPECT_NE(passed_over_[0].find(path_of(records())), std::string::npos) << passed_over_[0];
  break_file(path_of(half));
  EXPECT_TRUE(recovered(Position{}) == whole_) << "without any, the whole journal";
  EXPECT_EQ(passed_over_.size(), 2u);
}

// The core's state, the orders among it, was taken when its last block turns out to be wrong: nothing of it stays.
TEST_F(SnapshotsTest, OneThatIsBrokenNearItsEndLeavesNothingBehind) {
  const std::uint64_t half = records() / 2;
  snapshot_of(half);
  snapshot_of(records());
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(path_of(records())));
  ASSERT_GT(size, 3 * static_cast<std::streamoff>(ByteSink::kPieceBytes));
  const std::streamoff table = (size + ByteSink::kPieceBytes - 1) / ByteSink::kPieceBytes * 8;
  for (const std::streamoff at : {size / 2, size - table - 1}) {
    break_file(path_of(records()), at);
    EXPECT_TRUE(recovered(positions_[half - 1]) == whole_);
    ASSERT_EQ(passed_over_.size(), 1u);
    EXPECT_NE(passed_over_[0].find(path_of(records()) + ": the state does not check"), std::string::npos)
        << passed_over_[0];
    break_file(path_of(records()), at);
  }
  EXPECT_TRUE(recovered(positions_.back()) == whole_);
}

TEST_F(SnapshotsTest, OneThatChecksButHoldsNoStateGivesWay) {
  const std::uint64_t half = records() / 2;
  snapshot_of(half);
  persistence::SnapshotStore store(files_, persistence::snapshot_directory(directory_), kSnapshotContentVersion);
  std::vector<std::byte> bytes = whole_;
  bytes.pop_back();
  ASSERT_TRUE(write(store, positions_.back(), bytes).ok());
  EXPECT_TRUE(recovered(positions_[half - 1]) == whole_);
  ASSERT_EQ(passed_over_.size(), 1u);
  EXPECT_EQ(passed_over_[0], "the snapshot of record " + std::to_string(records()) +
                                 ": the index of outbound messages in the snapshot ends early");
}

// After a power loss with durability `process`, the journal may be shorter than a snapshot that was synced.
TEST_F(SnapshotsTest, OneOfRecordsThatTheJournalHasLostGivesWay) {
  const std::uint64_t half = records() / 2;
  snapshot_of(half);
  persistence::SnapshotStore store(files_, persistence::snapshot_directory(directory_), kSnapshotContentVersion);
  ASSERT_TRUE(write(store, Position{records() + 5, positions_.back().offset + 4096}, whole_).ok());
  EXPECT_TRUE(recovered(positions_[half - 1]) == whole_);
  ASSERT_EQ(passed_over_.size(), 1u);
  EXPECT_NE(passed_over_[0].find("does not stand in the journal"), std::string::npos) << passed_over_[0];
}

// No snapshot is a fault of the gateway's: the follower goes on, says so, and writes one when there is room again.
TEST_F(SnapshotsTest, AFullDiskCostsASnapshotAndNothingElse) {
  const std::uint64_t half = records() / 2;
  snapshot_of(half);
  disk_.full = true;
  std::atomic<std::uint64_t> durable = half + 100;
  Snapshots snapshots(files_, directory_, [&durable] { return durable.load(); }, {1, std::chrono::hours(24)});
  const auto wait_for = [](auto&& condition) {
    const auto deadline = std::chrono::steady_clock::now() + kAtMost;
    while (!condition() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    return condition();
  };
  EXPECT_TRUE(wait_for([&] { return disk_.failures > 0; }));
  durable = records();
  EXPECT_TRUE(wait_for([&] { return snapshots.folded_index() == records(); })) << "it folds on";
  EXPECT_EQ(snapshots.last_index(), half);
  EXPECT_FALSE(std::filesystem::exists(path_of(half + 100) + ".tmp")) << "what was written is removed";
  EXPECT_TRUE(recovered(positions_[half - 1]) == whole_);
  EXPECT_EQ(disk_.failures, 1) << "nothing is written behind the first fault, nor tried again at once";
  disk_.full = false;
  snapshots.finish();
  EXPECT_EQ(snapshots.last_index(), records());
  EXPECT_TRUE(recovered(positions_.back()) == whole_);
  EXPECT_TRUE(passed_over_.empty());
}

TEST_F(SnapshotsTest, KilledWhileWritingLeavesOneThatIsWhole) {
  const std::uint64_t half = records() / 2;
  snapshot_of(half);
  for (int round = 1; round <= 20; ++round) {
    int started[2];
    ASSERT_EQ(::pipe(started), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      persistence::SnapshotStore store(files_, persistence::snapshot_directory(directory_), kSnapshotContentVersion);
      while (true) {
        const char mark = '.';
        if (::write(started[1], &mark, 1) != 1) ::_exit(1);
        if (!write(store, positions_.back(), whole_).ok()) ::_exit(2);
      }
    }
    ::close(started[1]);
    char mark = 0;
    for (int i = 0; i < round; ++i) ASSERT_EQ(::read(started[0], &mark, 1), 1);
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    ::close(started[0]);
    const bool renamed = std::filesystem::exists(path_of(records()));
    EXPECT_TRUE(recovered(renamed ? positions_.back() : positions_[half - 1]) == whole_) << "round " << round;
    EXPECT_TRUE(passed_over_.empty());
    std::filesystem::remove(path_of(records()));
  }
  snapshot_of(records());
  for (const auto& entry : std::filesystem::directory_iterator(persistence::snapshot_directory(directory_))) {
    EXPECT_EQ(entry.path().extension(), ".snapshot") << "what the killed ones have left is removed";
  }
}

}  // namespace
}  // namespace portcullis::app
