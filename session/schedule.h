#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "config/config.h"

// When a session is open and when its numbers start at 1 again, in the local time of an IANA zone, by
// Howard Hinnant's tz library and the machine's zone files. Pure: time is an argument. QuickFIX's own
// schedule never acts.
//
// A boundary is a local time of one weekday or of every day. Where clocks go forward over it, it is the
// first moment after the gap; where they go back over it, the first of the two. Between an opening and
// the next closing the session is open; opening and closing at the same time (daily 17:00 to daily
// 17:00) means always open.

namespace portcullis::session {

class Schedule {
 public:
  // Always open, never reset.
  Schedule();
  // Fails where the machine does not know the zone.
  static Result<Schedule> create(const config::Schedule& settings);
  static Result<Schedule> create(const std::optional<config::Schedule>& settings);

  bool is_open(UtcTime now) const;
  // The first such moment strictly after `now`; nothing where the schedule has none.
  std::optional<UtcTime> next_open(UtcTime now) const;
  std::optional<UtcTime> next_close(UtcTime now) const;
  std::optional<UtcTime> next_reset(UtcTime now) const;
  // The last reset at or before `now`: a session whose numbers are older starts at 1.
  std::optional<UtcTime> last_reset(UtcTime now) const;

  struct Opening {
    UtcTime open;
    UtcTime close;
  };
  // The next openings that begin after `now`, for people to check what they configured; at most 100.
  std::vector<Opening> preview(UtcTime now, std::size_t count) const;

 private:
  struct Rules;
  std::shared_ptr<const Rules> rules_;  // null: always open
};

}  // namespace portcullis::session
