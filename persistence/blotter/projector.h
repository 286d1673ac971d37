#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "persistence/blotter/projection.h"
#include "persistence/journal_reader.h"

// Follows the journal into the blotter, on a thread of its own. Trading never waits for it: when the database is away
// it tries again with growing pauses, and catches up from the index that the database itself holds.

namespace portcullis::persistence {

struct ProjectorOptions {
  std::string url;
  std::string gateway_id;
  std::string journal_directory;
  // Journal::durable_index of the running gateway: what may be shown.
  std::function<std::uint64_t()> durable_index;
  // Records behind this one were written by this process (JournalReader::trust_own_records_behind).
  std::uint64_t own_records_behind = JournalReader::kNoLimit;
  // At most so many in one transaction. Where there are many, an order, its acknowledgement and its fills come
  // together, and its row is written once.
  std::size_t batch_records = 20'000;
  // Of orders and requests that are over, and of alerts, so many are kept in memory: that of the next ones is then that of
  // the last ones, which the processor still has at hand. What concerns another one reads it again.
  std::size_t kept_over = 4'096;
  std::chrono::milliseconds first_pause{100};  // after a failure; doubles up to last_pause
  std::chrono::milliseconds last_pause{10'000};
};

struct ProjectorStatus {
  bool connected = false;
  std::uint64_t last_index = 0;  // written and committed
  std::uint64_t failures = 0;    // since the start
  std::string error;             // of the last attempt; empty: none since it succeeded
};

class BlotterProjector {
 public:
  // `files` is borrowed. The thread starts at once.
  BlotterProjector(FileSystem& files, ProjectorOptions options);
  // Stops after the transaction that is under way. What is not yet projected is taken up at the next start.
  ~BlotterProjector();
  BlotterProjector(const BlotterProjector&) = delete;
  BlotterProjector& operator=(const BlotterProjector&) = delete;

  // Any thread: there may be something new. Never needed, it looks by itself every 50 ms.
  void wake();
  ProjectorStatus status() const;
  // Waits until all up to `index` is written, or until the time is over; true when it is written.
  bool wait_for(std::uint64_t index, std::chrono::milliseconds at_most);

 private:
  void run();
  StoreResult<> follow();
  void wrote(std::uint64_t index);
  void pause(std::chrono::milliseconds at_most);

  FileSystem& files_;
  const ProjectorOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;  // status_, stopping_ or woken_
  ProjectorStatus status_;
  bool stopping_ = false;
  bool woken_ = false;
  std::thread thread_;
};

struct RebuildReport {
  std::uint64_t records = 0;
  std::uint64_t last_index = 0;
};
// Drops the blotter's tables and projects the whole journal up to its end (`portcullis blotter rebuild`). The gateway
// must not be writing this blotter meanwhile.
Result<RebuildReport> rebuild_blotter(FileSystem& files, const ProjectorOptions& options);

}  // namespace portcullis::persistence
