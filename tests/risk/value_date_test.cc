#include <gtest/gtest.h>

#include <string_view>

#include "tests/risk/desk.h"

// Value dates by calendars and tenors, A6 and D6.

namespace portcullis::risk {
namespace {

using order::Control;
using order::RejectCode;
using order::Scope;

Date day(std::string_view text) {
  return *Date::parse_iso(text);
}

config::Calendar calendar(std::string currency, std::initializer_list<std::string_view> holidays) {
  config::Calendar made;
  made.currency = std::move(currency);
  for (const std::string_view text : holidays) made.holidays.push_back(day(text));
  return made;
}

class ValueDates : public ::testing::Test {
 protected:
  ValueDates() {
    calendars.configure(
        {calendar("EUR", {"2026-12-25", "2027-01-01"}), calendar("GBP", {"2026-12-25", "2026-12-28"}),
         calendar("JPY", {"2027-01-01", "2027-01-11"}), calendar("USD", {"2026-11-26", "2026-12-25", "2027-01-01"})},
        [](std::string_view name) {
          return order::CurrencyId(static_cast<std::uint16_t>(*example_index(order::NameKind::kCurrency, name)));
        });
  }

  std::string of(const Calendars::Pair& pair, std::string_view trade_date, std::string_view settl_type,
                 std::string_view settl_date = {}) const {
    SettlementAsked asked;
    asked.settl_type = settl_type;
    if (!settl_date.empty()) asked.settl_date = day(settl_date).days();
    const ValueDate value = calendars.value_date(pair, day(trade_date).days(), asked);
    switch (value.fault) {
      case DateFault::kNone:
        return Date::from_days(value.date).to_iso() + (value.broken ? " broken" : "");
      case DateFault::kNoCalendar:
        return "no calendar";
      case DateFault::kUnknownTenor:
        return "unknown tenor";
      case DateFault::kNeedsDate:
        return "needs a date";
      case DateFault::kNotBusiness:
        return "not a business day";
      case DateFault::kPast:
        return "past";
      case DateFault::kNoFixing:
      case DateFault::kBadFixing:
        return "fixing";
    }
    return "?";
  }

  Calendars calendars;
  const Calendars::Pair eur_usd{kEur, kUsd};
  const Calendars::Pair gbp_usd{kGbp, kUsd};
  const Calendars::Pair gbp_jpy{kGbp, kJpy};
};

TEST_F(ValueDates, SpotIsTwoBusinessDaysAfterTheTradeDate) {
  EXPECT_EQ(of(eur_usd, "2026-11-16", ""), "2026-11-18");   // Monday
  EXPECT_EQ(of(eur_usd, "2026-11-19", ""), "2026-11-23");   // over a weekend
  EXPECT_EQ(of(eur_usd, "2026-11-22", ""), "2026-11-24");   // traded on a Sunday
  EXPECT_EQ(of(eur_usd, "2026-12-23", "0"), "2026-12-28");  // over Christmas
  EXPECT_EQ(of(gbp_usd, "2026-12-23", "0"), "2026-12-29");  // and Boxing Day in London
}

TEST_F(ValueDates, AHolidayOfUsdStopsTheValueDateButNotTheWayToIt) {
  // Thanksgiving is Thursday the 26th.
  EXPECT_EQ(of(eur_usd, "2026-11-25", ""), "2026-11-27");
  EXPECT_EQ(of(eur_usd, "2026-11-24", ""), "2026-11-27");
  EXPECT_EQ(of(gbp_jpy, "2026-11-24", ""), "2026-11-27") << "crosses settle on no holiday of USD either";
}

TEST_F(ValueDates, SomePairsAreSpotAfterOneDay) {
  EXPECT_EQ(of({kEur, kUsd, 1}, "2026-11-16", ""), "2026-11-17");
  EXPECT_EQ(of({kEur, kUsd, 1}, "2026-11-20", ""), "2026-11-23");
  EXPECT_EQ(of({kEur, kUsd, 0}, "2026-11-16", ""), "2026-11-16");
}

TEST_F(ValueDates, TenorsCountFromTradeDateOrFromSpot) {
  const std::string_view monday = "2026-11-16";  // spot Wednesday the 18th
  EXPECT_EQ(of(eur_usd, monday, "1"), "2026-11-16");
  EXPECT_EQ(of(eur_usd, monday, "2"), "2026-11-17");
  EXPECT_EQ(of(eur_usd, monday, "3"), "2026-11-18");
  EXPECT_EQ(of(eur_usd, monday, "4"), "2026-11-19");
  EXPECT_EQ(of(eur_usd, monday, "5"), "2026-11-20");
  EXPECT_EQ(of(eur_usd, monday, "9"), "2026-11-23");
  EXPECT_EQ(of(eur_usd, monday, "C"), "2026-11-19");
  EXPECT_EQ(of(eur_usd, monday, "D3"), "2026-11-23");  // Saturday moves on
  EXPECT_EQ(of(eur_usd, monday, "W1"), "2026-11-25");
  EXPECT_EQ(of(eur_usd, monday, "M1"), "2026-12-18");
  EXPECT_EQ(of(eur_usd, monday, "M2"), "2027-01-18");
  EXPECT_EQ(of(eur_usd, monday, "Y1"), "2027-11-18");
}

TEST_F(ValueDates, MonthsStayInTheirMonthAndKeepItsEnd) {
  // Spot Monday the 30th, the last business day of November: the last ones of later months.
  EXPECT_EQ(of(eur_usd, "2026-11-25", "M3"), "2027-02-26") << "spot is the 27th, whose month has 28 days";
  EXPECT_EQ(of(eur_usd, "2026-11-26", "0"), "2026-11-30");
  EXPECT_EQ(of(eur_usd, "2026-11-26", "M1"), "2026-12-31");
  EXPECT_EQ(of(eur_usd, "2026-11-26", "M3"), "2027-02-26");
  // The 31st of a month that has none, and a day that would move into the next month.
  EXPECT_EQ(of(eur_usd, "2026-10-28", "M4"), "2027-02-26");
}

TEST_F(ValueDates, ADateIsTakenAsItStandsWhenThePairSettlesOnIt) {
  EXPECT_EQ(of(eur_usd, "2026-11-16", "", "2026-11-17"), "2026-11-17");
  EXPECT_EQ(of(eur_usd, "2026-11-16", "M1", "2026-12-17"), "2026-12-17") << "SettlDate(64) before SettlType(63)";
  EXPECT_EQ(of(eur_usd, "2026-11-16", "", "2026-11-21"), "not a business day");
  EXPECT_EQ(of(eur_usd, "2026-11-16", "", "2026-11-26"), "not a business day");
  EXPECT_EQ(of(eur_usd, "2026-11-16", "", "2026-11-13"), "past");
  EXPECT_EQ(of(eur_usd, "2026-11-16", "B"), "needs a date");
  EXPECT_EQ(of(eur_usd, "2026-11-16", "B", "2026-12-04"), "2026-12-04");
}

TEST_F(ValueDates, ADateWithoutATenorIsBroken) {
  const Calendars::Pair pair{kEur, kUsd, 2, false, true};
  for (const char* date : {"2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-25", "2026-12-18"}) {
    EXPECT_EQ(of(pair, "2026-11-16", "", date), date);
  }
  EXPECT_EQ(of(pair, "2026-11-16", "", "2026-12-04"), "2026-12-04 broken");
}

TEST_F(ValueDates, WhatIsNoTenorIsRefused) {
  for (const char* text : {"Z", "M", "M0", "M-1", "Mx", "Q1", "M1 ", "D1000", "Y51"}) {
    EXPECT_EQ(of(eur_usd, "2026-11-16", text), "unknown tenor") << text;
  }
}

TEST_F(ValueDates, ACurrencyWithoutACalendarHasNone) {
  calendars.configure({calendar("EUR", {}), calendar("USD", {})}, [](std::string_view name) {
    return order::CurrencyId(static_cast<std::uint16_t>(*example_index(order::NameKind::kCurrency, name)));
  });
  EXPECT_EQ(of(eur_usd, "2026-11-16", ""), "2026-11-18");
  EXPECT_EQ(of(gbp_usd, "2026-11-16", ""), "no calendar");
  EXPECT_EQ(of(gbp_usd, "2026-11-16", "", "2026-11-18"), "no calendar");
  calendars.configure({}, [](std::string_view) { return order::CurrencyId(); });
  EXPECT_EQ(of(gbp_usd, "2026-11-20", ""), "2026-11-24") << "no calendars at all: weekends only";
}

// --- A6 ---

class Tenors : public ::testing::Test {
 protected:
  Tenors() : desk(configuration()) { desk.engine.start_day(day("2026-11-16").days()); }
  static config::Config configuration() {
    config::Config config = example_config();
    config.risk.accounts.clear();
    config.risk.calendars = {calendar("EUR", {}), calendar("USD", {"2026-11-26"}), calendar("GBP", {})};
    return config;
  }
  NewOrder buy(std::string_view settl_type, std::string_view settl_date = {}, Quantity quantity = millions("1")) const {
    NewOrder order = desk.buy(quantity);
    SettlementAsked asked;
    asked.settl_type = settl_type;
    if (!settl_date.empty()) asked.settl_date = day(settl_date).days();
    order.value = desk.engine.value_date(kEurUsd, asked, kNoon);
    return order;
  }
  Desk desk;
};

TEST_F(Tenors, A6RefusesWhatHasNoValueDate) {
  EXPECT_FALSE(desk.judge(buy("")));
  EXPECT_FALSE(desk.judge(buy("M1")));
  for (const NewOrder& order : {buy("Q1"), buy("B"), buy("", "2026-11-26"), buy("", "2026-11-10")}) {
    const order::Reject reject = desk.judge(order);
    EXPECT_EQ(reject.control, Control::kA6);
    EXPECT_EQ(reject.code, RejectCode::kUnsupported);
  }
  NewOrder yen = desk.ask(order::Side::kBuy, limit_terms(millions("1"), "187.5"), order::Dealt::kBase, kGbpJpy);
  yen.value = desk.engine.value_date(kGbpJpy, {}, kNoon);
  EXPECT_EQ(desk.judge(yen).control, Control::kA6) << "JPY has no calendar";
}

TEST_F(Tenors, A6HoldsTheTenorToTheTightestLimit) {
  desk.set_limit(Scope::kAccount, 0, Limit::kMaxTenorDays, 32);
  EXPECT_FALSE(desk.judge(buy("M1")));  // 18 December: 32 days
  const order::Reject reject = desk.judge(buy("", "2026-12-21"));
  EXPECT_EQ(reject.control, Control::kA6);
  EXPECT_EQ(reject.ref_tag, 64);
  desk.set_limit(Scope::kInstrument, 0, Limit::kMaxTenorDays, 2);
  EXPECT_FALSE(desk.judge(buy("")));
  EXPECT_EQ(desk.judge(buy("C")).control, Control::kA6);
}

TEST_F(Tenors, A6TakesBrokenDatesOnlyWhereTheInstrumentDoes) {
  EXPECT_FALSE(desk.judge(buy("", "2026-12-04")));
  config::Config config = configuration();
  config.instruments[0].broken_dates = false;
  desk.engine.configure(config, example_index);
  EXPECT_EQ(desk.judge(buy("", "2026-12-04")).control, Control::kA6);
  EXPECT_FALSE(desk.judge(buy("", "2026-12-18")));
}

TEST_F(Tenors, BeforeTheFirstDayTheDateIsThatOfTheClock) {
  Desk fresh(configuration());
  EXPECT_EQ(fresh.engine.trade_date(kNoon), Date::of(kNoon).days());
  fresh.engine.start_day(day("2026-11-16").days());
  EXPECT_EQ(fresh.engine.trade_date(kNoon), day("2026-11-16").days());
}

// --- D6 ---

// No. 33: receivable EUR 20m on the date, 22m USD; two more of 10m each.
TEST_F(Tenors, D6AddsUpWhatIsReceivedOnOneDate) {
  NewOrder order = buy("", "", millions("20"));
  BookedOrder first = desk.send(order);
  ASSERT_FALSE(desk.reject);
  desk.fill(first, millions("20"), "1.1");
  desk.close(first);
  desk.set_limit(Scope::kClient, 0, Limit::kMaxDailySettlement, money("40000000").raw());
  const std::int32_t spot = order.value.date;
  const Market& market = desk.engine.state().market;
  EXPECT_EQ(desk.engine.state().clients[0].exposure.settlement(spot, market), money("22000000"));
  desk.send(buy("", "", millions("10")));
  EXPECT_FALSE(desk.reject);
  EXPECT_EQ(desk.engine.state().clients[0].exposure.settlement(spot, market), money("33000000"));
  const order::Reject reject = desk.judge(buy("", "", millions("10")));
  EXPECT_EQ(reject.control, Control::kD6);
  EXPECT_EQ(reject.code, RejectCode::kExposure);
  EXPECT_FALSE(desk.judge(buy("M1", "", millions("10")))) << "another date has room of its own";
  EXPECT_FALSE(desk.engine.verify());
}

TEST_F(Tenors, D6CountsWhatASellReceives) {
  desk.set_limit(Scope::kFirm, 0, Limit::kMaxDailySettlement, money("1099000").raw());
  NewOrder sell = desk.sell(millions("1"), "1.0990");
  sell.value = buy("").value;
  // The most that it can bring: the ask and one percent.
  EXPECT_EQ(desk.judge(sell).control, Control::kD6);
  desk.set_limit(Scope::kFirm, 0, Limit::kMaxDailySettlement, money("1111101").raw());
  EXPECT_FALSE(desk.judge(sell));
}

TEST_F(Tenors, D6HoldsAtTheBroker) {
  desk.set_limit(Scope::kBroker, kNorth.value(), Limit::kMaxDailySettlement, money("1100000").raw());
  desk.send(buy(""));
  EXPECT_FALSE(desk.reject);
  desk.send(buy(""));
  EXPECT_EQ(desk.reject.control, Control::kD6);
}

TEST_F(Tenors, D6ForgetsWhatIsSettled) {
  BookedOrder order = desk.send(buy(""));
  desk.fill(order, millions("1"), "1.1");
  const std::int32_t spot = order.asked.value.date;
  desk.engine.start_day(spot);
  EXPECT_FALSE(desk.account().settlements().empty()) << "it settles on this day";
  desk.engine.start_day(spot + 1);
  EXPECT_TRUE(desk.account().settlements().empty());
  EXPECT_EQ(desk.account().of(kEur).position, money("1000000")) << "the position is carried";
  EXPECT_FALSE(desk.engine.verify());
}

TEST_F(Tenors, D6ReleasesNothingOfAnOrderThatOutlivesItsValueDate) {
  BookedOrder order = desk.send(buy(""));
  const std::int32_t spot = order.asked.value.date;
  desk.engine.start_day(spot + 1);
  EXPECT_EQ(desk.account().gross_open_notional(), money("1100000")) << "a good-till order stays open";
  EXPECT_FALSE(desk.replace(order, limit_terms(millions("2"), "1.1010")));
  EXPECT_EQ(desk.reject.control, Control::kD6);
  EXPECT_TRUE(desk.replace(order, limit_terms(millions("0.5"), "1.1010")));
  desk.fill(order, millions("0.2"), "1.1");
  EXPECT_TRUE(desk.account().settlements().empty());
  desk.close(order);
  EXPECT_TRUE(desk.account().settlements().empty());
  EXPECT_FALSE(desk.engine.verify());
}

TEST_F(Tenors, D6IsMarkedAgainWhenARateTicks) {
  BookedOrder order = desk.send(buy(""));
  const std::int32_t spot = order.asked.value.date;
  desk.engine.set_rate(kEur, *Rate::parse("1.2"), kNoon, false);
  EXPECT_EQ(desk.account().settlement(spot, desk.engine.state().market), money("1200000"));
}

TEST_F(Tenors, D6WithoutAValueDateRefuses) {
  NewOrder order = buy("");
  order.value = ValueDate();
  EXPECT_EQ(desk.judge(order).control, Control::kD6);
}

}  // namespace
}  // namespace portcullis::risk
