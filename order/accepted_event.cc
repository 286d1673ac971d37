#include "order/accepted_event.h"

namespace portcullis::order {

void write_accepted(EventWriter& events, const OrderIdentity& identity, std::string_view cl_ord_id, const Terms& terms,
                    const Valuation& valuation, const Need& reserved) {
  PORTCULLIS_CHECK(IdText::fits(cl_ord_id), "a ClOrdID that no order can have");
  const std::int64_t said = terms.stop_px.raw() | terms.expire_time.ns() | terms.order_qty2.raw() | terms.price2.raw() |
                            (valuation.multiplier ^ 1) | terms.expire_date | identity.settle_date2 | identity.fixing_date;
  const bool rarely = said != 0;

  OrderAccepted head;
  head.order = identity.order;
  head.request = identity.request;
  head.order_qty = terms.order_qty;
  head.price = terms.price;
  head.counter_price = valuation.counter_price;
  head.notional_rate = valuation.notional_rate;
  head.reserved = reserved;
  head.account = identity.account;
  head.instrument = identity.instrument;
  head.client = identity.client;
  head.session = identity.session;
  head.trader = identity.trader;
  head.side = identity.side;
  head.dealt = identity.dealt;
  head.settle_date = identity.settle_date;
  head.ord_type = terms.ord_type;
  head.time_in_force = terms.time_in_force;
  head.flags = static_cast<std::uint8_t>((terms.has_price ? OrderAccepted::kHasPrice : 0) |
                                         (terms.has_stop_px ? OrderAccepted::kHasStopPx : 0) |
                                         (rarely ? OrderAccepted::kRarely : 0));
  head.cl_ord_id_size = static_cast<std::uint8_t>(cl_ord_id.size());

  const std::size_t used = sizeof head + (rarely ? sizeof(AcceptedRarely) : 0) + cl_ord_id.size();
  const std::size_t payload = (used + 7) & ~std::size_t{7};
  std::byte* at = events.add_parts(OrderAccepted::kType, payload);
  // The last eight bytes first: what of them is not text stays zero.
  std::memset(at + payload - 8, 0, 8);
  std::memcpy(at, &head, sizeof head);
  at += sizeof head;
  if (rarely) {
    AcceptedRarely few;
    few.stop_px = terms.stop_px;
    few.expire_time = terms.expire_time;
    few.order_qty2 = terms.order_qty2;
    few.price2 = terms.price2;
    few.multiplier = valuation.multiplier;
    few.expire_date = terms.expire_date;
    few.settle_date2 = identity.settle_date2;
    few.fixing_date = identity.fixing_date;
    std::memcpy(at, &few, sizeof few);
    at += sizeof few;
  }
  if (!cl_ord_id.empty()) std::memcpy(at, cl_ord_id.data(), cl_ord_id.size());
}

}  // namespace portcullis::order
