// A message's whole way in process, warm (tests/session/order_way.h); journal and sockets have figures of their own.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "tests/session/order_way.h"

namespace portcullis::gateway {
namespace {

using testing::Gateway;
using testing::Line;
using testing::roomy;
using testing::Sent;

constexpr int kOrders = 20'000;

// Each its own, as in a real flow: what is asked of the orders before it is answered by few of them.
std::string quantity(int order) {
  return std::to_string(10'000 + order);
}

// A trading day has begun, as one has in a gateway that runs: the value dates of spot are known.
void begin_day(Gateway& gateway) {
  gateway.command(order::RollDay{Date::of(gateway.now()).days()});
}

std::vector<std::string> orders(Line& client) {
  std::vector<std::string> frames;
  for (int i = 0; i < kOrders; ++i) {
    frames.push_back(client.frame("35=D|11=ORDER-" + std::to_string(i) + "|1=ALPHA-1|55=EUR/USD|54=1|38=" +
                                  quantity(i) + "|40=2|44=1.1010|59=0|60=20261123-12:00:00.000|"));
  }
  return frames;
}

void new_order_single(benchmark::State& state) {
  Gateway gateway(roomy());
  begin_day(gateway);
  Line client(gateway, gateway.core().client_session("alpha"));
  const std::vector<std::string> frames = orders(client);
  std::uint64_t seq = client.first();
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(client.take(frames[i++], seq++).size());
}
BENCHMARK(new_order_single)->Iterations(kOrders);

void execution_report(benchmark::State& state) {
  Gateway gateway(roomy());
  begin_day(gateway);
  Line client(gateway, gateway.core().client_session("alpha"));
  Line broker(gateway, gateway.core().broker_session("northbank"));
  std::uint64_t seq = client.first();
  std::vector<std::string> reports;
  int count = 0;
  for (const std::string& order : orders(client)) {
    const auto view = RecordView::parse(client.take(order, seq++));
    view->for_each_outbound([&](const OutboundView& message) {
      const Sent sent = testing::parse("northbank", message.bytes);
      const std::string whole = quantity(count);
      const std::string number = std::to_string(count++);
      reports.push_back(broker.frame("35=8|37=N" + number + "|11=" + sent[11] + "|17=E" + number +
                                     "|150=F|39=2|55=EUR/USD|54=1|38=" + whole + "|32=" + whole +
                                     "|31=1.1005|14=" + whole + "|151=0|6=1.1005|"));
    });
  }
  PORTCULLIS_CHECK(reports.size() == static_cast<std::size_t>(kOrders), "an order of the benchmark was refused");
  seq = broker.first();
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(broker.take(reports[i++], seq++).size());
}
BENCHMARK(execution_report)->Iterations(kOrders);

// What callgrind counts of the quotes.
__attribute__((noinline)) void take_quote(Gateway& gateway, const order::SetQuote& quote, RecordWriter& record) {
  Input input;
  input.kind = InputKind::kCommand;
  input.now = gateway.now();
  input.command = quote;
  benchmark::DoNotOptimize(gateway.core().handle(input, record).reject.code);
  record.finish();
}

// A quote in a firm of 100,000 accounts, ten of which have a position in its instrument: an operator's command, from
// its decision to its record with all that follows from it.
void quote_in_a_large_firm(benchmark::State& state) {
  constexpr int kAccounts = 100'000;
  config::Config configuration = roomy();
  for (int i = 0; i < kAccounts; ++i) configuration.clients.front().accounts.push_back("A" + std::to_string(i));
  Gateway gateway(configuration);
  for (int i = 0; i < 10; ++i) {
    const std::string number = std::to_string(i * 9'999);
    const Sent order = Gateway::only(
        gateway.from_client("alpha", "35=D|11=O" + number + "|1=A" + number +
                                         "|55=EUR/USD|54=1|38=10000|40=2|44=1.1010|59=0|60=20261123-12:00:00.000|"),
        "D");
    gateway.from_broker("northbank",
                        "35=8|37=N" + number + "|11=" + order[11] + "|17=E" + number +
                            "|150=F|39=2|55=EUR/USD|54=1|38=10000|32=10000|31=1.1005|14=10000|151=0|6=1.1005|");
  }
  std::vector<std::uint64_t> memory(kRecordCapacity / 8);
  int i = 0;
  for (auto _ : state) {
    order::SetQuote quote;
    quote.instrument = order::InstrumentId(0);
    quote.bid = Price::from_raw(Price::parse("1.0999")->raw() + i++ % 2 * 10'000);
    quote.ask = Price::from_raw(quote.bid.raw() + 20'000);
    quote.user = order::UserText("feed");
    RecordWriter record(std::as_writable_bytes(std::span(memory)));
    take_quote(gateway, quote, record);
  }
}
BENCHMARK(quote_in_a_large_firm)->Iterations(100);

}  // namespace
}  // namespace portcullis::gateway

BENCHMARK_MAIN();
