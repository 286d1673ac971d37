#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/short_digits.h"
#include "fix/decode.h"

// How the decoders read fields; for fix/decode alone.

namespace portcullis::fix {

// Each fills in a command that is as it was made.
void decode(const ScannedMessage& message, const Dialect& dialect, order::SessionId session,
            order::ExecutionReport& report);
void decode(const ScannedMessage& message, const Dialect& dialect, order::SessionId session,
            order::OrderCancelReject& reject);
void decode(const ScannedMessage& message, order::SessionId session, order::MessageReject& reject);

// A value as the dictionary has read it, or else anew.
template <typename Value>
std::optional<Value> decimal(const RawField& field) {
  if (field.short_decimal == 0) return Value::parse(field.value);
  const std::uint32_t decimals = short_digits::decimals_of_packed(field.short_decimal);
  if (decimals > Value::kScale) return Value::parse(field.value);
  static constexpr std::array<std::int64_t, Value::kScale + 1> kUnits = [] {
    std::array<std::int64_t, Value::kScale + 1> units = {};
    for (int i = 0; i <= Value::kScale; ++i) units[static_cast<std::size_t>(i)] = static_cast<std::int64_t>(pow10(Value::kScale - i));
    return units;
  }();
  return Value::from_raw(short_digits::digits_of_packed(field.short_decimal) * kUnits[decimals]);
}

// Collects what is read; the first fault stands.
class Reading {
 public:
  explicit Reading(order::Reject& fault) : fault_(fault) {}

  void fail(order::RejectCode code, std::uint32_t tag, std::string_view text) {
    if (fault_) return;
    fault_.code = code;
    fault_.ref_tag = static_cast<std::uint16_t>(tag);
    fault_.text = order::ReasonText::truncated(text);
  }

  void id(const RawField& field, std::string_view& out) {
    out = field.value;
    if (!order::IdText::fits(field.value))
      fail(order::RejectCode::kBadField, field.tag, "an id is longer than 63 bytes");
  }
  void name(const RawField& field, std::string_view& out) {
    out = field.value;
    if (!order::NameText::fits(field.value))
      fail(order::RejectCode::kBadField, field.tag, "a name is longer than 31 bytes");
  }
  bool quantity(const RawField& field, Quantity& out) {
    if (const auto value = decimal<Quantity>(field)) {
      out = *value;
      return true;
    }
    fail(order::RejectCode::kBadField, field.tag, "a quantity is no number, has more than 3 decimals or is too large");
    return false;
  }
  bool price(const RawField& field, Price& out) {
    if (const auto value = decimal<Price>(field)) {
      out = *value;
      return true;
    }
    fail(order::RejectCode::kBadField, field.tag, "a price is no number, has more than 8 decimals or is too large");
    return false;
  }
  void time(const RawField& field, UtcTime& out) {
    if (const auto value = parse_utc_timestamp(field.value)) {
      out = *value;
    } else {
      fail(order::RejectCode::kBadField, field.tag, "a time does not read YYYYMMDD-HH:MM:SS with up to 9 decimals");
    }
  }
  void date(const RawField& field, std::int32_t& out) {
    if (const auto value = Date::parse_fix(field.value)) {
      out = value->days();
    } else {
      fail(order::RejectCode::kBadField, field.tag, "a date does not read YYYYMMDD");
    }
  }
  void reason(const RawField& field, std::int32_t& out) {
    std::int32_t value = 0;
    const char* const end = field.value.data() + field.value.size();
    const auto [stopped, error] = std::from_chars(field.value.data(), end, value);
    if (error == std::errc() && stopped == end && value >= 0) out = value;
  }
  void side(const RawField& field, order::Side& out) {
    const char code = field.value.size() == 1 ? field.value[0] : '\0';
    if (code == '1' || code == '2' || code == '5' || code == '6') {
      out = static_cast<order::Side>(code);
    } else {
      fail(order::RejectCode::kUnsupported, field.tag, "Side(54) is not supported; expected 1, 2, 5 or 6");
    }
  }
  void ord_type(const RawField& field, order::OrdType& out) {
    const char code = field.value.size() == 1 ? field.value[0] : '\0';
    if ((code >= '1' && code <= '4') || code == 'D' || code == 'G') {
      out = static_cast<order::OrdType>(code);
    } else {
      fail(order::RejectCode::kUnsupported, field.tag, "OrdType(40) is not supported; expected 1, 2, 3, 4, D or G");
    }
  }
  void time_in_force(const RawField& field, order::TimeInForce& out) {
    const char code = field.value.size() == 1 ? field.value[0] : '\0';
    if ((code >= '0' && code <= '4') || code == '6') {
      out = static_cast<order::TimeInForce>(code);
    } else {
      fail(order::RejectCode::kUnsupported, field.tag, "TimeInForce(59) is not supported; expected 0, 1, 2, 3, 4 or 6");
    }
  }

 private:
  order::Reject& fault_;
};

inline void read_context(const ScannedMessage& message, order::SessionId session, order::MessageContext& context) {
  const HeaderFields& header = message.header();
  context.session = session;
  context.msg_seq_num = header.msg_seq_num;
  context.poss_dup = header.poss_dup;
  context.poss_resend = header.poss_resend;
  context.sending_time = parse_utc_timestamp(header.sending_time).value_or(UtcTime());
  if (!header.orig_sending_time.empty()) [[unlikely]] {
    context.orig_sending_time = parse_utc_timestamp(header.orig_sending_time).value_or(UtcTime());
  }
}

// The tags that decoders read, each by a number of its own from 1 on, so that a decoder's switch is one jump.
inline constexpr std::uint32_t kReadTags[] = {1,  6,  11, 14, 15, 17, 19,  20,  31,  32,  37,  38,  39,  40,  41,  44,  54,  55,  58,  59,
                                              60, 63, 64, 99, 102, 103, 126, 150, 151, 152, 192, 193, 194, 378, 432, 434, 541, 640, 641, 790};
inline constexpr std::uint32_t kLastReadTag = 790;
inline constexpr auto kReadNumbers = [] {
  std::array<std::uint8_t, kLastReadTag + 1> numbers = {};
  std::uint8_t last = 0;
  for (const std::uint32_t tag : kReadTags) numbers[tag] = ++last;
  return numbers;
}();
// Zero: no decoder reads it.
constexpr std::uint16_t read_number(std::uint32_t tag) {
  return tag <= kLastReadTag ? kReadNumbers[tag] : 0;
}
// For a switch over them. Does not compile for a tag that is not in the list.
consteval std::uint16_t of_tag(std::uint32_t tag) {
  return kReadNumbers.at(tag) == 0 ? throw "the tag is missing from kReadTags" : kReadNumbers[tag];
}

// A field that decoders read: where it stands in the message, and its tag's number. Without initializers, since of an array
// of 512 only what is found is written.
struct OwnField {
  std::uint16_t place;
  std::uint16_t number;
};
using OwnFieldsMemory = std::array<OwnField, kMaxFields>;

// Those of a message outside of repeating groups: Account(1) or Side(54) of a leg must not be read as the order's. Of one
// layout and type they are always the same. Each thread keeps some: it changes what decoding costs and never what it gives.
std::span<const OwnField> own_fields(const ScannedMessage& message, const Dialect& dialect, OwnFieldsMemory& memory);

// What is done with each field is large and called from one place: it is part of the loop.
#define PORTCULLIS_EACH_FIELD [&](const RawField& field, std::uint16_t number) __attribute__((always_inline))

template <typename Visit>
inline __attribute__((always_inline)) void for_each_own_field(const ScannedMessage& message, const Dialect& dialect,
                                                              Visit&& visit) {
  OwnFieldsMemory memory;
  const std::span<const OwnField> own = own_fields(message, dialect, memory);
  const RawField* const fields = message.fields().begin();
  for (const OwnField *at = own.data(), *const end = at + own.size(); at != end; ++at) visit(fields[at->place], at->number);
}

}  // namespace portcullis::fix
