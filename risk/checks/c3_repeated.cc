#include "risk/checks/registry.h"

// C3: repeated executions (RTS 6, Art. 15(3)). So many orders of one session in one instrument and direction have had
// an execution that nothing more is taken there until two persons have looked and re-armed the control. It latches:
// a raised limit alone does not open it. What only takes quantity away passes.

namespace portcullis::risk {

bool check_c3_repeated(const Context& context, Judge& judge) {
  if (context.only_reduces || context.session == nullptr || context.instrument == nullptr) return true;
  const Direction direction = direction_of(context.buys_base);
  const std::int64_t count = context.session->filled_orders.count(context.instrument_id, direction);
  const Node* node = context.tightest(Limit::kRepeatedExecutions, count + 1);
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
  judge.refuse(order::RejectCode::kBreaker, order::Control::kC3, 0,
               {"repeated executions: nothing more is taken in this instrument and direction until it is re-armed"});
  return false;
}

}  // namespace portcullis::risk
