#include <benchmark/benchmark.h>

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
    const Verdict verdict = desk.engine.evaluate_new(order, log);
    benchmark::DoNotOptimize(desk.engine.evaluate_broker(kNorth, order, verdict, log));
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

}  // namespace
}  // namespace portcullis::risk

BENCHMARK_MAIN();
