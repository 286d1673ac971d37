#include "config/loader/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <set>
#include <sstream>
#include <utility>

#include "base/check.h"

namespace portcullis::config {

namespace {

// Leaves the parser at the first thing that a configuration must not hold.
struct Refused {
  Fault fault;
};

class TreeBuilder final : public YAML::EventHandler {
 public:
  YamlNode take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    add(make(mark, YamlNode::Kind::kNull));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(mark, "an alias (*name)", "the value itself: aliases are not read");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    YamlNode node = make(mark, YamlNode::Kind::kScalar);
    node.text = value;
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::kSequence);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    YamlNode key;
    bool has_key = false;
  };

  [[noreturn]] static void refuse(const YAML::Mark& mark, std::string what, std::string expected) {
    throw Refused{Fault{mark.line + 1, mark.column + 1, std::move(what), std::move(expected)}};
  }

  static void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) refuse(mark, "an anchor (&name)", "no anchor: aliases are not read");
  }

  // yaml-cpp reports "?" for a plain value and "!" for a quoted one.
  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") refuse(mark, "a tag (!name)", "the value alone: tags are not read");
  }

  YamlNode make(const YAML::Mark& mark, YamlNode::Kind kind) {
    if (++count_ > kMaxYamlNodes) {
      refuse(mark, "too many values", "at most " + std::to_string(kMaxYamlNodes) + " in one file");
    }
    YamlNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlNode::Kind kind) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (open_.size() >= static_cast<std::size_t>(kMaxYamlDepth)) {
      refuse(mark, "values nested too deeply", "at most " + std::to_string(kMaxYamlDepth) + " levels");
    }
    open_.push_back(Open{make(mark, kind), YamlNode(), false});
  }

  void close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  void add(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::kSequence) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.has_key) {
      parent.node.entries.push_back(YamlEntry{std::move(parent.key), std::move(node)});
      parent.has_key = false;
    } else {
      if (node.kind != YamlNode::Kind::kScalar) {
        throw Refused{Fault{node.line, node.column, "a key that is no text", "a name before the colon"}};
      }
      parent.key = std::move(node);
      parent.has_key = true;
    }
  }

  YamlNode root_;
  std::vector<Open> open_;
  std::size_t count_ = 0;
};

void find_duplicate_keys(const YamlNode& node, std::vector<Fault>& faults) {
  std::set<std::string_view> keys;
  for (const YamlEntry& entry : node.entries) {
    if (!keys.insert(entry.key.text).second) {
      faults.push_back(
          Fault{entry.key.line, entry.key.column, "the key '" + entry.key.text + "' a second time", "each key once"});
    }
    find_duplicate_keys(entry.value, faults);
  }
  for (const YamlNode& item : node.items) find_duplicate_keys(item, faults);
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const YamlEntry& entry : entries) {
    if (entry.key.text == key) return &entry.value;
  }
  return nullptr;
}

std::string to_text(const Fault& fault, std::string_view file) {
  std::string text(file);
  text.append(":").append(std::to_string(fault.line)).append(":").append(std::to_string(fault.column)).append(": ");
  text.append(fault.what).append(", expected ").append(fault.expected);
  return text;
}

YamlNode parse_yaml(const std::string& text, std::vector<Fault>& faults) {
  if (text.size() > kMaxYamlBytes) {
    faults.push_back(
        Fault{1, 1, "a file of " + std::to_string(text.size()) + " bytes", "at most " + std::to_string(kMaxYamlBytes)});
    return YamlNode();
  }
  TreeBuilder builder;
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      faults.push_back(Fault{1, 1, "an empty file", "a configuration in YAML"});
      return YamlNode();
    }
    TreeBuilder second;
    if (parser.HandleNextDocument(second)) {
      const YamlNode extra = second.take_root();
      faults.push_back(Fault{extra.line, extra.column, "a second document", "one document in the file"});
      return YamlNode();
    }
  } catch (const Refused& refused) {
    faults.push_back(refused.fault);
    return YamlNode();
  } catch (const YAML::Exception& error) {
    faults.push_back(Fault{error.mark.line + 1, error.mark.column + 1, "no YAML: " + error.msg, "valid YAML"});
    return YamlNode();
  }
  YamlNode root = builder.take_root();
  find_duplicate_keys(root, faults);
  return root;
}

}  // namespace portcullis::config
