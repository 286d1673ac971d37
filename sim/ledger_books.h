#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/json_log.h"

// The two sides of the ledger (sim/ledger.h): what one counterparty's log says happened, order by order.

namespace portcullis::sim {

struct BookedExecution {
  std::string exec_id;    // ExecID(17) on this side of the gateway
  std::string broker_id;  // the broker's ExecID: 17 in its own log, SecondaryExecID(527) in the client's
  std::string content;    // kind, LastQty(32), LastPx(31) in a canonical form
};

// Of a client, or of a broker.
struct BookedOrder {
  std::string party;                       // the CompID of the log's owner
  std::string root;                        // ClOrdID(11) of the NewOrderSingle
  std::string order_id;                    // OrderID(37), as the broker gives it or the client sees it
  std::string trace;                       // SecondaryClOrdID(526), else Text(58), of the NewOrderSingle
  std::set<std::string> broker_order_ids;  // SecondaryOrderID(198) that the client saw
  int sent_as_new = 0;                     // NewOrderSingles without PossDup or PossResend
  bool answered = false;
  bool acknowledged = false;
  char status = 0;      // the last OrdStatus(39)
  std::string cum_qty;  // the last CumQty(14)
  std::vector<BookedExecution> executions;
};

struct Book {
  std::vector<BookedOrder> orders;
  std::vector<std::string> repeated;  // executions told twice as new, one sentence each
  std::int64_t violations = 0;
};

// The client sends orders and receives reports; the broker's log has it the other way round.
Book client_book(const std::vector<LogLine>& lines);
Book broker_book(const std::vector<LogLine>& lines);

inline bool is_over(char status) {
  return status == '2' || status == '4' || status == '8' || status == 'C';
}

}  // namespace portcullis::sim
