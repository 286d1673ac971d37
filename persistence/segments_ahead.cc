#include "persistence/segments_ahead.h"

#include <cerrno>

namespace portcullis::persistence {

IoResult<std::unique_ptr<File>> SegmentsAhead::take(const SegmentHeader& header, const BetweenPieces& between_pieces) {
  const auto take = [&]() -> IoResult<std::unique_ptr<File>> {
    if (segments_.empty()) {
      auto begun = NewSegment::begin(files_, directory_, header, synced_);
      if (!begun) return begun.error();
      segments_.push_back(std::move(begun).value());
    }
    NewSegment& first = segments_.front();
    while (!first.is_filled()) {
      if (auto filled = first.fill_piece(); !filled) return filled.error();
      between_pieces();
    }
    return first.put_in_place();
  };
  auto file = take();
  if (file) {
    segments_.pop_front();
  } else {
    discard();
  }
  return file;
}

bool SegmentsAhead::want_more(std::uint64_t segment_bytes, Clock::time_point now) {
  if (!segments_.empty() && !segments_.back().is_filled()) return true;
  if ((segments_.size() + 1) * segment_bytes > bytes_ || now < not_before_) return false;
  not_before_ = now + kAgainAfter;
  const auto free = files_.free_bytes(directory_);
  // What they take already is no longer free.
  if (!free || *free + segments_.size() * segment_bytes < (kFreeShare + 1) * bytes_) return false;
  not_before_ = {};
  return true;
}

IoResult<> SegmentsAhead::fill_piece(const SegmentHeader& header_of_new, Clock::time_point now) {
  const auto fill = [&]() -> IoResult<> {
    if (segments_.empty() || segments_.back().is_filled()) {
      auto begun = NewSegment::begin(files_, directory_, header_of_new, synced_);
      if (!begun) return begun.error();
      segments_.push_back(std::move(begun).value());
      return kDone;
    }
    auto filled = segments_.back().fill_piece();
    if (!filled) {
      static_cast<void>(segments_.back().discard());  // as in discard()
      segments_.pop_back();
    }
    return filled;
  };
  auto filled = fill();
  if (filled || !has_no_space(filled.error())) return filled;
  not_before_ = now + kAgainAfter;
  return kDone;
}

void SegmentsAhead::discard() {
  // Whatever could not be removed is left over, and removed by the next start.
  for (NewSegment& segment : segments_) static_cast<void>(segment.discard());
  segments_.clear();
}

}  // namespace portcullis::persistence
