#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "persistence/blotter/rows.h"
#include "persistence/blotter/store.h"

// What a row of decisions leaves to others: the checks' names and limits, and the program and configuration.

namespace portcullis::persistence {

class DecisionReader {
 public:
  // Fills in what DecisionRow says is made when a row is read.
  StoreResult<> complete(BlotterStore& store, std::span<DecisionRow> rows);

 private:
  struct Configuration {
    std::string build_id;
    std::string hash;
  };
  // Rows that never change, so they are kept; all are forgotten where they become many.
  static constexpr std::size_t kMostKept = 10'000;
  std::map<std::int64_t, std::string> plans_;
  std::map<std::int64_t, Configuration> configurations_;
};

}  // namespace portcullis::persistence
