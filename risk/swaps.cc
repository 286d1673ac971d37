#include <algorithm>

#include "base/check.h"
#include "risk/amounts.h"
#include "risk/engine.h"
#include "risk/moves.h"

// FX swaps: what they reserve and settle beside an order of one leg. Positions and volume move with the order's own
// amounts, which are those of both legs together.

namespace portcullis::risk {

inline void Exposure::reserve(const Movement& what, const Cells& at, const SwapChange& change, const Market& market,
                              bool keep_marks) {
  add_amount(at.instrument->open_buy, change.buy);
  add_amount(at.instrument->open_sell, change.sell);
  add_amount(at.instrument->swapped, change.swapped);
  add_amount(at.base->in, change.base_in);
  add_amount(at.base->out, change.base_out);
  add_amount(at.term->in, change.term_in);
  add_amount(at.term->out, change.term_out);
  if (!keep_marks) {
    sums_.marked = 0;
    return;
  }
  keep_marked(market);
  at.instrument->mark();
  mark(what.base, market);
  mark(what.term, market);
  mark_held();
}

namespace {

// What settled has left with its day.
SwapDates unsettled(const SwapDates& dates, std::int32_t trade_date) {
  return SwapDates{dates.near_date >= trade_date ? dates.near_date : 0,
                   dates.far_date >= trade_date ? dates.far_date : 0};
}

// Moves what one currency settles on one date, in every scope that keeps dates.
void settle(State& state, Scopes& scopes, std::int32_t date, bool of_base, Amount SettlementExposure::*what,
            Amount change, Rate rate) {
  if (date == 0) return;
  scopes.find_date(date);
  for_places(scopes.dated, [&](std::size_t at) {
    SettlementExposure& settles = scopes.settlement(state, at, of_base);
    add_amount(settles.*what, change);
    mark(settles, *scopes.settling[at], rate);
    return true;
  });
}

}  // namespace

void Engine::reserve_swap(const Place& place, const SwapDates& dates, const order::SwapNeed& before,
                          const order::SwapNeed& after) {
  if (before == after) return;
  const Movement what = movement_of(place);
  const SwapChange change(before, after);
  const SwapDates live = unsettled(dates, state_.trade_date);
  const PairRates rates(state_.market, what);
  const bool near_base = what.buys_base;  // what the near leg receives
  const auto rate = [&rates](bool of_base) { return of_base ? rates.base : rates.term; };
  for_scopes(state_, scopes_, place, [&](Scopes& scopes) {
    scopes.make_cells(state_);
    constexpr auto kReceivable = &SettlementExposure::receivable;
    settle(state_, scopes, live.near_date, near_base, kReceivable, change.near_receivable, rate(near_base));
    settle(state_, scopes, live.far_date, !near_base, kReceivable, change.far_receivable, rate(!near_base));
    for (std::size_t at = 0; at < scopes.nodes.size(); ++at) {
      const Cells cells{scopes.instrument[at], scopes.base[at], scopes.term[at]};
      scopes.sums[at]->reserve(what, cells, change, state_.market, keeps_marks_);
    }
  });
  state_.credit.renew(state_, place.client, place.broker, place.instrument);
}

void Engine::settle_swap(const Place& place, const SwapDates& dates, const order::SwapBooking& booking) {
  const Movement what = movement_of(place);
  const SwapDates live = unsettled(dates, state_.trade_date);
  const PairRates rates(state_.market, what);
  for_scopes(state_, scopes_, place, [&](Scopes& scopes) {
    constexpr auto kNet = &SettlementExposure::net;
    settle(state_, scopes, live.near_date, true, kNet, booking.near_base, rates.base);
    settle(state_, scopes, live.near_date, false, kNet, booking.near_term, rates.term);
    settle(state_, scopes, live.far_date, true, kNet, booking.far_base, rates.base);
    settle(state_, scopes, live.far_date, false, kNet, booking.far_term, rates.term);
  });
  state_.credit.renew(state_, place.client, place.broker, place.instrument);
}

ValueDate Engine::far_value_date(order::InstrumentId instrument, std::int32_t settl_date2, UtcTime now) const {
  if (settl_date2 == 0) return ValueDate{0, DateFault::kNeedsDate};
  return value_date(instrument, SettlementAsked{{}, settl_date2, 0}, now);
}

order::SwapNeed Engine::swap_need_of(order::Side side, order::Dealt dealt, std::span<const TermsAndValuation> terms,
                                     Quantity cum_qty) const {
  order::SwapNeed need;
  for (const TermsAndValuation& known : terms) {
    need = largest(need, swap_amounts_left(dealt, order::buys_base(side, dealt), known.terms,
                                           known.valuation.notional_rate, cum_qty, state_.settings.swap_gross)
                             .need);
  }
  return need;
}

SwapFill Engine::swap_fill_of(order::InstrumentId instrument, order::Side side, order::Dealt dealt,
                              const order::Terms& terms, Quantity last_qty, Price last_px, Price last_px2) const {
  const Instrument& known = state_.instruments[instrument.value()];
  const Rate rate = state_.market.last_rate(dealt == order::Dealt::kBase ? known.base : known.term);
  return swap_fill(order::buys_base(side, dealt), dealt, terms, last_qty, last_px, last_px2, rate,
                   state_.settings.swap_gross);
}

}  // namespace portcullis::risk
