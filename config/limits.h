#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/decimal.h"
#include "base/result.h"
#include "base/time.h"

// Every risk limit by name, in one table: what it is called in the file and in REST, what kind of
// value it takes, which scopes may state it, and whether this release enforces it. The loader, the
// REST resource and the warning at start all read this table, so none of them can forget a limit.

namespace portcullis::config {

// A share of 100, to six decimals: 2 is 2 %. Price * (100 + p) / 100 is exact in Wide.
using Percent = Decimal<6, struct PercentTag>;

// OrdType(40): 1 2 3 4 D G.
enum class OrderType : std::uint8_t { kMarket, kLimit, kStop, kStopLimit, kPreviouslyQuoted, kSwap };
// TimeInForce(59): 0 1 3 4 6.
enum class TimeInForce : std::uint8_t { kDay, kGtc, kIoc, kFok, kGtd };

// A set over a small enumeration.
template <typename Enum>
class EnumSet {
 public:
  constexpr void insert(Enum value) { bits_ |= bit(value); }
  constexpr bool contains(Enum value) const { return (bits_ & bit(value)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr std::uint32_t bits() const { return bits_; }
  // What both allow: the effective set of a scope and of those above it.
  constexpr EnumSet intersection(EnumSet other) const {
    EnumSet both;
    both.bits_ = bits_ & other.bits_;
    return both;
  }
  friend constexpr bool operator==(EnumSet, EnumSet) = default;

 private:
  static constexpr std::uint32_t bit(Enum value) { return std::uint32_t{1} << static_cast<unsigned>(value); }
  std::uint32_t bits_ = 0;
};

using OrderTypes = EnumSet<OrderType>;
using TimesInForce = EnumSet<TimeInForce>;

std::string_view to_text(OrderType type);
std::string_view to_text(TimeInForce time_in_force);

// More than `count` orders of the same economics within `window` are refused.
struct DuplicateOrders {
  std::uint32_t count = 0;
  Duration window;
  friend bool operator==(const DuplicateOrders&, const DuplicateOrders&) = default;
};

// The limits that one scope states; the missing ones are inherited from the scope above.
struct LimitSet {
  std::optional<Quantity> max_order_quantity;   // base units of the instrument
  std::optional<Amount> max_order_notional;     // risk currency, as are all amounts below
  std::optional<Percent> price_collar_percent;  // of the reference price
  std::optional<std::int64_t> max_open_orders;  // orders
  std::optional<Amount> max_gross_open_notional;
  std::optional<Quantity> max_long_position;    // base units, of each instrument
  std::optional<Quantity> max_short_position;   // base units, of each instrument; positive
  std::optional<Amount> max_currency_position;  // net open position of one currency
  std::optional<Amount> max_net_open_position;  // aggregate
  std::optional<Amount> max_daily_settlement;   // of one value date
  std::optional<Amount> max_daily_volume;
  std::optional<Amount> max_daily_loss;  // positive
  std::optional<DuplicateOrders> duplicate_orders;
  std::optional<std::int64_t> repeated_executions;  // orders with a fill until a person re-arms
  std::optional<OrderTypes> order_types;
  std::optional<TimesInForce> times_in_force;
  std::optional<Quantity> max_daily_quantity;  // base units, of each instrument
  std::optional<std::int64_t> max_tenor_days;  // calendar days from trade date to value date
  std::optional<Amount> max_credit;            // open and executed, with the add-on by tenor
  std::optional<Amount> max_drawdown;          // of the day's profit from its peak; positive
  std::optional<Percent> max_spread_percent;   // of a quote, of its middle; a wider one is as good as none
  std::optional<Percent> passive_band_percent;  // from the reference on the passive side; beyond it an alert, no reject
  friend bool operator==(const LimitSet&, const LimitSet&) = default;
};

// One for each member of LimitSet, in its order.
enum class Limit : std::uint8_t {
  kMaxOrderQuantity,
  kMaxOrderNotional,
  kPriceCollarPercent,
  kMaxOpenOrders,
  kMaxGrossOpenNotional,
  kMaxLongPosition,
  kMaxShortPosition,
  kMaxCurrencyPosition,
  kMaxNetOpenPosition,
  kMaxDailySettlement,
  kMaxDailyVolume,
  kMaxDailyLoss,
  kDuplicateOrders,
  kRepeatedExecutions,
  kOrderTypes,
  kTimesInForce,
  kMaxDailyQuantity,
  kMaxTenorDays,
  kMaxCredit,
  kMaxDrawdown,
  kMaxSpreadPercent,
  kPassiveBandPercent,
};
inline constexpr std::size_t kLimitCount = 22;

// How many values the sets of order_types and times_in_force know.
inline constexpr int kOrderTypeCount = 6;
inline constexpr int kTimeInForceCount = 5;

enum class LimitKind : std::uint8_t {
  kQuantity,         // Quantity
  kAmount,           // Amount
  kPercent,          // Percent
  kCount,            // std::int64_t
  kDuplicateOrders,  // DuplicateOrders
  kOrderTypes,       // OrderTypes
  kTimesInForce,     // TimesInForce
};

enum class LimitScope : std::uint8_t {
  kFirm,
  kClient,
  kAccount,
  kBroker,
  kInstrument,
  kGroup,
  kSession,
  kTrader,
  kCurrency,
};
std::string_view to_text(LimitScope scope);  // "firm", "client", …

struct LimitInfo {
  Limit limit;
  std::string_view name;  // in the file and in REST
  LimitKind kind;
  std::string_view unit;       // for people: "base units", "risk currency", "percent", …
  std::string_view control;    // of the risk specification: "B1", …
  EnumSet<LimitScope> scopes;  // that may state it
  bool enforced;               // by this release; else validated, and named in a warning at start
  bool optional = false;       // the firm need not state it: then there is no such limit
};

// All limits, indexed by Limit.
std::span<const LimitInfo> limits_table();
const LimitInfo& limit_info(Limit limit);
// Nothing when no limit has this name.
std::optional<Limit> find_limit(std::string_view name);

using LimitValue = std::variant<Quantity, Amount, Percent, std::int64_t, DuplicateOrders, OrderTypes, TimesInForce>;

// What the set states, or nothing.
std::optional<LimitValue> get_limit(const LimitSet& set, Limit limit);
// The value's alternative is that of limit_info(limit).kind: anything else is a programmer's mistake.
// No value: the limit is inherited again.
void set_limit(LimitSet& set, Limit limit, const std::optional<LimitValue>& value);
// Whether `value` lets nothing pass that `cap` refuses. Both are values of this limit.
bool is_within(Limit limit, const LimitValue& value, const LimitValue& cap);

// One text a value, for REST and decisions: "10000000", "2", "5/1s", "market,limit". Sets may be
// empty: nothing is allowed. Errors say what was expected.
std::string to_text(const LimitValue& value);
Result<LimitValue> parse_limit(Limit limit, std::string_view text);

}  // namespace portcullis::config
