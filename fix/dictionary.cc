#include "fix/dictionary.h"

#include <algorithm>
#include <optional>

#include "base/time.h"
#include "fix/dictionary/tables.h"

namespace portcullis::fix {

namespace {

bool is_digit(char c) {
  return static_cast<unsigned char>(c - '0') <= 9;
}

// Exactly `count` digits at `at`, as a number; -1 when one is none. The text is long enough.
int digits(const char* at, int count) {
  int value = 0;
  for (int i = 0; i < count; ++i) {
    if (!is_digit(at[i])) return -1;
    value = value * 10 + (at[i] - '0');
  }
  return value;
}

// QuickFIX computes in 32 bits, so only what fits there is certain.
bool is_integer(std::string_view text) {
  const std::size_t sign = text[0] == '-' ? 1 : 0;
  const std::size_t size = text.size() - sign;
  if (size < 1 || size > 9) return false;
  for (const char c : text.substr(sign)) {
    if (!is_digit(c)) return false;
  }
  return true;
}

// Digits on both sides of a point, if there is one; no exponent, no plus sign.
bool is_decimal(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  if (*at == '-') ++at;
  if (end - at > 24) return false;
  const char* const whole = at;
  while (at < end && is_digit(*at)) ++at;
  if (at == whole) return false;
  if (at == end) return true;
  if (*at != '.') return false;
  const char* const decimals = ++at;
  while (at < end && is_digit(*at)) ++at;
  return at == end && at > decimals;
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

// `at` stands behind the count field; moves it behind the group. Null when it is a whole group.
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

using Test = Profile::Test;
using Section = Profile::Section;

Test test_of(const Scope::Member& member) {
  const bool listed = member.values != nullptr;
  switch (member.type) {
    case FieldType::kUnknown:
    case FieldType::kText:
      return listed ? Test::kListed : Test::kAny;
    case FieldType::kChar:
      return listed ? Test::kListed : Test::kFull;
    case FieldType::kMultiple:
    case FieldType::kData:
      return listed ? Test::kFull : Test::kAny;
    case FieldType::kTimestamp:
      return listed ? Test::kFull : Test::kTimestamp;
    case FieldType::kDecimal:
      return listed ? Test::kFull : Test::kDecimal;
    case FieldType::kInteger:
      return listed ? Test::kFull : Test::kInteger;
    case FieldType::kBoolean:
    case FieldType::kTime:
    case FieldType::kDate:
      return Test::kFull;
  }
  return Test::kFull;
}

// A time that is read as one, up to the year that is_date() knows; the reader remembers the second before.
bool is_near_time(std::string_view value) {
  constexpr std::int64_t kYear2260 = 9'151'488'000;
  const std::optional<UtcTime> time = parse_utc_timestamp(value);
  return time && *time < UtcTime::from_ns(kYear2260 * 1'000'000'000);
}

// The same as accepts() says of a value that is not empty.
inline bool fits(const Profile& profile, const Profile::Entry& entry, std::string_view value) {
  switch (entry.test) {
    case Test::kForeign:
    case Test::kAny:
      return true;
    case Test::kListed: {
      const auto c = static_cast<unsigned char>(value[0]);
      if (value.size() == 1 && c < 128 && (profile.lists.data()[entry.number][c / 64] >> (c % 64) & 1) != 0)
        return true;
      break;
    }
    case Test::kTimestamp:
      if (is_near_time(value)) return true;
      break;
    case Test::kDecimal:
      return is_decimal(value);
    case Test::kInteger:
      return is_integer(value);
    case Test::kFull:
      break;
  }
  return accepts(*profile.members[entry.number], value);
}

}  // namespace

std::unique_ptr<Profile> profile_of(const Scope& header, const Scope& body, const Scope& trailer) {
  auto profile = std::make_unique<Profile>();
  Section section = Section::kHeader;
  for (const Scope* scope : {&header, &body, &trailer}) {
    for (const Scope::Member& member : scope->members()) {
      if (member.tag > Profile::kMaxTag || profile->members.size() == Profile::kMaxEntries) return nullptr;
      if (profile->by_tag.size() <= member.tag) profile->by_tag.resize(member.tag + 1);
      Profile::Entry& entry = profile->by_tag[member.tag];
      if (entry.test != Test::kForeign) return nullptr;
      const std::size_t number = profile->members.size();
      entry.bit = std::uint64_t{1} << (number % 64);
      entry.word = static_cast<std::uint8_t>(number / 64);
      entry.test = test_of(member);
      entry.section = section;
      entry.required = member.required;
      entry.counts_group = member.group != nullptr;
      entry.number = static_cast<std::uint16_t>(number);
      profile->members.push_back(&member);
      profile->lists.push_back(member.values == nullptr ? std::array<std::uint64_t, 2>() : member.values->single);
    }
    profile->required_count += scope->required_count();
    section = section == Section::kHeader ? Section::kBody : Section::kTrailer;
  }
  return profile;
}

bool Dictionary::Tables::plainly_understood(const Profile& profile, std::span<const RawField> message,
                                            bool user_defined_tags) const {
  if (message.size() < 4 || message[0].tag != 8 || message[1].tag != 9 || message[2].tag != 35) return false;
  static constexpr Profile::Entry kForeignEntry;
  std::uint64_t seen[Profile::kMaxEntries / 64] = {};
  std::uint32_t required = 0;
  Section section = Section::kHeader;
  const Profile::Entry* const by_tag = profile.by_tag.data();
  const std::size_t tags = profile.by_tag.size();
  const RawField* const end = message.data() + message.size();
  for (const RawField* field = message.data(); field != end;) {
    const std::uint32_t tag = field->tag;
    const Profile::Entry& entry = tag < tags ? by_tag[tag] : kForeignEntry;
    const std::string_view value = field->value;
    if (value.empty()) return false;
    if (entry.test == Test::kForeign) [[unlikely]] {
      if (!user_defined_tags || tag < kFirstUserDefinedTag || is_known(tag) || section == Section::kTrailer)
        return false;
      // A repeated user-defined tag is rare enough to look back for.
      for (const RawField* before = message.data(); before != field; ++before) {
        if (before->tag == tag) return false;
      }
      section = Section::kBody;
      ++field;
      continue;
    }
    if (entry.test != Test::kAny && !fits(profile, entry, value)) return false;
    std::uint64_t& word = seen[entry.word];
    if (entry.section < section || (word & entry.bit) != 0) return false;
    section = entry.section;
    word |= entry.bit;
    required += entry.required ? 1 : 0;
    ++field;
    if (entry.counts_group) [[unlikely]] {
      if (section != Section::kBody) return false;
      const auto count = static_cast<std::uint32_t>(parse_number(value));
      auto at = static_cast<std::size_t>(field - message.data());
      if (bad_group(message, at, *profile.members[entry.number]->group, count, 1) != nullptr) return false;
      field = message.data() + at;
    }
  }
  // No field counts twice, so as many as there are in all is each of them.
  return required == profile.required_count;
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
  if (profile != nullptr && message.regular() && message.header().begin_string == tables_->begin_string &&
      tables_->plainly_understood(*profile, message.fields(), user_defined_tags)) [[likely]] {
    return {true, 0, ""};
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
