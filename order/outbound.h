#pragma once

#include <string_view>

#include "order/commands.h"
#include "order/terms.h"

// What the core wants said on a session; fix/render.h writes it in the counterparty's dialect.
// `fields` are the uninterpreted fields of the message that caused it, to be passed on where the target
// message has them in its version; empty when nothing is passed on.

namespace portcullis::order {

struct OutboundNewOrder {  // D to a broker
  std::string_view cl_ord_id;  // the one that we give
  std::string_view account;
  std::string_view symbol;
  std::string_view currency;
  Side side = Side::kBuy;
  Terms terms;
  bool cash_order_qty = false;
  std::int32_t settl_date2 = 0;  // 193: a swap's far leg
  UtcTime transact_time;
  MessageFields fields;
};

struct OutboundCancel {  // F to a broker
  std::string_view cl_ord_id;
  std::string_view orig_cl_ord_id;
  std::string_view order_id;  // the broker's, empty when not known yet
  std::string_view account;
  std::string_view symbol;
  Side side = Side::kBuy;
  Quantity order_qty;
  UtcTime transact_time;
  MessageFields fields;
};

struct OutboundReplace {  // G to a broker
  std::string_view cl_ord_id;
  std::string_view orig_cl_ord_id;
  std::string_view order_id;
  std::string_view account;
  std::string_view symbol;
  std::string_view currency;
  Side side = Side::kBuy;
  Terms terms;
  bool cash_order_qty = false;
  std::int32_t settl_date2 = 0;  // 193: a swap's far leg
  UtcTime transact_time;
  MessageFields fields;
};

struct OutboundStatusRequest {  // H to a broker
  std::string_view cl_ord_id;
  std::string_view order_id;
  std::string_view account;
  std::string_view symbol;
  Side side = Side::kBuy;
};

struct OutboundMassStatusRequest {  // AF to a broker (FIX 4.3 and later): all orders
  std::string_view mass_status_req_id;
};

struct OutboundMassCancel {  // q to a broker (FIX 4.3 and later): all orders, MassCancelRequestType(530)=7
  std::string_view cl_ord_id;
  UtcTime transact_time;
};

struct OutboundExecutionReport {  // 8 to a client
  std::string_view order_id;            // 37, ours
  std::string_view secondary_order_id;  // 198, the broker's
  std::string_view exec_id;             // 17, ours; "0" in status reports
  std::string_view secondary_exec_id;   // 527, the broker's
  std::string_view exec_ref_id;         // 19, ours
  std::string_view cl_ord_id;           // 11
  std::string_view orig_cl_ord_id;      // 41, empty when absent
  std::string_view account;
  std::string_view symbol;
  std::string_view currency;
  std::string_view text;                // 58
  Side side = Side::kBuy;
  ExecType exec_type = ExecType::kNew;
  OrdStatus ord_status = OrdStatus::kNew;
  Terms terms;                 // OrderQty, Price, StopPx, OrdType, TimeInForce
  bool cash_order_qty = false;
  std::int32_t settl_date2 = 0;  // 193: a swap's far leg
  Quantity last_qty;           // 32, with kTrade, kTradeCorrect (and what a stop guarantees)
  Price last_px;               // 31
  bool has_last = false;
  Quantity cum_qty;
  Quantity leaves_qty;
  Wide value = 0;              // sum of quantity * price at 10^-11; AvgPx = value / CumQty, rounded by the dialect
  RejectCode reject = RejectCode::kNone;      // our own refusal: 103 by the reject map
  std::int32_t ord_rej_reason = -1;           // the broker's 103, -1 when absent
  std::int32_t exec_restatement_reason = -1;  // 378
  UtcTime transact_time;
  MessageFields fields;
};

struct OutboundCancelReject {  // 9 to a client
  std::string_view order_id;             // "NONE" for an unknown order
  std::string_view secondary_order_id;
  std::string_view cl_ord_id;
  std::string_view orig_cl_ord_id;
  std::string_view account;
  std::string_view text;
  OrdStatus ord_status = OrdStatus::kNew;
  char response_to = '1';                 // 434
  RejectCode reject = RejectCode::kNone;  // our own refusal: 102 by the reject map
  std::int32_t cxl_rej_reason = -1;       // the broker's 102, -1 when absent
  UtcTime transact_time;
  MessageFields fields;
};

struct OutboundBusinessReject {  // j
  std::uint64_t ref_seq_num = 0;
  std::string_view ref_msg_type;
  std::string_view ref_id;
  std::int32_t reason = 0;  // 380
  std::string_view text;
};

}  // namespace portcullis::order
