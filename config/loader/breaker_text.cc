#include "config/loader/breaker_text.h"

#include <string>

#include "config/breakers.h"

namespace portcullis::config {

namespace {

void text(YAML::Emitter& out, const char* key, std::string_view value) {
  out << YAML::Key << key << YAML::Value << std::string(value);
}
template <typename T>
void number(YAML::Emitter& out, const char* key, T value) {
  out << YAML::Key << key << YAML::Value << static_cast<std::int64_t>(value);
}

std::int64_t whole_seconds(Duration duration) {
  return duration.ms() / 1000;
}

void begin(YAML::Emitter& out, const char* key) {
  out << YAML::Key << key << YAML::Value << YAML::Flow << YAML::BeginMap;
}

void breakers(YAML::Emitter& out, const RiskBreakers& value) {
  begin(out, "price_drift");
  text(out, "percent", value.price_drift.percent.to_string());
  number(out, "seconds", whole_seconds(value.price_drift.window));
  text(out, "response", to_text(value.price_drift.response));
  out << YAML::EndMap;
  begin(out, "rejects");
  number(out, "percent", value.rejects.percent);
  number(out, "least", value.rejects.least);
  number(out, "seconds", whole_seconds(value.rejects.window));
  text(out, "response", to_text(value.rejects.response));
  out << YAML::EndMap;
  begin(out, "broker_rejects");
  number(out, "count", value.broker_rejects.count);
  number(out, "seconds", whole_seconds(value.broker_rejects.window));
  text(out, "response", to_text(value.broker_rejects.response));
  out << YAML::EndMap;
  begin(out, "unacked");
  number(out, "count", value.unacked.count);
  number(out, "seconds", whole_seconds(value.unacked.age));
  text(out, "response", to_text(value.unacked.response));
  out << YAML::EndMap;
  begin(out, "broker_latency");
  number(out, "ms", value.broker_latency.limit.ms());
  text(out, "response", to_text(value.broker_latency.response));
  out << YAML::EndMap;
  begin(out, "fills");
  number(out, "count", value.fills.count);
  number(out, "seconds", whole_seconds(value.fills.window));
  text(out, "response", to_text(value.fills.response));
  out << YAML::EndMap;
  begin(out, "flood");
  number(out, "percent", value.flood.percent);
  number(out, "seconds", whole_seconds(value.flood.duration));
  text(out, "response", to_text(value.flood.response));
  out << YAML::EndMap;
  begin(out, "ratios");
  number(out, "cancel_percent", value.ratios.cancel_percent);
  number(out, "orders_per_trade", value.ratios.orders_per_trade);
  number(out, "least", value.ratios.least);
  out << YAML::EndMap;
  begin(out, "infrastructure");
  number(out, "journal_lag_ms", value.infrastructure.journal_lag.ms());
  number(out, "clock_step_ms", value.infrastructure.clock_step.ms());
  number(out, "reconciliation_s", whole_seconds(value.infrastructure.reconciliation));
  text(out, "dead_rates", value.infrastructure.dead_rates ? "true" : "false");
  text(out, "response", to_text(value.infrastructure.response));
  out << YAML::EndMap;
}

}  // namespace

void emit_risk_responses(YAML::Emitter& out, const RiskSection& value) {
  out << YAML::Key << "soft_levels_percent" << YAML::Value << YAML::Flow << YAML::BeginSeq;
  for (std::size_t i = 0; i < value.soft_levels.count; ++i) out << static_cast<int>(value.soft_levels.percent[i]);
  out << YAML::EndSeq;
  number(out, "order_level_percent", value.soft_levels.order_percent);
  out << YAML::Key << "responses" << YAML::Value << YAML::Flow << YAML::BeginMap;
  for (std::size_t i = 0; i < value.responses.size(); ++i) {
    const LevelResponse& entry = value.responses[i];
    if (i == 0 || value.responses[i - 1].scope != entry.scope) {
      if (i != 0) out << YAML::EndMap;
      out << YAML::Key << std::string(to_text(entry.scope)) << YAML::Value << YAML::BeginMap;
    }
    out << YAML::Key << static_cast<int>(entry.percent) << YAML::Value << std::string(to_text(entry.response));
  }
  if (!value.responses.empty()) out << YAML::EndMap;
  out << YAML::EndMap << YAML::Key << "breakers" << YAML::Value << YAML::BeginMap;
  out << YAML::Key << "daily_loss" << YAML::Value << YAML::Flow << YAML::BeginMap;
  number(out, "soft_percent", value.breakers.daily_loss.soft_percent);
  text(out, "response", to_text(value.breakers.daily_loss.response));
  out << YAML::EndMap;
  breakers(out, value.breakers);
  out << YAML::EndMap;
}

}  // namespace portcullis::config
