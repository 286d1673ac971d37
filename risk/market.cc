#include "risk/market.h"

namespace portcullis::risk {

void Market::set_quote(order::InstrumentId instrument, Price bid, Price ask, UtcTime time) {
  if (instrument.value() >= quotes_.size()) quotes_.resize(instrument.value() + std::size_t{1});
  quotes_[instrument.value()] = Quote(bid, ask, time);
  ++version_;
}

bool Market::set_rate(order::CurrencyId currency, Rate rate, UtcTime time) {
  ++version_;
  return set_rate(currency, CurrencyRate{rate, time, true, false});
}

bool Market::set_derived_rate(order::CurrencyId currency, Rate rate, UtcTime time) {
  return set_rate(currency, CurrencyRate{rate, time, true, true});
}

bool Market::set_rate(order::CurrencyId currency, const CurrencyRate& to) {
  const Rate before = last_rate(currency);
  if (currency.value() >= rates_.size()) rates_.resize(currency.value() + std::size_t{1});
  CurrencyRate& known = rates_[currency.value()];
  const std::uint64_t moved_at = known.moved_at;
  known = to;
  known.moved_at = moved_at;
  if (last_rate(currency) == before) return false;
  known.moved_at = ++rates_version_;
  return true;
}

std::optional<Rate> Market::reserve_rate(order::CurrencyId currency, UtcTime now) const {
  if (!currency.has_value()) return std::nullopt;
  if (currency == risk_currency_) return Rate::of(1);
  const CurrencyRate* known = rate(currency);
  if (known == nullptr || !known->rate.is_positive()) return std::nullopt;
  switch (freshness(known->time, now)) {
    case Freshness::kFresh:
      return known->rate;
    case Freshness::kStale: {
      constexpr Wide kWhole = pow10(config::Percent::kScale) * 100;
      const auto raw =
          narrow(divide(Wide{known->rate.raw()} * (kWhole + ages_.haircut.raw()), kWhole, Rounding::kAwayFromZero));
      if (!raw) return std::nullopt;
      return Rate::from_raw(*raw);
    }
    case Freshness::kDead:
      return std::nullopt;
  }
  return std::nullopt;
}

bool Market::is_rate_fresh(order::CurrencyId currency, UtcTime now) const {
  if (currency == risk_currency_ && currency.has_value()) return true;
  const CurrencyRate* known = rate(currency);
  return known != nullptr && known->rate.is_positive() && freshness(known->time, now) == Freshness::kFresh;
}

}  // namespace portcullis::risk
