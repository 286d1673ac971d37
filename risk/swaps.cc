#include <algorithm>

#include "base/check.h"
#include "risk/amounts.h"
#include "risk/engine.h"

// FX swaps: what they reserve and settle beside an order of one leg. Positions and volume move with the order's own
// amounts, which are those of both legs together.

namespace portcullis::risk {

void Exposure::reserve(const Movement& what, const SwapDates& dates, const SwapChange& change, const Market& market) {
  InstrumentExposure& instrument = cell(what.instrument);
  add_amount(instrument.open_buy, change.buy);
  add_amount(instrument.open_sell, change.sell);
  add_amount(instrument.swapped, change.swapped);
  // Twice `cell`: making one may move the other.
  CurrencyExposure& base = cell(what.base);
  add_amount(base.in, change.base_in);
  add_amount(base.out, change.base_out);
  CurrencyExposure& term = cell(what.term);
  add_amount(term.in, change.term_in);
  add_amount(term.out, change.term_out);
  const order::CurrencyId near_currency = what.buys_base ? what.base : what.term;
  const order::CurrencyId far_currency = what.buys_base ? what.term : what.base;
  receive(dates.near_date, near_currency, change.near_receivable, market);
  receive(dates.far_date, far_currency, change.far_receivable, market);
  if (!is_marked(market)) return mark_all(market);
  mark(what.base, market);
  mark(what.term, market);
}

void Exposure::receive(std::int32_t date, order::CurrencyId currency, Amount change, const Market& market) {
  if (date == 0) return;
  SettlementExposure& received = cell(date, currency);
  add_amount(received.receivable, change);
  mark(received, market);
}

void Exposure::settle(std::int32_t date, order::CurrencyId currency, Amount amount, const Market& market) {
  if (date == 0) return;
  SettlementExposure& settles = cell(date, currency);
  add_amount(settles.net, amount);
  mark(settles, market);
}

namespace {

// What settled has left with its day.
SwapDates unsettled(const SwapDates& dates, std::int32_t trade_date) {
  return SwapDates{dates.near_date >= trade_date ? dates.near_date : 0,
                   dates.far_date >= trade_date ? dates.far_date : 0};
}

}  // namespace

void Engine::reserve_swap(const Place& place, const SwapDates& dates, const order::SwapNeed& before,
                          const order::SwapNeed& after) {
  if (before == after) return;
  const Movement what = movement_of(place);
  const SwapChange change(before, after);
  const SwapDates live = unsettled(dates, state_.trade_date);
  for (Node* node : path_of<Node>(state_, place)) {
    node->exposure.reserve(what, keeps_dates(node->scope) ? live : SwapDates(), change, state_.market);
  }
  state_.credit.renew(state_, place.client);
}

void Engine::settle_swap(const Place& place, const SwapDates& dates, const order::SwapBooking& booking) {
  const Movement what = movement_of(place);
  const SwapDates live = unsettled(dates, state_.trade_date);
  for (Node* node : path_of<Node>(state_, place)) {
    if (!keeps_dates(node->scope)) continue;
    node->exposure.settle(live.near_date, what.base, booking.near_base, state_.market);
    node->exposure.settle(live.near_date, what.term, booking.near_term, state_.market);
    node->exposure.settle(live.far_date, what.base, booking.far_base, state_.market);
    node->exposure.settle(live.far_date, what.term, booking.far_term, state_.market);
  }
  state_.credit.renew(state_, place.client);
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
