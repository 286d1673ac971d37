#include "risk/scopes.h"

namespace portcullis::risk {

namespace {

std::uint64_t head_of(const Node& node) {
  return std::uint64_t{node.id} << 32 | std::uint64_t{static_cast<std::uint8_t>(node.scope)} << 8;
}

// Most specific first, so a scope that states as little as another further up is the one whose word decides.
void find_least(Scopes& scopes, Limit limit) {
  const Node* least = nullptr;
  for (const Path<const Node>* list : {&scopes.crossed, &scopes.nodes}) {
    for (const Node* node : *list) {
      if (!node->limits.stated_here(limit)) continue;
      if (least == nullptr || node->limits[limit] < least->limits[limit]) least = node;
    }
  }
  scopes.least[static_cast<std::size_t>(limit)] = least;
}

// What all scopes allow together, of a limit that is a set.
void intersect(const Scopes& scopes, Limit limit, std::int64_t& set, const Node*& last) {
  set = ~std::int64_t{0};
  last = nullptr;
  for (const Node* node : scopes.nodes) {
    if (!node->limits.stated_here(limit)) continue;
    last = node;
    set &= node->limits[limit];
  }
}

}  // namespace

void Scopes::resolve(const State& state, const Place& place, bool broker_alone, Scopes& out) {
  if (broker_alone) {
    out.nodes = Path<const Node>();
    out.nodes.add(state.find(order::Scope::kBroker, place.broker.value()));
  } else {
    out.nodes = path_of<const Node>(state, place);
  }
  out.crossed = Path<const Node>();
  for (const Node* node : out.nodes) {
    for (const Node& entry : node->crossed) {
      if (entry.crossed_with == place.instrument) out.crossed.add(&entry);
    }
  }
  for (std::size_t i = 0; i < kLimitCount; ++i) {
    const auto limit = static_cast<Limit>(i);
    Places stated = 0;
    Places netted = 0;
    for (std::size_t at = 0; at < out.nodes.size(); ++at) {
      const Node& node = *out.nodes[at];
      const Places bit = Places{1} << at;
      std::int64_t holds = node.limits[limit];
      if (node.limits.stated_here(limit)) stated |= bit;
      if (asks_netted(node, limit)) netted |= bit;
      if (by_instrument(limit)) {
        for (const Node* entry : out.crossed) {
          if (entry->scope != node.scope || entry->id != node.id || entry->limits[limit] >= holds) continue;
          holds = entry->limits[limit];
          stated |= bit;
          netted |= bit;
        }
      }
      out.limits[i][at] = holds;
    }
    out.stated[i] = stated;
    out.netted[i] = netted;
    find_least(out, limit);
  }
  for (std::size_t at = 0; at < out.nodes.size(); ++at) out.heads[at] = head_of(*out.nodes[at]);
  intersect(out, Limit::kOrderTypes, out.order_types, out.last_order_types);
  intersect(out, Limit::kTimesInForce, out.times_in_force, out.last_times_in_force);
}

void ScopeCache::fill(std::unique_ptr<Entry>& entry, const Key& key, const State& state, const Place& place,
                      bool broker_alone) {
  if (entry == nullptr) entry = std::make_unique<Entry>();
  entry->key = key;
  entry->shape = state.shape;
  Scopes::resolve(state, place, broker_alone, entry->scopes);
}

}  // namespace portcullis::risk
