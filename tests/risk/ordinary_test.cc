#include "risk/ordinary.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/risk/desk.h"

// An order that is taken in one sweep is decided as the controls decide it, one by one: the same answer, the same
// amounts, the same evidence byte for byte, whatever the limits, the market and the history are.

namespace portcullis::risk {
namespace {

using order::Scope;

config::Config any_config(std::mt19937_64& random) {
  config::Config config = example_config();
  config.reference.stale_after = random() % 3 == 0 ? Duration() : Duration::seconds(20);
  config.risk.offset = random() % 4 == 0 ? config::PositionOffset::kNone : config::PositionOffset::kFull;
  if (random() % 4 == 0) config.risk.restricted = {"GBP/USD"};
  if (random() % 3 == 0) config.risk.tenor_add_on = {{2, config::Percent::of(1)}, {4, config::Percent::of(3)}};
  config.instruments[1].collar_without_data =
      random() % 2 == 0 ? config::CollarWithoutData::kAllow : config::CollarWithoutData::kReject;
  if (random() % 8 == 0) config.instruments[2].type = config::InstrumentType::kFxNdf;
  if (random() % 8 == 0) config.instruments[1].type = config::InstrumentType::kFxSwap;
  config.clients[0].throttle = {1, 6, config::ThrottleAction::kReject};
  if (random() % 4 == 0) config.clients[1].throttle = {1, 6, config::ThrottleAction::kDelay};
  config.risk.groups = {config::ScopeLimits{"funds", {}}};
  config.risk.traders = {config::ScopeLimits{"alpha/ann", {}}};
  if (random() % 6 == 0) {
    config.risk.accounts[0].permissions = std::vector<config::Permission>{{{"EUR/USD"}, true, random() % 2 == 0}};
  }
  return config;
}

class BothWays {
 public:
  explicit BothWays(std::uint64_t seed) : random_(seed), desk_(any_config(random_)) {
    desk_.engine.set_group(kAlpha, order::GroupId(0));
    desk_.engine.start_day(kSpot - 2);
  }

  void step() {
    switch (pick(16)) {
      case 0:
        return change_limit();
      case 1:
        return change_market();
      case 2:
        return change_state();
      case 3:
        now_ = now_ + Duration::seconds(pick(20) == 0 ? 40 : static_cast<std::int64_t>(pick(2)));
        return;
      case 4:
        return execute();
      case 5:
        return decide_at_the_edge();
      default:
        return decide();
    }
  }

  int swept = 0;
  int accepted = 0;
  int refused = 0;
  int at_the_edge = 0;  // swept, of those that use up a limit to the last
  int over_the_edge = 0;

 private:
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }
  bool one_in(std::uint64_t of) { return pick(of) == 0; }

  NewOrder ask() {
    NewOrder order;
    order.instrument = order::InstrumentId(static_cast<std::uint32_t>(pick(3)));
    order.client = one_in(3) ? kBeta : kAlpha;
    order.account = one_in(20)              ? order::AccountId::none()
                    : order.client == kBeta ? kBeta1
                                            : order::AccountId(static_cast<std::uint32_t>(pick(2)));
    if (one_in(30)) order.account = kBeta1;
    order.session = one_in(40) ? order::SessionId::none() : order::SessionId(order.client.value());
    if (order.client == kAlpha && one_in(2)) order.trader = order::TraderId(0);
    order.side = one_in(2) ? order::Side::kBuy : order::Side::kSell;
    order.dealt = one_in(12) ? order::Dealt::kTerm : order::Dealt::kBase;
    order.terms = limit_terms(Quantity::from_raw(static_cast<std::int64_t>(pick(6'000)) * 1'000'000), "1.1000");
    if (one_in(30)) order.terms.order_qty = Quantity::from_raw(5'003);
    const std::int64_t middle = price(order.instrument == kEurUsd   ? "1.1000"
                                      : order.instrument == kGbpUsd ? "1.2500"
                                                                    : "187.50")
                                    .raw();
    order.terms.price = Price::from_raw(middle + (static_cast<std::int64_t>(pick(61)) - 30) * middle / 1'000 / 1'000'000 * 1'000'000);
    if (one_in(30)) order.terms.price = Price::from_raw(order.terms.price.raw() + 1);
    if (one_in(12)) order.terms.ord_type = order::OrdType::kMarket;
    if (one_in(20)) {
      order.terms.ord_type = order::OrdType::kStopLimit;
      order.terms.has_stop_px = true;
      order.terms.stop_px = order.terms.price;
    }
    if (one_in(4)) order.terms.time_in_force = order::TimeInForce::kImmediateOrCancel;
    if (one_in(40)) order.terms.time_in_force = order::TimeInForce::kAtTheOpening;
    order.now = now_;
    order.value.date = one_in(30) ? 0 : kSpot - 3 + static_cast<std::int32_t>(pick(8));
    order.value.broken = one_in(6);
    if (one_in(40)) order.value.fault = DateFault::kNotBusiness;
    order.self_cross = one_in(3) ? config::SelfCross::kReject : config::SelfCross::kOff;
    order.duplicate_cl_ord_id = one_in(40);
    return order;
  }
  Place place_of(const NewOrder& order, order::BrokerId broker) {
    return Place{order.client,  order.account, broker,          order.instrument, order::buys_base(order.side, order.dealt),
                 order.session, order.trader,  order.value.date};
  }

  void decide() {
    decide(one_in(4) ? last_ : ask(), one_in(5) ? order::BrokerId::none()
                                                : order::BrokerId(static_cast<std::uint16_t>(pick(20) == 0 ? 7 : pick(2))));
  }
  // Once more with the limit of some line of the evidence where the order uses it up to the last, or by the least there
  // is too much.
  void decide_at_the_edge() {
    const NewOrder order = ask();
    const order::BrokerId candidate(static_cast<std::uint16_t>(pick(2)));
    Engine& engine = desk_.engine;
    CheckLog log;
    if (!engine.evaluate_new(order, log, candidate).accepted()) return;
    const auto lines = log.results();
    std::size_t at = pick(lines.size());
    for (std::size_t tries = 0; tries < lines.size() && !limit_of(lines[at], order); ++tries) at = (at + 1) % lines.size();
    const order::CheckResult line = lines[at];
    const auto limit = limit_of(line, order);
    const std::int64_t over = static_cast<std::int64_t>(pick(2));
    const std::int64_t edge = line.usage + line.delta - over;
    if (!limit || edge < 0 || !engine.has_limits(line.scope, line.node)) return;
    const std::uint64_t version = engine.limits_version() + 1;
    engine.set_limit(line.scope, line.node, static_cast<std::uint16_t>(*limit), edge, false, version);
    const int before = swept;
    const int refused_before = refused;
    decide(order, candidate);
    at_the_edge += over == 0 ? swept - before : 0;
    over_the_edge += over == 1 ? refused - refused_before : 0;
    engine.forget_limit(line.scope, line.node, static_cast<std::uint16_t>(*limit), version + 1);
  }
  // Of controls that hold a sum, or an amount of the order, to a limit.
  static std::optional<Limit> limit_of(const order::CheckResult& line, const NewOrder& order) {
    switch (line.control) {
      case order::Control::kA6: return Limit::kMaxTenorDays;
      case order::Control::kB1: return Limit::kMaxOrderQuantity;
      case order::Control::kB2: return Limit::kMaxOrderNotional;
      case order::Control::kD1: return Limit::kMaxOpenOrders;
      case order::Control::kD2: return Limit::kMaxGrossOpenNotional;
      case order::Control::kD3:
        return order::buys_base(order.side, order.dealt) ? Limit::kMaxLongPosition : Limit::kMaxShortPosition;
      case order::Control::kD4: return Limit::kMaxCurrencyPosition;
      case order::Control::kD5: return Limit::kMaxNetOpenPosition;
      case order::Control::kD6: return Limit::kMaxDailySettlement;
      case order::Control::kD7:
        return line.delta == order.terms.order_qty.raw() ? Limit::kMaxDailyQuantity : Limit::kMaxDailyVolume;
      case order::Control::kD8: return Limit::kMaxCredit;
      default: return std::nullopt;
    }
  }
  void decide(const NewOrder& order, order::BrokerId candidate) {
    last_ = order;
    Engine& engine = desk_.engine;
    const auto answer = [&](bool sweep, Verdict& verdict) {
      engine.sweep_ordinary(sweep);
      CheckLog log;
      verdict = engine.evaluate_new(order, log, candidate);
      const auto lines = std::as_bytes(log.results());
      return std::string(reinterpret_cast<const char*>(lines.data()), lines.size());
    };
    Verdict swept_one;
    Verdict verdict;
    const std::string evidence = answer(true, swept_one);
    ASSERT_EQ(evidence, answer(false, verdict)) << "the evidence of " << verdict.reject.text.view();
    ASSERT_EQ(swept_one.reject.code, verdict.reject.code);
    ASSERT_EQ(swept_one.reject.text, verdict.reject.text);
    ASSERT_EQ(swept_one.broker, verdict.broker);
    if (verdict.accepted()) {
      ASSERT_EQ(swept_one.need, verdict.need);
      ASSERT_EQ(swept_one.swap_need, verdict.swap_need);
      ASSERT_EQ(swept_one.valuation, verdict.valuation);
      // What a broker is asked with afterwards.
      ASSERT_EQ(at(kSouth, order, swept_one), at(kSouth, order, verdict));
      if (was_swept(order, verdict.broker)) ++swept;
      take(order, verdict.broker, verdict);
    }
    verdict.accepted() ? ++accepted : ++refused;
  }
  std::string at(order::BrokerId broker, const NewOrder& order, const Verdict& verdict) {
    CheckLog log;
    const order::Reject reject = desk_.engine.evaluate_broker(broker, order, verdict, log);
    const auto lines = std::as_bytes(log.results());
    return std::string(reinterpret_cast<const char*>(lines.data()), lines.size()) + std::string(reject.text.view());
  }
  bool was_swept(NewOrder order, order::BrokerId broker) {
    order.seek_alike(desk_.engine.state().order_memory);
    Place place = place_of(order, broker);
    ScopeCache cache;
    Scopes& scopes = cache.to_decide(desk_.engine.state(), place, false);
    scopes.find_date(order.value.date);
    scopes.keep_marked(desk_.engine.state().market);
    CheckLog log;
    Verdict verdict;
    return passes_as_ordinary(desk_.engine.state(), {order, scopes, true, desk_.engine.trade_date(order.now)}, log, verdict);
  }
  void take(const NewOrder& order, order::BrokerId broker, const Verdict& verdict) {
    Engine& engine = desk_.engine;
    const Place place = place_of(order, broker.has_value() ? broker : kNorth);
    engine.move(place, order::Need(), verdict.need, order::Booking(), 1);
    if (one_in(2)) engine.remember_order(order.account, order.trader, order.instrument, order.side, order.dealt, order.terms, now_);
    if (one_in(2)) engine.take_token(order.session, now_);
    if (one_in(6)) engine.rest(order.client, order.instrument, order::buys_base(order.side, order.dealt), order.terms.price);
    if (one_in(3)) {
      engine.count_filled_order(order.session, order.trader, order.instrument, order::buys_base(order.side, order.dealt));
    }
    if (one_in(3)) {
      engine.move(place, verdict.need, order::Need(),
                  engine.booking_of(order.instrument, order.side, order.dealt, order.terms.order_qty, order.terms.price), -1);
    }
  }
  void execute() {
    const NewOrder order = ask();
    if (!order.account.has_value()) return;
    const order::Booking booking = desk_.engine.booking_of(order.instrument, order.side, order::Dealt::kBase,
                                                           order.terms.order_qty, order.terms.price);
    desk_.engine.book(place_of(order, kSouth), one_in(4) ? reversed(booking) : booking);
  }

  std::int64_t any_value(Limit limit) {
    switch (config::limit_info(limit).kind) {
      case config::LimitKind::kQuantity:
        return static_cast<std::int64_t>(pick(20) + 1) * 1'000'000'000;
      case config::LimitKind::kAmount:
        return static_cast<std::int64_t>(pick(40) + 1) * 100'000'000;
      case config::LimitKind::kPercent:
        return static_cast<std::int64_t>(pick(60) + 1) * 50'000;
      case config::LimitKind::kCount:
        return static_cast<std::int64_t>(pick(12));
      case config::LimitKind::kDuplicateOrders:
        return static_cast<std::int64_t>((pick(4) + 1) << 32 | (pick(3) + 1) * 1'000);
      case config::LimitKind::kOrderTypes:
      case config::LimitKind::kTimesInForce:
        return static_cast<std::int64_t>(pick(64) | 7);
    }
    return 0;
  }
  void change_limit() {
    const Scope scopes[] = {Scope::kFirm,       Scope::kGroup,   Scope::kClient,  Scope::kAccount, Scope::kTrader,
                            Scope::kInstrument, Scope::kSession, Scope::kBroker, Scope::kCurrency};
    // Those that few scopes state and few orders reach come oftener.
    const Limit rare[] = {Limit::kMaxSpreadPercent, Limit::kRepeatedExecutions, Limit::kDuplicateOrders};
    const bool is_rare = one_in(3);
    const Limit limit = is_rare ? rare[pick(3)] : static_cast<Limit>(pick(config::kLimitCount));
    const Scope scope = is_rare ? one_in(2) ? Scope::kTrader : Scope::kFirm : scopes[pick(std::size(scopes))];
    const auto id = is_rare ? 0 : static_cast<std::uint32_t>(pick(2));
    if (!desk_.engine.has_limits(scope, id)) return;
    // Nobody else may state it (config/limits.cc).
    const bool lends = scope == Scope::kFirm || scope == Scope::kClient || scope == Scope::kBroker;
    if (limit == Limit::kMaxCredit && !lends) return;
    const std::uint64_t version = desk_.engine.limits_version() + 1;
    // Taken back oftener than set, so that not everything is refused.
    if (one_in(3)) {
      desk_.engine.set_limit(scope, id, static_cast<std::uint16_t>(limit), any_value(limit), false, version);
    } else {
      desk_.engine.forget_limit(scope, id, static_cast<std::uint16_t>(limit), version);
    }
  }
  void change_market() {
    Engine& engine = desk_.engine;
    if (one_in(2)) {
      engine.set_rate(order::CurrencyId(static_cast<std::uint16_t>(1 + pick(3))),
                      Rate::from_raw(static_cast<std::int64_t>(900 + pick(400)) * 1'000'000'000), now_, false);
    }
    for (std::uint16_t currency = 1; currency < 4; ++currency) {
      const CurrencyRate* rate = engine.state().market.rate(order::CurrencyId(currency));
      if (!one_in(4)) engine.set_rate(order::CurrencyId(currency), rate->rate, now_, false);
    }
    const std::int64_t width = static_cast<std::int64_t>(pick(40) + 1) * 25'000;
    const auto quote = [&](order::InstrumentId instrument, std::string_view middle) {
      const std::int64_t mid = price(middle).raw();
      if (!one_in(6)) engine.set_quote(instrument, Price::from_raw(mid - width), Price::from_raw(mid + width), now_, false);
    };
    quote(kEurUsd, "1.1000");
    quote(kGbpUsd, "1.2500");
    quote(kGbpJpy, "187.50");
  }
  void change_state() {
    Engine& engine = desk_.engine;
    const Scope scopes[] = {Scope::kFirm, Scope::kClient, Scope::kAccount, Scope::kBroker};
    const Scope scope = scopes[pick(4)];
    engine.set_scope_state(scope, 0, one_in(5) ? order::ScopeState::kReduceOnly : order::ScopeState::kActive);
    const LatchKey latch{order::Control::kC3, Scope::kSession, kSession.value(), kEurUsd, Direction::kBuysBase};
    if (one_in(6)) {
      engine.set_latch({latch, order::ScopeState::kActive, now_, 1, 1});
    } else {
      engine.rearm(latch);
    }
    if (one_in(10)) engine.start_day(engine.state().trade_date + 1);
    if (one_in(6)) engine.set_group(kAlpha, one_in(2) ? order::GroupId::none() : order::GroupId(0));
  }

  std::mt19937_64 random_;
  Desk desk_;
  UtcTime now_ = kNoon;
  NewOrder last_ = desk_.buy(millions("1"));
};

TEST(Ordinary, IsDecidedAsTheControlsDecideIt) {
  int swept = 0;
  int accepted = 0;
  int refused = 0;
  int at_the_edge = 0;
  int over_the_edge = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    BothWays both(seed);
    for (int i = 0; i < 500; ++i) {
      both.step();
      if (testing::Test::HasFatalFailure()) return;
    }
    swept += both.swept;
    accepted += both.accepted;
    refused += both.refused;
    at_the_edge += both.at_the_edge;
    over_the_edge += both.over_the_edge;
  }
  EXPECT_GT(swept, 2'000);
  EXPECT_GT(accepted - swept, 200) << "and some that are not";
  EXPECT_GT(refused, 5'000);
  EXPECT_GT(at_the_edge, 100);
  EXPECT_GT(over_the_edge, 100);
  RecordProperty("swept", swept);
}

}  // namespace
}  // namespace portcullis::risk
