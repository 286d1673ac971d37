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

TEST_F(Credit, D8_TakesNoCentMoreThanTheLimit) {
  limit("client alpha", "max_credit", "8799999.99");
  refused("buy 8m @1.1", "D8", "3");  // 8.8m
  limit("client alpha", "max_credit", "8.8m");
  places("buy 8m @1.1");
}

TEST_F(Credit, D8_IsToldOfBeforeItIsUsedUp) {
  places("buy 9m");  // 9.9m of 22m
  EXPECT_FALSE(alerted(order::AlertCode::kLimitLevel, "client alpha has used 50 % of max_credit"));
  places("buy 2m");  // 12.1m
  EXPECT_TRUE(alerted(order::AlertCode::kLimitLevel, "client alpha has used 50 % of max_credit"));
}

TEST_F(Credit, D8_IsToldOfWhereAnotherLimitIsAtALevelToo) {
  limit("client alpha", "max_gross_open_notional", "15m");
  places("buy 9m");  // 9.9m of 15m, and of 22m
  EXPECT_TRUE(alerted(order::AlertCode::kLimitLevel, "client alpha has used 50 % of max_gross_open_notional"));
  EXPECT_FALSE(alerted(order::AlertCode::kLimitLevel, "client alpha has used 50 % of max_credit"));
  places("buy 2m");  // 12.1m
  EXPECT_TRUE(alerted(order::AlertCode::kLimitLevel, "client alpha has used 50 % of max_credit"));
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

// The base amount of an NDF counts by its fixing date, while it is open as when it is done.
class NdfCredit : public Credit {
 protected:
  static config::Config with_ndf() {
    config::Config c = with_credit();
    c.risk.tenor_add_on = {{30, config::Percent::of(10)}};
    c.instruments[0].type = config::InstrumentType::kFxNdf;
    return c;
  }
  NdfCredit() : Credit(with_ndf()) {}
};

TEST_F(NdfCredit, D8_AddsForAnNdfThatIsStillOpen) {
  gateway.command(order::RollDay{Date::parse_iso("2026-11-23")->days()});
  const Ticket first = places("buy 8m 64=20270323 541=20270319 @1.1");  // 8.8m and 10 %: 9.68m
  places("buy 8m 64=20270323 541=20270319 @1.1");                      // 19.36m in all
  refused("buy 2.2m 64=20270323 541=20270319 @1.1", "D8", "3");        // 2.662m
  fills(first, "8m", "1.1");
  refused("buy 2.2m 64=20270323 541=20270319 @1.1", "D8", "3");
  places("buy 2.1m 64=20270323 541=20270319 @1.1");  // 2.541m
  reports(first, "150=H|19=E1|39=0|32=8000000|31=1.1|14=0|151=8000000");
  refused("buy 1m 64=20270323 541=20270319 @1.1", "D8", "3");
}

class FutureCredit : public Credit {
 protected:
  static config::Config with_future() {
    config::Config c = with_credit();
    config::Instrument future;
    future.symbol = "FES/X";
    future.type = config::InstrumentType::kFuture;
    future.term = "EUR";
    future.multiplier = 10;
    future.price_tick = *Price::parse("0.5");
    future.quantity_min = Quantity::of(1);
    c.instruments.push_back(future);
    c.reference.quotes.push_back({"FES/X", Price::of(5'000), Price::of(5'000)});
    c.risk.firm.max_credit = Amount::of(12'000'000);
    return c;
  }
  FutureCredit() : Credit(with_future()) {}
  // 1.1m of another client.
  std::vector<Sent> of_another() {
    return gateway.from_client("beta", "35=D|11=B" + std::to_string(++ids_) +
                                           "|1=BETA-1|21=1|55=EUR/USD|54=1|38=1000000|40=2|44=1.1|60=20261123-12:00:00|");
  }
  int ids_ = 0;
};

TEST_F(FutureCredit, D8_WhatIsNoFxIsLentAtTheQuoteOfNowThoughItsClientDoesNothing) {
  const Ticket order = places("buy 100 FES/X @5000");
  fills(order, "100", "5000");  // 5.5m
  quote("FES/X", "10000", "10000");  // 11m
  std::vector<Sent> sent = of_another();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_NE(sent[0][58].find(" D8: "), std::string::npos) << sent[0].bytes;
  quote("FES/X", "5000", "5000");
  sent = of_another();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].type(), "D") << sent[0].bytes;
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
