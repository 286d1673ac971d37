#include <gtest/gtest.h>

#include <limits>

#include "tests/risk/count_allocations.h"
#include "tests/risk/desk.h"

// Each control for itself: what passes, what does not, and the crossing between.

namespace portcullis::risk {
namespace {

using order::Control;
using order::Dealt;
using order::RejectCode;
using order::Scope;
using order::ScopeState;
using order::Side;

class Controls : public testing::Test {
 protected:
  order::Reject after(Scope scope, std::uint32_t id, ScopeState state) {
    Desk here;
    here.engine.set_scope_state(scope, id, state);
    return here.judge(here.buy(millions("1")));
  }
  // A replace of a live buy of 5m @ 1.1010 on this desk.
  order::Reject replace(Desk& here, BookedOrder& order, std::string_view millions_qty, std::string_view limit) {
    here.replace(order, limit_terms(millions(millions_qty), limit));
    return here.reject;
  }
  Desk desk;
};

// --- A1 ---

TEST_F(Controls, A1BlocksFromEveryScopeOfTheOrder) {
  for (const ScopeState state : {ScopeState::kBlockNew, ScopeState::kCancel, ScopeState::kKilled}) {
    for (const Scope scope : {Scope::kFirm, Scope::kClient, Scope::kAccount, Scope::kSession, Scope::kInstrument}) {
      const order::Reject reject = after(scope, 0, state);
      EXPECT_EQ(reject.code, RejectCode::kBlocked) << order::to_string(scope);
      EXPECT_EQ(reject.control, Control::kA1);
    }
  }
}

TEST_F(Controls, A1OtherScopesDoNotMatter) {
  for (const Scope scope : {Scope::kClient, Scope::kAccount, Scope::kSession, Scope::kInstrument}) {
    EXPECT_FALSE(after(scope, 1, ScopeState::kKilled)) << order::to_string(scope);
  }
}

TEST_F(Controls, A1TheStrongestStateHoldsAndCanBeLifted) {
  desk.engine.set_scope_state(Scope::kFirm, 0, ScopeState::kReduceOnly);
  desk.engine.set_scope_state(Scope::kAccount, 0, ScopeState::kKilled);
  EXPECT_EQ(desk.engine.effective_state(Place{kAlpha, kAlpha1, {}, kEurUsd, true, kSession}), ScopeState::kKilled);
  desk.engine.set_scope_state(Scope::kAccount, 0, ScopeState::kActive);
  EXPECT_EQ(desk.engine.effective_state(Place{kAlpha, kAlpha1, {}, kEurUsd, true, kSession}), ScopeState::kReduceOnly);
  desk.engine.set_scope_state(Scope::kFirm, 0, ScopeState::kActive);
  EXPECT_FALSE(desk.judge(desk.buy(millions("1"))));
}

TEST_F(Controls, A1ABrokersStateIsAskedOfTheBroker) {
  desk.engine.set_scope_state(Scope::kBroker, kNorth.value(), ScopeState::kBlockNew);
  const NewOrder order = desk.buy(millions("1"));
  CheckLog log;
  const Verdict verdict = desk.engine.evaluate_new(order, log);
  ASSERT_TRUE(verdict.accepted());
  EXPECT_EQ(desk.engine.evaluate_broker(kNorth, order, verdict, log).code, RejectCode::kBlocked);
  EXPECT_FALSE(desk.engine.evaluate_broker(kSouth, order, verdict, log));
}

TEST_F(Controls, A1ABlockedOrderMayOnlyBeReduced) {
  BookedOrder order = desk.send(desk.buy(millions("5")));
  desk.engine.set_scope_state(Scope::kFirm, 0, ScopeState::kKilled);
  EXPECT_EQ(replace(desk, order, "6", "1.1010").code, RejectCode::kBlocked);
  EXPECT_EQ(replace(desk, order, "5", "1.1000").code, RejectCode::kBlocked) << "a new price is not a reduction";
  EXPECT_FALSE(replace(desk, order, "2", "1.1010"));
}

TEST_F(Controls, A1ReduceOnlyOfTheFirmLooksAtTheAccountsPosition) {
  desk.set_position(millions("5"));
  const order::Booking short_of_another =
      desk.engine.booking_of(kEurUsd, Side::kSell, Dealt::kBase, millions("5"), price("1.1"));
  desk.engine.book(Place{kBeta, kBeta1, kSouth, kEurUsd, false}, short_of_another);
  desk.engine.set_scope_state(Scope::kFirm, 0, ScopeState::kReduceOnly);
  EXPECT_FALSE(desk.judge(desk.sell(millions("5"))));
  EXPECT_EQ(desk.judge(desk.buy(millions("5"))).code, RejectCode::kBlocked);
}

// --- A2 ---

TEST_F(Controls, A2UnknownSymbolAndAccount) {
  NewOrder order = desk.buy(millions("1"));
  order.instrument = order::InstrumentId::none();
  EXPECT_EQ(desk.judge(order).code, RejectCode::kUnknownSymbol);
  order = desk.buy(millions("1"));
  order.account = order::AccountId::none();
  EXPECT_EQ(desk.judge(order).code, RejectCode::kUnknownAccount);
}

TEST_F(Controls, A2AnotherClientsAccountIsAsUnknownAsNone) {
  NewOrder order = desk.buy(millions("1"));
  order.account = order::AccountId::none();
  const order::Reject missing = desk.judge(order);
  order.account = kBeta1;
  EXPECT_EQ(desk.judge(order).code, RejectCode::kUnknownAccount);
  EXPECT_EQ(desk.judge(order).text, missing.text);
}

TEST_F(Controls, A2WhatLeftTheConfigurationIsRefusedButStillBooked) {
  BookedOrder order = desk.send(desk.buy(millions("5")));
  config::Config without = example_config();
  without.instruments.erase(without.instruments.begin());
  without.clients[0].accounts = {"ALPHA-2"};
  desk.engine.configure(without, example_index);
  EXPECT_EQ(desk.judge(desk.buy(millions("1"))).code, RejectCode::kUnknownSymbol);
  desk.fill(order, millions("5"), "1.1005");
  EXPECT_EQ(desk.eur_usd().position, millions("5"));
  EXPECT_EQ(desk.account().of(kEur).position, money("5000000"));
  EXPECT_FALSE(desk.engine.verify());
}

TEST_F(Controls, A2PermissionsAreAskedOfEachScopeThatStatesThem) {
  config::Config config = example_config();
  config.risk.accounts[0].permissions =
      std::vector<config::Permission>{{.symbols = {"EUR/USD"}, .sell = false}, {.symbols = {"GBP/USD"}}};
  Desk here(config);
  EXPECT_FALSE(here.judge(here.buy(millions("1"))));
  const order::Reject side = here.judge(here.sell(millions("1")));
  EXPECT_EQ(side.code, RejectCode::kNotPermitted);
  EXPECT_EQ(side.ref_tag, 54);
  const order::Reject instrument =
      here.judge(here.ask(Side::kBuy, limit_terms(millions("1"), "187.50"), order::Dealt::kBase, kGbpJpy));
  EXPECT_EQ(instrument.code, RejectCode::kNotPermitted);
  EXPECT_EQ(instrument.ref_tag, 55);
  EXPECT_EQ(instrument.text.view(), "RISK-8 A2: the instrument is not permitted to the account");
  NewOrder order = here.sell(millions("1"));
  order.account = kAlpha2;
  EXPECT_FALSE(here.judge(order)) << "the other account says nothing";

  config.risk.clients = {config::ScopeLimits{"alpha", {}}};
  config.risk.clients[0].permissions = std::vector<config::Permission>{{.symbols = {}, .buy = false}};
  here.engine.configure(config, example_index);
  EXPECT_EQ(here.judge(here.buy(millions("1"))).text.view(),
            "RISK-8 A2: this side of the instrument is not permitted to the client");
  here.engine.configure(example_config(), example_index);
  EXPECT_FALSE(here.judge(here.sell(millions("1"))));
}

TEST_F(Controls, A2ASwapNeedsBothSides) {
  config::Config config = example_config();
  config.risk.firm.order_types->insert(config::OrderType::kSwap);
  config.risk.accounts[0].permissions = std::vector<config::Permission>{{.symbols = {}, .sell = false}};
  Desk here(config);
  order::Terms terms = limit_terms(millions("1"), "1.1000");
  terms.ord_type = order::OrdType::kForexSwap;
  terms.order_qty2 = millions("1");
  terms.price2 = price("1.1010");
  NewOrder swap = here.ask(Side::kBuy, terms);
  swap.value2.date = kSpot + 30;
  EXPECT_EQ(here.judge(swap).code, RejectCode::kNotPermitted);
  config.risk.accounts[0].permissions.reset();
  here.engine.configure(config, example_index);
  EXPECT_FALSE(here.judge(swap)) << here.judge(swap).text.view();
}

TEST_F(Controls, A2ARestrictedInstrumentTakesOnlyWhatReduces) {
  config::Config config = example_config();
  config.risk.restricted = {"EUR/USD"};
  Desk here(config);
  EXPECT_EQ(here.judge(here.buy(millions("1"))).code, RejectCode::kNotPermitted);
  here.set_position(millions("-3"));
  EXPECT_FALSE(here.judge(here.buy(millions("3"))));
  EXPECT_EQ(here.judge(here.buy(qty("3000000.01"))).code, RejectCode::kNotPermitted);
  EXPECT_EQ(here.judge(here.sell(millions("1"))).code, RejectCode::kNotPermitted);
  here.send(here.buy(millions("2")));
  EXPECT_EQ(here.judge(here.buy(millions("2"))).code, RejectCode::kNotPermitted) << "what is open closes it already";
  NewOrder other = here.buy(millions("1"));
  other.account = kAlpha2;
  EXPECT_EQ(here.judge(other).code, RejectCode::kNotPermitted) << "the position is another account's";
}

// --- A3 ---

TEST_F(Controls, A3TypesAndTimesInForceMustBeAllowedEverywhere) {
  config::Config config = example_config();
  config::LimitSet& account = config.risk.accounts[0].limits;
  account.order_types.emplace().insert(config::OrderType::kLimit);
  account.times_in_force.emplace().insert(config::TimeInForce::kDay);
  Desk here(config);
  EXPECT_FALSE(here.judge(here.buy(millions("1"))));
  EXPECT_EQ(here.judge(here.ask(Side::kBuy, market_terms(millions("1")))).code, RejectCode::kUnsupported);
  NewOrder order = here.buy(millions("1"));
  order.terms.time_in_force = order::TimeInForce::kGoodTillCancel;
  EXPECT_EQ(here.judge(order).ref_tag, 59);
  order.account = kAlpha2;
  EXPECT_FALSE(here.judge(order));
  order.terms.time_in_force = order::TimeInForce::kAtTheOpening;
  EXPECT_EQ(here.judge(order).code, RejectCode::kUnsupported);
}

TEST_F(Controls, A3PricesThatTheTypeNeeds) {
  NewOrder order = desk.buy(millions("1"));
  order.terms.has_price = false;
  order.terms.price = Price();
  EXPECT_EQ(desk.judge(order).ref_tag, 44);
  order = desk.buy(millions("1"));
  order.terms.ord_type = order::OrdType::kStopLimit;
  EXPECT_EQ(desk.judge(order).ref_tag, 99);
}

TEST_F(Controls, A3ATypeThatIsNoLongerAllowedMayStillBeReduced) {
  BookedOrder order = desk.send(desk.buy(millions("5")));
  desk.set_limit(Scope::kFirm, 0, Limit::kOrderTypes, 1);  // market only
  EXPECT_FALSE(replace(desk, order, "2", "1.1010"));
  EXPECT_EQ(desk.judge(desk.buy(millions("1"))).control, Control::kA3);
}

// --- A4 ---

TEST_F(Controls, A4ADuplicateIsRefusedAfterSizeAndPrice) {
  NewOrder order = desk.buy(millions("1"));
  order.duplicate_cl_ord_id = true;
  EXPECT_EQ(desk.judge(order).code, RejectCode::kDuplicateClOrdId);
  order.terms.order_qty = millions("11");
  EXPECT_EQ(desk.judge(order).code, RejectCode::kMaxQuantity);
}

// --- B1 ---

TEST_F(Controls, B1QuantityOnTheGridAndNotBelowTheMinimum) {
  EXPECT_EQ(desk.judge(desk.buy(qty("0"))).code, RejectCode::kBadQuantity);
  EXPECT_EQ(desk.judge(desk.buy(qty("-5"))).code, RejectCode::kBadQuantity);
  EXPECT_EQ(desk.judge(desk.buy(qty("0.99"))).code, RejectCode::kBadQuantity);
  EXPECT_EQ(desk.judge(desk.buy(qty("1"))).code, RejectCode::kNone);
  EXPECT_EQ(desk.judge(desk.buy(qty("1000.005"))).code, RejectCode::kBadQuantity);
  EXPECT_EQ(desk.judge(desk.ask(Side::kBuy, limit_terms(qty("1000.005"), "1.1"), Dealt::kTerm)).code,
            RejectCode::kBadQuantity);
}

TEST_F(Controls, B1PricesOnTheTick) {
  EXPECT_EQ(desk.judge(desk.buy(millions("1"), "1.10105")).code, RejectCode::kTick);
  EXPECT_EQ(desk.judge(desk.buy(millions("1"), "1.1010")).code, RejectCode::kNone);
}

TEST_F(Controls, B1ATermAmountIsTestedOnItsBaseAmount) {
  EXPECT_EQ(desk.judge(desk.ask(Side::kBuy, limit_terms(millions("9.9"), "1.1000"), Dealt::kTerm)).code,
            RejectCode::kNone);
  desk.set_limit(Scope::kAccount, 0, Limit::kMaxOrderQuantity, millions("9").raw());
  EXPECT_EQ(desk.judge(desk.ask(Side::kBuy, limit_terms(millions("9.9"), "1.1000"), Dealt::kTerm)).code,
            RejectCode::kNone);
  EXPECT_EQ(desk.judge(desk.ask(Side::kBuy, limit_terms(millions("9.91"), "1.1000"), Dealt::kTerm)).code,
            RejectCode::kMaxQuantity);
}

TEST_F(Controls, B1TheTightestScopeDecidesAndTheFirmsFigureIsNotShown) {
  desk.set_limit(Scope::kFirm, 0, Limit::kMaxOrderQuantity, millions("4").raw());
  const order::Reject by_firm = desk.judge(desk.buy(millions("5")));
  EXPECT_EQ(by_firm.code, RejectCode::kMaxQuantity);
  EXPECT_EQ(by_firm.text.view(), "RISK-2 B1: quantity 5000000 is above a limit of the firm");
  const order::Reject by_account = desk.judge(desk.buy(millions("10.5")));
  EXPECT_EQ(by_account.text.view(), "RISK-2 B1: quantity 10500000 is above the account's limit 10000000");
}

TEST_F(Controls, B1HugeOrdersAreRefusedNotWrapped) {
  desk.set_limit(Scope::kAccount, 0, Limit::kMaxOrderQuantity, std::numeric_limits<std::int64_t>::max());
  desk.set_limit(Scope::kFirm, 0, Limit::kMaxOrderQuantity, std::numeric_limits<std::int64_t>::max());
  NewOrder order = desk.buy(Quantity::from_raw(std::numeric_limits<std::int64_t>::max() / 10 * 10));
  EXPECT_TRUE(desk.judge(order));
  order.terms.price = Price::from_raw(std::numeric_limits<std::int64_t>::max());
  EXPECT_TRUE(desk.judge(order));
  order.dealt = Dealt::kTerm;
  order.terms.price = Price::from_raw(10'000);
  EXPECT_TRUE(desk.judge(order));
}

// --- B3 ---

TEST_F(Controls, B3WithoutAFreshQuoteNothingPasses) {
  config::Config config = example_config();
  config.reference.stale_after = Duration::seconds(60);
  Desk here(config);
  NewOrder order = here.buy(millions("1"));
  order.now = kNoon + Duration::seconds(61);
  here.engine.set_rate(kEur, *Rate::parse("1.1"), order.now, false);
  EXPECT_EQ(here.judge(order).code, RejectCode::kNoPrice);
}

TEST_F(Controls, B3ASpreadIsMeasuredExactlyAndTheTightestWordCounts) {
  config::Config config = example_config();
  config.risk.firm.max_spread_percent = config::Percent::of(1);
  Desk here(config);
  here.engine.set_quote(kEurUsd, price("0.995"), price("1.005"), kNoon, false);  // 1 % of 1
  EXPECT_FALSE(here.judge(here.buy(millions("1"), "1.0000")));
  here.engine.set_quote(kEurUsd, price("0.995"), price("1.00500001"), kNoon, false);
  EXPECT_EQ(here.judge(here.buy(millions("1"), "1.0000")).code, RejectCode::kNoPrice);
  EXPECT_FALSE(here.engine.has_reference(kEurUsd, kNoon));
  EXPECT_TRUE(here.engine.has_reference(kGbpUsd, kNoon));
  config.risk.instruments = {config::ScopeLimits{"GBP/USD", {}}};
  config.risk.instruments[0].limits.max_spread_percent = config::Percent();
  here.engine.configure(config, example_index);
  EXPECT_FALSE(here.engine.has_reference(kGbpUsd, kNoon));
  EXPECT_EQ(here.judge(here.ask(Side::kBuy, limit_terms(millions("1"), "1.2500"), order::Dealt::kBase, kGbpUsd)).code,
            RejectCode::kNoPrice);
  // The extremes: what has no bid to speak of, and no overflow.
  here.engine.set_quote(kGbpUsd, Price::from_raw(1), Price::from_raw(INT64_MAX), kNoon, false);
  EXPECT_EQ(here.engine.state().market.quote(kGbpUsd)->spread(), config::Percent::of(200).raw());
}

TEST_F(Controls, B3TheTriggerOfAStopIsHeldToTheCollar) {
  order::Terms terms = market_terms(millions("1"));
  terms.ord_type = order::OrdType::kStop;
  terms.has_stop_px = true;
  terms.stop_px = price("1.1221");
  EXPECT_EQ(desk.judge(desk.ask(Side::kBuy, terms)).ref_tag, 99);
  terms.stop_px = price("1.1220");
  EXPECT_FALSE(desk.judge(desk.ask(Side::kBuy, terms)));
}

TEST_F(Controls, B3ATermDealtOrderIsJudgedByItsSideOfBase) {
  // Buying dollars sells euros: a low price is the mistake.
  EXPECT_EQ(desk.judge(desk.ask(Side::kBuy, limit_terms(millions("1"), "1.0779"), Dealt::kTerm)).code,
            RejectCode::kCollar);
  EXPECT_FALSE(desk.judge(desk.ask(Side::kBuy, limit_terms(millions("1"), "1.1500"), Dealt::kTerm)));
  EXPECT_EQ(desk.judge(desk.ask(Side::kBuy, limit_terms(millions("1"), "1.1500"), Dealt::kTermCash)).code,
            RejectCode::kCollar);
}

TEST_F(Controls, B3AReplaceIsJudgedByItsNewPriceOnly) {
  BookedOrder order = desk.send(desk.buy(millions("5"), "1.1220"));
  desk.engine.set_quote(kEurUsd, price("1.0899"), price("1.0901"), kNoon, false);
  EXPECT_FALSE(replace(desk, order, "4", "1.1220")) << "an unchanged price is not judged again";
  EXPECT_EQ(replace(desk, order, "4", "1.1210").code, RejectCode::kCollar);
}

TEST_F(Controls, BrokenMarketValuesCountAsMissing) {
  desk.engine.set_quote(kEurUsd, price("1.1001"), price("1.0999"), kNoon, false);
  EXPECT_EQ(desk.judge(desk.buy(millions("1"))).code, RejectCode::kNoPrice);
  desk.engine.set_quote(kEurUsd, Price(), price("1.1001"), kNoon, false);
  EXPECT_EQ(desk.judge(desk.buy(millions("1"))).code, RejectCode::kNoPrice);
  desk.engine.set_quote(kEurUsd, price("1.0999"), price("1.1001"), kNoon, false);
  EXPECT_FALSE(desk.judge(desk.buy(millions("1"))));
  desk.engine.set_rate(kEur, Rate(), kNoon, false);
  EXPECT_EQ(desk.judge(desk.buy(millions("1"))).code, RejectCode::kNoPrice);
}

TEST_F(Controls, AQuantityCanBeReducedWithoutAMarket) {
  config::Config config = example_config();
  config.reference.stale_after = Duration::seconds(60);
  Desk here(config);
  BookedOrder order = here.send(here.sell(millions("5")));
  order.asked.now = kNoon + Duration::seconds(1000);
  EXPECT_FALSE(replace(here, order, "2", "1.0990"));
  EXPECT_EQ(replace(here, order, "6", "1.0990").code, RejectCode::kNoPrice);
}

// --- C1 ---

TEST_F(Controls, C1TokensComeBackWithTimeAndNeverAboveTheBurst) {
  TokenBucket bucket;
  bucket.configure(3, 5);
  EXPECT_EQ(bucket.tokens(kNoon), 5);
  for (int i = 0; i < 7; ++i) bucket.take(kNoon);
  EXPECT_EQ(bucket.tokens(kNoon), 0);
  EXPECT_EQ(bucket.tokens(kNoon + Duration::milliseconds(333)), 0);
  EXPECT_EQ(bucket.tokens(kNoon + Duration::milliseconds(334)), 1);
  EXPECT_EQ(bucket.tokens(kNoon + Duration::seconds(1)), 3);
  EXPECT_EQ(bucket.tokens(kNoon + Duration::seconds(1'000'000'000)), 5);
  EXPECT_EQ(bucket.tokens(kNoon - Duration::seconds(10)), 0) << "a clock that steps back gives nothing";
}

TEST_F(Controls, C1ASessionThatNobodyConfiguredHasNoTokens) {
  NewOrder order = desk.buy(millions("1"));
  order.session = order::SessionId::none();
  EXPECT_EQ(desk.judge(order).code, RejectCode::kThrottled);
  EXPECT_TRUE(desk.engine.check_throttle(order.session, kNoon));
  EXPECT_FALSE(desk.engine.check_throttle(kSession, kNoon));
}

TEST_F(Controls, BrokerTokensKeepAShareForCancels) {
  for (int i = 0; i < 8; ++i) {
    EXPECT_TRUE(desk.engine.broker_has_token(kNorth, kNoon, false)) << i;
    desk.engine.take_broker_token(kNorth, kNoon);
  }
  EXPECT_FALSE(desk.engine.broker_has_token(kNorth, kNoon, false));
  EXPECT_TRUE(desk.engine.broker_has_token(kNorth, kNoon, true));
  desk.engine.take_broker_token(kNorth, kNoon);
  desk.engine.take_broker_token(kNorth, kNoon);
  EXPECT_FALSE(desk.engine.broker_has_token(kNorth, kNoon, true));
  EXPECT_TRUE(desk.engine.broker_has_token(kSouth, kNoon, false));
  EXPECT_FALSE(desk.engine.broker_has_token(order::BrokerId(9), kNoon, true));
}

// --- D1, D2 ---

TEST_F(Controls, D1CountsOrdersUntilTheyAreOver) {
  desk.set_limit(Scope::kAccount, 0, Limit::kMaxOpenOrders, 2);
  BookedOrder first = desk.send(desk.buy(millions("1")));
  desk.send(desk.buy(millions("1")));
  EXPECT_EQ(desk.judge(desk.sell(qty("1000"))).control, Control::kD1);
  EXPECT_FALSE(replace(desk, first, "2", "1.1010")) << "a replace stays one order";
  desk.close(first);
  EXPECT_FALSE(desk.judge(desk.sell(qty("1000"))));
}

TEST_F(Controls, D2EqualPasses) {
  desk.set_limit(Scope::kClient, 0, Limit::kMaxGrossOpenNotional, money("5500000").raw());
  EXPECT_FALSE(desk.judge(desk.buy(millions("5"))));
  EXPECT_EQ(desk.judge(desk.buy(qty("5000000.01"))).control, Control::kD2);
}

TEST_F(Controls, ABrokersFullLineIsItsOwn) {
  desk.set_limit(Scope::kBroker, kNorth.value(), Limit::kMaxGrossOpenNotional, money("6000000").raw());
  BookedOrder order = desk.send(desk.buy(millions("5")));
  const NewOrder second = desk.buy(millions("5"));
  CheckLog log;
  const Verdict verdict = desk.engine.evaluate_new(second, log);
  ASSERT_TRUE(verdict.accepted());
  EXPECT_EQ(desk.engine.evaluate_broker(kNorth, second, verdict, log).control, Control::kD2);
  EXPECT_FALSE(desk.engine.evaluate_broker(kSouth, second, verdict, log));
  EXPECT_EQ(replace(desk, order, "8", "1.1010").control, Control::kD2) << "a replace stays at its broker";
}

// --- limits ---

TEST_F(Controls, LimitsAreInheritedAndAnOperatorsCountMore) {
  const auto effective = [&](Scope scope, std::uint32_t id) {
    return desk.engine.state().find(scope, id)->limits[Limit::kMaxOpenOrders];
  };
  desk.set_limit(Scope::kFirm, 0, Limit::kMaxOpenOrders, 7);
  EXPECT_EQ(effective(Scope::kAccount, 0), 7);
  EXPECT_EQ(effective(Scope::kBroker, 0), 7);
  desk.set_limit(Scope::kClient, 0, Limit::kMaxOpenOrders, 5);
  EXPECT_EQ(effective(Scope::kAccount, 0), 5);
  EXPECT_EQ(effective(Scope::kAccount, 2), 7);
  desk.engine.configure(example_config(), example_index);
  EXPECT_EQ(effective(Scope::kAccount, 0), 5) << "the operator's word outlives a reload";
  desk.engine.set_limit(Scope::kClient, 0, static_cast<std::uint16_t>(Limit::kMaxOpenOrders), 0, true, 9);
  EXPECT_EQ(effective(Scope::kAccount, 0), 7);
  EXPECT_EQ(desk.engine.limits_version(), 9U);
}

TEST_F(Controls, WithoutAConfigurationNothingPasses) {
  Engine engine;
  add_example_names(engine);
  CheckLog log;
  EXPECT_TRUE(engine.evaluate_new(desk.buy(millions("1")), log).reject);
}

TEST_F(Controls, RawLimitsReadBackAsTheyWere) {
  for (const config::LimitInfo& info : config::limits_table()) {
    const auto value = config::get_limit(example_config().risk.firm, info.limit);
    if (!value && info.optional) continue;
    ASSERT_TRUE(value) << info.name;
    EXPECT_EQ(from_raw(info.limit, to_raw(*value)), *value) << info.name;
  }
}

// --- evidence, suspense, allocation ---

TEST_F(Controls, AnAcceptedOrderHasItsEvidence) {
  CheckLog log;
  ASSERT_TRUE(desk.engine.evaluate_new(desk.buy(millions("1")), log).accepted());
  int d2 = 0;
  int d3 = 0;
  for (const order::CheckResult& check : log.results()) {
    EXPECT_EQ(check.passed, 1);
    d2 += check.control == Control::kD2;
    d3 += check.control == Control::kD3;
  }
  EXPECT_EQ(d2, 1) << "of all scopes the one that is nearest to its limit";
  EXPECT_EQ(d3, 1);
  EXPECT_EQ(log.dropped(), 0U);
}

TEST_F(Controls, AFullLogCountsWhatItDrops) {
  CheckLog log;
  for (std::size_t i = 0; i < CheckLog::kCapacity + 3; ++i) log.add(order::CheckResult{});
  EXPECT_EQ(log.results().size(), CheckLog::kCapacity);
  EXPECT_EQ(log.dropped(), 3U);
}

TEST_F(Controls, AReportOfNoOrderIsBookedToTheFirmAndToSuspense) {
  const order::Booking booking = desk.engine.booking_of(kEurUsd, Side::kBuy, Dealt::kBase, millions("3"), price("1.1"));
  desk.engine.suspend(kEurUsd, kNorth, true, booking);
  desk.engine.suspend(order::InstrumentId::none(), kNorth, true, order::Booking());
  EXPECT_EQ(desk.firm().of(kEurUsd).position, millions("3"));
  EXPECT_EQ(desk.engine.state().suspense.of(kEurUsd).position, millions("3"));
  EXPECT_EQ(desk.account().of(kEurUsd).position, Quantity());
  EXPECT_FALSE(desk.engine.verify());
}

TEST_F(Controls, VerifyFindsAMissingRelease) {
  BookedOrder order = desk.send(desk.buy(millions("1")));
  desk.close(order);
  desk.close(order);
  EXPECT_FALSE(desk.engine.verify());
  desk.engine.count_open(Desk::place(order), -1);
  ASSERT_TRUE(desk.engine.verify());
  EXPECT_NE(desk.engine.verify()->what.find("negative"), std::string::npos);
}

TEST_F(Controls, DecidingAndApplyingDoNotAllocate) {
  BookedOrder order = desk.send(desk.buy(millions("5")));
  desk.fill(order, millions("1"), "1.1005");
  const NewOrder next = desk.buy(millions("1"));
  const Place place = Desk::place(order);
  CheckLog log;
  start_counting_allocations();
  const Verdict verdict = desk.engine.evaluate_new(next, log);
  const order::Reject broker = desk.engine.evaluate_broker(kNorth, next, verdict, log);
  desk.engine.take_token(kSession, kNoon);
  desk.engine.count_open(place, 1);
  desk.engine.reserve(place, order::Need(), verdict.need);
  const order::Booking booking =
      desk.engine.booking_of(kEurUsd, Side::kBuy, Dealt::kBase, millions("1"), price("1.1005"));
  desk.engine.book(place, booking);
  desk.engine.reserve(place, verdict.need, order::Need());
  desk.engine.count_open(place, -1);
  const order::Reject refused = desk.judge(desk.buy(millions("11")));
  const std::int64_t counted = stop_counting_allocations();
  EXPECT_EQ(counted, 0);
  EXPECT_TRUE(verdict.accepted());
  EXPECT_FALSE(broker);
  EXPECT_TRUE(refused);
}

}  // namespace
}  // namespace portcullis::risk
