#include "admin/authentication.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace portcullis::admin {

namespace {
constexpr Duration kWindow = Duration::seconds(60);
constexpr Duration kFirstBackOff = Duration::seconds(1);
constexpr Duration kLongestBackOff = Duration::seconds(60);
}  // namespace

Authentication::Authentication(const std::vector<User>& users, std::uint32_t failures_allowed)
    : failures_allowed_(failures_allowed) {
  set_users(users);
}

void Authentication::set_users(const std::vector<User>& users) {
  PORTCULLIS_CHECK(users.size() <= kMaxUsers, "more users than bits in Address::known_users");
  const std::vector<Entry> before = std::exchange(users_, {});
  for (const User& user : users) users_.push_back({{user.name, user.role}, hash_of(user.token)});
  // Who has been here stays known by the same token, wherever in the list it stands now.
  std::vector<std::pair<std::size_t, std::size_t>> moved;
  for (std::size_t old = 0; old < before.size(); ++old) {
    for (std::size_t now = 0; now < users_.size(); ++now) {
      if (before[old].hash == users_[now].hash) moved.emplace_back(old, now);
    }
  }
  for (auto& [name, address] : addresses_) {
    const std::bitset<kMaxUsers> known = std::exchange(address.known_users, {});
    for (const auto& [old, now] : moved) address.known_users[now] = known[old];
  }
}

bool Authentication::knows(const Identity& identity) const {
  return std::any_of(users_.begin(), users_.end(), [&identity](const Entry& entry) {
    return entry.identity.name == identity.name && entry.identity.role == identity.role;
  });
}

Authentication::Verdict Authentication::authenticate(std::string_view token, const std::string& address,
                                                     SteadyTime now) {
  Address& state = address_state(address, now);
  const bool refused = now < state.refused_until;
  const Hash hash = hash_of(token);
  // Every user is compared, so that the time taken says nothing about which one was near.
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < users_.size(); ++i) {
    if (CRYPTO_memcmp(users_[i].hash.data(), hash.data(), hash.size()) == 0) found = i;
  }
  if (found && refused && !state.known_users[*found]) found.reset();
  if (found) {
    state.known_users.set(*found);
    return {Outcome::kKnown, users_[*found].identity, 0};
  }
  ++failures_;
  if (refused) {
    const std::int64_t wait_ms = (state.refused_until - now).ms();
    return {Outcome::kBackOff, {}, static_cast<std::uint32_t>(wait_ms / 1000 + 1)};
  }
  note_failure(state, now);
  return {Outcome::kUnknown, {}, 0};
}

Authentication::Hash Authentication::hash_of(std::string_view token) {
  Hash hash{};
  unsigned length = 0;
  const int done = EVP_Digest(token.data(), token.size(), hash.data(), &length, EVP_sha256(), nullptr);
  PORTCULLIS_CHECK(done == 1 && length == hash.size(), "SHA-256 is not available");
  return hash;
}

Authentication::Address& Authentication::address_state(const std::string& address, SteadyTime now) {
  if (addresses_.size() >= kMaxAddresses && !addresses_.contains(address)) {
    addresses_.erase(std::min_element(addresses_.begin(), addresses_.end(), [](const auto& a, const auto& b) {
      return a.second.last_seen < b.second.last_seen;
    }));
  }
  Address& state = addresses_[address];
  state.last_seen = now;
  return state;
}

void Authentication::note_failure(Address& state, SteadyTime now) {
  if (state.failures == 0 || now - state.window_start > kWindow) {
    state.failures = 0;
    state.window_start = now;
    if (now - state.refused_until > kWindow) state.back_off = Duration();
  }
  if (++state.failures < failures_allowed_) return;
  state.back_off =
      state.back_off == Duration() ? kFirstBackOff : std::min(state.back_off + state.back_off, kLongestBackOff);
  state.refused_until = now + state.back_off;
}

}  // namespace portcullis::admin
