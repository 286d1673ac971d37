#pragma once

#include "order/events.h"

// Events that are evidence: who decided, who could act, what was at stake, what other limits would have said. None
// moves an order or an exposure.

namespace portcullis::order {

// Which program it is that starts: with the configuration's record, what every decision until the next one was made by.
struct BuildStarted {
  static constexpr EventType kType = EventType::kBuildStarted;
  FixedText<31> version;
  FixedText<47> build_id;  // the linker's, 40 hexadecimal digits, as `readelf -n` shows it; empty: not known
};

// A user of the admin interface as configured: stands in a configuration's record, for each of them.
struct OperatorListed {
  static constexpr EventType kType = EventType::kOperatorListed;
  NameText name;
  std::uint8_t role;  // config::Role
  std::uint8_t pad[7] = {};
};

// What a scope's sums were, told from time to time when they have changed: the peaks of reports.
struct ExposureSampled {
  static constexpr EventType kType = EventType::kExposureSampled;
  UtcTime time;
  Amount gross_open;  // all in the risk currency
  Amount net_open_position;
  Amount settlement;  // of the value date with the most; zero while none is known
  Amount traded;
  std::uint64_t open_orders;
  std::uint32_t id;
  std::int32_t settlement_date;  // days since 1970; 0: none
  Scope scope;  // behind it CheckResults: what is used of each limit on sums that the scope states
  std::uint8_t pad[7] = {};
};

// The shadow limits would have decided a message otherwise than the Decided beside it (risk.shadow). Nothing follows.
struct ShadowDecided {
  static constexpr EventType kType = EventType::kShadowDecided;
  std::uint64_t decision;  // the live one
  OrderNumber order;       // of the live one
  CheckResult check;       // of the control that refuses, under the shadow limits; zeros where it was no check
  RejectCode live;         // kNone: accepted
  RejectCode shadow;
  Control control;  // that refuses, in the one or the other
  char msg_type;
  std::uint8_t pad[4] = {};
};

}  // namespace portcullis::order
