#include "app/configuration_change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "config/loader/loader.h"

namespace portcullis::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

config::Client client(const std::string& id) {
  config::Client one;
  one.id = id;
  one.comp_id = id;
  one.gateway_comp_id = "GATE";
  return one;
}

config::Broker broker(const std::string& id) {
  config::Broker one;
  one.id = id;
  one.comp_id = id;
  one.gateway_comp_id = "GATE";
  one.connect = {{"127.0.0.1", 9000}};
  return one;
}

class ConfigurationChangeTest : public ::testing::Test {
 protected:
  ConfigurationChangeTest() {
    running.gateway.id = "LDN1";
    running.clients = {client("alpha"), client("beta")};
    running.brokers = {broker("north")};
    next = running;
  }
  config::Config running;
  config::Config next;
};

TEST_F(ConfigurationChangeTest, NothingIsNothing) {
  const ConfigurationChange change = compare(running, next);
  EXPECT_THAT(change.fixed_keys, IsEmpty());
  EXPECT_THAT(change.added, IsEmpty());
  EXPECT_THAT(change.removed, IsEmpty());
  EXPECT_THAT(change.restarted, IsEmpty());
  EXPECT_THAT(change.reconnected, IsEmpty());
}

TEST_F(ConfigurationChangeTest, WhoComesAndWhoGoes) {
  next.clients = {client("gamma"), client("alpha")};
  next.brokers.push_back(broker("south"));
  const ConfigurationChange change = compare(running, next);
  EXPECT_THAT(change.added, ElementsAre("gamma", "south"));
  EXPECT_THAT(change.removed, ElementsAre("beta"));
  EXPECT_THAT(change.restarted, IsEmpty());
}

TEST_F(ConfigurationChangeTest, ASessionBeginsAnewOnlyWhereItsMessagesChange) {
  next.clients[0].username = "alpha";
  next.clients[0].heartbeat.max = Duration::seconds(10);
  next.clients[0].accounts = {"A", "B"};
  next.brokers[0].status_is_authoritative = true;
  next.brokers[0].reconnect.max = Duration::seconds(7);
  ConfigurationChange change = compare(running, next);
  EXPECT_THAT(change.restarted, IsEmpty());
  EXPECT_THAT(change.reconnected, ElementsAre("north"));
  next.clients[1].version = config::FixVersion::kFix42;
  next.brokers[0].heartbeat = Duration::seconds(9);
  change = compare(running, next);
  EXPECT_THAT(change.restarted, ElementsAre("beta", "north"));
}

TEST_F(ConfigurationChangeTest, WhatOnlyAStartChangesIsNamedByItsKey) {
  next.gateway.durability = config::Durability::kProcess;
  next.gateway.io = config::IoMode::kSpin;
  next.gateway.core_cpu = 1;
  next.gateway.other_cpus = {0};
  next.acceptor.listen.port = 1;
  EXPECT_THAT(compare(running, next).fixed_keys, ElementsAre("gateway.durability", "gateway.io", "gateway.core_cpu",
                                                              "gateway.other_cpus", "acceptor.listen"));
}

TEST(LoadedPlaces, SayWhereAKeyStandsOrItsSection) {
  config::Loaded loaded;
  loaded.places["gateway"] = {3, 1};
  loaded.places["gateway.id"] = {4, 5};
  EXPECT_EQ(loaded.place_of("gateway.id").line, 4);
  EXPECT_EQ(loaded.place_of("gateway.id").column, 5);
  EXPECT_EQ(loaded.place_of("gateway.durability").line, 3);
  EXPECT_EQ(loaded.place_of("alerts").line, 1);
}

}  // namespace
}  // namespace portcullis::app
