#pragma once

#include <map>
#include <string>

namespace portcullis::admin {

struct ClientResponse {
  unsigned status = 0;                         // 0: the server closed without an answer
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  bool closed = false;  // the connection ended with it
};

// One TCP connection to 127.0.0.1 that sends exactly the bytes it is given, valid HTTP or not. Reads
// give up after ten seconds and fail the test.
class RawConnection {
 public:
  explicit RawConnection(unsigned short port);
  ~RawConnection();
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  // False when the peer has closed.
  bool send(const std::string& bytes);
  ClientResponse receive();
  // Status line and header fields alone, of an answer without a body.
  std::string receive_head();
  // True when the server closes and sends nothing more.
  bool ends();

 private:
  int socket_ = -1;
  std::string unread_;
};

// A request with its Host, and a Bearer token unless it is empty.
std::string request_text(const std::string& method, const std::string& target, const std::string& token,
                         const std::string& body = "", const std::string& more_headers = "");

// One request on a connection of its own.
ClientResponse call(unsigned short port, const std::string& method, const std::string& target, const std::string& token,
                    const std::string& body = "", const std::string& more_headers = "");

}  // namespace portcullis::admin
