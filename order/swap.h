#pragma once

#include "order/events.h"

// What an FX swap has beside an order of one leg (risk specification, section 2). Its legs are filled together, so they
// are netted before anything is counted in or out; only what settles is counted leg by leg. An order's own Need and
// Booking hold of a swap what is netted or has no direction: the notional, and what an execution moves in all.

namespace portcullis::order {

// What a swap reserves beside its notional. All are >= 0; of live and pending terms the largest, component by component.
struct SwapNeed {
  Quantity buy;            // base, net of both legs
  Quantity sell;
  Amount term_in;          // term currency, net of both legs
  Amount term_out;
  Amount near_receivable;  // of the currency that the near leg receives
  Amount far_receivable;   // and of the other one, which the far leg receives
  Quantity volume;         // base units of the legs that count as volume

  friend bool operator==(const SwapNeed&, const SwapNeed&) = default;
};

// What an execution of a swap settles on its two dates; signed: received > 0. The sum of both legs is in the Booking.
struct SwapBooking {
  Amount near_base;
  Amount near_term;
  Amount far_base;
  Amount far_term;

  friend bool operator==(const SwapBooking&, const SwapBooking&) = default;
};

// What the swap reserves from now on; stands in the record of the event that changes it, behind it.
struct SwapReserved {
  static constexpr EventType kType = EventType::kSwapReserved;
  OrderNumber order;
  std::uint64_t pad = 0;
  SwapNeed need;
};

// What settles by leg; stands behind the ExecutionApplied that books it. Undone, it stands there a second time, reversed.
struct SwapBooked {
  static constexpr EventType kType = EventType::kSwapBooked;
  OrderNumber order;
  ExecutionNumber execution;  // whose amounts they are
  SwapBooking booking;        // what moves
};

}  // namespace portcullis::order
