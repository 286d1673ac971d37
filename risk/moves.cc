#include "risk/moves.h"

#include "base/check.h"
#include "risk/engine.h"

// What orders and executions move: the sums of every scope, whose cells were found once (risk/scopes.h).

namespace portcullis::risk {

inline void Exposure::reserve(const Movement& what, const Cells& at, const ReservedChange& change,
                              const PairRates& rates, const Market& market) {
  add_amount(what.buys_base ? at.instrument->open_buy : at.instrument->open_sell, change.base);
  add_amount(gross_open_notional_, change.notional);
  if (at.base == nullptr) [[unlikely]]
    return;  // what is no FX moves no currency
  add_amount(what.buys_base ? at.base->in : at.base->out, change.base_amount);
  add_amount(what.buys_base ? at.term->out : at.term->in, change.term);
  if (at.settling != nullptr) {
    SettlementExposure& received = what.buys_base ? *at.base_settles : *at.term_settles;
    add_amount(received.receivable, what.buys_base ? change.base_amount : change.term);
    risk::mark(received, *at.settling, what.buys_base ? rates.base : rates.term);
  }
  if (what.fixing_date != 0) [[unlikely]] {
    FixingExposure& fixed = fixing(what.fixing_date, what.instrument);
    fixed.base = what.base;
    fixed.term = what.term;
    add_amount(fixed.open, change.base_amount);
  }
  if (!is_marked(market)) [[unlikely]]
    return mark_all(market);
  // The other side of each currency stays what it was.
  if (what.buys_base) {
    if (rates.base_counts) mark_long(*at.base, rates.base);
    if (rates.term_counts) mark_short(*at.term, rates.term);
  } else {
    if (rates.base_counts) mark_short(*at.base, rates.base);
    if (rates.term_counts) mark_long(*at.term, rates.term);
  }
}

inline void Exposure::book(const Movement& what, const Cells& at, const order::Booking& booking, const PairRates& rates,
                           const Market& market) {
  add_amount(at.instrument->position, booking.base);
  add_amount(at.instrument->traded, booking.volume);
  add_amount(traded_notional_, booking.traded);
  if (at.base == nullptr) [[unlikely]]
    return;
  add_amount(at.base->position, booking.base_amount);
  add_amount(at.term->position, booking.term);
  if (what.fixing_date != 0) [[unlikely]] {
    FixingExposure& fixed = fixing(what.fixing_date, what.instrument);
    fixed.base = what.base;
    fixed.term = what.term;
    add_amount(fixed.position, booking.base);
    add_amount(fixed.base_amount, booking.base_amount);
    add_amount(fixed.term_amount, booking.term);
  }
  if (at.settling != nullptr) {
    add_amount(at.base_settles->net, booking.base_amount);
    risk::mark(*at.base_settles, *at.settling, rates.base);
    add_amount(at.term_settles->net, booking.term);
    risk::mark(*at.term_settles, *at.settling, rates.term);
  }
  if (!is_marked(market)) [[unlikely]]
    return mark_all(market);
  if (rates.base_counts) mark(*at.base, rates.base);
  if (rates.term_counts) mark(*at.term, rates.term);
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
  book(what, at, booking, PairRates(market, what), market);
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

void Engine::reserve(const Place& place, const order::Need& before, const order::Need& after) {
  if (before == after) return;
  const Movement what = movement_of(place);
  const ReservedChange change(before, after);
  const PairRates rates(state_.market, what);
  for_scopes(state_, scopes_, place, [&](Scopes& scopes) {
    scopes.make_cells(state_);
    find_settlements(state_, scopes, what, what.buys_base, !what.buys_base);
    for (std::size_t at = 0; at < scopes.nodes.size(); ++at) {
      scopes.sums.data()[at]->reserve(what, cells_of(scopes, at, what), change, rates, state_.market);
    }
  });
  state_.credit.renew(state_, place.client, place.broker);
}

void Engine::count_open(const Place& place, int delta) {
  for_scopes(state_, scopes_, place, [delta](Scopes& scopes) {
    for (std::size_t at = 0; at < scopes.nodes.size(); ++at) scopes.sums.data()[at]->count_open(delta);
  });
}

void Engine::book(const Place& place, const order::Booking& booking) {
  // Most reports execute nothing.
  const bool moves =
      !booking.base.is_zero() || !booking.base_amount.is_zero() || !booking.term.is_zero() || !booking.traded.is_zero();
  if (!moves) return;
  const Movement what = movement_of(place);
  const PairRates rates(state_.market, what);
  const Quote* const quote = state_.market.quote(place.instrument);
  const std::int64_t multiplier = state_.instruments[place.instrument.value()].multiplier;
  for_scopes(state_, scopes_, place, [&](Scopes& scopes) {
    scopes.make_cells(state_);
    find_settlements(state_, scopes, what, true, true);
    for (std::size_t at = 0; at < scopes.nodes.size(); ++at) {
      scopes.sums.data()[at]->book(what, cells_of(scopes, at, what), booking, rates, state_.market);
      // E1: the scope's executions, and what they are worth at the market of now.
      Profit* const profit = scopes.profits.data()[at];
      if (profit == nullptr) continue;
      profit->book(place.instrument, booking.base, booking.term);
      profit->mark(place.instrument, quote, rates.term, multiplier);
      profit->note_peak();
    }
  });
  // What no broker has reported is no broker's.
  if (!place.broker.has_value()) state_.adjusted.book(what, booking, state_.market);
  state_.credit.renew(state_, place.client, place.broker);
}

void Engine::suspend(order::InstrumentId instrument, order::BrokerId broker, bool buys_base,
                     const order::Booking& booking) {
  if (!instrument.has_value()) return;
  const Place place{.broker = broker, .instrument = instrument, .buys_base = buys_base};
  book(place, booking);
  state_.suspense.book(movement_of(place), booking, state_.market);
}

}  // namespace portcullis::risk
