#include "persistence/snapshot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "persistence/checked_state.h"
#include "persistence/frame.h"
#include "tests/persistence/allocation_count.h"
#include "tests/persistence/fault_file_system.h"
#include "tests/persistence/journal_fixture.h"

namespace portcullis::persistence::testing {
namespace {

constexpr std::uint64_t kId = 5;
constexpr std::uint64_t kAny = JournalReader::kNoLimit;
constexpr std::size_t kPiece = ByteSink::kPieceBytes;
constexpr std::size_t kHeader = 72;

std::string long_text(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('!' + (i * 7 + i / 251) % 90);
  return text;
}

std::string path_of(std::uint64_t index) {
  char name[48];
  std::snprintf(name, sizeof name, "snapshots/%016llx.snapshot", static_cast<unsigned long long>(index));
  return name;
}

class SnapshotTest : public ::testing::Test {
 protected:
  Result<std::uint64_t> write(std::uint64_t index, std::string_view state) { return write(store_, kId, index, state); }
  static Result<std::uint64_t> write(SnapshotStore& store, std::uint64_t journal_id, std::uint64_t index,
                                     std::string_view state) {
    return store.write(journal_id, Position{index, index * 100, index * 7},
                       [state](ByteSink& out) { out.append(as_byte_span(state)); });
  }
  // The state of the newest one that checks.
  std::string newest() { return newest(store_); }
  std::string newest(SnapshotStore& store, std::uint64_t at_most = kAny) {
    passed_over_.clear();
    std::string text = "none";
    const auto last = store.take_newest(
        kId,
        [&](const Position& of, ByteSource& state) -> Status {
          if (of.index > at_most) return Error{"it is too new"};
          EXPECT_EQ(of.offset, of.index * 100);
          EXPECT_EQ(of.checksum, of.index * 7);
          return take_all(state, text);
        },
        passed_over_);
    EXPECT_TRUE(last.ok());
    return last.ok() && last->has_value() ? text : "none";
  }
  // As one reads who takes small values: a few bytes at a time, as far as they are ready.
  static Status take_all(ByteSource& state, std::string& text) {
    text.clear();
    text.reserve(state.left());
    while (state.left() > 0) {
      const std::size_t wanted = std::min<std::size_t>(state.left(), 1 + text.size() % 100);
      const auto ready = state.ready(wanted);
      if (ready.size() < wanted) return Error{"the state ends early"};
      text += text_of(ready.first(wanted));
      state.take(wanted);
    }
    return {};
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
  EXPECT_TRUE(passed_over_.empty());
  EXPECT_EQ(newest(store_, 25), "twenty") << "whoever takes it may refuse it";
  EXPECT_EQ(passed_over_, std::vector<std::string>{"the snapshot of record 300: it is too new"});
  EXPECT_EQ(newest(store_, 15), "none");
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
  ASSERT_TRUE(write(store_, kId + 1, 30, "foreign").ok());
  EXPECT_EQ(newest(), "none");
  ASSERT_TRUE(write(31, "mine").ok());
  SnapshotStore later(files_, "snapshots", 4);
  EXPECT_EQ(newest(later), "none");
  EXPECT_EQ(passed_over_.size(), 2u);
}

// The file's bytes are those of docs/journal.md, however many pieces they came in.
TEST_F(SnapshotTest, TheFileHoldsTheChecksumsOfItsBlocksAndTheHeaderTheirs) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{240}, std::size_t{241}, kPiece - kHeader - 1, kPiece - kHeader,
        kPiece - kHeader + 1, kPiece, 3 * kPiece + 5, std::size_t{300'000}}) {
    const std::string state = long_text(size);
    const auto written = write(7, state);
    ASSERT_TRUE(written.ok()) << written.error().what;
    EXPECT_EQ(*written, size);
    const std::span<const std::byte> bytes = files_.content(path_of(7));
    const std::size_t end = kHeader + size;
    const std::size_t blocks = (end + kPiece - 1) / kPiece;
    ASSERT_EQ(bytes.size(), end + blocks * 8);
    for (std::size_t block = 0; block < blocks; ++block) {
      const std::size_t from = block == 0 ? kHeader : block * kPiece;
      EXPECT_EQ(load<std::uint64_t>(bytes, end + block * 8),
                checksum_of(bytes.subspan(from, std::min((block + 1) * kPiece, end) - from)));
    }
    EXPECT_EQ(text_of({bytes.begin(), bytes.begin() + 8}), "PORTCSNP");
    EXPECT_EQ(load<std::uint64_t>(bytes, 48), size);
    EXPECT_EQ(load<std::uint64_t>(bytes, 56), checksum_of(bytes.subspan(end)));
    EXPECT_EQ(text_of(bytes.subspan(kHeader, size)), state);
    EXPECT_EQ(load<std::uint64_t>(bytes, 64), checksum_of(bytes.first(64)));
    EXPECT_TRUE(newest() == state);
  }
}

TEST_F(SnapshotTest, PowerLossAtAnyTimeLeavesTheOneBeforeOrTheNewOne) {
  const std::string old_state = long_text(200'000), new_state = long_text(600'000);
  ASSERT_TRUE(write(10, old_state).ok());
  const std::size_t before = files_.trace().size();
  ASSERT_TRUE(write(20, new_state).ok());
  const std::size_t after = files_.trace().size();
  ASSERT_GT(after - before, 12u)
      << "the create, the pieces, the header, the sync, the rename, the sync of the directory";
  // Which sectors of what was not synced the disk has kept: none, all, every other, those of the header alone.
  const std::vector<std::function<bool(std::size_t, std::size_t)>> kept = {
      [](std::size_t, std::size_t) { return false; },
      [](std::size_t, std::size_t) { return true; },
      [](std::size_t operation, std::size_t sector) { return (operation + sector) % 2 == 0; },
      [](std::size_t, std::size_t sector) { return sector == 0; },
  };
  int with_the_new = 0;
  for (std::size_t i = before; i <= after; ++i) {
    for (std::size_t changes = 0; changes < 3; ++changes) {
      for (std::size_t k = 0; k < kept.size(); ++k) {
        auto files = files_.after_power_loss(i, kept[k], changes);
        SnapshotStore store(*files, "snapshots", 3);
        const std::string found = newest(store);
        EXPECT_TRUE(found == old_state || found == new_state) << "after operation " << i << ", kept " << k;
        EXPECT_TRUE(passed_over_.empty()) << "one stands under its name that is not whole: " << passed_over_.front();
        with_the_new += found == new_state ? 1 : 0;
        EXPECT_TRUE(i < after || found == new_state) << "it was reported durable";
      }
    }
  }
  EXPECT_GT(with_the_new, 3 * 4) << "the rename alone may have reached the disk, too";
}

// A process that dies between two pieces: what another one finds.
TEST_F(SnapshotTest, DeathAtAnyPieceLeavesTheOneBefore) {
  ASSERT_TRUE(write(10, "ten").ok());
  int looks = 0;
  const auto look = [&] {
    const auto files = files_.copy();
    SnapshotStore store(*files, "snapshots", 3);
    EXPECT_EQ(newest(store), "ten");
    EXPECT_TRUE(passed_over_.empty());
    ++looks;
  };
  files_.on_write_out = look;
  files_.on_sync = look;
  ASSERT_TRUE(write(20, long_text(800'000)).ok());
  EXPECT_EQ(looks, 800'000 / static_cast<int>(kPieceBytes) + 1) << "the pieces and the sync";
  files_.on_write_out = files_.on_sync = nullptr;
  EXPECT_EQ(newest().size(), 800'000u);
}

TEST_F(SnapshotTest, AFaultAtAnyWriteIsReportedAndLeavesTheOneBefore) {
  const std::string state = long_text(300'000);
  ASSERT_TRUE(write(10, "ten").ok());
  int failed = 0;
  for (int n = 1;; ++n) {
    files_.fail_write(n, ENOSPC);
    const auto written = write(20, state);
    if (written.ok()) break;
    ++failed;
    EXPECT_EQ(written.error().what, "write failed");
    EXPECT_EQ(newest(), "ten");
    EXPECT_EQ(files_.list("snapshots")->size(), 1u) << "what was written is removed";
  }
  EXPECT_EQ(failed, 300'000 / static_cast<int>(kPiece) + 3) << "the pieces, their checksums and the header";
  files_.fail_write(0, 0);
  EXPECT_TRUE(newest() == state);
  for (const std::size_t torn : {std::size_t{0}, std::size_t{100}, kPiece - 1}) {
    files_.tear_write(3, torn);
    EXPECT_FALSE(write(30, state).ok());
    EXPECT_TRUE(newest() == state);
  }
  files_.fail_sync(1, EIO);
  EXPECT_FALSE(write(30, state).ok());
  EXPECT_TRUE(newest() == state);
  files_.short_writes(1'000);
  ASSERT_TRUE(write(30, state + "!").ok());
  EXPECT_TRUE(newest() == state + "!");
  EXPECT_EQ(files_.list("snapshots")->size(), 2u);
}

TEST_F(SnapshotTest, AfterAFaultTheEncoderIsToldAndNothingMoreIsWritten) {
  files_.fail_write(2, ENOSPC);
  std::uint64_t appended = 0;
  const auto written = store_.write(kId, Position{20, 2000}, [&](ByteSink& out) {
    const std::string part = long_text(1'000);
    for (; out.ok() && appended < 10'000'000; appended += part.size()) out.append(as_byte_span(part));
  });
  EXPECT_FALSE(written.ok());
  EXPECT_LE(appended, 2 * kPiece + 1'000);
}

TEST_F(SnapshotTest, ALargerStateThanIsAllowedIsNeitherWrittenNorRead) {
  SnapshotStore small(files_, "snapshots", 3, 200'000);
  ASSERT_TRUE(write(10, "ten").ok());
  ASSERT_TRUE(write(small, kId, 20, long_text(200'000)).ok());
  EXPECT_EQ(newest(small).size(), 200'000u);
  for (const std::size_t size : {std::size_t{200'001}, std::size_t{900'000}}) {
    const auto written = write(small, kId, 30, long_text(size));
    ASSERT_FALSE(written.ok());
    EXPECT_EQ(written.error().what, "the state has more than 200000 bytes; no larger snapshot is kept");
    EXPECT_EQ(files_.list("snapshots")->size(), 2u);
  }
  ASSERT_TRUE(write(40, long_text(200'001)).ok());
  EXPECT_EQ(newest(small).size(), 200'000u);
  ASSERT_EQ(passed_over_.size(), 1u);
  EXPECT_EQ(passed_over_[0], path_of(40) + " has 200105 bytes; a snapshot has at most 200104");
}

TEST_F(SnapshotTest, OneThatTheDiskCannotReadGivesWayToTheOneBefore) {
  ASSERT_TRUE(write(10, "ten").ok());
  const std::string state = long_text(600'000);
  ASSERT_TRUE(write(20, state).ok());
  int failed = 0;
  for (int n = 1;; ++n) {
    files_.fail_read(n, EIO);
    if (newest() == state) break;
    ++failed;
    ASSERT_EQ(newest(store_, 15), "ten");
    files_.fail_read(n, EIO);
    EXPECT_EQ(newest(), "ten");
    EXPECT_EQ(passed_over_, std::vector<std::string>{"read failed"});
  }
  EXPECT_EQ(failed, 3) << "the header, the checksums and the state";
}

// Nobody sees a byte of a block that does not check, nor of what stands behind it; what stands before it may have been
// seen, and is of no use. The snapshot before is taken.
TEST_F(SnapshotTest, NothingOfABlockThatDoesNotCheckIsGiven) {
  const std::string state = long_text(900'000);
  ASSERT_TRUE(write(10, "ten").ok());
  ASSERT_TRUE(write(20, state).ok());
  auto& bytes = files_.content(path_of(20));
  for (std::size_t at = kHeader + state.size() - 1; at > kHeader; at -= std::min<std::size_t>(at - kHeader, 30'011)) {
    bytes[at] ^= std::byte{1};
    std::string seen;
    std::vector<std::string> passed_over;
    const auto taken = store_.take_newest(
        kId,
        [&](const Position& last, ByteSource& source) -> Status {
          std::string text;
          const Status status = take_all(source, text);
          if (last.index == 20) seen = text + text_of(source.ready(source.left()));
          return status;
        },
        passed_over);
    ASSERT_TRUE(taken.ok() && taken->has_value());
    EXPECT_EQ((*taken)->index, 10u);
    EXPECT_EQ(passed_over, std::vector<std::string>{path_of(20) + ": the state does not check"});
    EXPECT_LE(kHeader + seen.size(), at / kPiece * kPiece + (at < kPiece ? kHeader : 0)) << "damaged at " << at;
    EXPECT_EQ(seen, state.substr(0, seen.size()));
    bytes[at] ^= std::byte{1};
  }
  EXPECT_EQ(newest(), state);
}

// A state of many times what is brought near ahead, from a real file: whoever takes it a little at a time, whoever
// wants more at once than is brought near, and whoever gives up in the middle.
TEST(SnapshotFile, IsCheckedAheadOfWhoeverTakesIt) {
  const TemporaryDirectory directory;
  SnapshotStore store(posix_file_system(), directory.path() + "/snapshots", 3);
  const std::string part = long_text(99'991);
  const std::size_t parts = 5 * CheckedState::kAhead / part.size();
  ASSERT_TRUE(store
                  .write(kId, Position{1, 0},
                         [&](ByteSink& out) {
                           for (std::size_t i = 0; i < parts; ++i) out.append(as_byte_span(part));
                         })
                  .ok());
  for (const std::size_t at_once : {part.size(), part.size() * parts / 2, part.size() * parts}) {
    std::vector<std::string> passed_over;
    std::size_t wrong = 0;
    const auto taken = store.take_newest(
        kId,
        [&](const Position&, ByteSource& state) -> Status {
          while (state.left() > 0) {
            const auto ready = state.ready(at_once);
            for (std::size_t at = 0; at + part.size() <= ready.size(); at += part.size()) {
              wrong += text_of(ready.subspan(at, part.size())) == part ? 0 : 1;
            }
            const std::size_t whole = ready.size() / part.size() * part.size();
            if (whole == 0) return Error{"it ends early"};
            state.take(whole);
          }
          return {};
        },
        passed_over);
    EXPECT_TRUE(taken.ok() && taken->has_value()) << at_once;
    EXPECT_EQ(wrong, 0u);
  }
  for (const std::size_t before : {std::size_t{0}, std::size_t{1}, CheckedState::kAhead}) {
    std::vector<std::string> passed_over;
    const auto taken = store.take_newest(
        kId,
        [&](const Position&, ByteSource& state) -> Status {
          EXPECT_GE(state.ready(before).size(), before);
          state.take(before);
          return Error{"no more"};
        },
        passed_over);
    EXPECT_TRUE(taken.ok() && !taken->has_value());
    EXPECT_EQ(passed_over, std::vector<std::string>{"the snapshot of record 1: no more"});
  }
}

// Damage far behind the beginning, in a step of the check that comes while much of the state was taken already: at the end
// of the first step and of a later one, and behind all that is brought near at first. The snapshot before is taken instead,
// and without it none.
TEST(SnapshotFile, DamageInALaterStepOfItsCheckGivesWayToTheOneBefore) {
  constexpr std::size_t kStep = std::size_t{1} << 20;  // of the check
  const TemporaryDirectory directory;
  const std::string snapshots = directory.path() + "/snapshots";
  SnapshotStore store(posix_file_system(), snapshots, 3);
  const std::string part = long_text(kStep / 4 + 1);
  const auto write = [&](std::uint64_t index, std::size_t parts) {
    const auto written = store.write(kId, Position{index, 0}, [&](ByteSink& out) {
      for (std::size_t i = 0; i < parts; ++i) out.append(as_byte_span(part));
    });
    EXPECT_TRUE(written.ok());
    return *written;
  };
  write(1, 1);
  const std::size_t size = kHeader + write(2, 5 * (CheckedState::kAhead / kStep));
  ASSERT_GT(size, CheckedState::kAhead + 3 * kStep);
  const std::string newest = directory.path() + "/" + path_of(2);
  const auto flip = [](const std::string& path, std::size_t at) {
    const auto file = posix_file_system().open(path, OpenMode::kReadWrite);
    ASSERT_TRUE(file.ok());
    std::byte one[1];
    ASSERT_EQ(*(*file)->read_some(at, one), 1u);
    one[0] ^= std::byte{1};
    const std::span<const std::byte> bytes(one);
    ASSERT_EQ(*(*file)->write_some(at, std::span(&bytes, 1)), 1u);
  };
  std::size_t seen = 0;  // of the newest one
  const auto take = [&](const Position& last, ByteSource& state) -> Status {
    while (state.left() > 0) {
      const std::size_t wanted = std::min<std::size_t>(state.left(), 3'000);
      if (state.ready(wanted).size() < wanted) return Error{"the state ends early"};
      state.take(wanted);
      if (last.index == 2) seen += wanted;
    }
    return {};
  };
  for (const std::size_t at : {kStep - 1, kStep, 2 * kStep + 5, CheckedState::kAhead - 1, CheckedState::kAhead + kStep,
                               size - 1}) {
    flip(newest, at);
    std::vector<std::string> passed_over;
    seen = 0;
    const auto taken = store.take_newest(kId, take, passed_over);
    ASSERT_TRUE(taken.ok() && taken->has_value()) << "damaged at " << at;
    EXPECT_EQ((*taken)->index, 1u);
    EXPECT_EQ(passed_over, std::vector<std::string>{newest + ": the state does not check"});
    const std::size_t block = at / kPiece * kPiece;
    EXPECT_LE(kHeader + seen, block) << "nothing of the block";
    EXPECT_GT(kHeader + seen + kStep + 3'000, block) << "what stands before its step was good";
    flip(newest, at);
  }
  const std::string before = directory.path() + "/" + path_of(1);
  flip(before, kHeader + 10);
  flip(newest, CheckedState::kAhead + kStep);
  std::vector<std::string> passed_over;
  const auto taken = store.take_newest(kId, take, passed_over);
  EXPECT_TRUE(taken.ok() && !taken->has_value());
  EXPECT_EQ(passed_over.size(), 2u);
}

// Neither to write nor to read one takes memory of its size: 5 MB allocate what 1 KB does, and their checksums.
TEST(SnapshotMemory, IsTheSameForASmallStateAndALargeOne) {
  const TemporaryDirectory directory;
  SnapshotStore store(posix_file_system(), directory.path() + "/snapshots", 3);
  const std::string part = long_text(1'000);
  const auto bytes_for = [&](std::uint64_t index, int parts) {
    const std::uint64_t before = allocated_bytes();
    const auto written = store.write(kId, Position{index, 0}, [&](ByteSink& out) {
      for (int i = 0; i < parts; ++i) out.append(as_byte_span(part));
    });
    EXPECT_TRUE(written.ok());
    std::vector<std::string> passed_over;
    const auto taken = store.take_newest(
        kId,
        [&](const Position&, ByteSource& state) -> Status {
          EXPECT_EQ(state.left(), static_cast<std::size_t>(parts) * part.size());
          while (state.left() > 0) state.take(state.ready(part.size()).first(part.size()).size());
          return {};
        },
        passed_over);
    EXPECT_TRUE(taken.ok() && taken->has_value());
    return allocated_bytes() - before;
  };
  bytes_for(1, 1);
  bytes_for(2, 1);
  const std::uint64_t small = bytes_for(3, 1);
  const std::uint64_t large = bytes_for(4, 5'000);
  EXPECT_LT(large, small + 5'000);
  EXPECT_LT(large, 1u << 20);
}

}  // namespace
}  // namespace portcullis::persistence::testing
