#include "base/pages.h"

#include <sys/mman.h>

#include <array>
#include <atomic>
#include <new>
#include <thread>

namespace portcullis {
namespace {

constexpr std::size_t kSmallPage = 4096;

std::size_t whole_blocks(std::size_t bytes) {
  return (bytes + Pages::kBlock - 1) / Pages::kBlock * Pages::kBlock;
}

// On a boundary of blocks, or the system would not give a huge page.
std::byte* map(std::size_t bytes) {
  const std::size_t reserved = bytes + Pages::kBlock;
  void* const at = ::mmap(nullptr, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) throw std::bad_alloc();
  auto* const from = static_cast<std::byte*>(at);
  const std::size_t over = reinterpret_cast<std::uintptr_t>(from) % Pages::kBlock;
  const std::size_t before = over == 0 ? 0 : Pages::kBlock - over;
  if (before != 0) ::munmap(from, before);
  ::munmap(from + before + bytes, reserved - before - bytes);
#if defined(MADV_HUGEPAGE)
  ::madvise(from + before, bytes, MADV_HUGEPAGE);  // a hint
#endif
  return from + before;
}

void touch_all(std::byte* memory, std::size_t bytes) {
#if defined(MADV_POPULATE_WRITE)
  if (::madvise(memory, bytes, MADV_POPULATE_WRITE) == 0) return;
#endif
  for (std::size_t at = 0; at < bytes; at += kSmallPage) const_cast<volatile std::byte*>(memory)[at] = std::byte{0};
}

std::array<std::atomic<std::byte*>, ReadyPages::kBlocks> ready{};
std::atomic<std::uint32_t> taken{0};
std::atomic<std::size_t> ready_count{0};
std::atomic<ReadyPages::Told> told{nullptr};
std::atomic<bool> stopped{false};
thread_local bool leaves_to_others = false;

bool is_scarce() {
  return ready_count.load(std::memory_order_relaxed) < ReadyPages::kBlocks / 2;
}

void tell_whether_scarce(bool scarce) {
  if (const ReadyPages::Told tell = told.load(std::memory_order_acquire)) tell(scarce);
}

}  // namespace

Pages::Pages(std::size_t bytes) : bytes_(whole_blocks(bytes)) {
  if (bytes_ == kBlock && !leaves_to_others) memory_ = ReadyPages::take();
  if (memory_ == nullptr && bytes_ != 0) memory_ = map(bytes_);
}

void Pages::touch() {
  touch_all(memory_, bytes_);
}

void Pages::release() {
  if (memory_ != nullptr) ::munmap(memory_, bytes_);
}

std::byte* ReadyPages::take() {
  for (std::atomic<std::byte*>& slot : ready) {
    if (slot.load(std::memory_order_relaxed) == nullptr) continue;
    std::byte* const block = slot.exchange(nullptr, std::memory_order_acquire);
    if (block == nullptr) continue;
    ready_count.fetch_sub(1, std::memory_order_relaxed);
    if (is_scarce()) tell_whether_scarce(true);
    taken.fetch_add(1, std::memory_order_release);
    taken.notify_one();
    return block;
  }
  return nullptr;
}

bool ReadyPages::keep() {
  const std::uint32_t seen = taken.load(std::memory_order_acquire);
  for (std::atomic<std::byte*>& slot : ready) {
    if (stopped.load(std::memory_order_acquire)) return false;
    if (slot.load(std::memory_order_relaxed) != nullptr) continue;
    tell_whether_scarce(is_scarce());
    std::byte* block = nullptr;
    try {
      block = map(Pages::kBlock);
    } catch (const std::bad_alloc&) {
      break;  // whoever needs one will say so
    }
    touch_all(block, Pages::kBlock);
    ready_count.fetch_add(1, std::memory_order_relaxed);
    slot.store(block, std::memory_order_release);
    // Clearing one takes as long as many orders do; others may have this processor before the next one.
    std::this_thread::yield();
  }
  if (!stopped.load(std::memory_order_acquire)) taken.wait(seen, std::memory_order_acquire);
  return !stopped.load(std::memory_order_acquire);
}

void ReadyPages::tell(Told to) {
  told.store(to, std::memory_order_release);
}

void ReadyPages::leave_to_others() {
  leaves_to_others = true;
}

void ReadyPages::stop() {
  stopped.store(true, std::memory_order_release);
  taken.fetch_add(1, std::memory_order_release);
  taken.notify_all();
}

void ReadyPages::clear() {
  for (std::atomic<std::byte*>& slot : ready) {
    if (std::byte* const block = slot.exchange(nullptr, std::memory_order_acquire)) ::munmap(block, Pages::kBlock);
  }
  ready_count.store(0, std::memory_order_relaxed);
  stopped.store(false, std::memory_order_release);
}

}  // namespace portcullis
