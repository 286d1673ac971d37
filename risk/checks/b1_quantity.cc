#include "risk/checks/registry.h"

// The order's amounts, and B1: tick, step, minimum and maximum of the quantity. Minimum and maximum are in
// base units; an order dealt in the term currency is tested on its conservative base amount, and its own
// quantity need only be on the currency's grid.

namespace portcullis::risk {

namespace {

using order::Control;
using order::RejectCode;

constexpr std::int64_t kCurrencyGrid = Quantity::kOne / Amount::kOne;  // 0.01

bool tick_fits(Price price, Price tick) {
  return price.raw() % tick.raw() == 0;
}

std::uint16_t quantity_tag(order::Dealt dealt) {
  return dealt == order::Dealt::kTermCash ? 152 : 38;
}

bool check_tick(const Context& context, Judge& judge) {
  const Price tick = context.instrument->price_tick;
  const order::Terms& terms = context.terms;
  const bool price_fits = !terms.has_price || tick_fits(terms.price, tick);
  const bool stop_fits = !terms.has_stop_px || tick_fits(terms.stop_px, tick);
  if (price_fits && stop_fits) {
    if (!context.is_swap || tick_fits(terms.price2, tick)) return true;
    judge.record(Control::kB1, order::Scope::kInstrument, context.instrument_id.value(), terms.price2.raw(), tick.raw(),
                 false);
    judge.refuse(RejectCode::kTick, Control::kB1, 640,
                 {"Price2(640) ", RawText(terms.price2.raw(), Price::kScale).view(), " is not a multiple of the tick ",
                  RawText(tick.raw(), Price::kScale).view()});
    return false;
  }
  const Price price = price_fits ? terms.stop_px : terms.price;
  judge.record(Control::kB1, order::Scope::kInstrument, context.instrument_id.value(), price.raw(), tick.raw(), false);
  judge.refuse(RejectCode::kTick, Control::kB1, price_fits ? 99 : 44,
               {price_fits ? "StopPx(99) " : "Price(44) ", RawText(price.raw(), Price::kScale).view(),
                " is not a multiple of the tick ", RawText(tick.raw(), Price::kScale).view()});
  return false;
}

bool check_step(const Context& context, Judge& judge) {
  const bool in_base = context.dealt == order::Dealt::kBase || context.dealt == order::Dealt::kUnits;
  const std::int64_t step = in_base ? context.instrument->quantity_step.raw() : kCurrencyGrid;
  std::int64_t quantity = context.terms.order_qty.raw();
  if (context.is_swap && quantity % step == 0) quantity = context.terms.order_qty2.raw();
  if (quantity % step == 0) return true;
  judge.record(Control::kB1, order::Scope::kInstrument, context.instrument_id.value(), quantity, step, false);
  judge.refuse(RejectCode::kBadQuantity, Control::kB1, quantity_tag(context.dealt),
               {"quantity ", RawText(quantity, Quantity::kScale).view(), " is not a multiple of ",
                RawText(step, Quantity::kScale).view()});
  return false;
}

}  // namespace

bool check_priced(const Context& context, Judge& judge) {
  if (context.unpriced == Unpriced::kNo) return true;
  const bool of_quantity = context.unpriced == Unpriced::kQuantity || context.unpriced == Unpriced::kTooLarge;
  judge.record(of_quantity ? Control::kB1 : Control::kB2, order::Scope::kInstrument, context.instrument_id.value(), 0,
               0, false);
  const std::uint16_t tag = quantity_tag(context.dealt);
  switch (context.unpriced) {
    case Unpriced::kNo:
      break;
    case Unpriced::kQuantity:
      judge.refuse(RejectCode::kBadQuantity, Control::kB1, tag, {"the quantity must be above zero"});
      break;
    case Unpriced::kRate:
      judge.refuse(RejectCode::kNoPrice, Control::kB2, 0, {"no current rate to value the order by"});
      break;
    case Unpriced::kQuote:
      if (context.too_wide()) {
        judge.refuse(RejectCode::kNoPrice, Control::kB2, 0,
                     {"the quote is wider than ", LimitText(*context.spread_limit, Limit::kMaxSpreadPercent).view()});
        break;
      }
      judge.refuse(RejectCode::kNoPrice, Control::kB2, 0, {"no current quote to value the order by"});
      break;
    case Unpriced::kTooLarge:
      judge.refuse(RejectCode::kMaxQuantity, Control::kB1, tag, {"the order is too large to be valued"});
      break;
  }
  return false;
}

bool check_b1_quantity(const Context& context, Judge& judge) {
  const std::uint16_t tag = quantity_tag(context.dealt);
  if (context.price_is_new && !check_tick(context, judge)) return false;
  if (!check_step(context, judge)) return false;
  if (!context.base_grows) return true;

  const std::int64_t quantity = context.whole.base.raw();
  const std::int64_t minimum = context.instrument->quantity_min.raw();
  if (quantity < minimum) {
    judge.record(Control::kB1, order::Scope::kInstrument, context.instrument_id.value(), quantity, minimum, false);
    judge.refuse(RejectCode::kBadQuantity, Control::kB1, tag,
                 {"quantity ", RawText(quantity, Quantity::kScale).view(), " is below the minimum ",
                  RawText(minimum, Quantity::kScale).view()});
    return false;
  }

  return context.each_word(Limit::kMaxOrderQuantity, quantity, [&](const Node& node) {
    if (judge.test(Control::kB1, node.scope, node.id, 0, quantity, node.limits[Limit::kMaxOrderQuantity])) return true;
    judge.refuse(RejectCode::kMaxQuantity, Control::kB1, tag,
                 {"quantity ", RawText(quantity, Quantity::kScale).view(), " is above ",
                  LimitText(node, Limit::kMaxOrderQuantity).view()});
    return false;
  });
}

}  // namespace portcullis::risk
