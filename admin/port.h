#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "admin/decision_row.h"
#include "admin/report.h"
#include "admin/role.h"
#include "base/decimal.h"
#include "base/result.h"
#include "base/time.h"

// What the admin server needs of the gateway: three abstract classes and plain values, nothing of
// HTTP, JSON or SQL. app/ implements them; tests/admin implements them as a gateway made of tables.
//
//   Views     what is so now, read from published copies; never blocks.
//   History   what was written, read from the blotter; may block, so it has its own worker thread.
//   Commands  what an operator asks of the core; answered only when it is durable, or refused.
//
// Names of states and kinds are text as the API shows them: lower case, words joined by '_'.

namespace portcullis::admin {

// ---------------------------------------------------------------------------------------------
// Views

struct GatewayView {
  std::string id;          // part of every OrderID
  std::string version;     // of the program
  std::string durability;  // process, disk
  std::string currency;    // the risk currency, ISO 4217
  UtcTime started;
};

struct HealthView {
  bool live = true;                  // the core thread moves
  bool ready = false;                // orders are taken
  std::vector<std::string> reasons;  // why it is not ready, or what is degraded; a sentence each
  std::uint64_t configuration_version = 0;  // index of the journal's record that holds it
  std::string configuration_hash;           // of the part that decides about orders, in hexadecimal
};

struct SessionView {
  std::string id;               // of the configuration: a client's or a broker's
  std::string role;             // client, broker
  std::string version;          // FIX.4.4
  std::string state;            // up, down, connecting, logging_on, reconciling, disabled, held
  std::string reason;           // why it is down or held; empty when it is up
  bool enabled = true;          // by the operator
  std::string comp_id;          // the counterparty's
  std::string gateway_comp_id;  // ours
  std::string address;          // of the peer when connected, else where it listens or connects to
  std::string listen;           // where a client has to connect to, with the port in use; empty for brokers
  std::uint64_t next_sender_seq = 1;
  std::uint64_t next_target_seq = 1;
  std::optional<UtcTime> since;  // when it entered the state
};

struct InstrumentExposure {
  std::string symbol;
  Quantity position;   // signed, in base units
  Quantity open_buy;   // reserved
  Quantity open_sell;  // reserved
};

struct CurrencyExposure {
  std::string currency;
  Amount position;  // signed
  Amount in;        // reserved receivables of open orders
  Amount out;       // reserved payables of open orders
};

struct SettlementExposure {
  Date date;
  Amount amount;  // in the risk currency
};

// One node of the risk tree. All notionals are in the risk currency.
struct ExposureView {
  std::string scope;  // firm, group, client, account, session, trader, broker, instrument, currency
  std::string id;     // "firm" for the firm
  std::string state;  // effective: active, reduce_only, block_new, cancel, killed
  std::uint64_t open_orders = 0;
  Amount gross_open_notional;
  Amount traded_notional;
  Amount net_open_position;
  std::vector<InstrumentExposure> instruments;
  std::vector<CurrencyExposure> currencies;
  std::vector<SettlementExposure> settlement;
};

struct CountPerSeconds {
  std::int64_t count = 0;
  std::int64_t seconds = 0;
  friend bool operator==(const CountPerSeconds&, const CountPerSeconds&) = default;
};

// A decimal as its exact text, a list of names (order_types), or a rate (duplicate_orders).
using LimitValue = std::variant<std::string, std::vector<std::string>, CountPerSeconds>;

struct LimitView {
  std::string name;  // as in the configuration: max_order_quantity …
  LimitValue value;
  std::optional<std::string> used;  // exact decimal, for limits that have a usage
  bool enforced = false;            // false: read and shown, not checked by this version
  std::optional<LimitValue> absolute = {};  // what nobody may loosen it beyond (risk.absolute)
};

struct LimitsView {
  std::string scope;  // firm, client, account, broker, instrument
  std::string id;
  std::uint64_t version = 0;  // changes with each change of this node's limits
  std::vector<LimitView> limits;
};

struct AlertView {
  std::string id;
  std::string severity;  // info, warning, critical
  std::string kind;      // unknown_order, suspense_fill, session_down …
  std::string subject;   // the session, order or account it is about
  std::string text;      // one sentence
  UtcTime raised;
  std::string acknowledged_by;  // empty: nobody yet
  std::optional<UtcTime> acknowledged;
};

// How the cancels of a scope go, or how long a drill found that they would take.
struct MassCancelView {
  std::uint64_t run = 0;
  std::string scope;
  std::string id;
  std::string origin;  // scope_state, disconnect, drill
  std::string user;    // empty: a disconnect
  std::string reason;
  UtcTime started;
  std::uint32_t orders = 0;    // open when it began
  std::uint32_t queued = 0;    // wait for their broker's pace
  std::uint32_t sent = 0;
  std::uint32_t acked = 0;     // cancelled
  std::uint32_t too_late = 0;  // filled, or over otherwise
  std::uint32_t outstanding = 0;
  bool escalated = false;
  bool finished = false;
  std::optional<UtcTime> last_sent;
  std::optional<UtcTime> ended;
};

struct KillView {
  std::string scope;  // firm, client, account, session, broker, instrument
  std::string id;
  std::string state;  // reduce_only, block_new, cancel, killed
  std::string reason;
  std::string user;
  std::optional<UtcTime> since;
  std::optional<MassCancelView> cancel;  // the newest of its scope
};

// A change that waits, or waited, for a second person.
struct ProposalView {
  std::string id;
  std::string state;   // waiting, approved, rejected, expired
  std::string action;  // what it would change, for people: "limits of account ALPHA-1"
  std::string body;    // its values, a JSON object
  std::string explanation;  // why it needs a second person
  std::string reason;  // the maker's
  std::string ticket;
  std::string user;           // who made it
  std::string approver_role;  // the least that a second person needs
  UtcTime created;
  UtcTime lapses;
  std::string decided_by;  // empty: nobody yet, or it has expired
  std::string decision;    // the second person's reason
  std::optional<UtcTime> decided;
};

// A counter or a gauge; histograms come with their cumulative buckets.
struct MetricView {
  enum class Kind : std::uint8_t { kCounter, kGauge, kHistogram };
  struct Bucket {
    double upper_bound = 0;  // in the metric's unit; the last is +infinity
    std::uint64_t cumulative = 0;
  };
  struct Sample {
    std::vector<std::pair<std::string, std::string>> labels;
    double value = 0;  // of counters and gauges; of histograms, the sum
    std::vector<Bucket> buckets;
  };
  std::string name;  // portcullis_orders_total; the unit comes last
  std::string help;
  Kind kind = Kind::kGauge;
  std::vector<Sample> samples;
};

// Called on the admin thread, several times a second while a console is open. Returns at once with
// the last published copy; lists are sorted by id.
class Views {
 public:
  virtual ~Views() = default;
  virtual GatewayView gateway() = 0;
  virtual HealthView health() = 0;
  virtual std::vector<SessionView> sessions() = 0;
  // Both empty: every account. Only a scope: all its nodes. Both: that node, or nothing.
  virtual std::vector<ExposureView> exposures(const std::string& scope, const std::string& id) = 0;
  virtual std::vector<LimitsView> limits() = 0;
  virtual std::vector<AlertView> alerts() = 0;
  // The nodes that are not active.
  virtual std::vector<KillView> kills() = 0;
  // Mass cancels and drills, oldest first: those under way and the newest that are over.
  virtual std::vector<MassCancelView> mass_cancels() = 0;
  // What waits for a second person and what came of the last ones, oldest first.
  virtual std::vector<ProposalView> proposals() = 0;
  virtual std::vector<MetricView> metrics() = 0;
};

// ---------------------------------------------------------------------------------------------
// History

struct OrderRow {
  std::string order_id;  // ours, OrderID(37) towards the client
  std::string client;
  std::string account;
  std::string cl_ord_id;  // the newest accepted of the chain
  std::string symbol;
  std::string side;           // buy, sell
  std::string ord_type;       // market, limit, stop, stop_limit, previously_quoted
  std::string time_in_force;  // day, gtc, ioc, fok, gtd
  std::string ord_status;     // pending_new, new, partially_filled, filled, cancelled, … unknown
  bool open = false;
  Quantity order_qty;
  Quantity cum_qty;
  Quantity leaves_qty;
  std::optional<Price> price;
  std::optional<Price> stop_px;
  std::optional<Price> avg_px;
  std::string broker;            // empty: not routed
  std::string broker_cl_ord_id;  // our ClOrdID(11) towards the broker
  std::string text;              // of the last report, Text(58); from outside, so never markup
  UtcTime entered;
  UtcTime updated;
  std::uint64_t journal_index = 0;  // of the record that changed it last
};

// One request of a ClOrdID chain.
struct ChainRow {
  std::string kind;  // new, replace, cancel
  std::string cl_ord_id;
  std::string orig_cl_ord_id;  // empty for the first
  std::string status;          // pending, accepted, rejected
  std::optional<Quantity> order_qty;
  std::optional<Price> price;
  UtcTime time;
};

struct ExecutionRow {
  std::string exec_id;  // ours, ExecID(17) towards the client
  std::string order_id;
  std::string client;
  std::string account;
  std::string cl_ord_id;
  std::string symbol;
  std::string side;
  std::string exec_type;  // new, trade, cancelled, replaced, rejected, trade_cancel, …
  std::string ord_status;
  Quantity last_qty;
  std::optional<Price> last_px;
  Quantity cum_qty;
  Quantity leaves_qty;
  std::string broker;
  std::string broker_exec_id;
  std::string text;
  UtcTime time;
  std::uint64_t journal_index = 0;
};

struct OrderDetail {
  OrderRow order;
  std::vector<ChainRow> chain;  // oldest first
  std::vector<ExecutionRow> executions;
};

struct HistoryFilter {
  std::string client;           // empty: any
  std::string account;          // empty: any
  std::string symbol;           // empty: any
  std::string order_id;         // executions and decisions only; empty: any
  std::string control;          // decisions only: B1 …; empty: any
  std::string outcome;          // decisions only: accepted, rejected; empty: any
  std::optional<UtcTime> from;  // decisions only: at this time or later
  std::optional<UtcTime> to;    // decisions only: before this time
  bool open_only = false;
  std::uint32_t limit = 100;  // 1 … 1000
  std::string cursor;         // as given with the page before; empty: the newest
};

template <typename Row>
struct Page {
  std::vector<Row> rows;    // newest first
  std::string next_cursor;  // empty: this was the last page
};

// What changed after a journal index, oldest first.
struct Changes {
  std::vector<OrderRow> orders;
  std::vector<ExecutionRow> executions;
  std::uint64_t last_index = 0;  // of what the blotter holds
  bool more = false;             // the limit cut it short
};

struct HistoryError {
  enum class Kind : std::uint8_t {
    kBadCursor,    // the caller's mistake
    kBadRequest,   // the caller's mistake
    kUnknown,      // there is no such thing
    kUnavailable,  // the blotter does not answer
    kNotBuilt,     // this version has no such table
  };
  Kind kind = Kind::kUnavailable;
  std::string what;
};

template <typename T>
using HistoryResult = Result<T, HistoryError>;

// Called on the server's one worker thread; may block for as long as a query takes.
class History {
 public:
  virtual ~History() = default;
  virtual HistoryResult<Page<OrderRow>> orders(const HistoryFilter& filter) = 0;
  // Nothing when no such order was ever accepted or refused under that id.
  virtual HistoryResult<std::optional<OrderDetail>> order(const std::string& order_id) = 0;
  virtual HistoryResult<Page<ExecutionRow>> executions(const HistoryFilter& filter) = 0;
  virtual HistoryResult<Page<DecisionRow>> decisions(const HistoryFilter& filter) = 0;
  // At most `limit` orders and `limit` executions whose journal_index is above `after`. With `after`
  // = UINT64_MAX only last_index is wanted.
  virtual HistoryResult<Changes> changes(std::uint64_t after, std::uint32_t limit) = 0;
  // Which there are, by name; whatever the blotter does.
  virtual std::vector<ReportInfo> reports() = 0;
  // The caller has looked at the report's role.
  virtual HistoryResult<ReportTable> report(const ReportRequest& request) = 0;
};

// ---------------------------------------------------------------------------------------------
// Commands

struct SetKillState {
  std::string scope;  // firm, client, account, session, broker, instrument
  std::string id;     // "firm" for the firm
  std::string state;  // active, reduce_only, block_new, cancel, killed
  std::string reason;
  std::string ticket;  // may be empty
  bool drill = false;  // nothing changes; the time that the cancels would take is measured
};

struct CancelOrder {
  std::string order_id;
};

struct ResolveOrder {
  std::string order_id;
  std::string as;  // cancelled, rejected, filled
  std::optional<Quantity> cum_qty;
  std::optional<Price> avg_px;
  std::string evidence;
  std::string reason;
};

struct AdjustPosition {
  std::string account;
  std::string symbol;
  Quantity quantity;  // signed; added to the position
  Price price;
  std::string evidence;
  std::string reason;
};

struct SetQuote {
  std::string symbol;
  Price bid;
  Price ask;
};

struct SetRate {
  std::string currency;
  Rate rate;  // units of the risk currency for one
};

struct ChangeLimits {
  std::string scope;
  std::string id;
  std::vector<std::pair<std::string, LimitValue>> limits;  // the text is as the user wrote it: check it
  std::string reason;
  std::string ticket;                  // may be empty
  std::optional<UtcTime> expires;      // then it goes back
  std::uint64_t expected_version = 0;  // If-Match; another version: kStale
};

struct SessionAction {
  enum class Kind : std::uint8_t { kEnable, kDisable, kLogout, kSequence };
  std::string session;
  Kind kind = Kind::kEnable;
  std::optional<std::uint64_t> next_sender_seq;  // kSequence: at least one of them
  std::optional<std::uint64_t> next_target_seq;
  std::string reason;
};

struct AcknowledgeAlert {
  std::string id;
};

struct DecideProposal {
  std::string id;
  bool approve = false;
  std::string reason;
};

using Command = std::variant<SetKillState, CancelOrder, ResolveOrder, AdjustPosition, SetQuote, SetRate, ChangeLimits,
                             SessionAction, AcknowledgeAlert, DecideProposal>;

// Who asks. Goes into the journal with the command.
struct Authority {
  std::string user;
  Role role = Role::kViewer;
};

struct CommandResult {
  enum class Outcome : std::uint8_t {
    kDone,               // durable
    kNeedsSecondPerson,  // it is a proposal now, and durable; nothing else has changed
    kUnknown,            // no such order, session, node, symbol, alert
    kInvalid,            // the values make no sense
    kForbidden,          // not by this person: one's own proposal, or the role is too low
    kConflict,           // the state forbids it: a filled order, a session that is logged on
    kStale,              // expected_version is not the present one
    kNotBuilt,           // this version cannot do it
    kOverloaded,         // the core's queue is full; try again
  };
  Outcome outcome = Outcome::kDone;
  std::string text;  // what was wrong and what was expected, or what was done; a sentence
  std::uint64_t journal_index = 0;
  std::optional<ProposalView> proposal;  // made by it (kNeedsSecondPerson), or decided by it
};

// Called on the admin thread; must not block: a full queue is kOverloaded at once. `done` is called
// exactly once, from any thread, possibly before submit() returns, and for kDone only when the record
// is durable at the configured level.
class Commands {
 public:
  using Done = std::function<void(CommandResult)>;
  virtual ~Commands() = default;
  virtual void submit(Command command, Authority authority, Done done) = 0;
};

// One line of the audit log: who did what and what came of it, failed logins too. Called on the admin
// thread, must not block. Tokens never appear in it.
struct AuditLine {
  std::string user;     // empty: not authenticated
  std::string address;  // of the peer
  std::string action;   // "POST /api/v1/kill-switch", "authentication failed"
  unsigned status = 0;  // the HTTP status given
  std::string detail;
};

class Audit {
 public:
  virtual ~Audit() = default;
  virtual void write(const AuditLine& line) = 0;
};

}  // namespace portcullis::admin
