#include "persistence/pages_ahead.h"

#include <algorithm>

#include "base/check.h"

namespace portcullis::persistence {

void PagesAhead::add(std::uint64_t base, Mapping& mapping, Clock::time_point now) {
  const std::uint64_t pieces = (mapping.bytes().size() + kPieceBytes - 1) / kPieceBytes;
  segments_.push_back({base, &mapping, now, std::vector<Clock::time_point>(pieces, now)});
}

void PagesAhead::remove_oldest() {
  PORTCULLIS_CHECK(!segments_.empty(), "no segment is known whose pages could be ahead");
  segments_.pop_front();
}

void PagesAhead::keep_ready(std::uint64_t offset, Clock::time_point now) {
  if (now - looked_ < std::min<std::chrono::nanoseconds>(kLookAfter, ready_for_)) return;
  const std::uint64_t moved = offset - offset_;
  looked_ = now;
  offset_ = offset;
  if (moved == 0) return;
  const std::uint64_t until = offset + std::max(kLeastBytes, kLooks * moved);
  for (Segment& segment : segments_) {
    if (now - segment.added < kYoung * ready_for_) continue;
    const std::uint64_t size = segment.mapping->bytes().size();
    const std::uint64_t begin = std::max(offset, segment.base) - segment.base;
    const std::uint64_t end = std::min(std::max(until, segment.base) - segment.base, size);
    for (std::uint64_t piece = begin / kPieceBytes; piece * kPieceBytes < end; ++piece) {
      if (now - segment.ready_since[piece] < ready_for_) continue;
      const std::uint64_t at = piece * kPieceBytes;
      segment.mapping->make_ready(at, std::min(kPieceBytes, size - at));
      segment.ready_since[piece] = now;
    }
  }
}

}  // namespace portcullis::persistence
