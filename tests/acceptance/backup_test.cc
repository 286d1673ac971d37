// Reliability scenario 29: yesterday's backup of the data directory is restored while the world has gone on. The gateway
// holds new orders, takes a new epoch, uses no ClOrdID twice, and trades again once the broker has told what it has.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <set>
#include <string>

#include "sim/inbox.h"
#include "tests/acceptance/broker_peer.h"
#include "tests/acceptance/live_gateway.h"

namespace portcullis::acceptance {
namespace {

constexpr Duration kPatience = Duration::seconds(20);

class BackupTest : public testing::Test {
 protected:
  BackupTest() {
    LiveSettings settings;
    settings.durability = "disk";
    settings.clients = {{"alpha", "FIX.4.4", ""}};
    settings.brokers = {{"north", broker.port(), "FIX.4.4", ", reconcile: status, status_is_authoritative: true"}};
    gateway = std::make_unique<LiveGateway>(settings);
  }

  void start() {
    gateway->start();
    ASSERT_TRUE(broker.open(kPatience)) << gateway->log();
    wait_until_reconciled();
    log_on();
  }
  // The broker answers what it is asked about each order, and is open then.
  void wait_until_reconciled() {
    const SteadyTime deadline = sim::steady_now() + kPatience;
    while (sim::steady_now() < deadline) {
      const std::string sessions = gateway->rest("GET", "/api/v1/sessions", "VIEWER").body;
      const std::size_t north = sessions.find("\"id\":\"north\"");
      if (north != std::string::npos && sessions.find("\"state\":\"up\"", north) < sessions.find('}', north)) return;
      const auto asked = broker.next(Duration::milliseconds(50));
      if (asked && (*asked)[35] == "H") tell((*asked)[11], "17=0|150=I|39=0", "14=0|151=1000000|6=0");
    }
    FAIL() << gateway->log();
  }
  void log_on() {
    client.next_seq = 1;
    client.connect(gateway->client_port());
    client.send("35=A|98=0|108=30|141=Y");
    const auto answer = client.receive(kPatience);
    ASSERT_TRUE(answer && (*answer)[35] == "A") << (answer ? answer->text : gateway->log());
  }
  void send_order(const std::string& id) {
    client.send("35=D|11=" + id + "|55=EUR/USD|54=1|38=1000000|40=2|44=1.1|59=1|60=now");
  }
  // The client's order, at the broker and acknowledged; the ClOrdID that the broker has seen.
  std::string trade(const std::string& id) {
    send_order(id);
    const auto order = next_order();
    EXPECT_TRUE(order && (*order)[35] == "D") << (order ? order->text : gateway->log());
    if (!order) return "";
    const std::string given = (*order)[11];
    EXPECT_TRUE(given_ids.insert(given).second) << "a ClOrdID is used twice: " << given;
    tell(given, "17=ACK" + id + "|150=0|39=0", "14=0|151=1000000|6=0");
    const auto report = client.receive(kPatience);
    EXPECT_TRUE(report && (*report)[11] == id && (*report)[150] == "0") << (report ? report->text : gateway->log());
    return given;
  }
  void tell(const std::string& given, const std::string& what, const std::string& figures) {
    broker.peer().send("35=8|37=N" + given + "|11=" + given + "|" + what + "|55=EUR/USD|54=1|38=1000000|" + figures);
  }
  // What reconciliation asks is answered from the broker's book: each order is as it was acknowledged.
  std::optional<FixText> next_order() {
    while (auto message = broker.next(kPatience)) {
      if ((*message)[35] != "H") return message;
      tell((*message)[11], "17=0|150=I|39=0", "14=0|151=1000000|6=0");
    }
    return std::nullopt;
  }
  void stop() {
    gateway->process().signal(SIGTERM);
    client.send("35=5");
    while (broker.next(kPatience)) {
    }  // answers the Logout; then the gateway closes
    ASSERT_EQ(gateway->stop(), 0) << gateway->log();
    client.hang_up();
    broker.peer().hang_up();
  }
  admin::ClientResponse post(const std::string& target, const std::string& role, const std::string& body) {
    return gateway->rest("POST", "/api/v1" + target, role, body);
  }
  std::string ready() { return gateway->rest("GET", "/api/v1/health/ready", "VIEWER").body; }

  BrokerPeer broker{"NORTH"};
  FixPeer client{{"FIX.4.4", "ALPHA", "GATE"}};
  std::unique_ptr<LiveGateway> gateway;
  std::set<std::string> given_ids;
};

TEST_F(BackupTest, YesterdaysBackupHoldsAndNoClOrdIdIsUsedTwice) {
  start();
  trade("A1");
  stop();
  const std::string backup = gateway->path("yesterday");
  std::filesystem::copy(gateway->data_dir(), backup, std::filesystem::copy_options::recursive);

  start();
  const std::string forgotten = trade("A2");
  trade("A3");
  stop();

  std::filesystem::remove_all(gateway->data_dir());
  std::filesystem::copy(backup, gateway->data_dir(), std::filesystem::copy_options::recursive);
  gateway->start();
  // The broker has seen more from us than the backup knows of, and says so.
  const std::uint64_t expected = 50;
  ASSERT_TRUE(broker.refuse(kPatience, "MsgSeqNum too low, expecting " + std::to_string(expected) + " but received 4"))
      << gateway->log().substr(gateway->log().size() - 3000);
  ASSERT_NE(gateway->wait_for_log("expects a higher MsgSeqNum than ours", kPatience), std::string::npos) << gateway->log();
  log_on();
  send_order("A4");
  auto refused = client.receive(kPatience);
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ((*refused)[150], "8") << refused->text;
  EXPECT_NE(ready().find("\"ready\":false"), std::string::npos) << ready();

  // Two persons set the numbers that the broker told; nobody does it alone while orders are open.
  ASSERT_EQ(post("/sessions/north/disable", "OPERATOR", R"({"reason":"numbers are to be set"})").status, 200U);
  admin::ClientResponse set;
  for (int i = 0; i < 200; ++i) {  // until the last attempt to connect has ended
    set = post("/sessions/north/sequence", "OPERATOR",
               "{\"next_sender_seq\":" + std::to_string(expected) + ",\"next_target_seq\":" +
                   std::to_string(broker.peer().next_seq) + ",\"reason\":\"backup restored\"}");
    if (set.status != 409) break;
    gateway->process().wait(Duration::milliseconds(50));
  }
  ASSERT_EQ(set.status, 202U) << set.body;
  const std::size_t at = set.body.find("\"proposal_id\":\"");
  const std::size_t from = at != std::string::npos ? at + 15 : set.body.find("\"id\":\"") + 6;
  const std::string proposal = set.body.substr(from, set.body.find('"', from) - from);
  const auto approved = post("/proposals/" + proposal + "/approve", "ADMIN", R"({"reason":"agreed with the broker"})");
  ASSERT_EQ(approved.status, 200U) << approved.body << set.body;
  ASSERT_EQ(post("/sessions/north/enable", "OPERATOR", R"({"reason":"numbers are set"})").status, 200U);
  ASSERT_TRUE(broker.open(kPatience)) << gateway->log();

  wait_until_reconciled();
  // It drains and tells, and the hold ends; then it reports on an order of the epoch that the backup has forgotten.
  ASSERT_NE(gateway->wait_for_log("orders are taken again", kPatience), std::string::npos) << gateway->log();
  const std::size_t before = gateway->log().size();
  tell(forgotten, "17=FILL2|150=F|39=2|32=1000000|31=1.1", "14=1000000|151=0|6=1.1");
  ASSERT_NE(gateway->wait_for_log("the journal does not know ClOrdID " + forgotten, kPatience, before), std::string::npos)
      << gateway->log().substr(before);
  send_order("A5");
  refused = client.receive(kPatience);
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ((*refused)[150], "8") << refused->text;
  // Drained and reconciled once more, without anybody's doing.
  while (gateway->log().find("orders are taken again", before) == std::string::npos) {
    const auto asked = broker.next(Duration::milliseconds(200));
    if (asked && (*asked)[35] == "H") tell((*asked)[11], "17=0|150=I|39=0", "14=0|151=1000000|6=0");
    ASSERT_TRUE(gateway->process().running()) << gateway->log();
  }
  trade("A6");
  EXPECT_EQ(given_ids.size(), 4U);
  stop();
  std::string output;
  EXPECT_EQ(gateway->run({"journal", "verify", gateway->data_dir() + "/journal"}, output), 0) << output;
}

}  // namespace
}  // namespace portcullis::acceptance
