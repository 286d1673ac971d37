#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/input.h"
#include "gateway/state.h"
#include "order/commands.h"
#include "order/events.h"

// decide(state, command, now) -> events. Reads the state, changes nothing; what it decides is in the
// events that it writes. One call is one step: its events are applied before the next step is decided.

namespace portcullis::gateway {

// Why an operator's command is refused, for whoever has to answer it.
enum class Refusal : std::uint8_t {
  kConflict,   // the state forbids it
  kUnknown,    // there is no such thing
  kInvalid,    // the values make no sense
  kForbidden,  // not by this person
  kStale,      // what it was made from has changed since
};

// What one record is decided with, step by step: a step's events are applied before the next step begins.
class Deciding {
 public:
  Deciding(const State& current, UtcTime time, order::EventWriter& writer, std::span<const std::uint16_t> queued_outbound)
      : state(current), now(time), events(writer), queued_outbound_(queued_outbound) {}

  // The answer to an operator's command, beside its reject.
  Refusal refusal = Refusal::kConflict;
  std::string answer;
  bool proposed = false;  // it waits for a second person

  const State& state;
  const UtcTime now;
  order::EventWriter& events;
  std::size_t applied = 0;  // bytes of `events` that the state holds

  // What was written until now has been applied; `queued_outbound` counts what it sends.
  void begin_step(std::span<const std::uint16_t> queued_outbound) {
    applied = events.size();
    alerts_ = 0;
    queued_outbound_ = queued_outbound;
  }

  // The number that the next message to this session will have.
  std::uint64_t next_seq(SessionId session) const {
    return state.sessions[session.value()].numbers.next_sender + queued_outbound_[session.value()];
  }
  void alert(order::AlertCode code, order::Severity severity, std::string_view text,
             OrderNumber order = OrderNumber::none(), SessionId session = SessionId::none());

 private:
  std::span<const std::uint16_t> queued_outbound_;  // by session: messages of this record so far
  std::uint64_t alerts_ = 0;  // of this step
};

// From a client.
// Names the order's trader when it is new; false: there is nothing to name.
bool decide_trader(Deciding& d, const order::NewOrderSingle& command);
order::Reject decide_trader(Deciding& d, const order::NameTrader& command);
void decide(Deciding& d, const order::NewOrderSingle& command);
void decide(Deciding& d, const order::OrderCancelRequest& command);
void decide(Deciding& d, const order::OrderCancelReplaceRequest& command);
void decide(Deciding& d, const order::OrderStatusRequest& command);

// From a broker.
void decide(Deciding& d, const order::ExecutionReport& report);
void decide(Deciding& d, const order::OrderCancelReject& reject);
void decide(Deciding& d, const order::MessageReject& reject);

// A client's Reject(3) or j of a message that we sent to it: nothing moves, an operator is told.
void decide_client_reject(Deciding& d, const order::MessageReject& reject);

// A message type that the core does not take from this side.
void decide_unsupported(Deciding& d, const order::MessageContext& context, std::string_view msg_type);

// An operator's action; a business "no" (unknown order, two-person rule) is returned, nothing is written.
order::Reject decide(Deciding& d, const OperatorCommand& command);

// One thing that time has made due: false when nothing is. Called until it says so, within a bound.
bool decide_due(Deciding& d);

// The consequences of a session's change for its orders: cancel on disconnect, a broker that is drained.
void decide_session(Deciding& d, SessionId session, const SessionEffects& effects);

// D10 where it only warns: the checks of an order that was accepted.
void decide_self_cross_alert(Deciding& d, OrderNumber order, const risk::CheckLog& checks);

// What an event, which has been applied, brings with it: soft levels, losses, controls that trip. False: the record
// had no room for all of it.
bool decide_consequences(Deciding& d, const order::EventView& event);
// Every loss that may be judged otherwise than when all were last looked at, as far as the record has room; false: not
// all of them, and these are looked at again.
bool decide_all_losses(Deciding& d);
// A breaker that time alone trips: false when none is due.
bool decide_due_breakers(Deciding& d);
// The supervisor reports on the gateway itself (F2).
order::Reject decide_health(Deciding& d, const order::ReportHealth& report);
// Two persons arm again a control that has tripped.
order::Reject decide_rearm(Deciding& d, const order::RearmControl& command);

// --- shared by the steps above -----------------------------------------------------------------------------

// A no to an operator, with the whole text for the person who asked.
order::Reject refuse(Deciding& d, Refusal refusal, std::string text);
// A scope's state changes; from kCancel on, its orders are to be cancelled. `checker`: who lifted it with the user.
void write_scope_state(Deciding& d, const order::ScopeStateSet& change);
// Two persons settle an UNKNOWN order. What is wrong with it, or none and the event.
order::Reject decide_resolution(Deciding& d, const order::ResolveOrder& command);
// What stands for the broker's ExecID of the execution by which two persons have told an order filled.
std::string id_of_resolution(const State& state, const Order& order);
order::Reject decide_change(Deciding& d, const order::RequestChange& command);
order::Reject decide_proposal(Deciding& d, const order::DecideProposal& command);
// Proposals that nobody decided, and temporary limits that go back.
bool decide_governance_due(Deciding& d);
// A cancel of an open order for anyone but its client: an operator, a scope's state, a disconnect.
// `run`: the mass cancel that it is a part of; 0: none.
void decide_own_cancel(Deciding& d, const Order& order, order::RequestOrigin origin, std::uint64_t run = 0);
// Every open order of a scope is to be cancelled, or a drill tells how long it would take.
struct MassCancelRequest {
  order::Scope scope = order::Scope::kFirm;
  std::uint32_t id = 0;
  order::RequestOrigin origin = order::RequestOrigin::kScopeState;
  bool day_only = false;
  bool drill = false;
  order::UserText user;
  order::ReasonText reason;
};
void write_mass_cancel(Deciding& d, const MassCancelRequest& request);
// OrderMassCancelReport(r): MassCancelResponse(531) and Text(58).
void decide_mass_cancel_report(Deciding& d, BrokerId broker, std::string_view response, std::string_view text);
void write_disconnect_cancel(Deciding& d, SessionId session, config::CancelOnDisconnect policy);
order::Reject decide_drill_start(Deciding& d, const order::StartDrill& command);
// Mass cancels, drills and clients that have gone.
bool decide_emergency_due(Deciding& d);
// A report that cannot be booked on an order of ours is kept, counted at the firm, and alarmed.
void suspend_report(Deciding& d, BrokerId broker, const order::ExecutionReport& report, std::string_view why);
// The same for a report on an order that was over and has been given back (gateway/giving_back.h), unless it says again
// what is known.
void decide_of_given_back(Deciding& d, BrokerId broker, const order::ExecutionReport& report);
// A repeated ExecID: booked once. The same id with other content is never netted, always alarmed. `order`: none for one
// that is not known.
bool is_repeated(Deciding& d, BrokerId broker, OrderNumber order, const order::ExecutionReport& report);
// The broker has refused a cancel or a replace: that request is over, the order lives on. -1: no reason told.
void reject_request(Deciding& d, BrokerId broker, RequestNumber request, std::int32_t cxl_rej_reason,
                    std::string_view text);
// A broker names an id that we must have given and do not know, or nothing happens: new orders are held until every
// broker has told what it has, and this one drains and tells again.
void hold_for_lost_orders(Deciding& d, BrokerId broker, std::string_view cl_ord_id, std::string_view orig_cl_ord_id);
// Nobody knows what became of the order: its reservation stays, and a critical alert says so.
void write_unknown(Deciding& d, OrderNumber order, std::string_view reason);
// The broker is asked for the order's state; none: for that of all its orders.
void write_status_requested(Deciding& d, BrokerId broker, OrderNumber order);
// The same, where the broker takes a request and has a token for it: its answer ends an order that is over there.
void ask_again(Deciding& d, BrokerId broker, OrderNumber order);
// What the broker answers: evidence, but no new execution.
void decide_status(Deciding& d, BrokerId broker, const Order& order, RequestNumber request,
                   const order::ExecutionReport& report);
// The broker can be given new orders.
bool takes_orders(const State& state, BrokerId broker, UtcTime now);
// The broker can be given cancels: it is logged on and reconciled far enough to be spoken to.
bool takes_requests(const State& state, BrokerId broker);

}  // namespace portcullis::gateway
