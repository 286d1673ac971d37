#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/risk/desk.h"

// What an event brings up to date where it changes something, and nowhere else, is what a start works out from
// everything: the limits that hold in each scope, what D8 counts as lent, and which sessions are slow.

namespace portcullis::risk {
namespace {

using order::Scope;

constexpr Limit kChanged[] = {Limit::kMaxOpenOrders, Limit::kMaxOrderNotional, Limit::kMaxCredit,
                              Limit::kPassiveBandPercent, Limit::kMaxDailyLoss};

config::Config lending_config() {
  config::Config config = example_config();
  config.risk.absolute.max_open_orders = 900;
  config.risk.clients = {config::ScopeLimits{"alpha", {}}};
  config.risk.clients.front().limits.max_open_orders = 500;
  config::LimitSet& euro = config.risk.clients.front().instruments.emplace_back("EUR/USD", config::LimitSet()).second;
  euro.max_long_position = Quantity::of(7'000'000);
  config.risk.tenor_add_on = {{2, config::Percent::of(3)}};
  // The third instrument is no pair here: units that are worth what their quote says.
  config.instruments[2].type = config::InstrumentType::kStock;
  return config;
}

Engine restarted(const Engine& engine) {
  std::vector<std::byte> bytes;
  engine.save(bytes);
  Engine loaded;
  std::span<const std::byte> in(bytes);
  EXPECT_TRUE(loaded.load(in).ok());
  loaded.configure(lending_config(), example_index);
  return loaded;
}

std::string what_holds(const Engine& engine) {
  const State& state = engine.state();
  std::string text;
  state.each_node([&](const Node& node) {
    text += std::string(order::to_string(node.scope)) + " " + std::to_string(node.id) + ":";
    for (std::size_t i = 0; i < kLimitCount; ++i) {
      const auto limit = static_cast<Limit>(i);
      text += " " + std::to_string(node.limits[limit]) + (node.limits.stated_here(limit) ? "!" : "");
      for (const Node& crossed : node.crossed) text += "/" + std::to_string(crossed.limits[limit]);
    }
    text += "\n";
  });
  text += state.any_passive_band ? "a passive band\n" : "";
  for (const Session& session : state.sessions) text += session.slowed ? "slow " : "fast ";
  text += "\nlent: " + state.credit.of_all().to_string();
  for (std::uint16_t i = 0; i < state.clients.size(); ++i)
    text += " " + state.credit.of(order::ClientId(i)).to_string();
  for (std::uint16_t i = 0; i < state.brokers.size(); ++i)
    text += " " + state.credit.of(order::BrokerId(i)).to_string();
  return text;
}

class Changes {
 public:
  explicit Changes(std::uint64_t seed) : random_(seed) {
    add_example_names(engine);
    engine.configure(lending_config(), example_index);
    engine.set_rate(kEur, *Rate::parse("1.10"), kNoon, true);
    engine.set_rate(kGbp, *Rate::parse("1.25"), kNoon, true);
    engine.set_rate(kJpy, *Rate::parse("0.0067"), kNoon, true);
    engine.start_day(kSpot - 2);
  }

  void step() {
    switch (below(8)) {
      case 0:
      case 1:
        return change_limit();
      case 2:
        return engine.set_group(order::ClientId(static_cast<std::uint16_t>(below(2))),
                                below(2) == 0 ? order::GroupId(0) : order::GroupId::none());
      case 3: {
        const Price bid = Price::from_raw(static_cast<std::int64_t>(90 + below(20)) * 10'000'000);
        return engine.set_quote(order::InstrumentId(static_cast<std::uint32_t>(below(3))), bid, bid, kNoon, false);
      }
      case 4:
        if (below(3) != 0) return trade();
        return engine.set_rate(order::CurrencyId(static_cast<std::uint16_t>(1 + below(3))),
                               Rate::from_raw(static_cast<std::int64_t>(800 + below(400)) * 1'000'000'000), kNoon,
                               false);
      case 5: {
        constexpr Scope kScopes[] = {Scope::kFirm, Scope::kClient, Scope::kAccount, Scope::kBroker};
        const LevelReached to{Limit::kMaxOpenOrders,
                              static_cast<std::uint8_t>(below(2)),
                              below(2) == 0 ? config::Response::kSlow : config::Response::kWarn,
                              0,
                              LevelReached::kNoCell,
                              kNoon};
        const Scope scope = kScopes[below(4)];
        return engine.set_level(scope, scope == Scope::kFirm ? 0 : static_cast<std::uint32_t>(below(2)), to);
      }
      case 6:
        // A trader comes with an order, after the configuration.
        if (engine.state().traders.size() < 6 && below(10) == 0) {
          order::NameAdded name{};
          name.kind = order::NameKind::kTrader;
          name.index = static_cast<std::uint32_t>(engine.state().traders.size());
          name.owner = static_cast<std::uint32_t>(below(2));
          return engine.add_name(name);
        }
        return trade();
      default:
        return trade();
    }
  }

  Engine engine;

 private:
  std::uint64_t below(std::uint64_t count) { return random_() % count; }
  void change_limit() {
    const auto scope = static_cast<Scope>(below(9));
    const auto id = static_cast<std::uint32_t>(below(3));
    if (engine.state().find(scope, id) == nullptr) return;
    const auto limit = static_cast<std::uint16_t>(kChanged[below(std::size(kChanged))]);
    const std::uint64_t version = engine.limits_version() + 1;
    switch (below(4)) {
      case 0:
        return engine.forget_limit(scope, id, limit, version);
      case 1:
        return engine.set_limit(scope, id, limit, 0, true, version);
      default:
        return engine.set_limit(scope, id, limit, static_cast<std::int64_t>(below(2'000)), false, version);
    }
  }
  void trade() {
    Place place;
    place.account = order::AccountId(static_cast<std::uint32_t>(below(3)));
    place.client = place.account == kBeta1 ? kBeta : kAlpha;
    place.session = order::SessionId(place.client.value());
    place.broker = order::BrokerId(static_cast<std::uint16_t>(below(2)));
    place.instrument = order::InstrumentId(static_cast<std::uint32_t>(below(3)));
    place.buys_base = below(2) == 0;
    if (place.instrument != kGbpJpy) place.settle_date = kSpot + static_cast<std::int32_t>(below(3));
    const order::Need need{millions("1"), money("1100000"), money("1100000")};
    const order::Need left = below(2) == 0 ? order::Need() : need;
    order::Booking booking;
    if (below(2) == 0) {
      booking = engine.booking_of(place.instrument, place.buys_base ? order::Side::kBuy : order::Side::kSell,
                                  order::Dealt::kBase, millions("1"), price("1.1"));
    }
    engine.move(place, order::Need(), need, order::Booking(), 1);
    engine.move(place, need, left, booking, left == order::Need() ? -1 : 0);
  }

  std::mt19937_64 random_;
};

TEST(KeptUp, WhatHoldsIsWhatAStartWorksOutAnew) {
  int lent = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    Changes changes(seed);
    for (int i = 0; i < 250; ++i) {
      changes.step();
      const Engine anew = restarted(changes.engine);
      ASSERT_EQ(what_holds(changes.engine), what_holds(anew)) << "step " << i;
      lent += changes.engine.state().credit.of_all().is_positive() ? 1 : 0;
    }
  }
  EXPECT_GT(lent, 300);
}

}  // namespace
}  // namespace portcullis::risk
