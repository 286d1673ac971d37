#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "order/reject.h"
#include "order/terms.h"
#include "order/types.h"

// What the core is asked to decide. Views point into the input's bytes and live as long as they do.
// A decoder that cannot read a business field fills in what it can and sets `fault`; the core then
// answers with that reason, so that a refused order still gets its ClOrdID back.

namespace portcullis::order {

// One field as it stood in the message; text is never re-encoded.
struct RawField {
  std::uint32_t tag = 0;
  // What a value says that was found to be a short decimal (base/short_digits.h), for who reads it next; zero: it must
  // be read. A note in the margin: it changes what reading costs and never what is read.
  mutable std::uint32_t short_decimal = 0;
  std::string_view value;
};

// The fields of one message, in its order; a view. `layout` is zero, or says what was met before: messages of one layout
// have the same tags in the same order and no empty value, so that what depends on tags alone is worked out once.
// A layout's number is the scanner's (fix/scanner.h) on the thread where it scans, which is where the message is read.
class MessageFields {
 public:
  constexpr MessageFields() = default;
  constexpr explicit(false) MessageFields(std::span<const RawField> fields, std::uint64_t layout = 0)
      : fields_(fields), layout_(layout) {}
  constexpr explicit(false) operator std::span<const RawField>() const { return fields_; }

  constexpr std::uint64_t layout() const { return layout_; }
  constexpr const RawField* begin() const { return fields_.data(); }
  constexpr const RawField* end() const { return fields_.data() + fields_.size(); }
  constexpr std::size_t size() const { return fields_.size(); }
  constexpr bool empty() const { return fields_.empty(); }
  constexpr const RawField& operator[](std::size_t at) const { return fields_[at]; }

 private:
  std::span<const RawField> fields_;
  std::uint64_t layout_ = 0;
};

// What every application message from a counterparty has.
struct MessageContext {
  SessionId session;
  std::uint64_t msg_seq_num = 0;
  bool poss_dup = false;              // PossDupFlag(43)
  bool poss_resend = false;           // PossResend(97)
  UtcTime sending_time;               // SendingTime(52)
  UtcTime orig_sending_time;          // OrigSendingTime(122), zero when absent
};

struct NewOrderSingle {  // D
  MessageContext context;
  std::string_view cl_ord_id;  // 11
  std::string_view account;    // 1, empty when absent
  std::string_view symbol;     // 55, in the gateway's form (the dialect has mapped it)
  std::string_view currency;   // 15, empty when absent
  Side side = Side::kBuy;
  Terms terms;
  bool has_order_qty = false;       // 38
  bool has_cash_order_qty = false;  // 152; then terms.order_qty holds it
  UtcTime transact_time;            // 60, zero when absent
  std::string_view trader;          // as the dialect's `trader` says where it stands; empty when absent
  std::string_view settl_type;      // 63, empty when absent
  std::int32_t settl_date = 0;      // 64, days since 1970; zero when absent
  std::int32_t settl_date2 = 0;     // 193
  std::int32_t maturity_date = 0;   // 541: an NDF's fixing
  MessageFields fields;  // the whole message's fields, for pass-through
  Reject fault;
};

struct OrderCancelRequest {  // F
  MessageContext context;
  std::string_view cl_ord_id;
  std::string_view orig_cl_ord_id;
  std::string_view order_id;  // 37, ours; empty when absent
  std::string_view account;
  std::string_view symbol;
  Side side = Side::kBuy;
  bool has_side = false;
  MessageFields fields;
  Reject fault;
};

struct OrderCancelReplaceRequest {  // G
  MessageContext context;
  std::string_view cl_ord_id;
  std::string_view orig_cl_ord_id;
  std::string_view order_id;
  std::string_view account;
  std::string_view symbol;
  std::string_view currency;
  Side side = Side::kBuy;
  Terms terms;
  bool has_order_qty = false;
  bool has_cash_order_qty = false;
  std::string_view settl_type;      // 63, empty when absent
  std::int32_t settl_date = 0;      // 64, days since 1970; zero when absent
  std::int32_t settl_date2 = 0;     // 193
  std::int32_t maturity_date = 0;   // 541: an NDF's fixing
  MessageFields fields;
  Reject fault;
};

struct OrderStatusRequest {  // H
  MessageContext context;
  std::string_view cl_ord_id;
  std::string_view order_id;
  std::string_view account;
  std::string_view symbol;
  std::string_view ord_status_req_id;  // 790
  Side side = Side::kBuy;
  Reject fault;
};

struct ExecutionReport {  // 8, from a broker
  MessageContext context;
  std::string_view cl_ord_id;       // 11: the ClOrdID that we gave
  std::string_view orig_cl_ord_id;  // 41
  std::string_view order_id;        // 37: the broker's
  std::string_view exec_id;         // 17
  std::string_view exec_ref_id;     // 19
  std::string_view symbol;          // 55, in the gateway's form
  std::string_view account;
  std::string_view text;            // 58
  std::string_view currency;        // 15, empty when absent
  ExecType exec_type = ExecType::kNew;
  OrdStatus ord_status = OrdStatus::kNew;
  Side side = Side::kBuy;
  Quantity order_qty;   // 38
  Quantity order_qty2;  // 192, zero when absent
  Quantity last_qty;    // 32
  Quantity cum_qty;     // 14
  Quantity leaves_qty;  // 151
  Price price;          // 44
  Price last_px;        // 31
  Price avg_px;         // 6
  Price last_px2;       // of a swap's far leg: LastSpotRate(194) + LastForwardPoints2(641)
  bool has_order_qty = false;
  bool has_price = false;
  bool has_last_qty = false;
  bool has_last_px = false;
  bool has_last_px2 = false;
  bool has_cum_qty = false;
  bool has_leaves_qty = false;
  bool has_side = false;
  std::int32_t ord_rej_reason = -1;           // 103, -1 when absent
  std::int32_t exec_restatement_reason = -1;  // 378, -1 when absent
  UtcTime transact_time;                      // 60
  MessageFields fields;
  Reject fault;  // set: the report cannot be understood; it is booked to suspense and alarmed
};

struct OrderCancelReject {  // 9, from a broker
  MessageContext context;
  std::string_view cl_ord_id;
  std::string_view orig_cl_ord_id;
  std::string_view order_id;
  std::string_view text;
  OrdStatus ord_status = OrdStatus::kNew;
  std::int32_t cxl_rej_reason = -1;  // 102
  char cxl_rej_response_to = '1';    // 434
  MessageFields fields;
  Reject fault;
};

// A broker's Reject(3) or BusinessMessageReject(j) of a message that we sent.
struct MessageReject {
  MessageContext context;
  bool business = false;           // j
  std::uint64_t ref_seq_num = 0;   // 45, 0 when absent
  std::string_view ref_msg_type;   // 372
  std::string_view ref_id;         // 379 (j): the ClOrdID, when given
  std::string_view text;           // 58
  std::int32_t reason = -1;        // 373 or 380
};

// --- what is not a message -------------------------------------------------------------------------

struct SetScopeState {  // POST /kill-switch
  Scope scope = Scope::kFirm;
  std::uint32_t id = 0;  // index of the scope's thing; 0 for the firm
  ScopeState state = ScopeState::kActive;
  UserText user;
  ReasonText reason;
};

struct OperatorCancel {  // POST /orders/{id}/cancel
  OrderNumber order;
  UserText user;
  ReasonText reason;
};

struct SetQuote {  // PUT /reference/quotes/{symbol}
  InstrumentId instrument;
  Price bid;
  Price ask;
  UserText user;
};

struct SetRate {  // PUT /reference/rates/{currency}
  CurrencyId currency;
  Rate rate;  // risk currency for one unit
  UserText user;
};

struct SetLimit {  // one limit of PUT /limits/{scope}/{id}
  Scope scope = Scope::kFirm;
  std::uint32_t id = 0;
  std::uint16_t limit = 0;   // index into config's table of limits
  std::int64_t value = 0;    // raw, in the limit's own scale
  UserText user;
  ReasonText reason;
};

struct AcknowledgeAlert {  // POST /alerts/{id}/ack
  std::uint64_t alert = 0;
  UserText user;
};

struct ResolveOrder {  // POST /orders/{id}/resolve, already approved by a second person
  OrderNumber order;
  OrdStatus as = OrdStatus::kCanceled;  // kCanceled, kRejected or kFilled
  Quantity cum_qty;
  Price avg_px;
  UserText user;
  UserText approver;
  ReasonText reason;
};

struct EnableSession {  // POST /sessions/{id}/enable | disable
  SessionId session;
  bool enabled = true;
  UserText user;
};

// A control that has tripped is armed again, by two different persons.
struct RearmControl {
  Control control = Control::kCore;
  Scope scope = Scope::kFirm;
  std::uint32_t id = 0;
  InstrumentId instrument;     // none: of all instruments
  std::uint8_t direction = 0;  // as in ControlLatched
  std::uint8_t detail = 0;
  UserText user;
  UserText approver;
  ReasonText reason;
};

// What the supervisor sees of the gateway itself (control F2): a condition has begun, or has ended.
enum class HealthCondition : std::uint8_t { kNone, kJournalLag, kClockStep, kReconciliation, kDeadRates, kDiskFull };

struct ReportHealth {
  HealthCondition condition = HealthCondition::kNone;
  Scope scope = Scope::kFirm;  // or a broker
  std::uint32_t id = 0;
  bool bad = false;
  std::int64_t usage = 0;      // milliseconds, or how many
  std::int64_t limit = 0;
  ReasonText reason;
};

// A configuration file that was read again would have raised limits: it was refused.
struct TellLimitsNotRaised {
  ReasonText what;
};

// An operator speaks of a trader who has sent no order yet: the trader gets its scope.
struct NameTrader {
  ClientId client;
  NameText trader;  // as the client sends it, without the client's name
};

// A signed file of the positions that a trading day starts with, read and checked outside; whatever it is, its text
// stands in the record.
struct StartPositions {
  struct Line {
    AccountId account;
    InstrumentId instrument;
    Quantity quantity;  // signed
    Price price;        // at which what differs is booked; zero where nothing is held
  };
  ReasonText fault;             // not empty: why the file cannot be used
  std::int32_t trade_date = 0;  // days since 1970
  std::vector<Line> lines;      // each account and instrument once
  UserText user;                // who has loaded it
  ReasonText digest;            // SHA-256 of its bytes, hexadecimal
};

// The trade date changes (risk.roll); the caller knows the time zone.
struct RollDay {
  std::int32_t trade_date = 0;  // days since 1970
};

// Time passes: acknowledgement time-outs, paced cancels, the roll of the trading day.
struct Tick {};

}  // namespace portcullis::order
