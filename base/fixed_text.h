#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/check.h"

namespace portcullis {

// Text of at most N bytes, held in place: trivially copyable, so that it can stand in an event.
// Unused bytes are zero, so equal texts have equal representations.
template <std::size_t N>
class FixedText {
  static_assert(N >= 1 && N <= 255);

 public:
  static constexpr std::size_t kCapacity = N;

  FixedText() = default;
  explicit FixedText(std::string_view text) {
    PORTCULLIS_CHECK(text.size() <= N, "text longer than its fixed capacity");
    size_ = static_cast<std::uint8_t>(text.size());
    text.copy(bytes_, text.size());
  }

  // The longest prefix that fits, for text whose loss is acceptable, such as Text(58) in a log.
  static FixedText truncated(std::string_view text) { return FixedText(text.substr(0, N)); }
  static bool fits(std::string_view text) { return text.size() <= N; }

  std::string_view view() const { return {bytes_, size_}; }
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  friend bool operator==(const FixedText& a, const FixedText& b) { return a.view() == b.view(); }

 private:
  char bytes_[N] = {};
  std::uint8_t size_ = 0;
};

}  // namespace portcullis
