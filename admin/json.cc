#include "admin/json.h"

#include <algorithm>

#include "admin/json_values.h"
#include "base/utf8.h"

namespace portcullis::admin {

namespace {

json::value limit_value(const LimitValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return json::value(*text);
  if (const auto* names = std::get_if<std::vector<std::string>>(&value)) {
    return json::array(names->begin(), names->end());
  }
  const auto& rate = std::get<CountPerSeconds>(value);
  return json::object{{"count", rate.count}, {"seconds", rate.seconds}};
}

}  // namespace

json::object to_json(const GatewayView& gateway) {
  return {{"id", gateway.id},
          {"version", gateway.version},
          {"durability", gateway.durability},
          {"currency", gateway.currency},
          {"started", to_iso(gateway.started)}};
}

json::object to_json(const HealthView& health) {
  return {{"live", health.live},
          {"ready", health.ready},
          {"reasons", json::array(health.reasons.begin(), health.reasons.end())},
          {"configuration", {{"version", health.configuration_version}, {"hash", health.configuration_hash}}}};
}

json::object to_json(const SessionView& session) {
  return {{"id", session.id},
          {"role", session.role},
          {"version", session.version},
          {"state", session.state},
          {"reason", text_or_null(session.reason)},
          {"enabled", session.enabled},
          {"comp_id", session.comp_id},
          {"gateway_comp_id", session.gateway_comp_id},
          {"address", text_or_null(session.address)},
          {"listen", text_or_null(session.listen)},
          {"next_sender_seq", session.next_sender_seq},
          {"next_target_seq", session.next_target_seq},
          {"since", time_or_null(session.since)}};
}

json::object to_json(const ExposureView& exposure) {
  json::object instruments;
  for (const auto& each : exposure.instruments) {
    instruments[each.symbol] = json::object{{"position", each.position.to_string()},
                                            {"open_buy", each.open_buy.to_string()},
                                            {"open_sell", each.open_sell.to_string()}};
  }
  json::object currencies;
  for (const auto& each : exposure.currencies) {
    currencies[each.currency] = json::object{
        {"position", each.position.to_string()}, {"in", each.in.to_string()}, {"out", each.out.to_string()}};
  }
  json::object settlement;
  for (const auto& each : exposure.settlement) settlement[each.date.to_iso()] = each.amount.to_string();
  return {{"scope", exposure.scope},
          {"id", exposure.id},
          {"state", exposure.state},
          {"open_orders", exposure.open_orders},
          {"gross_open_notional", exposure.gross_open_notional.to_string()},
          {"traded_notional", exposure.traded_notional.to_string()},
          {"net_open_position", exposure.net_open_position.to_string()},
          {"instruments", std::move(instruments)},
          {"currencies", std::move(currencies)},
          {"settlement", std::move(settlement)}};
}

json::object to_json(const LimitsView& limits) {
  json::object named;
  for (const LimitView& limit : limits.limits) {
    named[limit.name] = json::object{{"value", limit_value(limit.value)},
                                     {"used", limit.used ? json::value(*limit.used) : json::value(nullptr)},
                                     {"enforced", limit.enforced},
                                     {"absolute", limit.absolute ? limit_value(*limit.absolute) : json::value(nullptr)}};
  }
  return {{"scope", limits.scope}, {"id", limits.id}, {"version", limits.version}, {"limits", std::move(named)}};
}

json::object to_json(const AlertView& alert) {
  return {{"id", alert.id},
          {"severity", alert.severity},
          {"kind", alert.kind},
          {"subject", alert.subject},
          {"text", alert.text},
          {"raised", to_iso(alert.raised)},
          {"acknowledged_by", text_or_null(alert.acknowledged_by)},
          {"acknowledged", time_or_null(alert.acknowledged)}};
}

json::object to_json(const MassCancelView& run) {
  json::value to_last_sent = nullptr;
  if (run.last_sent) to_last_sent = (*run.last_sent - run.started).ms();
  json::value to_end = nullptr;
  if (run.ended) to_end = (*run.ended - run.started).ms();
  return {{"run", run.run},
          {"scope", run.scope},
          {"id", run.id},
          {"origin", run.origin},
          {"user", text_or_null(run.user)},
          {"reason", text_or_null(run.reason)},
          {"started", to_iso(run.started)},
          {"orders", run.orders},
          {"queued", run.queued},
          {"sent", run.sent},
          {"acked", run.acked},
          {"too_late", run.too_late},
          {"outstanding", run.outstanding},
          {"escalated", run.escalated},
          {"finished", run.finished},
          {"last_sent", time_or_null(run.last_sent)},
          {"ended", time_or_null(run.ended)},
          {"ms_to_last_cancel", std::move(to_last_sent)},
          {"ms_to_end", std::move(to_end)}};
}

json::object to_json(const KillView& kill) {
  return {{"scope", kill.scope},
          {"id", kill.id},
          {"state", kill.state},
          {"reason", kill.reason},
          {"user", kill.user},
          {"since", time_or_null(kill.since)},
          {"cancel", kill.cancel ? json::value(to_json(*kill.cancel)) : json::value(nullptr)}};
}

json::object to_json(const OrderRow& order) {
  return {{"order_id", order.order_id},
          {"client", order.client},
          {"account", order.account},
          {"cl_ord_id", order.cl_ord_id},
          {"symbol", order.symbol},
          {"side", order.side},
          {"ord_type", order.ord_type},
          {"time_in_force", order.time_in_force},
          {"ord_status", order.ord_status},
          {"open", order.open},
          {"order_qty", order.order_qty.to_string()},
          {"cum_qty", order.cum_qty.to_string()},
          {"leaves_qty", order.leaves_qty.to_string()},
          {"price", decimal_or_null(order.price)},
          {"stop_px", decimal_or_null(order.stop_px)},
          {"avg_px", decimal_or_null(order.avg_px)},
          {"broker", text_or_null(order.broker)},
          {"broker_cl_ord_id", text_or_null(order.broker_cl_ord_id)},
          {"text", text_or_null(order.text)},
          {"entered", to_iso(order.entered)},
          {"updated", to_iso(order.updated)},
          {"journal_index", order.journal_index}};
}

json::object to_json(const ExecutionRow& execution) {
  return {{"exec_id", execution.exec_id},
          {"order_id", execution.order_id},
          {"client", execution.client},
          {"account", execution.account},
          {"cl_ord_id", execution.cl_ord_id},
          {"symbol", execution.symbol},
          {"side", execution.side},
          {"exec_type", execution.exec_type},
          {"ord_status", execution.ord_status},
          {"last_qty", execution.last_qty.to_string()},
          {"last_px", decimal_or_null(execution.last_px)},
          {"cum_qty", execution.cum_qty.to_string()},
          {"leaves_qty", execution.leaves_qty.to_string()},
          {"broker", text_or_null(execution.broker)},
          {"broker_exec_id", text_or_null(execution.broker_exec_id)},
          {"text", text_or_null(execution.text)},
          {"time", to_iso(execution.time)},
          {"journal_index", execution.journal_index}};
}

namespace {
json::object to_json(const ChainRow& row) {
  return {{"kind", row.kind},
          {"cl_ord_id", row.cl_ord_id},
          {"orig_cl_ord_id", text_or_null(row.orig_cl_ord_id)},
          {"status", row.status},
          {"order_qty", decimal_or_null(row.order_qty)},
          {"price", decimal_or_null(row.price)},
          {"time", to_iso(row.time)}};
}

}  // namespace

json::object to_json(const OrderDetail& detail) {
  json::object order = to_json(detail.order);
  json::array chain;
  for (const ChainRow& row : detail.chain) chain.emplace_back(to_json(row));
  order["chain"] = std::move(chain);
  order["executions"] = to_json(detail.executions);
  return order;
}

json::object to_json(const ProposalView& proposal) {
  boost::system::error_code ignored_when_no_body;
  json::value body = proposal.body.empty() ? json::value(nullptr) : json::parse(proposal.body, ignored_when_no_body);
  return {{"id", proposal.id},
          {"state", proposal.state},
          {"action", proposal.action},
          {"body", std::move(body)},
          {"explanation", proposal.explanation},
          {"reason", text_or_null(proposal.reason)},
          {"ticket", text_or_null(proposal.ticket)},
          {"user", proposal.user},
          {"approver_role", proposal.approver_role},
          {"created", to_iso(proposal.created)},
          {"lapses", to_iso(proposal.lapses)},
          {"decided_by", text_or_null(proposal.decided_by)},
          {"decided", time_or_null(proposal.decided)},
          {"decision", text_or_null(proposal.decision)}};
}

std::string serialized(const json::value& value) {
  return valid_utf8(json::serialize(value));
}

Response json_response(const json::value& value, unsigned status) {
  Response response;
  response.status = status;
  response.body = serialized(value);
  return response;
}

// ---------------------------------------------------------------------------------------------

BodyReader::BodyReader(std::string_view body, std::initializer_list<std::string_view> known) {
  json::parse_options options;
  options.max_depth = 8;
  boost::system::error_code error;
  json::value value = json::parse(body, error, {}, options);
  if (error || !value.is_object()) {
    faults_.push_back(error ? "the body is no valid JSON: " + error.message() : "the body is no JSON object");
    return;
  }
  is_object_ = true;
  object_ = std::move(value.get_object());
  for (const auto& member : object_) {
    const std::string_view name = member.key();
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::string expected;
    for (const std::string_view each : known) expected += (expected.empty() ? "" : ", ") + std::string(each);
    faults_.push_back("'" + std::string(name.substr(0, 64)) + "' is unknown; expected are: " + expected);
    if (faults_.size() >= 16) break;
  }
}

bool BodyReader::has(std::string_view name) const {
  const json::value* value = object_.if_contains(name);
  return value != nullptr && !value->is_null();
}

void BodyReader::fault(std::string_view name, std::string what) {
  faults_.push_back("'" + std::string(name) + "' " + std::move(what));
}

std::optional<std::string> BodyReader::optional_text(std::string_view name, std::size_t max_bytes) {
  if (!has(name)) return std::nullopt;
  const json::string* text = object_.at(name).if_string();
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (text == nullptr || text->empty() || text->size() > max_bytes ||
      std::any_of(text->begin(), text->end(), is_control)) {
    fault(name, "is not text of 1 to " + std::to_string(max_bytes) + " bytes without control characters");
    return std::nullopt;
  }
  return std::string(*text);
}

std::string BodyReader::text(std::string_view name, std::size_t max_bytes) {
  if (is_object_ && !has(name)) {
    fault(name, "is missing; text of 1 to " + std::to_string(max_bytes) + " bytes was expected");
    return {};
  }
  return optional_text(name, max_bytes).value_or("");
}

std::string BodyReader::choice(std::string_view name, std::initializer_list<std::string_view> values) {
  const json::value* value = object_.if_contains(name);
  if (value != nullptr && value->is_string()) {
    const std::string_view text = value->get_string();
    if (std::find(values.begin(), values.end(), text) != values.end()) return std::string(text);
  }
  std::string expected;
  for (const std::string_view each : values) expected += (expected.empty() ? "" : ", ") + std::string(each);
  if (is_object_)
    fault(name, (value == nullptr ? "is missing" : "is unknown") + std::string("; expected is one of: ") + expected);
  return {};
}

std::optional<std::string> BodyReader::decimal_text(std::string_view name) {
  if (!has(name)) return std::nullopt;
  const json::value& value = object_.at(name);
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_int64()) return std::to_string(value.get_int64());
  if (value.is_uint64()) return std::to_string(value.get_uint64());
  // A JSON number with a fraction has gone through binary floating point somewhere: it is not exact.
  fault(name, "is not a decimal as a string, such as \"1.0999\"");
  return std::nullopt;
}

bool BodyReader::flag(std::string_view name) {
  if (!has(name)) return false;
  const json::value& value = object_.at(name);
  if (!value.is_bool()) fault(name, "is neither true nor false");
  return value.is_bool() && value.get_bool();
}

std::optional<std::uint64_t> BodyReader::optional_sequence_number(std::string_view name) {
  if (!has(name)) return std::nullopt;
  const json::value& value = object_.at(name);
  constexpr std::int64_t kLargest = 2'000'000'000;
  if (value.is_int64() && value.get_int64() >= 1 && value.get_int64() <= kLargest) {
    return static_cast<std::uint64_t>(value.get_int64());
  }
  fault(name, "is no MsgSeqNum(34); an integer from 1 to " + std::to_string(kLargest) + " was expected");
  return std::nullopt;
}

std::optional<UtcTime> BodyReader::optional_time(std::string_view name) {
  const std::optional<std::string> text = optional_text(name, 32);
  if (!text) return std::nullopt;
  // ISO 8601 in UTC, rewritten as the FIX form that base reads: 2026-12-31T17:00:00Z.
  std::string fix;
  if (text->size() >= 20 && (*text)[4] == '-' && (*text)[7] == '-' && (*text)[10] == 'T' && text->back() == 'Z') {
    fix = text->substr(0, 4) + text->substr(5, 2) + text->substr(8, 2) + "-" + text->substr(11, text->size() - 12);
  }
  std::optional<UtcTime> time = parse_utc_timestamp(fix);
  if (!time) fault(name, "is no time in UTC such as 2026-12-31T17:00:00Z");
  return time;
}

std::vector<std::pair<std::string, LimitValue>> BodyReader::limits(std::string_view name) {
  std::vector<std::pair<std::string, LimitValue>> result;
  const json::value* value = object_.if_contains(name);
  const json::object* members = value == nullptr ? nullptr : value->if_object();
  if (members == nullptr || members->empty() || members->size() > 64) {
    if (is_object_) fault(name, "is no object of 1 to 64 limits by name");
    return result;
  }
  for (const auto& member : *members) {
    const std::string limit(member.key());
    const json::value& given = member.value();
    if (given.is_string()) {
      result.emplace_back(limit, std::string(given.get_string()));
    } else if (given.is_int64()) {
      result.emplace_back(limit, std::to_string(given.get_int64()));
    } else if (const json::array* names = given.if_array(); names != nullptr && names->size() <= 64) {
      std::vector<std::string> list;
      for (const json::value& each : *names) {
        if (each.is_string()) list.emplace_back(each.get_string());
      }
      if (list.size() == names->size()) {
        result.emplace_back(limit, std::move(list));
      } else {
        fault(limit, "is no list of names");
      }
    } else if (const json::object* rate = given.if_object()) {
      const json::value* count = rate->if_contains("count");
      const json::value* seconds = rate->if_contains("seconds");
      if (rate->size() == 2 && count != nullptr && seconds != nullptr && count->is_int64() && seconds->is_int64()) {
        result.emplace_back(limit, CountPerSeconds{count->get_int64(), seconds->get_int64()});
      } else {
        fault(limit, "is no {count, seconds} of integers");
      }
    } else {
      fault(limit, "is no decimal as a string, no list of names and no {count, seconds}");
    }
  }
  return result;
}

Response BodyReader::refusal() const {
  if (!is_object_) return problem(400, faults_.front() + "; a JSON object was expected");
  return problem(422, "the body has " + std::to_string(faults_.size()) + (faults_.size() == 1 ? " fault" : " faults"),
                 faults_);
}

}  // namespace portcullis::admin
