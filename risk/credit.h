#pragma once

#include <cstdint>
#include <vector>

#include "base/decimal.h"
#include "order/types.h"

// What control D8 holds against max_credit: for each client what is open and executed, netted within the client alone,
// with the add-on by tenor; for the firm the sum over its clients; for a broker, who lends to the firm, what is open
// and executed there, netted within its line. Kept only while somebody states the limit (of a broker, while it does),
// and worked out anew whenever sums or what they are worth have changed: it follows from the rest of the state, so no
// snapshot holds it.

namespace portcullis::risk {

class Exposure;
struct State;

class Credit {
 public:
  bool is_kept() const { return kept_ || kept_of_brokers_; }
  bool is_kept_of_clients() const { return kept_; }
  // Of a client, or of all; zero while it is not kept.
  Amount of(order::ClientId client) const;
  Amount of_all() const;
  Amount of(order::BrokerId broker) const;

  // Whether anybody states max_credit, and then everything anew.
  void resolve(const State& state);
  void renew(const State& state, order::ClientId client, order::BrokerId broker);

 private:
  void renew(const State& state, order::ClientId client);
  void renew(const State& state, order::BrokerId broker);

  bool kept_ = false;  // of clients and the firm
  bool kept_of_brokers_ = false;
  std::vector<std::int64_t> brokers_;  // risk currency at 10^-2, by BrokerId; zero of those that state no limit
  std::vector<std::int64_t> clients_;  // risk currency at 10^-2, by ClientId
  Wide total_ = 0;
};

// The worth in the risk currency of what a client, or a broker, has open and executed, as if every open order of the
// worse side were filled, instrument by instrument, and the add-on of what settles on each date. `more`: of an order
// that may come.
struct CreditGrowth {
  order::InstrumentId instrument;  // none: nothing grows
  Quantity buy;
  Quantity sell;
  struct Dated {
    std::int32_t date = 0;
    Amount worth;  // risk currency
  };
  Dated settles[2];
};
std::int64_t credit_used(const State& state, const Exposure& sums, const CreditGrowth& more);

}  // namespace portcullis::risk
