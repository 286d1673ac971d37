#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "base/check.h"
#include "base/pages.h"
#include "persistence/background.h"
#include "persistence/journal_internal.h"

// The work of the sync thread and of the preparing thread.

namespace portcullis::persistence {
namespace {

constexpr int kFatalExitCode = 70;  // EX_SOFTWARE of sysexits.h
constexpr std::chrono::milliseconds kSyncLooksAfter{50};
constexpr std::chrono::milliseconds kPrepareLooksAfter{1000};
// While there is time, preparing and retiring take one part in so many of it; and of what the core has left where two
// wait.
constexpr int kPreparingShare = 4;
constexpr int kBusyShare = 2;
constexpr int kAheadShare = 8;  // and of what is not even the next thing to be needed
constexpr std::size_t kManyRetiring = 3;  // and from so many on it is written out without a pause
constexpr std::size_t kManyAtLeisure = 8;  // from so many on nothing is left for later
constexpr std::chrono::milliseconds kLongestPause{20};

}  // namespace

void Journal::fail(const std::string& what) {
  failed_.store(true, std::memory_order_release);
  if (options_.fatal) {
    options_.fatal(what);
    return;
  }
  std::fprintf(stderr, "portcullis: the journal cannot be written: %s; stopping at once\n", what.c_str());
  ::_exit(kFatalExitCode);
}

bool Journal::sync_or_fail(Segment& segment) {
  if (auto synced = segment.file->sync_data(); !synced) {
    fail(synced.error().what);
    return false;
  }
  return true;
}

// [begin, end) of the ring, global offsets, into the segment's file: one pwritev, or more where it writes short.
IoResult<> Journal::write_ring(Segment& segment, std::uint64_t begin, std::uint64_t end) {
  const std::uint64_t ring_bytes = options_.ring_bytes;
  while (begin < end) {
    const std::uint64_t at = begin % ring_bytes;
    const std::uint64_t first = std::min(end - begin, ring_bytes - at);
    const std::span<const std::byte> parts[2] = {std::span(ring_).subspan(at, first),
                                                 std::span(ring_).first(end - begin - first)};
    auto written = segment.file->write_some(begin - segment.base, std::span(parts, parts[1].empty() ? 1 : 2));
    if (!written) return written.error();
    if (*written == 0) return IoError{EIO, "a write to the journal wrote nothing"};
    begin += *written;
  }
  return kDone;
}

bool Journal::sync_step() {
  PORTCULLIS_CHECK(disk_, "sync_step belongs to the durability level `disk`");
  {
    const std::lock_guard lock(syncing_mutex_);
    if (!sync_committed()) return false;
  }
  if (options_.wake) options_.wake();
  return true;
}

bool Journal::sync_few() {
  if (!disk_ || last_index_ == durable_index() || last_index_ - durable_index() > kFew) return false;
  const std::unique_lock lock(syncing_mutex_, std::try_to_lock);
  if (!lock || !was_quick_ || rolled_.load(std::memory_order_relaxed) != nullptr) return false;
  const auto begin = std::chrono::steady_clock::now();
  const bool synced = sync_committed();
  longest_wait_ = std::max<std::chrono::nanoseconds>(longest_wait_, std::chrono::steady_clock::now() - begin);
  return synced;
}

// Holding syncing_mutex_: one group write and sync of all that is committed; false where there is nothing, or it
// failed.
bool Journal::sync_committed() {
  if (failed()) return false;
  // The index first: the offset that is then seen covers it.
  const std::uint64_t index = committed_index_.load(std::memory_order_acquire);
  const std::uint64_t offset = committed_offset_.load(std::memory_order_acquire);
  if (offset == written_) return false;
  const auto begin = std::chrono::steady_clock::now();
  while (written_ < offset) {
    Segment* next = rolled_.load(std::memory_order_acquire);
    const bool leave = next != nullptr && offset > next->base;
    const std::uint64_t end = leave ? roll_end_ : offset;
    if (auto written = write_ring(*syncing_, written_, end); !written) {
      fail(written.error().what);
      return false;
    }
    written_ = end;
    if (!leave) break;
    if (!sync_or_fail(*syncing_)) return false;
    syncing_.reset(next);
    written_ = next->base + kSegmentHeaderBytes;
    rolled_.store(nullptr, std::memory_order_release);
  }
  if (!sync_or_fail(*syncing_)) return false;
  groups_.fetch_add(1, std::memory_order_relaxed);
  durable_index_.store(index, std::memory_order_release);
  synced_offset_.store(written_, std::memory_order_release);
  was_quick_ = std::chrono::steady_clock::now() - begin < options_.quick_sync;
  return true;
}

// Of the segment that many behind the next one to be prepared.
SegmentHeader Journal::header_of(std::uint64_t ahead) const {
  SegmentHeader header;
  header.content_version = options_.content_version;
  header.journal_id = recovered_.journal_id;
  header.base = prepared_base_ + ahead * options_.segment_bytes;
  header.bytes = options_.segment_bytes;
  header.number = prepared_number_ + ahead;
  return header;
}

IoResult<std::unique_ptr<Journal::Segment>> Journal::new_segment(const BetweenPieces& between_pieces) {
  auto segment = std::make_unique<Segment>();
  segment->base = prepared_base_;
  segment->bytes = options_.segment_bytes;
  auto file = ahead_.take(header_of(0), between_pieces);
  if (!file) return file.error();
  segment->file = std::move(*file);
  if (!disk_) {
    auto mapping = segment->file->map(segment->bytes, between_pieces);
    if (!mapping) {
      ahead_.discard();  // The next try begins with this one again.
      return mapping.error();
    }
    segment->mapping = std::move(*mapping);
  }
  prepared_base_ += options_.segment_bytes;
  ++prepared_number_;
  return segment;
}

// The core comes first between two pieces of work on what it has left, but for as long as too much of that waits.
void Journal::serve_core_meanwhile() {
  if (!low_space() && retiring_.size() < kMostRetiring) serve_core();
}

// Before it is synced: a sync makes each page that is mapped for writing read-only again, one by one, and tells every
// processor of it. Not before the next segment is ready, which the core may need while this goes on.
void Journal::unmap_retired(Segment& retired) {
  if (!retired.mapping) return;
  auto since = std::chrono::steady_clock::now();
  // Not at leisure: it keeps the process's memory map from whoever wants to change that.
  if (threads_ != nullptr) threads_->preparing.end();
  retired.mapping->unmap([&] {
    leave_time_to_others(since, kPreparingShare);
    serve_core_meanwhile();
    since = std::chrono::steady_clock::now();
  });
  retired.mapping.reset();
}

// What a sync of the whole would do in one go, with the disk busy for as long as that takes. The core may be faster
// than the disk: it never waits for a segment that it has left.
IoResult<> Journal::write_out_retired(File& file) {
  auto since = std::chrono::steady_clock::now();
  for (std::uint64_t at = 0; at < options_.segment_bytes; at += kPieceBytes) {
    const bool at_leisure = take_leisure(&Journal::rest_is_urgent);
    if (auto out = file.write_out(at, kPieceBytes); !out) return out;
    // What is left must not come faster than it is written out.
    const std::size_t waiting = retiring_.size();
    if (!at_leisure && waiting < kManyRetiring) leave_time_to_others(since, waiting == 1 ? kPreparingShare : kBusyShare);
    serve_core_meanwhile();
  }
  return kDone;
}

// Before a piece of work that nobody waits for yet. True: whoever wants the processor takes it from this thread, so that no
// pause is needed behind it.
bool Journal::take_leisure(bool (Journal::*is_urgent)() const) {
  if (threads_ == nullptr) return false;
  Leisure& preparing = threads_->preparing;
  if ((this->*is_urgent)() || !preparing.begin()) {
    preparing.end();
    return false;
  }
  if ((this->*is_urgent)()) preparing.end();  // Who needed it in between may not have seen that it had begun.
  return true;
}

// Of the next segment, and of all that comes behind it.
bool Journal::next_is_urgent() const {
  return segment_is_urgent() || retiring_.size() >= kManyAtLeisure;
}
bool Journal::rest_is_urgent() const {
  return wants_preparing() || retiring_.size() >= kManyAtLeisure || stopping_.load(std::memory_order_seq_cst);
}

bool Journal::is_behind(std::uint64_t used, std::uint64_t prepared) {
  return prepared < used + used / 2;
}

bool Journal::segment_is_urgent() const {
  if (stopping_.load(std::memory_order_relaxed)) return true;
  const std::uint64_t committed = committed_offset_.load(std::memory_order_relaxed);
  if (committed + options_.segment_bytes <= prepared_base_) return false;
  return is_behind(committed + options_.segment_bytes - prepared_base_, prepared_bytes_.load(std::memory_order_relaxed));
}

// Between two pieces of work on a segment: while there is time the thread works for one part in `share` of it, so that
// neither the processor nor the disk is busy for long; else it goes on without a pause.
void Journal::leave_time_to_others(std::chrono::steady_clock::time_point& since, int share) {
  if (threads_ == nullptr) return;
  const bool urgent = segment_is_urgent();
  // At level `process` what the core has left waits to be written out, and is not to be served after all others.
  if (disk_) set_disk_share(urgent ? DiskShare::kOrdinary : DiskShare::kIdle);
  if (!urgent) {
    const auto spent = std::chrono::steady_clock::now() - since;
    std::this_thread::sleep_for(std::min<std::chrono::steady_clock::duration>(spent * (share - 1), kLongestPause));
  } else if (disk_) {
    std::this_thread::yield();
  }
  since = std::chrono::steady_clock::now();
}

bool Journal::prepare_step() {
  const bool worked = prepare();
  tell_space();
  return worked;
}

JournalSpace Journal::space() const {
  const std::uint64_t end = no_space_from_.load(std::memory_order_acquire);
  if (end == 0) return JournalSpace::kEnough;
  const std::uint64_t used = committed_offset_.load(std::memory_order_relaxed);
  return used + aligned_frame_bytes(options_.usual_payload) > end ? JournalSpace::kNone : JournalSpace::kLast;
}

void Journal::tell_space() {
  const JournalSpace now = space();
  if (now == told_space_ || failed()) return;
  told_space_ = now;
  if (options_.tell_space) options_.tell_space(now);
}

bool Journal::prepare() {
  if (failed()) return false;
  bool worked = serve_core();
  while (!failed() && !retiring_.empty()) {
    Segment& retired = *retiring_.front();
    unmap_retired(retired);
    if (auto out = write_out_retired(*retired.file); !out) {
      fail(out.error().what);
      return false;
    }
    if (!sync_or_fail(retired)) return false;
    retiring_.pop_front();
    worked = true;
  }
  if (failed()) return false;
  if (low_space() && !have_reserve_ && next_.load(std::memory_order_acquire) != nullptr) make_reserve();
  return worked || make_ahead();
}

// A core that rolls just before the preparing thread announces its sleep wakes nobody, and at level `disk` leaves
// nothing but the missing segment.
bool Journal::wants_preparing() const {
  if (failed()) return false;
  if (retired_.load(std::memory_order_seq_cst) != nullptr) return true;
  return next_.load(std::memory_order_seq_cst) == nullptr && !low_space();
}

void Journal::keep_pages_ready() {
  if (!disk_) pages_ahead_.keep_ready(committed_offset_.load(std::memory_order_relaxed));
}

// Takes what the core has left, keeps ready what it comes to, and makes the next segment where there is none. True when
// it made one, or room for it.
bool Journal::serve_core() {
  // Asked before what was retired is taken. While there is no next segment the core leaves none, so that nothing is
  // left waiting when the next one is ready; and one that the core takes later than this is for the next step.
  const bool wants_next = next_.load(std::memory_order_acquire) == nullptr;
  if (std::unique_ptr<Segment> retired{retired_.exchange(nullptr, std::memory_order_acq_rel)}) {
    pages_ahead_.remove_oldest();
    retiring_.push_back(std::move(retired));
  }
  keep_pages_ready();
  return wants_next && make_next();
}

// True when it made the next segment, or room for it.
bool Journal::make_next() {
  auto since = std::chrono::steady_clock::now();
  // At level `process` each byte is written once, and made present once.
  const std::uint64_t piece = NewSegment::piece_bytes(disk_ ? ZerosSynced::kYes : ZerosSynced::kNo);
  const std::uint64_t of_a_piece = disk_ ? piece : piece / 2;
  prepared_bytes_ = ahead_.filled_bytes_of_first() / piece * of_a_piece;
  take_leisure(&Journal::next_is_urgent);
  auto segment = new_segment([&] {
    prepared_bytes_.fetch_add(of_a_piece, std::memory_order_relaxed);
    keep_pages_ready();
    const bool at_leisure = take_leisure(&Journal::next_is_urgent);
    if (disk_ || !at_leisure) leave_time_to_others(since, kPreparingShare);
    since = std::chrono::steady_clock::now();
  });
  if (segment) {
    if (!disk_) pages_ahead_.add((*segment)->base, *(*segment)->mapping);
    no_space_from_.store(0, std::memory_order_release);
    next_.store(segment->release(), std::memory_order_release);
    return true;
  }
  if (!has_no_space(segment.error())) {
    fail(segment.error().what);
    return false;
  }
  low_space_.store(true, std::memory_order_relaxed);
  if (!have_reserve_) {
    no_space_from_.store(prepared_base_, std::memory_order_release);
    return false;
  }
  have_reserve_ = false;
  if (auto removed = files_.remove(directory_ + "/" + kReserveName); !removed) {
    fail(removed.error().what);
    return false;
  }
  return true;  // The next step finds the space.
}

// One piece of a segment beyond the next one, while the core has all that it needs. False: no more of them are wanted, or
// the system has no room for more.
bool Journal::make_ahead() {
  const bool has_begun =
      committed_offset_.load(std::memory_order_relaxed) - opened_at_ >= std::min(kPieceBytes, options_.segment_bytes / 4);
  if (low_space() || !has_begun || wants_preparing() || !ahead_.want_more(options_.segment_bytes)) return false;
  auto since = std::chrono::steady_clock::now();
  const bool at_leisure = take_leisure(&Journal::rest_is_urgent);
  if (auto filled = ahead_.fill_piece(header_of(ahead_.count())); !filled) {
    fail(filled.error().what);
    return false;
  }
  if (disk_ || !at_leisure) leave_time_to_others(since, kAheadShare);
  return true;
}

// Tries to have the reserve; low_space() tells whether it could not be had for want of space.
void Journal::make_reserve() {
  if (options_.reserve_bytes == 0) {
    low_space_.store(false, std::memory_order_relaxed);
    return;
  }
  const std::string path = directory_ + "/" + kReserveName;
  auto file = files_.open(path, files_.exists(path) ? OpenMode::kReadWrite : OpenMode::kCreate);
  IoResult<> allocated = file ? (*file)->allocate(options_.reserve_bytes) : IoResult<>(file.error());
  if (allocated) {
    have_reserve_ = true;
    low_space_.store(false, std::memory_order_relaxed);
    return;
  }
  if (!has_no_space(allocated.error())) {
    fail(allocated.error().what);
    return;
  }
  low_space_.store(true, std::memory_order_relaxed);
  // A part of a reserve must not take the space that segments need.
  if (auto removed = files_.remove(path); !removed && removed.error().code != ENOENT) fail(removed.error().what);
}

void Journal::start_threads() {
  if (options_.manual) return;
  threads_ = std::make_unique<Threads>();
  threads_->prepare_thread = std::thread([this] {
    // Not in the background: a core that fills segments fast waits for this thread. What it does is short but for the
    // disk's part, which it leaves to others by itself.
    pthread_setname_np(pthread_self(), "prepare");
    threads_->preparing.begin_thread();
    ReadyPages::leave_to_others();
    const auto looks_after = disk_ ? kPrepareLooksAfter : PagesAhead::kLookAfter;
    while (!stopping_.load(std::memory_order_acquire)) {
      if (prepare_step()) continue;
      threads_->preparing.end();
      const auto has_work = [this] { return stopping_.load(std::memory_order_seq_cst) || wants_preparing(); };
      threads_->prepare.sleep_unless(has_work, looks_after);
    }
  });
  if (!disk_) return;
  threads_->sync_thread = std::thread([this] {
    pthread_setname_np(pthread_self(), "sync");
    while (!stopping_.load(std::memory_order_acquire)) {
      if (sync_step()) continue;
      const auto has_work = [this] {
        if (stopping_.load(std::memory_order_seq_cst)) return true;
        return !failed() &&
               committed_offset_.load(std::memory_order_seq_cst) != synced_offset_.load(std::memory_order_relaxed);
      };
      threads_->sync.sleep_unless(has_work, kSyncLooksAfter);
    }
  });
}

void Journal::stop_threads() {
  if (threads_ == nullptr) return;
  stopping_.store(true, std::memory_order_seq_cst);
  threads_->sync.wake();
  threads_->preparing.end();
  threads_->prepare.wake();
  if (threads_->sync_thread.joinable()) threads_->sync_thread.join();
  if (threads_->prepare_thread.joinable()) threads_->prepare_thread.join();
  threads_.reset();
}

}  // namespace portcullis::persistence
