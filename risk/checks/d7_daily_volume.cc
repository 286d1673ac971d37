#include <algorithm>
#include <limits>

#include "risk/checks/registry.h"
#include "risk/hold.h"

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

[[gnu::cold, gnu::noinline]] bool refuse(const Context& context, Judge& judge, std::size_t place, Limit limit) {
  const Node& node = *context.path()[place];
  judge.refuse(order::RejectCode::kExposure, Control::kD7, 0,
               {"the day's volume could exceed ", LimitText(node, limit).view()});
  return false;
}

bool value_fits(const Context& context, Judge& judge) {
  const std::int64_t value = context.delta.notional.raw();
  if (value <= 0) return true;
  constexpr Limit kLimit = Limit::kMaxDailyVolume;
  const Exposure* const* const sums = context.scopes.sums.data();
  const HeldTo held{Control::kD7, kLimit, context.stating(kLimit), context.nearest[HeldSum::kDailyVolume], value};
  const std::size_t failed = hold(context, judge, held, [&](std::size_t place, Asked& asked) {
    const Exposure& scope = *sums[place];
    asked = {sum(scope.traded_notional().raw(), scope.gross_open_notional().raw()), value};
  });
  return failed == kNoPlace || refuse(context, judge, failed, kLimit);
}

bool quantity_fits(const Context& context, Judge& judge) {
  const std::int64_t quantity = (context.is_swap ? context.swap_volume : context.delta.base).raw();
  if (quantity <= 0) return true;
  constexpr Limit kLimit = Limit::kMaxDailyQuantity;
  const InstrumentExposure* const* const cells = context.scopes.instrument.data();
  const HeldTo held{Control::kD7, kLimit, context.stating(kLimit), context.nearest[HeldSum::kDailyQuantity], quantity};
  const std::size_t failed = hold(context, judge, held, [&](std::size_t place, Asked& asked) {
    asked = {static_cast<std::int64_t>(std::min<Wide>(cells[place]->volume(), kMax)), quantity};
  });
  return failed == kNoPlace || refuse(context, judge, failed, kLimit);
}

}  // namespace

bool check_d7_daily_volume(const Context& context, Judge& judge) {
  return value_fits(context, judge) && quantity_fits(context, judge);
}

}  // namespace portcullis::risk
