#include "tests/scenarios/risk_desk.h"

// Credit (D8) and self-cross (D10) through FIX.

namespace portcullis::scenarios {
namespace {

using gateway::testing::Sent;

class Credit : public RiskDesk {
 protected:
  static config::Config with_credit() {
    config::Config c = configuration_of_the_examples();
    c.risk.accounts.clear();
    config::LimitSet client;
    client.max_credit = Amount::of(22'000'000);
    c.risk.clients = {config::ScopeLimits{"alpha", client}};
    c.risk.firm.max_credit = Amount::of(30'000'000);
    return c;
  }
  explicit Credit(config::Config configuration = with_credit()) : RiskDesk(std::move(configuration)) {}
};

TEST_F(Credit, D8_CountsWhatIsOpenAndWhatIsExecuted) {
  holds("8m");           // 8.8m
  places("buy 8m");      // 8.8m more
  places("buy 4m");      // 4.4m: exactly the limit
  refused("buy 1", "D8", "3");
  // What shortens the position makes it no larger, and passes at the limit.
  places("sell 8m");
}

TEST_F(Credit, D8_AReplaceIsAskedForWhatItAdds) {
  const Ticket order = live("buy 8m");
  places("buy 8m GBP/USD @1.25");  // 10m
  replace_refused(order, "11m", "2");
  replaces(order, "10.9m");
}

TEST_F(Credit, D8_ClientsDoNotNetWithEachOther) {
  limit("firm", "max_credit", "17.6m");
  holds("8m");
  std::vector<Sent> sent = gateway.from_client(
      "beta", "35=D|11=B1|1=BETA-1|21=1|55=EUR/USD|54=2|38=8000000|40=2|44=1.1|60=20261123-12:00:00|");
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].type(), "D") << "8.8m of each client: " << sent[0].bytes;
  sent = gateway.from_client("beta",
                             "35=D|11=B2|1=BETA-1|21=1|55=EUR/USD|54=2|38=1000|40=2|44=1.1|60=20261123-12:00:00|");
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_NE(sent[0][58].find("D8"), std::string::npos) << sent[0].bytes;
}

TEST_F(Credit, D8_IsWorkedOutAnewWhenARateMoves) {
  holds("8m");
  rate("EUR", "2.75");  // 22m
  refused("buy 1 @1.1", "D8", "3");
  rate("EUR", "1.10");
  places("buy 1 @1.1");
}

class LateCredit : public Credit {
 protected:
  static config::Config with_add_on() {
    config::Config c = with_credit();
    c.risk.tenor_add_on = {{30, config::Percent::of(10)}, {180, config::Percent::of(25)}};
    return c;
  }
  LateCredit() : Credit(with_add_on()) {}
};

TEST_F(LateCredit, D8_AddsForWhatSettlesLate) {
  gateway.command(order::RollDay{Date::parse_iso("2026-11-23")->days()});
  places("buy 8m");                   // 8.8m, spot: nothing added
  places("buy 8m 64=20270323 @1.1");  // 8.8m and 10 %: 18.48m in all
  refused("buy 3.21m @1.1 64=20270323", "D8", "3");
  places("buy 3.2m @1.1");
}

// --- D10 -------------------------------------------------------------------------------------------------------

class SelfCross : public RiskDesk {
 protected:
  static config::Config with(config::SelfCross way) {
    config::Config c = configuration_of_the_examples();
    c.clients[0].self_cross = way;
    return c;
  }
  explicit SelfCross(config::SelfCross way = config::SelfCross::kReject) : RiskDesk(with(way)) {}
};

TEST_F(SelfCross, D10_ABuyMayNotMeetAnOwnSell) {
  const Ticket sell = live("sell 1m @1.1010");
  places("buy 1m @1.1009");
  refused("buy 1m @1.1010", "D10", "0");
  refused("buy 1m @1.1020", "D10", "0");
  refused("market buy 1m", "D10", "0");
  // Another account of the same client is the same owner.
  refused("buy 1m @1.1010", "D10", "0", "ALPHA-2");
  reports(sell, "150=4|39=4|14=0|151=0");
  places("buy 1m @1.1010");
}

TEST_F(SelfCross, D10_ASellMayNotMeetAnOwnBuy) {
  live("buy 1m @1.1000");
  live("buy 1m @1.0990");
  refused("sell 1m @1.0995", "D10", "0");
  places("sell 1m @1.1001");
}

TEST_F(SelfCross, D10_AFilledOrderRestsNoMore) {
  const Ticket sell = live("sell 1m @1.1010");
  fills(sell, "1m", "1.1010");
  places("buy 1m @1.1010");
}

TEST_F(SelfCross, D10_AReplaceIsHeldToItsNewPrice) {
  live("sell 1m @1.1010");
  const Ticket buy = live("buy 1m @1.1000");
  replace_refused(buy, "1m @1.1010", "2");
  const Ticket replace = replaces(buy, "1m @1.1005");
  // Until the broker answers, it may rest at either price.
  refused("sell 1m @1.1005", "D10", "0");
  rejects(replace, "0");
  places("sell 1m @1.1005");
}

TEST_F(SelfCross, D10_ARestartKnowsWhatRests) {
  live("sell 1m @1.1010");
  gateway = gateway::testing::Gateway::recovered_from(gateway);
  gateway.restart();
  gateway.log_on("alpha", false);
  gateway.log_on("northbank", true);
  gateway.drained("northbank");
  EXPECT_NE(gateway.state().risk.state().open_prices.best(order::ClientId(0), order::InstrumentId(0), false), nullptr);
}

class SelfCrossTold : public SelfCross {
 protected:
  SelfCrossTold() : SelfCross(config::SelfCross::kWarn) {}
};
TEST_F(SelfCrossTold, D10_TakesTheOrderAndSaysSo) {
  live("sell 1m @1.1010");
  places("buy 1m @1.1009");
  EXPECT_FALSE(alerted(order::AlertCode::kSelfCross));
  places("buy 1m @1.1010");
  EXPECT_TRUE(alerted(order::AlertCode::kSelfCross, "D10"));
}

}  // namespace
}  // namespace portcullis::scenarios
