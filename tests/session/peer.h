#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "session/stream.h"
#include "session/tls.h"

namespace portcullis::session::testing {

// A FIX message with BodyLength and CheckSum; '|' stands for SOH in `body`.
std::string fix_message(std::string_view body, std::string_view begin_string = "FIX.4.4");

// Listens on a free port of 127.0.0.1, for tests of what connects.
class TestListener {
 public:
  explicit TestListener(int backlog = 16);
  std::uint16_t port() const { return port_; }
  // An open descriptor, or closed where nobody waits.
  FileDescriptor accept();

 private:
  FileDescriptor socket_;
  std::uint16_t port_ = 0;
};

// The other side of a connection, which never blocks: call poll() until what is waited for is there.
class TestPeer {
 public:
  // Connects to 127.0.0.1. With `tls` the handshake goes on in poll().
  explicit TestPeer(std::uint16_t port, std::shared_ptr<const TlsContext> tls = nullptr,
                    const std::string& from = "127.0.0.1", int receive_buffer = 0);
  explicit TestPeer(FileDescriptor socket, std::shared_ptr<const TlsContext> tls = nullptr);

  void send(std::string_view bytes) { unsent_ += bytes; }
  void poll();
  void close() { socket_.reset(); }
  // Only then does poll() read.
  bool reading = true;

  std::string received;
  bool handshaken = false;
  bool closed = false;  // by the other side
  std::string failure;  // of TLS
  std::uint64_t total_received = 0;

 private:
  void decrypt();

  FileDescriptor socket_;
  std::unique_ptr<TlsStream> tls_;
  std::string unsent_;
  std::string outgoing_;
};

}  // namespace portcullis::session::testing
