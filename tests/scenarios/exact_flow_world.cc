#include "tests/scenarios/exact_flow_world.h"

#include "risk/limits.h"

namespace portcullis::scenarios::exact {
namespace {

config::Instrument pair(std::string base, std::string term, std::string_view tick) {
  config::Instrument i;
  i.symbol = base + "/" + term;
  i.base = std::move(base);
  i.term = std::move(term);
  i.price_tick = *Price::parse(tick);
  i.quantity_min = Quantity::of(1'000);
  return i;
}

// Limits that bind now and then.
config::Config some_configuration(std::mt19937_64& random) {
  const auto below = [&](std::uint64_t count) { return static_cast<std::int64_t>(random() % count); };
  config::Config c = gateway::testing::small_configuration();
  c.gateway.keep_orders_days = config::kMaxKeepOrdersDays;  // the model forgets nothing
  c.instruments = {pair("EUR", "USD", "0.00001"), pair("GBP", "USD", "0.00001"), pair("USD", "JPY", "0.001"),
                   pair("EUR", "JPY", "0.001")};
  c.instruments[1].quantity_step = *Quantity::parse("0.001");
  c.reference.quotes.push_back({"EUR/JPY", *Price::parse("164.99"), *Price::parse("165.01")});
  c.reference.stale_after = Duration::seconds(below(3) == 0 ? 60 : 0);
  for (config::Client& client : c.clients) {
    client.throttle.burst = client.throttle.messages_per_second = 1'000'000;
  }
  for (config::Broker& broker : c.brokers) {
    broker.throttle.burst = broker.throttle.messages_per_second = 1'000'000;
    broker.version = config::FixVersion::kFix44;
    broker.reconcile = config::Reconcile::kNone;
  }
  // Who speaks of which currency and of which leg is by chance; GBP/USD is a forward that does not deliver now and
  // then.
  const auto basis = [&] { return below(2) == 0 ? config::SideBasis::kDealt : config::SideBasis::kBase; };
  const auto leg = [&] { return below(2) == 0 ? config::SwapSideLeg::kNear : config::SwapSideLeg::kFar; };
  for (config::Client& client : c.clients) client.side_basis = basis(), client.swap_side_leg = leg();
  for (config::Broker& broker : c.brokers) broker.dialect.side_basis = basis(), broker.dialect.swap_side_leg = leg();
  if (below(3) == 0) c.instruments[1].type = config::InstrumentType::kFxNdf;
  for (const char* currency : {"USD", "EUR", "GBP", "JPY"}) c.risk.calendars.push_back(config::Calendar{currency, {}});
  config::LimitSet& firm = c.risk.firm;
  firm.price_collar_percent = config::Percent::of(2);
  firm.order_types->insert(config::OrderType::kSwap);
  firm.max_open_orders = 100;
  firm.max_order_notional = Amount::of(3'000'000);
  firm.max_order_quantity = Quantity::of(2'800'000);
  firm.max_gross_open_notional = Amount::of(30'000'000 + below(60'000'000));
  firm.max_long_position = firm.max_short_position = Quantity::of(10'000'000 + below(20'000'000));
  firm.max_currency_position = firm.max_net_open_position = Amount::of(10'000'000 + below(60'000'000));
  firm.max_daily_settlement = Amount::of(20'000'000 + below(60'000'000));
  firm.max_daily_volume = Amount::of(100'000'000 + below(900'000'000));
  firm.max_daily_loss = Amount::of(10'000 + below(60'000));
  firm.duplicate_orders = config::DuplicateOrders{3, Duration::seconds(2)};
  firm.repeated_executions = 14;
  config::LimitSet account;
  account.max_open_orders = 20 + below(30);
  account.max_long_position = Quantity::of(3'000'000 + below(10'000'000));
  account.max_short_position = Quantity::of(3'000'000 + below(10'000'000));
  account.max_net_open_position = Amount::of(5'000'000 + below(20'000'000));
  account.max_daily_loss = Amount::of(500 + below(8'000));
  account.repeated_executions = 8;
  if (below(2) == 0) account.max_daily_quantity = Quantity::of(20'000'000 + below(60'000'000));
  config::LimitSet other;
  other.duplicate_orders = config::DuplicateOrders{1, Duration::seconds(5)};
  config::LimitSet crossed;
  crossed.max_order_quantity = Quantity::of(1'500'000);
  crossed.max_long_position = Quantity::of(2'000'000 + below(4'000'000));
  crossed.max_daily_quantity = Quantity::of(10'000'000 + below(30'000'000));
  c.risk.accounts = {config::ScopeLimits{"ALPHA-1", account}, config::ScopeLimits{"ALPHA-2", other}};
  c.risk.accounts[1].instruments = {{"GBP/USD", crossed}};
  config::LimitSet client;
  client.max_gross_open_notional = Amount::of(10'000'000 + below(20'000'000));
  client.price_collar_percent = config::Percent::of(1);
  client.max_drawdown = Amount::of(1'000 + below(8'000));
  if (below(3) == 0) {
    client.max_credit = Amount::of(8'000'000 + below(20'000'000));
    firm.max_credit = Amount::of(20'000'000 + below(40'000'000));
    c.risk.tenor_add_on = {{1, config::Percent::of(3)}, {7, config::Percent::of(20)}};
  }
  c.risk.clients = {config::ScopeLimits{"beta", client}};
  config::LimitSet broker;
  broker.max_gross_open_notional = Amount::of(8'000'000 + below(10'000'000));
  broker.max_order_quantity = Quantity::of(2'500'000);
  broker.max_daily_loss = Amount::of(2'000 + below(20'000));
  if (below(3) == 0) {
    broker.max_credit = Amount::of(6'000'000 + below(14'000'000));
    c.risk.tenor_add_on = {{1, config::Percent::of(3)}, {7, config::Percent::of(20)}};
  }
  c.risk.brokers = {config::ScopeLimits{"northbank", broker}};
  config::LimitSet instrument;
  instrument.max_short_position = Quantity::of(8'000'000 + below(20'000'000));
  instrument.max_daily_quantity = Quantity::of(40'000'000 + below(100'000'000));
  c.risk.instruments = {config::ScopeLimits{"EUR/USD", instrument}};
  // Scopes beside the tree, and groups that clients join and leave.
  config::LimitSet funds;
  funds.max_gross_open_notional = Amount::of(9'000'000 + below(20'000'000));
  funds.max_long_position = Quantity::of(3'000'000 + below(10'000'000));
  funds.max_net_open_position = Amount::of(5'000'000 + below(20'000'000));
  config::LimitSet desks;
  desks.max_order_notional = Amount::of(2'000'000);
  desks.max_daily_settlement = Amount::of(5'000'000 + below(20'000'000));
  c.risk.groups = {config::ScopeLimits{"funds", funds}, config::ScopeLimits{"desks", desks}};
  c.clients[0].group = below(2) == 0 ? "funds" : "";
  c.clients[1].group = below(2) == 0 ? "desks" : "";
  config::LimitSet trader;
  trader.max_open_orders = 10 + below(20);
  trader.max_short_position = Quantity::of(2'000'000 + below(5'000'000));
  trader.max_daily_loss = Amount::of(300 + below(5'000));
  trader.max_drawdown = Amount::of(500 + below(8'000));
  trader.repeated_executions = 4;
  trader.duplicate_orders = config::DuplicateOrders{2, Duration::seconds(4)};
  c.risk.traders = {config::ScopeLimits{"alpha/ann", trader}};
  config::LimitSet session;
  session.max_open_orders = 40;
  session.max_currency_position = Amount::of(5'000'000 + below(20'000'000));
  c.risk.sessions = {config::ScopeLimits{"beta", session}};
  config::LimitSet currency;
  currency.max_currency_position = Amount::of(8'000'000 + below(30'000'000));
  currency.max_gross_open_notional = Amount::of(10'000'000 + below(40'000'000));
  c.risk.currencies = {config::ScopeLimits{"GBP", currency}};
  for (config::Client& each : c.clients) each.trader = config::TraderField::kSenderSubId;
  config::Instrument future;
  future.symbol = "FES/X";
  future.type = config::InstrumentType::kFuture;
  future.term = "EUR";
  future.multiplier = 10;
  future.price_tick = *Price::parse("0.5");
  future.quantity_min = Quantity::of(1);
  c.instruments.push_back(future);
  c.reference.quotes.push_back({"FES/X", Price::of(5'000), *Price::parse("5000.5")});
  // What may be traded, and quotes too wide to judge by.
  if (below(3) == 0) {
    c.risk.accounts[1].permissions = std::vector<config::Permission>{{.symbols = {"EUR/USD", "GBP/USD", "FES/X"}},
                                                                     {.symbols = {"USD/JPY"}, .buy = false}};
  }
  // What is told of single orders, and days that begin without positions.
  if (below(2) == 0) c.risk.soft_levels.order_percent = static_cast<std::uint8_t>(30 + below(60));
  if (below(2) == 0) {
    firm.passive_band_percent = *config::Percent::parse("1.2");
    c.risk.accounts[0].limits.passive_band_percent = *config::Percent::parse("0.7");
    c.risk.brokers[0].limits.passive_band_percent = *config::Percent::parse("0.9");
  }
  if (below(3) == 0) c.risk.roll.positions = config::RollPositions::kFlat;
  if (below(3) == 0) c.risk.restricted = {"EUR/JPY"};
  if (below(3) == 0) firm.max_spread_percent = *config::Percent::parse("0.03");
  choose_caps(c, random);
  choose_mandatory(c, random);
  for (config::Client& each : c.clients) each.enabled = below(4) != 0;
  return c;
}

void copy_limits(Model::Node& node, const config::LimitSet& set) {
  for (const auto& [theirs, ours] : kSame) {
    if (const auto value = config::get_limit(set, theirs)) {
      node.limits[static_cast<std::size_t>(ours)] = risk::to_raw(*value);
    }
  }
  if (set.duplicate_orders) {
    node.duplicates = Duplicates{set.duplicate_orders->count, set.duplicate_orders->window.ms()};
  }
}

}  // namespace

Flow::Flow(std::uint64_t seed) : random_(seed), configuration_(some_configuration(random_)), gateway_(configuration_) {
  model_.currencies = {"USD", "EUR", "GBP", "JPY"};
  model_.clients = {"alpha", "beta"};
  model_.brokers = {"northbank", "southbank"};
  model_.accounts = {{"ALPHA-1", 0}, {"ALPHA-2", 0}, {"BETA-1", 1}};
  model_.stale_after_ms = configuration_.reference.stale_after.ms();
  model_.rates.resize(4);
  model_.order_percent = configuration_.risk.soft_levels.order_percent;
  model_.flat_days = configuration_.risk.roll.positions == config::RollPositions::kFlat;
  model_.groups = {"funds", "desks"};
  for (const config::Client& client : configuration_.clients) {
    model_.group_of.push_back(index_in(model_.groups, client.group));
  }
  for (const config::TenorAddOn& step : configuration_.risk.tenor_add_on) {
    model_.add_on.push_back({step.days, step.percent.raw()});
  }
  const auto now = gateway_.now().ns() / 1'000'000;
  model_.now_ms = now;
  model_.trade_date = 20'780;  // 2026-11-23, a Monday
  gateway_.command(order::RollDay{model_.trade_date});
  for (const auto& rate : configuration_.reference.rates) {
    model_.rates[static_cast<std::size_t>(index_in(model_.currencies, rate.currency))] =
        Model::Value{rate.rate.raw(), now};
  }
  for (const config::Instrument& each : configuration_.instruments) {
    Model::Instrument instrument;
    instrument.symbol = each.symbol;
    instrument.base = index_in(model_.currencies, each.base);
    instrument.term = index_in(model_.currencies, each.term);
    instrument.tick = each.price_tick.raw();
    instrument.minimum = each.quantity_min.raw();
    instrument.step = each.quantity_step.raw();
    instrument.multiplier = each.multiplier;
    instrument.ndf = each.type == config::InstrumentType::kFxNdf;
    const auto& restricted = configuration_.risk.restricted;
    instrument.restricted = std::find(restricted.begin(), restricted.end(), each.symbol) != restricted.end();
    instrument.brokers =
        each.symbol == "EUR/USD" || each.symbol == "GBP/USD" ? std::vector<int>{0, 1} : std::vector<int>{1};
    model_.instruments.push_back(instrument);
    model_.quotes.emplace_back();
    for (const auto& quote : configuration_.reference.quotes) {
      if (quote.symbol == each.symbol) model_.quotes.back() = Model::Quote{quote.bid.raw(), quote.ask.raw(), now};
    }
  }
  if (configuration_.risk.firm.max_spread_percent) {
    model_.max_spread = configuration_.risk.firm.max_spread_percent->raw();
  }
  for (const auto& [theirs, ours] : kSame) {
    model_.enforced[static_cast<std::size_t>(ours)] = config::limit_info(theirs).enforced;
  }
  learn_traders();
  const auto copy = [&](Scope scope, const std::vector<config::ScopeLimits>& all,
                        const std::vector<std::string>& names) {
    for (const config::ScopeLimits& each : all) {
      Model::Node& node = model_.node({scope, index_in(names, each.id)});
      copy_limits(node, each.limits);
      for (std::size_t i = 0; i < model_.instruments.size() && each.permissions; ++i) {
        for (const bool buys : {true, false}) {
          const bool allowed = std::any_of(each.permissions->begin(), each.permissions->end(), [&](const auto& one) {
            const bool of_it = one.symbols.empty() || index_in(one.symbols, model_.instruments[i].symbol) >= 0;
            return of_it && (buys ? one.buy : one.sell);
          });
          if (!allowed) node.forbidden.insert({static_cast<int>(i), buys});
        }
      }
      for (const auto& [symbol, limits] : each.instruments) {
        Model::Node there;
        copy_limits(there, limits);
        for (std::size_t i = 0; i < model_.instruments.size(); ++i) {
          if (model_.instruments[i].symbol == symbol) node.crossed[static_cast<int>(i)] = there.limits;
        }
      }
    }
  };
  std::vector<std::string> symbols, accounts, traders;
  for (const Model::Instrument& each : model_.instruments) symbols.push_back(each.symbol);
  for (const Model::Account& each : model_.accounts) accounts.push_back(each.name);
  for (const Model::Trader& each : model_.traders) traders.push_back(each.name);
  copy_limits(model_.node({Scope::kFirm, 0}), configuration_.risk.firm);
  copy(Scope::kClient, configuration_.risk.clients, model_.clients);
  copy(Scope::kAccount, configuration_.risk.accounts, accounts);
  copy(Scope::kBroker, configuration_.risk.brokers, model_.brokers);
  copy(Scope::kInstrument, configuration_.risk.instruments, symbols);
  copy(Scope::kGroup, configuration_.risk.groups, model_.groups);
  copy(Scope::kSession, configuration_.risk.sessions, model_.clients);
  copy(Scope::kTrader, configuration_.risk.traders, traders);
  copy(Scope::kCurrency, configuration_.risk.currencies, model_.currencies);
  copy_file(model_, configuration_);
  for (const config::Client& client : configuration_.clients) model_.enabled.push_back(client.enabled);
  model_.disable_who_lacks();
}

// Traders have a scope from their first order on.
void Flow::learn_traders() {
  const auto& traders = gateway_.state().traders;
  for (auto i = static_cast<std::uint32_t>(model_.traders.size()); i < traders.size(); ++i) {
    const std::string name(traders[i].name.view());
    model_.trader(name, name.starts_with("alpha/") ? 0 : 1);
  }
}

std::uint32_t Flow::core_id(NodeId id) const {
  const auto at = static_cast<std::size_t>(id.index);
  const gateway::State& state = gateway_.state();
  switch (id.scope) {
    case Scope::kFirm:
      return 0;
    case Scope::kClient:
      return state.clients.find(model_.clients[at]);
    case Scope::kAccount:
      return state.accounts.find(model_.accounts[at].name);
    case Scope::kBroker:
      return state.brokers.find(model_.brokers[at]);
    case Scope::kInstrument:
      return state.instruments.find(model_.instruments[at].symbol);
    case Scope::kGroup:
      return state.groups.find(model_.groups[at]);
    case Scope::kSession:
      return state.session_names.find(model_.clients[at]);
    case Scope::kTrader:
      return state.traders.find(model_.traders[at].name);
    case Scope::kCurrency:
      return state.currencies.find(model_.currencies[at]);
  }
  return 0;
}

}  // namespace portcullis::scenarios::exact
