#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "sim/client_model.h"
#include "sim/inbox.h"

// `portcullis client`: the simulated trader (sim/client_model.h) on QuickFIX's own engine, and the load generator
// (sim/load/load.h, `--engine raw`).

namespace portcullis::sim {

// The option of the command line stands behind each.
struct ClientOptions {
  std::string connect;                // --connect ADDRESS:PORT
  std::string version;                // --version FIX.4.2 or FIX.4.4
  std::string comp_id;                // --comp-id: SenderCompID(49) of what the client sends
  std::string peer_comp_id;           // --peer-comp-id: TargetCompID(56) of what the client sends
  std::string engine = "quickfix";    // --engine quickfix | raw: the load generator (sim/load/load.h)
  std::int64_t orders = 0;            // --orders N: stop after so many; 0: no such limit
  std::int64_t rate = 50;             // --rate R: new orders a second
  std::int64_t for_s = 0;             // --for SECONDS: stop placing orders then; 0: no such limit.
                                      // Both limits 0: 100 orders
  std::int64_t in_flight = 0;         // --in-flight N (raw): closed loop with so many unanswered; 0: open loop by rate
  bool spin = false;                  // --spin (raw): exact sending times, one core busy
  std::int64_t patience_ms = 2000;    // how long a resting order is left alone before it is cancelled at the end
  std::int64_t quiet_ms = 1000;       // how long nothing may arrive before the client takes its orders' ends as final
  std::int64_t drain_s = 30;          // --drain SECONDS: how long to wait until every order is at an end
  std::vector<std::string> accounts;  // --accounts A,B: Account(1), in turn; empty: not sent
  std::vector<std::string> symbols = {"EUR/USD", "GBP/USD", "USD/JPY"};  // --symbols A,B
  std::string log;                 // --log FILE: JSON lines (sim/json_log.h); empty: none
  std::string store;               // --store DIR: QuickFIX's FileStore; empty: numbers start at 1
  std::string dictionary;          // --dictionary FILE: a data dictionary to validate against; empty: none
  std::string username, password;  // --username; the password from PORTCULLIS_CLIENT_PASSWORD; empty: not sent
  std::uint64_t seed = 1;          // --seed S
  int heartbeat_s = 30;            // --heartbeat SECONDS
  bool reset_on_logon = false;     // --reset-on-logon: 141=Y
  bool with_silence = false;       // --with-silence: some orders that the broker answers only when it is asked
};

// A running client session.
class Client {
 public:
  static Result<std::unique_ptr<Client>> start(const ClientOptions& options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // trade(), then settle(). One thread calls these three; `stopped` is asked often, and true ends them at once.
  ClientCounts run(const std::function<bool()>& stopped);
  // Places orders until the options' limits, while the session is logged on; waits for it otherwise.
  void trade(const std::function<bool()>& stopped);
  // Cancels what rests, and waits until every order is at an end and the line was quiet for a while, or until drain_s
  // has passed. Returns whether every order is at an end. Trading may go on afterwards.
  bool settle(const std::function<bool()>& stopped);
  ClientCounts counts() const { return model_.counts(); }
  // Orders that are not at an end; any thread.
  std::size_t in_flight() const { return in_flight_; }
  bool logged_on() const { return engine_->logged_on(); }
  void stop();

 private:
  Client(const ClientOptions& options, ClientModelSettings settings)
      : options_(options), inbox_(log_), model_(std::move(settings)) {}
  // Handles what arrives until `until`, at most one waiting step; returns whether something arrived.
  bool step(SteadyTime until);
  void send_all();

  const ClientOptions options_;
  std::atomic<std::size_t> in_flight_{0};
  JsonLog log_;
  Inbox inbox_;
  ClientModel model_;
  std::vector<Message> out_;
  std::unique_ptr<Engine> engine_;
};

// Runs the client, prints its counts as one JSON object to standard output. Returns the exit code: 0 every order
// reached an end and no report contradicted itself, 1 otherwise or when it could not start.
int run_client(const ClientOptions& options);

}  // namespace portcullis::sim
