#include "session/schedule.h"

#include <gtest/gtest.h>

namespace portcullis::session {
namespace {

UtcTime utc(const char* text) {
  const auto time = parse_utc_timestamp(text);
  EXPECT_TRUE(time.has_value()) << text;
  return time.value_or(UtcTime());
}

std::string text(std::optional<UtcTime> time) {
  if (!time) return "none";
  char buffer[32];
  return {buffer, format_utc_timestamp(*time, TimePrecision::kSeconds, buffer)};
}

config::ScheduleTime at(int hour, int minute, std::optional<std::uint8_t> weekday = std::nullopt) {
  config::ScheduleTime time;
  time.weekday = weekday;
  time.second_of_day = hour * 3600 + minute * 60;
  return time;
}

Schedule create(const config::Schedule& settings) {
  auto schedule = Schedule::create(settings);
  EXPECT_TRUE(schedule.ok());
  return schedule.ok() ? *schedule : Schedule();
}

constexpr std::uint8_t kSunday = 0;
constexpr std::uint8_t kFriday = 5;

// The FX week: Sunday 17:05 to Friday 16:55 in New York, numbers from 1 each day at 17:00.
Schedule fx_week() {
  return create({"America/New_York", at(17, 5, kSunday), at(16, 55, kFriday), at(17, 0)});
}

TEST(Schedule, IsAlwaysOpenWithoutRules) {
  const auto schedule = Schedule::create(std::optional<config::Schedule>());
  ASSERT_TRUE(schedule.ok());
  EXPECT_TRUE(schedule->is_open(utc("20260704-12:00:00")));
  EXPECT_EQ(text(schedule->next_open(utc("20260704-12:00:00"))), "none");
  EXPECT_EQ(text(schedule->next_reset(utc("20260704-12:00:00"))), "none");
  EXPECT_TRUE(schedule->preview(utc("20260704-12:00:00"), 5).empty());
}

TEST(Schedule, FollowsTheFxWeek) {
  const Schedule schedule = fx_week();
  // Winter: New York is UTC-5. 2026-01-04 is a Sunday.
  EXPECT_FALSE(schedule.is_open(utc("20260104-22:04:59")));
  EXPECT_TRUE(schedule.is_open(utc("20260104-22:05:00")));
  EXPECT_TRUE(schedule.is_open(utc("20260107-03:00:00")));
  EXPECT_TRUE(schedule.is_open(utc("20260109-21:54:59")));
  EXPECT_FALSE(schedule.is_open(utc("20260109-21:55:00")));
  EXPECT_FALSE(schedule.is_open(utc("20260110-12:00:00")));
  // Summer: UTC-4. 2026-07-05 is a Sunday.
  EXPECT_FALSE(schedule.is_open(utc("20260705-21:04:59")));
  EXPECT_TRUE(schedule.is_open(utc("20260705-21:05:00")));
}

TEST(Schedule, FindsTheNextAndLastBoundaries) {
  const Schedule schedule = fx_week();
  const UtcTime wednesday = utc("20260107-03:00:00");
  EXPECT_EQ(text(schedule.next_open(wednesday)), "20260111-22:05:00");
  EXPECT_EQ(text(schedule.next_close(wednesday)), "20260109-21:55:00");
  EXPECT_EQ(text(schedule.next_reset(wednesday)), "20260107-22:00:00");
  EXPECT_EQ(text(schedule.last_reset(wednesday)), "20260106-22:00:00");
  // A boundary itself is past, not next.
  EXPECT_EQ(text(schedule.next_reset(utc("20260107-22:00:00"))), "20260108-22:00:00");
  EXPECT_EQ(text(schedule.last_reset(utc("20260107-22:00:00"))), "20260107-22:00:00");
  EXPECT_EQ(text(schedule.last_reset(utc("20260107-22:00:00") - Duration::nanoseconds(1))), "20260106-22:00:00");
}

TEST(Schedule, KeepsLocalTimeAcrossTheChangeOfClocks) {
  const Schedule schedule = fx_week();
  // New York goes to summer time on 2026-03-08, Sunday, at 02:00.
  EXPECT_EQ(text(schedule.next_reset(utc("20260307-12:00:00"))), "20260307-22:00:00");
  EXPECT_EQ(text(schedule.next_reset(utc("20260308-12:00:00"))), "20260308-21:00:00");
  const auto openings = schedule.preview(utc("20260227-12:00:00"), 3);
  ASSERT_EQ(openings.size(), 3U);
  EXPECT_EQ(text(openings[0].open), "20260301-22:05:00");
  EXPECT_EQ(text(openings[0].close), "20260306-21:55:00");
  EXPECT_EQ(text(openings[1].open), "20260308-21:05:00");
  EXPECT_EQ(text(openings[1].close), "20260313-20:55:00");
  EXPECT_EQ(text(openings[2].open), "20260315-21:05:00");
}

TEST(Schedule, UsesTheFirstMomentAfterAGapAndTheFirstOfTwo) {
  // In New York 02:30 does not exist on 2026-03-08, and 01:30 comes twice on 2026-11-01.
  const Schedule gap = create({"America/New_York", at(2, 30), at(20, 0), std::nullopt});
  EXPECT_EQ(text(gap.next_open(utc("20260308-01:00:00"))), "20260308-07:00:00") << "03:00 local";
  EXPECT_EQ(text(gap.next_open(utc("20260308-07:00:00"))), "20260309-06:30:00");
  const Schedule twice = create({"America/New_York", at(1, 30), at(20, 0), std::nullopt});
  EXPECT_EQ(text(twice.next_open(utc("20261101-01:00:00"))), "20261101-05:30:00") << "still summer time";
  EXPECT_EQ(text(twice.next_open(utc("20261101-05:30:00"))), "20261102-06:30:00") << "once only";
}

TEST(Schedule, OpensOverMidnight) {
  const Schedule schedule = create({"Asia/Tokyo", at(20, 0), at(6, 0), std::nullopt});
  EXPECT_TRUE(schedule.is_open(utc("20260107-11:00:00")));  // 20:00 in Tokyo
  EXPECT_TRUE(schedule.is_open(utc("20260107-20:59:59")));
  EXPECT_FALSE(schedule.is_open(utc("20260107-21:00:00")));  // 06:00
  EXPECT_FALSE(schedule.is_open(utc("20260107-10:59:59")));
}

TEST(Schedule, IsAlwaysOpenWhereOpeningAndClosingFallTogether) {
  const Schedule schedule = create({"America/New_York", at(17, 0), at(17, 0), at(17, 0)});
  for (int hour = 0; hour < 24 * 15; ++hour) {
    EXPECT_TRUE(schedule.is_open(utc("20260301-00:00:00") + Duration::seconds(hour * 3600)));
  }
  EXPECT_TRUE(schedule.is_open(utc("20260107-22:00:00")));
}

TEST(Schedule, WorksAcrossMidnightAndYearsEndInUtc) {
  const Schedule schedule = create({"UTC", at(0, 0), at(23, 59), at(0, 0)});
  EXPECT_FALSE(schedule.is_open(utc("20261231-23:59:30")));
  EXPECT_TRUE(schedule.is_open(utc("20270101-00:00:00")));
  EXPECT_EQ(text(schedule.next_reset(utc("20261231-23:59:30"))), "20270101-00:00:00");
}

TEST(Schedule, RefusesAZoneThatTheMachineDoesNotKnow) {
  const auto schedule = Schedule::create(config::Schedule{"Mars/Olympus", at(1, 0), at(2, 0), std::nullopt});
  ASSERT_FALSE(schedule.ok());
  EXPECT_EQ(schedule.error().what.substr(0, 52), "time zone \"Mars/Olympus\" is not known to this machin");
}

}  // namespace
}  // namespace portcullis::session
