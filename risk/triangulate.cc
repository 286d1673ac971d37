#include <algorithm>

#include "risk/engine.h"

// Rates that nobody has told follow from quotes against USD, on the worse side: what one unit of a currency may cost at
// most, rounded up. A told rate counts before every quote.

namespace portcullis::risk {

namespace {

constexpr Wide kUnit = pow10(Rate::kScale);
constexpr Wide kPriceUnit = pow10(Price::kScale);

struct Worth {
  Rate rate;
  UtcTime time;
};

std::optional<Rate> rate_of(Wide raw) {
  const auto narrowed = narrow(raw);
  if (!narrowed || *narrowed <= 0) return std::nullopt;
  return Rate::from_raw(*narrowed);
}

// What one unit of `of` costs in `in`, by the first instrument of the two that has a quote.
std::optional<Worth> quoted(State& state, order::CurrencyId of, order::CurrencyId in) {
  std::optional<Worth> worth;
  state.pairs.any_of(state.instruments, of, in, [&](order::InstrumentId id) {
    const Quote* quote = state.market.quote(id);
    if (quote == nullptr || !quote->bid.is_positive() || quote->ask < quote->bid) return false;
    const bool forth = state.instruments[id.value()].base == of;
    const auto rate = forth ? rate_of(Wide{quote->ask.raw()} * (kUnit / kPriceUnit))
                            : rate_of(divide(kUnit * kPriceUnit, quote->bid.raw(), Rounding::kAwayFromZero));
    if (rate) worth = Worth{*rate, quote->time};
    return worth.has_value();
  });
  return worth;
}

std::optional<Worth> through_usd(State& state, order::CurrencyId currency) {
  const Market& market = state.market;
  const order::CurrencyId usd = market.usd();
  if (currency == usd) return quoted(state, usd, market.risk_currency());
  const auto in_usd = quoted(state, currency, usd);
  if (!in_usd || usd == market.risk_currency()) return in_usd;
  const CurrencyRate* dollar = market.rate(usd);
  if (dollar == nullptr || !dollar->rate.is_positive()) return std::nullopt;
  // Two factors of 63 bits.
  const auto rate =
      rate_of(divide(Wide{in_usd->rate.raw()} * dollar->rate.raw(), kUnit, Rounding::kAwayFromZero));
  if (!rate) return std::nullopt;
  return Worth{*rate, std::min(in_usd->time, dollar->time)};
}

}  // namespace

void Engine::derive_rate(order::CurrencyId currency) {
  if (!currency.has_value() || state_.market.is_told(currency)) return;
  const auto worth = through_usd(state_, currency);
  if (worth && state_.market.set_derived_rate(currency, worth->rate, worth->time)) moved_rates_.push_back(currency);
}

void Engine::derive_rates(order::InstrumentId quoted_instrument) {
  Market& market = state_.market;
  const Instrument& pair = state_.instruments[quoted_instrument.value()];
  const order::CurrencyId usd = market.usd();
  if (!usd.has_value() || !market.risk_currency().has_value() || !pair.base.has_value()) return;
  if (pair.base != usd && pair.term != usd) return;
  const order::CurrencyId other = pair.base == usd ? pair.term : pair.base;
  if (other == market.risk_currency()) {
    if (!market.is_told(usd)) derive_all_rates();
  } else {
    derive_rate(other);
  }
}

void Engine::derive_all_rates() {
  Market& market = state_.market;
  if (!market.usd().has_value() || !market.risk_currency().has_value()) return;
  derive_rate(market.usd());
  for (std::uint16_t i = 0; i < state_.currency_nodes.size(); ++i) {
    if (order::CurrencyId(i) != market.usd()) derive_rate(order::CurrencyId(i));
  }
}

}  // namespace portcullis::risk
