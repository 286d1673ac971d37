#include <benchmark/benchmark.h>

#include <set>

#include "bench/risk_scale.h"
#include "risk/engine.h"
#include "tests/risk/desk.h"

// One decision with every control on, and what it costs to apply it. Everything is warm and one instrument
// is traded; what a cold cache adds is left out. Reported by `bench/risk_bench`; no test asserts a time.

namespace portcullis::risk {
namespace {

void EvaluateNewLimit(benchmark::State& state) {
  const Desk desk;
  const NewOrder order = desk.buy(millions("5"));
  for (auto _ : state) {
    CheckLog log;
    benchmark::DoNotOptimize(desk.engine.evaluate_new(order, log));
    benchmark::DoNotOptimize(log.results().data());
  }
}
BENCHMARK(EvaluateNewLimit);

// With the broker's line: all scopes of an order, as the core asks them.
void EvaluateNewAndBroker(benchmark::State& state) {
  const Desk desk;
  const NewOrder order = desk.buy(millions("5"));
  for (auto _ : state) {
    CheckLog log;
    benchmark::DoNotOptimize(desk.engine.evaluate_new(order, log, kNorth));
  }
}
BENCHMARK(EvaluateNewAndBroker);

void EvaluateNewTermDealt(benchmark::State& state) {
  const Desk desk;
  const NewOrder order = desk.ask(order::Side::kBuy, limit_terms(millions("5.5"), "1.10"), order::Dealt::kTerm);
  for (auto _ : state) {
    CheckLog log;
    benchmark::DoNotOptimize(desk.engine.evaluate_new(order, log));
  }
}
BENCHMARK(EvaluateNewTermDealt);

void Refuse(benchmark::State& state) {
  const Desk desk;
  const NewOrder order = desk.buy(millions("11"));
  for (auto _ : state) {
    CheckLog log;
    benchmark::DoNotOptimize(desk.engine.evaluate_new(order, log));
  }
}
BENCHMARK(Refuse);

// An order's whole life in the sums of five scopes: opened, reserved, filled, released, closed, and the
// fill taken back.
void ApplyOrderFillAndBust(benchmark::State& state) {
  Desk desk;
  const BookedOrder order = desk.send(desk.buy(millions("1")));
  const Place place = Desk::place(order);
  const order::Booking booking =
      desk.engine.booking_of(kEurUsd, order::Side::kBuy, order::Dealt::kBase, millions("1"), price("1.1005"));
  const order::Booking back = reversed(booking);
  for (auto _ : state) {
    desk.engine.count_open(place, 1);
    desk.engine.reserve(place, order::Need(), order.reserved);
    desk.engine.book(place, booking);
    desk.engine.reserve(place, order.reserved, order::Need());
    desk.engine.count_open(place, -1);
    desk.engine.book(place, back);
  }
}
BENCHMARK(ApplyOrderFillAndBust);

// The specification's size: every scope of one order, ten with its broker, and every control on, 100,000 accounts,
// 10,000 instruments. Warm: a hundred orders over and over, so that their scopes are in the caches.
void decide_all(benchmark::State& state, std::uint32_t accounts, std::uint32_t instruments, std::size_t count) {
  static LargeFirm firm;
  const std::vector<LargeFirm::Asked> orders = firm.orders(count, accounts, instruments);
  // Once, however often the benchmark is repeated: each order has one alike, itself.
  static std::set<std::size_t> taken;
  if (taken.insert(count).second) {
    for (const LargeFirm::Asked& asked : orders) firm.take(asked);
  }
  std::size_t i = 0;
  std::size_t checks = 0;
  for (auto _ : state) {
    const LargeFirm::Asked& asked = orders[i];
    if (++i == orders.size()) i = 0;
    CheckLog log;
    const Verdict verdict = firm.engine.evaluate_new(asked.order, log, asked.broker);
    benchmark::DoNotOptimize(verdict.broker);
    checks += log.results().size();
  }
  state.counters["checks"] = benchmark::Counter(static_cast<double>(checks), benchmark::Counter::kAvgIterations);
}
void DecideInALargeFirmWarm(benchmark::State& state) {
  decide_all(state, 100, 100, 100);
}
BENCHMARK(DecideInALargeFirmWarm);
// Cold: any account and instrument, more of them than the caches hold.
void DecideInALargeFirmCold(benchmark::State& state) {
  decide_all(state, LargeFirm::kAccounts, LargeFirm::kInstruments, 100'000);
}
BENCHMARK(DecideInALargeFirmCold);

// The same paths for bench/instructions, which counts what evaluate_new takes: a firm small enough
// for callgrind.
void DecideCounted(benchmark::State& state) {
  static LargeFirm firm(100, 100);
  const std::vector<LargeFirm::Asked> orders = firm.orders(100, 100, 100);
  for (const LargeFirm::Asked& asked : orders) firm.take(asked);
  std::size_t i = 0;
  for (auto _ : state) {
    const LargeFirm::Asked& asked = orders[i++ % orders.size()];
    CheckLog log;
    const Verdict verdict = firm.engine.evaluate_new(asked.order, log, asked.broker);
    benchmark::DoNotOptimize(verdict.broker);
  }
}
BENCHMARK(DecideCounted)->Iterations(9'900);

// What a tick costs: quotes of one instrument in a firm of 100,000 accounts, where ten accounts have a position in that
// instrument and a thousand in others. For callgrind, which collects in the function that is asked for.
class TradedFirm {
 public:
  TradedFirm() {
    const auto execute = [this](std::uint32_t account, order::InstrumentId instrument) {
      LargeFirm::Asked asked = firm_.orders(1, LargeFirm::kAccounts, kInstruments, account + 1).front();
      asked.order.account = order::AccountId(account);
      asked.order.client = order::ClientId(static_cast<std::uint16_t>(account % LargeFirm::kClients));
      asked.order.instrument = instrument;
      const Quantity quantity = Quantity::of(1'000'000);
      engine().book(LargeFirm::place_of(asked),
                    engine().booking_of(instrument, asked.order.side, order::Dealt::kBase, quantity, price("1.1000")));
    };
    for (std::uint32_t account = 0; account < 1'000; ++account) execute(account * 7, order::InstrumentId(account + 1));
    for (std::uint32_t account = 0; account < 10; ++account) execute(account * 9'001, kQuoted);
  }
  Engine& engine() { return firm_.engine; }

  static constexpr order::InstrumentId kQuoted{0};
  static constexpr std::uint32_t kInstruments = 1'001;

 private:
  LargeFirm firm_{LargeFirm::kAccounts, kInstruments};
};
TradedFirm& traded_firm() {
  static TradedFirm firm;
  return firm;
}
constexpr int kTicks = 20;

// What callgrind counts: the benchmark's own, and not those that have set the firm up.
__attribute__((noinline)) void tick_quote(Engine& engine, Price bid) {
  engine.set_quote(TradedFirm::kQuoted, bid, Price::from_raw(bid.raw() + 20'000), kNoon, false);
}
__attribute__((noinline)) void tick_rate(Engine& engine, order::CurrencyId currency, Rate rate) {
  engine.set_rate(currency, rate, kNoon, false);
}
__attribute__((noinline)) void change_limit(Engine& engine, std::int64_t raw) {
  engine.set_limit(order::Scope::kAccount, 9'001, static_cast<std::uint16_t>(Limit::kMaxOpenOrders), raw, false, 1);
}

// Price of the i-th tick, so that no two in turn are alike.
Price tick(int i) {
  return Price::from_raw(price("1.0999").raw() + i % 2 * price("0.0001").raw());
}

void QuoteInALargeFirm(benchmark::State& state) {
  Engine& engine = traded_firm().engine();
  int i = 0;
  for (auto _ : state) tick_quote(engine, tick(i++));
}
BENCHMARK(QuoteInALargeFirm)->Iterations(kTicks);

// A rate that is told, of the quoted instrument's term currency.
void RateInALargeFirm(benchmark::State& state) {
  Engine& engine = traded_firm().engine();
  const order::CurrencyId term = engine.state().instruments[TradedFirm::kQuoted.value()].term;
  int i = 0;
  for (auto _ : state) tick_rate(engine, term, Rate::from_raw(Rate::of(1).raw() + i++ % 2 * 1'000'000));
}
BENCHMARK(RateInALargeFirm)->Iterations(kTicks);

// One limit of one account.
void LimitInALargeFirm(benchmark::State& state) {
  Engine& engine = traded_firm().engine();
  int i = 0;
  for (auto _ : state) change_limit(engine, 1'000 + i++ % 2);
}
BENCHMARK(LimitInALargeFirm)->Iterations(kTicks);

}  // namespace
}  // namespace portcullis::risk

BENCHMARK_MAIN();
