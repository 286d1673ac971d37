#include "fix/frame.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

namespace portcullis::fix {
namespace {

using Found = Framer::Found;

std::string soh(std::string text) {
  for (char& c : text) {
    if (c == '|') c = kSoh;
  }
  return text;
}

std::string with_checksum(const std::string& text) {
  unsigned sum = 0;
  for (const char c : text) sum += static_cast<unsigned char>(c);
  char trailer[16];
  std::snprintf(trailer, sizeof trailer, "10=%03u\x01", sum % 256);
  return text + trailer;
}

std::string message(const std::string& body, const std::string& begin_string = "FIX.4.4") {
  const std::string fields = soh(body);
  return with_checksum(soh("8=" + begin_string + "|9=" + std::to_string(fields.size()) + "|") + fields);
}

struct Read {
  std::vector<std::string> frames;
  std::uint64_t garbled = 0;
  bool too_large = false;
  std::size_t left = 0;
};

// Feeds the stream in pieces of `piece` bytes, as a connection would.
Read read(const std::string& stream, std::size_t piece) {
  Framer framer;
  Read result;
  std::string buffer;
  for (std::size_t at = 0; at < stream.size() && !result.too_large; at += piece) {
    buffer += stream.substr(at, piece);
    for (;;) {
      const Framer::Step step = framer.next(buffer);
      if (step.found == Found::kFrame) result.frames.emplace_back(step.frame.bytes);
      if (step.found == Found::kTooLarge) result.too_large = true;
      buffer.erase(0, step.consumed);
      if (step.found == Found::kNeedMore || step.found == Found::kTooLarge) break;
    }
  }
  result.garbled = framer.garbled_messages();
  result.left = buffer.size();
  return result;
}

const std::string kHeartbeat = message("35=0|49=A|56=B|34=2|52=20261231-10:00:00|");
const std::string kOrder = message("35=D|49=A|56=B|34=3|52=20261231-10:00:00|11=1|", "FIX.4.2");

TEST(Frame, YieldsEachWholeMessageHoweverTheBytesArrive) {
  const std::string stream = kHeartbeat + kOrder + message("35=0|34=4|", "FIXT.1.1");
  for (const std::size_t piece : {1U, 2U, 7U, 50U, 4096U}) {
    const Read result = read(stream, piece);
    ASSERT_EQ(result.frames.size(), 3U) << piece;
    EXPECT_EQ(result.frames[0], kHeartbeat);
    EXPECT_EQ(result.frames[1], kOrder);
    EXPECT_EQ(result.garbled, 0U);
    EXPECT_EQ(result.left, 0U);
  }
}

TEST(Frame, PointsAtTheBody) {
  Framer framer;
  const Framer::Step step = framer.next(kOrder);
  ASSERT_EQ(step.found, Found::kFrame);
  EXPECT_EQ(step.consumed, kOrder.size());
  EXPECT_EQ(step.frame.bytes.data(), kOrder.data()) << "a view, not a copy";
  EXPECT_EQ(step.frame.bytes.substr(step.frame.body_offset, 5), soh("35=D|"));
  EXPECT_EQ(step.frame.bytes.substr(step.frame.body_offset + step.frame.body_size, 3), "10=");
}

TEST(Frame, AcceptsBodyLengthWithLeadingZeros) {
  const std::string padded = with_checksum(soh("8=FIX.4.4|9=000010|35=0|34=2|"));
  EXPECT_EQ(read(padded, 3).frames, std::vector<std::string>{padded});
}

TEST(Frame, IgnoresAWrongCheckSumAndOnlyThatMessage) {
  std::string bad = kOrder;
  bad[bad.size() - 2] = bad[bad.size() - 2] == '0' ? '1' : '0';
  const Read result = read(kHeartbeat + bad + kOrder, 11);
  EXPECT_EQ(result.frames, (std::vector<std::string>{kHeartbeat, kOrder}));
  EXPECT_EQ(result.garbled, 1U);
}

TEST(Frame, DoesNotReadAMessageInsideTheDataOfAGarbledOne) {
  std::string outer = message("35=n|34=5|213=" + kOrder + "|");
  outer[outer.size() - 2] = outer[outer.size() - 2] == '0' ? '1' : '0';
  EXPECT_EQ(read(outer + kHeartbeat, 4096).frames, std::vector<std::string>{kHeartbeat});
}

TEST(Frame, DoesNotReadAMessageInsideTheDataOfAValidOne) {
  const std::string outer = message("35=n|34=5|212=90|213=" + kOrder + "|");
  EXPECT_EQ(read(outer, 5).frames, std::vector<std::string>{outer});
}

TEST(Frame, ResynchronisesAtTheNextBeginString) {
  const std::vector<std::string> garbage = {
      "hello",
      "8=FI",
      "8=FIX.4.4",
      soh("8=FIX.4.4|9=abc|35=0|10=000|"),
      soh("8=FIX.4.4|9=|35=0|10=000|"),
      soh("8=FIX.4.4|35=0|9=5|10=000|"),
      soh("8=FIX.4.4|9=5|34=2|10=000|"),
      soh("9=5|8=FIX.4.4|35=0|10=000|"),
      soh("8=FIX.4.4|9=3|35=0|34=2|10=000|"),
      soh("8=FIX.4.4|9=-5|35=0|10=000|"),
      soh("8=FIX.4.4|9=5|35=0|10=1|"),
      soh("8=FIX.4.4|9=5|35=0|10=12a|"),
      soh("8=FIX 4.4|9=5|35=0|10=000|"),
      soh("8=FIX.4.4.4.4.4.4|9=5|35=0|10=000|"),
      soh("8=FIX.4.4|9=0|10=000|"),
      soh("8=FIX.4.4|9=000000000000000000000000005|35=0|10=000|"),
  };
  for (const std::string& bytes : garbage) {
    for (const std::size_t piece : {1U, 4096U}) {
      const Read result = read(bytes + kHeartbeat + kOrder, piece);
      EXPECT_EQ(result.frames, (std::vector<std::string>{kHeartbeat, kOrder})) << bytes;
      EXPECT_FALSE(result.too_large) << bytes;
    }
  }
}

TEST(Frame, WaitsForTheStatedLengthThenResynchronises) {
  // BodyLength ten too high: the message takes in the start of the next one, and is then given up.
  const std::string fields = soh("35=0|34=2|");
  const std::string long_by_ten = with_checksum(soh("8=FIX.4.4|9=20|") + fields);
  EXPECT_TRUE(read(long_by_ten, 4096).frames.empty());
  EXPECT_EQ(read(long_by_ten + kOrder, 4096).frames, std::vector<std::string>{kOrder});
}

TEST(Frame, GivesUpAtABodyLengthOver64KiB) {
  EXPECT_TRUE(read(soh("8=FIX.4.4|9=2000000000|"), 1).too_large);
  EXPECT_TRUE(read(soh("8=FIX.4.4|9=99999999999999999999|"), 4096).too_large);
  EXPECT_TRUE(read(soh("8=FIX.4.4|9=65536|"), 4096).too_large);
}

TEST(Frame, AcceptsAMessageOfJustUnder64KiB) {
  const std::string largest = message("35=B|58=" + std::string(kMaxFrameBytes - 40, 'x') + "|");
  ASSERT_LE(largest.size(), kMaxFrameBytes);
  EXPECT_EQ(read(largest + kOrder, 1500).frames, (std::vector<std::string>{largest, kOrder}));
}

TEST(Frame, GivesUpAfter64KiBOfGarbage) {
  EXPECT_TRUE(read(std::string(kMaxFrameBytes + 1, 'x'), 1000).too_large);
  EXPECT_FALSE(read(std::string(kMaxFrameBytes, 'x'), 1000).too_large);
  std::string starts;
  while (starts.size() <= kMaxFrameBytes + 100) starts += "8=FIX";
  EXPECT_TRUE(read(starts, 1000).too_large);
}

TEST(Frame, ForgetsGarbageAfterAValidMessage) {
  const std::string garbage(kMaxFrameBytes / 2, 'x');
  const Read result = read(garbage + kOrder + garbage + kOrder + garbage + kOrder, 4096);
  EXPECT_FALSE(result.too_large);
  EXPECT_EQ(result.frames.size(), 3U);
}

TEST(Frame, FindsNothingMoreOnceGivenUp) {
  Framer framer;
  EXPECT_EQ(framer.next(soh("8=FIX.4.4|9=70000|")).found, Found::kTooLarge);
  EXPECT_EQ(framer.next(kOrder).found, Found::kTooLarge);
}

TEST(Checksum, IsTheSumOfTheBytesModulo256AtEveryLength) {
  std::string bytes;
  unsigned sum = 0;
  for (int i = 0; i < 5000; ++i) {
    ASSERT_EQ(checksum(bytes), static_cast<std::uint8_t>(sum)) << i;
    const char c = static_cast<char>(i % 3 == 0 ? 255 : i * 37);
    bytes += c;
    sum += static_cast<unsigned char>(c);
  }
}

}  // namespace
}  // namespace portcullis::fix
