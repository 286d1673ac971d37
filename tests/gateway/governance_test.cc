#include <gtest/gtest.h>

#include "gateway/snapshot.h"
#include "tests/gateway/fixture.h"

// What one person may do, what needs two, and that it all survives a restart: rule 9 of the risk specification.

namespace portcullis::gateway {
namespace {

using order::ProposalKind;
using order::ProposalState;
using order::Role;
using order::ScopeState;
using testing::Gateway;
using testing::Sent;

constexpr auto kAccount = order::Scope::kAccount;

order::RequestChange limit_change(const Gateway& gateway, std::int64_t max_order_quantity,
                                  std::string_view user = "risk1") {
  order::RequestChange request;
  request.change.kind = ProposalKind::kLimits;
  request.change.scope = kAccount;
  request.change.id = 0;
  request.change.maker = order::UserText(user);
  request.change.maker_role = Role::kRisk;
  request.change.ticket = order::IdText("CHG-7");
  request.change.reason = order::ReasonText("month end");
  request.change.expected_version = gateway.state().risk.state().accounts[0].limits_version;
  order::LimitProposed limit{};
  limit.limit = static_cast<std::uint16_t>(config::Limit::kMaxOrderQuantity);
  limit.value = Quantity::of(max_order_quantity).raw();
  request.limits.push_back(limit);
  return request;
}

order::RequestChange state_change(order::Scope scope, std::uint32_t id, ScopeState state, std::string_view user,
                                  Role role) {
  order::RequestChange request;
  request.change.kind = ProposalKind::kScopeState;
  request.change.scope = scope;
  request.change.id = id;
  request.change.state = state;
  request.change.maker = order::UserText(user);
  request.change.maker_role = role;
  request.change.reason = order::ReasonText("runaway");
  return request;
}

order::DecideProposal approval(std::uint64_t proposal, std::string_view user, Role role = Role::kRisk) {
  return order::DecideProposal{proposal, true, order::UserText(user), role, order::ReasonText("seen")};
}

std::int64_t quantity_limit(const Gateway& gateway) {
  return gateway.state().risk.state().accounts[0].limits[config::Limit::kMaxOrderQuantity];
}

bool refused_with(const Gateway& gateway, Refusal refusal) {
  return gateway.last_outcome().reject && gateway.last_outcome().refusal == refusal;
}

TEST(Governance, LoweringIsAtOnceAndRaisingWaitsForASecondPerson) {
  Gateway gateway;
  gateway.command(limit_change(gateway, 1'000'000));
  EXPECT_FALSE(gateway.last_outcome().reject);
  EXPECT_FALSE(gateway.last_outcome().proposal);
  EXPECT_EQ(quantity_limit(gateway), Quantity::of(1'000'000).raw());

  gateway.command(limit_change(gateway, 2'000'000));
  ASSERT_TRUE(gateway.last_outcome().proposal);
  const std::uint64_t proposal = *gateway.last_outcome().proposal;
  EXPECT_EQ(quantity_limit(gateway), Quantity::of(1'000'000).raw());
  EXPECT_EQ(gateway.state().find_proposal(proposal)->limits.front().before, Quantity::of(1'000'000).raw());

  gateway.command(approval(proposal, "risk1"));
  EXPECT_TRUE(refused_with(gateway, Refusal::kForbidden)) << "one's own";
  gateway.command(approval(proposal, "ops", Role::kOperator));
  EXPECT_TRUE(refused_with(gateway, Refusal::kForbidden)) << "not of risk";
  gateway.command(approval(99, "risk2"));
  EXPECT_TRUE(refused_with(gateway, Refusal::kUnknown));
  gateway.command(approval(proposal, "risk2"));
  EXPECT_FALSE(gateway.last_outcome().reject);
  EXPECT_EQ(quantity_limit(gateway), Quantity::of(2'000'000).raw());
  EXPECT_EQ(gateway.state().find_proposal(proposal)->checker.view(), "risk2");
  gateway.command(approval(proposal, "risk3"));
  EXPECT_TRUE(refused_with(gateway, Refusal::kConflict)) << "it waits no more";
}

TEST(Governance, AChangeOfAnotherVersionIsStaleWhenItIsMadeAndWhenItIsApproved) {
  Gateway gateway;
  const order::RequestChange old = limit_change(gateway, 20'000'000);
  gateway.command(old);
  const std::uint64_t proposal = *gateway.last_outcome().proposal;
  gateway.command(limit_change(gateway, 500'000));
  gateway.command(old);
  EXPECT_TRUE(refused_with(gateway, Refusal::kStale));
  gateway.command(approval(proposal, "risk2"));
  EXPECT_TRUE(refused_with(gateway, Refusal::kStale));
  EXPECT_EQ(quantity_limit(gateway), Quantity::of(500'000).raw());
  gateway.command(
      order::DecideProposal{proposal, false, order::UserText("risk1"), Role::kRisk, order::ReasonText("withdrawn")});
  EXPECT_EQ(gateway.state().find_proposal(proposal)->state, ProposalState::kRejected);
}

TEST(Governance, OneChangeOfSeveralLimitsHasOneVersion) {
  Gateway gateway;
  order::RequestChange change = limit_change(gateway, 1'000'000);
  order::LimitProposed second{};
  second.limit = static_cast<std::uint16_t>(config::Limit::kMaxOpenOrders);
  second.value = 10;
  change.limits.push_back(second);
  gateway.command(change);
  EXPECT_EQ(gateway.state().risk.state().accounts[0].limits_version, 1u);
  EXPECT_EQ(gateway.state().limits_version, 1u);
  EXPECT_EQ(gateway.state().risk.state().accounts[0].limits[config::Limit::kMaxOpenOrders], 10);
}

TEST(Governance, LoweringBelowUsageCancelsNothingAndLetsOnlyReductionsPass) {
  Gateway gateway;
  const Sent order =
      Gateway::only(gateway.from_client(
                        "alpha", "35=D|11=A|1=ALPHA-1|55=EUR/USD|54=1|38=5000000|40=2|44=1.1010|60=20261123-12:00:00|"),
                    "D");
  gateway.from_broker("northbank",
                      "35=8|37=N1|11=" + order[11] +
                          "|17=E1|150=F|39=2|55=EUR/USD|54=1|38=5000000|32=5000000|31=1.1|14=5000000|151=0|6=1.1|");
  order::RequestChange change = limit_change(gateway, 0);
  change.limits.front().limit = static_cast<std::uint16_t>(config::Limit::kMaxLongPosition);
  change.limits.front().value = Quantity::of(1'000'000).raw();
  EXPECT_TRUE(gateway.command(change).empty()) << "nothing is sent";
  EXPECT_FALSE(gateway.last_outcome().reject);
  const auto more =
      gateway.from_client("alpha", "35=D|11=B|1=ALPHA-1|55=EUR/USD|54=1|38=1000|40=2|44=1.1|60=20261123-12:00:00|");
  EXPECT_EQ(Gateway::only(more, "8")[150], "8");
  const auto less =
      gateway.from_client("alpha", "35=D|11=C|1=ALPHA-1|55=EUR/USD|54=2|38=1000|40=2|44=1.1|60=20261123-12:00:00|");
  EXPECT_EQ(Gateway::only(less, "D")[54], "2");
}

TEST(Governance, ATemporaryRaiseGoesBackByItself) {
  Gateway gateway;
  order::RequestChange raise = limit_change(gateway, 20'000'000);
  raise.change.until = gateway.now() + Duration::seconds(3'600);
  gateway.command(raise);
  gateway.command(approval(*gateway.last_outcome().proposal, "risk2"));
  EXPECT_EQ(quantity_limit(gateway), Quantity::of(20'000'000).raw());
  ASSERT_EQ(gateway.state().temporary_limits.size(), 1u);
  gateway.pass(Duration::seconds(3'599));
  EXPECT_EQ(quantity_limit(gateway), Quantity::of(20'000'000).raw());

  // The restart in between changes nothing of it.
  Gateway second = Gateway::recovered_from(gateway);
  second.restart();
  second.pass(Duration::seconds(2));
  EXPECT_EQ(quantity_limit(second), Quantity::of(10'000'000).raw());
  EXPECT_FALSE(second.state().risk.state().accounts[0].limits.stated_here(config::Limit::kMaxOrderQuantity))
      << "inherited again";
  EXPECT_TRUE(second.state().temporary_limits.empty());
  EXPECT_EQ(second.state().alerts.back().code, order::AlertCode::kLimitReverted);
}

TEST(Governance, TighteningATemporaryRaiseDoesNotMakeTheRestOfItPermanent) {
  Gateway gateway;
  gateway.command(limit_change(gateway, 1'000'000));
  order::RequestChange raise = limit_change(gateway, 5'000'000);
  raise.change.until = gateway.now() + Duration::seconds(60);
  gateway.command(raise);
  gateway.command(approval(*gateway.last_outcome().proposal, "risk2"));
  gateway.command(limit_change(gateway, 4'000'000, "risk1"));
  EXPECT_EQ(quantity_limit(gateway), Quantity::of(4'000'000).raw());
  gateway.pass(Duration::seconds(61));
  EXPECT_EQ(quantity_limit(gateway), Quantity::of(1'000'000).raw());

  // What is tighter than before stays when the time is over.
  raise = limit_change(gateway, 5'000'000);
  raise.change.until = gateway.now() + Duration::seconds(60);
  gateway.command(raise);
  gateway.command(approval(*gateway.last_outcome().proposal, "risk2"));
  gateway.command(limit_change(gateway, 300'000));
  gateway.pass(Duration::seconds(61));
  EXPECT_EQ(quantity_limit(gateway), Quantity::of(300'000).raw());
}

TEST(Governance, TighteningForATimeNeedsTwoSinceItsEndLoosens) {
  Gateway gateway;
  order::RequestChange lower = limit_change(gateway, 1'000);
  lower.change.until = gateway.now() + Duration::seconds(60);
  gateway.command(lower);
  EXPECT_TRUE(gateway.last_outcome().proposal);
  lower.change.until = gateway.now() - Duration::seconds(1);
  gateway.command(lower);
  EXPECT_TRUE(refused_with(gateway, Refusal::kInvalid));
}

TEST(Governance, ALimitThatItsScopeIsNeverAskedForIsRefused) {
  Gateway gateway;
  order::RequestChange change = limit_change(gateway, 1);
  change.limits.front().limit = static_cast<std::uint16_t>(config::Limit::kMaxCredit);
  gateway.command(change);
  EXPECT_TRUE(refused_with(gateway, Refusal::kInvalid));
  EXPECT_EQ(gateway.last_outcome().text, "max_credit is no limit of scope account");
  change.change.scope = order::Scope::kInstrument;
  change.limits.front().limit = static_cast<std::uint16_t>(config::Limit::kMaxNetOpenPosition);
  gateway.command(change);
  EXPECT_TRUE(refused_with(gateway, Refusal::kInvalid));
  EXPECT_EQ(gateway.state().limits_version, 0u);
}

TEST(Governance, WhatWasTightenedForATimeIsLooserAgainAfterIt) {
  Gateway gateway;
  order::RequestChange lower = limit_change(gateway, 1'000'000);
  lower.change.until = gateway.now() + Duration::seconds(60);
  gateway.command(lower);
  gateway.command(approval(*gateway.last_outcome().proposal, "risk2"));
  EXPECT_EQ(quantity_limit(gateway), Quantity::of(1'000'000).raw());
  Gateway second = Gateway::recovered_from(gateway);
  second.restart();
  second.pass(Duration::seconds(61));
  EXPECT_EQ(quantity_limit(second), Quantity::of(10'000'000).raw()) << "as two persons had agreed";
  EXPECT_TRUE(second.state().temporary_limits.empty());

  // Who tightens it more meanwhile keeps it so.
  gateway.command(limit_change(gateway, 200'000, "risk1"));
  gateway.pass(Duration::seconds(61));
  EXPECT_EQ(quantity_limit(gateway), Quantity::of(200'000).raw());
}

TEST(Governance, ProposalsSurviveARestartAndExpireAfterADay) {
  Gateway first;
  first.command(limit_change(first, 20'000'000));
  const std::uint64_t proposal = *first.last_outcome().proposal;
  first.command(limit_change(first, 30'000'000));
  Gateway gateway = Gateway::recovered_from(first);
  gateway.restart();
  gateway.command(approval(proposal, "risk2"));
  EXPECT_FALSE(gateway.last_outcome().reject) << gateway.last_outcome().text;
  EXPECT_EQ(quantity_limit(gateway), Quantity::of(20'000'000).raw());
  gateway.pass(Duration::seconds(24 * 3'600));
  EXPECT_EQ(gateway.state().find_proposal(proposal + 1)->state, ProposalState::kExpired);
  gateway.command(approval(proposal + 1, "risk2"));
  EXPECT_TRUE(refused_with(gateway, Refusal::kConflict));
}

TEST(Governance, AStopIsLiftedInTwoStepsByTwoPersonsOfWhomOneIsOfRisk) {
  Gateway gateway;
  gateway.command(state_change(order::Scope::kClient, 0, ScopeState::kKilled, "ops", Role::kOperator));
  EXPECT_FALSE(gateway.last_outcome().proposal);
  EXPECT_EQ(gateway.state().risk.own_state(order::Scope::kClient, 0), ScopeState::kKilled);
  for (const ScopeState after : {ScopeState::kReduceOnly, ScopeState::kActive}) {
    gateway.command(state_change(order::Scope::kClient, 0, ScopeState::kActive, "ops", Role::kOperator));
    ASSERT_TRUE(gateway.last_outcome().proposal);
    const std::uint64_t proposal = *gateway.last_outcome().proposal;
    gateway.command(approval(proposal, "ops2", Role::kOperator));
    EXPECT_TRUE(refused_with(gateway, Refusal::kForbidden));
    gateway.command(approval(proposal, "risk1"));
    EXPECT_FALSE(gateway.last_outcome().reject) << gateway.last_outcome().text;
    EXPECT_EQ(gateway.state().risk.own_state(order::Scope::kClient, 0), after);
  }
}

TEST(Governance, TheGateNamesEverythingThatIsNotInOrder) {
  config::Config configuration = testing::small_configuration();
  configuration.reference.stale_after = Duration::seconds(60);
  Gateway gateway(configuration);
  const Sent order =
      Gateway::only(gateway.from_client(
                        "alpha", "35=D|11=A|1=ALPHA-1|55=EUR/USD|54=1|38=5000000|40=2|44=1.1010|60=20261123-12:00:00|"),
                    "D");
  gateway.pass(Duration::seconds(6));
  ASSERT_TRUE(gateway.order(0).unknown);
  gateway.command(state_change(order::Scope::kFirm, 0, ScopeState::kBlockNew, "risk1", Role::kRisk));
  gateway.disconnect("northbank", true);
  gateway.pass(Duration::seconds(61));
  gateway.core().set_low_space(true);
  gateway.command(state_change(order::Scope::kFirm, 0, ScopeState::kActive, "risk1", Role::kRisk));
  ASSERT_TRUE(refused_with(gateway, Refusal::kConflict));
  for (const char* part :
       {"1 order is of unknown fate", "broker northbank holds orders of it and is not reconciled",
        "the rate of EUR is missing or stale", "the rate of JPY", "the journal's disk is nearly full"}) {
    EXPECT_NE(gateway.last_outcome().text.find(part), std::string::npos)
        << part << " in " << gateway.last_outcome().text;
  }
  // Tightening is never gated.
  gateway.command(state_change(order::Scope::kFirm, 0, ScopeState::kKilled, "ops", Role::kOperator));
  EXPECT_FALSE(gateway.last_outcome().reject);
}

TEST(Governance, APositionIsAdjustedByTwo) {
  Gateway gateway;
  order::RequestChange request;
  request.change.kind = ProposalKind::kAdjustPosition;
  request.change.id = 0;
  request.change.instrument = order::InstrumentId(0);
  request.change.quantity = Quantity() - Quantity::of(2'000'000);
  request.change.price = *Price::parse("1.1005");
  request.change.maker = order::UserText("risk1");
  request.change.maker_role = Role::kRisk;
  gateway.command(request);
  ASSERT_TRUE(gateway.last_outcome().proposal);
  gateway.command(approval(*gateway.last_outcome().proposal, "risk2"));
  ASSERT_FALSE(gateway.last_outcome().reject) << gateway.last_outcome().text;
  const risk::Exposure& account = gateway.state().risk.state().accounts[0].exposure;
  bool seen = false;
  account.each_instrument([&](order::InstrumentId, const risk::InstrumentExposure& cell) {
    seen = true;
    EXPECT_EQ(cell.position, Quantity() - Quantity::of(2'000'000));
  });
  EXPECT_TRUE(seen);
  EXPECT_TRUE(account.traded_notional().is_zero()) << "it is no volume";
  EXPECT_EQ(gateway.state().risk.state().firm.exposure.traded_notional(), Amount());
}

TEST(Governance, NumbersAreSetByTwoWhileOrdersAreOpen) {
  Gateway gateway;
  const auto request = [&](std::string_view client) {
    order::RequestChange change;
    change.change.kind = ProposalKind::kSequence;
    change.change.session = gateway.core().client_session(client);
    change.change.next_sender = 100;
    change.change.next_target = 200;
    change.change.maker = order::UserText("ops");
    change.change.maker_role = Role::kOperator;
    return change;
  };
  gateway.command(request("alpha"));
  EXPECT_TRUE(refused_with(gateway, Refusal::kConflict)) << "connected";
  gateway.from_client("alpha", "35=D|11=A|1=ALPHA-1|55=EUR/USD|54=1|38=5000000|40=2|44=1.1010|60=20261123-12:00:00|");
  gateway.disconnect("alpha", false);
  gateway.disconnect("beta", false);
  gateway.command(request("beta"));
  EXPECT_FALSE(gateway.last_outcome().proposal);
  EXPECT_EQ(gateway.core().numbers(gateway.core().client_session("beta")).next_sender, 100u);
  gateway.command(request("alpha"));
  ASSERT_TRUE(gateway.last_outcome().proposal);
  EXPECT_NE(gateway.core().numbers(gateway.core().client_session("alpha")).next_sender, 100u);
  gateway.command(approval(*gateway.last_outcome().proposal, "ops2", Role::kOperator));
  EXPECT_EQ(gateway.core().numbers(gateway.core().client_session("alpha")).next_sender, 100u);
  EXPECT_EQ(gateway.core().numbers(gateway.core().client_session("alpha")).next_target, 200u);
}

TEST(Governance, AnOrderIsResolvedByTwoOrNothingIsWritten) {
  Gateway gateway;
  gateway.from_client("alpha", "35=D|11=A|1=ALPHA-1|55=EUR/USD|54=1|38=5000000|40=2|44=1.1010|60=20261123-12:00:00|");
  order::RequestChange request;
  request.change.kind = ProposalKind::kResolveOrder;
  request.change.order = OrderNumber(0);
  request.change.as = order::OrdStatus::kFilled;
  request.change.maker = order::UserText("risk1");
  request.change.maker_role = Role::kRisk;
  gateway.command(request);
  EXPECT_TRUE(refused_with(gateway, Refusal::kConflict)) << "its state is known";
  gateway.pass(Duration::seconds(6));
  gateway.command(request);
  const std::uint64_t nothing = *gateway.last_outcome().proposal;
  gateway.command(approval(nothing, "risk2"));
  EXPECT_TRUE(gateway.last_outcome().reject) << "no quantity";
  EXPECT_EQ(gateway.state().find_proposal(nothing)->state, ProposalState::kWaiting);
  request.change.as = order::OrdStatus::kCanceled;
  gateway.command(request);
  const Sent told = Gateway::only(gateway.command(approval(*gateway.last_outcome().proposal, "risk2")), "8");
  EXPECT_EQ(told[150], "4");
  EXPECT_FALSE(gateway.order(0).is_open());
}

TEST(Governance, WhatTheBrokerTellsOfAResolvedOrderTakesThePlaceOfWhatTwoPersonsTold) {
  Gateway gateway;
  const Sent order =
      Gateway::only(gateway.from_client(
                        "alpha", "35=D|11=A|1=ALPHA-1|55=EUR/USD|54=1|38=5000000|40=2|44=1.1010|60=20261123-12:00:00|"),
                    "D");
  gateway.pass(Duration::seconds(6));
  order::RequestChange request;
  request.change.kind = ProposalKind::kResolveOrder;
  request.change.order = OrderNumber(0);
  request.change.as = order::OrdStatus::kFilled;
  request.change.quantity = Quantity::of(5'000'000);
  request.change.price = *Price::parse("1.1");
  request.change.maker = order::UserText("risk1");
  request.change.maker_role = Role::kRisk;
  gateway.command(request);
  const Sent told = Gateway::only(gateway.command(approval(*gateway.last_outcome().proposal, "risk2")), "8");
  EXPECT_EQ(told[150], "F");
  EXPECT_EQ(told[14], "5000000");

  const auto fill = [&](const char* exec_id, const char* last, const char* px, const char* cum, const char* leaves) {
    return Gateway::only(gateway.from_broker("northbank", "35=8|37=N1|11=" + order[11] + "|17=" + exec_id +
                                                              "|150=F|39=1|55=EUR/USD|54=1|38=5000000|32=" + last +
                                                              "|31=" + px + "|14=" + cum + "|151=" + leaves + "|6=1|"),
                         "8");
  };
  const Sent corrected = fill("E1", "2000000", "1.2", "2000000", "3000000");
  EXPECT_EQ(corrected[150], "G");
  EXPECT_EQ(corrected[19], told[17]);
  EXPECT_EQ(corrected[39], "1");
  EXPECT_EQ(corrected[14], "2000000");
  EXPECT_EQ(corrected[6], "1.2");
  EXPECT_TRUE(gateway.order(0).is_open());
  const Sent filled = fill("E2", "3000000", "1.2", "5000000", "0");
  EXPECT_EQ(filled[150], "F");
  EXPECT_EQ(filled[39], "2");
  EXPECT_EQ(filled[14], "5000000");
}

}  // namespace
}  // namespace portcullis::gateway
