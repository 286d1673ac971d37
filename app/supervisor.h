#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "gateway/core.h"
#include "session/session_ports.h"

// Control F2: whether the gateway itself is well. Looks at facts of this machine that the core cannot see (a journal
// that lags, a clock that jumped, a full disk) and at what time makes of the core's own state (rates that have died, a
// broker that does not tell its orders), and reports each change of a condition as a command, which is a record like
// any other. What follows, an alert or a state, is the core's to decide. Core thread only.

namespace portcullis::app {

// What is so at the moment of a look.
struct Vitals {
  session::Now now;
  std::uint64_t last_record = 0;     // committed
  std::uint64_t durable_record = 0;  // at most last_record
  bool low_space = false;
};

class Supervisor {
 public:
  using Report = std::function<void(const order::ReportHealth&)>;

  Supervisor(const gateway::Core& core, Report report) : core_(core), report_(std::move(report)) {}

  // To be called often; looks at most each kPeriod.
  void look(const Vitals& vitals);
  // The core's thread has itself waited for the journal's disk, so no look could see a record wait.
  void journal_waited(Duration waited) { journal_waited_ = std::max(journal_waited_, waited); }

  static constexpr Duration kPeriod = Duration::milliseconds(20);
  // A condition is over when it has not been seen for this long.
  static constexpr Duration kCalm = Duration::seconds(5);

 private:
  struct Watched {
    order::HealthCondition condition = order::HealthCondition::kNone;
    order::Scope scope = order::Scope::kFirm;
    std::uint32_t id = 0;
    bool reported = false;
    SteadyTime seen;  // last time that it was bad
  };

  void judge(order::HealthCondition condition, order::Scope scope, std::uint32_t id, bool bad, std::int64_t usage,
             std::int64_t limit, std::string_view reason, SteadyTime now);
  void look_at_journal(const Vitals& vitals);
  void look_at_clock(const Vitals& vitals);
  void look_at_rates(const Vitals& vitals);
  void look_at_brokers(const Vitals& vitals);

  const gateway::Core& core_;
  Report report_;
  std::vector<Watched> watched_;  // that were bad once
  std::optional<SteadyTime> last_look_;

  // The oldest record that was not durable at a look, and since when.
  std::uint64_t waits_for_ = 0;
  SteadyTime waits_since_;
  Duration journal_waited_;                              // since the last look
  std::optional<std::int64_t> clock_difference_ns_;      // wall clock less steady clock
  std::vector<std::optional<SteadyTime>> closed_since_;  // by BrokerId: logged on, not open
};

}  // namespace portcullis::app
