#include "persistence/blotter/row_fields.h"

namespace portcullis::persistence {

template <typename Word>
struct Fields<OrderColumns<Word>> {
  using R = OrderColumns<Word>;
  static constexpr Field<R> kAll[] = {
      {"order_number", &R::order_number},
      {"order_id", &R::order_id},
      {"client", &R::client},
      {"account", &R::account},
      {"session", &R::session},
      {"cl_ord_id", &R::cl_ord_id},
      {"symbol", &R::symbol},
      {"side", &R::side},
      {"ord_type", &R::ord_type},
      {"time_in_force", &R::time_in_force},
      {"ord_status", &R::ord_status},
      {"is_open", &R::is_open},
      {"order_qty", &R::order_qty},
      {"cum_qty", &R::cum_qty},
      {"leaves_qty", &R::leaves_qty},
      {"price", &R::price},
      {"stop_px", &R::stop_px},
      {"avg_px", &R::avg_px},
      {"broker", &R::broker},
      {"broker_cl_ord_id", &R::broker_cl_ord_id},
      {"broker_order_id", &R::broker_order_id},
      {"text", &R::text},
      {"entered_ns", &R::entered_ns},
      {"updated_ns", &R::updated_ns},
      {"journal_index", &R::journal_index},
      {"decision", &R::decision},
      {"last_execution", &R::last_execution},
      {"request_number", &R::request_number},
      {"request_status", &R::request_status},
  };
};

void copy_columns(const OrderRow& row, OrderColumns<std::string_view>& to) {
  using Views = OrderColumns<std::string_view>;
  const auto copy = [&](auto from, auto into) {
    // The same column of both, so that no other pair of members meets.
    if constexpr (std::is_assignable_v<decltype(to.*into), decltype(row.*from)>) to.*into = row.*from;
  };
  auto into = std::begin(Fields<Views>::kAll);
  for (const Field<OrderRow>& from : Fields<OrderRow>::kAll) std::visit(copy, from.member, (into++)->member);
}

template <>
struct Fields<RequestRow> {
  static constexpr Field<RequestRow> kAll[] = {
      {"order_number", &RequestRow::order_number},
      {"request_number", &RequestRow::request_number},
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

template <typename Text>
struct Fields<ExecutionColumns<Text>> {
  using R = ExecutionColumns<Text>;
  static constexpr Field<R> kAll[] = {
      {"execution_number", &R::execution_number},
      {"exec_id", &R::exec_id},
      {"order_number", &R::order_number},
      {"account", &R::account},
      {"exec_type", &R::exec_type},
      {"ord_status", &R::ord_status},
      {"last_qty", &R::last_qty},
      {"last_px", &R::last_px},
      {"cum_qty", &R::cum_qty},
      {"leaves_qty", &R::leaves_qty},
      {"broker_exec_id", &R::broker_exec_id},
      {"broker_order_id", &R::broker_order_id},
      {"text", &R::text, kSparse},
      {"time_ns", &R::time_ns},
      {"journal_index", &R::journal_index},
      {"journal_offset", &R::journal_offset},
      {"previous_execution", &R::previous_execution},
      // What an ordinary row does not have.
      {"cl_ord_id", &R::cl_ord_id, kRare},
      {"order_id", &R::order_id, kRare},
      {"client", &R::client, kRare},
      {"symbol", &R::symbol, kRare},
      {"side", &R::side, kRare},
      {"refers_to", &R::refers_to, kRare},
      {"applied", &R::applied, kRare},
      {"late", &R::late, kRare},
      {"broker", &R::broker, kRare},
  };
};

template <typename Text>
struct Fields<DecisionColumns<Text>> {
  using R = DecisionColumns<Text>;
  static constexpr Field<R> kAll[] = {
      {"decision", &R::decision},
      {"journal_index", &R::journal_index},
      {"journal_offset", &R::journal_offset},
      {"time_ns", &R::time_ns},
      {"order_number", &R::order_number},
      {"account", &R::account},
      {"trader", &R::trader, kSparse},
      {"strategy", &R::strategy, kSparse},
      {"manual", &R::manual, kSparse},
      {"currency", &R::currency, kSparse},
      {"order_qty", &R::order_qty},
      {"price", &R::price},
      {"stop_px", &R::stop_px},
      {"ord_type", &R::ord_type, kSparse},
      {"time_in_force", &R::time_in_force, kSparse},
      {"value_date", &R::value_date, kSparse},
      {"message_size", &R::message_size},
      {"message_hash", &R::message_hash_bits},
      {"limits_version", &R::limits_version},
      {"market_version", &R::market_version},
      {"quote_age_ns", &R::quote_age_ns},
      {"base_rate_age_ns", &R::base_rate_age_ns},
      {"term_rate_age_ns", &R::term_rate_age_ns},
      {"reserved_base", &R::reserved_base},
      {"reserved_term", &R::reserved_term},
      {"reserved_notional", &R::reserved_notional},
      {"configuration_index", &R::configuration_index},
      {"check_plan", &R::check_plan},
      {"checks", &R::kept_checks},
      // What an ordinary row does not have.
      {"cl_ord_id", &R::cl_ord_id, kRare},
      {"order_id", &R::order_id, kSparse | kRare},
      {"client", &R::client, kRare},
      {"symbol", &R::symbol, kRare},
      {"msg_type", &R::msg_type, kRare},
      {"outcome", &R::outcome, kRare},
      {"code", &R::code, kRare},
      {"control", &R::control, kRare},
      {"text", &R::text, kSparse | kRare},
      {"session", &R::session, kSparse | kRare},
      {"orig_cl_ord_id", &R::orig_cl_ord_id, kSparse | kRare},
      {"side", &R::side, kSparse | kRare},
      {"broker", &R::broker, kSparse | kRare},
      {"market", &R::market, kSparse | kRare},
      {"override_id", &R::override_id, kSparse | kRare},
      {"date", &R::date, kSparse | kRare},
      {"scope", &R::scope, kSparse | kRare},
      {"node", &R::node, kSparse | kRare},
      {"usage_before", &R::usage_before, kRare},
      {"delta", &R::delta, kRare},
      {"limit_value", &R::limit_value, kRare},
      {"utilisation", &R::utilisation, kRare},
  };
};

template <>
struct Fields<CheckPlanRow> {
  static constexpr Field<CheckPlanRow> kAll[] = {
      {"plan", &CheckPlanRow::plan},
      {"checks", &CheckPlanRow::checks},
  };
};

template <>
struct Fields<BlockRow> {
  static constexpr Field<BlockRow> kAll[] = {
      {"kind", &BlockRow::kind},         {"block", &BlockRow::block},     {"last_index", &BlockRow::last_index},
      {"first_ns", &BlockRow::first_ns}, {"last_ns", &BlockRow::last_ns},
  };
};

template <>
struct Fields<BlockAccountsRow> {
  static constexpr Field<BlockAccountsRow> kAll[] = {
      {"kind", &BlockAccountsRow::kind},
      {"block", &BlockAccountsRow::block},
      {"accounts", &BlockAccountsRow::accounts},
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
constexpr std::string_view kFixedOfOrders[] = {"order_id", "client", "account",    "session",
                                               "symbol",   "side",   "entered_ns", "decision"};
const Table kOrdersTable{"orders", 1, kColumnsOf<OrderRow>, kFixedOfOrders};
const Table kRequestsTable{"requests", 2, kColumnsOf<RequestRow>, {}, "all_requests"};
const Table kRefusalsTable{"refusals", 2, kColumnsOf<RefusalRow>};
const Table kExecutionsTable{
    "execution_rows", 1, kColumnsOf<ExecutionRow>, {}, "executions", kOrdinaryColumnsOf<ExecutionRow>};
const Table kDecisionsTable{"decision_rows",
                            1,
                            kColumnsOf<DecisionColumns<std::string>>,
                            {},
                            "decisions",
                            kOrdinaryColumnsOf<DecisionColumns<std::string>>};
const Table kCheckPlansTable{"check_plans", 1, kColumnsOf<CheckPlanRow>};
const Table kBlocksTable{"blocks", 2, kColumnsOf<BlockRow>};
const Table kBlockAccountsTable{"block_accounts", 2, kColumnsOf<BlockAccountsRow>};
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
template void append_row(const OrderColumns<std::string_view>& row, RowBatch& to);
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
template void append_row(const ExecutionColumns<std::string_view>& row, RowBatch& to);
template void from_row(const Row& row, ExecutionRow& into);
template <>
const Table& table_of<ExecutionRow>() {
  return kExecutionsTable;
}

template void append_row(const DecisionColumns<std::string_view>& row, RowBatch& to);
template <>
void from_row(const Row& row, DecisionRow& into) {
  from_row<DecisionColumns<std::string>>(row, into);
}
template <>
const Table& table_of<DecisionRow>() {
  return kDecisionsTable;
}

template void append_row(const CheckPlanRow& row, RowBatch& to);
template void from_row(const Row& row, CheckPlanRow& into);
template <>
const Table& table_of<CheckPlanRow>() {
  return kCheckPlansTable;
}

template void append_row(const BlockRow& row, RowBatch& to);
template void from_row(const Row& row, BlockRow& into);
template <>
const Table& table_of<BlockRow>() {
  return kBlocksTable;
}

template void append_row(const BlockAccountsRow& row, RowBatch& to);
template void from_row(const Row& row, BlockAccountsRow& into);
template <>
const Table& table_of<BlockAccountsRow>() {
  return kBlockAccountsTable;
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
