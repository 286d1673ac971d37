#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

// What a configuration changes against the one that runs, and what a running gateway cannot take.

namespace portcullis::app {

struct ConfigurationChange {
  // Keys as `gateway.id`, whose values only a start can change.
  std::vector<std::string> fixed_keys;
  // Sessions by the ids of clients and brokers, which differ from each other.
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<std::string> restarted;    // what the session itself is made of has changed: it has to end first
  std::vector<std::string> reconnected;  // brokers: the pauses between attempts; the connection that stands is kept
};

ConfigurationChange compare(const config::Config& running, const config::Config& next);

}  // namespace portcullis::app
