#include "risk/state.h"

namespace portcullis::risk {

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
