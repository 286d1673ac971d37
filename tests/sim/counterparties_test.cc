// The simulated client straight on the simulated broker: real TCP, QuickFIX on both sides, no gateway between.
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/broker.h"
#include "sim/client.h"
#include "sim/ledger.h"
#include "sim/process.h"

namespace portcullis::sim {
namespace {

// CompIDs differ from test to test: QuickFIX keeps one registry of sessions for the process.
BrokerOptions broker_options(const std::string& version, const std::string& name) {
  BrokerOptions options;
  // Each side validates what the other sends.
  options.dictionary = PORTCULLIS_DICTIONARIES "/FIX" + std::string(version == "FIX.4.2" ? "42" : "44") + ".xml";
  options.listen = "127.0.0.1:0";
  options.version = version;
  options.comp_id = "BROKER-" + name;
  options.peer_comp_id = "CLIENT-" + name;
  return options;
}

ClientOptions client_options(const BrokerOptions& broker, std::uint16_t port) {
  ClientOptions options;
  options.connect = "127.0.0.1:" + std::to_string(port);
  options.version = broker.version;
  options.comp_id = broker.peer_comp_id;
  options.peer_comp_id = broker.comp_id;
  options.dictionary = broker.dictionary;
  options.orders = 200;
  options.rate = 250;  // so that replaces come due while orders are placed
  options.accounts = {"A-1", "A-2"};
  options.with_silence = true;
  options.patience_ms = 500;
  options.quiet_ms = 500;
  return options;
}

const auto kNeverStop = [] { return false; };

class Counterparties : public testing::TestWithParam<const char*> {};

TEST_P(Counterparties, TradeTheWholeMixToItsEnd) {
  const std::string version = GetParam();
  const BrokerOptions broker_side = broker_options(version, "MIX" + version);
  auto broker = Broker::start(broker_side);
  ASSERT_TRUE(broker.ok()) << broker.error().what;
  auto client = Client::start(client_options(broker_side, (*broker)->port()));
  ASSERT_TRUE(client.ok()) << client.error().what;

  const ClientCounts counts = (*client)->run(kNeverStop);

  EXPECT_EQ(counts.orders, 200);
  EXPECT_EQ(counts.unanswered, 0);
  EXPECT_EQ(counts.open, 0);
  EXPECT_EQ(counts.violations, 0);
  EXPECT_EQ(counts.filled + counts.cancelled + counts.rejected, 200);
  EXPECT_GT(counts.filled, 100);
  EXPECT_GT(counts.cancelled, 5);
  EXPECT_GT(counts.rejected, 3);
  EXPECT_GT(counts.replaced, 0);  // how many come before their order is filled is a matter of the machine's load
}

INSTANTIATE_TEST_SUITE_P(Versions, Counterparties, testing::Values("FIX.4.2", "FIX.4.4"),
                         [](const auto& version) { return std::string("FIX4") + version.param[6]; });

TEST(BrokerRestart, GoesOnWhereItStopped) {
  TemporaryDirectory directory("portcullis-test");
  BrokerOptions broker_side = broker_options("FIX.4.4", "RESTART");
  broker_side.log = directory / "broker.log";
  broker_side.store = directory / "broker-store";
  auto broker = Broker::start(broker_side);
  ASSERT_TRUE(broker.ok()) << broker.error().what;
  const std::uint16_t port = (*broker)->port();
  broker_side.listen = "127.0.0.1:" + std::to_string(port);

  ClientOptions options = client_options(broker_side, port);
  options.log = directory / "client.log";
  auto client = Client::start(options);
  ASSERT_TRUE(client.ok()) << client.error().what;

  // The broker goes away with about half of the orders placed, and comes back on the same port.
  bool restarted = false;
  const ClientCounts counts = (*client)->run([&] {
    if (restarted) return false;
    const auto lines = read_log(options.log);
    const bool traded = lines.ok() && lines->size() > 200;
    if (!traded) return false;
    (*broker)->stop();
    broker->reset();
    broker = Broker::start(broker_side);
    EXPECT_TRUE(broker.ok());
    restarted = true;
    return !broker.ok();
  });

  EXPECT_TRUE(restarted);
  EXPECT_EQ(counts.orders, 200);
  EXPECT_EQ(counts.unanswered, 0);
  EXPECT_EQ(counts.open, 0);
  EXPECT_EQ(counts.violations, 0);

  // Without a gateway between them, their logs must agree; with one report taken out, they must not.
  (*client)->stop();
  (*broker)->stop();
  auto client_log = read_log(options.log);
  const auto broker_log = read_log(broker_side.log);
  ASSERT_TRUE(client_log.ok() && broker_log.ok());
  const LedgerSummary summary = judge({*client_log}, {*broker_log});
  EXPECT_EQ(summary.orders, 200);
  EXPECT_EQ(summary.filled, counts.filled);
  EXPECT_EQ(summary.lost, 0) << to_json(summary);
  EXPECT_EQ(summary.duplicated, 0) << to_json(summary);
  const auto fill = std::find_if(client_log->begin(), client_log->end(),
                                 [](const LogLine& line) { return line.kind == "in" && line.message.get(150) == "F"; });
  ASSERT_NE(fill, client_log->end());
  client_log->erase(fill);
  EXPECT_EQ(judge({*client_log}, {*broker_log}).lost, 1);
}

TEST(BrokerStart, SaysWhyItCannotStart) {
  BrokerOptions options = broker_options("FIX.4.4", "WRONG");
  options.listen = "127.0.0.1";
  EXPECT_FALSE(Broker::start(options).ok());
  options = broker_options("FIX.5.0", "WRONG");
  EXPECT_FALSE(Broker::start(options).ok());
  options = broker_options("FIX.4.4", "WRONG");
  options.script = "nonsense";
  EXPECT_FALSE(Broker::start(options).ok());
  options = broker_options("FIX.4.4", "TAKEN");
  auto first = Broker::start(options);
  ASSERT_TRUE(first.ok());
  BrokerOptions second = broker_options("FIX.4.4", "TAKEN2");
  second.listen = "127.0.0.1:" + std::to_string((*first)->port());
  const auto refused = Broker::start(second);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().what.find("in use"), std::string::npos) << refused.error().what;
}

}  // namespace
}  // namespace portcullis::sim
