#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/gateway/fixture.h"

namespace portcullis::gateway::testing {

// A trading day by chance: orders, cancels, replaces and status requests of both clients, reports and refusals
// of both brokers with ExecIDs and ClOrdIDs that repeat, lines that break, an operator who acts, time that
// passes. One step at a time, chosen by what a gateway knows, so that the same step can be given to another.
class RandomFlow {
 public:
  using Step = std::function<std::vector<Sent>(Gateway&)>;

  explicit RandomFlow(std::uint64_t seed) : random_(seed) {}
  Step next(const Gateway& gateway);
  // ExecIDs are drawn anew from here on: none of before comes again.
  void begin_exec_ids(std::string prefix) { exec_ids_ = std::move(prefix); }
  // Only what is told here rolls the day.
  void leave_the_day_alone() { rolls_ = false; }

 private:
  std::uint64_t below(std::uint64_t count) { return random_() % count; }
  bool one_in(std::uint64_t count) { return below(count) == 0; }
  std::string cl_ord_id() { return "C" + std::to_string(below(400)); }
  Step client_step(const Gateway& gateway);
  Step broker_step(const Gateway& gateway);
  Step operator_step(const Gateway& gateway);
  Step line_step(const Gateway& gateway);

  std::mt19937_64 random_;
  std::string exec_ids_ = "E";
  bool rolls_ = true;
};

}  // namespace portcullis::gateway::testing
