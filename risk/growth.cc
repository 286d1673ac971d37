#include <algorithm>

#include "risk/context.h"

// What an order's two currencies grow by in each scope, for D4 to D6.

namespace portcullis::risk {

Growing growing(const Market& market, UtcTime now, order::CurrencyId currency, bool receives, Amount amount) {
  Growing found;
  found.currency = currency;
  found.receives = receives;
  found.amount = amount;
  found.counts = amount.is_positive() && currency != market.risk_currency();
  const auto rate = market.reserve_rate(currency, now);
  found.has_rate = rate.has_value();
  if (rate) found.now = *rate;
  found.marked = market.last_rate(currency);
  found.is_fresh = found.has_rate && found.now == found.marked;
  if (found.has_rate) {
    const Worth worth = worth_of(at_least_zero(amount.raw()), found.now);
    found.worth = worth.up;
    found.rest = worth.rest;
  }
  return found;
}

namespace {

// Most sums of most orders: they fit 64 bits, and are marked at the rate of now. False: they do not.
bool find_fast(const Growing& growing, const CurrencyExposure& held, Grown& found) {
  std::int64_t longs = 0;
  std::int64_t shorts = 0;
  std::int64_t after = 0;
  if (__builtin_add_overflow(held.position.raw(), held.in.raw(), &longs) ||
      __builtin_sub_overflow(held.out.raw(), held.position.raw(), &shorts) ||
      __builtin_add_overflow(growing.receives ? longs : shorts, growing.amount.raw(), &after)) [[unlikely]] {
    return false;
  }
  found.worst = std::max(held.long_mark(), held.short_mark()).raw();
  found.after = mark_of(after, growing.now).raw();
  found.growth = found.after - (growing.receives ? held.long_mark() : held.short_mark()).raw();
  found.worst_grows = after > std::max(longs, shorts);
  return true;
}

}  // namespace

Grown grown_at(const Context& context, const Growing& growing, const CurrencyExposure& held, std::size_t place) {
  Grown found;
  const bool is_marked = context.scopes.sums.data()[place]->is_marked(context.state.market.rates_version());
  if (is_marked && growing.is_fresh && find_fast(growing, held, found)) [[likely]]
    return found;
  // Whatever the sums are and however the rates are: sums past 64 bits, stale rates, sums that are not marked. What a
  // side holds is zero or less where the other side is what is held.
  const Wide longs = held.worst_long();
  const Wide shorts = held.worst_short();
  const Wide side = growing.receives ? longs : shorts;
  const Wide worst = std::max(longs, shorts);
  const Wide after = side + growing.amount.raw();
  found.worst_grows = after > worst;
  if (!growing.has_rate) return found;
  const std::int64_t marked =
      is_marked ? (growing.receives ? held.long_mark() : held.short_mark()).raw() : mark_of(side, growing.marked).raw();
  const bool one_rate = is_marked && growing.is_fresh;
  found.worst = one_rate ? std::max(held.long_mark(), held.short_mark()).raw() : mark_of(worst, growing.now).raw();
  found.after = mark_of(after, growing.now).raw();
  found.growth = found.after - marked;
  return found;
}

}  // namespace portcullis::risk
