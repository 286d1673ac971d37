#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "tests/risk/desk.h"

// What an engine has resolved for earlier decisions and events (risk/scopes.h) changes nothing: a copy, which has
// resolved nothing, decides every order with the same evidence, and every event leaves both with the same state.

namespace portcullis::risk {
namespace {

using order::Scope;

std::string bytes_of(const Engine& engine) {
  std::vector<std::byte> bytes;
  engine.save(bytes);
  std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  // What is worked out from the sums stands in no snapshot.
  engine.state().each_node([&](const Node& node) {
    text += engine.net_open_position(node.exposure).to_string() + ' ';
    for (const SettlementExposure& cell : node.exposure.settlements()) {
      text += node.exposure.settlement(cell.date, engine.state().market).to_string() + ' ';
    }
  });
  return text;
}

class TwoEngines {
 public:
  explicit TwoEngines(std::uint64_t seed) : random_(seed) {}

  void step() {
    switch (pick(0, 13)) {
      case 0:
        return change_market();
      case 1:
        return change_words();
      case 2:
        return pick(0, 9) == 0 ? end_day() : change_market();
      case 3:
      case 4:
        return execute();
      case 5:
        return move_swap();
      case 6:
      case 7:
        return report();
      default:
        return decide();
    }
  }

  int accepted = 0;
  int refused = 0;
  int refused_at_broker = 0;

 private:
  std::int64_t pick(std::int64_t from, std::int64_t to) {
    return std::uniform_int_distribution<std::int64_t>(from, to)(random_);
  }

  // The event happens to an engine that knows the way, and to one that does not.
  void happens(const std::function<void(Engine&)>& event) {
    Engine fresh(desk_.engine);
    event(fresh);
    event(desk_.engine);
    ASSERT_EQ(bytes_of(fresh), bytes_of(desk_.engine));
    const std::optional<Error> fault = desk_.engine.verify();
    ASSERT_FALSE(fault) << fault->what;
  }

  NewOrder ask() {
    NewOrder order = desk_.ask(pick(0, 1) == 0 ? order::Side::kBuy : order::Side::kSell,
                               limit_terms(millions(std::to_string(pick(1, 4))), "1.1000"), order::Dealt::kBase,
                               order::InstrumentId(static_cast<std::uint32_t>(pick(0, 2))));
    if (order.instrument == kGbpUsd) order.terms.price = price("1.2500");
    if (order.instrument == kGbpJpy) order.terms.price = price("187.50");
    order.account = order::AccountId(static_cast<std::uint32_t>(pick(0, 2)));
    order.client = order.account == kBeta1 ? kBeta : kAlpha;
    order.session = order::SessionId(order.client.value());
    if (order.client == kAlpha && pick(0, 1) == 0) order.trader = order::TraderId(0);
    order.value.date = day_ + static_cast<std::int32_t>(pick(0, 3));
    return order;
  }
  Place place_of(const NewOrder& order, order::BrokerId broker) {
    return Place{.client = order.client,
                 .account = order.account,
                 .broker = broker,
                 .instrument = order.instrument,
                 .buys_base = order::buys_base(order.side, order.dealt),
                 .session = order.session,
                 .trader = order.trader,
                 .settle_date = order.value.date};
  }
  order::BrokerId a_broker() { return order::BrokerId(static_cast<std::uint16_t>(pick(0, 1))); }

  void decide() {
    const NewOrder order = ask();
    const order::BrokerId broker = a_broker();
    const Engine fresh(desk_.engine);
    const auto answer = [&](const Engine& engine, Verdict& verdict) {
      CheckLog log;
      verdict = engine.evaluate_new(order, log);
      order::Reject reject = verdict.reject;
      if (!reject) reject = engine.evaluate_broker(broker, order, verdict, log);
      const auto lines = std::as_bytes(log.results());
      return std::string(reinterpret_cast<const char*>(lines.data()), lines.size()) + std::string(reject.text.view());
    };
    Verdict verdict;
    Verdict of_fresh;
    const std::string said = answer(desk_.engine, verdict);
    ASSERT_EQ(said, answer(fresh, of_fresh));
    ASSERT_EQ(verdict.need, of_fresh.need);
    decide_at_once(order, broker);
    verdict.accepted() ? ++accepted : ++refused;
    if (!verdict.accepted()) return;
    happens([&](Engine& engine) {
      engine.count_open(place_of(order, broker), 1);
      engine.reserve(place_of(order, broker), order::Need(), verdict.need);
    });
  }
  // The broker asked with all other scopes decides as the two questions one after the other do.
  void decide_at_once(const NewOrder& order, order::BrokerId broker) {
    const Engine& engine = desk_.engine;
    CheckLog log;
    const Verdict alone = engine.evaluate_new(order, log);
    order::Reject at_broker;
    if (alone.accepted()) at_broker = engine.evaluate_broker(broker, order, alone, log);
    CheckLog log_at_once;
    const Verdict at_once = engine.evaluate_new(order, log_at_once, broker);
    ASSERT_EQ(at_once.reject.code, alone.reject.code);
    ASSERT_EQ(at_once.reject.text, alone.reject.text);
    ASSERT_EQ(at_once.broker.has_value(), alone.accepted() && !at_broker);
    if (alone.accepted()) {
      ASSERT_EQ(at_once.need, alone.need);
    }
    // Each control's line is of the scope that has the least left.
    for (const order::CheckResult& line : log_at_once.results()) {
      if (line.control != order::Control::kD2 || line.passed == 0) continue;
      for (const Node* node : path_of<const Node>(engine.state(), place_of(order, at_once.broker))) {
        if (!node->limits.stated_here(Limit::kMaxGrossOpenNotional)) continue;
        const std::int64_t left =
            node->limits[Limit::kMaxGrossOpenNotional] - node->exposure.gross_open_notional().raw();
        ASSERT_LE(line.limit - line.usage, left);
      }
    }
    if (at_broker) ++refused_at_broker;
  }
  void execute() {
    const NewOrder order = ask();
    const order::BrokerId broker = pick(0, 5) == 0 ? order::BrokerId::none() : a_broker();
    happens([&](Engine& engine) {
      const auto booking =
          engine.booking_of(order.instrument, order.side, order.dealt, order.terms.order_qty, order.terms.price);
      if (broker.has_value() && pick_suspense_) {
        engine.suspend(order.instrument, broker, true, booking);
      } else {
        engine.book(place_of(order, broker), booking);
      }
    });
    pick_suspense_ = pick(0, 5) == 0;
  }
  // All that a report moves at once is what its parts move one by one, whether the sums' worth is kept up or not.
  void report() {
    const NewOrder order = ask();
    const Place place = place_of(order, a_broker());
    const order::Need open{order.terms.order_qty, money("4000000"), money("4500000")};
    const order::Need left{millions("0.5"), money("500000"), money("600000")};
    const order::Need after = pick(0, 3) == 0 ? open : pick(0, 1) == 0 ? left : order::Need();
    order::Booking booking;
    if (pick(0, 3) != 0) {
      booking = desk_.engine.booking_of(order.instrument, order.side, order.dealt, order.terms.order_qty,
                                        order.terms.price);
    }
    happens([&](Engine& engine) { engine.move(place, order::Need(), open, order::Booking(), 1); });
    Engine parts(desk_.engine);
    parts.reserve(place, open, after);
    parts.book(place, booking);
    parts.count_open(place, -1);
    desk_.engine.keep_marks(pick(0, 2) != 0);
    happens([&](Engine& engine) { engine.move(place, open, after, booking, -1); });
    ASSERT_EQ(bytes_of(parts), bytes_of(desk_.engine));
    // Kept again, it is worked out anew.
    desk_.engine.keep_marks(true);
    happens([&](Engine& engine) { engine.move(place, after, order::Need(), order::Booking(), 0); });
    const State& state = desk_.engine.state();
    if (after != order::Need()) {
      ASSERT_TRUE(state.firm.exposure.is_marked(state.market));
    }
  }
  void move_swap() {
    const NewOrder order = ask();
    Place place = place_of(order, a_broker());
    place.settle_date = 0;
    const SwapDates dates{order.value.date, order.value.date + static_cast<std::int32_t>(pick(1, 5))};
    const order::SwapNeed need{millions("1"), Quantity(), Amount(), money("10"), money("5"), money("7"), millions("2")};
    happens([&](Engine& engine) {
      engine.reserve_swap(place, dates, order::SwapNeed(), need);
      engine.settle_swap(place, dates, {money("100"), money("-110"), money("-100"), money("111")});
      engine.reserve_swap(place, dates, need, order::SwapNeed());
    });
  }
  void change_market() {
    const order::CurrencyId currency(static_cast<std::uint16_t>(pick(1, 3)));
    const Rate rate = Rate::from_raw(pick(900, 1100) * 1'000'000'000);
    happens([&](Engine& engine) { engine.set_rate(currency, rate, kNoon, false); });
  }
  void change_words() {
    const Scope scopes[] = {Scope::kFirm,   Scope::kClient, Scope::kAccount,
                            Scope::kBroker, Scope::kTrader, Scope::kGroup};
    const Scope scope = scopes[pick(0, 5)];
    const auto version = desk_.engine.limits_version() + 1;
    const auto limit =
        static_cast<std::uint16_t>(pick(0, 1) == 0 ? Limit::kMaxNetOpenPosition : Limit::kMaxGrossOpenNotional);
    const std::int64_t raw = pick(1, 500) * 100'000'000;
    const bool forget = pick(0, 2) != 0;
    const auto group = pick(0, 1) == 0 ? order::GroupId::none() : order::GroupId(0);
    const auto state = pick(0, 3) == 0 ? order::ScopeState::kReduceOnly : order::ScopeState::kActive;
    const bool joins = pick(0, 3) == 0;
    happens([&](Engine& engine) {
      if (joins) return engine.set_group(kAlpha, group);
      forget ? engine.forget_limit(scope, 0, limit, version) : engine.set_limit(scope, 0, limit, raw, false, version);
      engine.set_scope_state(scope, 0, state);
    });
  }
  void end_day() {
    ++day_;
    happens([this](Engine& engine) { engine.start_day(day_); });
  }

  std::mt19937_64 random_;
  Desk desk_;
  std::int32_t day_ = kSpot;
  bool pick_suspense_ = false;
};

TEST(Resolved, DecidesAndAppliesLikeAnEngineThatHasResolvedNothing) {
  int accepted = 0;
  int refused = 0;
  int refused_at_broker = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    TwoEngines engines(seed);
    for (int i = 0; i < 400; ++i) {
      engines.step();
      if (testing::Test::HasFatalFailure()) return;
    }
    accepted += engines.accepted;
    refused += engines.refused;
    refused_at_broker += engines.refused_at_broker;
  }
  EXPECT_GT(accepted, 200);
  EXPECT_GT(refused, 200);
  EXPECT_GT(refused_at_broker, 20) << "by the broker's own limits alone";
}

}  // namespace
}  // namespace portcullis::risk
