#include "gateway/decided.h"

namespace portcullis::gateway {

using order::Reject;

namespace {

// How old what the market was known by is: the evidence beside its version.
void write_ages(Deciding& d, order::InstrumentId instrument, order::Decided& decided) {
  const auto age = [&](UtcTime time) { return (d.now - time).ns(); };
  decided.quote_age_ns = decided.base_rate_age_ns = decided.term_rate_age_ns = order::Decided::kNoAge;
  if (!instrument.has_value()) return;
  const risk::Market& market = d.state.risk.state().market;
  const auto rate_age = [&](order::CurrencyId currency) {
    // What is no FX has no base currency, whose rate could be missing.
    if (currency == market.risk_currency() || !currency.has_value()) return std::int64_t{0};
    const risk::CurrencyRate* const rate = market.rate(currency);
    if (market.fresh_rate(currency, d.now).is_positive()) [[likely]]
      return age(rate->time);
    const auto usable = market.reserve_rate(currency, d.now);
    if (!usable) decided.market |= order::Decided::kNoRate;
    if (usable && *usable != market.last_rate(currency)) decided.market |= order::Decided::kStaleRate;
    return rate != nullptr ? age(rate->time) : order::Decided::kNoAge;
  };
  if (const risk::Quote* quote = market.quote(instrument)) decided.quote_age_ns = age(quote->time);
  if (market.fresh_quote(instrument, d.now) == nullptr) decided.market |= order::Decided::kNoQuote;
  const std::uint32_t pair = d.state.instruments[instrument.value()].owner;
  decided.base_rate_age_ns = rate_age(base_of(pair));
  decided.term_rate_age_ns = rate_age(term_of(pair));
}

}  // namespace

void write_decided(Deciding& d, char msg_type, OrderNumber order, RequestNumber request, order::InstrumentId instrument,
                   order::RejectCode code, order::Control control, const risk::CheckLog& checks) {
  order::Decided decided{};
  decided.decision = d.state.decisions;
  decided.order = order;
  decided.request = request;
  decided.limits_version = d.state.limits_version;
  decided.market_version = d.state.market_version;
  decided.code = code;
  decided.control = control;
  decided.msg_type = msg_type;
  decided.check_count = static_cast<std::uint32_t>(checks.results().size());
  decided.checks_dropped = static_cast<std::uint32_t>(checks.dropped());
  write_ages(d, instrument, decided);
  d.events.add_with_tail(decided, checks.results());
}

void write_decided(Deciding& d, char msg_type, OrderNumber order, RequestNumber request, const Reject& refusal) {
  const order::InstrumentId instrument =
      order.has_value() ? d.state.orders[order].instrument : order::InstrumentId::none();
  write_decided(d, msg_type, order, request, instrument, refusal.code, refusal.control, risk::CheckLog());
}

}  // namespace portcullis::gateway
