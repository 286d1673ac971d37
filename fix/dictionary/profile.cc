// The judge's quick way, which only ever says yes: one flat table for each message type, and the shapes of messages that
// were understood.

#include <algorithm>
#include <array>
#include <optional>

#include "base/time.h"
#include "fix/dictionary/tables.h"
#include "fix/dictionary/values.h"

namespace portcullis::fix {

namespace {

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

bool is_listed(const Profile& profile, std::uint16_t number, char value) {
  const auto c = static_cast<unsigned char>(value);
  return c < 128 && (profile.lists.data()[number][c / 64] >> (c % 64) & 1) != 0;
}

// The same as accepts() says of a value that is not empty. `number`: of the member.
inline __attribute__((always_inline)) bool fits(const Profile& profile, Test test, std::uint16_t number,
                                                const RawField& field) {
  const std::string_view value = field.value;
  switch (test) {
    case Test::kForeign:
    case Test::kAny:
      return true;
    case Test::kListed:
      if (value.size() == 1 && is_listed(profile, number, value[0])) return true;
      break;
    case Test::kTimestamp:
      if (is_near_time(value)) return true;
      break;
    case Test::kDecimal:
      if (value.size() <= short_digits::kMost) [[likely]] {
        field.short_decimal = short_digits::packed_decimal(value);
        if (field.short_decimal != 0) return true;
      }
      return is_decimal(value);
    case Test::kInteger:
      return is_integer(value);
    case Test::kFull:
      break;
  }
  return accepts(*profile.members[number], value);
}

// The tags of a message that was understood, without groups and without fields of the user. A counterparty's orders
// have the same ones in the same order, and then only values are left to judge, with all that is asked of them side by
// side. Each thread remembers some messages: it changes what a judgement costs and never what it says.
struct Shape {
  static constexpr std::size_t kMaxFields = 40;
  struct Field {
    std::uint32_t tag = 0;
    Test test = Test::kForeign;
    std::uint16_t number = 0;
  };

  // A field whose value is judged, which about half of them are.
  struct Judged {
    std::uint32_t at = 0;
    std::uint32_t number = 0;
    std::uint64_t list = 0;  // of kListed: which of the 64 characters from '0' on are in it
  };

  std::uint64_t profile = 0;  // its print; zero: nothing is remembered here
  std::uint64_t layout = 0;   // the last that had these tags; zero: none had
  std::uint32_t size = 0;
  // Those of one test side by side: `judged` holds one test's up to its end here, then the next one's.
  std::array<std::uint32_t, static_cast<std::size_t>(Test::kFull) + 1> ends = {};
  std::array<Judged, kMaxFields> judged = {};
  std::array<Field, kMaxFields> fields = {};
};
constexpr std::size_t kShapes = 16;
constinit thread_local std::array<Shape, kShapes> g_shapes;

Shape& shape_for(const Profile& profile, std::size_t size) {
  return g_shapes[(profile.print + size) % kShapes];
}

std::uint64_t print_of(const Profile& profile) {
  std::uint64_t print = profile.required_count + 1;
  const auto add = [&print](std::uint64_t value) {
    print = (print ^ value) * 0xff51afd7ed558ccdULL;
    print ^= print >> 32;
  };
  for (std::size_t tag = 0; tag < profile.by_tag.size(); ++tag) {
    const Profile::Entry& entry = profile.by_tag[tag];
    if (entry.test == Test::kForeign) continue;
    add(tag << 32 | std::uint64_t{entry.number} << 16 | static_cast<std::uint64_t>(entry.test) << 8 |
        static_cast<std::uint64_t>(entry.section) << 2 | (entry.required ? 2 : 0) | (entry.counts_group ? 1 : 0));
    if (entry.test != Test::kListed) continue;
    for (const std::uint64_t values : profile.lists[entry.number]) add(values);
  }
  return print == 0 ? 1 : print;
}

}  // namespace

void remember_shape(const Profile& profile, const order::MessageFields& message) {
  if (message.size() > Shape::kMaxFields) return;
  Shape& shape = shape_for(profile, message.size());
  shape.profile = 0;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const std::uint32_t tag = message[i].tag;
    if (tag >= profile.by_tag.size()) return;
    const Profile::Entry& entry = profile.by_tag[tag];
    if (entry.test == Test::kForeign || entry.counts_group) return;
    shape.fields[i] = Shape::Field{tag, entry.test, entry.number};
  }
  std::uint32_t judged = 0;
  for (std::size_t test = static_cast<std::size_t>(Test::kListed); test < shape.ends.size(); ++test) {
    for (std::uint32_t i = 0; i < message.size(); ++i) {
      const Shape::Field& field = shape.fields[i];
      if (field.test != static_cast<Test>(test)) continue;
      const std::array<std::uint64_t, 2>& list = profile.lists[field.number];
      shape.judged[judged++] = {i, field.number, list[0] >> '0' | list[1] << (64 - '0')};
    }
    shape.ends[test] = judged;
  }
  shape.layout = message.layout();
  shape.size = static_cast<std::uint32_t>(message.size());
  shape.profile = profile.print;
}

namespace {

// fits(), of values inside a message that begins with BeginString(8) and BodyLength(9): before the end of each that is judged
// here eight bytes can be read.
struct Judge {
  const Profile& profile;
  const RawField* fields;

  bool listed(const Shape::Judged& judged) const {
    const std::string_view value = fields[judged.at].value;
    const unsigned character = static_cast<unsigned char>(*value.data()) - unsigned{'0'};
    if (value.size() == 1 && character < 64 && (judged.list >> character & 1) != 0) [[likely]] return true;
    return in_full(judged);
  }
  bool timestamp(const Shape::Judged& judged) const {
    return is_near_time(fields[judged.at].value) || in_full(judged);
  }
  bool decimal(const Shape::Judged& judged) const {
    const RawField& field = fields[judged.at];
    const std::string_view value = field.value;
    if (value.size() == 1) {  // LeavesQty(151) of what is filled, CumQty(14) of what is not: mostly a zero
      const unsigned digit = static_cast<unsigned char>(*value.data()) - unsigned{'0'};
      field.short_decimal = digit <= 9 ? short_digits::packed_digit(digit) : 0;
      return digit <= 9;
    }
    if (value.size() <= short_digits::kMost) [[likely]] {
      field.short_decimal = short_digits::packed_decimal_before(value.data() + value.size(), value.size());
      if (field.short_decimal != 0) [[likely]] return true;
    }
    return is_decimal(value);
  }
  bool integer(const Shape::Judged& judged) const {
    const std::string_view value = fields[judged.at].value;
    if (value.size() <= short_digits::kMost &&
        short_digits::values_before(value.data() + value.size(), value.size()).is_bad == 0) [[likely]] {
      return true;
    }
    return is_integer(value);
  }
  bool in_full(const Shape::Judged& judged) const {
    return accepts(*profile.members[judged.number], fields[judged.at].value);
  }
};

}  // namespace

bool Dictionary::Tables::understood_by_shape(const Profile& profile, const order::MessageFields& message) {
  Shape& shape = shape_for(profile, message.size());
  if (shape.profile != profile.print || shape.size != message.size()) return false;
  if (message.layout() == 0 || message.layout() != shape.layout) [[unlikely]] {
    const Shape::Field* known = shape.fields.data();
    for (const RawField& field : message) {
      if (field.tag != known->tag || field.value.empty()) return false;
      ++known;
    }
    shape.layout = message.layout();
  }
  const Judge judge{profile, message.begin()};
  const Shape::Judged* judged = shape.judged.data();
  const auto all = [&](Test test, auto&& fit) __attribute__((always_inline)) {
    const Shape::Judged* const end = shape.judged.data() + shape.ends[static_cast<std::size_t>(test)];
    for (; judged != end; ++judged) {
      if (!fit(*judged)) [[unlikely]] return false;
    }
    return true;
  };
  return all(Test::kListed, [&](const Shape::Judged& field) { return judge.listed(field); }) &&
         all(Test::kTimestamp, [&](const Shape::Judged& field) { return judge.timestamp(field); }) &&
         all(Test::kDecimal, [&](const Shape::Judged& field) { return judge.decimal(field); }) &&
         all(Test::kInteger, [&](const Shape::Judged& field) { return judge.integer(field); }) &&
         all(Test::kFull, [&](const Shape::Judged& field) { return judge.in_full(field); });
}

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
  profile->print = print_of(*profile);
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
    if (entry.test != Test::kAny && !fits(profile, entry.test, entry.number, *field)) return false;
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

}  // namespace portcullis::fix
