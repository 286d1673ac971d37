#include "fix/frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <string>
#include <string_view>
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

// What fix/frame.h says of a stream's beginning, one byte after the other.
Found plainly_found(std::string_view stream, std::size_t& size) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  // A beginning that may go on as it should is waited for.
  std::size_t at = 0;
  const auto expect = [&](std::string_view text) {
    for (const char c : text) {
      if (at == stream.size()) return Found::kNeedMore;
      if (stream[at] != c) return Found::kGarbled;
      ++at;
    }
    return Found::kFrame;
  };
  if (const Found found = expect("8=FIX"); found != Found::kFrame) return found;
  for (; at < stream.size() && stream[at] != kSoh; ++at) {
    if (stream[at] <= ' ' || stream[at] > '~' || stream[at] == '=' || at >= 14) return Found::kGarbled;
  }
  if (const Found found = expect(std::string_view("\x01" "9=", 3)); found != Found::kFrame) return found;
  const std::size_t digits_at = at;
  std::size_t body = 0;
  for (; at < stream.size() && stream[at] != kSoh; ++at) {
    if (!is_digit(stream[at]) || at - digits_at >= 20) return Found::kGarbled;
    body = std::min<std::size_t>(body * 10 + static_cast<std::size_t>(stream[at] - '0'), 10 * kMaxFrameBytes);
  }
  if (at == stream.size()) return Found::kNeedMore;
  if (at++ == digits_at) return Found::kGarbled;
  const std::size_t trailer = at + body;
  size = trailer + 7;
  if (size > kMaxFrameBytes) return Found::kTooLarge;
  if (const Found found = expect("35="); found != Found::kFrame) return found;
  if (stream.size() < size) return Found::kNeedMore;
  const std::string_view end = stream.substr(trailer, 7);
  if (stream[trailer - 1] != kSoh || end.substr(0, 3) != "10=" || !is_digit(end[3]) || !is_digit(end[4]) || !is_digit(end[5]) ||
      end[6] != kSoh) {
    return Found::kGarbled;
  }
  unsigned sum = 0;
  for (const char c : stream.substr(0, trailer)) sum += static_cast<unsigned char>(c);
  return std::stoul(std::string(end.substr(3, 3))) == sum % 256 ? Found::kFrame : Found::kGarbled;
}

void expect_found_plainly(const std::string& stream) {
  Framer framer;
  std::size_t size = 0;
  const Found expected = plainly_found(stream, size);
  // Of exactly its size, so that a sanitizer sees what is read behind it.
  const std::vector<char> exact(stream.begin(), stream.end());
  const Framer::Step step = framer.next({exact.data(), exact.size()});
  ASSERT_EQ(step.found, expected) << stream;
  if (expected == Found::kFrame) {
    ASSERT_EQ(step.consumed, size) << stream;
    ASSERT_EQ(step.frame.bytes, stream.substr(0, size));
    ASSERT_EQ(step.frame.body_offset + step.frame.body_size + 7, size);
  }
}

// Messages as nearly all are, of which any one byte is another, with a CheckSum(10) that is right in spite of it, or not.
TEST(Frame, TheQuickWayFindsWhatIsFoundByteByByte) {
  constexpr char kBytes[] = {kSoh, '=', '0', '1', '9', ':', '/', '3', '8', 'F', ' ', '\x02', '\x00', '\x7f', '\xff'};
  std::vector<std::string> messages;
  for (const char* begin : {"8=FIX.4.4|9=", "8=FIX.4.2|9=", "8=FIXT.1.1|9="}) {
    for (const char* zeros : {"", "0", "00", "0000000"}) {
      for (const std::size_t text : {1u, 40u, 900u, 1100u}) {
        const std::string body = soh("35=D|49=A|56=B|34=3|52=20261231-10:00:00|11=1|58=" + std::string(text, 'x') + "|");
        messages.push_back(soh(begin + std::string(zeros) + std::to_string(body.size()) + "|") + body);
      }
    }
  }
  std::mt19937 random(11);
  for (int round = 0; round < 60'000; ++round) {
    std::string text = messages[random() % messages.size()];
    // Mostly where it matters: the header, and the end of the body.
    const std::size_t at = random() % 3 == 0 ? text.size() - 1 - random() % 4 : random() % std::min<std::size_t>(text.size(), 30);
    const char byte = kBytes[random() % sizeof kBytes];
    const bool before = random() % 2 == 0;
    if (before) text[at] = byte;
    std::string frame = with_checksum(text);
    if (!before) frame[frame.size() - 1 - random() % 9] = byte;
    if (random() % 8 == 0) frame.erase(random() % frame.size(), 1);
    ASSERT_NO_FATAL_FAILURE(expect_found_plainly(frame));
    ASSERT_NO_FATAL_FAILURE(expect_found_plainly(frame + kOrder));
    ASSERT_NO_FATAL_FAILURE(expect_found_plainly(frame.substr(0, random() % frame.size())));
  }
}

TEST(Frame, ACheckSumOf256MoreIsWrong) {
  int tried = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string frame = message("35=0|34=" + std::to_string(i) + "|112=" + std::string(static_cast<std::size_t>(i % 300), 'x') + "|");
    const int sum = std::stoi(frame.substr(frame.size() - 4, 3)) + (i % 2 == 0 ? 256 : 512);
    if (sum > 999) continue;
    frame.replace(frame.size() - 4, 3, std::to_string(sum));
    ASSERT_NO_FATAL_FAILURE(expect_found_plainly(frame));
    ++tried;
  }
  EXPECT_GT(tried, 1000);
}

TEST(Frame, AWholeMessageOf64KiBIsTakenAndOneOfAByteMoreIsNot) {
  const std::size_t around = message("35=B|58=" + std::string(20'000, 'x') + "|").size() - 20'000;
  for (std::size_t more = 0; more < 3; ++more) {
    const std::string bytes = message("35=B|58=" + std::string(kMaxFrameBytes - around + more, 'x') + "|");
    const Read result = read(bytes, bytes.size());
    EXPECT_EQ(result.frames.size(), bytes.size() <= kMaxFrameBytes ? 1U : 0U) << bytes.size();
    EXPECT_EQ(result.too_large, bytes.size() > kMaxFrameBytes) << bytes.size();
    EXPECT_EQ(bytes.size(), kMaxFrameBytes + more);
  }
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
