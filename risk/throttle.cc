#include "risk/throttle.h"

#include <algorithm>

#include "base/decimal.h"

namespace portcullis::risk {

void TokenBucket::configure(std::uint32_t per_second, std::uint32_t burst) {
  const std::int64_t full = std::int64_t{burst} * kToken;
  level_ = burst_ == 0 ? full : std::min(level_, full);
  per_second_ = per_second;
  burst_ = burst;
}

std::int64_t TokenBucket::level(UtcTime now) const {
  if (now.ns() <= last_ns_) return level_;
  const Wide gained = (Wide{now.ns()} - last_ns_) * per_second_;
  return static_cast<std::int64_t>(std::min<Wide>(level_ + gained, std::int64_t{burst_} * kToken));
}

void TokenBucket::take(UtcTime now, std::int64_t count) {
  level_ = std::max<std::int64_t>(0, level(now) - count * kToken);
  last_ns_ = std::max(last_ns_, now.ns());
}

}  // namespace portcullis::risk
