#include <algorithm>
#include <limits>
#include <optional>

#include "risk/checks/registry.h"

// D6, the daily settlement limit: what is to be received on the order's value date, currency by currency, executed net
// and open in full, in the risk currency. What is paid makes no room but in the currency in which more is received. An
// order that has outlived its value date can be reduced, and no more be made larger.

namespace portcullis::risk {

namespace {

using order::Control;

// What settles in all currencies, in the risk currency, and in the received one, natively.
struct Settles {
  std::int64_t usage = 0;
  Wide received = 0;
  std::int64_t received_mark = 0;  // at the last known rate
};

Settles settles(const Context& context, const Exposure& sums, order::CurrencyId received) {
  const Market& market = context.state.market;
  const bool is_marked = sums.is_marked(market);
  Settles found;
  Wide usage = 0;
  for (const SettlementExposure& cell : sums.of_date(context.value.date)) {
    const Amount mark = is_marked ? cell.mark : mark_of(cell.worth(), market.last_rate(cell.currency));
    usage += mark.raw();
    if (cell.currency != received) continue;
    found.received = cell.worth();
    found.received_mark = mark.raw();
  }
  found.usage = static_cast<std::int64_t>(std::min<Wide>(usage, std::numeric_limits<std::int64_t>::max()));
  return found;
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
  if (context.value.date < context.state.trade_date) {
    judge.record(Control::kD6, order::Scope::kInstrument, context.instrument_id.value(), 0, 0, false);
    judge.refuse(order::RejectCode::kUnsupported, Control::kD6, 64, {"the order's value date has passed"});
    return false;
  }
  const Market& market = context.state.market;
  const std::optional<Rate> rate = market.reserve_rate(received.currency, context.now);
  if (!rate) {
    judge.record(Control::kD6, order::Scope::kInstrument, context.instrument_id.value(), 0, 0, false);
    judge.refuse(order::RejectCode::kNoPrice, Control::kD6, 0, {"no current rate to value the settlement by"});
    return false;
  }
  for (const Node* node : context.path()) {
    if (!keeps_dates(node->scope)) continue;
    const Settles before = settles(context, node->exposure, received.currency);
    const std::int64_t usage = before.usage;
    const std::int64_t delta = mark_of(before.received + received.amount.raw(), *rate).raw() - before.received_mark;
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
