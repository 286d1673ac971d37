#include "fix/dictionary.h"

#include <algorithm>
#include <map>

#include "base/time.h"
#include "fix/dictionary/tables.h"

namespace portcullis::fix {

namespace {

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view unsigned_part(std::string_view text) {
  return !text.empty() && text.front() == '-' ? text.substr(1) : text;
}

// QuickFIX computes in 32 bits, so only what fits there is certain.
bool is_integer(std::string_view text) {
  const std::string_view digits = unsigned_part(text);
  return digits.size() <= 9 && all_digits(digits);
}

// Digits on both sides of a point, if there is one; no exponent, no plus sign.
bool is_decimal(std::string_view text) {
  const std::string_view number = unsigned_part(text);
  if (number.size() > 24) return false;
  const std::size_t point = number.find('.');
  if (point == std::string_view::npos) return all_digits(number);
  return all_digits(number.substr(0, point)) && all_digits(number.substr(point + 1));
}

// HH:MM:SS with up to nine decimals.
bool is_time(std::string_view text) {
  constexpr std::string_view kDay = "20000101-";
  if (text.size() < 8 || text.size() > 18) return false;
  std::array<char, 32> whole;
  std::copy(kDay.begin(), kDay.end(), whole.begin());
  std::copy(text.begin(), text.end(), whole.begin() + kDay.size());
  return parse_utc_timestamp({whole.data(), kDay.size() + text.size()}).has_value();
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
      return parse_utc_timestamp(value).has_value();
    case FieldType::kTime:
      return is_time(value);
    case FieldType::kDate:
      return Date::parse_fix(value).has_value();
    case FieldType::kUnknown:
    case FieldType::kText:
    case FieldType::kMultiple:
    case FieldType::kData:
      return true;
  }
  return false;
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
  for (const auto& [name, scope] : tables_->messages) {
    if (name == msg_type) return scope.get();
  }
  return nullptr;
}

FieldType Dictionary::type(std::uint32_t tag) const {
  return tag < tables_->fields.size() ? tables_->fields[tag].type : FieldType::kUnknown;
}

bool Dictionary::allows_one(std::uint32_t tag, std::string_view value) const {
  if (tag >= tables_->fields.size()) return true;
  const Tables::Field& field = tables_->fields[tag];
  if (!field.enumerated) return true;
  if (value.size() == 1 && static_cast<unsigned char>(value[0]) < 128) {
    const auto c = static_cast<unsigned char>(value[0]);
    return (field.single[c / 64] >> (c % 64) & 1) != 0;
  }
  return std::binary_search(field.longer.begin(), field.longer.end(), value);
}

bool Dictionary::allows(std::uint32_t tag, std::string_view value) const {
  if (type(tag) != FieldType::kMultiple) return allows_one(tag, value);
  for (;;) {
    const std::size_t space = value.find(' ');
    if (!allows_one(tag, value.substr(0, space))) return false;
    if (space == std::string_view::npos) return true;
    value.remove_prefix(space + 1);
  }
}

const char* Dictionary::bad_value(const RawField& field) const {
  if (field.value.empty()) return "the field has no value";
  if (!has_type(field.value, type(field.tag))) return "the value is not of the field's type";
  return allows(field.tag, field.value) ? nullptr : "the value is not in the list";
}

// `at` stands behind the count field; moves it behind the group. Null when it is a whole group.
const char* Dictionary::group(std::span<const RawField> fields, std::size_t& at, const Scope& scope,
                              std::uint32_t count, int depth) const {
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
      if (const char* why = bad_value(field)) return why;
      const Scope::Member& member = scope.members()[index];
      required += member.required ? 1 : 0;
      ++at;
      if (member.group != nullptr) {
        const auto nested = static_cast<std::uint32_t>(parse_number(field.value));
        if (const char* why = group(fields, at, *member.group, nested, depth + 1)) return why;
      }
      first = false;
    }
    if (required != scope.required_count()) return "a required field of a group is missing";
  }
  if (at < fields.size() && fields[at].tag == scope.delimiter()) return "a group has more entries than its count";
  return nullptr;
}

Understanding Dictionary::understand(const ScannedMessage& message, bool user_defined_tags) const {
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
    if (const char* why = bad_value(fields[at])) return doubt(fields[at].tag, why);
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
    if (const char* why = bad_value(field)) return doubt(field.tag, why);
    const Scope::Member& member = body->members()[index];
    required += member.required ? 1 : 0;
    ++at;
    if (member.group != nullptr) {
      const auto count = static_cast<std::uint32_t>(parse_number(field.value));
      if (const char* why = group(fields, at, *member.group, count, 1)) return doubt(field.tag, why);
    }
  }
  if (required != body->required_count()) return doubt(0, kMissing);

  required = 0;
  Seen trailer_seen(tables_->trailer);
  for (; at < fields.size(); ++at) {
    const std::uint16_t index = tables_->trailer.index_of(fields[at].tag);
    if (index == Scope::kNoMember) return doubt(fields[at].tag, kForeign);
    if (!trailer_seen.add(index)) return doubt(fields[at].tag, kRepeated);
    if (const char* why = bad_value(fields[at])) return doubt(fields[at].tag, why);
    required += tables_->trailer.members()[index].required ? 1 : 0;
  }
  if (required != tables_->trailer.required_count()) return doubt(10, kMissing);
  return {true, 0, ""};
}

}  // namespace portcullis::fix
