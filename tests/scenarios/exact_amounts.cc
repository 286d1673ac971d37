#include "tests/scenarios/exact_model.h"

namespace portcullis::scenarios::exact {

// What things are worth, and what terms may move.

Model::Age Model::age(std::int64_t since) const {
  if (stale_after_ms == 0 || now_ms - since <= stale_after_ms) return Age::kFresh;
  return now_ms - since <= 5 * stale_after_ms ? Age::kStale : Age::kDead;
}

std::optional<Int> Model::rate_now(int currency) const {
  if (currency == 0) return power(12);
  const auto& known = rates[static_cast<std::size_t>(currency)];
  if (!known) return std::nullopt;
  switch (age(known->time_ms)) {
    case Age::kFresh:
      return known->value;
    case Age::kStale:
      return divide_up(known->value * 102, kHundred);
    case Age::kDead:
      break;
  }
  return std::nullopt;
}

const Model::Quote* Model::quote_now(int instrument) const {
  const auto& known = quotes[static_cast<std::size_t>(instrument)];
  if (!known || age(known->time_ms) != Age::kFresh) return nullptr;
  // (ask - bid) / middle, where bid + ask is twice the middle.
  const bool wide =
      max_spread != kNone && (known->ask - known->bid) * 2 * power(8) > max_spread * (known->bid + known->ask);
  return wide ? nullptr : &*known;
}

std::optional<Valuation> Model::value(int instrument, bool buys, Dealt dealt, const Terms& terms) const {
  const Instrument& pair = instruments[static_cast<std::size_t>(instrument)];
  const auto base_rate = pair.is_fx() ? rate_now(pair.base) : power(12), term_rate = rate_now(pair.term);
  if (!base_rate || !term_rate || quote_now(instrument) == nullptr) return std::nullopt;
  const Int price = terms.type == Type::kSwap ? terms.price : counter_price(instrument, buys, dealt, terms);
  return Valuation{price, dealt == Dealt::kBase ? *base_rate : *term_rate, pair.multiplier};
}

// The dealt amount is exact; the counter amount uses an upper bound, with a buffer of 1 %.
Int Model::counter_price(int instrument, bool buys, Dealt dealt, const Terms& terms) const {
  const Quote& quote = *quotes[static_cast<std::size_t>(instrument)];
  const auto above = [&](Int price) { return divide_up(price * 101, kHundred); };
  const auto below = [&](Int price) { return price * 99 / kHundred; };
  const bool limited = terms.type == Type::kLimit || terms.type == Type::kStopLimit;
  if (dealt == Dealt::kBase || dealt == Dealt::kUnits) {
    if (limited) return buys ? terms.price : worse(terms.price, above(quote.ask));
    return above(terms.type == Type::kStop ? worse(terms.stop, quote.ask) : quote.ask);
  }
  if (limited) return buys ? -worse(-terms.price, -below(quote.bid)) : terms.price;
  return below(terms.type == Type::kStop ? -worse(-terms.stop, -quote.bid) : quote.bid);
}

Amounts Model::amounts(bool buys, Dealt dealt, Int qty, const Terms& terms, const Valuation& valuation) const {
  Amounts all;
  if (qty <= 0) return all;
  if (terms.type == Type::kSwap) return swap_amounts(buys, dealt, qty, terms, valuation);
  if (dealt == Dealt::kUnits) {
    // Price times multiplier in the currency of the price, and that in the risk currency; no currency is bought.
    const Int worth = divide_up(qty * valuation.counter_price * valuation.multiplier, power(9));
    (buys ? all.buy : all.sell) = all.largest_base = all.volume = qty;
    all.notional = divide_up(worth * valuation.rate, power(12));
    return all;
  }
  Int base = 0, term = 0;
  all.notional = divide_up(qty * valuation.rate, power(13));
  if (dealt == Dealt::kBase) {
    base = qty;
    term = divide_up(qty * valuation.counter_price, power(9));
  } else {
    base = divide_up(qty * power(7), valuation.counter_price) * 10;
    term = divide_up(qty, 10);
  }
  (buys ? all.buy : all.sell) = base;
  (buys ? all.term_out : all.term_in) = term;
  all.near = buys ? divide_up(base, 10) : term;
  all.largest_base = all.volume = base;
  return all;
}

Int far_part(const Terms& terms, Int qty, Int (*rounded)(Int, Int)) {
  return qty == terms.qty ? terms.qty2 : rounded(terms.qty2 * qty, terms.qty);
}

// Both legs at their own prices, the far one the other way round.
Amounts Model::swap_amounts(bool buys, Dealt dealt, Int qty, const Terms& terms, const Valuation& valuation) const {
  Amounts all;
  const Int far = far_part(terms, qty, divide_up);
  all.notional = divide_up(far * valuation.rate, power(13));
  // Positive: the swap receives it, when its near leg buys.
  const auto put = [&](Int net, Int& in, Int& out) {
    const Int size = net < 0 ? -net : net;
    (buys == (net > 0) ? in : out) = size;
  };
  const auto rounded = [](Int numerator, Int denominator) {
    return numerator < 0 ? -divide_up(-numerator, denominator) : divide_up(numerator, denominator);
  };
  if (dealt == Dealt::kBase) {
    put(qty - far, all.buy, all.sell);
    put(rounded(far * terms.price2 - qty * terms.price, power(9)), all.term_in, all.term_out);
    all.near = buys ? divide_up(qty, 10) : divide_up(qty * terms.price, power(9));
    all.far = buys ? divide_up(far * terms.price2, power(9)) : divide_up(far, 10);
    all.largest_base = worse(qty, far);
    all.volume = far;
    return all;
  }
  const Int near_base = divide_up(qty * power(7), terms.price), far_base = divide_up(far * power(7), terms.price2);
  // qty / price - far / price2, brought to one denominator.
  const Int numerator = qty * terms.price2 - far * terms.price, denominator = terms.price * terms.price2;
  const Int whole = numerator / denominator, rest = numerator % denominator;
  put((whole * power(7) + rounded(rest * power(7), denominator)) * 10, all.buy, all.sell);
  put(rounded(far - qty, 10), all.term_in, all.term_out);
  all.near = buys ? near_base : divide_up(qty, 10);
  all.far = buys ? divide_up(far, 10) : far_base;
  all.largest_base = worse(near_base, far_base) * 10;
  all.volume = far_base * 10;
  return all;
}

Amounts Model::need(const Order& order) const {
  Amounts all;
  if (order.over) return all;
  const Int cum = order.cum();
  const auto take = [&](const Terms& terms, const Valuation& valuation) {
    const Amounts one = amounts(order.buys_base, order.dealt, worse(0, terms.qty - cum), terms, valuation);
    for (Int Amounts::*each : {&Amounts::buy, &Amounts::sell, &Amounts::term_in, &Amounts::term_out, &Amounts::notional,
                               &Amounts::near, &Amounts::far, &Amounts::largest_base, &Amounts::volume}) {
      all.*each = worse(all.*each, one.*each);
    }
  };
  take(order.terms, order.requests[static_cast<std::size_t>(order.live)].valuation);
  for (const Request& request : order.requests) {
    if (request.pending) take(request.terms, request.valuation);
  }
  return all;
}

const Holding& Model::holding(const Order& order) const {
  if (order.counted) return order.holding;
  Holding& h = order.holding;
  h = Holding();
  h.held = need(order);
  h.open = order.is_open() || h.held.notional > 0;
  for (const Execution& e : order.executions) {
    // Whatever is said later of what has left moves nothing any more, and what it settles stays.
    if (e.undone && !e.left) continue;
    if (e.day == day) h.traded += e.traded, h.volume += e.volume;
    h.near_base += e.base_money - e.far_base_money;
    h.near_term += e.term_money - e.far_term_money;
    h.far_base += e.far_base_money;
    h.far_term += e.far_term_money;
    if (e.left || is_fixed(order, e)) continue;
    h.base += e.base;
    h.base_money += e.base_money;
    h.term_money += e.term_money;
  }
  order.counted = true;
  return h;
}

void scale(Terms& terms, Int qty) {
  if (terms.type == Type::kSwap) terms.qty2 = far_part(terms, qty, divide_half_even);
  terms.qty = qty;
}

}  // namespace portcullis::scenarios::exact
