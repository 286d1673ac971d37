#include "risk/moves.h"

#include "base/check.h"
#include "risk/engine.h"

// What orders and executions move: the sums of every scope, whose cells were found once (risk/scopes.h).

namespace portcullis::risk {

// What the loop over the scopes does is inlined into it, so that what it reads stays in registers.

namespace {

// Sums of two amounts that may wrap. An event moves each by less than 2^63, so what wraps to the same is the same.
std::uint64_t wrapped(Amount amount) {
  return static_cast<std::uint64_t>(amount.raw());
}
std::uint64_t wrapped_long(const CurrencyExposure& cell) {
  return wrapped(cell.position) + wrapped(cell.in);
}
std::uint64_t wrapped_short(const CurrencyExposure& cell) {
  return wrapped(cell.out) - wrapped(cell.position);
}
std::uint64_t wrapped_worth(const SettlementExposure& cell) {
  return (cell.net.is_negative() ? 0 : wrapped(cell.net)) + wrapped(cell.receivable);
}

template <bool kReserves, bool kBooks>
[[gnu::always_inline]] inline void move_unmarked(CurrencyExposure& cell, bool receives, Amount open, Amount executed) {
  if constexpr (kReserves) add_amount(receives ? cell.in : cell.out, open);
  if constexpr (kBooks) add_amount(cell.position, executed);
}

template <bool kReserves, bool kBooks>
[[gnu::always_inline]] inline void move_settlement(SettlementExposure& cell, bool receives, Amount open,
                                                   Amount executed) {
  if constexpr (kReserves) {
    if (receives) add_amount(cell.receivable, open);
  }
  if constexpr (kBooks) add_amount(cell.net, executed);
}

template <bool kReserves, bool kBooks>
[[gnu::always_inline]] inline void move_settlement(SettlementExposure& cell, DateSum& sum, bool receives, Amount open,
                                                   Amount executed, Rate rate) {
  if (!kBooks && !receives) return;  // what is paid is no receivable
  const std::uint64_t worth = wrapped_worth(cell);
  move_settlement<kReserves, kBooks>(cell, receives, open, executed);
  if (wrapped_worth(cell) != worth) mark(cell, sum, rate);
}

}  // namespace

template <bool kReserves, bool kBooks>
[[gnu::always_inline]] inline void Exposure::move_marked(CurrencyExposure& cell, bool receives, Amount open,
                                                         Amount executed, Rate rate) {
  const std::uint64_t worst_long = wrapped_long(cell);
  const std::uint64_t worst_short = wrapped_short(cell);
  move_unmarked<kReserves, kBooks>(cell, receives, open, executed);
  if (wrapped_long(cell) != worst_long) mark_long(cell, rate);
  // What is no short position was worth nothing, and is.
  const bool never_short = cell.out <= cell.position && cell.short_mark.is_zero();
  if (!never_short && wrapped_short(cell) != worst_short) mark_short(cell, rate);
}

template <bool kReserves, bool kBooks>
[[gnu::always_inline]] inline void Exposure::move(const Movement& what, const Cells& at, const Moves& moves,
                                                  const PairRates& rates, const Market& market, bool keep_marks) {
  const bool buys = what.buys_base;
  const ReservedChange& open = moves.reserved;
  const order::Booking& executed = moves.booked;
  held_.open_orders += moves.opened;
  if constexpr (kReserves) {
    add_amount(buys ? at.instrument->open_buy : at.instrument->open_sell, open.base);
    add_amount(held_.gross_open, open.notional);
  }
  if constexpr (kBooks) {
    add_amount(at.instrument->position, executed.base);
    add_amount(at.instrument->traded, executed.volume);
    add_amount(traded_notional_, executed.traded);
  }
  if (keep_marks) [[likely]]
    at.instrument->mark();
  if (at.base == nullptr) [[unlikely]] {
    // What is no FX moves no currency.
    keep_marks ? mark_held() : void(marked_ = 0);
    return;
  }
  if (what.fixing_date != 0) [[unlikely]] {
    FixingExposure& fixed = fixing(what.fixing_date, what.instrument);
    fixed.base = what.base;
    fixed.term = what.term;
    if constexpr (kReserves) add_amount(fixed.open, open.base_amount);
    if constexpr (kBooks) {
      add_amount(fixed.position, executed.base);
      add_amount(fixed.base_amount, executed.base_amount);
      add_amount(fixed.term_amount, executed.term);
    }
  }
  if (keep_marks) keep_marked(market);
  if (!keep_marks) [[unlikely]] {
    move_unmarked<kReserves, kBooks>(*at.base, buys, open.base_amount, executed.base_amount);
    move_unmarked<kReserves, kBooks>(*at.term, !buys, open.term, executed.term);
    if (at.settling != nullptr) {
      move_settlement<kReserves, kBooks>(*at.base_settles, buys, open.base_amount, executed.base_amount);
      move_settlement<kReserves, kBooks>(*at.term_settles, !buys, open.term, executed.term);
    }
    marked_ = 0;
    return;
  }
  if (at.settling != nullptr) {
    DateSum& sum = *at.settling;
    move_settlement<kReserves, kBooks>(*at.base_settles, sum, buys, open.base_amount, executed.base_amount, rates.base);
    move_settlement<kReserves, kBooks>(*at.term_settles, sum, !buys, open.term, executed.term, rates.term);
  }
  if (rates.base_counts) {
    move_marked<kReserves, kBooks>(*at.base, buys, open.base_amount, executed.base_amount, rates.base);
  } else {
    move_unmarked<kReserves, kBooks>(*at.base, buys, open.base_amount, executed.base_amount);
  }
  if (rates.term_counts) {
    move_marked<kReserves, kBooks>(*at.term, !buys, open.term, executed.term, rates.term);
  } else {
    move_unmarked<kReserves, kBooks>(*at.term, !buys, open.term, executed.term);
  }
  mark_held();
}

void Exposure::book(const Movement& what, const order::Booking& booking, const Market& market) {
  Cells at;
  cell(what.instrument);
  if (what.base.has_value()) {
    // Making one cell may move another.
    cell(what.base);
    cell(what.term);
    at.base = &cell(what.base);
    at.term = &cell(what.term);
    if (what.settle_date != 0) {
      cell(what.settle_date, what.base);
      cell(what.settle_date, what.term);
      at.base_settles = &cell(what.settle_date, what.base);
      at.term_settles = &cell(what.settle_date, what.term);
      at.settling = &sum_for(what.settle_date);
    }
  }
  at.instrument = &cell(what.instrument);
  const Moves moves{ReservedChange(order::Need(), order::Need()), booking, 0};
  move<false, true>(what, at, moves, PairRates(market, what), market, true);
}

Movement Engine::movement_of(const Place& place) const {
  PORTCULLIS_CHECK(place.instrument.value() < state_.instruments.size(), "an amount of an instrument without a name");
  const Instrument& instrument = state_.instruments[place.instrument.value()];
  PORTCULLIS_CHECK(instrument.term.has_value(), "an amount of an instrument whose currencies were never named");
  Movement what{place.instrument, instrument.base, instrument.term, place.buys_base, 0, 0};
  if (place.fixing_date != 0) {
    // It settles a difference, once it is fixed; what is executed later than that is seen to by people.
    if (place.fixing_date >= state_.trade_date) what.fixing_date = place.fixing_date;
    return what;
  }
  // What settled has left with its day; an order that outlives its value date moves no date any more.
  if (place.settle_date >= state_.trade_date) what.settle_date = place.settle_date;
  return what;
}

namespace {

[[gnu::always_inline]] inline Cells cells_of(const Scopes& scopes, std::size_t at, const Movement& what) {
  Cells cells;
  cells.instrument = scopes.instrument.data()[at];
  if (!what.base.has_value()) return cells;
  cells.base = scopes.base.data()[at];
  cells.term = scopes.term.data()[at];
  if (what.settle_date == 0 || (scopes.dated >> at & 1) == 0) return cells;
  cells.base_settles = scopes.base_settles.data()[at];
  cells.term_settles = scopes.term_settles.data()[at];
  cells.settling = scopes.settling.data()[at];
  return cells;
}

// The cells of the value date: of both currencies, or of the received one alone.
void find_settlements(State& state, Scopes& scopes, const Movement& what, bool of_base, bool of_term) {
  if (what.settle_date == 0 || !what.base.has_value()) return;
  scopes.find_date(what.settle_date);
  // Each is made at the first order of its date.
  for (Places left = scopes.dated; left != 0; left &= left - 1) {
    const auto at = static_cast<std::size_t>(std::countr_zero(left));
    if (of_base && scopes.base_settles.data()[at]->date != what.settle_date) scopes.settlement(state, at, true);
    if (of_term && scopes.term_settles.data()[at]->date != what.settle_date) scopes.settlement(state, at, false);
  }
}

}  // namespace

template <bool kReserves, bool kBooks>
void Engine::move_scopes(const Place& place, const Moves& moves) {
  const Movement what = movement_of(place);
  const PairRates rates(state_.market, what);
  const Quote* const quote = kBooks ? state_.market.quote(place.instrument) : nullptr;
  const std::int64_t multiplier = state_.instruments[place.instrument.value()].multiplier;
  const bool keep_marks = keeps_marks_;
  const std::uint64_t look = state_.profits.look;
  for_scopes(state_, scopes_, place, [&](Scopes& scopes) {
    scopes.make_cells(state_);
    find_settlements(state_, scopes, what, kBooks || what.buys_base, kBooks || !what.buys_base);
    // Copies of its own, which no sum that is written can be.
    const Moves own = moves;
    const Movement whose = what;
    const PairRates at_rates = rates;
    const std::size_t count = scopes.nodes.size();
    for (std::size_t at = 0; at < count; ++at) {
      scopes.sums.data()[at]->move<kReserves, kBooks>(whose, cells_of(scopes, at, whose), own, at_rates, state_.market,
                                                      keep_marks);
      // E1: the scope's executions, and what they are worth at the market of now.
      if constexpr (kBooks) {
        Profit* const profit = scopes.profits.data()[at];
        if (profit == nullptr) continue;
        const Profit::Listed lists =
            profit->execute(whose.instrument, own.booked.base, own.booked.term, quote, at_rates.term, multiplier);
        if (lists != 0 || profit->looked_at() != look) [[unlikely]]
          note_executed(*scopes.nodes.data()[at], whose.instrument, lists);
      }
    }
  });
  // What no broker has reported is no broker's.
  if (kBooks && !place.broker.has_value()) state_.adjusted.book(what, moves.booked, state_.market);
  state_.credit.renew(state_, place.client, place.broker, place.instrument);
}

void Engine::move(const Place& place, const order::Need& before, const order::Need& after,
                  const order::Booking& booking, int opened) {
  const bool reserves = before != after;
  // Most reports execute nothing.
  const bool books =
      !booking.base.is_zero() || !booking.base_amount.is_zero() || !booking.term.is_zero() || !booking.traded.is_zero();
  if (!reserves && !books) {
    if (opened != 0) count_open(place, opened);
    return;
  }
  const Moves moves{ReservedChange(before, after), booking, opened};
  if (reserves && books) return move_scopes<true, true>(place, moves);
  if (reserves) return move_scopes<true, false>(place, moves);
  move_scopes<false, true>(place, moves);
}

void Engine::reserve(const Place& place, const order::Need& before, const order::Need& after) {
  move(place, before, after, order::Booking(), 0);
}

void Engine::count_open(const Place& place, int delta) {
  for_scopes(state_, scopes_, place, [delta](Scopes& scopes) {
    for (std::size_t at = 0; at < scopes.nodes.size(); ++at) scopes.sums.data()[at]->count_open(delta);
  });
}

void Engine::book(const Place& place, const order::Booking& booking) {
  move(place, order::Need(), order::Need(), booking, 0);
}

void Engine::suspend(order::InstrumentId instrument, order::BrokerId broker, bool buys_base,
                     const order::Booking& booking) {
  if (!instrument.has_value()) return;
  const Place place{.broker = broker, .instrument = instrument, .buys_base = buys_base};
  book(place, booking);
  state_.suspense.book(movement_of(place), booking, state_.market);
}

}  // namespace portcullis::risk
