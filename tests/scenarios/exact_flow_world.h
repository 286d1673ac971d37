#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/limits.h"
#include "tests/scenarios/exact_flow.h"

// The names of the random trading day's world, and how it reads and writes; for exact_flow*.cc alone.

namespace portcullis::scenarios::exact {

using gateway::testing::Gateway;
using gateway::testing::Sent;

inline constexpr const char* kClients[] = {"alpha", "beta"};
inline constexpr const char* kBrokers[] = {"northbank", "southbank"};
inline constexpr const char* kAccounts[] = {"ALPHA-1", "ALPHA-2", "BETA-1"};
inline constexpr std::string_view kTime = "60=20261123-12:00:00|";

inline constexpr std::pair<config::Limit, Limit> kSame[] = {{config::Limit::kMaxOrderQuantity, Limit::kOrderQuantity},
                                                            {config::Limit::kMaxOrderNotional, Limit::kOrderNotional},
                                                            {config::Limit::kPriceCollarPercent, Limit::kCollar},
                                                            {config::Limit::kMaxOpenOrders, Limit::kOpenOrders},
                                                            {config::Limit::kMaxGrossOpenNotional, Limit::kGross},
                                                            {config::Limit::kMaxLongPosition, Limit::kLong},
                                                            {config::Limit::kMaxShortPosition, Limit::kShort},
                                                            {config::Limit::kMaxCurrencyPosition, Limit::kCurrency},
                                                            {config::Limit::kMaxNetOpenPosition, Limit::kNet},
                                                            {config::Limit::kMaxDailyVolume, Limit::kVolume},
                                                            {config::Limit::kMaxDailySettlement, Limit::kSettlement},
                                                            {config::Limit::kMaxDailyQuantity, Limit::kDayQuantity},
                                                            {config::Limit::kMaxDailyLoss, Limit::kLoss},
                                                            {config::Limit::kMaxDrawdown, Limit::kDrawdown},
                                                            {config::Limit::kRepeatedExecutions, Limit::kRepeated},
                                                            {config::Limit::kMaxCredit, Limit::kCredit},
                                                            {config::Limit::kPassiveBandPercent, Limit::kBand}};

// What a start's file says beside limits, by chance (exact_flow_start.cc); and to the model.
void choose_caps(config::Config& c, std::mt19937_64& random);
void choose_mandatory(config::Config& c, std::mt19937_64& random);
void copy_file(Model& model, const config::Config& c);
// A value of a limit by chance (exact_flow_desk.cc).
std::int64_t some_value(Limit which, const std::function<std::uint64_t(std::uint64_t)>& below);

// By Scope.
inline constexpr order::Scope kScopes[] = {order::Scope::kFirm,    order::Scope::kClient,     order::Scope::kAccount,
                                           order::Scope::kBroker,  order::Scope::kInstrument, order::Scope::kGroup,
                                           order::Scope::kSession, order::Scope::kTrader,     order::Scope::kCurrency};

inline order::Scope core_scope(NodeId id) {
  return kScopes[static_cast<int>(id.scope)];
}

inline int index_in(const std::vector<std::string>& names, std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<int>(i);
  }
  return -1;
}

// "RISK-7 D3: …" gives D3; what is no control of risk gives nothing.
inline std::string control_of(const std::string& text) {
  if (!text.starts_with("RISK-")) return {};
  const std::size_t space = text.find(' ');
  if (space == std::string::npos) return {};
  return text.substr(space + 1, text.find_first_of(": ", space + 1) - space - 1);
}

inline std::string fix_date(int days) {
  return Date::from_days(days).to_fix();
}

inline std::string readable(std::string bytes) {
  std::replace(bytes.begin(), bytes.end(), '\x01', '|');
  return bytes;
}

}  // namespace portcullis::scenarios::exact
