#pragma once

#include <cstdint>
#include <string>

// `portcullis demo`: a gateway, two simulated brokers and two simulated clients as separate processes over TCP on the
// loopback, FIX 4.4 and 4.2 on each side, trading FX pairs; one broker goes away in the middle and comes back.

namespace portcullis::sim {

// The option of the command line stands behind each.
struct DemoOptions {
  std::int64_t for_s = 30;          // --for SECONDS: how long the clients place orders; at least 5
  std::int64_t rate = 50;           // --rate R: new orders a second of each client
  std::uint64_t seed = 1;           // --seed S
  std::string program;              // the portcullis binary; empty: this program
  std::string durability = "disk";  // --durability process|disk
  bool hold = false;                // --hold: afterwards keep the gateway and its console up until Ctrl-C
  bool keep = false;                // --keep: keep the directory with the configuration, journal and logs
};

// Progress and the console's address go to standard error; the ledger's summary (sim/ledger.h) as JSON to standard
// output. Returns the exit code: 0 when there were orders, none was lost or doubled and no report contradicted
// another; 1 otherwise, also when it was interrupted or a process did not start.
int run_demo(const DemoOptions& options);

}  // namespace portcullis::sim
