#pragma once

#include <optional>

#include "config/limits.h"
#include "order/types.h"

// OrdType(40) and TimeInForce(59) as the limits on them list them; nothing where no limit can allow one.

namespace portcullis::risk {

constexpr std::optional<config::OrderType> listed(order::OrdType type) {
  switch (type) {
    case order::OrdType::kMarket:
      return config::OrderType::kMarket;
    case order::OrdType::kLimit:
      return config::OrderType::kLimit;
    case order::OrdType::kStop:
      return config::OrderType::kStop;
    case order::OrdType::kStopLimit:
      return config::OrderType::kStopLimit;
    case order::OrdType::kPreviouslyQuoted:
      return config::OrderType::kPreviouslyQuoted;
    case order::OrdType::kForexSwap:
      return config::OrderType::kSwap;
  }
  return std::nullopt;
}

constexpr std::optional<config::TimeInForce> listed(order::TimeInForce time_in_force) {
  switch (time_in_force) {
    case order::TimeInForce::kDay:
      return config::TimeInForce::kDay;
    case order::TimeInForce::kGoodTillCancel:
      return config::TimeInForce::kGtc;
    case order::TimeInForce::kImmediateOrCancel:
      return config::TimeInForce::kIoc;
    case order::TimeInForce::kFillOrKill:
      return config::TimeInForce::kFok;
    case order::TimeInForce::kGoodTillDate:
      return config::TimeInForce::kGtd;
    case order::TimeInForce::kAtTheOpening:
      return std::nullopt;
  }
  return std::nullopt;
}

template <typename Enum>
constexpr std::int64_t bit_of(Enum listed) {
  return std::int64_t{1} << static_cast<unsigned>(listed);
}

}  // namespace portcullis::risk
