#pragma once

#include <thread>

namespace portcullis::app {

// Keeps pages ready for what grows with the orders (base/pages.h), on a thread of its own, as long as it stands. One in a
// process.
class MemoryAhead {
 public:
  MemoryAhead();
  ~MemoryAhead();
  MemoryAhead(const MemoryAhead&) = delete;
  MemoryAhead& operator=(const MemoryAhead&) = delete;

 private:
  std::thread thread_;
};

}  // namespace portcullis::app
