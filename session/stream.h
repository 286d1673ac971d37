#pragma once

#include <memory>
#include <string>

#include "session/tls.h"

namespace portcullis::session {

// Owns one file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() { reset(); }
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = other.release();
    }
    return *this;
  }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }
  void reset();

 private:
  int fd_ = -1;
};

// An established byte stream between threads: a connected socket, its finished TLS handshake if it has
// one, and what was read ahead. A value: whoever holds it owns the connection, and dropping it closes it.
struct Stream {
  FileDescriptor socket;
  bool ipv6 = false;
  std::unique_ptr<TlsStream> tls;  // null: plain TCP
  PeerIdentity peer;
  std::string remote;    // "127.0.0.1:40312"
  std::string received;  // plain bytes that were read and not yet used, at most 64 KiB
};

}  // namespace portcullis::session
