#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.h"
#include "config/loader/loader.h"
#include "config/loader/values.h"
#include "config/loader/yaml_tree.h"

// Reading one value of the tree into one member, with the fault said in full where it does not fit.
// A value that is refused leaves the member as it was and reading goes on, so that all faults come
// out in one go.

namespace portcullis::config {

// What one load shares.
struct Context {
  const LoadOptions& options;
  bool core_only = false;  // a text that core_text() wrote
  std::vector<Fault> faults;
  std::vector<Fault> warnings;
};

class MapReader;

class Value {
 public:
  // `name` is the key, for messages. Context and node outlive the Value.
  Value(Context& context, const YamlNode& node, std::string name)
      : context_(context), node_(node), name_(std::move(name)) {}

  Context& context() const { return context_; }
  const YamlNode& node() const { return node_; }
  const std::string& name() const { return name_; }

  void fault(std::string what, std::string expected) const;
  void warn(std::string what, std::string expected) const;
  // "NAME is 'TEXT', expected …".
  void wrong(std::string expected) const;

  // The text of a scalar; else a fault and nothing.
  const std::string* scalar(const std::string& expected) const;

  void boolean(bool& out) const;
  template <std::integral T>
  void integer(T& out, std::int64_t min, std::int64_t max) const {
    if (const auto value = integer_within(min, max)) out = static_cast<T>(*value);
  }
  // Whole seconds.
  void seconds(Duration& out, std::int64_t min, std::int64_t max) const;

  enum class Sign { kPositive, kNotNegative };
  template <typename T>
  void decimal(T& out, Sign sign, const char* unit) const;

  // Letters, digits and _ . - only, for ids that also stand in URLs and metrics.
  void id(std::string& out) const;
  // Printable ASCII without blanks at its ends, 1 to `max_length` characters: what may stand in a FIX field.
  void fix_text(std::string& out, std::size_t max_length) const;
  void symbol(std::string& out) const { fix_text(out, kMaxSymbolLength); }
  // ISO 4217: three capitals.
  void currency(std::string& out) const;
  void time_zone(std::string& out) const;
  // Text with ${env:NAME} replaced. Never shown in a message.
  void secret(Secret& out, std::size_t max_length) const;
  // A path, made absolute.
  void path(std::string& out) const;
  // The same, and the file must be readable.
  void file(std::string& out) const;

  // One of `all`, by its to_text().
  template <typename Enum, std::size_t N>
  void choice(Enum& out, const Enum (&all)[N]) const;

  // A sequence; `read` is called for each item. At most `max` items.
  template <typename Read>
  void list(std::size_t min, std::size_t max, Read read) const;
  // A single value, or a sequence of them: `symbol: X` is `symbol: [X]`.
  template <typename Read>
  void one_or_list(std::size_t max, Read read) const;
  // A map with keys of the file's own choice; `read(key_value, entry_value)` for each.
  template <typename Read>
  void entries(std::size_t max, Read read) const;

 private:
  std::optional<std::int64_t> integer_within(std::int64_t min, std::int64_t max) const;
  bool check_count(std::size_t count, std::size_t min, std::size_t max) const;
  std::optional<std::string> substituted(const std::string& text) const;

  Context& context_;
  const YamlNode& node_;
  std::string name_;
};

// A map with known keys: each is named by a call, and finish() refuses the others.
class MapReader {
 public:
  // Not a map: a fault, and no key is asked for.
  explicit MapReader(const Value& value);

  bool is_map() const { return is_map_; }
  // Whether the key is there; names it as known.
  bool has(const std::string& key);

  template <typename Read>
  void required(const std::string& key, Read read) {
    if (const YamlNode* node = look_up(key, true)) read(Value(value_.context(), *node, key));
  }
  template <typename Read>
  void optional(const std::string& key, Read read) {
    if (const YamlNode* node = look_up(key, false)) read(Value(value_.context(), *node, key));
  }
  // Required in a file, absent in a text that core_text() wrote.
  template <typename Read>
  void required_outside_core(const std::string& key, Read read) {
    if (const YamlNode* node = look_up(key, !value_.context().core_only)) read(Value(value_.context(), *node, key));
  }
  void finish();

 private:
  const YamlNode* look_up(const std::string& key, bool required);

  const Value value_;
  bool is_map_;
  std::vector<std::string> known_;
};

template <typename T>
void Value::decimal(T& out, Sign sign, const char* unit) const {
  const std::string expected =
      std::string(sign == Sign::kPositive ? "a decimal number above 0" : "a decimal number of at least 0") +
      " with at most " + std::to_string(T::kScale) + " decimals (" + unit + ")";
  const std::string* text = scalar(expected);
  if (text == nullptr) return;
  const auto value = T::parse(*text);
  if (!value || value->is_negative() || (sign == Sign::kPositive && value->is_zero())) {
    wrong(expected);
    return;
  }
  out = *value;
}

template <typename Enum, std::size_t N>
void Value::choice(Enum& out, const Enum (&all)[N]) const {
  std::vector<std::string> names;
  for (const Enum value : all) names.emplace_back(to_text(value));
  const std::string* text = scalar(list_of(names));
  if (text == nullptr) return;
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == *text) {
      out = all[i];
      return;
    }
  }
  wrong(list_of(names));
}

template <typename Read>
void Value::list(std::size_t min, std::size_t max, Read read) const {
  if (node_.kind != YamlNode::Kind::kSequence) {
    wrong("a list such as [A, B]");
    return;
  }
  if (!check_count(node_.items.size(), min, max)) return;
  for (const YamlNode& item : node_.items) read(Value(context_, item, name_));
}

template <typename Read>
void Value::one_or_list(std::size_t max, Read read) const {
  if (node_.kind == YamlNode::Kind::kScalar) {
    read(*this);
  } else {
    list(1, max, read);
  }
}

template <typename Read>
void Value::entries(std::size_t max, Read read) const {
  if (node_.kind != YamlNode::Kind::kMap) {
    wrong("a map such as {NAME: VALUE}");
    return;
  }
  if (!check_count(node_.entries.size(), 0, max)) return;
  for (const YamlEntry& entry : node_.entries) {
    read(Value(context_, entry.key, name_), Value(context_, entry.value, entry.key.text));
  }
}

}  // namespace portcullis::config
