#include <algorithm>
#include <map>
#include <pugixml.hpp>
#include <string>

#include "fix/dictionary.h"
#include "fix/dictionary/embedded.h"
#include "fix/dictionary/tables.h"

// Reads QuickFIX's XML: fields, components, header, trailer, messages. What QuickFIX would refuse is
// refused here too, with the element's name.

namespace portcullis::fix {

namespace {

constexpr int kMaxComponentDepth = 16;
// A dictionary may nest deeper than a message may that the lane takes (kMaxGroupDepth).
constexpr int kMaxDictionaryDepth = 8;

struct TypeName {
  std::string_view name;
  FieldType type;
};
// As QuickFIX 1.15.1 understands them; a name that is not here is any text, there as here.
constexpr TypeName kTypeNames[] = {
    {"STRING", FieldType::kText},
    {"CHAR", FieldType::kChar},
    {"PRICE", FieldType::kDecimal},
    {"INT", FieldType::kInteger},
    {"AMT", FieldType::kDecimal},
    {"QTY", FieldType::kDecimal},
    {"CURRENCY", FieldType::kText},
    {"MULTIPLEVALUESTRING", FieldType::kMultiple},
    {"MULTIPLESTRINGVALUE", FieldType::kMultiple},
    {"MULTIPLECHARVALUE", FieldType::kMultiple},
    {"EXCHANGE", FieldType::kText},
    {"UTCTIMESTAMP", FieldType::kTimestamp},
    {"BOOLEAN", FieldType::kBoolean},
    {"LOCALMKTDATE", FieldType::kDate},
    {"DATA", FieldType::kData},
    {"FLOAT", FieldType::kDecimal},
    {"PRICEOFFSET", FieldType::kDecimal},
    {"MONTHYEAR", FieldType::kText},
    {"DAYOFMONTH", FieldType::kInteger},
    {"UTCDATE", FieldType::kDate},
    {"UTCDATEONLY", FieldType::kDate},
    {"UTCTIMEONLY", FieldType::kTime},
    {"NUMINGROUP", FieldType::kInteger},
    {"SEQNUM", FieldType::kInteger},
    {"LENGTH", FieldType::kInteger},
    {"PERCENTAGE", FieldType::kDecimal},
    {"COUNTRY", FieldType::kText},
    {"TIME", FieldType::kTimestamp},
};

}  // namespace

class DictionaryCompiler {
 public:
  Result<Dictionary> compile(std::string_view xml) {
    if (xml.size() > kMaxDictionaryBytes) return Error{"the data dictionary is larger than 8 MiB"};
    pugi::xml_document document;
    const pugi::xml_parse_result parsed = document.load_buffer(xml.data(), xml.size());
    if (!parsed) {
      return Error{"the data dictionary is not XML: " + std::string(parsed.description()) + " at byte " +
                   std::to_string(parsed.offset)};
    }
    const pugi::xml_node root = document.child("fix");
    if (!root) return Error{"the data dictionary has no element <fix>"};
    const std::string type = root.attribute("type").as_string("FIX");
    tables_->begin_string = type + "." + root.attribute("major").value() + "." + root.attribute("minor").value();
    for (const pugi::xml_node component : root.child("components").children("component")) {
      components_[component.attribute("name").value()] = component;
    }
    read_fields(root.child("fields"));
    read_scope(root.child("header"), tables_->header, "the header", 0, 0);
    read_scope(root.child("trailer"), tables_->trailer, "the trailer", 0, 0);
    for (const pugi::xml_node message : root.child("messages").children("message")) {
      const std::string msg_type = message.attribute("msgtype").value();
      if (msg_type.empty()) fail("a message has no attribute msgtype");
      auto scope = std::make_unique<Scope>();
      read_scope(message, *scope, "message " + msg_type, 0, 0);
      if (msg_type.size() == 1 && static_cast<unsigned char>(msg_type[0]) < 128) {
        tables_->short_messages[static_cast<unsigned char>(msg_type[0])] = scope.get();
      }
      tables_->messages.emplace_back(msg_type, std::move(scope));
      if (!error_.empty()) break;
    }
    if (tables_->messages.empty()) fail("the data dictionary has no messages");
    if (tables_->header.find(8) == nullptr || tables_->trailer.find(10) == nullptr) {
      fail("the data dictionary's header lacks BeginString(8) or its trailer CheckSum(10)");
    }
    if (!error_.empty()) return Error{error_};
    for (std::size_t letter = 0; letter < tables_->profiles.size(); ++letter) {
      const Scope* const body = tables_->short_messages[letter];
      if (body == nullptr) continue;
      tables_->profiles[letter] = profile_of(tables_->header, *body, tables_->trailer);
    }
    return Dictionary(std::move(tables_));
  }

 private:
  void fail(const std::string& what) {
    if (error_.empty()) error_ = what;
  }

  void read_fields(const pugi::xml_node& parent) {
    for (const pugi::xml_node node : parent.children("field")) {
      const std::string name = node.attribute("name").value();
      const unsigned tag = node.attribute("number").as_uint();
      if (name.empty() || tag == 0 || tag > kMaxDictionaryTag) {
        return fail("field '" + name + "' needs a name and a number from 1 to 65535");
      }
      if (!numbers_.emplace(name, tag).second) return fail("field '" + name + "' is defined more than once");
      if (tag >= tables_->fields.size()) tables_->fields.resize(tag + 1);
      Dictionary::Tables::Field& field = tables_->fields[tag];
      const std::string_view type = node.attribute("type").value();
      field.known = true;
      for (const TypeName& candidate : kTypeNames) {
        if (candidate.name == type) field.type = candidate.type;
      }
      if (!node.child("value")) continue;
      if (field.values == nullptr) field.values = std::make_unique<Enumeration>();
      Enumeration& values = *field.values;
      values.closed = true;
      for (const pugi::xml_node value : node.children("value")) {
        const std::string text = value.attribute("enum").value();
        if (text.size() == 1 && static_cast<unsigned char>(text[0]) < 128) {
          const auto c = static_cast<unsigned char>(text[0]);
          values.single[c / 64] |= std::uint64_t{1} << (c % 64);
        } else {
          values.longer.push_back(text);
        }
      }
      std::sort(values.longer.begin(), values.longer.end());
    }
  }

  // Appends the members that stand under `parent`; a component's members count as its user's.
  void read_scope(const pugi::xml_node& parent, Scope& scope, const std::string& where, int depth,
                  int component_depth) {
    if (!parent) return fail(where + " is missing");
    for (const pugi::xml_node node : parent.children()) {
      if (!error_.empty()) return;
      const std::string_view kind = node.name();
      const std::string name = node.attribute("name").value();
      const std::string_view flag = node.attribute("required").value();
      const bool required = flag == "Y" || flag == "y";
      if (kind == "component") {
        const auto component = components_.find(name);
        if (component == components_.end()) return fail(where + ": component '" + name + "' is not defined");
        if (component_depth == kMaxComponentDepth) return fail(where + ": components nest too deep");
        // Flags inside an optional component do not bind, as in QuickFIX.
        const std::size_t before = scope.members_.size();
        read_scope(component->second, scope, where, depth, component_depth + 1);
        if (!required) release_from(scope, before);
        continue;
      }
      if (kind != "field" && kind != "group") continue;
      const auto number = numbers_.find(name);
      if (number == numbers_.end()) return fail(where + ": field '" + name + "' is not defined");
      const std::uint32_t tag = number->second;
      const Scope* group = nullptr;
      if (kind == "group") {
        if (depth == kMaxDictionaryDepth) return fail(where + ": groups nest too deep at '" + name + "'");
        auto entries = std::make_unique<Scope>();
        read_scope(node, *entries, where + ", group " + name, depth + 1, component_depth);
        if (entries->members_.empty()) return fail(where + ": group '" + name + "' is empty");
        group = entries.get();
        tables_->groups.push_back(std::move(entries));
      }
      const Dictionary::Tables::Field& field = tables_->fields[tag];
      add_member(scope, {tag, field.type, required, field.values.get(), group}, where);
    }
  }

  void add_member(Scope& scope, Scope::Member member, const std::string& where) {
    if (scope.members_.size() == kMaxMembers) return fail(where + " has more than 1024 members");
    if (scope.index_.size() <= member.tag) scope.index_.resize(member.tag + 1, Scope::kNoMember);
    if (scope.index_[member.tag] != Scope::kNoMember) return;  // named twice: QuickFIX keeps a set, too
    scope.index_[member.tag] = static_cast<std::uint16_t>(scope.members_.size());
    scope.required_count_ += member.required ? 1 : 0;
    if (member.group != nullptr) {
      scope.groups_print_ = (scope.groups_print_ ^ member.tag) * 0xff51afd7ed558ccdULL;
      scope.groups_print_ ^= scope.groups_print_ >> 32;
      scope.group_counts_.add(member.tag);
      scope.has_far_groups_ |= member.tag >= TagSet::kTags;
    }
    scope.members_.push_back(member);
  }

  void release_from(Scope& scope, std::size_t first) {
    for (std::size_t i = first; i < scope.members_.size(); ++i) {
      if (scope.members_[i].required) --scope.required_count_;
      scope.members_[i].required = false;
    }
  }

  std::unique_ptr<Dictionary::Tables> tables_ = std::make_unique<Dictionary::Tables>();
  std::map<std::string, pugi::xml_node, std::less<>> components_;
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
  std::string error_;
};

Result<Dictionary> Dictionary::compile(std::string_view xml) {
  return DictionaryCompiler().compile(xml);
}

namespace {

// Count tag -> every tag that its entries hold in any built-in version, nested ones included.
class GroupTags {
 public:
  GroupTags() {
    for (const char* file : {"FIX42.xml", "FIX44.xml"}) {
      const Result<Dictionary> dictionary = Dictionary::compile(embedded_dictionary(file));
      PORTCULLIS_CHECK(dictionary.ok(), "a built-in data dictionary does not compile");
      for (const char* type : {"D", "F", "G", "H", "8", "9", "q", "r", "AF"}) {
        if (const Scope* scope = dictionary->message(type)) collect(*scope);
      }
    }
  }
  // Asked for every field of every message, so the answer "no" costs one look at a bit.
  const std::vector<bool>* find(std::uint32_t count_tag) const {
    if (count_tag > kMaxDictionaryTag || (counts_[count_tag / 64] >> count_tag % 64 & 1) == 0) return nullptr;
    return &by_tag_[count_tag];
  }

 private:
  void collect(const Scope& scope) {
    for (const Scope::Member& member : scope.members()) {
      if (member.group == nullptr) continue;
      if (by_tag_.size() <= member.tag) by_tag_.resize(member.tag + 1);
      counts_[member.tag / 64] |= std::uint64_t{1} << member.tag % 64;
      add(*member.group, by_tag_[member.tag]);
      collect(*member.group);
    }
  }
  void add(const Scope& group, std::vector<bool>& tags) {
    for (const Scope::Member& member : group.members()) {
      if (tags.size() <= member.tag) tags.resize(member.tag + 1);
      tags[member.tag] = true;
      if (member.group != nullptr) add(*member.group, tags);
    }
  }

  std::array<std::uint64_t, kMaxDictionaryTag / 64 + 1> counts_ = {};  // which tags count a group
  std::vector<std::vector<bool>> by_tag_;
};

const GroupTags& group_tags() {
  static const GroupTags kGroups;
  return kGroups;
}

}  // namespace

bool counts_group(std::uint32_t tag) {
  return group_tags().find(tag) != nullptr;
}

std::size_t group_extent(std::span<const RawField> fields, std::size_t at) {
  const std::vector<bool>* const tags = group_tags().find(fields[at].tag);
  if (tags == nullptr) [[likely]] {
    return 0;
  }
  std::size_t end = at + 1;
  while (end < fields.size() && fields[end].tag < tags->size() && (*tags)[fields[end].tag]) ++end;
  return end - at;
}

}  // namespace portcullis::fix
