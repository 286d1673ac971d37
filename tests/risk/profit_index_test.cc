#include "risk/profit_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/risk/desk.h"

// Whom a quote and a rate move (E1), held against a walk over everything: after random executions, busts, quotes, told
// and derived rates, days and restarts each profit is what its executions are worth at the market of now, and nobody is
// looked at whose loss has not moved.

namespace portcullis::risk {
namespace {

using Key = std::pair<order::Scope, std::uint32_t>;

std::vector<std::byte> saved(const Engine& engine) {
  std::vector<std::byte> bytes;
  engine.save(bytes);
  return bytes;
}

Wide floored(Wide value, Wide by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

// In the risk currency, from nothing that was kept of it.
Amount worth(const State& state, const Node& node) {
  Wide sum = 0;
  node.profit.each([&](order::InstrumentId id, const InstrumentProfit& profit) {
    const Instrument& instrument = state.instruments[id.value()];
    const Wide term = floored(profit.total(state.market.quote(id), instrument.multiplier), 1'000'000'000);
    sum += floored(term * state.market.last_rate(instrument.term).raw(), 1'000'000'000'000);
  });
  return Amount::from_raw(static_cast<std::int64_t>(sum));
}

std::map<Key, Amount> totals(const State& state) {
  std::map<Key, Amount> all;
  state.each_node([&](const Node& node) {
    if (keeps_profit(node.scope)) all[{node.scope, node.id}] = node.profit.total();
  });
  return all;
}

std::vector<Key> moved(const Engine& engine) {
  std::vector<Key> all;
  engine.each_moved_profit([&](const Node& node) { all.emplace_back(node.scope, node.id); });
  return all;
}

// Those of `after` that are others than `before`, in the order in which scopes are visited.
std::vector<Key> changed(const State& state, const std::map<Key, Amount>& before) {
  std::vector<Key> all;
  state.each_node([&](const Node& node) {
    if (!keeps_profit(node.scope)) return;
    const auto known = before.find({node.scope, node.id});
    if (known == before.end() || known->second != node.profit.total()) all.emplace_back(node.scope, node.id);
  });
  return all;
}

constexpr order::CurrencyId kRiskCurrencies[] = {kUsd, kEur};

// A desk in one of two risk currencies, on which no rate is told at first: they follow from quotes, in euros through
// the dollar.
Engine engine_in(order::CurrencyId risk_currency) {
  config::Config config = example_config();
  config.gateway.currency = risk_currency == kUsd ? "USD" : "EUR";
  Engine engine;
  add_example_names(engine);
  // More accounts, so that a few are few.
  for (std::uint32_t i = 3; i < 200; ++i) {
    order::NameAdded name{};
    name.kind = order::NameKind::kAccount;
    name.index = i;
    name.owner = i % 2;
    engine.add_name(name);
  }
  engine.configure(config, example_index);
  engine.set_quote(kEurUsd, price("1.0999"), price("1.1001"), kNoon, true);
  engine.set_quote(kGbpUsd, price("1.2499"), price("1.2501"), kNoon, true);
  engine.forget_moved_profits();
  return engine;
}

class History {
 public:
  History(std::uint64_t seed, order::CurrencyId risk_currency)
      : random_(seed), risk_currency_(risk_currency), engine_(engine_in(risk_currency)) {}

  void step() {
    const std::map<Key, Amount> before = totals(engine_.state());
    bool day_ends = false;
    switch (pick(0, 11)) {
      case 0:
      case 1:
      case 2:
        execute();
        ASSERT_TRUE(looked_at_includes(changed(engine_.state(), before)));
        break;
      case 3:
        take_back();
        break;
      case 4:
        day_ends = pick(0, 4) == 0;
        if (day_ends)
          engine_.start_day(++day_, pick(0, 2) == 0 ? config::RollPositions::kFlat : config::RollPositions::kCarry);
        break;
      case 5:
        if (pick(0, 5) == 0) restart();
        break;
      case 6: {
        engine_.forget_moved_profits();
        const order::CurrencyId currency(static_cast<std::uint16_t>(pick(0, 3)));
        if (currency == kJpy || pick(0, 5) == 0) {
          engine_.set_rate(currency, Rate::from_raw(pick(900, 1100) * 1'000'000'000), kNoon, false);
          ASSERT_EQ(moved(engine_), changed(engine_.state(), before));
        }
        break;
      }
      default:
        engine_.forget_moved_profits();
        quote();
        ASSERT_EQ(moved(engine_), changed(engine_.state(), before));
        quotes_that_move_ += moved(engine_).empty() ? 0 : 1;
        break;
    }
    compare(day_ends);
  }

  int quotes_that_move() const { return quotes_that_move_; }
  bool rates_were_derived() const {
    const CurrencyRate* rate = engine_.state().market.rate(kGbp);
    return rate != nullptr && rate->derived;
  }

 private:
  struct Done {
    Place place;
    order::Booking booking;
  };

  std::int64_t pick(std::int64_t from, std::int64_t to) {
    return std::uniform_int_distribution<std::int64_t>(from, to)(random_);
  }
  void execute() {
    Place place;
    place.account = order::AccountId(static_cast<std::uint32_t>(pick(0, 9) == 0 ? pick(0, 199) : pick(0, 4)));
    place.client =
        order::ClientId(static_cast<std::uint16_t>(engine_.state().accounts[place.account.value()].owner.value()));
    place.session = order::SessionId(place.client.value());
    if (pick(0, 2) == 0 && place.client == kAlpha) place.trader = order::TraderId(0);
    if (pick(0, 9) != 0) place.broker = order::BrokerId(static_cast<std::uint16_t>(pick(0, 1)));
    place.instrument = order::InstrumentId(static_cast<std::uint32_t>(pick(0, 2)));
    const order::Side side = pick(0, 1) == 0 ? order::Side::kBuy : order::Side::kSell;
    place.buys_base = side == order::Side::kBuy;
    // Few sizes, so that positions are often flat again.
    const Quantity quantity = Quantity::of(pick(1, 2) * 1'000'000);
    const Price at = place.instrument == kGbpJpy ? price("187.50") : price("1.1");
    const order::Booking booking = engine_.booking_of(place.instrument, side, order::Dealt::kBase, quantity, at);
    engine_.book(place, booking);
    done_.push_back({place, booking});
  }
  void take_back() {
    if (done_.empty()) return;
    const Done last = done_[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(done_.size()) - 1))];
    engine_.book(last.place, reversed(last.booking));
  }
  void quote() {
    const order::InstrumentId instrument(static_cast<std::uint32_t>(pick(0, 2)));
    const std::int64_t unit = instrument == kGbpJpy ? 10'000'000'000 : 100'000'000;
    const Price bid = Price::from_raw(pick(90, 110) * unit / 10);
    engine_.set_quote(instrument, bid, Price::from_raw(bid.raw() + pick(0, 2) * unit / 1'000), kNoon, false);
  }
  void restart() {
    const std::vector<std::byte> bytes = saved(engine_);
    Engine loaded;
    std::span<const std::byte> in(bytes);
    ASSERT_TRUE(loaded.load(in).ok());
    config::Config config = example_config();
    config.gateway.currency = risk_currency_ == kUsd ? "USD" : "EUR";
    loaded.configure(config, example_index);
    ASSERT_EQ(saved(loaded), bytes);
    // Both go on alike.
    Engine other = std::exchange(engine_, std::move(loaded));
    const auto happens = [&](const std::function<void(Engine&)>& event) {
      event(engine_);
      event(other);
      compare(false);
      ASSERT_EQ(saved(engine_), saved(other));
    };
    happens([](Engine& e) { e.set_quote(kEurUsd, price("1.0777"), price("1.0778"), kNoon, false); });
    happens([](Engine& e) { e.set_rate(kJpy, *Rate::parse("0.0077"), kNoon, false); });
    happens([](Engine& e) { e.set_quote(kGbpUsd, price("1.1777"), price("1.1778"), kNoon, false); });
  }
  bool looked_at_includes(const std::vector<Key>& keys) {
    const std::vector<Key> all = moved(engine_);
    return std::includes(all.begin(), all.end(), keys.begin(), keys.end());
  }
  void compare(bool day_ends) {
    const std::optional<Error> fault = engine_.verify();
    ASSERT_FALSE(fault) << fault->what;
    const State& state = engine_.state();
    state.each_node([&](const Node& node) {
      if (!keeps_profit(node.scope)) return;
      const Amount total = worth(state, node);
      ASSERT_EQ(node.profit.total(), total) << order::to_string(node.scope) << " " << node.id;
      Amount& peak = peaks_[{node.scope, node.id}];
      if (day_ends) peak = Amount();
      peak = std::max(peak, total);
      ASSERT_EQ(node.profit.peak(), peak) << order::to_string(node.scope) << " " << node.id;
    });
  }

  std::mt19937_64 random_;
  order::CurrencyId risk_currency_;
  Engine engine_;
  std::int32_t day_ = kSpot;
  std::vector<Done> done_;
  std::map<Key, Amount> peaks_;
  int quotes_that_move_ = 0;
};

TEST(ProfitIndex, AgreesWithAWalkOverEverythingAfterRandomHistories) {
  int quotes_that_move = 0;
  int derived = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    History history(seed, kRiskCurrencies[seed % 2]);
    for (int i = 0; i < 300; ++i) {
      history.step();
      if (testing::Test::HasFatalFailure()) FAIL() << "step " << i;
    }
    quotes_that_move += history.quotes_that_move();
    derived += history.rates_were_derived() ? 1 : 0;
  }
  EXPECT_GT(quotes_that_move, 200);
  EXPECT_GT(derived, 0) << "some rate has followed from quotes to the end";
}

Place of_account(std::uint32_t account, order::InstrumentId instrument) {
  return Place{.client = order::ClientId(static_cast<std::uint16_t>(account % 2)),
               .account = order::AccountId(account),
               .broker = kNorth,
               .instrument = instrument,
               .session = order::SessionId(static_cast<std::uint16_t>(account % 2))};
}

// What a quote costs follows from the length of the list that it goes through.
TEST(ProfitIndex, AQuoteVisitsWhoHoldsSomethingInItsInstrument) {
  Engine engine = engine_in(kUsd);
  const auto execute = [&engine](std::uint32_t account, order::InstrumentId instrument, order::Side side) {
    Place place = of_account(account, instrument);
    place.buys_base = side == order::Side::kBuy;
    engine.book(place, engine.booking_of(instrument, side, order::Dealt::kBase, millions("1"), price("1.1000")));
  };
  for (std::uint32_t account = 0; account < 100; ++account) execute(account, kGbpUsd, order::Side::kBuy);
  for (std::uint32_t account = 100; account < 110; ++account) execute(account, kEurUsd, order::Side::kBuy);
  const auto listed = [&engine](Profit::Listed list) { return engine.state().profits.find(kEurUsd, list)->size(); };
  // Ten accounts, two clients, the broker and the firm.
  EXPECT_EQ(listed(Profit::kHeld), 14u);
  EXPECT_EQ(listed(Profit::kCounted), 14u);

  engine.forget_moved_profits();
  engine.set_quote(kEurUsd, price("1.0899"), price("1.0901"), kNoon, false);
  std::vector<Key> expected = {{order::Scope::kFirm, 0}, {order::Scope::kClient, 0}, {order::Scope::kClient, 1}};
  for (std::uint32_t account = 100; account < 110; ++account) expected.emplace_back(order::Scope::kAccount, account);
  expected.emplace_back(order::Scope::kBroker, 0);
  EXPECT_EQ(moved(engine), expected);

  // Who is flat is not visited any more, though what it has lost counts on.
  for (std::uint32_t account = 101; account < 110; ++account) execute(account, kEurUsd, order::Side::kSell);
  engine.set_quote(kEurUsd, price("1.0799"), price("1.0801"), kNoon, false);
  EXPECT_EQ(listed(Profit::kHeld), 4u) << "an account, its client, the broker and the firm";
  EXPECT_EQ(listed(Profit::kCounted), 14u);
  EXPECT_FALSE(engine.verify());
  // And is again when it is long again.
  execute(105, kEurUsd, order::Side::kBuy);
  EXPECT_EQ(listed(Profit::kHeld), 6u);
  EXPECT_EQ(engine.state().accounts[105].profit.total(), worth(engine.state(), engine.state().accounts[105]));
  EXPECT_FALSE(engine.verify());
}

TEST(ProfitIndex, AQuoteThatMovesADerivedRateMovesWhatIsSettledInIt) {
  Engine engine = engine_in(kUsd);
  // 1m pounds in yen that are worth nothing known yet.
  Place place = of_account(7, kGbpJpy);
  engine.book(place,
              engine.booking_of(kGbpJpy, order::Side::kBuy, order::Dealt::kBase, millions("1"), price("187.50")));
  engine.set_quote(kGbpJpy, price("188.50"), price("188.52"), kNoon, false);
  EXPECT_EQ(engine.state().accounts[7].profit.total(), money("0")) << "nobody knows what a yen is worth";
  engine.set_rate(kJpy, *Rate::parse("0.01"), kNoon, false);
  EXPECT_EQ(engine.state().accounts[7].profit.total(), money("10000"));
}

// In euros all rates hang on the quote of EUR/USD.
TEST(ProfitIndex, AQuoteOfTheDollarInTheRiskCurrencyMovesEveryRateThatFollowsFromIt) {
  Engine engine = engine_in(kEur);
  const Place place = of_account(7, kGbpUsd);
  engine.book(place,
              engine.booking_of(kGbpUsd, order::Side::kBuy, order::Dealt::kBase, millions("1"), price("1.2600")));
  const Amount before = engine.state().accounts[7].profit.total();
  EXPECT_LT(before, money("-9000"));  // 10,100 dollars lost
  engine.set_quote(kEurUsd, price("1.3999"), price("1.4001"), kNoon, false);
  EXPECT_GT(engine.state().accounts[7].profit.total(), before) << "a dollar is worth less, and so is what is owed";
  EXPECT_EQ(engine.state().accounts[7].profit.total(), worth(engine.state(), engine.state().accounts[7]));
}

}  // namespace
}  // namespace portcullis::risk
