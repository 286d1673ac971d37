#include "base/time.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace portcullis {
namespace {

std::string round_trip(std::string_view text, TimePrecision precision) {
  const auto time = parse_utc_timestamp(text);
  if (!time) return "refused";
  char out[32];
  return std::string(out, format_utc_timestamp(*time, precision, out));
}

TEST(UtcTimestamp, RoundTripsEveryPrecision) {
  EXPECT_EQ(round_trip("20261122-16:44:31", TimePrecision::kSeconds), "20261122-16:44:31");
  EXPECT_EQ(round_trip("20261122-16:44:31.123", TimePrecision::kMilliseconds), "20261122-16:44:31.123");
  EXPECT_EQ(round_trip("20261122-16:44:31.123456", TimePrecision::kMicroseconds), "20261122-16:44:31.123456");
  EXPECT_EQ(round_trip("20240229-23:59:59.000000001", TimePrecision::kNanoseconds), "20240229-23:59:59.000000001");
}

TEST(UtcTimestamp, ReadsALeapSecondAsTheNextSecond) {
  EXPECT_EQ(round_trip("20161231-23:59:60", TimePrecision::kSeconds), "20170101-00:00:00");
}

TEST(UtcTimestamp, RefusesImpossibleTimes) {
  for (const char* text : {"", "20260230-00:00:00", "20261301-00:00:00", "20261122-24:00:00", "20261122-16:60:00",
                           "20261122 16:44:31", "20261122-16:44:31.", "20261122-16:44:31.1234567890",
                           "20261122-16:44:3x", "19690101-00:00:00", "99990101-00:00:00"}) {
    EXPECT_FALSE(parse_utc_timestamp(text)) << text;
  }
}

// The last second's text is kept: neither what came before nor what was refused may show.
TEST(UtcTimestamp, SaysTheSameWhateverWasConvertedBefore) {
  EXPECT_FALSE(parse_utc_timestamp(std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 17)));
  const std::vector<std::string> texts = {"20261122-16:44:31.123", "20261122-16:44:31",           "20261122-16:44:3x",
                                          "20261122-16:44:32.5",   "19700101-00:00:00",           "20161231-23:59:60",
                                          "20170101-00:00:00",     "20261122-16:44:31.1234567890"};
  std::vector<std::string> alone;
  for (const std::string& text : texts) {
    // Each in a thread of its own, where nothing has been converted yet.
    std::thread([&] { alone.push_back(round_trip(text, TimePrecision::kNanoseconds)); }).join();
  }
  for (std::size_t a = 0; a < texts.size(); ++a) {
    for (std::size_t b = 0; b < texts.size(); ++b) {
      EXPECT_EQ(round_trip(texts[a], TimePrecision::kNanoseconds), alone[a]);
      EXPECT_EQ(round_trip(texts[b], TimePrecision::kNanoseconds), alone[b]) << "behind " << texts[a];
    }
  }
}

TEST(UtcTimestamp, ReadsTheSameTextAgainAsTheFirstTime) {
  const std::vector<std::string> texts = {"20261123-12:00:00.000", "20261123-12:00:00.001", "20261123-12:00:01.000",
                                          "20261124-12:00:00.000", "20261123-12:00:00.00x", "20261123-24:00:00.000"};
  std::vector<std::optional<UtcTime>> first;
  for (const std::string& text : texts) first.push_back(parse_utc_timestamp(text));
  EXPECT_FALSE(first[4]);
  EXPECT_FALSE(first[5]);
  EXPECT_EQ((*first[1] - *first[0]).ns(), 1'000'000);
  EXPECT_EQ((*first[2] - *first[0]).ns(), 1'000'000'000);
  for (std::size_t a = 0; a < texts.size(); ++a) {
    for (std::size_t b = 0; b < texts.size(); ++b) {
      EXPECT_EQ(parse_utc_timestamp(texts[a]), first[a]);
      EXPECT_EQ(parse_utc_timestamp(texts[b]), first[b]);
      EXPECT_EQ(parse_utc_timestamp(texts[a]), first[a]);
    }
  }
}

// The last millisecond's text is kept, too: what lies in it, before it or behind it has its own.
TEST(UtcTimestamp, WritesEachMillisecondAsItself) {
  const std::int64_t base = parse_utc_timestamp("20261122-16:44:59.999")->ns();
  const auto text = [](std::int64_t ns, TimePrecision precision) {
    char out[32];
    return std::string(out, format_utc_timestamp(UtcTime::from_ns(ns), precision, out));
  };
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(text(0, TimePrecision::kMilliseconds), "19700101-00:00:00.000");
    EXPECT_EQ(text(999'999, TimePrecision::kMilliseconds), "19700101-00:00:00.000");
    EXPECT_EQ(text(1'000'000, TimePrecision::kMilliseconds), "19700101-00:00:00.001");
    EXPECT_EQ(text(base, TimePrecision::kMilliseconds), "20261122-16:44:59.999");
    EXPECT_EQ(text(base + 999'999, TimePrecision::kMilliseconds), "20261122-16:44:59.999");
    EXPECT_EQ(text(base + 1'000'000, TimePrecision::kMilliseconds), "20261122-16:45:00.000");
    EXPECT_EQ(text(base - 1, TimePrecision::kMilliseconds), "20261122-16:44:59.998");
    EXPECT_EQ(text(base, TimePrecision::kSeconds), "20261122-16:44:59");
    EXPECT_EQ(text(base + 1, TimePrecision::kNanoseconds), "20261122-16:44:59.999000001");
  }
}

TEST(UtcTimestamp, OfNoTimeIsRefusedAlsoBeforeAnythingWasRead) {
  // On a thread that has read nothing yet, whatever stands in for a text that was read.
  for (const char filler : {'\0', '\xff', ' ', '0'}) {
    for (std::size_t zeros = 0; zeros <= 21; ++zeros) {
      std::optional<UtcTime> read;
      const std::string text = std::string(21 - zeros, filler) + std::string(zeros, '\0');
      std::thread([&] { read = parse_utc_timestamp(text); }).join();
      EXPECT_FALSE(read) << static_cast<int>(filler) << ' ' << zeros;
    }
  }
}

TEST(Date, KnowsTheWeek) {
  EXPECT_EQ(Date::parse_iso("2026-11-22")->weekday(), 0);
  EXPECT_EQ(Date::parse_fix("20261225")->weekday(), 5);
  EXPECT_EQ(Date::parse_fix("20261231")->to_iso(), "2026-12-31");
  EXPECT_EQ((*Date::parse_fix("20240228") + 1).to_fix(), "20240229");
  EXPECT_FALSE(Date::parse_fix("20250229"));
}

TEST(IsoTime, HasNanosecondsAndZone) {
  EXPECT_EQ(to_iso(*parse_utc_timestamp("20261122-16:44:31.5")), "2026-11-22T16:44:31.500000000Z");
}

}  // namespace
}  // namespace portcullis
