#include "base/check.h"
#include "risk/engine.h"

// What changes with executions, quotes and rates for control E1, and what the breakers count.

namespace portcullis::risk {

bool Engine::mark_profit(Node& node, order::InstrumentId instrument) {
  const Instrument& known = state_.instruments[instrument.value()];
  return node.profit.mark(instrument, state_.market.quote(instrument), state_.market.last_rate(known.term),
                          known.multiplier);
}

void Engine::note_moved(Node& node) {
  ProfitIndex& index = state_.profits;
  if (!keeps_profit(node.scope) || node.profit.looked_at() == index.look) return;
  node.profit.set_looked_at(index.look);
  if (!index.all_moved) index.moved.emplace_back(node.scope, node.id);
}

void Engine::note_executed(const Node& scope, order::InstrumentId instrument, Profit::Listed lists) {
  if (lists != 0) list_profit(scope, instrument, lists);
  note_moved(*state_.find(scope.scope, scope.id));
}

void Engine::list_profit(const Node& node, order::InstrumentId instrument, Profit::Listed lists) {
  state_.profits.list(ProfitScope(node.scope, node.id), instrument, state_.instruments[instrument.value()].term, lists);
}

void Engine::list_all_profit() {
  state_.profits.clear_lists();
  state_.each_node([this](Node& node) {
    if (!keeps_profit(node.scope)) return;
    node.profit.unlist();
    node.profit.each([&](order::InstrumentId instrument, const InstrumentProfit&) {
      list_profit(node, instrument, node.profit.list(instrument));
    });
  });
}

void Engine::mark_all_profit() {
  state_.profits.all_moved = true;
  moved_rates_.clear();
  list_all_profit();
  state_.each_node([this](Node& node) {
    if (!keeps_profit(node.scope)) return;
    node.profit.each([&](order::InstrumentId instrument, const InstrumentProfit&) { mark_profit(node, instrument); });
    node.profit.note_peak();
  });
}

// Calls mark(Node&) for each scope of the list, and leaves those out from now on that have nothing there any more.
template <typename Mark>
void Engine::each_in(std::vector<ProfitScope>& list, Profit::Listed of, order::InstrumentId instrument, Mark&& mark) {
  std::erase_if(list, [&](ProfitScope scope) {
    Node& node = *state_.find(scope.scope(), scope.id());
    mark(node);
    return !node.profit.stays_in(instrument, of);
  });
}

void Engine::mark_moved_profits(order::InstrumentId quoted) {
  ProfitIndex& index = state_.profits;
  moved_now_.clear();
  const auto mark_in = [&](std::vector<ProfitScope>& list, Profit::Listed of, order::InstrumentId instrument) {
    each_in(list, of, instrument, [&](Node& node) {
      if (mark_profit(node, instrument)) moved_now_.emplace_back(node.scope, node.id);
    });
  };
  if (quoted.has_value() && quoted.value() < index.instruments.size()) {
    mark_in(index.instruments[quoted.value()].held, Profit::kHeld, quoted);
  }
  for (const order::CurrencyId currency : moved_rates_) {
    if (currency.value() >= index.by_term.size()) continue;
    for (const order::InstrumentId instrument : index.by_term[currency.value()]) {
      mark_in(index.instruments[instrument.value()].counted, Profit::kCounted, instrument);
    }
  }
  moved_rates_.clear();
  // Once for all: a rate that follows from the quote has moved with it, and a total of both halves never was.
  for (const ProfitScope scope : moved_now_) {
    Node& node = *state_.find(scope.scope(), scope.id());
    node.profit.note_peak();
    note_moved(node);
  }
}

void Engine::know_multiplier(order::InstrumentId instrument, std::int64_t multiplier) {
  state_.instruments[instrument.value()].multiplier = multiplier;
  mark_moved_profits(instrument);
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
