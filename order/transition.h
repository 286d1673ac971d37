#pragma once

#include "base/decimal.h"
#include "order/types.h"

// The one place that moves an order's OrdStatus(39): FIX volume 4, appendix D, as a table.

namespace portcullis::order {

enum class Transition : std::uint8_t {
  kApply,       // the report moves the order as it says
  kKeep,        // the report changes nothing of the status (status report, pending, stop of a filled order)
  kImpossible,  // no such move: it is booked where it must be, and alarmed
};

struct Move {
  Transition transition;
  OrdStatus after;  // without the overlays pending cancel and pending replace
};

// `before`: the order's status without overlays; PendingNew until the broker has answered.
// `cum`, `leaves`: after the report. `leaves` counts for what fills and corrections lead to.
// Throws nothing, reads nothing else.
Move transition(OrdStatus before, ExecType report, Quantity cum, Quantity leaves);

// True when nothing of the order can be executed any more. An order that outlives the day is done for
// today only: what it leaves open is on the market again tomorrow (H.1.a).
constexpr bool is_over(OrdStatus status, Quantity leaves) {
  return is_terminal(status) && !(status == OrdStatus::kDoneForDay && leaves.is_positive());
}

// What a report shows: the highest of the base status and the pending overlays (precedence of
// OrdStatus, volume 4): pending cancel, pending replace, then the base. Cancelled, expired and rejected stay so.
OrdStatus shown(OrdStatus base, bool pending_cancel, bool pending_replace);

}  // namespace portcullis::order
