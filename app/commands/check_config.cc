#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "app/commands/command.h"
#include "config/loader/loader.h"
#include "session/password.h"
#include "session/tls.h"

namespace portcullis::app {

namespace {

// What a start finds out only when it uses what the file names: nothing of it is opened or connected here.
std::vector<config::Fault> edge_faults(const config::Loaded& loaded) {
  std::vector<config::Fault> faults;
  const auto add = [&](const char* key, const std::string& what, const char* expected) {
    const config::Place place = loaded.place_of(key);
    faults.push_back(config::Fault{place.line, place.column, what, expected});
  };
  constexpr const char* kTls = "PEM files that TLS can use";
  const config::Config& config = loaded.config;
  if (config.acceptor.tls) {
    if (const auto tls = session::TlsContext::for_server(*config.acceptor.tls); !tls) {
      add("acceptor.tls", "acceptor: " + tls.error().what, kTls);
    }
  }
  for (const config::Client& client : config.clients) {
    if (!client.password_hash) continue;
    if (const Status good = session::check_password_hash(client.password_hash->reveal()); !good) {
      add("clients", "client " + client.id + ": " + good.error().what, "what `portcullis user hash` prints");
    }
  }
  for (const config::Broker& broker : config.brokers) {
    if (!broker.tls) continue;
    if (const auto tls = session::TlsContext::for_client(*broker.tls); !tls) {
      add("brokers", "broker " + broker.id + ": " + tls.error().what, kTls);
    }
  }
  return faults;
}

int check_config(const std::string& file) {
  const auto loaded = config::load_file(file, config::process_environment());
  if (!loaded.ok()) {
    for (const config::Fault& fault : loaded.error().faults) {
      std::fprintf(stderr, "%s\n", config::to_text(fault, file).c_str());
    }
    return kExitNo;
  }
  const std::vector<config::Fault> faults = edge_faults(*loaded);
  for (const config::Fault& fault : faults) std::fprintf(stderr, "%s\n", config::to_text(fault, file).c_str());
  if (!faults.empty()) return kExitNo;
  for (const config::Fault& warning : loaded->warnings) {
    std::fprintf(stderr, "%s\n", config::warning_text(warning, file).c_str());
  }
  std::printf("%s: good\n", file.c_str());
  return kExitDone;
}

}  // namespace

void add_check_config(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("check-config", "Check a configuration file; every fault is named at once");
  auto file = std::make_shared<std::string>();
  command->add_option("FILE", *file, "The configuration in YAML")->required();
  command->footer(
      "Faults go to standard error as FILE:LINE:COLUMN: what, and what was expected.\n"
      "Exit code 0: good, perhaps with warnings; 1: faults.");
  command->callback([file, &run] { run = [file] { return check_config(*file); }; });
}

}  // namespace portcullis::app
