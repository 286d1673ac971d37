#include "fix/scanner.h"

#include <cstring>

#include "fix/byte_scan.h"
#include "fix/frame.h"

namespace portcullis::fix {

namespace {

// Length field and data field, FIX 4.0 to 5.0 SP2.
struct DataPair {
  std::uint16_t length;
  std::uint16_t data;
};
constexpr DataPair kDataPairs[] = {
    {90, 91},     {93, 89},     {95, 96},     {212, 213},   {348, 349},   {350, 351},   {352, 353},   {354, 355},
    {356, 357},   {358, 359},   {360, 361},   {362, 363},   {364, 365},   {445, 446},   {618, 619},   {621, 622},
    {1184, 1185}, {1277, 1278}, {1280, 1281}, {1282, 1283}, {1397, 1398}, {1401, 1402}, {1403, 1404}, {1468, 1469},
};
constexpr std::size_t kPairCount = sizeof(kDataPairs) / sizeof(kDataPairs[0]);
static_assert(kPairCount < 32);
constexpr std::uint32_t kLastPairedTag = 1469;

// For each tag up to the last: 0 no pair; n the length of pair n - 1; 32 + n the data of pair n - 1.
constexpr auto kPairByTag = [] {
  std::array<std::uint8_t, kLastPairedTag + 1> table = {};
  for (std::size_t i = 0; i < kPairCount; ++i) {
    table[kDataPairs[i].length] = static_cast<std::uint8_t>(i + 1);
    table[kDataPairs[i].data] = static_cast<std::uint8_t>(32 + i + 1);
  }
  return table;
}();

std::uint8_t pair_code(std::uint32_t tag) {
  return tag <= kLastPairedTag ? kPairByTag[tag] : 0;
}

// Finds one SOH behind another, from marks of 4 KiB at a time. It is asked for places that only move forward.
class SohFinder {
 public:
  explicit SohFinder(std::string_view bytes) : bytes_(bytes) {}

  // The next SOH at or after `at`; the end when there is none.
  const char* next(const char* at) {
    auto offset = static_cast<std::size_t>(at - bytes_.data());
    while (offset < bytes_.size()) {
      if (offset >= window_end_) load(offset);
      std::size_t word = (offset - window_begin_) / 64;
      std::uint64_t marks = words_[word] & (~std::uint64_t{0} << offset % 64);
      while (marks == 0 && ++word < count_) marks = words_[word];
      if (marks != 0) {
        return bytes_.data() + window_begin_ + word * 64 + static_cast<std::size_t>(__builtin_ctzll(marks));
      }
      offset = window_end_;
    }
    return bytes_.data() + bytes_.size();
  }

 private:
  static constexpr std::size_t kWords = 64;

  void load(std::size_t offset) {
    window_begin_ = offset & ~std::size_t{63};
    const std::string_view window = bytes_.substr(window_begin_, kWords * 64);
    byte_scan::mark_soh(window, words_);
    window_end_ = window_begin_ + window.size();
    count_ = (window.size() + 63) / 64;
  }

  const std::string_view bytes_;
  std::size_t window_begin_ = 0;
  std::size_t window_end_ = 0;
  std::size_t count_ = 0;  // of words_, in this window
  std::uint64_t words_[kWords];
};

ScanFault fault(ScanFault::Kind kind, std::uint32_t tag, int reason, const char* text) {
  return {kind, tag, reason, text};
}

// SessionRejectReason(373), from the codes that FIX 4.2 has too ("tag appears more than once" is not
// among them).
constexpr int kInvalidTagNumber = 0;
constexpr int kIncorrectDataFormat = 6;

}  // namespace

std::uint32_t data_tag_of_length(std::uint32_t tag) {
  const std::uint8_t code = pair_code(tag);
  return code >= 1 && code <= 32 ? kDataPairs[code - 1].data : 0;
}

std::uint32_t length_tag_of_data(std::uint32_t tag) {
  const std::uint8_t code = pair_code(tag);
  return code > 32 ? kDataPairs[code - 33].length : 0;
}

std::uint64_t parse_number(std::string_view text) {
  if (text.empty() || text.size() > 18) return 0;
  std::uint64_t number = 0;
  for (const char c : text) {
    const unsigned digit = static_cast<unsigned char>(c) - '0';
    if (digit > 9) return 0;
    number = number * 10 + digit;
  }
  return number;
}

std::string_view ScannedMessage::find(std::uint32_t tag) const {
  for (const RawField& field : fields()) {
    if (field.tag == tag) return field.value;
  }
  return {};
}

ScanFault scan(std::string_view frame, ScannedMessage& message) {
  message.count_ = 0;
  message.header_ = {};
  message.bytes_ = frame;
  message.regular_ = true;
  HeaderFields& header = message.header_;

  SohFinder soh(frame);
  const char* at = frame.data();
  const char* const end = at + frame.size();
  std::uint32_t orphan_lengths = 0;  // bit n: the length field of pair n stood without its data field
  std::uint32_t expected_data = 0;   // the data tag that must come next, when the last field was its length
  std::uint64_t data_size = 0;

  while (at < end) {
    // Tag: digits up to '='.
    std::uint32_t tag = 0;
    const char* const tag_begin = at;
    while (at < end) {
      const unsigned digit = static_cast<unsigned char>(*at) - '0';
      if (digit > 9) break;
      if (at - tag_begin == static_cast<std::ptrdiff_t>(kMaxTagDigits)) {
        return fault(ScanFault::Kind::kTag, 0, kInvalidTagNumber, "a tag has more than nine digits");
      }
      tag = tag * 10 + digit;
      ++at;
    }
    if (at == end || *at != '=' || at == tag_begin) {
      return fault(ScanFault::Kind::kNotAField, 0, kInvalidTagNumber, "a field does not read tag=value");
    }
    if (*tag_begin == '0') {
      return fault(ScanFault::Kind::kTag, 0, kInvalidTagNumber, "a tag is zero or begins with zero");
    }
    const char* const value_begin = ++at;

    // Value: up to SOH, or as long as the length field before it says.
    const std::uint8_t pair = pair_code(tag);
    if (pair == 0 && expected_data == 0) [[likely]] {
      at = soh.next(at);
    } else {
      if (expected_data != 0 && tag != expected_data) {
        orphan_lengths |= 1u << (pair_code(expected_data) - 33);
        message.regular_ = false;
      }
      if (pair > 32 && tag == expected_data) {
        // data_size is at most 10^18, so the comparison cannot wrap.
        if (data_size >= static_cast<std::uint64_t>(end - at) || at[data_size] != kSoh) {
          return fault(ScanFault::Kind::kDataLength, tag, kIncorrectDataFormat,
                       "a data field is not as long as its length field says");
        }
        at += data_size;
      } else {
        if (pair > 32) {
          // A reader that remembers an earlier length would leave the field's own bytes.
          if ((orphan_lengths & (1u << (pair - 33))) != 0) {
            return fault(ScanFault::Kind::kDataLength, tag, kIncorrectDataFormat,
                         "a data field does not follow its length field");
          }
          message.regular_ = false;
        }
        at = soh.next(at);
      }
      expected_data = 0;
    }
    if (at == end) {
      return fault(ScanFault::Kind::kNotAField, tag, kIncorrectDataFormat, "the last field does not end with SOH");
    }
    const std::string_view value(value_begin, static_cast<std::size_t>(at - value_begin));
    ++at;

    if (pair != 0 && pair <= 32) {
      expected_data = kDataPairs[pair - 1].data;
      data_size = parse_number(value);
      if (data_size == 0) {
        return fault(ScanFault::Kind::kDataLength, tag, kIncorrectDataFormat,
                     "a length field is not a number greater than zero");
      }
    }

    if (message.count_ == kMaxFields) {
      return fault(ScanFault::Kind::kTooManyFields, tag, kIncorrectDataFormat, "a message has more than 512 fields");
    }
    message.fields_[message.count_++] = {tag, value};

    if (tag > 122) continue;
    switch (tag) {
      case 8:
        if (header.begin_string.empty()) header.begin_string = value;
        break;
      case 34:
        if (header.msg_seq_num != 0) {
          return fault(ScanFault::Kind::kHeader, tag, kIncorrectDataFormat, "MsgSeqNum(34) appears more than once");
        }
        header.msg_seq_num = parse_number(value);
        break;
      case 35:
        if (!header.msg_type.empty()) {
          return fault(ScanFault::Kind::kHeader, tag, kIncorrectDataFormat, "MsgType(35) appears more than once");
        }
        header.msg_type = value;
        break;
      case 43:
        header.poss_dup = value == "Y";
        break;
      case 49:
        header.sender_comp_id = value;
        break;
      case 52:
        header.sending_time = value;
        break;
      case 56:
        header.target_comp_id = value;
        break;
      case 97:
        header.poss_resend = value == "Y";
        break;
      case 122:
        header.orig_sending_time = value;
        break;
      default:
        break;
    }
  }
  return {};
}

}  // namespace portcullis::fix
