#pragma once

#include <cstdint>
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

// Whether there is any, whatever it holds. True as well where the directory cannot be read, which whoever opens it says.
bool holds_segments(FileSystem& files, const std::string& directory);

// What is wrong with a journal that is needed from its first record on, and whose first segment begins behind that.
std::string beginning_is_missing(const std::string& directory, std::uint64_t first_base);

// Whether the zeros of a new segment are on stable storage before it is used. A group's fdatasync is then as cheap as it
// can be, since no block of the file was never written. Where nothing is synced before the segment is left
// (JournalDurability::kProcess), that would be work for nothing: they are in the kernel's memory alone.
enum class ZerosSynced : bool { kNo, kYes };

// A segment on its way: a file of its own beside the segments, whose blocks are there from the beginning, then its header and
// zeros, piece by piece, and at last its name. What was not put in place is left over, and removed by the next start.
// One thread's.
class NewSegment {
 public:
  // Leaves nothing behind when there is no space for it (IoError.code ENOSPC).
  static IoResult<NewSegment> begin(FileSystem& files, const std::string& directory, const SegmentHeader& header,
                                    ZerosSynced synced);

  std::uint64_t filled_bytes() const { return filled_; }
  bool is_filled() const { return filled_ == header_.bytes; }
  // So much is filled at a time: where it is written to the disk at once, what others may wait behind; where the segment is
  // mapped, what the processor then maps as one page.
  static constexpr std::uint64_t piece_bytes(ZerosSynced synced) {
    return synced == ZerosSynced::kYes ? kPieceBytes : kHugePageBytes;
  }
  // One more piece of zeros, the first with the header. Behind the last one all is synced, where that is wanted. Where it
  // fails the segment is of no more use than to be discarded.
  IoResult<> fill_piece();
  // Of one that is filled: from now on it is one of the journal's segments.
  IoResult<std::unique_ptr<File>> put_in_place();
  // Gives its space back.
  IoResult<> discard();

 private:
  NewSegment(FileSystem& files, const std::string& directory, const SegmentHeader& header, ZerosSynced synced);
  IoResult<> begin_file();
  IoResult<> write_piece(std::uint64_t size);

  FileSystem* files_;
  std::string directory_;
  SegmentHeader header_;
  ZerosSynced synced_;
  std::string path_;  // beside the segments
  std::unique_ptr<File> file_;
  std::uint64_t filled_ = 0;
};

// Removes what an earlier process has not put in place.
IoResult<> remove_left_over_segments(FileSystem& files, const std::string& directory);

inline constexpr const char* kReserveName = "reserve";

}  // namespace portcullis::persistence
