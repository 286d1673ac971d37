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

[[gnu::cold, gnu::noinline]] bool refuse(Judge& judge, const Node& node) {
  judge.refuse(order::RejectCode::kExposure, Control::kD5, 0,
               {"the net open position could exceed ", LimitText(node, Limit::kMaxNetOpenPosition).view()});
  return false;
}

void add(const Context::Growing& growing, const Context::Grown& grown, NetOpen& open) {
  if (growing.counts) (growing.growth.receives ? open.long_sum : open.short_sum) += grown.after - grown.marked;
}

}  // namespace

bool check_d5_net_open_position(const Context& context, Judge& judge) {
  const Market& market = context.state.market;
  const Context::Growing& base = context.base_growing;
  const Context::Growing& term = context.term_growing;
  if ((base.counts && !base.has_rate) || (term.counts && !term.has_rate)) {
    judge.record(Control::kD5, order::Scope::kInstrument, context.instrument_id.value(), 0, 0, false);
    judge.refuse(order::RejectCode::kNoPrice, Control::kD5, 0, {"no current rate to value the position by"});
    return false;
  }
  if (!base.counts && !term.counts) return true;
  Row row(context, judge, Control::kD5);
  return for_places(context.netting(Limit::kMaxNetOpenPosition), [&](std::size_t place) {
    const Node& node = *context.path()[place];
    const NetOpen before = node.exposure.net_open(market);
    NetOpen after = before;
    add(base, context.base_grown[place], after);
    add(term, context.term_grown[place], after);
    const Wide larger = std::max(before.long_sum, before.short_sum);
    const Wide grown_larger = std::max(after.long_sum, after.short_sum);
    if (grown_larger <= larger) return true;
    const std::int64_t usage = narrowed(larger);
    return row.test(place, usage, narrowed(grown_larger) - usage,
                    context.limit_at(place, Limit::kMaxNetOpenPosition)) ||
           refuse(judge, node);
  });
}

}  // namespace portcullis::risk
