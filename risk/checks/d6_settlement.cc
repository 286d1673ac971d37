#include <algorithm>
#include <string_view>

#include "risk/checks/registry.h"
#include "risk/hold.h"

// D6, the daily settlement limit: what is to be received on the order's value date, currency by currency, executed net
// and open in full, in the risk currency. What is paid makes no room but in the currency in which more is received. An
// order that has outlived its value date can be reduced, and no more be made larger.

namespace portcullis::risk {

namespace {

using order::Control;

[[gnu::cold, gnu::noinline]] bool exceeds(const Context& context, Judge& judge, std::size_t place) {
  const Node& node = *context.path()[place];
  judge.refuse(order::RejectCode::kExposure, Control::kD6, 0,
               {"what settles on the value date could exceed ", LimitText(node, Limit::kMaxDailySettlement).view()});
  return false;
}

[[gnu::cold, gnu::noinline]] bool refuse(const Context& context, Judge& judge, order::RejectCode code,
                                         std::uint16_t tag, std::string_view why) {
  judge.record(Control::kD6, order::Scope::kInstrument, context.instrument_id.value(), 0, 0, false);
  judge.refuse(code, Control::kD6, tag, {why});
  return false;
}

constexpr Limit kLimit = Limit::kMaxDailySettlement;

// What one leg receives on its date: so much of the currency that `received` has the rates of.
bool fits(const Context& context, Judge& judge, std::int32_t date, const Growing& received, Amount growth) {
  if (!growth.is_positive()) return true;
  if (date == 0) {
    return refuse(context, judge, order::RejectCode::kUnsupported, 64, "no value date to hold the settlement against");
  }
  if (date < context.state.trade_date) {
    return refuse(context, judge, order::RejectCode::kUnsupported, 64, "the order's value date has passed");
  }
  if (!received.has_rate) {
    return refuse(context, judge, order::RejectCode::kNoPrice, 0, "no current rate to value the settlement by");
  }
  // On the one date that was looked up; of a swap that is its near leg's.
  constexpr Nearest kUnknown;
  const Scopes& scopes = context.scopes;
  const bool is_found = scopes.date == date;
  const auto& cells = received.currency == context.instrument->base ? scopes.base_settles : scopes.term_settles;
  const HeldTo held{Control::kD6, kLimit, scopes.dated, is_found && received.is_fresh ? context.nearest[HeldSum::kSettlement] : kUnknown,
                    mark_of(growth.raw(), received.now).raw()};
  const Market& market = context.state.market;
  const std::size_t failed = hold(context, judge, held, [&](std::size_t place, Asked& asked) {
    const Exposure& sums = *scopes.sums.data()[place];
    const SettlementExposure& settles = is_found ? *cells.data()[place] : sums.of(date, received.currency);
    const Amount mark = sums.is_marked(market) ? settles.mark : mark_of(settles.worth(), received.marked);
    asked.usage = sums.settlement(date, market).raw();
    asked.delta = mark_of(settles.worth() + growth.raw(), received.now).raw() - mark.raw();
  });
  return failed == kNoPlace || exceeds(context, judge, failed);
}

}  // namespace

bool check_d6_settlement(const Context& context, Judge& judge) {
  const Instrument& pair = *context.instrument;
  if (!pair.is_fx) return true;
  if (!pair.delivers) {
    // Nothing of it settles but a difference; what is fixed already cannot grow.
    const bool fixed = context.fixing_date != 0 && context.fixing_date < context.state.trade_date;
    if (!fixed || context.delta.notional.raw() <= 0) return true;
    return refuse(context, judge, order::RejectCode::kUnsupported, 541, "the order's fixing date has passed");
  }
  const Growing& base = context.base_growing;
  const Growing& term = context.term_growing;
  if (context.is_swap) {
    const bool near_base = context.buys_base;
    return fits(context, judge, context.value.date, near_base ? base : term, context.near_receivable) &&
           fits(context, judge, context.value2.date, near_base ? term : base, context.far_receivable);
  }
  const Growing& received = base.receives ? base : term;
  return fits(context, judge, context.value.date, received, received.amount);
}

}  // namespace portcullis::risk
