#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace portcullis {

using Sha256 = std::array<std::uint8_t, 32>;

// SHA-256 (FIPS 180-4) of the parts, one after the other; OpenSSL's.
Sha256 sha256(std::initializer_list<std::span<const std::byte>> parts);

}  // namespace portcullis
