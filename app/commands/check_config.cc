#include <cstdio>
#include <memory>
#include <string>

#include "app/commands/command.h"
#include "config/loader/loader.h"

namespace portcullis::app {

namespace {

int check_config(const std::string& file) {
  const auto loaded = config::load_file(file, config::process_environment());
  if (!loaded.ok()) {
    for (const config::Fault& fault : loaded.error().faults) {
      std::fprintf(stderr, "%s\n", config::to_text(fault, file).c_str());
    }
    return kExitNo;
  }
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
