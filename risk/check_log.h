#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>

#include "base/check.h"
#include "order/events.h"

namespace portcullis::risk {

// The checks that one decision made, in the order in which they were made: the evidence in the decision
// record. Lives on the caller's stack; 6 KiB, not initialised beforehand.
class CheckLog {
 public:
  // Two whole rounds of the registry over the longest path (evaluate_new and some candidate brokers);
  // what a decision with very many full brokers adds beyond it is counted, not kept.
  static constexpr std::size_t kCapacity = 192;

  CheckLog() = default;
  CheckLog(const CheckLog&) = delete;
  CheckLog& operator=(const CheckLog&) = delete;

  // One control adds no more than this many at a time to what next() points to.
  static constexpr std::size_t kAtOnce = 32;

  void add(const order::CheckResult& result) {
    std::memcpy(next(), &result, sizeof result);
    added(1);
  }
  // Where the next results go, up to kAtOnce of them, written by the caller and then counted by added().
  std::byte* next() { return memory_ + size_ * sizeof(order::CheckResult); }
  void added(std::size_t count) {
    size_ += count;
    if (size_ <= kCapacity) [[likely]]
      return;
    dropped_ += size_ - kCapacity;
    size_ = kCapacity;
  }
  void clear() { size_ = dropped_ = 0; }

  std::span<const order::CheckResult> results() const {
    return {std::launder(reinterpret_cast<const order::CheckResult*>(memory_)), size_};
  }
  std::size_t dropped() const { return dropped_; }

 private:
  alignas(order::CheckResult) std::byte memory_[(kCapacity + kAtOnce) * sizeof(order::CheckResult)];
  std::size_t size_ = 0;
  std::size_t dropped_ = 0;
};

}  // namespace portcullis::risk
