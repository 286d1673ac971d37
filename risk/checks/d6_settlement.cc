#include <string_view>

#include "risk/checks/registry.h"

// D6, the daily settlement limit: what is to be received on the order's value date, currency by currency, executed net
// and open in full, in the risk currency. What is paid makes no room but in the currency in which more is received. An
// order that has outlived its value date can be reduced, and no more be made larger.

namespace portcullis::risk {

namespace {

using order::Control;

[[gnu::cold, gnu::noinline]] bool exceeds(Judge& judge, const Node& node) {
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

// What one leg receives on its date: so much of the currency that `received` has the rates of.
bool fits(const Context& context, Judge& judge, std::int32_t date, const Context::Growing& received, Amount growth) {
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
  const Market& market = context.state.market;
  Row row(context, judge, Control::kD6);
  for (std::size_t place = 0; place < context.path().size(); ++place) {
    const Node& node = *context.path()[place];
    if (!keeps_dates(node.scope)) continue;
    const SettlementExposure& held = node.exposure.of(date, received.growth.currency);
    const std::int64_t usage = node.exposure.settlement(date, market).raw();
    const Amount held_mark = node.exposure.is_marked(market) ? held.mark : mark_of(held.worth(), received.marked);
    const std::int64_t delta = mark_of(held.worth() + growth.raw(), received.now).raw() - held_mark.raw();
    if (!row.test(place, usage, delta, context.limit_at(place, Limit::kMaxDailySettlement))) return exceeds(judge, node);
  }
  return true;
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
  const Context::Growing& base = context.base_growing;
  const Context::Growing& term = context.term_growing;
  if (context.is_swap) {
    return fits(context, judge, context.value.date, context.buys_base ? base : term, context.near_receivable) &&
           fits(context, judge, context.value2.date, context.buys_base ? term : base, context.far_receivable);
  }
  const Context::Growing& received = base.growth.receives ? base : term;
  return fits(context, judge, context.value.date, received, received.growth.amount);
}

}  // namespace portcullis::risk
