#include "risk/state.h"

namespace portcullis::risk {

// What the scope inherits from; null for the firm.
const NodeLimits* State::above(const Node& node) const {
  const Node* parent = nullptr;
  switch (node.scope) {
    case order::Scope::kFirm:
      return nullptr;
    case order::Scope::kClient:
      parent = at(groups, node.group.value());
      break;
    case order::Scope::kAccount:
    case order::Scope::kSession:
    case order::Scope::kTrader:
      parent = at(clients, node.owner.value());
      break;
    default:
      break;
  }
  return parent != nullptr ? &parent->limits : &firm.limits;
}

// each_node is in that order.
template <typename Resolve>
void State::each_with_parent(Resolve&& resolve) {
  each_node([&](Node& node) {
    resolve(node.limits, above(node));
    for (Node& crossed : node.crossed) resolve(crossed.limits, &node.limits);
  });
}

void State::resolve_limits() {
  ++shape;
  ++words;
  profits.all_moved = true;  // their losses are held to other limits
  each_with_parent([this](NodeLimits& limits, const NodeLimits* above) { limits.resolve(above, caps); });
  find_passive_band();
}

void State::find_passive_band() {
  any_passive_band = false;
  each_node([this](const Node& node) {
    any_passive_band = any_passive_band || node.limits.stated_here(Limit::kPassiveBandPercent);
    for (const Node& crossed : node.crossed) {
      any_passive_band = any_passive_band || crossed.limits.stated_here(Limit::kPassiveBandPercent);
    }
  });
}

void State::resolve_limit(Node& node, Limit limit) {
  ++words;
  if (node.scope == order::Scope::kFirm) {
    each_with_parent(
        [this, limit](NodeLimits& limits, const NodeLimits* above) { limits.resolve(limit, above, caps); });
  } else {
    resolve_below(node, limit);
  }
  if (limit == Limit::kPassiveBandPercent) find_passive_band();
}

void State::resolve_limits_of(Node& client) {
  ++words;
  for (std::size_t i = 0; i < kLimitCount; ++i) resolve_below(client, static_cast<Limit>(i));
}

void State::resolve_below(Node& node, Limit limit) {
  const bool moved = node.limits.resolve(limit, above(node), caps);
  for (Node& crossed : node.crossed) crossed.limits.resolve(limit, &node.limits, caps);
  if (!moved) return;  // nobody inherits another value
  if (node.scope == order::Scope::kGroup) {
    for (Node& client : clients) {
      if (client.group.value() == node.id) resolve_below(client, limit);
    }
  }
  if (node.scope != order::Scope::kClient || node.id >= of_clients.size()) return;
  const ClientScopes& below = of_clients[node.id];
  for (const std::uint32_t id : below.accounts) resolve_below(accounts[id], limit);
  for (const std::uint32_t id : below.sessions) resolve_below(session_nodes[id], limit);
  for (const std::uint32_t id : below.traders) resolve_below(traders[id], limit);
}

void State::hang(const Node& node) {
  if (!node.owner.has_value()) return;  // a broker's session
  if (of_clients.size() <= node.owner.value()) of_clients.resize(node.owner.value() + std::size_t{1});
  ClientScopes& below = of_clients[node.owner.value()];
  if (node.scope == order::Scope::kAccount) below.accounts.push_back(node.id);
  if (node.scope == order::Scope::kSession) below.sessions.push_back(node.id);
  if (node.scope == order::Scope::kTrader) below.traders.push_back(node.id);
}

void State::hang_all() {
  of_clients.clear();
  for (const std::vector<Node>* const nodes : {&accounts, &session_nodes, &traders}) {
    for (const Node& node : *nodes) hang(node);
  }
}

void State::date_spot() {
  for (Instrument& instrument : instruments) {
    instrument.spot_of = trade_date;
    instrument.spot_date = calendars.spot({instrument.base, instrument.term, instrument.spot_days}, trade_date);
  }
}

}  // namespace portcullis::risk
