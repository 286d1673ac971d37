#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <vector>

#include "persistence/file.h"

// The pages of mapped segments that the core comes to next. One thread's, the preparing one's.
//
// The system writes out what was stored into a shared mapping some time ago (Linux: after 30 seconds, or as soon as too
// much waits), and takes the right to store into those pages away for it: the next store into each is a fault again,
// microseconds in the file system, and a segment that is filled slowly, or after a rest, would have one on an order's
// way for each page. So the pages ahead of the core are made ready once more, as far as it may come before the next
// look, and however old they are.

namespace portcullis::persistence {

class PagesAhead {
 public:
  using Clock = std::chrono::steady_clock;

  // What is made ready at once: at least as large as what the system keeps together (the largest folio), or each page
  // of it would be a fault of its own, and aligned to its own size in the file.
  static constexpr std::uint64_t kPieceBytes = kHugePageBytes;
  // A look makes ready what the core comes to while it goes on for so many looks as in the last one, at least this
  // much.
  static constexpr std::uint64_t kLooks = 4;
  static constexpr std::uint64_t kLeastBytes = std::uint64_t{256} << 10;

  // How soon after the last one there is a look: what comes first after a long rest finds its pages as the system left
  // them.
  static constexpr std::chrono::milliseconds kLookAfter{50};

  // A segment that was added less than so many times `ready_for` ago is taken not to have been written out yet. One
  // that is filled so fast is left alone: while much waits for the disk the system makes whoever asks for pages wait,
  // and that is not to keep the next segment from the core.
  static constexpr int kYoung = 20;

  // Pages that were made ready less than `ready_for` ago are taken to be so still.
  explicit PagesAhead(std::chrono::nanoseconds ready_for) : ready_for_(ready_for) {}

  // A segment at the global offset `base`, whose pages are all ready; it follows those that were added before.
  void add(std::uint64_t base, Mapping& mapping, Clock::time_point now = Clock::now());
  // The core has left the oldest, whose mapping may go from now on.
  void remove_oldest();
  // The core has come to this global offset. Where nothing has moved there is nothing to do: an idle gateway writes
  // nothing. Cheap within kLookAfter of the last look.
  void keep_ready(std::uint64_t offset, Clock::time_point now = Clock::now());

 private:
  struct Segment {
    std::uint64_t base;
    Mapping* mapping;
    Clock::time_point added;
    std::vector<Clock::time_point> ready_since;  // by piece
  };

  const std::chrono::nanoseconds ready_for_;
  std::deque<Segment> segments_;  // oldest first
  Clock::time_point looked_{};
  std::uint64_t offset_ = 0;  // at the last look
};

}  // namespace portcullis::persistence
