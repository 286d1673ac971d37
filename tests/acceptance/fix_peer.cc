#include "tests/acceptance/fix_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <stdexcept>
#include <vector>

#include "sim/inbox.h"

namespace portcullis::acceptance {
namespace {

constexpr char kSoh = '\x01';

std::string with_soh(std::string_view text) {
  std::string bytes(text);
  std::replace(bytes.begin(), bytes.end(), '|', kSoh);
  return bytes;
}

std::string timestamp(std::int64_t seconds_from_now) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  char text[32];
  const std::int64_t ns = (now.tv_sec + seconds_from_now) * 1'000'000'000 + now.tv_nsec;
  return {text, format_utc_timestamp(UtcTime::from_ns(ns), TimePrecision::kMilliseconds, text)};
}

// "+90s", "-5s", "now": a time; anything else as it stands.
std::string resolved(const std::string& value) {
  if (value == "now") return timestamp(0);
  const bool relative = value.size() >= 3 && (value[0] == '+' || value[0] == '-') && value.back() == 's' &&
                        std::all_of(value.begin() + 1, value.end() - 1, [](char c) { return c >= '0' && c <= '9'; });
  return relative ? timestamp(std::stoll(value.substr(0, value.size() - 1))) : value;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int milliseconds_until(SteadyTime deadline) {
  const Duration left = deadline - sim::steady_now();
  return left.ns() <= 0 ? 0 : static_cast<int>(left.ms()) + 1;
}

}  // namespace

std::string FixText::operator[](int tag) const {
  const std::string mark = "|" + std::to_string(tag) + "=";
  const std::size_t at = ("|" + text).find(mark);
  if (at == std::string::npos) return {};
  const std::size_t from = at + mark.size() - 1;
  return text.substr(from, text.find('|', from) - from);
}

bool FixText::has(int tag) const { return ("|" + text).find("|" + std::to_string(tag) + "=") != std::string::npos; }

void FixPeer::connect(std::uint16_t port, const std::string& from) {
  hang_up();
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (!from.empty()) {
    sockaddr_in own = loopback(0);
    inet_pton(AF_INET, from.c_str(), &own.sin_addr);
    if (bind(socket, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) {
      ::close(socket);
      throw std::runtime_error("cannot connect from " + from + ": " + std::strerror(errno));
    }
  }
  const sockaddr_in address = loopback(port);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket);
    throw std::runtime_error("nobody listens on port " + std::to_string(port) + ": " + std::strerror(errno));
  }
  adopt(socket);
}

void FixPeer::adopt(int socket) {
  hang_up();
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  socket_ = socket;
  closed_by_peer_ = false;
  unread_.clear();
}

void FixPeer::hang_up() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

std::string FixPeer::compose(std::string_view fields) {
  std::map<std::string, std::string> header = {
      {"8", identity_.begin_string}, {"49", identity_.sender}, {"56", identity_.target}, {"52", "now"}};
  std::string type, length, sum, rest;
  std::string seq = std::to_string(next_seq);
  std::vector<std::string> after_seq;
  for (std::size_t at = 0; at < fields.size();) {
    const std::size_t end = std::min(fields.find('|', at), fields.size());
    const std::string field(fields.substr(at, end - at));
    at = end + 1;
    if (field.empty()) continue;
    const std::size_t equals = field.find('=');
    const std::string tag = field.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : field.substr(equals + 1);
    if (tag == "35") {
      type = value;
    } else if (tag == "34") {
      seq = value;
    } else if (tag == "9") {
      length = value;
    } else if (tag == "10") {
      sum = value;
    } else if (header.count(tag) != 0) {
      header[tag] = value;
    } else {
      rest += equals == std::string::npos ? field + "|" : tag + "=" + resolved(value) + "|";
    }
  }
  if (seq != "-") {
    const std::size_t digits = seq.find_first_not_of("0123456789");
    if (digits == std::string::npos && !seq.empty()) next_seq = std::stoull(seq) + 1;
  }
  std::string body;
  const auto put = [&body](const std::string& tag, const std::string& value) {
    if (value != "-") body += tag + "=" + value + "|";
  };
  put("35", type);
  put("34", seq);
  put("49", header["49"]);
  put("52", resolved(header["52"]));
  put("56", header["56"]);
  body += rest;
  const auto wrong_by = [](const std::string& text) { return text.empty() ? 0 : std::stoi(text); };
  std::string frame = "8=" + header["8"] + "|9=" + std::to_string(static_cast<int>(body.size()) + wrong_by(length)) + "|" + body;
  std::string bytes = with_soh(frame);
  unsigned total = 0;
  for (const char c : bytes) total += static_cast<unsigned char>(c);
  char trailer[8];
  std::snprintf(trailer, sizeof trailer, "10=%03u", (total + static_cast<unsigned>(wrong_by(sum))) % 256);
  return bytes + trailer + kSoh;
}

void FixPeer::send_bytes(std::string_view text) {
  const std::string bytes = with_soh(text);
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t n = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return;  // the gateway has closed: the next receive() shows it
    sent += static_cast<std::size_t>(n);
  }
}

bool FixPeer::read(SteadyTime deadline) {
  pollfd waiting{socket_, POLLIN, 0};
  if (socket_ < 0 || closed_by_peer_ || poll(&waiting, 1, milliseconds_until(deadline)) <= 0) return false;
  char buffer[16384];
  const ssize_t n = ::recv(socket_, buffer, sizeof buffer, 0);
  if (n <= 0) {
    closed_by_peer_ = true;
    return false;
  }
  unread_.append(buffer, static_cast<std::size_t>(n));
  return true;
}

std::optional<FixText> FixPeer::receive(Duration patience) {
  const SteadyTime deadline = sim::steady_now() + patience;
  while (true) {
    // The gateway's own framing is right: "…|10=nnn|" ends a message.
    const std::size_t trailer = unread_.find("\x01" "10=");
    if (trailer != std::string::npos && unread_.size() >= trailer + 8) {
      FixText message;
      message.text = unread_.substr(0, trailer + 8);
      unread_.erase(0, trailer + 8);
      std::replace(message.text.begin(), message.text.end(), kSoh, '|');
      return message;
    }
    if (!read(deadline)) return std::nullopt;
  }
}

bool FixPeer::closed(Duration patience) {
  const SteadyTime deadline = sim::steady_now() + patience;
  while (unread_.empty() && read(deadline)) {
  }
  return closed_by_peer_ && unread_.empty();
}

FixListener::FixListener(std::uint16_t port) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address = loopback(port);
  socklen_t size = sizeof address;
  if (bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || listen(socket_, 16) != 0 ||
      getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error(std::string("cannot listen: ") + std::strerror(errno));
  }
  port_ = ntohs(address.sin_port);
}

FixListener::~FixListener() { ::close(socket_); }

int FixListener::accept(Duration patience) {
  pollfd waiting{socket_, POLLIN, 0};
  if (poll(&waiting, 1, static_cast<int>(patience.ms())) <= 0) return -1;
  return ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
}

}  // namespace portcullis::acceptance
