#include "risk/checks/registry.h"

// D10: an order that could trade with a resting one of the same client: a buy at or above its lowest sell, a sell at or
// below its highest buy; a market order meets whatever rests. Refused or only told of, as the client's self_cross says.
// Stops do not rest until they are triggered, and swaps meet swaps alone: neither is looked at.
//
// In the log the usage is how far the order goes past the resting price, which may be zero, plus one; the limit is zero.

namespace portcullis::risk {

bool check_d10_self_cross(const Context& context, Judge& judge) {
  if (context.self_cross == config::SelfCross::kOff || context.is_swap) return true;
  if (!context.price_is_new && !context.type_is_new) return true;
  const order::Terms& terms = context.terms;
  if (terms.ord_type == order::OrdType::kStop || terms.ord_type == order::OrdType::kStopLimit) return true;
  const Price* resting = context.state.open_prices.best(context.client, context.instrument_id, !context.buys_base);
  if (resting == nullptr) return true;
  const bool market = terms.ord_type == order::OrdType::kMarket;
  const std::int64_t past =
      market ? 0 : context.buys_base ? terms.price.raw() - resting->raw() : resting->raw() - terms.price.raw();
  if (past < 0) return true;
  const bool refuses = context.self_cross == config::SelfCross::kReject;
  judge.record(order::Control::kD10, order::Scope::kClient, context.client.value(), past + 1, 0, !refuses);
  if (!refuses) return true;
  judge.refuse(order::RejectCode::kNotPermitted, order::Control::kD10, market ? 40 : 44,
               {"the order could trade with an open order of the same client"});
  return false;
}

}  // namespace portcullis::risk
