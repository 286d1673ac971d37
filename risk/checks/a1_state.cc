#include <algorithm>

#include "risk/checks/registry.h"

// A1: the strongest state of all scopes that the order touches. Block and worse refuse what takes risk;
// reduce-only lets through what brings the account's position in the instrument nearer to zero, open
// orders included. The account's position counts even when a scope above it is reduce-only: positions
// belong to accounts, and the firm's sum may be zero while none of them is. A broker's own state looks at
// the position that is held through it.

namespace portcullis::risk {

bool check_a1_state(const Context& context, Judge& judge) {
  using order::ScopeState;
  const Node* node = context.scopes.strongest;
  const Node* const broker_reduces = context.scopes.broker_reduces;
  const ScopeState strongest = node != nullptr ? node->own_state : ScopeState::kActive;

  // A replace that only takes away always passes; cancels never come here.
  ScopeState allowed = ScopeState::kActive;
  if (context.only_reduces) {
    allowed = ScopeState::kKilled;
  } else if (strongest == ScopeState::kReduceOnly) {
    const bool at_account = context.account_node == nullptr || reduces(context, context.account_node->exposure);
    const bool at_broker = broker_reduces == nullptr || reduces(context, broker_reduces->exposure);
    if (at_account && at_broker) allowed = ScopeState::kReduceOnly;
    if (at_account && !at_broker) node = broker_reduces;
  }
  const order::Scope scope = node != nullptr ? node->scope : order::Scope::kFirm;
  if (judge.test(order::Control::kA1, scope, node != nullptr ? node->id : 0, static_cast<std::int64_t>(strongest), 0,
                 static_cast<std::int64_t>(allowed))) {
    return true;
  }
  judge.refuse(
      order::RejectCode::kBlocked, order::Control::kA1, 0,
      {strongest == ScopeState::kReduceOnly ? "only orders that reduce a position are accepted, by state of the "
                                            : "no orders are accepted, by state of the ",
       name_of(scope)});
  return false;
}

}  // namespace portcullis::risk
