#include "risk/moves.h"

#include "base/check.h"
#include "risk/engine.h"
#include "risk/moves_by_fours.h"
#include "risk/settles.h"

// What orders and executions move: the sums of every scope, whose cells were found once (risk/scopes.h).

namespace portcullis::risk {

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

// One currency of a pair: what is open of it, which the order receives or pays, and what is executed.
void move_amounts(CurrencyExposure& cell, bool receives, Amount open, Amount executed) {
  add_amount(receives ? cell.in : cell.out, open);
  add_amount(cell.position, executed);
}

}  // namespace

void Exposure::move_marked(CurrencyExposure& cell, bool receives, Amount open, Amount executed, Rate rate) {
  const std::uint64_t worst_long = wrapped_long(cell);
  const std::uint64_t worst_short = wrapped_short(cell);
  move_amounts(cell, receives, open, executed);
  if (wrapped_long(cell) != worst_long) mark_long(cell, rate);
  if (wrapped_short(cell) != worst_short) mark_short(cell, rate);
}

void Exposure::move(const Movement& what, const Cells& at, const Moves& moves, const PairRates& rates,
                    const Market& market, bool keep_marks) {
  const bool buys = what.buys_base;
  const ReservedChange& open = moves.reserved;
  const order::Booking& executed = moves.booked;
  held_.open_orders += moves.opened;
  add_amount(buys ? at.instrument->open_buy : at.instrument->open_sell, open.base);
  add_amount(held_.gross_open, open.notional);
  add_amount(at.instrument->position, executed.base);
  add_amount(at.instrument->traded, executed.volume);
  add_amount(sums_.traded_notional, executed.traded);
  if (keep_marks) at.instrument->mark();
  if (at.base == nullptr) {
    // What is no FX moves no currency.
    keep_marks ? mark_held() : void(sums_.marked = 0);
    return;
  }
  if (what.fixing_date != 0) {
    FixingExposure& fixed = fixing(what.fixing_date, what.instrument);
    fixed.base = what.base;
    fixed.term = what.term;
    add_amount(fixed.open, open.base_amount);
    add_amount(fixed.position, executed.base);
    add_amount(fixed.base_amount, executed.base_amount);
    add_amount(fixed.term_amount, executed.term);
  }
  if (!keep_marks) {
    move_amounts(*at.base, buys, open.base_amount, executed.base_amount);
    move_amounts(*at.term, !buys, open.term, executed.term);
    sums_.marked = 0;
    return;
  }
  keep_marked(market);
  if (rates.base_counts) {
    move_marked(*at.base, buys, open.base_amount, executed.base_amount, rates.base);
  } else {
    move_amounts(*at.base, buys, open.base_amount, executed.base_amount);
  }
  if (rates.term_counts) {
    move_marked(*at.term, !buys, open.term, executed.term, rates.term);
  } else {
    move_amounts(*at.term, !buys, open.term, executed.term);
  }
  mark_held();
}

void Exposure::book(const Movement& what, const order::Booking& booking, const Market& market) {
  Cells at;
  at.instrument = &cell(what.instrument);
  if (what.base.has_value()) {
    // Making one cell may move another.
    cell(what.base);
    cell(what.term);
    at.base = &cell(what.base);
    at.term = &cell(what.term);
  }
  const PairRates rates(market, what);
  move(what, at, Moves{ReservedChange(order::Need(), order::Need()), booking, 0}, rates, market, true);
  if (!what.base.has_value() || what.settle_date == 0) return;
  cell(what.settle_date, what.base);
  cell(what.settle_date, what.term);
  DateSum& sum = sum_for(what.settle_date);
  settle<true>(cell(what.settle_date, what.base), sum, Amount(), booking.base_amount, rates.base, true);
  settle<true>(cell(what.settle_date, what.term), sum, Amount(), booking.term, rates.term, true);
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

Cells cells_of(const Scopes& scopes, std::size_t at, const Movement& what) {
  Cells cells;
  cells.instrument = scopes.instrument.data()[at];
  if (!what.base.has_value()) return cells;
  cells.base = scopes.base.data()[at];
  cells.term = scopes.term.data()[at];
  return cells;
}

// All sums of all scopes, but for what settles.
void move_sums(const State& state, const Scopes& scopes, const Movement& what, const Moves& moves,
               const PairRates& rates, bool keep_marks) {
  Places left = (Places{1} << scopes.nodes.size()) - 1;
  if (keep_marks && what.base.has_value() && what.fixing_date == 0) [[likely]] {
    left = MovesByFours(moves, what.buys_base, rates).move(scopes, state.market.rates_version());
  }
  for (; left != 0; left &= left - 1) {
    const auto at = static_cast<std::size_t>(std::countr_zero(left));
    scopes.sums[at]->move(what, cells_of(scopes, at, what), moves, rates, state.market, keep_marks);
  }
}

// What is reserved settles in the received currency alone.
void move_settlements(State& state, Scopes& scopes, const Movement& what, const Moves& moves, const PairRates& rates,
                      bool books, bool keep_marks) {
  if (what.settle_date == 0 || !what.base.has_value()) return;
  const bool buys = what.buys_base;
  const auto& [open, executed, opened] = moves;
  scopes.make_settlements(state, what.settle_date, books || buys, books || !buys);
  if (!books) {
    SettlementExposure* const* const received = (buys ? scopes.base_settles : scopes.term_settles).data();
    const Receivable more(buys ? open.base_amount : open.term, buys ? rates.base : rates.term);
    const bool by_worth = keep_marks && more.is_small;
    for (Places left = scopes.dated; left != 0; left &= left - 1) {
      const auto at = static_cast<std::size_t>(std::countr_zero(left));
      SettlementExposure& cell = *received[at];
      DateSum& sum = *scopes.settling.data()[at];
      if (by_worth && settle_by_worth(cell, sum, more)) [[likely]]
        continue;
      settle<false>(cell, sum, more.amount, Amount(), more.rate, keep_marks);
    }
    return;
  }
  const Amount base_receivable = buys ? open.base_amount : Amount();
  const Amount term_receivable = buys ? Amount() : open.term;
  for (Places left = scopes.dated; left != 0; left &= left - 1) {
    const auto at = static_cast<std::size_t>(std::countr_zero(left));
    DateSum& sum = *scopes.settling.data()[at];
    settle<true>(*scopes.base_settles.data()[at], sum, base_receivable, executed.base_amount, rates.base, keep_marks);
    settle<true>(*scopes.term_settles.data()[at], sum, term_receivable, executed.term, rates.term, keep_marks);
  }
}

}  // namespace

void Engine::move_scopes(const Place& place, const Moves& moves, bool books) {
  const Movement what = movement_of(place);
  const PairRates rates(state_.market, what);
  for_scopes(state_, scopes_, place, [&](Scopes& scopes) {
    scopes.make_cells(state_);
    move_sums(state_, scopes, what, moves, rates, keeps_marks_);
    move_settlements(state_, scopes, what, moves, rates, books, keeps_marks_);
    if (books) execute(scopes, what, moves.booked, rates.term);
  });
  // What no broker has reported is no broker's.
  if (books && !place.broker.has_value()) state_.adjusted.book(what, moves.booked, state_.market);
  state_.credit.renew(state_, place.client, place.broker, place.instrument);
}

// E1: the scopes' executions, and what they are worth at the market of now.
void Engine::execute(const Scopes& scopes, const Movement& what, const order::Booking& booked, Rate term_rate) {
  const Profit::Execution execution(what.instrument, booked.base, booked.term, state_.market.quote(what.instrument),
                                    term_rate, state_.instruments[what.instrument.value()].multiplier);
  const std::uint64_t look = state_.profits.look;
  for_places(scopes.profited, [&](std::size_t at) {
    Profit& profit = *scopes.profits.data()[at];
    const Profit::Listed lists = profit.execute(execution);
    if (lists != 0 || profit.looked_at() != look) [[unlikely]]
      note_executed(*scopes.nodes.data()[at], what.instrument, lists);
    return true;
  });
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
  const Moves moves{ReservedChange(before, after), books ? booking : order::Booking(), opened};
  move_scopes(place, moves, books);
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
