#pragma once

#include <cstdint>
#include <string_view>

#include "order/event.h"
#include "order/order_events.h"
#include "order/terms.h"
#include "order/types.h"

// Events of alerts, of what operators set, of the market and the day, and of brokers' lines.

namespace portcullis::order {

enum class Severity : std::uint8_t { kInfo, kWarning, kCritical };

enum class AlertCode : std::uint8_t {
  kOverfill = 1,
  kLateFill,
  kDuplicateExecId,
  kExecIdReused,  // the same ExecID with other content
  kUnknownOrderReport,
  kImpossibleReport,
  kQuantityMismatch,  // the broker's CumQty or LeavesQty disagrees with ours
  kOrderUnknown,
  kSequence,
  kResendStorm,
  kScopeState,
  kStorage,
  kHold,
  kUnmatchedReject,  // a Reject or j of the broker that refers to nothing we know
  kSessionProtocol,
  kControlLatched,   // a control has tripped, or has been re-armed
  kMassCancel,       // cancels of a mass cancel have no answer in time
  kLimitReverted,    // a temporary limit went back
  kLimitLevel,       // a soft level of a limit is reached
  kBreaker,          // a breaker that only warns
  kTooFast,          // a client was disconnected by its throttle
  kMarketData,       // a decision had to do with a rate or a quote that is not fresh
  kSelfCross,        // an order may have traded with a resting one of the same client
  kLimitsNotRaised,  // a file would raise limits, which asks for a second person
  kOutlived,         // open orders whose value date or fixing has passed
  kStartPositions,   // a file of the day's first positions was taken, or refused
};

struct AlertRaised {
  static constexpr EventType kType = EventType::kAlertRaised;
  std::uint64_t alert;  // counter
  UtcTime time;
  OrderNumber order;  // none when it concerns no order
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
  UserText checker;  // the second person, who approved it
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
  UserText checker;  // the second person, who approved it
  IdText ticket;
  ReasonText reason;
};

// The trading day ends: ClOrdIDs may be used again, day counters start at zero.
struct DayRolled {
  static constexpr EventType kType = EventType::kDayRolled;
  UtcTime time;
  std::int32_t trade_date;  // the new one, days since 1970
  std::uint8_t flat;        // 1: the new day begins without positions
  std::uint8_t pad = 0;
  std::uint16_t keep_days;  // trading days that an order that is over is kept from here on; zero: for ever
};

// Entries of orders that are over, and of reports that were booked on none, leave the state: which ones, so that no
// later version folds it otherwise (gateway/giving_back.h).
enum class GivenBackTable : std::uint8_t { kNone, kOrders, kRequests, kExecutions };
struct EntriesGivenBack {
  static constexpr EventType kType = EventType::kEntriesGivenBack;
  UtcTime time;
  std::uint64_t from;   // the number of the first that was looked at
  std::uint64_t which;  // one bit each from there, the lowest first; 1: it is given back
  GivenBackTable table;
  std::uint8_t over;  // 1: the table has been gone through
  std::uint8_t pad[6] = {};
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

std::string_view to_string(GivenBackTable table);  // "orders"
std::string_view to_string(AlertCode code);  // "overfill"
std::string_view to_string(Severity severity);

}  // namespace portcullis::order
