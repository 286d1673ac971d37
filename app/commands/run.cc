#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#include "app/commands/command.h"
#include "app/gateway.h"
#include "app/log.h"
#include "app/processors.h"
#include "config/loader/loader.h"
#include "persistence/file.h"

namespace portcullis::app {
namespace {

// Signals are waited for by a thread of their own, so that no handler interrupts anything.
class Signals {
 public:
  explicit Signals(Gateway& gateway, const std::string& path) : thread_([this, &gateway, path] { wait(gateway, path); }) {}
  ~Signals() {
    pthread_kill(thread_.native_handle(), SIGUSR2);
    thread_.join();
  }

  static sigset_t handled() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR2}) sigaddset(&set, signal);
    return set;
  }

 private:
  void wait(Gateway& gateway, const std::string& path) {
    const sigset_t set = handled();
    while (true) {
      int signal = 0;
      if (sigwait(&set, &signal) != 0 || signal == SIGUSR2) return;
      if (signal == SIGHUP) {
        reload(gateway, path);
        continue;
      }
      log_info("signal", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
      gateway.stop();
    }
  }

  // Read and checked here, so that the core does not wait for the disk; a file with faults changes nothing.
  static void reload(Gateway& gateway, const std::string& path) {
    auto loaded = config::load_file(path, config::process_environment());
    if (!loaded.ok()) {
      for (const config::Fault& fault : loaded.error().faults) {
        log_error("reload_refused", {{"fault", config::to_text(fault, path)}});
      }
      return;
    }
    for (const config::Fault& warning : loaded->warnings) {
      log_warning("configuration", {{"warning", config::warning_text(warning, path)}});
    }
    if (!gateway.request_reload(std::move(loaded).value(), path)) {
      log_error("reload_refused", {{"file", path}, {"why", "too much waits for the core; try again"}});
    }
  }

  std::thread thread_;
};

// Each connection is a descriptor, and a storm of reconnects holds many at once.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) std::perror("portcullis: cannot raise the limit of open files");
}

int run_gateway(const std::string& path, const std::string& level) {
  // Threads that are started from here on inherit it.
  const sigset_t handled = Signals::handled();
  pthread_sigmask(SIG_BLOCK, &handled, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  persistence::stop_at_bus_error();
  raise_descriptor_limit();

  auto loaded = config::load_file(path, config::process_environment());
  if (!loaded.ok()) {
    for (const config::Fault& fault : loaded.error().faults) {
      std::fprintf(stderr, "%s\n", config::to_text(fault, path).c_str());
    }
    return kExitNo;
  }
  // Before the first thread is started, which takes its processors from this one.
  const auto allowed = allowed_processors();
  const auto processors = allowed ? Processors::of(loaded->config.gateway, *allowed) : Result<Processors>(allowed.error());
  const Status placed = processors ? place_thread(processors->others) : Status(processors.error());
  if (!placed) {
    std::fprintf(stderr, "%s: %s\n", path.c_str(), placed.error().what.c_str());
    return kExitNo;
  }
  start_log(*parse_log_level(level));
  for (const config::Fault& warning : loaded->warnings) {
    log_warning("configuration", {{"warning", config::warning_text(warning, path)}});
  }
  int code = kExitNo;
  {
    auto gateway = Gateway::open(std::move(*loaded).config);
    if (!gateway.ok()) {
      log_error("start_failed", {{"why", gateway.error().what}});
    } else {
      Signals signals(**gateway, path);
      sd_notify(0, "READY=1");
      code = (*gateway)->run(processors->core);
    }
  }
  stop_log();
  return code;
}

}  // namespace

void add_run(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("run", "The gateway; logs JSON lines to standard error");
  auto path = std::make_shared<std::string>();
  auto level = std::make_shared<std::string>("info");
  command->add_option("--config", *path, "The configuration file")->required();
  command->add_option("--log-level", *level, "The mildest lines that are logged")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->capture_default_str();
  command->footer("SIGTERM drains and stops: every session is logged out, the journal is closed. Exit code 0: stopped so;\n"
                  "1: it could not start or stop as it should, with the reason in the log.");
  command->callback([path, level, &run] { run = [path, level] { return run_gateway(*path, *level); }; });
}

}  // namespace portcullis::app
