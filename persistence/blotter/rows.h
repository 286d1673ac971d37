#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "persistence/blotter/tables.h"

// The rows that the projection changes again later, as values with names, and their way to and from the tables.

namespace portcullis::persistence {

using OptionalInteger = std::optional<std::int64_t>;

struct OrderRow {
  std::int64_t order_number = 0;
  std::string order_id;
  std::string client;
  std::string account;
  std::string session;
  std::string cl_ord_id;
  std::string symbol;
  std::string side;
  std::string ord_type;
  std::string time_in_force;
  std::string ord_status;
  std::int64_t is_open = 0;
  std::int64_t order_qty = 0;
  std::int64_t cum_qty = 0;
  std::int64_t leaves_qty = 0;
  OptionalInteger price;
  OptionalInteger stop_px;
  OptionalInteger avg_px;
  std::string broker;
  std::string broker_cl_ord_id;
  std::string broker_order_id;
  std::string text;
  std::int64_t entered_ns = 0;
  std::int64_t updated_ns = 0;
  std::int64_t journal_index = 0;
};

struct RequestRow {
  std::int64_t request_number = 0;
  std::int64_t order_number = 0;
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

struct ExecutionRow {
  std::int64_t execution_number = 0;
  std::string exec_id;
  OptionalInteger order_number;
  std::string order_id;
  std::string client;
  std::string account;
  std::string cl_ord_id;
  std::string symbol;
  std::string side;
  std::string exec_type;
  std::string ord_status;
  std::int64_t last_qty = 0;
  OptionalInteger last_px;
  std::int64_t cum_qty = 0;
  std::int64_t leaves_qty = 0;
  OptionalInteger refers_to;
  std::int64_t applied = 1;
  std::int64_t late = 0;
  std::string broker;
  std::string broker_exec_id;
  std::string broker_order_id;
  std::string text;
  std::int64_t time_ns = 0;
  std::int64_t journal_index = 0;
};

struct DecisionRow {
  std::int64_t decision = 0;
  std::int64_t journal_index = 0;
  std::int64_t time_ns = 0;
  OptionalInteger order_number;
  std::string order_id;
  std::string client;
  std::string account;
  std::string symbol;
  std::string cl_ord_id;
  std::string msg_type;
  std::string outcome;
  std::string code;
  std::string control;
  std::string text;
  std::int64_t limits_version = 0;
  std::int64_t market_version = 0;
  std::string checks;
};

// In the order of the table's columns.
Row to_row(const OrderRow& order);
Row to_row(const RequestRow& request);
Row to_row(const PositionRow& position);
Row to_row(const AlertRow& alert);
Row to_row(const ExecutionRow& execution);
Row to_row(const DecisionRow& decision);
void from_row(const Row& row, OrderRow& order);
void from_row(const Row& row, RequestRow& request);
void from_row(const Row& row, PositionRow& position);
void from_row(const Row& row, AlertRow& alert);
void from_row(const Row& row, ExecutionRow& execution);
void from_row(const Row& row, DecisionRow& decision);

}  // namespace portcullis::persistence
