#include <gtest/gtest.h>

#include <string>

#include "base/copy_text.h"
#include "base/same_text.h"
#include "base/utf8.h"

namespace portcullis {
namespace {

// Around each length at which another way is taken.
TEST(Text, IsTheSameByteByByte) {
  for (std::size_t size = 0; size <= 40; ++size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + i % 26);
    const std::string again = text;
    EXPECT_TRUE(same_text(text, again));
    EXPECT_FALSE(same_text(text, text + "x"));
    EXPECT_FALSE(same_text(text + "x", text));
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = text;
      other[at] = '\x81';
      EXPECT_FALSE(same_text(text, other)) << size << " " << at;
    }
  }
}

TEST(Text, IsCopiedAndNothingBehindIt) {
  for (std::size_t size = 0; size <= 80; ++size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('!' + i);
    std::string out(size + 8, '~');
    EXPECT_EQ(copy_text(out.data(), text), out.data() + size);
    EXPECT_EQ(out, text + std::string(8, '~'));
  }
}

TEST(Text, OfAnyBytesBecomesValidUtf8) {
  EXPECT_EQ(valid_utf8("plain"), "plain");
  EXPECT_EQ(valid_utf8("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"), "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
  EXPECT_EQ(valid_utf8("S\xe9quence"), "S?quence") << "Latin-1";
  EXPECT_EQ(valid_utf8("cut \xe2\x82"), "cut ??") << "within a character";
  EXPECT_EQ(valid_utf8("\xc0\xaf \xed\xa0\x80 \xf5"), "?? ??? ?") << "too long, a surrogate, past the last plane";
}

}  // namespace
}  // namespace portcullis
