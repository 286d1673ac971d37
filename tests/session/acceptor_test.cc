#include "session/acceptor.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "session/clock.h"
#include "session/connection.h"
#include "session/password.h"
#include "tests/session/certificates.h"
#include "tests/session/peer.h"

namespace portcullis::session {
namespace {

using testing::CertificateAuthority;
using testing::fix_message;
using testing::TemporaryDirectory;
using testing::TestPeer;

class Events : public AcceptorEvents {
 public:
  void on_logged_on(LoggedOn logged_on) override { logged_on_.push_back(std::move(logged_on)); }
  void on_audit(const AuditLine& line) override {
    const std::lock_guard lock(mutex_);
    audit_.push_back(line);
  }
  // Whether an audit line holds this text.
  bool audited(const std::string& text) {
    const std::lock_guard lock(mutex_);
    for (const AuditLine& line : audit_) {
      if (line.what.find(text) != std::string::npos) return true;
    }
    return false;
  }
  std::vector<AuditLine> audit() {
    const std::lock_guard lock(mutex_);
    return audit_;
  }

  std::vector<LoggedOn> logged_on_;  // core thread

 private:
  std::mutex mutex_;
  std::vector<AuditLine> audit_;
};

class AcceptorTest : public ::testing::Test {
 protected:
  AcceptorTest() {
    settings_.listen = {"127.0.0.1", 0};
    settings_.failure_delay = Duration::milliseconds(30);
    settings_.rules = {rule("alpha", "ALPHA"), rule("beta", "BETA")};
  }

  static LogonRule rule(const std::string& id, const std::string& comp_id) {
    LogonRule result;
    result.session_id = id;
    result.begin_string = "FIX.4.4";
    result.comp_id = comp_id;
    result.gateway_comp_id = "GATE";
    return result;
  }

  static std::string logon(const std::string& comp_id, const std::string& more = "") {
    return fix_message("35=A|34=1|49=" + comp_id + "|56=GATE|52=20261231-10:00:00|98=0|108=30|" + more);
  }

  void open() {
    auto opened = Acceptor::open(settings_, core_, events_);
    ASSERT_TRUE(opened.ok()) << opened.error().what;
    acceptor_ = std::move(*opened);
    acceptor_->start();
  }

  TestPeer& connect(const std::shared_ptr<const TlsContext>& tls = nullptr, const std::string& from = "127.0.0.1") {
    peers_.push_back(std::make_unique<TestPeer>(acceptor_->listening().port, tls, from));
    return *peers_.back();
  }

  // The test is the core thread and all peers; the door runs by itself.
  ::testing::AssertionResult run_until(const std::function<bool()>& condition, int limit_s = 30) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(limit_s);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > limit) return ::testing::AssertionFailure() << limit_s << " s have passed";
      core_.restart();
      core_.run_one_for(std::chrono::microseconds(200));
      for (const auto& peer : peers_) peer->poll();
    }
    return ::testing::AssertionSuccess();
  }

  // The connection is ended and nothing was ever sent to it.
  void expect_turned_away(TestPeer& peer, const std::string& audit) {
    ASSERT_TRUE(run_until([&] { return peer.closed; })) << audit;
    EXPECT_EQ(peer.received, "");
    EXPECT_TRUE(run_until([&] { return events_.audited(audit); })) << audit;
    EXPECT_TRUE(events_.logged_on_.empty());
  }

  boost::asio::io_context core_;
  Events events_;
  AcceptorSettings settings_;
  std::unique_ptr<Acceptor> acceptor_;
  std::vector<std::unique_ptr<TestPeer>> peers_;
};

class AcceptorTlsTest : public AcceptorTest {
 protected:
  AcceptorTlsTest() : ca_(directory_, "house") {
    const auto files = ca_.issue("server", {"fix.example", {"fix.example"}, {}});
    config::ServerTls tls;
    tls.certificate = files.certificate;
    tls.private_key = files.private_key;
    tls.client_ca = ca_.certificate_file();
    settings_.tls = tls;
    for (LogonRule& each : settings_.rules) each.certificate_name = each.comp_id;
  }

  std::shared_ptr<const TlsContext> client(const std::string& name) {
    const auto files = ca_.issue(name, {name, {}, {}});
    config::ClientTls tls;
    tls.ca = ca_.certificate_file();
    tls.server_name = "fix.example";
    tls.certificate = files.certificate;
    tls.private_key = files.private_key;
    auto context = TlsContext::for_client(tls);
    EXPECT_TRUE(context.ok());
    return *context;
  }

  TemporaryDirectory directory_;
  CertificateAuthority ca_;
};

TEST_F(AcceptorTest, HandsOverTheRawLogonAndWhatFollowedIt) {
  open();
  EXPECT_NE(acceptor_->listening().port, 0);
  TestPeer& peer = connect();
  const std::string raw = logon("ALPHA", "554=secret|");
  const std::string heartbeat = fix_message("35=0|34=2|49=ALPHA|56=GATE|");
  peer.send(raw.substr(0, 20));
  ASSERT_TRUE(run_until([&] { return acceptor_->counters().pending == 1; }));
  peer.send(raw.substr(20) + heartbeat);
  ASSERT_TRUE(run_until([&] { return events_.logged_on_.size() == 1; }));
  LoggedOn& logged_on = events_.logged_on_[0];
  EXPECT_EQ(logged_on.session_id, "alpha");
  EXPECT_EQ(logged_on.logon, raw);
  EXPECT_EQ(logged_on.stream.remote.substr(0, 10), "127.0.0.1:");
  EXPECT_EQ(peer.received, "") << "the door itself says nothing";
  EXPECT_EQ(acceptor_->counters().logged_on, 1U);
  EXPECT_TRUE(run_until([&] { return acceptor_->counters().pending == 0; }));
  EXPECT_TRUE(events_.audit().empty());
}

// What the core does with a connection that it was handed.
class Echo : public ConnectionHandler {
 public:
  void on_frame(const fix::Frame& frame) override { connection->send(frame.bytes, steady_now()); }
  void on_garbled(const char*) override {}
  void on_batch_end() override { connection->flush(); }
  void on_closed(const CloseReason&) override {}
  std::unique_ptr<Connection> connection;
};

TEST_F(AcceptorTlsTest, MovesATlsConnectionToTheCoreThread) {
  open();
  TestPeer& peer = connect(client("ALPHA"));
  const std::string first = fix_message("35=0|34=2|");
  peer.send(logon("ALPHA") + first);
  ASSERT_TRUE(run_until([&] { return events_.logged_on_.size() == 1; })) << peer.failure;
  EXPECT_EQ(events_.logged_on_[0].stream.peer.common_name, "ALPHA");
  Echo echo;
  echo.connection = std::make_unique<Connection>(core_, std::move(events_.logged_on_[0].stream), echo);
  echo.connection->start();
  ASSERT_TRUE(run_until([&] { return peer.received == first; }));
  std::string all = first;
  for (int i = 0; i < 1000; ++i) {
    const std::string next = fix_message("35=0|34=" + std::to_string(i + 3) + "|");
    peer.send(next);
    all += next;
  }
  ASSERT_TRUE(run_until([&] { return peer.received == all; }));
}

TEST_F(AcceptorTlsTest, BindsTheCertificateToTheCompID) {
  open();
  TestPeer& peer = connect(client("ALPHA"));
  peer.send(logon("BETA"));
  expect_turned_away(peer, "the certificate does not carry the name BETA");
}

TEST_F(AcceptorTlsTest, TurnsAwayWhoeverSpeaksNoTls) {
  open();
  TestPeer& peer = connect();
  peer.send(logon("ALPHA"));
  ASSERT_TRUE(run_until([&] { return peer.closed; }));
  EXPECT_TRUE(run_until([&] { return events_.audited("TLS: "); }));
  EXPECT_TRUE(events_.logged_on_.empty());
}

TEST_F(AcceptorTlsTest, TurnsAwayACertificateOfAnotherAuthority) {
  open();
  const CertificateAuthority stranger(directory_, "stranger");
  const auto files = stranger.issue("mallory", {"ALPHA", {}, {}});
  config::ClientTls tls;
  tls.ca = ca_.certificate_file();
  tls.server_name = "fix.example";
  tls.certificate = files.certificate;
  tls.private_key = files.private_key;
  TestPeer& peer = connect(*TlsContext::for_client(tls));
  peer.send(logon("ALPHA"));
  ASSERT_TRUE(run_until([&] { return peer.closed; }));
  EXPECT_TRUE(run_until([&] { return events_.audited("TLS: unable to get local issuer certificate"); }));
  EXPECT_TRUE(events_.logged_on_.empty());
}

TEST_F(AcceptorTlsTest, LogsEveryClientOnInAStormOfReconnects) {
  // The nightly run makes it a thousand.
  const char* nightly = std::getenv("PORTCULLIS_STORM");
  const int count = nightly != nullptr ? std::atoi(nightly) : 60;
  settings_.rules.clear();
  for (int i = 0; i < count; ++i) {
    settings_.rules.push_back(rule("c" + std::to_string(i), "C" + std::to_string(i)));
  }
  settings_.time_to_logon = Duration::seconds(120);
  open();
  const auto context = client("ANY");
  for (int i = 0; i < count; ++i) connect(context).send(logon("C" + std::to_string(i)));
  EXPECT_TRUE(run_until([&] { return events_.logged_on_.size() == static_cast<std::size_t>(count); }, 120))
      << events_.logged_on_.size() << " logged on, " << acceptor_->counters().pending << " pending, "
      << acceptor_->counters().timed_out << " timed out, " << acceptor_->counters().accepted << " accepted";
  for (const AuditLine& line : events_.audit()) ADD_FAILURE() << line.remote << " " << line.what;
}

TEST_F(AcceptorTest, TurnsEveryWrongLogonAwayInTheSameWay) {
  settings_.rules[0].username = "alpha";
  settings_.rules[0].password_hash = config::Secret(*hash_password("right"));
  settings_.rules[0].max_heartbeat_s = 60;
  settings_.address_lockout.failures = 100;
  settings_.session_lockout.failures = 100;
  settings_.failure_delay = Duration::milliseconds(300);
  open();
  const std::map<std::string, std::string> wrong = {
      {logon("GAMMA"), "no session has these"},
      {logon("ALPHA"), "Username(553) is wrong"},
      {logon("ALPHA", "553=alpha|554=wrong|141=Y|"), "Password(554) is wrong"},
      {logon("ALPHA", "553=alpha|554=right|108=31|"), "field 108 stands twice"},
      {fix_message("35=A|34=1|49=BETA|56=GATE|98=0|108=999999999|"), "HeartBtInt(108) must be 5 to 60"},
      {fix_message("35=D|34=1|49=BETA|56=GATE|11=1|"), "the first message is no Logon"},
  };
  for (const auto& [bytes, audit] : wrong) {
    TestPeer& peer = connect();
    const SteadyTime begin = steady_now();
    peer.send(bytes);
    expect_turned_away(peer, audit);
    EXPECT_GE(steady_now() - begin, settings_.failure_delay) << "time tells nothing: " << audit;
  }
  EXPECT_EQ(acceptor_->counters().failed_logons, wrong.size());
  TestPeer& peer = connect();
  peer.send(logon("ALPHA", "553=alpha|554=right|"));
  EXPECT_TRUE(run_until([&] { return events_.logged_on_.size() == 1; }));
}

TEST_F(AcceptorTest, CutsWhatIsNoFix) {
  settings_.address_lockout.failures = 100;
  open();
  const std::vector<std::string> bytes = {
      "GET / HTTP/1.1\r\n\r\n",
      std::string(100'000, 'x'),
      "8=FIX.4.4\x01"
      "9=2000000000\x01",
      "8=FIX.4.4\x01"
      "9=15000\x01"
      "35=A\x01" +
          std::string(20'000, 'x'),
      logon("ALPHA").substr(1),
  };
  for (const std::string& each : bytes) {
    TestPeer& peer = connect();
    peer.send(each);
    ASSERT_TRUE(run_until([&] { return peer.closed; })) << each.substr(0, 30);
    EXPECT_EQ(peer.received, "");
  }
  EXPECT_EQ(acceptor_->counters().failed_logons, bytes.size());
  EXPECT_TRUE(events_.logged_on_.empty());
}

TEST_F(AcceptorTest, GivesALogonItsTimeAndNoMore) {
  settings_.time_to_logon = Duration::milliseconds(150);
  open();
  TestPeer& silent = connect();
  TestPeer& half = connect();
  half.send(logon("ALPHA").substr(0, 40));
  ASSERT_TRUE(run_until([&] { return silent.closed && half.closed; }));
  EXPECT_TRUE(run_until([&] { return acceptor_->counters().timed_out == 2; }));
  EXPECT_TRUE(events_.audited("no Logon in time"));
}

TEST_F(AcceptorTest, ServesAGoodClientBehind500SlowOnes) {
  settings_.time_to_logon = Duration::seconds(5);
  open();
  const std::string half = logon("BETA").substr(0, 30);
  for (int i = 0; i < 500; ++i) connect().send(half);
  ASSERT_TRUE(run_until([&] { return acceptor_->counters().pending == 500; }));
  TestPeer& good = connect();
  good.send(logon("ALPHA"));
  ASSERT_TRUE(run_until([&] { return events_.logged_on_.size() == 1; }));
  EXPECT_EQ(acceptor_->counters().timed_out, 0U) << "it had to wait for the others' time to run out";
  ASSERT_TRUE(run_until([&] { return acceptor_->counters().timed_out == 500; }));
}

TEST_F(AcceptorTest, RefusesAddressesOutsideEveryAllowList) {
  config::AddressRange range;
  range.address = {127, 0, 0, 7};
  range.prefix_bits = 32;
  for (LogonRule& each : settings_.rules) each.allow_from = {range};
  open();
  TestPeer& stranger = connect(nullptr, "127.0.0.8");
  stranger.send(logon("ALPHA"));
  expect_turned_away(stranger, "the address is in no client's allow_from");
  EXPECT_EQ(acceptor_->counters().refused_address, 1U);
  TestPeer& client = connect(nullptr, "127.0.0.7");
  client.send(logon("ALPHA"));
  EXPECT_TRUE(run_until([&] { return events_.logged_on_.size() == 1; }));
}

TEST_F(AcceptorTest, LocksAnAddressOut) {
  settings_.address_lockout.failures = 3;
  open();
  for (int i = 0; i < 3; ++i) {
    TestPeer& peer = connect(nullptr, "127.0.0.9");
    peer.send(logon("GUESS" + std::to_string(i)));
    expect_turned_away(peer, "no session has these");
  }
  TestPeer& locked = connect(nullptr, "127.0.0.9");
  locked.send(logon("ALPHA"));
  expect_turned_away(locked, "the address is locked out");
  TestPeer& other = connect(nullptr, "127.0.0.10");
  other.send(logon("ALPHA"));
  EXPECT_TRUE(run_until([&] { return events_.logged_on_.size() == 1; }));
}

TEST_F(AcceptorTest, LocksASessionOutAgainstGuessingFromManyAddresses) {
  settings_.session_lockout.failures = 3;
  settings_.rules[0].password_hash = config::Secret(*hash_password("right"));
  open();
  for (int i = 0; i < 3; ++i) {
    TestPeer& peer = connect(nullptr, "127.0.1." + std::to_string(i + 1));
    peer.send(logon("ALPHA", "554=guess|"));
    expect_turned_away(peer, "Password(554) is wrong");
  }
  EXPECT_TRUE(events_.audited("the session alpha is locked out"));
  TestPeer& right = connect();
  right.send(logon("ALPHA", "554=right|"));
  expect_turned_away(right, "the session is locked out");
  TestPeer& other = connect();
  other.send(logon("BETA"));
  EXPECT_TRUE(run_until([&] { return events_.logged_on_.size() == 1; })) << "another session is untouched";
}

TEST_F(AcceptorTest, RefusesASecondConnectionOfASession) {
  open();
  TestPeer& first = connect();
  first.send(logon("ALPHA"));
  ASSERT_TRUE(run_until([&] { return events_.logged_on_.size() == 1; }));
  TestPeer& second = connect();
  second.send(logon("ALPHA", "141=Y|"));
  ASSERT_TRUE(run_until([&] { return second.closed; }));
  EXPECT_TRUE(events_.audited("the session is connected already"));
  EXPECT_FALSE(first.closed);
  acceptor_->session_ended("alpha");
  TestPeer& third = connect();
  third.send(logon("ALPHA"));
  EXPECT_TRUE(run_until([&] { return events_.logged_on_.size() == 2; }));
}

TEST_F(AcceptorTest, LetsAReconnectWaitForTheCoreToSeeTheOldConnectionEnd) {
  settings_.failure_delay = Duration::seconds(20);
  open();
  connect().send(logon("ALPHA"));
  ASSERT_TRUE(run_until([&] { return events_.logged_on_.size() == 1; }));
  TestPeer& again = connect();
  again.send(logon("ALPHA"));
  ASSERT_TRUE(run_until([&] { return acceptor_->counters().pending == 1; }));
  acceptor_->session_ended("alpha");
  EXPECT_TRUE(run_until([&] { return events_.logged_on_.size() == 2; }));
}

TEST_F(AcceptorTest, CapsConnectionsByAddressAndInTotal) {
  settings_.max_pending_per_address = 2;
  settings_.max_pending = 3;
  open();
  connect(nullptr, "127.0.0.2");
  connect(nullptr, "127.0.0.2");
  ASSERT_TRUE(run_until([&] { return acceptor_->counters().pending == 2; }));
  TestPeer& third = connect(nullptr, "127.0.0.2");
  expect_turned_away(third, "too many connections without a Logon from this address");
  connect(nullptr, "127.0.0.3");
  ASSERT_TRUE(run_until([&] { return acceptor_->counters().pending == 3; }));
  TestPeer& fourth = connect(nullptr, "127.0.0.4");
  expect_turned_away(fourth, "too many connections without a Logon");
  EXPECT_EQ(acceptor_->counters().refused_full, 2U);
  peers_[0]->close();
  ASSERT_TRUE(run_until([&] { return acceptor_->counters().pending == 2; })) << "a place is given back";
}

TEST_F(AcceptorTest, LimitsItsAuditLines) {
  settings_.address_lockout.failures = 1000;
  settings_.audit_lines_per_second = 2;
  open();
  for (int i = 0; i < 20; ++i) connect().send("junk");
  ASSERT_TRUE(run_until([&] { return acceptor_->counters().failed_logons == 20; }));
  EXPECT_LT(events_.audit().size(), 10U);
  // The next line that is written says how many are missing.
  EXPECT_TRUE(run_until([&] {
    connect().send("junk");
    std::uint64_t suppressed = 0;
    for (const AuditLine& line : events_.audit()) suppressed += line.suppressed;
    return suppressed > 0;
  }));
}

TEST_F(AcceptorTest, FollowsRulesAndSwitchesAsTheyChange) {
  open();
  acceptor_->set_enabled("alpha", false);
  TestPeer& disabled = connect();
  disabled.send(logon("ALPHA"));
  expect_turned_away(disabled, "the session is disabled");
  acceptor_->set_enabled("alpha", true);
  connect().send(logon("ALPHA"));
  ASSERT_TRUE(run_until([&] { return events_.logged_on_.size() == 1; }));
  acceptor_->set_rules({rule("gamma", "GAMMA")});
  connect().send(logon("GAMMA"));
  EXPECT_TRUE(run_until([&] { return events_.logged_on_.size() == 2; }));
}

TEST_F(AcceptorTest, SaysWhyItCannotOpen) {
  open();
  AcceptorSettings same = settings_;
  same.listen.port = acceptor_->listening().port;
  const auto taken = Acceptor::open(same, core_, events_);
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().what,
            "cannot listen on 127.0.0.1:" + std::to_string(same.listen.port) + ": Address already in use");
  same.listen.port = 0;
  same.rules[0].password_hash = config::Secret("a password, not its hash");
  const auto no_hash = Acceptor::open(same, core_, events_);
  ASSERT_FALSE(no_hash.ok());
  EXPECT_EQ(no_hash.error().what.substr(0, 47), "client alpha: the password hash is not of the f");
  EXPECT_EQ(no_hash.error().what.find("a password, not"), std::string::npos) << "what may be a password is not shown";
  same.rules.clear();
  same.listen = {"no.such.host.invalid", 1};
  EXPECT_FALSE(Acceptor::open(same, core_, events_).ok());
}

TEST_F(AcceptorTest, EndsWithConnectionsUnderWay) {
  settings_.rules[0].password_hash = config::Secret(*hash_password("right"));
  open();
  for (int i = 0; i < 20; ++i) connect().send(logon("ALPHA", "554=right|"));
  connect();
  ASSERT_TRUE(run_until([&] { return acceptor_->counters().accepted == 21; }));
  acceptor_.reset();
  EXPECT_TRUE(run_until([&] { return peers_.back()->closed; }));
}

}  // namespace
}  // namespace portcullis::session
