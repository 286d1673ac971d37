#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

// The load generator (`portcullis client --engine raw`) and the bare broker (`portcullis broker --engine raw`): plain
// sockets and hand-made bytes, so that what is measured is the gateway and not an engine around it.

namespace portcullis::sim {

struct LoadSettings {
  std::string host;
  std::uint16_t port = 0;
  std::string begin_string, sender, target;
  std::vector<std::string> more_senders;  // further sessions, which take the orders in turn with the first
  // Orders a second; open loop: a late answer delays no order. Those that would be less than 50 µs apart are meant for one
  // time in groups, since a thread that sleeps and wakes for each of them needs a processor for that alone.
  std::int64_t rate = 1000;
  std::int64_t orders = 0;  // how many; 0: rate * for_s
  std::int64_t for_s = 10;
  std::int64_t in_flight = 0;  // closed loop instead: so many unanswered at a time, rate unused; 0: open loop
  std::int64_t drain_s = 10;   // how long to wait for the last answers
  std::vector<std::string> accounts, symbols;
  int heartbeat_s = 30;
  bool reset_on_logon = false;
  std::string tls_ca;  // a PEM file: TLS to a gateway that shows a certificate of this authority; empty: plain TCP
  bool spin = false;  // poll instead of sleeping: exact sending times, one core busy
  // Called by run_load when every session has logged on and no order is sent yet, and when the last answer is there
  // and nobody has logged out yet. Nothing is sent or read until they return.
  std::function<void()> on_logged_on, on_answered;
};

// Latencies are nanoseconds from the time at which an order was meant to be sent (not when it was: coordinated
// omission) to its first report, in open loop; in closed loop they are queueing and say nothing.
struct LoadResult {
  std::int64_t sent = 0;
  std::int64_t answered = 0;  // orders with at least one report
  std::int64_t rejected = 0;  // of them, ExecType(150) 8 or a Reject
  std::int64_t reports = 0;
  std::int64_t elapsed_ns = 0;  // from the first order to the last first report
  std::int64_t late_sends = 0;  // orders that left more than 100 µs after their time
  double idle_share = 0;        // of the generator's thread; under 0.05 it was the bottleneck itself
  std::int64_t p50_ns = 0, p90_ns = 0, p99_ns = 0, p999_ns = 0, max_ns = 0;
};

// Connects, logs on, sends, waits for the answers, logs out. An error says why there was no run; a connection lost in
// the middle ends it early, with what was answered until then.
Result<LoadResult> run_load(const LoadSettings& settings);
std::string to_json(const LoadResult& result);

struct BareBrokerSettings {
  std::string host;
  std::uint16_t port = 0;
  std::string begin_string, sender, target;
  bool fill = true;  // each order is acknowledged and filled at once; false: acknowledged only
};

// Serves one connection after another until `stop_file` (an eventfd or signalfd) becomes readable. Answers
// NewOrderSingle, OrderCancelRequest (cancelled), OrderStatusRequest and mass status (unknown). It keeps no book.
// `listening` is told the port.
Status run_bare_broker(const BareBrokerSettings& settings, int stop_file,
                       const std::function<void(std::uint16_t port)>& listening);

}  // namespace portcullis::sim
