#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/time.h"
#include "fix/frame.h"
#include "session/stream.h"
#include "session/tls.h"

// Inside the door only: this header brings Asio's sockets in.

namespace portcullis::session {

// One stranger: TLS handshake, then exactly one FIX message, within a time limit and 16 KiB. Used on the
// door thread; kept alive by the operations under way.
class LogonReader : public std::enable_shared_from_this<LogonReader> {
 public:
  // A Logon with certificates or tokens in RawData(96) fits; nothing else is read before it is judged.
  static constexpr std::size_t kMaxLogonBytes = 16 * 1024;

  struct Outcome {
    enum class Kind : std::uint8_t {
      kFrame,     // frame() and take_stream() may be used
      kTimedOut,  // no whole message in time
      kClosed,    // the stranger went away, or TLS failed
      kNotFix,    // the first bytes are no FIX message
    };
    Kind kind = Kind::kClosed;
    std::string why;
  };

  // `tls` null: plain TCP.
  LogonReader(boost::asio::ip::tcp::socket socket, const std::shared_ptr<const TlsContext>& tls, std::string remote);

  // `done` is called exactly once, unless close() comes first.
  void start(Duration limit, std::function<void(const Outcome&)> done);
  // Ends it without a word.
  void close();

  const std::string& remote() const { return remote_; }
  const std::string& frame() const { return frame_; }
  const PeerIdentity& peer() const { return peer_; }
  // The connection as a value; the reader is empty afterwards.
  Stream take_stream();

 private:
  void read();
  void advance();
  void shake();
  void write_handshake();
  void find_frame();
  void finish(Outcome::Kind kind, std::string why);

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  std::unique_ptr<TlsStream> tls_;
  bool shaking_ = false;
  std::string remote_;
  PeerIdentity peer_;
  std::array<char, 4096> chunk_;
  std::string outgoing_;  // of the handshake
  std::string received_;  // plain
  std::string frame_;
  fix::Framer framer_;
  std::function<void(const Outcome&)> done_;
};

}  // namespace portcullis::session
