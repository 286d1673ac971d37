#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/decimal.h"
#include "base/time.h"
#include "config/limits.h"

// `risk.soft_levels_percent`, `risk.order_level_percent`, `risk.responses` and `risk.breakers`: what is said and done
// before a limit is reached, and what trips by itself. Every key has a default.

namespace portcullis::config {

// What follows when a level is reached or a breaker trips. Each includes the alert.
enum class Response : std::uint8_t {
  kOff,         // nothing, not even the alert
  kWarn,        // the alert alone
  kSlow,        // the client's throttle gives half, until usage has fallen again
  kReduceOnly,  // the scope takes only what reduces a position, until two persons re-enable it
  kBlockNew,    // the scope takes nothing new, until two persons re-enable it
};
std::string_view to_text(Response response);  // "off", "warn", "slow", "reduce_only", "block_new"

inline constexpr std::size_t kMaxSoftLevels = 4;

// Percentages of a limit, ascending.
struct SoftLevels {
  std::array<std::uint8_t, kMaxSoftLevels> percent = {50, 75, 90};
  std::uint8_t count = 3;
  std::uint8_t order_percent = 0;  // of B1 and B2, which have no usage: one order above it is told of; 0: none is
  friend bool operator==(const SoftLevels&, const SoftLevels&) = default;
};

// Scopes whose levels may have a response; a broker has no client to slow.
enum class ResponseScope : std::uint8_t { kFirm, kClient, kAccount, kBroker };
std::string_view to_text(ResponseScope scope);

struct LevelResponse {
  ResponseScope scope = ResponseScope::kFirm;
  std::uint8_t percent = 0;  // one of the soft levels
  Response response = Response::kWarn;
  friend bool operator==(const LevelResponse&, const LevelResponse&) = default;
};

// E1 beside its limit.
struct LossBreaker {
  std::uint8_t soft_percent = 80;  // 0: no alert before the limit
  Response response = Response::kReduceOnly;
  friend bool operator==(const LossBreaker&, const LossBreaker&) = default;
};

// B4: the middle of the quote against that of the first order of the window. percent zero: off.
struct DriftBreaker {
  Percent percent;
  Duration window = Duration::seconds(60);
  Response response = Response::kBlockNew;  // of the instrument
  friend bool operator==(const DriftBreaker&, const DriftBreaker&) = default;
};

// F1: of what one session sends, more than `percent` is refused by us, and at least `least`.
struct RejectBreaker {
  std::uint8_t percent = 50;
  std::uint32_t least = 20;
  Duration window = Duration::seconds(10);
  Response response = Response::kWarn;
  friend bool operator==(const RejectBreaker&, const RejectBreaker&) = default;
};

// F1: a broker rejects more than `count`.
struct CountBreaker {
  std::uint32_t count = 20;
  Duration window = Duration::seconds(10);
  Response response = Response::kWarn;
  friend bool operator==(const CountBreaker&, const CountBreaker&) = default;
};

// F1: a broker leaves `count` requests unanswered for longer than `age`.
struct UnackedBreaker {
  std::uint32_t count = 5;
  Duration age = Duration::seconds(3);
  Response response = Response::kWarn;
  friend bool operator==(const UnackedBreaker&, const UnackedBreaker&) = default;
};

// F1: a broker's first answer to a request. Zero: off.
struct LatencyBreaker {
  Duration limit;
  Response response = Response::kWarn;
  friend bool operator==(const LatencyBreaker&, const LatencyBreaker&) = default;
};

// F1: executions of one session within a minute. count zero: off.
struct FillBreaker {
  std::uint32_t count = 0;
  Duration window = Duration::seconds(60);
  Response response = Response::kWarn;
  friend bool operator==(const FillBreaker&, const FillBreaker&) = default;
};

// F1: a session sends more than `percent` of its throttle's rate in each of so many seconds. percent zero: off.
struct FloodBreaker {
  std::uint32_t percent = 200;
  Duration duration = Duration::seconds(3);
  Response response = Response::kWarn;
  friend bool operator==(const FloodBreaker&, const FloodBreaker&) = default;
};

// C4: ratios of a session's trading day; they only warn. Zero: off.
struct RatioBreaker {
  std::uint32_t cancel_percent = 0;    // cancels of orders
  std::uint32_t orders_per_trade = 0;  // orders, cancels and replaces for each execution
  std::uint32_t least = 100;           // messages before anything is said
  friend bool operator==(const RatioBreaker&, const RatioBreaker&) = default;
};

// F2: the gateway itself. Zero: that one is off.
struct InfrastructureBreaker {
  Duration journal_lag = Duration::milliseconds(100);  // a record that is not durable yet
  Duration clock_step = Duration::milliseconds(500);   // of the wall clock against the steady one
  Duration reconciliation = Duration::seconds(30);     // a broker that is logged on and has not told its orders
  bool dead_rates = true;                              // a currency of an instrument has no usable rate
  Response response = Response::kWarn;
  friend bool operator==(const InfrastructureBreaker&, const InfrastructureBreaker&) = default;
};

struct RiskBreakers {
  LossBreaker daily_loss;
  DriftBreaker price_drift;
  RejectBreaker rejects;
  CountBreaker broker_rejects;
  UnackedBreaker unacked;
  LatencyBreaker broker_latency;
  FillBreaker fills;
  FloodBreaker flood;
  RatioBreaker ratios;
  InfrastructureBreaker infrastructure;
  friend bool operator==(const RiskBreakers&, const RiskBreakers&) = default;
};

}  // namespace portcullis::config
