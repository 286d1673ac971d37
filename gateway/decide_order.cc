// What a client asks: new orders, cancels, replaces, status requests.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "gateway/client_requests.h"
#include "gateway/decide.h"
#include "gateway/decide_swaps.h"
#include "gateway/decided.h"
#include "gateway/ids.h"
#include "gateway/sides.h"
#include "gateway/traders.h"

namespace portcullis::gateway {
namespace {

using order::Control;
using order::IdText;
using order::NameText;
using order::ReasonText;
using order::Reject;
using order::RejectCode;

// Account(1), or the client's first one when it is absent; none when it is not this client's.
order::AccountId resolve_account(const State& state, ClientId client, std::string_view text) {
  const ClientSetup& setup = state.setup.clients[client.value()];
  if (text.empty()) return setup.accounts.empty() ? order::AccountId::none() : setup.accounts.front();
  const std::uint32_t index = state.accounts.find(text, client.value(), 0);
  for (const order::AccountId account : setup.accounts) {
    if (account.value() == index) return account;
  }
  return order::AccountId::none();
}

// Currency(15) and CashOrderQty(152) say which amount is dealt.
Reject resolve_dealt(const State& state, order::InstrumentId instrument, std::string_view currency, bool has_qty,
                     bool has_cash, order::Dealt& dealt) {
  if (has_qty == has_cash) {
    return reject(RejectCode::kBadQuantity, "RISK-1 B1: exactly one of OrderQty(38) and CashOrderQty(152) is expected", 38, Control::kB1);
  }
  const std::uint32_t pair = state.instruments[instrument.value()].owner;
  const std::string_view term = state.currencies[term_of(pair).value()].name.view();
  if (!state.risk.state().instruments[instrument.value()].is_fx) {
    dealt = order::Dealt::kUnits;
    if (has_cash) {
      return reject(RejectCode::kUnsupported, "this instrument is dealt in units, by OrderQty(38)", 152);
    }
    if (currency.empty() || currency == term) return {};
    return reject(RejectCode::kUnsupported, "Currency(15) is not the one that Symbol(55) is priced in", 15);
  }
  if (has_cash) {
    dealt = order::Dealt::kTermCash;
    return {};
  }
  const std::string_view base = state.currencies[base_of(pair).value()].name.view();
  if (currency.empty() || currency == base) {
    dealt = order::Dealt::kBase;
  } else if (currency == term) {
    dealt = order::Dealt::kTerm;
  } else {
    return reject(RejectCode::kUnsupported, "Currency(15) is neither the base nor the term currency of Symbol(55)", 15);
  }
  return {};
}

// Side(54) from the session's terms to ours.
Reject resolve_side(const SessionSetup& session, const order::NewOrderSingle& command, order::Dealt dealt,
                    order::Side& side) {
  side = side_for(session, command.side, dealt, command.terms.ord_type);
  if (!turns_side(session, dealt, command.terms.ord_type) || can_turn(command.side)) return {};
  return reject(RejectCode::kUnsupported,
                "a short sale cannot be said of the pair's base currency, nor of a swap's far leg: expected 1 or 2", 54);
}

}  // namespace

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

void decide(Deciding& d, const order::NewOrderSingle& command) {
  const State& state = d.state;
  const SessionId session = command.context.session;
  if (refuse_unusable_id(d, command.context, "D", command.cl_ord_id)) return;
  const ClientId client = state.sessions[session.value()].client;
  const ClientSetup& setup = state.setup.clients[client.value()];

  // A known ClOrdID: with PossResend(97)=Y its state is told; without it, it is refused, and the first
  // order stays unharmed (order states F.1.a, F.1.b).
  const RequestNumber known = state.find_request(session, command.cl_ord_id);
  if (known.has_value()) {
    const bool repeated = command.context.poss_resend || command.context.poss_dup;
    if (!repeated) {
      write_decided(d, 'D', state.requests[known].order, RequestNumber::none(),
                    reject(RejectCode::kDuplicateClOrdId, "ClOrdID(11) is in use already", 11, Control::kA4));
    }
    answer_status(d, session, state.requests[known].order, command.cl_ord_id,
                  repeated ? RejectCode::kNone : RejectCode::kDuplicateClOrdId);
    return;
  }

  const OrderNumber number = state.orders.next();
  const RequestNumber request = state.requests.next();
  order::OrderIdentity identity{};
  identity.order = number;
  identity.request = request;
  identity.client = client;
  identity.session = session;
  identity.dealt = order::Dealt::kBase;
  identity.cl_ord_id = IdText(command.cl_ord_id);
  const std::uint32_t instrument = state.instruments.find(command.symbol);
  if (instrument != NameTable::kUnknown) identity.instrument = order::InstrumentId(instrument);
  identity.account = resolve_account(state, client, command.account);
  const Reject unknown_trader = resolve_trader(state, client, command.trader, identity.trader);

  risk::CheckLog checks;
  risk::Verdict verdict;
  BrokerId broker;
  Reject refusal = refused_by_gateway(state);
  if (!refusal) refusal = command.fault;
  if (!refusal) refusal = refused_as_stale(setup, command.context, command.transact_time, d.now);
  if (!refusal) refusal = unknown_trader;
  if (!refusal) refusal = refused_by_values(setup, command.fields);
  if (!refusal && !identity.instrument.has_value()) {
    refusal = reject(RejectCode::kUnknownSymbol, "RISK-9 A2: Symbol(55) is not an instrument of this gateway", 55, Control::kA2);
  }
  if (!refusal && !identity.account.has_value()) {
    refusal = reject(RejectCode::kUnknownAccount, "RISK-10 A2: Account(1) is not an account of this client", 1, Control::kA2);
  }
  if (!refusal) {
    refusal = resolve_dealt(state, identity.instrument, command.currency, command.has_order_qty,
                            command.has_cash_order_qty, identity.dealt);
  }
  const Reject unturned = resolve_side(state.setup.sessions[session.value()], command, identity.dealt, identity.side);
  if (!refusal) refusal = unturned;
  const bool is_swap = command.terms.ord_type == order::OrdType::kForexSwap;
  if (!refusal) {
    risk::NewOrder asked{};
    asked.client = client;
    asked.account = identity.account;
    asked.session = session;
    asked.instrument = identity.instrument;
    asked.trader = identity.trader;
    asked.value = state.risk.value_date(
        identity.instrument, {command.settl_type, command.settl_date, command.maturity_date}, d.now);
    identity.settle_date = asked.value.date;
    if (is_swap) asked.value2 = state.risk.far_value_date(identity.instrument, command.settl_date2, d.now);
    identity.settle_date2 = asked.value2.date;
    const risk::Instrument* const pair = state.risk.state().find_instrument(identity.instrument);
    if (pair != nullptr && pair->is_fx && !pair->delivers) identity.fixing_date = command.maturity_date;
    asked.fixing_date = identity.fixing_date;
    asked.self_cross = setup.self_cross;
    asked.side = identity.side;
    asked.dealt = identity.dealt;
    asked.terms = command.terms;
    asked.now = d.now;
    // The first broker that is up, open, has tokens and room on its own line takes the order. As a rule the first that
    // can be reached does, so its line is asked with all other scopes.
    const routing::RouteKey route{client, identity.account, identity.instrument};
    const auto out_of_reach = [&](BrokerId candidate) -> Reject {
      if (takes_orders(state, candidate, d.now)) return refused_by_dialect(state, candidate, "D", command.fields);
      return reject(RejectCode::kNoRoute, "no broker for this order is logged on and open");
    };
    const std::span<const BrokerId> candidates = state.setup.router.candidates(route);
    const auto first = std::find_if_not(candidates.begin(), candidates.end(), out_of_reach);
    verdict = state.risk.evaluate_new(asked, checks, first != candidates.end() ? *first : BrokerId::none());
    refusal = verdict.reject;
    broker = verdict.broker;
    if (!refusal && !broker.has_value()) {
      const routing::Choice choice = state.setup.router.choose(route, [&](BrokerId candidate) -> Reject {
        if (const Reject refused = out_of_reach(candidate)) return refused;
        return state.risk.evaluate_broker(candidate, asked, verdict, checks);
      });
      refusal = choice.reject;
      broker = choice.broker;
    }
  }

  write_decided(d, 'D', number, request, identity.instrument, refusal, checks);
  if (refusal) {
    order::OrderRejected event{};
    event.identity = identity;
    event.terms = command.terms;
    event.time = d.now;
    event.symbol = NameText::truncated(command.symbol);
    event.account = NameText::truncated(command.account);
    event.reject = refusal;
    d.events.add(event);
    return;
  }
  order::OrderAccepted accepted{};
  accepted.identity = identity;
  accepted.terms = command.terms;
  accepted.valuation = verdict.valuation;
  accepted.reserved = verdict.need;
  accepted.time = d.now;
  d.events.add(accepted);
  write_routed(d, number, request, broker);
  if (is_swap) write_swap_reserved(d, number, verdict.swap_need);
  if (setup.self_cross == config::SelfCross::kWarn) decide_self_cross_alert(d, number, checks);
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
  Reject refusal = refused_by_gateway(state);
  if (!refusal) refusal = command.fault;
  if (!refusal && !order.is_open()) refusal = reject(RejectCode::kTooLateToCancel, "the order is over");
  if (!refusal) refusal = refused_as_stale(setup, command.context, UtcTime(), d.now);
  if (!refusal) refusal = refused_by_values(setup, command.fields);
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
                  : resolve_dealt(state, order.instrument, command.currency, command.has_order_qty,
                                  command.has_cash_order_qty, dealt);
    if (!refusal && (command.settl_date != 0 || !command.settl_type.empty()) && order.settle_date != 0) {
      const risk::SettlementAsked asked{command.settl_type, command.settl_date, 0};
      const bool same = command.settl_date != 0 ? command.settl_date == order.settle_date
                                                : state.risk.value_date(order.instrument, asked, d.now).date == order.settle_date;
      if (!same) refusal = reject(RejectCode::kCannotChange, "a replace cannot change the value date", 64);
    }
    if (!refusal && command.maturity_date != 0 && order.fixing_date != 0 &&
        command.maturity_date != order.fixing_date) {
      refusal = reject(RejectCode::kCannotChange, "a replace cannot change the fixing date", 541);
    }
    if (!refusal && command.settl_date2 != 0 && command.settl_date2 != order.settle_date2) {
      refusal = reject(RejectCode::kCannotChange, "a replace cannot change the far leg's value date", 193);
    }
    if (!refusal && dealt != order.dealt) {
      refusal = reject(RejectCode::kCannotChange, "a replace cannot change the dealt currency", 15);
    }
  }
  if (!refusal && !takes_requests(state, order.broker)) {
    refusal = reject(RejectCode::kBrokerDown, "the order's broker cannot be reached; the order stands as it was");
  }
  if (!refusal) refusal = refused_by_dialect(state, order.broker, "G", command.fields);
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
      live.settle_date2 = order.settle_date2;
      live.fixing_date = order.fixing_date;
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

  write_decided(d, 'G', number, refusal ? RequestNumber::none() : state.requests.next(), order.instrument, refusal, checks);
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

bool takes_requests(const State& state, BrokerId broker) {
  if (!broker.has_value()) return false;
  const Broker& line = state.broker_states[broker.value()];
  const Session& session = state.sessions[line.session.value()];
  return session.state == order::SessionState::kLoggedOn && session.enabled &&
         (line.phase == BrokerPhase::kOpen || line.phase == BrokerPhase::kReconciling);
}

bool takes_orders(const State& state, BrokerId broker, UtcTime now) {
  const Broker& line = state.broker_states[broker.value()];
  // Cancels of an emergency, and those that waited for the line, go ahead of everything.
  if (!line.cancel_queue.empty() || !line.held.empty()) return false;
  return takes_requests(state, broker) && line.phase == BrokerPhase::kOpen &&
         state.setup.brokers[broker.value()].configured && !state.setup.brokers[broker.value()].slow_line &&
         state.risk.broker_has_token(broker, now, false);
}

}  // namespace portcullis::gateway
