#include <gtest/gtest.h>

#include "tests/risk/desk.h"

// D4, D5 and D7: net open positions per currency and over all of them, and the day's volume; the figures are those of
// the worked examples 29 to 31 and 36.

namespace portcullis::risk {
namespace {

using order::Control;
using order::RejectCode;
using order::Scope;
using order::Side;

// Long 10m EUR and short 1.5bn JPY, against USD and GBP that the limits do not see.
Desk examples_29_and_30() {
  config::Config config = example_config();
  config.risk.accounts.clear();
  Desk desk(config);
  desk.set_position(millions("10"), "1.1");
  desk.set_position(-millions("8"), "187.5", kGbpJpy);  // GBP -8m, JPY +1.5bn
  desk.set_position(millions("8"), "1.25", kGbpUsd);    // and the pounds back
  return desk;
}

TEST(NetPosition, D5AddsTheWorstOfBothSidesAndTakesTheLarger) {
  Desk desk = examples_29_and_30();
  // JPY is long here: EUR 11m and JPY 10m on one side.
  EXPECT_EQ(desk.engine.net_open_position(desk.account()), money("21000000.01"));
  desk.set_limit(Scope::kAccount, 0, Limit::kMaxNetOpenPosition, money("27250000.01").raw());
  EXPECT_FALSE(desk.judge(desk.ask(Side::kBuy, limit_terms(millions("5"), "1.25"), order::Dealt::kBase, kGbpUsd)));
  desk.set_limit(Scope::kAccount, 0, Limit::kMaxNetOpenPosition, money("27250000").raw());
  const order::Reject reject =
      desk.judge(desk.ask(Side::kBuy, limit_terms(millions("5"), "1.25"), order::Dealt::kBase, kGbpUsd));
  EXPECT_EQ(reject.code, RejectCode::kExposure);
  EXPECT_EQ(reject.control, Control::kD5);
}

TEST(NetPosition, D5No29ShortYenStandOnTheOtherSide) {
  config::Config config = example_config();
  config.risk.accounts.clear();
  Desk desk(config);
  desk.set_position(millions("10"), "1.1");
  desk.set_position(millions("8"), "187.5", kGbpJpy);  // GBP +8m, JPY -1.5bn
  desk.set_position(-millions("8"), "1.25", kGbpUsd);
  EXPECT_EQ(desk.engine.net_open_position(desk.account()), money("11000000"));
  const NewOrder buy = desk.ask(Side::kBuy, limit_terms(millions("5"), "1.25"), order::Dealt::kBase, kGbpUsd);
  desk.set_limit(Scope::kAccount, 0, Limit::kMaxNetOpenPosition, money("17250000").raw());
  const BookedOrder booked = desk.send(buy);
  EXPECT_FALSE(desk.reject);
  EXPECT_EQ(desk.engine.net_open_position(desk.account()), money("17250000"));
  EXPECT_EQ(desk.judge(desk.ask(Side::kBuy, limit_terms(qty("1"), "1.25"), order::Dealt::kBase, kGbpUsd)).control,
            Control::kD5);
  // What makes the larger side no larger passes, even in breach.
  desk.set_limit(Scope::kAccount, 0, Limit::kMaxNetOpenPosition, money("1").raw());
  EXPECT_FALSE(desk.judge(desk.ask(Side::kSell, limit_terms(millions("5"), "1.25"), order::Dealt::kBase, kGbpUsd)));
}

TEST(NetPosition, D5IsMarkedAgainWhenARateTicks) {
  Desk desk = examples_29_and_30();
  desk.engine.set_rate(kEur, *Rate::parse("1.20"), kNoon, false);
  EXPECT_EQ(desk.engine.net_open_position(desk.account()), money("22000000.01"));
  desk.set_limit(Scope::kAccount, 0, Limit::kMaxNetOpenPosition, money("23200000.01").raw());
  const BookedOrder booked = desk.send(desk.buy(millions("1")));
  EXPECT_FALSE(desk.reject);
  EXPECT_EQ(desk.engine.net_open_position(desk.account()), money("23200000.01"));
  EXPECT_FALSE(desk.engine.verify());
}

TEST(NetPosition, D4HoldsOneCurrencyToItsLimit) {
  config::Config config = example_config();
  config.risk.accounts.clear();
  Desk desk(config);
  desk.set_position(millions("10"));
  desk.send(desk.sell(millions("4")));
  desk.set_limit(Scope::kAccount, 0, Limit::kMaxCurrencyPosition, money("17600000").raw());
  // No. 31: max(10 + 6, 10 - 4) = 16m EUR, 17.6m USD.
  desk.send(desk.buy(millions("6")));
  EXPECT_FALSE(desk.reject);
  CheckLog log;
  const Verdict verdict = desk.engine.evaluate_new(desk.buy(qty("1")), log);
  EXPECT_EQ(verdict.reject.control, Control::kD4);
  EXPECT_EQ(verdict.reject.code, RejectCode::kExposure);
  EXPECT_EQ(log.results().back().usage, money("17600000").raw());
  EXPECT_EQ(log.results().back().delta, money("1.10").raw());
  EXPECT_FALSE(desk.judge(desk.sell(millions("22")))) << "16m short at the worst, as much as long: nothing grows";
  EXPECT_EQ(desk.judge(desk.sell(qty("22000001"))).control, Control::kD4);
}

TEST(NetPosition, D4LeavesOutTheRiskCurrency) {
  Desk desk;
  desk.set_limit(Scope::kFirm, 0, Limit::kMaxCurrencyPosition, money("1100000").raw());
  EXPECT_FALSE(desk.judge(desk.buy(millions("1")))) << "1.101m USD are paid";
}

TEST(NetPosition, D4OfOneCurrencyIsTheFirms) {
  Desk desk;
  desk.set_limit(Scope::kCurrency, kEur.value(), Limit::kMaxCurrencyPosition, money("5500000").raw());
  EXPECT_FALSE(desk.judge(desk.buy(millions("5"))));
  const order::Reject reject = desk.judge(desk.buy(qty("5000001")));
  EXPECT_EQ(reject.control, Control::kD4);
  EXPECT_NE(reject.text.view().find("a limit of the currency"), std::string_view::npos);
  EXPECT_FALSE(desk.judge(desk.ask(Side::kBuy, limit_terms(millions("6"), "1.25"), order::Dealt::kBase, kGbpUsd)));
}

TEST(NetPosition, D4AndD5HoldAtTheBroker) {
  Desk desk;
  desk.set_limit(Scope::kBroker, kNorth.value(), Limit::kMaxCurrencyPosition, money("5500000").raw());
  desk.send(desk.buy(qty("5000001")));
  EXPECT_EQ(desk.reject.control, Control::kD4);
  desk.set_limit(Scope::kBroker, kNorth.value(), Limit::kMaxNetOpenPosition, money("5500000").raw());
  desk.set_limit(Scope::kBroker, kNorth.value(), Limit::kMaxCurrencyPosition, money("50000000").raw());
  desk.send(desk.buy(qty("5000001")));
  EXPECT_EQ(desk.reject.control, Control::kD5);
  desk.send(desk.buy(millions("5")));
  EXPECT_FALSE(desk.reject);
}

TEST(NetPosition, AReplaceIsHeldToWhatItAdds) {
  Desk desk;
  BookedOrder order = desk.send(desk.buy(millions("5")));
  desk.set_limit(Scope::kAccount, 0, Limit::kMaxCurrencyPosition, money("6600000").raw());
  EXPECT_FALSE(desk.replace(order, limit_terms(qty("6000001"), "1.1010")));
  EXPECT_EQ(desk.reject.control, Control::kD4);
  EXPECT_TRUE(desk.replace(order, limit_terms(millions("6"), "1.1010")));
  desk.set_limit(Scope::kAccount, 0, Limit::kMaxCurrencyPosition, 1);
  EXPECT_TRUE(desk.replace(order, limit_terms(millions("2"), "1.1010"))) << "what only takes away passes in breach";
}

// No. 36 with limits a tenth as large: traded 9.6m, open 0.22m.
TEST(NetPosition, D7CountsWhatWasTradedAndWhatIsOpen) {
  Desk desk;
  desk.set_position(qty("8727272"), "1.1");  // 9.5999992m
  desk.send(desk.buy(millions("0.2")));
  const auto at = [&desk](std::string_view limit) {
    desk.set_limit(Scope::kAccount, 0, Limit::kMaxDailyVolume, money(limit).raw());
    return desk.judge(desk.sell(millions("0.2")));
  };
  EXPECT_FALSE(at("10039999.20"));
  EXPECT_EQ(at("10039999.19").control, Control::kD7) << "a reducing order counts as any other";
  desk.engine.start_day(20'001);
  EXPECT_FALSE(at("440000"));
  EXPECT_EQ(at("439999.99").control, Control::kD7);
}

TEST(NetPosition, D7HasATwinInBaseUnitsOfOneInstrument) {
  Desk desk;
  desk.set_position(millions("3"));
  desk.send(desk.sell(millions("2")));
  EXPECT_FALSE(desk.judge(desk.buy(millions("4")))) << "nobody states it";
  desk.set_limit(Scope::kInstrument, kEurUsd.value(), Limit::kMaxDailyQuantity, millions("9").raw());
  EXPECT_FALSE(desk.judge(desk.buy(millions("4"))));
  const order::Reject reject = desk.judge(desk.buy(qty("4000001")));
  EXPECT_EQ(reject.control, Control::kD7);
  EXPECT_FALSE(desk.judge(desk.ask(Side::kBuy, limit_terms(millions("7"), "1.25"), order::Dealt::kBase, kGbpUsd)));
}

TEST(NetPosition, ABustOfAnEarlierDayMakesNoRoom) {
  Desk desk;
  BookedOrder order = desk.send(desk.buy(millions("2")));
  const order::Booking booking = desk.fill(order, millions("1"), "1.1005");
  desk.engine.start_day(20'001);
  desk.bust(order, millions("1"), booking);
  desk.set_limit(Scope::kAccount, 0, Limit::kMaxDailyVolume, money("3300000").raw());
  EXPECT_FALSE(desk.judge(desk.buy(millions("1"))));
  EXPECT_EQ(desk.judge(desk.buy(qty("1000001"))).control, Control::kD7) << "2m are open, not 2m less 1m";
}

}  // namespace
}  // namespace portcullis::risk
