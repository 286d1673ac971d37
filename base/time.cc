#include "base/time.h"

#include <array>
#include <cstring>
#include <limits>

namespace portcullis {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

struct Civil {
  int year;
  int month;
  int day;
};

// The proleptic Gregorian calendar by eras of 400 years, which hold 146,097 days each; the year
// starts in March, so that the leap day is the last of its year.
std::int32_t days_from_civil(Civil c) {
  const int y = c.month <= 2 ? c.year - 1 : c.year;
  const int era = (y >= 0 ? y : y - 399) / 400;
  const int year_of_era = y - era * 400;
  const int month_from_march = (c.month + 9) % 12;
  const int day_of_year = (153 * month_from_march + 2) / 5 + c.day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

Civil civil_from_days(std::int32_t days) {
  const int z = days + 719'468;
  const int era = (z >= 0 ? z : z - 146'096) / 146'097;
  const int day_of_era = z - era * 146'097;
  const int year_of_era = (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int month_from_march = (5 * day_of_year + 2) / 153;
  const int day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const int month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

// Reads exactly `count` digits at `at`; -1 when one is no digit or the text is too short.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    const unsigned digit = static_cast<unsigned char>(text[i]) - '0';
    if (digit > 9) return -1;
    value = value * 10 + static_cast<int>(digit);
  }
  return value;
}

void put_digits(char* out, std::int64_t value, int count) {
  for (int i = count - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  const std::int64_t q = a / b;
  return a % b < 0 ? q - 1 : q;
}

}  // namespace

std::optional<Date> Date::from_ymd(int year, int month, int day) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31) return std::nullopt;
  const Date date = from_days(days_from_civil({year, month, day}));
  const Civil back = civil_from_days(date.days_);
  if (back.month != month || back.day != day) return std::nullopt;
  return date;
}

std::optional<Date> Date::parse_fix(std::string_view text) {
  if (text.size() != 8) return std::nullopt;
  const int year = digits(text, 0, 4);
  const int month = digits(text, 4, 2);
  const int day = digits(text, 6, 2);
  if (year < 0 || month < 0 || day < 0) return std::nullopt;
  return from_ymd(year, month, day);
}

std::optional<Date> Date::parse_iso(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int year = digits(text, 0, 4);
  const int month = digits(text, 5, 2);
  const int day = digits(text, 8, 2);
  if (year < 0 || month < 0 || day < 0) return std::nullopt;
  return from_ymd(year, month, day);
}

Date Date::of(UtcTime time) {
  return from_days(static_cast<std::int32_t>(floor_div(time.ns(), kSecondsPerDay * kNsPerSecond)));
}

int Date::weekday() const {
  const int w = (days_ % 7 + 4) % 7;  // 1970-01-01 was a Thursday
  return w < 0 ? w + 7 : w;
}

std::string Date::to_fix() const {
  const Civil c = civil_from_days(days_);
  char out[8];
  put_digits(out, c.year, 4);
  put_digits(out + 4, c.month, 2);
  put_digits(out + 6, c.day, 2);
  return std::string(out, sizeof out);
}

std::string Date::to_iso() const {
  const std::string fix = to_fix();
  return fix.substr(0, 4) + "-" + fix.substr(4, 2) + "-" + fix.substr(6, 2);
}

namespace {

// Messages that follow each other carry the same second, so the text of the last one is kept on each thread. It
// changes what a conversion costs and never what it says.
struct LastSecond {
  static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::min();
  std::array<char, 17> text = {};  // YYYYMMDD-HH:MM:SS
  std::int64_t seconds = kNone;
};
constinit thread_local LastSecond g_last_parsed;
constinit thread_local LastSecond g_last_formatted;

// And the last one with milliseconds, which a batch of messages has in common.
struct LastMillisecond {
  std::int64_t begin_ns = 0;
  std::array<char, 24> text = {"19700101-00:00:00.000"};
};
constinit thread_local LastMillisecond g_last_millisecond;

// A message's times in milliseconds are read more than once, by the session, the dictionary and the decoder: the last
// two whole texts are kept, too.
constexpr std::size_t kMillisecondBytes = 21;  // YYYYMMDD-HH:MM:SS.sss
struct LastTime {
  std::uint64_t first = 0;  // its first eight bytes, the next eight, and the last eight
  std::uint64_t middle = 0;
  // Three bytes are in both of them, and differ here: no text has these words.
  std::uint64_t last = ~std::uint64_t{0};
  std::int64_t ns = 0;
};
constinit thread_local LastTime g_newest_time;
constinit thread_local LastTime g_older_time;

constexpr std::size_t kSecondBytes = 17;

// The whole seconds since 1970 of a text that holds at least kSecondBytes; nothing when they are none.
std::optional<std::int64_t> parse_second(std::string_view text) {
  if (text[8] != '-' || text[11] != ':' || text[14] != ':') return std::nullopt;
  const std::optional<Date> date = Date::parse_fix(text.substr(0, 8));
  const int hour = digits(text, 9, 2);
  const int minute = digits(text, 12, 2);
  const int second = digits(text, 15, 2);
  if (!date || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return std::nullopt;
  if (date->days() < 0 || date->days() > 106'000) return std::nullopt;  // outside 1970 to 2260: no int64 of ns
  return date->days() * kSecondsPerDay + hour * 3'600 + minute * 60 + second;
}

}  // namespace

namespace {

bool same_second(const char* text, const LastSecond& last) {
  return std::memcmp(text, last.text.data(), 8) == 0 && std::memcmp(text + 8, last.text.data() + 8, 8) == 0 &&
         text[16] == last.text[16];
}

// One to nine decimals behind the point, in nanoseconds; -1 when they are none.
std::int64_t parse_fraction(std::string_view decimals) {
  if (decimals.empty() || decimals.size() > 9) return -1;
  static constexpr std::array<std::int64_t, 10> kScale = {1'000'000'000, 100'000'000, 10'000'000, 1'000'000, 100'000,
                                                          10'000,        1'000,       100,        10,        1};
  std::int64_t value = 0;
  for (const char c : decimals) {
    const unsigned digit = static_cast<unsigned char>(c) - unsigned{'0'};
    if (digit > 9) return -1;
    value = value * 10 + static_cast<std::int64_t>(digit);
  }
  return value * kScale[decimals.size()];
}

__attribute__((noinline)) std::optional<UtcTime> parse_anew(std::string_view text) {
  if (text.size() < kSecondBytes) return std::nullopt;
  LastSecond& last = g_last_parsed;
  if (last.seconds == LastSecond::kNone || !same_second(text.data(), last)) [[unlikely]] {
    const std::optional<std::int64_t> seconds = parse_second(text);
    if (!seconds) return std::nullopt;
    std::memcpy(last.text.data(), text.data(), kSecondBytes);
    last.seconds = *seconds;
  }
  std::int64_t fraction_ns = 0;
  if (text.size() == kSecondBytes + 4 && text[kSecondBytes] == '.') {  // most times are in milliseconds
    const unsigned hundreds = static_cast<unsigned char>(text[18]) - unsigned{'0'};
    const unsigned tens = static_cast<unsigned char>(text[19]) - unsigned{'0'};
    const unsigned units = static_cast<unsigned char>(text[20]) - unsigned{'0'};
    if (hundreds > 9 || tens > 9 || units > 9) return std::nullopt;
    fraction_ns = std::int64_t{hundreds * 100 + tens * 10 + units} * 1'000'000;
  } else if (text.size() > kSecondBytes) {
    if (text[kSecondBytes] != '.') return std::nullopt;
    fraction_ns = parse_fraction(text.substr(kSecondBytes + 1));
    if (fraction_ns < 0) return std::nullopt;
  }
  return UtcTime::from_ns(last.seconds * kNsPerSecond + fraction_ns);
}

// The words of a text of kMillisecondBytes.
LastTime words_of(const char* text) {
  LastTime words;
  std::memcpy(&words.first, text, 8);
  std::memcpy(&words.middle, text + 8, 8);
  std::memcpy(&words.last, text + kMillisecondBytes - 8, 8);
  return words;
}

__attribute__((noinline)) std::optional<UtcTime> parse_and_keep(std::string_view text) {
  const std::optional<UtcTime> time = parse_anew(text);
  if (!time) return time;
  g_older_time = g_newest_time;
  g_newest_time = words_of(text.data());
  g_newest_time.ns = time->ns();
  return time;
}

}  // namespace

std::optional<UtcTime> parse_utc_timestamp(std::string_view text) {
  if (text.size() != kMillisecondBytes) [[unlikely]] {
    return parse_anew(text);
  }
  const LastTime read = words_of(text.data());
  const auto same = [&read](const LastTime& known) {
    return known.last == read.last && known.middle == read.middle && known.first == read.first;
  };
  if (same(g_newest_time)) return UtcTime::from_ns(g_newest_time.ns);
  if (same(g_older_time)) return UtcTime::from_ns(g_older_time.ns);
  return parse_and_keep(text);
}

std::size_t format_utc_timestamp(UtcTime time, TimePrecision precision, char* out) {
  LastMillisecond& known = g_last_millisecond;
  if (precision == TimePrecision::kMilliseconds && time.ns() >= known.begin_ns &&
      time.ns() - known.begin_ns < 1'000'000) [[likely]] {
    std::memcpy(out, known.text.data(), known.text.size());
    return kMillisecondBytes;
  }
  const std::int64_t seconds = floor_div(time.ns(), kNsPerSecond);
  const std::int64_t fraction_ns = time.ns() - seconds * kNsPerSecond;
  LastSecond& last = g_last_formatted;
  if (last.seconds != seconds) [[unlikely]] {
    char* const text = last.text.data();
    const std::int64_t days = floor_div(seconds, kSecondsPerDay);
    const std::int64_t second_of_day = seconds - days * kSecondsPerDay;
    const Civil c = civil_from_days(static_cast<std::int32_t>(days));
    put_digits(text, c.year, 4);
    put_digits(text + 4, c.month, 2);
    put_digits(text + 6, c.day, 2);
    text[8] = '-';
    put_digits(text + 9, second_of_day / 3'600, 2);
    text[11] = ':';
    put_digits(text + 12, second_of_day / 60 % 60, 2);
    text[14] = ':';
    put_digits(text + 15, second_of_day % 60, 2);
    last.seconds = seconds;
  }
  std::memcpy(out, last.text.data(), kSecondBytes);
  if (precision == TimePrecision::kSeconds) return kSecondBytes;
  out[kSecondBytes] = '.';
  char* const decimals = out + kSecondBytes + 1;
  if (precision == TimePrecision::kMilliseconds) {
    const auto ms = static_cast<std::uint32_t>(fraction_ns / 1'000'000);
    decimals[0] = static_cast<char>('0' + ms / 100);
    decimals[1] = static_cast<char>('0' + ms / 10 % 10);
    decimals[2] = static_cast<char>('0' + ms % 10);
    known.begin_ns = time.ns() - fraction_ns % 1'000'000;
    std::memcpy(known.text.data(), out, kMillisecondBytes);
    return kMillisecondBytes;
  }
  const bool micro = precision == TimePrecision::kMicroseconds;
  const int count = micro ? 6 : 9;
  put_digits(decimals, micro ? fraction_ns / 1'000 : fraction_ns, count);
  return kSecondBytes + 1 + static_cast<std::size_t>(count);
}

std::string to_iso(UtcTime time) {
  char fix[32];
  const std::size_t size = format_utc_timestamp(time, TimePrecision::kNanoseconds, fix);
  const std::string text(fix, size);
  return text.substr(0, 4) + "-" + text.substr(4, 2) + "-" + text.substr(6, 2) + "T" + text.substr(9) + "Z";
}

}  // namespace portcullis
