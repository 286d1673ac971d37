#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "base/decimal.h"
#include "config/config.h"
#include "order/types.h"
#include "risk/powers.h"

// What control D8 holds against max_credit: for each client what is open and executed, netted within the client alone,
// with the add-on by tenor; for the firm the sum over its clients; for a broker, who lends to the firm, what is open
// and executed there, netted within its line. Kept only while somebody states the limit (of a broker, while it does),
// instrument by instrument, so that an event works out the one that it moves, and a rate those that are worth something
// else. It follows from the rest of the state, so no snapshot holds it.

namespace portcullis::risk {

class Exposure;
struct Node;
struct State;

// What credit adds for an amount of the risk currency that settles in so many days.
inline Wide credit_add_on(std::span<const config::TenorAddOn> steps, std::int32_t days, Wide worth) {
  config::Percent percent;
  for (const config::TenorAddOn& step : steps) {
    if (days > step.days) percent = step.percent;
  }
  constexpr Wide kMax = std::numeric_limits<std::int64_t>::max();
  return divide_by_power<config::Percent::kScale + 2>(std::min(worth, kMax) * percent.raw(), Rounding::kAwayFromZero);
}

// What an order that may come adds.
struct CreditGrowth {
  order::InstrumentId instrument;  // none: nothing grows
  Quantity buy;
  Quantity sell;
  Wide add_ons = 0;  // of what settles late; risk currency at 10^-2

  void settle(const State& state, std::int32_t date, Amount worth);
};

// What control D8 asks of one scope.
struct CreditAsked {
  std::int64_t used = 0;
  std::int64_t delta = 0;
};

class Credit {
 public:
  bool is_kept() const { return kept_ || kept_of_brokers_; }
  bool is_kept_of_clients() const { return kept_; }
  // Of a client, or of all; zero while it is not kept.
  Amount of(order::ClientId client) const {
    return Amount::from_raw(client.value() < clients_.size() ? clients_.data()[client.value()].all : 0);
  }
  Amount of_all() const { return Amount::from_raw(held(total_)); }
  Amount of(order::BrokerId broker) const {
    return Amount::from_raw(broker.value() < brokers_.size() ? brokers_.data()[broker.value()].all : 0);
  }
  // With what may come: the worth in the risk currency of what a client, or a broker, has open and executed, as if
  // every open order of the worse side were filled, instrument by instrument, and the add-on of what settles on each
  // date.
  Amount with(const State& state, order::ClientId client, const CreditGrowth& more) const;
  Amount with(const State& state, order::BrokerId broker, const CreditGrowth& more) const;

  // What the client and the firm would have more: the same, since no other client nets with it.
  std::int64_t growth_of_client(const State& state, order::ClientId client, const CreditGrowth& more) const;
  // Of the client, the firm or a broker, with that growth.
  CreditAsked asked_of(const State& state, const Node& node, std::int64_t of_client, const CreditGrowth& more) const;

  // Whether anybody states max_credit, and then everything anew.
  void resolve(const State& state);
  // Something of the instrument, or of what settles, has moved there.
  void renew(const State& state, order::ClientId client, order::BrokerId broker, order::InstrumentId instrument);
  // The instrument is worth something else, for all who hold it.
  void renew_all(const State& state, order::InstrumentId instrument);
  // So are these currencies.
  void renew_all(const State& state, std::span<const order::CurrencyId> currencies);

 private:
  // One instrument's part; risk currency at 10^-2.
  struct Part {
    Wide worth = 0;
    order::InstrumentId instrument;
  };
  struct Used {
    std::vector<Part> parts;  // by Exposure::cell_number
    Wide instruments = 0;     // their sum
    Wide add_ons = 0;         // of what settles
    std::int64_t all = 0;     // both, held at the end of the range
  };

  static std::int64_t held(Wide used) {
    return static_cast<std::int64_t>(std::min<Wide>(used, std::numeric_limits<std::int64_t>::max()));
  }
  static void renew(const State& state, const Exposure& sums, std::span<const order::CurrencyId> currencies,
                    Used& used);
  static void renew(const State& state, const Exposure& sums, order::InstrumentId instrument, Used& used);
  static Amount with(const State& state, const Exposure& sums, const Used& used, const CreditGrowth& more);

  bool kept_ = false;  // of clients and the firm
  bool kept_of_brokers_ = false;
  std::vector<Used> brokers_;  // by BrokerId; nothing of those that state no limit
  std::vector<Used> clients_;  // by ClientId
  Wide total_ = 0;
};

}  // namespace portcullis::risk
