#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace portcullis {

// a == b for texts of mostly a few bytes, such as names and ids: two words of each, which may overlap, take the place
// of a call.
inline bool same_text(std::string_view a, std::string_view b) {
  const std::size_t size = a.size();
  if (size != b.size()) return false;
  const auto same = [&]<typename Word>(Word, std::size_t at) {
    Word of_a = 0;
    Word of_b = 0;
    std::memcpy(&of_a, a.data() + at, sizeof of_a);
    std::memcpy(&of_b, b.data() + at, sizeof of_b);
    return of_a == of_b;
  };
  if (size > 16) [[unlikely]] {
    return std::memcmp(a.data(), b.data(), size) == 0;
  }
  if (size >= 8) return same(std::uint64_t{}, 0) && same(std::uint64_t{}, size - 8);
  if (size >= 4) return same(std::uint32_t{}, 0) && same(std::uint32_t{}, size - 4);
  if (size >= 2) return same(std::uint16_t{}, 0) && same(std::uint16_t{}, size - 2);
  return size == 0 || a[0] == b[0];
}

}  // namespace portcullis
