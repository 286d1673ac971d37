#include "session/clock.h"

#include <chrono>

namespace portcullis::session {

SteadyTime steady_now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return SteadyTime::from_ns(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
}

UtcTime utc_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return UtcTime::from_ns(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
}

}  // namespace portcullis::session
