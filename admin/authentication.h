#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "admin/http.h"
#include "admin/server.h"
#include "base/time.h"

namespace portcullis::admin {

// Who a Bearer token belongs to. Keeps SHA-256 hashes only, compares against every user in constant
// time, and slows an address down that keeps failing: after `failures_allowed` failures within a
// minute it is refused for one second, then two, doubling to a minute. While refused, an address may
// still use the tokens that it has used before with success, so that a misconfigured scraper cannot
// lock an operator on the same host out of the kill switch.
class Authentication {
 public:
  enum class Outcome : std::uint8_t { kKnown, kUnknown, kBackOff };
  struct Verdict {
    Outcome outcome = Outcome::kUnknown;
    Identity identity;                // of kKnown
    std::uint32_t retry_after_s = 0;  // of kBackOff
  };

  // At most kMaxUsers, which the caller has checked.
  Authentication(const std::vector<User>& users, std::uint32_t failures_allowed);

  // The users of another configuration; addresses that are refused stay refused.
  void set_users(const std::vector<User>& users);
  bool knows(const Identity& identity) const;

  Verdict authenticate(std::string_view token, const std::string& address, SteadyTime now);

  std::uint64_t failures() const { return failures_; }

 private:
  using Hash = std::array<unsigned char, 32>;
  struct Entry {
    Identity identity;
    Hash hash;
  };
  struct Address {
    std::uint32_t failures = 0;
    SteadyTime window_start;
    SteadyTime refused_until;
    Duration back_off;
    std::bitset<kMaxUsers> known_users;  // by index
    SteadyTime last_seen;
  };

  static Hash hash_of(std::string_view token);
  Address& address_state(const std::string& address, SteadyTime now);
  void note_failure(Address& state, SteadyTime now);

  static constexpr std::size_t kMaxAddresses = 1024;

  std::vector<Entry> users_;
  std::uint32_t failures_allowed_;
  std::unordered_map<std::string, Address> addresses_;
  std::uint64_t failures_ = 0;
};

}  // namespace portcullis::admin
