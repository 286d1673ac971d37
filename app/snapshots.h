#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/outbound_index.h"
#include "base/byte_sink.h"
#include "base/byte_source.h"
#include "base/result.h"
#include "gateway/core.h"
#include "gateway/records_ahead.h"
#include "persistence/file.h"
#include "persistence/journal_reader.h"
#include "persistence/snapshot.h"

// Snapshots, so that a start folds the journal's end and not all of it: docs/journal.md. They are made by a
// follower that folds the durable journal into a core of its own; the core that trades is never stopped, or
// copied, for one. A start and the follower read them by the same functions.

namespace portcullis::app {

// What a snapshot's bytes are: this version in the file's header, then the core's state, then the index of
// outbound messages.
inline constexpr std::uint32_t kSnapshotContentVersion = 1;

void save_snapshot(const gateway::Core& core, const OutboundIndex& outbound, ByteSink& out);
// Into a new core and index, which an error leaves as they are. Sums that do not add up are an error too, and bytes
// behind.
Status load_snapshot(ByteSource& bytes, gateway::Core& core, OutboundIndex& outbound);

// Loads the newest snapshot of the data directory's journal that is whole, whose last record stands in the
// journal, and whose sums add up. The position of that record; {0, 0} when there is none, and everything is to
// be folded, for which the core has room then. Those that were passed over are named, with why, for the log. An error where
// there are snapshots and no journal: what they are of is lost, and nothing may begin in its place.
Result<persistence::Position> load_newest_snapshot(persistence::FileSystem& files, const std::string& data_dir,
                                                   gateway::Core& core, OutboundIndex& outbound,
                                                   std::vector<std::string>& passed_over);

// One record of the journal into core and index. The error names the record.
Status fold(const persistence::JournalRecord& record, gateway::Core& core, OutboundIndex& outbound);

// The follower. Its core is a second copy of the state in memory.
class Snapshots {
 public:
  struct Pace {
    std::uint64_t records = 200'000;                              // after so many records,
    std::chrono::milliseconds period = std::chrono::seconds(60);  // or after this time, when there was any record
  };
  // Writing takes at most one part in so many of a processor's time, however large the state; and of the time on the clock,
  // which is the disk's, where nobody else wants this thread's processor.
  static constexpr int kProcessorShare = 20;
  static constexpr int kClockShare = 4;

  // `durable_index`: of the journal in `data_dir`, callable from any thread until this ends. Records behind
  // `own_records_behind` were written by this process (JournalReader::trust_own_records_behind). The thread starts
  // at once. The first snapshot is written as soon as it has folded what the start found, so that a gateway
  // that fails again and again does not fold the same records each time.
  Snapshots(persistence::FileSystem& files, std::string data_dir, std::function<std::uint64_t()> durable_index,
            Pace pace, std::uint64_t own_records_behind = persistence::JournalReader::kNoLimit);
  // Ends the thread where it is, after the file that it is writing.
  ~Snapshots();
  Snapshots(const Snapshots&) = delete;
  Snapshots& operator=(const Snapshots&) = delete;

  // At a clean stop: folds the rest, writes a last snapshot, and ends the thread. The journal is complete.
  void finish();
  // The last record that was folded. Any thread.
  std::uint64_t folded_index() const { return folded_index_.load(std::memory_order_relaxed); }
  // The last record of the newest snapshot written or found; 0: none.
  std::uint64_t last_index() const { return written_index_.load(std::memory_order_acquire); }

 private:
  using Clock = std::chrono::steady_clock;
  enum class Order { kRun, kStop, kFinish };

  void run();
  // Until it is to end, or an error.
  Status follow();
  void remove_unfinished();
  void remove_beyond_the_end(std::uint64_t journal_id);
  // Folds at most kBatch records; false when there is no more for now.
  Result<bool> fold_batch(persistence::JournalReader& reader);
  bool is_due(Clock::time_point now) const;
  void write(std::uint64_t journal_id, Clock::time_point now);
  Order wait(std::chrono::milliseconds time);

  persistence::FileSystem& files_;
  const std::string data_dir_;
  const std::function<std::uint64_t()> durable_index_;
  const Pace pace_;
  const std::uint64_t own_records_behind_;

  // The thread's.
  gateway::Core core_;
  OutboundIndex outbound_;
  gateway::RecordsAhead ahead_;
  persistence::SnapshotStore store_;
  persistence::Position last_;      // folded
  bool loaded_ = false;             // the snapshot to begin from
  bool folds_ = true;               // else a record did not, and the core is of no use
  std::uint64_t caught_up_at_ = 0;  // what the start found ends here
  bool first_written_ = false;
  Clock::time_point written_at_;
  Clock::time_point not_before_;

  std::atomic<std::uint64_t> written_index_{0};
  std::atomic<std::uint64_t> folded_index_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  Order order_ = Order::kRun;
  std::thread thread_;
};

}  // namespace portcullis::app
