// Sessions and their numbers, the names, and how far a broker's line is.

#include <algorithm>

#include "gateway/applying.h"

namespace portcullis::gateway::applying {

namespace {

Session& session_of(State& state, SessionId id) {
  return state.sessions[id.value()];
}

}  // namespace

void on(State& state, const order::EpochStarted& e, UtcTime) {
  state.epoch = e.epoch;
  note_start(state, e.epoch);
}
void on(State& state, const order::NameAdded& e, UtcTime time) {
  switch (e.kind) {
    case order::NameKind::kClient:
      state.clients.add(e);
      break;
    case order::NameKind::kAccount:
      state.accounts.add(e);
      break;
    case order::NameKind::kBroker:
      state.brokers.add(e);
      state.broker_states.emplace_back();
      break;
    case order::NameKind::kSession: {
      state.session_names.add(e);
      Session& session = state.sessions.emplace_back();
      session.of_broker = e.detail == 1;
      session.numbers_since = time;
      const SessionId id(static_cast<std::uint16_t>(e.index));
      if (session.of_broker) {
        session.broker = BrokerId(static_cast<std::uint16_t>(e.owner));
        line_of(state, session.broker).session = id;
      } else {
        session.client = ClientId(static_cast<std::uint16_t>(e.owner));
      }
      break;
    }
    case order::NameKind::kInstrument:
      state.instruments.add(e);
      break;
    case order::NameKind::kCurrency:
      state.currencies.add(e);
      break;
    case order::NameKind::kGroup:
      state.groups.add(e);
      break;
    case order::NameKind::kTrader:
      state.traders.add(e);
      break;
  }
  state.risk.add_name(e);
}

void on(State& state, const order::SessionChanged& e, UtcTime time) {
  Session& session = session_of(state, e.session);
  if (e.state == order::SessionState::kDisconnected && session.state != order::SessionState::kDisconnected) {
    session.down_since = time;
    session.disconnect_done = false;
  }
  if (e.state == order::SessionState::kLoggedOn) session.disconnect_done = true;
  session.state = e.state;
  session.reason = e.reason;
}

void on(State& state, const order::TargetAdvanced& e, UtcTime) {
  session_of(state, e.session).numbers.next_target = e.next_target;
}

void on(State& state, const order::SequenceReset& e, UtcTime time) {
  Session& session = session_of(state, e.session);
  session.numbers_since = time;
  const SessionNumbers& old = session.numbers;
  if (!session.of_broker && old.written + 1 < old.next_sender) {
    session.owed.push_back(OwedReports{old.sequence_epoch, old.written + 1, old.next_sender - 1});
  }
  session.numbers = SessionNumbers{e.sequence_epoch, e.next_sender, e.next_target, e.next_sender - 1};
  if (session.of_broker) {
    Broker& line = line_of(state, session.broker);
    line.evidence_seq = 0;
    std::fill(line.sent.begin(), line.sent.end(), Broker::Sent{});
  }
}

void on(State& state, const order::MessagesWritten& e, UtcTime) {
  SessionNumbers& numbers = session_of(state, e.session).numbers;
  if (e.sequence_epoch == numbers.sequence_epoch) numbers.written = e.up_to;
}

void on(State& state, const order::ReportsReissued& e, UtcTime) {
  std::deque<OwedReports>& owed = session_of(state, e.session).owed;
  PORTCULLIS_CHECK(!owed.empty() && owed.front().sequence_epoch == e.sequence_epoch, "reports that are not owed");
  owed.front().first = e.up_to + 1;
  if (owed.front().first > owed.front().last) owed.pop_front();
}

void on(State& state, const order::BrokerPhaseChanged& e, UtcTime) {
  Broker& line = line_of(state, e.broker);
  line.phase = e.phase;
  line.to_ask.clear();
  line.asked.clear();
  if (e.phase != BrokerPhase::kReconciling) return;
  line.reconciling_since = e.time;
  state.open_orders.for_each([&](OrderNumber number) {
    if (state.orders[number].broker == e.broker) line.to_ask.push_back(number);
  });
}

void on(State& state, const order::SessionEnabled& e, UtcTime) {
  session_of(state, e.session).enabled = e.enabled != 0;
}

}  // namespace portcullis::gateway::applying
