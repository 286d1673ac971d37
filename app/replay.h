#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

// `portcullis journal replay`: rebuilds the state from a journal, twice. One core folds the events that were recorded, as a
// start does. The other decides anew whatever a record holds the whole input of, and must come to the same bytes: starts,
// configurations, messages of clients and brokers, what sessions did by themselves, ticks. An operator's command stands
// in its record in words only, and is folded. For the build that wrote the journal; a later one may decide otherwise, and
// says so.

namespace portcullis::app {

struct ReplayReport {
  std::uint64_t records = 0;
  std::uint64_t decided_anew = 0;  // and found the same, byte for byte
  std::uint64_t folded_only = 0;   // the input is not in the record as a whole: operators' commands
  std::uint64_t orders = 0;
  std::uint64_t open_orders = 0;
  std::uint64_t executions = 0;
  std::uint64_t differences = 0;
  std::string first_difference;  // what, and in which record
};

// The error says what could not be read or folded.
Result<ReplayReport> replay_journal(const std::string& journal_directory);

}  // namespace portcullis::app
