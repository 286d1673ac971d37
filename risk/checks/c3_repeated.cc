#include "risk/checks/registry.h"

// C3: repeated executions (RTS 6, Art. 15(3)). So many orders of one session in one instrument and direction have had
// an execution that nothing more is taken there until two persons have looked and re-armed the control. It latches:
// a raised limit alone does not open it. What only takes quantity away passes.

namespace portcullis::risk {

namespace {

// The trader's own, over all its sessions.
bool trader_passes(const Context& context, Judge& judge) {
  const Node* node = context.state.find(order::Scope::kTrader, context.trader.value());
  if (node == nullptr || !node->limits.stated_here(Limit::kRepeatedExecutions)) return true;
  const Direction direction = direction_of(context.buys_base);
  const std::int64_t count =
      context.state.trader_orders[context.trader.value()].count(context.instrument_id, direction);
  const std::int64_t limit = node->limits[Limit::kRepeatedExecutions];
  const LatchKey key{order::Control::kC3, order::Scope::kTrader, context.trader.value(), context.instrument_id, direction};
  if (context.state.latches.find(key) == nullptr) {
    return judge.test(order::Control::kC3, order::Scope::kTrader, node->id, count, 1, limit);
  }
  judge.record(order::Control::kC3, order::Scope::kTrader, node->id, count, limit, false);
  return false;
}

bool refuse(Judge& judge) {
  judge.refuse(order::RejectCode::kBreaker, order::Control::kC3, 0,
               {"repeated executions: nothing more is taken in this instrument and direction until it is re-armed"});
  return false;
}

}  // namespace

bool check_c3_repeated(const Context& context, Judge& judge) {
  if (context.only_reduces || context.session == nullptr || context.instrument == nullptr) return true;
  if (!trader_passes(context, judge)) return refuse(judge);
  const Direction direction = direction_of(context.buys_base);
  const std::int64_t count = context.session->filled_orders.count(context.instrument_id, direction);
  const Node* const node = context.scopes.repeated;
  if (node == nullptr) return true;
  const bool latched =
      !context.state.latches.empty() &&
      context.state.latches.find(LatchKey{order::Control::kC3, order::Scope::kSession, context.session_id.value(),
                                          context.instrument_id, direction}) != nullptr;
  if (latched) {
    judge.record(order::Control::kC3, order::Scope::kSession, context.session_id.value(), count,
                 node->limits[Limit::kRepeatedExecutions], false);
  } else if (judge.test(order::Control::kC3, order::Scope::kSession, context.session_id.value(), count, 1,
                        node->limits[Limit::kRepeatedExecutions])) {
    return true;
  }
  return refuse(judge);
}

}  // namespace portcullis::risk
