#include <algorithm>
#include <limits>

#include "risk/checks/registry.h"

// D7: what was traded on this trading day and what is open, without netting, in the risk currency; and its twin in base
// units of one instrument, where somebody states it. A reducing order counts as any other. Executions of an earlier
// day that are taken back on this one make no room.

namespace portcullis::risk {

namespace {

using order::Control;

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

// No sum is negative but what was traded.
std::int64_t sum(std::int64_t traded, std::int64_t open) {
  std::int64_t all = 0;
  return __builtin_add_overflow(std::max<std::int64_t>(traded, 0), open, &all) ? kMax : all;
}

[[gnu::cold, gnu::noinline]] bool refuse(Judge& judge, const Node& node, Limit limit) {
  judge.refuse(order::RejectCode::kExposure, Control::kD7, 0,
               {"the day's volume could exceed ", LimitText(node, limit).view()});
  return false;
}

bool value_fits(const Context& context, Judge& judge) {
  const std::int64_t value = context.delta.notional.raw();
  if (value <= 0) return true;
  for (const Node* node : context.path()) {
    if (!node->limits.stated_here(Limit::kMaxDailyVolume)) continue;
    const std::int64_t usage = sum(node->exposure.traded_notional().raw(), node->exposure.gross_open_notional().raw());
    if (!judge.test(Control::kD7, node->scope, node->id, usage, value, node->limits[Limit::kMaxDailyVolume])) {
      return refuse(judge, *node, Limit::kMaxDailyVolume);
    }
  }
  return true;
}

bool quantity_fits(const Context& context, Judge& judge) {
  const std::int64_t quantity = context.delta.base.raw();
  if (quantity <= 0) return true;
  const bool is_crossed = context.crossed.size() != 0;
  for (const Node* node : context.path()) {
    std::int64_t holds = node->limits[Limit::kMaxDailyQuantity];
    if (is_crossed) holds = context.limit_in_instrument(*node, Limit::kMaxDailyQuantity);
    const bool stated =
        node->limits.stated_here(Limit::kMaxDailyQuantity) || holds < node->limits[Limit::kMaxDailyQuantity];
    if (!stated) continue;
    const InstrumentExposure& cell = node->exposure.of(context.instrument_id);
    const std::int64_t usage = sum(cell.traded.raw(), sum(cell.open_buy.raw(), cell.open_sell.raw()));
    if (!judge.test(Control::kD7, node->scope, node->id, usage, quantity, holds)) {
      return refuse(judge, *node, Limit::kMaxDailyQuantity);
    }
  }
  return true;
}

}  // namespace

bool check_d7_daily_volume(const Context& context, Judge& judge) {
  return value_fits(context, judge) && quantity_fits(context, judge);
}

}  // namespace portcullis::risk
