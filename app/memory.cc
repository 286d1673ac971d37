#include "app/memory.h"

#include <cstdlib>  // tells whether this is glibc

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace portcullis::app {

void keep_memory() {
#if defined(__GLIBC__)
  constexpr int kThreadHeap = 64 << 20;  // the most that glibc gives a thread's heap at a time
  // A thread's heap begins with all of it usable, and is not unmapped for the sake of less than a whole one.
  static_cast<void>(mallopt(M_TOP_PAD, kThreadHeap));
  static_cast<void>(mallopt(M_TRIM_THRESHOLD, kThreadHeap));
  // Large buffers come from the heap too, and are not mapped and unmapped each time.
  static_cast<void>(mallopt(M_MMAP_THRESHOLD, kThreadHeap / 2));
#endif
}

}  // namespace portcullis::app
