#include <algorithm>
#include <limits>

#include "risk/checks/registry.h"

// D7: what was traded on this trading day and what is open, without netting, in the risk currency; and its twin in base
// units of one instrument, where somebody states it. A reducing order counts as any other. Executions of an earlier
// day that are taken back on this one make no room.

namespace portcullis::risk {

namespace {

using order::Control;

std::int64_t sum(Wide traded, Wide open) {
  const Wide all = std::max<Wide>(traded, 0) + open;
  return static_cast<std::int64_t>(std::min<Wide>(all, std::numeric_limits<std::int64_t>::max()));
}

bool fits(const Node& node, Judge& judge, Limit limit, std::int64_t holds, std::int64_t usage, std::int64_t delta) {
  if (judge.test(Control::kD7, node.scope, node.id, usage, delta, holds)) return true;
  judge.refuse(order::RejectCode::kExposure, Control::kD7, 0,
               {"the day's volume could exceed ", LimitText(node, limit).view()});
  return false;
}

}  // namespace

bool check_d7_daily_volume(const Context& context, Judge& judge) {
  const std::int64_t value = context.delta.notional.raw();
  const std::int64_t quantity = context.delta.base.raw();
  for (const Node* node : context.path()) {
    const Exposure& sums = node->exposure;
    if (value > 0 && node->limits.stated_here(Limit::kMaxDailyVolume) &&
        !fits(*node, judge, Limit::kMaxDailyVolume, node->limits[Limit::kMaxDailyVolume],
              sum(sums.traded_notional().raw(), sums.gross_open_notional().raw()), value)) {
      return false;
    }
    const std::int64_t holds = context.limit_in_instrument(*node, Limit::kMaxDailyQuantity);
    const bool stated =
        node->limits.stated_here(Limit::kMaxDailyQuantity) || holds < node->limits[Limit::kMaxDailyQuantity];
    if (quantity <= 0 || !stated) continue;
    const InstrumentExposure& cell = sums.of(context.instrument_id);
    if (!fits(*node, judge, Limit::kMaxDailyQuantity, holds,
              sum(cell.traded.raw(), Wide{cell.open_buy.raw()} + cell.open_sell.raw()), quantity)) {
      return false;
    }
  }
  return true;
}

}  // namespace portcullis::risk
