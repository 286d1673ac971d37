#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "config/config.h"
#include "order/types.h"

// Value dates of FX by the calendars of the configuration. Rules, kept as simple as the market's are usually told:
//  - a currency's business day is a weekday that is no holiday of its calendar;
//  - a pair settles on a business day of both its currencies and of USD;
//  - spot is `spot_days` steps after the trade date; a step on the way goes to the next day that is a business day of
//    the pair's currencies other than USD, the last one to a day on which the pair settles;
//  - days (D1, Dn) and weeks (W1 …) after spot that are no such day move on to the next; months (M1 …) and years (Y1 …)
//    too, unless that is in another month: then back; the last business day of a month leads to the last one.
// A configuration without any calendar has weekends only. With some, a currency that has none cannot be dated.

namespace portcullis::risk {

// What an order says of its settlement.
struct SettlementAsked {
  std::string_view settl_type;   // SettlType(63), SettlmntTyp(63); empty when absent
  std::int32_t settl_date = 0;   // SettlDate(64), FutSettDate(64), days since 1970; zero when absent
  std::int32_t fixing_date = 0;  // MaturityDate(541) of an NDF
};

// Why there is no value date, or why it may not be used.
enum class DateFault : std::uint8_t {
  kNone,
  kNoCalendar,    // of one of the pair's currencies
  kUnknownTenor,  // SettlType(63)
  kNeedsDate,     // SettlType(63) says that SettlDate(64) says it
  kNotBusiness,   // the pair does not settle on that day
  kPast,          // before the trade date
  kNoFixing,      // an NDF without MaturityDate(541)
  kBadFixing,     // fixed after it settles, or in the past
};

struct ValueDate {
  std::int32_t date = 0;  // days since 1970; zero when there is none
  DateFault fault = DateFault::kNone;
  bool broken = false;  // no tenor of the market leads to it; looked into only for a pair that refuses it
};

class Calendars {
 public:
  // `currency_of` gives the index of a name, or none.
  template <typename CurrencyOf>
  void configure(const std::vector<config::Calendar>& calendars, CurrencyOf&& currency_of) {
    weekends_only_ = calendars.empty();
    for (Days& days : currencies_) days = Days();
    for (const config::Calendar& calendar : calendars) {
      const order::CurrencyId currency = currency_of(calendar.currency);
      if (!currency.has_value()) continue;
      if (calendar.currency == "USD") usd_ = currency;
      if (currencies_.size() <= currency.value()) currencies_.resize(currency.value() + std::size_t{1});
      currencies_[currency.value()] = Days{true, calendar.holidays};
    }
  }

  struct Pair {
    order::CurrencyId base;
    order::CurrencyId term;
    std::uint32_t spot_days = 2;
    bool fixes = false;  // an NDF
    bool refuses_broken = false;
  };

  // Zero when one of the currencies has no calendar.
  std::int32_t spot(const Pair& pair, std::int32_t trade_date) const;
  ValueDate value_date(const Pair& pair, std::int32_t trade_date, const SettlementAsked& asked) const;

 private:
  struct Days {
    bool known = false;
    std::vector<Date> holidays;  // ascending
  };

  bool knows(order::CurrencyId currency) const {
    return weekends_only_ || (currency.value() < currencies_.size() && currencies_[currency.value()].known);
  }
  bool is_business(order::CurrencyId currency, Date date) const;
  bool settles(const Pair& pair, Date date) const;
  bool is_step(const Pair& pair, Date date) const;
  Date following(const Pair& pair, Date date) const;
  Date business_days_after(const Pair& pair, Date trade_date, std::uint32_t days) const;
  Date months_after(const Pair& pair, Date spot, int months) const;
  ValueDate tenor(const Pair& pair, Date trade_date, std::string_view settl_type) const;
  bool is_market_date(const Pair& pair, Date trade_date, Date date) const;

  bool weekends_only_ = true;
  order::CurrencyId usd_;
  std::vector<Days> currencies_;  // by CurrencyId
};

}  // namespace portcullis::risk
