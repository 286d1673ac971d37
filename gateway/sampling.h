#pragma once

#include <cstdint>
#include <vector>

#include "base/decimal.h"
#include "base/time.h"
#include "order/evidence.h"

// Exposures over time, as evidence: while anything is decided or executed, every ten seconds each client, each broker
// and the firm tell their sums when they have changed. Rounds of steps, so that no tick has much to do.

namespace portcullis::gateway {

struct State;
class Deciding;

inline constexpr Duration kSamplingPeriod = Duration::seconds(10);

// Which sums were told last, and how far the round is. Part of the state; only ExposureSampled changes it.
struct Sampling {
  struct Sums {
    Amount gross_open;
    Amount net_open_position;
    Amount settlement;
    Amount traded;
    std::uint64_t open_orders = 0;
    friend bool operator==(const Sums&, const Sums&) = default;
  };
  Sums firm;
  std::vector<Sums> clients;  // by ClientId
  std::vector<Sums> brokers;  // by BrokerId
  // The next one of the round: clients first, then brokers, then the firm, which ends it.
  std::uint32_t next = 0;
  UtcTime round_over;
  // What had happened when the round was over: nothing new, no further one.
  std::uint64_t decisions = 0;
  std::uint64_t executions = 0;
  std::uint64_t market_version = 0;
};

// Writes a step of a round when one is due; false when none is.
bool decide_sample(Deciding& d);

// apply() of the events of order/evidence.h: sums that were told, what the shadow would have said; others move nothing.
void apply_evidence(State& state, const order::EventView& event);

}  // namespace portcullis::gateway
