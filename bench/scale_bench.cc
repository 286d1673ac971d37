// What size costs: an order and its report beside so many live orders, the memory of one, and how fast a journal's
// records are folded. Prints tables for docs/performance.md; `bench/run` writes them there.
//
//   scale_bench [--largest ORDERS] [--records RECORDS] [--smoke]
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "gateway/messages_ahead.h"
#include "gateway/snapshot.h"
#include "tests/session/order_way.h"

namespace portcullis::gateway {
namespace {

using testing::Gateway;
using testing::Line;

config::Config roomy() {
  config::Config configuration = testing::small_configuration();
  configuration.clients.front().throttle = {1'000'000'000, 1'000'000'000, config::ThrottleAction::kReject};
  configuration.brokers.front().throttle = {1'000'000'000, 1'000'000'000, 0};
  config::LimitSet& firm = configuration.risk.firm;
  firm.duplicate_orders = config::DuplicateOrders{1'000'000'000, Duration::seconds(1)};
  firm.repeated_executions = 1'000'000'000;
  firm.max_open_orders = 1'000'000'000;
  firm.max_long_position = Quantity::of(1'000'000'000'000);
  for (auto* amount : {&firm.max_gross_open_notional, &firm.max_currency_position, &firm.max_net_open_position,
                       &firm.max_daily_settlement, &firm.max_daily_volume}) {
    *amount = Amount::of(1'000'000'000'000);
  }
  return configuration;
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Bytes of memory that the process has, huge pages and the heap's free places among them.
std::size_t resident() {
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  PORTCULLIS_CHECK(file != nullptr, "no /proc");
  unsigned long long all = 0;
  unsigned long long pages = 0;
  PORTCULLIS_CHECK(std::fscanf(file, "%llu %llu", &all, &pages) == 2, "/proc/self/statm does not read");
  std::fclose(file);
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// One client and one broker that place orders and acknowledge them.
class Desk {
 public:
  Desk()
      : gateway_(roomy()),
        client_(gateway_, gateway_.core().client_session("alpha")),
        broker_(gateway_, gateway_.core().broker_session("northbank")),
        client_seq_(client_.first()),
        broker_seq_(broker_.first()) {}

  std::string order() {
    const std::string number = std::to_string(orders_++);
    return client_.frame("35=D|11=ORDER-" + number + "|1=ALPHA-1|55=EUR/USD|54=1|38=" +
                         std::to_string(1'000 + orders_ % 9'000) + "|40=2|44=1.1010|59=0|60=20261123-12:00:00.000|");
  }
  std::span<const std::byte> take_order(const std::string& frame) { return client_.take(frame, client_seq_++); }
  // Of the order that the record sent on.
  std::string acknowledgement(std::span<const std::byte> record) {
    std::string given;
    RecordView::parse(record)->for_each_outbound([&](const OutboundView& message) {
      const std::size_t at = message.bytes.find(
          "\x01"
          "11=");
      if (at != std::string_view::npos)
        given = message.bytes.substr(at + 4, message.bytes.find('\x01', at + 1) - at - 4);
    });
    PORTCULLIS_CHECK(!given.empty(), "an order of the benchmark was refused");
    const std::string number = std::to_string(reports_++);
    return broker_.frame("35=8|37=NB-" + number + "|11=" + given + "|17=E-" + number +
                         "|150=0|39=0|55=EUR/USD|54=1|38=1000|14=0|151=1000|6=0|");
  }
  std::span<const std::byte> take_report(const std::string& frame) { return broker_.take(frame, broker_seq_++); }
  // What follows in the receive buffer is looked at first, as on a busy socket.
  void look_behind_order(std::string_view unread) {
    if (!unread.empty()) of_client_.look(gateway_.state(), gateway_.core().client_session("alpha"), unread, false);
  }
  void look_behind_report(std::string_view unread) {
    if (!unread.empty()) of_broker_.look(gateway_.state(), gateway_.core().broker_session("northbank"), unread, false);
  }

  // Until so many are live; calls keep(record) for each record.
  template <typename Keep>
  void place_until(std::uint64_t live, Keep&& keep) {
    while (gateway_.state().open_orders.size() < live) {
      const std::span<const std::byte> routed = take_order(order());
      const std::string answer = acknowledgement(routed);
      keep(routed);
      keep(take_report(answer));
    }
  }
  Gateway& gateway() { return gateway_; }

 private:
  Gateway gateway_;
  Line client_;
  Line broker_;
  MessagesAhead of_client_;
  MessagesAhead of_broker_;
  std::uint64_t client_seq_;
  std::uint64_t broker_seq_;
  std::uint64_t orders_ = 0;
  std::uint64_t reports_ = 0;
};

// Messages as a few reads bring them.
class Received {
 public:
  void add(const std::string& message) {
    ends_.push_back(bytes_.size() + message.size());
    bytes_ += message;
  }
  std::size_t size() const { return ends_.size(); }
  std::string message(std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return bytes_.substr(begin, ends_[i] - begin);
  }
  std::string_view behind(std::size_t i) const { return std::string_view(bytes_).substr(ends_[i]); }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
};

void print_live(std::uint64_t live) {
  Desk desk;
  const std::size_t empty = resident();
  desk.place_until(live, [](std::span<const std::byte>) {});
  const double memory = static_cast<double>(resident() - empty) / static_cast<double>(live);

  constexpr std::size_t kMeasured = 5'000;
  Received orders;
  Received reports;
  for (std::size_t i = 0; i < kMeasured; ++i) orders.add(desk.order());
  double order_cpu = 0;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const std::string order = orders.message(i);
    const double begin = cpu_seconds();
    desk.look_behind_order(orders.behind(i));
    const std::span<const std::byte> record = desk.take_order(order);
    order_cpu += cpu_seconds() - begin;
    reports.add(desk.acknowledgement(record));
  }
  const double begin = cpu_seconds();
  for (std::size_t i = 0; i < reports.size(); ++i) {
    desk.look_behind_report(reports.behind(i));
    desk.take_report(reports.message(i));
  }
  const double report_cpu = cpu_seconds() - begin;
  std::printf("| %llu | %.0f | %.0f | %.0f |\n", static_cast<unsigned long long>(live), order_cpu * 1e9 / kMeasured,
              report_cpu * 1e9 / kMeasured, memory);
  std::fflush(stdout);
}

void print_recovery(std::uint64_t count) {
  Desk desk;
  std::vector<std::byte> journal;
  std::vector<std::size_t> ends;
  for (const std::vector<std::byte>& record : desk.gateway().records()) {
    journal.insert(journal.end(), record.begin(), record.end());
    ends.push_back(journal.size());
  }
  const auto keep = [&](std::span<const std::byte> record) {
    journal.insert(journal.end(), record.begin(), record.end());
    ends.push_back(journal.size());
  };
  desk.place_until(count / 2, keep);

  Core folded;
  double begin = cpu_seconds();
  std::size_t from = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    // As recovery does: with a look at the record behind it.
    if (i + 1 < ends.size()) folded.look_ahead(std::span(journal).subspan(ends[i], ends[i + 1] - ends[i]));
    const auto view = RecordView::parse(std::span(journal).subspan(from, ends[i] - from));
    PORTCULLIS_CHECK(view && folded.replay(*view).ok(), "a record that does not fold");
    from = ends[i];
  }
  const double fold = cpu_seconds() - begin;

  std::vector<std::byte> bytes;
  begin = cpu_seconds();
  save(folded.state(), bytes);
  const double saving = cpu_seconds() - begin;
  State loaded;
  std::span<const std::byte> rest(bytes);
  begin = cpu_seconds();
  const Status status = load(rest, loaded);
  const double loading = cpu_seconds() - begin;
  PORTCULLIS_CHECK(status.ok(), "a snapshot that does not load");
  std::printf("| %zu | %.0f | %.2f | %.2f | %.2f | %.0f |\n", ends.size(), static_cast<double>(ends.size()) / fold,
              fold, saving, loading, static_cast<double>(bytes.size()) / 1e6);
}

std::optional<std::uint64_t> number_of(const char* text) {
  std::uint64_t value = 0;
  const char* end = text + std::strlen(text);
  const auto [at, error] = std::from_chars(text, end, value);
  return error == std::errc() && at == end ? std::optional(value) : std::nullopt;
}

}  // namespace

int run(int argc, char** argv) {
  std::uint64_t largest = 1'000'000;
  std::uint64_t records = 1'000'000;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    const std::optional<std::uint64_t> value = i + 1 < argc ? number_of(argv[i + 1]) : std::nullopt;
    if (option == "--smoke") {
      largest = 1'000;
      records = 2'000;
    } else if (option == "--largest" && value) {
      largest = *value;
      ++i;
    } else if (option == "--records" && value) {
      records = *value;
      ++i;
    } else {
      std::fprintf(
          stderr,
          "scale_bench [--largest ORDERS] [--records RECORDS] [--smoke]: %s is none of these, or lacks its number\n",
          argv[i]);
      return 2;
    }
  }
  double load[1] = {0};
  getloadavg(load, 1);
  const time_t now = time(nullptr);
  char date[32];
  strftime(date, sizeof date, "%Y-%m-%d %H:%M", gmtime(&now));
  std::printf("Measured %s UTC, load average %.1f before the run%s\n\n", date, load[0],
              load[0] > 0.5 ? ": a noisy machine; only the rows' ratios say something." : ".");
  std::printf(
      "| live orders | CPU ns a NewOrderSingle | CPU ns its acknowledgement | bytes a live order "
      "|\n|---|---|---|---|\n");
  for (std::uint64_t live = 1'000; live <= largest; live *= 10) print_live(live);
  std::printf(
      "\n| records folded | records/s | CPU s, without a snapshot | CPU s to write one | CPU s to load it | its MB "
      "|\n|---|---|---|---|---|---|\n");
  print_recovery(records);
  return 0;
}

}  // namespace portcullis::gateway

int main(int argc, char** argv) {
  return portcullis::gateway::run(argc, argv);
}
