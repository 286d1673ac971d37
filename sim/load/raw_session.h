#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"
#include "fix/frame.h"

namespace portcullis::sim {

// The fields of one received message; valid inside the callback only. Its bytes are gone through once, and no further
// than to the last field that was asked for.
class RawMessage {
 public:
  explicit RawMessage(std::string_view bytes) : bytes_(bytes) {}
  // The first value of the tag, or empty.
  std::string_view get(int tag);
  std::string_view msg_type() { return get(35); }

 private:
  struct Field {
    int tag;
    std::uint32_t at, size;  // of the value
  };
  Field field_at(std::size_t at) const;
  std::string_view value(const Field& field) const { return bytes_.substr(field.at, field.size); }

  std::string_view bytes_;
  std::size_t looked_at_ = 0;  // bytes at the front, whose fields these are
  std::size_t found_ = 0;
  std::array<Field, 64> fields_;  // what does not fit is sought anew each time
};

// The fields behind the header of a message to be sent.
class RawBody {
 public:
  void clear() { size_ = 0; }
  // "38=", and a value that holds no SOH. Nothing is written for an empty one.
  void add(std::string_view tag, std::string_view value) {
    if (value.empty()) return;
    const std::size_t needed = size_ + tag.size() + value.size() + 1;
    if (text_.size() < needed) text_.resize(2 * needed);
    char* const at = text_.data() + size_;
    tag.copy(at, tag.size());
    value.copy(at + tag.size(), value.size());
    text_[needed - 1] = fix::kSoh;
    size_ = needed;
  }
  std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::string text_ = std::string(512, '\0');
  std::size_t size_ = 0;
};

// One FIX session by hand on a plain Asio socket, fast enough to load a gateway: the load generator's side, and the
// bare broker's. It numbers from 1, answers TestRequest(1) and Heartbeat(0) needs, answers a ResendRequest(2) with a
// gap fill of everything (a load is not worth resending), and checks nothing of what it receives. One thread.
class RawSession {
 public:
  struct Handler {
    std::function<void()> logged_on;
    std::function<void(RawMessage&)> message;            // application messages, and Reject(3)
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
  void handle(RawMessage message);
  void heartbeat();
  void close(const std::string& why);

  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
  boost::asio::steady_timer heartbeat_timer_;
  const std::string begin_;  // "8=…<SOH>9="
  std::string header_;       // "49=…<SOH>56=…<SOH>"
  Handler handler_;
  std::string buffer_;
  std::size_t filled_ = 0;
  std::string pending_, writing_;
  std::uint64_t next_seq_ = 1;
  int heartbeat_s_ = 30;
  bool initiator_ = false, logged_on_ = false, closed_ = false;
};

}  // namespace portcullis::sim
