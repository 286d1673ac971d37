#include "config/loader/reader.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

namespace portcullis::config {

namespace {

// Printable ASCII without the blank.
bool is_graphic(char c) {
  return c > ' ' && c < 0x7f;
}

bool is_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

}  // namespace

void Value::fault(std::string what, std::string expected) const {
  context_.faults.push_back(Fault{node_.line, node_.column, std::move(what), std::move(expected)});
}

void Value::warn(std::string what, std::string expected) const {
  context_.warnings.push_back(Fault{node_.line, node_.column, std::move(what), std::move(expected)});
}

void Value::wrong(std::string expected) const {
  switch (node_.kind) {
    case YamlNode::Kind::kNull:
      return fault(name_ + " has no value", std::move(expected));
    case YamlNode::Kind::kScalar:
      return fault(name_ + " is " + shown(node_.text), std::move(expected));
    case YamlNode::Kind::kSequence:
      return fault(name_ + " is a list", std::move(expected));
    case YamlNode::Kind::kMap:
      return fault(name_ + " is a map", std::move(expected));
  }
}

const std::string* Value::scalar(const std::string& expected) const {
  if (node_.kind == YamlNode::Kind::kScalar) return &node_.text;
  wrong(expected);
  return nullptr;
}

void Value::boolean(bool& out) const {
  const std::string* text = scalar("true or false");
  if (text == nullptr) return;
  if (*text != "true" && *text != "false") return wrong("true or false");
  out = *text == "true";
}

std::optional<std::int64_t> Value::integer_within(std::int64_t min, std::int64_t max) const {
  const std::string expected = "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
  const std::string* text = scalar(expected);
  if (text == nullptr) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < min || value > max) {
    wrong(expected);
    return std::nullopt;
  }
  return value;
}

void Value::seconds(Duration& out, std::int64_t min, std::int64_t max) const {
  if (const auto value = integer_within(min, max)) out = Duration::seconds(*value);
}

void Value::id(std::string& out) const {
  const std::string expected =
      "1 to " + std::to_string(kMaxIdLength) + " letters, digits, hyphens, points or underscores";
  const std::string* text = scalar(expected);
  if (text == nullptr) return;
  if (text->empty() || text->size() > kMaxIdLength || !std::all_of(text->begin(), text->end(), is_id_character)) {
    return wrong(expected);
  }
  out = *text;
}

void Value::fix_text(std::string& out, std::size_t max_length) const {
  const std::string expected =
      "1 to " + std::to_string(max_length) + " printable ASCII characters without a blank at either end";
  const std::string* text = scalar(expected);
  if (text == nullptr) return;
  const bool printable = std::all_of(text->begin(), text->end(), [](char c) { return is_graphic(c) || c == ' '; });
  if (text->empty() || text->size() > max_length || !printable || text->front() == ' ' || text->back() == ' ') {
    return wrong(expected);
  }
  out = *text;
}

void Value::currency(std::string& out) const {
  const char* const expected = "an ISO 4217 currency of three capital letters, such as USD";
  const std::string* text = scalar(expected);
  if (text == nullptr) return;
  if (text->size() != 3 || !std::all_of(text->begin(), text->end(), [](char c) { return c >= 'A' && c <= 'Z'; })) {
    return wrong(expected);
  }
  out = *text;
}

void Value::time_zone(std::string& out) const {
  const char* const expected = "an IANA time zone that this machine knows, such as America/New_York";
  const std::string* text = scalar(expected);
  if (text == nullptr) return;
  if (text->empty() || text->size() > 64 || !known_time_zone(*text)) return wrong(expected);
  out = *text;
}

std::optional<std::string> Value::substituted(const std::string& text) const {
  std::string result;
  std::size_t position = 0;
  while (true) {
    const std::size_t start = text.find("${", position);
    result.append(text, position, start == std::string::npos ? std::string::npos : start - position);
    if (start == std::string::npos) return result;
    const std::size_t end = text.find('}', start);
    const std::string inside = text.substr(start + 2, end == std::string::npos ? end : end - start - 2);
    const bool well_formed = end != std::string::npos && inside.size() > 4 && inside.compare(0, 4, "env:") == 0 &&
                             std::all_of(inside.begin() + 4, inside.end(),
                                         [](char c) { return is_id_character(c) && c != '.' && c != '-'; });
    if (!well_formed) {
      fault(name_ + " holds '${' that names no variable", "${env:NAME} with letters, digits and underscores");
      return std::nullopt;
    }
    const std::string variable = inside.substr(4);
    const auto value = context_.options.environment(variable);
    if (!value) {
      fault(name_ + " needs the environment variable " + shown(variable) + ", which is not set",
            "the variable in the environment of the process");
      return std::nullopt;
    }
    result.append(*value);
    position = end + 1;
  }
}

void Value::secret(Secret& out, std::size_t max_length) const {
  const std::string expected = "1 to " + std::to_string(max_length) + " printable ASCII characters without blanks";
  if (node_.kind != YamlNode::Kind::kScalar) return wrong(expected);
  const auto text = substituted(node_.text);
  if (!text) return;
  if (text->empty() || text->size() > max_length || !std::all_of(text->begin(), text->end(), is_graphic)) {
    return fault(name_ + " is empty, too long or holds other characters (not shown)", expected);
  }
  out = Secret(*text);
}

void Value::path(std::string& out) const {
  const std::string* text = scalar("a path");
  if (text == nullptr) return;
  if (text->empty() || text->size() > 1024 || text->find('\0') != std::string::npos) {
    return wrong("a path of at most 1024 characters");
  }
  const std::filesystem::path base(context_.options.base_directory);
  out = (base / *text).lexically_normal().string();
}

void Value::file(std::string& out) const {
  std::string name;
  path(name);
  if (name.empty()) return;
  if (context_.options.check_files && ::access(name.c_str(), R_OK) != 0) {
    return fault(name_ + " names the file " + shown(name) + ", which cannot be read",
                 "a readable file, relative to the configuration file");
  }
  out = name;
}

bool Value::check_count(std::size_t count, std::size_t min, std::size_t max) const {
  if (count >= min && count <= max) return true;
  fault(name_ + " has " + std::to_string(count) + " entries",
        std::to_string(min) + " to " + std::to_string(max) + " entries");
  return false;
}

MapReader::MapReader(const Value& value) : value_(value), is_map_(value.node().kind == YamlNode::Kind::kMap) {
  if (!is_map_) value_.wrong("a map of keys and values");
}

bool MapReader::has(const std::string& key) {
  known_.push_back(key);
  return value_.node().find(key) != nullptr;
}

const YamlNode* MapReader::look_up(const std::string& key, bool required) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.push_back(key);
  if (!is_map_) return nullptr;
  const YamlNode* node = value_.node().find(key);
  if (node == nullptr && required) {
    value_.fault(value_.name() + " has no key '" + key + "'", "the key '" + key + "'");
  }
  return node;
}

void MapReader::finish() {
  for (const YamlEntry& entry : value_.node().entries) {
    const std::string& key = entry.key.text;
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    const auto nearest = nearest_name(key, known_);
    const std::string expected = nearest ? "'" + *nearest + "', the nearest known key" : list_of(known_);
    Value(value_.context(), entry.key, key).fault("unknown key " + shown(key) + " in " + value_.name(), expected);
  }
}

}  // namespace portcullis::config
