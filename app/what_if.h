#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "config/config.h"

// `portcullis journal replay --with-limits`: which of a journal's orders would have been decided otherwise under other
// limits. The state follows what was recorded; before each order and replace is folded, it is decided once more with
// the limits that were in force and once with those that are asked about, and where the two differ, that is told. What
// would have followed from another decision is not played: each is judged on what really happened before it.

namespace portcullis::app {

struct WhatIfDifference {
  std::uint64_t journal_index = 0;
  std::int64_t time_ns = 0;
  char msg_type = 'D';
  std::string client;
  std::string account;  // as the client named it
  std::string symbol;
  std::string cl_ord_id;
  bool live_accepts = false;
  std::string control;  // that refuses, in the one or the other
  std::string code;
  std::string scope;  // of its check; empty where it was no check
  std::string id;
  std::string usage;  // as all figures, in the scale of the limit
  std::string delta;
  std::string limit;
};

struct WhatIfReport {
  std::uint64_t records = 0;
  std::uint64_t decided = 0;  // orders and replaces
  std::uint64_t would_refuse = 0;
  std::uint64_t would_accept = 0;
  // Which this program decides otherwise than the one that wrote the journal, under the same limits: not compared.
  std::uint64_t passed_over = 0;
};

// Calls `tell` for each difference, in the order of the journal. The error says what could not be read.
Result<WhatIfReport> replay_with_limits(const std::string& journal_directory, const config::RiskSection& limits,
                                        const std::function<void(const WhatIfDifference&)>& tell);

std::string to_text(const WhatIfDifference& difference);
std::string to_json(const WhatIfDifference& difference);

}  // namespace portcullis::app
