#include <algorithm>
#include <limits>

#include "risk/checks/registry.h"

// D8: what a client has open and executed, instrument by instrument as if every open order of the worse side were
// filled, with an add-on for what settles late. Clients do not net with each other: the firm's is the sum of theirs. At
// a broker, who lends to the firm, all that is there nets. An order that makes it no larger passes, even in breach.

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

namespace {

bool fits(Judge& judge, const Node& node, std::int64_t used, std::int64_t delta) {
  if (judge.test(Control::kD8, node.scope, node.id, used, delta, node.limits[Limit::kMaxCredit])) return true;
  judge.refuse(order::RejectCode::kExposure, Control::kD8, 0,
               {"credit in use could exceed ", LimitText(node, Limit::kMaxCredit).view()});
  return false;
}

}  // namespace

bool check_d8_credit(const Context& context, Judge& judge) {
  const State& state = context.state;
  const Credit& credit = state.credit;
  if (!credit.is_kept()) return true;
  const CreditGrowth growth = growth_of(context);
  // What the client and the firm grow by is the same: no other client nets with it.
  std::int64_t before = 0;
  std::int64_t delta = 0;
  if (credit.is_kept_of_clients() && context.client.value() < state.clients.size()) {
    before = credit.of(context.client).raw();
    delta = credit.with(state, context.client, growth).raw() - before;
  }
  return for_places(context.stating(Limit::kMaxCredit), [&](std::size_t place) {
    const Node& node = *context.path()[place];
    if (node.scope == order::Scope::kBroker) {
      const order::BrokerId broker(static_cast<order::BrokerId::rep>(node.id));
      const std::int64_t used = credit.of(broker).raw();
      const std::int64_t more = credit.with(state, broker, growth).raw() - used;
      return more <= 0 || fits(judge, node, used, more);
    }
    return delta <= 0 || fits(judge, node, node.scope == order::Scope::kClient ? before : credit.of_all().raw(), delta);
  });
}

}  // namespace portcullis::risk
