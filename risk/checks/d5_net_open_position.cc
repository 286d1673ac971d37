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

// One of the order's two currencies, with the rates that it is valued by.
struct Growing {
  Context::CurrencyGrowth growth;
  Rate now;     // with the haircut of a stale one
  Rate marked;  // that the scopes' sums are of
  bool counts = false;
};

// False when it grows and cannot be valued.
bool value(const Context& context, const Context::CurrencyGrowth& growth, Growing& out) {
  const Market& market = context.state.market;
  out.growth = growth;
  out.counts = growth.amount.is_positive() && growth.currency != market.risk_currency();
  if (!out.counts) return true;
  const auto rate = market.reserve_rate(growth.currency, context.now);
  if (!rate) return false;
  out.now = *rate;
  out.marked = market.last_rate(growth.currency);
  return true;
}

void add(const Exposure& sums, bool is_marked, const Growing& growing, NetOpen& open) {
  if (!growing.counts) return;
  const bool receives = growing.growth.receives;
  const CurrencyExposure& held = sums.of(growing.growth.currency);
  const Wide before = receives ? held.worst_long() : held.worst_short();
  const Amount marked = !is_marked ? mark_of(before, growing.marked) : receives ? held.long_mark : held.short_mark;
  const Amount after = mark_of(before + growing.growth.amount.raw(), growing.now);
  (receives ? open.long_sum : open.short_sum) += Wide{after.raw()} - marked.raw();
}

}  // namespace

bool check_d5_net_open_position(const Context& context, Judge& judge) {
  const Market& market = context.state.market;
  Growing base;
  Growing term;
  if (!value(context, context.base_growth(), base) || !value(context, context.term_growth(), term)) {
    judge.record(Control::kD5, order::Scope::kInstrument, context.instrument_id.value(), 0, 0, false);
    judge.refuse(order::RejectCode::kNoPrice, Control::kD5, 0, {"no current rate to value the position by"});
    return false;
  }
  if (!base.counts && !term.counts) return true;
  for (const Node* node : context.path()) {
    if (!asks_netted(*node, Limit::kMaxNetOpenPosition)) continue;
    const Exposure& sums = node->exposure;
    const bool is_marked = sums.is_marked(market);
    const NetOpen before = sums.net_open(market);
    NetOpen after = before;
    add(sums, is_marked, base, after);
    add(sums, is_marked, term, after);
    const Wide larger = std::max(before.long_sum, before.short_sum);
    const Wide grown_larger = std::max(after.long_sum, after.short_sum);
    if (grown_larger <= larger) continue;
    const std::int64_t usage = narrowed(larger);
    if (judge.test(Control::kD5, node->scope, node->id, usage, narrowed(grown_larger) - usage,
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
