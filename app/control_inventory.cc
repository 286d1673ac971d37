// GET /reports/control_inventory: every control with its parameters as of a time: what the configuration of then
// stated, and what operators had set.

#include <map>
#include <tuple>

#include "app/reports.h"
#include "config/limits.h"
#include "config/loader/loader.h"
#include "risk/checks/inventory.h"

namespace portcullis::app {
namespace {

using admin::HistoryError;
using admin::ReportCell;
using admin::ReportTable;

constexpr const char* kColumns[] = {"control", "name",  "what",   "formula", "level",  "scope", "id",
                                    "limit",   "value", "set_by", "since",   "source", "test"};

struct Parameter {
  std::string value;
  std::string set_by;
  UtcTime since;
};
// By limit, scope and id.
using Parameters = std::map<std::tuple<std::string, std::string, std::string>, Parameter>;

void add_limits(Parameters& to, const std::string& scope, const std::string& id, const config::LimitSet& limits,
                UtcTime since) {
  for (const config::LimitInfo& info : config::limits_table()) {
    const auto value = config::get_limit(limits, info.limit);
    if (value) to[{std::string(info.name), scope, id}] = Parameter{config::to_text(*value), "configuration", since};
  }
}

Parameters configured(const config::RiskSection& risk, UtcTime since) {
  Parameters parameters;
  add_limits(parameters, "firm", "firm", risk.firm, since);
  const auto scopes = [&](const char* scope, const std::vector<config::ScopeLimits>& all) {
    for (const config::ScopeLimits& each : all) {
      add_limits(parameters, scope, each.id, each.limits, since);
      for (const auto& [symbol, limits] : each.instruments) {
        add_limits(parameters, scope, each.id + " in " + symbol, limits, since);
      }
    }
  };
  scopes("client", risk.clients);
  scopes("account", risk.accounts);
  scopes("broker", risk.brokers);
  scopes("instrument", risk.instruments);
  scopes("group", risk.groups);
  scopes("session", risk.sessions);
  scopes("trader", risk.traders);
  scopes("currency", risk.currencies);
  return parameters;
}

ReportCell text(std::string_view value) {
  return ReportCell{ReportCell::Kind::kText, std::string(value)};
}

}  // namespace

admin::ReportInfo control_inventory_info() {
  admin::ReportInfo info;
  info.name = "control_inventory";
  info.title = "Each control with its formula, source and tests, and its limits as of a time";
  info.parameters = {"as_of"};
  info.columns.assign(std::begin(kColumns), std::end(kColumns));
  return info;
}

admin::HistoryResult<ReportTable> Reports::control_inventory(const admin::ReportRequest& request) {
  const auto at_ns = request.as_of ? std::optional<std::int64_t>(request.as_of->ns()) : std::nullopt;
  const auto row = queries_.configuration(at_ns);
  if (!row) return HistoryError{HistoryError::Kind::kUnavailable, "the blotter does not answer: " + row.error().what};
  if (!row->has_value()) {
    return HistoryError{HistoryError::Kind::kUnknown,
                        "no configuration was in force then: it is before the first start"};
  }
  auto loaded = config::load_core_text((*row)->content);
  if (!loaded) {
    return HistoryError{HistoryError::Kind::kUnavailable, "the configuration of journal record " +
                                                              std::to_string((*row)->journal_index) +
                                                              " cannot be read by this version"};
  }
  Parameters parameters = configured(loaded->config.risk, UtcTime::from_ns((*row)->time_ns));
  const Parameters as_configured = parameters;
  const auto changes = queries_.limit_changes(at_ns);
  if (!changes) {
    return HistoryError{HistoryError::Kind::kUnavailable, "the blotter does not answer: " + changes.error().what};
  }
  for (const persistence::LimitChangeRow& change : *changes) {
    const std::tuple key(change.limit_name, change.scope, change.node);
    const std::string who = change.reverted != 0     ? "expiry"
                            : change.checker.empty() ? change.maker
                                                     : change.maker + ", " + change.checker;
    if (!change.value_after.empty()) {
      parameters[key] = Parameter{change.value_after, who, UtcTime::from_ns(change.time_ns)};
    } else if (const auto before = as_configured.find(key); before != as_configured.end() && change.reverted != 0) {
      parameters[key] = before->second;
    } else {
      parameters[key] = Parameter{"inherited", who, UtcTime::from_ns(change.time_ns)};
    }
  }

  ReportTable table;
  table.name = request.name;
  table.title = control_inventory_info().title;
  table.columns.assign(std::begin(kColumns), std::end(kColumns));
  for (const risk::ControlText& control : risk::inventory()) {
    const auto add = [&](std::string_view scope, std::string_view id, std::string_view limit,
                         const Parameter* parameter) {
      table.rows.push_back({text(to_string(control.id)), text(control.name), text(control.what), text(control.formula),
                            text(control.level), text(scope), text(id), text(limit),
                            parameter != nullptr ? text(parameter->value) : ReportCell{},
                            parameter != nullptr ? text(parameter->set_by) : ReportCell{},
                            parameter != nullptr ? text(to_iso(parameter->since)) : ReportCell{}, text(control.source),
                            text(control.test)});
    };
    bool any = false;
    for (const config::LimitInfo& info : config::limits_table()) {
      if (info.control != to_string(control.id)) continue;
      for (const auto& [key, parameter] : parameters) {
        if (std::get<0>(key) != info.name) continue;
        add(std::get<1>(key), std::get<2>(key), info.name, &parameter);
        any = true;
      }
    }
    if (!any) add(control.scopes, "", "", nullptr);
  }
  return table;
}

}  // namespace portcullis::app
