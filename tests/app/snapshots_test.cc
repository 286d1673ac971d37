#include "app/snapshots.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "gateway/snapshot.h"
#include "persistence/journal.h"
#include "persistence/start_file.h"
#include "tests/gateway/random_flow.h"

namespace portcullis::app {
namespace {

using persistence::Position;

constexpr int kSteps = 1'200;

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
    save_snapshot(core, outbound, bytes);
    return bytes;
  }

  // A follower's last snapshot with the journal durable up to `index`.
  void snapshot_of(std::uint64_t index) {
    Snapshots snapshots(
        files_, directory_, [index] { return index; }, never());
    snapshots.finish();
    EXPECT_EQ(snapshots.last_index(), index);
  }
  std::string path_of(std::uint64_t index) const {
    char name[32];
    std::snprintf(name, sizeof name, "/%016llx.snapshot", static_cast<unsigned long long>(index));
    return persistence::snapshot_directory(directory_) + name;
  }
  static void break_file(const std::string& path) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    ASSERT_TRUE(file.is_open()) << path;
    file.seekg(1'000);
    const char old = static_cast<char>(file.get());
    file.seekp(1'000);
    file.put(static_cast<char>(old ^ 1));
  }

  persistence::FileSystem& files_ = persistence::posix_file_system();
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

TEST_F(SnapshotsTest, TheFollowerWritesAsTheJournalGrows) {
  std::atomic<std::uint64_t> durable = 50;
  Snapshots snapshots(files_, directory_, [&durable] { return durable.load(); }, {100, std::chrono::hours(24)});
  const auto wait_for = [&snapshots](std::uint64_t index) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
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
  EXPECT_TRUE(std::filesystem::exists(path_of(400)));
  EXPECT_FALSE(std::filesystem::exists(path_of(50))) << "the two newest are kept";
}

TEST_F(SnapshotsTest, ThePeriodWritesWhatIsNew) {
  std::atomic<std::uint64_t> durable = 50;
  Snapshots snapshots(files_, directory_, [&durable] { return durable.load(); },
                      {~std::uint64_t{0}, std::chrono::milliseconds(1)});
  durable = 60;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (snapshots.last_index() < 60 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_EQ(snapshots.last_index(), 60u);
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

TEST_F(SnapshotsTest, OneThatChecksButHoldsNoStateGivesWay) {
  const std::uint64_t half = records() / 2;
  snapshot_of(half);
  persistence::SnapshotStore store(files_, persistence::snapshot_directory(directory_), kSnapshotContentVersion);
  std::vector<std::byte> bytes = whole_;
  bytes.pop_back();
  ASSERT_TRUE(store.write(journal_id_, positions_.back(), bytes).ok());
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
  ASSERT_TRUE(store.write(journal_id_, Position{records() + 5, positions_.back().offset + 4096}, whole_).ok());
  EXPECT_TRUE(recovered(positions_[half - 1]) == whole_);
  ASSERT_EQ(passed_over_.size(), 1u);
  EXPECT_NE(passed_over_[0].find("does not stand in the journal"), std::string::npos) << passed_over_[0];
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
        if (!store.write(journal_id_, positions_.back(), whole_).ok()) ::_exit(2);
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
