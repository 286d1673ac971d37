#include "risk/archive.h"
#include "risk/engine.h"

namespace portcullis::risk {

namespace {

bool all_sound(const State& state) {
  if (!state.firm.exposure.is_sound() || !state.suspense.is_sound() || !state.adjusted.is_sound()) return false;
  if (state.instruments.size() != state.instrument_nodes.size()) return false;
  if (state.brokers.size() != state.broker_throttles.size()) return false;
  if (state.sessions.size() != state.session_nodes.size()) return false;
  if (state.brokers.size() != state.broker_answers.size()) return false;
  if (state.traders.size() != state.trader_orders.size()) return false;
  bool sound = true;
  state.each_node([&](const Node& node) {
    sound = sound && node.exposure.is_sound() && node.profit.is_sound();
    if (!sound) return;
    node.profit.each([&](order::InstrumentId instrument, const InstrumentProfit&) {
      sound = sound && instrument.value() < state.instruments.size();
    });
  });
  for (const Session& session : state.sessions) {
    sound = sound && session.decisions.is_sound() && session.executions.is_sound() && session.messages.is_sound();
  }
  for (const RecentCounts& answers : state.broker_answers) sound = sound && answers.is_sound();
  return sound;
}

}  // namespace

void Engine::save(ByteSink& out) const {
  SaveArchive ar(out);
  ar(kSnapshotVersion);
  State::archive(state_, ar);
}

void Engine::save(std::vector<std::byte>& out) const {
  ByteSink sink(out);
  save(sink);
  sink.flush();
}

Status Engine::load(std::span<const std::byte>& in) {
  LoadArchive ar(in);
  std::uint32_t version = 0;
  ar(version);
  if (!ar.ok() || version != kSnapshotVersion) {
    return Error{"the risk state in the snapshot has version " + std::to_string(version) + ", expected " +
                 std::to_string(kSnapshotVersion)};
  }
  State::archive(state_, ar);
  if (!ar.ok()) return Error{"the risk state in the snapshot ends early"};
  if (!all_sound(state_)) return Error{"the risk state in the snapshot refers to cells that it does not have"};
  in = in.subspan(in.size() - ar.left());
  state_.pairs.forget();
  state_.hang_all();
  state_.resolve_limits();
  list_all_profit();
  return Status();
}

}  // namespace portcullis::risk
