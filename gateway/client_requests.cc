#include "gateway/client_requests.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "fix/pass_through.h"

namespace portcullis::gateway {

using order::IdText;
using order::ReasonText;
using order::Reject;
using order::RejectCode;

Reject reject(RejectCode code, std::string_view text, std::uint16_t ref_tag, order::Control control) {
  return Reject{code, control, ref_tag, ReasonText::truncated(text)};
}

Reject refused_by_gateway(const State& state) {
  if (state.held) return reject(RejectCode::kHold, "orders are held until the gateway has reconciled with its brokers");
  if (state.setup.low_space) return reject(RejectCode::kStorage, "orders are refused: the gateway's storage is nearly full");
  return {};
}

Reject refused_by_dialect(const State& state, BrokerId broker, std::string_view msg_type,
                          std::span<const order::RawField> fields) {
  const SessionId line = state.broker_states[broker.value()].session;
  const std::optional<fix::Dialect>& dialect = state.setup.sessions[line.value()].dialect;
  if (!dialect) return {};
  const std::uint32_t tag = fix::uncarried_field(fields, msg_type, *dialect);
  if (tag == 0) return {};
  std::array<char, 64> text;
  constexpr std::string_view kBefore = "the broker's FIX version or rules cannot carry tag ";
  std::copy(kBefore.begin(), kBefore.end(), text.begin());
  const char* const end = std::to_chars(text.begin() + kBefore.size(), text.end(), tag).ptr;
  return reject(RejectCode::kUnsupported, {text.data(), static_cast<std::size_t>(end - text.data())},
                static_cast<std::uint16_t>(tag));
}

void write_routed(Deciding& d, OrderNumber order, RequestNumber request, BrokerId broker) {
  order::OrderRouted routed{};
  routed.order = order;
  routed.request = request;
  routed.epoch = d.state.epoch;
  routed.msg_seq_num = d.next_seq(d.state.broker_states[broker.value()].session);
  routed.time = d.now;
  routed.broker = broker;
  d.events.add(routed);
}

void refuse_request(Deciding& d, const order::MessageContext& context, char response_to, OrderNumber order,
                    std::string_view cl_ord_id, std::string_view orig_cl_ord_id, const Reject& refusal, bool uses_up_id) {
  order::RequestRefused event{};
  event.order = order;
  event.time = d.now;
  event.session = context.session;
  event.response_to = response_to;
  event.uses_up_id = uses_up_id ? 1 : 0;
  event.cl_ord_id = IdText::truncated(cl_ord_id);
  event.orig_cl_ord_id = IdText::truncated(orig_cl_ord_id);
  event.reject = refusal;
  d.events.add(event);
}

void answer_status(Deciding& d, SessionId session, OrderNumber order, std::string_view cl_ord_id,
                   RejectCode refused) {
  order::StatusAnswered event{};
  event.order = order;
  event.session = session;
  event.refused = refused;
  event.cl_ord_id = IdText::truncated(cl_ord_id);
  d.events.add(event);
}

bool refuse_unusable_id(Deciding& d, const order::MessageContext& context, std::string_view msg_type,
                        std::string_view cl_ord_id) {
  if (!cl_ord_id.empty() && IdText::fits(cl_ord_id)) return false;
  order::MessageRefused event{};
  event.session = context.session;
  event.business_reject_reason = 5;  // conditionally required field missing
  event.ref_seq_num = context.msg_seq_num;
  event.ref_msg_type = FixedText<7>::truncated(msg_type);
  event.ref_id = IdText::truncated(cl_ord_id);
  event.text = ReasonText(cl_ord_id.empty() ? "ClOrdID(11) is missing" : "ClOrdID(11) is longer than 63 characters");
  d.events.add(event);
  return true;
}

OrderNumber find_target(const State& state, SessionId session, std::string_view orig_cl_ord_id, std::string_view order_id) {
  if (!orig_cl_ord_id.empty()) {
    const RequestNumber request = state.find_request(session, orig_cl_ord_id);
    if (request.has_value()) return state.requests[request].order;
    return OrderNumber::none();
  }
  const OrderNumber order = state.find_order(order_id);
  if (order.has_value() && state.orders[order].session == session) return order;
  return OrderNumber::none();
}

}  // namespace portcullis::gateway
