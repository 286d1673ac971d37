#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "persistence/file.h"
#include "persistence/frame.h"

// The files of a journal: their names, their chain, and how one is made ready. Any thread.

namespace portcullis::persistence {

struct SegmentFile {
  std::string path;
  SegmentHeader header;
};

std::string segment_path(const std::string& directory, std::uint64_t base);

// All segments in the order of their offsets, headers checked: sizes, one journal id, numbers and offsets without a
// hole. The error names the file. An empty or missing directory gives an empty list.
Result<std::vector<SegmentFile>> list_segments(FileSystem& files, const std::string& directory);

// Whether the zeros of a new segment are on stable storage before it is used. A group's fdatasync is then as cheap as it
// can be, since no block of the file was never written. Where nothing is synced before the segment is left
// (JournalDurability::kProcess), that would be work for nothing: they are in the kernel's memory alone.
enum class ZerosSynced : bool { kNo, kYes };

// Writes a segment full of zeros with its header and renames it into place. Leaves nothing behind when there is no
// space for it (IoError.code ENOSPC). Calls `between_pieces` after each kPieceBytes, so that the caller can leave the
// disk and the processor to others.
IoResult<std::unique_ptr<File>> create_segment(FileSystem& files, const std::string& directory,
                                               const SegmentHeader& header, ZerosSynced synced,
                                               const std::function<void()>& between_pieces);

// Name of the segment while it is being prepared; one that is found at start is left over and removed.
inline constexpr const char* kPrepareName = "prepare.tmp";
inline constexpr const char* kReserveName = "reserve";

}  // namespace portcullis::persistence
