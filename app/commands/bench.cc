#include "app/commands/bench.h"

#include <cstdio>
#include <memory>

#include "bench/comparison.h"

namespace portcullis::app {

void add_bench(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("bench", "The gateway against a byte relay and a textbook QuickFIX gateway");
  auto options = std::make_shared<bench::ComparisonOptions>();
  auto peer = std::make_shared<std::vector<std::string>>();
  command->add_option("--repetitions", options->repetitions, "How often each subject is run, in a new order each time")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--subjects", options->subjects, "Only these")
      ->delimiter(',')
      ->check(CLI::IsMember(bench::all_subject_names()));
  command->add_option("--load", options->loads, "Only the loads of these names, as the table has them")
      ->check(CLI::IsMember(bench::load_names()));
  command->add_option("--json", options->json, "FILE for one JSON document with every run");
  command->add_flag("--smoke", options->smoke, "A few hundred orders each: whether it works, not how fast");
  // What this command starts itself.
  command->add_option("--peer", *peer)->group("");
  command->footer(
      "Starts all its processes itself, on the loopback, and prints a table in Markdown. Needs a quiet machine;\n"
      "absolute figures move with it, so only the ratios are to be compared. Exit code 0: measured; 1: it did not "
      "work.");
  command->callback([options, peer, &run] {
    run = [options, peer] {
      if (!peer->empty()) return bench::run_peer(*peer);
      const Status done = bench::compare(*options);
      if (done) return kExitDone;
      std::fprintf(stderr, "portcullis bench: %s\n", done.error().what.c_str());
      return kExitNo;
    };
  });
}

}  // namespace portcullis::app
