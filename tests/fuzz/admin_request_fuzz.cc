#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "admin/json.h"
#include "admin/request_checks.h"

// What strangers may put into a request's target, Host, Origin and body. The first byte chooses which,
// and whether the rest is the text itself or edits to a valid one, which come deeper.

namespace {

using portcullis::Price;
using portcullis::admin::BodyReader;

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr std::string_view kTarget = "/api/v1/orders/LDN1-1%2F7?limit=10&symbol=EUR%2FUSD&open=true&cursor=12";
constexpr std::string_view kHosts = "gate.example:8080http://gate.example:8080";
constexpr std::string_view kBody =
    R"({"scope":"firm","reason":"caf\u00e9","bid":"1.0999","expires":"2026-12-31T17:00:00Z","next_sender_seq":7,)"
    R"("limits":{"max_order_quantity":"9000000","order_types":["limit"],"duplicate_orders":{"count":5,"seconds":1}}})";

// A byte of position, one of how many bytes go, one of how many come, and those.
std::string edited(std::string_view reference, std::string_view edits) {
  std::string text(reference);
  while (edits.size() >= 3) {
    const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(edits[i])); };
    const std::size_t at = byte(0) % (text.size() + 1);
    const std::size_t length = std::min(byte(2) % 8, edits.size() - 3);
    text.replace(at, byte(1) % 4, edits.substr(3, length));
    edits.remove_prefix(3 + length);
  }
  return text;
}

void target(std::string_view text) {
  const auto parsed = portcullis::admin::parse_target(text);
  if (!parsed) return;
  require(!parsed->segments.empty());
  for (const std::string& segment : parsed->segments) {
    require(segment != "." && segment != "..");
    require(segment.find('\0') == std::string::npos);
    require(segment.find('\n') == std::string::npos);
  }
}

void host(std::string_view text) {
  const std::size_t half = text.size() / 2;
  const std::string_view name = text.substr(0, half);
  if (portcullis::admin::host_allowed(name, {"gate.example"})) {
    require(name.find('/') == std::string_view::npos && name.find('@') == std::string_view::npos);
  }
  if (portcullis::admin::origin_is_own(text.substr(half), name)) require(text.substr(half).starts_with("http"));
}

void body(std::string_view text) {
  BodyReader reader(text, {"scope", "reason", "bid", "limits", "expires", "next_sender_seq"});
  const std::string scope = reader.choice("scope", {"firm", "account"});
  const std::string reason = reader.text("reason", 20);
  require(reason.size() <= 20);
  static_cast<void>(reader.optional_decimal<Price>("bid"));
  static_cast<void>(reader.optional_time("expires"));
  static_cast<void>(reader.optional_sequence_number("next_sender_seq"));
  require(reader.limits("limits").size() <= 64);
  if (reader.ok()) {
    require(!scope.empty() && !reason.empty());
  } else {
    const unsigned status = reader.refusal().status;
    require(status == 400 || status == 422);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 6) {
    case 0:
      target(text);
      break;
    case 1:
      host(text);
      break;
    case 2:
      body(text);
      break;
    case 3:
      target(edited(kTarget, text));
      break;
    case 4:
      host(edited(kHosts, text));
      break;
    default:
      body(edited(kBody, text));
      break;
  }
  return 0;
}
