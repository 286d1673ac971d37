#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "sim/json_log.h"

// The judge of a run: reads the clients' and the brokers' own logs, joins them by id, and says what the gateway
// between them lost or doubled. It never asks the gateway.
//
// The join. A broker's order belongs to the client's order whose ClOrdID stands in its SecondaryClOrdID(526) or
// Text(58), which the simulated client sets and a gateway passes on unread; without them, to the client's order whose
// reports name the broker's OrderID(37) as SecondaryOrderID(198). Executions are joined by the broker's ExecID(17) in
// the client's SecondaryExecID(527), where the version has it, and else by kind, LastQty and LastPx within the order.
//
//   lost        an order of a client without any answer, or whose last word differs from the broker's;
//               an execution (fill, bust, correction) of a broker that the client was never told of
//   duplicated  a client's order that brokers got twice as new; an execution told to the client twice as new, or
//               that no broker made; a broker's order that no client sent
// A retransmission (PossDupFlag(43), PossResend(97)) of what was told before is neither.

namespace portcullis::sim {

struct LedgerSummary {
  std::int64_t orders = 0;        // NewOrderSingles that the clients sent
  std::int64_t acknowledged = 0;  // with an answer that is no rejection
  std::int64_t rejected = 0;
  std::int64_t filled = 0;
  std::int64_t cancelled = 0;
  std::int64_t open = 0;        // alive at the end, at the client and at the broker
  std::int64_t executions = 0;  // of the brokers
  std::int64_t lost = 0;
  std::int64_t duplicated = 0;
  std::int64_t executions_lost = 0;        // part of lost
  std::int64_t executions_duplicated = 0;  // part of duplicated
  std::int64_t violations = 0;       // reports that contradict themselves or each other, as the clients logged them
  std::vector<std::string> details;  // why, one sentence each; at most kMaxLedgerDetails
};

constexpr std::size_t kMaxLedgerDetails = 100;

// One vector of lines for each log.
LedgerSummary judge(const std::vector<std::vector<LogLine>>& clients, const std::vector<std::vector<LogLine>>& brokers);

// The same from files. A log that cannot be read is an error, never an empty book.
Result<LedgerSummary> judge_files(const std::vector<std::string>& client_logs,
                                  const std::vector<std::string>& broker_logs);

// As one JSON object in one line.
std::string to_json(const LedgerSummary& summary);

}  // namespace portcullis::sim
