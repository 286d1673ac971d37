#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// What is checked on a request's target and on Host and Origin before anything acts on it.

namespace portcullis::admin {

struct Target {
  std::string path;                                             // as sent
  std::vector<std::string> segments;                            // percent-decoded, each may hold a '/'
  std::vector<std::pair<std::string, std::string>> parameters;  // of the query, decoded, in order
};

// An origin-form target (RFC 9112 3.2.1). Refuses absolute and authority forms, broken percent
// escapes, control characters, dot segments, invalid UTF-8 and parameters that stand twice.
Result<Target> parse_target(std::string_view target);

// Whether a Host header names this server: an IP literal, localhost or one of `allowed`, with any
// port. A browser that was led here by a rebound DNS name sends that name.
bool host_allowed(std::string_view host, const std::vector<std::string>& allowed);

// Whether an Origin header is this very server as `host` names it; scheme http or https.
bool origin_is_own(std::string_view origin, std::string_view host);

}  // namespace portcullis::admin
