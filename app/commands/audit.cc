#include <cinttypes>
#include <cstdio>
#include <memory>
#include <string>

#include "app/audit_trail.h"
#include "app/commands/command.h"
#include "persistence/journal_dump.h"

namespace portcullis::app {

namespace {

int verify(const std::string& named) {
  const std::string directory = persistence::find_journal(persistence::posix_file_system(), named);
  const Result<AuditReport> report = verify_audit_trail(directory);
  if (!report.ok()) {
    std::fprintf(stderr, "%s: %s\n", directory.c_str(), report.error().what.c_str());
    return kExitNo;
  }
  std::printf("%s: %" PRIu64 " lines of the audit trail, unbroken", directory.c_str(), report->lines);
  if (report->first > 0) std::printf(" from line %" PRIu64 " on; what was before it is in older segments", report->first);
  if (report->lines > 0) std::printf("; the newest of %s, digest %s", to_iso(report->newest).c_str(), to_hex(report->head).c_str());
  std::printf("\n");
  return kExitDone;
}

}  // namespace

void add_audit(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("audit", "Look at the audit trail in a journal");
  command->require_subcommand(1);
  auto directory = std::make_shared<std::string>();
  CLI::App* verify_command = command->add_subcommand("verify", "Check that no line was changed, left out or put in");
  verify_command->add_option("DIR", *directory, "The gateway's data_dir, or the journal's own directory in it")->required();
  verify_command->footer(
      "The digest of the newest line, kept elsewhere, also tells whether the end was cut off.\n"
      "Exit code 0: unbroken; 1: broken, with the record on standard error.");
  verify_command->callback([directory, &run] { run = [directory] { return verify(*directory); }; });
}

}  // namespace portcullis::app
