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
    std::memcpy(end_, &result, sizeof result);
    added_up_to(end_ + sizeof result);
  }
  // Where the next results go, up to kAtOnce of them, written by the caller and then told by added_up_to().
  std::byte* next() { return end_; }
  void added_up_to(std::byte* end) {
    end_ = end;
    if (end_ > memory_ + kFull) [[unlikely]]
      drop();
  }
  // Of the last line: its check has not passed. Returns `place`, for the caller's convenience.
  [[gnu::cold, gnu::noinline]] std::size_t failed_at(std::byte* end, std::size_t place) {
    end[-static_cast<std::ptrdiff_t>(sizeof(order::CheckResult)) + 2] = std::byte{0};
    static_assert(offsetof(order::CheckResult, passed) == 2);
    added_up_to(end);
    return place;
  }
  void clear() {
    end_ = memory_;
    dropped_ = 0;
  }

  std::span<const order::CheckResult> results() const {
    return {std::launder(reinterpret_cast<const order::CheckResult*>(memory_)), size()};
  }
  std::size_t dropped() const { return dropped_; }

 private:
  static constexpr std::size_t kFull = kCapacity * sizeof(order::CheckResult);

  std::size_t size() const { return static_cast<std::size_t>(end_ - memory_) / sizeof(order::CheckResult); }
  void drop() {
    dropped_ += size() - kCapacity;
    end_ = memory_ + kFull;
  }

  alignas(order::CheckResult) std::byte memory_[kFull + kAtOnce * sizeof(order::CheckResult)];
  std::byte* end_ = memory_;
  std::size_t dropped_ = 0;
};

}  // namespace portcullis::risk
