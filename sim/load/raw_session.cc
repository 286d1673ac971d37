#include "sim/load/raw_session.h"

#include <algorithm>
#include <boost/asio/write.hpp>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "sim/json_log.h"

namespace portcullis::sim {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kBufferBytes = 1 << 20;
constexpr std::size_t kMaxMessageBytes = 64 * 1024;
using fix::kSoh;
// In octal, since a digit behind \x01 would be part of it.
constexpr std::string_view kBodyLength = "\0019=", kMsgType = "\00135=", kMsgSeqNum = "\00134=";

char digit(unsigned value) {
  return static_cast<char>('0' + value);
}

struct Digits {
  explicit Digits(std::uint64_t value)
      : size(static_cast<std::size_t>(std::to_chars(text, text + sizeof text, value).ptr - text)) {}
  char text[20];
  std::size_t size;
};

}  // namespace

std::string_view RawMessage::get(int tag) {
  for (std::size_t i = 0; i < found_; ++i) {
    if (fields_[i].tag == tag) return value(fields_[i]);
  }
  for (std::size_t at = looked_at_; at < bytes_.size();) {
    const Field field = field_at(at);
    at = field.at + field.size + 1;
    if (found_ < fields_.size()) {
      fields_[found_++] = field;
      looked_at_ = at;
    }
    if (field.tag == tag) return value(field);
  }
  return {};
}

RawMessage::Field RawMessage::field_at(std::size_t at) const {
  Field field{0, static_cast<std::uint32_t>(at), 0};
  for (; field.at < bytes_.size() && bytes_[field.at] >= '0' && bytes_[field.at] <= '9'; ++field.at) {
    field.tag = 10 * field.tag + (bytes_[field.at] - '0');
  }
  if (field.at < bytes_.size()) ++field.at;  // '='
  field.size = static_cast<std::uint32_t>(std::min(bytes_.find(kSoh, field.at), bytes_.size()) - field.at);
  return field;
}

RawSession::RawSession(asio::ip::tcp::socket socket, std::string begin_string, std::string sender, std::string target,
                       Handler handler)
    : socket_(std::move(socket)),
      heartbeat_timer_(socket_.get_executor()),
      begin_("8=" + begin_string + std::string(kBodyLength)),
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
  const Digits seq(next_seq_++);
  // "35=…|34=…|52=…|" are 3 + 1 + 3 + 1 + 3 + 1 bytes around their values.
  const Digits length(12 + msg_type.size() + seq.size + time_size + header_.size() + body.size());
  const std::size_t from = pending_.size();
  pending_.append(begin_).append(length.text, length.size).append(kMsgType).append(msg_type);
  pending_.append(kMsgSeqNum).append(seq.text, seq.size).append(1, kSoh);
  pending_.append(header_).append("52=").append(time, time_size).append(1, kSoh).append(body);
  const unsigned sum = fix::checksum(std::string_view(pending_).substr(from));
  const char trailer[] = {'1', '0', '=', digit(sum / 100), digit(sum / 10 % 10), digit(sum % 10), kSoh};
  pending_.append(trailer, sizeof trailer);
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
  const std::size_t length_at = begin_.size();
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

void RawSession::handle(RawMessage message) {
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
    const std::uint64_t next =
        std::exchange(next_seq_, std::strtoull(std::string(message.get(7)).c_str(), nullptr, 10));
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
