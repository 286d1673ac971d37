#include "tests/scenarios/risk_desk.h"

// FX swaps (worked example 32) through FIX: two legs in one order, netted before they are counted in or out, and
// settled each on its own date. Near leg 2026-11-25 (spot), far leg 2026-12-23 unless said otherwise.

namespace portcullis::scenarios {
namespace {

using gateway::testing::Sent;

class Swaps : public RiskDesk {
 protected:
  static config::Config with_swaps() {
    config::Config c = configuration_of_the_examples();
    c.risk.firm.order_types->insert(config::OrderType::kSwap);
    for (config::ScopeLimits& account : c.risk.accounts) {
      account.limits.max_order_notional.reset();
      account.limits.max_order_quantity.reset();
    }
    return c;
  }
  explicit Swaps(config::Config configuration = with_swaps()) : RiskDesk(std::move(configuration)) {}

  struct Legs {
    std::string side = "1";
    std::string near_qty = "10m", near_px = "1.1000";
    std::string far_qty = "10m", far_px = "1.1050";
    std::string far_date = "20261223";
    std::string currency = {};
  };
  static std::string fields_of(const Legs& legs) {
    std::string body = "1=ALPHA-1|55=EUR/USD|54=" + legs.side + "|40=G|38=" + number(legs.near_qty) +
                       "|44=" + legs.near_px + "|192=" + number(legs.far_qty) + "|640=" + legs.far_px + "|";
    if (!legs.far_date.empty()) body += "193=" + legs.far_date + "|";
    if (!legs.currency.empty()) body += "15=" + legs.currency + "|";
    return body + "60=20261123-12:00:00|";
  }
  std::vector<Sent> asks(const Legs& legs) {
    return gateway.from_client("alpha", "35=D|11=S" + std::to_string(++ids_) + "|" + fields_of(legs));
  }
  Ticket swaps(const Legs& legs) {
    const std::vector<Sent> sent = asks(legs);
    Ticket ticket;
    ticket.cl_ord_id = "S" + std::to_string(ids_);
    EXPECT_TRUE(sent.size() == 1 && sent[0].type() == "D") << (sent.empty() ? "nothing" : sent[0].bytes);
    if (sent.empty() || sent[0].type() != "D") return ticket;
    at_broker = sent[0];
    ticket.given = sent[0][11];
    ticket.broker = sent[0].session;
    ticket.symbol = "EUR/USD";
    ticket.side = sent[0][54];
    ticket.currency = legs.currency;
    ticket.order_qty = *Quantity::parse(number(legs.near_qty));
    return ticket;
  }
  void refuses(const Legs& legs, std::string_view control, std::string_view text) {
    const std::vector<Sent> sent = asks(legs);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0][150], "8") << sent[0].bytes;
    EXPECT_NE(sent[0][58].find(control), std::string::npos) << sent[0][58];
    EXPECT_NE(sent[0][58].find(text), std::string::npos) << sent[0][58];
    shows("pos 0, ob 0, os 0, EUR in 0, EUR out 0, USD in 0, USD out 0, gross 0, orders 0");
  }
  std::vector<Sent> fills_at(const Ticket& swap, std::string_view quantity, std::string_view cum,
                             std::string_view prices, std::string_view id) {
    const Quantity total = *Quantity::parse(number(cum));
    const Quantity leaves = swap.order_qty - total;
    return reports(swap, "17=" + std::string(id) + "|150=F|39=" + (leaves.is_zero() ? "2" : "1") +
                             "|32=" + number(quantity) + "|14=" + total.to_string() + "|151=" + leaves.to_string() +
                             "|" + std::string(prices));
  }

  Sent at_broker;
  int ids_ = 0;
};

TEST_F(Swaps, E32_LegsAreNettedInPositionsAndStandAloneInSettlement) {
  const Ticket swap = swaps({});
  shows("pos 0, ob 0, os 0, EUR in 0, EUR out 0, USD in 50,000, USD out 0, NOP 0, gross 11m, orders 1");
  shows("DSL 2026-11-25 11m, DSL 2026-12-23 11.05m");
  // The broker sees both legs.
  EXPECT_EQ(at_broker[40], "G");
  EXPECT_EQ(at_broker[38], "10000000");
  EXPECT_EQ(at_broker[44], "1.1");
  EXPECT_EQ(at_broker[192], "10000000");
  EXPECT_EQ(at_broker[193], "20261223");
  EXPECT_EQ(at_broker[640], "1.105");
}

TEST_F(Swaps, E32_AnUnevenFarLegLeavesAPosition) {
  swaps({.far_qty = "12m"});
  shows("ob 0, os 2m, EUR in 0, EUR out 2m, USD in 2.26m, NOP 2.2m, gross 13.2m");
  shows("DSL 2026-11-25 11m, DSL 2026-12-23 13.26m");
}

TEST_F(Swaps, AnExecutionMovesBothLegsAtItsOwnPrices) {
  const Ticket swap = swaps({});
  const std::vector<Sent> told = fills_at(swap, "4m", "4m", "31=1.0999|194=1.0999|195=0|641=0.0061", "X1");
  shows("pos 0, EUR 0, USD 24,400, USD in 30,000, gross 6.6m, traded 4.4m");
  // Near: 4m bought and 6m to come; far: 4m sold at 1.1060 and 6m to come at 1.1050.
  shows("DSL 2026-11-25 11m, DSL 2026-12-23 11.054m");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0][192], "10000000");
  EXPECT_EQ(told[0][193], "20261223");
  EXPECT_EQ(told[0][641], "0.0061");
  fills_at(swap, "6m", "10m", "31=1.1000|194=1.1000|641=0.0050", "X2");
  shows("pos 0, EUR 0, USD 54,400, USD in 0, gross 0, traded 11m, orders 0");
  shows("DSL 2026-11-25 11m, DSL 2026-12-23 11.054m");
  EXPECT_FALSE(gateway.state().risk.verify()) << gateway.state().risk.verify()->what;
}

TEST_F(Swaps, TheFarLegsOwnPriceIsTakenWhereTheBrokerSaysNone) {
  const Ticket swap = swaps({});
  fills_at(swap, "10m", "10m", "31=1.1000", "X1");
  shows("USD 50,000, DSL 2026-12-23 11.05m");
  EXPECT_TRUE(alerted(order::AlertCode::kImpossibleReport, "far leg"));
}

TEST_F(Swaps, ABustTakesBothLegsBack) {
  const Ticket swap = swaps({});
  fills_at(swap, "4m", "4m", "31=1.1000|194=1.1000|641=0.0050", "X1");
  reports(swap, "17=X2|19=X1|150=H|39=0|14=0|151=10000000");
  shows("pos 0, EUR 0, USD 0, USD in 50,000, gross 11m, traded 0");
  shows("DSL 2026-11-25 11m, DSL 2026-12-23 11.05m");
}

TEST_F(Swaps, ACorrectionMovesTheFarLegToo) {
  const Ticket swap = swaps({.far_qty = "12m"});
  fills_at(swap, "5m", "5m", "31=1.1000|194=1.1000|641=0.0050", "X1");
  shows("pos -1m, os 1m, EUR -1m, EUR out 1m");
  reports(swap, "17=X2|19=X1|150=G|39=1|32=2500000|31=1.1000|194=1.1000|641=0.0050|14=2500000|151=7500000");
  shows("pos -500000, os 1.5m, EUR -500000, EUR out 1.5m, USD 565,000, USD in 1.695m");
  shows("DSL 2026-11-25 11m, DSL 2026-12-23 13.26m");
  EXPECT_FALSE(gateway.state().risk.verify()) << gateway.state().risk.verify()->what;
}

class FlatSwaps : public Swaps {
 protected:
  static config::Config with_flat_days() {
    config::Config c = with_swaps();
    c.risk.roll.positions = config::RollPositions::kFlat;
    return c;
  }
  FlatSwaps() : Swaps(with_flat_days()) {}
};

// As of an order of one leg: what settles stays as it was, and what the bust gives back to the order is open.
TEST_F(FlatSwaps, ABustOfADayThatEndedFlatLeavesWhatItsLegsSettle) {
  const Ticket swap = swaps({});
  fills_at(swap, "4m", "4m", "31=1.1000|194=1.1000|641=0.0050", "X1");
  gateway.command(order::RollDay{gateway.state().trade_date + 1});
  shows("pos 0, DSL 2026-11-25 11m, DSL 2026-12-23 11.05m");
  reports(swap, "17=X2|19=X1|150=H|39=0|14=0|151=10000000");
  shows("pos 0, DSL 2026-11-25 15.4m, DSL 2026-12-23 15.47m");
  EXPECT_TRUE(alerted(order::AlertCode::kLateFill, "a bust or correction of a day that ended without positions"));
  EXPECT_FALSE(gateway.state().risk.verify());
}

TEST_F(Swaps, WhatIsCancelledIsReleasedByLeg) {
  const Ticket swap = swaps({.far_qty = "12m"});
  fills_at(swap, "5m", "5m", "31=1.1000|194=1.1000|641=0.0050", "X1");
  reports(swap, "150=4|39=4|14=5000000|151=0");
  shows("pos -1m, ob 0, os 0, EUR -1m, EUR in 0, EUR out 0, USD in 0, USD out 0, gross 0, orders 0");
  shows("DSL 2026-11-25 5.5m, DSL 2026-12-23 6.63m");
}

TEST_F(Swaps, AReplaceHoldsTheLargestOfEachDirection) {
  const Ticket swap = swaps({.far_qty = "12m"});
  Legs less{.far_qty = "9m"};
  const std::vector<Sent> sent =
      gateway.from_client("alpha", "35=G|11=R1|41=" + swap.cl_ord_id + "|" + fields_of(less));
  ASSERT_EQ(sent.size(), 1u);
  ASSERT_EQ(sent[0].type(), "G") << sent[0].bytes;
  EXPECT_EQ(sent[0][192], "9000000");
  EXPECT_EQ(sent[0][193], "20261223");
  // Live: EUR -2m, USD +2.26m; asked: EUR +1m, USD -1.055m. It may come to either.
  shows("ob 1m, os 2m, EUR in 1m, EUR out 2m, USD in 2.26m, USD out 1.055m, gross 13.2m");
  Ticket replace = swap;
  replace.given = sent[0][11];
  replace.original = swap.given;
  reports(replace, "150=5|39=0|14=0|151=10000000|38=10000000|192=9000000");
  shows("ob 1m, os 0, EUR in 1m, EUR out 0, USD in 0, USD out 1.055m, gross 9.9m");
  shows("DSL 2026-11-25 11m, DSL 2026-12-23 9.945m");
}

TEST_F(Swaps, ARefusedReplaceGivesItsLegsBack) {
  const Ticket swap = swaps({});
  Legs more{.far_qty = "12m"};
  const std::vector<Sent> sent =
      gateway.from_client("alpha", "35=G|11=R1|41=" + swap.cl_ord_id + "|" + fields_of(more));
  ASSERT_EQ(sent[0].type(), "G") << sent[0].bytes;
  shows("os 2m, EUR out 2m, DSL 2026-12-23 13.26m");
  Ticket replace = swap;
  replace.given = sent[0][11];
  replace.original = swap.given;
  rejects(replace, "0");
  shows("os 0, EUR out 0, USD in 50,000, gross 11m, DSL 2026-12-23 11.05m");
}

TEST_F(Swaps, DealtInTheTermCurrency) {
  // Sells 11m USD near at 1.1000 and buys 11.05m back at 1.1050: 10m EUR both times.
  swaps({.side = "2", .near_qty = "11m", .far_qty = "11.05m", .currency = "USD"});
  shows("ob 0, os 0, EUR in 0, EUR out 0, USD in 50,000, gross 11.05m");
  shows("DSL 2026-11-25 11m, DSL 2026-12-23 11.05m");
}

TEST_F(Swaps, EachLegCountsOnItsOwnDate) {
  limit("account ALPHA-1", "max_daily_settlement", "11.04m");
  refuses({}, "D6", "settles");
  limit("account ALPHA-1", "max_daily_settlement", "11.05m");
  swaps({});
}

TEST_F(Swaps, PositionLimitsSeeTheNet) {
  limit("account ALPHA-1", "max_short_position", "1,999,999");
  refuses({.far_qty = "12m"}, "D3", "short position");
  limit("account ALPHA-1", "max_short_position", "2m");
  swaps({.far_qty = "12m"});
}

TEST_F(Swaps, BothPricesAreHeldToTheCollar) {
  refuses({.near_px = "1.1221"}, "B3", "Price(44)");
  refuses({.far_px = "1.0779"}, "B3", "Price2(640)");
  refuses({.side = "2", .near_px = "1.0779"}, "B3", "Price(44)");
}

TEST_F(Swaps, WhatIsMissingIsRefused) {
  refuses({.far_date = ""}, "A6", "SettlDate2(193)");
  refuses({.far_date = "20261125"}, "A6", "after its near leg");
  refuses({.far_date = "20261226"}, "A6", "does not settle");
  refuses({.far_px = "0"}, "", "Price2(640)");
  const std::vector<Sent> sent = gateway.from_client(
      "alpha", "35=D|11=P1|1=ALPHA-1|55=EUR/USD|54=1|40=2|38=1000000|44=1.1|193=20261223|60=20261123-12:00:00|");
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0][150], "8") << "a far leg of an order that is no swap: " << sent[0].bytes;
}

TEST_F(Swaps, ReduceOnlyTakesNone) {
  holds("10m");
  sets_state("account ALPHA-1", order::ScopeState::kReduceOnly);
  const std::vector<Sent> sent = asks({.side = "2"});
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_NE(sent[0][58].find("A1"), std::string::npos) << sent[0][58];
}

class NoSwaps : public RiskDesk {};
TEST_F(NoSwaps, AreRefusedWhereOrderTypesDoNotNameThem) {
  const std::vector<Sent> sent = gateway.from_client(
      "alpha",
      "35=D|11=P1|1=ALPHA-1|55=EUR/USD|54=1|40=G|38=1000000|44=1.1|192=1000000|193=20261223|640=1.1|60=20261123-12:00:00|");
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_NE(sent[0][58].find("A3"), std::string::npos) << sent[0][58];
}

class BothLegs : public Swaps {
 protected:
  static config::Config both() {
    config::Config c = with_swaps();
    c.risk.swap_gross = config::SwapGross::kBoth;
    return c;
  }
  BothLegs() : Swaps(both()) {}
};
TEST_F(BothLegs, GrossAndVolumeCountBoth) {
  const Ticket swap = swaps({});
  shows("gross 22m");
  fills_at(swap, "10m", "10m", "31=1.1000|194=1.1000|641=0.0050", "X1");
  shows("gross 0, traded 22m");
}

// --- who speaks of which leg, and of which currency -------------------------------------------------------------

class OtherSides : public Swaps {
 protected:
  static config::Config other_sides() {
    config::Config c = with_swaps();
    c.clients[0].swap_side_leg = config::SwapSideLeg::kFar;
    c.brokers[0].dialect.side_basis = config::SideBasis::kBase;
    return c;
  }
  OtherSides() : Swaps(other_sides()) {}
};

TEST_F(OtherSides, AClientMaySpeakOfTheFarLeg) {
  const Ticket swap = swaps({.side = "2"});  // sells the far leg, and so buys the near one
  EXPECT_EQ(at_broker[54], "1");
  shows("USD in 50,000, DSL 2026-12-23 11.05m");
  const std::vector<Sent> told = reports(swap, "150=0|39=0|14=0|151=10000000");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0][54], "2") << "the client hears it in its own terms";
}

TEST_F(OtherSides, ABrokerMaySpeakOfTheBaseCurrency) {
  // Buys USD, which sells EUR: what this broker calls a sale.
  const Ticket order = places("buy 5.5m 15=USD @1.10");
  const gateway::Order& known = gateway.order(0);
  EXPECT_EQ(known.side, order::Side::kBuy);
  shows("os 5m, ob 0");
  const std::vector<Sent> told = reports(order, "150=0|39=0|14=0|151=5500000");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0][54], "1");
}

TEST_F(OtherSides, CashOrderQtySpeaksOfTheBaseCurrencyAnyway) {
  const std::vector<Sent> sent = says("buy 152=1000000");
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].type(), "D");
  EXPECT_EQ(sent[0][54], "1");
}

class OfTheBase : public Swaps {
 protected:
  static config::Config of_the_base() {
    config::Config c = with_swaps();
    c.clients[0].side_basis = config::SideBasis::kBase;
    return c;
  }
  OfTheBase() : Swaps(of_the_base()) {}
};

TEST_F(OfTheBase, AClientMaySpeakOfTheBaseCurrency) {
  const std::vector<Sent> sent = says("buy 5.5m 15=USD @1.10");
  ASSERT_EQ(sent.size(), 1u);
  ASSERT_EQ(sent[0].type(), "D") << sent[0].bytes;
  EXPECT_EQ(sent[0][54], "2") << "its broker hears FIX's own meaning: what is dealt is sold";
  shows("ob 5,050,964.23, os 0");
  // A replace says the same side again, and a short sale has no other side to be turned to.
  const std::vector<Sent> replace = gateway.from_client(
      "alpha", "35=G|11=R1|41=C1|1=ALPHA-1|55=EUR/USD|54=1|15=USD|40=2|44=1.10|38=5000000|60=20261123-12:00:00|");
  ASSERT_EQ(replace.size(), 1u);
  EXPECT_EQ(replace[0].type(), "G") << replace[0].bytes;
  EXPECT_EQ(replace[0][54], "2");
  const std::vector<Sent> refused = says("buy 1m 15=USD 54=5 @1.10");
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0][150], "8");
  EXPECT_EQ(refused[0][54], "5");
}

// --- what outlives a restart and a day ---------------------------------------------------------------------------

TEST_F(Swaps, ARestartKnowsBothLegs) {
  const Ticket swap = swaps({.far_qty = "12m"});
  fills_at(swap, "5m", "5m", "31=1.1000|194=1.1000|641=0.0050", "X1");
  gateway = gateway::testing::Gateway::recovered_from(gateway);
  gateway.restart();
  shows("pos -1m, os 1m, EUR -1m, EUR out 1m, USD in 1.13m");
  shows("DSL 2026-11-25 11m, DSL 2026-12-23 13.26m");
  EXPECT_FALSE(gateway.state().risk.verify()) << gateway.state().risk.verify()->what;
}

// E1: two persons have let the account trade again while its loss stands. What is executed next nets to nothing.
TEST_F(Swaps, ALossThatStandsIsLookedAtWithAnExecutionThatNetsToNothing) {
  limit("account ALPHA-1", "max_daily_loss", "200,000");
  limit("account ALPHA-1", "price_collar_percent", "5");
  const Ticket swap = swaps({.far_px = "1.1000"});
  fills(places("buy 9m @1.1100"), "9m", "1.1100");
  fills(places("sell 9m @1.0800"), "9m", "1.0800");
  shows("pos 0, state reduce_only");
  sets_state("account ALPHA-1", order::ScopeState::kActive);
  shows("pos 0, state active");
  fills_at(swap, "1m", "1m", "31=1.1000|194=1.1000|641=0.0000", "X1");
  shows("pos 0, state reduce_only");
}

TEST_F(Swaps, TheNearLegSettlesFirst) {
  const Ticket swap = swaps({.far_qty = "12m"});
  fills_at(swap, "10m", "10m", "31=1.1000|194=1.1000|641=0.0050", "X1");
  gateway.command(order::RollDay{Date::parse_iso("2026-11-26")->days()});
  shows("pos -2m, DSL 2026-11-25 0, DSL 2026-12-23 13.26m");
  EXPECT_FALSE(gateway.state().risk.verify()) << gateway.state().risk.verify()->what;
}

}  // namespace
}  // namespace portcullis::scenarios
