#include "tests/session/peer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdio>

#include "base/check.h"
#include "fix/frame.h"

namespace portcullis::session::testing {

namespace {

sockaddr_in address_of(const std::string& host, std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  PORTCULLIS_CHECK(inet_pton(AF_INET, host.c_str(), &address.sin_addr) == 1, "an address");
  return address;
}

void set_non_blocking(int fd) {
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
}

}  // namespace

std::string fix_message(std::string_view body, std::string_view begin_string) {
  std::string fields(body);
  for (char& c : fields) {
    if (c == '|') c = fix::kSoh;
  }
  std::string text = "8=" + std::string(begin_string) +
                     "\x01"
                     "9=" +
                     std::to_string(fields.size()) + "\x01" + fields;
  char trailer[16];
  std::snprintf(trailer, sizeof trailer, "10=%03u\x01", static_cast<unsigned>(fix::checksum(text)));
  return text + trailer;
}

TestListener::TestListener(int backlog) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = address_of("127.0.0.1", 0);
  socklen_t size = sizeof address;
  PORTCULLIS_CHECK(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
  PORTCULLIS_CHECK(::listen(socket_.get(), backlog) == 0, "listen");
  ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  set_non_blocking(socket_.get());
}

FileDescriptor TestListener::accept() {
  return FileDescriptor(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
}

TestPeer::TestPeer(std::uint16_t port, std::shared_ptr<const TlsContext> tls, const std::string& from,
                   int receive_buffer)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer > 0) {
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  const sockaddr_in own = address_of(from, 0);
  PORTCULLIS_CHECK(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0, "bind");
  const sockaddr_in address = address_of("127.0.0.1", port);
  PORTCULLIS_CHECK(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
                   "connecting to the listener under test");
  set_non_blocking(socket_.get());
  if (tls != nullptr) tls_ = std::make_unique<TlsStream>(std::move(tls));
}

TestPeer::TestPeer(FileDescriptor socket, std::shared_ptr<const TlsContext> tls) : socket_(std::move(socket)) {
  set_non_blocking(socket_.get());
  if (tls != nullptr) tls_ = std::make_unique<TlsStream>(std::move(tls));
}

void TestPeer::poll() {
  if (!socket_.is_open()) return;
  if (tls_ != nullptr) {
    decrypt();
    if (handshaken && failure.empty()) {
      tls_->write(unsent_);
      unsent_.clear();
    }
    tls_->take_output(outgoing_);
  } else {
    outgoing_ += unsent_;
    unsent_.clear();
  }
  if (!outgoing_.empty()) {
    const ssize_t sent = ::send(socket_.get(), outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL);
    if (sent > 0) outgoing_.erase(0, static_cast<std::size_t>(sent));
  }
  char bytes[64 * 1024];
  while (reading && !closed) {
    const ssize_t got = ::recv(socket_.get(), bytes, sizeof bytes, 0);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (got <= 0) {
      closed = true;
      break;
    }
    total_received += static_cast<std::uint64_t>(got);
    if (tls_ != nullptr) {
      tls_->feed({bytes, static_cast<std::size_t>(got)});
      decrypt();
    } else {
      received.append(bytes, static_cast<std::size_t>(got));
    }
  }
}

void TestPeer::decrypt() {
  if (!failure.empty()) return;
  if (!handshaken) {
    const TlsStream::Progress progress = tls_->handshake();
    if (progress == TlsStream::Progress::kFailed) failure = tls_->failure();
    if (progress != TlsStream::Progress::kDone) return;
    handshaken = true;
  }
  char bytes[64 * 1024];
  const TlsStream::ReadResult result = tls_->read(bytes, sizeof bytes);
  received.append(bytes, result.size);
  if (result.progress == TlsStream::Progress::kFailed) failure = tls_->failure();
  if (result.progress == TlsStream::Progress::kClosed) closed = true;
}

}  // namespace portcullis::session::testing
