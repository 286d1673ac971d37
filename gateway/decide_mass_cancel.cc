// How a mass cancel goes on: the next cancel at its broker's pace, once more where there is no answer, the alert
// when orders are still open after all that, and the end. Also the drill, and a client that has gone.

#include <algorithm>

#include "gateway/decide.h"
#include "gateway/mass_cancel.h"
#include "gateway/scope.h"
#include "order/governance.h"

namespace portcullis::gateway {
namespace {

using order::RequestOrigin;

bool decide_next_cancel(Deciding& d, BrokerId broker, const Broker& line) {
  if (line.cancel_queue.empty()) return false;
  const Broker::CancelDue& due = line.cancel_queue.front();
  // The broker's rate paces it; a broker that is down gets its cancels when it is back.
  if (takes_requests(d.state, broker) && !d.state.risk.broker_has_token(broker, d.now, true)) return false;
  decide_own_cancel(d, d.state.orders[due.order], due.origin, due.run);
  return true;
}

bool decide_retry(Deciding& d, BrokerId broker, const Broker& line) {
  if (line.cancels_sent.empty() || !takes_requests(d.state, broker)) return false;
  const Broker::CancelSent& sent = line.cancels_sent.front();
  if (d.now - sent.time < d.state.setup.emergency.retry || !d.state.risk.broker_has_token(broker, d.now, true))
    return false;
  const MassCancel* const run = find_run(d.state, sent.run);
  decide_own_cancel(d, d.state.orders[sent.order], run != nullptr ? run->origin : RequestOrigin::kScopeState, sent.run);
  return true;
}

void write_finished(Deciding& d, const MassCancel& run) {
  order::MassCancelFinished event{};
  event.run = run.run;
  event.time = d.now;
  event.started = run.started;
  event.last_sent = run.last_sent;
  event.orders = run.orders;
  event.sent = run.sent;
  event.canceled = run.canceled;
  event.too_late = run.too_late;
  event.drill = run.drill ? 1 : 0;
  d.events.add(event);
}

void escalate(Deciding& d, const MassCancel& run) {
  order::MassCancelEscalated event{};
  event.run = run.run;
  event.time = d.now;
  event.outstanding = run.outstanding();
  d.events.add(event);
  std::string text = std::to_string(run.outstanding()) + " of " + std::to_string(run.orders) +
                     " orders are still open after the cancel of " + std::string(to_string(run.scope));
  if (!d.state.setup.emergency.contact.empty()) text += "; call " + d.state.setup.emergency.contact;
  d.alert(order::AlertCode::kMassCancel, order::Severity::kCritical, text);
}

// What a drill would have sent by now.
bool decide_drill(Deciding& d, const MassCancel& run) {
  bool left = false;
  for (std::uint16_t i = 0; i < run.drill_lines.size(); ++i) {
    const MassCancel::DrillLine& line = run.drill_lines[i];
    if (line.left == 0) continue;
    left = true;
    if (!takes_requests(d.state, BrokerId(i))) continue;
    const Wide gained = Wide{(d.now - run.started).ns()} * d.state.setup.brokers[i].messages_per_second / 1'000'000'000;
    const Wide could = Wide{line.at_once} + gained - Wide{line.sent};
    if (could <= 0) continue;
    order::DrillAdvanced event{};
    event.run = run.run;
    event.time = d.now;
    event.broker = BrokerId(i);
    event.count = static_cast<std::uint32_t>(std::min<Wide>(could, line.left));
    d.events.add(event);
    return true;
  }
  if (left && d.now - run.started < d.state.setup.emergency.escalate) return false;
  write_finished(d, run);
  return true;
}

bool decide_run(Deciding& d, const MassCancel& run) {
  if (run.finished) return false;
  if (run.drill) return decide_drill(d, run);
  if (run.outstanding() == 0) {
    write_finished(d, run);
    return true;
  }
  if (run.escalated || d.now - run.started < d.state.setup.emergency.escalate) return false;
  escalate(d, run);
  return true;
}

// Clients that have been away for longer than their grace.
bool decide_disconnected(Deciding& d) {
  const State& state = d.state;
  for (std::uint16_t i = 0; i < state.sessions.size(); ++i) {
    const Session& session = state.sessions[i];
    if (session.of_broker || session.disconnect_done || session.state != order::SessionState::kDisconnected) continue;
    const ClientSetup& setup = state.setup.clients[session.client.value()];
    if (setup.cancel_on_disconnect == config::CancelOnDisconnect::kNone) continue;
    if (d.now - session.down_since < setup.disconnect_grace) continue;
    write_disconnect_cancel(d, SessionId(i), setup.cancel_on_disconnect);
    return true;
  }
  return false;
}

// A broker that takes it hears of a cancel of everything in one message, ahead of the cancels of single orders: those
// follow all the same, so that each has its own answer. Only where all of its orders are meant.
void write_broker_mass_cancels(Deciding& d, const order::MassCancelStarted& run) {
  const State& state = d.state;
  if (run.drill != 0 || run.day_only != 0) return;
  if (run.scope != order::Scope::kFirm && run.scope != order::Scope::kBroker) return;
  std::vector<bool> has_orders(state.broker_states.size());
  for_each_open(state, run.scope, run.id, [&](const Order& order) {
    if (order.broker.has_value()) has_orders[order.broker.value()] = true;
  });
  for (std::uint16_t i = 0; i < has_orders.size(); ++i) {
    const BrokerId broker(i);
    if (!has_orders[i] || !state.setup.brokers[i].mass_cancel || !takes_requests(state, broker) ||
        !state.risk.broker_has_token(broker, d.now, true)) {
      continue;
    }
    order::BrokerMassCancelRequested event{};
    event.time = d.now;
    event.run = run.run;
    event.epoch = state.epoch;
    event.broker = broker;
    d.events.add(event);
  }
}

}  // namespace

void decide_mass_cancel_report(Deciding& d, BrokerId broker, std::string_view response, std::string_view text) {
  if (response != "0") return;  // what it cancels it reports order by order
  std::string why = "the broker refuses OrderMassCancelRequest(q); its orders are cancelled one by one";
  if (!text.empty()) why += ": " + std::string(text);
  d.alert(order::AlertCode::kMassCancel, order::Severity::kWarning, why, OrderNumber::none(),
          d.state.broker_states[broker.value()].session);
}

void write_mass_cancel(Deciding& d, const MassCancelRequest& request) {
  order::MassCancelStarted event{};
  event.time = d.now;
  event.id = request.id;
  event.scope = request.scope;
  event.origin = request.origin;
  event.day_only = request.day_only ? 1 : 0;
  event.drill = request.drill ? 1 : 0;
  event.run = d.state.mass_cancel_count + 1;
  event.user = request.user;
  event.reason = request.reason;
  d.events.add(event);
  write_broker_mass_cancels(d, event);
}

void write_disconnect_cancel(Deciding& d, SessionId session, config::CancelOnDisconnect policy) {
  MassCancelRequest request;
  request.scope = order::Scope::kSession;
  request.id = session.value();
  request.origin = RequestOrigin::kDisconnect;
  request.day_only = policy == config::CancelOnDisconnect::kDay;
  request.reason = order::ReasonText("the client is disconnected");
  write_mass_cancel(d, request);
}

order::Reject decide_drill_start(Deciding& d, const order::StartDrill& command) {
  if (!d.state.risk.has_state(command.scope, command.id)) return refuse(d, Refusal::kUnknown, "no state hangs there");
  MassCancelRequest request;
  request.scope = command.scope;
  request.id = command.id;
  request.origin = RequestOrigin::kScopeState;
  request.drill = true;
  request.user = command.user;
  request.reason = command.reason;
  write_mass_cancel(d, request);
  // What each broker would take at once; the rest follows at its rate.
  std::vector<std::uint32_t> open(d.state.broker_states.size());
  for_each_open(d.state, command.scope, command.id, [&open](const Order& order) { ++open[order.broker.value()]; });
  for (std::uint16_t i = 0; i < open.size(); ++i) {
    const BrokerId broker(i);
    if (open[i] == 0 || !takes_requests(d.state, broker)) continue;
    const std::int64_t tokens = d.state.risk.state().broker_throttles[i].bucket.tokens(d.now);
    order::DrillAdvanced event{};
    event.run = d.state.mass_cancel_count + 1;
    event.time = d.now;
    event.broker = broker;
    event.count = static_cast<std::uint32_t>(std::min<std::int64_t>(std::max<std::int64_t>(tokens, 0), open[i]));
    d.events.add(event);
  }
  d.answer =
      "drill " + std::to_string(d.state.mass_cancel_count + 1) + " has begun; GET /kill-switch/runs shows its time";
  return {};
}

bool decide_emergency_due(Deciding& d) {
  const State& state = d.state;
  for (std::uint16_t i = 0; i < state.broker_states.size(); ++i) {
    if (decide_next_cancel(d, BrokerId(i), state.broker_states[i]) ||
        decide_retry(d, BrokerId(i), state.broker_states[i]))
      return true;
  }
  for (const MassCancel& run : state.mass_cancels) {
    if (decide_run(d, run)) return true;
  }
  return decide_disconnected(d);
}

}  // namespace portcullis::gateway
