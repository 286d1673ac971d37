// risk.soft_levels_percent, risk.order_level_percent, risk.responses and risk.breakers.

#include <algorithm>

#include "config/loader/sections.h"

namespace portcullis::config {

namespace {

constexpr Response kOfBreaker[] = {Response::kOff, Response::kWarn, Response::kReduceOnly, Response::kBlockNew};
constexpr Response kOfLoss[] = {Response::kWarn, Response::kReduceOnly, Response::kBlockNew};
constexpr Response kOfLevel[] = {Response::kOff, Response::kWarn, Response::kSlow, Response::kReduceOnly,
                                 Response::kBlockNew};
constexpr Response kOfBrokerLevel[] = {Response::kOff, Response::kWarn, Response::kReduceOnly, Response::kBlockNew};
constexpr ResponseScope kScopes[] = {ResponseScope::kFirm, ResponseScope::kClient, ResponseScope::kAccount,
                                     ResponseScope::kBroker};

bool has_level(const SoftLevels& levels, std::int64_t percent) {
  return std::find(levels.percent.begin(), levels.percent.begin() + levels.count, percent) !=
         levels.percent.begin() + levels.count;
}

void read_soft_levels(const Value& value, SoftLevels& out) {
  SoftLevels read = out;
  read.count = 0;
  bool good = true;
  value.list(0, kMaxSoftLevels, [&](const Value& item) {
    std::uint8_t percent = 0;
    item.integer(percent, 10, 99);
    const bool ascends = read.count == 0 || percent > read.percent[read.count - 1];
    if (percent != 0 && !ascends) item.fault("the soft levels do not ascend", "each level above the one before it");
    good = good && percent != 0 && ascends;
    if (good) read.percent[read.count++] = percent;
  });
  for (std::size_t i = read.count; i < kMaxSoftLevels; ++i) read.percent[i] = 0;
  if (good && value.node().kind == YamlNode::Kind::kSequence) out = read;
}

void read_responses(const Value& value, const SoftLevels& levels, std::vector<LevelResponse>& out) {
  value.entries(std::size(kScopes), [&](const Value& key, const Value& entry) {
    LevelResponse response;
    const std::size_t before = key.context().faults.size();
    key.choice(response.scope, kScopes);
    if (key.context().faults.size() != before) return;
    entry.entries(kMaxSoftLevels, [&](const Value& level, const Value& what) {
      const std::size_t faults = level.context().faults.size();
      level.integer(response.percent, 1, 99);
      if (level.context().faults.size() == faults && !has_level(levels, response.percent)) {
        level.fault("no soft level is " + std::to_string(response.percent) + " percent",
                    "one of risk.soft_levels_percent");
      }
      if (response.scope == ResponseScope::kBroker) {
        what.choice(response.response, kOfBrokerLevel);
      } else {
        what.choice(response.response, kOfLevel);
      }
      if (level.context().faults.size() == faults) out.push_back(response);
    });
  });
  std::sort(out.begin(), out.end(), [](const LevelResponse& a, const LevelResponse& b) {
    return a.scope != b.scope ? a.scope < b.scope : a.percent < b.percent;
  });
}

void read_loss(const Value& value, LossBreaker& out) {
  MapReader map(value);
  map.optional("soft_percent", [&](const Value& v) { v.integer(out.soft_percent, 0, 99); });
  map.optional("response", [&](const Value& v) { v.choice(out.response, kOfLoss); });
  map.finish();
}

void milliseconds(const Value& value, Duration& out) {
  std::int64_t ms = out.ms();
  value.integer(ms, 0, 3'600'000);
  out = Duration::milliseconds(ms);
}

void read_drift(const Value& value, DriftBreaker& out) {
  MapReader map(value);
  map.required("percent", [&](const Value& v) {
    v.decimal(out.percent, Value::Sign::kNotNegative, "percent");
    if (out.percent > Percent::of(100)) v.wrong("a percentage from 0 to 100");
  });
  map.optional("seconds", [&](const Value& v) { v.seconds(out.window, 1, 86'400); });
  map.optional("response", [&](const Value& v) { v.choice(out.response, kOfBreaker); });
  map.finish();
}

// A window is at most as long as what is remembered (risk/recent.h).
constexpr std::int64_t kLongestWindow = 60;

void read_rejects(const Value& value, RejectBreaker& out) {
  MapReader map(value);
  map.optional("percent", [&](const Value& v) { v.integer(out.percent, 0, 99); });
  map.optional("least", [&](const Value& v) { v.integer(out.least, 1, 1'000'000); });
  map.optional("seconds", [&](const Value& v) { v.seconds(out.window, 1, kLongestWindow); });
  map.optional("response", [&](const Value& v) { v.choice(out.response, kOfBreaker); });
  map.finish();
}

void read_broker_rejects(const Value& value, CountBreaker& out) {
  MapReader map(value);
  map.optional("count", [&](const Value& v) { v.integer(out.count, 1, 1'000'000); });
  map.optional("seconds", [&](const Value& v) { v.seconds(out.window, 1, kLongestWindow); });
  map.optional("response", [&](const Value& v) { v.choice(out.response, kOfBreaker); });
  map.finish();
}

void read_unacked(const Value& value, UnackedBreaker& out) {
  MapReader map(value);
  map.optional("count", [&](const Value& v) { v.integer(out.count, 1, 1'000); });
  map.optional("seconds", [&](const Value& v) { v.seconds(out.age, 1, 3600); });
  map.optional("response", [&](const Value& v) { v.choice(out.response, kOfBreaker); });
  map.finish();
}

void read_latency(const Value& value, LatencyBreaker& out) {
  MapReader map(value);
  map.required("ms", [&](const Value& v) { milliseconds(v, out.limit); });
  map.optional("response", [&](const Value& v) { v.choice(out.response, kOfBreaker); });
  map.finish();
}

void read_fills(const Value& value, FillBreaker& out) {
  MapReader map(value);
  map.required("count", [&](const Value& v) { v.integer(out.count, 0, 1'000'000); });
  map.optional("seconds", [&](const Value& v) { v.seconds(out.window, 1, kLongestWindow); });
  map.optional("response", [&](const Value& v) { v.choice(out.response, kOfBreaker); });
  map.finish();
}

void read_flood(const Value& value, FloodBreaker& out) {
  MapReader map(value);
  map.optional("percent", [&](const Value& v) { v.integer(out.percent, 0, 10'000); });
  map.optional("seconds", [&](const Value& v) { v.seconds(out.duration, 1, kLongestWindow); });
  map.optional("response", [&](const Value& v) { v.choice(out.response, kOfBreaker); });
  map.finish();
}

void read_ratios(const Value& value, RatioBreaker& out) {
  MapReader map(value);
  map.optional("cancel_percent", [&](const Value& v) { v.integer(out.cancel_percent, 0, 100); });
  map.optional("orders_per_trade", [&](const Value& v) { v.integer(out.orders_per_trade, 0, 1'000'000); });
  map.optional("least", [&](const Value& v) { v.integer(out.least, 1, 1'000'000'000); });
  map.finish();
}

void read_infrastructure(const Value& value, InfrastructureBreaker& out) {
  MapReader map(value);
  map.optional("journal_lag_ms", [&](const Value& v) { milliseconds(v, out.journal_lag); });
  map.optional("clock_step_ms", [&](const Value& v) { milliseconds(v, out.clock_step); });
  map.optional("reconciliation_s", [&](const Value& v) { v.seconds(out.reconciliation, 0, 3600); });
  map.optional("dead_rates", [&](const Value& v) { v.boolean(out.dead_rates); });
  map.optional("response", [&](const Value& v) { v.choice(out.response, kOfBreaker); });
  map.finish();
}

void read_breakers(const Value& value, RiskBreakers& out) {
  MapReader map(value);
  map.optional("daily_loss", [&](const Value& v) { read_loss(v, out.daily_loss); });
  map.optional("price_drift", [&](const Value& v) { read_drift(v, out.price_drift); });
  map.optional("rejects", [&](const Value& v) { read_rejects(v, out.rejects); });
  map.optional("broker_rejects", [&](const Value& v) { read_broker_rejects(v, out.broker_rejects); });
  map.optional("unacked", [&](const Value& v) { read_unacked(v, out.unacked); });
  map.optional("broker_latency", [&](const Value& v) { read_latency(v, out.broker_latency); });
  map.optional("fills", [&](const Value& v) { read_fills(v, out.fills); });
  map.optional("flood", [&](const Value& v) { read_flood(v, out.flood); });
  map.optional("ratios", [&](const Value& v) { read_ratios(v, out.ratios); });
  map.optional("infrastructure", [&](const Value& v) { read_infrastructure(v, out.infrastructure); });
  map.finish();
}

}  // namespace

void read_risk_responses(MapReader& map, RiskSection& out) {
  map.optional("soft_levels_percent", [&](const Value& v) { read_soft_levels(v, out.soft_levels); });
  map.optional("order_level_percent", [&](const Value& v) { v.integer(out.soft_levels.order_percent, 0, 99); });
  map.optional("responses", [&](const Value& v) { read_responses(v, out.soft_levels, out.responses); });
  map.optional("breakers", [&](const Value& v) { read_breakers(v, out.breakers); });
}

}  // namespace portcullis::config
