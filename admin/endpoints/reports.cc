#include <algorithm>

#include "admin/csv.h"
#include "admin/endpoints/handlers.h"
#include "admin/endpoints/paging.h"
#include "base/utf8.h"

namespace portcullis::admin {

namespace {

namespace json = boost::json;

json::value to_json(const ReportCell& cell) {
  if (cell.kind == ReportCell::Kind::kAbsent) return nullptr;
  return json::value(cell.text);
}

json::object to_json(const ReportTable& table) {
  json::array columns;
  for (const std::string& column : table.columns) columns.emplace_back(column);
  json::array rows;
  for (const auto& cells : table.rows) {
    json::object row;
    for (std::size_t i = 0; i < cells.size(); ++i) row[table.columns[i]] = to_json(cells[i]);
    rows.emplace_back(std::move(row));
  }
  return {{"name", table.name}, {"title", table.title}, {"columns", std::move(columns)}, {"rows", std::move(rows)}};
}

Response csv_response(const ReportTable& table) {
  Response response;
  response.content_type = "text/csv; charset=utf-8; header=present";
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + table.name + ".csv\"");
  const auto end_line = [&] { response.body += "\r\n"; };
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    response.body += (i > 0 ? "," : "") + csv_text(table.columns[i]);
  }
  end_line();
  for (const auto& cells : table.rows) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) response.body += ',';
      if (cells[i].kind == ReportCell::Kind::kText) response.body += csv_text(cells[i].text);
      if (cells[i].kind == ReportCell::Kind::kNumber) response.body += csv_number(cells[i].text);
    }
    end_line();
  }
  response.body = valid_utf8(std::move(response.body));
  return response;
}

std::string query_value(const Request& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

// ?format= counts more than the header Accept, which browsers send without being asked.
Result<bool, Response> wants_csv(const Request& request) {
  const std::string format = query_value(request, "format");
  if (format == "csv") return true;
  if (format == "json") return false;
  if (!format.empty()) return problem(422, "'format' is neither json nor csv");
  return request.accept.find("text/csv") != std::string::npos;
}

}  // namespace

void get_reports(Api& api, const Request& request, Reply reply) {
  api.read(std::move(reply), [role = request.identity.role](History& history) {
    json::array all;
    for (const ReportInfo& report : history.reports()) {
      json::array parameters;
      for (const std::string& parameter : report.parameters) parameters.emplace_back(parameter);
      json::array columns;
      for (const std::string& column : report.columns) columns.emplace_back(column);
      all.emplace_back(json::object{{"name", report.name},
                                    {"title", report.title},
                                    {"role", to_text(report.role)},
                                    {"readable", role >= report.role},
                                    {"parameters", std::move(parameters)},
                                    {"columns", std::move(columns)}});
    }
    return json_response(all);
  });
}

void get_report(Api& api, const Request& request, Reply reply) {
  ReportRequest wanted;
  wanted.name = request.parameters.at("name");
  wanted.order_id = query_value(request, "order_id");
  std::vector<std::string> faults;
  for (const auto& [name, into] : {std::pair{"from", &wanted.from}, {"to", &wanted.to}, {"as_of", &wanted.as_of}}) {
    const std::string value = query_value(request, name);
    if (value.empty()) continue;
    *into = parse_iso_time(value);
    if (!*into) faults.push_back("'" + std::string(name) + "' is no time as 2026-11-25 or 2026-11-25T13:00:00Z");
  }
  if (!faults.empty()) return reply(problem(422, "the query makes no sense", faults));
  const auto csv = wants_csv(request);
  if (!csv) return reply(csv.error());
  api.read(std::move(reply), [wanted = std::move(wanted), csv = *csv, identity = request.identity](History& history) {
    for (const ReportInfo& report : history.reports()) {
      if (report.name != wanted.name || identity.role >= report.role) continue;
      return problem(403, "'" + identity.name + "' has the role " + to_text(identity.role) + "; " +
                              to_text(report.role) + " was expected for this report");
    }
    const auto table = history.report(wanted);
    if (!table) return history_problem(table.error());
    return csv ? csv_response(*table) : json_response(to_json(*table));
  });
}

}  // namespace portcullis::admin
