#pragma once

#include <charconv>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "risk/engine.h"
#include "tests/risk/desk.h"

// A firm as large as the specification's: 100,000 accounts of 100 clients in ten groups, 500 traders, 10,000
// instruments over 30 currencies, 20 brokers; groups, clients, sessions, traders, brokers and currencies, and the first
// hundred accounts and instruments, state every limit themselves. For benchmarks.

namespace portcullis::risk {

class LargeFirm {
 public:
  static constexpr std::uint32_t kClients = 100;
  static constexpr std::uint32_t kAccounts = 100'000;
  static constexpr std::uint32_t kGroups = 10;
  static constexpr std::uint32_t kTraders = 500;
  static constexpr std::uint32_t kInstruments = 10'000;
  static constexpr std::uint32_t kCurrencies = 30;
  static constexpr std::uint32_t kBrokers = 20;

  // Of fewer accounts and instruments, at least a hundred of each, where only the paths count and not the caches.
  explicit LargeFirm(std::uint32_t accounts = kAccounts, std::uint32_t instruments = kInstruments)
      : accounts_(accounts), instruments_(instruments) {
    add_names();
    engine.configure(configuration(), index_of);
    for (std::uint16_t i = 1; i < kCurrencies; ++i)
      engine.set_rate(order::CurrencyId(i), *Rate::parse("1.10"), kNoon, true);
    for (std::uint32_t i = 0; i < instruments_; ++i) {
      engine.set_quote(order::InstrumentId(i), price("1.0999"), price("1.1001"), kNoon, true);
    }
    for (std::uint16_t i = 0; i < kClients; ++i) engine.set_group(order::ClientId(i), order::GroupId(i % kGroups));
    engine.start_day(kSpot - 2);
  }

  // Orders of random accounts and instruments, out of the first so many, each with its broker. The first hundred of
  // each state every limit themselves.
  struct Asked {
    NewOrder order;
    order::BrokerId broker;
  };
  std::vector<Asked> orders(std::size_t count, std::uint32_t accounts = kAccounts,
                            std::uint32_t instruments = kInstruments, std::uint64_t seed = 1) const {
    std::mt19937_64 random(seed);
    std::vector<Asked> all(count);
    for (Asked& asked : all) {
      const auto account = static_cast<std::uint32_t>(random() % accounts);
      NewOrder& order = asked.order;
      order.account = order::AccountId(account);
      order.client = order::ClientId(static_cast<std::uint16_t>(account % kClients));
      order.session = order::SessionId(order.client.value());
      order.trader = order::TraderId(static_cast<std::uint16_t>(account % kTraders));
      order.instrument = order::InstrumentId(static_cast<std::uint32_t>(random() % instruments));
      order.side = random() % 2 == 0 ? order::Side::kBuy : order::Side::kSell;
      order.terms = limit_terms(Quantity::of(static_cast<std::int64_t>(random() % 900) * 1000 + 100'000), "1.1000");
      order.now = kNoon;
      order.value.date = kSpot;
      order.self_cross = config::SelfCross::kReject;
      asked.broker = order::BrokerId(static_cast<std::uint16_t>(random() % kBrokers));
    }
    return all;
  }

  // Takes an order, which rests, and of which something is filled: what a scope holds, and what the controls remember, is
  // not all zero afterwards.
  void take(const Asked& asked) {
    CheckLog log;
    const Verdict verdict = engine.evaluate_new(asked.order, log);
    PORTCULLIS_CHECK(verdict.accepted(), "the large firm has room for all of its orders");
    const Place place = place_of(asked);
    engine.count_open(place, 1);
    engine.reserve(place, order::Need(), verdict.need);
    const NewOrder& order = asked.order;
    engine.remember_order(order.account, order.trader, order.instrument, order.side, order.dealt, order.terms,
                          order.now);
    // Away from the market, so that the orders that are asked of meet none of them.
    engine.rest(order.client, order.instrument, place.buys_base, price(place.buys_base ? "1.0500" : "1.1500"));
    engine.count_filled_order(order.session, order.trader, order.instrument, place.buys_base);
  }
  static Place place_of(const Asked& asked) {
    const NewOrder& order = asked.order;
    return Place{
        order.client,  order.account, asked.broker,    order.instrument, order::buys_base(order.side, order.dealt),
        order.session, order.trader,  order.value.date};
  }

  Engine engine;

 private:
  static std::string name(char kind, std::uint32_t index) { return kind + std::to_string(index); }
  static std::optional<std::uint32_t> index_of(order::NameKind, std::string_view text) {
    std::uint32_t index = 0;
    const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), index);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return index;
  }

  std::uint32_t accounts_;
  std::uint32_t instruments_;

  void add_names() {
    const auto add = [this](order::NameKind kind, std::uint32_t index, std::uint32_t owner = 0) {
      order::NameAdded added{};
      added.kind = kind;
      added.index = index;
      added.owner = owner;
      engine.add_name(added);
    };
    for (std::uint32_t i = 0; i < kCurrencies; ++i) add(order::NameKind::kCurrency, i);
    for (std::uint32_t i = 0; i < kGroups; ++i) add(order::NameKind::kGroup, i);
    for (std::uint32_t i = 0; i < kClients; ++i) add(order::NameKind::kClient, i);
    for (std::uint32_t i = 0; i < kClients; ++i) add(order::NameKind::kSession, i, i);
    for (std::uint32_t i = 0; i < accounts_; ++i) add(order::NameKind::kAccount, i, i % kClients);
    for (std::uint32_t i = 0; i < kTraders; ++i) add(order::NameKind::kTrader, i, i % kClients);
    for (std::uint32_t i = 0; i < kBrokers; ++i) add(order::NameKind::kBroker, i);
    // Every third is a cross: two currencies to be valued.
    for (std::uint32_t i = 0; i < instruments_; ++i) {
      const std::uint32_t base = 1 + i % (kCurrencies - 1);
      const std::uint32_t term = i % 3 != 0 ? 0 : 1 + (base + 6) % (kCurrencies - 1);
      add(order::NameKind::kInstrument, i, base << 16 | term);
    }
  }

  config::Config configuration() const {
    config::Config config = example_config();
    config.gateway.currency = name('Y', 0);
    config.risk.firm.max_daily_quantity = config.risk.firm.max_long_position;
    config.risk.firm.max_tenor_days = 1000;
    config.risk.firm.max_credit = config.risk.firm.max_gross_open_notional;
    config.risk.firm.max_drawdown = config.risk.firm.max_daily_loss;
    config.risk.firm.max_spread_percent = config::Percent::of(1);
    config.risk.firm.passive_band_percent = config::Percent::of(5);
    config.risk.tenor_add_on = {{3, config::Percent::of(1)}};
    // What a scope may state of it.
    const auto everything_of = [&config](config::LimitScope scope) {
      config::LimitSet set = config.risk.firm;
      for (const config::LimitInfo& info : config::limits_table()) {
        if (!info.scopes.contains(scope)) config::set_limit(set, info.limit, std::nullopt);
      }
      return set;
    };
    using Of = config::LimitScope;
    config.risk.accounts.clear();
    // Of the accounts a hundred: the look-up of a scope's limits in the configuration is linear.
    for (std::uint32_t i = 0; i < 100; ++i) config.risk.accounts.push_back({name('A', i), everything_of(Of::kAccount)});
    for (std::uint32_t i = 0; i < kClients; ++i) config.risk.clients.push_back({name('C', i), everything_of(Of::kClient)});
    for (std::uint32_t i = 0; i < kClients; ++i) config.risk.sessions.push_back({name('C', i), everything_of(Of::kSession)});
    for (std::uint32_t i = 0; i < kGroups; ++i) config.risk.groups.push_back({name('G', i), everything_of(Of::kGroup)});
    for (std::uint32_t i = 0; i < kTraders; ++i) config.risk.traders.push_back({name('T', i), everything_of(Of::kTrader)});
    for (std::uint32_t i = 0; i < kBrokers; ++i) config.risk.brokers.push_back({name('B', i), everything_of(Of::kBroker)});
    for (std::uint32_t i = 0; i < 100; ++i) config.risk.instruments.push_back({name('I', i), everything_of(Of::kInstrument)});
    for (std::uint32_t i = 0; i < kCurrencies; ++i) config.risk.currencies.push_back({name('Y', i), everything_of(Of::kCurrency)});
    config.instruments.clear();
    for (std::uint32_t i = 0; i < instruments_; ++i) {
      config::Instrument made;
      made.symbol = name('I', i);
      made.price_tick = price("0.0001");
      made.quantity_min = made.quantity_step = Quantity::of(1);
      config.instruments.push_back(std::move(made));
    }
    config.brokers.clear();
    for (std::uint32_t i = 0; i < kBrokers; ++i) config.brokers.emplace_back().id = name('B', i);
    config.clients.clear();
    for (std::uint32_t i = 0; i < kClients; ++i) {
      config::Client& client = config.clients.emplace_back();
      client.id = name('C', i);
      client.throttle = {1'000'000, 1'000'000, config::ThrottleAction::kReject};
      for (std::uint32_t a = i; a < accounts_; a += kClients) client.accounts.push_back(name('A', a));
    }
    return config;
  }
};

}  // namespace portcullis::risk
