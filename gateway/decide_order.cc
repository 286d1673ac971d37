// What a client asks of orders that there are: cancels, replaces, status requests.

#include <algorithm>
#include <array>
#include <optional>

#include "gateway/client_requests.h"
#include "gateway/decide.h"
#include "gateway/decide_swaps.h"
#include "gateway/decided.h"
#include "gateway/sides.h"

namespace portcullis::gateway {

using order::IdText;
using order::ReasonText;
using order::Reject;
using order::RejectCode;

void Deciding::alert(order::AlertCode code, order::Severity severity, std::string_view text, OrderNumber order,
                     SessionId session) {
  order::AlertRaised event{};
  event.alert = state.alert_count + alerts_++;
  event.time = now;
  event.order = order;
  event.session = session;
  event.code = code;
  event.severity = severity;
  event.text = ReasonText::truncated(text);
  events.add(event);
}

void decide(Deciding& d, const order::OrderCancelRequest& command) {
  const State& state = d.state;
  const SessionId session = command.context.session;
  if (refuse_unusable_id(d, command.context, "F", command.cl_ord_id)) return;
  const auto refuse = [&](OrderNumber order, const Reject& refusal, bool uses_up_id) {
    write_decided(d, 'F', order, RequestNumber::none(), refusal);
    refuse_request(d, command.context, '1', order, command.cl_ord_id, command.orig_cl_ord_id, refusal, uses_up_id);
  };

  const RequestNumber known = state.find_request(session, command.cl_ord_id);
  const OrderNumber number = find_target(state, session, command.orig_cl_ord_id, command.order_id);
  if (known.has_value()) {
    // A repeated cancel is answered by the state of what it asked for, not by asking the broker again.
    if ((command.context.poss_resend || command.context.poss_dup) && state.requests[known].kind == RequestKind::kCancel) {
      answer_status(d, session, state.requests[known].order, command.cl_ord_id);
      return;
    }
    refuse(number, reject(RejectCode::kDuplicateClOrdId, "ClOrdID(11) is in use already"), false);
    return;
  }
  if (!number.has_value()) {
    // The id stays free: no order and no request has been made of it (B.1.f).
    refuse(number, reject(RejectCode::kUnknownOrder, "no order of this session has this OrigClOrdID(41)"), false);
    return;
  }
  if (command.fault) {
    refuse(number, command.fault, true);
    return;
  }
  const Order& order = state.orders[number];
  if (!order.is_open()) {
    refuse(number, reject(RejectCode::kTooLateToCancel, "the order is over"), true);
    return;
  }
  if (state.cancel_waits(order)) {
    refuse(number, reject(RejectCode::kAlreadyPending, "a cancel of this order has no answer yet"), true);
    return;
  }

  const bool reachable = takes_requests(state, order.broker);
  write_decided(d, 'F', number, state.requests.next(), Reject());
  order::CancelRequested event{};
  event.order = number;
  event.request = state.requests.next();
  event.time = d.now;
  event.session = session;
  event.origin = order::RequestOrigin::kClient;
  event.queued = reachable ? 0 : 1;
  event.cl_ord_id = IdText(command.cl_ord_id);
  d.events.add(event);
  if (reachable) write_routed(d, number, event.request, order.broker);
}

void decide(Deciding& d, const order::OrderCancelReplaceRequest& command) {
  const State& state = d.state;
  const SessionId session = command.context.session;
  if (refuse_unusable_id(d, command.context, "G", command.cl_ord_id)) return;
  const auto refuse = [&](OrderNumber order, const Reject& refusal, bool uses_up_id) {
    refuse_request(d, command.context, '2', order, command.cl_ord_id, command.orig_cl_ord_id, refusal, uses_up_id);
  };

  const RequestNumber known = state.find_request(session, command.cl_ord_id);
  const OrderNumber number = find_target(state, session, command.orig_cl_ord_id, command.order_id);
  if (known.has_value()) {
    if ((command.context.poss_resend || command.context.poss_dup) && state.requests[known].kind == RequestKind::kReplace) {
      answer_status(d, session, state.requests[known].order, command.cl_ord_id);
      return;
    }
    const Reject duplicate = reject(RejectCode::kDuplicateClOrdId, "ClOrdID(11) is in use already");
    write_decided(d, 'G', number, RequestNumber::none(), duplicate);
    refuse(number, duplicate, false);
    return;
  }
  if (!number.has_value()) {
    const Reject unknown = reject(RejectCode::kUnknownOrder, "no order of this session has this OrigClOrdID(41)");
    write_decided(d, 'G', number, RequestNumber::none(), unknown);
    refuse(number, unknown, false);
    return;
  }
  const Order& order = state.orders[number];
  const ClientSetup& setup = state.setup.clients[order.client.value()];

  risk::CheckLog checks;
  risk::Verdict verdict;
  Reject refusal;
  const auto keep = [&refusal](const std::optional<Reject>& why) {
    if (why) refusal = *why;
  };
  keep(refused_by_gateway(state));
  if (!refusal) refusal = command.fault;
  if (!refusal && !order.is_open()) refusal = reject(RejectCode::kTooLateToCancel, "the order is over");
  if (!refusal) keep(refused_as_stale(setup, command.context, UtcTime(), d.now));
  if (!refusal) keep(refused_by_values(setup, command.fields));
  if (!refusal && state.cancel_waits(order)) refusal = reject(RejectCode::kAlreadyPending, "a cancel of this order has no answer yet");
  if (!refusal) {
    // A replace changes quantity, prices, type and time in force of the order, not the order's identity.
    order::Dealt dealt = order::Dealt::kBase;
    const bool same_symbol = state.instruments.find(command.symbol) == order.instrument.value();
    refusal = !same_symbol ? reject(RejectCode::kCannotChange, "a replace cannot change Symbol(55)", 55)
              : side_for(state.setup.sessions[session.value()], command.side, order.dealt, command.terms.ord_type) !=
                      order.side
                  ? reject(RejectCode::kCannotChange, "a replace cannot change Side(54)", 54)
              : (command.terms.ord_type == order::OrdType::kForexSwap) != order.is_swap()
                  ? reject(RejectCode::kCannotChange, "a replace cannot make a swap of an order, nor the reverse", 40)
              : !command.account.empty() && resolve_account(state, order.client, command.account) != order.account
                  ? reject(RejectCode::kCannotChange, "a replace cannot change Account(1)", 1)
                  : Reject();
    if (!refusal) {
      keep(resolve_dealt(state, order.instrument, command.currency, command.has_order_qty, command.has_cash_order_qty,
                         dealt));
    }
    if (!refusal && (command.settl_date != 0 || !command.settl_type.empty()) && order.settle_date != 0) {
      const risk::SettlementAsked asked{command.settl_type, command.settl_date, 0};
      const bool same = command.settl_date != 0 ? command.settl_date == order.settle_date
                                                : state.risk.value_date(order.instrument, asked, d.now).date == order.settle_date;
      if (!same) refusal = reject(RejectCode::kCannotChange, "a replace cannot change the value date", 64);
    }
    if (!refusal && command.maturity_date != 0 && order.fixing_date() != 0 &&
        command.maturity_date != order.fixing_date()) {
      refusal = reject(RejectCode::kCannotChange, "a replace cannot change the fixing date", 541);
    }
    if (!refusal && command.settl_date2 != 0 && command.settl_date2 != order.settle_date2()) {
      refusal = reject(RejectCode::kCannotChange, "a replace cannot change the far leg's value date", 193);
    }
    if (!refusal && dealt != order.dealt) {
      refusal = reject(RejectCode::kCannotChange, "a replace cannot change the dealt currency", 15);
    }
  }
  if (!refusal && !takes_requests(state, order.broker)) {
    refusal = reject(RejectCode::kBrokerDown, "the order's broker cannot be reached; the order stands as it was");
  }
  if (!refusal) keep(refused_by_dialect(state, order.broker, "G", command.fields));
  if (!refusal) {
    std::array<risk::TermsAndValuation, kMaxProposals> memory;
    const std::span<const risk::TermsAndValuation> held = order_proposals(state, order, memory);
    if (held.size() == memory.size()) {
      refusal = reject(RejectCode::kAlreadyPending, "too many replaces of this order have no answer yet");
    } else {
      risk::LiveOrder live{};
      live.client = order.client;
      live.account = order.account;
      live.session = order.session;
      live.broker = order.broker;
      live.instrument = order.instrument;
      live.trader = order.trader;
      live.settle_date = order.settle_date;
      live.settle_date2 = order.settle_date2();
      live.fixing_date = order.fixing_date();
      live.self_cross = setup.self_cross;
      live.side = order.side;
      live.dealt = order.dealt;
      live.cum_qty = order.cum_qty;
      live.reserved = order.reserved;
      if (order.is_swap()) live.swap_reserved = state.swaps[order.swap].need;
      live.terms = held;
      live.now = d.now;
      verdict = state.risk.evaluate_replace(live, command.terms, checks);
      refusal = verdict.reject;
    }
  }

  write_decided(d, 'G', number, refusal ? RequestNumber::none() : state.requests.next(), order.instrument, refusal.code,
                refusal.control, checks);
  if (refusal) {
    refuse(number, refusal, true);
    return;
  }
  order::ReplaceRequested event{};
  event.order = number;
  event.request = state.requests.next();
  event.time = d.now;
  event.terms = command.terms;
  event.valuation = verdict.valuation;
  event.reserved_after = verdict.need;
  event.session = session;
  event.cl_ord_id = IdText(command.cl_ord_id);
  d.events.add(event);
  write_routed(d, number, event.request, order.broker);
  if (order.is_swap()) write_swap_reserved(d, number, verdict.swap_need);
  if (setup.self_cross == config::SelfCross::kWarn) decide_self_cross_alert(d, number, checks);
}

void decide(Deciding& d, const order::OrderStatusRequest& command) {
  if (refuse_unusable_id(d, command.context, "H", command.cl_ord_id)) return;
  const SessionId session = command.context.session;
  OrderNumber order = find_target(d.state, session, command.cl_ord_id, {});
  if (!order.has_value()) order = find_target(d.state, session, {}, command.order_id);
  answer_status(d, session, order, command.cl_ord_id);
}

void decide_unsupported(Deciding& d, const order::MessageContext& context, std::string_view msg_type) {
  order::MessageRefused event{};
  event.session = context.session;
  event.business_reject_reason = 3;  // unsupported message type
  event.ref_seq_num = context.msg_seq_num;
  event.ref_msg_type = FixedText<7>::truncated(msg_type);
  event.text = ReasonText("this gateway does not take this MsgType(35) on this session");
  d.events.add(event);
}

void decide_client_reject(Deciding& d, const order::MessageReject& rejected) {
  d.alert(order::AlertCode::kUnmatchedReject, order::Severity::kCritical,
          rejected.text.empty() ? std::string_view("the client rejects a message of ours") : rejected.text,
          OrderNumber::none(), rejected.context.session);
}

void decide_own_cancel(Deciding& d, const Order& order, order::RequestOrigin origin, std::uint64_t run) {
  const bool reachable = takes_requests(d.state, order.broker);
  order::CancelRequested event{};
  event.order = order.number;
  event.request = d.state.requests.next();
  event.time = d.now;
  event.origin = origin;
  event.queued = reachable ? 0 : 1;
  event.run = static_cast<std::uint32_t>(run);
  d.events.add(event);
  if (reachable) write_routed(d, order.number, event.request, order.broker);
}

namespace {

bool is_logged_on(const State& state, const Broker& line) {
  const Session& session = state.sessions[line.session.value()];
  return session.state == order::SessionState::kLoggedOn && session.enabled;
}

}  // namespace

bool takes_requests(const State& state, BrokerId broker) {
  if (!broker.has_value()) return false;
  const Broker& line = state.broker_states[broker.value()];
  return (line.phase == BrokerPhase::kOpen || line.phase == BrokerPhase::kReconciling) && is_logged_on(state, line);
}

bool takes_orders(const State& state, BrokerId broker, UtcTime now) {
  const Broker& line = state.broker_states[broker.value()];
  // Cancels of an emergency, and those that waited for the line, go ahead of everything.
  if (!line.cancel_queue.empty() || !line.held.empty()) return false;
  const BrokerSetup& setup = state.setup.brokers[broker.value()];
  return line.phase == BrokerPhase::kOpen && is_logged_on(state, line) && setup.configured && !setup.slow_line &&
         state.risk.broker_has_token(broker, now, false);
}

}  // namespace portcullis::gateway
