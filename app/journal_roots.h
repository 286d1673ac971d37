#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"

// The journal's history as one chain of SHA-256, so that what was exported once proves that nothing before it has
// changed since (docs/journal.md, Roots):
//
//   h(0) = SHA-256("portcullis-journal" | journal id)      h(i) = SHA-256(h(i-1) | index | payload)
//
// with id and index as 8 bytes, little-endian. The root of a UTC day is h of its last record.

namespace portcullis::app {

struct JournalRoot {
  std::string date;  // of the records' time
  std::uint64_t first_index = 0;
  std::uint64_t last_index = 0;
  std::string root;  // 64 hexadecimal digits
};

struct JournalRoots {
  std::string journal_id;  // 16 hexadecimal digits
  std::uint64_t records = 0;
  std::uint64_t last_index = 0;
  std::string root;  // of all
};

// Calls `tell` for each day in turn. Records of a day that come behind a later one (a clock that went back) belong to
// the later day.
Result<JournalRoots> read_roots(const std::string& journal_directory,
                                const std::function<void(const JournalRoot&)>& tell);

}  // namespace portcullis::app
