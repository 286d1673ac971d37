// The scenarios of docs/reliability.md that need the whole program and nothing but sockets and files: each test bears its
// number. The others stand elsewhere; the table there says where.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "session/password.h"
#include "sim/inbox.h"
#include "tests/acceptance/broker_peer.h"
#include "tests/acceptance/live_gateway.h"

namespace portcullis::acceptance {
namespace {

constexpr Duration kPatience = Duration::seconds(20);

class FaultsTest : public testing::Test {
 protected:
  void begin(const std::string& alpha_keys = "", const std::string& broker_keys = ", reconcile: none", const std::string& durability = "disk") {
    LiveSettings settings;
    settings.durability = durability;
    settings.clients = {{"alpha", "FIX.4.4", alpha_keys}, {"beta", "FIX.4.4", ""}};
    settings.brokers = {{"north", broker.port(), "FIX.4.4", broker_keys}};
    gateway = std::make_unique<LiveGateway>(settings);
  }
  void start() {
    gateway->start();
    ASSERT_TRUE(broker.open(kPatience)) << gateway->log();
  }
  void log_on(FixPeer& client, const std::string& more = "") {
    client.connect(gateway->client_port());
    client.send("35=A|98=0|108=60|" + more);
    const auto answer = client.receive(kPatience);
    ASSERT_TRUE(answer && (*answer)[35] == "A") << (answer ? answer->text : gateway->log());
  }
  static void order(FixPeer& client, const std::string& id) {
    client.send("35=D|11=" + id + "|55=EUR/USD|54=1|38=1000000|40=2|44=1.1|60=now");
  }
  FixText at_broker() {
    const auto message = broker.next(kPatience);
    EXPECT_TRUE(message && (*message)[35] == "D") << (message ? message->text : gateway->log());
    return message.value_or(FixText{});
  }
  void tell(const std::string& given, const std::string& what, const std::string& figures, const std::string& header = "") {
    broker.peer().send("35=8|" + header + "37=N" + given + "|11=" + given + "|" + what + "|55=EUR/USD|54=1|38=1000000|" + figures);
  }
  void acknowledge(const std::string& given) { tell(given, "17=A" + given + "|150=0|39=0", "14=0|151=1000000|6=0"); }
  void expect(FixPeer& client, int tag, const std::string& value, const std::string& cl_ord_id) {
    auto report = client.receive(kPatience);
    // Under a sanitizer a conversation outlasts the heartbeat's interval.
    while (report && (*report)[35] == "0" && !report->has(112)) report = client.receive(kPatience);
    ASSERT_TRUE(report.has_value()) << gateway->log();
    EXPECT_EQ((*report)[11], cl_ord_id) << report->text;
    EXPECT_EQ((*report)[tag], value) << report->text;
  }
  void expect_quiet(FixPeer& client) {
    client.send("35=1|112=QUIET");
    const auto answer = client.receive(kPatience);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ((*answer)[112], "QUIET") << answer->text;
  }
  // Waits until the answer holds the text.
  std::string get_until(const std::string& target, const std::string& text) {
    const SteadyTime deadline = sim::steady_now() + kPatience;
    std::string body;
    do {
      body = gateway->rest("GET", "/api/v1" + target, "VIEWER").body;
    } while (body.find(text) == std::string::npos && sim::steady_now() < deadline);
    return body;
  }
  std::string journal_file() const {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(gateway->data_dir() + "/journal")) {
      if (entry.path().extension() == ".journal") files.push_back(entry.path().string());
    }
    return *std::min_element(files.begin(), files.end());
  }
  static std::vector<char> bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // One byte of the file is another one.
  static void change_byte(const std::string& path, std::size_t at, char to) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(to);
  }

  BrokerPeer broker{"NORTH"};
  FixPeer alpha{{"FIX.4.4", "ALPHA", "GATE"}};
  FixPeer beta{{"FIX.4.4", "BETA", "GATE"}};
  std::unique_ptr<LiveGateway> gateway;
};

// The timer looks rarely at a line that is at rest, and yet in time: a client that says nothing more hears a
// TestRequest after 1.2 intervals, and is let go before 2.4.
TEST_F(FaultsTest, ASilentClientIsAskedAndLetGo) {
  begin();
  start();
  alpha.connect(gateway->client_port());
  alpha.send("35=A|98=0|108=1|");
  bool asked = false;
  while (const auto message = alpha.receive(kPatience)) asked = asked || (*message)[35] == "1";
  EXPECT_TRUE(asked) << gateway->log();
  EXPECT_TRUE(alpha.closed(kPatience));
}

TEST_F(FaultsTest, Scenario01OneOrderIsOneOrderEverywhere) {
  begin();
  start();
  log_on(alpha);
  order(alpha, "A1");
  const FixText sent = at_broker();
  acknowledge(sent[11]);
  expect(alpha, 150, "0", "A1");
  expect_quiet(alpha);
  const std::string orders = get_until("/orders", "\"new\"");
  std::size_t rows = 0;
  for (std::size_t at = orders.find("\"cl_ord_id\":\"A1\""); at != std::string::npos; at = orders.find("\"cl_ord_id\":\"A1\"", at + 1)) ++rows;
  EXPECT_EQ(rows, 1U) << orders;
  // And once in, once out in the session's message log, beside the running gateway.
  std::string messages;
  EXPECT_EQ(gateway->run({"journal", "messages", gateway->data_dir(), "--session", "alpha", "--contains", "|11=A1|"}, messages), 0);
  EXPECT_EQ(std::count(messages.begin(), messages.end(), '\n'), 2) << messages;
  EXPECT_NE(messages.find(" alpha < 8=FIX.4.4|9="), std::string::npos) << messages;
  EXPECT_NE(messages.find(" alpha > 8=FIX.4.4|9="), std::string::npos) << messages;
  EXPECT_TRUE(broker.settled(kPatience));
}

TEST_F(FaultsTest, Scenario04WithoutWhatTheStartKnowsOrdersAreHeldUntilReconciled) {
  begin("", ", reconcile: none", "process");
  start();
  log_on(alpha);
  gateway->kill();
  // The record of the last start is what tells a power loss; without it nothing is believed.
  std::filesystem::remove(gateway->data_dir() + "/start");
  gateway->start();
  log_on(alpha);
  order(alpha, "A1");
  expect(alpha, 150, "8", "A1");
  EXPECT_NE(get_until("/health/ready", "\"ready\":false").find("held"), std::string::npos);
  ASSERT_TRUE(broker.open(kPatience)) << gateway->log();
  ASSERT_NE(gateway->wait_for_log("orders are taken again", kPatience), std::string::npos) << gateway->log();
  order(alpha, "A2");
  acknowledge(at_broker()[11]);
  expect(alpha, 150, "0", "A2");
}

TEST_F(FaultsTest, Scenario05AFlippedBitInTheMiddleIsRefusedWithItsOffset) {
  begin();
  start();
  log_on(alpha);
  for (int i = 0; i < 20; ++i) {
    order(alpha, "A" + std::to_string(i));
    acknowledge(at_broker()[11]);
    expect(alpha, 150, "0", "A" + std::to_string(i));
  }
  gateway->kill();
  std::filesystem::remove_all(gateway->data_dir() + "/snapshots");  // a start reads what no snapshot stands for
  const std::string file = journal_file();
  const std::vector<char> bytes = bytes_of(file);
  const auto end = std::find_if(bytes.rbegin(), bytes.rend(), [](char c) { return c != 0; }).base() - bytes.begin();
  const auto middle = static_cast<std::size_t>(4096 + (end - 4096) / 2);
  change_byte(file, middle, static_cast<char>(bytes[middle] ^ 0x10));
  std::string output;
  EXPECT_EQ(gateway->run({"run", "--config", gateway->configuration()}, output), 1) << output;
  EXPECT_NE(output.find("offset"), std::string::npos) << output;
  EXPECT_EQ(gateway->run({"journal", "verify", gateway->data_dir() + "/journal"}, output), 1) << output;
  change_byte(file, middle, bytes[middle]);
  gateway->start();
}

// What stands before a snapshot is not checked at a start. Where a client asks for a message of it again, its session ends and the
// log says what cannot be read: nothing is left out.
TEST_F(FaultsTest, ADamagedMessageThatIsAskedForAgainEndsThatSessionAndNamesItsPlace) {
  begin();
  start();
  log_on(alpha);
  order(alpha, "A1");
  acknowledge(at_broker()[11]);
  expect(alpha, 150, "0", "A1");
  ASSERT_EQ(gateway->stop(), 0);
  const std::string file = journal_file();
  const std::vector<char> bytes = bytes_of(file);
  const std::string sent = "|150=0|";
  const auto same = [](char byte, char wanted) { return byte == (wanted == '|' ? '\x01' : wanted); };
  const auto report = std::find_end(bytes.begin(), bytes.end(), sent.begin(), sent.end(), same);
  ASSERT_NE(report, bytes.end());
  change_byte(file, static_cast<std::size_t>(report - bytes.begin()) + 5, '4');
  const std::size_t from = gateway->log().size();
  gateway->start();
  alpha.connect(gateway->client_port());
  alpha.send("35=A|98=0|108=30");
  alpha.send("35=2|7=1|16=0");
  std::string last;
  while (const auto message = alpha.receive(kPatience)) last = (*message)[35] + (*message)[150];
  EXPECT_EQ(last, "5");
  ASSERT_TRUE(alpha.closed(kPatience));
  const std::string log = gateway->log().substr(from);
  EXPECT_NE(log.find(file + " at offset "), std::string::npos) << log;
  // Mended, it is sent, and the gateway has gone on.
  change_byte(file, static_cast<std::size_t>(report - bytes.begin()) + 5, '0');
  alpha.connect(gateway->client_port());
  alpha.send("35=A|98=0|108=30");
  alpha.send("35=2|7=1|16=0");
  bool sent_again = false;
  while (!sent_again) {
    const auto message = alpha.receive(kPatience);
    ASSERT_TRUE(message);
    sent_again = (*message)[11] == "A1" && (*message)[150] == "0" && (*message)[43] == "Y";
  }
  EXPECT_EQ(gateway->stop(), 0);
}

TEST_F(FaultsTest, AJournalThatIsGoneIsNotBegunAnew) {
  begin();
  start();
  ASSERT_EQ(gateway->stop(), 0);
  const std::string away = gateway->path("away");
  std::filesystem::rename(gateway->data_dir() + "/journal", away);
  std::string output;
  EXPECT_EQ(gateway->run({"run", "--config", gateway->configuration()}, output), 1) << output;
  EXPECT_NE(output.find("restore the journal from a copy"), std::string::npos) << output;
  std::filesystem::rename(away, gateway->data_dir() + "/journal");
  gateway->start();
}

TEST_F(FaultsTest, Scenario06ATornLastFrameIsCutOffAndCounted) {
  begin();
  start();
  log_on(alpha);
  order(alpha, "A1");
  acknowledge(at_broker()[11]);
  expect(alpha, 150, "0", "A1");
  gateway->kill();
  const std::string file = journal_file();
  const std::vector<char> bytes = bytes_of(file);
  const auto end = static_cast<std::size_t>(std::find_if(bytes.rbegin(), bytes.rend(), [](char c) { return c != 0; }).base() - bytes.begin());
  change_byte(file, end - 1, static_cast<char>(bytes[end - 1] ^ 0xff));
  const std::size_t from = gateway->log().size();
  gateway->start();
  EXPECT_NE(gateway->log().find("journal_tail_truncated", from), std::string::npos) << gateway->log().substr(from);
}

TEST_F(FaultsTest, Scenario09ABrokerThatIsDownGetsNoOrderLater) {
  begin();
  start();
  log_on(alpha);
  const std::size_t from = gateway->log().size();
  broker.peer().hang_up();
  ASSERT_NE(gateway->wait_for_log("\"session_down\",\"session\":\"north\"", kPatience, from), std::string::npos) << gateway->log();
  order(alpha, "A1");
  expect(alpha, 150, "8", "A1");
  ASSERT_TRUE(broker.open(kPatience)) << gateway->log();
  order(alpha, "A2");
  const FixText sent = at_broker();  // the first that comes is the second one
  acknowledge(sent[11]);
  expect(alpha, 150, "0", "A2");
}

TEST_F(FaultsTest, Scenario10AnOrderThatWasCutOffIsSentOnceMoreUnderItsNumber) {
  begin();
  start();
  log_on(alpha);
  order(alpha, "A1");
  const FixText sent = at_broker();
  // The broker's engine has not seen it: it goes away, comes back and asks for that number.
  broker.peer().hang_up();
  const int socket = broker.accept(kPatience);
  ASSERT_GE(socket, 0);
  broker.peer().adopt(socket);
  const auto logon = broker.peer().receive(kPatience);
  ASSERT_TRUE(logon && (*logon)[35] == "A");
  broker.peer().send("35=A|98=0|108=30");
  broker.peer().send("35=2|7=" + sent[34] + "|16=0");
  const FixText once_more = at_broker();
  EXPECT_EQ(once_more[43], "Y") << once_more.text;
  EXPECT_EQ(once_more[11], sent[11]);
  EXPECT_EQ(once_more[34], sent[34]);
  acknowledge(sent[11]);
  expect(alpha, 150, "0", "A1");
}

TEST_F(FaultsTest, Scenario16AWrongPasswordWithAResetChangesNothing) {
  begin(", username: alpha, password_hash: \"" + *session::hash_password("right") + "\"");
  start();
  log_on(alpha, "553=alpha|554=right");
  expect_quiet(alpha);
  alpha.hang_up();
  FixPeer thief{{"FIX.4.4", "ALPHA", "GATE"}};
  thief.connect(gateway->client_port());
  thief.send("35=A|98=0|108=30|141=Y|553=alpha|554=wrong");
  EXPECT_TRUE(thief.closed(kPatience));
  ASSERT_NE(gateway->wait_for_log("\"session_down\",\"session\":\"alpha\"", kPatience), std::string::npos);
  log_on(alpha, "553=alpha|554=right");  // with the numbers that go on
  expect_quiet(alpha);
  EXPECT_EQ(gateway->log().find("right"), std::string::npos);
}

TEST_F(FaultsTest, Scenario17GarbageIsCutAndNobodyElseNotices) {
  begin();
  start();
  log_on(beta);
  FixPeer stranger{{"FIX.4.4", "X", "GATE"}};
  stranger.connect(gateway->client_port());
  stranger.send_bytes("8=FIX.4.4|9=2000000000|35=A|");
  EXPECT_TRUE(stranger.closed(kPatience));
  stranger.connect(gateway->client_port());
  for (int i = 0; i < 40; ++i) stranger.send_bytes(std::string(4096, 'x'));
  EXPECT_TRUE(stranger.closed(kPatience));
  // The same from one who has logged on.
  log_on(alpha);
  alpha.send_bytes("8=FIX.4.4|9=2000000000|35=D|");
  EXPECT_TRUE(alpha.closed(kPatience));
  expect_quiet(beta);
}

TEST_F(FaultsTest, Scenario19AClientThatDoesNotReadIsDroppedAndResumesLater) {
  begin(", throttle: {messages_per_second: 1, burst: 1, action: reject}");
  start();
  log_on(alpha);
  log_on(beta);
  const std::size_t from = gateway->log().size();
  order(alpha, "A");  // the one that the throttle lets through
  acknowledge(at_broker()[11]);
  // Each of the others is refused by a report of some 300 bytes, which nobody reads.
  int sent = 0;
  while (gateway->log().find("\"session_down\",\"session\":\"alpha\"", from) == std::string::npos) {
    for (int i = 0; i < 500; ++i) order(alpha, "A" + std::to_string(sent++));
    ASSERT_LT(sent, 200'000) << "nothing stops it";
  }
  EXPECT_NE(gateway->log().find("slow reader", from), std::string::npos) << gateway->log().substr(from, 2000);
  order(beta, "B1");
  acknowledge(at_broker()[11]);
  expect(beta, 150, "0", "B1");
  // Back: what it has not seen is in the journal.
  alpha.connect(gateway->client_port());
  alpha.send("35=A|98=0|108=30");
  const auto answer = alpha.receive(kPatience);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ((*answer)[35], "A") << answer->text;
  alpha.send("35=2|7=2|16=2");
  for (;;) {
    const auto message = alpha.receive(kPatience);
    ASSERT_TRUE(message.has_value());
    if ((*message)[35] == "2") continue;  // it asks for what it has not read of ours either
    EXPECT_EQ((*message)[34], "2") << message->text;
    EXPECT_EQ((*message)[43], "Y") << message->text;
    break;
  }
}

TEST_F(FaultsTest, Scenario25ALimitIsRaisedByTwoPersonsOnly) {
  begin();
  start();
  log_on(alpha);
  const auto raise = [this](const std::string& version) {
    return admin::call(gateway->admin_port(), "PUT", "/api/v1/limits/firm/firm", gateway->token("RISK1"),
                       R"({"limits":{"max_order_quantity":"20000000"},"reason":"a larger client"})", "If-Match: " + version + "\r\n");
  };
  admin::ClientResponse proposed = raise("0");
  if (proposed.status != 202) {
    proposed = admin::call(gateway->admin_port(), "PUT", "/api/v1/limits/firm/", gateway->token("RISK1"),
                           R"({"limits":{"max_order_quantity":"20000000"},"reason":"a larger client"})", "If-Match: 0\r\n");
  }
  ASSERT_EQ(proposed.status, 202U) << proposed.body << gateway->rest("GET", "/api/v1/limits", "VIEWER").body.substr(0, 400);
  const std::string proposals = gateway->rest("GET", "/api/v1/proposals", "RISK1").body;
  const std::size_t at = proposals.find("\"id\":\"") + 6;
  const std::string approve = "/api/v1/proposals/" + proposals.substr(at, proposals.find('"', at) - at) + "/approve";
  EXPECT_EQ(gateway->rest("POST", approve, "RISK1", R"({"reason":"mine"})").status, 403U);
  EXPECT_EQ(gateway->rest("POST", approve, "RISK2", R"({"reason":"seen"})").status, 200U);
  alpha.send("35=D|11=BIG|55=EUR/USD|54=1|38=15000000|40=2|44=1.1|60=now");
  acknowledge(at_broker()[11]);
  expect(alpha, 150, "0", "BIG");
}

TEST_F(FaultsTest, Scenario27WhatStandsBehindAMissingFillDoesNotHideIt) {
  begin();
  start();
  log_on(alpha);
  order(alpha, "A1");
  const std::string given = at_broker()[11];
  acknowledge(given);
  expect(alpha, 150, "0", "A1");
  // The fill gets lost; a Reject with the next number arrives.
  const std::uint64_t lost = broker.peer().next_seq;
  broker.peer().send("35=3|34=" + std::to_string(lost + 1) + "|45=1|58=we do not like it");
  const auto asked = broker.peer().receive(kPatience);
  ASSERT_TRUE(asked.has_value());
  EXPECT_EQ((*asked)[35], "2") << asked->text;
  EXPECT_EQ((*asked)[7], std::to_string(lost)) << asked->text;
  tell(given, "17=F1|150=F|39=1|32=400000|31=1.1", "14=400000|151=600000|6=1.1", "34=" + std::to_string(lost) + "|43=Y|122=-1s|");
  expect(alpha, 14, "400000", "A1");
  broker.peer().next_seq = lost + 2;
  // The same with a Logout: it is answered, and the fill is asked for at the next Logon.
  const std::uint64_t second = broker.peer().next_seq;
  broker.peer().send("35=5|34=" + std::to_string(second + 1));
  const auto goodbye = broker.peer().receive(kPatience);
  ASSERT_TRUE(goodbye && (*goodbye)[35] == "5") << (goodbye ? goodbye->text : "nothing");
  broker.peer().hang_up();
  const int socket = broker.accept(kPatience);
  ASSERT_GE(socket, 0);
  broker.peer().adopt(socket);
  ASSERT_TRUE(broker.peer().receive(kPatience).has_value());
  broker.peer().send("35=A|34=" + std::to_string(second + 2) + "|98=0|108=30");
  auto message = broker.peer().receive(kPatience);
  while (message && (*message)[35] != "2") message = broker.peer().receive(kPatience);
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ((*message)[7], std::to_string(second)) << message->text;
  tell(given, "17=F2|150=F|39=2|32=600000|31=1.1", "14=1000000|151=0|6=1.1", "34=" + std::to_string(second) + "|43=Y|122=-1s|");
  expect(alpha, 14, "1000000", "A1");
}

}  // namespace
}  // namespace portcullis::acceptance
