#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>

namespace portcullis::fix {

// A set of tags below 1,024, in one bit each; the others are never in it.
class TagSet {
 public:
  static constexpr std::uint32_t kTags = 1024;

  constexpr TagSet() = default;
  constexpr TagSet(std::initializer_list<std::uint32_t> tags) {
    for (const std::uint32_t tag : tags) add(tag);
  }
  constexpr void add(std::uint32_t tag) {
    if (tag < kTags) words_[tag / 64] |= std::uint64_t{1} << (tag % 64);
  }
  constexpr bool contains(std::uint32_t tag) const { return tag < kTags && (words_[tag / 64] >> (tag % 64) & 1) != 0; }

 private:
  std::array<std::uint64_t, kTags / 64> words_ = {};
};

}  // namespace portcullis::fix
