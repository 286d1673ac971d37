#include <limits>
#include <optional>

#include "risk/checks/registry.h"

// D6, the daily settlement limit: what is to be received on the order's value date, currency by currency, executed net
// and open in full, in the risk currency. What is paid makes no room but in the currency in which more is received.

namespace portcullis::risk {

namespace {

using order::Control;

Wide worth(const Exposure& sums, std::int32_t date, order::CurrencyId currency) {
  for (const SettlementExposure& cell : sums.of_date(date)) {
    if (cell.currency == currency) return cell.worth();
  }
  return 0;
}

}  // namespace

bool check_d6_settlement(const Context& context, Judge& judge) {
  const Context::CurrencyGrowth base = context.base_growth();
  const Context::CurrencyGrowth received = base.receives ? base : context.term_growth();
  if (!received.amount.is_positive() || !context.instrument->delivers) return true;
  if (context.value.date == 0) {
    judge.record(Control::kD6, order::Scope::kInstrument, context.instrument_id.value(), 0, 0, false);
    judge.refuse(order::RejectCode::kUnsupported, Control::kD6, 64, {"no value date to hold the settlement against"});
    return false;
  }
  const Market& market = context.state.market;
  const std::optional<Rate> rate = market.reserve_rate(received.currency, context.now);
  if (!rate) {
    judge.record(Control::kD6, order::Scope::kInstrument, context.instrument_id.value(), 0, 0, false);
    judge.refuse(order::RejectCode::kNoPrice, Control::kD6, 0, {"no current rate to value the settlement by"});
    return false;
  }
  const Rate marked_at = market.last_rate(received.currency);
  for (const Node* node : context.path()) {
    if (!keeps_dates(node->scope)) continue;
    const std::int64_t usage = node->exposure.settlement(context.value.date, market).raw();
    const Wide before = worth(node->exposure, context.value.date, received.currency);
    const std::int64_t delta = mark_of(before + received.amount.raw(), *rate).raw() - mark_of(before, marked_at).raw();
    if (judge.test(Control::kD6, node->scope, node->id, usage, delta, node->limits[Limit::kMaxDailySettlement])) {
      continue;
    }
    judge.refuse(order::RejectCode::kExposure, Control::kD6, 0,
                 {"what settles on the value date could exceed ", LimitText(*node, Limit::kMaxDailySettlement).view()});
    return false;
  }
  return true;
}

}  // namespace portcullis::risk
