#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "persistence/file.h"
#include "persistence/recovery.h"
#include "persistence/segment.h"

// Reading a journal, at rest or while it is written, in the writer's process or in another. Nothing is locked and
// nothing written. One thread a reader.

namespace portcullis::persistence {

// Single frames by their global offset, of a journal at rest or being written. Keeps the last file open.
class FrameFile {
 public:
  // `journal_id` 0: taken from the first segment that is opened.
  FrameFile(FileSystem& files, std::string directory, std::uint64_t journal_id)
      : files_(files), directory_(std::move(directory)), journal_id_(journal_id) {}

  // The frame at `offset`; its payload stands in `scratch`. The error says what stood there instead.
  Result<Frame> read(std::uint64_t offset, std::vector<std::byte>& scratch);

 private:
  Status open_segment_of(std::uint64_t offset);

  FileSystem& files_;
  const std::string directory_;
  std::uint64_t journal_id_;
  std::unique_ptr<File> file_;
  std::uint64_t base_ = 0;
  std::uint64_t end_ = 0;
};

class JournalReader {
 public:
  static constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

  // Before the first record. An error when there is no journal.
  static Result<JournalReader> open(FileSystem& files, const std::string& directory);
  // For what needs all records: refuses a journal whose first segments are gone.
  static Result<JournalReader> open_whole(FileSystem& files, const std::string& directory);

  // To just behind a record that was read before; the next one is index + 1. {0, 0}: the beginning.
  Status seek_behind(const Position& position);
  // To just behind record `index`, by a search. An error when there is no such record yet.
  Status seek_behind(std::uint64_t index);

  // For a reader beside the journal's writer, in its process: records behind `index` (Journal::recovered().last_index)
  // are not checked again. What is before them came from a disk and is checked.
  void trust_own_records_behind(std::uint64_t index) { own_behind_ = index; }

  // The next record, or nothing at the end: behind `limit` (give Journal::durable_index()), or, without one, at the
  // first frame that is not valid. An error when a record up to the limit cannot be read, or, without one, when records
  // follow that first frame, so that it is no end but damage (scan_journal). After "nothing" the next call looks again, so a
  // reader follows a writer.
  Result<std::optional<JournalRecord>> next(std::uint64_t limit = kNoLimit);

  // What the record so many behind the last one holds, for who looks ahead while that one is folded; empty where it was
  // not written by this process, stands in another segment, lies behind the limit, or was not read with the last one. Valid
  // until next().
  std::span<const std::byte> following(std::uint64_t behind = 1) const;

  std::uint64_t journal_id() const { return journal_id_; }
  std::uint64_t last_index() const { return last_index_; }
  // Where the record that next() gave last stands, for a person: "FILE at offset 4096: record 12".
  std::string place_of(const JournalRecord& record) const;

 private:
  JournalReader(FileSystem& files, std::string directory) : files_(&files), directory_(std::move(directory)) {}

  Result<bool> open_segment(std::uint64_t base);
  Result<std::optional<Frame>> frame_here();
  Result<std::optional<Frame>> own_frame_here(std::uint64_t limit);
  std::optional<Frame> buffered_own_frame() const;
  bool is_own(std::uint64_t limit) const;
  Result<bool> fill(std::size_t wanted, std::size_t at_most);
  std::span<const std::byte> buffered_from(std::uint64_t offset) const;
  Result<bool> enter_next_segment();
  Status check_end();
  bool is_there_now();

  FileSystem* files_;
  std::string directory_;
  std::uint64_t journal_id_ = 0;
  std::uint64_t first_base_ = 0;
  std::unique_ptr<File> file_;
  SegmentHeader segment_;
  std::uint64_t offset_ = 0;      // global, of the next frame
  std::uint64_t last_index_ = 0;  // of the record before it
  Position last_;                 // that record, where one was read
  bool index_known_ = false;
  std::uint64_t own_behind_ = kNoLimit;
  std::vector<std::byte> buffer_;
  std::uint64_t buffer_offset_ = 0;  // global, of buffer_[0]
  std::size_t buffer_size_ = 0;
  std::uint64_t buffer_limit_ = 0;  // own records up to this one were complete when it was read
};

}  // namespace portcullis::persistence
