#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "fix/dictionary.h"

namespace portcullis::fix {

// One message type with header and trailer, for the judge's quick way: what it looks at stands together.
struct Profile {
  enum class Section : std::uint8_t { kHeader, kBody, kTrailer };
  // How a value is judged; kFull as fix/dictionary.h says, the others the same in fewer steps.
  enum class Test : std::uint8_t { kForeign, kAny, kListed, kTimestamp, kDecimal, kInteger, kFull };
  struct Entry {
    std::uint64_t bit = 0;  // of the message's fields, in the word of that number
    std::uint8_t word = 0;
    Test test = Test::kForeign;
    Section section = Section::kHeader;
    bool required = false;
    bool counts_group = false;
    std::uint16_t number = 0;  // in `members` and `lists`
  };
  static constexpr std::size_t kMaxEntries = 512;
  static constexpr std::uint32_t kMaxTag = 4095;

  // Of what is asked of the fields of a message; never zero. Profiles of one print ask the same.
  std::uint64_t print = 0;
  std::vector<Entry> by_tag;
  std::vector<const Scope::Member*> members;
  std::vector<std::array<std::uint64_t, 2>> lists;  // of kListed: which single characters are in it
  std::uint32_t required_count = 0;
};
// Null for a message that is too large, or has one tag in two of its sections.
std::unique_ptr<Profile> profile_of(const Scope& header, const Scope& body, const Scope& trailer);

// `at` stands behind the count field; moves it behind the group. Null when it is a whole group; else what is wrong.
const char* bad_group(std::span<const RawField> fields, std::size_t& at, const Scope& scope, std::uint32_t count,
                      int depth);

// What is remembered of a message that this profile has understood.
void remember_shape(const Profile& profile, const order::MessageFields& message);

// What a Dictionary is made of; for its own files only.
struct Dictionary::Tables {
  struct Field {
    FieldType type = FieldType::kUnknown;
    bool known = false;
    std::unique_ptr<Enumeration> values;  // null: any value
  };

  bool is_known(std::uint32_t tag) const { return tag < fields.size() && fields[tag].known; }

  bool plainly_understood(const Profile& profile, std::span<const RawField> message, bool user_defined_tags) const;
  // The same, where the message has the tags of one that was; else it says no.
  static bool understood_by_shape(const Profile& profile, const order::MessageFields& message);

  std::string begin_string;
  std::vector<Field> fields;  // by tag
  Scope header;
  Scope trailer;
  std::vector<std::pair<std::string, std::unique_ptr<Scope>>> messages;
  std::array<const Scope*, 128> short_messages = {};  // those of one character, by it
  std::array<std::unique_ptr<Profile>, 128> profiles;  // of them; null: none
  std::vector<std::unique_ptr<Scope>> groups;
};

}  // namespace portcullis::fix
