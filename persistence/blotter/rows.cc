#include "persistence/blotter/row_fields.h"

namespace portcullis::persistence {

template <>
struct Fields<OrderRow> {
  static constexpr Field<OrderRow> kAll[] = {
      {"order_number", &OrderRow::order_number},
      {"order_id", &OrderRow::order_id},
      {"client", &OrderRow::client},
      {"account", &OrderRow::account},
      {"session", &OrderRow::session},
      {"cl_ord_id", &OrderRow::cl_ord_id},
      {"symbol", &OrderRow::symbol},
      {"side", &OrderRow::side},
      {"ord_type", &OrderRow::ord_type},
      {"time_in_force", &OrderRow::time_in_force},
      {"ord_status", &OrderRow::ord_status},
      {"is_open", &OrderRow::is_open},
      {"order_qty", &OrderRow::order_qty},
      {"cum_qty", &OrderRow::cum_qty},
      {"leaves_qty", &OrderRow::leaves_qty},
      {"price", &OrderRow::price},
      {"stop_px", &OrderRow::stop_px},
      {"avg_px", &OrderRow::avg_px},
      {"broker", &OrderRow::broker},
      {"broker_cl_ord_id", &OrderRow::broker_cl_ord_id},
      {"broker_order_id", &OrderRow::broker_order_id},
      {"text", &OrderRow::text},
      {"entered_ns", &OrderRow::entered_ns},
      {"updated_ns", &OrderRow::updated_ns},
      {"journal_index", &OrderRow::journal_index},
  };
};

template <>
struct Fields<RequestRow> {
  static constexpr Field<RequestRow> kAll[] = {
      {"request_number", &RequestRow::request_number},
      {"order_number", &RequestRow::order_number},
      {"kind", &RequestRow::kind},
      {"origin", &RequestRow::origin},
      {"cl_ord_id", &RequestRow::cl_ord_id},
      {"orig_cl_ord_id", &RequestRow::orig_cl_ord_id},
      {"status", &RequestRow::status},
      {"order_qty", &RequestRow::order_qty},
      {"price", &RequestRow::price},
      {"time_ns", &RequestRow::time_ns},
      {"text", &RequestRow::text},
  };
};

template <>
struct Fields<PositionRow> {
  static constexpr Field<PositionRow> kAll[] = {
      {"account", &PositionRow::account},
      {"symbol", &PositionRow::symbol},
      {"client", &PositionRow::client},
      {"quantity", &PositionRow::quantity},
      {"term_amount", &PositionRow::term_amount},
      {"traded", &PositionRow::traded},
      {"journal_index", &PositionRow::journal_index},
  };
};

template <>
struct Fields<AlertRow> {
  static constexpr Field<AlertRow> kAll[] = {
      {"alert", &AlertRow::alert},
      {"severity", &AlertRow::severity},
      {"kind", &AlertRow::kind},
      {"order_number", &AlertRow::order_number},
      {"order_id", &AlertRow::order_id},
      {"session", &AlertRow::session},
      {"text", &AlertRow::text},
      {"raised_ns", &AlertRow::raised_ns},
      {"acknowledged_by", &AlertRow::acknowledged_by},
      {"acknowledged_ns", &AlertRow::acknowledged_ns},
      {"journal_index", &AlertRow::journal_index},
  };
};

template <>
struct Fields<ExecutionRow> {
  static constexpr Field<ExecutionRow> kAll[] = {
      {"execution_number", &ExecutionRow::execution_number},
      {"exec_id", &ExecutionRow::exec_id},
      {"order_number", &ExecutionRow::order_number},
      {"order_id", &ExecutionRow::order_id},
      {"client", &ExecutionRow::client},
      {"account", &ExecutionRow::account},
      {"cl_ord_id", &ExecutionRow::cl_ord_id},
      {"symbol", &ExecutionRow::symbol},
      {"side", &ExecutionRow::side},
      {"exec_type", &ExecutionRow::exec_type},
      {"ord_status", &ExecutionRow::ord_status},
      {"last_qty", &ExecutionRow::last_qty},
      {"last_px", &ExecutionRow::last_px},
      {"cum_qty", &ExecutionRow::cum_qty},
      {"leaves_qty", &ExecutionRow::leaves_qty},
      {"refers_to", &ExecutionRow::refers_to},
      {"applied", &ExecutionRow::applied},
      {"late", &ExecutionRow::late},
      {"broker", &ExecutionRow::broker},
      {"broker_exec_id", &ExecutionRow::broker_exec_id},
      {"broker_order_id", &ExecutionRow::broker_order_id},
      {"text", &ExecutionRow::text},
      {"time_ns", &ExecutionRow::time_ns},
      {"journal_index", &ExecutionRow::journal_index},
  };
};

template <>
struct Fields<DecisionRow> {
  static constexpr Field<DecisionRow> kAll[] = {
      {"decision", &DecisionRow::decision},
      {"journal_index", &DecisionRow::journal_index},
      {"time_ns", &DecisionRow::time_ns},
      {"order_number", &DecisionRow::order_number},
      {"order_id", &DecisionRow::order_id},
      {"client", &DecisionRow::client},
      {"account", &DecisionRow::account},
      {"symbol", &DecisionRow::symbol},
      {"cl_ord_id", &DecisionRow::cl_ord_id},
      {"msg_type", &DecisionRow::msg_type},
      {"outcome", &DecisionRow::outcome},
      {"code", &DecisionRow::code},
      {"control", &DecisionRow::control},
      {"text", &DecisionRow::text},
      {"limits_version", &DecisionRow::limits_version},
      {"market_version", &DecisionRow::market_version},
      {"checks", &DecisionRow::checks},
      {"session", &DecisionRow::session},
      {"trader", &DecisionRow::trader},
      {"strategy", &DecisionRow::strategy},
      {"manual", &DecisionRow::manual},
      {"orig_cl_ord_id", &DecisionRow::orig_cl_ord_id},
      {"side", &DecisionRow::side},
      {"currency", &DecisionRow::currency},
      {"order_qty", &DecisionRow::order_qty},
      {"price", &DecisionRow::price},
      {"stop_px", &DecisionRow::stop_px},
      {"ord_type", &DecisionRow::ord_type},
      {"time_in_force", &DecisionRow::time_in_force},
      {"value_date", &DecisionRow::value_date},
      {"broker", &DecisionRow::broker},
      {"message_offset", &DecisionRow::message_offset},
      {"message_size", &DecisionRow::message_size},
      {"message_hash", &DecisionRow::message_hash},
      {"scope", &DecisionRow::scope},
      {"node", &DecisionRow::node},
      {"usage_before", &DecisionRow::usage_before},
      {"delta", &DecisionRow::delta},
      {"limit_value", &DecisionRow::limit_value},
      {"utilisation", &DecisionRow::utilisation},
      {"tightest", &DecisionRow::tightest},
      {"quote_age_ns", &DecisionRow::quote_age_ns},
      {"base_rate_age_ns", &DecisionRow::base_rate_age_ns},
      {"term_rate_age_ns", &DecisionRow::term_rate_age_ns},
      {"reserved_base", &DecisionRow::reserved_base},
      {"reserved_term", &DecisionRow::reserved_term},
      {"reserved_notional", &DecisionRow::reserved_notional},
      {"override_id", &DecisionRow::override_id},
      {"build_id", &DecisionRow::build_id},
      {"configuration", &DecisionRow::configuration},
      {"date", &DecisionRow::date},
      {"market", &DecisionRow::market},
  };
};

template <>
struct Fields<ConfigurationRow> {
  static constexpr Field<ConfigurationRow> kAll[] = {
      {"journal_index", &ConfigurationRow::journal_index},
      {"time_ns", &ConfigurationRow::time_ns},
      {"epoch", &ConfigurationRow::epoch},
      {"version", &ConfigurationRow::version},
      {"build_id", &ConfigurationRow::build_id},
      {"configuration", &ConfigurationRow::configuration},
      {"content", &ConfigurationRow::content},
  };
};

template <>
struct Fields<NameRow> {
  static constexpr Field<NameRow> kAll[] = {
      {"kind", &NameRow::kind},
      {"idx", &NameRow::idx},
      {"owner", &NameRow::owner},
      {"name", &NameRow::name},
  };
};

template <>
struct Fields<RefusalRow> {
  static constexpr Field<RefusalRow> kAll[] = {
      {"journal_index", &RefusalRow::journal_index},
      {"seq", &RefusalRow::seq},
      {"order_number", &RefusalRow::order_number},
      {"kind", &RefusalRow::kind},
      {"session", &RefusalRow::session},
      {"cl_ord_id", &RefusalRow::cl_ord_id},
      {"orig_cl_ord_id", &RefusalRow::orig_cl_ord_id},
      {"code", &RefusalRow::code},
      {"text", &RefusalRow::text},
      {"time_ns", &RefusalRow::time_ns},
  };
};

template <>
struct Fields<AuditRow> {
  static constexpr Field<AuditRow> kAll[] = {
      {"journal_index", &AuditRow::journal_index},
      {"seq", &AuditRow::seq},
      {"time_ns", &AuditRow::time_ns},
      {"actor", &AuditRow::actor},
      {"action", &AuditRow::action},
      {"subject", &AuditRow::subject},
      {"detail", &AuditRow::detail},
  };
};

const Table kNamesTable{"names", 2, kColumnsOf<NameRow>};
const Table kOrdersTable{"orders", 1, kColumnsOf<OrderRow>};
const Table kRequestsTable{"requests", 1, kColumnsOf<RequestRow>};
const Table kRefusalsTable{"refusals", 2, kColumnsOf<RefusalRow>};
const Table kExecutionsTable{"executions", 1, kColumnsOf<ExecutionRow>};
const Table kDecisionsTable{"decisions", 1, kColumnsOf<DecisionRow>};
const Table kPositionsTable{"positions", 2, kColumnsOf<PositionRow>};
const Table kAlertsTable{"alerts", 1, kColumnsOf<AlertRow>};
const Table kConfigurationsTable{"configurations", 1, kColumnsOf<ConfigurationRow>};
const Table kAuditTable{"audit", 2, kColumnsOf<AuditRow>};

template void append_row(const NameRow& row, RowBatch& to);
template void from_row(const Row& row, NameRow& into);
template <>
const Table& table_of<NameRow>() {
  return kNamesTable;
}

template void append_row(const OrderRow& row, RowBatch& to);
template void from_row(const Row& row, OrderRow& into);
template <>
const Table& table_of<OrderRow>() {
  return kOrdersTable;
}

template void append_row(const RequestRow& row, RowBatch& to);
template void from_row(const Row& row, RequestRow& into);
template <>
const Table& table_of<RequestRow>() {
  return kRequestsTable;
}

template void append_row(const RefusalRow& row, RowBatch& to);
template void from_row(const Row& row, RefusalRow& into);
template <>
const Table& table_of<RefusalRow>() {
  return kRefusalsTable;
}

template void append_row(const ExecutionRow& row, RowBatch& to);
template void from_row(const Row& row, ExecutionRow& into);
template <>
const Table& table_of<ExecutionRow>() {
  return kExecutionsTable;
}

template void append_row(const DecisionRow& row, RowBatch& to);
template void from_row(const Row& row, DecisionRow& into);
template <>
const Table& table_of<DecisionRow>() {
  return kDecisionsTable;
}

template void append_row(const PositionRow& row, RowBatch& to);
template void from_row(const Row& row, PositionRow& into);
template <>
const Table& table_of<PositionRow>() {
  return kPositionsTable;
}

template void append_row(const AlertRow& row, RowBatch& to);
template void from_row(const Row& row, AlertRow& into);
template <>
const Table& table_of<AlertRow>() {
  return kAlertsTable;
}

template void append_row(const ConfigurationRow& row, RowBatch& to);
template void from_row(const Row& row, ConfigurationRow& into);
template <>
const Table& table_of<ConfigurationRow>() {
  return kConfigurationsTable;
}

template void append_row(const AuditRow& row, RowBatch& to);
template void from_row(const Row& row, AuditRow& into);
template <>
const Table& table_of<AuditRow>() {
  return kAuditTable;
}

}  // namespace portcullis::persistence
