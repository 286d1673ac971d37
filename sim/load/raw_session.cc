#include "sim/load/raw_session.h"

#include <algorithm>
#include <boost/asio/write.hpp>
#include <charconv>
#include <cstdio>
#include <utility>

#include "sim/json_log.h"

namespace portcullis::sim {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kBufferBytes = 1 << 20;
constexpr std::size_t kMaxMessageBytes = 64 * 1024;

unsigned sum_of(std::string_view text) {
  unsigned sum = 0;
  for (const char byte : text) sum += static_cast<unsigned char>(byte);
  return sum;
}

}  // namespace

std::string_view RawMessage::get(int tag) const {
  char wanted[16];
  wanted[0] = '\x01';
  char* end = std::to_chars(wanted + 1, wanted + sizeof wanted - 1, tag).ptr;
  *end++ = '=';
  const std::string_view mark(wanted, static_cast<std::size_t>(end - wanted));
  const std::size_t at = bytes_.find(mark);
  if (at == std::string_view::npos) return {};
  const std::size_t from = at + mark.size();
  return bytes_.substr(from, bytes_.find('\x01', from) - from);
}

RawSession::RawSession(asio::ip::tcp::socket socket, std::string begin_string, std::string sender, std::string target,
                       Handler handler)
    : socket_(std::move(socket)),
      heartbeat_timer_(socket_.get_executor()),
      begin_string_(std::move(begin_string)),
      header_("49=" + sender + "\x01" + "56=" + target + "\x01"),
      handler_(std::move(handler)) {
  buffer_.resize(kBufferBytes);
}

void RawSession::use_tls(asio::ssl::context& context, const std::string& host) {
  tls_ = std::make_unique<asio::ssl::stream<asio::ip::tcp::socket&>>(socket_, context);
  tls_->set_verify_mode(asio::ssl::verify_peer);
  tls_->set_verify_callback(asio::ssl::host_name_verification(host));
}

void RawSession::start(bool initiator, int heartbeat_s, bool reset) {
  initiator_ = initiator;
  heartbeat_s_ = heartbeat_s;
  if (tls_) {
    boost::system::error_code failed;
    tls_->handshake(asio::ssl::stream_base::client, failed);
    if (failed) return close("the TLS handshake failed: " + failed.message());
  }
  if (initiator) {
    std::string body =
        "98=0\x01"
        "108=" +
        std::to_string(heartbeat_s) + "\x01";
    if (reset) body += "141=Y\x01";
    send("A", body, utc_now());
    flush();
  }
  read();
}

void RawSession::send(std::string_view msg_type, std::string_view body, UtcTime now) {
  char time[27];
  const std::size_t time_size = format_utc_timestamp(now, TimePrecision::kMilliseconds, time);
  char seq[20];
  const std::size_t seq_size = static_cast<std::size_t>(std::to_chars(seq, seq + sizeof seq, next_seq_++).ptr - seq);
  // "35=…|34=…|52=…|" are 3 + 1 + 3 + 1 + 3 + 1 bytes around their values.
  const std::size_t length = 12 + msg_type.size() + seq_size + time_size + header_.size() + body.size();
  const std::size_t from = pending_.size();
  pending_.append("8=")
      .append(begin_string_)
      .append(
          "\x01"
          "9=")
      .append(std::to_string(length));
  pending_
      .append(
          "\x01"
          "35=")
      .append(msg_type)
      .append(
          "\x01"
          "34=")
      .append(seq, seq_size)
      .append(1, '\x01');
  pending_.append(header_).append("52=").append(time, time_size).append(1, '\x01').append(body);
  char trailer[8];
  const unsigned sum = sum_of(std::string_view(pending_).substr(from)) % 256;
  std::snprintf(trailer, sizeof trailer, "10=%03u", sum);
  pending_.append(trailer, 6).append(1, '\x01');
}

void RawSession::flush() {
  if (closed_ || pending_.empty() || !writing_.empty()) return;
  writing_.swap(pending_);
  with_stream([this](auto& stream) {
    asio::async_write(stream, asio::buffer(writing_), [this](const boost::system::error_code& failed, std::size_t) {
      writing_.clear();
      if (failed) return close("writing failed: " + failed.message());
      flush();
    });
  });
}

void RawSession::logout() {
  send("5", "", utc_now());
  flush();
}

void RawSession::read() {
  with_stream([this](auto& stream) {
    stream.async_read_some(asio::buffer(buffer_.data() + filled_, buffer_.size() - filled_),
                           [this](const boost::system::error_code& failed, std::size_t bytes) {
                             if (failed) return close("the other side closed: " + failed.message());
                             received(bytes);
                           });
  });
}

void RawSession::received(std::size_t bytes) {
  filled_ += bytes;
  const std::size_t used = parse(std::string_view(buffer_.data(), filled_));
  if (closed_) return;
  std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(used), buffer_.begin() + static_cast<std::ptrdiff_t>(filled_),
            buffer_.begin());
  filled_ -= used;
  flush();
  if (filled_ >= kMaxMessageBytes) return close("a message is longer than 64 KiB, or is no FIX message");
  read();
}

// Whole messages from the front: by BodyLength(9), whose place after the BeginString is fixed.
std::size_t RawSession::parse(std::string_view unread) {
  std::size_t used = 0;
  const std::size_t length_at = 2 + begin_string_.size() + 1 + 2;  // "8=FIX.4.4|9="
  while (!closed_ && unread.size() - used > length_at) {
    const std::string_view rest = unread.substr(used);
    std::size_t length = 0;
    const auto parsed = std::from_chars(rest.data() + length_at, rest.data() + rest.size(), length);
    if (parsed.ptr == rest.data() + rest.size()) break;
    const std::size_t total = static_cast<std::size_t>(parsed.ptr - rest.data()) + 1 + length + 7;
    if (parsed.ec != std::errc() || length > kMaxMessageBytes) {
      close("what the other side sent is no FIX message");
      break;
    }
    if (rest.size() < total) break;
    handle(RawMessage(rest.substr(0, total)));
    used += total;
  }
  return used;
}

void RawSession::handle(const RawMessage& message) {
  const std::string_view type = message.msg_type();
  if (type == "A") {
    if (!initiator_)
      send("A",
           "98=0\x01"
           "108=" +
               std::string(message.get(108)) + "\x01",
           utc_now());
    logged_on_ = true;
    heartbeat();
    if (handler_.logged_on) handler_.logged_on();
  } else if (type == "1") {
    send("0", "112=" + std::string(message.get(112)) + "\x01", utc_now());
  } else if (type == "2") {
    // One gap fill in the place of all that was asked for. It carries the number asked for, so it is made by hand.
    const long next = std::exchange(next_seq_, std::atol(std::string(message.get(7)).c_str()));
    send("4",
         "43=Y\x01"
         "123=Y\x01"
         "36=" +
             std::to_string(next) + "\x01",
         utc_now());
    next_seq_ = next;
  } else if (type == "5") {
    if (logged_on_) logout();
    logged_on_ = false;
  } else if (type != "0" && type != "4" && handler_.message) {
    handler_.message(message);
  }
}

void RawSession::heartbeat() {
  heartbeat_timer_.expires_after(std::chrono::seconds(heartbeat_s_));
  heartbeat_timer_.async_wait([this](const boost::system::error_code& failed) {
    if (failed || closed_) return;
    send("0", "", utc_now());
    flush();
    heartbeat();
  });
}

void RawSession::close(const std::string& why) {
  if (closed_) return;
  closed_ = true;
  logged_on_ = false;
  heartbeat_timer_.cancel();
  boost::system::error_code ignored;  // the connection is being given up; there is nothing to do about it
  socket_.close(ignored);
  if (handler_.closed) handler_.closed(why);
}

}  // namespace portcullis::sim
