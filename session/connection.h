#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"
#include "fix/frame.h"
#include "session/stream.h"

namespace boost::asio {
class io_context;
}

// An established connection on the core thread: bytes in as whole FIX messages, bytes out in batches.
// It knows nothing of sessions. In steady state it allocates nothing; OpenSSL takes two small blocks for
// each TLS record.

namespace portcullis::session {

class ReadySockets;

// A peer that does not read is disconnected when this much waits for it.
inline constexpr std::size_t kMaxUnsentBytes = 4 * 1024 * 1024;

enum class CloseCause : std::uint8_t {
  kByUs,        // close() or close_when_sent()
  kByPeer,      // the peer ended the stream in order
  kFailed,      // reset, time-out, TLS failure
  kSlowReader,  // more than kMaxUnsentBytes waited
  kNotFix,      // a message, or garbage, of more than 64 KiB
};

struct CloseReason {
  CloseCause cause = CloseCause::kByUs;
  std::string text;  // one plain sentence, for "why is it down"
};

// All calls come on the connection's io_context, never inside a call that the handler itself makes.
class ConnectionHandler {
 public:
  virtual ~ConnectionHandler() = default;

  // Behind the message that on_frame() is about to be called with more has been received: as it came, unchecked.
  virtual void on_following(std::string_view /*unread*/) {}
  // What has been received and is handed over soon, behind that of a few others, as it came; nothing where it is
  // encrypted. Called with 0, 1, … ReadySockets::kLooks - 1: what a step asked for is near with the next.
  virtual void on_coming(std::string_view /*unread*/, int /*step*/) {}
  // One valid message; the view stands until this returns. The handler may send, pause or close here.
  virtual void on_frame(const fix::Frame& frame) = 0;
  // Bytes that were no valid message were ignored (FIX: a garbled message uses no number).
  virtual void on_garbled(const char* why) = 0;
  // All that one read brought has been handed over: the moment to flush().
  virtual void on_batch_end() = 0;
  // Called exactly once, last. The socket is closed by then.
  virtual void on_closed(const CloseReason& reason) = 0;
};

class Connection {
 public:
  // The handler must outlive the connection or call abandon(). `stream.received` is handed over first,
  // from the io_context. `ready`: reads it among others from when that is wanted; outlives the connection. Null: never.
  Connection(boost::asio::io_context& io, Stream stream, ConnectionHandler& handler, ReadySockets* ready = nullptr);
  // Closes at once, without on_closed.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Begins to read. Called once.
  void start();

  // Adds bytes to the next write; nothing is written before flush(). False once the connection is
  // closed, and when this would leave more than kMaxUnsentBytes, which closes it (kSlowReader).
  bool send(std::string_view bytes, SteadyTime now);
  // Brings near what send() and flush() ask for.
  void look_ahead() const;
  // One write of everything that was added; what the socket does not take follows when it can.
  void flush();

  // Messages stay in the buffer and the socket is no longer read: TCP pushes back on the peer.
  void pause_reading();
  // What waits is handed over from the io_context, not inside this call.
  void resume_reading();
  bool reading_paused() const;

  // Drops what is unsent. on_closed follows from the io_context.
  void close(std::string text);
  // Writes what waits (a Logout), then closes; after `limit` it closes all the same. Nothing more is
  // read or taken.
  void close_when_sent(std::string text, Duration limit);
  bool is_open() const;

  // Once closed: what the peer was never given.
  std::size_t unsent_bytes() const;
  // How long the oldest unsent byte has waited at least since its write began; zero when none waits. A
  // partly sent write counts from its first byte, so this errs towards older.
  Duration oldest_unsent_age(SteadyTime now) const;

  const std::string& remote() const;
  const PeerIdentity& peer() const;
  bool is_tls() const;
  std::uint64_t bytes_received() const;  // plain
  std::uint64_t bytes_sent() const;      // as written to the socket
  const fix::Framer& framer() const;     // its counters

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;  // shared with the operations under way
};

}  // namespace portcullis::session
