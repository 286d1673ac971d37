#include "tests/scenarios/risk_desk.h"

// The worked examples 25 to 36 of pre-trade risk: dealt currencies, currencies and their net positions, settlement,
// rates that age, stops, and the day's volume.

namespace portcullis::scenarios {
namespace {

using WorkedExamples = RiskDesk;

TEST_F(WorkedExamples, E25_ABuyOfTheTermCurrencySellsTheBase) {
  const Ticket order = places("buy 5.5m @1.10 15=USD");
  shows("os 5m, ob 0, EUR out 5m, USD in 5.5m, gross 5.5m");
  fills(order, "5.5m", "1.1005");
  shows("os 0, EUR -4,997,728.31, USD 5.5m, USD in 0, EUR out 0");
}

TEST_F(WorkedExamples, E26_ASaleOfTheTermCurrencyIsDividedByTheLowestPrice) {
  places("sell 5.5m @1.10 15=USD");
  shows("os 0, ob 5,050,964.23, USD out 5.5m");
}

TEST_F(WorkedExamples, E27_CashOrderQty) {
  places("market buy 152=1000000");
  shows("ob 918,357.14, USD out 1m");
}

TEST_F(WorkedExamples, E27_BothOrNeitherQuantity) {
  for (const char* order : {"buy 1m 152=1000000", "market buy"}) {
    const auto sent = says(order);
    ASSERT_EQ(sent.size(), 1u) << order;
    EXPECT_EQ(sent[0].session, "alpha");
    EXPECT_EQ(sent[0][150], "8");
    EXPECT_EQ(sent[0][103], "13") << order << ": " << sent[0][58];
  }
  shows("ob 0, gross 0, orders 0");
}

TEST_F(WorkedExamples, E28_ACrossIsValuedByItsDealtCurrency) {
  places("buy 4m GBP/JPY @187.60");
  shows("GBP/JPY ob 4m, gross 5m, GBP in 4m, JPY out 750.4m");
}

class WithoutARate : public RiskDesk {
 protected:
  static config::Config without_yen() {
    config::Config c = configuration_of_the_examples();
    std::erase_if(c.reference.rates, [](const config::ReferenceRate& r) { return r.currency == "JPY"; });
    // Nor a quote that it would follow from.
    std::erase_if(c.reference.quotes, [](const config::ReferenceQuote& q) { return q.symbol == "USD/JPY"; });
    return c;
  }
  WithoutARate() : RiskDesk(without_yen()) {}
};
using WorkedExamplesWithoutARate = WithoutARate;

TEST_F(WorkedExamplesWithoutARate, E28_ACrossWithoutAYenRateIsRefused) {
  const auto sent = says("buy 4m GBP/JPY @187.60");
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0][150], "8");
  EXPECT_EQ(sent[0][103], "99");
  EXPECT_TRUE(sent[0][58].starts_with("RISK-6 ")) << sent[0][58];
  shows("GBP/JPY ob 0, gross 0, JPY out 0");
}

TEST_F(WorkedExamples, E35_AStopIsReservedFromEntry) {
  places("buy 2m stop 1.1100");
  shows("ob 2m, USD out 2,242,200");
}

TEST_F(WorkedExamples, E35_AStopLimitIsReservedAtItsLimit) {
  places("buy 2m stop 1.1100 @1.1150");
  shows("ob 2m, USD out 2,230,000");
}

class AgingRates : public RiskDesk {
 protected:
  static config::Config aging() {
    config::Config c = configuration_of_the_examples();
    c.reference.stale_after = Duration::seconds(60);
    return c;
  }
  AgingRates() : RiskDesk(aging()) { rate("USD", "1"); }
  // The market is fresh but for the euro's rate, which is this old.
  void euro_rate_is_old(int seconds) {
    rate("EUR", "1.10");
    gateway.pass(Duration::seconds(seconds));
    quote("EUR/USD", "1.0999", "1.1001");
  }
};
using WorkedExamplesOfAge = AgingRates;

TEST_F(WorkedExamplesOfAge, E34_AFreshRate) {
  euro_rate_is_old(0);
  places("buy 9m");
  shows("gross 9.9m");
}

TEST_F(WorkedExamplesOfAge, E34_AStaleRateHasAHaircut) {
  euro_rate_is_old(90);
  refused("buy 9m", "B2", "3");
  limit("account ALPHA-1", "max_order_notional", "10.098m");
  places("buy 9m");
  shows("gross 10.098m");
}

// The haircut is of the whole position that an order makes larger, not only of what it adds.
TEST_F(WorkedExamplesOfAge, E34_AStaleRateHasAHaircutOnWhatIsHeld) {
  holds("10m");
  euro_rate_is_old(90);
  limit("account ALPHA-1", "max_currency_position", "16829999.99");
  refused("buy 5m", "D4", "3");  // 15m at 1.122: 16.83m
  limit("account ALPHA-1", "max_currency_position", "16.83m");
  limit("account ALPHA-1", "max_net_open_position", "16829999.99");
  refused("buy 5m", "D5", "3");
  limit("account ALPHA-1", "max_net_open_position", "16.83m");
  places("buy 5m");
}

TEST_F(WorkedExamplesOfAge, E34_ADeadRateRefuses) {
  euro_rate_is_old(301);
  const auto sent = says("buy 9m");
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0][150], "8");
  EXPECT_EQ(sent[0][103], "99");
  EXPECT_TRUE(sent[0][58].starts_with("RISK-6 ")) << sent[0][58];
  shows("gross 0, orders 0");
}

}  // namespace
}  // namespace portcullis::scenarios
