// The broker's answer to a question about an order's state (150=I; in 4.2 20=3), and when it is asked.

#include <algorithm>
#include <string_view>

#include "gateway/report_draft.h"
#include "order/transition.h"

namespace portcullis::gateway {
namespace {

using order::AlertCode;
using order::ExecType;
using order::ExecutionDraft;
using order::ExecutionReport;
using order::OrdStatus;
using order::Severity;

// The broker was asked because it had not answered, or anew after its line was down, and reports the order without the
// cancel: it does not have it. The client is told, and may cancel again.
void reject_lost_cancels(Deciding& d, BrokerId broker, const Order& order) {
  const State& state = d.state;
  const Broker& line = state.broker_states[broker.value()];
  const auto given_up = [&](RequestNumber number) {
    const Request& request = state.requests[number];
    if (line.phase == BrokerPhase::kReconciling) return request.time < line.reconciling_since;
    return request.state == RequestState::kSent &&
           std::find(line.unanswered.begin(), line.unanswered.end(), number) == line.unanswered.end();
  };
  for (RequestNumber r = order.newest; r.has_value(); r = state.requests[r].previous) {
    const Request& request = state.requests[r];
    if (request.kind != RequestKind::kCancel || !request.routed || !waits(request) || !given_up(r)) continue;
    reject_request(d, broker, r, -1, "the broker has not answered the cancel, and reports the order without it");
  }
}

constexpr std::string_view kOverThere =
    "by the broker's answer the order is over, and what it has executed of it is not all known here";

}  // namespace

void ask_again(Deciding& d, BrokerId broker, OrderNumber order) {
  if (takes_requests(d.state, broker) && d.state.risk.broker_has_token(broker, d.now, true)) {
    write_status_requested(d, broker, order);
  }
}

void decide_status(Deciding& d, BrokerId broker, const Order& order, RequestNumber request,
                   const ExecutionReport& report) {
  const State& state = d.state;
  ExecutionDraft event = blank(d, order, request, broker, ExecType::kOrderStatus);
  event.text = report.text;
  const bool unknown_there = report.ord_status == OrdStatus::kRejected && !order.acknowledged &&
                             (report.ord_rej_reason == 5 || report.order_id == "NONE" || report.order_id == "UNKNOWN");
  if (unknown_there) {
    if (!state.setup.brokers[broker.value()].status_is_authoritative) {
      d.alert(AlertCode::kOrderUnknown, Severity::kCritical,
              "the broker does not know the order, but its word is not proof (status_is_authoritative)", order.number);
      write(d, order, event);
      return;
    }
    event.head.exec_type = ExecType::kRejected;
    event.head.status_after = OrdStatus::kRejected;
    event.text = "the broker has never processed the order";
    close(event);
    write(d, order, event);
    return;
  }
  if (report.has_cum_qty && report.cum_qty != order.cum_qty) {
    d.alert(AlertCode::kQuantityMismatch, Severity::kCritical,
            "the broker's CumQty(14) in a status report differs from the executions that it has reported",
            order.number);
    write(d, order, event);
    if (order.is_open() && is_over_there(report)) write_unknown(d, order.number, kOverThere);
    return;
  }
  // What the broker says the order has become, and we have not been told, is taken over and passed on.
  if (order.is_open()) {
    ExecType told = ExecType::kOrderStatus;
    switch (report.ord_status) {
      case OrdStatus::kNew:
        told = order.acknowledged ? told : ExecType::kNew;
        break;
      case OrdStatus::kCanceled:
        told = ExecType::kCanceled;
        break;
      case OrdStatus::kExpired:
        told = ExecType::kExpired;
        break;
      case OrdStatus::kRejected:
        told = ExecType::kRejected;
        break;
      case OrdStatus::kDoneForDay:
        told = ExecType::kDoneForDay;
        break;
      default:
        break;
    }
    const order::Move move = order::transition(met_by(order, told), told, order.cum_qty, order.leaves_qty);
    if (told != ExecType::kOrderStatus && move.transition == order::Transition::kApply) {
      event.head.exec_type = told;
      event.head.status_after = move.after;
      const bool until_tomorrow = move.after == OrdStatus::kDoneForDay && outlives_day(order);
      if (order::is_terminal(move.after) && !until_tomorrow) close(event);
    }
  }
  write(d, order, event);
  if (order::is_over(event.head.status_after, event.head.leaves_after)) return;
  if (is_over_there(report)) {
    write_unknown(d, order.number, kOverThere);
  } else if (report.ord_status != OrdStatus::kPendingCancel && order.open_requests > 0) {
    reject_lost_cancels(d, broker, order);
  }
}

}  // namespace portcullis::gateway
