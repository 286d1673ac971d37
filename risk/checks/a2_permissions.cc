#include "risk/checks/registry.h"

// A2: the instrument and the account are known, and the account is the client's own. Somebody else's
// account is refused in the same words as one that does not exist. Then what may be traded: a group, client, account or
// trader may say which instruments and which sides of their base currency, and each that does must allow the order, of
// a swap both sides. And an instrument of the restricted list takes only what reduces the account's position, whoever
// asks. A replace that only takes quantity away is asked neither.

namespace portcullis::risk {

namespace {

using order::Control;

[[gnu::cold, gnu::noinline]] bool is_permitted(const Context& context, Judge& judge) {
  const Scopes& scopes = context.scopes;
  const Node* refusing = context.is_swap && scopes.no_buy == nullptr ? scopes.no_sell : scopes.no_buy;
  if (!context.is_swap && !context.buys_base) refusing = scopes.no_sell;
  const Node* const node = refusing != nullptr ? refusing : scopes.permits;
  judge.record(Control::kA2, node->scope, node->id, refusing != nullptr, 0, refusing == nullptr);
  if (refusing == nullptr) return true;
  const Permissions& permissions = refusing->permissions;
  const bool no_side =
      permissions.allow(context.instrument_id, true) || permissions.allow(context.instrument_id, false);
  judge.refuse(order::RejectCode::kNotPermitted, Control::kA2, no_side ? 54 : 55,
               {no_side ? "this side of the instrument" : "the instrument", " is not permitted to the ",
                name_of(refusing->scope)});
  return false;
}

[[gnu::cold, gnu::noinline]] bool passes_restricted_list(const Context& context, Judge& judge) {
  const bool passes = reduces(context, context.account_node->exposure);
  judge.record(Control::kA2, order::Scope::kInstrument, context.instrument_id.value(), !passes, 0, passes);
  if (passes) return true;
  judge.refuse(order::RejectCode::kNotPermitted, Control::kA2, 55,
               {"the instrument is restricted: only orders that reduce a position are accepted"});
  return false;
}

}  // namespace

bool check_a2_permissions(const Context& context, Judge& judge) {
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
  if (context.only_reduces) return true;
  if (context.scopes.permits != nullptr && !is_permitted(context, judge)) return false;
  return !context.instrument->restricted || passes_restricted_list(context, judge);
}

}  // namespace portcullis::risk
