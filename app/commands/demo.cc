#include "sim/demo.h"

#include <memory>

#include "app/commands/command.h"

namespace portcullis::app {

void add_demo(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand(
      "demo", "The gateway with two simulated brokers and two trading clients, on the loopback only");
  auto options = std::make_shared<sim::DemoOptions>();
  command->add_option("--for", options->for_s, "Seconds for which the clients place orders")
      ->check(CLI::Range(5, 86'400))
      ->capture_default_str();
  command->add_option("--rate", options->rate, "New orders a second of each client")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "Seed of what the clients do")->capture_default_str();
  command->add_option("--durability", options->durability, "Durability of the gateway's journal")
      ->check(CLI::IsMember({"process", "disk"}))
      ->capture_default_str();
  command->add_flag("--hold", options->hold, "Afterwards keep gateway and console up until Ctrl-C");
  command->add_flag("--keep", options->keep, "Keep the directory with configuration, journal and logs");
  command->footer(
      "Prints the console's address, and at the end a summary as JSON on standard output: orders, acknowledged,\n"
      "rejected, filled, lost, duplicated. Exit code 0: nothing lost or duplicated; 1: otherwise.");
  command->callback([options, &run] { run = [options] { return sim::run_demo(*options); }; });
}

}  // namespace portcullis::app
