#include "risk/limits.h"

#include <algorithm>
#include <limits>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.h"

namespace portcullis::risk {

namespace {

struct RawOf {
  template <int Scale, typename Tag>
  std::int64_t operator()(Decimal<Scale, Tag> value) const {
    return value.raw();
  }
  std::int64_t operator()(std::int64_t value) const { return value; }
  std::int64_t operator()(const config::DuplicateOrders& value) const {
    return std::int64_t{value.count} << 32 | value.window.ms();
  }
  template <typename Enum>
  std::int64_t operator()(config::EnumSet<Enum> value) const {
    return value.bits();
  }
};

template <typename Enum>
config::EnumSet<Enum> set_of(std::int64_t bits, int count) {
  config::EnumSet<Enum> set;
  for (int i = 0; i < count; ++i) {
    if ((bits >> i & 1) != 0) set.insert(static_cast<Enum>(i));
  }
  return set;
}

constexpr std::uint32_t bit(std::size_t index) {
  return std::uint32_t{1} << index;
}

}  // namespace

std::int64_t to_raw(const config::LimitValue& value) {
  return std::visit(RawOf{}, value);
}

config::LimitValue from_raw(Limit limit, std::int64_t raw) {
  switch (config::limit_info(limit).kind) {
    case config::LimitKind::kQuantity:
      return Quantity::from_raw(raw);
    case config::LimitKind::kAmount:
      return Amount::from_raw(raw);
    case config::LimitKind::kPercent:
      return config::Percent::from_raw(raw);
    case config::LimitKind::kCount:
      return raw;
    case config::LimitKind::kDuplicateOrders:
      return config::DuplicateOrders{static_cast<std::uint32_t>(raw >> 32), Duration::milliseconds(raw & 0xffffffff)};
    case config::LimitKind::kOrderTypes:
      return set_of<config::OrderType>(raw, config::kOrderTypeCount);
    case config::LimitKind::kTimesInForce:
      return set_of<config::TimeInForce>(raw, config::kTimeInForceCount);
  }
  PORTCULLIS_CHECK(false, "a LimitKind outside its enumeration");
}

bool tightens(Limit limit, std::int64_t before, std::int64_t after) {
  switch (config::limit_info(limit).kind) {
    case config::LimitKind::kOrderTypes:
    case config::LimitKind::kTimesInForce:
      return (after & ~before) == 0;
    case config::LimitKind::kDuplicateOrders: {
      constexpr std::int64_t kWindow = 0xffffffff;
      return after >> 32 <= before >> 32 && (after & kWindow) >= (before & kWindow);
    }
    default:
      return after <= before;
  }
}

void AbsoluteCaps::configure(const config::LimitSet& set) {
  stated_ = 0;
  for (std::size_t i = 0; i < kLimitCount; ++i) {
    const auto value = config::get_limit(set, static_cast<Limit>(i));
    caps_[i] = value ? to_raw(*value) : 0;
    if (value) stated_ |= bit(i);
  }
}

std::int64_t AbsoluteCaps::within(Limit limit, std::int64_t raw) const {
  if (allow(limit, raw)) return raw;
  const std::int64_t cap = (*this)[limit];
  switch (config::limit_info(limit).kind) {
    case config::LimitKind::kOrderTypes:
    case config::LimitKind::kTimesInForce:
      return raw & cap;
    case config::LimitKind::kDuplicateOrders: {
      constexpr std::int64_t kWindow = 0xffffffff;
      return std::min(raw >> 32, cap >> 32) << 32 | std::max(raw & kWindow, cap & kWindow);
    }
    default:
      return cap;
  }
}

void NodeLimits::set_configured(const config::LimitSet& set) {
  is_configured_ = 0;
  for (std::size_t i = 0; i < kLimitCount; ++i) {
    const auto value = config::get_limit(set, static_cast<Limit>(i));
    configured_[i] = value ? to_raw(*value) : 0;
    if (value) is_configured_ |= bit(i);
  }
}

void NodeLimits::set_operator(Limit limit, std::int64_t raw) {
  operator_[static_cast<std::size_t>(limit)] = raw;
  operator_says_[static_cast<std::size_t>(limit)] = Operator::kStates;
}

void NodeLimits::set_inherited(Limit limit) {
  operator_says_[static_cast<std::size_t>(limit)] = Operator::kInherits;
}

void NodeLimits::forget_operator(Limit limit) {
  operator_[static_cast<std::size_t>(limit)] = 0;
  operator_says_[static_cast<std::size_t>(limit)] = Operator::kSilent;
}

void NodeLimits::resolve(const NodeLimits* above, const AbsoluteCaps& caps) {
  for (std::size_t i = 0; i < kLimitCount; ++i) resolve(static_cast<Limit>(i), above, caps);
}

bool NodeLimits::resolve(Limit limit, const NodeLimits* above, const AbsoluteCaps& caps) {
  const auto i = static_cast<std::size_t>(limit);
  std::int64_t holds = 0;
  bool stated = true;
  if (operator_says_[i] == Operator::kStates) {
    holds = operator_[i];
  } else if (operator_says_[i] == Operator::kSilent && (is_configured_ & bit(i)) != 0) {
    holds = configured_[i];
  } else {
    const bool optional = config::limit_info(limit).optional;
    constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
    holds = above != nullptr ? above->effective_[i] : optional ? kNoLimit : 0;
    stated = above == nullptr && !optional;
  }
  stated_ = (stated_ & ~bit(i)) | (stated ? bit(i) : 0);
  holds = caps.within(limit, holds);
  return std::exchange(effective_[i], holds) != holds;
}

}  // namespace portcullis::risk
