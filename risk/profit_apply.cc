#include "base/check.h"
#include "risk/engine.h"

// What changes with executions, quotes and rates for control E1, and what the breakers count.

namespace portcullis::risk {

void Engine::mark_profit(Node& node, order::InstrumentId instrument) {
  const Instrument& known = state_.instruments[instrument.value()];
  node.profit.mark(instrument, state_.market.quote(instrument), state_.market.last_rate(known.term), known.multiplier);
}

void Engine::mark_all_profit() {
  state_.each_node([this](Node& node) {
    if (!keeps_profit(node.scope)) return;
    node.profit.each([&](order::InstrumentId instrument, const InstrumentProfit&) { mark_profit(node, instrument); });
    node.profit.note_peak();
  });
}

void Engine::open_drift_window(order::InstrumentId instrument, Price reference, UtcTime now) {
  PORTCULLIS_CHECK(instrument.value() < state_.instruments.size(), "a window of an instrument without a name");
  state_.instruments[instrument.value()].drift = DriftWindow{reference, now};
}

void Engine::count_decision(order::SessionId session, bool refused, UtcTime now) {
  if (session.value() < state_.sessions.size()) state_.sessions[session.value()].decisions.add(now, refused);
}

void Engine::count_messages(order::SessionId session, const DayCounts& more) {
  if (session.value() >= state_.sessions.size()) return;
  DayCounts& day = state_.sessions[session.value()].day;
  day.orders += more.orders;
  day.cancels += more.cancels;
  day.replaces += more.replaces;
  day.executions += more.executions;
}

void Engine::count_message(order::SessionId session, UtcTime now) {
  if (session.value() < state_.sessions.size()) state_.sessions[session.value()].messages.add(now, false);
}

void Engine::count_execution(order::SessionId session, UtcTime now) {
  if (session.value() < state_.sessions.size()) state_.sessions[session.value()].executions.add(now, false);
}

void Engine::count_answer(order::BrokerId broker, bool rejected, UtcTime now) {
  if (broker.value() < state_.broker_answers.size()) state_.broker_answers[broker.value()].add(now, rejected);
}

}  // namespace portcullis::risk
