#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/decimal.h"
#include "base/time.h"
#include "order/evidence.h"

// Exposures over time, as evidence, so that each limit on sums has a peak and an average whoever was nearest to a
// decision. While anything is decided or executed, every ten seconds each client, each broker and the firm tell their
// sums when they have changed: rounds of steps. Of the others, of which there may be some hundred thousand, those tell
// that state a limit on sums, once a trading day and whenever an order or an execution has moved them since: they are
// looked at in turn, kOthersPerSlot in each kSamplingSlot, and no more often than clients. A tick takes one step of a
// round and one slot.

namespace portcullis::gateway {

struct State;
class Deciding;

inline constexpr Duration kSamplingPeriod = Duration::seconds(10);
// Two periods of the core's timer, so that hardly a slot passes without a tick. Which scopes are looked at follows from
// the time: a slot without a tick is made up for a round later.
inline constexpr Duration kSamplingSlot = Duration::milliseconds(40);
inline constexpr std::uint32_t kOthersPerSlot = 32;

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
  // What was told of accounts, sessions, traders, instruments, currencies and groups since the start, as a digest;
  // zero: nothing. By order::Scope and index. And when the last step of a round was. No part of a snapshot, since a
  // start forgets them.
  std::array<std::vector<std::uint64_t>, 9> told;
  UtcTime stepped;
};

// Writes a step of a round when one is due; false when none is.
bool decide_sample(Deciding& d);

// apply() of the events of order/evidence.h: sums that were told, what the shadow would have said; others move nothing.
void apply_evidence(State& state, const order::EventView& event);

}  // namespace portcullis::gateway
