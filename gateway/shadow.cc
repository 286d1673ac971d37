#include "gateway/shadow.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "gateway/apply.h"
#include "gateway/configure.h"
#include "gateway/decide.h"
#include "gateway/snapshot.h"
#include "order/evidence.h"

namespace portcullis::gateway {
namespace {

constexpr std::size_t kScratchBytes = 64 << 10;

// The same state, as a restart would find it: what the configuration sets up is set up anew.
State copy_of(const State& state) {
  std::vector<std::byte> bytes;
  save(state, bytes);
  State copy;
  std::span<const std::byte> rest(bytes);
  const Status loaded = load(rest, copy);
  PORTCULLIS_CHECK(loaded.ok(), "a state that does not read back");
  return copy;
}

// The configuration with what the shadow states in it: for limits that no operator can set, those of a scope in one
// instrument.
config::Config overlaid(const config::Config& configuration, const config::RiskSection& shadow) {
  config::Config changed = configuration;
  const auto overlay = [](std::vector<config::ScopeLimits>& all, const std::vector<config::ScopeLimits>& stated) {
    for (const config::ScopeLimits& each : stated) {
      auto found = std::find_if(all.begin(), all.end(), [&](const auto& scope) { return scope.id == each.id; });
      if (found == all.end()) found = all.insert(all.end(), config::ScopeLimits{each.id, {}});
      for (const auto& [symbol, limits] : each.instruments) {
        auto in = std::find_if(found->instruments.begin(), found->instruments.end(),
                               [&symbol = symbol](const auto& pair) { return pair.first == symbol; });
        if (in == found->instruments.end()) in = found->instruments.insert(in, {symbol, {}});
        for (const config::LimitInfo& info : config::limits_table()) {
          if (const auto value = config::get_limit(limits, info.limit))
            config::set_limit(in->second, info.limit, value);
        }
      }
    }
  };
  overlay(changed.risk.clients, shadow.clients);
  overlay(changed.risk.accounts, shadow.accounts);
  overlay(changed.risk.brokers, shadow.brokers);
  overlay(changed.risk.groups, shadow.groups);
  overlay(changed.risk.sessions, shadow.sessions);
  overlay(changed.risk.traders, shadow.traders);
  return changed;
}

}  // namespace

Shadow::Shadow(const State& state, const config::Config& configuration, const config::RiskSection& limits)
    : state_(copy_of(state)), scratch_(kScratchBytes), queued_outbound_(state.sessions.size()) {
  set_up(state_, overlaid(configuration, limits));
  state_.setup.low_space = state.setup.low_space;
  state_limits(order::Scope::kFirm, 0, limits.firm);
  const auto scopes = [&](order::Scope scope, const std::vector<config::ScopeLimits>& all, const NameTable& names) {
    for (const config::ScopeLimits& each : all) {
      const std::uint32_t id = names.find(each.id);
      if (id != NameTable::kUnknown) state_limits(scope, id, each.limits);
    }
  };
  scopes(order::Scope::kClient, limits.clients, state_.clients);
  scopes(order::Scope::kAccount, limits.accounts, state_.accounts);
  scopes(order::Scope::kBroker, limits.brokers, state_.brokers);
  scopes(order::Scope::kInstrument, limits.instruments, state_.instruments);
  scopes(order::Scope::kGroup, limits.groups, state_.groups);
  scopes(order::Scope::kSession, limits.sessions, state_.session_names);
  scopes(order::Scope::kTrader, limits.traders, state_.traders);
  scopes(order::Scope::kCurrency, limits.currencies, state_.currencies);
}

// An operator's word counts more than the configuration's, so it is used for the shadow's.
void Shadow::state_limits(order::Scope scope, std::uint32_t id, const config::LimitSet& limits) {
  for (const config::LimitInfo& info : config::limits_table()) {
    const auto value = config::get_limit(limits, info.limit);
    if (!value || !state_.risk.has_limits(scope, id)) continue;
    const auto limit = static_cast<std::uint16_t>(info.limit);
    stated_.insert({scope, id, limit});
    state_.risk.set_limit(scope, id, limit, risk::to_raw(*value), false, state_.risk.limits_version());
  }
}

void Shadow::apply(const order::EventView& event, UtcTime time) {
  if (event.type() == order::EventType::kLimitSet) {
    const auto& change = event.in_place<order::LimitSet>();
    if (stated_.contains({change.scope, change.id, change.limit})) return;
  }
  gateway::apply(state_, event, time);
}

std::optional<Shadow::Decision> Shadow::decide(const fix::Command& command, UtcTime now) {
  queued_outbound_.assign(state_.sessions.size(), 0);
  order::EventWriter events(scratch_.data(), scratch_.size());
  Deciding d(state_, now, events, queued_outbound_);
  if (const auto* order = std::get_if<order::NewOrderSingle>(&command)) {
    gateway::decide(d, *order);
  } else if (const auto* replace = std::get_if<order::OrderCancelReplaceRequest>(&command)) {
    gateway::decide(d, *replace);
  }
  return decision_in(events.bytes());
}

std::optional<Shadow::Decision> decision_in(std::span<const std::byte> events) {
  std::optional<Shadow::Decision> decision;
  order::for_each_event(events, [&](const order::EventView& event) {
    if (decision || event.type() != order::EventType::kDecided) return;
    const auto& head = event.in_place<order::Decided>();
    decision = Shadow::Decision{head.code, head.control, {}};
    const auto checks = event.tail(sizeof(order::Decided));
    for (std::size_t at = 0; at + sizeof(order::CheckResult) <= checks.size(); at += sizeof(order::CheckResult)) {
      order::CheckResult check;
      std::memcpy(&check, checks.data() + at, sizeof check);
      if (check.passed == 0 && check.control == head.control) decision->check = check;
    }
  });
  return decision;
}

void write_shadow(const std::optional<Shadow::Decision>& shadow, std::size_t from, order::EventWriter& events) {
  const auto written = events.bytes().subspan(from);
  const std::optional<Shadow::Decision> live = decision_in(written);
  if (!shadow || !live) return;
  const bool live_accepts = live->code == order::RejectCode::kNone;
  const bool shadow_accepts = shadow->code == order::RejectCode::kNone;
  if (live_accepts == shadow_accepts) return;
  order::ShadowDecided event{};
  order::for_each_event(written, [&](const order::EventView& view) {
    if (view.type() != order::EventType::kDecided) return;
    const auto& head = view.in_place<order::Decided>();
    event.decision = head.decision;
    event.order = head.order;
    event.msg_type = head.msg_type;
  });
  const Shadow::Decision& refusal = live_accepts ? *shadow : *live;
  event.check = refusal.check;
  event.control = refusal.control;
  event.live = live->code;
  event.shadow = shadow->code;
  events.add(event);
}

}  // namespace portcullis::gateway
