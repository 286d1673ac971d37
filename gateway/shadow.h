#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "config/config.h"
#include "fix/decode.h"
#include "gateway/state.h"
#include "order/events.h"

// Other limits beside those in force (risk.shadow): a second state that follows the same events, and so has the same
// orders and exposures, but for the limits that the shadow states. It is asked what it would have decided; nothing of
// what it says ever happens. Costs a second state and a second decision; without one, nothing.

namespace portcullis::gateway {

class Shadow {
 public:
  // `state` is copied as it stands, set up by `configuration`; `limits` states what differs from then on, whatever an
  // operator sets.
  Shadow(const State& state, const config::Config& configuration, const config::RiskSection& limits);

  // What happened: applied as it is, but for the limits that the shadow has its own of.
  void apply(const order::EventView& event, UtcTime time);

  struct Decision {
    order::RejectCode code = order::RejectCode::kNone;
    order::Control control = order::Control::kCore;
    order::CheckResult check{};  // the one that refused; zeros where it was no check
  };
  // What a NewOrderSingle or a replace would be answered; nothing for other messages, or what is no decision.
  std::optional<Decision> decide(const fix::Command& command, UtcTime now);

  // Facts of this machine that a decision may rest on (Core).
  void set_low_space(bool low) { state_.setup.low_space = low; }
  void set_slow_line(BrokerId broker, bool slow) { state_.setup.brokers[broker.value()].slow_line = slow; }

 private:
  void state_limits(order::Scope scope, std::uint32_t id, const config::LimitSet& limits);

  State state_;
  std::set<std::tuple<order::Scope, std::uint32_t, std::uint16_t>> stated_;
  std::vector<std::byte> scratch_;
  std::vector<std::uint16_t> queued_outbound_;
};

// The first Decided of a section of events, with the check that refused.
std::optional<Shadow::Decision> decision_in(std::span<const std::byte> events);

// Tells in `events` that the shadow's answer is another than the live one, which stands in `events` from `from` on.
void write_shadow(const std::optional<Shadow::Decision>& shadow, std::size_t from, order::EventWriter& events);

}  // namespace portcullis::gateway
