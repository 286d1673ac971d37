#include <gtest/gtest.h>

#include "tests/risk/desk.h"

// The worked examples of the risk specification that concern the controls of this release, by number.

namespace portcullis::risk {
namespace {

using order::Control;
using order::Dealt;
using order::RejectCode;
using order::Side;

class Examples : public testing::Test {
 protected:
  Desk desk;
};

TEST_F(Examples, No01BuyReservesBaseCounterAmountAndGross) {
  desk.send(desk.buy(millions("5")));
  ASSERT_FALSE(desk.reject) << desk.reject.text.view();
  EXPECT_EQ(desk.eur_usd().open_buy, millions("5"));
  EXPECT_EQ(desk.eur_usd().open_sell, Quantity());
  EXPECT_EQ(desk.account().of(kEur).in, money("5000000"));
  EXPECT_EQ(desk.account().of(kUsd).out, money("5505000"));
  EXPECT_EQ(desk.account().gross_open_notional(), money("5500000"));
}

TEST_F(Examples, No02MaxQuantity) {
  EXPECT_EQ(desk.judge(desk.buy(qty("10000001"))).code, RejectCode::kMaxQuantity);
  EXPECT_EQ(desk.judge(desk.buy(millions("9"))).code, RejectCode::kNone);
}

TEST_F(Examples, No03MaxNotional) {
  EXPECT_EQ(desk.judge(desk.buy(millions("9.2"))).code, RejectCode::kMaxNotional);
  EXPECT_EQ(desk.judge(desk.buy(qty("9090909"))).code, RejectCode::kNone);
}

TEST_F(Examples, No04Collar) {
  EXPECT_EQ(desk.judge(desk.buy(millions("1"), "1.1221")).code, RejectCode::kCollar);
  EXPECT_EQ(desk.judge(desk.buy(millions("1"), "1.1220")).code, RejectCode::kNone);
  EXPECT_EQ(desk.judge(desk.sell(millions("1"), "1.0779")).code, RejectCode::kCollar);
  EXPECT_EQ(desk.judge(desk.sell(millions("1"), "1.0780")).code, RejectCode::kNone);
  EXPECT_EQ(desk.judge(desk.buy(millions("1"), "1.05")).code, RejectCode::kNone);
}

TEST_F(Examples, No05MarketBuyIsBoundedByTheAskWithTheBuffer) {
  desk.send(desk.ask(Side::kBuy, market_terms(millions("5"))));
  ASSERT_FALSE(desk.reject);
  EXPECT_EQ(desk.account().of(kUsd).out, money("5555505"));
}

TEST_F(Examples, No06MarketBuyWithoutQuoteIsRefusedAndLeavesNothing) {
  Engine engine;
  add_example_names(engine);
  engine.configure(example_config(), example_index);
  engine.set_rate(kEur, *Rate::parse("1.10"), kNoon, true);
  CheckLog log;
  const Verdict verdict = engine.evaluate_new(desk.ask(Side::kBuy, market_terms(millions("5"))), log);
  EXPECT_EQ(verdict.reject.code, RejectCode::kNoPrice);
  EXPECT_EQ(engine.state().accounts[0].exposure.gross_open_notional(), Amount());
}

TEST_F(Examples, No07WorstCasePositionEqualPasses) {
  desk.set_position(millions("18"));
  desk.send(desk.buy(millions("1")));
  ASSERT_FALSE(desk.reject);
  const order::Reject over = desk.judge(desk.buy(millions("2")));
  EXPECT_EQ(over.code, RejectCode::kExposure);
  EXPECT_EQ(over.control, Control::kD3);
  EXPECT_EQ(desk.judge(desk.buy(millions("1"))).code, RejectCode::kNone);
}

TEST_F(Examples, No08BreachedPositionMayOnlyBeReduced) {
  desk.set_position(millions("22"));
  EXPECT_EQ(desk.judge(desk.sell(millions("5"))).code, RejectCode::kNone);
  EXPECT_EQ(desk.judge(desk.buy(qty("1"))).control, Control::kD3);
}

TEST_F(Examples, No09OpenSellsCanTurnALongPositionShort) {
  desk.set_position(millions("22"));
  for (int i = 0; i < 5; ++i) desk.send(desk.sell(millions("7")));
  ASSERT_FALSE(desk.reject);
  ASSERT_EQ(desk.eur_usd().open_sell, millions("35"));
  EXPECT_EQ(desk.judge(desk.sell(millions("8"))).control, Control::kD3);
  EXPECT_EQ(desk.judge(desk.sell(millions("7"))).code, RejectCode::kNone);
}

TEST_F(Examples, No10OffsetDecidesWhetherAShortMakesRoomForBuys) {
  desk.set_position(millions("-10"));
  desk.send(desk.buy(millions("7.5")));
  desk.send(desk.buy(millions("7.5")));
  ASSERT_EQ(desk.eur_usd().open_buy, millions("15"));
  EXPECT_EQ(desk.judge(desk.buy(millions("8"))).code, RejectCode::kNone);
  desk.engine.set_offset(Offset::kNone);
  EXPECT_EQ(desk.judge(desk.buy(millions("8"))).control, Control::kD3);
}

TEST_F(Examples, No11FillMovesOpenToPosition) {
  BookedOrder order = desk.send(desk.buy(millions("5")));
  desk.fill(order, millions("2"), "1.1005");
  EXPECT_EQ(desk.eur_usd().position, millions("2"));
  EXPECT_EQ(desk.eur_usd().open_buy, millions("3"));
  EXPECT_EQ(desk.account().of(kUsd).position, money("-2201000"));
  EXPECT_EQ(desk.account().of(kUsd).out, money("3303000"));
  EXPECT_EQ(desk.account().gross_open_notional(), money("3300000"));
  EXPECT_EQ(desk.account().traded_notional(), money("2200000"));
}

TEST_F(Examples, No12OnlyTheCancellationItselfReleases) {
  BookedOrder order = desk.send(desk.buy(millions("5")));
  desk.fill(order, millions("2"), "1.1005");
  desk.close(order);  // 150=4; the request before it applies nothing
  EXPECT_EQ(desk.eur_usd().open_buy, Quantity());
  EXPECT_EQ(desk.account().gross_open_notional(), Amount());
  EXPECT_EQ(desk.eur_usd().position, millions("2"));
}

TEST_F(Examples, No13ReplaceUpReservesTheLarger) {
  BookedOrder order = desk.send(desk.buy(millions("5")));
  ASSERT_TRUE(desk.replace(order, limit_terms(millions("8"), "1.1010")));
  EXPECT_EQ(desk.eur_usd().open_buy, millions("8"));
  EXPECT_EQ(desk.account().gross_open_notional(), money("8800000"));
  BookedOrder other = order;
  desk.replace_rejected(other, 1);
  EXPECT_EQ(desk.eur_usd().open_buy, millions("5"));
  ASSERT_TRUE(desk.replace(other, limit_terms(millions("8"), "1.1010")));
  desk.replaced(other, 1);
  EXPECT_EQ(desk.eur_usd().open_buy, millions("8"));
}

TEST_F(Examples, No14ReplaceDownKeepsTheLargerUntilItIsDone) {
  BookedOrder order = desk.send(desk.buy(millions("5")));
  ASSERT_TRUE(desk.replace(order, limit_terms(millions("2"), "1.1010")));
  EXPECT_EQ(desk.eur_usd().open_buy, millions("5"));
  desk.replaced(order, 1);
  EXPECT_EQ(desk.eur_usd().open_buy, millions("2"));
}

TEST_F(Examples, No15FillWhileAReplaceDownIsPending) {
  for (const bool rejected : {false, true}) {
    Desk here;
    BookedOrder order = here.send(here.buy(millions("5")));
    ASSERT_TRUE(here.replace(order, limit_terms(millions("2"), "1.1010")));
    here.fill(order, millions("3"), "1.1005");
    EXPECT_EQ(here.eur_usd().position, millions("3"));
    EXPECT_EQ(here.eur_usd().open_buy, millions("2"));
    if (rejected) {
      here.replace_rejected(order, 1);
      EXPECT_EQ(here.eur_usd().open_buy, millions("2"));
    } else {
      here.replaced(order, 1);
      EXPECT_EQ(here.eur_usd().open_buy, Quantity());
      EXPECT_FALSE(order.open);
    }
  }
}

TEST_F(Examples, No16FilledWhileAReplaceUpIsPending) {
  BookedOrder order = desk.send(desk.buy(millions("5")));
  ASSERT_TRUE(desk.replace(order, limit_terms(millions("8"), "1.1010")));
  desk.fill(order, millions("5"), "1.1005");
  EXPECT_EQ(desk.eur_usd().position, millions("5"));
  EXPECT_EQ(desk.eur_usd().open_buy, millions("3"));
  desk.replace_rejected(order, 1);
  EXPECT_EQ(desk.eur_usd().open_buy, Quantity());
}

TEST_F(Examples, No17TwoPendingReplaces) {
  BookedOrder order = desk.send(desk.buy(millions("5")));
  ASSERT_TRUE(desk.replace(order, limit_terms(millions("8"), "1.1010")));
  ASSERT_TRUE(desk.replace(order, limit_terms(millions("4"), "1.1010")));
  EXPECT_EQ(desk.eur_usd().open_buy, millions("8"));
  desk.replace_rejected(order, 1);
  EXPECT_EQ(desk.eur_usd().open_buy, millions("5"));
  desk.replaced(order, 1);
  EXPECT_EQ(desk.eur_usd().open_buy, millions("4"));
}

TEST_F(Examples, No18RefusedReplaceLeavesTheLiveOrder) {
  desk.set_position(millions("14"));
  BookedOrder order = desk.send(desk.buy(millions("5")));
  EXPECT_FALSE(desk.replace(order, limit_terms(millions("8"), "1.1010")));
  EXPECT_EQ(desk.reject.code, RejectCode::kExposure);
  EXPECT_EQ(desk.reject.control, Control::kD3);
  EXPECT_EQ(desk.eur_usd().open_buy, millions("5"));
}

TEST_F(Examples, No19ReplaceOfThePriceHoldsTheDearer) {
  BookedOrder order = desk.send(desk.buy(millions("5")));
  ASSERT_TRUE(desk.replace(order, limit_terms(millions("5"), "1.1200")));
  EXPECT_EQ(desk.account().of(kUsd).out, money("5600000"));
  desk.replace_rejected(order, 1);
  EXPECT_EQ(desk.account().of(kUsd).out, money("5505000"));
}

TEST_F(Examples, No20OverfillIsBookedWholeAndOpenStaysAtZero) {
  BookedOrder order = desk.send(desk.buy(millions("1")));
  desk.fill(order, millions("1.5"), "1.1005");
  EXPECT_EQ(desk.eur_usd().position, millions("1.5"));
  EXPECT_EQ(desk.eur_usd().open_buy, Quantity());
}

TEST_F(Examples, No22BustOfALiveOrderOpensItAgain) {
  BookedOrder order = desk.send(desk.buy(millions("5")));
  const order::Booking booking = desk.fill(order, millions("2"), "1.1005");
  desk.bust(order, millions("2"), booking);
  EXPECT_EQ(desk.eur_usd().position, Quantity());
  EXPECT_EQ(desk.eur_usd().open_buy, millions("5"));
  EXPECT_EQ(desk.account().traded_notional(), Amount());
  EXPECT_EQ(desk.account().of(kUsd).position, Amount());
}

TEST_F(Examples, No23BustAndLateFillOfACancelledOrderReserveNothing) {
  BookedOrder order = desk.send(desk.buy(millions("5")));
  const order::Booking booking = desk.fill(order, millions("2"), "1.1005");
  desk.close(order);
  desk.bust(order, millions("2"), booking);
  EXPECT_EQ(desk.eur_usd().position, Quantity());
  EXPECT_EQ(desk.eur_usd().open_buy, Quantity());
  desk.fill(order, millions("4"), "1.1005");
  EXPECT_EQ(desk.eur_usd().position, millions("4"));
  EXPECT_EQ(desk.eur_usd().open_buy, Quantity());
}

TEST_F(Examples, No24CorrectedFill) {
  BookedOrder order = desk.send(desk.buy(millions("5")));
  const order::Booking booking = desk.fill(order, millions("2"), "1.1005");
  desk.bust(order, millions("2"), booking);
  desk.fill(order, millions("1.5"), "1.1006");
  EXPECT_EQ(desk.eur_usd().position, millions("1.5"));
  EXPECT_EQ(desk.eur_usd().open_buy, millions("3.5"));
  EXPECT_EQ(desk.account().of(kUsd).position, money("-1650900"));
}

TEST_F(Examples, No25BuyOfTheTermCurrencySellsBase) {
  BookedOrder order = desk.send(desk.ask(Side::kBuy, limit_terms(millions("5.5"), "1.10"), Dealt::kTerm));
  ASSERT_FALSE(desk.reject) << desk.reject.text.view();
  EXPECT_EQ(desk.eur_usd().open_sell, millions("5"));
  EXPECT_EQ(desk.account().of(kUsd).in, money("5500000"));
  desk.fill(order, millions("5.5"), "1.1005");
  EXPECT_EQ(desk.account().of(kEur).position, money("-4997728.31"));
  EXPECT_EQ(desk.eur_usd().position, qty("-4997728.31"));
}

TEST_F(Examples, No26SellOfTheTermCurrencyBuysBase) {
  desk.send(desk.ask(Side::kSell, limit_terms(millions("5.5"), "1.10"), Dealt::kTerm));
  ASSERT_FALSE(desk.reject);
  EXPECT_EQ(desk.eur_usd().open_buy, qty("5050964.23"));
}

TEST_F(Examples, No27MarketBuyByCashOrderQty) {
  desk.send(desk.ask(Side::kBuy, market_terms(millions("1")), Dealt::kTermCash));
  ASSERT_FALSE(desk.reject);
  EXPECT_EQ(desk.eur_usd().open_buy, qty("918357.14"));
}

TEST_F(Examples, No28CrossPairNeedsBothRates) {
  const NewOrder order = desk.ask(Side::kBuy, limit_terms(millions("4"), "187.60"), Dealt::kBase, kGbpJpy);
  desk.send(order);
  ASSERT_FALSE(desk.reject) << desk.reject.text.view();
  EXPECT_EQ(desk.account().gross_open_notional(), money("5000000"));
  EXPECT_EQ(desk.account().of(kJpy).out, money("750400000"));

  Engine without_yen;
  add_example_names(without_yen);
  without_yen.configure(example_config(), example_index);
  without_yen.set_rate(kGbp, *Rate::parse("1.25"), kNoon, true);
  without_yen.set_quote(kGbpJpy, price("187.48"), price("187.52"), kNoon, true);
  CheckLog log;
  EXPECT_EQ(without_yen.evaluate_new(order, log).reject.code, RejectCode::kNoPrice);
}

TEST_F(Examples, No29And30AggregateNetOpenPositionIsShown) {
  desk.set_position(millions("10"), "1.10");
  EXPECT_EQ(desk.engine.net_open_position(desk.account()), money("11000000"));
  desk.send(desk.ask(Side::kBuy, limit_terms(millions("5"), "1.2500"), Dealt::kBase, kGbpUsd));
  ASSERT_FALSE(desk.reject);
  EXPECT_EQ(desk.engine.net_open_position(desk.account()), money("17250000"));
}

TEST_F(Examples, No31CurrencyPositionIsShown) {
  desk.set_position(millions("10"), "1.10");
  desk.send(desk.sell(millions("4")));
  desk.send(desk.buy(millions("6")));
  EXPECT_EQ(*desk.engine.used(desk.engine.state().accounts[0], Limit::kMaxCurrencyPosition), money("17600000").raw());
}

TEST_F(Examples, No34StaleRateCostsTheHaircutAndADeadOneRefuses) {
  config::Config config = example_config();
  config.reference.stale_after = Duration::seconds(60);
  Desk here(config);
  NewOrder order = here.buy(millions("9"));
  EXPECT_EQ(here.judge(order).code, RejectCode::kNone);

  const auto at_age = [&](int seconds) {
    order.now = kNoon + Duration::seconds(seconds);
    here.engine.set_quote(kEurUsd, price("1.0999"), price("1.1001"), order.now, false);  // only the rate is old
    return here.judge(order);
  };
  EXPECT_EQ(at_age(60).code, RejectCode::kNone);
  EXPECT_EQ(at_age(90).code, RejectCode::kMaxNotional);  // 10.098m
  EXPECT_EQ(at_age(301).code, RejectCode::kNoPrice);
}

TEST_F(Examples, No35StopsAreReservedUntriggered) {
  order::Terms stop = market_terms(millions("2"));
  stop.ord_type = order::OrdType::kStop;
  stop.stop_px = price("1.1100");
  stop.has_stop_px = true;
  desk.send(desk.ask(Side::kBuy, stop));
  ASSERT_FALSE(desk.reject) << desk.reject.text.view();
  EXPECT_EQ(desk.account().of(kUsd).out, money("2242200"));

  Desk other;
  order::Terms stop_limit = limit_terms(millions("2"), "1.1150");
  stop_limit.ord_type = order::OrdType::kStopLimit;
  stop_limit.stop_px = price("1.1100");
  stop_limit.has_stop_px = true;
  other.send(other.ask(Side::kBuy, stop_limit));
  ASSERT_FALSE(other.reject);
  EXPECT_EQ(other.account().of(kUsd).out, money("2230000"));
}

TEST_F(Examples, No37FirmLimitRefusesAndTheAccountStaysUntouched) {
  desk.set_limit(order::Scope::kFirm, 0, Limit::kMaxGrossOpenNotional, money("50000000").raw());
  const order::Need used{Quantity(), Amount(), money("48000000")};
  desk.engine.reserve(Place{kBeta, kBeta1, kSouth, kGbpUsd, true}, order::Need(), used);
  CheckLog log;
  const Verdict verdict = desk.engine.evaluate_new(desk.buy(millions("2")), log);
  EXPECT_EQ(verdict.reject.control, Control::kD2);
  EXPECT_EQ(log.results().back().scope, order::Scope::kFirm);
  EXPECT_EQ(log.results().back().usage, money("48000000").raw());
  EXPECT_EQ(log.results().back().delta, money("2200000").raw());
  EXPECT_EQ(log.results().back().limit, money("50000000").raw());
  EXPECT_EQ(desk.account().gross_open_notional(), Amount());
  EXPECT_EQ(verdict.reject.text.view().find("50000000"), std::string_view::npos) << "a firm's figure was shown";
}

TEST_F(Examples, No38ReduceOnly) {
  desk.set_position(millions("5"));
  desk.engine.set_scope_state(order::Scope::kAccount, 0, order::ScopeState::kReduceOnly);
  EXPECT_EQ(desk.judge(desk.buy(qty("1"))).code, RejectCode::kBlocked);
  desk.send(desk.sell(millions("5")));
  EXPECT_FALSE(desk.reject);
  EXPECT_EQ(desk.judge(desk.sell(qty("1"))).code, RejectCode::kBlocked);
}

TEST_F(Examples, No40ThrottleRefusesTheHundredAndFirst) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(desk.judge(desk.buy(qty("1000"))).code, RejectCode::kNone);
    desk.engine.take_token(kSession, kNoon);
  }
  EXPECT_EQ(desk.judge(desk.buy(qty("1000"))).code, RejectCode::kThrottled);
  desk.engine.take_token(kSession, kNoon);  // a cancel: counted, not asked
  NewOrder later = desk.buy(qty("1000"));
  later.now = kNoon + Duration::milliseconds(10);
  EXPECT_EQ(desk.judge(later).code, RejectCode::kNone);
}

TEST_F(Examples, No44DayRollKeepsWhatIsOpen) {
  BookedOrder order = desk.send(desk.buy(millions("5")));
  desk.fill(order, millions("2"), "1.1005");
  desk.engine.start_day(20'000);
  EXPECT_EQ(desk.account().traded_notional(), Amount());
  EXPECT_EQ(desk.eur_usd().open_buy, millions("3"));
  EXPECT_EQ(desk.eur_usd().position, millions("2"));
}

}  // namespace
}  // namespace portcullis::risk
