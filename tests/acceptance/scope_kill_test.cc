// The kill switch over REST at the scopes beside firm, client, account and broker: what is open under the scope is
// cancelled at the broker, what is new is refused with the scope's name, what is beside it trades on, and two persons
// let it trade again.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>
#include <string>

#include "tests/acceptance/broker_peer.h"
#include "tests/acceptance/live_gateway.h"

namespace portcullis::acceptance {
namespace {

constexpr Duration kPatience = Duration::seconds(20);

class ScopeKill : public testing::Test {
 protected:
  void SetUp() override {
    LiveSettings settings;
    settings.clients = {{"alpha", "FIX.4.4", ", trader: sender_sub_id, group: funds"},
                        {"beta", "FIX.4.4", ", trader: sender_sub_id"}};
    settings.brokers = {{"north", broker.port(), "FIX.4.4", ", reconcile: none"}};
    gateway = std::make_unique<LiveGateway>(settings);
    std::string text = gateway->text(settings);
    const std::string risk = "\nrisk:\n";
    text.insert(text.find(risk) + risk.size(), "  groups: {funds: {max_open_orders: 1000}}\n");
    gateway->write_configuration(text);
    gateway->start();
    ASSERT_TRUE(broker.open(kPatience)) << gateway->log();
    log_on(alpha);
    log_on(beta);
  }

  void log_on(FixPeer& client) {
    client.connect(gateway->client_port());
    client.send("35=A|98=0|108=30");
    const auto answer = client.receive(kPatience);
    ASSERT_TRUE(answer && (*answer)[35] == "A") << (answer ? answer->text : "nothing") << gateway->log();
  }

  static void send(FixPeer& client, const std::string& id, const std::string& trader, const std::string& symbol) {
    client.send("35=D|50=" + trader + "|11=" + id + "|55=" + symbol +
                "|54=1|38=1000|40=2|44=" + (symbol == "GBP/USD" ? "1.25" : "1.1") + "|60=now");
  }
  // The order reaches the broker, which takes it; its ClOrdID there.
  std::string rest(FixPeer& client, const std::string& id, const std::string& trader, const std::string& symbol) {
    send(client, id, trader, symbol);
    const auto order = broker.next(kPatience);
    if (!order || (*order)[35] != "D") {
      ADD_FAILURE() << id << " has not reached the broker: " << (order ? order->text : "nothing");
      return "";
    }
    broker.peer().send("35=8|37=N" + (*order)[11] + "|11=" + (*order)[11] + "|17=A" + (*order)[11] +
                       "|150=0|39=0|55=" + symbol + "|54=1|38=1000|14=0|151=1000|6=0");
    const auto taken = client.receive(kPatience);
    EXPECT_TRUE(taken && (*taken)[39] == "0") << (taken ? taken->text : "nothing");
    return (*order)[11];
  }
  void expect_refused(FixPeer& client, const std::string& id, const std::string& trader, const std::string& symbol,
                      const std::string& scope) {
    send(client, id, trader, symbol);
    const auto report = client.receive(kPatience);
    ASSERT_TRUE(report.has_value()) << id;
    EXPECT_EQ((*report)[39], "8") << report->text;
    EXPECT_NE((*report)[58].find("state of the " + scope), std::string::npos) << report->text;
  }
  // The broker is asked to cancel this order, and does.
  void expect_cancelled(FixPeer& client, const std::string& given, const std::string& symbol) {
    const auto cancel = broker.next(kPatience);
    ASSERT_TRUE(cancel && (*cancel)[35] == "F") << (cancel ? cancel->text : "nothing");
    EXPECT_EQ((*cancel)[41], given) << cancel->text;
    broker.peer().send("35=8|37=N" + given + "|11=" + (*cancel)[11] + "|41=" + given + "|17=C" + given +
                       "|150=4|39=4|55=" + symbol + "|54=1|38=1000|14=0|151=0|6=0");
    const auto gone = client.receive(kPatience);
    ASSERT_TRUE(gone.has_value());
    EXPECT_EQ((*gone)[39], "4") << gone->text;
  }

  admin::ClientResponse set(const std::string& scope, const std::string& id, const std::string& state,
                            const std::string& role) {
    return gateway->rest("POST", "/api/v1/kill-switch", role,
                         boost::json::serialize(boost::json::object{
                             {"scope", scope}, {"id", id}, {"state", state}, {"reason", "scope kill test"}}));
  }
  // By two persons: from a stop to reduce-only, and from there to active.
  void release(const std::string& scope, const std::string& id) {
    for (const char* word : {"reduce_only", "active"}) {
      const admin::ClientResponse proposed = set(scope, id, word, "RISK1");
      ASSERT_EQ(proposed.status, 202u) << proposed.body;
      const std::string proposal(boost::json::parse(proposed.body).at("id").as_string());
      const std::string approve = "/api/v1/proposals/" + proposal + "/approve";
      EXPECT_EQ(gateway->rest("POST", approve, "RISK1").status, 403u) << "one's own";
      const admin::ClientResponse approved = gateway->rest("POST", approve, "RISK2");
      EXPECT_EQ(approved.status, 200u) << approved.body;
    }
  }
  std::string stopped() { return gateway->rest("GET", "/api/v1/kill-switch", "VIEWER").body; }

  BrokerPeer broker{"NORTH"};
  FixPeer alpha{{"FIX.4.4", "ALPHA", "GATE"}};
  FixPeer beta{{"FIX.4.4", "BETA", "GATE"}};
  std::unique_ptr<LiveGateway> gateway;
};

TEST_F(ScopeKill, ATraderIsStoppedAndItsColleagueTradesOn) {
  const std::string anns = rest(alpha, "A1", "ann", "EUR/USD");
  const std::string bobs = rest(alpha, "B1", "bob", "EUR/USD");
  EXPECT_EQ(set("trader", "alpha/ann", "killed", "OPERATOR").status, 200u);
  expect_cancelled(alpha, anns, "EUR/USD");
  expect_refused(alpha, "A2", "ann", "EUR/USD", "trader");
  rest(alpha, "B2", "bob", "EUR/USD");
  rest(beta, "A3", "ann", "EUR/USD");  // another client's ann is another trader
  EXPECT_NE(stopped().find("alpha/ann"), std::string::npos) << stopped();
  release("trader", "alpha/ann");
  rest(alpha, "A4", "ann", "EUR/USD");
  EXPECT_EQ(stopped(), "[]");
}

TEST_F(ScopeKill, ATraderWhoHasSentNoOrderYetIsStopped) {
  EXPECT_EQ(set("trader", "alpha/eve", "killed", "OPERATOR").status, 200u);
  expect_refused(alpha, "E1", "eve", "EUR/USD", "trader");
  rest(alpha, "A1", "ann", "EUR/USD");
  for (const char* nobody : {"gamma/eve", "alpha/", "eve", "alpha/a-name-that-is-longer-than-any-scope"}) {
    EXPECT_EQ(set("trader", nobody, "killed", "OPERATOR").status, 404u) << nobody;
  }
  // The word is there after a start.
  gateway->kill();
  gateway->start();
  ASSERT_TRUE(broker.open(kPatience)) << gateway->log();
  log_on(alpha);
  expect_refused(alpha, "E2", "eve", "EUR/USD", "trader");
}

TEST_F(ScopeKill, WhatAnOperatorHasDoneIsShownToTheNextWhoLooks) {
  for (const std::string id : {"EUR/USD", "GBP/USD"}) {
    for (const std::string state : {"block_new", "cancel", "killed"}) {
      EXPECT_EQ(set("instrument", id, state, "OPERATOR").status, 200u) << state;
      const std::string shown = stopped();
      EXPECT_NE(shown.find("\"id\":\"" + id + "\",\"state\":\"" + state + "\""), std::string::npos) << shown;
    }
  }
}

TEST_F(ScopeKill, AGroupIsStoppedWithItsClientsOrdersAndSessions) {
  const std::string ours = rest(alpha, "A1", "ann", "EUR/USD");
  rest(beta, "B1", "bob", "EUR/USD");
  // First the word that leaves the session on, so that the cancel's end can be read on it.
  EXPECT_EQ(set("group", "funds", "cancel", "OPERATOR").status, 200u);
  expect_cancelled(alpha, ours, "EUR/USD");
  expect_refused(alpha, "A2", "ann", "EUR/USD", "group");
  EXPECT_EQ(set("group", "funds", "killed", "OPERATOR").status, 200u);
  const auto logout = alpha.receive(kPatience);
  ASSERT_TRUE(logout.has_value());
  EXPECT_EQ((*logout)[35], "5") << logout->text;
  alpha.send("35=5");
  EXPECT_TRUE(alpha.closed(kPatience));
  rest(beta, "B2", "bob", "EUR/USD");
  release("group", "funds");
  ASSERT_NE(gateway->wait_for_log("session_let_in", kPatience), std::string::npos);
  log_on(alpha);
  rest(alpha, "A3", "ann", "EUR/USD");
}

TEST_F(ScopeKill, ACurrencyIsStoppedInEveryPairThatHasIt) {
  const std::string pounds = rest(alpha, "A1", "ann", "GBP/USD");
  rest(beta, "B1", "bob", "EUR/USD");
  EXPECT_EQ(set("currency", "GBP", "killed", "OPERATOR").status, 200u);
  expect_cancelled(alpha, pounds, "GBP/USD");
  expect_refused(alpha, "A2", "ann", "GBP/USD", "currency");
  expect_refused(beta, "B2", "bob", "GBP/USD", "currency");
  rest(beta, "B3", "bob", "EUR/USD");
  release("currency", "GBP");
  rest(beta, "B4", "bob", "GBP/USD");
}

TEST_F(ScopeKill, AnInstrumentIsStopped) {
  const std::string euros = rest(alpha, "A1", "ann", "EUR/USD");
  EXPECT_EQ(set("instrument", "EUR/USD", "cancel", "OPERATOR").status, 200u);
  expect_cancelled(alpha, euros, "EUR/USD");
  expect_refused(beta, "B1", "bob", "EUR/USD", "instrument");
  rest(beta, "B2", "bob", "GBP/USD");
}

}  // namespace
}  // namespace portcullis::acceptance
