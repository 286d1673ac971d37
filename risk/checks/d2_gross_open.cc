#include "risk/checks/registry.h"

// D2: the sum of what open orders reserve, in the risk currency, without netting, of each scope that states
// a limit; one that inherits it holds no more than the scope that it inherits from.

namespace portcullis::risk {

bool check_d2_gross_open(const Context& context, Judge& judge) {
  using order::Control;
  const std::int64_t delta = context.delta.notional.raw();
  if (delta <= 0) return true;
  for (const Node* node : context.path()) {
    if (!node->limits.stated_here(Limit::kMaxGrossOpenNotional)) continue;
    if (judge.test(Control::kD2, node->scope, node->id, node->exposure.gross_open_notional().raw(), delta,
                   node->limits[Limit::kMaxGrossOpenNotional])) {
      continue;
    }
    judge.refuse(order::RejectCode::kExposure, Control::kD2, 0,
                 {"open orders would exceed ", LimitText(*node, Limit::kMaxGrossOpenNotional).view()});
    return false;
  }
  return true;
}

}  // namespace portcullis::risk
