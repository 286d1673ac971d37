#include "persistence/blotter/rows.h"

#include <concepts>

namespace portcullis::persistence {
namespace {

Value value_of(std::int64_t integer) {
  return integer;
}
Value value_of(const std::string& text) {
  return text;
}
Value value_of(const OptionalInteger& integer) {
  return integer ? Value(*integer) : Value();
}

void take(const Value& value, std::int64_t& integer) {
  integer = std::get<std::int64_t>(value);
}
void take(const Value& value, std::string& text) {
  text = std::get<std::string>(value);
}
void take(const Value& value, OptionalInteger& integer) {
  integer = std::holds_alternative<std::int64_t>(value) ? OptionalInteger(std::get<std::int64_t>(value)) : std::nullopt;
}

// One list of members for each kind of row: the same order serves both directions.
template <typename R, typename Visit>
requires std::same_as<std::remove_const_t<R>, OrderRow>
void each_member(R& row, Visit visit) {
  visit(row.order_number);
  visit(row.order_id);
  visit(row.client);
  visit(row.account);
  visit(row.session);
  visit(row.cl_ord_id);
  visit(row.symbol);
  visit(row.side);
  visit(row.ord_type);
  visit(row.time_in_force);
  visit(row.ord_status);
  visit(row.is_open);
  visit(row.order_qty);
  visit(row.cum_qty);
  visit(row.leaves_qty);
  visit(row.price);
  visit(row.stop_px);
  visit(row.avg_px);
  visit(row.broker);
  visit(row.broker_cl_ord_id);
  visit(row.broker_order_id);
  visit(row.text);
  visit(row.entered_ns);
  visit(row.updated_ns);
  visit(row.journal_index);
}

template <typename R, typename Visit>
requires std::same_as<std::remove_const_t<R>, RequestRow>
void each_member(R& row, Visit visit) {
  visit(row.request_number);
  visit(row.order_number);
  visit(row.kind);
  visit(row.origin);
  visit(row.cl_ord_id);
  visit(row.orig_cl_ord_id);
  visit(row.status);
  visit(row.order_qty);
  visit(row.price);
  visit(row.time_ns);
  visit(row.text);
}

template <typename R, typename Visit>
requires std::same_as<std::remove_const_t<R>, PositionRow>
void each_member(R& row, Visit visit) {
  visit(row.account);
  visit(row.symbol);
  visit(row.client);
  visit(row.quantity);
  visit(row.term_amount);
  visit(row.traded);
  visit(row.journal_index);
}

template <typename R, typename Visit>
requires std::same_as<std::remove_const_t<R>, AlertRow>
void each_member(R& row, Visit visit) {
  visit(row.alert);
  visit(row.severity);
  visit(row.kind);
  visit(row.order_number);
  visit(row.order_id);
  visit(row.session);
  visit(row.text);
  visit(row.raised_ns);
  visit(row.acknowledged_by);
  visit(row.acknowledged_ns);
  visit(row.journal_index);
}

template <typename R, typename Visit>
requires std::same_as<std::remove_const_t<R>, ExecutionRow>
void each_member(R& row, Visit visit) {
  visit(row.execution_number);
  visit(row.exec_id);
  visit(row.order_number);
  visit(row.order_id);
  visit(row.client);
  visit(row.account);
  visit(row.cl_ord_id);
  visit(row.symbol);
  visit(row.side);
  visit(row.exec_type);
  visit(row.ord_status);
  visit(row.last_qty);
  visit(row.last_px);
  visit(row.cum_qty);
  visit(row.leaves_qty);
  visit(row.refers_to);
  visit(row.applied);
  visit(row.late);
  visit(row.broker);
  visit(row.broker_exec_id);
  visit(row.broker_order_id);
  visit(row.text);
  visit(row.time_ns);
  visit(row.journal_index);
}

template <typename R, typename Visit>
requires std::same_as<std::remove_const_t<R>, DecisionRow>
void each_member(R& row, Visit visit) {
  visit(row.decision);
  visit(row.journal_index);
  visit(row.time_ns);
  visit(row.order_number);
  visit(row.order_id);
  visit(row.client);
  visit(row.account);
  visit(row.symbol);
  visit(row.cl_ord_id);
  visit(row.msg_type);
  visit(row.outcome);
  visit(row.code);
  visit(row.control);
  visit(row.text);
  visit(row.limits_version);
  visit(row.market_version);
  visit(row.checks);
}

template <typename R>
Row row_from(const R& from, const Table& table) {
  Row row;
  row.reserve(table.columns.size());
  each_member(from, [&](const auto& member) { row.push_back(value_of(member)); });
  return row;
}

template <typename R>
void row_into(const Row& row, R& to) {
  std::size_t at = 0;
  each_member(to, [&](auto& member) { take(row.at(at++), member); });
}

}  // namespace

Row to_row(const OrderRow& order) {
  return row_from(order, kOrdersTable);
}
Row to_row(const RequestRow& request) {
  return row_from(request, kRequestsTable);
}
Row to_row(const PositionRow& position) {
  return row_from(position, kPositionsTable);
}
Row to_row(const AlertRow& alert) {
  return row_from(alert, kAlertsTable);
}
Row to_row(const ExecutionRow& execution) {
  return row_from(execution, kExecutionsTable);
}
Row to_row(const DecisionRow& decision) {
  return row_from(decision, kDecisionsTable);
}
void from_row(const Row& row, OrderRow& order) {
  row_into(row, order);
}
void from_row(const Row& row, RequestRow& request) {
  row_into(row, request);
}
void from_row(const Row& row, PositionRow& position) {
  row_into(row, position);
}
void from_row(const Row& row, AlertRow& alert) {
  row_into(row, alert);
}
void from_row(const Row& row, ExecutionRow& execution) {
  row_into(row, execution);
}
void from_row(const Row& row, DecisionRow& decision) {
  row_into(row, decision);
}

}  // namespace portcullis::persistence
