#include "risk/checks/registry.h"
#include "risk/hold.h"

// D1: the number of open and pending orders of each scope that states a limit. One that inherits it counts
// no more orders than the scope that it inherits from, which is asked.

namespace portcullis::risk {

namespace {

[[gnu::cold, gnu::noinline]] bool refuse(const Context& context, Judge& judge, std::size_t place) {
  const Node& node = *context.path()[place];
  judge.refuse(order::RejectCode::kExposure, order::Control::kD1, 0,
               {"too many open orders: ", LimitText(node, Limit::kMaxOpenOrders).view()});
  return false;
}

}  // namespace

bool check_d1_open_orders(const Context& context, Judge& judge) {
  if (context.is_replace) return true;  // it stays one order
  constexpr Limit kLimit = Limit::kMaxOpenOrders;
  const Exposure* const* const sums = context.scopes.sums.data();
  const HeldTo held{order::Control::kD1, kLimit, context.stating(kLimit), context.nearest[HeldSum::kOpenOrders], 1};
  const std::size_t failed = hold(context, judge, held, [&](std::size_t place, Asked& asked) {
    asked = {sums[place]->open_orders(), 1};
  });
  return failed == kNoPlace || refuse(context, judge, failed);
}

}  // namespace portcullis::risk
