#include "bench/comparison.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <numeric>
#include <optional>
#include <random>
#include <stdexcept>

#include "bench/measurement.h"
#include "bench/relay.h"
#include "bench/textbook/textbook.h"
#include "sim/certificates.h"
#include "sim/demo_configuration.h"
#include "sim/inbox.h"
#include "sim/process.h"

namespace portcullis::bench {
namespace {

struct Load {
  const char* name;
  std::int64_t rate, in_flight;
  std::int64_t seconds;  // open loop
  std::int64_t orders;   // closed loop
  // The same for the textbook gateway, which is slower by orders of magnitude; 0: not run.
  std::int64_t textbook_orders;
  int sessions = 1;  // clients that share the load; more than one: `process` alone
};

const std::vector<Load> kLoads{{"1,000/s", 1'000, 0, 5, 0, 5'000},
                               {"50,000/s", 50'000, 0, 2, 0, 0},
                               {"1,024 in flight", 1, 1'024, 0, 100'000, 10'000},
                               {"1,024 in flight, 100 sessions", 1, 1'024, 0, 50'000, 0, 100},
                               {"1,024 in flight, 1,000 sessions", 1, 1'024, 0, 50'000, 0, 1'000}};
constexpr std::int64_t kSmokeOrders = 300;
constexpr const char* kAuthority = "bench";

std::string session_id(int number) {
  return "S" + std::to_string(number);
}

// The demo's configuration with room for load: no throttle, a client and a broker that speak the same version. `tls`:
// what the acceptor shows; null: plain TCP.
std::string configuration(const sim::DemoPorts& ports, const std::string& durability, bool spin, int sessions,
                          const sim::CertificateFiles* tls) {
  std::string text = sim::demo_configuration(ports, durability);
  const auto replace = [&text](const std::string& from, const std::string& to) {
    const std::size_t first = text.find(from);
    if (first == std::string::npos) throw std::runtime_error("the demo's configuration has no '" + from + "'");
    for (std::size_t at = first; at != std::string::npos; at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
  };
  replace("{messages_per_second: 1000, burst: 2000,", "{messages_per_second: 1000000, burst: 1000000,");
  replace("{messages_per_second: 500, burst: 500,", "{messages_per_second: 1000000, burst: 1000000,");
  replace("duplicate_orders: {count: 5,", "duplicate_orders: {count: 1000000,");
  replace("max_daily_volume: 1000000000", "max_daily_volume: 1000000000000");
  replace("max_daily_settlement: 400000000", "max_daily_settlement: 400000000000");
  replace("max_currency_position: 300000000", "max_currency_position: 300000000000");
  replace("max_net_open_position: 300000000", "max_net_open_position: 300000000000");
  // In an open loop the orders that wait are open, and a position counts what they could add to it.
  replace("max_net_open_position: 100000000", "max_net_open_position: 100000000000");
  replace("max_long_position: 20000000", "max_long_position: 20000000000");
  replace("max_short_position: 20000000", "max_short_position: 20000000000");
  replace("max_gross_open_notional: 500000000", "max_gross_open_notional: 500000000000");
  replace("max_gross_open_notional: 250000000", "max_gross_open_notional: 250000000000");
  replace("reconcile: mass_status", "reconcile: none");
  replace("accounts: [ALPHA-1, ALPHA-2]", "reset_on_logon: true\n    accounts: [ALPHA-1, ALPHA-2]");
  if (tls != nullptr) {
    replace("acceptor:\n",
            "acceptor:\n  tls: {certificate: " + tls->certificate + ", private_key: " + tls->private_key + "}\n");
  }
  if (spin) replace("  durability:", "  io: spin\n  durability:");
  if (sessions == 1) return text;
  std::string more;
  for (int i = 1; i < sessions; ++i) {
    const std::string id = session_id(i);
    more += "  - {id: " + id + ", version: FIX.4.4, comp_id: " + id + ", gateway_comp_id: PORTCULLIS, accounts: [" +
            id +
            "-1], allow_from: [127.0.0.0/8], heartbeat_s: {min: 5, max: 60}, reset_on_logon: true, throttle: "
            "{messages_per_second: 1000000, burst: 1000000, action: reject}}\n";
  }
  replace("clients:\n  - id: alpha", "clients:\n" + more + "  - id: alpha");
  replace("GBP/USD], client: [alpha]", "GBP/USD]");
  return text;
}

class Comparison {
 public:
  explicit Comparison(const ComparisonOptions& options) : options_(options) {}

  std::vector<Measurement> run() {
    std::vector<std::string> subjects = options_.subjects.empty() ? subject_names() : options_.subjects;
    std::mt19937 random(1);
    for (int repetition = 1; repetition <= options_.repetitions; ++repetition) {
      std::shuffle(subjects.begin(), subjects.end(), random);
      for (const std::string& subject : subjects) {
        for (const Load& load : kLoads) {
          if (!options_.loads.empty() && std::ranges::count(options_.loads, load.name) == 0) continue;
          const bool textbook = subject.starts_with("textbook");
          if (textbook && load.textbook_orders == 0) continue;
          if (load.sessions > 1 && subject != "process") continue;
          if (options_.smoke && (load.in_flight == 0 || load.sessions > 1)) continue;
          std::fprintf(stderr, "repetition %d of %d: %s, %s\n", repetition, options_.repetitions, subject.c_str(),
                       load.name);
          measure_on_free_ports(subject, load, repetition);
        }
      }
    }
    return std::move(measurements_);
  }

 private:
  using Cpu = std::map<std::string, std::int64_t>;  // nanoseconds, by thread

  static std::int64_t sum(const Cpu& threads) {
    std::int64_t total = 0;
    for (const auto& [name, spent] : threads) total += spent;
    return total;
  }

  struct EndedAtStart : std::runtime_error {
    using std::runtime_error::runtime_error;
  };

  // A port that was free a moment ago may be somebody else's by now, so a subject that ends before its first order is
  // started on others, twice.
  void measure_on_free_ports(const std::string& subject, const Load& load, int repetition) {
    for (int attempt = 1;; ++attempt) {
      try {
        return measure(subject, load, repetition);
      } catch (const EndedAtStart& ended) {
        if (attempt == 3) throw;
        std::fprintf(stderr, "%s; it is started on other ports\n", ended.what());
      }
    }
  }

  // A gateway, or what stands in its place, between the ports of clients and broker.
  sim::Process start_subject(const std::string& subject, const sim::DemoPorts& ports,
                             const sim::TemporaryDirectory& directory, int sessions) {
    const std::string errors = directory / "subject.err";
    const std::string listen = std::to_string(ports.clients);
    const std::string connect = std::to_string(ports.northbank);
    if (subject.starts_with("relay")) {
      return start({program_, "bench", "--peer", subject, listen, connect}, errors);
    }
    if (subject.starts_with("textbook")) {
      const Result<std::string> dictionary = sim::write_dictionary(directory.path(), "FIX.4.4");
      if (!dictionary) throw std::runtime_error(dictionary.error().what);
      const std::string store = subject == "textbook-file" ? directory / "store" : std::string();
      return start({program_, "bench", "--peer", "textbook", listen, connect, *dictionary, store}, errors);
    }
    const std::string file = directory / "gateway.yaml";
    std::optional<sim::CertificateFiles> tls;
    if (subject.ends_with("-tls")) {
      sim::CertificateWish wish;
      wish.common_name = "gateway";
      wish.addresses = {"127.0.0.1"};
      tls = sim::CertificateAuthority(directory.path(), kAuthority).issue("gateway", wish);
    }
    std::ofstream(file) << configuration(ports, subject.substr(0, subject.find('-')), subject.ends_with("-spin"),
                                         sessions, tls ? &*tls : nullptr);
    return start({program_, "run", "--config", file}, errors, sim::demo_tokens());
  }

  void measure(const std::string& subject, const Load& load, int repetition) {
    const sim::TemporaryDirectory directory("portcullis-bench");
    const auto free = sim::free_ports(4);
    if (!free) throw std::runtime_error(free.error().what);
    const sim::DemoPorts ports{(*free)[0], (*free)[1], (*free)[2], (*free)[3]};
    const bool relay = subject.starts_with("relay");
    sim::Process broker =
        start({program_, "broker", "--engine", "raw", "--listen", "127.0.0.1:" + std::to_string(ports.northbank),
               "--version", "FIX.4.4", "--comp-id", "NORTHBANK", "--peer-comp-id", relay ? "ALPHA" : "PORTCULLIS"},
              directory / "broker.err");
    const bool syncs = subject.starts_with("disk") && load.in_flight == 0;
    const std::int64_t sync = syncs ? sync_p50_ns(directory.path(), 2 * load.rate) : 0;
    sim::Process under_test = start_subject(subject, ports, directory, load.sessions);

    sim::LoadSettings settings;
    settings.host = "127.0.0.1";
    settings.port = ports.clients;
    settings.begin_string = "FIX.4.4";
    settings.sender = "ALPHA";
    settings.target = relay ? "NORTHBANK" : "PORTCULLIS";
    if (load.sessions == 1) settings.accounts = {"ALPHA-1", "ALPHA-2"};
    for (int i = 1; i < load.sessions; ++i) settings.more_senders.push_back(session_id(i));
    settings.symbols = {"EUR/USD", "GBP/USD"};
    settings.reset_on_logon = true;
    settings.spin = subject.ends_with("-spin");
    if (subject.ends_with("-tls")) settings.tls_ca = directory / (std::string(kAuthority) + "-ca.pem");
    warm_up(settings, under_test, directory / "subject.err");
    const bool spins = subject.ends_with("-spin");  // never idle, so nothing is waited for
    const auto spent = [&] { return spins ? cpu_ns_by_thread(under_test.pid()) : cpu_when_settled(subject, under_test); };
    // A logon and a logout cost as much as many orders, and each of many sessions has few of them here: they are
    // counted by themselves.
    Cpu logged_on, answered, settled;
    double broker_idle_share = 0;
    SteadyTime first;
    std::int64_t broker_before = 0;
    settings.on_logged_on = [&] {
      logged_on = spent();
      broker_before = sum(cpu_ns_by_thread(broker.pid()));
      first = sim::steady_now();
    };
    settings.on_answered = [&] {
      broker_idle_share = 1.0 - static_cast<double>(sum(cpu_ns_by_thread(broker.pid())) - broker_before) /
                                    static_cast<double>((sim::steady_now() - first).ns());
      // The main thread is done with the last answer. What its timers take while the others end depends on how long
      // that takes, which is no matter of the orders.
      const std::int64_t main = cpu_ns_by_thread(under_test.pid())[kMainThread];
      answered = settled = spent();
      answered[kMainThread] = main;
    };
    const std::int64_t before = sum(spent());
    settings.rate = load.rate;
    settings.in_flight = load.in_flight;
    settings.orders = load.in_flight == 0 ? load.rate * load.seconds : load.orders;
    if (subject.starts_with("textbook")) settings.orders = load.textbook_orders;
    if (options_.smoke) settings.orders = kSmokeOrders;
    settings.drain_s = 120;
    const Result<sim::LoadResult> result = sim::run_load(settings);
    if (!result) throw std::runtime_error(subject + ": " + result.error().what);
    // An open loop does not wait: a subject that cannot keep up refuses, since its broker does not either, and the
    // table says how many. In a closed loop nothing is refused.
    if (result->answered != result->sent || (result->rejected != 0 && load.in_flight > 0)) {
      throw std::runtime_error(subject + ": not every order was filled: " + sim::to_json(*result));
    }
    Measurement measurement;
    measurement.subject = subject;
    measurement.load = load.name;
    measurement.repetition = repetition;
    measurement.rate = load.in_flight == 0 ? load.rate : 0;
    measurement.result = *result;
    measurement.broker_idle_share = broker_idle_share;
    measurement.sync_p50_ns = sync;
    measurement.cpu_ns_a_logon = (sum(logged_on) - before + sum(spent()) - sum(settled)) / load.sessions;
    for (const auto& [name, until] : answered) {
      const auto earlier = logged_on.find(name);
      const std::int64_t by_order = (until - (earlier == logged_on.end() ? 0 : earlier->second)) / result->answered;
      measurement.cpu_ns_by_thread[name] = by_order;
      measurement.cpu_ns += by_order;
    }
    measurements_.push_back(std::move(measurement));
    under_test.stop(Duration::seconds(20));
    broker.stop(Duration::seconds(5));
  }

  // The blotter and the others that follow the journal may be behind when the last report is there: what they still
  // have to do belongs to the orders too.
  static Cpu cpu_when_settled(const std::string& name, sim::Process& subject) {
    constexpr Duration kLook = Duration::milliseconds(250);
    constexpr Duration kPatience = Duration::seconds(60);
    const SteadyTime give_up = sim::steady_now() + kPatience;
    auto before = cpu_ns_by_thread(subject.pid());
    while (subject.running()) {
      subject.wait(kLook);
      auto now = cpu_ns_by_thread(subject.pid());
      const std::int64_t spent = sum(now) - sum(before);
      before = std::move(now);
      if (spent < kLook.ns() / 50 && !has_work(subject.pid())) break;
      if (sim::steady_now() > give_up) {
        std::fprintf(stderr,
                     "%s: still at work %lld s after the last answer; what its threads take from here on is not counted, so "
                     "its CPU time is more than the table says\n",
                     name.c_str(), static_cast<long long>(kPatience.ns() / 1'000'000'000));
        break;
      }
    }
    return before;
  }

  // Also waits until the subject routes to its broker. The run itself is a second connection of the same session.
  void warm_up(sim::LoadSettings settings, sim::Process& under_test, const std::string& errors) const {
    settings.rate = 1'000;
    settings.orders = options_.smoke ? 20 : 1'000;
    if (!settings.more_senders.empty())
      settings.orders = 2 * static_cast<std::int64_t>(settings.more_senders.size() + 1);
    settings.drain_s = 5;
    const SteadyTime give_up = sim::steady_now() + Duration::seconds(60);
    for (;;) {
      const Result<sim::LoadResult> warm = sim::run_load(settings);
      if (warm.ok() && warm->sent == settings.orders && warm->answered == warm->sent && warm->rejected == 0) return;
      if (!under_test.running()) {
        std::ifstream said(errors);
        throw EndedAtStart("the subject has ended by itself: " +
                           std::string(std::istreambuf_iterator<char>(said), std::istreambuf_iterator<char>()));
      }
      if (sim::steady_now() > give_up) {
        throw std::runtime_error(warm.ok() ? "the warm-up's orders are not filled: " + sim::to_json(*warm)
                                           : warm.error().what);
      }
      under_test.wait(Duration::milliseconds(200));
    }
  }

  static sim::Process start(std::vector<std::string> command, const std::string& errors,
                            std::vector<std::pair<std::string, std::string>> environment = {}) {
    Result<sim::Process> process = sim::Process::start({std::move(command), std::move(environment), errors, errors});
    if (!process) throw std::runtime_error(process.error().what);
    return std::move(*process);
  }

  const ComparisonOptions& options_;
  const std::string program_ = sim::own_program();
  std::vector<Measurement> measurements_;
};

}  // namespace

const std::vector<std::string>& subject_names() {
  static const std::vector<std::string> kNames{"relay",   "textbook-memory", "textbook-file",
                                               "process", "process-tls",     "disk"};
  return kNames;
}

// Those that spin need a processor for themselves, beside those of the generator and the broker.
std::vector<std::string> all_subject_names() {
  std::vector<std::string> names = subject_names();
  names.insert(names.end(), {"relay-spin", "process-spin", "disk-spin"});
  return names;
}

std::vector<std::string> load_names() {
  std::vector<std::string> names;
  for (const Load& load : kLoads) names.emplace_back(load.name);
  return names;
}

Status compare(const ComparisonOptions& options) {
  try {
    const std::string where = machine();
    const std::vector<Measurement> measurements = Comparison(options).run();
    std::printf("Machine: %s. %d repetitions; each cell: minimum / median / maximum.\n\n%s", where.c_str(),
                options.repetitions, table(measurements).c_str());
    std::fflush(stdout);
    if (options.json.empty()) return {};
    std::ofstream file(options.json);
    file << to_json(measurements);
    file.close();
    if (!file) return Error{"cannot write " + options.json};
    return {};
  } catch (const std::exception& error) {
    return Error{error.what()};
  }
}

int run_peer(const std::vector<std::string>& arguments) {
  const auto port = [&](std::size_t at) { return static_cast<std::uint16_t>(std::atoi(arguments[at].c_str())); };
  if (arguments.size() == 3 && arguments[0] == "relay") return run_relay(port(1), port(2), false);
  if (arguments.size() == 3 && arguments[0] == "relay-spin") return run_relay(port(1), port(2), true);
  if (arguments.size() == 5 && arguments[0] == "textbook") {
    return run_textbook({port(1), port(2), arguments[4], arguments[3]});
  }
  std::fprintf(stderr, "portcullis bench: no such peer\n");
  return 2;
}

}  // namespace portcullis::bench
