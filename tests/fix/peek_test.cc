#include "fix/peek.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/fix/messages.h"

namespace portcullis::fix {
namespace {

TEST(LikelySize, IsThatOfAWholeMessageAtTheFront) {
  const std::string message = framed("FIX.4.4", "35=D|34=7|11=A|");
  EXPECT_EQ(likely_size(message), message.size());
  EXPECT_EQ(likely_size(message + "8=FIX.4.4"), message.size());
  for (std::size_t size = 0; size < message.size(); ++size) EXPECT_EQ(likely_size(message.substr(0, size)), 0u) << size;
}

TEST(LikelySize, IsZeroOfWhatBeginsOtherwise) {
  EXPECT_EQ(likely_size(""), 0u);
  EXPECT_EQ(likely_size(std::string(500, '8')), 0u);
  EXPECT_EQ(likely_size(soh("8=FIX.4.4|9=99999|35=D|") + std::string(200, ' ')), 0u);
  EXPECT_EQ(likely_size(soh("8=FIX.4.4|9=-5|35=D|") + std::string(200, ' ')), 0u);
  EXPECT_EQ(likely_size(soh("8=FIX.4.4|9=18446744073709551615|35=D|") + std::string(200, ' ')), 0u);
}

TEST(Peek, FindsTheFieldWhereverItStands) {
  Peek peek(
      "\x01"
      "11=");
  EXPECT_EQ(peek.in(framed("FIX.4.4", "35=D|34=7|11=A-1|55=EUR/USD|")), "A-1");
  EXPECT_EQ(peek.in(framed("FIX.4.4", "35=D|34=8|11=A-2|55=EUR/USD|")), "A-2");
  EXPECT_EQ(peek.in(framed("FIX.4.4", "35=D|34=10|11=A-10|55=EUR/USD|")), "A-10");
  EXPECT_EQ(peek.in(framed("FIX.4.4", "35=D|11=B|34=11|")), "B");
  EXPECT_EQ(peek.in(framed("FIX.4.4", "35=0|34=12|112=11=C|")), "");
  EXPECT_EQ(peek.in(framed("FIX.4.4", "35=D|34=13|11=|55=EUR/USD|")), "");
}

TEST(Peek, ReadsNothingBehindTheMessage) {
  const std::string message = framed("FIX.4.4", "35=8|37=N1|11=A-1|17=E1|");
  Peek peek(
      "\x01"
      "17=");
  EXPECT_EQ(peek.in(message), "E1");
  // The address sanitizer sees a byte too many: each part in memory of its own size.
  for (std::size_t size = 0; size <= message.size(); ++size) {
    const std::string part(message, 0, size);
    const std::string_view value = peek.in(part);
    EXPECT_TRUE(std::string("E1").starts_with(value)) << value;
  }
}

TEST(Peek, LooksAtSoMuchAndNoMore) {
  const std::string far = framed("FIX.4.4", "35=D|58=" + std::string(600, 'x') + "|11=A|");
  Peek peek(
      "\x01"
      "11=");
  EXPECT_EQ(peek.in(far), "");
  const std::string value(100, 'v');
  EXPECT_EQ(peek.in(framed("FIX.4.4", "35=D|11=" + value + "|")), value.substr(0, 64));
}

}  // namespace
}  // namespace portcullis::fix
