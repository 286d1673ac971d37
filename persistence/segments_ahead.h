#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "persistence/segment.h"

// The segments that the journal comes to after its next one. Filling one with zeros takes most of what making it takes,
// and most of that is memory that the system has to find: so it is done while nobody wants the processor, and a burst
// of orders finds them made. One thread's, the preparing one's.

namespace portcullis::persistence {

class SegmentsAhead {
 public:
  using Clock = std::chrono::steady_clock;

  // How soon more are tried to be had where there was no space for them.
  static constexpr std::chrono::seconds kAgainAfter{10};
  // They leave so many times as much free on the disk as all of them take.
  static constexpr std::uint64_t kFreeShare = 4;

  // At most so many bytes of segments that are filled; fewer than a segment's: none beyond the one that is needed.
  SegmentsAhead(FileSystem& files, std::string directory, ZerosSynced synced, std::uint64_t bytes)
      : files_(files), directory_(std::move(directory)), synced_(synced), bytes_(bytes) {}

  // None, not even one that is being filled.
  bool empty() const { return segments_.empty(); }
  std::uint64_t count() const { return segments_.size(); }
  // Of the first, which is the next that is needed.
  std::uint64_t filled_bytes_of_first() const { return empty() ? 0 : segments_.front().filled_bytes(); }

  // The next one that is needed. What it lacks is made now, with a call after each piece. Where that fails nothing of
  // any of them is left, so that their space helps whoever needs it more.
  IoResult<std::unique_ptr<File>> take(const SegmentHeader& header, const BetweenPieces& between_pieces);

  // Whether there is room for more, and the disk has it.
  bool want_more(std::uint64_t segment_bytes, Clock::time_point now = Clock::now());
  // One more piece of the last of them, or of a new one behind it whose header this is. Where there is no space for it
  // (IoError.code ENOSPC) it is left for a while.
  IoResult<> fill_piece(const SegmentHeader& header_of_new, Clock::time_point now = Clock::now());

  void discard();

 private:
  FileSystem& files_;
  const std::string directory_;
  const ZerosSynced synced_;
  const std::uint64_t bytes_;
  std::deque<NewSegment> segments_;  // only the last may have something to be filled
  Clock::time_point not_before_{};
};

}  // namespace portcullis::persistence
