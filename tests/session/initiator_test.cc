#include "session/initiator.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <vector>

#include "session/clock.h"
#include "session/connection.h"
#include "tests/session/certificates.h"
#include "tests/session/peer.h"

namespace portcullis::session {
namespace {

using testing::CertificateAuthority;
using testing::CertificateWish;
using testing::TemporaryDirectory;
using testing::TestListener;
using testing::TestPeer;

class Events : public InitiatorEvents {
 public:
  void on_connected(Stream stream, const config::Endpoint& host) override {
    streams.push_back(std::move(stream));
    hosts.push_back(host.port);
  }
  void on_connect_failed(const std::string& why) override {
    failures.push_back(why);
    failed_at.push_back(steady_now());
  }

  std::vector<Stream> streams;
  std::vector<std::uint16_t> hosts;
  std::vector<std::string> failures;
  std::vector<SteadyTime> failed_at;
};

class InitiatorTest : public ::testing::Test {
 protected:
  InitiatorTest() : ca_(directory_, "house") {
    settings_.reconnect_min = Duration::milliseconds(10);
    settings_.reconnect_max = Duration::milliseconds(80);
  }

  // A port on which nobody listens.
  static std::uint16_t closed_port() { return TestListener().port(); }

  void add(std::uint16_t port) { settings_.connect.push_back({"127.0.0.1", port}); }

  void start() {
    auto opened = Initiator::open(settings_, core_, events_);
    ASSERT_TRUE(opened.ok()) << opened.error().what;
    initiator_ = std::move(*opened);
    initiator_->start();
  }

  ::testing::AssertionResult run_until(const std::function<bool()>& condition) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > limit) return ::testing::AssertionFailure() << "20 s have passed";
      core_.restart();
      core_.run_one_for(std::chrono::microseconds(200));
      // Whoever connects to us speaks TLS as the server.
      if (FileDescriptor socket = listener_.accept(); socket.is_open()) {
        brokers_.push_back(std::make_unique<TestPeer>(std::move(socket), broker_tls_));
      }
      for (const auto& broker : brokers_) broker->poll();
    }
    return ::testing::AssertionSuccess();
  }

  // The broker shows this certificate; we trust the house's authority and expect fix.example.
  void use_tls(const CertificateAuthority& authority, const CertificateWish& wish, bool mutual = false) {
    const auto files = authority.issue("broker", wish);
    config::ServerTls server;
    server.certificate = files.certificate;
    server.private_key = files.private_key;
    if (mutual) server.client_ca = ca_.certificate_file();
    broker_tls_ = *TlsContext::for_server(server);
    config::ClientTls client;
    client.ca = ca_.certificate_file();
    client.server_name = "fix.example";
    settings_.tls = client;
    add(listener_.port());
  }

  // Without a second round: why the only host is down.
  std::string failure() {
    start();
    EXPECT_TRUE(run_until([&] { return !events_.failures.empty(); }));
    EXPECT_EQ(initiator_->why_down(), events_.failures[0]);
    const std::string host = "127.0.0.1:" + std::to_string(settings_.connect[0].port) + ": ";
    EXPECT_EQ(events_.failures[0].substr(0, host.size()), host);
    return events_.failures[0].substr(host.size());
  }

  TemporaryDirectory directory_;
  CertificateAuthority ca_;
  boost::asio::io_context core_;
  Events events_;
  InitiatorSettings settings_;
  TestListener listener_;
  std::shared_ptr<const TlsContext> broker_tls_;
  std::vector<std::unique_ptr<TestPeer>> brokers_;
  std::unique_ptr<Initiator> initiator_;
};

TEST_F(InitiatorTest, HandsAConnectionOver) {
  add(listener_.port());
  start();
  EXPECT_EQ(initiator_->state(), Initiator::State::kConnecting);
  ASSERT_TRUE(run_until([&] { return events_.streams.size() == 1; }));
  EXPECT_EQ(initiator_->state(), Initiator::State::kConnected);
  EXPECT_EQ(initiator_->why_down(), "");
  EXPECT_EQ(events_.streams[0].remote, "127.0.0.1:" + std::to_string(listener_.port()));
  EXPECT_TRUE(events_.streams[0].socket.is_open());
}

TEST_F(InitiatorTest, SaysThatTheConnectionWasRefused) {
  add(closed_port());
  EXPECT_EQ(failure(), "connection refused");
}

TEST_F(InitiatorTest, SaysThatAHostNameIsUnknown) {
  settings_.connect.push_back({"no.such.host.invalid", 9901});
  start();
  ASSERT_TRUE(run_until([&] { return !events_.failures.empty(); }));
  EXPECT_EQ(initiator_->why_down(), "no.such.host.invalid:9901: the host name is not known");
}

TEST_F(InitiatorTest, TriesTheHostsInTurn) {
  add(closed_port());
  add(closed_port());
  add(listener_.port());
  start();
  ASSERT_TRUE(run_until([&] { return events_.streams.size() == 1; }));
  EXPECT_EQ(events_.failures.size(), 2U);
  EXPECT_EQ(events_.hosts[0], listener_.port());
  EXPECT_EQ(initiator_->failed_rounds(), 0U);
}

TEST_F(InitiatorTest, PausesLongerAfterEachRoundUpToTheLimit) {
  add(closed_port());
  start();
  ASSERT_TRUE(run_until([&] { return events_.failures.size() == 7; }));
  EXPECT_EQ(initiator_->state(), Initiator::State::kWaiting);
  EXPECT_EQ(initiator_->failed_rounds(), 7U);
  // Pauses of 10, 20, 40, 80, 80 and 80 ms; a pause is never shorter than it says.
  const std::vector<int> pauses = {10, 20, 40, 80, 80, 80};
  for (std::size_t i = 0; i < pauses.size(); ++i) {
    EXPECT_GE(events_.failed_at[i + 1] - events_.failed_at[i], Duration::milliseconds(pauses[i])) << i;
  }
  EXPECT_LT(events_.failed_at[6] - events_.failed_at[5], Duration::seconds(2)) << "and the limit holds";
}

TEST_F(InitiatorTest, StartsAgainFromTheFirstHostAfterALogon) {
  add(closed_port());
  add(listener_.port());
  start();
  ASSERT_TRUE(run_until([&] { return events_.streams.size() == 1; }));
  initiator_->logged_on();
  initiator_->disconnected("the broker closed the connection");
  EXPECT_EQ(initiator_->state(), Initiator::State::kWaiting);
  EXPECT_EQ(initiator_->why_down(), "the broker closed the connection");
  ASSERT_TRUE(run_until([&] { return events_.streams.size() == 2; }));
  EXPECT_EQ(events_.failures.size(), 2U) << "the first host was tried again";
}

TEST_F(InitiatorTest, GoesOnToTheNextHostWhenOneHangsUpBeforeTheLogon) {
  TestListener second;
  add(listener_.port());
  add(second.port());
  start();
  ASSERT_TRUE(run_until([&] { return events_.streams.size() == 1; }));
  initiator_->disconnected("hung up before the Logon");
  ASSERT_TRUE(run_until([&] { return events_.streams.size() == 2; }));
  EXPECT_EQ(events_.hosts[1], second.port());
}

TEST_F(InitiatorTest, StopsAndStartsAgain) {
  add(closed_port());
  start();
  ASSERT_TRUE(run_until([&] { return events_.failures.size() == 1; }));
  initiator_->stop("disabled by an operator");
  EXPECT_EQ(initiator_->state(), Initiator::State::kStopped);
  EXPECT_EQ(initiator_->why_down(), "disabled by an operator");
  const SteadyTime begin = steady_now();
  ASSERT_TRUE(run_until([&] { return steady_now() - begin > Duration::milliseconds(60); }));
  EXPECT_EQ(events_.failures.size(), 1U);
  initiator_->start();
  EXPECT_TRUE(run_until([&] { return events_.failures.size() == 2; }));
}

TEST_F(InitiatorTest, ConnectsOverTlsWithACertificateOfOurOwn) {
  use_tls(ca_, {"fix.example", {"fix.example"}, {}}, true);
  const auto ours = ca_.issue("gateway", {"PORTCULLIS", {}, {}});
  settings_.tls->certificate = ours.certificate;
  settings_.tls->private_key = ours.private_key;
  start();
  ASSERT_TRUE(run_until([&] { return events_.streams.size() == 1; })) << initiator_->why_down();
  ASSERT_NE(events_.streams[0].tls, nullptr);
  EXPECT_EQ(events_.streams[0].peer.common_name, "fix.example");
}

TEST_F(InitiatorTest, RefusesABrokerOfAnotherName) {
  use_tls(ca_, {"other.example", {"other.example"}, {}});
  EXPECT_EQ(failure(), "TLS: hostname mismatch");
}

TEST_F(InitiatorTest, RefusesABrokerWhoseCertificateHasExpired) {
  use_tls(ca_, {"fix.example", {"fix.example"}, {}, -10, -5});
  EXPECT_EQ(failure(), "TLS: certificate has expired");
}

TEST_F(InitiatorTest, RefusesABrokerOfAnotherAuthority) {
  const CertificateAuthority stranger(directory_, "stranger");
  use_tls(stranger, {"fix.example", {"fix.example"}, {}});
  EXPECT_EQ(failure(), "TLS: unable to get local issuer certificate");
}

TEST_F(InitiatorTest, TimesOutWhereTheBrokerNeverAnswersTls) {
  use_tls(ca_, {"fix.example", {"fix.example"}, {}});
  settings_.connect_timeout = Duration::milliseconds(100);
  TestListener silent;  // the kernel accepts, nobody answers
  settings_.connect[0].port = silent.port();
  EXPECT_EQ(failure(), "TLS: the handshake timed out after 100 ms");
}

TEST_F(InitiatorTest, RefusesFilesThatCannotBeUsed) {
  add(1);
  settings_.tls = config::ClientTls();
  settings_.tls->server_name = "fix.example";
  settings_.tls->ca = directory_.file("missing.pem");
  EXPECT_FALSE(Initiator::open(settings_, core_, events_).ok());
  EXPECT_FALSE(Initiator::open(InitiatorSettings(), core_, events_).ok());
}

}  // namespace
}  // namespace portcullis::session
