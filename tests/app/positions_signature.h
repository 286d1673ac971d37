#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdio>
#include <string>

namespace portcullis::app::testing {

// What the back office signs a file of start-of-day positions with: HMAC-SHA256, in hexadecimal.
inline std::string positions_signature(const std::string& text, const std::string& key) {
  unsigned char digest[32];
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), digest, &length);
  std::string hex;
  for (const unsigned char byte : digest) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", byte);
    hex += two;
  }
  return hex;
}

}  // namespace portcullis::app::testing
