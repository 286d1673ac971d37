// The gateway from socket to socket: load generator, gateway, bare broker, each a process of its own, against a byte
// relay in the gateway's place in the same repetition. The order of the subjects is shuffled in each repetition.
//
//   end_to_end --program build/release/portcullis [--repetitions N] [--subject relay|process|disk] [--quick]
//
// Prints one JSON line for each run: the load generator's result (docs/counterparties.md) with `subject`, `load`,
// `repetition`, and the CPU time of the process under test by order and its two reports: `cpu_ns_per_order`,
// `cpu_ns_per_order_by_thread`.
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "bench/relay.h"
#include "sim/demo_configuration.h"
#include "sim/inbox.h"
#include "sim/load/load.h"
#include "sim/process.h"

namespace portcullis::bench {
namespace {

struct Load {
  const char* name;
  std::int64_t rate, in_flight, orders;
};

// The demo's configuration with room for load: no throttle, a client and a broker that speak the same version.
std::string configuration(const sim::DemoPorts& ports, const std::string& durability) {
  std::string text = sim::demo_configuration(ports, durability);
  const auto replace = [&text](const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
  };
  replace("{messages_per_second: 1000, burst: 2000,", "{messages_per_second: 1000000, burst: 1000000,");
  replace("{messages_per_second: 500, burst: 500,", "{messages_per_second: 1000000, burst: 1000000,");
  replace("duplicate_orders: {count: 5,", "duplicate_orders: {count: 1000000,");
  replace("reconcile: mass_status", "reconcile: none");
  replace("accounts: [ALPHA-1, ALPHA-2]", "reset_on_logon: true\n    accounts: [ALPHA-1, ALPHA-2]");
  return text;
}

// User and system time of all its threads, in nanoseconds, from /proc (in clock ticks, so use runs of seconds).
std::int64_t cpu_ns(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skip;
  for (int i = 0; i < 11; ++i) fields >> skip;
  std::int64_t user = 0, system = 0;
  fields >> user >> system;
  return (user + system) * (1'000'000'000 / sysconf(_SC_CLK_TCK));
}

// The same by thread name (those of one name together), in nanoseconds.
std::map<std::string, std::int64_t> cpu_ns_by_thread(pid_t process) {
  std::map<std::string, std::int64_t> spent;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
    std::string name;
    std::getline(std::ifstream(entry.path() / "comm") >> std::ws, name);
    std::int64_t on_cpu = 0;
    std::ifstream(entry.path() / "schedstat") >> on_cpu;
    spent[name] += on_cpu;
  }
  return spent;
}

sim::Process start(std::vector<std::string> command, const std::string& errors,
                   std::vector<std::pair<std::string, std::string>> environment = {}) {
  Result<sim::Process> process = sim::Process::start({std::move(command), std::move(environment), errors, errors});
  if (!process) throw std::runtime_error(process.error().what);
  return std::move(*process);
}

class Benchmark {
 public:
  Benchmark(std::string program, std::string only, bool quick)
      : program_(std::move(program)), only_(std::move(only)), quick_(quick) {}

  void run(int repetitions) {
    const std::int64_t part = quick_ ? 10 : 1;
    const std::vector<Load> loads{{"open loop, 1,000/s", 1000, 0, 10'000 / part},
                                  {"open loop, 10,000/s", 10'000, 0, 100'000 / part},
                                  {"closed loop, 1,024 in flight", 1, 1024, 300'000 / part}};
    std::vector<std::string> subjects =
        only_.empty() ? std::vector<std::string>{"relay", "process", "disk"} : std::vector<std::string>{only_};
    std::mt19937 random(1);
    for (int repetition = 1; repetition <= repetitions; ++repetition) {
      std::shuffle(subjects.begin(), subjects.end(), random);
      for (const std::string& subject : subjects) {
        for (const Load& load : loads) measure(subject, load, repetition);
      }
    }
  }

 private:
  void measure(const std::string& subject, const Load& load, int repetition) {
    sim::TemporaryDirectory directory("portcullis-bench");
    const auto free = sim::free_ports(4);
    if (!free) throw std::runtime_error(free.error().what);
    const sim::DemoPorts ports{(*free)[0], (*free)[1], (*free)[2], (*free)[3]};
    const bool relay = subject == "relay";
    sim::Process broker =
        start({program_, "broker", "--engine", "raw", "--listen", "127.0.0.1:" + std::to_string(ports.northbank),
               "--version", "FIX.4.4", "--comp-id", "NORTHBANK", "--peer-comp-id", relay ? "ALPHA" : "PORTCULLIS"},
              directory / "broker.err");
    sim::Process under_test;
    if (relay) {
      under_test =
          start({sim::own_program(), "--relay", std::to_string(ports.clients), std::to_string(ports.northbank)},
                directory / "relay.err");
    } else {
      std::ofstream(directory / "gateway.yaml") << configuration(ports, subject);
      under_test = start({program_, "run", "--config", directory / "gateway.yaml"}, directory / "gateway.err",
                         sim::demo_tokens());
    }
    const sim::LoadResult result = load_it(ports, load, relay, under_test);
    const std::int64_t spent = cpu_ns(under_test.pid()) - warm_cpu_;
    boost::json::object line = boost::json::parse(sim::to_json(result)).as_object();
    line["subject"] = subject;
    line["load"] = load.name;
    line["repetition"] = repetition;
    line["cpu_ns_per_order"] = result.answered == 0 ? 0 : spent / result.answered;
    boost::json::object threads;
    for (const auto& [name, on_cpu] : cpu_ns_by_thread(under_test.pid())) {
      if (result.answered != 0) threads[name] = (on_cpu - warm_threads_[name]) / result.answered;
    }
    line["cpu_ns_per_order_by_thread"] = std::move(threads);
    std::printf("%s\n", boost::json::serialize(line).c_str());
    std::fflush(stdout);
    under_test.stop(Duration::seconds(20));
    broker.stop(Duration::seconds(5));
  }

  // First a warm-up of a second, which also waits until the gateway routes to its broker; then the run itself, on a
  // second connection of the same session.
  sim::LoadResult load_it(const sim::DemoPorts& ports, const Load& load, bool relay, sim::Process& under_test) {
    sim::LoadSettings settings;
    settings.host = "127.0.0.1";
    settings.port = ports.clients;
    settings.begin_string = "FIX.4.4";
    settings.sender = "ALPHA";
    settings.target = relay ? "NORTHBANK" : "PORTCULLIS";
    settings.accounts = {"ALPHA-1", "ALPHA-2"};
    settings.symbols = {"EUR/USD", "GBP/USD"};
    settings.reset_on_logon = true;
    settings.rate = 1000;
    settings.orders = 1000;
    settings.drain_s = 5;
    const SteadyTime give_up = sim::steady_now() + Duration::seconds(30);
    for (;;) {
      const Result<sim::LoadResult> warm = sim::run_load(settings);
      if (warm.ok() && warm->answered == warm->sent && warm->rejected == 0) break;
      if (sim::steady_now() > give_up) {
        throw std::runtime_error(warm.ok() ? "the warm-up's orders are not filled: " + sim::to_json(*warm)
                                           : warm.error().what);
      }
      under_test.wait(Duration::milliseconds(200));
    }
    warm_cpu_ = cpu_ns(under_test.pid());
    warm_threads_ = cpu_ns_by_thread(under_test.pid());
    settings.rate = load.rate;
    settings.in_flight = load.in_flight;
    settings.orders = load.orders;
    settings.drain_s = 30;
    const Result<sim::LoadResult> result = sim::run_load(settings);
    if (!result) throw std::runtime_error(result.error().what);
    return *result;
  }

  const std::string program_;
  const std::string only_;  // one subject; empty: all
  const bool quick_;
  std::int64_t warm_cpu_ = 0;
  std::map<std::string, std::int64_t> warm_threads_;
};

int usage() {
  std::fprintf(stderr, "usage: end_to_end --program FILE [--repetitions N] [--subject relay|process|disk] [--quick]\n");
  return 2;
}

int run(int count, char** arguments) {
  std::string program, only;
  int repetitions = 5;
  bool quick = false;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (argument == "--relay" && i + 2 < count) {
      return run_relay(static_cast<std::uint16_t>(std::atoi(arguments[i + 1])),
                       static_cast<std::uint16_t>(std::atoi(arguments[i + 2])));
    }
    if (argument == "--program" && i + 1 < count) {
      program = arguments[++i];
    } else if (argument == "--repetitions" && i + 1 < count) {
      repetitions = std::atoi(arguments[++i]);
    } else if (argument == "--subject" && i + 1 < count) {
      only = arguments[++i];
    } else if (argument == "--quick") {
      quick = true;
    } else {
      return usage();
    }
  }
  if (program.empty() || repetitions < 1) return usage();
  Benchmark(program, only, quick).run(repetitions);
  return 0;
}

}  // namespace
}  // namespace portcullis::bench

int main(int count, char** arguments) {
  try {
    return portcullis::bench::run(count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "end_to_end: %s\n", error.what());
    return 1;
  }
}
