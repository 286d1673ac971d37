#include "gateway/decide_swaps.h"

namespace portcullis::gateway {
namespace {

// What the far leg of a swap was done at: the last leg's LegLastPx(637), else the spot rate and the far leg's points.
std::optional<Price> far_price(const order::ExecutionReport& report) {
  std::optional<Price> price;
  if (report.has_last_px2) price = report.last_px2;
  for (const order::RawField& field : report.fields) {
    if (field.tag != 637) continue;
    const auto of_leg = Price::parse(field.value);
    if (of_leg && of_leg->is_positive()) price = of_leg;
  }
  return price;
}

}  // namespace

void write_swap_reserved(Deciding& d, OrderNumber order, const order::SwapNeed& need) {
  order::SwapReserved event{};
  event.order = order;
  event.need = need;
  d.events.add(event);
}

void write_swap_reserved_after(Deciding& d, const Order& order, const order::Need& reserved_after,
                               std::span<const risk::TermsAndValuation> terms, Quantity cum_qty) {
  if (!order.is_swap() || reserved_after == order::Need()) return;
  const order::SwapNeed need = d.state.risk.swap_need_of(order.side, order.dealt, terms, cum_qty);
  if (need != d.state.swaps[order.swap].need) write_swap_reserved(d, order.number, need);
}

order::Booking SwapBookings::fill(const Deciding& d, const Order& order, ExecutionNumber execution, Quantity last_qty,
                                  Price last_px, Price last_px2) {
  const risk::SwapFill fill = d.state.risk.swap_fill_of(order.instrument, order.side, order.dealt, order.terms(), last_qty,
                                                        last_px, last_px2);
  bookings_.all[size_++] = order::SwapBooked{order.number, execution, fill.booking};
  return fill.net;
}

void SwapBookings::undo(const Deciding& d, const Order& order, ExecutionNumber execution) {
  if (!order.is_swap()) return;
  for (const Swap::Settled& settled : d.state.swaps[order.swap].settled) {
    if (settled.execution != execution) continue;
    bookings_.all[size_++] = order::SwapBooked{order.number, execution, risk::reversed(settled.booking)};
  }
}

void SwapBookings::write(Deciding& d) const {
  for (std::size_t i = 0; i < size_; ++i) d.events.add(bookings_.all[i]);
}

void change_quantity(order::Terms& terms, Quantity order_qty, Quantity order_qty2) {
  if (terms.ord_type == order::OrdType::kForexSwap) {
    terms.order_qty2 =
        order_qty2.is_positive() ? order_qty2 : risk::far_part(terms, order_qty, Rounding::kHalfEven);
  }
  terms.order_qty = order_qty;
}

// What an execution of the report moves.
order::Booking book_execution(Deciding& d, const Order& order, const order::ExecutionReport& report, ExecutionNumber execution,
             SwapBookings& swap) {
  if (!order.is_swap()) {
    return d.state.risk.booking_of(order.instrument, order.side, order.dealt, report.last_qty, report.last_px);
  }
  const std::optional<Price> far_px = far_price(report);
  if (!far_px) {
    d.alert(order::AlertCode::kImpossibleReport, order::Severity::kWarning,
            "the broker does not say what the far leg of a swap was done at (637, or 194 and 641); the order's Price2(640) "
            "is taken",
            order.number);
  }
  return swap.fill(d, order, execution, report.last_qty, report.last_px, far_px.value_or(order.price2()));
}

}  // namespace portcullis::gateway
