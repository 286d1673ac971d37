#include "app/raised_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace portcullis::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RaisedLimits : public ::testing::Test {
 protected:
  RaisedLimits() {
    running.clients.emplace_back();
    running.clients[0].id = "alpha";
    running.clients[0].accounts = {"ALPHA-1"};
    running.clients[0].group = "desk";
    running.risk.firm.max_order_quantity = Quantity::of(10);
    running.risk.firm.max_open_orders = 100;
    running.risk.firm.order_types.emplace().insert(config::OrderType::kLimit);
    running.risk.groups = {{"desk", {}}};
    running.risk.groups[0].limits.max_open_orders = 50;
    running.risk.accounts = {{"ALPHA-1", {}}};
    running.risk.accounts[0].limits.max_order_quantity = Quantity::of(5);
    next = running;
  }
  config::LimitSet& account() { return next.risk.accounts[0].limits; }

  config::Config running;
  config::Config next;
};

TEST_F(RaisedLimits, WhatTightensPasses) {
  next.risk.firm.max_order_quantity = Quantity::of(9);
  account().max_order_quantity = Quantity::of(4);
  account().max_open_orders = 50;  // that of its group, stated
  next.risk.firm.order_types = config::OrderTypes();
  next.risk.firm.max_credit = Amount::of(1);  // there was none
  EXPECT_THAT(raised_limits(running, next), IsEmpty());
}

TEST_F(RaisedLimits, WhatLoosensIsNamedWithBothValues) {
  next.risk.firm.max_open_orders = 101;
  account().max_order_quantity = Quantity::of(6);
  EXPECT_THAT(raised_limits(running, next), ElementsAre("risk.firm.max_open_orders: 101 instead of 100",
                                                        "risk.accounts.ALPHA-1.max_order_quantity: 6 instead of 5"));
}

TEST_F(RaisedLimits, ALimitThatIsTakenAwayIsRaised) {
  next.risk.accounts.clear();
  EXPECT_THAT(raised_limits(running, next),
              ElementsAre("risk.accounts.ALPHA-1.max_order_quantity: not stated instead of 5"));
}

TEST_F(RaisedLimits, AStatedOneIsHeldAgainstWhatWasInherited) {
  account().max_open_orders = 51;
  EXPECT_THAT(raised_limits(running, next), ElementsAre("risk.accounts.ALPHA-1.max_open_orders: 51 instead of 50"));
}

TEST_F(RaisedLimits, AnotherOrderTypeLoosens) {
  next.risk.firm.order_types->insert(config::OrderType::kSwap);
  EXPECT_THAT(raised_limits(running, next), ElementsAre("risk.firm.order_types: limit,swap instead of limit"));
}

TEST_F(RaisedLimits, WhoIsNewStatesLimitsForTheFirstTime) {
  next.clients.emplace_back();
  next.clients[1].id = "beta";
  next.clients[1].accounts = {"BETA-1"};
  next.risk.accounts.push_back({"BETA-1", {}});
  next.risk.accounts[1].limits.max_order_quantity = Quantity::of(10'000);
  EXPECT_THAT(raised_limits(running, next), IsEmpty());
}

TEST_F(RaisedLimits, ALimitInOneInstrumentCountsAsWell) {
  running.risk.accounts[0].instruments = {{"EUR/USD", {}}};
  running.risk.accounts[0].instruments[0].second.max_long_position = Quantity::of(7);
  next = running;
  next.risk.accounts[0].instruments[0].second.max_long_position = Quantity::of(8);
  EXPECT_THAT(raised_limits(running, next),
              ElementsAre("risk.accounts.ALPHA-1.instruments.EUR/USD.max_long_position: 8 instead of 7"));
}

}  // namespace
}  // namespace portcullis::app
