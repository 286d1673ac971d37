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
    growth.settle(context.state, context.value.date,
                  worth(context, context.buys_base ? instrument.base : instrument.term, context.near_receivable));
    growth.settle(context.state, context.value2.date,
                  worth(context, context.buys_base ? instrument.term : instrument.base, context.far_receivable));
    return growth;
  }
  if (!instrument.delivers) {  // it settles a difference: its base amount stands for it
    growth.settle(context.state, context.fixing_date, worth(context, instrument.base, context.base_amount_delta));
    return growth;
  }
  const Growing& received = context.base_in ? context.base_growing : context.term_growing;
  growth.settle(context.state, context.value.date, worth(context, received.currency, received.amount));
  return growth;
}

bool fits(Judge& judge, const Node& node, const CreditAsked& asked) {
  if (judge.test(Control::kD8, node.scope, node.id, asked.used, asked.delta, node.limits[Limit::kMaxCredit])) return true;
  judge.refuse(order::RejectCode::kExposure, Control::kD8, 0,
               {"credit in use could exceed ", LimitText(node, Limit::kMaxCredit).view()});
  return false;
}

}  // namespace

bool check_d8_credit(const Context& context, Judge& judge) {
  const State& state = context.state;
  if (!state.credit.is_kept()) return true;
  const CreditGrowth growth = growth_of(context);
  const std::int64_t of_client = state.credit.growth_of_client(state, context.client, growth);
  return for_places(context.stating(Limit::kMaxCredit), [&](std::size_t place) {
    const Node& node = *context.path()[place];
    const CreditAsked asked = state.credit.asked_of(state, node, of_client, growth);
    return asked.delta <= 0 || fits(judge, node, asked);
  });
}

}  // namespace portcullis::risk
