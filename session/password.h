#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

// Passwords as argon2id hashes by libsodium. Slow on purpose (some 20 ms and 19 MiB), so never called
// on the core thread.

namespace portcullis::session {

// Password(554) longer than this is wrong without being hashed.
inline constexpr std::size_t kMaxPasswordBytes = 256;

// "$argon2id$v=19$m=19456,t=2,p=1$…": what `password_hash` in the configuration holds. 19 MiB and two
// passes is the OWASP recommendation for argon2id.
Result<std::string> hash_password(std::string_view password);

// Any thread. False for a wrong password and for a hash that is none.
bool verify_password(const std::string& hash, std::string_view password);

// Whether the text is an argon2id hash whose cost we are ready to pay at each Logon (at most 128 MiB
// and 10 passes).
Status check_password_hash(const std::string& hash);

}  // namespace portcullis::session
