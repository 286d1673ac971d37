#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "config/loader/yaml_tree.h"

// The YAML file as a Config, or everything that is wrong with it at once.
//
// The whole file is read and checked before anything is used: each key known (else the nearest known
// one is named), each value of its kind and within its bounds, decimals exactly as written, each name
// that refers to something found. `${env:NAME}` is replaced in users' tokens, password hashes, the
// blotter's URL and the webhook, and nowhere else; a missing variable is a fault. Paths are relative
// to the file. docs/configuration.md lists the keys.

namespace portcullis::config {

// The value of an environment variable, or nothing when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
// The process's own environment.
Environment process_environment();

struct Place {
  int line = 1;
  int column = 1;
};

struct Loaded {
  Config config;
  // Where the file's sections and their keys stand, as `gateway` and `gateway.id`.
  std::map<std::string, Place, std::less<>> places;
  // Of a key, or of its section where the key is not given; 1:1 where that is not given either.
  Place place_of(std::string_view key) const;
  // What works but deserves a look, such as a limit that this release does not enforce. In the order
  // of the file.
  std::vector<Fault> warnings;
};

struct LoadFailure {
  std::vector<Fault> faults;  // at least one, in the order of the file
};

struct LoadOptions {
  Environment environment = process_environment();
  std::string base_directory = ".";  // what relative paths start from
  bool check_files = true;           // TLS files must exist and be readable
};

// Reads the file; a file that cannot be read is a fault at 1:1.
Result<Loaded, LoadFailure> load_file(const std::string& path, const Environment& environment);

// gateway.data_dir alone, whatever else is wrong with the file or missing from the environment: who stops a gateway in an
// emergency has no time to mend it.
Result<std::string, LoadFailure> load_data_dir(const std::string& path);
// The same for a text in memory.
Result<Loaded, LoadFailure> load_text(const std::string& text, const LoadOptions& options);

// A warning as a person reads it: "FILE:LINE:COLUMN: warning: what; better: expected".
std::string warning_text(const Fault& warning, std::string_view file);

// The part of a configuration that decides about orders: gateway id and currency, sessions, routes,
// instruments, reference values and risk; and, as evidence, the names and roles of the admin's users. Everything else
// (addresses, TLS, passwords, tokens, blotter, alerts) is left empty.
Config core_part(const Config& config);

// core_part as canonical YAML without any secret: the journal's record of what decided. Equal core
// parts give equal texts, and load_core_text(core_text(c)) gives core_part(c).
std::string core_text(const Config& config);
Result<Loaded, LoadFailure> load_core_text(const std::string& text);

// A set of limits by itself, of the form of risk.shadow: firm, clients, accounts, brokers, instruments, each with what it
// states. Names are not looked up.
Result<RiskSection, LoadFailure> load_limits(const std::string& text);

}  // namespace portcullis::config
