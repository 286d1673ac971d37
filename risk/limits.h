#pragma once

#include <array>
#include <cstdint>

#include "config/limits.h"
#include "order/types.h"

// The limits of one node as raw integers, each in its own scale, so that a check is a compare.

namespace portcullis::risk {

using config::kLimitCount;
using config::Limit;

// The raw form that events carry: the decimal's raw value; a count; the bits of a set; for
// duplicate_orders the count in the upper 32 bits and the window in milliseconds in the lower.
std::int64_t to_raw(const config::LimitValue& value);
config::LimitValue from_raw(Limit limit, std::int64_t raw);

// Whether `after` lets nothing pass that `before` refused.
bool tightens(Limit limit, std::int64_t before, std::int64_t after);

// Caps of the configuration: no limit in force anywhere is looser, however it came about.
class AbsoluteCaps {
 public:
  void configure(const config::LimitSet& set);
  bool stated(Limit limit) const { return (stated_ >> static_cast<unsigned>(limit) & 1) != 0; }
  std::int64_t operator[](Limit limit) const { return caps_[static_cast<std::size_t>(limit)]; }
  bool allow(Limit limit, std::int64_t raw) const { return !stated(limit) || tightens(limit, (*this)[limit], raw); }
  // What of a value the cap leaves.
  std::int64_t within(Limit limit, std::int64_t raw) const;

 private:
  std::array<std::int64_t, kLimitCount> caps_ = {};
  std::uint32_t stated_ = 0;  // bit by Limit
};

// What one node states and what holds there. What the configuration states and what an operator states
// are kept apart, so that it does not matter which was read first; the operator's counts.
class NodeLimits {
 public:
  void set_configured(const config::LimitSet& set);
  void set_operator(Limit limit, std::int64_t raw);
  // The operator takes what was stated away: the limit is inherited.
  void set_inherited(Limit limit);
  // The operator says nothing of it any more: as configured.
  void forget_operator(Limit limit);
  bool operator_states(Limit limit) const { return operator_says_[static_cast<std::size_t>(limit)] == Operator::kStates; }

  // Takes over from `above` what is not stated here. Null: the root; what is missing there is zero, so
  // that nothing passes, or no limit at all where it is optional.
  void resolve(const NodeLimits* above, const AbsoluteCaps& caps);
  // One limit alone; whether another value holds now.
  bool resolve(Limit limit, const NodeLimits* above, const AbsoluteCaps& caps);

  // What holds, after resolve().
  std::int64_t operator[](Limit limit) const { return effective_[static_cast<std::size_t>(limit)]; }
  // Stated by this node itself, after resolve(); the root states everything but optional limits.
  bool stated_here(Limit limit) const { return (stated_ >> static_cast<unsigned>(limit) & 1) != 0; }
  bool states_any() const { return stated_ != 0; }
  // Brings near what each report asks.
  void look_at() const {
    __builtin_prefetch(&effective_[static_cast<std::size_t>(Limit::kRepeatedExecutions)]);
    __builtin_prefetch(&stated_);
  }
  bool is_configured(Limit limit) const { return (is_configured_ >> static_cast<unsigned>(limit) & 1) != 0; }

  // What an operator stated; the configuration is read again, and what holds is resolved from both.
  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    ar(self.operator_);
    ar(self.operator_says_);
  }

 private:
  enum class Operator : std::uint8_t { kSilent, kStates, kInherits };

  std::array<std::int64_t, kLimitCount> effective_ = {};
  std::uint32_t stated_ = 0;  // bit by Limit
  std::array<std::int64_t, kLimitCount> configured_ = {};
  std::array<std::int64_t, kLimitCount> operator_ = {};
  std::array<Operator, kLimitCount> operator_says_ = {};
  std::uint32_t is_configured_ = 0;  // bit by Limit
};

}  // namespace portcullis::risk
