// SIGHUP under trading: clients, brokers, limits, routes and users change; what cannot is refused whole.
#include <gtest/gtest.h>
#include <signal.h>

#include <string>

#include "tests/acceptance/broker_peer.h"
#include "tests/acceptance/live_gateway.h"

namespace portcullis::acceptance {
namespace {

constexpr Duration kPatience = Duration::seconds(20);

class ReloadTest : public testing::Test {
 protected:
  ReloadTest() {
    settings.durability = "disk";
    settings.clients = {{"alpha", "FIX.4.4", ""}, {"beta", "FIX.4.2", ""}};
    settings.brokers = {{"north", north.port(), "FIX.4.4", ", reconcile: none"}};
    gateway = std::make_unique<LiveGateway>(settings);
    gateway->start();
  }

  // Sends the signal and waits for the log to say how it ended; that line and what follows it.
  // What was logged, with all these words in it: a file with several faults has a line for each.
  std::string reload(const std::string& text, const std::string& outcome, const std::vector<std::string>& words = {}) {
    gateway->write_configuration(text);
    const std::size_t from = gateway->log().size();
    gateway->process().signal(SIGHUP);
    EXPECT_NE(gateway->wait_for_log("\"" + outcome + "\"", kPatience, from), std::string::npos)
        << gateway->log().substr(from);
    for (const std::string& word : words) {
      EXPECT_NE(gateway->wait_for_log(word, kPatience, from), std::string::npos) << word << gateway->log().substr(from);
    }
    return gateway->log().substr(from);
  }
  std::string reload(const std::string& outcome = "reloaded") { return reload(gateway->text(settings), outcome); }

  void log_on(FixPeer& client, const std::string& fields = "") {
    client.connect(gateway->client_port());
    client.send("35=A|98=0|108=30|" + fields);
    const auto answer = client.receive(kPatience);
    ASSERT_TRUE(answer && (*answer)[35] == "A") << (answer ? answer->text : gateway->log());
  }
  void order(FixPeer& client, const std::string& id, const std::string& quantity = "1000") {
    client.send("35=D|11=" + id + "|21=1|55=EUR/USD|54=1|38=" + quantity + "|40=2|44=1.1|60=now");
  }
  // The order comes to this broker and is filled; the client hears of it.
  void expect_fill(FixPeer& client, BrokerPeer& broker, const std::string& id) {
    const auto sent = broker.next(kPatience);
    ASSERT_TRUE(sent && (*sent)[35] == "D") << (sent ? sent->text : "nothing came to the broker");
    broker.peer().send("35=8|37=O" + id + "|11=" + (*sent)[11] + "|17=X" + id +
                       "|150=F|39=2|55=EUR/USD|54=1|38=1000|32=1000|31=1.1|14=1000|151=0|6=1.1");
    const auto report = client.receive(kPatience);
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ((*report)[11], id) << report->text;
    EXPECT_EQ((*report)[39], "2") << report->text;
  }
  // Version and hash of the configuration that runs.
  std::string health() {
    const std::string body = gateway->rest("GET", "/api/v1/health/ready", "VIEWER").body;
    return body.substr(body.find("\"configuration\""));
  }

  BrokerPeer north{"NORTH"};
  BrokerPeer south{"SOUTH"};
  FixPeer alpha{{"FIX.4.4", "ALPHA", "GATE"}};
  FixPeer beta{{"FIX.4.2", "BETA", "GATE"}};
  FixPeer gamma{{"FIX.4.4", "GAMMA", "GATE"}};
  LiveSettings settings;
  std::unique_ptr<LiveGateway> gateway;
};

TEST_F(ReloadTest, ClientsAndBrokersComeAndGoWhileOthersTrade) {
  ASSERT_TRUE(north.open(kPatience)) << gateway->log();
  log_on(alpha);
  log_on(beta);
  order(alpha, "A1");
  expect_fill(alpha, north, "A1");
  const std::string before = health();

  // gamma comes, beta goes, a broker joins in front of the other; alpha and north stay as they are.
  settings.clients = {{"alpha", "FIX.4.4", ""}, {"gamma", "FIX.4.4", ""}};
  settings.brokers = {{"south", south.port(), "FIX.4.4", ", reconcile: none"},
                      {"north", north.port(), "FIX.4.4", ", reconcile: none"}};
  gateway->write_configuration(gateway->text(settings));
  gateway->process().signal(SIGHUP);
  const auto goodbye = beta.receive(kPatience);
  ASSERT_TRUE(goodbye && (*goodbye)[35] == "5");
  EXPECT_NE((*goodbye)[58].find("removed from the configuration"), std::string::npos) << goodbye->text;
  // Trading goes on before beta has answered.
  order(alpha, "A2");
  expect_fill(alpha, north, "A2");
  beta.send("35=5");
  ASSERT_NE(gateway->wait_for_log("\"reloaded\"", kPatience), std::string::npos) << gateway->log();
  ASSERT_TRUE(south.open(kPatience)) << gateway->log();
  EXPECT_NE(health(), before);

  log_on(gamma);
  order(gamma, "G1");
  expect_fill(gamma, south, "G1");
  order(alpha, "A3");
  expect_fill(alpha, south, "A3");
  EXPECT_TRUE(north.settled(kPatience)) << "the broker that stayed kept its connection";

  beta.connect(gateway->client_port());
  beta.send("35=A|98=0|108=30");
  EXPECT_TRUE(beta.closed(kPatience)) << "a client that is gone may not log on";

  // And back: the numbers go on where they were.
  settings.clients.push_back({"beta", "FIX.4.2", ""});
  reload();
  const std::uint64_t next = beta.next_seq;
  beta.next_seq = next - 1;  // the refused Logon used none
  log_on(beta);

  // A restart has the same configuration, from the file and from the journal.
  EXPECT_EQ(gateway->stop(), 0) << gateway->log();
  std::string output;
  EXPECT_EQ(gateway->run({"journal", "verify", gateway->data_dir() + "/journal"}, output), 0) << output;
  EXPECT_EQ(gateway->run({"journal", "replay", gateway->data_dir() + "/journal"}, output), 0) << output;
}

TEST_F(ReloadTest, ASessionWhoseMessagesChangeBeginsAnewAndOthersDoNot) {
  ASSERT_TRUE(north.open(kPatience)) << gateway->log();
  log_on(alpha);
  log_on(beta);
  settings.clients[1].version = "FIX.4.4";
  const std::size_t from = gateway->log().size();
  gateway->write_configuration(gateway->text(settings));
  gateway->process().signal(SIGHUP);
  const auto goodbye = beta.receive(kPatience);
  ASSERT_TRUE(goodbye && (*goodbye)[35] == "5");
  beta.send("35=5");
  ASSERT_NE(gateway->wait_for_log("\"reloaded\"", kPatience, from), std::string::npos) << gateway->log().substr(from);
  FixPeer other{{"FIX.4.4", "BETA", "GATE"}};
  other.next_seq = beta.next_seq;
  log_on(other);
  order(other, "B1");
  expect_fill(other, north, "B1");
  order(alpha, "A1");
  expect_fill(alpha, north, "A1");
}

TEST_F(ReloadTest, LimitsAndUsersHoldAtOnce) {
  ASSERT_TRUE(north.open(kPatience)) << gateway->log();
  log_on(alpha);
  std::string text = gateway->text(settings);
  const std::string limit = "max_order_quantity: 10000000";
  text.replace(text.find(limit), limit.size(), "max_order_quantity: 5000");
  const std::string user = "{name: VIEWER, role: viewer, token: \"${env:PORTCULLIS_VIEWER_TOKEN}\"}";
  text.replace(text.find(user), user.size(), "{name: watcher, role: viewer, token: another-token-of-40-characters-000000}");
  reload(text, "reloaded");
  order(alpha, "A1", "6000");
  const auto refused = alpha.receive(kPatience);
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ((*refused)[150], "8") << refused->text;
  order(alpha, "A2", "1000");
  expect_fill(alpha, north, "A2");
  EXPECT_EQ(gateway->rest("GET", "/api/v1/sessions", "VIEWER").status, 401U);
  EXPECT_EQ(admin::call(gateway->admin_port(), "GET", "/api/v1/sessions", "another-token-of-40-characters-000000").status, 200U);
}

TEST_F(ReloadTest, WhatIsWrongOrFixedIsRefusedWholeWithItsPlace) {
  ASSERT_TRUE(north.open(kPatience)) << gateway->log();
  log_on(alpha);
  const std::string hash = health();
  settings.clients.push_back({"gamma", "FIX.4.4", ""});
  std::string broken = gateway->text(settings);
  broken.replace(broken.find("max_open_orders"), 15, "max_opem_orders");
  reload(broken, "reload_refused", {"gateway.yaml:", "max_opem_orders"});

  std::string moved = gateway->text(settings);
  moved.replace(moved.find("durability: disk"), 16, "durability: process");
  reload(moved, "reload_refused", {"gateway.yaml:1:", "gateway.durability"});

  EXPECT_EQ(health(), hash) << "the running one stays";
  gamma.connect(gateway->client_port());
  gamma.send("35=A|98=0|108=30");
  EXPECT_TRUE(gamma.closed(kPatience));
  order(alpha, "A1");
  expect_fill(alpha, north, "A1");
  // The same file as it should have been is taken.
  reload();
  gamma.next_seq = 1;
  log_on(gamma);
}

}  // namespace
}  // namespace portcullis::acceptance
