#include "tests/scenarios/risk_desk.h"

// Faults that the exact model (exact_model.h) found in random trading days, each as the shortest conversation.

namespace portcullis::scenarios {
namespace {

using gateway::testing::Sent;
using FoundByTheModel = RiskDesk;

TEST_F(FoundByTheModel, AnAcceptedReplaceEndsTheOlderOnesForGood) {
  const Ticket order = live("buy 5m @1.1010");
  replaces(order, "8m");
  const Ticket newer = replaces(order, "4m");
  reports(newer, "150=5|39=0|14=0|151=4000000|44=1.1010");
  shows("ob 4m");
  fills(newer, "1m", "1.1005");
  shows("pos 1m, ob 3m, WL 4m");
}

TEST_F(FoundByTheModel, ABustOfYesterdaysFillTakesNothingFromTodaysVolume) {
  const Ticket order = live("buy 5m 59=1");
  const std::string fill = fills(order, "2m", "1.1000");
  gateway.command(order::RollDay{gateway.state().trade_date + 1});
  fills(order, "1m", "1.1000");
  shows("pos 3m, traded 1.1m");
  const std::string corrected = "17=X|150=G|19=" + fill + "|39=1|32=1500000|31=1.1000|14=2500000|151=2500000";
  reports(order, corrected);
  shows("pos 2.5m, traded 1.1m");
  reports(order, "150=H|19=X|39=1|32=1500000|31=1.1000|14=1000000|151=4000000");
  shows("pos 1m, traded 1.1m");
}

TEST_F(FoundByTheModel, MoreOfAnOldPriceIsHeldToTheCollarToo) {
  const Ticket order = live("buy 1m @1.1200");
  quote("EUR/USD", "1.0899", "1.0901");
  replace_refused(order, "2m", "99");
  shows("ob 1m");
  replaces(order, "500000");
}

TEST_F(FoundByTheModel, AStatusEndsAGoodTillOrderThatWasDoneForTheDay) {
  const Ticket order = live("buy 5m 59=1");
  reports(order, "150=3|39=3|14=0|151=5000000");
  shows("ob 5m, orders 1");
  reports(order, "150=I|39=4|14=0|151=0");
  shows("ob 0, orders 0");
}

// A day order that was done for the day is over: nothing of it is open (A.1.b), so an acknowledgement reserves nothing.
TEST_F(FoundByTheModel, AnAcknowledgementOpensNoDayOrderThatWasDoneForTheDay) {
  const Ticket order = live("buy 5m");
  fills(order, "1m", "1.1000");
  reports(order, "150=3|39=3|14=1000000|151=0");
  shows("pos 1m, ob 0, orders 0");
  reports(order, "150=0|39=1|14=1000000|151=4000000");
  shows("pos 1m, ob 0, orders 0");
}

// FIX 4.4 wants no OrderQty(38) in a report: LeavesQty(151) beside what has executed says as much.
TEST_F(FoundByTheModel, ARestatementThatSaysLeavesQtyAloneIsTaken) {
  const Ticket order = live("buy 5m");
  fills(order, "1m", "1.1000");
  const auto restated = [&](const std::string& id, const std::string& leaves) {
    gateway.from_broker(order.broker, "35=8|37=N-" + order.given + "|11=" + order.given + "|17=" + id +
                                          "|55=EUR/USD|54=1|150=D|39=1|378=5|14=1000000|151=" + leaves +
                                          "|6=1.1|60=20261123-12:00:00|");
  };
  restated("R1", "7000000");
  shows("pos 1m, ob 7m");
  restated("R2", "2000000");
  shows("pos 1m, ob 2m");
  restated("R3", "0");
  shows("pos 1m, ob 2m, orders 1");
}

TEST_F(FoundByTheModel, ARestatementOfAnOrderByCashOrderQtySaysItThere) {
  const Ticket order = live("market buy 152=1000000");
  shows("ob 918,357.14, USD out 1m");
  for (const std::string units : {"", "38=450000|"}) {
    gateway.from_broker(order.broker, "35=8|37=N-" + order.given + "|11=" + order.given + "|17=R" + units.substr(0, 2) +
                                          "|55=EUR/USD|54=1|15=USD|150=D|39=0|378=5|14=0|" + units +
                                          (units.empty() ? "152=2000000|151=2000000" : "152=500000|151=500000") +
                                          "|6=0|60=20261123-12:00:00|");
    shows(units.empty() ? "ob 1,836,714.27, USD out 2m" : "ob 459,178.57, USD out 500000");
  }
}

// At a price of zero the term currency would be booked without the base currency, and nothing would be open any more.
TEST_F(FoundByTheModel, AFillOfAPairWithoutAPriceAboveZeroIsNotBooked) {
  const Ticket order = live("buy 5.5m @1.10 15=USD");
  shows("os 5m, EUR 0, USD 0");
  for (const char* price : {"0", "-1.1"}) {
    reports(order, "150=F|39=1|32=1100000|14=1100000|151=4400000|31=" + std::string(price));
    shows("pos 0, os 5m, EUR 0, USD 0");
    EXPECT_TRUE(alerted(order::AlertCode::kImpossibleReport));
  }
  const std::string fill = fills(order, "1100000", "1.1000");
  shows("pos -1m, os 4m, EUR -1m, USD 1.1m");
  reports(order, "150=G|39=1|19=" + fill + "|32=2200000|31=0|14=2200000|151=3300000");
  shows("pos -1m, os 4m, EUR -1m, USD 1.1m");
}

// Some brokers reject a replace or a cancel by a report, beside the OrdStatus(39) of the order that goes on.
TEST_F(FoundByTheModel, AReportThatRejectsARequestOfAnOpenOrderReleasesTheRequestAlone) {
  const Ticket order = live("buy 1m");
  const Ticket newer = replaces(order, "2m");
  shows("ob 2m");
  std::vector<Sent> told = reports(newer, "150=8|39=0|38=1000000|14=0|151=1000000|58=no");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].type(), "9");
  EXPECT_EQ(told[0][434], "2");
  EXPECT_EQ(told[0][39], "0");
  shows("ob 1m, orders 1");
  EXPECT_TRUE(reports(newer, "150=8|39=0|38=1000000|14=0|151=1000000|58=no").empty());
  EXPECT_TRUE(alerted(order::AlertCode::kImpossibleReport));
  shows("ob 1m, orders 1");
  told = reports(cancels(order), "150=8|39=0|14=0|151=1000000|58=no");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].type(), "9");
  EXPECT_EQ(told[0][434], "1");
  shows("ob 1m, orders 1");
  reports(order, "150=8|39=8|14=0|151=0|58=no");
  shows("ob 0, orders 0");
}

// The price that a broker restates, or replaces to, is the order's: what it can cost at most follows.
TEST_F(FoundByTheModel, AWorsePriceOfTheBrokersIsReserved) {
  const Ticket order = live("buy 5m @1.1010");
  reports(order, "150=D|39=0|378=2|14=0|151=5000000|44=1.1200");
  shows("ob 5m, USD out 5.6m");
  EXPECT_TRUE(alerted(order::AlertCode::kQuantityMismatch, "the broker restated the order to a worse Price(44)"));
  fills(order, "1m", "1.1000");
  shows("ob 4m, USD out 4.48m");
  const Ticket newer = replaces(order, "5m @1.1020");
  reports(newer, "150=5|39=1|14=1000000|151=4000000|44=1.1300");
  shows("ob 4m, USD out 4.52m");
  reports(newer, "150=D|39=1|378=2|14=1000000|151=4000000|44=1.0500");
  shows("ob 4m, USD out 4,408,000");
}

TEST_F(FoundByTheModel, AWorsePriceOfTheBrokersIsReservedWhereTheTermCurrencyIsDealt) {
  const Ticket order = live("buy 5.5m @1.10 15=USD");
  shows("os 5m");
  reports(order, "150=D|39=0|378=2|14=0|151=5500000|44=1.0000");
  shows("os 5.5m, EUR out 5.5m");
}

class AgedQuote : public RiskDesk {
 protected:
  static config::Config aging() {
    config::Config c = configuration_of_the_examples();
    c.reference.stale_after = Duration::seconds(60);
    return c;
  }
  AgedQuote() : RiskDesk(aging()) {}
};
using FoundByTheModelOnAgedQuotes = AgedQuote;

TEST_F(FoundByTheModelOnAgedQuotes, MoreOfAnOldPriceNeedsAMarket) {
  const Ticket order = live("buy 1m @1.1000");
  gateway.pass(Duration::seconds(61));
  replace_refused(order, "2m", "99");
  replaces(order, "500000");
}

TEST_F(FoundByTheModel, AnOrderThatABustOpensAgainOnAnotherDayCanBeCanceledByItsClient) {
  const Ticket order = live("buy 1m");
  const std::string fill = fills(order, "1m", "1.1000");
  gateway.command(order::RollDay{gateway.state().trade_date + 1});
  reports(order, "150=H|19=" + fill + "|39=0|32=1000000|31=1.1000|14=0|151=1000000");
  shows("pos 0, ob 1m, orders 1");
  cancels(order);
}

TEST_F(FoundByTheModel, ACorrectionThatFillsAnOrderDoneForTheDayCanBeBusted) {
  const Ticket order = live("buy 2m 59=1");
  const std::string fill = fills(order, "1m", "1.1000");
  reports(order, "150=3|39=3|14=1000000|151=1000000");
  reports(order, "17=X|150=G|19=" + fill + "|39=2|32=2000000|31=1.1000|14=2000000|151=0");
  shows("pos 2m, ob 0, orders 0");
  reports(order, "150=H|19=X|39=0|32=2000000|31=1.1000|14=0|151=2000000");
  shows("pos 0, ob 2m, orders 1");
}

class AgedOrder : public RiskDesk {
 protected:
  static config::Config aging() {
    config::Config c = configuration_of_the_examples();
    c.clients[0].max_order_age = Duration::seconds(5);
    return c;
  }
  AgedOrder() : RiskDesk(aging()) {}
};

TEST_F(AgedOrder, IsRefusedWithCodeAndControl) {
  gateway.pass(Duration::seconds(61));
  const std::vector<Sent> sent = says("buy 1m");
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0][103], "8");
  EXPECT_TRUE(sent[0][58].starts_with("RISK-13 A5: ")) << sent[0][58];
}

TEST_F(FoundByTheModel, EveryRefusalOfAControlNamesItsCodeAndControl) {
  const auto text_of = [&](const std::string& order, const std::string& account) {
    const std::vector<Sent> sent = says(order, account);
    return sent.size() == 1 ? sent[0][58] : std::string();
  };
  EXPECT_TRUE(text_of("buy 1m", "BETA-1").starts_with("RISK-10 A2: "));
  EXPECT_TRUE(text_of("buy 1m EUR/CHF", "ALPHA-1").starts_with("RISK-9 A2: "));
  const Ticket first = live("buy 1m");
  const std::vector<Sent> again =
      gateway.from_client("alpha", "35=D|11=" + first.cl_ord_id +
                                       "|1=ALPHA-1|55=EUR/USD|54=1|38=1000000|40=2|44=1.1|60=20261123-12:00:00|");
  ASSERT_EQ(again.size(), 1u);
  EXPECT_TRUE(again[0][58].starts_with("RISK-12 A4: ")) << again[0][58];
}

}  // namespace
}  // namespace portcullis::scenarios
