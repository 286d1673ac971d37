#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "persistence/blotter/row_batch.h"
#include "persistence/blotter/store.h"

// What one transaction writes, apart from the fold that made it, so that the next records are folded meanwhile.

namespace portcullis::persistence {

struct WriteBatch {
  struct Rows {
    const Table* table = nullptr;
    bool stored = false;  // the table may have rows of these keys
    RowBatch rows;
  };
  Progress from;  // as the database has it before
  Progress to;
  std::vector<Rows> rows;  // in the order of writing; keeps its memory
};

// In one transaction, which begins by moving the progress: that locks its row, and finds out whether another writer
// moved it.
StoreResult<> write(BlotterStore& store, const WriteBatch& batch);

// Writes one batch after the other on a thread of its own, which works in the background where the creating thread does.
// All calls come from that one.
class BackgroundWriter {
 public:
  // Between start() and wait() the store is this writer's alone.
  explicit BackgroundWriter(BlotterStore& store);
  // Waits for the batch that is under way.
  ~BackgroundWriter();
  BackgroundWriter(const BackgroundWriter&) = delete;
  BackgroundWriter& operator=(const BackgroundWriter&) = delete;

  // None is under way. The batch is borrowed until wait() has returned.
  void start(const WriteBatch& batch);
  // Until none is under way. What became of the last one, as often as it is asked.
  StoreResult<> wait();

 private:
  void run();

  BlotterStore& store_;
  std::mutex mutex_;
  std::condition_variable changed_;  // batch_ or stopping_
  const WriteBatch* batch_ = nullptr;
  std::optional<StoreError> error_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace portcullis::persistence
