// A broker refuses a cancel or a replace.

#include <algorithm>
#include <array>

#include "gateway/decide_swaps.h"

namespace portcullis::gateway {

using order::AlertCode;
using order::ReasonText;
using order::Severity;

void reject_request(Deciding& d, BrokerId broker, RequestNumber number, std::int32_t cxl_rej_reason,
                    std::string_view text) {
  const State& state = d.state;
  const Request& request = state.requests[number];
  const Order& order = state.orders[request.order];
  order::RequestRejected event{};
  event.order = request.order;
  event.request = number;
  event.time = d.now;
  event.broker = broker;
  event.cxl_rej_reason = static_cast<std::int16_t>(std::clamp(cxl_rej_reason, -1, 32'000));
  event.response_to = request.kind == RequestKind::kCancel ? '1' : '2';
  event.text = ReasonText::truncated(text);
  event.reserved_after = order.reserved;
  // A filled order holds what a pending replace would add; it is over with the broker's refusal.
  if (request.kind == RequestKind::kReplace && (order.is_open() || order.status == order::OrdStatus::kFilled)) {
    std::array<risk::TermsAndValuation, kMaxProposals> memory;
    ProposalChange change;
    change.without = number;
    const auto held = order_proposals(state, order, memory, change);
    event.reserved_after = state.risk.need_of(order.instrument, order.side, order.dealt, held, order.cum_qty);
    d.events.add(event);
    write_swap_reserved_after(d, order, event.reserved_after, held, order.cum_qty);
    return;
  }
  d.events.add(event);
}

void decide(Deciding& d, const order::OrderCancelReject& reject) {
  const State& state = d.state;
  const SessionId session = reject.context.session;
  const BrokerId broker = state.sessions[session.value()].broker;
  const RequestNumber number = state.find_given(reject.cl_ord_id);
  if (!number.has_value() || state.orders[state.requests[number].order].broker != broker ||
      state.requests[number].kind == RequestKind::kNew) {
    hold_for_lost_orders(d, broker, reject.cl_ord_id, reject.orig_cl_ord_id);
    d.alert(AlertCode::kUnmatchedReject, Severity::kWarning,
            "the broker refuses a cancel or replace that this gateway has not sent to it", OrderNumber::none(),
            session);
    return;
  }
  if (!waits(state.requests[number])) {
    d.alert(AlertCode::kImpossibleReport, Severity::kWarning,
            "the broker refuses a cancel or replace that it has answered already", state.requests[number].order,
            session);
    return;
  }
  reject_request(d, broker, number, reject.cxl_rej_reason, reject.text);
}

}  // namespace portcullis::gateway
