#include <algorithm>
#include <limits>

#include "risk/checks/registry.h"

// D7: what was traded on this trading day and what is open, without netting, in the risk currency; and its twin in base
// units of one instrument, where somebody states it. A reducing order counts as any other, a swap with
// its far leg or with both (risk.swap_gross). Executions of an earlier
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
  Row row(context, judge, Control::kD7);
  return for_places(context.stating(Limit::kMaxDailyVolume), [&](std::size_t place) {
    const Node& node = *context.path()[place];
    const std::int64_t usage = sum(node.exposure.traded_notional().raw(), node.exposure.gross_open_notional().raw());
    return row.test(place, usage, value, context.limit_at(place, Limit::kMaxDailyVolume)) ||
           refuse(judge, node, Limit::kMaxDailyVolume);
  });
}

bool quantity_fits(const Context& context, Judge& judge) {
  const std::int64_t quantity = (context.is_swap ? context.swap_volume : context.delta.base).raw();
  if (quantity <= 0) return true;
  Row row(context, judge, Control::kD7);
  return for_places(context.stating(Limit::kMaxDailyQuantity), [&](std::size_t place) {
    const Node& node = *context.path()[place];
    const Wide volume = node.exposure.of(context.instrument_id).volume();
    const std::int64_t usage = static_cast<std::int64_t>(std::min<Wide>(volume, kMax));
    return row.test(place, usage, quantity, context.limit_at(place, Limit::kMaxDailyQuantity)) ||
           refuse(judge, node, Limit::kMaxDailyQuantity);
  });
}

}  // namespace

bool check_d7_daily_volume(const Context& context, Judge& judge) {
  return value_fits(context, judge) && quantity_fits(context, judge);
}

}  // namespace portcullis::risk
