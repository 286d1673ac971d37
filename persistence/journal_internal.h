#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <semaphore>
#include <thread>

#include "persistence/background.h"
#include "persistence/journal.h"
#include "persistence/journal_reader.h"

// What the three files of Journal share; for nobody else.

namespace portcullis::persistence {

struct Journal::Segment {
  std::unique_ptr<File> file;
  std::unique_ptr<Mapping> mapping;  // kProcess only
  std::uint64_t base = 0;
  std::uint64_t bytes = 0;
};

// A thread's sleep that another thread ends. wake() makes a system call only while the thread sleeps.
class Sleeper {
 public:
  void wake() {
    if (sleeping_.load(std::memory_order_seq_cst) && sleeping_.exchange(false)) semaphore_.release();
  }
  // Sleeps until woken or until the time is over, unless `has_work` says that there is something to do. It is asked
  // after the sleep was announced, so that what comes between the two is not missed.
  template <typename HasWork>
  void sleep_unless(HasWork has_work, std::chrono::milliseconds at_most) {
    sleeping_.store(true, std::memory_order_seq_cst);
    if (!has_work()) static_cast<void>(semaphore_.try_acquire_for(at_most));
    sleeping_.store(false, std::memory_order_seq_cst);
  }

 private:
  std::atomic<bool> sleeping_{false};
  std::counting_semaphore<> semaphore_{0};
};

struct Journal::Threads {
  Sleeper sync;
  Sleeper prepare;
  Leisure preparing;
  std::thread sync_thread;
  std::thread prepare_thread;
};

}  // namespace portcullis::persistence
