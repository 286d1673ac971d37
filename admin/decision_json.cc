#include "admin/json.h"
#include "admin/json_values.h"

namespace portcullis::admin {
namespace {

json::object to_json(const CheckRow& row) {
  return {{"control", row.control},
          {"name", row.name},
          {"scope", row.scope},
          {"id", row.id},
          {"usage", text_or_null(row.usage)},
          {"delta", text_or_null(row.delta)},
          {"limit", text_or_null(row.limit)},
          {"passed", row.passed}};
}

}  // namespace

json::object to_json(const DecisionRow& decision) {
  json::array checks;
  for (const CheckRow& row : decision.checks) checks.emplace_back(to_json(row));
  json::array tightest;
  for (const UtilisationRow& row : decision.tightest) {
    tightest.emplace_back(json::object{
        {"control", row.control}, {"scope", row.scope}, {"id", row.id}, {"used_percent", row.used_percent}});
  }
  const auto age = [](const std::optional<Duration>& value) -> json::value {
    if (!value) return nullptr;
    return value->ms();
  };
  json::value reserved = nullptr;
  if (decision.reserved) {
    reserved = json::object{{"base", decision.reserved->base.to_string()},
                            {"term", decision.reserved->term.to_string()},
                            {"notional", decision.reserved->notional.to_string()}};
  }
  return {
      {"decision", decision.decision},
      {"journal_index", decision.journal_index},
      {"time", to_iso(decision.time)},
      {"msg_type", decision.msg_type},
      {"session", decision.session},
      {"client", decision.client},
      {"account", decision.account},
      {"trader", text_or_null(decision.trader)},
      {"strategy", text_or_null(decision.strategy)},
      {"manual", text_or_null(decision.manual)},
      {"cl_ord_id", decision.cl_ord_id},
      {"orig_cl_ord_id", text_or_null(decision.orig_cl_ord_id)},
      {"order_id", text_or_null(decision.order_id)},
      {"symbol", decision.symbol},
      {"side", text_or_null(decision.side)},
      {"currency", text_or_null(decision.currency)},
      {"order_qty", decimal_or_null(decision.order_qty)},
      {"price", decimal_or_null(decision.price)},
      {"stop_px", decimal_or_null(decision.stop_px)},
      {"ord_type", text_or_null(decision.ord_type)},
      {"time_in_force", text_or_null(decision.time_in_force)},
      {"value_date", text_or_null(decision.value_date)},
      {"route", text_or_null(decision.route)},
      {"outcome", decision.outcome},
      {"code", decision.code},
      {"control", decision.control},
      {"text", text_or_null(decision.text)},
      {"decisive", decision.decisive.control.empty() ? json::value(nullptr) : json::value(to_json(decision.decisive))},
      {"tightest", std::move(tightest)},
      {"checks", std::move(checks)},
      {"limits_version", decision.limits_version},
      {"market_version", decision.market_version},
      {"ages_ms", json::object{{"quote", age(decision.quote_age)},
                               {"base_rate", age(decision.base_rate_age)},
                               {"term_rate", age(decision.term_rate_age)}}},
      {"reserved", std::move(reserved)},
      {"override", text_or_null(decision.override_id)},
      {"message",
       json::object{
           {"offset", decision.message_offset}, {"size", decision.message_size}, {"hash", decision.message_hash}}},
      {"build_id", text_or_null(decision.build_id)},
      {"configuration", text_or_null(decision.configuration)}};
}

}  // namespace portcullis::admin
