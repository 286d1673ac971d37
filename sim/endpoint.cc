#include "sim/endpoint.h"

#include <charconv>

namespace portcullis::sim {

Result<Endpoint> parse_endpoint(const std::string& text) {
  const Error error{"\"" + text + "\" is no address: expected HOST:PORT, such as 127.0.0.1:9880"};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return error;
  Endpoint endpoint{text.substr(0, colon), 0};
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + colon + 1, end, endpoint.port);
  if (parsed.ec != std::errc() || parsed.ptr != end) return error;
  return endpoint;
}

Status check_version(const std::string& version) {
  if (version == "FIX.4.2" || version == "FIX.4.4") return {};
  return Error{"version \"" + version + "\" is not supported: expected FIX.4.2 or FIX.4.4"};
}

}  // namespace portcullis::sim
