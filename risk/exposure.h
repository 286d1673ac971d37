#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/decimal.h"
#include "order/swap.h"
#include "order/terms.h"
#include "order/types.h"
#include "risk/cells.h"
#include "risk/market.h"
#include "risk/worth.h"

// The sums of one scope: what is open and what was executed. They change by stored amounts only, so that
// the sums of children always equal their parent's. Beside the native amounts stands what they are worth in
// the risk currency at the last known rates, the marks: kept up with each change, and worked out anew the first
// time that the scope is touched after a rate has moved. Marks follow from the rest, so no snapshot holds them.

namespace portcullis::risk {

// The aggregate net open position of a scope, without the risk currency: what it is long of at the worst, and short.
// However much that is.
struct NetOpen {
  Wide long_sum = 0;
  Wide short_sum = 0;
};

// Which instrument, currencies, value date and direction an amount moves.
struct Movement {
  order::InstrumentId instrument;
  order::CurrencyId base;
  order::CurrencyId term;
  bool buys_base = true;
  std::int32_t settle_date = 0;  // zero: no value date is kept of it
  std::int32_t fixing_date = 0;  // of an NDF, which settles no principal; else zero
};

// What a reservation changes by, worked out once for all scopes.
struct ReservedChange {
  ReservedChange(const order::Need& before, const order::Need& after);

  Quantity base;
  Amount base_amount;  // on the grid of the base currency
  Amount term;
  Amount notional;
};

// All that one event moves in every scope of an order, worked out once for all of them: what the order reserves, what
// it has executed, and whether it has opened (+1) or is over (-1). Zeros for what it does not.
struct Moves {
  ReservedChange reserved;
  order::Booking booked;
  std::int64_t opened = 0;
};

// A swap's two value dates; zero: what settles there is not kept.
struct SwapDates {
  std::int32_t near_date = 0;
  std::int32_t far_date = 0;
};

// What a swap's reservation changes by.
struct SwapChange {
  SwapChange(const order::SwapNeed& before, const order::SwapNeed& after);

  Quantity buy;
  Quantity sell;
  Amount base_in;  // on the grid of the base currency
  Amount base_out;
  Amount term_in;
  Amount term_out;
  Amount near_receivable;
  Amount far_receivable;
  Quantity swapped;
};

// value + change, held at the ends of the range: what has happened is booked, whatever its size.
template <typename T>
void add_amount(T& value, T change) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  std::int64_t sum = 0;
  if (__builtin_add_overflow(value.raw(), change.raw(), &sum)) sum = value.is_negative() ? -kMax : kMax;
  value = T::from_raw(sum);
}

// The cells of one scope that an amount moves (risk/scopes.h finds them once for many).
struct Cells {
  InstrumentExposure* instrument = nullptr;
  CurrencyExposure* base = nullptr;  // null: no currency moves
  CurrencyExposure* term = nullptr;
};

// What settles on one date is worth anew after a change.
inline void mark(SettlementExposure& cell, DateSum& sum, Rate rate) {
  const Amount worth = mark_of(cell.worth(), rate);
  sum.add(Wide{worth.raw()} - cell.mark.raw());
  cell.mark = worth;
}

// What a pair's currencies are worth, for all scopes of one movement.
struct PairRates {
  PairRates(const Market& market, const Movement& what)
      : base(market.last_rate(what.base)),
        term(market.last_rate(what.term)),
        base_counts(what.base != market.risk_currency()),
        term_counts(what.term != market.risk_currency()) {}

  Rate base;
  Rate term;
  bool base_counts;  // it is not the risk currency, and so part of the net open position
  bool term_counts;
};

class alignas(64) Exposure {
 public:
  static constexpr DateSum kNoSum = {};  // of a date on which nothing settles

  void count_open(std::int64_t delta) { held_.open_orders += delta; }
  // In one pass (risk/moves.cc), but for what settles. A mark is worked out anew only where its worst has moved: a fill
  // takes as much from what is open as it adds to the position. `keep_marks`: as of the rates of now; else nothing is
  // marked from here on, until the scope is touched with marks kept. Most scopes of most events need no such care
  // (risk/moves_by_fours.h).
  void move(const Movement& what, const Cells& at, const Moves& moves, const PairRates& rates, const Market& market,
            bool keep_marks);
  // Finds, or makes, its cells first.
  void book(const Movement& what, const order::Booking& booking, const Market& market);
  // A swap, beside what it reserves and books as any order (risk/swaps.cc); what it settles stands elsewhere.
  void reserve(const Movement& what, const Cells& at, const SwapChange& change, const Market& market, bool keep_marks);
  // Volumes start at zero, what settles before `trade_date` is settled, and what was fixed before it is no position any
  // more.
  void start_day(std::int32_t trade_date);
  // There are no positions from now on. What is open stays, and so does what settles.
  void flatten();
  std::span<const FixingExposure> fixings() const { return fixings_; }
  // Takes the sums of a scope that joins this one (+1) or leaves it (-1).
  void absorb(const Exposure& child, int sign);

  std::int64_t open_orders() const { return held_.open_orders; }
  Amount gross_open_notional() const { return held_.gross_open; }
  Amount traded_notional() const { return sums_.traded_notional; }

  // Zero where nothing ever was.
  const InstrumentExposure& of(order::InstrumentId instrument) const {
    const std::uint32_t* const at = element(instrument_cells_, instrument.value());
    if (at == nullptr || *at == 0) return kNoInstrument;
    return instruments_.data()[*at - 1];
  }
  // Its cell's number, from 0 in the order in which they were made; nothing where there is none.
  std::optional<std::uint32_t> cell_number(order::InstrumentId instrument) const {
    if (instrument.value() >= instrument_cells_.size() || instrument_cells_[instrument.value()] == 0) return {};
    return instrument_cells_[instrument.value()] - 1;
  }
  // Its marks are those of the rates of now only while is_marked().
  const CurrencyExposure& of(order::CurrencyId currency) const {
    const CurrencyExposure* const at = element(currencies_, currency.value());
    return at != nullptr ? *at : kNoCurrency;
  }
  // What one currency settles on one value date; zeros where nothing ever did.
  const SettlementExposure& of(std::int32_t date, order::CurrencyId currency) const {
    const std::uint64_t key = SettlementExposure::key_of(date, currency);
    const SettlementExposure* first = settlements_.data();
    const SettlementExposure* last = std::to_address(settlements_.end());
    for (auto size = static_cast<std::size_t>(last - first); size > 0;) {
      const std::size_t half = size / 2;
      const bool above = first[half].key() < key;
      first = above ? first + half + 1 : first;
      size = above ? size - half - 1 : half;
    }
    return first != last && first->key() == key ? *first : kNoSettlement;
  }
  std::span<const SettlementExposure> settlements() const { return settlements_; }
  // Zero where nothing settles; of use while is_marked().
  const DateSum& sum_of(std::int32_t date) const {
    for (const DateSum& sum : dates_) {
      if (sum.date == date) return sum;
    }
    return kNoSum;
  }

  // Cells to write to, made where there are none. What is made may move the others of its kind: what is found of them
  // is good until State::cells moves on.
  InstrumentExposure& cell(order::InstrumentId instrument) {
    if (instrument.value() < instrument_cells_.size() && instrument_cells_[instrument.value()] != 0) [[likely]] {
      return instruments_[instrument_cells_[instrument.value()] - 1];
    }
    return make_cell(instrument);
  }
  CurrencyExposure& cell(order::CurrencyId currency) {
    if (currency.value() < currencies_.size()) [[likely]]
      return currencies_[currency.value()];
    return make_cell(currency);
  }
  SettlementExposure& cell(std::int32_t date, order::CurrencyId currency);
  // Whether what of() answered is the scope's own.
  static bool is_made(const InstrumentExposure& cell) { return &cell != &kNoInstrument; }
  static bool is_made(const CurrencyExposure& cell) { return &cell != &kNoCurrency; }

  // What D1, D2, D7 and D5 hold to limits, side by side. The last two are marks: as of the rates of now while
  // is_marked(), as those of the cells are.
  struct alignas(32) Held {
    std::int64_t open_orders = 0;
    Amount gross_open;
    std::int64_t daily_volume = 0;  // traded and open, risk currency
    std::int64_t net_open = 0;      // of the worse side; the end of the range where it does not fit
  };
  const Held& held() const { return held_; }
  void keep_marked(const Market& market) {
    if (!is_marked(market)) [[unlikely]]
      renew_marks(market);
  }

  bool is_marked(const Market& market) const { return is_marked(market.rates_version()); }
  bool is_marked(std::uint64_t rates_version) const { return sums_.marked == rates_version; }
  std::uint64_t marked_at() const { return sums_.marked; }  // the rates' version that the marks are of
  // Of which held().net_open is the worse; while is_marked(), and while both fit.
  std::int64_t longs() const { return sums_.longs; }
  std::int64_t shorts() const { return sums_.shorts; }
  // At the last known rates.
  NetOpen net_open(const Market& market) const {
    const bool is_kept = is_marked(market) && std::max(sums_.longs, sums_.shorts) != kMost;
    return is_kept ? NetOpen{sums_.longs, sums_.shorts} : fresh_net_open(market);
  }
  // The worth of all receivables of the date.
  Amount settlement(std::int32_t date, const Market& market) const {
    return is_marked(market) ? sum_of(date).total : fresh_settlement(date, market);
  }

  // Calls visit(InstrumentId, const InstrumentExposure&) in index order, for what is not all zero.
  template <typename Visit>
  void each_instrument(Visit&& visit) const {
    for (std::uint32_t i = 0; i < instrument_cells_.size(); ++i) {
      if (instrument_cells_[i] == 0) continue;
      const InstrumentExposure& cell = instruments_[instrument_cells_[i] - 1];
      if (cell != InstrumentExposure()) visit(order::InstrumentId(i), cell);
    }
  }
  template <typename Visit>
  void each_currency(Visit&& visit) const {
    for (std::uint16_t i = 0; i < currencies_.size(); ++i) {
      if (currencies_[i] != CurrencyExposure()) visit(order::CurrencyId(i), currencies_[i]);
    }
  }

  template <typename Self, typename Archive>
  static void archive(Self& self, Archive& ar) {
    ar(self.held_.open_orders);
    ar(self.held_.gross_open);
    ar(self.sums_.traded_notional);
    ar.list(self.instrument_cells_);
    ar.each(self.instruments_);
    ar.each(self.currencies_);
    ar.each(self.settlements_);
    ar.each(self.fixings_);
    if constexpr (Archive::kLoads) self.sum_dates();
  }

  // Every place in the index has its cell; else the sums cannot be read.
  bool is_sound() const;
  // No open sum is negative.
  bool open_is_not_negative() const;
  // The marks are what the sums are worth, where they claim to be.
  bool marks_are_true(const Market& market) const;

 private:
  friend class MovesByFours;

  static constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  static constexpr InstrumentExposure kNoInstrument = {};
  static constexpr CurrencyExposure kNoCurrency = {};
  static constexpr SettlementExposure kNoSettlement = {};

  // Null behind the end. Addresses are compared, not counts: a count of such cells is a division, for each scope of each
  // decision. They are compared as numbers: no pointer may be moved that far, nor from null at all.
  template <typename Elements>
  static auto element(const Elements& elements, std::size_t number) -> decltype(elements.data()) {
    const auto at = reinterpret_cast<std::uintptr_t>(elements.data()) + number * sizeof(*elements.data());
    const auto end = reinterpret_cast<std::uintptr_t>(std::to_address(elements.end()));
    return at < end ? reinterpret_cast<decltype(elements.data())>(at) : nullptr;
  }

  InstrumentExposure& make_cell(order::InstrumentId instrument);
  CurrencyExposure& make_cell(order::CurrencyId currency);

  FixingExposure& fixing(std::int32_t date, order::InstrumentId instrument);
  // A sum for the date of each settlement, nothing marked yet.
  void sum_dates();
  DateSum& sum_for(std::int32_t date);
  void mark(order::CurrencyId currency, const Market& market);
  // One side, or both, anew after a change.
  void mark_long(CurrencyExposure& cell, Rate rate);
  void mark_short(CurrencyExposure& cell, Rate rate);
  void move_marked(CurrencyExposure& cell, bool receives, Amount open, Amount executed, Rate rate);
  void mark(CurrencyExposure& cell, Rate rate) {
    mark_long(cell, rate);
    mark_short(cell, rate);
  }
  // The marks of what has moved since they were made, or all of them anew.
  void renew_marks(const Market& market);
  void mark_all(const Market& market);
  Amount fresh_settlement(std::int32_t date, const Market& market) const;
  NetOpen fresh_net_open(const Market& market) const;

  // Those of held_ that are marks, of the sums as they are.
  void mark_held() {
    held_.daily_volume = held_sum(at_least_zero(sums_.traded_notional.raw()), held_.gross_open.raw());
    if (std::max(sums_.longs, sums_.shorts) == kMost) [[unlikely]]
      sum_marks();
    held_.net_open = std::max(sums_.longs, sums_.shorts);
  }
  // The sums of all marks anew: what has passed the end of the range may be back.
  void sum_marks();
  static void add_mark(std::int64_t& sum, std::int64_t change) {
    if (sum != kMost && __builtin_add_overflow(sum, change, &sum)) sum = kMost;
  }

  // The rest of what nearly every event of the scope moves, in one line of memory with the above.
  struct alignas(32) Sums {
    std::int64_t longs = 0;  // the marks of all currencies: NetOpen, while both fit; else the end of the range
    std::int64_t shorts = 0;
    Amount traded_notional;
    std::uint64_t marked = 0;  // the rates' version that the marks are of
  };

  Held held_;
  Sums sums_;
  // Most scopes trade few of the instruments: a small index by InstrumentId (0: none, else place + 1)
  // into cells made at first use.
  std::vector<std::uint32_t> instrument_cells_;
  std::vector<InstrumentExposure> instruments_;
  std::vector<CurrencyExposure> currencies_;     // by CurrencyId
  std::vector<SettlementExposure> settlements_;  // by date, then currency
  std::vector<DateSum> dates_;                   // few; of each date that settles something; as current as all marks
  std::vector<FixingExposure> fixings_;          // by date, then instrument
};

inline void Exposure::mark_long(CurrencyExposure& cell, Rate rate) {
  const Worth worth = worth_of(cell.worst_long(), rate);
  add_mark(sums_.longs, at_least_zero(worth.up) - at_least_zero(cell.long_worth));
  cell.long_worth = worth.up;
  cell.long_rest = worth.rest;
}
inline void Exposure::mark_short(CurrencyExposure& cell, Rate rate) {
  const Worth worth = worth_of(cell.worst_short(), rate);
  add_mark(sums_.shorts, at_least_zero(worth.up) - at_least_zero(cell.short_worth));
  cell.short_worth = worth.up;
  cell.short_rest = worth.rest;
}

}  // namespace portcullis::risk
