#include "risk/checks/registry.h"

// D1: the number of open and pending orders of each scope that states a limit. One that inherits it counts
// no more orders than the scope that it inherits from, which is asked.

namespace portcullis::risk {

bool check_d1_open_orders(const Context& context, Judge& judge) {
  using order::Control;
  if (context.is_replace) return true;  // it stays one order
  for (const Node* node : context.path()) {
    if (!node->limits.stated_here(Limit::kMaxOpenOrders)) continue;
    if (judge.test(Control::kD1, node->scope, node->id, node->exposure.open_orders(), 1,
                   node->limits[Limit::kMaxOpenOrders])) {
      continue;
    }
    judge.refuse(order::RejectCode::kExposure, Control::kD1, 0,
                 {"too many open orders: ", LimitText(*node, Limit::kMaxOpenOrders).view()});
    return false;
  }
  return true;
}

}  // namespace portcullis::risk
