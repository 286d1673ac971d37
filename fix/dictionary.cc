#include "fix/dictionary.h"

#include <algorithm>
#include <optional>

#include "base/same_text.h"
#include "base/time.h"
#include "fix/dictionary/tables.h"
#include "fix/dictionary/values.h"

namespace portcullis::fix {

namespace {

// Exactly `count` digits at `at`, as a number; -1 when one is none. The text is long enough.
int digits(const char* at, int count) {
  int value = 0;
  for (int i = 0; i < count; ++i) {
    if (!is_digit(at[i])) return -1;
    value = value * 10 + (at[i] - '0');
  }
  return value;
}

// YYYYMMDD from 1970 to 2259, the years that base/time.h can hold.
bool is_date(const char* at) {
  constexpr std::array<std::uint8_t, 13> kDays = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int year = digits(at, 4);
  const int month = digits(at + 4, 2);
  const int day = digits(at + 6, 2);
  if (year < 1970 || year > 2259 || month < 1 || month > 12 || day < 1) return false;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= kDays[static_cast<std::size_t>(month)] + (month == 2 && leap ? 1 : 0);
}

// HH:MM:SS with up to nine decimals; a leap second reads :60.
bool is_time(std::string_view text) {
  if (text.size() < 8 || text[2] != ':' || text[5] != ':') return false;
  const int hour = digits(text.data(), 2);
  const int minute = digits(text.data() + 3, 2);
  const int second = digits(text.data() + 6, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return false;
  if (text.size() == 8) return true;
  if (text[8] != '.' || text.size() < 10 || text.size() > 18) return false;
  return digits(text.data() + 9, static_cast<int>(text.size() - 9)) >= 0;
}

bool has_type(std::string_view value, FieldType type) {
  switch (type) {
    case FieldType::kChar:
      return value.size() == 1;
    case FieldType::kBoolean:
      return value == "Y" || value == "N";
    case FieldType::kInteger:
      return is_integer(value);
    case FieldType::kDecimal:
      return is_decimal(value);
    case FieldType::kTimestamp:
      return value.size() >= 17 && value[8] == '-' && is_date(value.data()) && is_time(value.substr(9));
    case FieldType::kTime:
      return is_time(value);
    case FieldType::kDate:
      return value.size() == 8 && is_date(value.data());
    case FieldType::kUnknown:
    case FieldType::kText:
    case FieldType::kMultiple:
    case FieldType::kData:
      return true;
  }
  return false;
}

bool has_values(std::string_view value, FieldType type, const Enumeration* values) {
  if (values == nullptr) return true;
  if (type != FieldType::kMultiple) return values->has(value);
  for (;;) {
    const std::size_t space = value.find(' ');
    if (!values->has(value.substr(0, space))) return false;
    if (space == std::string_view::npos) return true;
    value.remove_prefix(space + 1);
  }
}

// Null when the value is one of the field's.
inline const char* bad_value(const Scope::Member& member, std::string_view value) {
  if (value.empty()) return "the field has no value";
  if (!has_type(value, member.type)) return "the value is not of the field's type";
  if (!has_values(value, member.type, member.values)) return "the value is not in the list";
  return nullptr;
}

// Which members of one level have been seen.
class Seen {
 public:
  explicit Seen(const Scope& scope) : words_((scope.members().size() + 63) / 64) {
    std::fill_n(bits_.begin(), words_, 0);
  }
  // False when it was there already.
  bool add(std::uint16_t index) {
    const std::uint64_t bit = std::uint64_t{1} << (index % 64);
    const bool first = (bits_[index / 64] & bit) == 0;
    bits_[index / 64] |= bit;
    return first;
  }

 private:
  std::array<std::uint64_t, kMaxMembers / 64> bits_;
  std::size_t words_;
};

constexpr const char* kRepeated = "the field appears more than once";
constexpr const char* kForeign = "the field is not defined for this message";
constexpr const char* kMissing = "a required field is missing";

}  // namespace

const char* bad_group(std::span<const RawField> fields, std::size_t& at, const Scope& scope, std::uint32_t count,
                      int depth) {
  if (count < 1 || count > kMaxGroupEntries) return "a group has no entry or more than 100";
  if (depth > kMaxGroupDepth) return "groups are nested deeper than three levels";
  for (std::uint32_t entry = 0; entry < count; ++entry) {
    if (at == fields.size() || fields[at].tag != scope.delimiter()) return "a group has fewer entries than its count";
    Seen seen(scope);
    std::uint32_t required = 0;
    bool first = true;
    while (at < fields.size()) {
      const RawField& field = fields[at];
      if (!first && field.tag == scope.delimiter()) break;
      const std::uint16_t index = scope.index_of(field.tag);
      if (index == Scope::kNoMember) break;
      if (!seen.add(index)) return "a field of a group appears more than once in an entry";
      const Scope::Member& member = scope.members()[index];
      if (const char* why = bad_value(member, field.value)) return why;
      required += member.required ? 1 : 0;
      ++at;
      if (member.group != nullptr) {
        const auto nested = static_cast<std::uint32_t>(parse_number(field.value));
        if (const char* why = bad_group(fields, at, *member.group, nested, depth + 1)) return why;
      }
      first = false;
    }
    if (required != scope.required_count()) return "a required field of a group is missing";
  }
  if (at < fields.size() && fields[at].tag == scope.delimiter()) return "a group has more entries than its count";
  return nullptr;
}

bool Enumeration::has_longer(std::string_view value) const {
  return std::binary_search(longer.begin(), longer.end(), value);
}

bool accepts(const Scope::Member& member, std::string_view value) {
  return bad_value(member, value) == nullptr;
}

Dictionary::Dictionary(std::unique_ptr<Tables> tables) : tables_(std::move(tables)) {}
Dictionary::Dictionary(Dictionary&&) noexcept = default;
Dictionary& Dictionary::operator=(Dictionary&&) noexcept = default;
Dictionary::~Dictionary() = default;

std::string_view Dictionary::begin_string() const {
  return tables_->begin_string;
}
const Scope& Dictionary::header() const {
  return tables_->header;
}
const Scope& Dictionary::trailer() const {
  return tables_->trailer;
}

const Scope* Dictionary::message(std::string_view msg_type) const {
  if (msg_type.size() == 1) {
    const auto c = static_cast<unsigned char>(msg_type[0]);
    return c < 128 ? tables_->short_messages[c] : nullptr;
  }
  for (const auto& [name, scope] : tables_->messages) {
    if (name == msg_type) return scope.get();
  }
  return nullptr;
}

FieldType Dictionary::type(std::uint32_t tag) const {
  return tag < tables_->fields.size() ? tables_->fields[tag].type : FieldType::kUnknown;
}

bool Dictionary::allows(std::uint32_t tag, std::string_view value) const {
  if (tag >= tables_->fields.size()) return true;
  const Tables::Field& field = tables_->fields[tag];
  return has_values(value, field.type, field.values.get());
}

Understanding Dictionary::understand(const ScannedMessage& message, bool user_defined_tags) const {
  const std::string_view type = message.header().msg_type;
  const auto letter = static_cast<unsigned char>(type.size() == 1 ? type[0] : 0);
  const Profile* const profile = letter < 128 ? tables_->profiles[letter].get() : nullptr;
  if (profile != nullptr && message.regular() && same_text(message.header().begin_string, tables_->begin_string)) [[likely]] {
    if (Tables::understood_by_shape(*profile, message.fields())) return {true, 0, ""};
    if (tables_->plainly_understood(*profile, message.fields(), user_defined_tags)) {
      remember_shape(*profile, message.fields());
      return {true, 0, ""};
    }
  }
  return examine(message, user_defined_tags);
}

Understanding Dictionary::examine(const ScannedMessage& message, bool user_defined_tags) const {
  const std::span<const RawField> fields = message.fields();
  const auto doubt = [](std::uint32_t tag, const char* why) { return Understanding{false, tag, why}; };
  if (!message.regular()) return doubt(0, "a data field is apart from its length field");
  if (fields.size() < 4 || fields[0].tag != 8 || fields[1].tag != 9 || fields[2].tag != 35) {
    return doubt(0, "the message does not begin with 8, 9, 35");
  }
  if (fields[0].value != tables_->begin_string) return doubt(8, "BeginString(8) is of another version");
  const Scope* const body = this->message(message.header().msg_type);
  if (body == nullptr) return doubt(35, "the message type is not in the dictionary");

  std::size_t at = 0;
  std::uint32_t required = 0;
  Seen header_seen(tables_->header);
  for (; at < fields.size(); ++at) {
    const std::uint16_t index = tables_->header.index_of(fields[at].tag);
    if (index == Scope::kNoMember) break;
    const Scope::Member& member = tables_->header.members()[index];
    if (member.group != nullptr) return doubt(fields[at].tag, "a group in the header");
    if (!header_seen.add(index)) return doubt(fields[at].tag, kRepeated);
    if (const char* why = bad_value(member, fields[at].value)) return doubt(fields[at].tag, why);
    required += member.required ? 1 : 0;
  }
  if (required != tables_->header.required_count()) return doubt(0, kMissing);

  required = 0;
  Seen body_seen(*body);
  while (at < fields.size()) {
    const RawField& field = fields[at];
    const std::uint16_t index = body->index_of(field.tag);
    if (index == Scope::kNoMember) {
      const bool unknown_user_tag = field.tag >= kFirstUserDefinedTag && !tables_->is_known(field.tag);
      if (!user_defined_tags || !unknown_user_tag) break;  // the trailer, or nothing that belongs here
      if (field.value.empty()) return doubt(field.tag, "the field has no value");
      // A repeated user-defined tag is rare enough to look back for.
      for (std::size_t before = 3; before < at; ++before) {
        if (fields[before].tag == field.tag) return doubt(field.tag, kRepeated);
      }
      ++at;
      continue;
    }
    if (!body_seen.add(index)) return doubt(field.tag, kRepeated);
    const Scope::Member& member = body->members()[index];
    if (const char* why = bad_value(member, field.value)) return doubt(field.tag, why);
    required += member.required ? 1 : 0;
    ++at;
    if (member.group != nullptr) {
      const auto count = static_cast<std::uint32_t>(parse_number(field.value));
      if (const char* why = bad_group(fields, at, *member.group, count, 1)) return doubt(field.tag, why);
    }
  }
  if (required != body->required_count()) return doubt(0, kMissing);

  required = 0;
  Seen trailer_seen(tables_->trailer);
  for (; at < fields.size(); ++at) {
    const std::uint16_t index = tables_->trailer.index_of(fields[at].tag);
    if (index == Scope::kNoMember) return doubt(fields[at].tag, kForeign);
    if (!trailer_seen.add(index)) return doubt(fields[at].tag, kRepeated);
    const Scope::Member& member = tables_->trailer.members()[index];
    if (const char* why = bad_value(member, fields[at].value)) return doubt(fields[at].tag, why);
    required += member.required ? 1 : 0;
  }
  if (required != tables_->trailer.required_count()) return doubt(10, kMissing);
  return {true, 0, ""};
}

}  // namespace portcullis::fix
