#include "gateway/configure.h"

#include <algorithm>
#include <set>
#include <string>

#include "fix/dictionary/embedded.h"
#include "gateway/resting.h"
#include "order/evidence.h"

namespace portcullis::gateway {
namespace {

using order::NameKind;

// Writes NameAdded for names that have no index yet; counts those of this stage, so that each gets its own.
class NameWriter {
 public:
  NameWriter(Deciding& d, NameKind kind, const NameTable& table) : d_(d), kind_(kind), table_(table), next_(table.size()) {}

  // Whether the name is new.
  bool ensure(std::string_view name, std::uint32_t owner = 0, std::uint8_t detail = 0) {
    if (table_.find(name, owner, detail) != NameTable::kUnknown) return false;
    if (!written_.insert({std::string(name), owner}).second) return false;
    order::NameAdded event{};
    event.name = order::NameText(name);
    event.index = next_++;
    event.owner = owner;
    event.kind = kind_;
    event.detail = detail;
    d_.events.add(event);
    return true;
  }
  std::uint32_t newest() const { return next_ - 1; }

 private:
  Deciding& d_;
  NameKind kind_;
  const NameTable& table_;
  std::uint32_t next_;
  std::set<std::pair<std::string, std::uint32_t>> written_;
};

std::uint32_t currency_pair(const State& state, const config::Instrument& instrument) {
  return pair_of(order::CurrencyId(static_cast<std::uint16_t>(state.currencies.find(instrument.base))),
                 order::CurrencyId(static_cast<std::uint16_t>(state.currencies.find(instrument.term))));
}

void decide_roots(Deciding& d, const config::Config& configuration) {
  const State& state = d.state;
  NameWriter currencies(d, NameKind::kCurrency, state.currencies);
  currencies.ensure(configuration.gateway.currency);
  for (const config::Instrument& instrument : configuration.instruments) {
    if (!instrument.base.empty()) currencies.ensure(instrument.base);
    currencies.ensure(instrument.term);
  }
  for (const config::ReferenceRate& rate : configuration.reference.rates) currencies.ensure(rate.currency);
  NameWriter groups(d, NameKind::kGroup, state.groups);
  for (const config::ScopeLimits& group : configuration.risk.groups) groups.ensure(group.id);
  NameWriter clients(d, NameKind::kClient, state.clients);
  for (const config::Client& client : configuration.clients) clients.ensure(client.id);
  NameWriter brokers(d, NameKind::kBroker, state.brokers);
  for (const config::Broker& broker : configuration.brokers) brokers.ensure(broker.id);
}

void decide_dependents(Deciding& d, const config::Config& configuration) {
  const State& state = d.state;
  NameWriter accounts(d, NameKind::kAccount, state.accounts);
  NameWriter client_sessions(d, NameKind::kSession, state.session_names);
  for (const config::Client& client : configuration.clients) {
    const std::uint32_t index = state.clients.find(client.id);
    for (const std::string& account : client.accounts) accounts.ensure(account, index);
    if (!client_sessions.ensure(client.id, index, 0) || client.enabled) continue;
    order::SessionEnabled event{};
    event.session = SessionId(static_cast<SessionId::rep>(client_sessions.newest()));
    event.user = order::UserText("configuration");
    d.events.add(event);
  }
  NameWriter traders(d, NameKind::kTrader, state.traders);
  for (const config::ScopeLimits& trader : configuration.risk.traders) {
    traders.ensure(trader.id, state.clients.find(trader.id.substr(0, trader.id.find('/'))));
  }
  for (const config::Client& client : configuration.clients) {
    const ClientId id(static_cast<std::uint16_t>(state.clients.find(client.id)));
    order::GroupId group;
    if (!client.group.empty()) group = order::GroupId(static_cast<std::uint16_t>(state.groups.find(client.group)));
    if (state.risk.state().clients[id.value()].group == group) continue;
    order::ClientGrouped event{};
    event.client = id;
    event.group = group;
    d.events.add(event);
  }
  NameWriter instruments(d, NameKind::kInstrument, state.instruments);
  for (const config::Instrument& instrument : configuration.instruments) {
    instruments.ensure(instrument.symbol, currency_pair(state, instrument));
  }
}

// Sessions of brokers come after those of clients, in a stage of their own, so that indices are counted once.
void decide_broker_sessions_market_and_operators(Deciding& d, const config::Config& configuration) {
  const State& state = d.state;
  NameWriter sessions(d, NameKind::kSession, state.session_names);
  for (const config::Broker& broker : configuration.brokers) {
    sessions.ensure(broker.id, state.brokers.find(broker.id), 1);
  }
  for (const config::Instrument& instrument : configuration.instruments) {
    const order::InstrumentId id(state.instruments.find(instrument.symbol));
    if (state.risk.state().instruments[id.value()].multiplier == instrument.multiplier) continue;
    order::ContractSized event{};
    event.instrument = id;
    event.multiplier = instrument.multiplier;
    d.events.add(event);
  }
  const auto is_set = [](const std::vector<bool>& marks, std::size_t index) { return index < marks.size() && marks[index]; };
  for (const config::ReferenceRate& reference : configuration.reference.rates) {
    const order::CurrencyId currency(static_cast<std::uint16_t>(state.currencies.find(reference.currency)));
    if (is_set(state.operator_rates, currency.value())) continue;
    order::RateSet event{};
    event.time = d.now;
    event.rate = reference.rate;
    event.currency = currency;
    event.from_configuration = 1;
    d.events.add(event);
  }
  for (const config::ReferenceQuote& reference : configuration.reference.quotes) {
    const order::InstrumentId instrument(state.instruments.find(reference.symbol));
    if (is_set(state.operator_quotes, instrument.value())) continue;
    order::QuoteSet event{};
    event.time = d.now;
    event.bid = reference.bid;
    event.ask = reference.ask;
    event.instrument = instrument;
    event.from_configuration = 1;
    d.events.add(event);
  }
  for (const config::AdminUser& user : configuration.admin.users) {
    order::OperatorListed event{};
    event.name = order::NameText::truncated(user.name);
    event.role = static_cast<std::uint8_t>(user.role);
    d.events.add(event);
  }
}

fix::DialectSettings dialect_of(const config::Client& client) {
  fix::DialectSettings settings;
  settings.version = client.version;
  settings.our_comp_id = client.gateway_comp_id;
  settings.their_comp_id = client.comp_id;
  settings.trader = client.trader;
  return settings;
}

fix::DialectSettings dialect_of(const config::Broker& broker) {
  fix::DialectSettings settings;
  settings.version = broker.version;
  settings.our_comp_id = broker.gateway_comp_id;
  settings.their_comp_id = broker.comp_id;
  settings.symbols = broker.dialect.symbols;
  settings.accounts = broker.dialect.accounts;
  settings.add = broker.dialect.add;
  settings.drop = broker.dialect.drop;
  return settings;
}

const fix::Dictionary& dictionary_of(Setup& setup, config::FixVersion version) {
  const auto known = setup.dictionaries.find(version);
  if (known != setup.dictionaries.end()) return known->second;
  const fix::VersionFacts* facts = fix::version_facts(version);
  PORTCULLIS_CHECK(facts != nullptr, "the loader has accepted a version that is not supported");
  Result<fix::Dictionary> dictionary = fix::Dictionary::compile(fix::embedded_dictionary(facts->dictionary_file));
  PORTCULLIS_CHECK(dictionary.ok(), "a built-in data dictionary does not compile");
  return setup.dictionaries.emplace(version, std::move(dictionary).value()).first->second;
}

fix::Dialect make_dialect(Setup& setup, const fix::DialectSettings& settings) {
  Result<fix::Dialect> dialect = fix::Dialect::make(settings, dictionary_of(setup, settings.version), setup.plans);
  PORTCULLIS_CHECK(dialect.ok(), "the loader has accepted a dialect that cannot be built");
  return std::move(dialect).value();
}

}  // namespace

void decide_configuration(Deciding& d, const config::Config& configuration, int stage) {
  switch (stage) {
    case 0: return decide_roots(d, configuration);
    case 1: return decide_dependents(d, configuration);
    case 2: return decide_broker_sessions_market_and_operators(d, configuration);
    default: PORTCULLIS_CHECK(false, "no such stage");
  }
}

void set_up(State& state, const config::Config& configuration) {
  Setup& setup = state.setup;
  setup.gateway_id = configuration.gateway.id;
  setup.emergency = configuration.emergency;
  setup.roll_positions = configuration.risk.roll.positions;
  setup.keep_orders_days = configuration.gateway.keep_orders_days;
  setup.mandatory_limits = configuration.risk.mandatory;
  setup.clients.assign(state.clients.size(), ClientSetup{});
  setup.brokers.assign(state.brokers.size(), BrokerSetup{});
  setup.sessions.clear();
  setup.plans = fix::RenderPlans();
  setup.sessions.resize(state.sessions.size());
  for (const config::Client& client : configuration.clients) {
    const std::uint32_t index = state.clients.find(client.id);
    ClientSetup& target = setup.clients[index];
    target.session = SessionId(static_cast<std::uint16_t>(state.session_names.find(client.id, index, 0)));
    for (const std::string& account : client.accounts) {
      target.accounts.push_back(order::AccountId(state.accounts.find(account, index, 0)));
    }
    target.pending_new = client.pending_new;
    target.cancel_on_disconnect = client.cancel_on_disconnect;
    target.disconnect_grace = client.cancel_on_disconnect_grace;
    target.max_order_age = client.max_order_age;
    target.throttle = client.throttle;
    target.self_cross = client.self_cross;
    target.exec_inst = client.exec_inst;
    target.order_capacity = client.order_capacity;
    target.configured = true;
    SessionSetup& session = setup.sessions[target.session.value()];
    session.dialect = make_dialect(setup, dialect_of(client));
    session.side_basis = client.side_basis;
    session.swap_side_leg = client.swap_side_leg;
  }
  for (const config::Broker& broker : configuration.brokers) {
    const std::uint32_t index = state.brokers.find(broker.id);
    BrokerSetup& target = setup.brokers[index];
    target.session = SessionId(static_cast<std::uint16_t>(state.session_names.find(broker.id, index, 1)));
    target.ack_timeout = broker.ack_timeout;
    target.reconcile = broker.reconcile;
    target.messages_per_second = broker.throttle.messages_per_second;
    target.status_is_authoritative = broker.status_is_authoritative;
    target.mass_cancel = broker.mass_cancel;
    target.configured = true;
    SessionSetup& session = setup.sessions[target.session.value()];
    session.dialect = make_dialect(setup, dialect_of(broker));
    session.side_basis = broker.dialect.side_basis;
    session.swap_side_leg = broker.dialect.swap_side_leg;
  }
  const auto index_of = [&state](NameKind kind, std::string_view name) -> std::optional<std::uint32_t> {
    const NameTable* table = nullptr;
    switch (kind) {
      case NameKind::kClient: table = &state.clients; break;
      case NameKind::kAccount: table = &state.accounts; break;
      case NameKind::kBroker: table = &state.brokers; break;
      case NameKind::kSession: table = &state.session_names; break;
      case NameKind::kInstrument: table = &state.instruments; break;
      case NameKind::kCurrency: table = &state.currencies; break;
      case NameKind::kGroup: table = &state.groups; break;
      case NameKind::kTrader: table = &state.traders; break;
    }
    const std::uint32_t index = table->find(name);
    return index == NameTable::kUnknown ? std::nullopt : std::optional<std::uint32_t>(index);
  };
  setup.router.configure(configuration, index_of);
  state.risk.configure(configuration, index_of);
  rebuild_resting(state);
}

}  // namespace portcullis::gateway
