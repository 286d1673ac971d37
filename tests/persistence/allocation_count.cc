#include "tests/persistence/allocation_count.h"

#include <atomic>
#include <cstdlib>
#include <new>

// Replaces the global allocation functions, in a file of their own so that no caller sees through them.

static std::atomic<std::uint64_t> allocations{0};
static std::atomic<std::uint64_t> bytes{0};

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  bytes.fetch_add(size, std::memory_order_relaxed);
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace portcullis::persistence::testing {

std::uint64_t allocation_count() {
  return allocations.load(std::memory_order_relaxed);
}

std::uint64_t allocated_bytes() {
  return bytes.load(std::memory_order_relaxed);
}

}  // namespace portcullis::persistence::testing
