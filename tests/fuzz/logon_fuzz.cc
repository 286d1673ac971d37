#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "fix/frame.h"
#include "session/authentication.h"
#include "session/mask.h"

// What a stranger may send first. Any bytes: the check of a Logon answers, and masking keeps a frame a
// frame, is stable, and leaves no Password(554) in it.

namespace {

using portcullis::fix::Framer;

bool is_frame(std::string_view bytes) {
  Framer framer;
  const Framer::Step step = framer.next(bytes);
  return step.found == Framer::Found::kFrame && step.consumed == bytes.size();
}

std::vector<portcullis::session::LogonRule> rules() {
  portcullis::session::LogonRule rule;
  rule.session_id = "alpha";
  rule.begin_string = "FIX.4.4";
  rule.comp_id = "A";
  rule.gateway_comp_id = "B";
  rule.password_hash = portcullis::config::Secret("$argon2id$");
  return {rule};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace portcullis::session;
  static const std::vector<LogonRule> kRules = rules();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);

  const LogonVerdict verdict = check_logon(bytes, kRules, IpAddress(), PeerIdentity());
  if (verdict.ok() && (verdict.rule == nullptr || verdict.password.empty())) std::abort();

  const std::string masked = mask_secrets(bytes);
  if (is_frame(bytes)) {
    // Three bytes take the place of each secret, so a frame just under the limit may pass it.
    if (masked.size() <= portcullis::fix::kMaxFrameBytes && !is_frame(masked)) std::abort();
    if (mask_secrets(masked) != masked) std::abort();
  }
  if (verdict.ok() &&
      masked.find("\x01"
                  "554=" +
                  verdict.password + "\x01") != std::string::npos &&
      verdict.password != "***") {
    std::abort();
  }
  return 0;
}
