#include <cinttypes>
#include <cstdio>
#include <memory>
#include <string>

#include "app/commands/command.h"
#include "persistence/recovery.h"

namespace portcullis::app {

namespace {

int verify(const std::string& directory) {
  persistence::FileSystem& files = persistence::posix_file_system();
  const auto report = persistence::verify_journal(files, directory);
  if (!report.ok()) {
    std::fprintf(stderr, "%s: %s\n", directory.c_str(), report.error().what.c_str());
    return kExitNo;
  }
  std::printf("%s: %" PRIu64 " records in %zu segments, %" PRIu64 " to %" PRIu64 ", %s\n", directory.c_str(),
              report->records, report->segments, report->first_index, report->last_index,
              report->stopped_cleanly ? "stopped cleanly" : "not stopped cleanly");
  if (report->torn_bytes > 0) {
    std::printf("%s: %" PRIu64 " bytes behind the end at %s: a write that was never reported durable\n",
                directory.c_str(), report->torn_bytes, report->torn_at.c_str());
  }
  return kExitDone;
}

}  // namespace

void add_journal(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("journal", "Look at a journal");
  command->require_subcommand(1);
  auto directory = std::make_shared<std::string>();
  CLI::App* verify_command = command->add_subcommand("verify", "Check every record of a journal");
  verify_command->add_option("DIR", *directory, "The journal's directory, below the gateway's data_dir")->required();
  verify_command->footer("Exit code 0: whole; 1: damaged, with file and offset on standard error.");
  verify_command->callback([directory, &run] { run = [directory] { return verify(*directory); }; });
}

}  // namespace portcullis::app
