#include <benchmark/benchmark.h>

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "fix/decode.h"
#include "fix/dictionary/embedded.h"
#include "fix/encode.h"
#include "fix/frame.h"
#include "fix/render.h"

// The codec's costs on one order of about 200 bytes and one report of about 310: framing with checksum,
// scan, the dictionary's judgement, decode, and writing the order for a broker and the report for a
// client. Figures and method: docs/performance.md.

namespace {

using namespace portcullis;
using fix::FixVersion;

std::string framed(std::string body) {
  for (char& c : body) {
    if (c == '|') c = fix::kSoh;
  }
  std::string frame =
      "8=FIX.4.4\x01"
      "9=" +
      std::to_string(body.size()) + "\x01" + body;
  const unsigned sum = fix::checksum(frame);
  frame += "10=";
  frame += static_cast<char>('0' + sum / 100);
  frame += static_cast<char>('0' + sum / 10 % 10);
  frame += static_cast<char>('0' + sum % 10);
  frame += '\x01';
  return frame;
}

struct Fixture {
  Fixture() : dictionary(std::move(fix::Dictionary::compile(fix::embedded_dictionary("FIX44.xml"))).value()) {
    fix::DialectSettings settings;
    settings.version = FixVersion::kFix44;
    settings.our_comp_id = "PORTCULLIS";
    settings.their_comp_id = "NORTHBANK";
    dialect = std::make_unique<fix::Dialect>(std::move(fix::Dialect::make(settings, dictionary, plans)).value());
  }
  fix::Dictionary dictionary;
  fix::RenderPlans plans;
  std::unique_ptr<fix::Dialect> dialect;
  fix::ScannedMessage message;
  std::string order = framed(
      "35=D|49=ALPHA|56=PORTCULLIS|34=123456|52=20261122-12:00:00.123456|11=ALPHA-20261122-000001|1=ALPHA-1|55=EUR/USD|"
      "54=1|60=20261122-12:00:00.123|38=1000000|40=2|44=1.10015|59=0|15=EUR|58=desk 7|");
  std::string report = framed(
      "35=8|49=NORTHBANK|56=PORTCULLIS|34=123456|52=20261122-12:00:00.123456|37=NB-0000000042|11=LDN1-1700000000-42|"
      "17=NBE-000000042|150=F|39=1|1=NB-77|55=EUR/USD|54=1|38=1000000|40=2|44=1.10015|59=0|15=EUR|32=250000|31=1.10010|"
      "151=750000|14=250000|6=1.10010|60=20261122-12:00:00.123|64=20261124|30=XOFF|58=partial|");
  std::array<char, 65'536> buffer;
};

Fixture& fixture() {
  static Fixture instance;
  return instance;
}

const UtcTime kNow = UtcTime::from_ns(1'795'000'000'123'000'000);

void frame_order(benchmark::State& state) {
  Fixture& f = fixture();
  fix::Framer framer;
  for (auto _ : state) benchmark::DoNotOptimize(framer.next(f.order));
  state.SetLabel(std::to_string(f.order.size()) + " bytes");
}
BENCHMARK(frame_order);

void scan_order(benchmark::State& state) {
  Fixture& f = fixture();
  for (auto _ : state) benchmark::DoNotOptimize(fix::scan(f.order, f.message));
}
BENCHMARK(scan_order);

void scan_report(benchmark::State& state) {
  Fixture& f = fixture();
  for (auto _ : state) benchmark::DoNotOptimize(fix::scan(f.report, f.message));
  state.SetLabel(std::to_string(f.report.size()) + " bytes");
}
BENCHMARK(scan_report);

void understand_order(benchmark::State& state) {
  Fixture& f = fixture();
  fix::scan(f.order, f.message);
  for (auto _ : state) benchmark::DoNotOptimize(f.dictionary.understand(f.message, true));
}
BENCHMARK(understand_order);

void understand_report(benchmark::State& state) {
  Fixture& f = fixture();
  fix::scan(f.report, f.message);
  for (auto _ : state) benchmark::DoNotOptimize(f.dictionary.understand(f.message, true));
}
BENCHMARK(understand_report);

void decode_order(benchmark::State& state) {
  Fixture& f = fixture();
  fix::scan(f.order, f.message);
  for (auto _ : state) benchmark::DoNotOptimize(fix::decode(f.message, *f.dialect, order::SessionId(1)));
}
BENCHMARK(decode_order);

void decode_report(benchmark::State& state) {
  Fixture& f = fixture();
  fix::scan(f.report, f.message);
  for (auto _ : state) benchmark::DoNotOptimize(fix::decode(f.message, *f.dialect, order::SessionId(1)));
}
BENCHMARK(decode_report);

void render_order(benchmark::State& state) {
  Fixture& f = fixture();
  fix::scan(f.order, f.message);
  const auto in = std::get<order::NewOrderSingle>(fix::decode(f.message, *f.dialect, order::SessionId(1)));
  order::OutboundNewOrder out;
  out.cl_ord_id = "LDN1-1700000000-42";
  out.account = in.account;
  out.symbol = in.symbol;
  out.currency = in.currency;
  out.side = in.side;
  out.terms = in.terms;
  out.transact_time = in.transact_time;
  out.fields = in.fields;
  for (auto _ : state) benchmark::DoNotOptimize(fix::render(*f.dialect, 77, kNow, out, f.buffer));
}
BENCHMARK(render_order);

void render_report(benchmark::State& state) {
  Fixture& f = fixture();
  fix::scan(f.report, f.message);
  const auto in = std::get<order::ExecutionReport>(fix::decode(f.message, *f.dialect, order::SessionId(1)));
  order::OutboundExecutionReport out;
  out.order_id = "LDN1-1700000000-42";
  out.secondary_order_id = in.order_id;
  out.exec_id = "LDN1-1700000000-E42";
  out.secondary_exec_id = in.exec_id;
  out.cl_ord_id = "ALPHA-20261122-000001";
  out.account = "ALPHA-1";
  out.symbol = in.symbol;
  out.currency = "EUR";
  out.exec_type = in.exec_type;
  out.ord_status = in.ord_status;
  out.terms.order_qty = in.order_qty;
  out.terms.price = in.price;
  out.terms.has_price = true;
  out.last_qty = in.last_qty;
  out.last_px = in.last_px;
  out.has_last = true;
  out.cum_qty = in.cum_qty;
  out.leaves_qty = in.leaves_qty;
  out.value = Wide{in.cum_qty.raw()} * in.last_px.raw();
  out.text = in.text;
  out.transact_time = in.transact_time;
  out.fields = in.fields;
  for (auto _ : state) benchmark::DoNotOptimize(fix::render(*f.dialect, 77, kNow, out, f.buffer));
}
BENCHMARK(render_report);

void retransmit_report(benchmark::State& state) {
  Fixture& f = fixture();
  for (auto _ : state) benchmark::DoNotOptimize(fix::retransmit(f.report, kNow, f.buffer));
}
BENCHMARK(retransmit_report);

}  // namespace
