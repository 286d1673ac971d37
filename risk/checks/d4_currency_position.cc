#include <array>

#include "risk/checks/registry.h"

// D4: the worst net position in each of the two currencies that the order moves, the risk currency left out:
// max(|position + in|, |position - out|), in the risk currency. The order is held only to what it makes larger;
// a currency that nobody can value then does not pass. A scope of one currency is asked for that one alone.

namespace portcullis::risk {

namespace {

using order::Control;

[[gnu::cold, gnu::noinline]] bool refuse(Judge& judge, const Node& node) {
  judge.refuse(order::RejectCode::kExposure, Control::kD4, 0,
               {"the position in one currency could exceed ", LimitText(node, Limit::kMaxCurrencyPosition).view()});
  return false;
}

[[gnu::cold, gnu::noinline]] bool refuse_unvalued(Judge& judge, const Node& node) {
  judge.record(Control::kD4, node.scope, node.id, 0, 0, false);
  judge.refuse(order::RejectCode::kNoPrice, Control::kD4, 0, {"no current rate to value the position by"});
  return false;
}

bool fits(const Context& context, Judge& judge, const Context::Growing& growing,
          const std::array<Context::Grown, kMaxNodes>& grown) {
  if (!growing.counts) return true;
  const std::uint32_t currency = growing.growth.currency.value();
  const Node* unvalued = nullptr;
  {
    Row row(context, judge, Control::kD4);
    const bool all = for_places(context.netting(Limit::kMaxCurrencyPosition), [&](std::size_t place) {
      const Node& node = *context.path()[place];
      const Context::Grown& position = grown[place];
      if (!position.grows || (node.scope == order::Scope::kCurrency && node.id != currency)) return true;
      if (!growing.has_rate) {
        unvalued = &node;
        return false;
      }
      return row.test(place, position.worst, position.after - position.worst,
                      context.limit_at(place, Limit::kMaxCurrencyPosition)) ||
             refuse(judge, node);
    });
    if (all) return true;
  }
  return unvalued != nullptr && refuse_unvalued(judge, *unvalued);
}

}  // namespace

bool check_d4_currency_position(const Context& context, Judge& judge) {
  return fits(context, judge, context.base_growing, context.base_grown) &&
         fits(context, judge, context.term_growing, context.term_grown);
}

}  // namespace portcullis::risk
