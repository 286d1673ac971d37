#pragma once

#include "base/time.h"
#include "gateway/state.h"
#include "order/events.h"
#include "order/latch_events.h"

// apply's own steps, one for each event; gateway/apply.cc chooses among them. `time` is that of the record.

namespace portcullis::gateway::applying {

// gateway/apply_sessions.cc
void on(State& state, const order::EpochStarted& event, UtcTime time);
void on(State& state, const order::NameAdded& event, UtcTime time);
void on(State& state, const order::SessionChanged& event, UtcTime time);
void on(State& state, const order::TargetAdvanced& event, UtcTime time);
void on(State& state, const order::SequenceReset& event, UtcTime time);
void on(State& state, const order::MessagesWritten& event, UtcTime time);
void on(State& state, const order::ReportsReissued& event, UtcTime time);
void on(State& state, const order::BrokerPhaseChanged& event, UtcTime time);
void on(State& state, const order::SessionEnabled& event, UtcTime time);

// gateway/apply_orders.cc
void on(State& state, const order::Decided& event, UtcTime time);
void on(State& state, order::AcceptedView event, UtcTime time);
void on(State& state, const order::OrderRejected& event, UtcTime time);
void on(State& state, const order::OrderRouted& event, UtcTime time);
void on(State& state, const order::CancelRequested& event, UtcTime time);
void on(State& state, const order::ReplaceRequested& event, UtcTime time);
void on(State& state, const order::RequestRefused& event, UtcTime time);

// gateway/apply_reports.cc
void on(State& state, order::ExecutionView event, UtcTime time);
void on(State& state, const order::RequestRejected& event, UtcTime time);
void on(State& state, const order::OrderUnknown& event, UtcTime time);
void on(State& state, const order::ReportSuspended& event, UtcTime time);
void on(State& state, const order::StatusAnswered& event, UtcTime time);
void on(State& state, const order::MessageRefused& event, UtcTime time);
void on(State& state, const order::StatusRequested& event, UtcTime time);
void on(State& state, const order::BrokerMassCancelRequested& event, UtcTime time);

// gateway/apply_operations.cc
void on(State& state, const order::AlertRaised& event, UtcTime time);
void on(State& state, const order::AlertAcknowledged& event, UtcTime time);
void on(State& state, const order::ScopeStateSet& event, UtcTime time);
void on(State& state, const order::MassCancelStarted& event, UtcTime time);
void on(State& state, const order::MassCancelFinished& event, UtcTime time);
void on(State& state, const order::DrillAdvanced& event, UtcTime time);
void on(State& state, const order::Audited& event, UtcTime time);
void on(State& state, const order::MassCancelEscalated& event, UtcTime time);
void on(State& state, const order::QuoteSet& event, UtcTime time);
void on(State& state, const order::RateSet& event, UtcTime time);
void on(State& state, const order::DayRolled& event, UtcTime time);
void on(State& state, const order::HoldChanged& event, UtcTime time);
void on(State& state, const order::ClientGrouped& event, UtcTime time);
void on(State& state, const order::ContractSized& event, UtcTime time);
void on(State& state, const order::LimitLevelCrossed& event, UtcTime time);
void on(State& state, const order::BreakerTold& event, UtcTime time);
void on(State& state, const order::DriftWindowOpened& event, UtcTime time);
void on(State& state, const order::ControlLatched& event, UtcTime time);
void on(State& state, const order::ControlRearmed& event, UtcTime time);

inline Broker& line_of(State& state, BrokerId id) {
  return state.broker_states[id.value()];
}

}  // namespace portcullis::gateway::applying
