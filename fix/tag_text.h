#pragma once

#include <array>
#include <cstdint>

namespace portcullis::fix {

// "123=" for the tags below 1,000, which nearly all are.
struct TagText {
  std::array<char, 4> text = {};
  std::uint8_t size = 0;
};
inline constexpr std::uint32_t kTagTexts = 1000;
inline constexpr auto kTagText = [] {
  std::array<TagText, kTagTexts> table = {};
  for (std::uint32_t tag = 0; tag < kTagTexts; ++tag) {
    TagText& entry = table[tag];
    for (std::uint32_t unit = tag >= 100 ? 100 : tag >= 10 ? 10 : 1; unit > 0; unit /= 10) {
      entry.text[entry.size++] = static_cast<char>('0' + tag / unit % 10);
    }
    entry.text[entry.size++] = '=';
  }
  return table;
}();

}  // namespace portcullis::fix
