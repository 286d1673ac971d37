#pragma once

#include <cstdint>
#include <vector>

#include "base/decimal.h"
#include "order/types.h"

// What control D8 holds against max_credit: for each client what is open and executed, netted within the client alone,
// with the add-on by tenor; for the firm the sum over its clients. Kept only while somebody states the limit, and worked
// out anew for a client whenever its sums or what they are worth have changed: it follows from the rest of the state, so
// no snapshot holds it.

namespace portcullis::risk {

struct State;

class Credit {
 public:
  bool is_kept() const { return kept_; }
  // Of a client, or of all; zero while it is not kept.
  Amount of(order::ClientId client) const;
  Amount of_all() const;

  // Whether anybody states max_credit, and then everything anew.
  void resolve(const State& state);
  void renew(const State& state, order::ClientId client);

 private:
  bool kept_ = false;
  std::vector<std::int64_t> clients_;  // risk currency at 10^-2, by ClientId
  Wide total_ = 0;
};

// The worth in the risk currency of what a client has open and executed, as if every open order of the worse side were
// filled, instrument by instrument, and the add-on of what settles on each date. `more`: of an order that may come.
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
std::int64_t credit_used(const State& state, order::ClientId client, const CreditGrowth& more);

}  // namespace portcullis::risk
