#include "app/supervisor.h"

#include <algorithm>
#include <utility>

namespace portcullis::app {

using order::HealthCondition;
using order::Scope;

void Supervisor::look(const Vitals& vitals) {
  if (last_look_ && vitals.now.steady - *last_look_ < kPeriod) return;
  if (!last_look_) {
    // What the last process has told and this one does not see is over.
    for (const risk::Latch& told : core_.state().risk.state().told.all()) {
      if (told.key.control != order::Control::kF2) continue;
      watched_.push_back(
          Watched{static_cast<HealthCondition>(told.key.detail), told.key.scope, told.key.id, true, vitals.now.steady});
    }
  }
  last_look_ = vitals.now.steady;
  look_at_journal(vitals);
  look_at_clock(vitals);
  look_at_rates(vitals);
  look_at_brokers(vitals);
  judge(HealthCondition::kDiskFull, Scope::kFirm, 0, vitals.low_space, 1, 0, "F2: the journal's disk is nearly full",
        vitals.now.steady);
}

void Supervisor::judge(HealthCondition condition, Scope scope, std::uint32_t id, bool bad, std::int64_t usage,
                       std::int64_t limit, std::string_view reason, SteadyTime now) {
  const auto same = [&](const Watched& watched) {
    return watched.condition == condition && watched.scope == scope && watched.id == id;
  };
  auto watched = std::find_if(watched_.begin(), watched_.end(), same);
  if (watched == watched_.end()) {
    if (!bad) return;
    watched = watched_.insert(watched_.end(), Watched{condition, scope, id, false, now});
  }
  if (bad) watched->seen = now;
  const bool begins = bad && !watched->reported;
  const bool ends = !bad && watched->reported && now - watched->seen >= kCalm;
  if (!begins && !ends) return;
  watched->reported = begins;
  order::ReportHealth report;
  report.condition = condition;
  report.scope = scope;
  report.id = id;
  report.bad = begins;
  report.usage = usage;
  report.limit = limit;
  report.reason = order::ReasonText::truncated(reason);
  report_(report);
}

void Supervisor::look_at_journal(const Vitals& vitals) {
  const Duration limit = core_.state().risk.state().settings.breakers.infrastructure.journal_lag;
  if (limit.ns() == 0) return;
  if (vitals.durable_record >= waits_for_) {
    waits_for_ = vitals.durable_record < vitals.last_record ? vitals.durable_record + 1 : 0;
    waits_since_ = vitals.now.steady;
  }
  const Duration waited = std::exchange(journal_waited_, Duration());
  const Duration lag = std::max(waited, waits_for_ != 0 ? vitals.now.steady - waits_since_ : Duration());
  judge(HealthCondition::kJournalLag, Scope::kFirm, 0, lag > limit, lag.ms(), limit.ms(),
        "F2: the journal lags: a record has waited for the disk for longer than journal_lag_ms", vitals.now.steady);
}

// A clock that is set while orders are open makes their times, and the ages that they are judged by, wrong.
void Supervisor::look_at_clock(const Vitals& vitals) {
  const Duration limit = core_.state().risk.state().settings.breakers.infrastructure.clock_step;
  const std::int64_t difference = vitals.now.utc.ns() - vitals.now.steady.ns();
  const std::int64_t before = clock_difference_ns_.value_or(difference);
  clock_difference_ns_ = difference;
  if (limit.ns() == 0) return;
  const std::int64_t step = difference > before ? difference - before : before - difference;
  judge(HealthCondition::kClockStep, Scope::kFirm, 0, step > limit.ns(), Duration::nanoseconds(step).ms(), limit.ms(),
        "F2: the wall clock was stepped by more than clock_step_ms", vitals.now.steady);
}

void Supervisor::look_at_rates(const Vitals& vitals) {
  const risk::State& risk = core_.state().risk.state();
  if (!risk.settings.breakers.infrastructure.dead_rates) return;
  std::int64_t dead = 0;
  for (const risk::Instrument& instrument : risk.instruments) {
    if (!instrument.defined) continue;
    const bool has_base = instrument.base.has_value();  // what is no FX has none
    const bool usable = (!has_base || risk.market.reserve_rate(instrument.base, vitals.now.utc)) &&
                        risk.market.reserve_rate(instrument.term, vitals.now.utc);
    dead += usable ? 0 : 1;
  }
  judge(HealthCondition::kDeadRates, Scope::kFirm, 0, dead > 0, dead, 0,
        "F2: instruments have a currency without a usable rate: their orders are refused", vitals.now.steady);
}

void Supervisor::look_at_brokers(const Vitals& vitals) {
  const gateway::State& state = core_.state();
  const Duration limit = state.risk.state().settings.breakers.infrastructure.reconciliation;
  if (limit.ns() == 0) return;
  closed_since_.resize(state.broker_states.size());
  for (std::uint16_t i = 0; i < state.broker_states.size(); ++i) {
    const gateway::Broker& line = state.broker_states[i];
    const bool logged_on =
        line.session.has_value() && state.sessions[line.session.value()].state == order::SessionState::kLoggedOn;
    if (!logged_on || line.phase == gateway::BrokerPhase::kOpen) {
      closed_since_[i].reset();
    } else if (!closed_since_[i]) {
      closed_since_[i] = vitals.now.steady;
    }
    const Duration closed = closed_since_[i] ? vitals.now.steady - *closed_since_[i] : Duration();
    judge(HealthCondition::kReconciliation, Scope::kBroker, i, closed > limit, closed.ms(), limit.ms(),
          "F2: a broker is logged on and has not told the state of our orders within reconciliation_s",
          vitals.now.steady);
  }
}

}  // namespace portcullis::app
