// `portcullis kill`, `drill`, `status` and `positions`: through the gateway's socket in its data directory, with
// nothing of REST, the network or the database.

#include <boost/json.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "app/commands/command.h"
#include "app/local_door.h"
#include "config/loader/loader.h"

namespace portcullis::app {
namespace {

namespace json = boost::json;

int ask(const std::string& file, const json::object& request, bool show) {
  // Nothing else of the file: it may be half edited by now, and its secrets are not in every shell.
  const auto data_dir = config::load_data_dir(file);
  if (!data_dir) {
    std::fprintf(stderr, "%s\n", config::to_text(data_dir.error().faults.front(), file).c_str());
    return kExitNo;
  }
  const Result<std::string> answer = ask_local_door(*data_dir, json::serialize(request));
  if (!answer) {
    std::fprintf(stderr, "%s\n", answer.error().what.c_str());
    return kExitNo;
  }
  boost::system::error_code error;
  const json::value value = json::parse(*answer, error);
  const json::object* const told = error ? nullptr : value.if_object();
  const json::value* const done = told != nullptr ? told->if_contains("done") : nullptr;
  if (done == nullptr || !done->is_bool() || !done->get_bool()) {
    const json::value* const why = told != nullptr ? told->if_contains("error") : nullptr;
    std::fprintf(stderr, "%s\n", why != nullptr && why->is_string() ? why->get_string().c_str() : answer->c_str());
    return kExitNo;
  }
  std::printf("%s\n", show ? answer->c_str() : ("done, in record " + json::serialize(told->at("journal_index"))).c_str());
  return kExitDone;
}

Result<std::string> content_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(stream), {});
  if (!stream.good() && text.empty()) return Error{"cannot read " + file};
  return text;
}

struct Options {
  std::string file;
  std::string scope;
  std::string id;
  std::string state;
  std::string reason;
};

void add_common(CLI::App& command, Options& options) {
  command.add_option("--config", options.file, "The running gateway's configuration")->required();
  command
      .add_option("--scope", options.scope,
                  "What to stop")
      ->required()
      ->check(CLI::IsMember({"firm", "group", "client", "account", "session", "trader", "broker", "instrument", "currency"}));
  command.add_option("--id", options.id, "Which of them; the firm has none");
  command.add_option("--reason", options.reason, "Why; it stands in the journal")->required();
}

// "--scope firm --id alpha" means one of two things, and a guess would stop everybody.
void name_scope(Options& options) {
  if (options.scope != "firm") {
    if (options.id.empty()) throw CLI::ValidationError("--id", "a " + options.scope + " is named by it");
  } else if (!options.id.empty() && options.id != "firm") {
    throw CLI::ValidationError("--id", "the firm has none, and '" + options.id + "' is something else");
  } else {
    options.id = "firm";
  }
}

}  // namespace

void add_kill(CLI::App& app, Run& run) {
  const auto options = std::make_shared<Options>();
  constexpr const char* kFooter =
      "Works with REST, the network and the database down, as the gateway's own user or root.\n"
      "Exit code 0: done and durable; 1: refused, or no gateway answers.";
  CLI::App* kill = app.add_subcommand("kill", "Stop a scope of the running gateway at once; it can only tighten");
  add_common(*kill, *options);
  kill->add_option("--state", options->state, "reduce_only, block_new, cancel or killed")->required();
  kill->footer(kFooter);
  kill->callback([options, &run] {
    name_scope(*options);
    run = [options] {
      return ask(options->file, {{"command", "kill"}, {"scope", options->scope}, {"id", options->id}, {"state", options->state},
                                 {"reason", options->reason}}, false);
    };
  });

  const auto drill_options = std::make_shared<Options>();
  CLI::App* drill = app.add_subcommand("drill", "Measure how long the cancels of a scope would take; none is sent");
  add_common(*drill, *drill_options);
  drill->footer(std::string(kFooter) + " `portcullis status` shows the time when it is over.");
  drill->callback([drill_options, &run] {
    name_scope(*drill_options);
    run = [drill_options] {
      return ask(drill_options->file, {{"command", "drill"}, {"scope", drill_options->scope}, {"id", drill_options->id},
                                       {"reason", drill_options->reason}}, false);
    };
  });

  struct PositionsOptions {
    std::string config, file, signature;
  };
  const auto positions_options = std::make_shared<PositionsOptions>();
  CLI::App* positions =
      app.add_subcommand("positions", "Give the running gateway a signed file of start-of-day positions");
  positions->add_option("--config", positions_options->config, "The running gateway's configuration")->required();
  positions->add_option("--file", positions_options->file, "The positions, as docs/risk.md describes them")->required();
  positions->add_option("--signature", positions_options->signature, "A file with its HMAC-SHA256 in hexadecimal")
      ->required();
  positions->footer(
      "All of the file is taken, or nothing. Exit code 0: taken and durable; 1: refused, or no gateway answers.");
  positions->callback([positions_options, &run] {
    run = [positions_options] {
      const Result<std::string> text = content_of(positions_options->file);
      const Result<std::string> signature = content_of(positions_options->signature);
      for (const auto* read : {&text, &signature}) {
        if (*read) continue;
        std::fprintf(stderr, "%s\n", read->error().what.c_str());
        return kExitNo;
      }
      return ask(positions_options->config, {{"command", "positions"}, {"text", *text}, {"signature", *signature}},
                 false);
    };
  });

  const auto status_options = std::make_shared<Options>();
  CLI::App* status = app.add_subcommand("status", "The running gateway's sessions, stops and cancels, as JSON");
  status->add_option("--config", status_options->file, "The running gateway's configuration")->required();
  status->footer("Exit code 0: it answers; 1: it does not.");
  status->callback([status_options, &run] {
    run = [status_options] { return ask(status_options->file, {{"command", "status"}}, true); };
  });
}

}  // namespace portcullis::app
