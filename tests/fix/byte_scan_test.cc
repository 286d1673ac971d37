#include "fix/byte_scan.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "fix/scanner.h"
#include "tests/fix/messages.h"

namespace portcullis::fix {
namespace {

// What each function must say, a byte at a time.
std::vector<std::uint64_t> plain_marks(std::string_view bytes) {
  std::vector<std::uint64_t> words((bytes.size() + 63) / 64);
  for (std::size_t i = 0; i < bytes.size(); ++i) words[i / 64] |= std::uint64_t{bytes[i] == '\x01'} << i % 64;
  return words;
}
std::uint8_t plain_sum(std::string_view bytes) {
  unsigned total = 0;
  for (const char c : bytes) total += static_cast<unsigned char>(c);
  return static_cast<std::uint8_t>(total);
}

void expect_all_alike(std::string_view bytes) {
  // In memory of exactly this size, so that a read outside it is one that a sanitizer sees.
  const auto exact = std::make_unique<char[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), exact.get());
  const std::string_view here(exact.get(), bytes.size());
  const auto marks = [&](auto mark) {
    std::vector<std::uint64_t> words((bytes.size() + 63) / 64, 0x5555555555555555ULL);  // every word is written
    EXPECT_EQ(mark(here, words.data()), static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\x01')));
    return words;
  };
  const std::vector<std::uint64_t> expected = plain_marks(bytes);
  ASSERT_EQ(marks(byte_scan::portable::mark_soh), expected) << bytes.size() << " bytes";
  ASSERT_EQ(marks(byte_scan::mark_soh), expected);
  ASSERT_EQ(byte_scan::portable::sum(here), plain_sum(bytes)) << bytes.size() << " bytes";
  ASSERT_EQ(byte_scan::sum(here), plain_sum(bytes));
  const byte_scan::Tally tally{plain_sum(bytes),
                               static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\x01'))};
  ASSERT_EQ(byte_scan::portable::tally(here), tally) << bytes.size() << " bytes";
  ASSERT_EQ(byte_scan::tally(here), tally);
  if (!byte_scan::avx2::available()) return;
  ASSERT_EQ(marks(byte_scan::avx2::mark_soh), expected) << bytes.size() << " bytes";
  ASSERT_EQ(byte_scan::avx2::sum(here), plain_sum(bytes)) << bytes.size() << " bytes";
  ASSERT_EQ(byte_scan::avx2::tally(here), tally) << bytes.size() << " bytes";
}

TEST(ByteScan, TheTwinsAgreeOnRandomAndOnHostileBytes) {
  std::mt19937_64 random(5);
  // What a carry from one byte into the next would get wrong: neighbors of SOH, and the ends of the range.
  constexpr char kHostile[] = {'\x00', '\x01', '\x02', '\x7f', '\x80', '\x81', '\xfe', '\xff'};
  for (std::size_t size = 0; size < 400; ++size) {
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    expect_all_alike(bytes);
    for (char& c : bytes) c = kHostile[random() % sizeof kHostile];
    expect_all_alike(bytes);
    expect_all_alike(std::string(size, '\x01'));
    expect_all_alike(std::string(size, '\xff'));
  }
  std::string large(70'000, '\xff');
  for (std::size_t i = 0; i < large.size(); i += 997) large[i] = '\x01';
  expect_all_alike(large);
}

// Frames of up to 4 KiB are cut by marks, larger ones and what is behind a data field byte by byte.
TEST(ByteScan, AFieldMayBeginAndEndAnywhereInAFrame) {
  const auto message = std::make_unique<ScannedMessage>();
  for (std::size_t length = 4000; length < 4200; ++length) {
    const std::string text(length, 't');
    std::string data(length + 4096, 'd');
    data[10] = data[4095] = data[length] = '\x01';
    const std::string frame =
        framed("FIX.4.4", "35=D|34=1|58=" + text + "|95=" + std::to_string(data.size()) + "|96=" + data + "|11=last|");
    ASSERT_FALSE(scan(frame, *message)) << length;
    ASSERT_EQ(message->find(58), text);
    ASSERT_EQ(message->find(96), data);
    ASSERT_EQ(message->find(11), "last");
  }
}

}  // namespace
}  // namespace portcullis::fix
