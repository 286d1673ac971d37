#include "session/authentication.h"

#include <algorithm>
#include <array>
#include <memory>

#include "fix/scanner.h"

namespace portcullis::session {

namespace {

constexpr std::uint64_t kMaxMsgSeqNum = 2147483647;  // what QuickFIX can count
constexpr std::size_t kMaxClaimed = 64;

// A second one of these could make two readers see two Logons.
constexpr std::array<std::uint32_t, 15> kOnlyOnce = {8, 9, 35, 49, 56, 34, 52, 98, 108, 141, 464, 553, 554, 925, 789};

// Digits only, up to `limit`; leading zeros are allowed.
std::optional<std::uint64_t> number(std::string_view text, std::uint64_t limit) {
  if (text.empty() || text.size() > 18) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (value > limit) return std::nullopt;
  return value;
}

std::string repeated_field(const fix::ScannedMessage& logon) {
  for (const std::uint32_t tag : kOnlyOnce) {
    const auto fields = logon.fields();
    if (std::count_if(fields.begin(), fields.end(), [tag](const auto& field) { return field.tag == tag; }) > 1) {
      return "field " + std::to_string(tag) + " stands twice in the Logon";
    }
  }
  return "";
}

const LogonRule* find_rule(const fix::HeaderFields& header, const std::vector<LogonRule>& rules) {
  for (const LogonRule& rule : rules) {
    if (rule.comp_id == header.sender_comp_id && rule.gateway_comp_id == header.target_comp_id &&
        rule.begin_string == header.begin_string) {
      return &rule;
    }
  }
  return nullptr;
}

std::string check(const fix::ScannedMessage& logon, const LogonRule& rule, const IpAddress& address,
                  const PeerIdentity& peer) {
  if (!rule.enabled) return "the session is disabled or outside its schedule";
  if (!address.is_allowed(rule.allow_from)) return "address " + address.to_string() + " is not in allow_from";
  if (rule.certificate_name && !peer.carries(*rule.certificate_name)) {
    return "the certificate does not carry the name " + *rule.certificate_name;
  }
  if (logon.find(98) != "0") return "EncryptMethod(98) must be 0";
  const auto low = static_cast<std::uint64_t>(rule.min_heartbeat_s);
  const auto heartbeat = number(logon.find(108), static_cast<std::uint64_t>(rule.max_heartbeat_s));
  if (!heartbeat || *heartbeat < low) {
    return "HeartBtInt(108) must be " + std::to_string(rule.min_heartbeat_s) + " to " +
           std::to_string(rule.max_heartbeat_s);
  }
  const auto msg_seq_num = number(logon.find(34), kMaxMsgSeqNum);
  if (!msg_seq_num || *msg_seq_num == 0) return "MsgSeqNum(34) must be 1 to 2147483647";
  if (!logon.find(925).empty()) return "NewPassword(925) is not supported";
  // Orders of a session that its client takes for a test would be traded.
  if (logon.find(464) == "Y") return "TestMessageIndicator(464)=Y, and this session trades";
  return "";
}

std::string check_credentials(const fix::ScannedMessage& logon, const LogonRule& rule) {
  if (rule.username && logon.find(553) != *rule.username) return "Username(553) is wrong";
  if (rule.password_hash && logon.find(554).empty()) return "Password(554) is missing";
  return "";
}

}  // namespace

std::string begin_string_of(config::FixVersion version) {
  switch (version) {
    case config::FixVersion::kFix50:
    case config::FixVersion::kFix50Sp1:
    case config::FixVersion::kFix50Sp2:
      return "FIXT.1.1";
    default:
      return std::string(config::to_text(version));
  }
}

LogonRule logon_rule(const config::Client& client, bool mutual_tls) {
  LogonRule rule;
  rule.session_id = client.id;
  rule.begin_string = begin_string_of(client.version);
  rule.comp_id = client.comp_id;
  rule.gateway_comp_id = client.gateway_comp_id;
  rule.allow_from = client.allow_from;
  rule.certificate_name = client.certificate_name;
  if (!rule.certificate_name && mutual_tls) rule.certificate_name = client.comp_id;
  rule.username = client.username;
  rule.password_hash = client.password_hash;
  rule.min_heartbeat_s = static_cast<int>(client.heartbeat.min.ns() / Duration::seconds(1).ns());
  rule.max_heartbeat_s = static_cast<int>(client.heartbeat.max.ns() / Duration::seconds(1).ns());
  return rule;
}

LogonVerdict check_logon(std::string_view frame, const std::vector<LogonRule>& rules, const IpAddress& address,
                         const PeerIdentity& peer) {
  LogonVerdict verdict;
  // Twelve kilobytes: too much for the stack of a handler, and a Logon is rare.
  const auto logon = std::make_unique<fix::ScannedMessage>();
  const fix::ScanFault fault = fix::scan(frame, *logon);
  verdict.claimed_comp_id = std::string(logon->header().sender_comp_id.substr(0, kMaxClaimed));
  if (fault) {
    verdict.failure = std::string("the first message is malformed: ") + fault.text;
    return verdict;
  }
  if (logon->header().msg_type != "A") {
    verdict.failure = "the first message is no Logon";
    return verdict;
  }
  verdict.failure = repeated_field(*logon);
  if (!verdict.ok()) return verdict;
  verdict.rule = find_rule(logon->header(), rules);
  if (verdict.rule == nullptr) {
    verdict.failure = "no session has these BeginString(8), SenderCompID(49) and TargetCompID(56)";
    return verdict;
  }
  verdict.failure = check(*logon, *verdict.rule, address, peer);
  if (!verdict.ok()) return verdict;
  verdict.failure = check_credentials(*logon, *verdict.rule);
  verdict.wrong_credentials = !verdict.ok();
  if (verdict.needs_password()) verdict.password = std::string(logon->find(554));
  return verdict;
}

}  // namespace portcullis::session
