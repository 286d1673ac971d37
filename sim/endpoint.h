#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace portcullis::sim {

struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
};

// "127.0.0.1:9880"; the host is required.
Result<Endpoint> parse_endpoint(const std::string& text);

// FIX.4.2 or FIX.4.4: what the simulated counterparties speak.
Status check_version(const std::string& version);

}  // namespace portcullis::sim
