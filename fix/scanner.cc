#include "fix/scanner.h"

#include <array>
#include <cstring>
#include <span>

#include "fix/byte_scan.h"
#include "fix/frame.h"

namespace portcullis::fix {

// What a tag asks of the scanner besides its place in the array.
enum class FieldRole : std::uint8_t {
  kOrdinary,
  kData,  // a data field or its length
  kBeginString,
  kMsgSeqNum,
  kMsgType,
  kPossDup,
  kSenderCompId,
  kSendingTime,
  kTargetCompId,
  kPossResend,
  kOrigSendingTime,
};

namespace {

using Role = FieldRole;
constexpr std::size_t kRoleCount = static_cast<std::size_t>(Role::kOrigSendingTime) + 1;

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
static_assert(kLastPairedTag > 122);

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

constexpr auto kRoles = [] {
  std::array<Role, kLastPairedTag + 1> table = {};
  for (std::uint32_t tag = 0; tag <= kLastPairedTag; ++tag) {
    if (kPairByTag[tag] != 0) table[tag] = Role::kData;
  }
  table[8] = Role::kBeginString;
  table[34] = Role::kMsgSeqNum;
  table[35] = Role::kMsgType;
  table[43] = Role::kPossDup;
  table[49] = Role::kSenderCompId;
  table[52] = Role::kSendingTime;
  table[56] = Role::kTargetCompId;
  table[97] = Role::kPossResend;
  table[122] = Role::kOrigSendingTime;
  return table;
}();

Role role_of(std::uint32_t tag) {
  return tag <= kLastPairedTag ? kRoles[tag] : Role::kOrdinary;
}

ScanFault fault(ScanFault::Kind kind, std::uint32_t tag, int reason, const char* text) {
  return {kind, tag, reason, text};
}

// SessionRejectReason(373), from the codes that FIX 4.2 has too ("tag appears more than once" is not
// among them).
constexpr int kInvalidTagNumber = 0;
constexpr int kIncorrectDataFormat = 6;

// Frames up to this size are cut by marks, whose words stand on the stack.
constexpr std::size_t kMarkedBytes = 4096;
// Beyond it a tag is read with its bounds checked.
constexpr std::uint32_t kMaxMarkedTag = 9'999'999;

// Who sends a message of a type mostly sends the same fields again: of the one before are kept how each field begins, by
// type, on each thread. A field that begins so is known by one comparison; any other one is read as it comes. It
// changes what a scan costs and never what it finds.
struct Beginning {
  std::uint32_t text = 1;  // "55=": at most four bytes, zeros behind; without a mask none begins so
  std::uint32_t mask = 0;
  std::uint32_t tag = 0;
  std::uint8_t size = 0;
  Role role = Role::kOrdinary;
};
struct Expected {
  static constexpr std::size_t kMost = 40;
  std::array<Beginning, kMost + 1> fields = {};  // the last is none
  std::uint32_t missed = 0;                      // so many messages in turn had other fields
};
constexpr std::uint32_t kMissesBeforeOthers = 2;  // so that two senders in turn do not drive each other out
constinit thread_local std::array<Expected, 16> g_expected;

// By the version's digit and MsgType(35), where they stand in nearly all messages.
Expected& expected_for(std::string_view frame, std::uint64_t marks) {
  marks &= marks - 1;  // behind the second SOH
  const std::size_t type_at = marks == 0 ? 0 : static_cast<std::size_t>(__builtin_ctzll(marks)) + 4;
  const auto byte = [frame](std::size_t at) {
    return at < frame.size() ? static_cast<std::size_t>(static_cast<unsigned char>(frame[at])) : 0;
  };
  return g_expected[(byte(type_at) + byte(type_at + 1) * 5 + byte(8) * 2) % g_expected.size()];
}

void expect_again(Expected& expected, std::span<const RawField> fields) {
  if (++expected.missed < kMissesBeforeOthers || fields.size() > Expected::kMost) return;
  expected = Expected();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    Beginning& field = expected.fields[i];
    field.tag = fields[i].tag;
    field.role = role_of(field.tag);
    if (field.tag > 999) continue;
    field.size = field.tag > 99 ? 4 : field.tag > 9 ? 3 : 2;
    std::memcpy(&field.text, fields[i].value.data() - field.size, field.size);
    field.text &= field.mask = field.size == 4 ? ~0u : (1u << 8 * field.size) - 1;
  }
}

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

void ScannedMessage::begin(std::string_view frame) {
  count_ = 0;
  header_ = {};
  bytes_ = frame;
  regular_ = true;
}

// Keeps what the session layer asks for. Null, or why the frame is refused.
inline const char* ScannedMessage::keep_header(FieldRole role, std::string_view value) {
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

// Cuts at the marked SOHs for as long as the fields are ordinary, and returns where it stopped: at the end, or at a
// field that by_bytes() has to look at, since it is data, its length, no field at all, or stands twice.
const char* ScannedMessage::by_marks() {
  std::uint64_t words[kMarkedBytes / 64];
  byte_scan::mark_soh(bytes_, words);
  const char* const begin = bytes_.data();
  const char* const end = begin + bytes_.size();
  const char* field = begin;
  RawField* out = fields_.data();
  RawField* const full = out + kMaxFields;
  const RawField* found[kRoleCount] = {};
  Expected& known = expected_for(bytes_, bytes_.empty() ? 0 : words[0]);
  const Beginning* expected = known.fields.data();
  const Beginning* const none = expected + Expected::kMost;
  const auto cut = [&] {
    const std::uint64_t* word = words;
    for (const char* block = begin; block < end; block += 64) {
      for (std::uint64_t marks = *word++; marks != 0; marks &= marks - 1) {
        // The SOH is no digit, so nothing is read behind it.
        const char* const soh = block + static_cast<unsigned>(__builtin_ctzll(marks));
        const char* at = field;
        std::uint32_t text = 0;
        if (soh - field >= 3) [[likely]]
          std::memcpy(&text, field, sizeof text);
        std::uint32_t tag = 0;
        Role role = Role::kOrdinary;
        if ((text & expected->mask) == expected->text) [[likely]] {
          tag = expected->tag;
          role = expected->role;
          at += expected->size;
          ++expected;
        } else {
          tag = static_cast<unsigned char>(*at) - std::uint32_t{'0'};
          if (tag - 1 > 8) [[unlikely]]
            return;
          unsigned next = static_cast<unsigned char>(*++at);
          for (unsigned digit = next - '0'; digit <= 9; digit = next - '0') {
            if (tag > kMaxMarkedTag / 10) [[unlikely]]
              return;
            tag = tag * 10 + digit;
            next = static_cast<unsigned char>(*++at);
          }
          if (next != '=') [[unlikely]]
            return;
          ++at;
          role = role_of(tag);
          // What comes behind a field that was not expected is not where it was.
          expected = tag == expected->tag ? expected + 1 : none;
        }
        if (out == full) [[unlikely]]
          return;
        if (role != Role::kOrdinary) {
          const RawField*& place = found[static_cast<std::size_t>(role)];
          if (role == Role::kData || place != nullptr) [[unlikely]]
            return;
          place = out;
        }
        *out++ = {tag, {at, static_cast<std::size_t>(soh - at)}};
        field = soh + 1;
      }
    }
  };
  cut();
  count_ = static_cast<std::size_t>(out - fields_.data());
  if (expected == known.fields.data() + count_) [[likely]] {
    known.missed = 0;
  } else if (field == end) {
    expect_again(known, fields());
  }
  const auto value_of = [&](Role role) {
    const RawField* const place = found[static_cast<std::size_t>(role)];
    return place == nullptr ? std::string_view() : place->value;
  };
  header_.begin_string = value_of(Role::kBeginString);
  header_.msg_type = value_of(Role::kMsgType);
  header_.sender_comp_id = value_of(Role::kSenderCompId);
  header_.target_comp_id = value_of(Role::kTargetCompId);
  header_.sending_time = value_of(Role::kSendingTime);
  header_.orig_sending_time = value_of(Role::kOrigSendingTime);
  header_.msg_seq_num = parse_number(value_of(Role::kMsgSeqNum));
  header_.poss_dup = value_of(Role::kPossDup) == "Y";
  header_.poss_resend = value_of(Role::kPossResend) == "Y";
  return field;
}

ScanFault scan(std::string_view frame, ScannedMessage& message) {
  message.begin(frame);
  const char* const at = frame.size() <= kMarkedBytes ? message.by_marks() : frame.data();
  if (at == frame.data() + frame.size()) [[likely]] {
    return {};
  }
  return message.by_bytes(at);
}

ScanFault scan_by_bytes(std::string_view frame, ScannedMessage& message) {
  message.begin(frame);
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
    fields_[count_++] = {tag, value};
    if (const char* const why = keep_header(role_of(tag), value)) {
      return fault(ScanFault::Kind::kHeader, tag, kIncorrectDataFormat, why);
    }
  }
  return {};
}

}  // namespace portcullis::fix
