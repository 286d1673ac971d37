#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "tests/session/quickfix_peer.h"
#include "tests/session/session_harness.h"

// The session against a counterparty on QuickFIX's own engine, over a wire that loses and reorders
// connections. Whatever happens, each application message arrives once and in order, both ways. A
// failure names its seed; PORTCULLIS_SEED runs that one alone.

namespace portcullis::session {
namespace {

using test::Harness;
using test::QuickFixPeer;
using test::with_soh;

class Conversation {
 public:
  explicit Conversation(bool we_initiate, bool lane) : we_initiate_(we_initiate) {
    SessionConfig config = Harness::config(we_initiate);
    config.max_latency = Duration();  // the peer's clock is the real one
    config.heart_bt_int_s = 60;
    harness = std::make_unique<Harness>(config, lane);
    QuickFixPeer::Settings settings;
    settings.dictionary_path = PORTCULLIS_DICTIONARIES "/FIX44.xml";
    settings.initiator = !we_initiate;
    peer = std::make_unique<QuickFixPeer>(settings);
  }

  void connect() {
    if (we_initiate_) {
      peer->connected();
      harness->connect();
    } else {
      harness->wire = std::make_unique<test::FakeWire>();
      peer->connected();
      const std::vector<std::string> logon = peer->take();
      ASSERT_EQ(logon.size(), 1U);
      harness->session->accept(*harness->wire, logon[0], harness->now());
      harness->settle();
    }
    connected_ = true;
    exchange(0);
  }

  void disconnect() {
    if (!connected_) return;
    connected_ = false;
    harness->session->on_closed("cut", harness->now());
    harness->settle();
    peer->disconnected();
  }

  // Carries bytes until both are quiet. `loss` frames of a hundred are lost.
  void exchange(int loss, bool both_ways = true) {
    for (bool busy = true; busy && connected_;) {
      busy = false;
      for (const std::string& frame : peer->take()) {
        busy = true;
        if (lost(loss)) continue;
        harness->session->on_frame(frame, harness->now());
        harness->settle();
      }
      for (const std::string& text : harness->wire->take()) {
        busy = true;
        if (both_ways && lost(loss)) continue;
        peer->receive(with_soh(text));
      }
      if (harness->wire->closed || peer->wants_disconnect()) disconnect();
    }
  }

  bool lost(int percent) { return percent > 0 && static_cast<int>(random() % 100) < percent; }

  std::unique_ptr<Harness> harness;
  std::unique_ptr<QuickFixPeer> peer;
  std::mt19937 random;
  bool connected_ = false;

 private:
  bool we_initiate_;
};

void converse(std::uint32_t seed, bool we_initiate, bool lane) {
  SCOPED_TRACE("seed " + std::to_string(seed) + (we_initiate ? ", we initiate" : ", the peer initiates"));
  Conversation c(we_initiate, lane);
  c.random.seed(seed);
  std::vector<std::string> sent_by_peer;
  std::vector<std::string> sent_by_us;
  const int loss = static_cast<int>(c.random() % 3) * 10;
  // What only we miss, we must get by our own requests, on the same connection.
  const bool both_ways = seed % 3 != 0;
  for (int step = 0; step < 300; ++step) {
    const std::uint32_t dice = c.random() % 100;
    if (!c.connected_) c.connect();
    if (dice < 45 && c.peer->logged_on()) {
      sent_by_peer.push_back("P" + std::to_string(step));
      c.peer->send("D", Harness::order_body(sent_by_peer.back()));
    } else if (dice < 90) {
      sent_by_us.push_back("U" + std::to_string(step));
      c.harness->core.say("8|6=0|14=0|17=" + sent_by_us.back() + "|37=O|39=0|54=1|55=EUR/USD|150=0|151=1|");
      c.harness->settle();
    } else if (dice < 94) {
      c.harness->pass(Duration::milliseconds(3'000));
    } else if (dice < 97 && both_ways) {
      c.disconnect();
      continue;
    }
    c.exchange(loss, both_ways);
  }
  // Peace: no more losses, on a new connection or on the same, and a message each way so that a lost
  // last one shows. Time passes, so that a lost ResendRequest is repeated.
  if (both_ways || !c.connected_) {
    c.disconnect();
    c.connect();
  }
  c.peer->send_test_request();
  c.exchange(0);
  for (int tenth = 0; tenth < 110; ++tenth) {
    c.harness->pass(Duration::milliseconds(100));
    c.exchange(0);
  }
  c.harness->core.say("8|6=0|14=0|17=last|37=O|39=0|54=1|55=EUR/USD|150=0|151=1|");
  sent_by_us.push_back("last");
  c.harness->settle();
  c.exchange(0);

  std::vector<std::string> taken;
  for (const test::Record& record : c.harness->core.records) {
    if (record.deliver) taken.push_back(test::value_of(record.bytes, 11));
  }
  EXPECT_GT(sent_by_peer.size(), 50U);
  EXPECT_EQ(taken, sent_by_peer);
  EXPECT_EQ(c.peer->received(17), sent_by_us);
  EXPECT_EQ(static_cast<std::uint64_t>(c.peer->next_sender()), c.harness->core.numbers_.next_target);
  EXPECT_EQ(static_cast<std::uint64_t>(c.peer->next_target()), c.harness->core.numbers_.next_sender);
}

class CounterpartyTest : public ::testing::TestWithParam<bool> {};

TEST_P(CounterpartyTest, EachMessageArrivesOnceAndInOrderBothWaysWhateverIsLost) {
  if (const char* seed = std::getenv("PORTCULLIS_SEED")) {
    return converse(static_cast<std::uint32_t>(std::stoul(seed)), GetParam(), true);
  }
  for (std::uint32_t seed = 1; seed <= 25; ++seed) {
    converse(seed, GetParam(), seed % 2 == 0);
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Sides, CounterpartyTest, ::testing::Values(false, true),
                         [](const auto& side) { return side.param ? "WeInitiate" : "PeerInitiates"; });

}  // namespace
}  // namespace portcullis::session
