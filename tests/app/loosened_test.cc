#include "app/loosened.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

// What a file that is read again may not loosen; each change alone, by the key that is named.

namespace portcullis::app {
namespace {

using config::Config;
using config::Response;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Config running() {
  Config c;
  c.clients.resize(2);
  c.clients[0].id = "alpha";
  c.clients[0].accounts = {"ALPHA-1"};
  c.clients[0].group = "funds";
  c.clients[0].max_order_age = Duration::seconds(5);
  c.clients[0].self_cross = config::SelfCross::kWarn;
  c.clients[0].cancel_on_disconnect = config::CancelOnDisconnect::kDay;
  c.clients[1].id = "beta";
  c.clients[1].accounts = {"BETA-1"};
  c.brokers.resize(2);
  c.brokers[0].id = "north";
  c.brokers[1].id = "south";
  c.routes = {config::Route{{"EUR/USD"}, {}, {}, {"north"}}, config::Route{{}, {"beta"}, {}, {"south"}}};
  c.instruments.resize(1);
  c.instruments[0].symbol = "EUR/USD";
  c.instruments[0].quantity_min = Quantity::of(1'000);
  c.instruments[0].broken_dates = false;
  c.instruments[0].collar_without_data = config::CollarWithoutData::kStatic;
  c.reference.stale_after = Duration::seconds(60);
  c.risk.offset = config::PositionOffset::kNone;
  c.risk.swap_gross = config::SwapGross::kBoth;
  c.risk.tenor_add_on = {{30, config::Percent::of(5)}};
  c.risk.calendars = {config::Calendar{"EUR", {*Date::parse_iso("2026-12-25")}}};
  c.risk.responses = {{config::ResponseScope::kClient, 90, Response::kBlockNew}};
  c.risk.breakers.flood.response = Response::kBlockNew;
  c.clients[0].exec_inst = "1";
  c.risk.restricted = {"EUR/USD"};
  c.risk.clients = {config::ScopeLimits{"alpha", {}}};
  c.risk.clients[0].permissions = std::vector<config::Permission>{{.symbols = {"EUR/USD"}, .buy = false}};
  c.risk.soft_levels.order_percent = 80;
  c.risk.absolute.max_order_quantity = Quantity::of(10);
  c.risk.mandatory = {config::Limit::kMaxOpenOrders};
  return c;
}

TEST(Loosened, NothingIsWhereNothingChangesOrAllTightens) {
  EXPECT_THAT(loosened(running(), running()), IsEmpty());
  Config next = running();
  next.clients[0].throttle.burst = 10;
  next.clients[0].max_order_age = Duration::seconds(1);
  next.clients[0].self_cross = config::SelfCross::kReject;
  next.clients[1].group = "funds";
  next.routes.pop_back();
  next.risk.price_buffer = config::Percent::of(2);
  next.clients[0].exec_inst = "";
  next.clients[1].order_capacity = "A";
  next.risk.clients[0].permissions->clear();
  next.risk.soft_levels.order_percent = 50;
  next.risk.absolute.max_order_quantity = Quantity::of(9);
  next.risk.absolute.max_open_orders = 5;
  next.risk.mandatory.push_back(config::Limit::kMaxOrderQuantity);
  next.risk.breakers.flood.percent = 120;
  next.risk.breakers.fills.count = 100;
  next.reference.stale_after = Duration::seconds(30);
  EXPECT_THAT(loosened(running(), next), IsEmpty());
}

TEST(Loosened, EachChangeAloneIsNamed) {
  const std::pair<const char*, std::function<void(Config&)>> changes[] = {
      {"clients.alpha.group: none instead of funds", [](Config& c) { c.clients[0].group.clear(); }},
      {"clients.alpha.throttle.messages_per_second: 1001",
       [](Config& c) { c.clients[0].throttle.messages_per_second = 1001; }},
      {"clients.alpha.throttle.burst: 2001", [](Config& c) { c.clients[0].throttle.burst = 2001; }},
      {"clients.alpha.max_order_age_s: never instead of 5000 ms",
       [](Config& c) { c.clients[0].max_order_age = Duration(); }},
      {"clients.alpha.self_cross: off instead of warn",
       [](Config& c) { c.clients[0].self_cross = config::SelfCross::kOff; }},
      {"clients.alpha.cancel_on_disconnect: ",
       [](Config& c) { c.clients[0].cancel_on_disconnect = config::CancelOnDisconnect::kNone; }},
      {"account ALPHA-1: beta instead of alpha",
       [](Config& c) { c.clients[0].accounts = {"ALPHA-2"}, c.clients[1].accounts.push_back("ALPHA-1"); }},
      {"brokers.north.throttle.burst: 501", [](Config& c) { c.brokers[0].throttle.burst = 501; }},
      {"brokers.north.status_is_authoritative: true", [](Config& c) { c.brokers[0].status_is_authoritative = true; }},
      {"brokers.north.reconcile: none", [](Config& c) { c.brokers[0].reconcile = config::Reconcile::kNone; }},
      {"instruments.EUR/USD.type: ", [](Config& c) { c.instruments[0].type = config::InstrumentType::kFxNdf; }},
      {"instruments.EUR/USD.multiplier: 10 instead of 1", [](Config& c) { c.instruments[0].multiplier = 10; }},
      {"instruments.EUR/USD.collar_without_data: allow instead of static",
       [](Config& c) { c.instruments[0].collar_without_data = config::CollarWithoutData::kAllow; }},
      {"instruments.EUR/USD.static_collar_percent: 11 instead of 10",
       [](Config& c) { c.instruments[0].static_collar = config::Percent::of(11); }},
      {"instruments.EUR/USD.broken_dates: true", [](Config& c) { c.instruments[0].broken_dates = true; }},
      {"instruments.EUR/USD.quantity_min: 1 instead of 1000",
       [](Config& c) { c.instruments[0].quantity_min = Quantity::of(1); }},
      {"risk.price_buffer_percent: 0 instead of 1", [](Config& c) { c.risk.price_buffer = config::Percent(); }},
      {"risk.offset: full instead of none", [](Config& c) { c.risk.offset = config::PositionOffset::kFull; }},
      {"risk.swap_gross: far instead of both", [](Config& c) { c.risk.swap_gross = config::SwapGross::kFar; }},
      {"risk.tenor_add_on of more than 30 days: 0 instead of 5", [](Config& c) { c.risk.tenor_add_on.clear(); }},
      {"risk.soft_levels_percent: without 90", [](Config& c) { c.risk.soft_levels.count = 2; }},
      {"risk.responses.client.90: warn instead of block_new", [](Config& c) { c.risk.responses.clear(); }},
      {"risk.calendars.EUR: without 2026-12-25", [](Config& c) { c.risk.calendars[0].holidays.clear(); }},
      {"risk.breakers.flood.response: warn instead of block_new",
       [](Config& c) { c.risk.breakers.flood.response = Response::kWarn; }},
      {"risk.breakers.flood.percent: trips later", [](Config& c) { c.risk.breakers.flood.percent = 0; }},
      {"risk.breakers.rejects.least: trips later", [](Config& c) { c.risk.breakers.rejects.least = 21; }},
      {"risk.breakers.daily_loss.response: warn",
       [](Config& c) { c.risk.breakers.daily_loss.response = Response::kWarn; }},
      {"risk.breakers.infrastructure.dead_rates: false",
       [](Config& c) { c.risk.breakers.infrastructure.dead_rates = false; }},
      {"reference.stale_after_s: never", [](Config& c) { c.reference.stale_after = Duration(); }},
      {"reference.stale_haircut_percent: 1 instead of 2",
       [](Config& c) { c.reference.stale_haircut = config::Percent::of(1); }},
      {"clients.alpha.exec_inst: any instead of some", [](Config& c) { c.clients[0].exec_inst.reset(); }},
      {"clients.alpha.exec_inst: with 6 instead of without it", [](Config& c) { c.clients[0].exec_inst = "16"; }},
      {"risk.restricted: without EUR/USD instead of with it", [](Config& c) { c.risk.restricted.clear(); }},
      {"risk.clients.alpha.permissions: it may buy EUR/USD", [](Config& c) { c.risk.clients.clear(); }},
      {"risk.clients.alpha.permissions: it may buy EUR/USD",
       [](Config& c) { c.risk.clients[0].permissions = std::vector<config::Permission>{{.symbols = {}}}; }},
      {"risk.absolute.max_order_quantity: 11 instead of 10",
       [](Config& c) { c.risk.absolute.max_order_quantity = Quantity::of(11); }},
      {"risk.absolute.max_order_quantity: none instead of 10",
       [](Config& c) { c.risk.absolute.max_order_quantity.reset(); }},
      {"risk.mandatory_limits: without max_open_orders instead of with it", [](Config& c) { c.risk.mandatory.clear(); }},
      {"risk.order_level_percent: 90 instead of 80", [](Config& c) { c.risk.soft_levels.order_percent = 90; }},
      {"risk.roll.positions: flat instead of carry",
       [](Config& c) { c.risk.roll.positions = config::RollPositions::kFlat; }},
      {"could go to south", [](Config& c) { c.routes[0].to.push_back("south"); }},
      {"orders of client any other", [](Config& c) { c.routes[1].clients.clear(); }},
  };
  for (const auto& [what, change] : changes) {
    Config next = running();
    change(next);
    EXPECT_THAT(loosened(running(), next), ElementsAre(HasSubstr(what))) << what;
  }
}

TEST(Loosened, WhatIsNewIsNoLoosening) {
  Config next = running();
  next.clients.emplace_back().id = "gamma";
  next.brokers.emplace_back().id = "west";
  next.routes[0].to.insert(next.routes[0].to.begin(), "west");
  next.routes.push_back(config::Route{{}, {"gamma"}, {}, {"south"}});
  EXPECT_THAT(loosened(running(), next), IsEmpty());
}

TEST(Loosened, TheOrderOfBrokersIsNoLoosening) {
  Config now = running();
  now.routes[0].to = {"north", "south"};
  Config next = now;
  next.routes[0].to = {"south", "north"};
  EXPECT_THAT(loosened(now, next), IsEmpty());
}

}  // namespace
}  // namespace portcullis::app
