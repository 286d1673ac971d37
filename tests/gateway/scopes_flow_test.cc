#include <gtest/gtest.h>

#include "gateway/snapshot.h"
#include "tests/gateway/fixture.h"

// Traders, groups and value dates, through FIX: where a message names them, what they stop, what they sum up.

namespace portcullis::gateway {
namespace {

using order::Scope;
using order::ScopeState;
using testing::Gateway;
using testing::Sent;

std::string buy(std::string_view id, std::string_view more = {}, std::string_view header = {}) {
  return "35=D|" + std::string(header) + "11=" + std::string(id) +
         "|1=ALPHA-1|55=EUR/USD|54=1|38=1000000|40=2|44=1.1|60=20261123-12:00:00|" + std::string(more);
}

config::Config with_traders(config::TraderField field) {
  config::Config config = testing::small_configuration();
  config.clients[0].trader = field;
  return config;
}

void set_state(Gateway& gateway, Scope scope, std::uint32_t id, ScopeState state) {
  order::SetScopeState command;
  command.scope = scope;
  command.id = id;
  command.state = state;
  command.reason = order::ReasonText("test");
  gateway.command(command);
}

Date settles(const Gateway& gateway, std::uint64_t order) {
  return Date::from_days(gateway.order(order).settle_date);
}

TEST(Traders, AreNamedBySenderSubIdAtTheirFirstOrder) {
  Gateway gateway(with_traders(config::TraderField::kSenderSubId));
  Gateway::only(gateway.from_client("alpha", buy("A", "", "50=ann|")), "D");
  Gateway::only(gateway.from_client("alpha", buy("B", "", "50=bob|")), "D");
  Gateway::only(gateway.from_client("alpha", buy("C", "", "50=ann|")), "D");
  ASSERT_EQ(gateway.state().traders.size(), 2u);
  EXPECT_EQ(gateway.state().traders[0].name.view(), "alpha/ann");
  const std::vector<risk::Node>& traders = gateway.state().risk.state().traders;
  EXPECT_EQ(traders[0].exposure.open_orders(), 2);
  EXPECT_EQ(traders[1].exposure.open_orders(), 1);
  EXPECT_FALSE(gateway.state().risk.verify());
}

TEST(Traders, AreNamedByAPartyWithATradersRole) {
  Gateway gateway(with_traders(config::TraderField::kParty));
  gateway.from_client("alpha", buy("A", "453=2|448=FIRM|447=D|452=1|448=ann|447=D|452=11|"));
  ASSERT_EQ(gateway.state().traders.size(), 1u);
  EXPECT_EQ(gateway.state().traders[0].name.view(), "alpha/ann");
  EXPECT_EQ(gateway.order(0).trader, order::TraderId(0));
}

TEST(Traders, AreNotLookedForWhereTheConfigurationNamesNoField) {
  Gateway gateway;
  Gateway::only(gateway.from_client("alpha", buy("A", "", "50=ann|")), "D");
  EXPECT_EQ(gateway.state().traders.size(), 0u);
  EXPECT_FALSE(gateway.order(0).trader.has_value());
}

TEST(Traders, ABlockedOneStopsAloneAndItsOrdersAreCancelled) {
  Gateway gateway(with_traders(config::TraderField::kSenderSubId));
  const Sent ann = Gateway::only(gateway.from_client("alpha", buy("A", "", "50=ann|")), "D");
  Gateway::only(gateway.from_client("alpha", buy("B", "", "50=bob|")), "D");
  set_state(gateway, Scope::kTrader, 0, ScopeState::kCancel);
  EXPECT_EQ(Gateway::only(gateway.pass(Duration()), "F")[41], ann[11]);
  EXPECT_EQ(Gateway::only(gateway.from_client("alpha", buy("C", "", "50=ann|")), "8")[150], "8");
  Gateway::only(gateway.from_client("alpha", buy("D", "", "50=bob|")), "D");
}

TEST(Traders, ANameThatIsTooLongIsRefused) {
  Gateway gateway(with_traders(config::TraderField::kSenderSubId));
  const Sent refused =
      Gateway::only(gateway.from_client("alpha", buy("A", "", "50=abcdefghijklmnopqrstuvwxyz|")), "8");
  EXPECT_EQ(refused[150], "8");
  EXPECT_NE(refused[58].find("RISK-A2"), std::string::npos) << refused[58];
}

TEST(Traders, SurviveASnapshot) {
  Gateway gateway(with_traders(config::TraderField::kSenderSubId));
  gateway.from_client("alpha", buy("A", "", "50=ann|"));
  Gateway recovered = Gateway::recovered_from(gateway);
  std::vector<std::byte> before;
  std::vector<std::byte> after;
  save(gateway.state(), before);
  save(recovered.state(), after);
  EXPECT_EQ(before, after);
  recovered.restart();
  EXPECT_FALSE(recovered.state().risk.verify());
  set_state(recovered, Scope::kTrader, 0, ScopeState::kBlockNew);
  const Sent refused = Gateway::only(recovered.from_client("alpha", buy("B", "", "50=ann|")), "8");
  EXPECT_NE(refused[58].find("state of the trader"), std::string::npos) << refused[58];
}

TEST(Groups, HoldTheirClientsTogether) {
  config::Config config = testing::small_configuration();
  config.clients[0].group = "funds";
  config::LimitSet limits;
  limits.max_gross_open_notional = Amount::of(1'500'000);
  config.risk.groups = {config::ScopeLimits{"funds", limits}};
  Gateway gateway(config);
  Gateway::only(gateway.from_client("alpha", buy("A")), "D");
  EXPECT_EQ(gateway.state().risk.state().groups.at(0).exposure.gross_open_notional(), Amount::of(1'100'000));
  const Sent refused = Gateway::only(gateway.from_client("alpha", buy("B")), "8");
  EXPECT_NE(refused[58].find("a limit of the group"), std::string::npos) << refused[58];
  set_state(gateway, Scope::kGroup, 0, ScopeState::kCancel);
  EXPECT_EQ(gateway.pass(Duration()).size(), 1u) << "its clients' orders are cancelled";
}

TEST(Currencies, StopEveryPairThatMovesThem) {
  Gateway gateway;
  const std::uint32_t eur = gateway.state().currencies.find("EUR");
  set_state(gateway, Scope::kCurrency, eur, ScopeState::kBlockNew);
  EXPECT_EQ(Gateway::only(gateway.from_client("alpha", buy("A")), "8")[150], "8");
  Gateway::only(gateway.from_client("alpha", "35=D|11=B|55=GBP/USD|54=1|38=1000000|40=2|44=1.25|60=20261123-12:00:00|"), "D");
}

// 23 November 2026 is a Monday.
TEST(ValueDates, AreSpotUnlessTheOrderSaysOtherwise) {
  Gateway gateway;
  gateway.command(order::RollDay{Date::parse_iso("2026-11-23")->days()});
  gateway.from_client("alpha", buy("A"));
  gateway.from_client("alpha", buy("B", "64=20261201|"));
  gateway.from_client("alpha", buy("C", "63=2|"));
  EXPECT_EQ(settles(gateway, 0).to_iso(), "2026-11-25");
  EXPECT_EQ(settles(gateway, 1).to_iso(), "2026-12-01");
  EXPECT_EQ(settles(gateway, 2).to_iso(), "2026-11-24");
  const risk::State& risk = gateway.state().risk.state();
  EXPECT_EQ(risk.firm.exposure.settlement(Date::parse_iso("2026-11-25")->days(), risk.market), Amount::of(1'100'000));
  EXPECT_EQ(risk.firm.exposure.settlement(Date::parse_iso("2026-12-01")->days(), risk.market), Amount::of(1'100'000));
}

TEST(ValueDates, ThatNobodySettlesOnAreRefused) {
  Gateway gateway;
  gateway.command(order::RollDay{Date::parse_iso("2026-11-23")->days()});
  const Sent saturday = Gateway::only(gateway.from_client("alpha", buy("A", "64=20261128|")), "8");
  EXPECT_EQ(saturday[150], "8");
  EXPECT_EQ(saturday[103], "11");
  EXPECT_NE(saturday[58].find("A6"), std::string::npos) << saturday[58];
}

TEST(ValueDates, StayWithTheOrder) {
  Gateway gateway;
  gateway.command(order::RollDay{Date::parse_iso("2026-11-23")->days()});
  const Sent order = Gateway::only(gateway.from_client("alpha", buy("A", "64=20261201|")), "D");
  gateway.from_broker("northbank", "35=8|37=N1|11=" + order[11] +
                                       "|17=E1|150=0|39=0|55=EUR/USD|54=1|38=1000000|14=0|151=1000000|6=0|");
  const auto replace = [](std::string_view id, std::string_view more) {
    return "35=G|11=" + std::string(id) + "|41=A|55=EUR/USD|54=1|38=2000000|40=2|44=1.1|60=20261123-12:00:00|" +
           std::string(more);
  };
  const Sent refused = Gateway::only(gateway.from_client("alpha", replace("B", "64=20261202|")), "9");
  EXPECT_EQ(refused[102], "99");
  EXPECT_NE(refused[58].find("value date"), std::string::npos) << refused[58];
  Gateway::only(gateway.from_client("alpha", replace("C", "64=20261201|")), "G");
  gateway.command(order::RollDay{Date::parse_iso("2026-11-24")->days()});
  EXPECT_EQ(settles(gateway, 0).to_iso(), "2026-12-01");
  const risk::State& risk = gateway.state().risk.state();
  EXPECT_EQ(risk.firm.exposure.settlement(Date::parse_iso("2026-12-01")->days(), risk.market), Amount::of(2'200'000));
}

}  // namespace
}  // namespace portcullis::gateway
