#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "persistence/recovery.h"

// Records on their way from the thread that reads a journal and checks it to the one that folds them. They go in
// batches, and a bounded number of those waits, so that a start takes no memory of the journal's size.

namespace portcullis::persistence {

struct RecordBatch {
  std::vector<std::byte> bytes;        // of a segment's file, as they were read
  std::vector<JournalRecord> records;  // whole and checked, in the journal's order; their payloads stand in `bytes`
};

// For two threads. What the reader did to a batch before hand_over() happens before take() returns it, and what the
// folder did before take() happens before hand_over() returns that memory: both are under the same mutex.
class RecordBatches {
 public:
  static constexpr std::size_t kMostWaiting = 4;

  // The reader's. Gives `batch` away, if it holds a record, and leaves one without records, whose memory may be used
  // again. Waits while kMostWaiting are waiting. False once nobody wants more.
  bool hand_over(RecordBatch& batch);
  // The reader's last word.
  void end();

  // The folder's. The next one, for whose memory it gives back that of `batch`. Waits; false when there will be no
  // more.
  bool take(RecordBatch& batch);
  // The folder's last word, where it comes before the reader's.
  void stop();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<RecordBatch> waiting_;
  std::vector<RecordBatch> spare_;
  bool ended_ = false;
  bool stopped_ = false;
};

}  // namespace portcullis::persistence
