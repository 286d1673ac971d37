#include <algorithm>
#include <limits>

#include "risk/checks/registry.h"

// D5: the aggregate net open position over all currencies but the risk currency: the larger of what a scope is long of
// at the worst and what it is short of. The sums stand in the scope, marked at the last known rates; only the order's
// two currencies are worked out anew. An order that makes the larger side no larger passes, even in breach.

namespace portcullis::risk {

namespace {

using order::Control;

std::int64_t narrowed(Wide sum) {
  return static_cast<std::int64_t>(std::min<Wide>(sum, std::numeric_limits<std::int64_t>::max()));
}

// Nothing when the growth cannot be valued.
bool add(const Context& context, const Node& node, const Context::CurrencyGrowth& growth, NetOpen& sums) {
  const Market& market = context.state.market;
  if (!growth.amount.is_positive() || growth.currency == market.risk_currency()) return true;
  const auto rate = market.reserve_rate(growth.currency, context.now);
  if (!rate) return false;
  const CurrencyExposure& held = node.exposure.of(growth.currency);
  const Wide before = growth.receives ? held.worst_long() : held.worst_short();
  const Amount marked = !node.exposure.is_marked(market) ? mark_of(before, market.last_rate(growth.currency))
                        : growth.receives                ? held.long_mark
                                                         : held.short_mark;
  (growth.receives ? sums.long_sum : sums.short_sum) +=
      Wide{mark_of(before + growth.amount.raw(), *rate).raw()} - marked.raw();
  return true;
}

}  // namespace

bool check_d5_net_open_position(const Context& context, Judge& judge) {
  const Context::CurrencyGrowth base = context.base_growth();
  const Context::CurrencyGrowth term = context.term_growth();
  if (!base.amount.is_positive() && !term.amount.is_positive()) return true;
  for (const Node* node : context.path()) {
    if (!asks_netted(*node, Limit::kMaxNetOpenPosition)) continue;
    const NetOpen before = node->exposure.net_open(context.state.market);
    NetOpen after = before;
    if (!add(context, *node, base, after) || !add(context, *node, term, after)) {
      judge.record(Control::kD5, node->scope, node->id, 0, 0, false);
      judge.refuse(order::RejectCode::kNoPrice, Control::kD5, 0, {"no current rate to value the position by"});
      return false;
    }
    const std::int64_t usage = narrowed(std::max(before.long_sum, before.short_sum));
    const std::int64_t grown = narrowed(std::max(after.long_sum, after.short_sum));
    if (grown <= usage) continue;
    if (judge.test(Control::kD5, node->scope, node->id, usage, grown - usage,
                   node->limits[Limit::kMaxNetOpenPosition])) {
      continue;
    }
    judge.refuse(order::RejectCode::kExposure, Control::kD5, 0,
                 {"the net open position could exceed ", LimitText(*node, Limit::kMaxNetOpenPosition).view()});
    return false;
  }
  return true;
}

}  // namespace portcullis::risk
