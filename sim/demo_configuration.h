#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace portcullis::sim {

struct DemoPorts {
  std::uint16_t clients = 0, northbank = 0, southbank = 0, admin = 0;
};

// The text of a configuration file for `portcullis run`: clients ALPHA (4.4) and BETA (4.2), brokers NORTHBANK (4.4)
// and SOUTHBANK (4.2), limits of the reference configuration. Tokens come from the environment.
std::string demo_configuration(const DemoPorts& ports, const std::string& durability);

// Writes the built-in data dictionary of FIX.4.2 or FIX.4.4 into the directory, so that a counterparty on QuickFIX can
// validate what the gateway sends. The file's path.
Result<std::string> write_dictionary(const std::string& directory, const std::string& version);

// The tokens that the configuration names, new random ones: variable and value.
std::vector<std::pair<std::string, std::string>> demo_tokens();

}  // namespace portcullis::sim
