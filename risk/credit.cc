#include "risk/credit.h"

#include <algorithm>
#include <limits>

#include "risk/state.h"

namespace portcullis::risk {

namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr Wide kWholePercent = pow10(config::Percent::kScale) * 100;

// One unit of the instrument in the risk currency: of a pair its base currency, else what the last quote says.
Wide worth_of(const State& state, order::InstrumentId id, Wide quantity) {
  const Instrument& instrument = state.instruments[id.value()];
  if (quantity <= 0) return 0;
  if (quantity > kMax) return kMax;
  if (instrument.is_fx) {
    return divide(quantity * state.market.last_rate(instrument.base).raw(),
                  pow10(Quantity::kScale + Rate::kScale - Amount::kScale), Rounding::kAwayFromZero);
  }
  const Quote* quote = state.market.quote(id);
  if (quote == nullptr) return 0;
  Wide term = divide(quantity * quote->ask.raw(), pow10(Quantity::kScale + Price::kScale - Amount::kScale),
                     Rounding::kAwayFromZero);
  if (__builtin_mul_overflow(term, Wide{instrument.multiplier}, &term) || term > kMax) return kMax;
  return divide(term * state.market.last_rate(instrument.term).raw(), pow10(Rate::kScale), Rounding::kAwayFromZero);
}

// What credit adds for an amount that settles on this date.
Wide add_on(const State& state, std::int32_t date, Wide worth) {
  const std::int32_t days = date - state.trade_date;
  config::Percent percent;
  for (const config::TenorAddOn& step : state.settings.tenor_add_on) {
    if (days > step.days) percent = step.percent;
  }
  return divide(std::min<Wide>(worth, kMax) * percent.raw(), kWholePercent, Rounding::kAwayFromZero);
}

bool states_it(const Node& node) {
  return node.limits.stated_here(Limit::kMaxCredit);
}

}  // namespace

std::int64_t credit_used(const State& state, const Exposure& sums, const CreditGrowth& more) {
  Wide used = 0;
  const auto add = [&](order::InstrumentId id, const InstrumentExposure& cell, Quantity buy, Quantity sell) {
    const Wide longs = Wide{cell.position.raw()} + cell.open_buy.raw() + buy.raw();
    const Wide shorts = Wide{cell.open_sell.raw()} - cell.position.raw() + sell.raw();
    used += worth_of(state, id, std::max(longs, shorts));
  };
  bool met = !more.instrument.has_value();
  sums.each_instrument([&](order::InstrumentId id, const InstrumentExposure& cell) {
    const bool grows = id == more.instrument;
    met = met || grows;
    add(id, cell, grows ? more.buy : Quantity(), grows ? more.sell : Quantity());
  });
  if (!met) add(more.instrument, InstrumentExposure(), more.buy, more.sell);
  if (!state.settings.tenor_add_on.empty()) {
    for (const SettlementExposure& cell : sums.settlements()) {
      used += add_on(state, cell.date, mark_of(cell.worth(), state.market.last_rate(cell.currency)).raw());
    }
    for (const FixingExposure& cell : sums.fixings()) {
      const Wide base = cell.base_amount.is_negative() ? -Wide{cell.base_amount.raw()} : Wide{cell.base_amount.raw()};
      used += add_on(state, cell.date, mark_of(base + cell.open.raw(), state.market.last_rate(cell.base)).raw());
    }
    for (const CreditGrowth::Dated& each : more.settles) used += add_on(state, each.date, each.worth.raw());
  }
  return static_cast<std::int64_t>(std::min<Wide>(used, kMax));
}

Amount Credit::of(order::ClientId client) const {
  return Amount::from_raw(client.value() < clients_.size() ? clients_[client.value()] : 0);
}

Amount Credit::of_all() const {
  return Amount::from_raw(static_cast<std::int64_t>(std::min<Wide>(total_, kMax)));
}

Amount Credit::of(order::BrokerId broker) const {
  return Amount::from_raw(broker.value() < brokers_.size() ? brokers_[broker.value()] : 0);
}

void Credit::resolve(const State& state) {
  kept_ = states_it(state.firm) || std::any_of(state.clients.begin(), state.clients.end(), states_it);
  kept_of_brokers_ = std::any_of(state.brokers.begin(), state.brokers.end(), states_it);
  clients_.assign(kept_ ? state.clients.size() : 0, 0);
  brokers_.assign(kept_of_brokers_ ? state.brokers.size() : 0, 0);
  total_ = 0;
  for (std::uint16_t i = 0; i < clients_.size(); ++i) renew(state, order::ClientId(i));
  for (std::uint16_t i = 0; i < brokers_.size(); ++i) renew(state, order::BrokerId(i));
}

void Credit::renew(const State& state, order::ClientId client, order::BrokerId broker) {
  if (kept_) renew(state, client);
  if (kept_of_brokers_) renew(state, broker);
}

void Credit::renew(const State& state, order::ClientId client) {
  if (client.value() >= state.clients.size()) return;
  if (clients_.size() <= client.value()) clients_.resize(client.value() + std::size_t{1});
  std::int64_t& kept = clients_[client.value()];
  total_ -= kept;
  kept = credit_used(state, state.clients[client.value()].exposure, CreditGrowth());
  total_ += kept;
}

void Credit::renew(const State& state, order::BrokerId broker) {
  if (broker.value() >= state.brokers.size() || !states_it(state.brokers[broker.value()])) return;
  if (brokers_.size() <= broker.value()) brokers_.resize(broker.value() + std::size_t{1});
  brokers_[broker.value()] = credit_used(state, state.brokers[broker.value()].exposure, CreditGrowth());
}

}  // namespace portcullis::risk
