#pragma once

#include <cstdint>
#include <set>

#include "base/result.h"
#include "config/config.h"

// Which processors the threads run on (`core_cpu` and `other_cpus` of the configuration). A thread hands its
// processors on to the threads that it starts, so the others are placed first, before there are any, and the core
// thread last.

namespace portcullis::app {

struct Processors {
  std::set<std::uint16_t> core;    // empty: wherever the system likes
  std::set<std::uint16_t> others;  // empty: wherever the system likes

  // Checked against `allowed`, what the process may use. The error names the key.
  static Result<Processors> of(const config::GatewaySection& section, const std::set<std::uint16_t>& allowed);
};

// Of the calling thread.
Result<std::set<std::uint16_t>> allowed_processors();
// The calling thread runs on these from here on; an empty set changes nothing.
Status place_thread(const std::set<std::uint16_t>& processors);

}  // namespace portcullis::app
