#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/scenarios/exact_numbers.h"

// What the exact model remembers of orders: what was asked, what was executed, and what that comes to.

namespace portcullis::scenarios::exact {

// kUnits: of what is no FX.
enum class Dealt : std::uint8_t { kBase, kTerm, kCash, kUnits };
enum class Type : std::uint8_t { kMarket, kLimit, kStop, kStopLimit, kSwap };

struct Terms {
  Int qty = 0;  // of the dealt currency
  Int price = 0;
  Int stop = 0;
  Type type = Type::kLimit;
  Int qty2 = 0, price2 = 0;  // of a swap's far leg
};

// What some terms were valued with when they came.
struct Valuation {
  Int counter_price = 0;
  Int rate = 0;
  Int multiplier = 1;
};

// What some terms may still move; a swap's legs are netted in all but what they receive.
struct Amounts {
  Int buy = 0, sell = 0;  // base, 10^-3
  Int term_in = 0, term_out = 0;
  Int notional = 0;
  Int near = 0, far = 0;  // received on the value date, and on that of the far leg
  Int largest_base = 0;   // of the larger leg
  Int volume = 0;         // base without netting: a swap's far leg
};

struct Request {
  Terms terms;
  Valuation valuation;
  bool replace = false;
  bool pending = false;  // a replace without an answer
};

struct Execution {
  std::string id;  // the broker's
  Int qty = 0, price = 0;
  // What it moves; signed, of the order's own direction.
  Int base = 0, base_money = 0, term_money = 0, traded = 0;
  Int volume = 0;                              // base without netting
  Int far_base_money = 0, far_term_money = 0;  // a swap's far leg's part of them
  int day = 0;
  int made = 0;  // on which trade date
  bool undone = false;
  bool left = false;  // with a day that ended without positions
  int corrected_by = -1;
};

// What an order holds and has done, from its requests and executions.
struct Holding {
  Amounts held;
  bool open = false;  // counts as one: a filled order whose replace has no answer may come back
  Int base = 0, base_money = 0, term_money = 0;                  // executed, but for what was fixed
  Int traded = 0, volume = 0;                                    // today
  Int near_base = 0, near_term = 0, far_base = 0, far_term = 0;  // executed, by the leg that settles it
};

struct Order {
  int account = 0, client = 0, instrument = 0, broker = -1;
  int trader = -1;
  bool buys_base = true;
  Dealt dealt = Dealt::kBase;
  bool good_till = false;
  int value_date = 0;             // days since 1970
  int value_date2 = 0;            // of a swap's far leg
  int fixing_date = 0;            // of an NDF
  std::vector<Request> requests;  // the order's own first
  int live = 0;                   // whose terms hold
  Terms terms;                    // and what they are, as confirmed or restated
  std::vector<Execution> executions;
  bool over = false;  // cancelled, rejected, expired, done for its only day

  // Worked out when it is asked for, and again once anything of it has changed.
  mutable Holding holding;
  mutable bool counted = false;

  Int cum() const;
  Int leaves() const;
  bool is_open() const { return !over && leaves() > 0; }
  bool is_swap() const { return terms.type == Type::kSwap; }
};

// A broker gives an order another quantity: a swap keeps its proportion.
void scale(Terms& terms, Int qty);
// The part of the far leg that goes with so much of the near one.
Int far_part(const Terms& terms, Int qty, Int (*rounded)(Int, Int));

}  // namespace portcullis::scenarios::exact
