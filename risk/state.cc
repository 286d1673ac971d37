#include "risk/state.h"

namespace portcullis::risk {

void State::resolve_limits() {
  ++shape;
  ++words;
  profits.all_moved = true;  // their losses are held to other limits
  firm.limits.resolve(nullptr, caps);
  const auto limits_at = [this](const std::vector<Node>& nodes, std::uint32_t id) -> const NodeLimits* {
    const Node* node = at(nodes, id);
    return node != nullptr ? &node->limits : &firm.limits;
  };
  for (Node& node : groups) node.limits.resolve(&firm.limits, caps);
  for (Node& node : clients) node.limits.resolve(limits_at(groups, node.group.value()), caps);
  for (std::vector<Node>* nodes : {&accounts, &session_nodes, &traders}) {
    for (Node& node : *nodes) node.limits.resolve(limits_at(clients, node.owner.value()), caps);
  }
  for (std::vector<Node>* nodes : {&brokers, &instrument_nodes, &currency_nodes}) {
    for (Node& node : *nodes) node.limits.resolve(&firm.limits, caps);
  }
  any_passive_band = false;
  each_node([this](Node& node) {
    any_passive_band = any_passive_band || node.limits.stated_here(Limit::kPassiveBandPercent);
    for (Node& crossed : node.crossed) {
      crossed.limits.resolve(&node.limits, caps);
      any_passive_band = any_passive_band || crossed.limits.stated_here(Limit::kPassiveBandPercent);
    }
  });
}

void State::date_spot() {
  for (Instrument& instrument : instruments) {
    instrument.spot_of = trade_date;
    instrument.spot_date = calendars.spot({instrument.base, instrument.term, instrument.spot_days}, trade_date);
  }
}

}  // namespace portcullis::risk
