#include "fix/frame.h"

#include "fix/byte_scan.h"

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

// How nearly all messages begin: "8=FIX.m.n|9=" and three to five digits. Not kWhole: parse_header() decides.
Header plain_header(std::string_view bytes) {
  constexpr std::size_t kDigitsAt = 12;
  constexpr std::size_t kMaxDigits = 5;
  Header header;
  if (bytes.size() < kDigitsAt + kMaxDigits + 1) return header;
  const char* const text = bytes.data();
  if (text[5] != '.' || !is_digit(text[6]) || text[7] != '.' || !is_digit(text[8]) || text[9] != kSoh ||
      text[10] != '9' || text[11] != '=') {
    return header;
  }
  std::size_t at = kDigitsAt;
  for (; at < kDigitsAt + kMaxDigits && is_digit(text[at]); ++at) {
    header.body_length = header.body_length * 10 + static_cast<std::size_t>(text[at] - '0');
  }
  header.size = at + 1;
  if (at > kDigitsAt && text[at] == kSoh && header.size + header.body_length + kTrailerBytes <= kMaxFrameBytes) {
    header.state = HeaderState::kWhole;
  }
  return header;
}

// `bytes` starts with kStart.
Header parse_header(std::string_view bytes) {
  Header header = plain_header(bytes);
  if (header.state == HeaderState::kWhole) [[likely]] {
    return header;
  }
  header = {};
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

std::uint8_t checksum(std::string_view bytes) { return byte_scan::sum(bytes); }

Framer::Step Framer::next(std::string_view unread) {
  if (dead_) return too_large("the stream was given up before");
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

  ++frames_;
  garbage_run_ = 0;
  Step step;
  step.found = Found::kFrame;
  step.consumed = size;
  step.frame.bytes = unread.substr(0, size);
  step.frame.body_offset = static_cast<std::uint32_t>(header.size);
  step.frame.body_size = static_cast<std::uint32_t>(header.body_length);
  return step;
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
