// Numbers are reset while reports wait that no connection has carried: the client gets them all the same, once.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/acceptance/broker_peer.h"
#include "tests/acceptance/live_gateway.h"

namespace portcullis::acceptance {
namespace {

constexpr Duration kPatience = Duration::seconds(20);

class ResetTest : public testing::Test {
 protected:
  void begin(const std::string& client_keys = "") {
    LiveSettings settings;
    settings.durability = "disk";
    settings.clients = {{"alpha", "FIX.4.4", client_keys}};
    settings.brokers = {{"north", broker.port(), "FIX.4.4", ", reconcile: none"}};
    gateway = std::make_unique<LiveGateway>(settings);
    gateway->start();
    ASSERT_TRUE(broker.open(kPatience)) << gateway->log();
  }
  void log_on(const std::string& fields) {
    client.connect(gateway->client_port());
    client.send("35=A|98=0|108=30|" + fields);
    const auto answer = client.receive(kPatience);
    ASSERT_TRUE(answer && (*answer)[35] == "A") << (answer ? answer->text : "nothing");
  }
  // The client's order is at the broker and acknowledged; then the client goes, and the broker fills it.
  void order_go_and_fill() {
    client.send("35=D|11=A|55=EUR/USD|54=1|38=1000000|40=2|44=1.1|60=now");
    const auto order = broker.next(kPatience);
    ASSERT_TRUE(order && (*order)[35] == "D");
    given = (*order)[11];
    broker.peer().send("35=8|37=N1|11=" + given + "|17=B1|150=0|39=0|55=EUR/USD|54=1|38=1000000|14=0|151=1000000|6=0");
    const auto taken = client.receive(kPatience);
    ASSERT_TRUE(taken && (*taken)[150] == "0") << (taken ? taken->text : "nothing");
    client.hang_up();
    ASSERT_NE(gateway->wait_for_log("\"session_down\"", kPatience), std::string::npos);
    fill("B2", "400000", "1");
    fill("B3", "1000000", "2");
    ASSERT_TRUE(broker.settled(kPatience));
  }
  void fill(const std::string& exec_id, const std::string& cum, const std::string& status) {
    const std::string last = exec_id == "B2" ? "400000" : "600000";
    broker.peer().send("35=8|37=N1|11=" + given + "|17=" + exec_id + "|150=F|39=" + status +
                       "|55=EUR/USD|54=1|38=1000000|32=" + last + "|31=1.1|14=" + cum + "|151=0|6=1.1");
  }
  void expect_both_fills(bool again) {
    std::vector<std::string> exec_ids;
    for (const std::string theirs : {"B2", "B3"}) {
      const auto report = client.receive(kPatience);
      ASSERT_TRUE(report.has_value()) << theirs;
      EXPECT_EQ((*report)[35], "8") << report->text;
      EXPECT_EQ((*report)[527], theirs) << report->text;
      EXPECT_EQ((*report)[97], again ? "Y" : "") << report->text;
      EXPECT_EQ((*report)[43], "") << report->text;
      exec_ids.push_back((*report)[17]);
    }
    EXPECT_NE(exec_ids[0], exec_ids[1]);
    if (!known.empty()) {
      EXPECT_EQ(exec_ids, known) << "ExecID(17) is the same however often a report is issued";
    }
    known = exec_ids;
  }
  void expect_nothing_more() {
    client.send("35=1|112=END");
    const auto end = client.receive(kPatience);
    ASSERT_TRUE(end.has_value());
    EXPECT_EQ((*end)[112], "END") << end->text;
  }
  void go() {
    const std::size_t from = gateway->log().size();
    client.hang_up();
    ASSERT_NE(gateway->wait_for_log("\"session_down\"", kPatience, from), std::string::npos);
  }

  BrokerPeer broker{"NORTH"};
  FixPeer client{{"FIX.4.4", "ALPHA", "GATE"}};
  std::unique_ptr<LiveGateway> gateway;
  std::string given;
  std::vector<std::string> known;
};

TEST_F(ResetTest, AClientThatResetsGetsThemAsNewMessages) {
  begin();
  log_on("");
  order_go_and_fill();
  client.next_seq = 1;
  log_on("141=Y");
  expect_both_fills(true);
  expect_nothing_more();
  go();
  client.next_seq = 1;
  log_on("141=Y");
  expect_nothing_more();
  EXPECT_EQ(gateway->stop(), 0);
}

TEST_F(ResetTest, AKillInBetweenChangesNothing) {
  begin();
  log_on("");
  order_go_and_fill();
  gateway->kill();
  gateway->start();
  ASSERT_TRUE(broker.open(kPatience)) << gateway->log();
  client.next_seq = 1;
  log_on("141=Y");
  expect_both_fills(true);
  // Killed before it notes that these were written: the next reset may bring them again, marked as before.
  gateway->kill();
  gateway->start();
  client.next_seq = 1;
  log_on("141=Y");
  client.send("35=1|112=END");
  auto message = client.receive(kPatience);
  ASSERT_TRUE(message.has_value());
  for (std::size_t i = 0; (*message)[112] != "END"; ++i) {
    ASSERT_LT(i, known.size());
    EXPECT_EQ((*message)[97], "Y") << message->text;
    EXPECT_EQ((*message)[17], known[i]) << message->text;
    message = client.receive(kPatience);
    ASSERT_TRUE(message.has_value());
  }
  std::string output;
  gateway->kill();
  EXPECT_EQ(gateway->run({"journal", "verify", gateway->data_dir() + "/journal"}, output), 0) << output;
}

TEST_F(ResetTest, AnOperatorWhoSetsTheNumbersTakesNoReportAway) {
  begin();
  log_on("");
  order_go_and_fill();
  const auto set = gateway->rest("POST", "/api/v1/sessions/alpha/sequence", "ADMIN",
                                 R"({"next_sender_seq":1,"next_target_seq":1,"reason":"the client lost its numbers"})");
  ASSERT_EQ(set.status, 200U) << set.body;
  client.next_seq = 1;
  log_on("");
  expect_both_fills(true);
  expect_nothing_more();
}

TEST_F(ResetTest, AGatewayThatResetsAtEachLogonTakesNoReportAway) {
  begin(", reset_on_logon: true");
  log_on("141=Y");
  order_go_and_fill();
  client.next_seq = 1;
  log_on("141=Y");
  expect_both_fills(true);
  expect_nothing_more();
}

TEST_F(ResetTest, WithoutAResetTheClientAsksAndGetsThemAsTheyWere) {
  begin();
  log_on("");
  order_go_and_fill();
  log_on("");
  client.send("35=2|7=3|16=0");
  for (const std::string theirs : {"B2", "B3"}) {
    const auto report = client.receive(kPatience);
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ((*report)[527], theirs);
    EXPECT_EQ((*report)[43], "Y");
    EXPECT_EQ((*report)[97], "");
  }
}

}  // namespace
}  // namespace portcullis::acceptance
