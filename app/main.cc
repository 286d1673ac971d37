#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "app/commands/bench.h"
#include "app/commands/command.h"
#include "app/memory.h"

int main(int argc, char** argv) {
  using namespace portcullis::app;
  keep_memory();
  CLI::App app("Portcullis, a FIX gateway with pre-trade risk", "portcullis");
  app.require_subcommand(1);
  app.set_version_flag("--version", PORTCULLIS_VERSION);
  app.footer("`portcullis COMMAND --help` explains each command. Exit codes: 0 done, 1 the answer is no, 2 wrong use.");
  Run run;
  add_run(app, run);
  add_check_config(app, run);
  add_demo(app, run);
  add_broker(app, run);
  add_client(app, run);
  add_journal(app, run);
  add_blotter(app, run);
  add_audit(app, run);
  add_kill(app, run);
  add_user(app, run);
  add_controls(app, run);
  add_bench(app, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    // A word that is misspelt explains why something is missing better than that it is.
    std::vector<std::string> rest = app.remaining(true);
    std::reverse(rest.begin(), rest.end());
    if (rest.empty()) return app.exit(error), kExitWrongUse;
    return app.exit(CLI::ExtrasError(app.get_name(), rest)), kExitWrongUse;
  } catch (const CLI::ParseError& error) {
    // The parser's way to ask for --help, too, which is no error.
    return app.exit(error) == 0 ? kExitDone : kExitWrongUse;
  }
  try {
    return run();
  } catch (const std::exception& error) {
    // Libraries below the commands may throw, out of memory for one; the commands themselves do not.
    std::fprintf(stderr, "portcullis: %s\n", error.what());
    return kExitNo;
  }
}
