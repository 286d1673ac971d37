#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

namespace portcullis {

// Copies a text of mostly a few bytes to `out`, which has room for it and does not overlap it; returns where it ends.
// Names, ids and numbers are short: two copies of known size that may overlap each other take the place of a call.
inline __attribute__((always_inline)) char* copy_text(char* out, std::string_view text) {
  const std::size_t size = text.size();
  const char* const from = text.data();
  if (size > 32) [[unlikely]] {
    std::memcpy(out, from, size);
  } else if (size >= 16) {
    std::memcpy(out, from, 16);
    std::memcpy(out + size - 16, from + size - 16, 16);
  } else if (size >= 8) {
    std::memcpy(out, from, 8);
    std::memcpy(out + size - 8, from + size - 8, 8);
  } else if (size >= 4) {
    std::memcpy(out, from, 4);
    std::memcpy(out + size - 4, from + size - 4, 4);
  } else {
    for (std::size_t i = 0; i < size; ++i) out[i] = from[i];
  }
  return out + size;
}

}  // namespace portcullis
