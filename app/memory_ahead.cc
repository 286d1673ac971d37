#include "app/memory_ahead.h"

#include "base/pages.h"
#include "session/threads.h"

namespace portcullis::app {

MemoryAhead::MemoryAhead()
    : thread_(session::start_thread("memory", true, [] {
        while (ReadyPages::keep()) {
        }
      })) {}

MemoryAhead::~MemoryAhead() {
  ReadyPages::stop();
  thread_.join();
  ReadyPages::clear();
}

}  // namespace portcullis::app
