#include "persistence/blotter/row_fields.h"

namespace portcullis::persistence {

template <>
struct Fields<LimitUseRow> {
  static constexpr Field<LimitUseRow> kAll[] = {
      {"date", &LimitUseRow::date},
      {"control", &LimitUseRow::control},
      {"scope", &LimitUseRow::scope},
      {"node", &LimitUseRow::node},
      {"checks", &LimitUseRow::checks},
      {"refused", &LimitUseRow::refused},
      {"use_sum", &LimitUseRow::use_sum},
      {"use_peak", &LimitUseRow::use_peak},
      {"peak_usage", &LimitUseRow::peak_usage},
      {"peak_limit", &LimitUseRow::peak_limit},
      {"peak_ns", &LimitUseRow::peak_ns},
  };
};

template <>
struct Fields<LimitChangeRow> {
  static constexpr Field<LimitChangeRow> kAll[] = {
      {"journal_index", &LimitChangeRow::journal_index},
      {"seq", &LimitChangeRow::seq},
      {"time_ns", &LimitChangeRow::time_ns},
      {"scope", &LimitChangeRow::scope},
      {"node", &LimitChangeRow::node},
      {"limit_name", &LimitChangeRow::limit_name},
      {"value_before", &LimitChangeRow::value_before},
      {"value_after", &LimitChangeRow::value_after},
      {"version", &LimitChangeRow::version},
      {"maker", &LimitChangeRow::maker},
      {"checker", &LimitChangeRow::checker},
      {"reason", &LimitChangeRow::reason},
      {"ticket", &LimitChangeRow::ticket},
      {"until_ns", &LimitChangeRow::until_ns},
      {"reverted", &LimitChangeRow::reverted},
  };
};

template <>
struct Fields<StateChangeRow> {
  static constexpr Field<StateChangeRow> kAll[] = {
      {"journal_index", &StateChangeRow::journal_index},
      {"seq", &StateChangeRow::seq},
      {"time_ns", &StateChangeRow::time_ns},
      {"kind", &StateChangeRow::kind},
      {"scope", &StateChangeRow::scope},
      {"node", &StateChangeRow::node},
      {"state", &StateChangeRow::state},
      {"control", &StateChangeRow::control},
      {"maker", &StateChangeRow::maker},
      {"checker", &StateChangeRow::checker},
      {"detail", &StateChangeRow::detail},
  };
};

template <>
struct Fields<ExposureSampleRow> {
  static constexpr Field<ExposureSampleRow> kAll[] = {
      {"journal_index", &ExposureSampleRow::journal_index},
      {"seq", &ExposureSampleRow::seq},
      {"time_ns", &ExposureSampleRow::time_ns},
      {"date", &ExposureSampleRow::date},
      {"scope", &ExposureSampleRow::scope},
      {"node", &ExposureSampleRow::node},
      {"gross_open", &ExposureSampleRow::gross_open},
      {"net_open_position", &ExposureSampleRow::net_open_position},
      {"settlement", &ExposureSampleRow::settlement},
      {"settlement_date", &ExposureSampleRow::settlement_date},
      {"traded", &ExposureSampleRow::traded},
      {"open_orders", &ExposureSampleRow::open_orders},
  };
};

template <>
struct Fields<OperatorRow> {
  static constexpr Field<OperatorRow> kAll[] = {
      {"journal_index", &OperatorRow::journal_index},
      {"name", &OperatorRow::name},
      {"time_ns", &OperatorRow::time_ns},
      {"role", &OperatorRow::role},
  };
};

template <>
struct Fields<OrderRecordRow> {
  static constexpr Field<OrderRecordRow> kAll[] = {
      {"order_number", &OrderRecordRow::order_number},
      {"journal_index", &OrderRecordRow::journal_index},
      {"journal_offset", &OrderRecordRow::journal_offset},
  };
};

template <>
struct Fields<ShadowDecisionRow> {
  static constexpr Field<ShadowDecisionRow> kAll[] = {
      {"decision", &ShadowDecisionRow::decision},
      {"journal_index", &ShadowDecisionRow::journal_index},
      {"time_ns", &ShadowDecisionRow::time_ns},
      {"live", &ShadowDecisionRow::live},
      {"shadow", &ShadowDecisionRow::shadow},
      {"control", &ShadowDecisionRow::control},
      {"scope", &ShadowDecisionRow::scope},
      {"node", &ShadowDecisionRow::node},
      {"usage_before", &ShadowDecisionRow::usage_before},
      {"delta", &ShadowDecisionRow::delta},
      {"limit_value", &ShadowDecisionRow::limit_value},
  };
};

const Table kLimitUseTable{"limit_use", 4, kColumnsOf<LimitUseRow>};
const Table kLimitChangesTable{"limit_changes", 2, kColumnsOf<LimitChangeRow>};
const Table kStateChangesTable{"state_changes", 2, kColumnsOf<StateChangeRow>};
const Table kExposureSamplesTable{"exposure_samples", 2, kColumnsOf<ExposureSampleRow>};
const Table kOperatorsTable{"operators", 2, kColumnsOf<OperatorRow>};
const Table kOrderRecordsTable{"order_records", 2, kColumnsOf<OrderRecordRow>};
const Table kShadowDecisionsTable{"shadow_decisions", 1, kColumnsOf<ShadowDecisionRow>};

template void append_row(const LimitUseRow& row, RowBatch& to);
template void from_row(const Row& row, LimitUseRow& into);
template <>
const Table& table_of<LimitUseRow>() {
  return kLimitUseTable;
}

template void append_row(const LimitChangeRow& row, RowBatch& to);
template void from_row(const Row& row, LimitChangeRow& into);
template <>
const Table& table_of<LimitChangeRow>() {
  return kLimitChangesTable;
}

template void append_row(const StateChangeRow& row, RowBatch& to);
template void from_row(const Row& row, StateChangeRow& into);
template <>
const Table& table_of<StateChangeRow>() {
  return kStateChangesTable;
}

template void append_row(const ExposureSampleRow& row, RowBatch& to);
template void from_row(const Row& row, ExposureSampleRow& into);
template <>
const Table& table_of<ExposureSampleRow>() {
  return kExposureSamplesTable;
}

template void append_row(const OperatorRow& row, RowBatch& to);
template void from_row(const Row& row, OperatorRow& into);
template <>
const Table& table_of<OperatorRow>() {
  return kOperatorsTable;
}

template void append_row(const OrderRecordRow& row, RowBatch& to);
template void from_row(const Row& row, OrderRecordRow& into);
template <>
const Table& table_of<OrderRecordRow>() {
  return kOrderRecordsTable;
}

template void append_row(const ShadowDecisionRow& row, RowBatch& to);
template void from_row(const Row& row, ShadowDecisionRow& into);
template <>
const Table& table_of<ShadowDecisionRow>() {
  return kShadowDecisionsTable;
}

}  // namespace portcullis::persistence
