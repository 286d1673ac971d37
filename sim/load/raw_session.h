#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"

namespace portcullis::sim {

// The fields of one received message, looked up by a scan over its bytes; valid inside the callback only.
class RawMessage {
 public:
  explicit RawMessage(std::string_view bytes) : bytes_(bytes) {}
  // The first value of the tag, or empty.
  std::string_view get(int tag) const;
  std::string_view msg_type() const { return get(35); }

 private:
  std::string_view bytes_;
};

// One FIX session by hand on a plain Asio socket, fast enough to load a gateway: the load generator's side, and the
// bare broker's. It numbers from 1, answers TestRequest(1) and Heartbeat(0) needs, answers a ResendRequest(2) with a
// gap fill of everything (a load is not worth resending), and checks nothing of what it receives. One thread.
class RawSession {
 public:
  struct Handler {
    std::function<void()> logged_on;
    std::function<void(const RawMessage&)> message;      // application messages, and Reject(3)
    std::function<void(const std::string& why)> closed;  // once, after the connection is gone
  };

  // The socket is connected. Set TCP_NODELAY on it before.
  RawSession(boost::asio::ip::tcp::socket socket, std::string begin_string, std::string sender, std::string target,
             Handler handler);

  // From start() on over TLS, as the client. The context outlives this; the peer's certificate must carry `host`.
  void use_tls(boost::asio::ssl::context& context, const std::string& host);
  // As initiator: sends the Logon; 141=Y when asked. As acceptor: waits for the peer's and answers it.
  void start(bool initiator, int heartbeat_s, bool reset);

  // Appends a message to the output; `body` starts after the header and ends with SOH. flush() hands what was appended
  // to the socket in one write. Time 52 is taken from `now`.
  void send(std::string_view msg_type, std::string_view body, UtcTime now);
  void flush();
  void logout();

  bool is_logged_on() const { return logged_on_; }
  std::size_t unsent_bytes() const { return pending_.size() + writing_.size(); }

 private:
  // Calls with the stream that is in use, TLS or the socket itself.
  template <typename Work>
  void with_stream(Work work) {
    tls_ ? work(*tls_) : work(socket_);
  }
  void read();
  void received(std::size_t bytes);
  std::size_t parse(std::string_view unread);
  void handle(const RawMessage& message);
  void heartbeat();
  void close(const std::string& why);

  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
  boost::asio::steady_timer heartbeat_timer_;
  const std::string begin_string_;
  std::string header_;  // "49=…<SOH>56=…<SOH>"
  Handler handler_;
  std::string buffer_;
  std::size_t filled_ = 0;
  std::string pending_, writing_;
  long next_seq_ = 1;
  int heartbeat_s_ = 30;
  bool initiator_ = false, logged_on_ = false, closed_ = false;
};

}  // namespace portcullis::sim
