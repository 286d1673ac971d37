#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "persistence/blotter/row_batch.h"
#include "persistence/blotter/tables.h"

// The rows of the blotter as values with names, and their way to and from the tables.

namespace portcullis::persistence {

using OptionalInteger = std::optional<std::int64_t>;

// `Word`: of what few texts come again and again in, names and words. A reader has strings, the fold views of what
// stays.
template <typename Word>
struct OrderColumns {
  std::int64_t order_number = 0;
  std::string order_id;
  Word client;
  Word account;
  Word session;
  std::string cl_ord_id;
  Word symbol;
  Word side;
  Word ord_type;
  Word time_in_force;
  Word ord_status;
  std::int64_t is_open = 0;
  std::int64_t order_qty = 0;
  std::int64_t cum_qty = 0;
  std::int64_t leaves_qty = 0;
  OptionalInteger price;
  OptionalInteger stop_px;
  OptionalInteger avg_px;
  Word broker;
  std::string broker_cl_ord_id;
  std::string broker_order_id;
  std::string text;
  std::int64_t entered_ns = 0;
  std::int64_t updated_ns = 0;
  std::int64_t journal_index = 0;
  OptionalInteger decision;
  OptionalInteger last_execution;
  OptionalInteger request_number;  // of the NewOrderSingle, while no RequestRow has it
  Word request_status;
};
using OrderRow = OrderColumns<std::string>;
// Its texts and views of its words, which are good while the row stands.
void copy_columns(const OrderRow& row, OrderColumns<std::string_view>& to);

struct RequestRow {
  std::int64_t order_number = 0;
  std::int64_t request_number = 0;
  std::string kind;
  std::string origin;
  std::string cl_ord_id;
  std::string orig_cl_ord_id;
  std::string status;
  OptionalInteger order_qty;
  OptionalInteger price;
  std::int64_t time_ns = 0;
  std::string text;
};

struct PositionRow {
  std::string account;
  std::string symbol;
  std::string client;
  std::int64_t quantity = 0;
  std::int64_t term_amount = 0;
  std::int64_t traded = 0;
  std::int64_t journal_index = 0;
};

struct AlertRow {
  std::int64_t alert = 0;
  std::string severity;
  std::string kind;
  OptionalInteger order_number;
  std::string order_id;
  std::string session;
  std::string text;
  std::int64_t raised_ns = 0;
  std::string acknowledged_by;
  OptionalInteger acknowledged_ns;
  std::int64_t journal_index = 0;
};

// What is written once and never changed has its columns as a template: the fold fills them with views of what it has
// at hand, and a reader has strings.
template <typename Text>
struct ExecutionColumns {
  std::int64_t execution_number = 0;
  Text exec_id;
  OptionalInteger order_number;
  Text order_id;
  Text client;
  Text account;
  Text cl_ord_id;
  Text symbol;
  Text side;
  Text exec_type;
  Text ord_status;
  std::int64_t last_qty = 0;
  OptionalInteger last_px;
  std::int64_t cum_qty = 0;
  std::int64_t leaves_qty = 0;
  OptionalInteger refers_to;
  std::int64_t applied = 1;
  std::int64_t late = 0;
  Text broker;
  Text broker_exec_id;
  Text broker_order_id;
  Text text;
  std::int64_t time_ns = 0;
  std::int64_t journal_index = 0;
  std::int64_t journal_offset = 0;
  OptionalInteger previous_execution;
};
using ExecutionRow = ExecutionColumns<std::string>;

// One decision on a client's order, replace or cancel. Figures of checks are raw, in the scale of the control's limit.
template <typename Text>
struct DecisionColumns {
  std::int64_t decision = 0;
  std::int64_t journal_index = 0;
  std::int64_t journal_offset = 0;
  std::int64_t time_ns = 0;
  OptionalInteger order_number;
  Text order_id;
  Text client;
  Text account;
  Text symbol;
  Text cl_ord_id;
  Text msg_type;
  Text outcome;
  Text code;
  Text control;
  Text text;
  Text session;
  Text trader;
  Text strategy;
  Text manual;
  Text orig_cl_ord_id;
  Text side;
  Text currency;
  OptionalInteger order_qty;
  OptionalInteger price;
  OptionalInteger stop_px;
  Text ord_type;
  Text time_in_force;
  Text value_date;
  Text broker;
  std::int64_t message_size = 0;
  std::int64_t message_hash_bits = 0;
  std::int64_t limits_version = 0;
  std::int64_t market_version = 0;
  OptionalInteger quote_age_ns;
  OptionalInteger base_rate_age_ns;
  OptionalInteger term_rate_age_ns;
  OptionalInteger reserved_base;
  OptionalInteger reserved_term;
  OptionalInteger reserved_notional;
  std::int64_t configuration_index = 0;
  std::int64_t check_plan = 0;
  Text kept_checks;  // as blotter/evidence.h keeps them
  Text market;
  Text override_id;
  // Of the check that refused; evidence.h fills in those of an accepted one.
  Text date;
  Text scope;
  Text node;
  OptionalInteger usage_before;
  OptionalInteger delta;
  OptionalInteger limit_value;
  OptionalInteger utilisation;
};
struct DecisionRow : DecisionColumns<std::string> {
  // Made of what is kept when a row is read (BlotterQueries): no columns.
  std::string checks;           // JSON: [[control, scope, id, usage, delta, limit, passed], …]
  std::string tightest = "[]";  // JSON: the three nearest to their limits, [[control, scope, id, thousandths], …]
  std::string build_id;
  std::string configuration;        // its hash
  std::int64_t message_offset = 0;  // of the client's bytes, global
  std::string message_hash;         // 16 hexadecimal digits
};

// Which checks a decision made, for all that made the same ones.
struct CheckPlanRow {
  std::int64_t plan = 0;
  std::string checks;
};

// The coarse index: what stands in 512 executions or decisions, and in which blocks an account has rows.
enum class BlockKind : std::uint8_t { kOrders, kExecutions, kDecisions };
inline constexpr std::int64_t kBlockRows = 512;
struct BlockRow {
  std::int64_t kind = 0;
  std::int64_t block = 0;
  std::int64_t last_index = 0;
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
};
struct BlockAccountsRow {
  std::int64_t kind = 0;
  std::int64_t block = 0;
  std::string accounts;  // kBetweenAccounts before the first and behind each
};
inline constexpr char kBetweenAccounts = '\x01';

// What decided from some record on: the program, and the configuration as the journal has it.
struct ConfigurationRow {
  std::int64_t journal_index = 0;
  std::int64_t time_ns = 0;
  std::int64_t epoch = 0;
  std::string version;
  std::string build_id;
  std::string configuration;
  std::string content;
};

// A configured name and its index.
struct NameRow {
  std::int64_t kind = 0;
  std::int64_t idx = 0;
  std::int64_t owner = 0;
  std::string name;
};

// A cancel or a replace that we refused ourselves.
struct RefusalRow {
  std::int64_t journal_index = 0;
  std::int64_t seq = 0;
  OptionalInteger order_number;
  std::string kind;
  std::string session;
  std::string cl_ord_id;
  std::string orig_cl_ord_id;
  std::string code;
  std::string text;
  std::int64_t time_ns = 0;
};

// What a person did, or what changed the conditions of trading.
struct AuditRow {
  std::int64_t journal_index = 0;
  std::int64_t seq = 0;
  std::int64_t time_ns = 0;
  std::string actor;
  std::string action;
  std::string subject;
  std::string detail;
};

// How near to a limit the decisions of a day came.
struct LimitUseFigures {
  std::int64_t checks = 0;
  std::int64_t refused = 0;
  std::int64_t use_sum = 0;
  std::int64_t use_peak = 0;
  std::int64_t peak_usage = 0;
  std::int64_t peak_limit = 0;
  std::int64_t peak_ns = 0;
};
struct LimitUseRow : LimitUseFigures {
  std::string date;
  std::string control;
  std::string scope;
  std::string node;
};

// A limit set by persons, or taken back by time.
struct LimitChangeRow {
  std::int64_t journal_index = 0;
  std::int64_t seq = 0;
  std::int64_t time_ns = 0;
  std::string scope;
  std::string node;
  std::string limit_name;
  std::string value_before;
  std::string value_after;
  std::int64_t version = 0;
  std::string maker;
  std::string checker;
  std::string reason;
  std::string ticket;
  OptionalInteger until_ns;
  std::int64_t reverted = 0;
};

// A state of a scope, and what else belongs to the kill timeline.
struct StateChangeRow {
  std::int64_t journal_index = 0;
  std::int64_t seq = 0;
  std::int64_t time_ns = 0;
  std::string kind;
  std::string scope;
  std::string node;
  std::string state;
  std::string control;
  std::string maker;
  std::string checker;
  std::string detail;
};

// Sums of one scope at one time.
struct ExposureSampleRow {
  std::int64_t journal_index = 0;
  std::int64_t seq = 0;
  std::int64_t time_ns = 0;
  std::string date;
  std::string scope;
  std::string node;
  std::int64_t gross_open = 0;
  std::int64_t net_open_position = 0;
  std::int64_t settlement = 0;
  std::string settlement_date;
  std::int64_t traded = 0;
  std::int64_t open_orders = 0;
};

// A person or program with a token, as configured.
struct OperatorRow {
  std::int64_t journal_index = 0;
  std::string name;
  std::int64_t time_ns = 0;
  std::string role;
};

// A record of the journal that is about an order, beside those of its decisions and executions.
struct OrderRecordRow {
  std::int64_t order_number = 0;
  std::int64_t journal_index = 0;
  std::int64_t journal_offset = 0;
};

// A decision that the shadow limits would have made otherwise.
struct ShadowDecisionRow {
  std::int64_t decision = 0;
  std::int64_t journal_index = 0;
  std::int64_t time_ns = 0;
  std::string live;
  std::string shadow;
  std::string control;
  std::string scope;
  std::string node;
  std::int64_t usage_before = 0;
  std::int64_t delta = 0;
  std::int64_t limit_value = 0;
};

// To and from a row of its table, for each kind of row above; rows.cc has one list of columns for each. A new column is
// a member here, a line there, and a step of the schema.
template <typename R>
void append_row(const R& row, RowBatch& to);
template <typename R>
void from_row(const Row& row, R& into);
template <typename R>
const Table& table_of();

}  // namespace portcullis::persistence
