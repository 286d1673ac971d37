#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/port.h"

// A request and its answer as the endpoints see them: checked, decoded, without a socket.

namespace portcullis::admin {

struct Identity {
  std::string name;
  Role role = Role::kViewer;
};

struct Request {
  std::string method;
  std::string path;                               // as sent, without the query
  std::map<std::string, std::string> parameters;  // of the path template, percent-decoded
  std::map<std::string, std::string> query;       // percent-decoded; only names the endpoint declares
  std::string if_match;
  std::string accept;
  std::string body;
  std::string address;  // of the peer
  Identity identity;    // empty name where no token is asked for
};

struct Response {
  unsigned status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
};

// Takes the answer; called exactly once, from any thread.
using Reply = std::function<void(Response)>;

// The reason phrase of the statuses this server gives.
std::string_view status_phrase(unsigned status);

// RFC 9457: `detail` says what was wrong and what was expected; `faults`, if any, one thing each.
Response problem(unsigned status, std::string_view detail, const std::vector<std::string>& faults = {});

}  // namespace portcullis::admin
