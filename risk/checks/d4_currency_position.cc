#include <bit>

#include "risk/checks/registry.h"
#include "risk/hold.h"

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

bool fits(const Context& context, Judge& judge, const Growing& growing, CurrencyExposure* const* cells, Places moved,
          const Nearest& nearest) {
  if (!growing.counts) return true;
  constexpr Limit kLimit = Limit::kMaxCurrencyPosition;
  const Places places = context.netting(kLimit) & moved;
  if (!growing.has_rate) [[unlikely]] {
    return for_places(places, [&](std::size_t place) {
      return !grown_at(context, growing, *cells[place], place).worst_grows ||
             refuse_unvalued(judge, *context.path()[place]);
    });
  }
  const HeldTo held{Control::kD4, kLimit, places, nearest, growing.worth};
  const std::size_t failed = hold(context, judge, held, [&](std::size_t place, Asked& asked) {
    const Grown position = grown_at(context, growing, *cells[place], place);
    asked = {position.worst, position.after - position.worst, position.worst_grows};
  });
  return failed == kNoPlace || refuse(context, judge, failed);
}

}  // namespace

bool check_d4_currency_position(const Context& context, Judge& judge) {
  const Scopes& scopes = context.scopes;
  const Headrooms& nearest = context.nearest;
  return fits(context, judge, context.base_growing, scopes.base.data(), scopes.moved_base, nearest[nearest.base()]) &&
         fits(context, judge, context.term_growing, scopes.term.data(), scopes.moved_term, nearest[nearest.term()]);
}

}  // namespace portcullis::risk
