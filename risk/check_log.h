#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>

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

  void add(const order::CheckResult& result) {
    if (end_ == memory_ + sizeof memory_) [[unlikely]] {
      ++dropped_;
      return;
    }
    std::memcpy(end_, &result, sizeof result);
    end_ += sizeof result;
  }
  // Where the next lines belong, with room for kRoom of them, or null; they count once they are taken.
  static constexpr std::size_t kRoom = 48;
  order::CheckResult* room() {
    return size() + kRoom <= kCapacity ? reinterpret_cast<order::CheckResult*>(end_) : nullptr;
  }
  void take(const order::CheckResult* end) {
    end_ = memory_ + (reinterpret_cast<const std::byte*>(end) - memory_);
  }
  // Takes back all that was added behind so many lines.
  void cut(std::size_t size) { end_ = memory_ + size * sizeof(order::CheckResult); }
  void clear() {
    end_ = memory_;
    dropped_ = 0;
  }

  std::span<const order::CheckResult> results() const {
    return {std::launder(reinterpret_cast<const order::CheckResult*>(memory_)), size()};
  }
  std::size_t dropped() const { return dropped_; }

 private:
  std::size_t size() const { return static_cast<std::size_t>(end_ - memory_) / sizeof(order::CheckResult); }

  alignas(order::CheckResult) std::byte memory_[kCapacity * sizeof(order::CheckResult)];
  std::byte* end_ = memory_;
  std::size_t dropped_ = 0;
};

}  // namespace portcullis::risk
