#include "app/reports.h"

#include <algorithm>

#include "app/control_figure.h"

namespace portcullis::app {
namespace {

using admin::HistoryError;
using admin::ReportCell;
using admin::ReportTable;
using persistence::Unit;

HistoryError unavailable(std::string what) {
  return HistoryError{HistoryError::Kind::kUnavailable, std::move(what)};
}

ReportCell text(std::string value) {
  return ReportCell{ReportCell::Kind::kText, std::move(value)};
}
ReportCell number(std::string value) {
  return ReportCell{ReportCell::Kind::kNumber, std::move(value)};
}

// Nanoseconds as seconds with three decimals, cut off.
std::string seconds(std::int64_t ns) {
  const std::string ms = std::to_string(ns / 1'000'000 % 1000);
  return std::to_string(ns / 1'000'000'000) + "." + std::string(3 - ms.size(), '0') + ms;
}

ReportCell cell(const persistence::Value& value, Unit unit, std::string_view control) {
  if (std::holds_alternative<std::monostate>(value)) return {};
  if (const auto* words = std::get_if<std::string>(&value)) return text(*words);
  const std::int64_t raw = std::get<std::int64_t>(value);
  switch (unit) {
    case Unit::kText:
    case Unit::kNumber:
      return number(std::to_string(raw));
    case Unit::kTime:
      return text(to_iso(UtcTime::from_ns(raw)));
    case Unit::kDuration:
      return number(seconds(raw));
    case Unit::kQuantity:
      return number(Quantity::from_raw(raw).to_string());
    case Unit::kPrice:
      return number(Price::from_raw(raw).to_string());
    case Unit::kAmount:
      return number(Amount::from_raw(raw).to_string());
    case Unit::kThousandth:
      return number(std::to_string(raw / 10) + "." + std::to_string(raw % 10));
    case Unit::kFigure:
      return number(control_figure(control, raw));
  }
  return {};
}

admin::Role role_of(std::string_view report) {
  return report == "access_review" ? admin::Role::kRisk : admin::Role::kViewer;
}

}  // namespace

std::vector<admin::ReportInfo> Reports::list() {
  std::vector<admin::ReportInfo> all;
  for (const persistence::Report& report : persistence::reports()) {
    admin::ReportInfo& info = all.emplace_back();
    info.name = report.name;
    info.title = report.title;
    info.role = role_of(report.name);
    for (const persistence::ReportColumn& column : report.columns) {
      info.columns.emplace_back(column.name);
      if (column.name == "time" || column.name == "date") info.parameters = {"from", "to"};
    }
  }
  all.push_back(control_inventory_info());
  all.push_back(order_dossier_info());
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

admin::HistoryResult<ReportTable> Reports::read(const admin::ReportRequest& request) {
  if (request.name == "control_inventory") return control_inventory(request);
  if (request.name == "order_dossier") return order_dossier(request);
  const persistence::Report* report = persistence::find_report(request.name);
  if (report == nullptr) {
    return HistoryError{HistoryError::Kind::kUnknown, "there is no such report; GET /api/v1/reports lists them"};
  }
  return view(*report, request);
}

admin::HistoryResult<ReportTable> Reports::view(const persistence::Report& report,
                                                const admin::ReportRequest& request) {
  persistence::ReportFilter filter;
  if (request.from) filter.from_ns = request.from->ns();
  if (request.to) filter.to_ns = request.to->ns();
  const auto rows = queries_.report(report, filter);
  if (!rows) return unavailable("the blotter does not answer: " + rows.error().what);
  if (rows->more) {
    return HistoryError{HistoryError::Kind::kBadRequest,
                        "the report has more than " + std::to_string(filter.limit) + " rows; from and to narrow it"};
  }
  ReportTable table;
  table.name = report.name;
  table.title = report.title;
  std::size_t control_at = report.columns.size();
  for (std::size_t i = 0; i < report.columns.size(); ++i) {
    table.columns.emplace_back(report.columns[i].name);
    if (report.columns[i].name == "control") control_at = i;
  }
  for (const persistence::Row& row : rows->rows) {
    const std::string control = control_at < row.size() ? std::get<std::string>(row[control_at]) : std::string();
    auto& cells = table.rows.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) cells.push_back(cell(row[i], report.columns[i].unit, control));
  }
  return table;
}

}  // namespace portcullis::app
