#include "persistence/segment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

#include "tests/persistence/fault_file_system.h"
#include "tests/persistence/journal_fixture.h"

// How a segment's file is made, and how it is mapped.

namespace portcullis::persistence::testing {
namespace {

const std::string kDirectory = "journal";

// Pages of a file are made present and let go piece by piece, so that the caller can let others have the processor.
TEST(MappedFile, ComesAndGoesInPieces) {
  TemporaryDirectory temporary;
  constexpr std::uint64_t kBytes = 3 * kHugePageBytes + 4096;
  auto file = posix_file_system().open(temporary.path() + "/file", OpenMode::kCreate);
  ASSERT_TRUE(file.ok() && (*file)->allocate(kBytes).ok());
  int pieces = 0;
  auto mapping = (*file)->map(kBytes, [&] { ++pieces; });
  ASSERT_TRUE(mapping.ok());
  EXPECT_EQ(pieces, 4);
  (*mapping)->bytes()[kBytes - 1] = std::byte{7};

  (*mapping)->unmap([&] { ++pieces; });

  EXPECT_EQ(pieces, 8);
  EXPECT_TRUE((*mapping)->bytes().empty());
  std::array<std::byte, 1> last{};
  ASSERT_TRUE((*file)->read_some(kBytes - 1, last).ok());
  EXPECT_EQ(last[0], std::byte{7}) << "what was stored is the file's";
}

TEST(JournalPreparation, ASegmentIsWrittenInPiecesAndSyncedOnce) {
  FaultFileSystem files;
  ASSERT_TRUE(files.make_directory(kDirectory).ok());
  SegmentHeader header;
  header.journal_id = 7;
  header.bytes = 4 * kPieceBytes;
  auto made = NewSegment::begin(files, kDirectory, header, ZerosSynced::kYes);
  ASSERT_TRUE(made.ok());
  int pieces = 0;
  for (; !made->is_filled(); ++pieces) ASSERT_TRUE(made->fill_piece().ok());
  EXPECT_EQ(pieces, 4);
  ASSERT_TRUE(made->put_in_place().ok());
  std::string order;
  for (const FaultFileSystem::Operation& done : files.trace()) {
    if (done.kind == FaultFileSystem::Operation::kSyncData) order += "sync ";
    if (done.kind == FaultFileSystem::Operation::kRename) order += "rename ";
    if (done.kind == FaultFileSystem::Operation::kSyncDirectory) order += "directory";
  }
  EXPECT_EQ(order, "sync rename directory") << "each sync of new blocks holds up those of records";
}

// What is mapped is written in pieces that the processor maps as one page, the header with the first.
TEST(JournalPreparation, ASegmentToBeMappedIsWrittenInHugePages) {
  TemporaryDirectory temporary;
  SegmentHeader header;
  header.journal_id = 7;
  header.bytes = 2 * kHugePageBytes + kMinSegmentBytes;
  auto made = NewSegment::begin(posix_file_system(), temporary.path(), header, ZerosSynced::kNo);
  ASSERT_TRUE(made.ok());
  std::vector<std::uint64_t> filled;
  while (!made->is_filled()) {
    ASSERT_TRUE(made->fill_piece().ok());
    filled.push_back(made->filled_bytes());
  }
  EXPECT_EQ(filled, (std::vector<std::uint64_t>{kHugePageBytes, 2 * kHugePageBytes, header.bytes}));
  auto file = made->put_in_place();
  ASSERT_TRUE(file.ok());
  std::vector<std::byte> content(header.bytes);
  ASSERT_EQ(read_up_to(**file, 0, content).value(), header.bytes);
  const auto read = decode_segment_header(std::span(content).first(kSegmentHeaderBytes));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->journal_id, 7u);
  EXPECT_TRUE(std::all_of(content.begin() + kSegmentHeaderBytes, content.end(), [](auto b) { return b == std::byte{}; }));
}

// Its header is durable with its first piece: whatever is lost behind it, the segment can be read.
TEST(JournalPreparation, ASegmentToBeMappedIsSyncedWithItsHeader) {
  FaultFileSystem files;
  ASSERT_TRUE(files.make_directory(kDirectory).ok());
  SegmentHeader header;
  header.journal_id = 7;
  header.bytes = kMinSegmentBytes;
  auto made = NewSegment::begin(files, kDirectory, header, ZerosSynced::kNo);
  ASSERT_TRUE(made.ok() && made->fill_piece().ok() && made->is_filled() && made->put_in_place().ok());
  std::string order;
  for (const FaultFileSystem::Operation& done : files.trace()) {
    if (done.kind == FaultFileSystem::Operation::kWrite) order += "write ";
    if (done.kind == FaultFileSystem::Operation::kSyncData) order += "sync ";
    if (done.kind == FaultFileSystem::Operation::kRename) order += "rename";
  }
  EXPECT_EQ(order, "write sync rename");
}

TEST(JournalPreparation, ASegmentIsMadeOfShortWritesToo) {
  for (const auto synced : {ZerosSynced::kNo, ZerosSynced::kYes}) {
    FaultFileSystem files;
    ASSERT_TRUE(files.make_directory(kDirectory).ok());
    files.short_writes(1000);
    SegmentHeader header;
    header.journal_id = 7;
    header.bytes = kMinSegmentBytes;
    auto made = NewSegment::begin(files, kDirectory, header, synced);
    ASSERT_TRUE(made.ok());
    while (!made->is_filled()) ASSERT_TRUE(made->fill_piece().ok());
    auto file = made->put_in_place();
    ASSERT_TRUE(file.ok());
    std::vector<std::byte> content(header.bytes);
    ASSERT_EQ(read_up_to(**file, 0, content).value(), header.bytes);
    EXPECT_TRUE(decode_segment_header(std::span(content).first(kSegmentHeaderBytes)).has_value());
    EXPECT_TRUE(
        std::all_of(content.begin() + kSegmentHeaderBytes, content.end(), [](auto b) { return b == std::byte{}; }));
  }
}

}  // namespace
}  // namespace portcullis::persistence::testing
