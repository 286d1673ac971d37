#pragma once

#include <string>
#include <string_view>

#include "persistence/blotter/fold_values.h"

// What only the client's own bytes say about a decision. They stand in its record, so nothing of this is written twice:
// the projection reads it there.

namespace portcullis::persistence {

// Texts are empty and numbers absent where the message does not say it, or says what is no such value. They are views
// of the message, or of what was made in `texts`.
struct MessageFacts {
  std::string_view cl_ord_id;       // ClOrdID(11)
  std::string_view orig_cl_ord_id;  // OrigClOrdID(41)
  std::string_view account;         // Account(1)
  std::string_view symbol;          // Symbol(55), as the client names it
  std::string_view currency;        // Currency(15)
  std::string_view side;            // Side(54): buy
  std::string_view ord_type;        // OrdType(40): limit
  std::string_view time_in_force;   // TimeInForce(59): gtc
  std::string_view value_date;      // SettlDate(64) as YYYY-MM-DD, else SettlType(63) as "type 3"
  std::string_view trader;          // PartyID(448) of role 11, 12 or 36, a trader's; else SenderSubID(50)
  std::string_view strategy;        // TargetStrategy(847)
  std::string_view manual;          // ManualOrderIndicator(1028): Y or N
  bool cash = false;                // CashOrderQty(152) is given, not OrderQty(38)
  OptionalInteger order_qty;        // raw Quantity, of either
  OptionalInteger price;            // raw Price of 44
  OptionalInteger stop_px;          // raw Price of 99
};

// No facts of what is no FIX message within the scanner's bounds.
MessageFacts read_message(std::string_view bytes, RecordTexts& texts);

}  // namespace portcullis::persistence
