#include "risk/credit.h"

#include <algorithm>
#include <limits>

#include "risk/powers.h"
#include "risk/state.h"

namespace portcullis::risk {

namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

// One unit of the instrument in the risk currency: of a pair its base currency, else what the last quote says.
Wide worth_of(const State& state, order::InstrumentId id, Wide quantity) {
  const Instrument& instrument = state.instruments[id.value()];
  if (quantity <= 0) return 0;
  if (quantity > kMax) return kMax;
  if (instrument.is_fx) {
    constexpr int kDigits = Quantity::kScale + Rate::kScale - Amount::kScale;
    std::int64_t worth = 0;
    if (up_by_power<kDigits>(quantity * state.market.last_rate(instrument.base).raw(), worth)) return worth;
    return divide_by_power<kDigits>(
        quantity * state.market.last_rate(instrument.base).raw(), Rounding::kAwayFromZero);
  }
  const Quote* quote = state.market.quote(id);
  if (quote == nullptr) return 0;
  Wide term = divide_by_power<Quantity::kScale + Price::kScale - Amount::kScale>(quantity * quote->ask.raw(),
                                                                                 Rounding::kAwayFromZero);
  if (__builtin_mul_overflow(term, Wide{instrument.multiplier}, &term) || term > kMax) return kMax;
  return divide_by_power<Rate::kScale>(term * state.market.last_rate(instrument.term).raw(), Rounding::kAwayFromZero);
}

Wide add_on(const State& state, std::int32_t date, Wide worth) {
  return credit_add_on(state.settings.tenor_add_on, date - state.trade_date, worth);
}

bool states_it(const Node& node) {
  return node.limits.stated_here(Limit::kMaxCredit);
}

// Of one instrument, as if every open order of the worse side were filled.
Wide worth_of(const State& state, order::InstrumentId id, const InstrumentExposure& cell, Quantity buy, Quantity sell) {
  const Wide longs = Wide{cell.position.raw()} + cell.open_buy.raw() + buy.raw();
  const Wide shorts = Wide{cell.open_sell.raw()} - cell.position.raw() + sell.raw();
  return worth_of(state, id, std::max(longs, shorts));
}

// Of all that settles later than the first step, before which credit adds nothing.
Wide add_ons(const State& state, const Exposure& sums) {
  Wide used = 0;
  if (state.settings.tenor_add_on.empty()) return used;
  const std::int32_t early = state.trade_date + state.settings.tenor_add_on.front().days;
  for (const SettlementExposure& cell : sums.settlements()) {
    if (cell.date <= early) continue;
    used += add_on(state, cell.date, mark_of(cell.worth(), state.market.last_rate(cell.currency)).raw());
  }
  for (const FixingExposure& cell : sums.fixings()) {
    if (cell.date <= early) continue;
    const Wide base = cell.base_amount.is_negative() ? -Wide{cell.base_amount.raw()} : Wide{cell.base_amount.raw()};
    used += add_on(state, cell.date, mark_of(base + cell.open.raw(), state.market.last_rate(cell.base)).raw());
  }
  return used;
}

}  // namespace

void CreditGrowth::settle(const State& state, std::int32_t date, Amount worth) {
  add_ons += add_on(state, date, worth.raw());
}

void Credit::renew(const State& state, const Exposure& sums, order::InstrumentId instrument, Used& used) {
  const auto number = sums.cell_number(instrument);
  if (!number) return;
  if (used.parts.size() <= *number) used.parts.resize(*number + std::size_t{1});
  Part& part = used.parts[*number];
  part.instrument = instrument;
  used.instruments -= part.worth;
  part.worth = worth_of(state, instrument, sums.of(instrument), Quantity(), Quantity());
  used.instruments += part.worth;
}

Amount Credit::with(const State& state, const Exposure& sums, const Used& used, const CreditGrowth& more) {
  Wide all = used.instruments + used.add_ons + more.add_ons;
  if (more.instrument.has_value()) {
    const auto number = sums.cell_number(more.instrument);
    if (number && *number < used.parts.size()) all -= used.parts[*number].worth;
    all += worth_of(state, more.instrument, sums.of(more.instrument), more.buy, more.sell);
  }
  return Amount::from_raw(held(all));
}

Amount Credit::with(const State& state, order::ClientId client, const CreditGrowth& more) const {
  static const Used kNothing;
  const Used& used = client.value() < clients_.size() ? clients_[client.value()] : kNothing;
  return with(state, state.clients[client.value()].exposure, used, more);
}

Amount Credit::with(const State& state, order::BrokerId broker, const CreditGrowth& more) const {
  static const Used kNothing;
  const Used& used = broker.value() < brokers_.size() ? brokers_[broker.value()] : kNothing;
  return with(state, state.brokers[broker.value()].exposure, used, more);
}

std::int64_t Credit::growth_of_client(const State& state, order::ClientId client, const CreditGrowth& more) const {
  if (!kept_ || client.value() >= state.clients.size()) return 0;
  return with(state, client, more).raw() - of(client).raw();
}

CreditAsked Credit::asked_of(const State& state, const Node& node, std::int64_t of_client,
                             const CreditGrowth& more) const {
  if (node.scope == order::Scope::kBroker) {
    const order::BrokerId broker(static_cast<order::BrokerId::rep>(node.id));
    const std::int64_t used = of(broker).raw();
    return {used, with(state, broker, more).raw() - used};
  }
  const bool client = node.scope == order::Scope::kClient;
  return {client ? of(order::ClientId(static_cast<order::ClientId::rep>(node.id))).raw() : of_all().raw(), of_client};
}

void Credit::resolve(const State& state) {
  kept_ = states_it(state.firm) || std::any_of(state.clients.begin(), state.clients.end(), states_it);
  kept_of_brokers_ = std::any_of(state.brokers.begin(), state.brokers.end(), states_it);
  clients_.resize(kept_ ? state.clients.size() : 0);
  brokers_.resize(kept_of_brokers_ ? state.brokers.size() : 0);
  total_ = 0;
  const auto work_out = [&state](const Node& node, Used& used) {
    used.parts.clear();
    used.instruments = used.add_ons = 0;
    used.all = 0;
    if (node.scope == order::Scope::kBroker && !states_it(node)) return;
    node.exposure.each_instrument(
        [&](order::InstrumentId id, const InstrumentExposure&) { renew(state, node.exposure, id, used); });
    used.add_ons = add_ons(state, node.exposure);
    used.all = held(used.instruments + used.add_ons);
  };
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    work_out(state.clients[i], clients_[i]);
    total_ += clients_[i].all;
  }
  for (std::size_t i = 0; i < brokers_.size(); ++i) work_out(state.brokers[i], brokers_[i]);
}

void Credit::renew(const State& state, order::ClientId client, order::BrokerId broker, order::InstrumentId instrument) {
  if (kept_ && client.value() < state.clients.size()) {
    if (clients_.size() <= client.value()) clients_.resize(client.value() + std::size_t{1});
    Used& used = clients_[client.value()];
    const Exposure& sums = state.clients[client.value()].exposure;
    renew(state, sums, instrument, used);
    total_ -= used.all;
    used.add_ons = add_ons(state, sums);
    used.all = held(used.instruments + used.add_ons);
    total_ += used.all;
  }
  if (kept_of_brokers_ && broker.value() < state.brokers.size() && states_it(state.brokers[broker.value()])) {
    if (brokers_.size() <= broker.value()) brokers_.resize(broker.value() + std::size_t{1});
    Used& used = brokers_[broker.value()];
    const Exposure& sums = state.brokers[broker.value()].exposure;
    renew(state, sums, instrument, used);
    used.add_ons = add_ons(state, sums);
    used.all = held(used.instruments + used.add_ons);
  }
}

void Credit::renew(const State& state, const Exposure& sums, std::span<const order::CurrencyId> currencies,
                   Used& used) {
  const auto is_moved = [currencies](order::CurrencyId currency) {
    return std::find(currencies.begin(), currencies.end(), currency) != currencies.end();
  };
  for (const Part& part : used.parts) {
    if (!part.instrument.has_value()) continue;
    const Instrument& instrument = state.instruments[part.instrument.value()];
    if (is_moved(instrument.is_fx ? instrument.base : instrument.term)) renew(state, sums, part.instrument, used);
  }
  used.add_ons = add_ons(state, sums);
  used.all = held(used.instruments + used.add_ons);
}

void Credit::renew_all(const State& state, std::span<const order::CurrencyId> currencies) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    total_ -= clients_[i].all;
    renew(state, state.clients[i].exposure, currencies, clients_[i]);
    total_ += clients_[i].all;
  }
  for (std::size_t i = 0; i < brokers_.size(); ++i) {
    if (states_it(state.brokers[i])) renew(state, state.brokers[i].exposure, currencies, brokers_[i]);
  }
}

void Credit::renew_all(const State& state, order::InstrumentId instrument) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    if (!state.clients[i].exposure.cell_number(instrument)) continue;
    renew(state, order::ClientId(static_cast<order::ClientId::rep>(i)), order::BrokerId::none(), instrument);
  }
  for (std::size_t i = 0; i < brokers_.size(); ++i) {
    if (!state.brokers[i].exposure.cell_number(instrument)) continue;
    renew(state, order::ClientId::none(), order::BrokerId(static_cast<order::BrokerId::rep>(i)), instrument);
  }
}

}  // namespace portcullis::risk
