#include "tests/scenarios/risk_desk.h"

// The worked examples 29 to 33, 36 and 39 of pre-trade risk: net positions of currencies, settlement by date, the
// day's volume and the day's loss.

namespace portcullis::scenarios {
namespace {

using WorkedExamples = RiskDesk;
using order::ScopeState;

class WithoutOffset : public RiskDesk {
 protected:
  static config::Config without_offset() {
    config::Config c = configuration_of_the_examples();
    c.risk.offset = config::PositionOffset::kNone;
    return c;
  }
  WithoutOffset() : RiskDesk(without_offset()) {}
};
using WorkedExamplesWithoutOffset = WithoutOffset;

TEST_F(WorkedExamplesWithoutOffset, E10_AShortPositionMakesNoRoomForBuys) {
  limit("account ALPHA-1", "max_long_position", "20m");
  holds("-10m");
  places("buy 8m");
  places("buy 7m");
  refused("buy 8m", "D3", "3");
  shows("pos -10m, ob 15m");
}

// EUR +10m and JPY -1.5bn, as two pairs with the dollar bring them about.
class Crossed : public RiskDesk {
 protected:
  void hold_euros_against_yen() {
    holds("10m", "EUR/USD", "1.1000");
    limit("account ALPHA-1", "max_order_notional", "20m");
    holds("10m", "USD/JPY", "150");
    shows("EUR 10m, JPY -1.5bn, USD -1m, NOP 11m");
  }
};
using WorkedExamplesOfCurrencies = Crossed;

TEST_F(WorkedExamplesOfCurrencies, E29_TheAggregateIsTheLargerOfLongsAndShorts) {
  hold_euros_against_yen();
  limit("account ALPHA-1", "max_net_open_position", "17.24m");
  refused("buy 5m GBP/USD @1.25", "D5", "3");
  limit("account ALPHA-1", "max_net_open_position", "17.25m");
  places("buy 5m GBP/USD @1.25");
  shows("NOP 17.25m");
}

TEST_F(WorkedExamplesOfCurrencies, E30_ACrossMovesBothSides) {
  hold_euros_against_yen();
  limit("account ALPHA-1", "max_net_open_position", "16m");
  refused("buy 5m EUR/JPY @165", "D5", "3");
  limit("account ALPHA-1", "max_net_open_position", "17m");
  places("buy 5m EUR/JPY @165");
  shows("NOP 16.5m, JPY -1.5bn, JPY out 825m");
}

TEST_F(WorkedExamplesOfCurrencies, E31_ACurrencysPositionIsItsWorseSide) {
  holds("10m");
  places("sell 4m");
  limit("account ALPHA-1", "max_currency_position", "17,599,999.99");
  refused("buy 6m", "D4", "3");
  limit("account ALPHA-1", "max_currency_position", "17.6m");
  places("buy 6m");
}

TEST_F(WorkedExamples, E36_TheDaysVolumeCountsWhatIsOpen) {
  limit("account ALPHA-1", "max_long_position", "1bn");
  limit("account ALPHA-1", "max_short_position", "1bn");
  for (int i = 0; i < 12; ++i) holds(i % 2 == 0 ? "6.4m" : "-6.4m", "GBP/USD", "1.25");
  places("buy 2m");
  shows("traded 96m, gross 2.2m");
  refused("buy 2m", "D7", "3");
  places("buy 1.6m");
}

TEST_F(WorkedExamples, E33_SettlementOfOneDate) {
  for (const char* name : {"max_order_quantity", "max_long_position", "max_gross_open_notional",
                           "max_net_open_position", "max_order_notional"}) {
    limit("account ALPHA-1", name, "1bn");
  }
  const std::string date = "64=20261125";
  const std::string other = "64=20261127";
  fills(places("buy 20m " + date), "20m", "1.1000");
  shows("DSL 2026-11-25 22m");
  places("buy 10m " + date);
  shows("DSL 2026-11-25 33m");
  refused("buy 10m " + date, "D6", "3");
  places("buy 10m " + other);
  shows("DSL 2026-11-25 33m, DSL 2026-11-27 11m");
}

TEST_F(WorkedExamples, E39_ALossLatchesReduceOnly) {
  limit("account ALPHA-1", "max_daily_loss", "200,000");
  limit("account ALPHA-1", "price_collar_percent", "5");
  quote("EUR/USD", "1.1049", "1.1051");
  fills(places("buy 9m @1.1100"), "9m", "1.1100");
  fills(places("sell 9m @1.0900"), "9m", "1.0900");
  fills(places("buy 5m @1.1050"), "5m", "1.1050");
  shows("pos 5m, state active");
  quote("EUR/USD", "1.0999", "1.1001");
  gateway.pass(Duration::seconds(1));
  shows("pos 5m, state reduce_only");
  refused("buy 1m", "A1", "0");
  places("sell 5m");
}

TEST_F(WorkedExamples, E39_ALossBelowTheLimitDoesNot) {
  limit("account ALPHA-1", "max_daily_loss", "205,501");
  limit("account ALPHA-1", "price_collar_percent", "5");
  quote("EUR/USD", "1.1049", "1.1051");
  fills(places("buy 9m @1.1100"), "9m", "1.1100");
  fills(places("sell 9m @1.0900"), "9m", "1.0900");
  fills(places("buy 5m @1.1050"), "5m", "1.1050");
  quote("EUR/USD", "1.0999", "1.1001");
  gateway.pass(Duration::seconds(1));
  shows("pos 5m, state active");
  places("buy 1m");
}

// C3: the twentieth order with a fill latches, until two people have re-armed it.
TEST_F(WorkedExamples, E41_RepeatedExecutionsLatch) {
  limit("account ALPHA-1", "repeated_executions", "20");
  for (int i = 0; i < 19; ++i) fills(places("buy 1m"), "1m", "1.1000");
  const Ticket twentieth = places("buy 500000");
  fills(twentieth, "1000", "1.1000");
  refused("buy 1000", "C3", "0");
  order::RearmControl rearm;
  rearm.control = order::Control::kC3;
  rearm.scope = order::Scope::kSession;
  rearm.id = gateway.core().client_session("alpha").value();
  rearm.instrument = order::InstrumentId(gateway.state().instruments.find("EUR/USD"));
  rearm.direction = 1;
  rearm.user = rearm.approver = order::UserText("risk1");
  gateway.command(rearm);
  EXPECT_TRUE(gateway.last_outcome().reject) << "nobody re-arms alone";
  refused("buy 1000", "C3", "0");
  rearm.approver = order::UserText("risk2");
  gateway.command(rearm);
  places("buy 1000");
}

}  // namespace
}  // namespace portcullis::scenarios
