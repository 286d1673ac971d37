#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.h"
#include "session/clock.h"

// How long the stages of a message take on the core thread, always measured: a stage costs one reading of the
// processor's time stamp counter and one addition. Core thread only, so there is nothing to lock.

namespace portcullis::app {

class StageTimes {
 public:
  enum class Stage : std::uint8_t {
    kReceive,  // from a whole frame to the core: scan, dictionary, lane or session engine
    kDecode,   // the client's or the broker's dialect into a command
    kDecide,   // every check, routing, the state's change, the messages that go out
    kJournal,  // checksum and hand-over to the journal
    kRelease,  // from there to the socket's buffer: durability, and the batch's end
  };
  static constexpr std::size_t kStages = 5;
  static const char* name(Stage stage);

  StageTimes();

  static std::uint64_t ticks() {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#else
    return static_cast<std::uint64_t>(session::steady_now().ns());
#endif
  }
  void add(Stage stage, std::uint64_t ticks) {
    Counts& counts = counts_[static_cast<std::size_t>(stage)];
    ++counts.buckets[bucket_of(ticks)];
    counts.sum += ticks;
  }

  struct Histogram {
    std::uint64_t count = 0;
    double sum_s = 0;
    struct Bucket {
      double upper_s = 0;
      std::uint64_t cumulative = 0;
    };
    std::vector<Bucket> buckets;  // powers of two and one and a half of them, from 128 ns to about a second; what is
                                  // above is in `count` alone
  };
  Histogram histogram(Stage stage, double ns_per_tick) const;
  // Measured against the steady clock since this was made.
  double ns_per_tick() const;

 private:
  // Exact below 8, then eight buckets for each power of two.
  static std::size_t bucket_of(std::uint64_t ticks) {
    if (ticks < 8) return ticks;
    const auto exponent = static_cast<std::size_t>(std::bit_width(ticks)) - 1;
    return (exponent - 2) * 8 + (ticks >> (exponent - 3) & 7);
  }
  // The first value that is above the bucket's; as a double, since the last bucket's is 2^64.
  static double end_of(std::size_t bucket);

  static constexpr std::size_t kBuckets = 62 * 8;
  struct Counts {
    std::array<std::uint64_t, kBuckets> buckets = {};
    std::uint64_t sum = 0;
  };

  std::array<Counts, kStages> counts_ = {};
  const SteadyTime began_;
  const std::uint64_t began_ticks_;
};

}  // namespace portcullis::app
