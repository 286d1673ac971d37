#include "risk/checks/registry.h"

// C2: too many orders of the same economics (account, instrument, side, quantity, price) in too short a time. Orders
// that were accepted count; a replace is no new order.

namespace portcullis::risk {

namespace {

// What the scopes of the account state, tightest first: the most specific that would refuse.
bool refuses(const Context& context, const Node& node, const Likeness& order, Judge& judge) {
  const std::int64_t raw = node.limits[Limit::kDuplicateOrders];
  const std::int64_t allowed = raw >> 32;
  const Duration window = Duration::milliseconds(raw & 0xffffffff);
  const std::int64_t alike = context.state.order_memory.count(order, context.now, window, allowed);
  return !judge.test(order::Control::kC2, node.scope, node.id, alike, 1, allowed);
}

}  // namespace

bool check_c2_duplicates(const Context& context, Judge& judge) {
  if (context.is_replace) return true;
  Likeness asked = Likeness::of(context.account, context.instrument_id, context.side, context.dealt, context.terms);
  return for_places(context.stating(Limit::kDuplicateOrders), [&](std::size_t place) {
    const Node& node = *context.path()[place];
    const bool of_owner = node.scope == order::Scope::kAccount || node.scope == order::Scope::kClient ||
                          node.scope == order::Scope::kFirm;
    const bool of_trader = node.scope == order::Scope::kTrader;
    if (!of_owner && !of_trader) return true;
    asked.owner = of_trader ? context.trader.value() : context.account.value();
    asked.scope = of_trader ? order::Scope::kTrader : order::Scope::kAccount;
    if (!refuses(context, node, asked, judge)) return true;
    judge.refuse(order::RejectCode::kDuplicateOrder, order::Control::kC2, 0,
                 {"too many orders alike in a short time: ", LimitText(node, Limit::kDuplicateOrders).view()});
    return false;
  });
}

}  // namespace portcullis::risk
