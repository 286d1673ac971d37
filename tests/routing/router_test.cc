#include "routing/router.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace portcullis::routing {
namespace {

using order::BrokerId;
using order::Reject;
using order::RejectCode;

// Names get indices in the order in which they stand here.
std::optional<std::uint32_t> index_of(order::NameKind kind, std::string_view name) {
  static const std::map<order::NameKind, std::vector<std::string_view>> kNames = {
      {order::NameKind::kClient, {"alpha", "beta", "gamma"}},
      {order::NameKind::kAccount, {"A-1", "A-2", "B-1"}},
      {order::NameKind::kBroker, {"north", "south", "east"}},
      {order::NameKind::kInstrument, {"EUR/USD", "GBP/USD", "USD/JPY"}}};
  const auto& names = kNames.at(kind);
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return i;
  }
  return std::nullopt;
}

constexpr BrokerId kNorth{0};
constexpr BrokerId kSouth{1};
constexpr BrokerId kEast{2};

RouteKey key(std::uint16_t client, std::uint32_t account, std::uint32_t instrument) {
  return {order::ClientId(client), order::AccountId(account), order::InstrumentId(instrument)};
}

Router router_of(std::vector<config::Route> routes) {
  config::Config config;
  config.routes = std::move(routes);
  Router router;
  router.configure(config, index_of);
  return router;
}

std::vector<BrokerId> list(std::span<const BrokerId> brokers) {
  return {brokers.begin(), brokers.end()};
}

Reject refusal(RejectCode code) {
  Reject reject;
  reject.code = code;
  return reject;
}

TEST(Router, TheFirstRuleThatMatchesCounts) {
  const Router router = router_of({{{"EUR/USD", "GBP/USD"}, {"alpha"}, {}, {"north", "south"}},
                                   {{}, {}, {"A-2"}, {"east"}},
                                   {{}, {}, {}, {"south"}}});
  EXPECT_EQ(list(router.candidates(key(0, 0, 0))), (std::vector<BrokerId>{kNorth, kSouth}));
  EXPECT_EQ(list(router.candidates(key(0, 1, 1))), (std::vector<BrokerId>{kNorth, kSouth}));
  EXPECT_EQ(list(router.candidates(key(0, 1, 2))), (std::vector<BrokerId>{kEast}));
  EXPECT_EQ(list(router.candidates(key(1, 2, 0))), (std::vector<BrokerId>{kSouth}));
}

TEST(Router, NamesThatNoRuleListsMatchOpenRules) {
  const Router router = router_of({{{}, {"beta"}, {}, {"north"}}, {{}, {}, {}, {"south"}}});
  EXPECT_EQ(list(router.candidates(key(7, 99, 1234))), (std::vector<BrokerId>{kSouth}));
  EXPECT_EQ(list(router.candidates(key(1, 99, 1234))), (std::vector<BrokerId>{kNorth}));
}

TEST(Router, AnEarlierOpenRuleWinsOverALaterListedOne) {
  const Router router = router_of({{{}, {}, {}, {"south"}}, {{}, {"beta"}, {}, {"north"}}});
  EXPECT_EQ(list(router.candidates(key(1, 0, 0))), (std::vector<BrokerId>{kSouth}));
}

TEST(Router, ARuleOfUnknownNamesMatchesNothing) {
  const Router router = router_of({{{"XXX/YYY"}, {}, {}, {"north"}}, {{}, {}, {}, {"south"}}});
  EXPECT_EQ(list(router.candidates(key(0, 0, 0))), (std::vector<BrokerId>{kSouth}));
}

TEST(Router, ManyRulesAreFoundPastTheFirstWord) {
  std::vector<config::Route> routes;
  for (int i = 0; i < 200; ++i) routes.push_back({{"GBP/USD"}, {"gamma"}, {"B-1"}, {"north"}});
  routes.push_back({{"EUR/USD"}, {"beta"}, {}, {"east"}});
  routes.push_back({{}, {}, {}, {"south"}});
  const Router router = router_of(routes);
  EXPECT_EQ(list(router.candidates(key(1, 2, 0))), (std::vector<BrokerId>{kEast}));
  EXPECT_EQ(list(router.candidates(key(2, 2, 0))), (std::vector<BrokerId>{kSouth}));
  EXPECT_EQ(list(router.candidates(key(2, 2, 1))), (std::vector<BrokerId>{kNorth}));
}

TEST(Router, ConfiguringAgainReplacesTheRules) {
  config::Config config;
  config.routes = {{{}, {"beta"}, {}, {"north"}}};
  Router router;
  router.configure(config, index_of);
  config.routes = {{{}, {}, {}, {"south"}}};
  router.configure(config, index_of);
  EXPECT_EQ(list(router.candidates(key(1, 0, 0))), (std::vector<BrokerId>{kSouth}));
}

TEST(Router, TheNextBrokerTakesWhatTheFirstCannot) {
  const Router router = router_of({{{}, {}, {}, {"north", "south", "east"}}});
  const Choice choice = router.choose(
      key(0, 0, 0), [](BrokerId broker) { return broker == kNorth ? refusal(RejectCode::kNoRoute) : Reject(); });
  EXPECT_EQ(choice.broker, kSouth);
  EXPECT_FALSE(choice.reject);
}

TEST(Router, WithoutARuleTheOrderIsRefusedAtOnce) {
  const Router router = router_of({{{"GBP/USD"}, {}, {}, {"north"}}});
  const Choice choice = router.choose(key(0, 0, 0), [](BrokerId) { return Reject(); });
  EXPECT_FALSE(choice.broker.has_value());
  EXPECT_EQ(choice.reject.code, RejectCode::kNoRoute);
  EXPECT_EQ(choice.reject.text, Router::no_rule().text);
}

TEST(Router, WithAllBrokersDownTheOrderIsRefusedAtOnce) {
  const Router router = router_of({{{}, {}, {}, {"north", "south"}}});
  const Choice choice = router.choose(key(0, 0, 0), [](BrokerId) { return refusal(RejectCode::kNoRoute); });
  EXPECT_EQ(choice.reject.code, RejectCode::kNoRoute);
  EXPECT_EQ(choice.reject.text, Router::no_broker().text);
}

TEST(Router, AFullLineIsToldRatherThanABrokerThatIsDown) {
  const Router router = router_of({{{}, {}, {}, {"north", "south"}}});
  const Choice choice = router.choose(key(0, 0, 0), [](BrokerId broker) {
    return refusal(broker == kNorth ? RejectCode::kNoRoute : RejectCode::kExposure);
  });
  EXPECT_EQ(choice.reject.code, RejectCode::kExposure);
}

TEST(Router, WithoutConfigurationThereIsNoRoute) {
  const Router router;
  EXPECT_TRUE(router.candidates(key(0, 0, 0)).empty());
}

}  // namespace
}  // namespace portcullis::routing
