#include "session/connection.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <fstream>
#include <functional>
#include <vector>

#include "session/clock.h"
#include "session/ready_sockets.h"
#include "tests/session/certificates.h"
#include "tests/session/peer.h"

namespace portcullis::session {
namespace {

using testing::CertificateAuthority;
using testing::fix_message;
using testing::TemporaryDirectory;
using testing::TestListener;
using testing::TestPeer;

class Recorder : public ConnectionHandler {
 public:
  void on_following(std::string_view unread) override { following.emplace_back(frames.size(), unread); }
  void on_frame(const fix::Frame& frame) override {
    frames.emplace_back(frame.bytes);
    if (act) act();
  }
  void on_garbled(const char*) override { ++garbled; }
  void on_batch_end() override { ++batches; }
  void on_closed(const CloseReason& reason) override { closed.push_back(reason); }

  std::vector<std::string> frames;
  std::vector<std::pair<std::size_t, std::string>> following;  // before which frame, and what stood behind it
  int garbled = 0;
  int batches = 0;
  std::vector<CloseReason> closed;
  std::function<void()> act;  // inside on_frame
};

struct Way {
  const char* name;
  bool tls;
  bool ready;  // read among the ready sockets, not by Asio
};
constexpr Way kWays[] = {
    {"Tcp", false, false}, {"Tls", true, false}, {"TcpAmongReady", false, true}, {"TlsAmongReady", true, true}};

// Each test runs over TCP and over TLS, both ways of reading.
class ConnectionTest : public ::testing::TestWithParam<Way> {
 protected:
  ConnectionTest() : ca_(directory_, "house") { ready_.set_wanted(GetParam().ready); }

  // One thread: the connection's io_context, then the peer, until the condition holds.
  ::testing::AssertionResult run_until(const std::function<bool()>& condition) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > limit) return ::testing::AssertionFailure() << "20 s have passed";
      io_.restart();
      io_.poll();
      if (peer_ != nullptr) peer_->poll();
    }
    return ::testing::AssertionSuccess();
  }

  void connect(std::string received = "", bool start = true, int peer_buffer = 0) {
    TestListener listener;
    std::shared_ptr<const TlsContext> client_tls;
    std::shared_ptr<const TlsContext> server_tls;
    if (GetParam().tls) {
      const testing::CertificateFiles files = ca_.issue("server", {"fix.example", {"fix.example"}, {}});
      config::ServerTls server;
      server.certificate = files.certificate;
      server.private_key = files.private_key;
      server_tls = *TlsContext::for_server(server);
      config::ClientTls client;
      client.ca = ca_.certificate_file();
      client.server_name = "fix.example";
      client_tls = *TlsContext::for_client(client);
    }
    peer_ = std::make_unique<TestPeer>(listener.port(), client_tls, "127.0.0.1", peer_buffer);
    Stream stream;
    stream.socket = listener.accept();
    ASSERT_TRUE(stream.socket.is_open());
    stream.remote = "the peer";
    stream.received = std::move(received);
    if (server_tls != nullptr) stream.tls = shake(stream.socket, server_tls);
    connection_ = std::make_unique<Connection>(io_, std::move(stream), recorder_, &ready_);
    if (start) connection_->start();
  }

  // The server's side of the handshake, as another thread would do it before it hands over.
  std::unique_ptr<TlsStream> shake(const FileDescriptor& socket, const std::shared_ptr<const TlsContext>& context);

  void send(const std::string& text) {
    EXPECT_TRUE(connection_->send(text, steady_now()));
    connection_->flush();
  }

  TemporaryDirectory directory_;
  CertificateAuthority ca_;
  boost::asio::io_context io_;
  ReadySockets ready_{io_};
  Recorder recorder_;
  std::unique_ptr<TestPeer> peer_;
  std::unique_ptr<Connection> connection_;
};

const std::string kOne = fix_message("35=0|34=1|");
const std::string kTwo = fix_message("35=0|34=2|");
const std::string kThree = fix_message("35=0|34=3|");

std::unique_ptr<TlsStream> ConnectionTest::shake(const FileDescriptor& socket,
                                                 const std::shared_ptr<const TlsContext>& context) {
  auto tls = std::make_unique<TlsStream>(context);
  bool done = false;
  EXPECT_TRUE(run_until([&] {
    char bytes[4096];
    const ssize_t got = ::recv(socket.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    if (got > 0) tls->feed({bytes, static_cast<std::size_t>(got)});
    if (!done) done = tls->handshake() == TlsStream::Progress::kDone;
    std::string out;
    tls->take_output(out);
    ::send(socket.get(), out.data(), out.size(), MSG_NOSIGNAL);
    return done && peer_->handshaken;
  })) << tls->failure()
      << peer_->failure;
  return tls;
}

TEST_P(ConnectionTest, HandsOverWholeMessagesAndOneEndOfBatch) {
  connect();
  peer_->send(kOne + kTwo + kThree.substr(0, 10));
  ASSERT_TRUE(run_until([&] { return recorder_.frames.size() == 2; }));
  EXPECT_EQ(recorder_.batches, 1);
  peer_->send(kThree.substr(10));
  ASSERT_TRUE(run_until([&] { return recorder_.frames.size() == 3; }));
  EXPECT_EQ(recorder_.frames, (std::vector<std::string>{kOne, kTwo, kThree}));
  EXPECT_EQ(connection_->bytes_received(), kOne.size() * 3);
}

TEST_P(ConnectionTest, TellsWhatStandsBehindAMessageBeforeItsTurn) {
  connect();
  peer_->send(kOne + "garbage" + kTwo + kThree.substr(0, 10));
  ASSERT_TRUE(run_until([&] { return recorder_.frames.size() == 2; }));
  peer_->send(kThree.substr(10));
  ASSERT_TRUE(run_until([&] { return recorder_.frames.size() == 3; }));
  using Following = std::vector<std::pair<std::size_t, std::string>>;
  EXPECT_EQ(recorder_.following, (Following{{0, "garbage" + kTwo + kThree.substr(0, 10)}, {1, kThree.substr(0, 10)}}));
}

TEST_P(ConnectionTest, HandsOverWhatWasReadAheadFirst) {
  connect(kOne + kTwo.substr(0, 5));
  EXPECT_TRUE(recorder_.frames.empty()) << "not inside start()";
  ASSERT_TRUE(run_until([&] { return recorder_.frames.size() == 1; }));
  peer_->send(kTwo.substr(5));
  ASSERT_TRUE(run_until([&] { return recorder_.frames.size() == 2; }));
  EXPECT_EQ(recorder_.frames[1], kTwo);
}

TEST_P(ConnectionTest, WritesABatchAndCountsIt) {
  connect();
  EXPECT_TRUE(connection_->send(kOne, steady_now()));
  EXPECT_TRUE(connection_->send(kTwo, steady_now()));
  EXPECT_EQ(connection_->unsent_bytes(), kOne.size() + kTwo.size());
  ASSERT_TRUE(run_until([] { return true; }));
  EXPECT_TRUE(peer_->received.empty()) << "nothing goes out before flush()";
  connection_->flush();
  EXPECT_EQ(connection_->unsent_bytes(), 0U);
  ASSERT_TRUE(run_until([&] { return peer_->received == kOne + kTwo; }));
}

TEST_P(ConnectionTest, IgnoresGarbledMessages) {
  connect();
  std::string bad = kOne;
  bad[bad.size() - 2] ^= 1;
  peer_->send(bad + "junk" + kTwo);
  ASSERT_TRUE(run_until([&] { return recorder_.frames.size() == 1; }));
  EXPECT_EQ(recorder_.frames[0], kTwo);
  EXPECT_GE(recorder_.garbled, 1);
  EXPECT_TRUE(connection_->is_open());
}

TEST_P(ConnectionTest, DisconnectsAtAHugeBodyLength) {
  connect();
  peer_->send(
      "8=FIX.4.4\x01"
      "9=2000000000\x01");
  ASSERT_TRUE(run_until([&] { return !recorder_.closed.empty() && peer_->closed; }));
  EXPECT_EQ(recorder_.closed[0].cause, CloseCause::kNotFix);
}

TEST_P(ConnectionTest, DisconnectsAtEndlessGarbage) {
  connect();
  peer_->send(std::string(200'000, 'x'));
  ASSERT_TRUE(run_until([&] { return !recorder_.closed.empty(); }));
  EXPECT_EQ(recorder_.closed[0].cause, CloseCause::kNotFix);
}

TEST_P(ConnectionTest, DisconnectsASlowReaderAt4MiBAndKeepsItsAge) {
  connect("", true, 16 * 1024);
  peer_->reading = false;
  const std::string message = fix_message("35=B|58=" + std::string(60'000, 'x') + "|");
  const SteadyTime begin = steady_now();
  std::size_t accepted = 0;
  while (connection_->send(message, begin)) {
    connection_->flush();
    accepted += message.size();
    ASSERT_LE(connection_->unsent_bytes(), kMaxUnsentBytes + kMaxUnsentBytes / 100) << "TLS adds less than 1 %";
    ASSERT_LE(accepted, 64U * 1024 * 1024);
    if (connection_->unsent_bytes() > 0) {
      EXPECT_GE(connection_->oldest_unsent_age(begin + Duration::milliseconds(500)), Duration::milliseconds(500));
    }
  }
  EXPECT_GT(accepted, kMaxUnsentBytes - message.size());
  EXPECT_TRUE(recorder_.closed.empty()) << "never inside a call of the handler's";
  ASSERT_TRUE(run_until([&] { return !recorder_.closed.empty(); }));
  EXPECT_EQ(recorder_.closed[0].cause, CloseCause::kSlowReader);
  EXPECT_FALSE(connection_->send(kOne, begin));
}

TEST_P(ConnectionTest, DeliversEverythingToAReaderThatIsOnlySlow) {
  connect("", true, 16 * 1024);
  peer_->reading = false;
  const std::string message = fix_message("35=B|58=" + std::string(50'000, 'x') + "|");
  std::string all;
  while (connection_->unsent_bytes() < 2'000'000) {
    ASSERT_TRUE(connection_->send(message, steady_now()));
    connection_->flush();
    all += message;
    ASSERT_LE(all.size(), 64U * 1024 * 1024);
  }
  peer_->reading = true;
  ASSERT_TRUE(run_until([&] { return peer_->received.size() >= all.size(); }));
  EXPECT_TRUE(peer_->received == all);
  ASSERT_TRUE(run_until([&] { return connection_->unsent_bytes() == 0; }));
  EXPECT_EQ(connection_->oldest_unsent_age(steady_now()), Duration());
}

TEST_P(ConnectionTest, PausesBetweenMessagesAndResumesWhereItStopped) {
  connect();
  recorder_.act = [&] { connection_->pause_reading(); };
  peer_->send(kOne + kTwo + kThree);
  ASSERT_TRUE(run_until([&] { return recorder_.frames.size() == 1; }));
  // Far more than the buffers of both sides hold, so that a paused connection pushes back.
  peer_->send(fix_message("35=B|58=" + std::string(60'000, 'x') + "|"));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(run_until([] { return true; }));
  EXPECT_EQ(recorder_.frames.size(), 1U);
  connection_->resume_reading();
  EXPECT_EQ(recorder_.frames.size(), 1U) << "not inside resume_reading()";
  ASSERT_TRUE(run_until([&] { return recorder_.frames.size() == 2; }));
  recorder_.act = nullptr;
  connection_->resume_reading();
  ASSERT_TRUE(run_until([&] { return recorder_.frames.size() == 4; }));
  EXPECT_EQ(recorder_.frames[2], kThree);
}

TEST_P(ConnectionTest, SaysWhenThePeerIsGone) {
  connect();
  peer_->send(kOne);
  ASSERT_TRUE(run_until([&] { return recorder_.frames.size() == 1; }));
  peer_->close();
  ASSERT_TRUE(run_until([&] { return !recorder_.closed.empty(); }));
  EXPECT_EQ(recorder_.closed[0].text, "the peer closed the connection");
  ASSERT_TRUE(run_until([&] { return true; }));
  EXPECT_EQ(recorder_.closed.size(), 1U);
}

TEST_P(ConnectionTest, ClosesInsideAMessageWithoutHandingOverMore) {
  connect();
  recorder_.act = [&] { connection_->close("enough"); };
  peer_->send(kOne + kTwo);
  ASSERT_TRUE(run_until([&] { return !recorder_.closed.empty() && peer_->closed; }));
  EXPECT_EQ(recorder_.frames.size(), 1U);
  EXPECT_EQ(recorder_.closed[0].text, "enough");
  EXPECT_EQ(recorder_.closed[0].cause, CloseCause::kByUs);
}

TEST_P(ConnectionTest, MayBeDestroyedInsideAMessage) {
  connect();
  recorder_.act = [&] { connection_.reset(); };
  peer_->send(kOne + kTwo);
  ASSERT_TRUE(run_until([&] { return peer_->closed; }));
  EXPECT_EQ(recorder_.frames.size(), 1U);
  EXPECT_TRUE(recorder_.closed.empty());
}

TEST_P(ConnectionTest, SendsALogoutBeforeItCloses) {
  connect();
  const std::string logout = fix_message("35=5|34=9|58=" + std::string(50'000, 'x') + "|");
  EXPECT_TRUE(connection_->send(logout, steady_now()));
  connection_->close_when_sent("logged out", Duration::seconds(30));
  EXPECT_FALSE(connection_->send(kOne, steady_now()));
  peer_->send(kTwo);  // unread bytes must not reset the connection
  ASSERT_TRUE(run_until([&] { return peer_->closed; }));
  EXPECT_EQ(peer_->received, logout);
  EXPECT_TRUE(recorder_.frames.empty());
  peer_->close();
  ASSERT_TRUE(run_until([&] { return !recorder_.closed.empty(); }));
  EXPECT_EQ(recorder_.closed[0].text, "logged out");
  EXPECT_EQ(recorder_.closed[0].cause, CloseCause::kByUs);
}

TEST_P(ConnectionTest, ClosesAfterTheLimitWhenThePeerDoesNotRead) {
  connect("", true, 16 * 1024);
  peer_->reading = false;
  while (connection_->unsent_bytes() < 2'000'000) {
    ASSERT_TRUE(connection_->send(fix_message("35=B|58=" + std::string(60'000, 'x') + "|"), steady_now()));
    connection_->flush();
  }
  connection_->close_when_sent("logged out", Duration::milliseconds(50));
  EXPECT_TRUE(connection_->is_open());
  ASSERT_TRUE(run_until([&] { return !recorder_.closed.empty(); }));
  EXPECT_EQ(recorder_.closed[0].text, "logged out");
}

TEST_P(ConnectionTest, MovesManyMessagesUnchanged) {
  connect();
  std::string all;
  for (int i = 0; i < 20'000; ++i) all += fix_message("35=0|34=" + std::to_string(i) + "|");
  peer_->send(all);
  ASSERT_TRUE(run_until([&] { return recorder_.frames.size() == 20'000; }));
  std::string got;
  for (const std::string& frame : recorder_.frames) got += frame;
  EXPECT_TRUE(got == all);
}

// Of a thousand sessions whose messages are short, room for the longest would be 128 MiB.
TEST(Connection, TakesMemoryForWhatArrivesAndNotForWhatCould) {
  constexpr std::size_t kConnections = 64;
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  constexpr std::size_t kMost = 96 * 1024;  // with what the sanitizer keeps of each byte
#else
  constexpr std::size_t kMost = 32 * 1024;
#endif
  const auto resident_bytes = [] {
    std::size_t size = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> size >> resident;
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  };
  boost::asio::io_context io;
  Recorder recorder;
  std::vector<FileDescriptor> peers;
  std::vector<std::unique_ptr<Connection>> connections;
  const std::size_t before = resident_bytes();
  for (std::size_t i = 0; i < kConnections; ++i) {
    int pair[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    peers.emplace_back(pair[0]);
    Stream stream;
    stream.socket = FileDescriptor(pair[1]);
    connections.push_back(std::make_unique<Connection>(io, std::move(stream), recorder));
    connections.back()->start();
    ASSERT_EQ(write(pair[0], kOne.data(), kOne.size()), static_cast<ssize_t>(kOne.size()));
  }
  io.poll();
  EXPECT_EQ(recorder.frames.size(), kConnections);
  EXPECT_LT(resident_bytes() - before, kConnections * kMost);
  connections.clear();
  io.poll();
}

INSTANTIATE_TEST_SUITE_P(Over, ConnectionTest, ::testing::ValuesIn(kWays),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace portcullis::session
