// GET /reports/order_dossier: every message, event and decision of one order, from the journal.

#include "persistence/order_dossier.h"

#include <boost/json.hpp>
#include <map>
#include <set>

#include "app/control_figure.h"
#include "app/reports.h"
#include "gateway/ids.h"

namespace portcullis::app {
namespace {

namespace json = boost::json;
using admin::HistoryError;
using admin::ReportCell;
using admin::ReportTable;
using persistence::DossierLine;

constexpr const char* kColumns[] = {"time", "journal_index", "kind", "session", "name", "content"};

HistoryError unavailable(std::string what) {
  return HistoryError{HistoryError::Kind::kUnavailable, std::move(what)};
}

const char* to_text(DossierLine::Kind kind) {
  switch (kind) {
    case DossierLine::Kind::kReceived:
      return "received";
    case DossierLine::Kind::kEvent:
      return "event";
    case DossierLine::Kind::kSent:
      return "sent";
  }
  return "unknown";
}

// A decision with what it was made on: the event's own fields are too few for a reader.
std::string decision_text(const persistence::DecisionRow& row) {
  json::object object{{"decision", row.decision},
                      {"outcome", row.outcome},
                      {"code", row.code},
                      {"control", row.control},
                      {"text", row.text},
                      {"limits_version", row.limits_version},
                      {"market_version", row.market_version},
                      {"market", row.market},
                      {"build_id", row.build_id},
                      {"configuration", row.configuration}};
  json::array checks;
  boost::system::error_code error;
  const json::value raw = json::parse(row.checks, error);
  if (!error && raw.is_array()) {
    for (const json::value& entry : raw.get_array()) {
      if (!entry.is_array() || entry.get_array().size() != 7) continue;
      const json::array& fields = entry.get_array();
      const std::string control(fields[0].as_string());
      const auto figure = [&](std::size_t i) { return control_figure(control, fields[i].to_number<std::int64_t>()); };
      checks.emplace_back(json::object{{"control", control},
                                       {"scope", fields[1]},
                                       {"id", fields[2]},
                                       {"usage", figure(3)},
                                       {"delta", figure(4)},
                                       {"limit", figure(5)},
                                       {"passed", fields[6]}});
    }
  }
  object["checks"] = std::move(checks);
  if (row.reserved_base) {
    object["reserved"] = json::object{{"base", Quantity::from_raw(*row.reserved_base).to_string()},
                                      {"term", Amount::from_raw(row.reserved_term.value_or(0)).to_string()},
                                      {"notional", Amount::from_raw(row.reserved_notional.value_or(0)).to_string()}};
  }
  return json::serialize(object);
}

}  // namespace

admin::ReportInfo order_dossier_info() {
  admin::ReportInfo info;
  info.name = "order_dossier";
  info.title = "One order: every message, decision, usage and limit version, from the journal";
  info.parameters = {"order_id"};
  info.columns.assign(std::begin(kColumns), std::end(kColumns));
  return info;
}

admin::HistoryResult<ReportTable> Reports::order_dossier(const admin::ReportRequest& request) {
  if (request.order_id.empty()) {
    return HistoryError{HistoryError::Kind::kBadRequest,
                        "order_dossier needs order_id, an OrderID(37) of this gateway"};
  }
  const auto found = queries_.order(request.order_id);
  if (!found) return unavailable("the blotter does not answer: " + found.error().what);
  if (!found->has_value()) {
    return HistoryError{HistoryError::Kind::kUnknown, "no order is called '" + request.order_id + "'"};
  }
  const persistence::OrderHistory& history = **found;
  const auto records = queries_.order_records(history.order.order_number);
  if (!records) return unavailable("the blotter does not answer: " + records.error().what);
  const auto decisions = queries_.order_decisions(history.order.order_number);
  if (!decisions) return unavailable("the blotter does not answer: " + decisions.error().what);
  const auto sessions = queries_.session_names();
  if (!sessions) return unavailable("the blotter does not answer: " + sessions.error().what);

  std::vector<std::int64_t> offsets;
  for (const persistence::OrderRecordRow& row : *records) offsets.push_back(row.journal_offset);
  const auto given = gateway::parse_order_id(gateway_id_, request.order_id);
  // Each ClOrdID that the client used, each that we gave to a broker for it, and both OrderIDs.
  std::set<std::string> ids{history.order.order_id, history.order.broker_order_id, history.order.cl_ord_id};
  for (const persistence::RequestRow& link : history.chain) {
    ids.insert(link.cl_ord_id);
    if (given) {
      const order::RequestNumber number(static_cast<std::uint64_t>(link.request_number));
      ids.insert(std::string(gateway::IdBuffer::cl_ord_id(gateway_id_, given->epoch, number).view()));
    }
  }
  if (!history.order.broker_cl_ord_id.empty()) ids.insert(history.order.broker_cl_ord_id);
  for (const persistence::DecisionRow& row : *decisions) ids.insert(row.cl_ord_id);
  ids.erase("");
  const std::vector<std::string> known(ids.begin(), ids.end());
  const auto lines = persistence::read_dossier(
      persistence::posix_file_system(), journal_directory_,
      order::OrderNumber(static_cast<std::uint64_t>(history.order.order_number)), offsets, known);
  if (!lines) return unavailable("the journal cannot be read: " + lines.error().what);

  std::map<std::int64_t, const persistence::DecisionRow*> by_number;
  for (const persistence::DecisionRow& row : *decisions) by_number[row.decision] = &row;
  ReportTable table;
  table.name = request.name;
  table.title = order_dossier_info().title;
  table.columns.assign(std::begin(kColumns), std::end(kColumns));
  const auto text = [](std::string value) { return ReportCell{ReportCell::Kind::kText, std::move(value)}; };
  for (const DossierLine& line : *lines) {
    const auto decision = by_number.find(line.decision);
    std::string session;
    if (line.session.has_value() && line.session.value() < sessions->size())
      session = (*sessions)[line.session.value()].name;
    table.rows.push_back({text(to_iso(UtcTime::from_ns(line.time_ns))),
                          ReportCell{ReportCell::Kind::kNumber, std::to_string(line.journal_index)},
                          text(decision != by_number.end() ? "decision" : to_text(line.kind)), text(std::move(session)),
                          text(line.name),
                          text(decision != by_number.end() ? decision_text(*decision->second) : line.content)});
  }
  return table;
}

}  // namespace portcullis::app
