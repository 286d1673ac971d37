#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "risk/amounts.h"
#include "risk/engine.h"

// The market and the limits of the worked examples (docs/risk.md), and a small order book over the engine
// that does what the core does: decide, then apply the stored amounts.

namespace portcullis::risk {

inline Price price(std::string_view text) {
  return *Price::parse(text);
}
inline Quantity qty(std::string_view text) {
  return *Quantity::parse(text);
}
inline Quantity millions(std::string_view text) {
  return Quantity::from_raw(qty(text).raw() * 1'000'000);
}
inline Amount money(std::string_view text) {
  return *Amount::parse(text);
}

inline constexpr order::ClientId kAlpha{0};
inline constexpr order::ClientId kBeta{1};
inline constexpr order::AccountId kAlpha1{0};
inline constexpr order::AccountId kAlpha2{1};
inline constexpr order::AccountId kBeta1{2};
inline constexpr order::SessionId kSession{0};
inline constexpr order::SessionId kBetaSession{1};
inline constexpr order::BrokerId kNorth{0};
inline constexpr order::BrokerId kSouth{1};
inline constexpr order::InstrumentId kEurUsd{0};
inline constexpr order::InstrumentId kGbpUsd{1};
inline constexpr order::InstrumentId kGbpJpy{2};
inline constexpr order::CurrencyId kUsd{0};
inline constexpr order::CurrencyId kEur{1};
inline constexpr order::CurrencyId kGbp{2};
inline constexpr order::CurrencyId kJpy{3};
inline constexpr std::int32_t kSpot = 20'719;
inline constexpr UtcTime kNoon = UtcTime::from_ns(1'790'000'000'000'000'000);

// Everything wide open at the firm; the account's limits are those of the examples.
inline config::Config example_config() {
  config::Config config;
  config.gateway.currency = "USD";
  config::Client alpha;
  alpha.id = "alpha";
  alpha.accounts = {"ALPHA-1", "ALPHA-2"};
  alpha.throttle = {100, 100, config::ThrottleAction::kReject};
  config::Client beta = alpha;
  beta.id = "beta";
  beta.accounts = {"BETA-1"};
  config.clients = {alpha, beta};
  config::Broker north;
  north.id = "north";
  north.throttle = {100, 10, 20};
  config::Broker south = north;
  south.id = "south";
  config.brokers = {north, south};

  const auto instrument = [](std::string symbol, std::string base, std::string term, std::string_view tick) {
    config::Instrument made;
    made.symbol = std::move(symbol);
    made.base = std::move(base);
    made.term = std::move(term);
    made.price_tick = price(tick);
    made.quantity_min = qty("1");
    made.quantity_step = Quantity::from_raw(10);  // 0.01
    return made;
  };
  config.instruments = {instrument("EUR/USD", "EUR", "USD", "0.0001"), instrument("GBP/USD", "GBP", "USD", "0.0001"),
                        instrument("GBP/JPY", "GBP", "JPY", "0.01")};

  config::LimitSet& firm = config.risk.firm;
  const Amount plenty = Amount::of(1'000'000'000'000);
  firm.max_order_quantity = Quantity::of(1'000'000'000'000);
  firm.max_order_notional = plenty;
  firm.price_collar_percent = config::Percent::of(2);
  firm.max_open_orders = 1'000'000;
  firm.max_gross_open_notional = plenty;
  firm.max_long_position = Quantity::of(1'000'000'000'000);
  firm.max_short_position = Quantity::of(1'000'000'000'000);
  firm.max_currency_position = plenty;
  firm.max_net_open_position = plenty;
  firm.max_daily_settlement = plenty;
  firm.max_daily_volume = plenty;
  firm.max_daily_loss = plenty;
  firm.duplicate_orders = config::DuplicateOrders{1000, Duration::seconds(1)};
  firm.repeated_executions = 1'000'000;
  firm.order_types.emplace();
  firm.times_in_force.emplace();
  for (int i = 0; i < 5; ++i) {
    firm.order_types->insert(static_cast<config::OrderType>(i));
    firm.times_in_force->insert(static_cast<config::TimeInForce>(i));
  }

  config::LimitSet account;
  account.max_order_quantity = Quantity::of(10'000'000);
  account.max_order_notional = Amount::of(10'000'000);
  account.max_long_position = Quantity::of(20'000'000);
  account.max_short_position = Quantity::of(20'000'000);
  account.max_gross_open_notional = Amount::of(50'000'000);
  config.risk.accounts = {config::ScopeLimits{"ALPHA-1", account}};
  return config;
}

inline std::optional<std::uint32_t> example_index(order::NameKind kind, std::string_view name) {
  static const std::map<order::NameKind, std::vector<std::string_view>> kNames = {
      {order::NameKind::kClient, {"alpha", "beta"}},
      {order::NameKind::kAccount, {"ALPHA-1", "ALPHA-2", "BETA-1"}},
      {order::NameKind::kBroker, {"north", "south"}},
      {order::NameKind::kInstrument, {"EUR/USD", "GBP/USD", "GBP/JPY"}},
      {order::NameKind::kCurrency, {"USD", "EUR", "GBP", "JPY"}},
      {order::NameKind::kGroup, {"funds"}},
      {order::NameKind::kTrader, {"alpha/ann"}}};
  const auto& names = kNames.at(kind);
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return i;
  }
  return std::nullopt;
}

inline void add_example_names(Engine& engine) {
  const auto add = [&engine](order::NameKind kind, std::uint32_t index, std::uint32_t owner) {
    order::NameAdded name{};
    name.kind = kind;
    name.index = index;
    name.owner = owner;
    engine.add_name(name);
  };
  add(order::NameKind::kClient, 0, 0);
  add(order::NameKind::kClient, 1, 0);
  add(order::NameKind::kAccount, 0, 0);
  add(order::NameKind::kAccount, 1, 0);
  add(order::NameKind::kAccount, 2, 1);
  add(order::NameKind::kBroker, 0, 0);
  add(order::NameKind::kBroker, 1, 0);
  add(order::NameKind::kSession, 0, 0);
  add(order::NameKind::kSession, 1, 1);
  for (std::uint32_t currency = 0; currency < 4; ++currency) add(order::NameKind::kCurrency, currency, 0);
  add(order::NameKind::kGroup, 0, 0);
  add(order::NameKind::kTrader, 0, 0);
  const auto pair = [](order::CurrencyId base, order::CurrencyId term) {
    return std::uint32_t{base.value()} << 16 | term.value();
  };
  add(order::NameKind::kInstrument, 0, pair(kEur, kUsd));
  add(order::NameKind::kInstrument, 1, pair(kGbp, kUsd));
  add(order::NameKind::kInstrument, 2, pair(kGbp, kJpy));
}

inline order::Terms limit_terms(Quantity quantity, std::string_view limit) {
  order::Terms terms;
  terms.order_qty = quantity;
  terms.ord_type = order::OrdType::kLimit;
  terms.price = price(limit);
  terms.has_price = true;
  return terms;
}

inline order::Terms market_terms(Quantity quantity) {
  order::Terms terms;
  terms.order_qty = quantity;
  terms.ord_type = order::OrdType::kMarket;
  return terms;
}

// One open order as the core keeps it.
struct BookedOrder {
  NewOrder asked;
  order::BrokerId broker = kNorth;
  std::vector<TermsAndValuation> terms;  // live, then pending
  Quantity cum;
  order::Need reserved;
  bool open = false;
};

class Desk {
 public:
  explicit Desk(const config::Config& config = example_config()) {
    add_example_names(engine);
    engine.configure(config, example_index);
    engine.set_rate(kEur, *Rate::parse("1.10"), kNoon, true);
    engine.set_rate(kGbp, *Rate::parse("1.25"), kNoon, true);
    engine.set_rate(kJpy, *Rate::parse("0.006666666667"), kNoon, true);
    engine.set_quote(kEurUsd, price("1.0999"), price("1.1001"), kNoon, true);
    engine.set_quote(kGbpUsd, price("1.2499"), price("1.2501"), kNoon, true);
    engine.set_quote(kGbpJpy, price("187.48"), price("187.52"), kNoon, true);
  }

  NewOrder ask(order::Side side, const order::Terms& terms, order::Dealt dealt = order::Dealt::kBase,
               order::InstrumentId instrument = kEurUsd) const {
    NewOrder order;
    order.client = kAlpha;
    order.account = kAlpha1;
    order.session = kSession;
    order.instrument = instrument;
    order.side = side;
    order.dealt = dealt;
    order.terms = terms;
    order.now = kNoon;
    order.value.date = kSpot;
    return order;
  }
  NewOrder buy(Quantity quantity, std::string_view limit = "1.1010") const {
    return ask(order::Side::kBuy, limit_terms(quantity, limit));
  }
  NewOrder sell(Quantity quantity, std::string_view limit = "1.0990") const {
    return ask(order::Side::kSell, limit_terms(quantity, limit));
  }

  // What would be said, without taking the order.
  order::Reject judge(const NewOrder& order) const {
    CheckLog log;
    return engine.evaluate_new(order, log).reject;
  }

  // Takes the order if it may be taken.
  BookedOrder send(const NewOrder& order) {
    CheckLog log;
    const Verdict verdict = engine.evaluate_new(order, log);
    reject = verdict.reject;
    BookedOrder booked;
    booked.asked = order;
    if (reject) return booked;
    reject = engine.evaluate_broker(booked.broker, order, verdict, log);
    if (reject) return booked;
    booked.open = true;
    booked.terms.push_back({order.terms, verdict.valuation});
    engine.count_open(place(booked), 1);
    engine.remember_order(order.account, order.trader, order.instrument, order.side, order.dealt, order.terms, order.now);
    hold(booked, verdict.need);
    return booked;
  }

  // A replace asked by the client: true when it is accepted and now pending.
  bool replace(BookedOrder& order, const order::Terms& terms) {
    CheckLog log;
    LiveOrder live;
    live.client = order.asked.client;
    live.account = order.asked.account;
    live.session = order.asked.session;
    live.broker = order.broker;
    live.instrument = order.asked.instrument;
    live.trader = order.asked.trader;
    live.settle_date = order.asked.value.date;
    live.side = order.asked.side;
    live.dealt = order.asked.dealt;
    live.cum_qty = order.cum;
    live.reserved = order.reserved;
    live.terms = order.terms;
    live.now = order.asked.now;
    const Verdict verdict = engine.evaluate_replace(live, terms, log);
    reject = verdict.reject;
    if (reject) return false;
    order.terms.push_back({terms, verdict.valuation});
    PORTCULLIS_CHECK(verdict.need == need(order), "a replace was promised another need than its terms have");
    hold(order, verdict.need);
    return true;
  }
  // 150=5 for the pending request at this place of `terms`: it and what is older end.
  void replaced(BookedOrder& order, std::size_t pending) {
    order.terms.erase(order.terms.begin(), order.terms.begin() + static_cast<std::ptrdiff_t>(pending));
    hold(order, need(order));
    if (order.cum >= order.terms.front().terms.order_qty) close(order);
  }
  // 35=9 for it.
  void replace_rejected(BookedOrder& order, std::size_t pending) {
    order.terms.erase(order.terms.begin() + static_cast<std::ptrdiff_t>(pending));
    hold(order, need(order));
  }
  order::Booking fill(BookedOrder& order, Quantity last_qty, std::string_view last_px) {
    const order::Booking booking =
        engine.booking_of(order.asked.instrument, order.asked.side, order.asked.dealt, last_qty, price(last_px));
    engine.book(place(order), booking);
    if (order.cum.is_zero()) {
      engine.count_filled_order(order.asked.session, order.asked.trader, order.asked.instrument,
                                order::buys_base(order.asked.side, order.asked.dealt));
    }
    order.cum += last_qty;
    if (order.open) hold(order, need(order));
    return booking;
  }
  // 150=H: the execution is taken back.
  void bust(BookedOrder& order, Quantity last_qty, const order::Booking& booking) {
    engine.book(place(order), reversed(booking));
    order.cum -= last_qty;
    if (order.open) hold(order, need(order));
  }
  void close(BookedOrder& order) {
    if (!order.open) return;
    hold(order, order::Need());
    engine.count_open(place(order), -1);
    order.open = false;
  }

  // A position without orders, as executions through another broker would leave it.
  void set_position(Quantity base, std::string_view last_px = "1.1", order::InstrumentId instrument = kEurUsd) {
    const bool buys = !base.is_negative();
    const order::Booking booking = engine.booking_of(instrument, buys ? order::Side::kBuy : order::Side::kSell,
                                                     order::Dealt::kBase, buys ? base : -base, price(last_px));
    engine.book(Place{kAlpha, kAlpha1, kSouth, instrument, buys, kSession, {}, kSpot}, booking);
  }

  order::Need need(const BookedOrder& order) const {
    return engine.need_of(order.asked.instrument, order.asked.side, order.asked.dealt, order.terms, order.cum);
  }
  void hold(BookedOrder& order, const order::Need& after) {
    engine.reserve(place(order), order.reserved, after);
    order.reserved = after;
  }
  static Place place(const BookedOrder& order) {
    return Place{order.asked.client,
                 order.asked.account,
                 order.broker,
                 order.asked.instrument,
                 order::buys_base(order.asked.side, order.asked.dealt),
                 order.asked.session,
                 order.asked.trader,
                 order.asked.value.date};
  }

  const Exposure& account() const { return engine.state().accounts[0].exposure; }
  const Exposure& firm() const { return engine.state().firm.exposure; }
  const InstrumentExposure& eur_usd() const { return account().of(kEurUsd); }

  void set_limit(order::Scope scope, std::uint32_t id, Limit limit, std::int64_t raw) {
    engine.set_limit(scope, id, static_cast<std::uint16_t>(limit), raw, false, engine.limits_version() + 1);
  }

  Engine engine;
  order::Reject reject;  // of the last send or replace
};

}  // namespace portcullis::risk
