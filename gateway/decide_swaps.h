#pragma once

#include <array>
#include <span>

#include "gateway/decide.h"

// What a report on a swap, and a decision about one, write beside the events of every order.

namespace portcullis::gateway {

// What the swap reserves from now on.
void write_swap_reserved(Deciding& d, OrderNumber order, const order::SwapNeed& need);

// The reservation that goes with `reserved_after` of the event before it: of the terms that are live and pending, after
// `cum_qty`. Nothing for an order of one leg, and when nothing is reserved any more: that takes its legs with it.
void write_swap_reserved_after(Deciding& d, const Order& order, const order::Need& reserved_after,
                               std::span<const risk::TermsAndValuation> terms, Quantity cum_qty);

// Collects what an execution of a swap settles, to be written behind its ExecutionApplied.
class SwapBookings {
 public:
  // The execution's booking in all. `last_px2`: of the far leg.
  order::Booking fill(const Deciding& d, const Order& order, ExecutionNumber execution, Quantity last_qty,
                      Price last_px, Price last_px2);
  // An execution is busted, or corrected.
  void undo(const Deciding& d, const Order& order, ExecutionNumber execution);
  // What was collected settles nothing here.
  void clear() { size_ = 0; }
  void write(Deciding& d) const;

 private:
  // Room that is not cleared first: most executions are of no swap.
  union Room {
    Room() {}
    std::array<order::SwapBooked, 2> all;
  };
  Room bookings_;
  std::size_t size_ = 0;
};

// What an execution that a broker reports moves, of any order.
order::Booking book_execution(Deciding& d, const Order& order, const order::ExecutionReport& report,
                              ExecutionNumber execution, SwapBookings& swap);

// A broker that gives an order another OrderQty(38) and says nothing of OrderQty2(192) keeps the legs' proportion.
void change_quantity(order::Terms& terms, Quantity order_qty, Quantity order_qty2);

}  // namespace portcullis::gateway
