#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "order/event.h"
#include "order/terms.h"
#include "order/types.h"

// The event of an accepted order, as long as what the order says: the journal has one for each order.

namespace portcullis::order {

// What identifies an order from its first message on, beside its ClOrdID.
struct OrderIdentity {
  OrderNumber order;
  RequestNumber request;  // the NewOrderSingle's own entry
  AccountId account;
  InstrumentId instrument;
  ClientId client;
  SessionId session;
  Side side;
  Dealt dealt;
  TraderId trader;            // none: the client's configuration names no field for it, or the field is empty
  std::int32_t settle_date;   // the value date, days since 1970; zero when nobody can say
  std::int32_t settle_date2;  // of a swap's far leg; else zero
  std::int32_t fixing_date;   // of an NDF; else zero
  std::uint8_t pad[4] = {};
};

// This is the head: what most orders say. Where `flags` say so AcceptedRarely follows, then the ClOrdID; zero up to a
// multiple of 8. Read it by an AcceptedView. Its time is the record's.
struct OrderAccepted {
  static constexpr EventType kType = EventType::kOrderAccepted;
  OrderNumber order;
  RequestNumber request;
  Quantity order_qty;  // of the terms
  Price price;
  Price counter_price;  // of the valuation
  Rate notional_rate;
  Need reserved;
  AccountId account;
  InstrumentId instrument;
  ClientId client;
  SessionId session;
  TraderId trader;
  Side side;
  Dealt dealt;
  std::int32_t settle_date;
  OrdType ord_type;
  TimeInForce time_in_force;
  std::uint8_t flags;
  std::uint8_t cl_ord_id_size;

  static constexpr std::uint8_t kHasPrice = 1;
  static constexpr std::uint8_t kHasStopPx = 2;
  static constexpr std::uint8_t kRarely = 4;
};

// What few orders say, of the terms, the valuation and the identity.
struct AcceptedRarely {
  Price stop_px;
  UtcTime expire_time;
  Quantity order_qty2;
  Price price2;
  std::int64_t multiplier = 1;
  std::int32_t expire_date = 0;
  std::int32_t settle_date2 = 0;
  std::int32_t fixing_date = 0;
  std::uint8_t pad[4] = {};

  friend bool operator==(const AcceptedRarely&, const AcceptedRarely&) = default;
};

// `cl_ord_id` is at most as long as an IdText.
void write_accepted(EventWriter& events, const OrderIdentity& identity, std::string_view cl_ord_id, const Terms& terms,
                    const Valuation& valuation, const Need& reserved);

// An OrderAccepted as it stands in a section of events, for as long as that does.
class AcceptedView {
 public:
  explicit AcceptedView(const EventView& event) : head_(&event.in_place<OrderAccepted>()) {
    PORTCULLIS_CHECK(size_of(*head_) <= event.payload().size(), "an accepted order's event ends before its parts");
  }
  // Whether the event has all that its head says. Asked of bytes that nobody has checked; what the journal hands out was.
  static bool is_whole(const EventView& event) {
    return event.payload().size() >= sizeof(OrderAccepted) &&
           size_of(event.in_place<OrderAccepted>()) <= event.payload().size();
  }

  const OrderAccepted* operator->() const { return head_; }

  OrderIdentity identity() const {
    return OrderIdentity{head_->order,   head_->request,          head_->account,         head_->instrument,
                         head_->client,  head_->session,          head_->side,            head_->dealt,
                         head_->trader,  head_->settle_date,      rarely().settle_date2,  rarely().fixing_date};
  }
  Terms terms() const {
    const AcceptedRarely& few = rarely();
    return Terms{head_->order_qty,       head_->price,   few.stop_px,     few.expire_time,
                 few.order_qty2,         few.price2,     few.expire_date, head_->ord_type,
                 head_->time_in_force,   has(OrderAccepted::kHasPrice),   has(OrderAccepted::kHasStopPx)};
  }
  Valuation valuation() const { return Valuation{head_->counter_price, head_->notional_rate, rarely().multiplier}; }
  std::string_view cl_ord_id() const {
    const std::size_t before = has(OrderAccepted::kRarely) ? sizeof(AcceptedRarely) : 0;
    return {reinterpret_cast<const char*>(head_ + 1) + before, head_->cl_ord_id_size};
  }

 private:
  static constexpr AcceptedRarely kNothing = {};

  static std::size_t size_of(const OrderAccepted& head) {
    const std::size_t rarely = (head.flags & OrderAccepted::kRarely) != 0 ? sizeof(AcceptedRarely) : 0;
    return sizeof head + rarely + head.cl_ord_id_size;
  }
  bool has(std::uint8_t flag) const { return (head_->flags & flag) != 0; }
  const AcceptedRarely& rarely() const {
    return has(OrderAccepted::kRarely) ? *reinterpret_cast<const AcceptedRarely*>(head_ + 1) : kNothing;
  }

  const OrderAccepted* head_;
};

}  // namespace portcullis::order
