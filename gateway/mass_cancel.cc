#include "gateway/mass_cancel.h"

#include <algorithm>

#include "gateway/scope.h"

namespace portcullis::gateway {
namespace {

MassCancel& run_at(State& state, std::uint64_t run) {
  const auto found = std::find_if(state.mass_cancels.begin(), state.mass_cancels.end(),
                                  [run](const MassCancel& r) { return r.run == run; });
  PORTCULLIS_CHECK(found != state.mass_cancels.end(), "an event of a mass cancel that is not kept");
  return *found;
}

// The newest of those that are over are kept to be looked at.
void forget_oldest(State& state) {
  while (state.mass_cancels.size() > kMaxMassCancels) {
    const auto over = std::find_if(state.mass_cancels.begin(), state.mass_cancels.end(),
                                   [](const MassCancel& r) { return r.finished; });
    if (over == state.mass_cancels.end()) return;
    state.mass_cancels.erase(over);
  }
}

// A cancel of the order has gone out and has no final answer.
bool cancel_is_out(const State& state, const Order& order) {
  for (RequestNumber n = order.newest; n.has_value(); n = state.requests[n].previous) {
    const Request& request = state.requests[n];
    if (request.kind == RequestKind::kCancel && request.routed && waits(request)) return true;
  }
  return false;
}

}  // namespace

bool belongs_to(const State& state, const MassCancel& run, const Order& order) {
  return order.number.value() < run.orders_below && in_scope(state, order, run.scope, run.id) &&
         !(run.day_only && outlives_day(order));
}

const MassCancel* find_run(const State& state, std::uint64_t run) {
  for (const MassCancel& each : state.mass_cancels) {
    if (each.run == run) return &each;
  }
  return nullptr;
}

const MassCancel* run_of(const State& state, const Order& order) {
  for (auto run = state.mass_cancels.rbegin(); run != state.mass_cancels.rend(); ++run) {
    if (!run->drill && !run->finished && belongs_to(state, *run, order)) return &*run;
  }
  return nullptr;
}

void start_run(State& state, const order::MassCancelStarted& event) {
  state.mass_cancel_count = event.run;
  MassCancel& run = state.mass_cancels.emplace_back();
  run.run = event.run;
  run.scope = event.scope;
  run.id = event.id;
  run.origin = event.origin;
  run.day_only = event.day_only != 0;
  run.drill = event.drill != 0;
  run.user = event.user;
  run.reason = event.reason;
  run.started = event.time;
  run.orders_below = state.orders.size();
  if (run.drill) run.drill_lines.resize(state.broker_states.size());
  for_each_open(state, event.scope, event.id, [&](const Order& open) {
    if (run.day_only && outlives_day(open)) return;
    ++run.orders;
    Order& order = state.orders[open.number];
    Broker& line = state.broker_states[order.broker.value()];
    if (run.drill) {
      ++run.drill_lines[order.broker.value()].left;
    } else if (cancel_is_out(state, order)) {
      // Its client, or another run, was first: it counts as sent, and is sent once more when there is no answer.
      ++run.sent;
      run.last_sent = event.time;
      order.counted_run = narrow_counter(run.run);
      line.cancels_sent.push_back(Broker::CancelSent{order.number, run.run, event.time, 1});
    } else if (!state.cancel_waits(order)) {
      line.cancel_queue.push_back(Broker::CancelDue{order.number, event.origin, run.run});
      ++run.queued;
    }
  });
  for (Broker& line : state.broker_states) trim_cancels(state, line);
  if (event.origin == order::RequestOrigin::kDisconnect && event.scope == order::Scope::kSession) {
    state.sessions[event.id].disconnect_done = true;
  }
  forget_oldest(state);
}

void count_cancel_sent(State& state, Order& order, UtcTime time) {
  for (MassCancel& run : state.mass_cancels) {
    if (run.drill || run.finished || run.run <= order.counted_run || !belongs_to(state, run, order)) continue;
    ++run.sent;
    run.last_sent = time;
  }
  order.counted_run = narrow_counter(state.mass_cancel_count);
}

void count_ended(State& state, const Order& order) {
  for (MassCancel& run : state.mass_cancels) {
    if (run.drill || run.finished || !belongs_to(state, run, order)) continue;
    ++(order.status == order::OrdStatus::kCanceled ? run.canceled : run.too_late);
  }
}

void finish_run(State& state, const order::MassCancelFinished& event) {
  MassCancel& run = run_at(state, event.run);
  run.finished = true;
  run.ended = event.time;
  forget_oldest(state);
}

void advance_drill(State& state, const order::DrillAdvanced& event) {
  MassCancel& run = run_at(state, event.run);
  MassCancel::DrillLine& line = run.drill_lines[event.broker.value()];
  if (event.time == run.started) line.at_once = event.count;
  line.left -= event.count;
  line.sent += event.count;
  run.sent += event.count;
  if (event.count > 0) run.last_sent = event.time;
}

void trim_cancels(State& state, Broker& line) {
  while (!line.cancel_queue.empty()) {
    const Broker::CancelDue& due = line.cancel_queue.front();
    const Order& order = state.orders[due.order];
    if (order.is_open() && order.broker.has_value() && !state.cancel_waits(order)) break;
    for (MassCancel& run : state.mass_cancels) {
      if (run.run == due.run && run.queued > 0) --run.queued;
    }
    line.cancel_queue.pop_front();
  }
  while (!line.cancels_sent.empty() && !state.orders[line.cancels_sent.front().order].is_open())
    line.cancels_sent.pop_front();
}

bool any_killed(const State& state) {
  return std::any_of(state.scope_changes.begin(), state.scope_changes.end(), [&](const State::ScopeChange& change) {
    return state.risk.own_state(change.scope, change.id) == order::ScopeState::kKilled;
  });
}

bool kept_out(const State& state, SessionId id) {
  const Session& session = state.sessions[id.value()];
  const auto killed = [&state](order::Scope scope, std::uint32_t thing) {
    return state.risk.own_state(scope, thing) == order::ScopeState::kKilled;
  };
  if (session.of_broker) {
    if (!killed(order::Scope::kBroker, session.broker.value()) && !killed(order::Scope::kSession, id.value()))
      return false;
    return std::none_of(state.mass_cancels.begin(), state.mass_cancels.end(), [&](const MassCancel& run) {
      return !run.drill && !run.finished && run.scope == order::Scope::kBroker && run.id == session.broker.value();
    });
  }
  const order::GroupId group = state.risk.state().clients[session.client.value()].group;
  if (!killed(order::Scope::kFirm, 0) && !killed(order::Scope::kClient, session.client.value()) &&
      !killed(order::Scope::kSession, id.value()) && !killed(order::Scope::kGroup, group.value())) {
    return false;
  }
  return std::all_of(state.mass_cancels.begin(), state.mass_cancels.end(), [&](const MassCancel& run) {
    const bool touches = run.scope == order::Scope::kFirm ||
                         (run.scope == order::Scope::kClient && run.id == session.client.value()) ||
                         (run.scope == order::Scope::kGroup && run.id == group.value()) ||
                         (run.scope == order::Scope::kSession && run.id == id.value());
    return run.drill || !touches || run.queued == 0;
  });
}

std::string_view why_cancelled(const State& state, const Order& order, const Request& request, std::span<char> memory) {
  const MassCancel* run = request.run != 0 ? find_run(state, request.run) : nullptr;
  // A broker may cancel on its own what a mass cancel asks it to.
  if (run == nullptr && request.kind != RequestKind::kCancel) run = run_of(state, order);
  if (run == nullptr) return {};
  std::size_t size = 0;
  const auto put = [&](std::string_view text) {
    const std::size_t fits = std::min(text.size(), memory.size() - size);
    std::copy_n(text.data(), fits, memory.data() + size);
    size += fits;
  };
  if (run->origin == order::RequestOrigin::kDisconnect) {
    put("cancelled: the session was disconnected");
  } else {
    put("cancelled by ");
    put(run->user.view());
    put(": ");
    put(run->reason.view());
  }
  return {memory.data(), size};
}

// All but ExecID(17).

}  // namespace portcullis::gateway
