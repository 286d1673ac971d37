#include "persistence/record_batches.h"

#include <utility>

namespace portcullis::persistence {

bool RecordBatches::hand_over(RecordBatch& batch) {
  if (batch.records.empty()) return true;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopped_ || waiting_.size() < kMostWaiting; });
    if (stopped_) return false;
    waiting_.push_back(std::exchange(batch, RecordBatch{}));
    if (!spare_.empty()) {
      batch = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  changed_.notify_one();
  batch.records.clear();
  return true;
}

void RecordBatches::end() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_one();
}

bool RecordBatches::take(RecordBatch& batch) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
    if (waiting_.empty()) return false;
    spare_.push_back(std::exchange(batch, std::move(waiting_.front())));
    waiting_.pop_front();
  }
  changed_.notify_one();
  return true;
}

void RecordBatches::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_one();
}

}  // namespace portcullis::persistence
