#include "risk/state.h"

namespace portcullis::risk {

namespace {

const Node* at(const std::vector<Node>& nodes, std::uint32_t id) {
  return id < nodes.size() ? &nodes[id] : nullptr;
}

}  // namespace

const Node* State::find(order::Scope scope, std::uint32_t id) const {
  switch (scope) {
    case order::Scope::kFirm:
      return id == 0 ? &firm : nullptr;
    case order::Scope::kClient:
      return at(clients, id);
    case order::Scope::kAccount:
      return at(accounts, id);
    case order::Scope::kBroker:
      return at(brokers, id);
    case order::Scope::kInstrument:
      return at(instrument_nodes, id);
    case order::Scope::kGroup:
    case order::Scope::kSession:
    case order::Scope::kTrader:
    case order::Scope::kCurrency:
      return nullptr;
  }
  return nullptr;
}

const Instrument* State::find_instrument(order::InstrumentId id) const {
  if (id.value() >= instruments.size() || !instruments[id.value()].defined) return nullptr;
  return &instruments[id.value()];
}

void State::resolve_limits() {
  firm.limits.resolve(nullptr);
  for (Node& node : clients) node.limits.resolve(&firm.limits);
  for (Node& node : accounts) {
    const Node* client = at(clients, node.owner.value());
    node.limits.resolve(client != nullptr ? &client->limits : &firm.limits);
  }
  for (Node& node : brokers) node.limits.resolve(&firm.limits);
  for (Node& node : instrument_nodes) node.limits.resolve(&firm.limits);
}

}  // namespace portcullis::risk
