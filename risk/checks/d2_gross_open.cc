#include "risk/checks/registry.h"
#include "risk/hold.h"

// D2: the sum of what open orders reserve, in the risk currency, without netting, of each scope that states
// a limit; one that inherits it holds no more than the scope that it inherits from.

namespace portcullis::risk {

namespace {

[[gnu::cold, gnu::noinline]] bool refuse(const Context& context, Judge& judge, std::size_t place) {
  const Node& node = *context.path()[place];
  judge.refuse(order::RejectCode::kExposure, order::Control::kD2, 0,
               {"open orders would exceed ", LimitText(node, Limit::kMaxGrossOpenNotional).view()});
  return false;
}

}  // namespace

bool check_d2_gross_open(const Context& context, Judge& judge) {
  const std::int64_t delta = context.delta.notional.raw();
  if (delta <= 0) return true;
  constexpr Limit kLimit = Limit::kMaxGrossOpenNotional;
  const Exposure* const* const sums = context.scopes.sums.data();
  const HeldTo held{order::Control::kD2, kLimit, context.stating(kLimit), context.nearest[HeldSum::kGrossOpen], delta};
  const std::size_t failed = hold(context, judge, held, [&](std::size_t place, Asked& asked) {
    asked = {sums[place]->gross_open_notional().raw(), delta};
  });
  return failed == kNoPlace || refuse(context, judge, failed);
}

}  // namespace portcullis::risk
