#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

#include "base/check.h"
#include "order/reject.h"
#include "order/terms.h"
#include "order/types.h"

// What was decided: the only things that change the state (gateway/apply.h), and what the journal
// keeps. Each is trivially copyable and has no padding, so that its bytes are its value; the layout is
// part of the journal's format (docs/journal.md): a changed layout is a new EventType, never an edit.
// Little-endian hosts only.

namespace portcullis::order {

enum class EventType : std::uint16_t {
  kEpochStarted = 1,
  kNameAdded = 2,
  kSessionChanged = 3,
  kTargetAdvanced = 4,
  kSequenceReset = 5,
  kDecided = 10,
  kOrderAccepted = 11,
  kOrderRejected = 12,
  kOrderRouted = 13,
  kCancelRequested = 14,
  kReplaceRequested = 15,
  kRequestRefused = 16,
  kExecutionApplied = 17,
  kRequestRejected = 18,
  kOrderUnknown = 19,
  kReportSuspended = 20,
  kStatusAnswered = 21,
  kMessageRefused = 22,
  kStatusRequested = 23,
  kAlertRaised = 30,
  kAlertAcknowledged = 31,
  kScopeStateSet = 32,
  kQuoteSet = 33,
  kRateSet = 34,
  kLimitSet = 35,
  kDayRolled = 36,
  kHoldChanged = 37,
  kBrokerPhaseChanged = 38,
  kSessionEnabled = 39,
  kMassCancelStarted = 40,
  kClientGrouped = 50,
  kControlLatched = 60,
  kControlRearmed = 61,
  kBuildStarted = 80,
  kOperatorListed = 81,
  kExposureSampled = 82,
  kShadowDecided = 83,
  // 90 to 99: sessions.
  kMessagesWritten = 90,
  kReportsReissued = 91,
  kProposed = 70,  // order/governance.h, up to 79
  kLimitProposed = 71,
  kProposalDecided = 72,
  kPositionAdjusted = 73,
  kMassCancelFinished = 74,
  kMassCancelEscalated = 75,
  kDrillAdvanced = 76,
  kAudited = 77,
  kSwapReserved = 120,  // order/swap.h
  kSwapBooked = 121,
  kBrokerMassCancelRequested = 122,
  kLimitLevelCrossed = 62,
  kBreakerTold = 63,
  kDriftWindowOpened = 64,
};

struct EventHeader {
  EventType type;
  std::uint16_t reserved = 0;
  std::uint32_t size;  // of the payload, in bytes; a multiple of 8
};
static_assert(sizeof(EventHeader) == 8);

// --- the process and its names ---------------------------------------------------------------------

// A start. Ids of this gateway carry the epoch, so that a restored backup cannot reuse one.
struct EpochStarted {
  static constexpr EventType kType = EventType::kEpochStarted;
  std::uint64_t epoch;  // Unix seconds or more
};

enum class NameKind : std::uint8_t { kClient, kAccount, kBroker, kSession, kInstrument, kCurrency, kGroup, kTrader };

// A configured name gets its index, for good.
struct NameAdded {
  static constexpr EventType kType = EventType::kNameAdded;
  NameText name;        // 32 bytes
  std::uint32_t index;
  std::uint32_t owner;  // an account's or a trader's client, a session's client or broker, an instrument's currencies
                        // (base << 16 | term); else 0
  NameKind kind;
  std::uint8_t detail;  // a session: 0 of a client, 1 of a broker; else 0
  std::uint8_t pad[6] = {};
};

// A client joins a group of clients, or leaves it (none); its sums go with it.
struct ClientGrouped {
  static constexpr EventType kType = EventType::kClientGrouped;
  ClientId client;
  GroupId group;
  std::uint8_t pad[4] = {};
};

// --- sessions ----------------------------------------------------------------------------------------

enum class SessionState : std::uint8_t { kDisconnected, kLoggedOn, kLoggingOut };

struct SessionChanged {
  static constexpr EventType kType = EventType::kSessionChanged;
  SessionId session;
  SessionState state;
  std::uint8_t pad[5] = {};
  ReasonText reason;  // why it is down; empty when it is up
};

// The inbound message with this number has been taken: next expected is `next_target`.
struct TargetAdvanced {
  static constexpr EventType kType = EventType::kTargetAdvanced;
  SessionId session;
  std::uint8_t pad[6] = {};
  std::uint64_t next_target;
};

// Both numbers set anew; messages are keyed by (session, sequence epoch, number), so nothing is lost.
struct SequenceReset {
  static constexpr EventType kType = EventType::kSequenceReset;
  SessionId session;
  std::uint8_t pad[2] = {};
  std::uint32_t sequence_epoch;
  std::uint64_t next_sender;
  std::uint64_t next_target;
};

// Our messages of this sequence epoch up to this number have been written to a live connection. Noted from time to
// time and at each disconnect, so it may lag behind what was written, and never runs ahead of it.
struct MessagesWritten {
  static constexpr EventType kType = EventType::kMessagesWritten;
  SessionId session;
  std::uint8_t pad[2] = {};
  std::uint32_t sequence_epoch;
  std::uint64_t up_to;
};

// Reports of an earlier sequence epoch that no connection has carried: those up to this number are dealt with, issued
// again as the new messages of the same record (PossResend(97)=Y), or given up with an alert.
struct ReportsReissued {
  static constexpr EventType kType = EventType::kReportsReissued;
  SessionId session;
  std::uint8_t pad[2] = {};
  std::uint32_t sequence_epoch;
  std::uint64_t up_to;
};

// --- decisions ---------------------------------------------------------------------------------------

// One check of one node: passes when usage + delta <= limit.
struct CheckResult {
  Control control;
  Scope scope;
  std::uint8_t passed;
  std::uint8_t pad = 0;
  std::uint32_t node;   // index of the scope's thing
  std::int64_t usage;   // before, raw in the limit's own scale
  std::int64_t delta;
  std::int64_t limit;
};
static_assert(sizeof(CheckResult) == 32);

// The head of a decision on a client's D, G or F, accepted or refused; `check_count` CheckResults follow in the same
// payload. What else belongs to the decision stands in the same record: the message's bytes, and the event of what was
// decided with identity, terms, reserved amounts and route.
struct Decided {
  static constexpr EventType kType = EventType::kDecided;
  std::uint64_t decision;       // counter
  OrderNumber order;
  RequestNumber request;        // none for a request that got no number
  std::uint64_t limits_version;
  std::uint64_t market_version;
  std::int64_t quote_age_ns;      // of the instrument's last quote when this was decided; kNoAge: there was none
  std::int64_t base_rate_age_ns;  // of the last rates of its currencies; 0 for the risk currency
  std::int64_t term_rate_age_ns;
  RejectCode code;              // kNone: accepted
  Control control;              // the one that refused
  char msg_type;                // D, G or F
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

// What identifies an order from its first message on.
struct OrderIdentity {
  OrderNumber order;
  RequestNumber request;       // the NewOrderSingle's own entry
  AccountId account;
  InstrumentId instrument;
  ClientId client;
  SessionId session;
  Side side;
  Dealt dealt;
  TraderId trader;             // none: the client's configuration names no field for it, or the field is empty
  std::int32_t settle_date;    // the value date, days since 1970; zero when nobody can say
  std::int32_t settle_date2;   // of a swap's far leg; else zero
  std::int32_t fixing_date;    // of an NDF; else zero
  std::uint8_t pad[4] = {};
  IdText cl_ord_id;
};

struct OrderAccepted {
  static constexpr EventType kType = EventType::kOrderAccepted;
  OrderIdentity identity;
  Terms terms;
  Valuation valuation;
  Need reserved;
  UtcTime time;
};

// A refused order is kept too: it has an OrderID, uses up its ClOrdID, and can be asked for.
struct OrderRejected {
  static constexpr EventType kType = EventType::kOrderRejected;
  OrderIdentity identity;  // account or instrument may be none
  Terms terms;
  UtcTime time;
  NameText symbol;         // as the client named it
  NameText account;
  Reject reject;
  std::uint8_t pad[4] = {};
};

// The order, or a request on it, goes to its broker as the message that stands in the same record.
struct OrderRouted {
  static constexpr EventType kType = EventType::kOrderRouted;
  OrderNumber order;
  RequestNumber request;
  std::uint64_t epoch;        // of the ClOrdID that we gave
  std::uint64_t msg_seq_num;  // on the broker's session
  UtcTime time;
  BrokerId broker;
  std::uint8_t pad[6] = {};
};

enum class RequestOrigin : std::uint8_t { kClient, kOperator, kScopeState, kDisconnect };

struct CancelRequested {
  static constexpr EventType kType = EventType::kCancelRequested;
  OrderNumber order;
  RequestNumber request;
  UtcTime time;
  SessionId session;     // the client's, none for an operator's
  RequestOrigin origin;
  std::uint8_t queued;   // 1: the broker is down; sent first when it is back
  std::uint32_t run;     // the mass cancel that it is a part of; 0: none
  IdText cl_ord_id;      // the client's; empty for an operator's
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
  char response_to;   // CxlRejResponseTo(434): '1' cancel, '2' replace
  std::uint8_t uses_up_id;  // 1: the ClOrdID is taken from now on
  std::uint8_t pad[4] = {};
  IdText cl_ord_id;
  IdText orig_cl_ord_id;
  Reject reject;
  std::uint8_t pad2[4] = {};
};

// A broker's report on an order of ours, already judged: the status it leads to is here, so that
// applying it needs no table. Also our own knowledge that takes the place of a report (a Reject(3) of
// the broker, two persons' resolution): then exec_id is empty.
struct ExecutionApplied {
  static constexpr EventType kType = EventType::kExecutionApplied;
  OrderNumber order;
  RequestNumber request;      // whose ClOrdID the report carries
  ExecutionNumber execution;  // ours: ExecID(17) to the client
  ExecutionNumber refers_to;  // the busted or corrected execution; else none
  UtcTime time;
  ExecType exec_type;
  OrdStatus status_after;     // without pending cancel and pending replace
  std::uint8_t applied;       // 0: repeated or status only, nothing changes
  std::uint8_t late;          // 1: the order was over already
  BrokerId broker;
  std::uint8_t terms_changed; // 1: `terms_after` hold from now on (replaced, restated)
  std::uint8_t closes_request; // 1: the request is answered and no longer pending
  Quantity last_qty;
  Price last_px;
  Quantity cum_after;
  Quantity leaves_after;
  std::int64_t value_high;    // sum of LastQty * LastPx at 10^-11, upper and lower 64 bits
  std::uint64_t value_low;
  Terms terms_after;
  Need reserved_after;
  Booking booking;
  IdText exec_id;             // the broker's
  IdText broker_order_id;     // 37 of the broker
  ReasonText text;
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

// --- alerts, operators, market ---------------------------------------------------------------------------

enum class Severity : std::uint8_t { kInfo, kWarning, kCritical };

enum class AlertCode : std::uint8_t {
  kOverfill = 1,
  kLateFill,
  kDuplicateExecId,
  kExecIdReused,        // the same ExecID with other content
  kUnknownOrderReport,
  kImpossibleReport,
  kQuantityMismatch,    // the broker's CumQty or LeavesQty disagrees with ours
  kOrderUnknown,
  kSequence,
  kResendStorm,
  kScopeState,
  kStorage,
  kHold,
  kUnmatchedReject,     // a Reject or j of the broker that refers to nothing we know
  kSessionProtocol,
  kControlLatched,      // a control has tripped, or has been re-armed
  kMassCancel,          // cancels of a mass cancel have no answer in time
  kLimitReverted,       // a temporary limit went back
  kLimitLevel,          // a soft level of a limit is reached
  kBreaker,             // a breaker that only warns
  kTooFast,             // a client was disconnected by its throttle
  kMarketData,          // a decision had to do with a rate or a quote that is not fresh
  kSelfCross,           // an order may have traded with a resting one of the same client
  kLimitsNotRaised,     // a file would raise limits, which asks for a second person
  kOutlived,            // open orders whose value date or fixing has passed
};

struct AlertRaised {
  static constexpr EventType kType = EventType::kAlertRaised;
  std::uint64_t alert;  // counter
  UtcTime time;
  OrderNumber order;    // none when it concerns no order
  SessionId session;
  AlertCode code;
  Severity severity;
  std::uint8_t pad[4] = {};
  ReasonText text;
};

struct AlertAcknowledged {
  static constexpr EventType kType = EventType::kAlertAcknowledged;
  std::uint64_t alert;
  UtcTime time;
  FixedText<31> user;
};

// No proposal stood behind it: one person was enough.
inline constexpr std::uint64_t kNoProposal = ~std::uint64_t{0};

struct ScopeStateSet {
  static constexpr EventType kType = EventType::kScopeStateSet;
  UtcTime time;
  std::uint32_t id;
  Scope scope;
  ScopeState state;
  ScopeState before;
  std::uint8_t pad = 0;
  std::uint64_t proposal;  // that lifted it; none of its own: kNoProposal
  UserText user;
  UserText checker;        // the second person, who approved it
  IdText ticket;
  ReasonText reason;
};

struct QuoteSet {
  static constexpr EventType kType = EventType::kQuoteSet;
  UtcTime time;
  Price bid;
  Price ask;
  InstrumentId instrument;
  std::uint8_t from_configuration;  // 1: never grows stale on its own
  std::uint8_t pad[3] = {};
};

struct RateSet {
  static constexpr EventType kType = EventType::kRateSet;
  UtcTime time;
  Rate rate;
  CurrencyId currency;
  std::uint8_t from_configuration;
  std::uint8_t pad[5] = {};
};

struct LimitSet {
  static constexpr EventType kType = EventType::kLimitSet;
  UtcTime time;
  std::int64_t value;   // raw, in the limit's own scale
  std::int64_t before;  // what held until now
  std::uint32_t id;
  std::uint16_t limit;
  Scope scope;
  std::uint8_t unset;      // 1: inherits from above again; 2: as configured again
  std::uint64_t version;   // of the node from now on; one change of several limits has one version
  std::uint64_t proposal;  // that raised it; kNoProposal: one person was enough
  UtcTime until;           // it goes back then; zero: it stays
  std::uint8_t reverted;   // 1: time has taken back a temporary change
  std::uint8_t pad[7] = {};
  UserText user;
  UserText checker;        // the second person, who approved it
  IdText ticket;
  ReasonText reason;
};

// The trading day ends: ClOrdIDs may be used again, day counters start at zero.
struct DayRolled {
  static constexpr EventType kType = EventType::kDayRolled;
  UtcTime time;
  std::int32_t trade_date;  // the new one, days since 1970
  std::uint8_t pad[4] = {};
};

// While held, orders are refused: what the journal knows may be less than what was sent (DESIGN, Durability).
struct HoldChanged {
  static constexpr EventType kType = EventType::kHoldChanged;
  std::uint8_t held;
  std::uint8_t pad[7] = {};
  ReasonText reason;
};

// How far a broker's line is: down; logged on but gaps may be open; being asked for the state of our
// orders; open for new ones (DESIGN, opening a broker).
enum class BrokerPhase : std::uint8_t { kDown, kDraining, kReconciling, kOpen };

struct BrokerPhaseChanged {
  static constexpr EventType kType = EventType::kBrokerPhaseChanged;
  UtcTime time;
  BrokerId broker;
  BrokerPhase phase;
  std::uint8_t pad[5] = {};
};

// Every open order of this scope is to be cancelled, at the brokers' pace.
struct MassCancelStarted {
  static constexpr EventType kType = EventType::kMassCancelStarted;
  UtcTime time;
  std::uint32_t id;
  Scope scope;
  RequestOrigin origin;
  std::uint8_t day_only;  // 1: orders that outlive the day stay
  std::uint8_t drill;     // 1: nothing is cancelled, the time that it would take is measured
  std::uint64_t run;      // counter, from 1
  UserText user;          // empty: a disconnect
  ReasonText reason;
};

// A broker is asked to cancel everything of ours at once: OrderMassCancelRequest(q), MassCancelRequestType(530)=7. Each
// order is still cancelled by itself.
struct BrokerMassCancelRequested {
  static constexpr EventType kType = EventType::kBrokerMassCancelRequested;
  UtcTime time;
  std::uint64_t run;    // the mass cancel that asks
  std::uint64_t epoch;  // of the ClOrdID(11) that we gave
  BrokerId broker;
  std::uint8_t pad[6] = {};
};

struct SessionEnabled {
  static constexpr EventType kType = EventType::kSessionEnabled;
  SessionId session;
  std::uint8_t enabled;
  std::uint8_t pad[5] = {};
  FixedText<31> user;
};

// --- the buffer --------------------------------------------------------------------------------------------

template <typename E>
concept EventPayload = std::is_trivially_copyable_v<E> && std::has_unique_object_representations_v<E> &&
                       sizeof(E) % 8 == 0 && requires { E::kType; };

// Events are appended to memory that the caller lends: the events section of a journal record.
class EventWriter {
 public:
  EventWriter(std::byte* memory, std::size_t capacity) : begin_(memory), capacity_(capacity) {}

  template <EventPayload E>
  void add(const E& event) {
    add_with_tail(event, std::span<const CheckResult>());
  }

  // A Decided with its checks.
  template <EventPayload E>
  void add_with_tail(const E& event, std::span<const CheckResult> tail) {
    const std::size_t payload = sizeof(E) + tail.size_bytes();
    PORTCULLIS_CHECK(size_ + sizeof(EventHeader) + payload <= capacity_, "events outgrow their record");
    const EventHeader header{E::kType, 0, static_cast<std::uint32_t>(payload)};
    std::memcpy(begin_ + size_, &header, sizeof header);
    std::memcpy(begin_ + size_ + sizeof header, &event, sizeof event);
    if (!tail.empty()) std::memcpy(begin_ + size_ + sizeof header + sizeof event, tail.data(), tail.size_bytes());
    size_ += sizeof header + payload;
  }

  std::span<const std::byte> bytes() const { return {begin_, size_}; }
  std::size_t size() const { return size_; }
  std::size_t remaining() const { return capacity_ - size_; }

 private:
  std::byte* begin_;
  std::size_t capacity_;
  std::size_t size_ = 0;
};

// One event in a section; `as<E>` copies it out, since the section has no alignment beyond 8.
class EventView {
 public:
  EventView(EventType type, std::span<const std::byte> payload) : type_(type), payload_(payload) {}

  EventType type() const { return type_; }
  std::span<const std::byte> payload() const { return payload_; }

  template <EventPayload E>
  E as() const {
    PORTCULLIS_CHECK(type_ == E::kType && payload_.size() >= sizeof(E), "event read as another type");
    E event;
    std::memcpy(&event, payload_.data(), sizeof event);
    return event;
  }
  // The checks behind a Decided.
  std::span<const std::byte> tail(std::size_t head) const { return payload_.subspan(head); }

 private:
  EventType type_;
  std::span<const std::byte> payload_;
};

// Calls visit(EventView) for each event; false when the section is malformed (journal bytes from disk).
template <typename Visitor>
bool for_each_event(std::span<const std::byte> section, Visitor&& visit) {
  while (!section.empty()) {
    EventHeader header;
    if (section.size() < sizeof header) return false;
    std::memcpy(&header, section.data(), sizeof header);
    if (header.size % 8 != 0 || header.size > section.size() - sizeof header) return false;
    visit(EventView(header.type, section.subspan(sizeof header, header.size)));
    section = section.subspan(sizeof header + header.size);
  }
  return true;
}

std::string_view to_string(EventType type);   // "OrderAccepted"
std::string_view to_string(AlertCode code);   // "overfill"
std::string_view to_string(Severity severity);

}  // namespace portcullis::order
