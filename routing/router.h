#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "order/events.h"
#include "order/reject.h"
#include "order/types.h"

// Which broker takes an order: rules in the order of the configuration, the first that matches counts;
// its brokers are tried in turn, and the first that can take the order does. Nothing is queued: when none
// can, the order is refused at once.

namespace portcullis::routing {

using NameLookup = std::function<std::optional<std::uint32_t>(order::NameKind, std::string_view name)>;

// What rules look at. More properties (order type, time in force, asset class) are added here and as one
// more dimension in the implementation.
struct RouteKey {
  order::ClientId client;
  order::AccountId account;
  order::InstrumentId instrument;
};

struct Choice {
  order::BrokerId broker;  // none when refused
  order::Reject reject;
};

class Router {
 public:
  // Replaces the rules. Names without an index cannot occur in an order and are skipped; a rule all of
  // whose symbols, clients or accounts are such matches nothing.
  void configure(const config::Config& config, const NameLookup& index_of);

  // The brokers of the first rule that matches, in turn; empty when none does. No allocation; the cost does
  // not depend on how many names the rules hold.
  std::span<const order::BrokerId> candidates(const RouteKey& key) const;

  // `can_take(BrokerId) -> order::Reject`: why this broker cannot take the order now (down, not reconciled,
  // blocked, no tokens, full line), or none. Must not change anything. When all refuse, the answer is the
  // first reason that is more than "down", since the client can act on it.
  template <typename CanTake>
  Choice choose(const RouteKey& key, CanTake&& can_take) const {
    Choice refused{order::BrokerId::none(), no_broker()};
    const std::span<const order::BrokerId> brokers = candidates(key);
    if (brokers.empty()) refused.reject = no_rule();
    for (const order::BrokerId broker : brokers) {
      const order::Reject reject = can_take(broker);
      if (!reject) return Choice{broker, order::Reject()};
      if (reject.code != order::RejectCode::kNoRoute && refused.reject.code == order::RejectCode::kNoRoute) {
        refused.reject = reject;
      }
    }
    return refused;
  }

  static order::Reject no_rule();
  static order::Reject no_broker();

 private:
  // One bit a rule: which rules match a given name. Row 0: those that match names they do not list.
  struct Dimension {
    std::vector<std::uint32_t> row_of;  // by index of the name; beyond its size row 0
    std::vector<std::uint64_t> words;   // rows of words_per_row
    // Where the name's row begins in `words`.
    std::size_t row(std::uint32_t index, std::size_t words_per_row) const {
      return (index < row_of.size() ? row_of[index] : 0) * words_per_row;
    }
  };
  void add_rule(Dimension& dimension, std::size_t rule, const std::vector<std::string>& names, order::NameKind kind,
                const NameLookup& index_of);

  std::size_t words_per_row_ = 0;
  Dimension clients_;
  Dimension accounts_;
  Dimension instruments_;
  struct Rule {
    std::uint32_t first = 0;  // in brokers_
    std::uint32_t count = 0;
  };
  std::vector<Rule> rules_;
  std::vector<order::BrokerId> brokers_;
};

}  // namespace portcullis::routing
