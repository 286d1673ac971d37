#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "order/types.h"
#include "risk/calendar.h"
#include "risk/credit.h"
#include "risk/currency_pairs.h"
#include "risk/exposure.h"
#include "risk/instrument.h"
#include "risk/latches.h"
#include "risk/levels.h"
#include "risk/limits.h"
#include "risk/market.h"
#include "risk/open_prices.h"
#include "risk/order_memory.h"
#include "risk/profit.h"
#include "risk/profit_index.h"
#include "risk/recent.h"
#include "risk/throttle.h"

// All that risk remembers: plain tables by index.

namespace portcullis::risk {

// A2: what a scope may trade, where it says so; it is configuration.
class Permissions {
 public:
  struct Permit {
    order::InstrumentId instrument;  // none: every one
    bool buy = true;
    bool sell = true;
  };

  bool stated() const { return stated_; }
  bool allow(order::InstrumentId instrument, bool buys_base) const {
    return !stated_ || std::any_of(permits_.begin(), permits_.end(), [&](const Permit& permit) {
      const bool of_it = !permit.instrument.has_value() || permit.instrument == instrument;
      return of_it && (buys_base ? permit.buy : permit.sell);
    });
  }
  void clear() {
    stated_ = false;
    permits_.clear();
  }
  // From now on nothing is allowed but what is permitted.
  void state() { stated_ = true; }
  void permit(const Permit& permit) { permits_.push_back(permit); }

 private:
  bool stated_ = false;
  std::vector<Permit> permits_;
};

// One scope that has limits, a state and sums. The tree is firm, group, client, account; sessions and traders hang
// at their client, brokers, instruments and currencies at the firm.
struct Node {
  order::Scope scope = order::Scope::kFirm;
  order::ScopeState own_state = order::ScopeState::kActive;
  bool configured = false;           // false: known to the journal, but no longer in the configuration
  std::uint32_t id = 0;              // of the scope's thing; 0 for the firm
  order::ClientId owner;             // of an account, a client's session, a trader
  order::GroupId group;              // of a client; none: it hangs at the firm
  std::uint64_t limits_version = 0;  // of the operator's last change here; 0: as configured
  Exposure exposure;                 // beside the state: a decision reads both
  NodeLimits limits;
  Profit profit;                          // of scopes that keep it: E1
  LevelsReached levels;                   // soft levels
  std::uint64_t newest_order = kNoOrder;  // of an account, a trader: its place in the memory of orders (C2)

  static constexpr std::uint64_t kNoOrder = ~std::uint64_t{0};
  order::InstrumentId crossed_with;  // of an entry of `crossed`
  // Limits that hold here in one instrument beside those above, as nodes without sums; few, by instrument.
  std::vector<Node> crossed;
  Permissions permissions;

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    ar(self.scope);
    ar(self.own_state);
    ar(self.id);
    ar(self.owner);
    ar(self.group);
    ar(self.limits_version);
    NodeLimits::archive(self.limits, ar);
    Exposure::archive(self.exposure, ar);
    Profit::archive(self.profit, ar);
    LevelsReached::archive(self.levels, ar);
    ar(self.newest_order);
  }
};

// Where the day's profit or loss is kept: who trades, who answers for it, and brokers.
constexpr bool keeps_profit(order::Scope scope) {
  return scope == order::Scope::kFirm || scope == order::Scope::kClient || scope == order::Scope::kAccount ||
         scope == order::Scope::kTrader || scope == order::Scope::kBroker;
}

// What a client's or a broker's FIX session has beside its node.
struct Session {
  bool of_broker = false;
  std::uint16_t owner = 0;     // ClientId or BrokerId
  TokenBucket throttle;        // of a client's messages
  FilledOrders filled_orders;  // C3
  bool delays = false;         // configured so: its socket waits for tokens, and C1 refuses nothing
  bool slowed = false;         // a soft level halves its throttle
  RecentCounts decisions;      // F1: of its orders and replaces; bad: refused by us
  RecentCounts executions;     // F1
  RecentCounts messages;       // F1: D, F and G, whatever became of them
  DayCounts day;               // C4

  // Brings near what each message counts here.
  void look_at() const {
    __builtin_prefetch(this);
    __builtin_prefetch(&decisions);
    __builtin_prefetch(&executions);
    __builtin_prefetch(&messages);
    __builtin_prefetch(&day);
  }
  // Tokens that one message takes: with two, a bucket gives half its rate and half its burst.
  std::int64_t message_cost() const { return slowed ? 2 : 1; }

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    ar(self.of_broker);
    ar(self.owner);
    TokenBucket::archive(self.throttle, ar);
    FilledOrders::archive(self.filled_orders, ar);
    ar(self.slowed);
    RecentCounts::archive(self.decisions, ar);
    RecentCounts::archive(self.executions, ar);
    RecentCounts::archive(self.messages, ar);
    DayCounts::archive(self.day, ar);
  }
};

// What hangs at a client: indices of its accounts, its FIX sessions and its traders.
struct ClientScopes {
  std::vector<std::uint32_t> accounts;
  std::vector<std::uint32_t> sessions;
  std::vector<std::uint32_t> traders;
};

using Offset = config::PositionOffset;

struct Settings {
  config::SoftLevels soft_levels;
  std::vector<config::LevelResponse> responses;
  config::RiskBreakers breakers;
  config::Percent price_buffer = config::Percent::of(1);
  Offset offset = Offset::kFull;
  config::SwapGross swap_gross = config::SwapGross::kFar;
  std::vector<config::TenorAddOn> tenor_add_on;
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
  Calendars calendars;
  AbsoluteCaps caps;  // configuration
  std::int32_t trade_date = 0;          // days since 1970; zero before the first day has begun
  std::vector<Instrument> instruments;  // by InstrumentId
  Node firm;
  std::vector<Node> clients;                          // by ClientId
  std::vector<Node> accounts;                         // by AccountId
  std::vector<Node> brokers;                          // by BrokerId
  std::vector<Node> instrument_nodes;                 // by InstrumentId
  std::vector<Node> groups;                           // by GroupId
  std::vector<Node> session_nodes;                    // by SessionId
  std::vector<Node> traders;                          // by TraderId
  std::vector<Node> currency_nodes;                   // by CurrencyId
  std::vector<Session> sessions;                      // by SessionId
  std::vector<BrokerThrottleState> broker_throttles;  // by BrokerId
  // Executions that fit no order of ours; part of the firm, of no client.
  Exposure suspense;
  // Positions that two persons have adjusted; part of the firm and of a client, of no broker.
  Exposure adjusted;
  OrderMemory order_memory;  // C2
  std::vector<FilledOrders> trader_orders;  // by TraderId, C3
  Latches latches;
  Latches told;                              // breakers that only warn, and have: F1, F2, C4
  std::vector<RecentCounts> broker_answers;  // by BrokerId, F1: bad: a request that it rejected
  std::uint64_t limits_version = 0;
  // What risk/scopes.h has resolved is good for one value of each. No part of a snapshot.
  std::uint64_t shape = 1;  // moves on with names and groups: where scopes are
  std::uint64_t cells = 1;  // with cells that are made or moved: where sums are
  bool any_passive_band = false;  // some scope states one; follows from the limits
  std::uint64_t words = 1;  // with limits, states and the configuration: what scopes say
  Credit credit;           // D8, a view
  ProfitIndex profits;     // E1, a view
  CurrencyPairs pairs;     // a view
  std::vector<ClientScopes> of_clients;  // by ClientId; a view
  OpenPrices open_prices;  // D10, a view

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
        return at(groups, id);
      case order::Scope::kSession:
        return at(session_nodes, id);
      case order::Scope::kTrader:
        return at(traders, id);
      case order::Scope::kCurrency:
        return at(currency_nodes, id);
    }
    return nullptr;
  }
  Node* find(order::Scope scope, std::uint32_t id) {
    return const_cast<Node*>(static_cast<const State*>(this)->find(scope, id));
  }
  // Calls visit(Node) for every scope, parents before their children.
  template <typename Visit>
  void each_node(Visit&& visit) const {
    visit(firm);
    for (const std::vector<Node>* nodes : tables()) {
      for (const Node& node : *nodes) visit(node);
    }
  }
  template <typename Visit>
  void each_node(Visit&& visit) {
    static_cast<const State*>(this)->each_node([&visit](const Node& node) { visit(const_cast<Node&>(node)); });
  }
  std::array<const std::vector<Node>*, 8> tables() const {
    return {&groups, &clients, &accounts, &session_nodes, &traders, &brokers, &instrument_nodes, &currency_nodes};
  }

  const Instrument* find_instrument(order::InstrumentId id) const {
    return id.value() < instruments.size() && instruments[id.value()].defined ? &instruments[id.value()] : nullptr;
  }
  const Session* find_session(order::SessionId id) const {
    return id.value() < sessions.size() ? &sessions[id.value()] : nullptr;
  }

  // Every node's effective limits anew, parents first.
  void resolve_limits();
  // One limit, which this scope states otherwise: there and below, as far as it is inherited.
  void resolve_limit(Node& node, Limit limit);
  // All limits of a client that hangs elsewhere now, and below it.
  void resolve_limits_of(Node& client);
  // An account, a client's session or a trader hangs at this client from now on.
  void hang(const Node& node);
  void hang_all();
  // Every instrument's spot date of this trade date.
  void date_spot();

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    Market::archive(self.market, ar);
    ar(self.trade_date);
    ar.each(self.instruments);
    Node::archive(self.firm, ar);
    ar.each(self.clients);
    ar.each(self.accounts);
    ar.each(self.brokers);
    ar.each(self.instrument_nodes);
    ar.each(self.groups);
    ar.each(self.session_nodes);
    ar.each(self.traders);
    ar.each(self.currency_nodes);
    ar.each(self.sessions);
    ar.each(self.broker_throttles);
    Exposure::archive(self.suspense, ar);
    Exposure::archive(self.adjusted, ar);
    if constexpr (Archive::kLoads) {
      self.order_memory.archive_from(ar);
    } else {
      self.order_memory.archive_to(ar);
    }
    ar.each(self.trader_orders);
    Latches::archive(self.latches, ar);
    Latches::archive(self.told, ar);
    ar.each(self.broker_answers);
    ar(self.limits_version);
  }

  static const Node* at(const std::vector<Node>& nodes, std::uint32_t id) {
    return id < nodes.size() ? &nodes[id] : nullptr;
  }

 private:
  // Calls resolve(NodeLimits&, const NodeLimits* above) for every scope, parents first.
  template <typename Resolve>
  void each_with_parent(Resolve&& resolve);
  const NodeLimits* above(const Node& node) const;
  void resolve_below(Node& node, Limit limit);
  void find_passive_band();
};

}  // namespace portcullis::risk
