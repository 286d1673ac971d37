#include <algorithm>
#include <limits>

#include "risk/checks/registry.h"

// D8: what a client has open and executed, instrument by instrument as if every open order of the worse side were
// filled, with an add-on for what settles late. Clients do not net with each other: the firm's is the sum of theirs. An
// order that makes it no larger passes, even in breach.

namespace portcullis::risk {

namespace {

using order::Control;

Amount worth(const Context& context, order::CurrencyId currency, Amount amount) {
  return mark_of(amount.raw(), context.state.market.last_rate(currency));
}

// Of an order, or of what a replace adds.
CreditGrowth growth_of(const Context& context) {
  const Instrument& instrument = *context.instrument;
  CreditGrowth growth;
  growth.instrument = context.instrument_id;
  (context.base_in ? growth.buy : growth.sell) = context.delta.base;
  if (!instrument.is_fx) return growth;
  if (context.is_swap) {
    growth.settles[0] = {context.value.date, worth(context, context.buys_base ? instrument.base : instrument.term,
                                                   context.near_receivable)};
    growth.settles[1] = {context.value2.date, worth(context, context.buys_base ? instrument.term : instrument.base,
                                                    context.far_receivable)};
    return growth;
  }
  if (!instrument.delivers) {  // it settles a difference: its base amount stands for it
    growth.settles[0] = {context.fixing_date, worth(context, instrument.base, context.base_amount_delta)};
    return growth;
  }
  const Growing& received = context.base_in ? context.base_growing : context.term_growing;
  growth.settles[0] = {context.value.date, worth(context, received.currency, received.amount)};
  return growth;
}

}  // namespace

bool check_d8_credit(const Context& context, Judge& judge) {
  const Credit& credit = context.state.credit;
  if (!credit.is_kept() || context.client.value() >= context.state.clients.size()) return true;
  const std::int64_t before = credit.of(context.client).raw();
  const std::int64_t delta = credit_used(context.state, context.client, growth_of(context)) - before;
  if (delta <= 0) return true;
  for (const Node* node : context.path()) {
    const bool of_client = node->scope == order::Scope::kClient;
    if (!of_client && node->scope != order::Scope::kFirm) continue;
    if (!node->limits.stated_here(Limit::kMaxCredit)) continue;
    if (judge.test(Control::kD8, node->scope, node->id, of_client ? before : credit.of_all().raw(), delta,
                   node->limits[Limit::kMaxCredit])) {
      continue;
    }
    judge.refuse(order::RejectCode::kExposure, Control::kD8, 0,
                 {"credit in use could exceed ", LimitText(*node, Limit::kMaxCredit).view()});
    return false;
  }
  return true;
}

}  // namespace portcullis::risk
