#include "risk/checks/registry.h"

// D2: the sum of what open orders reserve, in the risk currency, without netting, of each scope that states
// a limit; one that inherits it holds no more than the scope that it inherits from.

namespace portcullis::risk {

namespace {

[[gnu::cold, gnu::noinline]] bool refuse(Judge& judge, const Node& node) {
  judge.refuse(order::RejectCode::kExposure, order::Control::kD2, 0,
               {"open orders would exceed ", LimitText(node, Limit::kMaxGrossOpenNotional).view()});
  return false;
}

}  // namespace

bool check_d2_gross_open(const Context& context, Judge& judge) {
  using order::Control;
  const std::int64_t delta = context.delta.notional.raw();
  if (delta <= 0) return true;
  Row row(context, judge, Control::kD2);
  return for_places(context.stating(Limit::kMaxGrossOpenNotional), [&](std::size_t place) {
    const Node& node = *context.path()[place];
    return row.test(place, node.exposure.gross_open_notional().raw(), delta,
                    context.limit_at(place, Limit::kMaxGrossOpenNotional)) ||
           refuse(judge, node);
  });
}

}  // namespace portcullis::risk
