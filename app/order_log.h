#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/log.h"
#include "base/result.h"
#include "gateway/ids.h"
#include "gateway/names.h"
#include "gateway/record.h"
#include "persistence/journal_reader.h"

// One log line for each thing that happens to an order, read from the journal behind the core, so that
// the log costs trading nothing and says only what is durable. An order is followed by its `order_id` from
// the client's message to the broker and back.

namespace portcullis::app {

class OrderLog {
 public:
  // Logs what comes after `from_index`, and so was written by this process; what is before only gives the names. The
  // thread starts at once.
  OrderLog(std::string journal_directory, std::string gateway_id, std::uint64_t from_index,
           std::function<std::uint64_t()> durable_index);
  ~OrderLog();
  // The last record whose lines are written: behind the durable one also where the journal cannot be read, which is tried
  // again. Any thread.
  std::uint64_t last_index() const { return last_index_.load(std::memory_order_relaxed); }
  OrderLog(const OrderLog&) = delete;
  OrderLog& operator=(const OrderLog&) = delete;

 private:
  void run();
  // Until it is to end, or an error.
  Status follow();
  // Takes at most kBatch records; false when there is no more for now.
  Result<bool> take_batch(persistence::JournalReader& reader);
  void take(const gateway::RecordView& record, std::uint64_t index);
  gateway::IdBuffer order_id(order::OrderNumber number) const;
  void write(const order::EventView& event, std::uint64_t index);

  const std::string journal_directory_;
  const std::string gateway_id_;
  const std::uint64_t from_index_;
  const std::function<std::uint64_t()> durable_index_;

  // Of the thread.
  gateway::NameTable clients_;
  gateway::NameTable accounts_;
  gateway::NameTable brokers_;
  gateway::NameTable sessions_;
  gateway::NameTable instruments_;
  struct Epoch {
    std::uint64_t first_order = 0;
    std::uint64_t epoch = 0;
  };
  std::vector<Epoch> epochs_;
  std::uint64_t orders_ = 0;  // seen so far: an order's number is its place
  persistence::Position taken_;
  LogBatch log_;
  std::atomic<std::uint64_t> last_index_{0};

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace portcullis::app
