#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "config/config.h"
#include "sim/broker_model.h"
#include "sim/client_model.h"
#include "sim/ledger.h"
#include "tests/simulation/peer.h"
#include "tests/simulation/process.h"

// The whole gateway with a client and a broker over a clock, a disk and a network of the simulator's: all follows from
// one number. Faults are harsher than any production: frames are lost, doubled and delayed, connections break, the
// process dies between any two steps, power is lost with part of what was written. An oracle looks after each step.

namespace portcullis::simulation {

struct Faults {
  int lost = 0, doubled = 0, delayed = 0;  // percent of frames
  int cut = 0;                             // of 10,000 ticks: one connection breaks
  int crash = 0;                           // of 10,000 steps: the process dies, its writes survive
  int power = 0;                           // of 10,000 steps: the machine dies, what was not synced may not survive
  int torn = 0;                            // of 10,000 ticks: the next write to disk fails half-way
  int slow_disk = 0;                       // percent of ticks without a sync
};
Faults some_faults(std::mt19937_64& random);

class World {
 public:
  explicit World(std::uint64_t seed);
  ~World();

  // Trades under faults, then in peace until nothing moves. Empty, or what the oracle says.
  std::string run();

  struct Counts {
    std::uint64_t ticks = 0, crashes = 0, power_losses = 0, cuts = 0, lost = 0, doubled = 0, delayed = 0, torn = 0;
  };
  const Counts& counts() const { return counts_; }
  sim::LedgerSummary ledger() const;
  UtcTime time() const { return now().utc; }

  // Before a frame goes to a peer: where a test plants a fault in the gateway. False: the frame vanishes for good.
  std::function<bool(bool to_broker, std::string& frame)> tamper;

 private:
  // A connection between the gateway and one peer.
  class Line final : public session::Wire {
   public:
    bool send(std::string_view bytes, SteadyTime now) override;
    std::size_t unsent_bytes() const override { return 0; }
    void close_when_sent(std::string_view) override { closed_by_gateway = true; }

    struct Frame {
      std::int64_t due_ms;
      std::string bytes;
    };
    bool open = false;      // the transport is there
    bool attached = false;  // the gateway's session has it
    bool closed_by_gateway = false;
    std::string written;  // by the gateway, not yet cut into frames
    std::deque<Frame> to_peer, to_gateway;
    std::int64_t retry_ms = 0;
  };

  std::uint64_t below(std::uint64_t count) { return random_() % count; }
  bool chance(int of, int whole) { return static_cast<int>(below(static_cast<std::uint64_t>(whole))) < of; }
  session::Now now() const;
  sim::Moment moment() const;
  void tick(std::int64_t ms, bool trading);
  void start();
  bool maybe_die();
  void die(bool power);
  void network();
  void carry(std::deque<Line::Frame>& queue, std::string frame);
  void connect(bool broker);
  void cut(bool broker, const char* why);
  void peers();
  std::string oracle();
  std::string at_rest();
  bool at_peace();
  void fail(const std::string& what) {
    if (failure_.empty()) failure_ = what;
  }

  std::mt19937_64 random_;
  Faults faults_;
  bool faulty_ = true;
  std::int64_t elapsed_ms_ = 0;
  config::Config configuration_;
  std::unique_ptr<persistence::testing::FaultFileSystem> disk_;
  std::unique_ptr<Process> process_;
  std::int64_t start_again_ms_ = 0;
  Peer client_, broker_;
  sim::ClientModel client_model_;
  sim::BrokerModel broker_model_;
  Line client_line_, broker_line_;
  std::string failure_;
  Counts counts_;
  int placed_ = 0;
};

}  // namespace portcullis::simulation
