#pragma once

// What a broker's report on an order of ours begins with, whatever it says: a draft of its event, and the status that
// it meets. For gateway/decide_report.cc and gateway/decide_status.cc.

#include <optional>

#include "gateway/decide.h"

namespace portcullis::gateway {

// A report that changes nothing yet.
inline order::ExecutionDraft blank(Deciding& d, const Order& order, RequestNumber request, BrokerId broker,
                                   order::ExecType type) {
  return order::ExecutionDraft{.head = {.order = order.number,
                                        .request = request,
                                        .execution = d.state.executions.next(),
                                        .cum_after = order.cum_qty,
                                        .leaves_after = order.leaves_qty,
                                        .broker = broker,
                                        .exec_type = type,
                                        .status_after = order.status,
                                        .flags = order::ExecutionApplied::kApplied,
                                        .exec_id_size = 0,
                                        .broker_order_id_size = 0,
                                        .text_size = 0},
                               .refers_to = ExecutionNumber::none(),
                               .trade = std::nullopt,
                               .reserved_after = order.reserved,
                               .terms_after = std::nullopt,
                               .exec_id = {},
                               .broker_order_id = {},
                               .text = {}};
}

// What a cancelled, expired, rejected or finished order still reserves: nothing.
inline void close(order::ExecutionDraft& event) {
  event.head.leaves_after = Quantity();
  event.reserved_after = order::Need{};
}

inline void write(Deciding& d, const Order& order, const order::ExecutionDraft& event) {
  order::write(d.events, event, order.reserved);
}

// By its order::OrdStatus(39) nothing of the order is open any more.
inline bool is_over_there(const order::ExecutionReport& report) {
  return report.ord_status == order::OrdStatus::kFilled || report.ord_status == order::OrdStatus::kCanceled ||
         report.ord_status == order::OrdStatus::kExpired || report.ord_status == order::OrdStatus::kRejected;
}

inline bool outlives_day(const Order& order) {
  return order.time_in_force == order::TimeInForce::kGoodTillCancel ||
         order.time_in_force == order::TimeInForce::kGoodTillDate;
}

// The status that a report meets. An order that was done for one day only is back on the market when
// anything but a correction of that day's executions happens to it; the restatement is optional (H.1.a).
inline order::OrdStatus met_by(const Order& order, order::ExecType report) {
  if (order.status != order::OrdStatus::kDoneForDay || !order.is_open()) return order.status;
  switch (report) {
    case order::ExecType::kTrade:
    case order::ExecType::kRestated:
    case order::ExecType::kReplaced:
    case order::ExecType::kCanceled:
    case order::ExecType::kExpired:
    case order::ExecType::kRejected:
    case order::ExecType::kStopped:
    case order::ExecType::kSuspended:
      return order.cum_qty.is_positive() ? order::OrdStatus::kPartiallyFilled : order::OrdStatus::kNew;
    default:
      return order.status;
  }
}

}  // namespace portcullis::gateway
