#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/decimal.h"
#include "order/terms.h"
#include "order/types.h"
#include "risk/market.h"

// The day's profit or loss of one scope (control E1): what executions have paid and received, and what the positions
// are worth. Per instrument, in its term currency, exactly: a fill moves its booked amounts, and a bust or a
// correction moves them back. The split into realised and unrealised is that of the average price; the sum of both does
// not depend on it.

namespace portcullis::risk {

struct InstrumentProfit {
  Quantity position;  // base units, signed
  Amount cash;        // term currency: received less paid since the day began, or since the first execution
  Amount cost;        // what the position cost at its average price, signed as the position is

  friend bool operator==(const InstrumentProfit&, const InstrumentProfit&) = default;

  // An execution, or the reverse of one.
  void book(Quantity base, Amount term);
  // The day ends: the position is carried at what it is worth now, or at its cost when there is no quote.
  void start_day(const Quote* quote, std::int64_t multiplier = 1);

  Amount realised() const { return cash + cost; }
  // A quote moves its worth; and the first one does where something was paid for nothing.
  bool is_held() const { return !position.is_zero() || !cost.is_zero(); }
  bool is_anything() const { return is_held() || !cash.is_zero(); }
  // Term currency at 10^-11: long positions at the bid, short ones at the ask; at their cost without a quote.
  Wide total(const Quote* quote, std::int64_t multiplier = 1) const;
};

class Profit {
 public:
  // `multiplier_of(instrument)`: what one unit of it is worth in units of its price.
  template <typename MultiplierOf>
  void start_day(const Market& market, MultiplierOf&& multiplier_of) {
    for (std::uint32_t i = 0; i < places_.size(); ++i) {
      const order::InstrumentId instrument(i);
      if (places_[i] != 0) cells_[places_[i] - 1].of.start_day(market.quote(instrument), multiplier_of(instrument));
    }
    peak_ = Amount();
  }
  // After start_day(): positions leave at what they are worth, which is what they have cost the day.
  void flatten() {
    for (Cell& cell : cells_) cell.of = InstrumentProfit();
  }
  // The lists of risk/profit_index.h that a cell stands in, as bits.
  using Listed = std::uint8_t;
  static constexpr Listed kHeld = 1;
  static constexpr Listed kCounted = 2;

  // What every scope of an execution is told of it: what it moves, and the market of now; `rate` is the risk currency for
  // one unit of the instrument's term currency.
  struct Execution {
    Execution(order::InstrumentId of, Quantity base_moved, Amount term_moved, const Quote* known, Rate term_rate,
              std::int64_t times)
        : instrument(of), base(base_moved), term(term_moved), quote(known), rate(term_rate), multiplier(times) {
      is_plain = times == 1 && rate.is_positive() && known != nullptr && known->bid.is_positive() &&
                 known->ask.is_positive();
    }

    order::InstrumentId instrument;
    Quantity base;
    Amount term;
    const Quote* quote;  // null: there is none
    Rate rate;
    std::int64_t multiplier;
    bool is_plain;  // what it is worth comes by multiplications of what is above zero
  };
  // book(), mark() and note_peak() in one. The lists in which the cell stands from now on and has not before.
  Listed execute(const Execution& execution);
  // A part of a position is gone with the day that ends, at what it is worth: a forward was fixed.
  void leave(order::InstrumentId instrument, Quantity position);

  // The instrument's part anew, at the market of now; `rate` is the risk currency for one unit of its term currency.
  // Whether the total has moved.
  bool mark(order::InstrumentId instrument, const Quote* quote, Rate rate, std::int64_t multiplier);

  // The lists in which the instrument's cell belongs and does not stand yet; it does from now on.
  Listed list(order::InstrumentId instrument);
  // Whether it belongs in `list` still; it stands there no more when it does not.
  bool stays_in(order::InstrumentId instrument, Listed list);
  void unlist() {
    for (Cell& cell : cells_) cell.listed = 0;
  }
  Listed listed(order::InstrumentId instrument) const;

  // Of ProfitIndex: the look that this scope is among the moved of.
  std::uint64_t looked_at() const { return looked_at_; }
  void set_looked_at(std::uint64_t look) { looked_at_ = look; }

  // In the risk currency, rounded down: a loss is never shown smaller than it is.
  Amount total() const;
  // The day's largest total; what has been lost since then. Noted once everything that has moved is marked.
  Amount peak() const { return peak_; }
  Amount drawdown() const { return peak_ - total(); }
  void note_peak() { peak_ = std::max(peak_, total()); }
  Amount realised(order::InstrumentId instrument) const;
  const InstrumentProfit& of(order::InstrumentId instrument) const;

  template <typename Visit>
  void each(Visit&& visit) const {
    for (std::uint32_t i = 0; i < places_.size(); ++i) {
      if (places_[i] != 0) visit(order::InstrumentId(i), cells_[places_[i] - 1].of);
    }
  }

  // With what marking has made, or the peak would be that of a total which knows only what has been marked since.
  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    ar.list(self.places_);
    ar.each(self.cells_);
    ar(self.peak_);
    if constexpr (Archive::kLoads) {
      self.total_ = 0;
      // Damaged bytes may hold more than there can be.
      for (const Cell& cell : self.cells_) {
        if (__builtin_add_overflow(self.total_, cell.marked, &self.total_)) ar.fail();
      }
    }
  }
  // Every place in the index has its cell; else it cannot be read.
  bool is_sound() const;

 private:
  struct Cell {
    InstrumentProfit of;
    Listed listed = 0;  // a view, as the lists are
    Wide marked = 0;    // risk currency at 10^-2

    template <typename Self, typename Archive>
    static void archive(Self& self, Archive& ar) {
      ar(self.of.position);
      ar(self.of.cash);
      ar(self.of.cost);
      ar(self.marked);
    }
  };

  // The instrument's cell, made at its first execution.
  Cell& cell(order::InstrumentId instrument);
  Cell* find(order::InstrumentId instrument) {
    const bool known = instrument.value() < places_.size() && places_[instrument.value()] != 0;
    return known ? &cells_.data()[places_.data()[instrument.value()] - 1] : nullptr;
  }
  static Listed lists_of(const InstrumentProfit& of) {
    return static_cast<Listed>((of.is_held() ? kHeld : 0) | (of.is_anything() ? kCounted : 0));
  }
  bool mark(Cell& cell, const Quote* quote, Rate rate, std::int64_t multiplier);
  Listed execute_any(const Execution& execution);
  // The short way: of a position that does not shrink, with nothing near the ends of the range. False: it is not so, and
  // nothing has moved.
  bool execute_short(Cell& cell, const Execution& execution);

  std::vector<std::uint32_t> places_;  // by InstrumentId: 0 none, else place + 1
  std::vector<Cell> cells_;
  Wide total_ = 0;  // the sum of what is marked
  Amount peak_;     // the day's largest total so far, at least zero
  std::uint64_t looked_at_ = 0;  // a view
};

}  // namespace portcullis::risk
