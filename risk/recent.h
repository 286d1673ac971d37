#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/time.h"

// Counts of the last minute by second, for breakers that look at a rate: how much there was within a window, to the
// second. Which window is asked of whoever decides; counting does not know it.

namespace portcullis::risk {

class RecentCounts {
 public:
  static constexpr std::int64_t kSeconds = 64;
  static constexpr Duration kLongestWindow = Duration::seconds(60);

  struct Counts {
    std::uint32_t all = 0;
    std::uint32_t bad = 0;
  };

  // A clock that steps back counts into the second that it left.
  void add(UtcTime time, bool bad) {
    const std::int64_t second = std::max(time.ns() / kNanoseconds, newest_);
    if (second - newest_ >= kSeconds) reset();
    for (std::int64_t s = std::max(newest_ + 1, second - kSeconds + 1); s <= second; ++s) {
      bad_ -= at(s).bad;
      at(s) = Counts();
    }
    newest_ = second;
    Counts& counts = at(second);
    ++counts.all;
    if (!bad) return;
    ++counts.bad;
    ++bad_;
  }
  // Of the seconds that the window touches: at least the window, at most a second more.
  Counts within(UtcTime now, Duration window) const {
    Counts sum;
    const std::int64_t last = now.ns() / kNanoseconds;
    const std::int64_t first = std::max((now.ns() - window.ns()) / kNanoseconds + 1, newest_ - kSeconds + 1);
    for (std::int64_t s = first; s <= std::min(last, newest_); ++s) {
      sum.all += seconds_[place_of(s)].all;
      sum.bad += seconds_[place_of(s)].bad;
    }
    return sum;
  }
  // No window has more bad ones than these, whatever it is asked at.
  std::uint64_t bad_at_most() const { return bad_; }
  // Of one second since 1970, whole or not.
  Counts in_second(std::int64_t second) const {
    return second <= newest_ && second > newest_ - kSeconds ? seconds_[place_of(second)] : Counts();
  }

  // Counts begin afresh; time goes on.
  void reset() {
    seconds_ = {};
    bad_ = 0;
  }

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    ar(self.newest_);
    ar(self.seconds_);
    if constexpr (Archive::kLoads) {
      self.bad_ = 0;
      for (const Counts& counts : self.seconds_) self.bad_ += counts.bad;
    }
  }
  bool is_sound() const { return newest_ >= 0 && newest_ < std::int64_t{1} << 40; }

 private:
  static constexpr std::int64_t kNanoseconds = 1'000'000'000;
  static std::size_t place_of(std::int64_t second) {
    return static_cast<std::size_t>(static_cast<std::uint64_t>(second) % kSeconds);
  }
  Counts& at(std::int64_t second) { return seconds_[place_of(second)]; }

  std::int64_t newest_ = 0;  // second since 1970 that was counted last
  std::array<Counts, kSeconds> seconds_ = {};
  std::uint64_t bad_ = 0;  // of all of them together; no part of a snapshot
};

// A trading day's messages and executions of one session, for the ratios of control C4.
struct DayCounts {
  std::uint64_t orders = 0;
  std::uint64_t cancels = 0;
  std::uint64_t replaces = 0;
  std::uint64_t executions = 0;

  std::uint64_t messages() const { return orders + cancels + replaces; }

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    ar(self.orders);
    ar(self.cancels);
    ar(self.replaces);
    ar(self.executions);
  }
};

}  // namespace portcullis::risk
