#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "gateway/decide.h"

// What decide_consequences and its parts share.

namespace portcullis::gateway {

// Whether an event of this type can bring anything with it: of an ordinary order and its reports one each.
constexpr bool has_consequences(order::EventType type) {
  using order::EventType;
  switch (type) {
    case EventType::kDecided:
    case EventType::kOrderAccepted:
    case EventType::kOrderRejected:
    case EventType::kCancelRequested:
    case EventType::kRequestRefused:
    case EventType::kReplaceRequested:
    case EventType::kExecutionApplied:
    case EventType::kRequestRejected:
    case EventType::kReportSuspended:
    case EventType::kQuoteSet:
    case EventType::kRateSet:
    case EventType::kLimitSet:
    case EventType::kPositionAdjusted:
      return true;
    default:
      return false;
  }
}

// The decision took a new order, and nobody is to hear how large orders are (B1, B2, the passive band): what it brings
// with it follows from its OrderAccepted.
inline bool brings_nothing(const State& state, const order::Decided& decided) {
  const risk::State& risk = state.risk.state();
  return decided.msg_type == 'D' && decided.code == order::RejectCode::kNone && decided.request.has_value() &&
         risk.settings.soft_levels.order_percent == 0 && !risk.any_passive_band;
}

// The usage of the order's scopes, those of `place`, has changed: which soft levels it has crossed.
void decide_levels(Deciding& d, const risk::Place& place, const risk::Scopes& scopes);
// An order or a replace was accepted by these checks: whether it was large beside its limits (B1, B2).
void decide_order_levels(Deciding& d, OrderNumber number, std::span<const std::byte> checks);
// The profit of these scopes has changed: E1.
void decide_losses(Deciding& d, const risk::Scopes& scopes);

// F1: what a session sends, what a broker answers, and how late.
void decide_reject_rate(Deciding& d, SessionId session);
void decide_broker_rejects(Deciding& d, BrokerId broker);
void decide_latency(Deciding& d, BrokerId broker, Duration answered_after);
// F1: a session has an execution more; sends a message more.
void decide_fills(Deciding& d, SessionId session);
void decide_flood(Deciding& d, SessionId session);
// An order was accepted on data that is not fresh.
void decide_market_data(Deciding& d, order::InstrumentId instrument);
// C4: the day's ratios of a session.
void decide_ratios(Deciding& d, SessionId session);
// B4: an order of the instrument was accepted, or its quote has moved.
void decide_drift(Deciding& d, order::InstrumentId instrument, bool by_order);

// What one step of these writes at most; with less room in the record it waits for the next one.
inline constexpr std::size_t kConsequenceReserve = 48 << 10;

// The control trips, an alert says so, and its scope gets the state, unless it has a stronger one.
void latch_scope(Deciding& d, const risk::LatchKey& key, std::int64_t usage, std::int64_t limit,
                 order::ScopeState response, std::string_view reason);

constexpr order::ScopeState state_of(config::Response response) {
  switch (response) {
    case config::Response::kReduceOnly:
      return order::ScopeState::kReduceOnly;
    case config::Response::kBlockNew:
      return order::ScopeState::kBlockNew;
    default:
      return order::ScopeState::kActive;
  }
}

}  // namespace portcullis::gateway
