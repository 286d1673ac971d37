#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "base/time.h"

// The decision record as the API shows it (admin/port.h).

namespace portcullis::admin {

// One check of one decision, as it was evaluated. Figures are exact decimals; empty: none.
struct CheckRow {
  std::string control;  // B1, D2 …
  std::string name;     // max_order_quantity …
  std::string scope;
  std::string id;
  std::string usage;
  std::string delta;
  std::string limit;
  bool passed = false;
};

// How near to a limit a decision came, in percent of it to one decimal, rounded up.
struct UtilisationRow {
  std::string control;
  std::string scope;
  std::string id;
  std::string used_percent;
};

// The decision record: what was asked, what was decided, by which check, on which market and limits, by which program.
struct DecisionRow {
  std::uint64_t decision = 0;  // counter
  std::uint64_t journal_index = 0;
  UtcTime time;          // of the message's arrival, and of the decision: the core has no other
  std::string msg_type;  // D, G, F
  std::string session;
  std::string client;
  std::string account;
  std::string trader;
  std::string strategy;
  std::string manual;  // ManualOrderIndicator(1028): Y, N
  std::string cl_ord_id;
  std::string orig_cl_ord_id;
  std::string order_id;  // of a second order under a ClOrdID: the first one's
  std::string symbol;
  std::string side;      // of the dealt currency
  std::string currency;  // the dealt one
  std::optional<Quantity> order_qty;
  std::optional<Price> price;
  std::optional<Price> stop_px;
  std::string ord_type;
  std::string time_in_force;
  std::string value_date;
  std::string route;    // the broker; empty: none
  std::string outcome;  // accepted, rejected
  std::string code;     // none, max_quantity …
  std::string control;  // the one that refused: B1 …; core: none of them
  std::string text;     // the reason given to the client
  CheckRow decisive;    // the check that refused, else the one nearest to its limit; control empty: none
  std::vector<UtilisationRow> tightest;  // at most three
  std::vector<CheckRow> checks;
  std::uint64_t limits_version = 0;
  std::uint64_t market_version = 0;
  std::optional<Duration> quote_age;
  std::optional<Duration> base_rate_age;
  std::optional<Duration> term_rate_age;
  struct Reserved {
    Quantity base;
    Amount term;
    Amount notional;
  };
  std::optional<Reserved> reserved;  // what the order holds from now on; nothing when refused
  std::string override_id;
  std::uint64_t message_offset = 0;  // of the client's bytes in the journal
  std::uint64_t message_size = 0;
  std::string message_hash;  // XXH3-64, 16 hexadecimal digits
  std::string build_id;
  std::string configuration;  // its hash
};

}  // namespace portcullis::admin
