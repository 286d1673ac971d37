#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "persistence/file.h"
#include "persistence/pages_ahead.h"
#include "persistence/recovery.h"
#include "persistence/segments_ahead.h"

// The journal, docs/journal.md: appended to by one thread, the core's, made durable by another.
//
//   auto memory = journal.begin(largest);            // build the record here, in place
//   Position position = journal.commit(size);        // framed, checksummed, handed to the sync thread
//   journal.flush();                                 // once per batch of commits: wakes the sync thread
//   ... journal.durable_index() >= position.index    // only now may its bytes leave the process
//
// In steady state begin and commit make no system call, take no lock and allocate nothing.

namespace portcullis::persistence {

enum class JournalDurability : std::uint8_t {
  kProcess,  // survives the death of the process: records are built in a shared mapping of the file
  kDisk,     // survives power loss: written and synced by the sync thread, in groups
};

// What the disk leaves to be recorded once the reserve is used up, too.
enum class JournalSpace : std::uint8_t {
  kEnough,  // or the reserve is not used up
  kLast,    // the segment in use is the last one that there is space for
  kNone,    // nothing more of the usual size can be recorded: whoever wants to waits for space
};

struct JournalOptions {
  JournalDurability durability = JournalDurability::kDisk;
  std::uint64_t segment_bytes = std::uint64_t{64} << 20;  // of new segments; 64 KiB to 1 GiB, a multiple of 4,096
  // kDisk: how much may be committed and not yet durable, the limit on memory with a slow disk. At most half of
  // segment_bytes. A single record may be at most a quarter of this (kProcess: of segment_bytes), and 16 MiB.
  std::uint64_t ring_bytes = std::uint64_t{16} << 20;
  std::uint64_t reserve_bytes = std::uint64_t{64} << 20;  // freed when the disk is full; 0: none
  std::uint32_t content_version = 0;                      // written in the headers of new segments
  std::uint64_t journal_id = 0;                           // of a new journal; 0: a random one
  ScanOptions scan;

  // kDisk: a sync that took less lets the core make the next few records durable itself (sync_few): to wake a thread,
  // and to be woken, costs tens of microseconds; a core that waits for a slow disk reads nothing meanwhile. 0: never.
  std::chrono::microseconds quick_sync{1000};

  // kProcess: the pages that the core comes to next are made ready once more when they were so longer ago than this.
  std::chrono::milliseconds pages_ready_for{500};

  // So many bytes of segments are made beyond the next one, at leisure, once something has been recorded
  // (persistence/segments_ahead.h). 0: none.
  std::uint64_t ahead_bytes = 0;

  // Called on the sync thread after durable_index() grew (kDisk only). Must not block.
  std::function<void()> wake;
  // The largest payload that the owner asks would_block() for as a rule: what is left of the last segment is of no use below
  // it.
  std::size_t usual_payload = 0;
  // Called on the preparing thread when space() has changed. Must not block.
  std::function<void(JournalSpace)> tell_space;
  // Called on the thread that met the error of a write or sync. Must not return in a product: the default
  // prints and ends the process with code 70. Where a test's returns, the journal accepts nothing more.
  std::function<void(const std::string& what)> fatal;
  // No threads: the owner calls sync_step() and prepare_step() itself, and begin() does where it would block.
  // For simulators and tests.
  bool manual = false;
};

class FrameFile;

class Journal {
 public:
  // Recovers and opens the journal in `directory`, or makes a new one. Refuses a directory that another process
  // has open, and a damaged journal. On return the torn tail is cut off and all that is left is durable.
  static Result<std::unique_ptr<Journal>> open(FileSystem& files, const std::string& directory, JournalOptions options);
  // Stops the threads. What is committed and not durable is not waited for: that is close().
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // What recovery found.
  const ScanReport& recovered() const { return recovered_; }
  std::uint64_t journal_id() const { return recovered_.journal_id; }

  // --- the core thread ---

  // Memory of at least `max_payload` contiguous bytes for the next record, valid until commit. Calling again
  // without a commit gives up the record begun before. Blocks while the ring is full or no segment is
  // ready; empty only after a fatal handler returned.
  std::span<std::byte> begin(std::size_t max_payload);
  // Frames the first `payload_size` bytes of the memory that begin gave. offset is that of the frame.
  Position commit(std::size_t payload_size);
  // Wakes the sync thread if it sleeps and has work. Call once after each batch of commits (the sync thread looks by
  // itself only every 50 ms).
  void flush();
  // kDisk: makes what is committed durable on this thread, where that is sooner than the sync thread would: when no
  // more than kFew records wait, the sync thread rests and the disk was quick the last time. False: nothing was done,
  // and flush() is to be called. The wake of the options is not called.
  bool sync_few();
  // The longest that sync_few() has taken since this was last asked: what no look at durable_index() can see.
  std::chrono::nanoseconds take_longest_wait() { return std::exchange(longest_wait_, {}); }
  // Now and then: the thread that makes the next segment at leisure may not have had a processor since the core has come to
  // need it soon.
  void hurry_preparing();
  // Whether begin(max_payload) would have to wait now: the owner stops reading its sockets.
  bool would_block(std::size_t max_payload) const;
  std::uint64_t last_index() const { return last_index_; }
  std::uint64_t largest_payload() const { return largest_payload_; }
  // The payload of the frame at `offset`, durable or not, which some commit or a reader gave; in `scratch` or in
  // the journal's own memory until the next begin. For retransmissions.
  Result<std::span<const std::byte>> read(std::uint64_t offset, std::vector<std::byte>& scratch);
  // Makes all durable, writes the mark of a clean stop, and stops the threads. Nothing may be committed after.
  Status close();

  // --- any thread ---

  // All records up to this one are durable at the configured level.
  std::uint64_t durable_index() const { return durable_index_.load(std::memory_order_acquire); }
  // The disk is full and the reserve is in use: refuse what opens new risk.
  bool low_space() const { return low_space_.load(std::memory_order_relaxed); }
  JournalSpace space() const;
  bool failed() const { return failed_.load(std::memory_order_relaxed); }
  // Groups that were synced, for metrics: records / groups is the size of a group.
  std::uint64_t groups() const { return groups_.load(std::memory_order_relaxed); }
  // The newest durable record and the offset behind it may be read by other threads through JournalReader.
  const std::string& directory() const { return directory_; }

  // kProcess: so many segments that the core has left may wait for the disk; then the core waits for it, too.
  static constexpr std::size_t kMostRetiring = kUnsyncedSegments - 2;

  // What sync_few() still takes on.
  static constexpr std::uint64_t kFew = 8;

  // --- manual mode ---

  // One group write and sync; false when there was nothing to do.
  bool sync_step();
  // Makes the next segment ready, retires the last one; false when there was nothing to do, or no space.
  bool prepare_step();
  // Whether the core has left something to prepare_step() that it can do at once: without this the preparing thread
  // looks again only after a while, as it does where there is no space.
  bool wants_preparing() const;

 private:
  struct Segment;
  struct Threads;

  Journal(FileSystem& files, std::string directory, JournalOptions options);
  Status recover();
  Status cut_tail(const std::vector<SegmentFile>& segments);
  Status open_tail(const std::vector<SegmentFile>& segments);
  void make_reserve();
  bool prepare();
  void tell_space();
  void start_threads();
  void stop_threads();
  void fail(const std::string& what);
  bool needs_roll(std::size_t max_payload) const;
  bool ring_has_room(std::size_t max_payload) const;
  void roll();
  void wait_until_ready(std::size_t max_payload);
  std::byte* frame_memory() const;
  Position seal(FrameKind kind, std::size_t payload_size);
  IoResult<> write_ring(Segment& segment, std::uint64_t begin, std::uint64_t end);
  bool sync_or_fail(Segment& segment);
  SegmentHeader header_of(std::uint64_t ahead) const;
  IoResult<std::unique_ptr<Segment>> new_segment(const BetweenPieces& between_pieces);
  bool sync_committed();
  bool serve_core();
  void keep_pages_ready();
  void serve_core_meanwhile();
  void unmap_retired(Segment& retired);
  bool make_next();
  bool make_ahead();
  IoResult<> write_out_retired(File& file);
  // Whether less of the next segment is ready than the core has used of its own, and half as much again.
  static bool is_behind(std::uint64_t used, std::uint64_t prepared);
  bool take_leisure(bool (Journal::*is_urgent)() const);
  bool segment_is_urgent() const;
  bool next_is_urgent() const;
  bool rest_is_urgent() const;
  void leave_time_to_others(std::chrono::steady_clock::time_point& since, int share);

  FileSystem& files_;
  const std::string directory_;
  const JournalOptions options_;
  const bool disk_;
  ScanReport recovered_;
  std::unique_ptr<FileLock> lock_;
  std::uint64_t largest_payload_ = 0;

  // The core thread's.
  std::uint64_t head_ = 0;  // global offset of the next frame
  std::uint64_t last_index_ = 0;
  std::size_t begun_payload_ = 0;  // what the last begin promised
  std::uint64_t segment_base_ = 0;
  std::uint64_t segment_end_ = 0;
  std::unique_ptr<Segment> mapped_;    // kProcess: the segment that is being filled
  std::vector<std::byte> ring_;        // kDisk: the bytes [synced, head), each at its offset modulo ring_bytes, and
                                       // room behind for a frame that begins near the end
  std::unique_ptr<FrameFile> frames_;  // reads of older records
  std::chrono::nanoseconds longest_wait_{};

  // Core to the other threads. committed_index_ is stored after committed_offset_, and at level `disk` only.
  alignas(64) std::atomic<std::uint64_t> committed_offset_{0};
  std::atomic<std::uint64_t> committed_index_{0};
  // kDisk: the segment that follows the sync thread's, once the core has left it, and where it left it.
  std::atomic<Segment*> rolled_{nullptr};
  std::uint64_t roll_end_ = 0;

  // Sync thread to core.
  alignas(64) std::atomic<std::uint64_t> durable_index_{0};
  std::atomic<std::uint64_t> synced_offset_{0};
  std::atomic<std::uint64_t> groups_{0};
  std::mutex syncing_mutex_;          // held by who writes and syncs: the sync thread, or the core in sync_few()
  std::unique_ptr<Segment> syncing_;  // the segment that is written to
  std::uint64_t written_ = 0;         // global offset up to which the files are written
  bool was_quick_ = false;            // the last sync

  // Core and preparing thread.
  alignas(64) std::atomic<Segment*> next_{nullptr};  // ready for the core
  std::atomic<Segment*> retired_{nullptr};           // kProcess: filled by the core, to be synced and unmapped
  std::deque<std::unique_ptr<Segment>> retiring_;    // kProcess: the preparing thread's, oldest first
  PagesAhead pages_ahead_;           // kProcess: the preparing thread's, of the core's segment and the next
  SegmentsAhead ahead_;              // the preparing thread's
  std::uint64_t opened_at_ = 0;      // global offset
  std::uint64_t prepared_base_ = 0;  // of the next segment to prepare
  std::uint64_t prepared_number_ = 0;
  std::atomic<std::uint64_t> prepared_bytes_ = 0;  // of the next segment, so much is ready
  bool have_reserve_ = false;
  std::atomic<bool> low_space_{false};
  // Global offset at which the segment would begin that there is no space for, without a reserve; 0: there is.
  std::atomic<std::uint64_t> no_space_from_{0};
  JournalSpace told_space_ = JournalSpace::kEnough;

  std::atomic<bool> failed_{false};
  std::atomic<bool> stopping_{false};
  std::unique_ptr<Threads> threads_;
};

}  // namespace portcullis::persistence
