#include "admin/endpoints/registry.h"

#include "admin/endpoints/handlers.h"

namespace portcullis::admin {

namespace {

using In = Parameter::In;
using Parameters = std::vector<Parameter>;
using Answers = std::vector<Answer>;

Parameter in_path(std::string name, std::string description) {
  return {std::move(name), In::kPath, true, std::move(description)};
}

Parameter in_query(std::string name, std::string description, std::string type = "string") {
  return {std::move(name), In::kQuery, false, std::move(description), std::move(type)};
}

Answers one(std::string schema) {
  return {{200, "as it is now", std::move(schema)}};
}

Answers page(std::string schema) {
  return {{200, "newest first; the header Link with rel=\"next\" names the next page", std::move(schema)},
          {422, "a query parameter makes no sense", "Problem"},
          {501, "this version has no such table", "Problem"},
          {503, "the blotter does not answer", "Problem"}};
}

// What every command may answer.
Answers acted() {
  return {{200, "durable", "Done"},
          {400, "the body is no JSON object", "Problem"},
          {404, "there is no such thing", "Problem"},
          {409, "the state forbids it", "Problem"},
          {422, "the values make no sense", "Problem"},
          {501, "not built yet", "Problem"},
          {503, "the core is overloaded; try again", "Problem"},
          {504, "the core did not answer in time; the outcome is not known", "Problem"}};
}

Answers acted_or_proposed() {
  Answers answers = acted();
  answers.push_back({202, "needs a second person; the header Location names the proposal", "Proposal"});
  return answers;
}

Answers decided() {
  Answers answers = acted();
  answers.push_back({403, "one's own proposal, or the role is too low", "Problem"});
  answers.push_back({412, "what it was made from has changed since", "Problem"});
  return answers;
}

Answers limits_changed() {
  Answers answers = acted_or_proposed();
  answers.push_back({412, "the limits have changed since; read them again", "Problem"});
  answers.push_back({428, "If-Match is missing", "Problem"});
  return answers;
}

Answers order_read() {
  return {{200, "the order with its chain and executions", "OrderDetail"},
          {404, "no such order", "Problem"},
          {501, "this version has no such table", "Problem"},
          {503, "the blotter does not answer", "Problem"}};
}

const Parameters kNone;
const Parameters kPaging = {in_query("client", "only this client's"), in_query("account", "only this account's"),
                            in_query("symbol", "only this symbol's"),
                            in_query("limit", "rows of a page, 1 to 1000; 100 when missing", "integer"),
                            in_query("cursor", "from the Link header of the page before")};

Parameters paging_and(Parameters more) {
  Parameters all = kPaging;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

const Parameters kDecisions = paging_and({in_query("order_id", "only this order's"),
                                          in_query("control", "only what this control refused: B1; core: no control"),
                                          in_query("outcome", "accepted or rejected"),
                                          in_query("from", "at this time or later, 2026-11-25T13:00:00Z or a date"),
                                          in_query("to", "before this time")});
const Parameters kSession = {in_path("id", "of the session")};
const Parameters kOrder = {in_path("order_id", "OrderID(37)")};
const Parameters kProposal = {in_path("id", "of the proposal")};

}  // namespace

const std::vector<Endpoint>& endpoints() {
  constexpr std::nullopt_t kOpen = std::nullopt;
  static const std::vector<Endpoint> all = {
      {"GET",
       "/health/live",
       kOpen,
       "Whether the core moves",
       kNone,
       "",
       {{200, "it does", "Health"}, {503, "it does not", "Health"}},
       get_live},
      {"GET",
       "/health/ready",
       kOpen,
       "Whether orders are taken, and why not",
       kNone,
       "",
       {{200, "they are", "Health"}, {503, "they are not", "Health"}},
       get_ready},
      {"GET",
       "/metrics",
       Role::kViewer,
       "Metrics in Prometheus' text format",
       kNone,
       "",
       {{200, "text/plain; version=0.0.4", ""}},
       get_metrics},
      {"GET", "/openapi.json", kOpen, "This document", kNone, "", {{200, "OpenAPI 3.1", ""}}, get_openapi},
      {"GET", "/gateway", Role::kViewer, "What runs here", kNone, "", one("Gateway"), get_gateway},

      {"GET", "/sessions", Role::kViewer, "The FIX sessions", kNone, "", one("[Session]"), get_sessions},
      {"POST", "/sessions/{id}/enable", Role::kOperator, "Let a session log on", kSession, "Reason", acted(),
       enable_session},
      {"POST", "/sessions/{id}/disable", Role::kOperator, "Log a session out and keep it out", kSession, "Reason",
       acted(), disable_session},
      {"POST", "/sessions/{id}/logout", Role::kOperator, "Log a session out; it may come back", kSession, "Reason",
       acted(), logout_session},
      {"POST", "/sessions/{id}/sequence", Role::kOperator, "Set a session's next numbers", kSession, "SequenceReset",
       acted_or_proposed(), set_session_sequence},

      {"GET", "/orders", Role::kViewer, "Orders", paging_and({in_query("open", "true: only open orders", "boolean")}),
       "", page("[Order]"), get_orders},
      {"GET", "/orders/{order_id}", Role::kViewer, "One order, its chain and its executions", kOrder, "", order_read(),
       get_order},
      {"POST", "/orders/{order_id}/cancel", Role::kOperator, "Ask the broker to cancel an order", kOrder, "Reason",
       acted(), cancel_order},
      {"POST", "/orders/{order_id}/resolve", Role::kRisk, "Settle an order whose fate is unknown", kOrder, "Resolution",
       acted_or_proposed(), resolve_order},
      {"GET", "/executions", Role::kViewer, "Executions", paging_and({in_query("order_id", "only this order's")}), "",
       page("[Execution]"), get_executions},
      {"GET", "/decisions", Role::kViewer, "Risk decisions with every check", kDecisions, "", page("[Decision]"),
       get_decisions},

      {"GET",
       "/reports",
       Role::kViewer,
       "Which reports there are, what each takes and who may read it",
       kNone,
       "",
       one("[ReportInfo]"),
       get_reports},
      {"GET",
       "/reports/{name}",
       Role::kViewer,
       "A report as JSON, or as CSV with format=csv or Accept: text/csv; access_review asks for the role risk",
       {in_path("name", "of the report"),
        in_query("from", "at this time or later, 2026-11-25T13:00:00Z or a date"),
        in_query("to", "before this time"),
        in_query("as_of", "control_inventory: as it was then; now when missing"),
        in_query("order_id", "order_dossier: of which order"),
        in_query("format", "json or csv")},
       "",
       {{200, "all of its rows", "Report"},
        {404, "no such report, or no such order", "Problem"},
        {422, "a query parameter makes no sense, or there are too many rows", "Problem"},
        {503, "the blotter or the journal cannot be read", "Problem"}},
       get_report},

      {"GET",
       "/exposures",
       Role::kViewer,
       "Exposures of the nodes of a scope",
       {in_query("scope", "firm, group, client, account, session, trader, broker, instrument, currency; account when missing"),
        in_query("id", "only this node, as one object")},
       "",
       {{200, "one object when id is given, else a list", "Exposure|[Exposure]"}, {404, "no such node", "Problem"}, {422, "no such scope", "Problem"}},
       get_exposures},
      {"POST", "/positions/adjust", Role::kRisk, "Correct a position from outside evidence", kNone,
       "PositionAdjustment", acted_or_proposed(), adjust_position},
      {"GET", "/limits", Role::kViewer, "Limits, what is used of them, and whether they are enforced", kNone, "",
       one("[Limits]"), get_limits},
      {"PUT",
       "/limits/{scope}/{id}",
       Role::kRisk,
       "Change limits: lower at once, raise with a second person",
       {in_path("scope", "firm, group, client, account, session, trader, broker, instrument, currency"),
        in_path("id", "of the node"),
        {"If-Match", In::kHeader, true, "the version that was read"}},
       "LimitChange",
       limits_changed(),
       put_limits},
      {"PUT",
       "/reference/quotes/{symbol}",
       Role::kOperator,
       "Set a quote; the symbol percent-encoded (EUR%2FUSD)",
       {in_path("symbol", "EUR/USD, percent-encoded")},
       "Quote",
       acted(),
       put_quote},
      {"PUT",
       "/reference/rates/{currency}",
       Role::kOperator,
       "Set a currency's rate",
       {in_path("currency", "ISO 4217")},
       "Rate",
       acted(),
       put_rate},

      {"GET", "/kill-switch", Role::kViewer, "The nodes that are not active", kNone, "", one("[KillState]"),
       get_kill_states},
      {"GET", "/kill-switch/runs", Role::kViewer, "How the cancels of stops, disconnects and drills go", kNone, "",
       one("[MassCancel]"), get_mass_cancels},
      {"POST", "/kill-switch", Role::kOperator, "Stop at once; release with a second person", kNone, "KillSwitch",
       acted_or_proposed(), set_kill_state},

      {"GET", "/proposals", Role::kViewer, "What waits for a second person, and what became of it", kNone, "",
       one("[Proposal]"), get_proposals},
      {"GET",
       "/proposals/{id}",
       Role::kViewer,
       "One proposal",
       kProposal,
       "",
       {{200, "as it is now", "Proposal"}, {404, "no such proposal", "Problem"}},
       get_proposal},
      {"POST", "/proposals/{id}/approve", Role::kOperator, "Approve as the second person", kProposal, "Reason", decided(),
       approve_proposal},
      {"POST",
       "/proposals/{id}/reject",
       Role::kOperator,
       "Refuse, or withdraw one's own",
       kProposal,
       "Reason",
       {{200, "rejected", "Proposal"},
        {404, "no such proposal", "Problem"},
        {409, "it waits no more", "Problem"},
        {503, "the core is overloaded; try again", "Problem"},
        {504, "the core did not answer in time; the outcome is not known", "Problem"}},
       reject_proposal},

      {"GET", "/alerts", Role::kViewer, "Alerts", kNone, "", one("[Alert]"), get_alerts},
      {"POST",
       "/alerts/{id}/ack",
       Role::kOperator,
       "Acknowledge an alert",
       {in_path("id", "of the alert")},
       "Reason",
       acted(),
       acknowledge_alert},
  };
  return all;
}

}  // namespace portcullis::admin
