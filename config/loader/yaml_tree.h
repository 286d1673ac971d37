#pragma once

#include <string>
#include <string_view>
#include <vector>

// YAML text as a tree of texts with their places, and nothing more: no types are guessed, so a
// decimal stays the text that was written. yaml-cpp parses; this keeps what it reports within bounds.
// Refused, as none of it belongs in a configuration: anchors and aliases (a short file can mean a
// huge one), tags, several documents, keys that are not plain texts, the same key twice.

namespace portcullis::config {

// More is a fault, found before any of it is kept.
inline constexpr std::size_t kMaxYamlBytes = 1024 * 1024;
inline constexpr std::size_t kMaxYamlNodes = 100'000;
inline constexpr int kMaxYamlDepth = 16;

struct YamlEntry;

struct YamlNode {
  enum class Kind : std::uint8_t { kNull, kScalar, kSequence, kMap };

  Kind kind = Kind::kNull;
  int line = 1;                    // from 1
  int column = 1;                  // from 1, in characters
  std::string text;                // of a scalar
  std::vector<YamlNode> items;     // of a sequence
  std::vector<YamlEntry> entries;  // of a map, in the order of the text

  // The value of a key, or null when this is no map or has no such key.
  const YamlNode* find(std::string_view key) const;
};

struct YamlEntry {
  YamlNode key;
  YamlNode value;
};

// One thing that is wrong: where, what, and what was expected.
struct Fault {
  int line = 1;
  int column = 1;
  std::string what;
  std::string expected;
  friend bool operator==(const Fault&, const Fault&) = default;
};

// "FILE:LINE:COLUMN: what, expected what".
std::string to_text(const Fault& fault, std::string_view file);

// The root of the text. When `faults` is not empty afterwards the tree is not to be used. Never throws.
YamlNode parse_yaml(const std::string& text, std::vector<Fault>& faults);

}  // namespace portcullis::config
