#include <bit>

#include "risk/checks/registry.h"

// D4: the worst net position in each of the two currencies that the order moves, the risk currency left out:
// max(|position + in|, |position - out|), in the risk currency. The order is held only to what it makes larger;
// a currency that nobody can value then does not pass. A scope of one currency is asked for that one alone.

namespace portcullis::risk {

namespace {

using order::Control;

[[gnu::cold, gnu::noinline]] bool refuse(const Context& context, Judge& judge, std::size_t place) {
  const Node& node = *context.path()[place];
  judge.refuse(order::RejectCode::kExposure, Control::kD4, 0,
               {"the position in one currency could exceed ", LimitText(node, Limit::kMaxCurrencyPosition).view()});
  return false;
}

[[gnu::cold, gnu::noinline]] bool refuse_unvalued(Judge& judge, const Node& node) {
  judge.record(Control::kD4, node.scope, node.id, 0, 0, false);
  judge.refuse(order::RejectCode::kNoPrice, Control::kD4, 0, {"no current rate to value the position by"});
  return false;
}

bool fits(const Context& context, Judge& judge, const Growing& growing, const Context::GrownIn& grown, Places moved) {
  if (!growing.counts) return true;
  constexpr Limit kLimit = Limit::kMaxCurrencyPosition;
  const Places places = context.netting(kLimit) & grown.worst & moved;
  if (!growing.has_rate && places != 0) [[unlikely]] {
    return refuse_unvalued(judge, *context.path()[static_cast<std::size_t>(std::countr_zero(places))]);
  }
  const std::size_t failed =
      ask_each(context, judge, Control::kD4, kLimit, places, [&](std::size_t place, Asked& asked) {
        const Context::Grown& position = grown.at.data()[place];
        asked = {position.worst, position.after - position.worst};
        return true;
      });
  return failed == kNoPlace || refuse(context, judge, failed);
}

}  // namespace

bool check_d4_currency_position(const Context& context, Judge& judge) {
  return fits(context, judge, context.base_growing, context.base_grown, context.scopes.moved_base) &&
         fits(context, judge, context.term_growing, context.term_grown, context.scopes.moved_term);
}

}  // namespace portcullis::risk
