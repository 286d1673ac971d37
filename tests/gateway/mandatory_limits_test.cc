#include "gateway/mandatory_limits.h"

#include <gtest/gtest.h>

#include "tests/gateway/fixture.h"

// Limits that a client has of its own before its session may be enabled, and caps that nobody may loosen.

namespace portcullis::gateway {
namespace {

using config::Limit;
using order::ProposalKind;
using order::Role;
using order::Scope;
using testing::Gateway;

config::Config asking(bool enabled) {
  config::Config c = testing::small_configuration();
  c.clients[0].enabled = enabled;
  c.risk.mandatory = {Limit::kMaxOrderQuantity, Limit::kMaxGrossOpenNotional};
  config::LimitSet own;
  own.max_order_quantity = Quantity::of(1'000'000);
  own.max_gross_open_notional = Amount::of(5'000'000);
  c.risk.clients = {config::ScopeLimits{"beta", own}};
  if (enabled) c.risk.clients.insert(c.risk.clients.begin(), config::ScopeLimits{"alpha", own});
  return c;
}

order::SessionId session_of(const Gateway& gateway, std::string_view client) {
  return order::SessionId(static_cast<std::uint16_t>(gateway.state().session_names.find(client)));
}
bool is_enabled(const Gateway& gateway, std::string_view client) {
  return gateway.state().sessions[session_of(gateway, client).value()].enabled;
}
void enable(Gateway& gateway, std::string_view client) {
  gateway.command(order::EnableSession{session_of(gateway, client), true, order::UserText("ops")});
}

order::RequestChange change_of(const Gateway& gateway, Scope scope, std::uint32_t id,
                               std::vector<std::pair<Limit, std::int64_t>> values) {
  order::RequestChange request;
  request.change.kind = ProposalKind::kLimits;
  request.change.scope = scope;
  request.change.id = id;
  request.change.maker = order::UserText("risk1");
  request.change.maker_role = Role::kRisk;
  request.change.reason = order::ReasonText("a new client");
  request.change.expected_version = gateway.state().risk.state().find(scope, id)->limits_version;
  for (const auto& [limit, value] : values) {
    order::LimitProposed proposed{};
    proposed.limit = static_cast<std::uint16_t>(limit);
    proposed.value = value;
    request.limits.push_back(proposed);
  }
  return request;
}

void approve(Gateway& gateway) {
  ASSERT_TRUE(gateway.last_outcome().proposal) << gateway.last_outcome().text;
  gateway.command(order::DecideProposal{*gateway.last_outcome().proposal, true, order::UserText("risk2"), Role::kRisk,
                                        order::ReasonText("seen")});
}

constexpr std::int64_t kQuantity = Quantity::of(2'000'000).raw();
constexpr std::int64_t kGross = Amount::of(9'000'000).raw();

TEST(MandatoryLimits, AClientThatBeginsDisabledIsEnabledOnceItHasThem) {
  Gateway gateway(asking(false));
  EXPECT_FALSE(is_enabled(gateway, "alpha"));
  EXPECT_TRUE(is_enabled(gateway, "beta"));
  enable(gateway, "alpha");
  EXPECT_TRUE(gateway.last_outcome().reject);
  EXPECT_EQ(gateway.last_outcome().refusal, Refusal::kConflict);
  EXPECT_EQ(gateway.last_outcome().text,
            "the session cannot be enabled before its client has limits of its own (risk.mandatory_limits): "
            "max_order_quantity, max_gross_open_notional; PUT /limits/client/alpha states them");

  // One at the client, the other at each account: it takes all of them.
  gateway.command(change_of(gateway, Scope::kClient, 0, {{Limit::kMaxGrossOpenNotional, kGross}}));
  gateway.command(change_of(gateway, Scope::kAccount, 0, {{Limit::kMaxOrderQuantity, kQuantity}}));
  EXPECT_EQ(missing_mandatory_limits(gateway.state(), session_of(gateway, "alpha")), "max_order_quantity");
  gateway.command(change_of(gateway, Scope::kAccount, 1, {{Limit::kMaxOrderQuantity, kQuantity}}));
  enable(gateway, "alpha");
  EXPECT_FALSE(gateway.last_outcome().reject) << gateway.last_outcome().text;
  EXPECT_TRUE(is_enabled(gateway, "alpha"));

  // A start, and the file once more, leave it so: what an operator has said and stated stays.
  Gateway recovered = Gateway::recovered_from(gateway);
  recovered.restart();
  EXPECT_TRUE(is_enabled(recovered, "alpha"));
  gateway.reload(asking(false));
  EXPECT_TRUE(is_enabled(gateway, "alpha"));
}

TEST(MandatoryLimits, WhatIsStatedForATimeIsNotEnough) {
  Gateway gateway(asking(false));
  gateway.command(change_of(gateway, Scope::kClient, 0, {{Limit::kMaxGrossOpenNotional, kGross}}));
  order::RequestChange for_an_hour = change_of(gateway, Scope::kClient, 0, {{Limit::kMaxOrderQuantity, kQuantity}});
  for_an_hour.change.until = gateway.now() + Duration::seconds(3'600);
  gateway.command(for_an_hour);
  approve(gateway);
  enable(gateway, "alpha");
  EXPECT_TRUE(gateway.last_outcome().reject) << "in an hour it would trade without one";
  gateway.pass(Duration::seconds(3'601));
  gateway.command(change_of(gateway, Scope::kClient, 0, {{Limit::kMaxOrderQuantity, kQuantity}}));
  enable(gateway, "alpha");
  EXPECT_FALSE(gateway.last_outcome().reject) << gateway.last_outcome().text;

  // Changed for a time it goes back to what was stated, which is its own still.
  for_an_hour = change_of(gateway, Scope::kClient, 0, {{Limit::kMaxOrderQuantity, kQuantity + 1}});
  for_an_hour.change.until = gateway.now() + Duration::seconds(3'600);
  gateway.command(for_an_hour);
  approve(gateway);
  EXPECT_EQ(missing_mandatory_limits(gateway.state(), session_of(gateway, "alpha")), "");
}

TEST(MandatoryLimits, AFileThatAsksForMoreDisablesWhatLacksItAndSaysSo) {
  config::Config first = asking(false);
  first.risk.mandatory.clear();
  Gateway gateway(first);
  enable(gateway, "alpha");
  EXPECT_TRUE(is_enabled(gateway, "alpha"));
  gateway.reload(asking(false));
  EXPECT_FALSE(is_enabled(gateway, "alpha"));
  EXPECT_TRUE(is_enabled(gateway, "beta"));
  EXPECT_EQ(gateway.state().alerts.back().text.view(),
            "session alpha is disabled: it has not of its own max_order_quantity, max_gross_open_notional");
  EXPECT_EQ(gateway.state().alerts.back().severity, order::Severity::kCritical);
  // The same from the journal.
  Gateway folded = Gateway::folded_from(gateway, gateway.records());
  EXPECT_FALSE(is_enabled(folded, "alpha"));
}

TEST(MandatoryLimits, TheConfigurationsOwnAreEnough) {
  Gateway gateway(asking(true));
  EXPECT_TRUE(is_enabled(gateway, "alpha"));
  gateway.command(order::EnableSession{session_of(gateway, "alpha"), false, order::UserText("ops")});
  EXPECT_FALSE(is_enabled(gateway, "alpha"));
  enable(gateway, "alpha");
  EXPECT_TRUE(is_enabled(gateway, "alpha"));
}

// --- risk.absolute ---

config::Config capped() {
  config::Config c = testing::small_configuration();
  c.risk.absolute.max_order_quantity = Quantity::of(20'000'000);
  return c;
}
std::int64_t quantity_of_account(const Gateway& gateway) {
  return gateway.state().risk.state().accounts[0].limits[Limit::kMaxOrderQuantity];
}

TEST(AbsoluteCaps, NoNumberOfPersonsLiftsOne) {
  Gateway gateway(capped());
  const auto ask = [&](std::int64_t quantity) {
    gateway.command(change_of(gateway, Scope::kAccount, 0, {{Limit::kMaxOrderQuantity, Quantity::of(quantity).raw()}}));
  };
  ask(20'000'000);
  approve(gateway);
  EXPECT_EQ(quantity_of_account(gateway), Quantity::of(20'000'000).raw()) << "up to the cap, with a second person";
  ask(20'000'001);
  EXPECT_TRUE(gateway.last_outcome().reject);
  EXPECT_FALSE(gateway.last_outcome().proposal) << "nothing waits for a second person";
  EXPECT_EQ(gateway.last_outcome().refusal, Refusal::kConflict);
  EXPECT_EQ(gateway.last_outcome().text,
            "max_order_quantity may be at most 20000000: risk.absolute of the configuration, which no approval lifts");
  EXPECT_EQ(quantity_of_account(gateway), Quantity::of(20'000'000).raw());
}

TEST(AbsoluteCaps, AProposalThatACapHasOvertakenIsRefusedWhenItIsApproved) {
  Gateway gateway;
  gateway.command(
      change_of(gateway, Scope::kAccount, 0, {{Limit::kMaxOrderQuantity, Quantity::of(30'000'000).raw()}}));
  const std::uint64_t proposal = *gateway.last_outcome().proposal;
  gateway.reload(capped());
  gateway.command(order::DecideProposal{proposal, true, order::UserText("risk2"), Role::kRisk, order::ReasonText("")});
  EXPECT_TRUE(gateway.last_outcome().reject);
  EXPECT_EQ(quantity_of_account(gateway), Quantity::of(10'000'000).raw());
}

TEST(AbsoluteCaps, WhatWasRaisedBeforeIsHeldToANewCapAlsoWhenItsTimeIsOver) {
  Gateway gateway;
  const auto raise = [&](std::int64_t quantity, Duration time) {
    order::RequestChange change =
        change_of(gateway, Scope::kAccount, 0, {{Limit::kMaxOrderQuantity, Quantity::of(quantity).raw()}});
    if (time.ns() != 0) change.change.until = gateway.now() + time;
    gateway.command(change);
    approve(gateway);
  };
  raise(30'000'000, Duration());
  raise(15'000'000, Duration::seconds(60));
  gateway.reload(capped());
  EXPECT_EQ(quantity_of_account(gateway), Quantity::of(15'000'000).raw());
  gateway.pass(Duration::seconds(61));
  EXPECT_EQ(quantity_of_account(gateway), Quantity::of(20'000'000).raw()) << "it was 30m before";
  Gateway recovered = Gateway::recovered_from(gateway);
  recovered.configured_with(capped());
  recovered.restart();
  EXPECT_EQ(quantity_of_account(recovered), Quantity::of(20'000'000).raw());
}

// The cap is nobody's word on the scope: once it is gone, what had a time is not there any more.
TEST(AbsoluteCaps, ACapThatComesMeanwhileMakesNoTemporaryRaisePermanent) {
  config::Config cap = testing::small_configuration();
  cap.risk.firm.max_order_quantity = Quantity::of(8'000'000);
  cap.risk.absolute.max_order_quantity = Quantity::of(8'000'000);
  Gateway gateway;
  order::RequestChange raise =
      change_of(gateway, Scope::kAccount, 0, {{Limit::kMaxOrderQuantity, Quantity::of(30'000'000).raw()}});
  raise.change.until = gateway.now() + Duration::seconds(60);
  gateway.command(raise);
  approve(gateway);
  gateway.reload(cap);
  EXPECT_EQ(quantity_of_account(gateway), Quantity::of(8'000'000).raw());
  gateway.pass(Duration::seconds(61));
  EXPECT_EQ(quantity_of_account(gateway), Quantity::of(8'000'000).raw());
  gateway.reload(testing::small_configuration());
  EXPECT_EQ(quantity_of_account(gateway), Quantity::of(10'000'000).raw()) << "the firm's, which it had before";
}

TEST(AbsoluteCaps, SetsAndTimesAreHeldToWhatBothAllow) {
  risk::AbsoluteCaps caps;
  config::LimitSet set;
  set.order_types.emplace().insert(config::OrderType::kLimit);
  set.duplicate_orders = config::DuplicateOrders{5, Duration::seconds(2)};
  caps.configure(set);
  const auto raw = [](Limit limit, const char* text) { return risk::to_raw(*config::parse_limit(limit, text)); };
  EXPECT_EQ(caps.within(Limit::kOrderTypes, raw(Limit::kOrderTypes, "market,limit")), raw(Limit::kOrderTypes, "limit"));
  EXPECT_EQ(caps.within(Limit::kDuplicateOrders, raw(Limit::kDuplicateOrders, "9/1s")),
            raw(Limit::kDuplicateOrders, "5/2s"));
  EXPECT_EQ(caps.within(Limit::kDuplicateOrders, raw(Limit::kDuplicateOrders, "4/1s")),
            raw(Limit::kDuplicateOrders, "4/2s"));
  EXPECT_EQ(caps.within(Limit::kMaxOpenOrders, 7), 7) << "no cap";
}

}  // namespace
}  // namespace portcullis::gateway
