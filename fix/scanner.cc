#include "fix/scanner.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>

#include "base/short_digits.h"
#include "fix/byte_scan.h"
#include "fix/field_roles.h"
#include "fix/frame.h"
#include "fix/layouts.h"

namespace portcullis::fix {

namespace {

using Role = FieldRole;

ScanFault fault(ScanFault::Kind kind, std::uint32_t tag, int reason, const char* text) {
  return {kind, tag, reason, text};
}

// SessionRejectReason(373). FIX 4.2 does not have the last one, which is left out there.
constexpr int kInvalidTagNumber = 0;
constexpr int kIncorrectDataFormat = 6;
constexpr int kAppearsMoreThanOnce = 13;

// Frames up to this size are cut by marks, whose words stand on the stack.
constexpr std::size_t kMarkedBytes = 4096;
// Beyond it a tag is read with its bounds checked.
constexpr std::uint32_t kMaxMarkedTag = 9'999'999;

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
  if (text.size() <= short_digits::kMost) [[likely]] {
    const short_digits::Values values = short_digits::values_of(short_digits::load(text), text.size());
    return values.is_bad == 0 ? short_digits::number_of(values.digits) : 0;
  }
  std::uint64_t number = 0;
  for (const char c : text) {
    const unsigned digit = static_cast<unsigned char>(c) - '0';
    if (digit > 9) return 0;
    number = number * 10 + digit;
  }
  return number;
}

namespace {

// Of a text that is inside a frame and not at its very beginning, so that eight bytes before its end can be read.
std::uint64_t parse_number_inside(std::string_view text) {
  if (text.empty() || text.size() > short_digits::kMost) [[unlikely]]
    return parse_number(text);
  const short_digits::Values values = short_digits::values_before(text.data() + text.size(), text.size());
  return values.is_bad == 0 ? short_digits::number_of(values.digits) : 0;
}

}  // namespace

std::string_view ScannedMessage::find(std::uint32_t tag) const {
  for (const RawField& field : fields()) {
    if (field.tag == tag) return field.value;
  }
  return {};
}

// What the session layer asks for, from where it stands: `value_of` a role. `flags`: one of both may stand there.
template <typename ValueOf>
inline __attribute__((always_inline)) void ScannedMessage::keep_header(ValueOf&& value_of, std::uint64_t msg_seq_num,
                                                                       bool flags) {
  header_.begin_string = value_of(Role::kBeginString);
  header_.msg_type = value_of(Role::kMsgType);
  header_.sender_comp_id = value_of(Role::kSenderCompId);
  header_.target_comp_id = value_of(Role::kTargetCompId);
  header_.sending_time = value_of(Role::kSendingTime);
  header_.orig_sending_time = value_of(Role::kOrigSendingTime);
  header_.msg_seq_num = msg_seq_num;
  header_.poss_dup = false;
  header_.poss_resend = false;
  if (flags) [[unlikely]] {
    header_.poss_dup = value_of(Role::kPossDup) == "Y";
    header_.poss_resend = value_of(Role::kPossResend) == "Y";
  }
}

// The same, field by field. Null, or why the frame is refused.
inline const char* ScannedMessage::keep_header_field(FieldRole role, std::string_view value) {
  switch (role) {
    case Role::kOrdinary:
    case Role::kData:
      return nullptr;
    case Role::kBeginString:
      if (header_.begin_string.empty()) header_.begin_string = value;
      return nullptr;
    case Role::kMsgSeqNum:
      if (header_.msg_seq_num != 0) return "MsgSeqNum(34) appears more than once";
      header_.msg_seq_num = parse_number(value);
      return nullptr;
    case Role::kMsgType:
      if (!header_.msg_type.empty()) return "MsgType(35) appears more than once";
      header_.msg_type = value;
      return nullptr;
    case Role::kPossDup:
      header_.poss_dup = value == "Y";
      return nullptr;
    case Role::kSenderCompId:
      header_.sender_comp_id = value;
      return nullptr;
    case Role::kSendingTime:
      header_.sending_time = value;
      return nullptr;
    case Role::kTargetCompId:
      header_.target_comp_id = value;
      return nullptr;
    case Role::kPossResend:
      header_.poss_resend = value == "Y";
      return nullptr;
    case Role::kOrigSendingTime:
      header_.orig_sending_time = value;
      return nullptr;
  }
  return nullptr;
}

namespace {

// The tag of a field that an SOH is behind, and moves `at` to its value; 0 when it is none, or a very long one.
inline std::uint32_t read_tag(const char*& at) {
  std::uint32_t tag = static_cast<unsigned char>(*at) - std::uint32_t{'0'};
  if (tag - 1 > 8) [[unlikely]]
    return 0;
  unsigned next = static_cast<unsigned char>(*++at);
  for (unsigned digit = next - '0'; digit <= 9; digit = next - '0') {
    if (tag > kMaxMarkedTag / 10) [[unlikely]]
      return 0;
    tag = tag * 10 + digit;
    next = static_cast<unsigned char>(*++at);
  }
  if (next != '=') [[unlikely]]
    return 0;
  ++at;
  return tag;
}

}  // namespace

// Cuts at the marked SOHs for as long as the fields are ordinary, and returns where it stopped: at the end, or at a
// field that by_bytes() has to look at, since it is data, its length, no field at all, or stands twice.
const char* ScannedMessage::by_marks() {
  std::uint64_t words[kMarkedBytes / 64];
  const std::size_t sohs = byte_scan::mark_soh(bytes_, words);
  Expected& known = expected_for(bytes_, bytes_.empty() ? 0 : words[0], sohs);
  if (sohs != known.count || !ends_with_checksum(bytes_)) [[unlikely]] {
    return by_unexpected_marks(words, known);
  }
  // Each field but CheckSum(10), whose beginning would be read together with a byte behind the frame.
  const char* const end = bytes_.data() + bytes_.size();
  std::uint64_t& last_word = words[(bytes_.size() - 1) / 64];
  const std::uint64_t last_mark = std::uint64_t{1} << (bytes_.size() - 1) % 64;
  last_word ^= last_mark;
  RawField* out = fields_.data();
  const Beginning* expected = known.fields.data();
  const char* field = bytes_.data();
  std::uint64_t others = 0;   // bits in which a field does not begin as expected
  std::uint64_t is_empty = 0;  // its highest bit
  const std::uint64_t* word = words;
  for (const char* block = field; block < end; block += 64) {
    for (std::uint64_t marks = *word++; marks != 0; marks &= marks - 1) {
      const char* const soh = block + static_cast<unsigned>(__builtin_ctzll(marks));
      std::uint64_t text = 0;
      std::memcpy(&text, field, sizeof text);
      others |= (text & expected->mask) ^ expected->text;
      // A beginning ends with '=', so the SOH is behind it.
      const char* const value = field + expected->size;
      const auto size = static_cast<std::size_t>(soh - value);
      is_empty |= size - 1;
      static_assert(offsetof(RawField, tag) == 0 && offsetof(RawField, value) == sizeof expected->tag);
      std::memcpy(static_cast<void*>(out), &expected->tag, sizeof expected->tag);
      out->value = {value, size};
      ++out;
      ++expected;
      field = soh + 1;
    }
  }
  if (others != 0 || static_cast<std::int64_t>(is_empty) < 0) [[unlikely]] {
    last_word ^= last_mark;
    return by_unexpected_marks(words, known);
  }
  *out = {10, 0, {end - 4, 3}};
  count_ = known.count;
  known.missed = 0;
  layout_ = known.layout;
  const auto value_at = [&](Role role) -> const std::string_view& {
    return fields_.data()[known.places[static_cast<std::size_t>(role)]].value;
  };
  // BeginString(8) stands before its number.
  keep_header(value_at, parse_number_inside(value_at(Role::kMsgSeqNum)), known.flags);
  return end;
}

// The same, where they are not as expected.
const char* ScannedMessage::by_unexpected_marks(const std::uint64_t* words, Expected& known) {
  const char* const begin = bytes_.data();
  const char* const end = begin + bytes_.size();
  const char* field = begin;
  RawField* out = fields_.data();
  RawField* const full = fields_.data() + kMaxFields;
  const Beginning* expected = known.fields.data();
  // Not the one behind the last: where that is reached all fields were as expected.
  const Beginning* const none = known.fields.data() + Expected::kMost + 1;
  const RawField* found[kRoleCount] = {};
  bool any_empty = false;
  const auto cut = [&] {
    const std::uint64_t* word = words;
    for (const char* block = begin; block < end; block += 64) {
      for (std::uint64_t marks = *word++; marks != 0; marks &= marks - 1) {
        // The SOH is no digit, so nothing is read behind it.
        const char* const soh = block + static_cast<unsigned>(__builtin_ctzll(marks));
        const char* at = field;
        const std::uint32_t tag = read_tag(at);
        if (tag == 0 || out == full) [[unlikely]]
          return;
        const Role role = role_of(tag);
        // What comes behind a field that was not expected is not where it was.
        expected = tag == expected->tag ? expected + 1 : none;
        if (role != Role::kOrdinary) {
          const RawField*& place = found[static_cast<std::size_t>(role)];
          if (role == Role::kData || place != nullptr) [[unlikely]]
            return;
          place = out;
        }
        const auto size = static_cast<std::size_t>(soh - at);
        *out++ = {tag, 0, {at, size}};
        any_empty |= size == 0;
        field = soh + 1;
      }
    }
  };
  cut();
  count_ = static_cast<std::size_t>(out - fields_.data());
  if (field == end && (count_ != known.count || expected != known.fields.data() + count_)) {
    if (count_ != 0) expect_again(known, bytes_, fields());
  } else if (field == end) {
    known.missed = 0;
    layout_ = any_empty ? 0 : known.layout;
  }
  const auto value_of = [&](Role role) {
    const RawField* const place = found[static_cast<std::size_t>(role)];
    return place == nullptr ? std::string_view() : place->value;
  };
  keep_header(value_of, parse_number(value_of(Role::kMsgSeqNum)), true);
  return field;
}

ScanFault scan(std::string_view frame, ScannedMessage& message) {
  if (frame.size() > kMarkedBytes) return scan_by_bytes(frame, message);
  message.bytes_ = frame;
  message.layout_ = 0;
  message.regular_ = true;
  const char* const at = message.by_marks();
  if (at == frame.data() + frame.size()) [[likely]] {
    return {};
  }
  return message.by_bytes(at);
}

ScanFault scan_by_bytes(std::string_view frame, ScannedMessage& message) {
  message.bytes_ = frame;
  message.layout_ = 0;
  message.regular_ = true;
  message.count_ = 0;
  message.header_ = {};
  return message.by_bytes(frame.data());
}

// One byte after the other, from the beginning of a field on: any bytes may stand there.
ScanFault ScannedMessage::by_bytes(const char* at) {
  const char* const end = bytes_.data() + bytes_.size();
  std::uint32_t orphan_lengths = 0;  // bit n: the length field of pair n stood without its data field
  std::uint32_t expected_data = 0;   // the data tag that must come next, when the last field was its length
  std::uint64_t data_size = 0;
  const auto next_soh = [end](const char* from) {
    const void* const found = std::memchr(from, kSoh, static_cast<std::size_t>(end - from));
    return found == nullptr ? end : static_cast<const char*>(found);
  };

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
      at = next_soh(at);
    } else {
      if (expected_data != 0 && tag != expected_data) {
        orphan_lengths |= 1u << (pair_code(expected_data) - 33);
        regular_ = false;
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
          regular_ = false;
        }
        at = next_soh(at);
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

    if (count_ == kMaxFields) {
      return fault(ScanFault::Kind::kTooManyFields, tag, kIncorrectDataFormat, "a message has more than 512 fields");
    }
    fields_[count_++] = {tag, 0, value};
    if (const char* const why = keep_header_field(role_of(tag), value)) {
      return fault(ScanFault::Kind::kHeader, tag, kAppearsMoreThanOnce, why);
    }
  }
  return {};
}

}  // namespace portcullis::fix
