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
  firm.max_daily_loss = Amount::of(1'000'000'000'000);
  firm.duplicate_orders = config::DuplicateOrders{1'000'000, Duration::seconds(1)};
  firm.repeated_executions = 1'000'000'000;
  config::LimitSet account;
  account.max_open_orders = 20 + below(30);
  account.max_long_position = Quantity::of(3'000'000 + below(10'000'000));
  account.max_short_position = Quantity::of(3'000'000 + below(10'000'000));
  account.max_net_open_position = Amount::of(5'000'000 + below(20'000'000));
  c.risk.accounts = {config::ScopeLimits{"ALPHA-1", account}};
  config::LimitSet client;
  client.max_gross_open_notional = Amount::of(10'000'000 + below(20'000'000));
  client.price_collar_percent = config::Percent::of(1);
  c.risk.clients = {config::ScopeLimits{"beta", client}};
  config::LimitSet broker;
  broker.max_gross_open_notional = Amount::of(8'000'000 + below(10'000'000));
  broker.max_order_quantity = Quantity::of(2'500'000);
  c.risk.brokers = {config::ScopeLimits{"northbank", broker}};
  config::LimitSet instrument;
  instrument.max_short_position = Quantity::of(8'000'000 + below(20'000'000));
  c.risk.instruments = {config::ScopeLimits{"EUR/USD", instrument}};
  return c;
}

void copy_limits(Model::Node& node, const config::LimitSet& set) {
  for (const auto& [theirs, ours] : kSame) {
    if (const auto value = config::get_limit(set, theirs)) {
      node.limits[static_cast<std::size_t>(ours)] = risk::to_raw(*value);
    }
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
    instrument.ndf = each.type == config::InstrumentType::kFxNdf;
    instrument.brokers =
        each.symbol == "EUR/USD" || each.symbol == "GBP/USD" ? std::vector<int>{0, 1} : std::vector<int>{1};
    model_.instruments.push_back(instrument);
    model_.quotes.emplace_back();
    for (const auto& quote : configuration_.reference.quotes) {
      if (quote.symbol == each.symbol) model_.quotes.back() = Model::Quote{quote.bid.raw(), quote.ask.raw(), now};
    }
  }
  for (const auto& [theirs, ours] : kSame) {
    model_.enforced[static_cast<std::size_t>(ours)] = config::limit_info(theirs).enforced;
  }
  copy_limits(model_.node({Scope::kFirm, 0}), configuration_.risk.firm);
  copy_limits(model_.node({Scope::kAccount, 0}), configuration_.risk.accounts[0].limits);
  copy_limits(model_.node({Scope::kClient, 1}), configuration_.risk.clients[0].limits);
  copy_limits(model_.node({Scope::kBroker, 0}), configuration_.risk.brokers[0].limits);
  copy_limits(model_.node({Scope::kInstrument, 0}), configuration_.risk.instruments[0].limits);
}

}  // namespace portcullis::scenarios::exact
