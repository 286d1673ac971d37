#include "risk/checks/registry.h"

// B2: the dealt amount of one order in the risk currency.

namespace portcullis::risk {

bool check_b2_notional(const Context& context, Judge& judge) {
  using order::Control;
  if (!context.quantity_grows) return true;
  const std::int64_t notional = context.whole.notional.raw();
  return context.each_word(Limit::kMaxOrderNotional, notional, [&](const Node& node) {
    if (judge.test(Control::kB2, node.scope, node.id, 0, notional, node.limits[Limit::kMaxOrderNotional])) return true;
    judge.refuse(order::RejectCode::kMaxNotional, Control::kB2, 38,
                 {"order value ", RawText(notional, Amount::kScale).view(), " is above ",
                  LimitText(node, Limit::kMaxOrderNotional).view()});
    return false;
  });
}

}  // namespace portcullis::risk
