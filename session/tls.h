#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config.h"

struct ssl_ctx_st;
struct ssl_st;
struct bio_st;

// TLS 1.2 and 1.3 by OpenSSL over memory buffers: this file never touches a socket, so a connection
// whose handshake is done moves to another thread as a value. No renegotiation, no tickets, no
// compression; host names are checked without partial wildcards.

namespace portcullis::session {

// Who the peer's verified certificate says it is; empty over plain TCP or where none was asked for.
struct PeerIdentity {
  std::string common_name;         // of the subject
  std::vector<std::string> names;  // DNS and URI entries of subjectAltName, at most 64

  bool empty() const { return common_name.empty() && names.empty(); }
  // Whether the certificate carries exactly this name.
  bool carries(std::string_view name) const;
};

// The files, read once. Immutable, may be shared by threads.
class TlsContext {
 public:
  // The error names the file and what is wrong with it.
  static Result<std::shared_ptr<const TlsContext>> for_server(const config::ServerTls& settings);
  static Result<std::shared_ptr<const TlsContext>> for_client(const config::ClientTls& settings);

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  bool is_server() const { return server_; }
  // The server asks each client for a certificate and refuses those without.
  bool is_mutual() const { return mutual_; }

 private:
  friend class TlsStream;
  TlsContext() = default;

  ssl_ctx_st* context_ = nullptr;
  bool server_ = false;
  bool mutual_ = false;
  std::string server_name_;  // of the client side: what the certificate must name, and SNI
};

// One connection's TLS. Used by one thread at a time; may move between threads between calls.
class TlsStream {
 public:
  enum class Progress {
    kDone,
    kWantInput,  // feed() more ciphertext first
    kClosed,     // the peer said close_notify
    kFailed,     // failure() says why; take_output() may hold an alert for the peer
  };
  struct ReadResult {
    Progress progress = Progress::kWantInput;
    std::size_t size = 0;  // plain bytes written to the caller's buffer; may be set with any progress
  };

  explicit TlsStream(std::shared_ptr<const TlsContext> context);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  // Ciphertext from the peer.
  void feed(std::string_view ciphertext);
  // Ciphertext for the peer is appended to `out`.
  void take_output(std::string& out);

  Progress handshake();
  // Until the buffer is full or no whole record is left.
  ReadResult read(char* out, std::size_t size);
  // After the handshake. The bytes are all taken, or the stream has failed.
  bool write(std::string_view plain);
  // An established connection keeps its record buffers (some 34 KiB); before that they are given back
  // whenever they are empty, since a stranger may hold a connection open and say nothing.
  void keep_buffers();
  // Makes a close_notify for the peer.
  void shutdown();

  // One plain phrase, such as "TLS: certificate has expired".
  const std::string& failure() const { return failure_; }
  // After the handshake.
  PeerIdentity peer_identity() const;
  // "TLSv1.3" and the cipher, for the log.
  std::string description() const;

 private:
  Progress fail(int result);

  std::shared_ptr<const TlsContext> context_;
  ssl_st* ssl_ = nullptr;
  bio_st* input_ = nullptr;   // owned by ssl_
  bio_st* output_ = nullptr;  // owned by ssl_
  std::string failure_;
};

}  // namespace portcullis::session
