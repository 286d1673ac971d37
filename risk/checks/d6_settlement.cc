#include "risk/checks/registry.h"

// D6, the daily settlement limit: what is to be received on the order's value date, currency by currency, executed net
// and open in full, in the risk currency. What is paid makes no room but in the currency in which more is received. An
// order that has outlived its value date can be reduced, and no more be made larger.

namespace portcullis::risk {

namespace {

using order::Control;

[[gnu::cold, gnu::noinline]] bool refuse(Judge& judge, const Node& node) {
  judge.refuse(order::RejectCode::kExposure, Control::kD6, 0,
               {"what settles on the value date could exceed ", LimitText(node, Limit::kMaxDailySettlement).view()});
  return false;
}

bool keeps_dates_at(const Context& context, std::size_t place) {
  return keeps_dates(context.path()[place]->scope);
}

}  // namespace

bool check_d6_settlement(const Context& context, Judge& judge) {
  const Context::Growing& received = context.base_growing.growth.receives ? context.base_growing : context.term_growing;
  if (!received.growth.amount.is_positive() || !context.instrument->delivers) return true;
  if (context.value.date == 0) {
    judge.record(Control::kD6, order::Scope::kInstrument, context.instrument_id.value(), 0, 0, false);
    judge.refuse(order::RejectCode::kUnsupported, Control::kD6, 64, {"no value date to hold the settlement against"});
    return false;
  }
  if (context.value.date < context.state.trade_date) {
    judge.record(Control::kD6, order::Scope::kInstrument, context.instrument_id.value(), 0, 0, false);
    judge.refuse(order::RejectCode::kUnsupported, Control::kD6, 64, {"the order's value date has passed"});
    return false;
  }
  if (!received.has_rate) {
    judge.record(Control::kD6, order::Scope::kInstrument, context.instrument_id.value(), 0, 0, false);
    judge.refuse(order::RejectCode::kNoPrice, Control::kD6, 0, {"no current rate to value the settlement by"});
    return false;
  }
  const Market& market = context.state.market;
  Row row(context, judge, Control::kD6);
  for (std::size_t place = 0; place < context.path().size(); ++place) {
    if (!keeps_dates_at(context, place)) continue;
    const Exposure& sums = context.path()[place]->exposure;
    const SettlementExposure& held = sums.of(context.value.date, received.growth.currency);
    const std::int64_t usage = sums.settlement(context.value.date, market).raw();
    const Amount held_mark = sums.is_marked(market) ? held.mark : mark_of(held.worth(), received.marked);
    const std::int64_t delta =
        mark_of(held.worth() + received.growth.amount.raw(), received.now).raw() - held_mark.raw();
    if (row.test(place, usage, delta, context.limit_at(place, Limit::kMaxDailySettlement))) continue;
    return refuse(judge, *context.path()[place]);
  }
  return true;
}

}  // namespace portcullis::risk
