#include <algorithm>

#include "tests/scenarios/exact_model.h"

namespace portcullis::scenarios::exact {

// What holds where, and for how long.

const Model::Node& Model::node(NodeId id) const {
  static const Node kNothing;
  const auto found = nodes_.find(id);
  return found == nodes_.end() ? kNothing : found->second;
}

// Whose word holds where a scope says nothing itself.
NodeId Model::above(NodeId id) const {
  const auto at = static_cast<std::size_t>(id.index);
  switch (id.scope) {
    case Scope::kAccount:
      return {Scope::kClient, accounts[at].client};
    case Scope::kSession:
      return {Scope::kClient, id.index};
    case Scope::kTrader:
      return {Scope::kClient, traders[at].client};
    case Scope::kClient:
      if (group_of[at] >= 0) return {Scope::kGroup, group_of[at]};
      break;
    default:
      break;
  }
  return {Scope::kFirm, 0};
}

std::optional<Int> Model::own(NodeId id, Limit which) const {
  const auto& stated = node(id).limits[static_cast<std::size_t>(which)];
  if (!stated) return std::nullopt;
  return capped(which, *stated);
}

// The firm states all but what is optional.
Int Model::limit(NodeId id, Limit which) const {
  if (const auto stated = own(id, which)) return *stated;
  if (id.scope != Scope::kFirm) return limit(above(id), which);
  const bool optional =
      which == Limit::kDayQuantity || which == Limit::kDrawdown || which == Limit::kCredit || which == Limit::kBand;
  return optional ? capped(which, kNone) : 0;
}

Int Model::limit_for(NodeId id, Limit which, int instrument) const {
  const Int everywhere = limit(id, which);
  const auto crossed = node(id).crossed.find(instrument);
  if (crossed == node(id).crossed.end()) return everywhere;
  return std::min(everywhere, crossed->second[static_cast<std::size_t>(which)].value_or(kNone));
}

// Positions of opposite sign make up for each other, so the tree and the brokers are asked wherever the limit was
// stated; who crosses the tree is asked for its own word.
bool Model::asks_netted(NodeId id, Limit which, int instrument) const {
  switch (id.scope) {
    case Scope::kInstrument:
    case Scope::kSession:
    case Scope::kTrader:
    case Scope::kCurrency: {
      const auto crossed = node(id).crossed.find(instrument);
      return own(id, which).has_value() ||
             (crossed != node(id).crossed.end() && crossed->second[static_cast<std::size_t>(which)].has_value());
    }
    default:
      return true;
  }
}

void Model::set_limit(NodeId id, Limit which, Int value, std::int64_t until_ms, bool by_two) {
  const auto found = std::find_if(temporary_.begin(), temporary_.end(),
                                  [&](const Temporary& t) { return t.id == id && t.which == which; });
  if (until_ms != 0) {
    if (found == temporary_.end()) {
      temporary_.push_back({id, which, own(id, which), limit(id, which), value, until_ms});
    } else {
      found->meanwhile = value;
      found->until_ms = until_ms;
    }
  } else if (by_two && found != temporary_.end()) {
    temporary_.erase(found);
  }
  node(id).limits[static_cast<std::size_t>(which)] = value;
}

// Who has made it tighter meanwhile than it was before keeps it so.
int Model::revert() {
  int over = 0;
  for (std::size_t i = 0; i < temporary_.size();) {
    const Temporary t = temporary_[i];
    if (t.until_ms > now_ms) {
      ++i;
      continue;
    }
    ++over;
    temporary_.erase(temporary_.begin() + static_cast<std::ptrdiff_t>(i));
    // A cap that has come since is nobody's word on this scope.
    auto& here = node(t.id).limits[static_cast<std::size_t>(t.which)];
    const auto now = own(t.id, t.which);
    const bool tightened = now && *now != capped(t.which, t.meanwhile) && *now <= t.held;
    here = tightened ? now : t.before;
  }
  return over;
}

void Model::set_condition(NodeId id, Condition condition) {
  Node& here = node(id);
  here.condition = condition;
  if (condition < Condition::kReduceOnly) here.lost = here.fallen = false;
}

}  // namespace portcullis::scenarios::exact
