#pragma once

#include <vector>

#include "order/swap.h"
#include "order/types.h"

// What the gateway keeps of a swap beside its order, so that orders of one leg carry nothing of it.

namespace portcullis::gateway {

struct Swap {
  order::OrderNumber order;
  order::SwapNeed need;  // what is reserved beside the order's own
  // What each of its executions settles, by leg, until it is undone; in the order in which they came.
  struct Settled {
    order::ExecutionNumber execution;
    order::SwapBooking booking;
  };
  std::vector<Settled> settled;
};

}  // namespace portcullis::gateway
