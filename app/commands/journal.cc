#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include "app/commands/command.h"
#include "app/commands/journal_messages.h"
#include "app/journal_roots.h"
#include "app/replay.h"
#include "app/what_if.h"
#include "config/loader/loader.h"
#include "persistence/journal_dump.h"
#include "persistence/recovery.h"

namespace portcullis::app {

namespace {

persistence::FileSystem& files() {
  return persistence::posix_file_system();
}

// One line a day, and one for the whole: to be kept where the gateway's own administrators cannot write.
int print_roots(const std::string& directory, const persistence::ScanReport& report) {
  const auto roots = read_roots(directory, [](const JournalRoot& day) {
    std::printf("{\"date\":\"%s\",\"first_index\":%" PRIu64 ",\"last_index\":%" PRIu64 ",\"root\":\"%s\"}\n",
                day.date.c_str(), day.first_index, day.last_index, day.root.c_str());
  });
  if (!roots.ok()) {
    std::fprintf(stderr, "%s: %s\n", directory.c_str(), roots.error().what.c_str());
    return kExitNo;
  }
  std::printf("{\"journal_id\":\"%s\",\"records\":%" PRIu64 ",\"last_index\":%" PRIu64
              ",\"segments\":%zu,\"torn_bytes\":%" PRIu64 ",\"stopped_cleanly\":%s,\"root\":\"%s\"}\n",
              roots->journal_id.c_str(), roots->records, roots->last_index, static_cast<std::size_t>(report.segments),
              static_cast<std::uint64_t>(report.torn_bytes), report.stopped_cleanly ? "true" : "false",
              roots->root.c_str());
  return kExitDone;
}

int verify(const std::string& named, bool json) {
  const std::string directory = persistence::find_journal(files(), named);
  const auto report = persistence::verify_journal(files(), directory);
  if (!report.ok()) {
    std::fprintf(stderr, "%s: %s\n", directory.c_str(), report.error().what.c_str());
    return kExitNo;
  }
  if (json) return print_roots(directory, *report);
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

// The file of --with-limits, or nothing when it is faulty, which was told.
std::optional<config::RiskSection> limits_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  if (!stream) {
    std::fprintf(stderr, "%s: cannot be read; expected a file with limits in YAML\n", file.c_str());
    return std::nullopt;
  }
  auto limits = config::load_limits(text.str());
  if (limits.ok()) return std::move(limits).value();
  for (const config::Fault& fault : limits.error().faults) {
    std::fprintf(stderr, "%s\n", config::to_text(fault, file).c_str());
  }
  return std::nullopt;
}

int what_if(const std::string& named, const std::string& file, bool json) {
  const std::string directory = persistence::find_journal(files(), named);
  const auto limits = limits_of(file);
  if (!limits) return kExitNo;
  const auto report = replay_with_limits(directory, *limits, [json](const WhatIfDifference& difference) {
    std::printf("%s\n", json ? to_json(difference).c_str() : to_text(difference).c_str());
  });
  if (!report.ok()) {
    std::fprintf(stderr, "%s: %s\n", directory.c_str(), report.error().what.c_str());
    return kExitNo;
  }
  std::fprintf(json ? stderr : stdout,
               "%" PRIu64 " records; %" PRIu64 " orders and replaces decided; %" PRIu64 " would be refused, %" PRIu64
               " would be accepted; %" PRIu64 " not compared, since this program decides them otherwise\n",
               report->records, report->decided, report->would_refuse, report->would_accept, report->passed_over);
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
  auto roots = std::make_shared<bool>(false);
  verify_command->add_flag("--json", *roots, "One JSON object a day with the root of the history up to its end, and one for all");
  verify_command->footer("Exit code 0: whole; 1: damaged, with file and offset on standard error.");
  verify_command->callback([directory, roots, &run] { run = [directory, roots] { return verify(*directory, *roots); }; });

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
      "For the build that wrote the journal. Exit code 0: the same; 1: a difference, or it could not be read.\n"
      "With --with-limits differences are the report, and exit code 1 means that something could not be read.");
  auto file = std::make_shared<std::string>();
  auto as_json = std::make_shared<bool>(false);
  auto* with_limits = replay_command->add_option(
      "--with-limits", *file, "Tell instead which orders other limits would have decided otherwise: a file as risk.shadow");
  replay_command->add_flag("--json", *as_json, "With --with-limits: one JSON object a difference")->needs(with_limits);
  replay_command->callback([directory, file, as_json, &run] {
    run = [directory, file, as_json] { return file->empty() ? replay(*directory) : what_if(*directory, *file, *as_json); };
  });
}

}  // namespace portcullis::app
