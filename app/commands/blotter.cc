#include <cinttypes>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "app/commands/command.h"
#include "config/loader/loader.h"
#include "persistence/blotter/projector.h"
#include "persistence/start_file.h"

namespace portcullis::app {

namespace {

std::optional<config::Config> load(const std::string& file) {
  auto loaded = config::load_file(file, config::process_environment());
  if (loaded.ok()) return std::move(loaded).value().config;
  for (const config::Fault& fault : loaded.error().faults) {
    std::fprintf(stderr, "%s\n", config::to_text(fault, file).c_str());
  }
  return std::nullopt;
}

std::string url_of(const config::BlotterSection& blotter) {
  const std::string& location = blotter.location.reveal();
  return blotter.kind == config::BlotterKind::kSqlite ? "sqlite:" + location : location;
}

int migrate(const std::string& file) {
  const auto configuration = load(file);
  if (!configuration) return kExitNo;
  const std::string url = url_of(configuration->blotter);
  auto store = persistence::open_store(url, configuration->gateway.id);
  if (!store.ok()) {
    std::fprintf(stderr, "%s\n", store.error().what.c_str());
    return kExitNo;
  }
  const auto before = persistence::migrate(**store);
  if (!before.ok()) {
    std::fprintf(stderr, "%s\n", before.error().what.c_str());
    return kExitNo;
  }
  std::printf("%s: schema version %" PRId64 ", was %" PRId64 "\n", persistence::loggable_url(url).c_str(),
              persistence::newest_schema_version(), *before);
  return kExitDone;
}

int rebuild(const std::string& file) {
  const auto configuration = load(file);
  if (!configuration) return kExitNo;
  persistence::FileSystem& files = persistence::posix_file_system();
  const std::string data_dir = configuration->gateway.data_dir;
  // A running gateway writes this blotter; its lock on the data directory tells.
  const auto lock = files.lock(data_dir + "/lock");
  if (!lock.ok()) {
    std::fprintf(stderr, "%s: is in use or cannot be locked; stop the gateway first (%s)\n", data_dir.c_str(),
                 lock.error().what.c_str());
    return kExitNo;
  }
  persistence::ProjectorOptions options;
  options.url = url_of(configuration->blotter);
  options.gateway_id = configuration->gateway.id;
  options.journal_directory = persistence::journal_directory(data_dir);
  const auto report = persistence::rebuild_blotter(files, options);
  if (!report.ok()) {
    std::fprintf(stderr, "%s\n", report.error().what.c_str());
    return kExitNo;
  }
  std::printf("%s: %" PRIu64 " records, up to record %" PRIu64 "\n", persistence::loggable_url(options.url).c_str(),
              report->records, report->last_index);
  return kExitDone;
}

}  // namespace

void add_blotter(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("blotter", "Make or rebuild the blotter's database");
  command->require_subcommand(1);
  auto file = std::make_shared<std::string>();

  CLI::App* migrate_command = command->add_subcommand("migrate", "Bring the tables to this version's schema");
  migrate_command->add_option("--config", *file, "The configuration in YAML")->required();
  migrate_command->footer("`portcullis run` does the same when it starts. Exit code 0: done; 1: not.");
  migrate_command->callback([file, &run] { run = [file] { return migrate(*file); }; });

  CLI::App* rebuild_command = command->add_subcommand("rebuild", "Drop the tables and fill them from the journal");
  rebuild_command->add_option("--config", *file, "The configuration in YAML")->required();
  rebuild_command->footer("The gateway must be stopped. The rows are the same again. Exit code 0: done; 1: not.");
  rebuild_command->callback([file, &run] { run = [file] { return rebuild(*file); }; });
}

}  // namespace portcullis::app
