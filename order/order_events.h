#pragma once

#include <cstdint>

#include "order/accepted_event.h"
#include "order/event.h"
#include "order/reject.h"
#include "order/terms.h"
#include "order/types.h"

// Events of decisions, and of orders with what their brokers report.

namespace portcullis::order {

// --- decisions ---------------------------------------------------------------------------------------

// One check of one node: passes when usage + delta <= limit.
struct CheckResult {
  Control control;
  Scope scope;
  std::uint8_t passed;
  std::uint8_t pad = 0;
  std::uint32_t node;  // index of the scope's thing
  std::int64_t usage;  // before, raw in the limit's own scale
  std::int64_t delta;
  std::int64_t limit;
};
static_assert(sizeof(CheckResult) == 32);

// The head of a decision on a client's D, G or F, accepted or refused; `check_count` CheckResults follow in the same
// payload. What else belongs to the decision stands in the same record: the message's bytes, and the event of what was
// decided with identity, terms, reserved amounts and route.
struct Decided {
  static constexpr EventType kType = EventType::kDecided;
  std::uint64_t decision;  // counter
  OrderNumber order;
  RequestNumber request;  // none for a request that got no number
  std::uint64_t limits_version;
  std::uint64_t market_version;
  std::int64_t quote_age_ns;      // of the instrument's last quote when this was decided; kNoAge: there was none
  std::int64_t base_rate_age_ns;  // of the last rates of its currencies; 0 for the risk currency
  std::int64_t term_rate_age_ns;
  RejectCode code;  // kNone: accepted
  Control control;  // the one that refused
  char msg_type;    // D, G or F
  std::uint8_t pad = 0;
  std::uint32_t check_count;
  std::uint32_t checks_dropped;  // made, but past what a decision keeps
  std::uint32_t market;          // what was wrong with the market, bits below; 0: nothing

  static constexpr std::int64_t kNoAge = -1;
  static constexpr std::uint32_t kNoRate = 1;     // of a currency of the instrument: missing or dead
  static constexpr std::uint32_t kStaleRate = 2;  // valued with the haircut
  static constexpr std::uint32_t kNoQuote = 4;    // missing, or not fresh
};

// --- orders ------------------------------------------------------------------------------------------

// A refused order is kept too: it has an OrderID, uses up its ClOrdID, and can be asked for.
struct OrderRejected {
  static constexpr EventType kType = EventType::kOrderRejected;
  OrderIdentity identity;  // account or instrument may be none
  IdText cl_ord_id;
  Terms terms;
  UtcTime time;
  NameText symbol;  // as the client named it
  NameText account;
  Reject reject;
  std::uint8_t pad[4] = {};
};

// The order, or a request on it, goes to its broker as the message that stands in the same record. Its time is the
// record's.
struct OrderRouted {
  static constexpr EventType kType = EventType::kOrderRouted;
  OrderNumber order;
  RequestNumber request;
  std::uint64_t msg_seq_num;  // on the broker's session
  std::uint32_t epoch;        // of the ClOrdID that we gave
  BrokerId broker;
  std::uint8_t pad[2] = {};
};

enum class RequestOrigin : std::uint8_t { kClient, kOperator, kScopeState, kDisconnect };

struct CancelRequested {
  static constexpr EventType kType = EventType::kCancelRequested;
  OrderNumber order;
  RequestNumber request;
  UtcTime time;
  SessionId session;  // the client's, none for an operator's
  RequestOrigin origin;
  std::uint8_t queued;  // 1: the broker is down; sent first when it is back
  std::uint32_t run;    // the mass cancel that it is a part of; 0: none
  IdText cl_ord_id;     // the client's; empty for an operator's
};

struct ReplaceRequested {
  static constexpr EventType kType = EventType::kReplaceRequested;
  OrderNumber order;
  RequestNumber request;
  UtcTime time;
  Terms terms;
  Valuation valuation;
  Need reserved_after;  // the order's whole need: the largest of live and pending terms
  SessionId session;
  std::uint8_t pad[6] = {};
  IdText cl_ord_id;
};

// We refuse a cancel or a replace ourselves: OrderCancelReject(9) to the client.
struct RequestRefused {
  static constexpr EventType kType = EventType::kRequestRefused;
  OrderNumber order;  // none when the order is unknown
  UtcTime time;
  SessionId session;
  char response_to;         // CxlRejResponseTo(434): '1' cancel, '2' replace
  std::uint8_t uses_up_id;  // 1: the ClOrdID is taken from now on
  std::uint8_t pad[4] = {};
  IdText cl_ord_id;
  IdText orig_cl_ord_id;
  Reject reject;
  std::uint8_t pad2[4] = {};
};

// The broker refuses a cancel or a replace (OrderCancelReject, Reject or j): that request is over, the
// order lives on.
struct RequestRejected {
  static constexpr EventType kType = EventType::kRequestRejected;
  OrderNumber order;
  RequestNumber request;
  UtcTime time;
  Need reserved_after;
  BrokerId broker;
  std::int16_t cxl_rej_reason;  // 102 of the broker, -1 when absent
  char response_to;
  std::uint8_t pad[3] = {};
  ReasonText text;
};

// Nobody knows what the broker did with it; the reservation stays.
struct OrderUnknown {
  static constexpr EventType kType = EventType::kOrderUnknown;
  OrderNumber order;
  UtcTime time;
  ReasonText reason;
};

// A report that fits no order: kept, counted, alarmed; `booking` moves the suspense node.
struct ReportSuspended {
  static constexpr EventType kType = EventType::kReportSuspended;
  ExecutionNumber execution;
  UtcTime time;
  InstrumentId instrument;  // none when the symbol is unknown
  BrokerId broker;
  ExecType exec_type;
  Side side;
  Quantity last_qty;
  Price last_px;
  Booking booking;
  IdText cl_ord_id;
  IdText exec_id;
  IdText broker_order_id;
  ReasonText reason;
};

// An order's state is told without changing it (OrderStatusRequest, PossResend of a known order).
struct StatusAnswered {
  static constexpr EventType kType = EventType::kStatusAnswered;
  OrderNumber order;  // none: unknown order
  SessionId session;
  RejectCode refused;  // kDuplicateClOrdId: a second order under that ClOrdID, refused with the first one's state
  std::uint8_t pad[5] = {};
  IdText cl_ord_id;
};

// A message that is answered by a BusinessMessageReject(j).
struct MessageRefused {
  static constexpr EventType kType = EventType::kMessageRefused;
  SessionId session;
  std::uint8_t business_reject_reason;  // 380
  std::uint8_t pad[5] = {};
  std::uint64_t ref_seq_num;
  FixedText<7> ref_msg_type;
  IdText ref_id;
  ReasonText text;
};

// We ask a broker for an order's status (no acknowledgement in time, reconciliation).
struct StatusRequested {
  static constexpr EventType kType = EventType::kStatusRequested;
  OrderNumber order;
  UtcTime time;
  BrokerId broker;
  std::uint8_t pad[6] = {};
};

}  // namespace portcullis::order
