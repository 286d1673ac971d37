#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "order/types.h"
#include "risk/state.h"

// The scopes that one order belongs to, resolved to pointers. Scopes are tables by index, so this is a handful of
// loads: less than the look-up of a stored path would be, and nothing has to be invalidated when a table grows.

namespace portcullis::risk {

// The longest path of scopes (risk specification, section 0, rule 7).
inline constexpr std::size_t kMaxNodes = 12;

// Where an order's sums go. What is none has no node: the broker of an order that is not routed yet, the trader of a
// client that names none.
struct Place {
  order::ClientId client = {};
  order::AccountId account = {};
  order::BrokerId broker = {};
  order::InstrumentId instrument = {};
  bool buys_base = true;
  order::SessionId session = {};
  order::TraderId trader = {};
  std::int32_t settle_date = 0;  // days since 1970; zero: no value date is kept
  std::int32_t fixing_date = 0;  // of an NDF; else zero
};

// Most specific first; the firm is the last.
template <typename NodeType>
class Path {
 public:
  void add(NodeType* node) {
    if (node != nullptr) nodes_.data()[size_++] = node;
  }
  std::size_t size() const { return size_; }
  NodeType* operator[](std::size_t i) const { return nodes_.data()[i]; }
  NodeType* const* data() const { return nodes_.data(); }
  NodeType* const* begin() const { return nodes_.data(); }
  NodeType* const* end() const { return nodes_.data() + size_; }

 private:
  std::array<NodeType*, kMaxNodes> nodes_;  // the first size_
  std::size_t size_ = 0;
};

// Every scope of `place`. StateType and NodeType are const together.
template <typename NodeType, typename StateType>
Path<NodeType> path_of(StateType& state, const Place& place) {
  using order::Scope;
  Path<NodeType> path;
  path.add(state.find(Scope::kAccount, place.account.value()));
  path.add(state.find(Scope::kTrader, place.trader.value()));
  path.add(state.find(Scope::kSession, place.session.value()));
  NodeType* client = state.find(Scope::kClient, place.client.value());
  path.add(client);
  if (client != nullptr) path.add(state.find(Scope::kGroup, client->group.value()));
  path.add(state.find(Scope::kBroker, place.broker.value()));
  path.add(state.find(Scope::kInstrument, place.instrument.value()));
  if (place.instrument.value() < state.instruments.size()) {
    const Instrument& instrument = state.instruments[place.instrument.value()];
    path.add(state.find(Scope::kCurrency, instrument.base.value()));
    path.add(state.find(Scope::kCurrency, instrument.term.value()));
  }
  path.add(&state.firm);
  return path;
}

// Value dates are kept where money settles and where somebody lends: along the tree and at brokers.
constexpr bool keeps_dates(order::Scope scope) {
  return scope == order::Scope::kFirm || scope == order::Scope::kGroup || scope == order::Scope::kClient ||
         scope == order::Scope::kAccount || scope == order::Scope::kBroker;
}

// Positions of opposite signs make up for each other, so a limit on what is netted is asked of every scope of the tree
// and of each broker, stated there or inherited. What crosses the tree is asked only for what it states itself.
inline bool asks_netted(const Node& node, Limit limit) {
  switch (node.scope) {
    case order::Scope::kFirm:
    case order::Scope::kGroup:
    case order::Scope::kClient:
    case order::Scope::kAccount:
    case order::Scope::kBroker:
      return true;
    case order::Scope::kSession:
    case order::Scope::kTrader:
    case order::Scope::kInstrument:
    case order::Scope::kCurrency:
      return node.limits.stated_here(limit);
  }
  return true;
}

}  // namespace portcullis::risk
