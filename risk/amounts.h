#pragma once

#include <optional>

#include "base/decimal.h"
#include "config/limits.h"
#include "order/terms.h"
#include "order/types.h"
#include "risk/market.h"

// The canonical form of an order's amounts (risk specification, section 2): what is dealt is exact, the
// counter amount is bounded by a conservative price. All in integers; the grid is 0.01 of each currency;
// reserves round up, booked amounts round half to even.

namespace portcullis::risk {

// The price that bounds the counter amount of an order on the unfavourable side. Dealt in base: an upper
// bound, so that quantity * price is the most of the term currency that can move. Dealt in term: a lower
// bound, so that amount / price is the most of base. Limit, stop-limit and previously quoted orders are
// bounded by their limit where the limit bounds that side, else by the touch with the buffer; market and
// stop orders by the touch (and the trigger) with the buffer.
// `quote` may be null; nothing when a quote is needed and there is none, or the bound is not positive or
// too large.
std::optional<Price> conservative_price(const order::Terms& terms, bool buys_base, order::Dealt dealt,
                                        const Quote* quote, config::Percent buffer);

// What `open` of the dealt currency reserves; nothing on overflow. open >= 0.
std::optional<order::Need> need_for(order::Dealt dealt, Quantity open, const order::Valuation& valuation);

// Both for a limit order dealt in base, under a fresh quote, as most are: fills in the price of `valuation`, whose rate and
// multiplier are there, and `need`. False where a figure does not come by one multiplication; then nothing is said.
bool price_limit_order(const order::Terms& terms, bool buys_base, const Quote& quote, config::Percent buffer,
                       order::Valuation& valuation, order::Need& need);

// As above for what is left of `terms` after `cum`, never negative; saturates instead of overflowing,
// since the terms were valued before. A limit that is worse than the valuation's price takes its place.
order::Need need_of_terms(order::Dealt dealt, const order::Terms& terms, const order::Valuation& valuation,
                          Quantity cum);

// Component by component.
order::Need largest(const order::Need& a, const order::Need& b);

// What a fill of `last_qty` (of the dealt currency) at `last_px` moves. Saturates: a fill has happened
// whatever its size. `dealt_rate`: risk currency for one unit of the dealt currency.
order::Booking booking_for(bool buys_base, order::Dealt dealt, Quantity last_qty, Price last_px, Rate dealt_rate,
                           std::int64_t multiplier);
// What takes it back.
order::Booking reversed(const order::Booking& booking);

// Base units, at least 0, on the 0.01 grid, rounded up: what the base currency receives or pays at most.
Amount base_amount(Quantity base);

}  // namespace portcullis::risk
