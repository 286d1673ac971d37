#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "persistence/file.h"
#include "persistence/segment.h"

// Reads a journal from end to end and says where it ends, or that it is damaged: "Reading and recovery" of
// docs/journal.md. Changes nothing; Journal::open cuts off what this finds torn.

namespace portcullis::persistence {

// A record by its index, the global offset of its frame, and the frame's checksum: after an older copy of a journal was
// restored, or power loss at level `process`, another record may stand under the same index at the same offset. Index 0
// is the place before the first record; checksum 0 is not known, and then not compared.
struct Position {
  std::uint64_t index = 0;
  std::uint64_t offset = 0;
  std::uint64_t checksum = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

// Whether this is the frame of the record at `position`.
bool is_record_at(const Frame& frame, const Position& position);

struct JournalRecord {
  Position position;
  std::uint32_t content_version = 0;
  std::span<const std::byte> payload;  // valid until the reader is used again
};

// Segments that may hold bytes which were written and not synced when a run at level `process` ended: the tail, the one that
// the core had just left, and those that were being retired (Journal::kMostRetiring).
inline constexpr std::size_t kUnsyncedSegments = 14;

struct ScanOptions {
  // The scan begins with this record, which must be there; what is before it is taken as checked, because a
  // snapshot includes it. Index 0: the whole journal.
  Position from;
  // The last run was at level `process` and the machine lost power: a hole at the end is expected.
  bool power_lost = false;
  // Gets each record behind `from`, in order, when it has been checked; an error ends the scan. So who starts from a
  // journal reads it once, and another thread reads and checks ahead: this one is called on scan_journal's own.
  // `following`: the next record's payload, where it has been read already, or empty. Whether the journal's end is
  // damaged is found out last: what was folded of it is then of no use.
  std::function<Status(const JournalRecord& record, std::span<const std::byte> following)> visit;
};

struct ScanReport {
  std::uint64_t journal_id = 0;
  std::size_t segments = 0;
  std::uint64_t records = 0;        // checked in this scan
  std::uint64_t payload_bytes = 0;  // of those
  std::uint64_t first_index = 0;    // 0: no record
  std::uint64_t last_index = 0;
  std::uint64_t end_offset = 0;  // where the next frame goes
  bool stopped_cleanly = false;  // a mark stands at the end

  std::uint64_t torn_bytes = 0;    // behind the end and not zero, of all segments
  std::uint64_t torn_records = 0;  // whole records among them, none of them ever reported durable
  std::string torn_at;             // file and offset in it, when there are any

  std::size_t tail_segment = 0;  // number in the list of segments of the one that holds end_offset
};

// `segments` as list_segments gave them. The error of a damaged journal names file and offset.
Result<ScanReport> scan_journal(FileSystem& files, const std::vector<SegmentFile>& segments,
                                const ScanOptions& options);

// `portcullis journal verify`: lists and scans, and looks whether the content of each record can be read. Of a journal that is being written, the end may look torn.
Result<ScanReport> verify_journal(FileSystem& files, const std::string& directory);

}  // namespace portcullis::persistence
