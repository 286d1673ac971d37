#include <cinttypes>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "app/commands/command.h"
#include "app/commands/journal_messages.h"
#include "app/replay.h"
#include "persistence/journal_dump.h"
#include "persistence/recovery.h"

namespace portcullis::app {

namespace {

persistence::FileSystem& files() {
  return persistence::posix_file_system();
}

int verify(const std::string& named) {
  const std::string directory = persistence::find_journal(files(), named);
  const auto report = persistence::verify_journal(files(), directory);
  if (!report.ok()) {
    std::fprintf(stderr, "%s: %s\n", directory.c_str(), report.error().what.c_str());
    return kExitNo;
  }
  std::printf("%s: %s", directory.c_str(), persistence::describe(*report).c_str());
  return kExitDone;
}

int dump(const std::string& named, const persistence::DumpOptions& options) {
  const std::string directory = persistence::find_journal(files(), named);
  const auto written = persistence::dump_journal(files(), directory, options, [](std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  });
  if (!written.ok()) {
    std::fprintf(stderr, "%s: %s\n", directory.c_str(), written.error().what.c_str());
    return kExitNo;
  }
  return kExitDone;
}

int replay(const std::string& named) {
  const std::string directory = persistence::find_journal(files(), named);
  const auto report = replay_journal(directory);
  if (!report.ok()) {
    std::fprintf(stderr, "%s: %s\n", directory.c_str(), report.error().what.c_str());
    return kExitNo;
  }
  std::printf("%s: %" PRIu64 " records folded; %" PRIu64 " of them decided anew, %" PRIu64 " only folded\n%" PRIu64
              " orders, %" PRIu64 " open, %" PRIu64 " executions\n",
              directory.c_str(), report->records, report->decided_anew, report->folded_only, report->orders,
              report->open_orders, report->executions);
  if (report->differences > 0) {
    std::fprintf(stderr, "%s: %s\n", directory.c_str(), report->first_difference.c_str());
    return kExitNo;
  }
  return kExitDone;
}

}  // namespace

void add_journal(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("journal", "Look at a journal");
  command->require_subcommand(1);
  auto directory = std::make_shared<std::string>();
  constexpr const char* kDirectory = "The gateway's data_dir, or the journal's own directory in it";

  CLI::App* verify_command = command->add_subcommand("verify", "Check every record of a journal");
  verify_command->add_option("DIR", *directory, kDirectory)->required();
  verify_command->footer("Exit code 0: whole; 1: damaged, with file and offset on standard error.");
  verify_command->callback([directory, &run] { run = [directory] { return verify(*directory); }; });

  CLI::App* dump_command = command->add_subcommand("dump", "Print a journal's records");
  auto options = std::make_shared<persistence::DumpOptions>();
  auto json = std::make_shared<bool>(false);
  dump_command->add_option("DIR", *directory, kDirectory)->required();
  dump_command->add_flag("--json", *json, "One JSON object a line");
  dump_command->add_option("--after", options->after, "Begin behind the record of this index");
  dump_command->add_option("--count", options->most, "At most so many records");
  dump_command->footer("Works beside a running gateway. Exit code 0: done; 1: it could not be read.");
  dump_command->callback([directory, options, json, &run] {
    if (*json) options->format = persistence::DumpFormat::kJsonLines;
    run = [directory, options] { return dump(*directory, *options); };
  });

  CLI::App* messages_command = command->add_subcommand("messages", "Print the FIX messages of one session, or of all");
  auto messages = std::make_shared<MessagesOptions>();
  messages_command->add_option("DIR", *directory, kDirectory)->required();
  messages_command->add_option("--session", messages->session, "A client's or broker's id in the configuration");
  messages_command->add_option("--contains", messages->contains, "Only messages that hold this text, such as '|11=A1|'");
  messages_command->footer(
      "A line a message: time, record, session, < for in and > for out, the message with | for SOH. Retransmissions\n"
      "and gap fills are not repeated. Works beside a running gateway. Exit code 0: done; 1: it could not be read.");
  messages_command->callback([directory, messages, &run] { run = [directory, messages] { return print_messages(*directory, *messages); }; });

  CLI::App* replay_command = command->add_subcommand("replay", "Rebuild the state from a journal, and compare");
  replay_command->add_option("DIR", *directory, kDirectory)->required();
  replay_command->footer(
      "Folds every record, and decides anew those that hold their whole input; both must agree, byte for byte.\n"
      "For the build that wrote the journal. Exit code 0: the same; 1: a difference, or it could not be read.");
  replay_command->callback([directory, &run] { run = [directory] { return replay(*directory); }; });
}

}  // namespace portcullis::app
