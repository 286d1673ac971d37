#include "sim/demo.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>

#include "sim/demo_configuration.h"
#include "sim/inbox.h"
#include "sim/ledger.h"
#include "sim/process.h"
#include "sim/stop_signal.h"

namespace portcullis::sim {
namespace {

constexpr Duration kStartPatience = Duration::seconds(30);
constexpr std::int64_t kDrainS = 60;

// Reads on where it stopped, and counts the lines of each kind, without parsing them.
class LogTail {
 public:
  explicit LogTail(std::string path) : path_(std::move(path)) {}

  void read() {
    if (!file_.is_open()) file_.open(path_);
    file_.clear();
    std::string text;
    while (std::getline(file_, text)) {
      if (text.find("\"kind\":\"logon\"") != std::string::npos) ++logons;
      if (text.find("\"kind\":\"out\",\"type\":\"D\"") != std::string::npos) ++orders_sent;
      if (text.find("\"kind\":\"in\",\"type\":\"8\"") != std::string::npos) ++reports;
    }
  }

  std::int64_t logons = 0, orders_sent = 0, reports = 0;

 private:
  std::string path_;
  std::ifstream file_;
};

class Demo {
 public:
  explicit Demo(const DemoOptions& options)
      : options_(options),
        program_(options.program.empty() ? own_program() : options.program),
        directory_("portcullis-demo") {
    if (options.keep) directory_.keep();
  }

  int run() {
    const bool traded = prepare() && start_brokers_and_gateway() && trade();
    if (traded && options_.hold) {
      say("the console stays up until Ctrl-C");
      stop_.wait();
    }
    const bool stopped = stop_all();
    if (!traded) {
      directory_.keep();
      say("the logs are in " + directory_.path());
      return 1;
    }
    return summarise(stopped);
  }

 private:
  static void say(const std::string& text) { std::fprintf(stderr, "demo: %s\n", text.c_str()); }
  static bool no(const std::string& text) {
    say(text);
    return false;
  }

  bool prepare() {
    const Result<std::vector<std::uint16_t>> ports = free_ports(4);
    if (!ports) return no(ports.error().what);
    ports_ = {(*ports)[0], (*ports)[1], (*ports)[2], (*ports)[3]};
    tokens_ = demo_tokens();
    for (const char* version : {"FIX.4.2", "FIX.4.4"}) {
      const Result<std::string> path = write_dictionary(directory_.path(), version);
      if (!path) return no(path.error().what);
      dictionaries_[version] = *path;
    }
    std::ofstream file(directory_ / "gateway.yaml");
    file << demo_configuration(ports_, options_.durability);
    file.close();
    return file.good() || no("cannot write " + (directory_ / "gateway.yaml"));
  }

  bool start(const std::string& name, std::vector<std::string> arguments) {
    Process::Spec spec;
    spec.command = {program_};
    spec.command.insert(spec.command.end(), arguments.begin(), arguments.end());
    if (name == "gateway") spec.environment = tokens_;
    spec.output = directory_ / (name + ".out");
    spec.errors = directory_ / (name + ".err");
    Result<Process> process = Process::start(spec);
    if (!process) return no(process.error().what);
    processes_[name] = std::move(*process);
    return true;
  }

  bool start_broker(const std::string& name, const std::string& comp_id, const std::string& version,
                    std::uint16_t port) {
    return start(name,
                 {"broker", "--listen", "127.0.0.1:" + std::to_string(port), "--version", version, "--comp-id", comp_id,
                  "--peer-comp-id", "PORTCULLIS", "--script", "mixed", "--log", directory_ / (name + ".log"), "--store",
                  directory_ / (name + "-store"), "--dictionary", dictionaries_[version]});
  }
  bool start_northbank() { return start_broker("northbank", "NORTHBANK", "FIX.4.4", ports_.northbank); }

  bool start_client(const std::string& name, const std::string& comp_id, const std::string& version,
                    const std::string& accounts, std::uint64_t seed) {
    return start(name, {"client",
                        "--connect",
                        "127.0.0.1:" + std::to_string(ports_.clients),
                        "--version",
                        version,
                        "--comp-id",
                        comp_id,
                        "--peer-comp-id",
                        "PORTCULLIS",
                        "--rate",
                        std::to_string(options_.rate),
                        "--for",
                        std::to_string(options_.for_s),
                        "--drain",
                        std::to_string(kDrainS),
                        "--accounts",
                        accounts,
                        "--seed",
                        std::to_string(seed),
                        "--log",
                        directory_ / (name + ".log"),
                        "--store",
                        directory_ / (name + "-store"),
                        "--dictionary",
                        dictionaries_[version]});
  }

  bool start_brokers_and_gateway() {
    say("starting two brokers and the gateway");
    if (!start_northbank() || !start_broker("southbank", "SOUTHBANK", "FIX.4.2", ports_.southbank)) return false;
    if (!start("gateway", {"run", "--config", directory_ / "gateway.yaml"})) return false;
    LogTail north(directory_ / "northbank.log"), south(directory_ / "southbank.log");
    const SteadyTime deadline = steady_now() + kStartPatience;
    while (north.logons == 0 || south.logons == 0) {
      if (!all_run()) return false;
      if (steady_now() > deadline) return no("the gateway has not logged on to both brokers");
      if (stop_.wait_for(Duration::milliseconds(50))) return no("interrupted");
      north.read();
      south.read();
    }
    say("console: http://127.0.0.1:" + std::to_string(ports_.admin) + "/");
    for (const auto& [variable, token] : tokens_) say("token " + variable + "=" + token);
    return true;
  }

  bool all_run() {
    for (auto& [name, process] : processes_) {
      if (process.running()) continue;
      return no(name + " has ended; its last words: " + last_line(name + ".err"));
    }
    return true;
  }

  std::string last_line(const std::string& name) const {
    std::ifstream file(directory_ / name);
    std::string line, last;
    while (std::getline(file, line)) last = line;
    return last;
  }

  // The broker's absence takes a fifth of the time, in the middle.
  bool trade() {
    if (!start_client("alpha", "ALPHA", "FIX.4.4", "ALPHA-1,ALPHA-2", options_.seed) ||
        !start_client("beta", "BETA", "FIX.4.2", "BETA-1", options_.seed + 1)) {
      return false;
    }
    const SteadyTime begin = steady_now();
    const SteadyTime goes = begin + Duration::milliseconds(options_.for_s * 400);
    const SteadyTime comes = begin + Duration::milliseconds(options_.for_s * 600);
    const SteadyTime give_up = begin + Duration::seconds(options_.for_s + kDrainS + 30);
    LogTail alpha(directory_ / "alpha.log"), beta(directory_ / "beta.log");
    bool gone = false, back = false;
    SteadyTime next_word = begin;
    while (processes_["alpha"].running() || processes_["beta"].running()) {
      if (stop_.wait_for(Duration::milliseconds(50))) return no("interrupted");
      const SteadyTime now = steady_now();
      if (now > give_up) return no("the clients have not come to an end");
      if (!gone && now >= goes) {
        processes_["northbank"].stop(Duration::seconds(10));
        processes_.erase("northbank");
        gone = true;
        say("northbank went away");
      }
      if (gone && !back && now >= comes) {
        if (!start_northbank()) return false;
        back = true;
        say("northbank is back");
      }
      if (!processes_["gateway"].running()) return no("the gateway has ended; " + last_line("gateway.err"));
      if (now < next_word) continue;
      next_word = now + Duration::seconds(2);
      alpha.read();
      beta.read();
      say(std::to_string((now - begin).ms() / 1000) + " s: " + std::to_string(alpha.orders_sent + beta.orders_sent) +
          " orders, " + std::to_string(alpha.reports + beta.reports) + " reports");
    }
    return true;
  }

  // The clients are gone by now, or are not waited for; the gateway drains before its brokers go.
  bool stop_all() {
    bool in_order = true;
    for (const char* name : {"alpha", "beta", "gateway", "northbank", "southbank"}) {
      const auto process = processes_.find(name);
      if (process == processes_.end()) continue;
      const int code = process->second.stop(Duration::seconds(15));
      if (code == 0) continue;
      in_order = false;
      say(std::string(name) + " ended with exit code " + std::to_string(code) + ": " +
          last_line(name + std::string(".err")));
    }
    return in_order;
  }

  int summarise(bool stopped_in_order) {
    const Result<LedgerSummary> summary = judge_files({directory_ / "alpha.log", directory_ / "beta.log"},
                                                      {directory_ / "northbank.log", directory_ / "southbank.log"});
    if (!summary) {
      say(summary.error().what);
      return 1;
    }
    std::printf("%s\n", to_json(*summary).c_str());
    std::fflush(stdout);
    const bool good = summary->orders > 0 && summary->lost == 0 && summary->duplicated == 0 && summary->violations == 0;
    if (!good || !stopped_in_order) directory_.keep();
    if (!good || !stopped_in_order || options_.keep) say("the logs are in " + directory_.path());
    return good && stopped_in_order ? 0 : 1;
  }

  const DemoOptions options_;
  const std::string program_;
  StopSignal stop_;
  TemporaryDirectory directory_;
  DemoPorts ports_;
  std::map<std::string, std::string> dictionaries_;  // by version
  std::vector<std::pair<std::string, std::string>> tokens_;
  std::map<std::string, Process> processes_;
};

}  // namespace

int run_demo(const DemoOptions& options) {
  if (options.for_s < 5) {
    std::fprintf(stderr, "portcullis demo: --for must be at least 5 seconds\n");
    return 2;
  }
  return Demo(options).run();
}

}  // namespace portcullis::sim
