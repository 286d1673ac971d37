#include "app/stage_times.h"

#include <algorithm>
#include <cmath>

namespace portcullis::app {

const char* StageTimes::name(Stage stage) {
  switch (stage) {
    case Stage::kReceive:
      return "receive";
    case Stage::kDecode:
      return "decode";
    case Stage::kDecide:
      return "decide";
    case Stage::kJournal:
      return "journal";
    case Stage::kRelease:
      return "release";
  }
  return "unknown";
}

StageTimes::StageTimes() : began_(session::steady_now()), began_ticks_(ticks()) {}

double StageTimes::ns_per_tick() const {
  const std::uint64_t spent = ticks() - began_ticks_;
  if (spent == 0) return 1;
  return static_cast<double>((session::steady_now() - began_).ns()) / static_cast<double>(spent);
}

double StageTimes::end_of(std::size_t bucket) {
  if (bucket < 8) return static_cast<double>(bucket + 1);
  const auto exponent = static_cast<int>(bucket / 8) + 2;
  return std::ldexp(static_cast<double>(8 + bucket % 8 + 1), exponent - 3);
}

StageTimes::Histogram StageTimes::histogram(Stage stage, double ns_per_tick) const {
  constexpr int kFirstPower = 7;  // 128 ns
  constexpr int kLastPower = 30;  // 1.07 s
  const Counts& counts = counts_[static_cast<std::size_t>(stage)];
  Histogram result;
  result.sum_s = static_cast<double>(counts.sum) * ns_per_tick * 1e-9;
  std::size_t bucket = 0;
  for (int half = 2 * kFirstPower; half <= 2 * kLastPower; ++half) {
    const double upper_ns = std::ldexp(half % 2 == 0 ? 1.0 : 1.5, half / 2);
    for (; bucket < kBuckets && end_of(bucket) * ns_per_tick <= upper_ns; ++bucket)
      result.count += counts.buckets[bucket];
    result.buckets.push_back({upper_ns * 1e-9, result.count});
  }
  for (; bucket < kBuckets; ++bucket) result.count += counts.buckets[bucket];
  return result;
}

}  // namespace portcullis::app
