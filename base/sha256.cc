#include "base/sha256.h"

#include <openssl/evp.h>

#include "base/check.h"

namespace portcullis {

Sha256 sha256(std::initializer_list<std::span<const std::byte>> parts) {
  Sha256 digest;
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  PORTCULLIS_CHECK(context != nullptr, "no memory for a digest");
  bool done = EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1;
  for (const std::span<const std::byte> part : parts)
    done = done && EVP_DigestUpdate(context, part.data(), part.size()) == 1;
  done = done && EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1;
  EVP_MD_CTX_free(context);
  PORTCULLIS_CHECK(done, "SHA-256 cannot fail");
  return digest;
}

}  // namespace portcullis
