// Alerts, what operators set, the market and the day, and controls that trip.

#include <algorithm>

#include "gateway/applying.h"
#include "gateway/mass_cancel.h"
#include "gateway/order_entries.h"

namespace portcullis::gateway::applying {

void on(State& state, const order::AlertRaised& e, UtcTime) {
  Alert alert;
  alert.alert = e.alert;
  alert.time = e.time;
  alert.order = e.order;
  if (state.orders.contains(e.order)) alert.order_epoch = state.orders[e.order].epoch;
  alert.session = e.session;
  alert.code = e.code;
  alert.severity = e.severity;
  alert.text = e.text;
  state.alert_count = e.alert + 1;
  state.alerts.push_back(alert);
  if (state.alerts.size() > kMaxAlerts) state.alerts.pop_front();
}

void on(State& state, const order::AlertAcknowledged& e, UtcTime) {
  for (Alert& alert : state.alerts) {
    if (alert.alert != e.alert) continue;
    alert.acknowledged = true;
    alert.acknowledged_at = e.time;
    alert.acknowledged_by = e.user;
  }
}

void on(State& state, const order::ScopeStateSet& e, UtcTime) {
  state.risk.set_scope_state(e.scope, e.id, e.state);
  const auto same = [&e](const State::ScopeChange& change) { return change.scope == e.scope && change.id == e.id; };
  std::erase_if(state.scope_changes, same);
  state.scope_changes.push_back(State::ScopeChange{e.scope, e.id, e.time, e.user, e.reason});
}

void on(State& state, const order::MassCancelStarted& e, UtcTime) {
  start_run(state, e);
}
void on(State& state, const order::MassCancelFinished& e, UtcTime) {
  finish_run(state, e);
}
void on(State& state, const order::DrillAdvanced& e, UtcTime) {
  advance_drill(state, e);
}

void on(State& state, const order::Audited& e, UtcTime) {
  state.audit_count = e.number + 1;
  std::copy(std::begin(e.digest), std::end(e.digest), state.audit_digest.begin());
}

void on(State& state, const order::MassCancelEscalated& e, UtcTime) {
  for (MassCancel& run : state.mass_cancels) {
    if (run.run == e.run) run.escalated = true;
  }
}

void mark(std::vector<bool>& marks, std::size_t index) {
  if (marks.size() <= index) marks.resize(index + 1);
  marks[index] = true;
}

void on(State& state, const order::QuoteSet& e, UtcTime) {
  if (e.from_configuration == 0) mark(state.operator_quotes, e.instrument.value());
  ++state.market_version;
  state.risk.set_quote(e.instrument, e.bid, e.ask, e.time, e.from_configuration != 0);
}

void on(State& state, const order::RateSet& e, UtcTime) {
  if (e.from_configuration == 0) mark(state.operator_rates, e.currency.value());
  ++state.market_version;
  state.risk.set_rate(e.currency, e.rate, e.time, e.from_configuration != 0);
}

void on(State& state, const order::DayRolled& e, UtcTime) {
  state.trade_date = e.trade_date;
  begin_trading_day(state, e.keep_days);
  // ClOrdIDs of orders that are over may be used again; those of open orders stay (GTC).
  state.cl_ord_ids.clear();
  ++state.id_day;
  std::vector<RequestNumber> kept;
  state.open_orders.for_each([&](OrderNumber number) {
    for (RequestNumber r = state.orders[number].newest; r.has_value(); r = state.requests[r].previous)
      kept.push_back(r);
  });
  // In the order of their numbers: where an id stands twice, the first request keeps it.
  std::sort(kept.begin(), kept.end());
  for (const RequestNumber number : kept) index_request(state, state.requests[number], number);
  const bool flat = e.flat != 0;
  if (flat) state.flat_from = e.trade_date;
  state.risk.start_day(e.trade_date, flat ? config::RollPositions::kFlat : config::RollPositions::kCarry);
}

void on(State& state, const order::HoldChanged& e, UtcTime) {
  state.held = e.held != 0;
  state.held_reason = e.reason;
}

void on(State& state, const order::ClientGrouped& e, UtcTime) {
  state.risk.set_group(e.client, e.group);
}

void on(State& state, const order::ContractSized& e, UtcTime) {
  state.risk.know_multiplier(e.instrument, e.multiplier);
}

risk::LatchKey key_of(const auto& e) {
  return risk::LatchKey{e.control, e.scope, e.id, e.instrument, static_cast<risk::Direction>(e.direction), e.detail};
}

void on(State& state, const order::LimitLevelCrossed& e, UtcTime) {
  state.risk.set_level(e.scope, e.id,
                       risk::LevelReached{static_cast<config::Limit>(e.limit_index), e.level,
                                          static_cast<config::Response>(e.response), 0, e.cell, e.time});
}

void on(State& state, const order::BreakerTold& e, UtcTime) {
  const risk::LatchKey key{e.control, e.scope, e.id, e.instrument, risk::Direction::kBoth, e.detail};
  state.risk.set_told(risk::Latch{key, order::ScopeState::kActive, e.time, e.usage, e.limit}, e.on != 0);
}

void on(State& state, const order::DriftWindowOpened& e, UtcTime) {
  state.risk.open_drift_window(e.instrument, e.reference, e.time);
}

void on(State& state, const order::ControlLatched& e, UtcTime) {
  state.risk.set_latch(risk::Latch{key_of(e), e.response, e.time, e.usage, e.limit});
}

void on(State& state, const order::ControlRearmed& e, UtcTime) {
  state.risk.rearm(key_of(e));
}

}  // namespace portcullis::gateway::applying
