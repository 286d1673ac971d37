#include "risk/calendar.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace portcullis::risk {

namespace {

// Holidays are never this close together; past it a calendar is damaged, and the day is taken as it is.
constexpr int kMaxSearch = 60;

bool is_weekend(Date date) {
  const int day = date.weekday();
  return day == 0 || day == 6;
}

struct YearMonthDay {
  int year;
  int month;
  int day;
};

// Civil date of a day count (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
YearMonthDay ymd_of(Date date) {
  const int z = date.days() + 719468;
  const int era = z / 146097;
  const int doe = z - era * 146097;
  const int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const int mp = (5 * doy + 2) / 153;
  const int month = mp < 10 ? mp + 3 : mp - 9;
  return YearMonthDay{yoe + era * 400 + (month <= 2 ? 1 : 0), month, doy - (153 * mp + 2) / 5 + 1};
}

Date last_of_month(int year, int month) {
  for (int day = 31; day > 28; --day) {
    if (const auto date = Date::from_ymd(year, month, day)) return *date;
  }
  return *Date::from_ymd(year, month, 28);
}

}  // namespace

bool Calendars::is_business(order::CurrencyId currency, Date date) const {
  if (is_weekend(date)) return false;
  if (!currency.has_value() || currency.value() >= currencies_.size()) return true;
  const std::vector<Date>& holidays = currencies_[currency.value()].holidays;
  return !std::binary_search(holidays.begin(), holidays.end(), date);
}

bool Calendars::settles(const Pair& pair, Date date) const {
  return is_business(pair.base, date) && is_business(pair.term, date) && is_business(usd_, date);
}

// On the way to spot a holiday of USD is no obstacle.
bool Calendars::is_step(const Pair& pair, Date date) const {
  return !is_weekend(date) && (pair.base == usd_ || is_business(pair.base, date)) &&
         (pair.term == usd_ || is_business(pair.term, date));
}

Date Calendars::following(const Pair& pair, Date date) const {
  for (int i = 0; i < kMaxSearch && !settles(pair, date); ++i) date = date + 1;
  return date;
}

Date Calendars::business_days_after(const Pair& pair, Date trade_date, std::uint32_t days) const {
  Date date = trade_date;
  for (std::uint32_t step = 1; step < days; ++step) {
    date = date + 1;
    for (int i = 0; i < kMaxSearch && !is_step(pair, date); ++i) date = date + 1;
  }
  return following(pair, days == 0 ? date : date + 1);
}

Date Calendars::months_after(const Pair& pair, Date spot_date, int months) const {
  const YearMonthDay from = ymd_of(spot_date);
  const int index = from.month - 1 + months;
  const int year = from.year + index / 12;
  const int month = index % 12 + 1;
  const auto back = [&](Date date) {
    for (int i = 0; i < kMaxSearch && !settles(pair, date); ++i) date = date + -1;
    return date;
  };
  const bool from_month_end = ymd_of(following(pair, spot_date + 1)).month != from.month;
  const Date end = back(last_of_month(year, month));
  if (from_month_end) return end;
  const Date same_day = Date::from_ymd(year, month, from.day).value_or(last_of_month(year, month));
  return std::min(following(pair, same_day), end);
}

ValueDate Calendars::tenor(const Pair& pair, Date trade_date, std::string_view settl_type) const {
  const auto found = [](Date date) { return ValueDate{date.days()}; };
  const Date spot_date = business_days_after(pair, trade_date, pair.spot_days);
  if (settl_type.empty()) return found(spot_date);
  if (settl_type.size() == 1) {
    switch (settl_type.front()) {
      case '0':  // regular
        return found(spot_date);
      case '1':  // cash: today
        return found(business_days_after(pair, trade_date, 0));
      case '2':  // next day
      case 'A':  // T + 1
        return found(business_days_after(pair, trade_date, 1));
      case '3':  // T + 2
      case '4':
      case '5':
        return found(business_days_after(pair, trade_date, static_cast<std::uint32_t>(settl_type.front() - '1')));
      case '9':
        return found(business_days_after(pair, trade_date, 5));
      case 'C':  // the day after spot
        return found(following(pair, spot_date + 1));
      case 'B':  // broken date
      case '6':  // future
      case '7':  // when and if issued
      case '8':  // seller's option
        return ValueDate{0, DateFault::kNeedsDate};
      default:
        return ValueDate{0, DateFault::kUnknownTenor};
    }
  }
  int count = 0;
  const char* const end = settl_type.data() + settl_type.size();
  const auto [stop, error] = std::from_chars(settl_type.data() + 1, end, count);
  if (error != std::errc() || stop != end || count < 1 || count > 999) return ValueDate{0, DateFault::kUnknownTenor};
  switch (settl_type.front()) {
    case 'D':
      return found(following(pair, spot_date + count));
    case 'W':
      return found(following(pair, spot_date + 7 * count));
    case 'M':
      return found(months_after(pair, spot_date, count));
    case 'Y':
      return count <= 50 ? found(months_after(pair, spot_date, 12 * count)) : ValueDate{0, DateFault::kUnknownTenor};
    default:
      return ValueDate{0, DateFault::kUnknownTenor};
  }
}

// Today, tomorrow, spot, the day after, one to three weeks, one to twelve months, two years: what is quoted.
bool Calendars::is_market_date(const Pair& pair, Date trade_date, Date date) const {
  const Date spot_date = business_days_after(pair, trade_date, pair.spot_days);
  if (date <= spot_date) {
    for (std::uint32_t days = 0; days <= pair.spot_days; ++days) {
      if (date == business_days_after(pair, trade_date, days)) return true;
    }
    return false;
  }
  if (date == following(pair, spot_date + 1)) return true;
  for (int week = 1; week <= 3; ++week) {
    if (date == following(pair, spot_date + 7 * week)) return true;
  }
  for (int month = 1; month <= 12; ++month) {
    if (date == months_after(pair, spot_date, month)) return true;
  }
  return date == months_after(pair, spot_date, 24);
}

std::int32_t Calendars::spot(const Pair& pair, std::int32_t trade_date) const {
  if (!knows(pair.base) || !knows(pair.term)) return 0;
  return business_days_after(pair, Date::from_days(trade_date), pair.spot_days).days();
}

ValueDate Calendars::value_date(const Pair& pair, std::int32_t trade_date, const SettlementAsked& asked) const {
  if (!knows(pair.base) || !knows(pair.term)) return ValueDate{0, DateFault::kNoCalendar};
  const Date today = Date::from_days(trade_date);
  ValueDate value;
  if (asked.settl_date != 0) {
    const Date date = Date::from_days(asked.settl_date);
    value.date = asked.settl_date;
    value.broken = pair.refuses_broken && !is_market_date(pair, today, date);
    if (!settles(pair, date)) value.fault = DateFault::kNotBusiness;
    if (date < today) value.fault = DateFault::kPast;
  } else {
    value = tenor(pair, today, asked.settl_type);
  }
  if (value.fault != DateFault::kNone || !pair.fixes) return value;
  if (asked.fixing_date == 0) {
    value.fault = DateFault::kNoFixing;
  } else if (asked.fixing_date < trade_date || asked.fixing_date > value.date) {
    value.fault = DateFault::kBadFixing;
  }
  return value;
}

}  // namespace portcullis::risk
