#include "gateway/mandatory_limits.h"

#include <algorithm>

namespace portcullis::gateway {
namespace {

using config::Limit;
using order::Scope;

// A limit that goes back to what it was, and was nothing, is not the scope's own for long.
bool passes(const State& state, const risk::Node& node, Limit limit) {
  return std::any_of(state.temporary_limits.begin(), state.temporary_limits.end(), [&](const TemporaryLimit& each) {
    return each.scope == node.scope && each.id == node.id && each.limit == static_cast<std::uint16_t>(limit) &&
           !each.was_operators && !node.limits.is_configured(limit);
  });
}

bool states(const State& state, Scope scope, std::uint32_t id, Limit limit) {
  const risk::Node* const node = state.risk.state().find(scope, id);
  return node != nullptr && node->limits.stated_here(limit) && !passes(state, *node, limit);
}

bool has_of_its_own(const State& state, order::ClientId client, SessionId session, Limit limit) {
  const risk::Node* const node = state.risk.state().find(Scope::kClient, client.value());
  if (node == nullptr) return false;
  if (states(state, Scope::kClient, client.value(), limit) || states(state, Scope::kSession, session.value(), limit) ||
      states(state, Scope::kGroup, node->group.value(), limit)) {
    return true;
  }
  const std::vector<order::AccountId>& accounts = state.setup.clients[client.value()].accounts;
  return !accounts.empty() && std::all_of(accounts.begin(), accounts.end(), [&](order::AccountId account) {
    return states(state, Scope::kAccount, account.value(), limit);
  });
}

}  // namespace

std::string missing_mandatory_limits(const State& state, SessionId session) {
  const Session& of = state.sessions[session.value()];
  std::string missing;
  if (of.of_broker || of.client.value() >= state.setup.clients.size()) return missing;
  for (const Limit limit : state.setup.mandatory_limits) {
    if (has_of_its_own(state, of.client, session, limit)) continue;
    missing.append(missing.empty() ? "" : ", ").append(config::limit_info(limit).name);
  }
  return missing;
}

void disable_without_limits(Deciding& d) {
  if (d.state.setup.mandatory_limits.empty()) return;
  for (std::uint16_t i = 0; i < d.state.sessions.size(); ++i) {
    const Session& session = d.state.sessions[i];
    if (session.of_broker || !session.enabled || !d.state.setup.clients[session.client.value()].configured) continue;
    const std::string missing = missing_mandatory_limits(d.state, SessionId(i));
    if (missing.empty()) continue;
    order::SessionEnabled event{};
    event.session = SessionId(i);
    event.user = order::UserText("configuration");
    d.events.add(event);
    d.alert(order::AlertCode::kScopeState, order::Severity::kCritical,
            "session " + std::string(d.state.session_names[i].name.view()) + " is disabled: it has not of its own " +
                missing);
  }
}

}  // namespace portcullis::gateway
