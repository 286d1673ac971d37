#include "sim/client.h"

#include <cstdlib>
#include <limits>
#include <memory>

#include "app/commands/command.h"

namespace portcullis::app {

void add_client(CLI::App& app, Run& run) {
  constexpr auto kMany = std::numeric_limits<std::int64_t>::max();
  CLI::App* command = app.add_subcommand("client", "A test client that trades; with --engine raw a load generator");
  auto options = std::make_shared<sim::ClientOptions>();
  command->add_option("--connect", options->connect, "ADDRESS:PORT of the gateway")->required();
  command->add_option("--version", options->version, "FIX version")
      ->required()
      ->check(CLI::IsMember({"FIX.4.2", "FIX.4.4"}));
  command->add_option("--comp-id", options->comp_id, "SenderCompID(49) of what the client sends")->required();
  command->add_option("--peer-comp-id", options->peer_comp_id, "TargetCompID(56) of what the client sends")->required();
  command->add_option("--engine", options->engine, "quickfix, or raw: the load generator")
      ->check(CLI::IsMember({"quickfix", "raw"}))
      ->capture_default_str();
  command->add_option("--orders", options->orders, "Stop after so many new orders; 0: no such limit")
      ->check(CLI::Range(std::int64_t{0}, kMany));
  command->add_option("--rate", options->rate, "New orders a second")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{10'000'000}))
      ->capture_default_str();
  command->add_option("--for", options->for_s, "Stop placing orders after so many SECONDS; 0: no such limit")
      ->check(CLI::Range(std::int64_t{0}, kMany));
  command->add_option("--in-flight", options->in_flight, "raw: so many unanswered orders at most; 0: by rate alone")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000}));
  command->add_flag("--spin", options->spin, "raw: exact sending times, with one core busy");
  command->add_option("--drain", options->drain_s, "SECONDS to wait until every order is at an end")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{86'400}))
      ->capture_default_str();
  command->add_option("--accounts", options->accounts, "Account(1), in turn; none: not sent")->delimiter(',');
  command->add_option("--symbols", options->symbols, "Symbol(55), in turn")->delimiter(',')->capture_default_str();
  command->add_option("--log", options->log, "FILE for one JSON line a message");
  command->add_option("--store", options->store, "DIRECTORY for sequence numbers and messages; none: they start at 1");
  command->add_option("--dictionary", options->dictionary, "FILE with a FIX data dictionary to validate against");
  command->add_option("--username", options->username,
                      "Username(553); the password is read from PORTCULLIS_CLIENT_PASSWORD");
  command->add_option("--seed", options->seed, "Seed of what the client does")->capture_default_str();
  command->add_option("--heartbeat", options->heartbeat_s, "HeartBtInt(108) in SECONDS")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  command->add_flag("--reset-on-logon", options->reset_on_logon, "ResetSeqNumFlag(141)=Y at each Logon");
  command->add_flag("--with-silence", options->with_silence, "Some orders that a broker answers only when it is asked");
  command->footer(
      "Prints its counts as JSON on standard output. Exit code 0: every order reached an end and no report\n"
      "contradicted another; 1: otherwise. Without --orders and --for: 100 orders.");
  command->callback([options, &run] {
    run = [options] {
      // From the environment and not from the command line, where other users could read it.
      if (const char* password = std::getenv("PORTCULLIS_CLIENT_PASSWORD")) options->password = password;
      return sim::run_client(*options);
    };
  });
}

}  // namespace portcullis::app
