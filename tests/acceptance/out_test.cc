// Who is out, who stays out, and what operators are told of it.
#include <gtest/gtest.h>
#include <signal.h>

#include <memory>
#include <string>

#include "sim/inbox.h"
#include "tests/acceptance/broker_peer.h"
#include "tests/acceptance/live_gateway.h"

namespace portcullis::acceptance {
namespace {

constexpr Duration kPatience = Duration::seconds(20);

class OutTest : public testing::Test {
 protected:
  OutTest() {
    LiveSettings settings;
    settings.clients = {{"alpha", "FIX.4.4", ""}, {"beta", "FIX.4.4", ""}};
    settings.brokers = {{"north", broker.port(), "FIX.4.4", ", reconcile: none"}};
    gateway = std::make_unique<LiveGateway>(settings);
    gateway->start();
  }

  void log_on(FixPeer& client) {
    client.connect(gateway->client_port());
    client.send("35=A|98=0|108=30");
    const auto answer = client.receive(kPatience);
    ASSERT_TRUE(answer && (*answer)[35] == "A") << (answer ? answer->text : gateway->log());
  }
  bool is_refused(FixPeer& client, const std::string& logon = "35=A|98=0|108=30") {
    client.connect(gateway->client_port());
    client.send(logon);
    --client.next_seq;  // a refused Logon uses no number
    return client.closed(kPatience);
  }
  std::string post(const std::string& target, const std::string& body) {
    return gateway->rest("POST", "/api/v1" + target, "OPERATOR", body).body;
  }
  // Waits until GET /sessions says so.
  std::string sessions_until(const std::string& text) {
    const SteadyTime deadline = sim::steady_now() + kPatience;
    std::string body;
    do {
      body = gateway->rest("GET", "/api/v1/sessions", "VIEWER").body;
    } while (body.find(text) == std::string::npos && sim::steady_now() < deadline);
    return body;
  }

  BrokerPeer broker{"NORTH"};
  FixPeer alpha{{"FIX.4.4", "ALPHA", "GATE"}};
  FixPeer beta{{"FIX.4.4", "BETA", "GATE"}};
  std::unique_ptr<LiveGateway> gateway;
};

// beta does not answer its Logout, so the stop takes some seconds.
TEST_F(OutTest, WhileItStopsNobodyIsLoggedOnAgain) {
  ASSERT_TRUE(broker.open(kPatience)) << gateway->log();
  log_on(alpha);
  log_on(beta);
  gateway->process().signal(SIGTERM);
  while (broker.next(kPatience)) {
  }  // its Logout is answered, and the connection ends
  const auto goodbye = alpha.receive(kPatience);
  ASSERT_TRUE(goodbye && (*goodbye)[35] == "5") << gateway->log();
  alpha.send("35=5");
  EXPECT_TRUE(alpha.closed(kPatience));
  EXPECT_TRUE(is_refused(alpha)) << gateway->log();
  EXPECT_EQ(gateway->stop(), 0) << gateway->log();
  EXPECT_EQ(broker.accept(Duration::milliseconds(1)), -1) << "the broker was connected to again: " << gateway->log();
}

TEST_F(OutTest, EnablingASessionDoesNotLetInWhatTheKillSwitchKeepsOut) {
  ASSERT_TRUE(broker.open(kPatience)) << gateway->log();
  post("/kill-switch", R"({"scope":"client","id":"alpha","state":"killed","reason":"odd prices"})");
  ASSERT_NE(gateway->wait_for_log("session_kept_out", kPatience), std::string::npos) << gateway->log();
  EXPECT_NE(post("/sessions/alpha/enable", R"({"reason":"by mistake"})").find("done"), std::string::npos);
  EXPECT_TRUE(is_refused(alpha)) << gateway->log();
  EXPECT_NE(sessions_until("stopped by the kill switch").find("stopped by the kill switch"), std::string::npos);
  post("/sessions/beta/disable", R"({"reason":"and back"})");
  EXPECT_TRUE(is_refused(beta)) << gateway->log();
  post("/sessions/beta/enable", R"({"reason":"and back"})");
  log_on(beta);
}

TEST_F(OutTest, WhyALogonWasRefusedStandsAtItsSession) {
  EXPECT_TRUE(is_refused(alpha, "35=A|98=0|108=3601"));
  const std::string why = "was refused: HeartBtInt(108) must be 1 to 60";
  const std::string told = sessions_until(why);
  EXPECT_NE(told.find("a Logon from 127.0.0.1"), std::string::npos) << told;
  EXPECT_NE(told.find(why), std::string::npos) << told;
  log_on(alpha);
  beta.connect(gateway->client_port());
  beta.send("35=A|98=0|108=30");
  ASSERT_TRUE(beta.receive(kPatience)) << gateway->log();
  alpha.send("35=5|58=S\xe9quence");
  const std::string left = sessions_until("the peer logged out: S?quence");
  EXPECT_NE(left.find("the peer logged out: S?quence"), std::string::npos) << left;
  EXPECT_EQ(left.find(why), std::string::npos) << "it has been logged on since: " << left;
}

TEST_F(OutTest, WhoLoggedASessionOutStandsInTheAuditTrail) {
  log_on(alpha);
  EXPECT_NE(post("/sessions/alpha/logout", R"({"reason":"a stuck client"})").find("done"), std::string::npos);
  const auto goodbye = alpha.receive(kPatience);
  ASSERT_TRUE(goodbye && (*goodbye)[35] == "5") << gateway->log();
  EXPECT_EQ((*goodbye)[58], "a stuck client");
  alpha.send("35=5");
  EXPECT_EQ(gateway->stop(), 0) << gateway->log();
  std::string output;
  EXPECT_EQ(gateway->run({"journal", "dump", gateway->data_dir()}, output), 0);
  EXPECT_NE(output.find(R"("action":"logout session alpha","detail":"a stuck client")"), std::string::npos) << output;
  EXPECT_EQ(gateway->run({"audit", "verify", gateway->data_dir()}, output), 0) << output;
}

// Trading waits for neither, so somebody must be told.
TEST(OutsideTest, ABlotterAndAWebhookThatAreAwayAreToldOf) {
  LiveSettings settings;
  settings.clients = {{"alpha", "FIX.4.4", ""}};
  settings.blotter = "postgresql://nobody@127.0.0.1:1/nothing";
  settings.more = "alerts: {webhook: \"http://127.0.0.1:1/hook\"}\n";
  LiveGateway gateway(settings);
  gateway.start();
  gateway.rest("POST", "/api/v1/kill-switch", "OPERATOR", R"({"scope":"firm","state":"reduce_only","reason":"x"})");
  EXPECT_NE(gateway.wait_for_log("\"alerts_not_sent\",\"why\":\"no connection", kPatience), std::string::npos)
      << gateway.log();
  EXPECT_NE(gateway.wait_for_log("\"blotter_down\",\"why\"", kPatience), std::string::npos) << gateway.log();
  const std::string health = gateway.rest("GET", "/api/v1/health/ready", "VIEWER").body;
  EXPECT_NE(health.find("alerts do not reach alerts.webhook (1 wait): no connection"), std::string::npos) << health;
  const std::string metrics = gateway.rest("GET", "/api/v1/metrics", "VIEWER").body;
  EXPECT_NE(metrics.find("portcullis_webhook_waiting{gateway="), std::string::npos) << metrics;
  EXPECT_EQ(gateway.stop(), 0) << gateway.log();
}

}  // namespace
}  // namespace portcullis::acceptance
