#include <algorithm>

#include "risk/checks/registry.h"

// D4: the worst net position in each of the two currencies that the order moves, the risk currency left out:
// max(|position + in|, |position - out|), in the risk currency. The order is held only to what it makes larger;
// a currency that nobody can value then does not pass. A scope of one currency is asked for that one alone.

namespace portcullis::risk {

namespace {

using order::Control;

// in and out are at least 0, so one of the two sides is the larger absolute value, whatever the position's sign.
Wide worst(const CurrencyExposure& cell) {
  return std::max(cell.worst_long(), cell.worst_short());
}

[[gnu::cold, gnu::noinline]] bool refuse(Judge& judge, const Node& node) {
  judge.refuse(order::RejectCode::kExposure, Control::kD4, 0,
               {"the position in one currency could exceed ", LimitText(node, Limit::kMaxCurrencyPosition).view()});
  return false;
}

bool fits(const Context& context, Judge& judge, const Context::CurrencyGrowth& growth) {
  const Market& market = context.state.market;
  if (!growth.amount.is_positive() || growth.currency == market.risk_currency()) return true;
  std::optional<Rate> rate;
  for (const Node* node : context.path()) {
    if (!asks_netted(*node, Limit::kMaxCurrencyPosition)) continue;
    if (node->scope == order::Scope::kCurrency && node->id != growth.currency.value()) continue;
    const CurrencyExposure& held = node->exposure.of(growth.currency);
    const Wide before = worst(held);
    const Wide grown = (growth.receives ? held.worst_long() : held.worst_short()) + growth.amount.raw();
    if (grown <= before) continue;
    if (!rate) rate = market.reserve_rate(growth.currency, context.now);
    if (!rate) {
      judge.record(Control::kD4, node->scope, node->id, 0, 0, false);
      judge.refuse(order::RejectCode::kNoPrice, Control::kD4, 0, {"no current rate to value the position by"});
      return false;
    }
    const bool known = node->exposure.is_marked(market) && *rate == market.last_rate(growth.currency);
    const std::int64_t usage = (known ? std::max(held.long_mark, held.short_mark) : mark_of(before, *rate)).raw();
    const std::int64_t delta = mark_of(grown, *rate).raw() - usage;
    if (judge.test(Control::kD4, node->scope, node->id, usage, delta, node->limits[Limit::kMaxCurrencyPosition])) {
      continue;
    }
    return refuse(judge, *node);
  }
  return true;
}

}  // namespace

bool check_d4_currency_position(const Context& context, Judge& judge) {
  return fits(context, judge, context.base_growth()) && fits(context, judge, context.term_growth());
}

}  // namespace portcullis::risk
