#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "session/address.h"
#include "session/tls.h"

// Who may log on: a client's raw Logon(A) against what the configuration allows. Pure: no clock, no
// state, no argon2id (session/password.h), so it costs a stranger's bytes one scan.

namespace portcullis::session {

struct LogonRule {
  std::string session_id;                        // the client's id in the configuration
  std::string begin_string;                      // BeginString(8): FIX.4.4, FIXT.1.1 …
  std::string comp_id;                           // SenderCompID(49) of the client
  std::string gateway_comp_id;                   // TargetCompID(56) of the client's messages
  std::vector<config::AddressRange> allow_from;  // empty: any address
  std::optional<std::string> certificate_name;   // a verified certificate must carry it
  std::optional<std::string> username;           // Username(553)
  std::optional<config::Secret> password_hash;   // of Password(554)
  int min_heartbeat_s = 5;                       // HeartBtInt(108)
  int max_heartbeat_s = 60;
  bool enabled = true;  // false: by an operator, or outside its schedule
};

// BeginString(8) of a version.
std::string begin_string_of(config::FixVersion version);
// The rule for a configured client. Where clients must show certificates, one that names no
// certificate_name is bound to its CompID.
LogonRule logon_rule(const config::Client& client, bool mutual_tls);

// What the check found. Not for the peer: every failure looks alike from outside.
struct LogonVerdict {
  const LogonRule* rule = nullptr;  // the session that the Logon names, where there is one
  std::string failure;              // empty: all is right but the password, which is not checked here
  bool wrong_credentials = false;   // the failure counts towards the session's lock-out
  std::string claimed_comp_id;      // SenderCompID(49) as sent, at most 64 bytes, for the audit line
  std::string password;             // Password(554) where the rule asks for one

  bool ok() const { return failure.empty(); }
  bool needs_password() const { return ok() && rule->password_hash.has_value(); }
};

// Checks, in this order: scanner's bounds, MsgType(35)=A, no field that decides twice, CompIDs and
// BeginString of a known session, enabled, address, certificate, EncryptMethod(98)=0, HeartBtInt(108)
// in range, MsgSeqNum(34) in 1 to 2147483647, no NewPassword(925), Username(553), presence of
// Password(554). `frame` is whole and its checksum right (fix/frame.h).
LogonVerdict check_logon(std::string_view frame, const std::vector<LogonRule>& rules, const IpAddress& address,
                         const PeerIdentity& peer);

}  // namespace portcullis::session
