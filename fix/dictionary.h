#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "fix/scanner.h"
#include "fix/tag_set.h"

// A data dictionary in QuickFIX's XML format, compiled to flat tables, and the judgement whether a
// message is one that the lane may take.
//
// Understood implies that QuickFIX 1.15.1 with the same XML accepts the message without a Reject: the
// type is known, header, body and trailer are in place, each field belongs to the message and stands
// once, has a value of its type and of its enumeration, the required ones are there, and each group has
// as many entries as its count says. Where this judge is stricter than QuickFIX (values inside groups,
// dates, count 0) or in doubt, it says NotUnderstood, and the control plane judges.
//
// compile() allocates; everything else does not. Immutable after that, so any thread may read it.

namespace portcullis::fix {

// Bounds of a message, and of a dictionary.
inline constexpr std::uint32_t kMaxGroupEntries = 100;
inline constexpr int kMaxGroupDepth = 3;
inline constexpr std::uint32_t kMaxDictionaryTag = 65'535;
inline constexpr std::size_t kMaxMembers = 1024;             // of one message or group, on one level
inline constexpr std::size_t kMaxDictionaryBytes = 8 << 20;  // of XML
inline constexpr std::uint32_t kFirstUserDefinedTag = 5000;

enum class FieldType : std::uint8_t {
  kUnknown,  // any text
  kText,
  kChar,
  kBoolean,
  kInteger,   // INT, SEQNUM, LENGTH, NUMINGROUP, DAYOFMONTH
  kDecimal,   // PRICE, QTY, AMT, FLOAT, PERCENTAGE, PRICEOFFSET
  kMultiple,  // space-separated values of the enumeration
  kTimestamp,
  kTime,
  kDate,  // LOCALMKTDATE, UTCDATE
  kData,
};

// The closed list of a field's values.
struct Enumeration {
  bool closed = false;                       // false: any value
  std::array<std::uint64_t, 2> single = {};  // which one-character values are in the list
  std::vector<std::string> longer;           // the others, sorted

  bool has(std::string_view value) const {
    if (!closed) return true;
    if (value.size() == 1 && static_cast<unsigned char>(value[0]) < 128) {
      const auto c = static_cast<unsigned char>(value[0]);
      return (single[c / 64] >> (c % 64) & 1) != 0;
    }
    return has_longer(value);
  }

 private:
  bool has_longer(std::string_view value) const;
};

// One level of a message: its header, body or trailer, or an entry of a repeating group.
class Scope {
 public:
  static constexpr std::uint16_t kNoMember = 0xffff;

  struct Member {
    std::uint32_t tag = 0;
    FieldType type = FieldType::kUnknown;
    bool required = false;
    const Enumeration* values = nullptr;  // null: any value
    const Scope* group = nullptr;         // of a count field: what its entries hold
  };

  const Member* find(std::uint32_t tag) const {
    const std::uint16_t index = index_of(tag);
    return index == kNoMember ? nullptr : &members_[index];
  }
  std::uint16_t index_of(std::uint32_t tag) const { return tag < index_.size() ? index_[tag] : kNoMember; }
  const std::vector<Member>& members() const { return members_; }
  std::uint32_t delimiter() const { return members_.empty() ? 0 : members_.front().tag; }
  std::uint32_t required_count() const { return required_count_; }
  // Of which fields count groups: those of levels of one print are the same.
  std::uint64_t groups_print() const { return groups_print_; }
  bool counts_group(std::uint32_t tag) const {
    if (group_counts_.contains(tag)) return true;
    return has_far_groups_ && tag >= TagSet::kTags && index_of(tag) != kNoMember && find(tag)->group != nullptr;
  }

 private:
  friend class DictionaryCompiler;

  std::vector<std::uint16_t> index_;  // by tag
  std::vector<Member> members_;       // in the dictionary's order; the first of a group is its delimiter
  std::uint32_t required_count_ = 0;
  std::uint64_t groups_print_ = 1;
  TagSet group_counts_;  // of the members
  bool has_far_groups_ = false;
};

struct Understanding {
  bool understood = false;
  std::uint32_t tag = 0;  // the field in doubt
  const char* why = "";

  explicit operator bool() const { return understood; }
};

// True when the value is not empty, of the field's type and in its list.
bool accepts(const Scope::Member& member, std::string_view value);

class Dictionary {
 public:
  // The error names what is wrong and, for XML that does not parse, the byte.
  static Result<Dictionary> compile(std::string_view xml);

  Dictionary(Dictionary&&) noexcept;
  Dictionary& operator=(Dictionary&&) noexcept;
  ~Dictionary();

  std::string_view begin_string() const;  // "FIX.4.4"
  // The body of a message type; null when the dictionary has none of that name.
  const Scope* message(std::string_view msg_type) const;
  const Scope& header() const;
  const Scope& trailer() const;
  FieldType type(std::uint32_t tag) const;  // kUnknown also when the tag is not in the dictionary
  // True when the field has no enumeration or the value is in it; of a field of several values, each.
  bool allows(std::uint32_t tag, std::string_view value) const;

  // `user_defined_tags`: whether tags from 5000 up that the dictionary does not have are let pass.
  Understanding understand(const ScannedMessage& message, bool user_defined_tags) const;
  // The same answer without the quick way through flat tables, which only ever says yes; with the field in doubt.
  Understanding examine(const ScannedMessage& message, bool user_defined_tags) const;

 private:
  friend class DictionaryCompiler;
  struct Tables;
  explicit Dictionary(std::unique_ptr<Tables> tables);

  std::unique_ptr<Tables> tables_;
};

// The groups of all versions that are built in: how many fields from `at` on (a count field) are one
// group, the count field and nested groups included; 0 when the field there counts no group. Decides by
// tags alone, so it holds for a message of any version.
std::size_t group_extent(std::span<const RawField> fields, std::size_t at);
// Whether it could be more than 0 for a field of this tag.
bool counts_group(std::uint32_t tag);

}  // namespace portcullis::fix
