#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Time as values. The core never reads a clock: `now` is an argument of every decision.

namespace portcullis {

// A length of time in nanoseconds.
class Duration {
 public:
  constexpr Duration() = default;
  static constexpr Duration nanoseconds(std::int64_t n) { return Duration(n); }
  static constexpr Duration milliseconds(std::int64_t n) { return Duration(n * 1'000'000); }
  static constexpr Duration seconds(std::int64_t n) { return Duration(n * 1'000'000'000); }

  constexpr std::int64_t ns() const { return ns_; }
  constexpr std::int64_t ms() const { return ns_ / 1'000'000; }
  friend constexpr Duration operator+(Duration a, Duration b) { return Duration(a.ns_ + b.ns_); }
  friend constexpr Duration operator-(Duration a, Duration b) { return Duration(a.ns_ - b.ns_); }
  friend constexpr auto operator<=>(Duration, Duration) = default;

 private:
  constexpr explicit Duration(std::int64_t ns) : ns_(ns) {}
  std::int64_t ns_ = 0;
};

// A point in UTC, nanoseconds since 1970-01-01T00:00:00Z (no leap seconds); years 1970 to 2261.
class UtcTime {
 public:
  constexpr UtcTime() = default;
  static constexpr UtcTime from_ns(std::int64_t ns) {
    UtcTime time;
    time.ns_ = ns;
    return time;
  }
  constexpr std::int64_t ns() const { return ns_; }
  friend constexpr UtcTime operator+(UtcTime t, Duration d) { return from_ns(t.ns_ + d.ns()); }
  friend constexpr UtcTime operator-(UtcTime t, Duration d) { return from_ns(t.ns_ - d.ns()); }
  friend constexpr Duration operator-(UtcTime a, UtcTime b) { return Duration::nanoseconds(a.ns_ - b.ns_); }
  friend constexpr auto operator<=>(UtcTime, UtcTime) = default;

 private:
  std::int64_t ns_ = 0;
};

// A point of the monotonic clock, for timers; never written anywhere.
class SteadyTime {
 public:
  constexpr SteadyTime() = default;
  static constexpr SteadyTime from_ns(std::int64_t ns) {
    SteadyTime time;
    time.ns_ = ns;
    return time;
  }
  constexpr std::int64_t ns() const { return ns_; }
  friend constexpr SteadyTime operator+(SteadyTime t, Duration d) { return from_ns(t.ns_ + d.ns()); }
  friend constexpr Duration operator-(SteadyTime a, SteadyTime b) { return Duration::nanoseconds(a.ns_ - b.ns_); }
  friend constexpr auto operator<=>(SteadyTime, SteadyTime) = default;

 private:
  std::int64_t ns_ = 0;
};

// A calendar day as days since 1970-01-01.
class Date {
 public:
  constexpr Date() = default;
  static constexpr Date from_days(std::int32_t days) {
    Date date;
    date.days_ = days;
    return date;
  }
  // Nothing when there is no such day.
  static std::optional<Date> from_ymd(int year, int month, int day);
  // FIX LocalMktDate, YYYYMMDD.
  static std::optional<Date> parse_fix(std::string_view text);
  // ISO 8601, YYYY-MM-DD.
  static std::optional<Date> parse_iso(std::string_view text);
  static Date of(UtcTime time);

  constexpr std::int32_t days() const { return days_; }
  int weekday() const;             // 0 Sunday … 6 Saturday
  std::string to_fix() const;      // 20261231
  std::string to_iso() const;      // 2026-12-31
  friend constexpr Date operator+(Date d, int days) { return from_days(d.days_ + days); }
  friend constexpr auto operator<=>(Date, Date) = default;

 private:
  std::int32_t days_ = 0;
};

enum class TimePrecision : std::uint8_t { kSeconds = 0, kMilliseconds = 3, kMicroseconds = 6, kNanoseconds = 9 };

// FIX UTCTimestamp: YYYYMMDD-HH:MM:SS[.s{1,9}]; a leap second (:60) reads as the next second.
std::optional<UtcTime> parse_utc_timestamp(std::string_view text);
// Into a buffer of at least 27 bytes; returns the length (17, 21, 24 or 27). Does not allocate.
std::size_t format_utc_timestamp(UtcTime time, TimePrecision precision, char* out);
// ISO 8601 with nanoseconds and Z, for logs and JSON.
std::string to_iso(UtcTime time);

}  // namespace portcullis
