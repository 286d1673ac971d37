#include "tests/risk/count_allocations.h"

#include <cstdlib>
#include <new>

// In a file of its own, so that no compiler sees new and free side by side in the callers.

namespace {
thread_local std::int64_t allocations = -1;  // negative: not counting
}  // namespace

void* operator new(std::size_t size) {
  if (allocations >= 0) ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace portcullis::risk {

void start_counting_allocations() {
  allocations = 0;
}

std::int64_t stop_counting_allocations() {
  const std::int64_t counted = allocations;
  allocations = -1;
  return counted;
}

}  // namespace portcullis::risk
