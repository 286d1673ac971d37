#include "session/mask.h"

#include <cstdint>
#include <cstdio>

#include "fix/frame.h"

namespace portcullis::session {

namespace {

constexpr std::string_view kMask = "***";

struct SecretField {
  std::uint32_t tag;
  std::uint32_t length_tag;  // 0: an ordinary field, which ends at SOH
  bool in_logon_only;
};
constexpr SecretField kSecrets[] = {
    {554, 0, false}, {925, 0, false}, {1402, 1401, false}, {1404, 1403, false}, {96, 95, true}};

bool applies(const SecretField& secret, bool logon) {
  return logon || !secret.in_logon_only;
}

const SecretField* secret_of_tag(std::uint32_t tag, bool logon) {
  for (const SecretField& secret : kSecrets) {
    if (secret.tag == tag && applies(secret, logon)) return &secret;
  }
  return nullptr;
}

const SecretField* secret_of_length(std::uint32_t tag, bool logon) {
  for (const SecretField& secret : kSecrets) {
    if (secret.length_tag != 0 && secret.length_tag == tag && applies(secret, logon)) return &secret;
  }
  return nullptr;
}

// The number that the digits at the front make; 0 where there are none or too many.
std::uint32_t leading_number(std::string_view text) {
  std::uint32_t value = 0;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9' && digits < 9) {
    value = value * 10 + static_cast<std::uint32_t>(text[digits] - '0');
    ++digits;
  }
  return value;
}

// Field by field, by SOH and by the length fields of the secrets; robust to bytes that are no FIX.
std::string mask_fields(std::string_view fields, bool logon) {
  std::string out;
  out.reserve(fields.size() + 16);
  std::uint32_t data_length = 0;
  while (!fields.empty()) {
    const std::uint32_t tag = leading_number(fields);
    const std::size_t equals = fields.find('=');
    std::size_t end = fields.find(fix::kSoh);
    const std::string_view value = equals < end ? fields.substr(equals + 1) : std::string_view();
    if (const SecretField* secret = secret_of_tag(tag, logon); secret != nullptr && equals < end) {
      // The stated length counts only where SOH follows it, else the value ends at the first SOH.
      if (secret->length_tag != 0 && data_length > 0 && data_length < value.size() && value[data_length] == fix::kSoh) {
        end = equals + 1 + data_length;
      }
      out.append(fields.substr(0, equals + 1)).append(kMask);
    } else if (secret_of_length(tag, logon) != nullptr && equals < end) {
      data_length = leading_number(value);
      out.append(fields.substr(0, equals + 1)).append(std::to_string(kMask.size()));
    } else {
      out.append(fields.substr(0, end));
    }
    if (end >= fields.size()) break;
    out += fix::kSoh;
    fields.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace

bool may_hold_secrets(std::string_view msg_type) {
  return msg_type == "A" || msg_type == "BE" || msg_type == "BF";
}

std::string mask_secrets(std::string_view message) {
  fix::Framer framer;
  const fix::Framer::Step step = framer.next(message);
  const bool logon = message.find(
                         "\x01"
                         "35=A\x01") != std::string_view::npos;
  if (step.found != fix::Framer::Found::kFrame || step.consumed != message.size()) return mask_fields(message, logon);

  const fix::Frame& frame = step.frame;
  const std::string body = mask_fields(frame.bytes.substr(frame.body_offset, frame.body_size), logon);
  if (body == frame.bytes.substr(frame.body_offset, frame.body_size)) return std::string(message);
  std::string out(frame.bytes.substr(0, frame.bytes.find(fix::kSoh) + 1));
  out += "9=" + std::to_string(body.size()) + fix::kSoh + body;
  char trailer[8];
  std::snprintf(trailer, sizeof trailer, "10=%03u", static_cast<unsigned>(fix::checksum(out)));
  return out + trailer + fix::kSoh;
}

}  // namespace portcullis::session
