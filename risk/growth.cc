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
  return found;
}

namespace {

struct Side {
  Context::Grown grown;
  std::int64_t growth;  // of the growing side, less what the scope's sums have of it
  bool worst_grows;
};

// Whatever the sums are and however the rates are: sums past 64 bits, stale rates, sums that are not marked. What a
// side holds is zero or less where the other side is what is held.
[[gnu::noinline]] Side find_slowly(const CurrencyExposure& held, const Growing& growing, bool is_marked) {
  const Wide longs = held.worst_long();
  const Wide shorts = held.worst_short();
  const Wide side = growing.receives ? longs : shorts;
  const Wide worst = std::max(longs, shorts);
  const Wide after = side + growing.amount.raw();
  Side found{{0, 0}, 0, after > worst};
  if (!growing.has_rate) return found;
  const std::int64_t marked =
      is_marked ? (growing.receives ? held.long_mark : held.short_mark).raw() : mark_of(side, growing.marked).raw();
  const bool one_rate = is_marked && growing.is_fresh;
  found.grown.worst = one_rate ? std::max(held.long_mark, held.short_mark).raw() : mark_of(worst, growing.now).raw();
  found.grown.after = mark_of(after, growing.now).raw();
  found.growth = found.grown.after - marked;
  return found;
}

// Most scopes of most orders: the sums fit and are marked at the rate of now. False: they are not.
template <bool kReceives>
[[gnu::always_inline]] inline bool find_fast(const CurrencyExposure& held, std::int64_t amount, Rate now, Side& found) {
  std::int64_t longs = 0;
  std::int64_t shorts = 0;
  std::int64_t after = 0;
  if (__builtin_add_overflow(held.position.raw(), held.in.raw(), &longs)) [[unlikely]]
    return false;
  if (__builtin_sub_overflow(held.out.raw(), held.position.raw(), &shorts)) [[unlikely]]
    return false;
  if (__builtin_add_overflow(kReceives ? longs : shorts, amount, &after)) [[unlikely]]
    return false;
  const std::int64_t long_mark = held.long_mark.raw();
  const std::int64_t short_mark = held.short_mark.raw();
  found.grown.worst = std::max(long_mark, short_mark);
  found.grown.after = mark_of(after, now).raw();
  found.growth = found.grown.after - (kReceives ? long_mark : short_mark);
  found.worst_grows = after > (kReceives ? shorts : longs);  // than its own side it is larger always
  return true;
}

// kAdds: the other currency has been there before.
template <bool kReceives, bool kAdds>
void find_grown(Context& context, const Growing& growing, CurrencyExposure* const* cells, Places places,
                Context::GrownIn& grown) {
  const std::uint64_t rates = context.state.market.rates_version();
  Exposure* const* const sums = context.scopes.sums.data();
  Context::Grown* const to = grown.at.data();
  Context::SidesGrown* const sides = context.sides_grown.data();
  const std::int64_t amount = growing.amount.raw();
  const Rate now = growing.now;
  const bool is_fresh = growing.is_fresh;
  Places worst = 0;
  for (Places left = places; left != 0; left &= left - 1) {
    const auto place = static_cast<std::size_t>(std::countr_zero(left));
    const CurrencyExposure& held = *cells[place];
    Side found;
    const bool is_marked = sums[place]->is_marked(rates);
    if (!is_marked || !is_fresh || !find_fast<kReceives>(held, amount, now, found)) [[unlikely]] {
      found = find_slowly(held, growing, is_marked);
    }
    to[place] = found.grown;
    if (!kAdds) sides[place] = kReceives ? Context::SidesGrown{found.growth, 0} : Context::SidesGrown{0, found.growth};
    if (kAdds) (kReceives ? sides[place].longs : sides[place].shorts) += found.growth;
    worst |= Places{found.worst_grows} << place;
  }
  grown.worst = worst;
}

template <bool kAdds>
void find_grown(Context& context, const Growing& growing, CurrencyExposure* const* cells, Places places,
                Context::GrownIn& grown) {
  growing.receives ? find_grown<true, kAdds>(context, growing, cells, places, grown)
                   : find_grown<false, kAdds>(context, growing, cells, places, grown);
}

}  // namespace

void find_growths(Context& context) {
  const Scopes& scopes = context.scopes;
  const Places places = context.netting(Limit::kMaxCurrencyPosition) | context.netting(Limit::kMaxNetOpenPosition);
  const Growing& base = context.base_growing;
  const Growing& term = context.term_growing;
  if (base.counts) find_grown<false>(context, base, scopes.base.data(), places, context.base_grown);
  if (!term.counts) return;
  base.counts ? find_grown<true>(context, term, scopes.term.data(), places, context.term_grown)
              : find_grown<false>(context, term, scopes.term.data(), places, context.term_grown);
}

}  // namespace portcullis::risk
