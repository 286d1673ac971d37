#include "risk/checks/registry.h"

// A2: the instrument and the account are known, and the account is the client's own. Somebody else's
// account is refused in the same words as one that does not exist.

namespace portcullis::risk {

bool check_a2_permissions(const Context& context, Judge& judge) {
  using order::Control;
  const bool symbol_known = context.instrument != nullptr;
  judge.record(Control::kA2, order::Scope::kInstrument, context.instrument_id.value(), symbol_known, 1, symbol_known);
  if (!symbol_known) {
    judge.refuse(order::RejectCode::kUnknownSymbol, Control::kA2, 55, {"unknown symbol"});
    return false;
  }
  const bool account_known = context.account_node != nullptr;
  judge.record(Control::kA2, order::Scope::kAccount, context.account.value(), account_known, 1, account_known);
  if (!account_known) {
    judge.refuse(order::RejectCode::kUnknownAccount, Control::kA2, 1, {"unknown account"});
    return false;
  }
  return true;
}

}  // namespace portcullis::risk
