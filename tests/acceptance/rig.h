#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "sim/broker.h"
#include "sim/client.h"
#include "sim/demo_configuration.h"
#include "sim/ledger.h"
#include "tests/acceptance/traced_process.h"

namespace portcullis::acceptance {

// The path of the portcullis program under test: the one built beside this test, or what the environment's
// PORTCULLIS_PROGRAM names.
std::string program();

// A gateway process under test between QuickFIX counterparties that outlive it: two brokers and two clients in this
// process, over real TCP. The gateway may be killed and started again at any time.
class Rig {
 public:
  // `rate`: orders a second of each client; `orders`: of each client in one round of trading; `blotter`: a URL, empty:
  // SQLite in the data directory.
  Rig(const std::string& durability, std::int64_t rate, std::int64_t orders, std::uint64_t seed, std::string blotter = "");
  ~Rig();

  void start_gateway();
  TracedProcess& gateway() { return *gateway_; }
  // Waits until both brokers and both clients are logged on; false after the time.
  bool wait_for_sessions(Duration time);

  // Both clients trade, on threads of their own. `in_flight` counts orders that are not at an end.
  void begin_trading();
  std::size_t in_flight() const { return alpha_->in_flight() + beta_->in_flight(); }
  bool trading() const { return trading_ > 0; }
  // Ends trading and waits until every order of both clients is at an end; false after the time.
  bool settle();

  sim::LedgerSummary judged() const;
  // Waits until the gateway's blotter says of every order what its client was told; else what differs.
  std::string blotter_disagreement(Duration time) const;
  // Runs a command of the program on the journal or the blotter; its exit code, and its output's end in `output`.
  int run(const std::vector<std::string>& arguments, std::string& output);

  std::string data_dir() const { return directory_ / "data"; }
  std::string configuration() const { return directory_ / "gateway.yaml"; }
  std::string gateway_log() const { return directory_ / "gateway.log"; }
  std::string last_words() const;  // of the gateway
  const sim::DemoPorts& ports() const { return ports_; }
  void keep() { directory_.keep(); }
  const std::string& path() const { return directory_.path(); }

 private:
  void join();
  std::string compare_blotter() const;

  sim::TemporaryDirectory directory_;
  std::string blotter_;
  sim::DemoPorts ports_;
  std::vector<std::pair<std::string, std::string>> tokens_;
  std::unique_ptr<sim::Broker> north_, south_;
  std::unique_ptr<sim::Client> alpha_, beta_;
  std::unique_ptr<TracedProcess> gateway_;
  std::vector<std::thread> traders_;
  std::atomic<int> trading_{0};
  std::atomic<bool> stop_{false};
  bool settled_[2] = {false, false};
};

}  // namespace portcullis::acceptance
