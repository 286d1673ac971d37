#include "risk/engine.h"
#include "tests/scenarios/risk_desk.h"

// The worked examples 1 to 10 of pre-trade risk, by their numbers: one order or replace, its decision as the client
// reads it, and the exposures as GET /exposures shows them. risk_desk.h explains the words.

namespace portcullis::scenarios {
namespace {

using WorkedExamples = RiskDesk;

TEST_F(WorkedExamples, E01_AnOrderReservesItsAmounts) {
  places("buy 5m @1.1010");
  shows("ob 5m, WL 5m, EUR in 5m, USD out 5,505,000, gross 5.5m, orders 1");
  shows("ob 5m, WL 5m, EUR in 5m, USD out 5,505,000, gross 5.5m, orders 1", "firm");
}

TEST_F(WorkedExamples, E02_MaximumQuantity) {
  refused("buy 10,000,001 @1.1000", "B1", "3");
  places("buy 9m");
}

TEST_F(WorkedExamples, E03_MaximumNotional) {
  refused("buy 9.2m", "B2", "3");
  places("buy 9,090,909");
}

TEST_F(WorkedExamples, E04_Collar) {
  refused("buy 1m @1.1221", "B3", "99");
  places("buy 1m @1.1220");
  refused("sell 1m @1.0779", "B3", "99");
  places("sell 1m @1.0780");
  places("buy 1m @1.05");
}

TEST_F(WorkedExamples, E05_AMarketOrderIsValuedWithTheBuffer) {
  places("market buy 5m");
  shows("ob 5m, USD out 5,555,505");
}

TEST_F(WorkedExamples, E07_PositionLimit) {
  holds("18m");
  places("buy 1m");
  refused("buy 2m", "D3", "3");
  places("buy 1m");
  shows("pos 18m, ob 2m, WL 20m");
}

TEST_F(WorkedExamples, E08_ABreachedPositionMayOnlyShrink) {
  limit("account ALPHA-1", "max_long_position", "30m");
  holds("22m");
  limit("account ALPHA-1", "max_long_position", "20m");
  places("sell 5m");
  shows("pos 22m, os 5m, WS -17m");
  refused("buy 1", "D3", "3");
}

TEST_F(WorkedExamples, E09_OpenSellsArePastThePosition) {
  limit("account ALPHA-1", "max_long_position", "30m");
  holds("22m");
  limit("account ALPHA-1", "max_long_position", "20m");
  limit("account ALPHA-1", "max_gross_open_notional", "100m");
  limit("account ALPHA-1", "max_daily_settlement", "1bn");
  for (int i = 0; i < 5; ++i) places("sell 7m");
  shows("pos 22m, os 35m, WS 13m");
  refused("sell 8m", "D3", "3");
  places("sell 7m");
  shows("WS 20m");
}

TEST_F(WorkedExamples, E10_AShortPositionMakesRoomForBuys) {
  holds("-10m");
  places("buy 8m");
  places("buy 7m");
  places("buy 8m");
  shows("pos -10m, ob 23m, WL 13m");
}

class WithoutAQuote : public RiskDesk {
 protected:
  static config::Config without_a_quote() {
    config::Config c = configuration_of_the_examples();
    std::erase_if(c.reference.quotes, [](const config::ReferenceQuote& q) { return q.symbol == "EUR/USD"; });
    return c;
  }
  WithoutAQuote() : RiskDesk(without_a_quote()) {}
};
using WorkedExamplesWithoutAQuote = WithoutAQuote;

TEST_F(WorkedExamplesWithoutAQuote, E06_AMarketOrderNeedsOne) {
  const auto sent = says("market buy 5m");
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0][103], "99");
  EXPECT_TRUE(sent[0][58].starts_with("RISK-6 ")) << sent[0][58];
  shows("ob 0, EUR in 0, USD out 0, gross 0, orders 0");
}

}  // namespace
}  // namespace portcullis::scenarios
