#include "fix/frame.h"

#include <cstring>

#include "base/short_digits.h"
#include "fix/byte_scan.h"
#include "fix/peek.h"

namespace portcullis::fix {

namespace {

constexpr std::string_view kStart = "8=FIX";
// "FIX.4.4", "FIXT.1.1" and room for what may follow them.
constexpr std::size_t kMaxBeginString = 12;
// Leading zeros are allowed; no sane sender pads beyond this.
constexpr std::size_t kMaxBodyLengthDigits = 20;
constexpr std::size_t kTrailerBytes = 7;  // "10=nnn" and SOH

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

enum class HeaderState : std::uint8_t { kWhole, kPartial, kBad, kTooLarge };

struct Header {
  HeaderState state = HeaderState::kBad;
  std::size_t size = 0;  // of "8=...|9=...|"
  std::size_t body_length = 0;
  const char* why = "";
};

std::uint64_t word_at(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}
constexpr std::uint64_t word_of(const char (&text)[9]) {
  std::uint64_t word = 0;
  for (int i = 0; i < 8; ++i) word |= std::uint64_t{static_cast<unsigned char>(text[i])} << 8 * i;
  return word;
}

// Of the three lowest bytes: each is a digit when its value, and six more, stays below sixteen.
bool are_three_digits(std::uint64_t text) {
  const std::uint64_t values = (text & 0xffffff) ^ 0x303030;
  return ((values | (values + 0x060606)) & ~std::uint64_t{0x0f0f0f}) == 0;
}
std::size_t number_of_three(std::uint64_t text) {
  return (text & 0xf) * 100 + (text >> 8 & 0xf) * 10 + (text >> 16 & 0xf);
}

// How nearly all messages begin: "8=FIX.m.n|9=" and one to five digits. Not kWhole: parse_header() decides.
inline __attribute__((always_inline)) Header plain_header(std::string_view bytes) {
  constexpr std::size_t kDigitsAt = 12;
  constexpr std::size_t kMaxDigits = 5;
  Header header;
  if (bytes.size() < kDigitsAt + 8) return header;
  // In two words that overlap; the version's digits and what stands between are looked at by themselves.
  const std::uint64_t first = word_at(bytes.data());
  const std::uint64_t second = word_at(bytes.data() + 4);
  constexpr std::uint64_t kFirst = word_of("8=FIX.\0.");
  constexpr std::uint64_t kSecond = word_of("\0\0\0\0\0\x01" "9=");
  constexpr std::uint64_t kFirstMask = 0xff00ffffffffffffULL;
  constexpr std::uint64_t kSecondMask = 0xffffff0000000000ULL;
  if ((first & kFirstMask) != kFirst || (second & kSecondMask) != kSecond || !is_digit(bytes.data()[6]) ||
      !is_digit(bytes.data()[8])) {
    return header;
  }
  const std::uint64_t length = word_at(bytes.data() + kDigitsAt);
  // Mostly three digits and an SOH.
  if (are_three_digits(length) && (length >> 24 & 0xff) == kSoh) [[likely]] {
    header.body_length = number_of_three(length);
    header.size = kDigitsAt + 4;
    header.state = HeaderState::kWhole;
    return header;
  }
  // The lowest bit that is set is of the first SOH.
  const std::uint64_t others = length ^ 0x0101010101010101ULL;
  const std::uint64_t sohs = (others - 0x0101010101010101ULL) & ~others & 0x8080808080808080ULL;
  const std::size_t digits = sohs == 0 ? 8 : static_cast<std::size_t>(__builtin_ctzll(sohs)) / 8;
  if (digits == 0 || digits > kMaxDigits) return header;
  const short_digits::Values values = short_digits::values_of(length, digits);
  if (values.is_bad != 0) return header;
  header.body_length = short_digits::number_of(values.digits);
  header.size = kDigitsAt + digits + 1;
  if (header.size + header.body_length + kTrailerBytes <= kMaxFrameBytes) header.state = HeaderState::kWhole;
  return header;
}

// `bytes` starts with kStart.
Header parse_header(std::string_view bytes) {
  Header header;
  std::size_t at = 2;
  while (at < bytes.size() && bytes[at] != kSoh) {
    const char c = bytes[at];
    const bool printable = c > ' ' && c <= '~' && c != '=';
    if (!printable || at - 2 >= kMaxBeginString) {
      header.why = "BeginString(8) is not a FIX version";
      return header;
    }
    ++at;
  }
  constexpr std::string_view kBodyLengthTag =
      "\x01"
      "9=";
  const std::string_view tag = bytes.substr(at, kBodyLengthTag.size());
  if (tag != kBodyLengthTag.substr(0, tag.size())) {
    header.why = "BodyLength(9) is not the second field";
    return header;
  }
  at += tag.size();
  if (tag.size() < kBodyLengthTag.size()) {
    header.state = HeaderState::kPartial;
    return header;
  }

  const std::size_t digits_at = at;
  bool too_large = false;
  while (at < bytes.size() && bytes[at] != kSoh) {
    if (!is_digit(bytes[at]) || at - digits_at >= kMaxBodyLengthDigits) {
      header.why = "BodyLength(9) is not a number";
      return header;
    }
    header.body_length = header.body_length * 10 + static_cast<std::size_t>(bytes[at] - '0');
    if (header.body_length > kMaxFrameBytes) {
      // Keep reading the digits: "9=99999x" is garbled, not large.
      too_large = true;
      header.body_length = kMaxFrameBytes;
    }
    ++at;
  }
  if (at == bytes.size()) {
    header.state = HeaderState::kPartial;
    return header;
  }
  if (at == digits_at) {
    header.why = "BodyLength(9) is empty";
    return header;
  }
  header.size = at + 1;
  if (too_large || header.size + header.body_length + kTrailerBytes > kMaxFrameBytes) {
    header.state = HeaderState::kTooLarge;
    header.why = "BodyLength(9) says more than 64 KiB";
    return header;
  }
  header.state = HeaderState::kWhole;
  return header;
}

}  // namespace

std::size_t likely_size(std::string_view unread) {
  // As a rule the length has three digits.
  constexpr std::size_t kBodyAt = 16;
  if (unread.size() < kBodyAt + kTrailerBytes) return 0;
  const std::uint64_t length = word_at(unread.data() + 8);
  constexpr std::uint64_t kLength = word_of("\0\x01" "9=\0\0\0\x01");
  constexpr std::uint64_t kLengthMask = 0xff000000ffffff00ULL;
  if ((length & kLengthMask) == kLength) [[likely]] {
    const auto digit = [length](int at) { return static_cast<std::size_t>((length >> 8 * at & 0xff) ^ '0'); };
    const std::size_t size = kBodyAt + digit(4) * 100 + digit(5) * 10 + digit(6) + kTrailerBytes;
    return size <= unread.size() ? size : 0;
  }
  const Header header = plain_header(unread);
  const std::size_t size = header.size + header.body_length + kTrailerBytes;
  return header.state == HeaderState::kWhole && size <= unread.size() ? size : 0;
}

std::uint8_t checksum(std::string_view bytes) { return byte_scan::sum(bytes); }

// A whole message, as nearly all that is received begins with; anything else is told by examine().
Framer::Step Framer::next(std::string_view unread) {
  if (dead_) [[unlikely]]
    return too_large("the stream was given up before");
  const Header header = plain_header(unread);
  const std::size_t trailer_at = header.size + header.body_length;
  if (header.state != HeaderState::kWhole || unread.size() < trailer_at + kTrailerBytes) [[unlikely]]
    return examine(unread);
  // "35=" begins the body, an SOH ends it, and the trailer is "10=nnn" and an SOH.
  constexpr std::uint64_t kTrailer = word_of("\x01" "10=\0\0\0\x01");
  constexpr std::uint64_t kTrailerMask = 0xff000000ffffffffULL;
  constexpr std::string_view kMsgType = "35=";
  const std::uint64_t trailer = word_at(unread.data() + trailer_at - 1);
  const bool framed = (trailer & kTrailerMask) == kTrailer && are_three_digits(trailer >> 32) &&
                      unread.substr(header.size, kMsgType.size()) == kMsgType;
  if (!framed || number_of_three(trailer >> 32) != checksum(unread.substr(0, trailer_at))) [[unlikely]]
    return examine(unread);
  return frame(unread, header.size, header.body_length);
}

Framer::Step Framer::frame(std::string_view unread, std::size_t header_size, std::size_t body_size) {
  ++frames_;
  garbage_run_ = 0;
  Step step;
  step.found = Found::kFrame;
  step.consumed = header_size + body_size + kTrailerBytes;
  step.frame.bytes = unread.substr(0, step.consumed);
  step.frame.body_offset = static_cast<std::uint32_t>(header_size);
  step.frame.body_size = static_cast<std::uint32_t>(body_size);
  return step;
}

Framer::Step Framer::examine(std::string_view unread) {
  if (unread.empty()) return {};
  const std::string_view start = unread.substr(0, kStart.size());
  if (start != kStart.substr(0, start.size())) return garbled(unread, 1, "the bytes do not start with 8=FIX");
  if (start.size() < kStart.size()) return {};

  const Header header = parse_header(unread);
  switch (header.state) {
    case HeaderState::kPartial:
      return {};
    case HeaderState::kBad:
      return garbled(unread, kStart.size(), header.why);
    case HeaderState::kTooLarge:
      return too_large(header.why);
    case HeaderState::kWhole:
      break;
  }

  constexpr std::string_view kMsgTypeTag = "35=";
  const std::string_view first = unread.substr(header.size, kMsgTypeTag.size());
  if (first != kMsgTypeTag.substr(0, first.size())) {
    return garbled(unread, kStart.size(), "MsgType(35) is not the third field");
  }
  const std::size_t size = header.size + header.body_length + kTrailerBytes;
  if (unread.size() < size) return {};

  const std::size_t trailer_at = header.size + header.body_length;
  const std::string_view trailer = unread.substr(trailer_at, kTrailerBytes);
  const bool framed = unread[trailer_at - 1] == kSoh && trailer.substr(0, 3) == "10=" && is_digit(trailer[3]) &&
                      is_digit(trailer[4]) && is_digit(trailer[5]) && trailer[6] == kSoh;
  if (!framed) return garbled(unread, kStart.size(), "CheckSum(10) is not where BodyLength(9) says");
  const int stated = (trailer[3] - '0') * 100 + (trailer[4] - '0') * 10 + (trailer[5] - '0');
  if (stated != checksum(unread.substr(0, trailer_at))) {
    // Well framed, so the whole message goes: what its data fields hold must not be read as messages.
    return garbled(unread, size, "CheckSum(10) is wrong");
  }

  return frame(unread, header.size, header.body_length);
}

// Ignores up to the next place where a message may start, or all but a possible beginning of one.
Framer::Step Framer::garbled(std::string_view unread, std::size_t skip_at_least, const char* why) {
  std::size_t at = unread.find(kStart, skip_at_least);
  if (at == std::string_view::npos) {
    at = unread.size();
    for (std::size_t tail = 1; tail < kStart.size() && tail + skip_at_least <= unread.size(); ++tail) {
      if (unread.substr(unread.size() - tail) == kStart.substr(0, tail)) at = unread.size() - tail;
    }
  }
  garbage_run_ += at;
  garbage_bytes_ += at;
  ++garbled_messages_;
  if (garbage_run_ > kMaxFrameBytes) return too_large("more than 64 KiB without a valid message");
  Step step;
  step.found = Found::kGarbled;
  step.consumed = at;
  step.why = why;
  return step;
}

Framer::Step Framer::too_large(const char* why) {
  dead_ = true;
  Step step;
  step.found = Found::kTooLarge;
  step.why = why;
  return step;
}

}  // namespace portcullis::fix
