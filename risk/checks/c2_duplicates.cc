#include <algorithm>
#include <optional>

#include "risk/checks/registry.h"

// C2: too many orders of the same economics (account, instrument, side, quantity, price) in too short a time. Orders
// that were accepted count; a replace is no new order.

namespace portcullis::risk {

namespace {

// The newest order that is alike, looked up when it is first asked for.
class Alike {
 public:
  explicit Alike(const Likeness& order) : order_(order) {}
  std::uint64_t newest(const OrderMemory& memory) {
    if (!newest_) newest_ = memory.newest(order_);
    return *newest_;
  }

 private:
  Likeness order_;
  std::optional<std::uint64_t> newest_;
};

bool fits(const Context& context, Judge& judge, const Node& node, Alike& alike) {
  const OrderMemory& memory = context.state.order_memory;
  const std::int64_t raw = node.limits[Limit::kDuplicateOrders];
  const std::int64_t allowed = raw >> 32;
  const Duration window = Duration::milliseconds(raw & 0xffffffff);
  // No further than the limit: what is above it says no more.
  const std::int64_t known = std::min(memory.count(alike.newest(memory), context.now, window), allowed);
  return judge.test(order::Control::kC2, node.scope, node.id, known, 1, allowed);
}

}  // namespace

// Tightest first: the most specific that would refuse.
bool check_c2_duplicates(const Context& context, Judge& judge) {
  if (context.is_replace) return true;
  const Places stating = context.stating(Limit::kDuplicateOrders);
  if (stating == 0) return true;
  const order::Terms& terms = context.terms;
  Alike of_account(Likeness::of(context.account, context.instrument_id, context.side, context.dealt, terms));
  Alike of_trader(Likeness::of(context.trader, context.instrument_id, context.side, context.dealt, terms));
  return for_places(stating, [&](std::size_t place) {
    const Node& node = *context.path()[place];
    const bool of_owner = node.scope == order::Scope::kAccount || node.scope == order::Scope::kClient ||
                          node.scope == order::Scope::kFirm;
    if (!of_owner && node.scope != order::Scope::kTrader) return true;
    if (fits(context, judge, node, of_owner ? of_account : of_trader)) return true;
    judge.refuse(order::RejectCode::kDuplicateOrder, order::Control::kC2, 0,
                 {"too many orders alike in a short time: ", LimitText(node, Limit::kDuplicateOrders).view()});
    return false;
  });
}

}  // namespace portcullis::risk
