#pragma once

#include <cstdint>

#include "base/time.h"

namespace portcullis::risk {

// A token bucket as a value: `burst` tokens at most, `per_second` come back each second, exactly. Starts
// full. Time is an argument; a clock that steps back gives no tokens and takes none.
class TokenBucket {
 public:
  TokenBucket() = default;

  // Keeps the tokens that are there, at most the new burst; a bucket that was never set starts full.
  void configure(std::uint32_t per_second, std::uint32_t burst);

  // Whole tokens at `now`.
  std::int64_t tokens(UtcTime now) const { return level(now) / kToken; }
  bool has(std::int64_t count, UtcTime now) const { return tokens(now) >= count; }
  // So many tokens less, never below none.
  void take(UtcTime now, std::int64_t count = 1);

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    ar(self.level_);
    ar(self.last_ns_);
    ar(self.per_second_);
    ar(self.burst_);
  }

  std::uint32_t burst() const { return burst_; }

 private:
  static constexpr std::int64_t kToken = 1'000'000'000;  // one token is so many message-nanoseconds
  std::int64_t level(UtcTime now) const;

  std::int64_t level_ = 0;  // at last_
  std::int64_t last_ns_ = 0;
  std::uint32_t per_second_ = 0;
  std::uint32_t burst_ = 0;
};

}  // namespace portcullis::risk
