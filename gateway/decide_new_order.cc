// A client's NewOrderSingle.

#include <algorithm>
#include <optional>
#include <span>

#include "gateway/client_requests.h"
#include "gateway/decide_swaps.h"
#include "gateway/decided.h"
#include "gateway/sides.h"
#include "gateway/traders.h"

namespace portcullis::gateway {
namespace {

using order::Control;
using order::NameText;
using order::Reject;
using order::RejectCode;

// What refuses an order before risk is asked; resolves what amount is dealt on the way.
std::optional<Reject> refused_before_risk(const Deciding& d, const order::NewOrderSingle& command,
                                          const ClientSetup& setup, bool trader_known,
                                          order::OrderIdentity& identity) {
  const State& state = d.state;
  if (auto why = refused_by_gateway(state)) return why;
  if (command.fault) return command.fault;
  if (auto why = refused_as_stale(setup, command.context, command.transact_time, d.now)) return why;
  if (!trader_known) return unknown_trader(state, identity.client, command.trader);
  if (auto why = refused_by_values(setup, command.fields)) return why;
  if (!identity.instrument.has_value()) {
    return reject(RejectCode::kUnknownSymbol, "RISK-9 A2: Symbol(55) is not an instrument of this gateway", 55, Control::kA2);
  }
  if (!identity.account.has_value()) {
    return reject(RejectCode::kUnknownAccount, "RISK-10 A2: Account(1) is not an account of this client", 1, Control::kA2);
  }
  return resolve_dealt(state, identity.instrument, command.currency, command.has_order_qty, command.has_cash_order_qty,
                       identity.dealt);
}

// Side(54) from the session's terms to ours.
bool resolve_side(const SessionSetup& session, const order::NewOrderSingle& command, order::OrderIdentity& identity) {
  identity.side = side_for(session, command.side, identity.dealt, command.terms.ord_type);
  return !turns_side(session, identity.dealt, command.terms.ord_type) || can_turn(command.side);
}

void refuse(Deciding& d, const order::NewOrderSingle& command, const order::OrderIdentity& identity,
            const Reject& refusal, const risk::CheckLog& checks) {
  write_decided(d, 'D', identity.order, identity.request, identity.instrument, refusal.code, refusal.control, checks);
  order::OrderRejected event{};
  event.identity = identity;
  event.cl_ord_id = order::IdText(command.cl_ord_id);
  event.terms = command.terms;
  event.time = d.now;
  event.symbol = NameText::truncated(command.symbol);
  event.account = NameText::truncated(command.account);
  event.reject = refusal;
  d.events.add(event);
}

// Whose it is, and what it says.
risk::NewOrder asked_by(const order::OrderIdentity& identity, const order::Terms& terms) {
  return risk::NewOrder{.client = identity.client,
                        .account = identity.account,
                        .session = identity.session,
                        .instrument = identity.instrument,
                        .trader = identity.trader,
                        .value = {},
                        .value2 = {},
                        .fixing_date = 0,
                        .self_cross = config::SelfCross::kOff,
                        .side = identity.side,
                        .dealt = identity.dealt,
                        .terms = terms,
                        .now = {},
                        .duplicate_cl_ord_id = false,
                        .is_sought = false,
                        .of_account = {},
                        .of_trader = {}};
}

// The rest of what risk is to see; takes over when it settles.
void fill_in(const Deciding& d, const order::NewOrderSingle& command, const ClientSetup& setup,
             order::OrderIdentity& identity, risk::NewOrder& asked) {
  const risk::Engine& risk = d.state.risk;
  asked.value =
      risk.value_date(identity.instrument, {command.settl_type, command.settl_date, command.maturity_date}, d.now);
  identity.settle_date = asked.value.date;
  if (command.terms.ord_type == order::OrdType::kForexSwap) {
    asked.value2 = risk.far_value_date(identity.instrument, command.settl_date2, d.now);
  }
  identity.settle_date2 = asked.value2.date;
  const risk::Instrument* const pair = risk.state().find_instrument(identity.instrument);
  if (pair != nullptr && pair->is_fx && !pair->delivers) identity.fixing_date = command.maturity_date;
  asked.fixing_date = identity.fixing_date;
  asked.self_cross = setup.self_cross;
  asked.now = d.now;
}

}  // namespace

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
                    reject(RejectCode::kDuplicateClOrdId, "RISK-12 A4: ClOrdID(11) is in use already", 11,
                           Control::kA4));
    }
    answer_status(d, session, state.requests[known].order, command.cl_ord_id,
                  repeated ? RejectCode::kNone : RejectCode::kDuplicateClOrdId);
    return;
  }

  order::OrderIdentity identity{};
  identity.order = state.orders.next();
  identity.request = state.requests.next();
  identity.client = client;
  identity.session = session;
  identity.dealt = order::Dealt::kBase;
  const std::uint32_t instrument = state.instruments.find(command.symbol);
  if (instrument != NameTable::kUnknown) identity.instrument = order::InstrumentId(instrument);
  identity.account = resolve_account(state, client, command.account);
  const bool trader_known = resolve_trader(state, client, command.trader, identity.trader);

  risk::CheckLog checks;
  const std::optional<Reject> refusal = refused_before_risk(d, command, setup, trader_known, identity);
  const bool side_said = resolve_side(state.setup.sessions[session.value()], command, identity);
  if (refusal) return refuse(d, command, identity, *refusal, checks);
  if (!side_said) {
    constexpr std::string_view kText =
        "a short sale cannot be said of the pair's base currency, nor of a swap's far leg: expected 1 or 2";
    return refuse(d, command, identity, reject(RejectCode::kUnsupported, kText, 54), checks);
  }
  risk::NewOrder asked = asked_by(identity, command.terms);
  asked.seek_alike(state.risk.state().order_memory);
  fill_in(d, command, setup, identity, asked);

  // The first broker that is up, open, has tokens and room on its own line takes the order. As a rule the first that
  // can be reached does, so its line is asked with all other scopes.
  const routing::RouteKey route{client, identity.account, identity.instrument};
  const auto within_reach = [&](BrokerId candidate) {
    return takes_orders(state, candidate, d.now) && uncarried_by(state, candidate, "D", command.fields) == 0;
  };
  const std::span<const BrokerId> candidates = state.setup.router.candidates(route);
  const auto first = std::find_if(candidates.begin(), candidates.end(), within_reach);
  const risk::Verdict verdict =
      state.risk.evaluate_new(asked, checks, first != candidates.end() ? *first : BrokerId::none());
  if (verdict.reject) return refuse(d, command, identity, verdict.reject, checks);
  BrokerId broker = verdict.broker;
  if (!broker.has_value()) {
    const routing::Choice choice = state.setup.router.choose(route, [&](BrokerId candidate) -> Reject {
      if (!takes_orders(state, candidate, d.now)) {
        return reject(RejectCode::kNoRoute, "no broker for this order is logged on and open");
      }
      if (const auto why = refused_by_dialect(state, candidate, "D", command.fields)) return *why;
      return state.risk.evaluate_broker(candidate, asked, verdict, checks);
    });
    if (choice.reject) return refuse(d, command, identity, choice.reject, checks);
    broker = choice.broker;
  }

  write_decided(d, 'D', identity.order, identity.request, identity.instrument, RejectCode::kNone, Control::kCore, checks);
  order::write_accepted(d.events, identity, command.cl_ord_id, command.terms, verdict.valuation, verdict.need);
  write_routed(d, identity.order, identity.request, broker);
  if (command.terms.ord_type == order::OrdType::kForexSwap) write_swap_reserved(d, identity.order, verdict.swap_need);
  if (setup.self_cross == config::SelfCross::kWarn) decide_self_cross_alert(d, identity.order, checks);
}

}  // namespace portcullis::gateway
