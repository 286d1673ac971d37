#pragma once

#include "order/events.h"

// Controls that latch, as events.

namespace portcullis::order {

// A control has tripped and stays so until two persons re-arm it. What else follows from it (a scope's state) is an
// event of its own in the same record.
struct ControlLatched {
  static constexpr EventType kType = EventType::kControlLatched;
  UtcTime time;
  std::int64_t usage;       // in the limit's own scale
  std::int64_t limit;
  std::uint32_t id;         // of the scope's thing
  InstrumentId instrument;  // none: all of them
  Scope scope;
  Control control;
  std::uint8_t direction;   // 0 both, 1 what buys the base currency, 2 what sells it
  ScopeState response;      // the state that the scope gets by it; active: none
  std::uint8_t detail;      // which of the control's conditions, where it has several
  std::uint8_t pad[3] = {};
  ReasonText reason;
};

// Two persons have looked, and the control is armed again.
struct ControlRearmed {
  static constexpr EventType kType = EventType::kControlRearmed;
  UtcTime time;
  std::uint32_t id;
  InstrumentId instrument;
  Scope scope;
  Control control;
  std::uint8_t direction;
  std::uint8_t detail;
  std::uint8_t pad[4] = {};
  FixedText<31> user;
  FixedText<31> approver;
  ReasonText reason;
};

// The usage of a limit has reached a soft level, or has fallen below one again.
struct LimitLevelCrossed {
  static constexpr EventType kType = EventType::kLimitLevelCrossed;
  UtcTime time;
  std::int64_t usage;         // in the limit's own scale
  std::int64_t limit;
  std::uint32_t id;           // of the scope's thing
  std::uint32_t cell;         // the instrument, where usage is counted for each; else all ones
  std::uint16_t limit_index;  // into config's table of limits
  Scope scope;
  std::uint8_t level;         // levels reached from now on; 0: below all
  std::uint8_t percent;       // of the highest of them
  std::uint8_t response;      // config::Response: what is done about it
  std::uint8_t pad[2] = {};
};

// A breaker that only warns has said so, or its condition has ended. F2's limits and usages are milliseconds or counts.
struct BreakerTold {
  static constexpr EventType kType = EventType::kBreakerTold;
  UtcTime time;
  std::int64_t usage;
  std::int64_t limit;
  std::uint32_t id;
  InstrumentId instrument;
  Scope scope;
  Control control;
  std::uint8_t detail;
  std::uint8_t on;  // 1: the condition holds
  std::uint8_t pad[4] = {};
};

// B4: the first order of a window; the market is measured against this price until the window ends.
struct DriftWindowOpened {
  static constexpr EventType kType = EventType::kDriftWindowOpened;
  UtcTime time;
  Price reference;
  InstrumentId instrument;
  std::uint8_t pad[4] = {};
};

}  // namespace portcullis::order
