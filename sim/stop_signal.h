#pragma once

#include "base/time.h"

namespace portcullis::sim {

// SIGINT and SIGTERM as something to wait for. Make it before any thread starts, so that they all inherit the blocked
// signals; one at a time in a process.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // Until a signal comes.
  void wait();
  // True when a signal came within the time; then also on every later call.
  bool wait_for(Duration time);

  // Readable once a signal has come.
  int file() const { return file_; }

 private:
  int file_ = -1;
  bool seen_ = false;
};

}  // namespace portcullis::sim
