#include "tests/scenarios/risk_desk.h"

// What is no spot: non-deliverable forwards, which leave the positions when they are fixed, and instruments that are no
// FX, which are counted in units and valued by price and multiplier. And rates that nobody has told.

namespace portcullis::scenarios {
namespace {

using gateway::testing::Sent;

class Forwards : public RiskDesk {
 protected:
  static config::Config with_ndf() {
    config::Config c = configuration_of_the_examples();
    c.instruments[1].type = config::InstrumentType::kFxNdf;  // GBP/USD stands for one
    return c;
  }
  Forwards() : RiskDesk(with_ndf()) {}
};

TEST_F(Forwards, AnNdfIsInPositionsAndNotInSettlement) {
  refused("buy 4m GBP/USD @1.25 64=20261223", "A6", "11");
  refused("buy 4m GBP/USD @1.25 64=20261223 541=20261224", "A6", "11");
  const Ticket order = places("buy 4m GBP/USD @1.25 64=20261223 541=20261221");
  shows("GBP/USD ob 4m, GBP in 4m, USD out 5m, gross 5m, NOP 5m, DSL 2026-12-23 0");
  fills(order, "4m", "1.25");
  shows("GBP/USD pos 4m, GBP 4m, USD -5m, NOP 5m, DSL 2026-12-23 0");
}

TEST_F(Forwards, AnNdfLeavesThePositionsOnceItIsFixed) {
  const Ticket order = places("buy 4m GBP/USD @1.25 64=20261223 541=20261221");
  fills(order, "3m", "1.25");
  gateway.command(order::RollDay{Date::parse_iso("2026-12-21")->days()});
  shows("GBP/USD pos 3m, GBP 3m");
  gateway.command(order::RollDay{Date::parse_iso("2026-12-22")->days()});
  shows("GBP/USD pos 0, GBP 0, USD 0, GBP/USD ob 1m, NOP 1.25m");
  EXPECT_FALSE(gateway.state().risk.verify()) << gateway.state().risk.verify()->what;
  // What is executed after that has nobody's rule: it stays, and somebody is told.
  fills(order, "1m", "1.25");
  shows("GBP/USD pos 1m");
  EXPECT_TRUE(alerted(order::AlertCode::kLateFill, "fixing"));
}

TEST_F(Forwards, OrdersThatOutliveTheirValueDateAreToldOf) {
  live("buy 1m 59=1");  // settles on 2026-11-25
  gateway.command(order::RollDay{Date::parse_iso("2026-11-25")->days()});
  EXPECT_FALSE(alerted(order::AlertCode::kOutlived));
  gateway.command(order::RollDay{Date::parse_iso("2026-11-26")->days()});
  EXPECT_TRUE(alerted(order::AlertCode::kOutlived, "1 open orders"));
  shows("ob 1m, DSL 2026-11-25 0");
}

TEST_F(Forwards, AFixedNdfCannotGrow) {
  const Ticket order = live("buy 1m GBP/USD @1.25 64=20261223 541=20261221 59=1");
  gateway.command(order::RollDay{Date::parse_iso("2026-12-22")->days()});
  quote("GBP/USD", "1.2499", "1.2501");
  replace_refused(order, "2m", "2");
}

// --- no FX ---------------------------------------------------------------------------------------------------------

class Futures : public RiskDesk {
 protected:
  static config::Config with_futures() {
    config::Config c = configuration_of_the_examples();
    config::Instrument future;
    future.symbol = "FES/X";
    future.type = config::InstrumentType::kFuture;
    future.term = "EUR";
    future.multiplier = 10;
    future.price_tick = *Price::parse("0.5");
    future.quantity_min = Quantity::of(1);
    c.instruments.push_back(future);
    c.reference.quotes.push_back({"FES/X", Price::of(5'000), *Price::parse("5000.5")});
    return c;
  }
  Futures() : RiskDesk(with_futures()) {}
};

TEST_F(Futures, AreWorthPriceTimesMultiplierTimesRate) {
  const Ticket order = places("buy 100 FES/X @5000");
  EXPECT_EQ(order.order_qty, Quantity::of(100));
  // 100 x 5,000 x 10 = 5m EUR, 5.5m USD; no currency is bought.
  shows("FES/X ob 100, gross 5.5m, EUR in 0, EUR out 0, NOP 0, orders 1");
  fills(order, "40", "4990");
  shows("FES/X pos 40, FES/X ob 60, EUR 0, gross 3.3m, traded 2,195,600, NOP 0");
  EXPECT_FALSE(gateway.state().risk.verify()) << gateway.state().risk.verify()->what;
}

TEST_F(Futures, ASellIsBoundedByTheMarket) {
  // 5,000.5 x 1.01 x 10 x 100 x 1.10
  places("sell 100 FES/X @4990");
  shows("FES/X os 100, gross 5,555,555.5");
}

TEST_F(Futures, LimitsHoldForThem) {
  refused("buy 200 FES/X @5000", "B2", "3");
  refused("buy 100 FES/X @5000.25", "B1", "99");
  refused("buy 100 FES/X @5200", "B3", "99");
  limit("account ALPHA-1", "max_long_position", "50");
  refused("buy 51 FES/X @5000", "D3", "3");
  places("buy 50 FES/X @5000");
}

// Found by the exact model: such a refusal had asked for the name of a base currency that there is not, and the process
// ended.
TEST_F(Futures, AnOrderThatIsRefusedBeforeAnythingOfItIsKnownIsAnswered) {
  int ids = 0;
  const auto refused_with = [&](const std::string& fields, const std::string& reason) {
    const std::vector<Sent> sent =
        gateway.from_client("alpha", "35=D|11=R" + std::to_string(++ids) + "|" + fields + "55=FES/X|54=1|40=2|44=5000|60=20261123-12:00:00|");
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0][150], "8");
    EXPECT_EQ(sent[0][103], reason) << sent[0].bytes;
  };
  refused_with("1=BETA-1|38=10|", "15");
  refused_with("1=ALPHA-1|", "13");
  refused_with("1=ALPHA-1|38=10|152=10|", "13");
}

// Found by the exact model: the multiplier came with an instrument's first order, so that an execution before it was worth
// something else in the replay than when it came.
TEST_F(Futures, AnExecutionBeforeAnyOrderIsReplayedAtItsMultiplier) {
  gateway.from_broker("northbank", "35=8|37=X|11=NOT-OURS|17=E1|150=F|39=1|55=FES/X|54=2|38=5|32=5|31=4990|14=5|151=0|6=1|");
  quote("FES/X", "5000", "5000.5");
  auto records = gateway.records();
  const gateway::testing::Gateway folded = gateway::testing::Gateway::folded_from(gateway, records);
  const auto& live = gateway.state().risk.state();
  const auto& again = folded.state().risk.state();
  const std::uint32_t instrument = index_of(order::Scope::kInstrument, "FES/X");
  EXPECT_EQ(again.instruments[instrument].multiplier, 10);
  EXPECT_EQ(again.firm.profit.total(), live.firm.profit.total());
  EXPECT_LT(live.firm.profit.total().raw(), 0);
}

TEST_F(Futures, CurrencyMayOnlyBeThatOfTheirPrice) {
  places("buy 1 FES/X @5000 15=EUR");
  const std::vector<Sent> other = says("buy 1 FES/X @5000 15=USD");
  ASSERT_EQ(other.size(), 1u);
  EXPECT_EQ(other[0][150], "8");
  const std::vector<Sent> swap = gateway.from_client(
      "alpha",
      "35=D|11=P1|1=ALPHA-1|55=FES/X|54=1|40=G|38=10|44=5000|192=10|193=20261223|640=5000|60=20261123-12:00:00|");
  ASSERT_EQ(swap.size(), 1u);
  EXPECT_EQ(swap[0][150], "8");
}

TEST_F(Futures, TheirLossCountsTheMultiplier) {
  limit("account ALPHA-1", "max_daily_loss", "10,000");
  const Ticket order = places("buy 100 FES/X @5000");
  fills(order, "100", "5000");
  quote("FES/X", "4991", "4991.5");  // 100 x 9 x 10 = 9,000 EUR
  shows("state active");
  quote("FES/X", "4990", "4990.5");
  shows("state reduce_only");
}

TEST_F(Futures, ARestartMarksThemAlike) {
  const Ticket order = places("buy 100 FES/X @5000");
  fills(order, "100", "5000");
  quote("FES/X", "5010", "5010.5");
  quote("FES/X", "4995", "4995.5");
  const risk::Node* account = gateway.state().risk.state().find(order::Scope::kAccount, 0);
  const Amount peak = account->profit.peak();
  EXPECT_EQ(peak, *Amount::parse("11000"));
  EXPECT_EQ(account->profit.drawdown(), *Amount::parse("16500"));
  gateway::testing::Gateway folded = gateway::testing::Gateway::folded_from(gateway, gateway.records());
  EXPECT_EQ(folded.state().risk.state().find(order::Scope::kAccount, 0)->profit.peak(), peak);
}

// --- E1, from the day's peak -----------------------------------------------------------------------------------

using Drawdown = RiskDesk;
TEST_F(Drawdown, E1_IsMeasuredFromTheDaysPeak) {
  limit("account ALPHA-1", "max_drawdown", "50,000");
  holds("8m", "EUR/USD", "1.1000");
  quote("EUR/USD", "1.1050", "1.1052");  // +40,000
  quote("EUR/USD", "1.0990", "1.0992");  // -8,000: 48,000 below the peak
  shows("state active");
  quote("EUR/USD", "1.0987", "1.0989");  // 50,400
  shows("state reduce_only");
}

// --- rates by way of USD -------------------------------------------------------------------------------------------

class Triangulated : public RiskDesk {
 protected:
  static config::Config without_rates() {
    config::Config c = configuration_of_the_examples();
    c.reference.rates.clear();
    return c;
  }
  Triangulated() : RiskDesk(without_rates()) {}
};

TEST_F(Triangulated, ARateThatNobodyTellsIsTheWorseSideOfTheQuote) {
  places("buy 1m");
  shows("gross 1,100,100");  // 1.1001, the ask
  places("buy 1m GBP/JPY @187.60");
  shows("gross 2,350,200");  // 1.2501
  quote("EUR/USD", "1.1099", "1.1101");
  places("buy 1m @1.11");
  shows("gross 3,460,300");
}

TEST_F(Triangulated, ATermCurrencyIsDividedByTheBid) {
  places("sell 15m USD/JPY @150 15=JPY");  // 15m JPY / 149.99
  shows("gross 100,006.67");
}

TEST_F(Triangulated, ATellersRateCountsBeforeQuotes) {
  rate("EUR", "1.20");
  places("buy 1m");
  shows("gross 1.2m");
  quote("EUR/USD", "1.0999", "1.1001");
  places("buy 1m");
  shows("gross 2.4m");
}

class EuroDesk : public RiskDesk {
 protected:
  static config::Config in_euro() {
    config::Config c = configuration_of_the_examples();
    c.gateway.currency = "EUR";
    c.reference.rates.clear();
    return c;
  }
  EuroDesk() : RiskDesk(in_euro()) {}
};

TEST_F(EuroDesk, UsdItselfFollowsFromItsPairWithTheRiskCurrency) {
  places("buy 1m GBP/USD @1.25");
  // 1.2501 x (1 / 1.0999), each rounded up at 10^-12
  shows("gross 1,136,557.87");
}

// --- without a fresh quote -----------------------------------------------------------------------------------------

class OldQuotes : public RiskDesk {
 protected:
  static config::Config with(config::CollarWithoutData way) {
    config::Config c = configuration_of_the_examples();
    c.reference.stale_after = Duration::seconds(60);
    c.reference.dead_after = Duration::seconds(6'000);
    c.instruments[0].collar_without_data = way;
    c.instruments[0].static_collar = config::Percent::of(5);
    return c;
  }
  explicit OldQuotes(config::CollarWithoutData way) : RiskDesk(with(way)) {}
};

class StaticCollar : public OldQuotes {
 protected:
  StaticCollar() : OldQuotes(config::CollarWithoutData::kStatic) {}
};
TEST_F(StaticCollar, B3_IsAroundTheLastQuote) {
  refused("buy 1m @1.13", "B3", "99");  // 2 % while the quote is fresh
  gateway.pass(Duration::seconds(90));
  places("buy 1m @1.1550");
  EXPECT_TRUE(alerted(order::AlertCode::kMarketData, "without a fresh quote"));
  refused("buy 1m @1.15501", "B3", "99");
  refused("market buy 1m", "B2", "99");
}

class AllowedCollar : public OldQuotes {
 protected:
  AllowedCollar() : OldQuotes(config::CollarWithoutData::kAllow) {}
};
TEST_F(AllowedCollar, B3_PassesLimitsAndNoMarketOrder) {
  gateway.pass(Duration::seconds(90));
  places("buy 1m @1.9");
  EXPECT_TRUE(alerted(order::AlertCode::kMarketData, "stale rate")) << "the rate is as old as the quote";
  refused("market buy 1m", "B2", "99");
}

class RejectedCollar : public OldQuotes {
 protected:
  RejectedCollar() : OldQuotes(config::CollarWithoutData::kReject) {}
};
TEST_F(RejectedCollar, B3_RefusesWithoutData) {
  gateway.pass(Duration::seconds(90));
  refused("buy 1m @1.1", "B3", "99");
}

}  // namespace
}  // namespace portcullis::scenarios
