#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "tests/risk/desk.h"

// The scopes across the tree: sessions, traders, groups and currencies, their sums, states and limits.

namespace portcullis::risk {
namespace {

using order::Control;
using order::Scope;
using order::ScopeState;

NewOrder by_ann(const Desk& desk, Quantity quantity) {
  NewOrder order = desk.buy(quantity);
  order.trader = order::TraderId(0);
  return order;
}

TEST(Scopes, EachOneHasASumOfItsOwn) {
  Desk desk;
  desk.engine.set_group(kAlpha, order::GroupId(0));
  BookedOrder order = desk.send(by_ann(desk, millions("5")));
  desk.fill(order, millions("2"), "1.1005");
  const State& state = desk.engine.state();
  for (const Node* node : {&state.firm, &state.groups[0], &state.clients[0], &state.accounts[0],
                           &state.session_nodes[0], &state.traders[0], &state.brokers[0], &state.instrument_nodes[0],
                           &state.currency_nodes[kEur.value()], &state.currency_nodes[kUsd.value()]}) {
    EXPECT_EQ(node->exposure.open_orders(), 1) << order::to_string(node->scope);
    EXPECT_EQ(node->exposure.gross_open_notional(), money("3300000")) << order::to_string(node->scope);
    EXPECT_EQ(node->exposure.of(kEurUsd).position, millions("2")) << order::to_string(node->scope);
  }
  EXPECT_EQ(state.clients[1].exposure.open_orders(), 0);
  EXPECT_EQ(state.session_nodes[1].exposure.open_orders(), 0);
  EXPECT_FALSE(desk.engine.verify());
}

TEST(Scopes, EachOnesStateStopsTheOrder) {
  Desk desk;
  desk.engine.set_group(kAlpha, order::GroupId(0));
  const NewOrder order = by_ann(desk, millions("1"));
  for (const auto& [scope, id] :
       {std::pair(Scope::kFirm, 0U), std::pair(Scope::kGroup, 0U), std::pair(Scope::kClient, 0U),
        std::pair(Scope::kAccount, 0U), std::pair(Scope::kSession, 0U), std::pair(Scope::kTrader, 0U),
        std::pair(Scope::kInstrument, 0U), std::pair(Scope::kCurrency, 1U), std::pair(Scope::kCurrency, 0U)}) {
    desk.engine.set_scope_state(scope, id, ScopeState::kBlockNew);
    EXPECT_EQ(desk.judge(order).control, Control::kA1) << order::to_string(scope);
    desk.engine.set_scope_state(scope, id, ScopeState::kActive);
    EXPECT_FALSE(desk.judge(order)) << order::to_string(scope);
  }
}

TEST(Scopes, EachOnesLimitHoldsTheOrder) {
  Desk desk;
  desk.engine.set_group(kAlpha, order::GroupId(0));
  const NewOrder order = by_ann(desk, millions("5"));
  for (const auto& [scope, id] :
       {std::pair(Scope::kFirm, 0U), std::pair(Scope::kGroup, 0U), std::pair(Scope::kClient, 0U),
        std::pair(Scope::kAccount, 0U), std::pair(Scope::kSession, 0U), std::pair(Scope::kTrader, 0U),
        std::pair(Scope::kInstrument, 0U), std::pair(Scope::kCurrency, 1U)}) {
    for (const auto& [limit, control] :
         {std::pair(Limit::kMaxOrderQuantity, Control::kB1), std::pair(Limit::kMaxOrderNotional, Control::kB2),
          std::pair(Limit::kMaxOpenOrders, Control::kD1), std::pair(Limit::kMaxGrossOpenNotional, Control::kD2),
          std::pair(Limit::kMaxDailyVolume, Control::kD7)}) {
      const std::int64_t before = desk.engine.state().find(scope, id)->limits[limit];
      desk.set_limit(scope, id, limit, 0);
      const order::Reject reject = desk.judge(order);
      EXPECT_EQ(reject.control, control) << order::to_string(scope);
      desk.set_limit(scope, id, limit, before);
      EXPECT_FALSE(desk.judge(order)) << order::to_string(scope);
    }
  }
}

TEST(Scopes, ATradersPositionIsHeldToItsOwnLimit) {
  Desk desk;
  desk.set_position(-millions("5"));
  desk.set_limit(Scope::kTrader, 0, Limit::kMaxLongPosition, millions("2").raw());
  EXPECT_FALSE(desk.judge(by_ann(desk, millions("2"))));
  EXPECT_EQ(desk.judge(by_ann(desk, qty("2000001"))).control, Control::kD3) << "the account's short is not ann's";
  EXPECT_FALSE(desk.judge(desk.buy(millions("5"))));
}

TEST(Scopes, AGroupsLimitCountsAllOfItsClients) {
  Desk desk;
  desk.engine.set_group(kAlpha, order::GroupId(0));
  desk.engine.set_group(kBeta, order::GroupId(0));
  desk.set_limit(Scope::kGroup, 0, Limit::kMaxGrossOpenNotional, money("8800000").raw());
  desk.send(desk.buy(millions("5")));
  NewOrder beta = desk.buy(millions("3"));
  beta.client = kBeta;
  beta.account = kBeta1;
  beta.session = kBetaSession;
  EXPECT_FALSE(desk.judge(beta));
  beta.terms.order_qty = qty("3000001");
  EXPECT_EQ(desk.judge(beta).control, Control::kD2);
}

TEST(Scopes, SumsFollowAClientIntoAGroupAndOutOfIt) {
  Desk desk;
  BookedOrder order = desk.send(desk.buy(millions("5")));
  desk.fill(order, millions("2"), "1.1005");
  desk.engine.set_group(kAlpha, order::GroupId(0));
  const Exposure& group = desk.engine.state().groups[0].exposure;
  EXPECT_EQ(group.of(kEurUsd).open_buy, millions("3"));
  EXPECT_EQ(group.of(kEur).position, money("2000000"));
  EXPECT_EQ(group.traded_notional(), money("2200000"));
  EXPECT_FALSE(desk.engine.verify());
  desk.engine.set_group(kAlpha, order::GroupId::none());
  EXPECT_EQ(group.of(kEurUsd), InstrumentExposure());
  EXPECT_EQ(group.open_orders(), 0);
  EXPECT_FALSE(desk.engine.verify());
}

TEST(Scopes, AClientInheritsFromItsGroupAndATraderFromItsClient) {
  Desk desk;
  const auto effective = [&desk](Scope scope) {
    return desk.engine.state().find(scope, 0)->limits[Limit::kMaxOpenOrders];
  };
  desk.set_limit(Scope::kGroup, 0, Limit::kMaxOpenOrders, 9);
  EXPECT_NE(effective(Scope::kClient), 9);
  desk.engine.set_group(kAlpha, order::GroupId(0));
  EXPECT_EQ(effective(Scope::kClient), 9);
  EXPECT_EQ(effective(Scope::kTrader), 9);
  EXPECT_EQ(effective(Scope::kSession), 9);
}

std::string evidence(const Desk& desk, const Engine& engine) {
  CheckLog log;
  const Verdict verdict = engine.evaluate_new(desk.buy(millions("5")), log);
  const auto bytes = std::as_bytes(log.results());
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()) +
         std::string(verdict.reject.text.view());
}

// What was resolved for an order before is not believed once names, groups or limits have changed; and an engine that
// has resolved nothing yet decides alike.
TEST(Scopes, WhatWasResolvedFollowsEachChange) {
  Desk desk;
  const auto agrees = [&desk](const char* after) {
    const Engine copy(desk.engine);
    EXPECT_EQ(evidence(desk, desk.engine), evidence(desk, copy)) << after;
  };
  agrees("the start");
  desk.engine.set_limit(Scope::kAccount, kAlpha1.value(), static_cast<std::uint16_t>(Limit::kMaxGrossOpenNotional),
                        money("1").raw(), false, 1);
  EXPECT_EQ(desk.judge(desk.buy(millions("5"))).control, Control::kD2);
  agrees("a lower limit");
  desk.engine.forget_limit(Scope::kAccount, kAlpha1.value(), static_cast<std::uint16_t>(Limit::kMaxGrossOpenNotional),
                           2);
  EXPECT_FALSE(desk.judge(desk.buy(millions("5"))));
  agrees("a limit that was taken back");
  desk.engine.set_group(kAlpha, order::GroupId(0));
  desk.engine.set_limit(Scope::kGroup, 0, static_cast<std::uint16_t>(Limit::kMaxOpenOrders), 0, false, 3);
  EXPECT_EQ(desk.judge(desk.buy(millions("5"))).control, Control::kD1);
  desk.engine.set_group(kAlpha, order::GroupId::none());
  EXPECT_FALSE(desk.judge(desk.buy(millions("5"))));
  agrees("a group that was left");
  for (std::uint32_t i = 0; i < 1'000; ++i) {  // the table of accounts moves
    order::NameAdded added{};
    added.kind = order::NameKind::kAccount;
    added.index = 100 + i;
    desk.engine.add_name(added);
  }
  agrees("new names");
}

// A decision walks over the scopes that are asked for a limit on sums, however far the limit is, and over no others.
TEST(Scopes, HoldWhereSomebodyAsks) {
  Desk desk;
  desk.engine.set_group(kAlpha, order::GroupId(0));
  const BookedOrder order = desk.send(by_ann(desk, millions("5")));
  const auto holds = [&](Scope scope) {
    const Scopes& scopes = desk.engine.scopes_of(Desk::place(order));
    for (std::size_t at = 0; at < scopes.nodes.size(); ++at) {
      if (scopes.nodes[at]->scope == scope) return (scopes.holding >> at & 1) != 0;
    }
    return false;
  };
  for (const Scope scope : {Scope::kFirm, Scope::kGroup, Scope::kClient, Scope::kAccount, Scope::kBroker}) {
    EXPECT_TRUE(holds(scope)) << order::to_string(scope) << ": what nets is asked along the tree, stated there or not";
  }
  for (const Scope scope : {Scope::kSession, Scope::kTrader, Scope::kInstrument}) {
    EXPECT_FALSE(holds(scope)) << order::to_string(scope);
    desk.set_limit(scope, 0, Limit::kMaxOpenOrders, std::numeric_limits<std::int64_t>::max());
    EXPECT_TRUE(holds(scope)) << order::to_string(scope);
  }
}

// What is compared with each sum after each event is the most that is below the lowest level, as level_after() says it.
TEST(Scopes, KnowTheMostOfEachSumThatIsBelowItsLowestLevel) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  Desk desk;
  const BookedOrder order = desk.send(desk.buy(millions("5")));
  const auto scopes = [&]() -> const Scopes& { return desk.engine.scopes_of(Desk::place(order)); };
  const std::span<const std::uint8_t> percent(desk.engine.state().settings.soft_levels.percent.data(), 1);
  std::mt19937_64 random(1);
  for (int round = 0; round < 500; ++round) {
    const auto limit = round == 0 ? 0 : static_cast<std::int64_t>(random() >> (1 + random() % 63));
    desk.set_limit(Scope::kAccount, 0, Limit::kMaxGrossOpenNotional, limit);
    ASSERT_EQ(scopes().nodes[0]->scope, Scope::kAccount);
    const std::int64_t below = scopes().below_levels[0][HeldSum::kGrossOpen];
    ASSERT_EQ(risk::level_after(below, limit, 0, percent), 0) << limit;
    if (limit > 0) {
      ASSERT_EQ(risk::level_after(below + 1, limit, 0, percent), 1) << limit;
    } else {
      ASSERT_EQ(below, kMost);
    }
  }
  EXPECT_EQ(scopes().below_levels[0][HeldSum::kNetOpen], kMost) << "it is inherited, and the firm's to tell of";
  EXPECT_TRUE((scopes().levelled & 1) != 0);
  EXPECT_FALSE((scopes().losing & 1) != 0);
  desk.set_limit(Scope::kAccount, 0, Limit::kMaxDrawdown, 1);
  EXPECT_TRUE((scopes().losing & 1) != 0);
  EXPECT_EQ(scopes().profited & scopes().losing, scopes().losing);
}

// A report that executes nothing leaves not even an empty cell.
TEST(Scopes, ABookingOfNothingChangesNothing) {
  Desk desk;
  const BookedOrder order = desk.send(desk.buy(millions("5")));
  std::vector<std::byte> before;
  desk.engine.save(before);
  desk.engine.book(Desk::place(order), order::Booking());
  std::vector<std::byte> after;
  desk.engine.save(after);
  EXPECT_EQ(before, after);
}

}  // namespace
}  // namespace portcullis::risk
