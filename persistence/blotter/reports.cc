#include "persistence/blotter/reports.h"

#include <algorithm>

#include "base/time.h"

namespace portcullis::persistence {
namespace {

constexpr Unit kText = Unit::kText;

constexpr ReportColumn kRejects[] = {
    {"date", kText, "date"},
    {"client", kText, "client"},
    {"control", kText, "control"},
    {"code", kText, "code"},
    {"rejects", Unit::kNumber, "rejects"},
    {"first", Unit::kTime, "first_ns"},
    {"last", Unit::kTime, "last_ns"},
    {"worst_used_percent", Unit::kThousandth, "worst_percent"},
    {"worst_scope", kText, "worst_scope"},
    {"worst_id", kText, "worst_node"},
    {"worst_usage", Unit::kFigure, "worst_usage"},
    {"worst_delta", Unit::kFigure, "worst_delta"},
    {"worst_limit", Unit::kFigure, "worst_limit"},
    {"worst_order_id", kText, "worst_order_id"},
    {"worst_cl_ord_id", kText, "worst_cl_ord_id"},
    {"worst_decision", Unit::kNumber, "worst_decision"},
};

constexpr ReportColumn kLimitUsage[] = {
    {"date", kText, "date"},
    {"control", kText, "control"},
    {"scope", kText, "scope"},
    {"id", kText, "node"},
    {"checks", Unit::kNumber, "checks"},
    {"refused", Unit::kNumber, "refused"},
    {"peak_used_percent", Unit::kThousandth, "peak_percent"},
    {"average_used_percent", Unit::kThousandth, "average_percent"},
    {"peak_usage", Unit::kFigure, "peak_usage"},
    {"limit_at_peak", Unit::kFigure, "peak_limit"},
    {"peak_time", Unit::kTime, "peak_ns"},
    {"flag", kText, "flag"},
};

constexpr ReportColumn kLimitChanges[] = {
    {"time", Unit::kTime, "time_ns"},
    {"scope", kText, "scope"},
    {"id", kText, "node"},
    {"limit", kText, "limit_name"},
    {"before", kText, "value_before"},
    {"after", kText, "value_after"},
    {"version", Unit::kNumber, "version"},
    {"maker", kText, "maker"},
    {"checker", kText, "checker"},
    {"reason", kText, "reason"},
    {"ticket", kText, "ticket"},
    {"kind", kText, "kind"},
    {"until", Unit::kTime, "until_ns"},
    {"ended", Unit::kTime, "ended_ns"},
    {"journal_index", Unit::kNumber, "journal_index"},
    {"seq", Unit::kNumber, "seq"},
};

constexpr ReportColumn kKillTimeline[] = {
    {"time", Unit::kTime, "time_ns"},
    {"kind", kText, "kind"},
    {"scope", kText, "scope"},
    {"id", kText, "node"},
    {"state", kText, "state"},
    {"control", kText, "control"},
    {"maker", kText, "maker"},
    {"checker", kText, "checker"},
    {"detail", kText, "detail"},
    {"until", Unit::kTime, "until_ns"},
    {"journal_index", Unit::kNumber, "journal_index"},
    {"seq", Unit::kNumber, "seq"},
};

constexpr ReportColumn kExposurePeaks[] = {
    {"date", kText, "date"},
    {"scope", kText, "scope"},
    {"id", kText, "node"},
    {"peak_gross_open_notional", Unit::kAmount, "peak_gross_open"},
    {"peak_net_open_position", Unit::kAmount, "peak_net_open_position"},
    {"peak_settlement", Unit::kAmount, "peak_settlement"},
    {"traded_notional", Unit::kAmount, "traded"},
    {"peak_open_orders", Unit::kNumber, "peak_open_orders"},
    {"samples", Unit::kNumber, "samples"},
};

constexpr ReportColumn kExceptions[] = {
    {"time", Unit::kTime, "time_ns"},
    {"kind", kText, "kind"},
    {"order_id", kText, "order_id"},
    {"subject", kText, "subject"},
    {"text", kText, "text"},
    {"severity", kText, "severity"},
    {"acknowledged_by", kText, "acknowledged_by"},
    {"acknowledged", Unit::kTime, "acknowledged_ns"},
    {"journal_index", Unit::kNumber, "journal_index"},
};

constexpr ReportColumn kPrices[] = {
    {"time", Unit::kTime, "time_ns"},
    {"client", kText, "client"},
    {"account", kText, "account"},
    {"symbol", kText, "symbol"},
    {"cl_ord_id", kText, "cl_ord_id"},
    {"order_id", kText, "order_id"},
    {"msg_type", kText, "msg_type"},
    {"outcome", kText, "outcome"},
    {"code", kText, "code"},
    {"control", kText, "control"},
    {"market", kText, "market"},
    {"quote_age_s", Unit::kDuration, "quote_age_ns"},
    {"base_rate_age_s", Unit::kDuration, "base_rate_age_ns"},
    {"term_rate_age_s", Unit::kDuration, "term_rate_age_ns"},
    {"text", kText, "text"},
    {"decision", Unit::kNumber, "decision"},
};

constexpr ReportColumn kThrottle[] = {
    {"time", Unit::kTime, "time_ns"},
    {"client", kText, "client"},
    {"session", kText, "session"},
    {"account", kText, "account"},
    {"trader", kText, "trader"},
    {"symbol", kText, "symbol"},
    {"cl_ord_id", kText, "cl_ord_id"},
    {"order_id", kText, "order_id"},
    {"msg_type", kText, "msg_type"},
    {"control", kText, "control"},
    {"code", kText, "code"},
    {"scope", kText, "scope"},
    {"id", kText, "node"},
    {"usage", Unit::kFigure, "usage_before"},
    {"limit", Unit::kFigure, "limit_value"},
    {"text", kText, "text"},
    {"decision", Unit::kNumber, "decision"},
};

constexpr ReportColumn kRestricted[] = {
    {"time", Unit::kTime, "time_ns"},
    {"client", kText, "client"},
    {"session", kText, "session"},
    {"account", kText, "account"},
    {"trader", kText, "trader"},
    {"symbol", kText, "symbol"},
    {"side", kText, "side"},
    {"order_qty", Unit::kQuantity, "order_qty"},
    {"price", Unit::kPrice, "price"},
    {"cl_ord_id", kText, "cl_ord_id"},
    {"order_id", kText, "order_id"},
    {"control", kText, "control"},
    {"code", kText, "code"},
    {"text", kText, "text"},
    {"decision", Unit::kNumber, "decision"},
};

constexpr ReportColumn kAccess[] = {
    {"name", kText, "name"},
    {"role", kText, "role"},
    {"standing", kText, "standing"},
    {"first_configured", Unit::kTime, "first_ns"},
    {"role_since", Unit::kTime, "role_first_ns"},
    {"actions", Unit::kNumber, "actions"},
    {"last_action", Unit::kTime, "last_action_ns"},
};

constexpr ReportColumn kOverrides[] = {
    {"time", Unit::kTime, "time_ns"},
    {"override", kText, "override_id"},
    {"client", kText, "client"},
    {"account", kText, "account"},
    {"symbol", kText, "symbol"},
    {"side", kText, "side"},
    {"order_qty", Unit::kQuantity, "order_qty"},
    {"price", Unit::kPrice, "price"},
    {"cl_ord_id", kText, "cl_ord_id"},
    {"order_id", kText, "order_id"},
    {"control", kText, "control"},
    {"decision", Unit::kNumber, "decision"},
};

constexpr ReportColumn kSoftBreaches[] = {
    {"time", Unit::kTime, "time_ns"},
    {"kind", kText, "kind"},
    {"severity", kText, "severity"},
    {"subject", kText, "subject"},
    {"text", kText, "text"},
    {"acknowledged_by", kText, "acknowledged_by"},
    {"acknowledged", Unit::kTime, "acknowledged_ns"},
    {"seconds_to_acknowledge", Unit::kDuration, "until_acknowledged_ns"},
    {"alert", Unit::kNumber, "alert"},
};

constexpr ReportColumn kShadow[] = {
    {"time", Unit::kTime, "time_ns"},
    {"client", kText, "client"},
    {"account", kText, "account"},
    {"symbol", kText, "symbol"},
    {"side", kText, "side"},
    {"order_qty", Unit::kQuantity, "order_qty"},
    {"price", Unit::kPrice, "price"},
    {"cl_ord_id", kText, "cl_ord_id"},
    {"order_id", kText, "order_id"},
    {"msg_type", kText, "msg_type"},
    {"live", kText, "live"},
    {"shadow", kText, "shadow"},
    {"control", kText, "control"},
    {"scope", kText, "scope"},
    {"id", kText, "node"},
    {"usage", Unit::kFigure, "usage_before"},
    {"delta", Unit::kFigure, "delta"},
    {"limit", Unit::kFigure, "limit_value"},
    {"decision", Unit::kNumber, "decision"},
};

constexpr Report kReports[] = {
    {"access_review", "Who may act: users and roles as configured, and when each last did", kAccess},
    {"exceptions", "Over-fills, late fills, busts, corrections, unknown orders and reports, breaks", kExceptions},
    {"exposure_peaks", "Intraday peaks of gross, net open position and settlement, by firm, client and broker",
     kExposurePeaks},
    {"kill_timeline", "States of scopes, breakers, mass cancels and drills, with who and until when", kKillTimeline},
    {"limit_changes", "Changes of limits: old and new, by whom; temporary ones with proof of their reversion",
     kLimitChanges},
    {"limit_usage", "Each limit against its peak and average use; flagged when it is over 10 times the peak",
     kLimitUsage},
    {"overrides", "Orders that passed a control by an override", kOverrides},
    {"rejects_by_control_and_client", "Refused messages by client, control and code, with the worst case of each",
     kRejects},
    {"restricted_hits", "Orders for what the client or account may not trade", kRestricted},
    {"shadow", "Decisions that the shadow limits would have made otherwise", kShadow},
    {"soft_breaches", "Warnings before a limit, and how long until a person acknowledged them", kSoftBreaches},
    {"stale_or_missing_prices", "Decisions on a market that was stale or missing", kPrices},
    {"throttle_and_repeated_executions", "Messages refused for their number: throttle, duplicates, repeated executions",
     kThrottle},
};

}  // namespace

std::span<const Report> reports() {
  return kReports;
}

const Report* find_report(std::string_view name) {
  const auto found = std::find_if(std::begin(kReports), std::end(kReports),
                                  [name](const Report& report) { return report.name == name; });
  return found == std::end(kReports) ? nullptr : found;
}

StoreResult<ReportRows> read_report(BlotterStore& store, const Report& report, const ReportFilter& filter) {
  std::string columns;
  std::vector<ColumnType> types;
  std::string_view time_column;
  bool by_date = false;
  for (const ReportColumn& column : report.columns) {
    if (!columns.empty()) columns += ", ";
    columns += column.view_column;
    types.push_back(column.unit == Unit::kText ? ColumnType::kText : ColumnType::kInteger);
    if (column.name == "time") time_column = column.view_column;
    by_date = by_date || column.name == "date";
  }
  std::string where;
  std::vector<Value> parameters;
  const auto condition = [&](std::string_view column, std::string_view comparison, Value value) {
    parameters.push_back(std::move(value));
    where += (where.empty() ? " WHERE " : " AND ") + std::string(column) + " " + std::string(comparison) + " $" +
             std::to_string(parameters.size());
  };
  if (!time_column.empty()) {
    if (filter.from_ns) condition(time_column, ">=", *filter.from_ns);
    if (filter.to_ns) condition(time_column, "<", *filter.to_ns);
  } else if (by_date) {
    // The whole days of which some part is within. Dates compare as text alike on both engines: digits and '-'.
    const auto date_of = [](std::int64_t ns) { return Date::of(UtcTime::from_ns(ns)).to_iso(); };
    if (filter.from_ns) condition("date", ">=", date_of(*filter.from_ns));
    if (filter.to_ns) condition("date", "<=", date_of(*filter.to_ns - 1));
  }
  auto rows = store.query("SELECT " + columns + " FROM report_" + std::string(report.name) + where + " LIMIT " +
                              std::to_string(std::uint64_t{filter.limit} + 1),
                          parameters, types);
  if (!rows) return rows.error();
  ReportRows result;
  result.more = rows->size() > filter.limit;
  if (result.more) rows->resize(filter.limit);
  result.rows = std::move(*rows);
  // The engines order text by different rules.
  std::sort(result.rows.begin(), result.rows.end());
  return result;
}

}  // namespace portcullis::persistence
