#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "base/decimal.h"
#include "base/time.h"
#include "gateway/stored.h"
#include "order/events.h"
#include "order/terms.h"
#include "order/transition.h"
#include "order/types.h"
#include "risk/engine.h"

// What the state keeps of each order, each request on it and each report: millions of them, so their size is the memory
// that a live order costs, and most of what a start waits for. What few have stands beside them (Beside), and a text is
// as long here as most are. All members are placed so that none is followed by padding.

namespace portcullis::gateway {

using order::BrokerId;
using order::ClientId;
using order::ExecutionNumber;
using order::OrderNumber;
using order::RequestNumber;
using order::SessionId;

// One message of a client that asked for something: a NewOrderSingle, a cancel, a replace; or an
// operator's cancel. Its number makes the ClOrdID that the broker sees.
enum class RequestKind : std::uint8_t { kNew, kCancel, kReplace };
enum class RequestState : std::uint8_t {
  kHeld,      // not sent: refused, or a cancel that waits for its broker
  kSent,      // at the broker, which has not answered
  kPending,   // the broker says pending (150=A, 6, E)
  kAccepted,  // done as asked
  kRejected,  // refused
};

// What a replace asks for.
struct Replacement {
  order::Terms terms;
  order::Valuation valuation;
};

struct Request {
  Narrow<OrderNumber> order;
  Narrow<RequestNumber> previous;  // of the same order; none for its first
  Narrow<RequestNumber> replaced;  // accepted replace: the request whose terms it replaced
  std::uint32_t epoch = 0;         // of the ClOrdID that the broker saw
  std::uint64_t msg_seq_num = 0;
  UtcTime time;
  const Replacement* replacement = nullptr;  // of a replace that was not refused here; in Beside
  std::uint32_t run = 0;                     // the mass cancel that it is a part of; 0: none
  std::uint32_t indexed_in = 0;              // State::id_day when State::cl_ord_ids got it; 0: never
  SessionId session;                         // none for an operator's
  RequestKind kind = RequestKind::kNew;
  RequestState state = RequestState::kHeld;
  order::RequestOrigin origin = order::RequestOrigin::kClient;
  std::uint8_t tries = 1;   // of its kind, this one with it
  bool routed = false;      // has been sent to the broker
  bool gap_filled = false;  // rule R gave its number away: never resent
  bool kept = true;
  StoredText<22> cl_ord_id;  // the client's; empty for an operator's
};
static_assert(sizeof(Request) == 80 && std::has_unique_object_representations_v<Request>);

// What an order has that few have.
struct RareTerms {
  Price stop_px;
  UtcTime expire_time;
  Quantity order_qty2;
  Price price2;
  std::int32_t expire_date = 0;
  std::int32_t settle_date2 = 0;  // of a swap's far leg
  std::int32_t fixing_date = 0;   // of an NDF
  std::uint32_t pad = 0;
  friend bool operator==(const RareTerms&, const RareTerms&) = default;
};

struct Order {
  Wide value = 0;  // sum of LastQty * LastPx at 10^-11
  Narrow<OrderNumber> number;
  std::uint32_t epoch = 0;
  Narrow<RequestNumber> original;
  Narrow<RequestNumber> live;  // the request whose terms hold: the last that the broker accepted
  Narrow<RequestNumber> newest;
  order::InstrumentId instrument;
  order::AccountId account;
  ClientId client;
  SessionId session;
  BrokerId broker;  // none: never routed
  order::TraderId trader;
  std::uint16_t open_requests = 0;  // cancels and replaces that have no answer yet
  order::Side side = order::Side::kBuy;
  order::Dealt dealt = order::Dealt::kBase;
  // The terms that hold, with those of `rare`.
  Quantity order_qty;
  Price price;
  const RareTerms* rare = nullptr;  // in Beside; null: all of it is zero
  order::Valuation valuation;
  order::Need reserved;
  Quantity cum_qty;
  Quantity leaves_qty;
  UtcTime accepted;
  UtcTime changed;
  Price resting;                  // under which State::risk knows it (D10); zero: it does not
  std::uint32_t swap = kNoSwap;   // its place in State::swaps
  std::uint32_t last_day = 0;     // GivingBack::today of its last event
  std::uint32_t counted_run = 0;  // of the newest mass cancel that counts its cancel as sent
  std::int32_t trade_date = 0;
  std::int32_t settle_date = 0;  // the value date; zero when nobody can say
  order::OrdType ord_type = order::OrdType::kLimit;
  order::TimeInForce time_in_force = order::TimeInForce::kDay;
  bool has_price = false;
  bool has_stop_px = false;
  order::OrdStatus status = order::OrdStatus::kPendingNew;  // without pending cancel and pending replace
  std::uint8_t shown_pending_cancels = 0;                   // the broker has said pending
  std::uint8_t shown_pending_replaces = 0;
  order::RejectCode reject = order::RejectCode::kNone;
  bool unknown = false;          // nobody knows what the broker did with it
  bool acknowledged = false;     // the broker has shown that it knows the order
  bool client_canceled = false;  // the client has asked for its cancel
  bool executed = false;         // it has had an execution, whatever became of that: C3 counts an order once
  bool kept = true;
  StoredText<22> broker_order_id;

  static constexpr std::uint32_t kNoSwap = ~std::uint32_t{0};
  bool is_swap() const { return swap != kNoSwap; }
  bool is_open() const { return !order::is_over(status, leaves_qty); }
  order::OrdStatus shown_status() const;
  order::Terms terms() const;
  std::int32_t settle_date2() const { return rare == nullptr ? 0 : rare->settle_date2; }
  std::int32_t fixing_date() const { return rare == nullptr ? 0 : rare->fixing_date; }
  Price price2() const { return rare == nullptr ? Price() : rare->price2; }
};
static_assert(sizeof(Order) == 224 && std::has_unique_object_representations_v<Order>);

inline order::Terms Order::terms() const {
  order::Terms terms{.order_qty = order_qty,
                     .price = price,
                     .stop_px = {},
                     .expire_time = {},
                     .order_qty2 = {},
                     .price2 = {},
                     .expire_date = 0,
                     .ord_type = ord_type,
                     .time_in_force = time_in_force,
                     .has_price = has_price,
                     .has_stop_px = has_stop_px};
  if (rare == nullptr) [[likely]]
    return terms;
  terms.stop_px = rare->stop_px;
  terms.expire_time = rare->expire_time;
  terms.order_qty2 = rare->order_qty2;
  terms.price2 = rare->price2;
  terms.expire_date = rare->expire_date;
  return terms;
}

// Where the order's amounts go. What a swap settles goes its own way, so it has no value date here.
risk::Place place_of(const Order& order);

// What a report says was traded, and what of that is booked; under a correction the whole of it.
struct Traded {
  Quantity last_qty;
  Price last_px;
  order::Booking booking;
};

// Every report of a broker that has an ExecID, so that none is applied twice.
struct Execution {
  Narrow<OrderNumber> order;  // none: in suspense
  Narrow<ExecutionNumber> corrected_by;
  std::uint32_t epoch = 0;
  std::int32_t trade_date = 0;  // of a correction: the first execution's
  UtcTime time;
  const Traded* traded = nullptr;  // in Beside; null: all of it is zero
  BrokerId broker;
  order::ExecType exec_type = order::ExecType::kNew;
  bool undone = false;   // busted, or replaced by a correction
  bool booked = false;   // what it has traded
  bool indexed = false;  // State::exec_ids leads to it, not to another one of the same ExecID
  bool kept = true;
  StoredText<24> exec_id;  // the broker's

  Quantity last_qty() const { return traded == nullptr ? Quantity() : traded->last_qty; }
  Price last_px() const { return traded == nullptr ? Price() : traded->last_px; }
};
static_assert(sizeof(Execution) == 64 && std::has_unique_object_representations_v<Execution>);

// What stands beside the entries, and leads nowhere but through them.
struct Beside {
  Slots<RareTerms> rare_terms;
  Slots<Replacement> replacements;
  Slots<Traded> traded;
  LongTexts texts;

  // The order's terms are these from now on.
  void set_terms(Order& order, const order::Terms& terms);
  void set_rare(Order& order, const RareTerms& rare);
  void set_traded(Execution& execution, const Traded& traded);
  // Nothing of the entry is left here.
  void give_back(Order& order);
  void give_back(Request& request);
  void give_back(Execution& execution);
  // Of the memory that it holds.
  std::size_t bytes() const { return rare_terms.bytes() + replacements.bytes() + traded.bytes() + texts.bytes(); }
};

}  // namespace portcullis::gateway
