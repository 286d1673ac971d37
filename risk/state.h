#pragma once

#include <cstdint>
#include <vector>

#include "order/types.h"
#include "risk/exposure.h"
#include "risk/instrument.h"
#include "risk/latches.h"
#include "risk/limits.h"
#include "risk/market.h"
#include "risk/order_memory.h"
#include "risk/throttle.h"

// All that risk remembers: plain tables by index.

namespace portcullis::risk {

// One scope that has limits, a state and sums: the firm, a client, an account, a broker, an instrument.
struct Node {
  order::Scope scope = order::Scope::kFirm;
  order::ScopeState own_state = order::ScopeState::kActive;
  bool configured = false;           // false: known to the journal, but no longer in the configuration
  std::uint32_t id = 0;              // of the scope's thing; 0 for the firm
  order::ClientId owner;             // of an account
  std::uint64_t limits_version = 0;  // of the operator's last change here; 0: as configured
  NodeLimits limits;
  Exposure exposure;
  std::uint64_t newest_order = kNoOrder;  // of an account: its place in the memory of orders (C2)

  static constexpr std::uint64_t kNoOrder = ~std::uint64_t{0};

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    ar(self.scope);
    ar(self.own_state);
    ar(self.id);
    ar(self.owner);
    ar(self.limits_version);
    NodeLimits::archive(self.limits, ar);
    Exposure::archive(self.exposure, ar);
    ar(self.newest_order);
  }
};

// A client's or a broker's FIX session: a state and a throttle, no sums of its own.
struct Session {
  order::ScopeState own_state = order::ScopeState::kActive;
  bool of_broker = false;
  std::uint16_t owner = 0;  // ClientId or BrokerId
  TokenBucket throttle;     // of a client's messages
  FilledOrders filled_orders;  // C3

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    ar(self.own_state);
    ar(self.of_broker);
    ar(self.owner);
    TokenBucket::archive(self.throttle, ar);
    FilledOrders::archive(self.filled_orders, ar);
  }
};

// Whether open buys are reduced by a short position when the long limit is tested, and the reverse.
enum class Offset : std::uint8_t { kFull, kNone };

struct Settings {
  config::Percent price_buffer = config::Percent::of(1);
  Offset offset = Offset::kFull;
};

struct BrokerThrottleState {
  TokenBucket bucket;
  std::uint32_t reserved_for_cancels = 0;  // tokens that new orders leave

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    TokenBucket::archive(self.bucket, ar);
  }
};

struct State {
  Settings settings;
  Market market;
  std::vector<Instrument> instruments;  // by InstrumentId
  Node firm;
  std::vector<Node> clients;                          // by ClientId
  std::vector<Node> accounts;                         // by AccountId
  std::vector<Node> brokers;                          // by BrokerId
  std::vector<Node> instrument_nodes;                 // by InstrumentId
  std::vector<Session> sessions;                      // by SessionId
  std::vector<BrokerThrottleState> broker_throttles;  // by BrokerId
  // Executions that fit no order of ours; part of the firm, of no client.
  Exposure suspense;
  OrderMemory order_memory;  // C2
  Latches latches;
  std::uint64_t limits_version = 0;

  // Null when there is no such thing.
  const Node* find(order::Scope scope, std::uint32_t id) const {
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
  Node* find(order::Scope scope, std::uint32_t id) {
    return const_cast<Node*>(static_cast<const State*>(this)->find(scope, id));
  }
  const Instrument* find_instrument(order::InstrumentId id) const {
    return id.value() < instruments.size() && instruments[id.value()].defined ? &instruments[id.value()] : nullptr;
  }
  const Session* find_session(order::SessionId id) const {
    return id.value() < sessions.size() ? &sessions[id.value()] : nullptr;
  }

  // Every node's effective limits anew, parents first.
  void resolve_limits();

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    Market::archive(self.market, ar);
    ar.each(self.instruments);
    Node::archive(self.firm, ar);
    ar.each(self.clients);
    ar.each(self.accounts);
    ar.each(self.brokers);
    ar.each(self.instrument_nodes);
    ar.each(self.sessions);
    ar.each(self.broker_throttles);
    Exposure::archive(self.suspense, ar);
    if constexpr (Archive::kLoads) {
      self.order_memory.archive_from(ar);
    } else {
      self.order_memory.archive_to(ar);
    }
    Latches::archive(self.latches, ar);
    ar(self.limits_version);
  }

  static const Node* at(const std::vector<Node>& nodes, std::uint32_t id) {
    return id < nodes.size() ? &nodes[id] : nullptr;
  }
};

}  // namespace portcullis::risk
