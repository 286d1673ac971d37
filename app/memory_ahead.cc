#include "app/memory_ahead.h"

#include "base/pages.h"
#include "persistence/background.h"
#include "session/threads.h"

namespace portcullis::app {
namespace {

// Who takes a block may still look at it when the thread has ended.
persistence::Leisure& leisure() {
  static persistence::Leisure of_the_thread;
  return of_the_thread;
}

// Finding a block takes milliseconds where a virtual machine's host has to give its memory. As long as there are enough,
// whoever wants the processor takes it meanwhile.
void on_scarcity(bool scarce) {
  if (scarce) {
    leisure().end();
  } else {
    leisure().begin();
  }
}

}  // namespace

MemoryAhead::MemoryAhead()
    : thread_(session::start_thread("memory", true, [] {
        leisure().begin_thread();
        ReadyPages::tell(&on_scarcity);
        while (ReadyPages::keep()) {
        }
        ReadyPages::tell(nullptr);
        leisure().end();
      })) {}

MemoryAhead::~MemoryAhead() {
  ReadyPages::stop();
  thread_.join();
  ReadyPages::clear();
}

}  // namespace portcullis::app
