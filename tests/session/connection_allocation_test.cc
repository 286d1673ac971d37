#include <gtest/gtest.h>
#include <openssl/crypto.h>
#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>

#include "session/clock.h"
#include "session/connection.h"
#include "session/ready_sockets.h"
#include "tests/session/certificates.h"
#include "tests/session/count_allocations.h"
#include "tests/session/peer.h"

// A connection in steady state allocates nothing: neither our code nor Asio (operator new). OpenSSL 3.0
// itself takes two small blocks for each record, through its own hook; the bound here keeps it at that.
// Counted only while the connection works, not while the test's peer does.

namespace {

bool counting = false;
std::size_t allocations = 0;  // while counting
std::size_t openssl_allocations = 0;

void* openssl_malloc(std::size_t size, const char*, int) {
  if (counting) ++openssl_allocations;
  return std::malloc(size);
}
void* openssl_realloc(void* memory, std::size_t size, const char*, int) {
  if (counting) ++openssl_allocations;
  return std::realloc(memory, size);
}
void openssl_free(void* memory, const char*, int) {
  std::free(memory);
}

// OpenSSL takes the hook only before its first allocation.
const bool hooked = CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) == 1;

}  // namespace

namespace portcullis::session {
namespace {

using testing::fix_message;
using testing::TestListener;
using testing::TestPeer;

class Echo : public ConnectionHandler {
 public:
  void on_frame(const fix::Frame& frame) override {
    connection->send(frame.bytes, steady_now());
    ++frames;
  }
  void on_garbled(const char*) override {}
  void on_batch_end() override { connection->flush(); }
  void on_closed(const CloseReason&) override {}
  std::unique_ptr<Connection> connection;
  int frames = 0;
};

// Over TLS or TCP, and read by Asio or among the ready sockets.
class ConnectionAllocation : public ::testing::TestWithParam<std::tuple<bool, bool>> {};

TEST_P(ConnectionAllocation, IsNoneInSteadyState) {
  ASSERT_TRUE(hooked);
  const testing::TemporaryDirectory directory;
  const testing::CertificateAuthority ca(directory, "house");
  TestListener listener;
  std::shared_ptr<const TlsContext> server_tls;
  std::shared_ptr<const TlsContext> client_tls;
  if (std::get<0>(GetParam())) {
    const auto files = ca.issue("server", {"fix.example", {"fix.example"}, {}});
    config::ServerTls server;
    server.certificate = files.certificate;
    server.private_key = files.private_key;
    server_tls = *TlsContext::for_server(server);
    config::ClientTls client;
    client.ca = ca.certificate_file();
    client.server_name = "fix.example";
    client_tls = *TlsContext::for_client(client);
  }
  TestPeer peer(listener.port(), client_tls);
  Stream stream;
  stream.socket = listener.accept();
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  if (server_tls != nullptr) {
    stream.tls = std::make_unique<TlsStream>(server_tls);
    bool done = false;
    while (!done || !peer.handshaken) {
      ASSERT_LT(std::chrono::steady_clock::now(), limit);
      char bytes[4096];
      const ssize_t got = ::recv(stream.socket.get(), bytes, sizeof bytes, MSG_DONTWAIT);
      if (got > 0) stream.tls->feed({bytes, static_cast<std::size_t>(got)});
      if (!done) done = stream.tls->handshake() == TlsStream::Progress::kDone;
      std::string out;
      stream.tls->take_output(out);
      ::send(stream.socket.get(), out.data(), out.size(), MSG_NOSIGNAL);
      peer.poll();
    }
  }
  boost::asio::io_context io;
  ReadySockets ready(io);
  ready.set_wanted(std::get<1>(GetParam()));
  Echo echo;
  echo.connection = std::make_unique<Connection>(io, std::move(stream), echo, &ready);
  echo.connection->start();

  const std::string message = fix_message("35=D|34=1|11=order|58=" + std::string(150, 'x') + "|");
  const auto round_trips = [&](int count) {
    for (int i = 0; i < count; ++i) {
      const int wanted = echo.frames + 3;
      peer.send(message + message + message);
      const std::size_t answered = peer.received.size() + 3 * message.size();
      while (peer.received.size() < answered || echo.frames < wanted) {
        ASSERT_LT(std::chrono::steady_clock::now(), limit);
        peer.poll();
        const std::size_t before = test::allocations();
        counting = true;
        io.poll();
        counting = false;
        allocations += test::allocations() - before;
      }
    }
  };
  round_trips(200);
  allocations = openssl_allocations = 0;
  round_trips(2000);
  EXPECT_EQ(allocations, 0U) << "over 6000 messages";
  // A record in and a record out for each batch of three messages.
  EXPECT_LE(openssl_allocations, std::get<0>(GetParam()) ? 2000U * 4 : 0U);
}

INSTANTIATE_TEST_SUITE_P(Over, ConnectionAllocation, ::testing::Combine(::testing::Bool(), ::testing::Bool()),
                         [](const auto& test) {
                           return std::string(std::get<0>(test.param) ? "Tls" : "Tcp") +
                                  (std::get<1>(test.param) ? "AmongReady" : "");
                         });

}  // namespace
}  // namespace portcullis::session
