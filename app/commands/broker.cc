#include "sim/broker.h"

#include <memory>

#include "app/commands/command.h"

namespace portcullis::app {

void add_broker(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("broker", "A simulated broker on QuickFIX's own engine");
  auto options = std::make_shared<sim::BrokerOptions>();
  command->add_option("--listen", options->listen, "ADDRESS:PORT; port 0: any free one")->required();
  command->add_option("--version", options->version, "FIX version")
      ->required()
      ->check(CLI::IsMember({"FIX.4.2", "FIX.4.4"}));
  command->add_option("--comp-id", options->comp_id, "SenderCompID(49) of what the broker sends")->required();
  command->add_option("--peer-comp-id", options->peer_comp_id, "TargetCompID(56) of what the broker sends")->required();
  command->add_option("--engine", options->engine, "quickfix, or raw: a bare broker for load")
      ->check(CLI::IsMember({"quickfix", "raw"}))
      ->capture_default_str();
  command
      ->add_option("--script", options->script,
                   "How it answers: ack, fill, partial, reject, delay, silence, bust, mixed")
      ->capture_default_str();
  command->add_option("--log", options->log, "FILE for one JSON line a message");
  command->add_option("--store", options->store, "DIRECTORY for sequence numbers and messages; none: they start at 1");
  command->add_option("--dictionary", options->dictionary, "FILE with a FIX data dictionary to validate against");
  command->footer("Runs until SIGINT or SIGTERM.");
  command->callback([options, &run] { run = [options] { return sim::run_broker(*options); }; });
}

}  // namespace portcullis::app
