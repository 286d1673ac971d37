#include "config/loader/loader.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include "config/loader/cross_checks.h"
#include "config/loader/reader.h"
#include "config/loader/sections.h"

namespace portcullis::config {

namespace {

// More faults than a person reads; the rest come out when these are mended.
constexpr std::size_t kMaxFaults = 200;

void sort_by_place(std::vector<Fault>& faults) {
  std::stable_sort(faults.begin(), faults.end(), [](const Fault& a, const Fault& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
}

void read_sections(Context& context, const YamlNode& root, Config& config) {
  const Value value(context, root, "the file");
  MapReader map(value);
  map.required("gateway", [&](const Value& v) { read_gateway(v, config.gateway); });
  map.required_outside_core("acceptor", [&](const Value& v) { read_acceptor(v, config.acceptor); });
  map.required("clients", [&](const Value& v) { read_clients(v, config.clients); });
  map.required("brokers", [&](const Value& v) { read_brokers(v, config.brokers); });
  map.required("routes", [&](const Value& v) { read_routes(v, config.routes); });
  map.required("instruments", [&](const Value& v) { read_instruments(v, config.instruments); });
  map.required("reference", [&](const Value& v) { read_reference(v, config.reference); });
  map.required("risk", [&](const Value& v) { read_risk(v, config.risk); });
  map.required_outside_core("blotter", [&](const Value& v) { read_blotter(v, config.blotter); });
  map.required_outside_core("admin", [&](const Value& v) { read_admin(v, config.admin); });
  map.optional("emergency", [&](const Value& v) { read_emergency(v, config.emergency); });
  if (context.core_only) map.optional("operators", [&](const Value& v) { read_operators(v, config.admin); });
  map.optional("alerts", [&](const Value& v) { read_alerts(v, config.alerts); });
  map.finish();
}

void note_places(const YamlNode& root, std::map<std::string, Place, std::less<>>& places) {
  for (const YamlEntry& section : root.entries) {
    places[section.key.text] = Place{section.key.line, section.key.column};
    for (const YamlEntry& entry : section.value.entries) {
      places[section.key.text + "." + entry.key.text] = Place{entry.key.line, entry.key.column};
    }
  }
}

Result<Loaded, LoadFailure> load(const std::string& text, const LoadOptions& options, bool core_only) {
  Context context{options, core_only, {}, {}};
  Loaded loaded;
  const YamlNode root = parse_yaml(text, context.faults);
  if (context.faults.empty() || root.kind == YamlNode::Kind::kMap) {
    read_sections(context, root, loaded.config);
    if (root.kind == YamlNode::Kind::kMap) check_across(context, root, loaded.config);
  }
  sort_by_place(context.faults);
  if (!context.faults.empty()) {
    if (context.faults.size() > kMaxFaults) {
      const std::size_t more = context.faults.size() - kMaxFaults;
      context.faults.resize(kMaxFaults);
      const Fault& last = context.faults.back();
      context.faults.push_back(
          Fault{last.line, last.column, "and " + std::to_string(more) + " more faults", "these mended first"});
    }
    return LoadFailure{std::move(context.faults)};
  }
  note_places(root, loaded.places);
  sort_by_place(context.warnings);
  loaded.warnings = std::move(context.warnings);
  return loaded;
}

LoadFailure unreadable(std::string what) {
  return LoadFailure{{Fault{1, 1, std::move(what), "a configuration file in YAML that can be read"}}};
}

// The lines of one section, which stand for themselves where others are no YAML.
std::string section_of(const std::string& text, const std::string& name) {
  std::string section;
  bool inside = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const bool top_level = text.find_first_of(" \t#\r\n", at) != at;
    if (top_level) inside = text.compare(at, name.size() + 1, name + ":") == 0;
    if (inside) section.append(text, at, end - at);
    at = end;
  }
  return section;
}

Result<std::string, LoadFailure> read_text(const std::string& path, std::string& base_directory) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  const auto type = std::filesystem::status(absolute, error).type();
  if (path.empty() || type == std::filesystem::file_type::not_found) return unreadable("no such file");
  if (type == std::filesystem::file_type::directory) return unreadable("a directory");
  if (type == std::filesystem::file_type::none) return unreadable("the file cannot be read: " + error.message());
  if (type != std::filesystem::file_type::regular) return unreadable("no regular file");
  std::ifstream stream(absolute, std::ios::binary);
  // One byte more than is allowed, so that parse_yaml refuses what is too long.
  std::string text(kMaxYamlBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (stream.bad() || (!stream.eof() && text.empty())) return unreadable("the file cannot be read");
  base_directory = absolute.parent_path().string();
  return text;
}

}  // namespace

Place Loaded::place_of(std::string_view key) const {
  auto found = places.find(key);
  if (found == places.end()) found = places.find(key.substr(0, key.find('.')));
  return found == places.end() ? Place{} : found->second;
}

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

Result<Loaded, LoadFailure> load_file(const std::string& path, const Environment& environment) {
  LoadOptions options;
  options.environment = environment;
  const auto text = read_text(path, options.base_directory);
  if (!text) return text.error();
  return load(*text, options, false);
}

Result<std::string, LoadFailure> load_data_dir(const std::string& path) {
  LoadOptions options;
  const auto text = read_text(path, options.base_directory);
  if (!text) return text.error();
  Context context{options, false, {}, {}};
  YamlNode root = parse_yaml(*text, context.faults);
  if (root.find("gateway") == nullptr) {
    std::vector<Fault> of_the_file = std::exchange(context.faults, {});
    root = parse_yaml(section_of(*text, "gateway"), context.faults);
    if (root.find("gateway") == nullptr) context.faults = std::move(of_the_file);
  }
  const YamlNode* const gateway = root.find("gateway");
  const YamlNode* const node = gateway == nullptr ? nullptr : gateway->find("data_dir");
  std::string directory;
  if (node != nullptr) {
    context.faults.clear();  // of the rest
    Value(context, *node, "data_dir").path(directory);
  } else if (context.faults.empty()) {
    context.faults.push_back(Fault{1, 1, "the file has no gateway.data_dir", "the directory of the running gateway"});
  }
  if (!context.faults.empty()) return LoadFailure{std::move(context.faults)};
  return directory;
}

Result<Loaded, LoadFailure> load_text(const std::string& text, const LoadOptions& options) {
  return load(text, options, false);
}

Result<Loaded, LoadFailure> load_core_text(const std::string& text) {
  LoadOptions options;
  options.check_files = false;
  return load(text, options, true);
}

Result<RiskSection, LoadFailure> load_limits(const std::string& text) {
  LoadOptions options;
  options.check_files = false;
  Context context{options, false, {}, {}};
  RiskSection limits;
  const YamlNode root = parse_yaml(text, context.faults);
  if (context.faults.empty() && root.kind == YamlNode::Kind::kMap)
    read_shadow(Value(context, root, "the file"), limits);
  if (context.faults.empty() && root.kind != YamlNode::Kind::kMap) {
    return unreadable("the file holds no map");
  }
  sort_by_place(context.faults);
  if (!context.faults.empty()) return LoadFailure{std::move(context.faults)};
  return limits;
}

std::string warning_text(const Fault& warning, std::string_view file) {
  std::string text(file);
  text.append(":").append(std::to_string(warning.line)).append(":").append(std::to_string(warning.column));
  text.append(": warning: ").append(warning.what);
  if (!warning.expected.empty()) text.append("; better: ").append(warning.expected);
  return text;
}

}  // namespace portcullis::config
