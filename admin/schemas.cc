#include "admin/schemas.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace portcullis::admin {

namespace json = boost::json;

namespace {

using Field = std::pair<std::string_view, json::value>;

json::object typed(std::string_view type, std::string_view description = "") {
  json::object schema{{"type", type}};
  if (!description.empty()) schema["description"] = description;
  return schema;
}

json::object text(std::string_view description = "") {
  return typed("string", description);
}
json::object integer(std::string_view description = "") {
  return typed("integer", description);
}
json::object flag(std::string_view description = "") {
  return typed("boolean", description);
}

json::object decimal(std::string_view description = "") {
  json::object schema = typed("string", description);
  schema["pattern"] = R"(^-?[0-9]+(\.[0-9]+)?$)";
  return schema;
}

json::object time(std::string_view description = "") {
  json::object schema = typed("string", description);
  schema["format"] = "date-time";
  return schema;
}

json::object one_of(std::initializer_list<std::string_view> values) {
  json::array list;
  for (const std::string_view value : values) list.emplace_back(value);
  return {{"type", "string"}, {"enum", std::move(list)}};
}

// null is allowed too (OpenAPI 3.1).
json::object nullable(json::object schema) {
  schema["type"] = json::array{schema["type"], "null"};
  return schema;
}

json::object reference(std::string_view name) {
  return {{"$ref", "#/components/schemas/" + std::string(name)}};
}

json::object list_of(json::object items) {
  return {{"type", "array"}, {"items", std::move(items)}};
}
json::object map_of(json::object values) {
  return {{"type", "object"}, {"additionalProperties", std::move(values)}};
}

// An object whose members all stand, but for those of `optional`.
json::object object(std::initializer_list<Field> fields, std::initializer_list<Field> optional = {}) {
  json::object properties;
  json::array required;
  for (const auto& [name, schema] : fields) {
    properties[name] = schema;
    required.emplace_back(name);
  }
  for (const auto& [name, schema] : optional) properties[name] = schema;
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"required", std::move(required)},
          {"additionalProperties", false}};
}

json::object side() {
  return one_of({"buy", "sell", "sell_short", "sell_short_exempt"});
}
json::object kill_scope() {
  return one_of({"firm", "group", "client", "account", "session", "trader", "broker", "instrument", "currency"});
}
json::object kill_state() {
  return one_of({"active", "reduce_only", "block_new", "cancel", "killed"});
}

void add_state(json::object& all) {
  all["Gateway"] = object({{"id", text("part of every OrderID")},
                           {"version", text()},
                           {"durability", text()},
                           {"currency", text("the risk currency")},
                           {"started", time()}});
  all["Health"] = object({{"live", flag("the core moves")},
                          {"ready", flag("orders are taken")},
                          {"reasons", list_of(text("why it is not ready, or what is degraded"))},
                          {"configuration", object({{"version", integer("the journal's record that holds it")},
                                                    {"hash", text("of what decides about orders")}})}});
  all["Session"] = object({{"id", text()},
                           {"role", one_of({"client", "broker"})},
                           {"version", text("FIX.4.2, FIX.4.4")},
                           {"state", text("up, down, connecting, logging_on, reconciling, disabled, held")},
                           {"reason", nullable(text("why it is down or held"))},
                           {"enabled", flag("by an operator")},
                           {"comp_id", text("the counterparty's")},
                           {"gateway_comp_id", text("ours")},
                           {"address", nullable(text("of the peer, or where it listens or connects to"))},
                           {"listen", nullable(text("where a client has to connect to; null for brokers"))},
                           {"next_sender_seq", integer()},
                           {"next_target_seq", integer()},
                           {"since", nullable(time("when it entered the state"))}});
  all["InstrumentExposure"] = object({{"position", decimal("signed, in base units")},
                                      {"open_buy", decimal("reserved by open orders")},
                                      {"open_sell", decimal("reserved by open orders")}});
  all["CurrencyExposure"] = object({{"position", decimal("signed")},
                                    {"in", decimal("receivable from open orders")},
                                    {"out", decimal("payable for open orders")}});
  all["Exposure"] = object({{"scope", text("firm, client, account, broker, instrument")},
                            {"id", text()},
                            {"state", kill_state()},
                            {"open_orders", integer()},
                            {"gross_open_notional", decimal("in the risk currency")},
                            {"traded_notional", decimal("in the risk currency, today")},
                            {"net_open_position", decimal("in the risk currency")},
                            {"instruments", map_of(reference("InstrumentExposure"))},
                            {"currencies", map_of(reference("CurrencyExposure"))},
                            {"settlement", map_of(decimal("by value date, in the risk currency"))}});
  all["LimitValue"] = json::object{
      {"description", "a decimal as a string, a list of names, or a rate"},
      {"oneOf", json::array{text(), list_of(text()), object({{"count", integer()}, {"seconds", integer()}})}}};
  all["Limit"] = object({{"value", reference("LimitValue")},
                         {"used", nullable(decimal("for limits that have a usage"))},
                         {"enforced", flag("false: read and shown, not checked by this version")},
                         {"absolute", json::object{{"description", "what nobody may loosen it beyond; null: there is no such cap"},
                                                   {"oneOf", json::array{reference("LimitValue"), json::object{{"type", "null"}}}}}}});
  all["Limits"] = object({{"scope", text()},
                          {"id", text()},
                          {"version", integer("what If-Match has to name")},
                          {"limits", map_of(reference("Limit"))}});
  all["Alert"] = object({{"id", text()},
                         {"severity", one_of({"info", "warning", "critical"})},
                         {"kind", text()},
                         {"subject", text("the session, order or account it is about")},
                         {"text", text()},
                         {"raised", time()},
                         {"acknowledged_by", nullable(text())},
                         {"acknowledged", nullable(time())}});
  all["MassCancel"] = object({{"run", integer()},
                              {"scope", kill_scope()},
                              {"id", text()},
                              {"origin", one_of({"scope_state", "disconnect", "drill"})},
                              {"user", nullable(text("null: a disconnect"))},
                              {"reason", nullable(text())},
                              {"started", time()},
                              {"orders", integer("open when it began")},
                              {"queued", integer("cancels that wait for their broker's pace")},
                              {"sent", integer("cancels sent; of a drill: that would have been")},
                              {"acked", integer("cancelled")},
                              {"too_late", integer("filled, or over otherwise")},
                              {"outstanding", integer()},
                              {"escalated", flag()},
                              {"finished", flag()},
                              {"last_sent", nullable(time())},
                              {"ended", nullable(time())},
                              {"ms_to_last_cancel", nullable(integer())},
                              {"ms_to_end", nullable(integer())}});
  all["KillState"] = object({{"scope", kill_scope()},
                             {"id", text()},
                             {"state", kill_state()},
                             {"reason", text()},
                             {"user", text()},
                             {"since", nullable(time())},
                             {"cancel", nullable(reference("MassCancel"))}});
}

json::object order_fields() {
  return object({{"order_id", text("OrderID(37) towards the client")},
                 {"client", text()},
                 {"account", text()},
                 {"cl_ord_id", text("ClOrdID(11), the newest accepted of the chain")},
                 {"symbol", text()},
                 {"side", side()},
                 {"ord_type", text()},
                 {"time_in_force", text()},
                 {"ord_status", text("OrdStatus(39) in words, or unknown")},
                 {"open", flag()},
                 {"order_qty", decimal()},
                 {"cum_qty", decimal()},
                 {"leaves_qty", decimal()},
                 {"price", nullable(decimal())},
                 {"stop_px", nullable(decimal())},
                 {"avg_px", nullable(decimal())},
                 {"broker", nullable(text("null: not routed"))},
                 {"broker_cl_ord_id", nullable(text("our ClOrdID(11) towards the broker"))},
                 {"text", nullable(text("Text(58) of the last report"))},
                 {"entered", time()},
                 {"updated", time()},
                 {"journal_index", integer("of the record that changed it last")}});
}

void add_history(json::object& all) {
  all["Order"] = order_fields();
  all["Execution"] = object({{"exec_id", text("ExecID(17) towards the client")},
                             {"order_id", text()},
                             {"client", text()},
                             {"account", text()},
                             {"cl_ord_id", text()},
                             {"symbol", text()},
                             {"side", side()},
                             {"exec_type", text("ExecType(150) in words")},
                             {"ord_status", text("OrdStatus(39) in words")},
                             {"last_qty", decimal()},
                             {"last_px", nullable(decimal())},
                             {"cum_qty", decimal()},
                             {"leaves_qty", decimal()},
                             {"broker", nullable(text())},
                             {"broker_exec_id", nullable(text())},
                             {"text", nullable(text())},
                             {"time", time()},
                             {"journal_index", integer()}});
  all["ChainLink"] = object({{"kind", one_of({"new", "replace", "cancel"})},
                             {"cl_ord_id", text()},
                             {"orig_cl_ord_id", nullable(text())},
                             {"status", one_of({"pending", "accepted", "rejected"})},
                             {"order_qty", nullable(decimal())},
                             {"price", nullable(decimal())},
                             {"time", time()}});
  json::object detail = order_fields();
  detail["properties"].as_object()["chain"] = list_of(reference("ChainLink"));
  detail["properties"].as_object()["executions"] = list_of(reference("Execution"));
  detail["required"].as_array().insert(detail["required"].as_array().end(), {"chain", "executions"});
  all["OrderDetail"] = std::move(detail);
  all["Check"] = object({{"control", text()},
                         {"name", text()},
                         {"scope", text()},
                         {"id", text()},
                         {"usage", nullable(text("before the order"))},
                         {"delta", nullable(text("what the order adds"))},
                         {"limit", nullable(text())},
                         {"passed", flag()}});
  all["Utilisation"] = object({{"control", text()},
                               {"scope", text()},
                               {"id", text()},
                               {"used_percent", decimal("of the limit, with this order")}});
  all["Decision"] =
      object({{"decision", integer("counts the decisions")},
              {"journal_index", integer()},
              {"time", time()},
              {"msg_type", one_of({"D", "G", "F"})},
              {"session", text()},
              {"client", text()},
              {"account", text()},
              {"trader", nullable(text("of the parties, else SenderSubID(50)"))},
              {"strategy", nullable(text("TargetStrategy(847)"))},
              {"manual", nullable(text("ManualOrderIndicator(1028)"))},
              {"cl_ord_id", text()},
              {"orig_cl_ord_id", nullable(text())},
              {"order_id", nullable(text("of the order, or of the one that has this ClOrdID already"))},
              {"symbol", text()},
              {"side", nullable(text("of the dealt currency"))},
              {"currency", nullable(text("the dealt one"))},
              {"order_qty", nullable(decimal("as asked, like all terms"))},
              {"price", nullable(decimal())},
              {"stop_px", nullable(decimal())},
              {"ord_type", nullable(text())},
              {"time_in_force", nullable(text())},
              {"value_date", nullable(text("a date, or the SettlType(63)"))},
              {"route", nullable(text("the broker"))},
              {"outcome", one_of({"accepted", "rejected"})},
              {"code", text("none, max_quantity, …")},
              {"control", text("the one that refused, or core")},
              {"text", nullable(text("the reason given to the client"))},
              {"decisive", nullable(reference("Check"))},
              {"tightest", list_of(reference("Utilisation"))},
              {"checks", list_of(reference("Check"))},
              {"limits_version", integer()},
              {"market_version", integer()},
              {"ages_ms", object({{"quote", nullable(integer())},
                                  {"base_rate", nullable(integer())},
                                  {"term_rate", nullable(integer())}})},
              {"reserved", nullable(object({{"base", decimal()}, {"term", decimal()}, {"notional", decimal()}}))},
              {"override", nullable(text())},
              {"message", object({{"offset", integer("of the client's bytes, in the journal")},
                                  {"size", integer()},
                                  {"hash", text("XXH3-64")}})},
              {"build_id", nullable(text("of the program that decided"))},
              {"configuration", nullable(text("the hash of the one in force"))}});
}

void add_reports(json::object& all) {
  all["ReportInfo"] = object({{"name", text()},
                              {"title", text()},
                              {"role", one_of({"viewer", "operator", "risk", "admin"})},
                              {"readable", flag("by who asks")},
                              {"parameters", list_of(text())},
                              {"columns", list_of(text())}});
  all["Report"] = object({{"name", text()},
                          {"title", text()},
                          {"columns", list_of(text())},
                          {"rows", list_of(map_of(nullable(text("numbers as text, exact"))))}});
}

void add_actions(json::object& all) {
  all["Done"] =
      object({{"status", one_of({"done"})}, {"text", text()}, {"journal_index", integer("of the durable record")}});
  all["Proposal"] = object({{"id", text()},
                            {"state", one_of({"waiting", "approved", "rejected", "expired"})},
                            {"action", text("what it would change")},
                            {"body", json::object{{"description", "the values that it would set"}}},
                            {"explanation", text("why it needs a second person")},
                            {"reason", nullable(text("given by the first"))},
                            {"ticket", nullable(text())},
                            {"user", text("the first person")},
                            {"approver_role", one_of({"viewer", "operator", "risk", "admin"})},
                            {"created", time()},
                            {"lapses", time()},
                            {"decided_by", nullable(text("the second person"))},
                            {"decided", nullable(time())},
                            {"decision", nullable(text())}});
  all["Problem"] = object({{"type", text()}, {"title", text()}, {"status", integer()}, {"detail", text()}},
                          {{"errors", list_of(text("one fault each"))}});
  all["Quote"] = object({{"bid", decimal()}, {"ask", decimal()}});
  all["Rate"] = object({{"rate", decimal("one unit in the risk currency")}});
  all["KillSwitch"] = object({{"scope", kill_scope()}, {"state", kill_state()}, {"reason", text()}},
                             {{"id", nullable(text("not needed for the firm"))},
                              {"ticket", nullable(text())},
                              {"drill", flag("true: the time is measured, nothing is cancelled")},
                              {"live", flag("of a drill, true: the state is set and orders are cancelled")}});
  all["LimitChange"] = object({{"limits", map_of(reference("LimitValue"))}, {"reason", text()}},
                              {{"expires", nullable(time("then it goes back"))}, {"ticket", nullable(text())}});
  all["Reason"] = object({}, {{"reason", nullable(text())}});
  all["SequenceReset"] = object({{"reason", text()}},
                                {{"next_sender_seq", nullable(integer())}, {"next_target_seq", nullable(integer())}});
  all["Resolution"] =
      object({{"as", one_of({"cancelled", "rejected", "filled"})},
              {"evidence", text("where the truth was found")},
              {"reason", text()}},
             {{"cum_qty", nullable(decimal("needed for filled"))}, {"avg_px", nullable(decimal("needed for filled"))}});
  all["PositionAdjustment"] = object({{"account", text()},
                                      {"symbol", text()},
                                      {"quantity", decimal("signed; added to the position")},
                                      {"price", decimal()},
                                      {"evidence", text()},
                                      {"reason", text()}});
}

}  // namespace

json::object schemas() {
  json::object all;
  add_state(all);
  add_history(all);
  add_reports(all);
  add_actions(all);
  return all;
}

}  // namespace portcullis::admin
