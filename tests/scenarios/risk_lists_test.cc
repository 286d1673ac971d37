#include <algorithm>

#include "config/limits.h"
#include "tests/scenarios/risk_desk.h"

// What may be traded at all (A2: permissions, the restricted list; A3: values of single fields), quotes that are too wide
// to judge by (B3), orders that are large beside their limits (B1, B2) or far behind
// the market (B3), a broker's credit (D8), and days that begin
// without positions; all of it through FIX.

namespace portcullis::scenarios {
namespace {

using gateway::testing::Gateway;
using gateway::testing::Sent;
using order::AlertCode;
using order::ScopeState;

config::Config examples_with(void (*change)(config::Config&)) {
  config::Config c = configuration_of_the_examples();
  change(c);
  return c;
}

config::ScopeLimits& scope(std::vector<config::ScopeLimits>& all, std::string_view id) {
  for (config::ScopeLimits& each : all) {
    if (each.id == id) return each;
  }
  return all.emplace_back(config::ScopeLimits{std::string(id), {}});
}

// --- A2: permissions ---

class Permitted : public RiskDesk {
 protected:
  Permitted()
      : RiskDesk(examples_with([](config::Config& c) {
          scope(c.risk.clients, "alpha").permissions = std::vector<config::Permission>{{.symbols = {"EUR/USD"}}, {.symbols = {"GBP/USD"}, .buy = false}};
          scope(c.risk.accounts, "ALPHA-2").permissions = std::vector<config::Permission>{{.symbols = {}, .sell = false}};
        })) {}
};

TEST_F(Permitted, A2_AClientTradesWhatItIsPermittedAndNothingElse) {
  places("buy 1m");
  places("sell 1m");
  places("sell 1m GBP/USD @1.25");
  refused("buy 1m GBP/USD @1.25", "A2", "0");
  refused("buy 1m GBP/JPY @187.50", "A2", "0");
  const std::vector<Sent> sent = says("buy 1m GBP/USD @1.25");
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0][58], "RISK-8 A2: this side of the instrument is not permitted to the client");
}

TEST_F(Permitted, A2_EachScopeThatSaysItMustAllowTheOrder) {
  places("buy 1m", "ALPHA-2");
  refused("sell 1m", "A2", "0", "ALPHA-2");
  refused("sell 1m GBP/USD @1.25", "A2", "0", "ALPHA-2");
  refused("buy 1m GBP/USD @1.25", "A2", "0", "ALPHA-2");
}

TEST_F(Permitted, A2_TheSideIsThatOfTheBaseCurrency) {
  places("sell 1.1m @1.1 15=USD", "ALPHA-2");  // sells dollars, and so buys euros
  refused("buy 1.1m @1.1 15=USD", "A2", "0", "ALPHA-2");
}

TEST_F(Permitted, A2_WhatIsNotPermittedAnyMoreMayBeReducedAndCanceled) {
  const Ticket order = live("buy 4m");
  config::Config next = configuration_of_the_examples();
  scope(next.risk.clients, "alpha").permissions.emplace();
  gateway.reload(next);
  refused("buy 1m", "A2", "0");
  replace_refused(order, "5m", "2");
  const Ticket less = replaces(order, "3m");
  reports(less, "150=5|39=0|14=0|151=3000000");
  cancels(less);
}

// --- A2: the restricted list ---

class Restricted : public RiskDesk {
 protected:
  Restricted() : RiskDesk(examples_with([](config::Config& c) { c.risk.restricted = {"GBP/USD"}; })) {}
  void restrict(std::vector<std::string> symbols) {
    config::Config next = configuration_of_the_examples();
    next.risk.restricted = std::move(symbols);
    gateway.reload(next);
  }
};

TEST_F(Restricted, A2_ARestrictedInstrumentTakesOnlyWhatReducesWhoeverAsks) {
  refused("buy 1m GBP/USD @1.25", "A2", "0");
  refused("sell 1m GBP/USD @1.25", "A2", "0", "ALPHA-2");
  places("buy 1m");
  const std::vector<Sent> sent = says("buy 1m GBP/USD @1.25");
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0][58], "RISK-8 A2: the instrument is restricted: only orders that reduce a position are accepted");
}

TEST_F(Restricted, A2_APositionMayBeClosedAndNotTurned) {
  restrict({});
  holds("5m");
  const Ticket order = live("buy 2m");
  restrict({"EUR/USD"});
  refused("buy 1", "A2", "0");
  refused("sell 5,000,001", "A2", "0");
  places("sell 5m");
  refused("sell 1", "A2", "0");
  replace_refused(order, "3m", "2");
  const Ticket less = replaces(order, "1m");
  reports(less, "150=5|39=0|14=0|151=1000000");
  cancels(less);
  shows("pos 5m, os 5m, state active");
}

// --- A3: values of single fields ---

class Whitelisted : public RiskDesk {
 protected:
  Whitelisted()
      : RiskDesk(examples_with([](config::Config& c) {
          c.clients[0].exec_inst = "1G";
          c.clients[0].order_capacity = "A";
        })) {}
};

TEST_F(Whitelisted, A3_ExecInstAndOrderCapacityAreTakenByTheirValues) {
  places("buy 1m");
  places("buy 1m 18=G 528=A");
  refused("buy 1m 18=6", "A3", "11");
  refused("buy 1m 528=P", "A3", "11");
  const Ticket order = live("buy 1m");
  replace_refused(order, "2m 18=6", "2");
  replaces(order, "2m 18=1");
}

TEST_F(Whitelisted, A3_EachOfSeveralExecInstsMustBeTaken) {
  const auto send = [this](std::string_view id, std::string_view values) {
    return gateway.from_client("alpha", "35=D|11=" + std::string(id) + "|1=ALPHA-1|55=EUR/USD|54=1|38=1000|40=2|44=1.1|18=" +
                                            std::string(values) + "|60=20261123-12:00:00|");
  };
  EXPECT_EQ(Gateway::only(send("W1", "1 G"), "D")[18], "1 G") << "and it travels on";
  EXPECT_EQ(Gateway::only(send("W2", "1 6"), "8")[58], "RISK-11 A3: this ExecInst(18) is not taken from this session");
}

// --- B3: a quote that is too wide ---

class WideQuotes : public RiskDesk {
 protected:
  static config::Config with_spread(config::CollarWithoutData way) {
    config::Config c = configuration_of_the_examples();
    for (config::Instrument& instrument : c.instruments) instrument.collar_without_data = way;
    c.risk.firm.max_spread_percent = config::Percent::of(1);
    return c;
  }
  explicit WideQuotes(config::CollarWithoutData way = config::CollarWithoutData::kReject) : RiskDesk(with_spread(way)) {}
};

TEST_F(WideQuotes, B3_AQuoteWiderThanTheLimitIsAsGoodAsNone) {
  quote("EUR/USD", "1.0945", "1.1055");  // 1 % of 1.1000: equal passes
  places("buy 1m");
  places("market buy 1m");
  quote("EUR/USD", "1.0945", "1.1056");
  refused("buy 1m", "B3", "99");
  refused("market buy 1m", "B2", "99");
  const std::vector<Sent> sent = says("buy 1m");
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0][58], "RISK-6 B3: the quote is wider than a limit of the firm");
  places("buy 1m GBP/USD @1.25");
  quote("EUR/USD", "1.0999", "1.1001");
  places("buy 1m");
}

TEST_F(WideQuotes, B3_TheInstrumentMayBeTighterThanTheFirm) {
  limit("instrument EUR/USD", "max_spread_percent", "0.01");
  refused("buy 1m", "B3", "99");
  places("buy 1m GBP/USD @1.25");
}

TEST_F(WideQuotes, B3_WhatIsLiveMayBeReducedWhileTheQuoteIsWide) {
  const Ticket order = live("buy 2m");
  quote("EUR/USD", "1.0", "1.2");
  replace_refused(order, "3m", "99");
  const Ticket less = replaces(order, "1m");
  cancels(less);
}

class WideQuotesAllowed : public WideQuotes {
 protected:
  WideQuotesAllowed() : WideQuotes(config::CollarWithoutData::kAllow) {}
};

TEST_F(WideQuotesAllowed, B3_LimitPricesPassWithoutAReferenceWhereThatIsAllowedAndSomebodyIsTold) {
  quote("EUR/USD", "1.0", "1.2");
  places("sell 1m @1.0500");  // the collar of 2 % would refuse it
  EXPECT_TRUE(alerted(AlertCode::kMarketData, "EUR/USD: orders are taken without a fresh quote"));
  refused("market buy 1m", "B2", "99");
  quote("EUR/USD", "1.0999", "1.1001");
  refused("sell 1m @1.0500", "B3", "99");
}

class WideQuotesStatic : public WideQuotes {
 protected:
  WideQuotesStatic() : WideQuotes(config::CollarWithoutData::kStatic) {}
};

TEST_F(WideQuotesStatic, B3_AWideQuoteIsNoReferenceForTheStaticCollarEither) {
  quote("EUR/USD", "1.0", "1.2");
  refused("buy 1m", "B3", "99");
}

// --- B1, B2: orders that are large beside their limits ---

class LargeOrders : public RiskDesk {
 protected:
  LargeOrders() : RiskDesk(examples_with([](config::Config& c) { c.risk.soft_levels.order_percent = 80; })) {}
  std::size_t told(std::string_view limit) const {
    const auto& alerts = gateway.state().alerts;
    return static_cast<std::size_t>(std::count_if(alerts.begin(), alerts.end(), [&](const gateway::Alert& alert) {
      return alert.code == AlertCode::kLimitLevel && alert.text.view().starts_with("one order has taken") &&
             alert.text.view().find(limit) != std::string_view::npos;
    }));
  }
};

TEST_F(LargeOrders, B1_AnOrderAboveThePercentageIsTakenAndToldOfOnceAMinute) {
  for (const char* other : {"max_long_position", "max_gross_open_notional", "max_net_open_position", "max_daily_settlement"}) {
    limit("account ALPHA-1", other, "1bn");
  }
  live("buy 7,999,999 @1.0");
  EXPECT_EQ(told("max_order_quantity"), 0u);
  live("buy 8m @1.1");
  EXPECT_EQ(told("max_order_quantity"), 1u);
  EXPECT_TRUE(alerted(AlertCode::kLimitLevel,
                      "one order has taken 80 % or more of max_order_quantity of account ALPHA-1; the next within a minute"));
  live("buy 9m @1.1");
  EXPECT_EQ(told("max_order_quantity"), 1u) << "one alert, however many";
  gateway.pass(Duration::seconds(59));
  live("buy 8m @1.1");
  EXPECT_EQ(told("max_order_quantity"), 1u);
  gateway.pass(Duration::seconds(1));
  live("buy 8m @1.1");
  EXPECT_EQ(told("max_order_quantity"), 2u);
  refused("buy 10,000,001 @1.0", "B1", "3");
  EXPECT_EQ(told("max_order_quantity"), 2u) << "a refusal speaks for itself";
}

TEST_F(LargeOrders, B2_TheValueIsToldOfByItselfAndAReplaceToo) {
  const Ticket order = live("buy 7.2m @1.1");  // 7.92m of 10m
  EXPECT_EQ(told("max_order_notional"), 0u);
  replaces(order, "7.5m");  // 8.25m, and 7.5m of 10m in euros
  EXPECT_EQ(told("max_order_notional"), 1u);
  EXPECT_EQ(told("max_order_quantity"), 0u);
}

TEST_F(LargeOrders, B1_ARestartKnowsWhatWasToldAndANewDayBeginsAnew) {
  places("buy 8m @1.1");
  Gateway recovered = Gateway::recovered_from(gateway);
  recovered.restart();
  const risk::Node& account = *recovered.state().risk.state().find(order::Scope::kAccount,
                                                                    recovered.state().accounts.find("ALPHA-1"));
  ASSERT_NE(account.levels.find(config::Limit::kMaxOrderQuantity), nullptr);
  EXPECT_EQ(account.levels.find(config::Limit::kMaxOrderQuantity)->time, gateway.now());
  recovered.command(order::RollDay{recovered.state().trade_date + 1});
  EXPECT_EQ(account.levels.find(config::Limit::kMaxOrderQuantity), nullptr);
}

class LargeOrdersAtBrokers : public RiskDesk {
 protected:
  LargeOrdersAtBrokers()
      : RiskDesk(examples_with([](config::Config& c) {
          c.risk.soft_levels.order_percent = 80;
          c.routes = {config::Route{{}, {}, {}, {"northbank", "southbank"}}};
          config::LimitSet& line = scope(c.risk.brokers, "northbank").limits;
          line.max_order_quantity = Quantity::of(1'000'000);
          line.max_gross_open_notional = Amount::of(1'000'000);
        })) {}
};

TEST_F(LargeOrdersAtBrokers, B1_ABrokerThatWasPassedOverIsNotSpokenOf) {
  EXPECT_EQ(places("buy 900,000 @1.1").broker, "northbank");
  EXPECT_TRUE(
      alerted(AlertCode::kLimitLevel, "one order has taken 80 % or more of max_order_quantity of broker northbank"));
  gateway.pass(Duration::seconds(61));
  const auto count = [this] {
    return std::count_if(gateway.state().alerts.begin(), gateway.state().alerts.end(), [](const gateway::Alert& alert) {
      return alert.text.view().starts_with("one order has taken");
    });
  };
  const auto before = count();
  EXPECT_EQ(places("buy 900,000 @1.1").broker, "southbank") << "the other line is full";
  EXPECT_EQ(count(), before);
}

// --- B3: prices that are far behind the market ---

class PassiveBand : public RiskDesk {
 protected:
  PassiveBand()
      : RiskDesk(examples_with([](config::Config& c) {
          c.risk.firm.passive_band_percent = config::Percent::of(20);
          scope(c.risk.accounts, "ALPHA-1").limits.passive_band_percent = config::Percent::of(5);
        })) {}
  std::size_t told(std::string_view of) const {
    const auto& alerts = gateway.state().alerts;
    return static_cast<std::size_t>(std::count_if(alerts.begin(), alerts.end(), [&](const gateway::Alert& alert) {
      return alert.code == AlertCode::kLimitLevel &&
             alert.text.view().starts_with("the price of one order is further behind the market than passive_band_percent of " +
                                           std::string(of));
    }));
  }
};

TEST_F(PassiveBand, B3_APriceBehindTheBandIsTakenAndToldOfOnceAMinute) {
  live("buy 1m @1.04500");  // 5 % below 1.1000: equal is inside
  live("sell 1m @1.15500");
  live("buy 1m @1.12000");  // the other side is the collar's
  EXPECT_EQ(told(""), 0u);
  live("buy 1m @1.04499");
  EXPECT_EQ(told("account ALPHA-1"), 1u);
  live("sell 1m @1.20000");
  EXPECT_EQ(told(""), 1u) << "one alert, however many";
  gateway.pass(Duration::seconds(60));
  live("sell 1m @1.15501");
  EXPECT_EQ(told("account ALPHA-1"), 2u);
  refused("buy 1m @1.2000", "B3", "99");
}

TEST_F(PassiveBand, B3_TheTighterBandOfItsScopesCountsAndAReplaceIsAskedToo) {
  live("buy 1m @1.0000", "ALPHA-2");  // 9 %: inside the firm's
  EXPECT_EQ(told(""), 0u);
  live("buy 1m @0.8700", "ALPHA-2");
  EXPECT_EQ(told("firm"), 1u);
  const Ticket order = live("buy 1m @1.0500");
  const Ticket less = replaces(order, "900,000 @1.0500");
  reports(less, "150=5|39=0|14=0|151=900000");
  EXPECT_EQ(told("account ALPHA-1"), 0u);
  replaces(less, "900,000 @1.0000");
  EXPECT_EQ(told("account ALPHA-1"), 1u);
}

TEST_F(PassiveBand, B3_ABrokerMayStateABandAndNoCollar) {
  limit("broker northbank", "passive_band_percent", "1");
  limit("account ALPHA-1", "passive_band_percent", "100");
  places("buy 1m @1.0800");
  EXPECT_EQ(told("broker northbank"), 1u);
  EXPECT_EQ(told(""), 1u);
}

TEST_F(PassiveBand, B3_WhatDoesNotRestAndWhatHasNoReferenceIsNotAsked) {
  places("market buy 1m");
  places("sell 1m stop 1.0990 @1.0800");
  EXPECT_EQ(told(""), 0u);
  limit("account ALPHA-1", "passive_band_percent", "0");
  places("buy 1m @1.0999");
  EXPECT_EQ(told("account ALPHA-1"), 1u) << "behind the middle at all";
}

TEST_F(PassiveBand, B3_ARestartKnowsWhatWasTold) {
  live("buy 1m @1.0");
  ASSERT_EQ(told("account ALPHA-1"), 1u);
  Gateway recovered = Gateway::recovered_from(gateway);
  recovered.restart();
  const std::size_t alerts = recovered.state().alerts.size();
  recovered.log_on("northbank", true);
  recovered.drained("northbank");
  recovered.from_client("alpha", "35=D|11=Z1|1=ALPHA-1|55=EUR/USD|54=1|38=1000|40=2|44=1.0|60=20261123-12:00:00|");
  for (std::size_t i = alerts; i < recovered.state().alerts.size(); ++i) {
    EXPECT_NE(recovered.state().alerts[i].code, AlertCode::kLimitLevel) << recovered.state().alerts[i].text.view();
  }
}

// --- D8 at a broker ---

class BrokersCredit : public RiskDesk {
 protected:
  BrokersCredit()
      : RiskDesk(examples_with([](config::Config& c) {
          c.risk.accounts.clear();
          c.routes = {config::Route{{}, {}, {}, {"northbank", "southbank"}}};
          scope(c.risk.brokers, "northbank").limits.max_credit = Amount::of(11'000'000);
        })) {}
};

TEST_F(BrokersCredit, D8_AFullLineIsPassedOverAndABrokerThatStatesNothingHasNone) {
  EXPECT_EQ(places("buy 8m").broker, "northbank");      // 8.8m
  EXPECT_EQ(places("buy 2m").broker, "northbank");      // 11m: exactly the limit
  EXPECT_EQ(places("buy 1").broker, "southbank");
  EXPECT_EQ(places("sell 8m").broker, "northbank") << "it makes the worse side no larger";
  // Another client's orders are lent by the same broker, and net there.
  const std::vector<Sent> sent = gateway.from_client(
      "beta", "35=D|11=B1|1=BETA-1|21=1|55=EUR/USD|54=1|38=1000|40=2|44=1.1|60=20261123-12:00:00|");
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].session, "southbank") << sent[0].bytes;
}

class BrokersCreditOfForwards : public RiskDesk {
 protected:
  BrokersCreditOfForwards()
      : RiskDesk(examples_with([](config::Config& c) {
          c.instruments[0].type = config::InstrumentType::kFxNdf;
          c.brokers[1].version = config::FixVersion::kFix44;  // FIX.4.2 cannot say when it is fixed
          c.routes = {config::Route{{}, {}, {}, {"northbank", "southbank"}}};
          c.risk.tenor_add_on = {{1, config::Percent::of(10)}};
          scope(c.risk.brokers, "northbank").limits.max_credit = Amount::of(1'200'000);
        })) {}
};

TEST_F(BrokersCreditOfForwards, D8_TheAddOnOfAnOrderThatDoesNotDeliverCountsAtTheBrokerToo) {
  EXPECT_EQ(places("buy 1m @1.1 541=20261124").broker, "southbank") << "1.1m and a tenth of it";
  EXPECT_EQ(places("buy 990,000 @1.1 541=20261124").broker, "northbank");  // 1,197,900
}

TEST_F(BrokersCredit, D8_AReplaceIsAskedAtItsBrokerAndARestartKnowsWhatIsLent) {
  const Ticket order = live("buy 8m");
  replace_refused(order, "10,000,001", "2");
  const auto lent = [](const Gateway& of) {
    return of.state().risk.state().credit.of(order::BrokerId(static_cast<std::uint16_t>(of.state().brokers.find("northbank"))));
  };
  EXPECT_EQ(lent(gateway), Amount::of(8'800'000));
  fills(order, "8m", "1.1");
  EXPECT_EQ(lent(gateway), Amount::of(8'800'000));
  Gateway recovered = Gateway::recovered_from(gateway);
  recovered.restart();
  EXPECT_EQ(lent(recovered), Amount::of(8'800'000));
  limit("broker northbank", "max_credit", "8m");
  EXPECT_EQ(places("buy 1").broker, "southbank");
}

TEST_F(BrokersCredit, D8_IsToldOfBeforeTheLineIsUsedUp) {
  places("buy 5m");
  EXPECT_TRUE(alerted(AlertCode::kLimitLevel, "broker northbank has used 50 % of max_credit"));
}

// --- days that begin without positions ---

class FlatDays : public RiskDesk {
 protected:
  FlatDays() : RiskDesk(examples_with([](config::Config& c) { c.risk.roll.positions = config::RollPositions::kFlat; })) {}
  void rolls() {
    gateway.command(order::RollDay{gateway.state().trade_date + 1});
    ASSERT_FALSE(gateway.last_outcome().reject);
  }
};

TEST_F(FlatDays, TheRollTakesPositionsAndLeavesWhatIsOpen) {
  holds("20m");
  refused("buy 1", "D3", "3");
  live("sell 3m 59=1");
  shows("pos 20m, os 3m, EUR 20m");
  rolls();
  shows("pos 0, os 3m, EUR 0, EUR out 3m, traded 0, orders 1");
  shows("pos 0, os 3m, EUR 0", "firm");
  shows("pos 0, os 3m, EUR 0", "broker northbank");
  places("buy 8m");
  EXPECT_FALSE(gateway.state().risk.verify());
  Gateway recovered = Gateway::recovered_from(gateway);
  EXPECT_FALSE(recovered.state().risk.verify());
  Gateway folded = Gateway::folded_from(gateway, gateway.records());
  EXPECT_FALSE(folded.state().risk.verify());
  EXPECT_EQ(folded.state().flat_from, gateway.state().flat_from);
}

TEST_F(FlatDays, ABustOfADayThatEndedFlatMovesNothingAndIsTold) {
  const Ticket order = live("buy 5m 59=1");
  const std::string exec_id = fills(order, "2m", "1.1");
  rolls();
  shows("pos 0, ob 3m");
  reports(order, "150=H|39=0|19=" + exec_id + "|32=2000000|31=1.1|14=0|151=5000000");
  shows("pos 0, ob 5m, EUR 0");
  EXPECT_TRUE(alerted(AlertCode::kLateFill, "a bust or correction of a day that ended without positions"));
  EXPECT_FALSE(gateway.state().risk.verify());
  // An execution of the new day is one like any other, and so is its bust.
  const std::string today = fills(order, "1m", "1.1");
  shows("pos 1m, ob 4m");
  reports(order, "150=H|39=0|19=" + today + "|32=1000000|31=1.1|14=0|151=5000000");
  shows("pos 0, ob 5m");
}

TEST_F(FlatDays, TheDaysLossBeginsAtZeroWithNothingAtTheMarket) {
  holds("5m", "EUR/USD", "1.1001");
  quote("EUR/USD", "1.0899", "1.0901");
  rolls();
  quote("EUR/USD", "1.0799", "1.0801");
  const risk::Node& account =
      *gateway.state().risk.state().find(order::Scope::kAccount, index_of(order::Scope::kAccount, "ALPHA-1"));
  EXPECT_EQ(account.profit.total(), Amount());
}

}  // namespace
}  // namespace portcullis::scenarios
