#include "risk/checks/registry.h"

// D1: the number of open and pending orders of each scope that states a limit. One that inherits it counts
// no more orders than the scope that it inherits from, which is asked.

namespace portcullis::risk {

namespace {

[[gnu::cold, gnu::noinline]] bool refuse(Judge& judge, const Node& node) {
  judge.refuse(order::RejectCode::kExposure, order::Control::kD1, 0,
               {"too many open orders: ", LimitText(node, Limit::kMaxOpenOrders).view()});
  return false;
}

}  // namespace

bool check_d1_open_orders(const Context& context, Judge& judge) {
  using order::Control;
  if (context.is_replace) return true;  // it stays one order
  Row row(context, judge, Control::kD1);
  return for_places(context.stating(Limit::kMaxOpenOrders), [&](std::size_t place) {
    const Node& node = *context.path()[place];
    return row.test(place, node.exposure.open_orders(), 1, context.limit_at(place, Limit::kMaxOpenOrders)) ||
           refuse(judge, node);
  });
}

}  // namespace portcullis::risk
