#include <algorithm>
#include <limits>

#include "base/decimal.h"
#include "risk/checks/registry.h"

// D3: the worst position that open orders can lead to: long as if every open buy and no open sell were
// filled, short the other way round. Only the side that the order increases is tested. With Offset::kNone
// a position of the other sign does not make room.

namespace portcullis::risk {

bool check_d3_position(const Context& context, Judge& judge) {
  using order::Control;
  const std::int64_t delta = context.delta.base.raw();
  if (delta <= 0) return true;
  const Limit limit = context.buys_base ? Limit::kMaxLongPosition : Limit::kMaxShortPosition;
  for (const Node* node : context.path()) {
    const std::int64_t holds = context.limit_in_instrument(*node, limit);
    if (!asks_netted(*node, limit) && holds == node->limits[limit]) continue;
    const InstrumentExposure& held = node->exposure.of(context.instrument_id);
    Wide position = context.buys_base ? Wide{held.position.raw()} : -Wide{held.position.raw()};
    if (context.state.settings.offset == Offset::kNone) position = std::max<Wide>(position, 0);
    const Wide open = context.buys_base ? held.open_buy.raw() : held.open_sell.raw();
    const auto usage = narrow(position + open);
    // What does not fit cannot be judged, and so does not pass.
    const std::int64_t saturated = usage ? *usage : std::numeric_limits<std::int64_t>::max();
    if (judge.test(Control::kD3, node->scope, node->id, saturated, delta, holds)) continue;
    judge.refuse(order::RejectCode::kExposure, Control::kD3, 0,
                 {context.buys_base ? "the long position could exceed " : "the short position could exceed ",
                  LimitText(*node, limit).view()});
    return false;
  }
  return true;
}

}  // namespace portcullis::risk
