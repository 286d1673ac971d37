#include "gateway/resting.h"

#include <algorithm>
#include <array>

namespace portcullis::gateway {
namespace {

// The price at which it meets most: of its live terms and those of replaces without an answer. Zero: it does not rest,
// or nobody asks. What trades at the market rests nowhere, a stop not until it is triggered, and a swap meets swaps only.
Price resting_price(const State& state, const Order& order) {
  const ClientSetup& setup = state.setup.clients[order.client.value()];
  if (setup.self_cross == config::SelfCross::kOff || !order.is_open() || !order.broker.has_value()) return Price();
  std::array<risk::TermsAndValuation, kMaxProposals> memory;
  const bool buys = order::buys_base(order.side, order.dealt);
  Price best;
  for (const risk::TermsAndValuation& each : order_proposals(state, order, memory)) {
    const order::OrdType type = each.terms.ord_type;
    if (type != order::OrdType::kLimit && type != order::OrdType::kPreviouslyQuoted) continue;
    if (best.is_zero() || (buys ? each.terms.price > best : each.terms.price < best)) best = each.terms.price;
  }
  return best;
}

}  // namespace

void update_resting(State& state, Order& order) {
  if (order.client.value() >= state.setup.clients.size()) return;  // no configuration yet: rebuilt with the first
  const Price now = resting_price(state, order);
  if (now == order.resting) return;
  const bool buys = order::buys_base(order.side, order.dealt);
  if (!order.resting.is_zero()) state.risk.unrest(order.client, order.instrument, buys, order.resting);
  if (!now.is_zero()) state.risk.rest(order.client, order.instrument, buys, now);
  order.resting = now;
}

void rebuild_resting(State& state) {
  state.risk.forget_resting();
  state.open_orders.for_each([&state](OrderNumber number) {
    Order& order = state.orders[number];
    order.resting = Price();
    update_resting(state, order);
  });
}

}  // namespace portcullis::gateway
