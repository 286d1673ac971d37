#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/process.h"
#include "tests/admin/http_client.h"

// The program `portcullis run` with a configuration of the test's, to be spoken to by hand (tests/acceptance/fix_peer.h)
// and over REST.

namespace portcullis::acceptance {

struct LiveClient {
  std::string id;                    // the account is ID-1
  std::string version = "FIX.4.4";
  std::string more;                  // further keys, as `, reset_on_logon: true`
};
struct LiveBroker {
  std::string id;
  std::uint16_t port = 0;
  std::string version = "FIX.4.4";
  std::string more;
};
struct LiveSettings {
  std::vector<LiveClient> clients;
  std::vector<LiveBroker> brokers;   // all take every instrument, in this order; none: one that nobody plays
  std::string durability = "process";
  std::string blotter;               // a URL; empty: SQLite in the data directory
  std::string more;                  // whole sections, at the end
};

class LiveGateway {
 public:
  explicit LiveGateway(LiveSettings settings);

  // CompIDs: the id in capitals; the gateway is GATE.
  static std::string comp_id(const std::string& id);
  // The configuration file as these settings make it.
  std::string text(const LiveSettings& settings) const;
  void write_configuration(const std::string& text) const;

  // Returns when the doors are open; throws with the log's end otherwise.
  void start();
  void kill();  // SIGKILL
  int stop();   // SIGTERM; the exit code
  sim::Process& process() { return process_; }

  std::uint16_t client_port() const { return ports_[0]; }
  std::uint16_t admin_port() const { return ports_[1]; }
  // role: VIEWER, OPERATOR, RISK1, RISK2 or ADMIN.
  admin::ClientResponse rest(const std::string& method, const std::string& target, const std::string& role,
                             const std::string& body = "") const;
  std::string token(const std::string& role) const;

  std::string path(const std::string& name) const { return directory_ / name; }
  std::string data_dir() const { return directory_ / "data"; }
  std::string configuration() const { return directory_ / "gateway.yaml"; }
  std::string log() const;  // all of it
  // Waits until the log holds this text, at or behind `from`; its place, or npos after the time.
  std::size_t wait_for_log(const std::string& text, Duration time, std::size_t from = 0) const;
  // Runs a command of the program; its exit code.
  int run(const std::vector<std::string>& arguments, std::string& output) const;

 private:
  sim::TemporaryDirectory directory_;
  std::vector<std::uint16_t> ports_;
  std::vector<std::pair<std::string, std::string>> tokens_;
  sim::Process process_;
};

}  // namespace portcullis::acceptance
