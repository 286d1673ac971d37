#include "gateway/entries.h"

namespace portcullis::gateway {

risk::Place place_of(const Order& order) {
  return risk::Place{.client = order.client,
                     .account = order.account,
                     .broker = order.broker,
                     .instrument = order.instrument,
                     .buys_base = order::buys_base(order.side, order.dealt),
                     .session = order.session,
                     .trader = order.trader,
                     .settle_date = order.ord_type == order::OrdType::kForexSwap ? 0 : order.settle_date,
                     .fixing_date = order.fixing_date()};
}

order::OrdStatus Order::shown_status() const {
  const order::OrdStatus base = status;
  return order::shown(base, shown_pending_cancels > 0, shown_pending_replaces > 0);
}

namespace {

// What of an order's terms stands beside it.
bool has_rare(const order::Terms& terms) {
  return (terms.stop_px.raw() | terms.expire_time.ns() | terms.order_qty2.raw() | terms.price2.raw() |
          terms.expire_date) != 0;
}

}  // namespace

void Beside::set_terms(Order& order, const order::Terms& terms) {
  order.order_qty = terms.order_qty;
  order.price = terms.price;
  order.ord_type = terms.ord_type;
  order.time_in_force = terms.time_in_force;
  order.has_price = terms.has_price;
  order.has_stop_px = terms.has_stop_px;
  if (order.rare == nullptr && !has_rare(terms)) [[likely]]
    return;
  RareTerms rare;
  rare.stop_px = terms.stop_px;
  rare.expire_time = terms.expire_time;
  rare.order_qty2 = terms.order_qty2;
  rare.price2 = terms.price2;
  rare.expire_date = terms.expire_date;
  rare.settle_date2 = order.settle_date2();
  rare.fixing_date = order.fixing_date();
  set_rare(order, rare);
}

void Beside::set_rare(Order& order, const RareTerms& rare) {
  rare_terms.give_back(order.rare);
  order.rare = nullptr;
  if (rare == RareTerms()) return;
  RareTerms* const kept = rare_terms.add();
  *kept = rare;
  order.rare = kept;
}

void Beside::set_traded(Execution& execution, const Traded& traded_now) {
  traded.give_back(execution.traded);
  Traded* const kept = traded.add();
  *kept = traded_now;
  execution.traded = kept;
}

void Beside::give_back(Order& order) {
  rare_terms.give_back(order.rare);
  order.rare = nullptr;
  order.broker_order_id.clear(texts);
}

void Beside::give_back(Request& request) {
  replacements.give_back(request.replacement);
  request.replacement = nullptr;
  request.cl_ord_id.clear(texts);
}

void Beside::give_back(Execution& execution) {
  traded.give_back(execution.traded);
  execution.traded = nullptr;
  execution.exec_id.clear(texts);
}

}  // namespace portcullis::gateway
