#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/persistence/fault_file_system.h"
#include "tests/persistence/journal_fixture.h"

// What becomes, at level `process`, of segments that the core has left, while it goes on.

namespace portcullis::persistence::testing {
namespace {

constexpr std::uint64_t kRecords = 80;

class JournalRetired : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = Journal::open(files, "journal", manual_options(JournalDurability::kProcess));
    ASSERT_TRUE(opened.ok()) << opened.error().what;
    journal = std::move(*opened);
  }
  void TearDown() override { ASSERT_TRUE(journal->close().ok()); }

  bool would_wait() const { return journal->would_block(payload.size()); }
  // The core, for as long as it has a segment to write to.
  void fill() {
    while (!would_wait() && journal->last_index() < kRecords) append(*journal, payload);
  }

  FaultFileSystem files;
  std::unique_ptr<Journal> journal;
  const std::string payload = std::string(8000, 'x');
};

// A disk that is slower than the core: the core has its next segment before a sync of what it left.
TEST_F(JournalRetired, TheCoreDoesNotWaitForTheDisk) {
  std::vector<bool> waits;  // for each sync, whether the core waited for a segment meanwhile
  const std::size_t before = files.trace().size();
  files.on_write_out = [this] { fill(); };
  files.on_sync = [&] { waits.push_back(would_wait()); };
  fill();
  EXPECT_TRUE(journal->prepare_step());
  fill();
  EXPECT_TRUE(journal->prepare_step());
  EXPECT_EQ(journal->last_index(), kRecords);
  // A segment's first sync is that of its header, when it is made; its second one is of what the core has left.
  std::map<std::uint64_t, int> syncs;
  int of_retired = 0;
  auto waited = waits.begin();
  for (std::size_t i = before; i < files.trace().size(); ++i) {
    const FaultFileSystem::Operation& operation = files.trace()[i];
    if (operation.kind != FaultFileSystem::Operation::kSyncData) continue;
    const bool is_of_retired = ++syncs[operation.node] == 2;
    of_retired += is_of_retired;
    EXPECT_FALSE(is_of_retired && *waited) << "sync " << waited - waits.begin();
    ++waited;
  }
  EXPECT_GT(of_retired, 5);
  files.on_write_out = files.on_sync = nullptr;
}

// Nor for the unmapping of what it left: the next segment is ready before, and while that goes on the one after it is made.
TEST_F(JournalRetired, TheCoreDoesNotWaitForAnUnmapping) {
  int unmapped = 0;
  bool fills = false;
  files.on_unmap = [&] {
    ++unmapped;
    EXPECT_FALSE(would_wait()) << "unmapping " << unmapped;
    if (fills) fill();
  };
  for (int i = 0; i < 3; ++i) {
    fill();
    EXPECT_TRUE(journal->prepare_step());
  }
  EXPECT_EQ(unmapped, 2);
  fills = true;
  fill();
  while (journal->prepare_step()) {
  }
  EXPECT_EQ(journal->last_index(), kRecords) << "the core was served between the pieces";
  files.on_unmap = nullptr;
}

}  // namespace
}  // namespace portcullis::persistence::testing
