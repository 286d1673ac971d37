// What the events of a record bring with them: controls that trip by what has just happened. Asked after the events
// have been applied, so the state holds their sums; what follows stands in the same record.

#include "gateway/decide.h"

namespace portcullis::gateway {
namespace {

using order::AlertCode;
using order::Control;
using order::Scope;
using order::Severity;

// An execution of an order of a client's.
bool is_execution(const order::ExecutionApplied& event) {
  return event.applied != 0 && event.exec_type == order::ExecType::kTrade;
}

void write_latched(Deciding& d, const risk::LatchKey& key, std::int64_t usage, std::int64_t limit,
                   order::ScopeState response, std::string_view reason, OrderNumber order, SessionId session) {
  order::ControlLatched event{};
  event.time = d.now;
  event.usage = usage;
  event.limit = limit;
  event.id = key.id;
  event.instrument = key.instrument;
  event.scope = key.scope;
  event.control = key.control;
  event.direction = static_cast<std::uint8_t>(key.direction);
  event.response = response;
  event.reason = order::ReasonText::truncated(reason);
  d.events.add(event);
  d.alert(AlertCode::kControlLatched, Severity::kCritical, reason, order, session);
}

// C3: the order that reaches the limit is executed, the next one is refused.
void decide_repeated_executions(Deciding& d, const Order& order) {
  const risk::State& risk = d.state.risk.state();
  const risk::Session* session = risk.find_session(order.session);
  if (session == nullptr) return;
  const risk::Direction direction = risk::direction_of(order::buys_base(order.side, order.dealt));
  const std::int64_t count = session->filled_orders.count(order.instrument, direction);
  const std::int64_t limit = d.state.risk.repeated_executions_limit(order.account);
  if (count < limit) return;
  const risk::LatchKey key{Control::kC3, Scope::kSession, order.session.value(), order.instrument, direction};
  if (risk.latches.find(key) != nullptr) return;
  write_latched(
      d, key, count, limit, order::ScopeState::kActive,
      "C3: repeated executions of one session in one instrument and direction; it takes no more until re-armed",
      order.number, order.session);
}

}  // namespace

void decide_consequences(Deciding& d, std::span<const std::byte> events) {
  order::for_each_event(events, [&d](const order::EventView& event) {
    if (event.type() != order::EventType::kExecutionApplied) return;
    const auto executed = event.as<order::ExecutionApplied>();
    if (is_execution(executed)) decide_repeated_executions(d, d.state.orders[executed.order]);
  });
}

order::Reject decide_rearm(Deciding& d, const order::RearmControl& command) {
  const auto no = [](order::RejectCode code, std::string_view text) {
    return order::Reject{code, Control::kCore, 0, order::ReasonText::truncated(text)};
  };
  const risk::LatchKey key{command.control, command.scope, command.id, command.instrument,
                           static_cast<risk::Direction>(command.direction)};
  if (command.direction > static_cast<std::uint8_t>(risk::Direction::kSellsBase) ||
      d.state.risk.state().latches.find(key) == nullptr) {
    return no(order::RejectCode::kOther, "this control is armed: nothing has tripped it");
  }
  if (command.user.empty() || command.approver.empty() || command.user == command.approver) {
    return no(order::RejectCode::kNotPermitted, "two different persons re-arm a control");
  }
  order::ControlRearmed event{};
  event.time = d.now;
  event.id = command.id;
  event.instrument = command.instrument;
  event.scope = command.scope;
  event.control = command.control;
  event.direction = command.direction;
  event.user = command.user;
  event.approver = command.approver;
  event.reason = command.reason;
  d.events.add(event);
  d.alert(AlertCode::kControlLatched, Severity::kInfo, "a control that had tripped is armed again");
  return {};
}

}  // namespace portcullis::gateway
