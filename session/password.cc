#include "session/password.h"

#include <sodium.h>

#include <cstdio>

namespace portcullis::session {

namespace {

constexpr unsigned long long kPasses = 2;
constexpr std::size_t kMemoryBytes = std::size_t{19} * 1024 * 1024;
constexpr unsigned kMaxMemoryKib = 128 * 1024;
constexpr unsigned kMaxPasses = 10;

bool ready() {
  return sodium_init() >= 0;
}

}  // namespace

Result<std::string> hash_password(std::string_view password) {
  if (!ready()) return Error{"libsodium has no source of randomness"};
  if (password.empty() || password.size() > kMaxPasswordBytes) {
    return Error{"a password has 1 to " + std::to_string(kMaxPasswordBytes) + " bytes"};
  }
  if (password.find('\x01') != std::string_view::npos)
    return Error{"a password cannot hold SOH, which ends a FIX field"};
  char hash[crypto_pwhash_STRBYTES];
  if (crypto_pwhash_str_alg(hash, password.data(), password.size(), kPasses, kMemoryBytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return Error{"no memory to hash a password: argon2id needs 19 MiB"};
  }
  return std::string(hash);
}

bool verify_password(const std::string& hash, std::string_view password) {
  if (!ready() || password.size() > kMaxPasswordBytes || !check_password_hash(hash).ok()) return false;
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

Status check_password_hash(const std::string& hash) {
  unsigned memory_kib = 0;
  unsigned passes = 0;
  unsigned lanes = 0;
  int salt_at = 0;
  const int found =
      std::sscanf(hash.c_str(), "$argon2id$v=19$m=%9u,t=%9u,p=%9u$%n", &memory_kib, &passes, &lanes, &salt_at);
  if (found != 3 || salt_at == 0 || hash.size() >= crypto_pwhash_STRBYTES) {
    return Error{
        "the password hash is not of the form $argon2id$v=19$m=…,t=…,p=1$salt$hash; "
        "`portcullis user hash` makes one"};
  }
  if (memory_kib > kMaxMemoryKib || passes > kMaxPasses || lanes != 1) {
    return Error{"the password hash costs too much at each Logon: at most m=131072, t=10, p=1"};
  }
  if (!ready() || crypto_pwhash_str_needs_rehash(hash.c_str(), passes, std::size_t{memory_kib} * 1024) != 0) {
    return Error{"the password hash is damaged; `portcullis user hash` makes one"};
  }
  return {};
}

}  // namespace portcullis::session
