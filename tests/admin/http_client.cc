#include "tests/admin/http_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace portcullis::admin {

RawConnection::RawConnection(unsigned short port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  timeval limit{10, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

RawConnection::~RawConnection() {
  ::close(socket_);
}

bool RawConnection::send(const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t n = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return false;
    sent += static_cast<std::size_t>(n);
  }
  return true;
}

ClientResponse RawConnection::receive() {
  ClientResponse response;
  const auto more = [&] {
    char chunk[65536];
    const ssize_t n = ::recv(socket_, chunk, sizeof chunk, 0);
    if (n < 0) ADD_FAILURE() << "no answer within ten seconds, or a reset";
    if (n > 0) unread_.append(chunk, static_cast<std::size_t>(n));
    return n > 0;
  };
  std::size_t head_end = 0;
  while ((head_end = unread_.find("\r\n\r\n")) == std::string::npos) {
    if (!more()) {
      response.closed = true;
      return response;
    }
  }
  response.status = static_cast<unsigned>(std::stoul(unread_.substr(9, 3)));
  std::size_t line = unread_.find("\r\n") + 2;
  while (line < head_end) {
    const std::size_t end = unread_.find("\r\n", line);
    const std::size_t colon = unread_.find(": ", line);
    std::string name = unread_.substr(line, colon - line);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    response.headers[name] = unread_.substr(colon + 2, end - colon - 2);
    line = end + 2;
  }
  const std::size_t length =
      response.headers.contains("content-length") ? std::stoul(response.headers["content-length"]) : 0;
  while (unread_.size() < head_end + 4 + length && more()) {
  }
  response.body = unread_.substr(head_end + 4, length);
  unread_.erase(0, head_end + 4 + length);
  response.closed = response.headers["connection"] == "close";
  return response;
}

std::string RawConnection::receive_head() {
  std::size_t end = 0;
  while ((end = unread_.find("\r\n\r\n")) == std::string::npos) {
    char chunk[65536];
    const ssize_t n = ::recv(socket_, chunk, sizeof chunk, 0);
    if (n <= 0) return {};
    unread_.append(chunk, static_cast<std::size_t>(n));
  }
  const std::string head = unread_.substr(0, end);
  unread_.erase(0, end + 4);
  return head;
}

bool RawConnection::ends() {
  char byte = 0;
  const ssize_t n = ::recv(socket_, &byte, 1, 0);
  return unread_.empty() && (n == 0 || (n < 0 && errno != EAGAIN));
}

std::string request_text(const std::string& method, const std::string& target, const std::string& token,
                         const std::string& body, const std::string& more_headers) {
  std::string text = method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + more_headers;
  if (!token.empty()) text += "Authorization: Bearer " + token + "\r\n";
  if (!body.empty()) {
    text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  }
  return text + "\r\n" + body;
}

ClientResponse call(unsigned short port, const std::string& method, const std::string& target, const std::string& token,
                    const std::string& body, const std::string& more_headers) {
  RawConnection connection(port);
  connection.send(request_text(method, target, token, body, more_headers));
  return connection.receive();
}

}  // namespace portcullis::admin
