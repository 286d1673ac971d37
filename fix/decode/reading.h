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
  context.orig_sending_time = parse_utc_timestamp(header.orig_sending_time).value_or(UtcTime());
}

// What is done with each field is large and called from one place: it is part of the loop. Says whether the decoder
// reads a field of this tag.
#define PORTCULLIS_EACH_FIELD [&](const RawField& field) __attribute__((always_inline))->bool

// Which fields of a message its decoder reads: of one layout and type always the same. Each thread keeps some: it changes
// what decoding costs and never what it gives.
struct OwnFields {
  static constexpr std::size_t kMost = 40;
  std::uint64_t layout = 0;  // zero: nothing is kept here
  std::uint64_t type = 0;    // which message it is, and which of its fields count groups
  std::size_t count = 0;
  std::array<std::uint16_t, kMost> at = {};

  void begin(std::uint64_t of_layout, std::uint64_t of_type) {
    layout = of_layout;
    type = of_type;
    count = 0;
  }
  void add(std::uint16_t place) {
    if (count == kMost) {
      layout = 0;  // too many to be kept
    } else {
      at[count++] = place;
    }
  }
};
OwnFields& own_fields_of(std::uint64_t layout, std::uint64_t type);
// The places of the fields outside of repeating groups.
std::span<const std::uint16_t> outside_groups(std::span<const RawField> fields, const Scope& body,
                                              std::array<std::uint16_t, kMaxFields>& memory);

// A field inside a repeating group is not the message's own: Account(1) or Side(54) of a leg must not
// be read as the order's. Calls `visit` with each field outside groups, or only with those that it reads.
template <typename Visit>
inline __attribute__((always_inline)) void for_each_own_field(const ScannedMessage& message, const Dialect& dialect,
                                                              Visit&& visit) {
  static const Scope kNoBody;
  const Scope* const known = dialect.dictionary().message(message.header().msg_type);
  const Scope& body = known == nullptr ? kNoBody : *known;
  const order::MessageFields fields = message.fields();
  // Decoders are told apart by one letter.
  const std::string_view msg_type = message.header().msg_type;
  const std::uint64_t type = body.groups_print() + (msg_type.empty() ? 0 : static_cast<unsigned char>(msg_type[0]));
  OwnFields& own = own_fields_of(fields.layout(), type);
  const bool is_known = fields.layout() != 0 && own.layout == fields.layout() && own.type == type;
  const bool learns = !is_known && fields.layout() != 0;
  std::array<std::uint16_t, kMaxFields> memory;
  std::span<const std::uint16_t> places;
  if (is_known) [[likely]] {
    places = {own.at.data(), own.count};
  } else {
    places = outside_groups(fields, body, memory);
    if (learns) own.begin(fields.layout(), type);
  }
  for (const std::uint16_t *place = places.data(), *const end = place + places.size(); place != end; ++place) {
    const bool reads = visit(fields.begin()[*place]);
    if (learns && reads) [[unlikely]]
      own.add(*place);
  }
}

}  // namespace portcullis::fix
