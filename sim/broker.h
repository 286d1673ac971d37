#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "base/result.h"
#include "sim/broker_model.h"
#include "sim/inbox.h"

// `portcullis broker`: the simulated broker (sim/broker_model.h) on QuickFIX's own engine.

namespace portcullis::sim {

// The option of the command line stands behind each.
struct BrokerOptions {
  std::string listen;               // --listen ADDRESS:PORT, a dotted IPv4 address; port 0: any free one
  std::string version;              // --version FIX.4.2 or FIX.4.4
  std::string comp_id;              // --comp-id: SenderCompID(49) of what the broker sends
  std::string peer_comp_id;         // --peer-comp-id: TargetCompID(56) of what the broker sends
  std::string engine = "quickfix";  // --engine quickfix | raw: the bare broker (sim/load/load.h), which acknowledges
                                    // and fills at once (script fill, mixed) or acknowledges (any other), for load
  std::string script = "mixed";     // --script: see parse_script
  std::string log;                  // --log FILE: JSON lines (sim/json_log.h); empty: none
  std::string store;                // --store DIR: QuickFIX's FileStore; empty: numbers start at 1 at each start
  std::string dictionary;           // --dictionary FILE: a data dictionary to validate against; empty: none
};

// A running broker with its thread. With a store and a log of an earlier run it goes on where that run stopped:
// numbers from the store, the book from the log.
class Broker {
 public:
  static Result<std::unique_ptr<Broker>> start(const BrokerOptions& options);
  ~Broker();  // stop()
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  std::uint16_t port() const { return engine_->port(); }
  bool logged_on() const { return engine_->logged_on(); }
  // Logs out and ends the thread. Idempotent.
  void stop();

 private:
  explicit Broker(BrokerModelSettings settings) : inbox_(log_), model_(std::move(settings)) {}
  void restore(std::vector<LogLine>& history);
  void run();
  void send_all(std::vector<Message>& messages);

  JsonLog log_;
  Inbox inbox_;
  BrokerModel model_;
  std::unique_ptr<Engine> engine_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

// Runs until SIGINT or SIGTERM. Prints "listening on ADDRESS:PORT" to standard error. Returns the exit code: 0 done,
// 1 it could not start (the reason is on standard error), 2 an option is wrong.
int run_broker(const BrokerOptions& options);

}  // namespace portcullis::sim
