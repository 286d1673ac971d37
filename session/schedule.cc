#include "session/schedule.h"

#include <date/tz.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>

namespace portcullis::session {

namespace {

using std::chrono::days;
using std::chrono::seconds;

// The farthest that a weekly boundary can be, and a day for the zone's offset.
constexpr int kSearchDays = 9;
constexpr std::size_t kMaxPreview = 100;

date::local_days local_day(UtcTime time, const date::time_zone& zone) {
  const date::sys_time<std::chrono::nanoseconds> at{std::chrono::nanoseconds(time.ns())};
  return date::floor<date::days>(zone.to_local(date::floor<seconds>(at)));
}

// The moment of a boundary on one local day; nothing where it is not on this weekday.
std::optional<UtcTime> on_day(const config::ScheduleTime& boundary, date::local_days day, const date::time_zone& zone) {
  if (boundary.weekday && date::weekday(day).c_encoding() != *boundary.weekday) return std::nullopt;
  const auto local = day + seconds(boundary.second_of_day);
  const date::local_info info = zone.get_info(local);
  date::sys_seconds moment;
  switch (info.result) {
    case date::local_info::nonexistent:
      moment = info.first.end;
      break;  // the first moment after the gap
    case date::local_info::ambiguous:
    default:
      moment = date::sys_seconds(local.time_since_epoch()) - info.first.offset;
      break;
  }
  return UtcTime::from_ns(std::chrono::nanoseconds(moment.time_since_epoch()).count());
}

std::optional<UtcTime> next_of(const config::ScheduleTime& boundary, UtcTime now, const date::time_zone& zone) {
  const date::local_days today = local_day(now, zone);
  for (int i = -1; i <= kSearchDays; ++i) {
    const auto moment = on_day(boundary, today + date::days(i), zone);
    if (moment && *moment > now) return moment;
  }
  return std::nullopt;
}

std::optional<UtcTime> last_of(const config::ScheduleTime& boundary, UtcTime now, const date::time_zone& zone) {
  const date::local_days today = local_day(now, zone);
  for (int i = 1; i >= -kSearchDays; --i) {
    const auto moment = on_day(boundary, today + date::days(i), zone);
    if (moment && *moment <= now) return moment;
  }
  return std::nullopt;
}

}  // namespace

struct Schedule::Rules {
  config::Schedule settings;
  const date::time_zone* zone = nullptr;  // lives as long as the process
};

Schedule::Schedule() = default;

Result<Schedule> Schedule::create(const config::Schedule& settings) {
  auto rules = std::make_shared<Rules>();
  rules->settings = settings;
  try {
    rules->zone = date::locate_zone(settings.zone);
    // Reads the zone's file now rather than at the first question.
    rules->zone->get_info(date::sys_seconds(seconds(0)));
  } catch (const std::runtime_error& error) {
    return Error{"time zone \"" + settings.zone + "\" is not known to this machine: " + error.what() +
                 "; expected an IANA name such as America/New_York"};
  }
  Schedule schedule;
  schedule.rules_ = std::move(rules);
  return schedule;
}

Result<Schedule> Schedule::create(const std::optional<config::Schedule>& settings) {
  return settings ? create(*settings) : Result<Schedule>(Schedule());
}

bool Schedule::is_open(UtcTime now) const {
  if (rules_ == nullptr) return true;
  const auto opened = last_of(rules_->settings.open, now, *rules_->zone);
  const auto closed = last_of(rules_->settings.close, now, *rules_->zone);
  return opened && (!closed || *opened >= *closed);
}

std::optional<UtcTime> Schedule::next_open(UtcTime now) const {
  return rules_ == nullptr ? std::nullopt : next_of(rules_->settings.open, now, *rules_->zone);
}

std::optional<UtcTime> Schedule::next_close(UtcTime now) const {
  return rules_ == nullptr ? std::nullopt : next_of(rules_->settings.close, now, *rules_->zone);
}

std::optional<UtcTime> Schedule::next_reset(UtcTime now) const {
  if (rules_ == nullptr || !rules_->settings.reset) return std::nullopt;
  return next_of(*rules_->settings.reset, now, *rules_->zone);
}

std::optional<UtcTime> Schedule::last_reset(UtcTime now) const {
  if (rules_ == nullptr || !rules_->settings.reset) return std::nullopt;
  return last_of(*rules_->settings.reset, now, *rules_->zone);
}

std::vector<Schedule::Opening> Schedule::preview(UtcTime now, std::size_t count) const {
  std::vector<Opening> openings;
  while (openings.size() < std::min(count, kMaxPreview)) {
    const auto open = next_open(now);
    const auto close = open ? next_close(*open) : std::nullopt;
    if (!close) break;
    openings.push_back({*open, *close});
    now = *open;
  }
  return openings;
}

}  // namespace portcullis::session
