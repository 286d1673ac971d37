#include "config/limits.h"

#include <array>
#include <charconv>
#include <utility>

#include "base/check.h"

namespace portcullis::config {

namespace {

constexpr EnumSet<LimitScope> scopes(std::initializer_list<LimitScope> list) {
  EnumSet<LimitScope> set;
  for (const LimitScope scope : list) set.insert(scope);
  return set;
}

using enum LimitScope;
constexpr auto kEverywhere =
    scopes({kFirm, kGroup, kClient, kAccount, kSession, kTrader, kBroker, kInstrument, kCurrency});
// Of one instrument at a time, which has a currency of its own.
constexpr auto kOfInstruments = scopes({kFirm, kGroup, kClient, kAccount, kSession, kTrader, kBroker, kInstrument});
// A sum over currencies has no meaning within one instrument.
constexpr auto kNotInstrument = scopes({kFirm, kGroup, kClient, kAccount, kSession, kTrader, kBroker});
// Where value dates are kept.
constexpr auto kOfTree = scopes({kFirm, kGroup, kClient, kAccount, kBroker});
constexpr auto kOfCurrencies = scopes({kFirm, kGroup, kClient, kAccount, kSession, kTrader, kBroker, kCurrency});
// Who is lent to, and who lends.
constexpr auto kOfCredit = scopes({kFirm, kClient, kBroker});
// Where the day's profit is kept.
constexpr auto kOfProfit = scopes({kFirm, kClient, kAccount, kTrader, kBroker});
// What the market says, whoever asks.
constexpr auto kOfMarket = scopes({kFirm, kInstrument});
// What a client does, whatever broker its orders reach.
constexpr auto kOfClients = scopes({kFirm, kClient, kAccount, kTrader});

constexpr std::array<LimitInfo, kLimitCount> kTable = {{
    {Limit::kMaxOrderQuantity, "max_order_quantity", LimitKind::kQuantity, "base units", "B1", kEverywhere, true},
    {Limit::kMaxOrderNotional, "max_order_notional", LimitKind::kAmount, "risk currency", "B2", kEverywhere, true},
    {Limit::kPriceCollarPercent, "price_collar_percent", LimitKind::kPercent, "percent", "B3", kEverywhere, true},
    {Limit::kMaxOpenOrders, "max_open_orders", LimitKind::kCount, "orders", "D1", kEverywhere, true},
    {Limit::kMaxGrossOpenNotional, "max_gross_open_notional", LimitKind::kAmount, "risk currency", "D2", kEverywhere,
     true},
    {Limit::kMaxLongPosition, "max_long_position", LimitKind::kQuantity, "base units", "D3", kOfInstruments, true},
    {Limit::kMaxShortPosition, "max_short_position", LimitKind::kQuantity, "base units", "D3", kOfInstruments, true},
    {Limit::kMaxCurrencyPosition, "max_currency_position", LimitKind::kAmount, "risk currency", "D4", kOfCurrencies,
     true},
    {Limit::kMaxNetOpenPosition, "max_net_open_position", LimitKind::kAmount, "risk currency", "D5", kNotInstrument,
     true},
    {Limit::kMaxDailySettlement, "max_daily_settlement", LimitKind::kAmount, "risk currency", "D6", kOfTree, true},
    {Limit::kMaxDailyVolume, "max_daily_volume", LimitKind::kAmount, "risk currency", "D7", kEverywhere, true},
    {Limit::kMaxDailyLoss, "max_daily_loss", LimitKind::kAmount, "risk currency", "E1", kOfProfit, true},
    {Limit::kDuplicateOrders, "duplicate_orders", LimitKind::kDuplicateOrders, "orders in a time", "C2", kOfClients,
     true},
    {Limit::kRepeatedExecutions, "repeated_executions", LimitKind::kCount, "executed orders", "C3", kOfClients, true},
    {Limit::kOrderTypes, "order_types", LimitKind::kOrderTypes, "OrdType(40)", "A3", kEverywhere, true},
    {Limit::kTimesInForce, "times_in_force", LimitKind::kTimesInForce, "TimeInForce(59)", "A3", kEverywhere, true},
    {Limit::kMaxDailyQuantity, "max_daily_quantity", LimitKind::kQuantity, "base units", "D7", kOfInstruments, true,
     true},
    {Limit::kMaxTenorDays, "max_tenor_days", LimitKind::kCount, "days", "A6", kEverywhere, true, true},
    {Limit::kMaxCredit, "max_credit", LimitKind::kAmount, "risk currency", "D8", kOfCredit, true, true},
    {Limit::kMaxDrawdown, "max_drawdown", LimitKind::kAmount, "risk currency", "E1", kOfProfit, true, true},
    {Limit::kMaxSpreadPercent, "max_spread_percent", LimitKind::kPercent, "percent", "B3", kOfMarket, true, true},
    {Limit::kPassiveBandPercent, "passive_band_percent", LimitKind::kPercent, "percent", "B3", kOfInstruments, true,
     true},
}};

constexpr bool table_is_in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<std::size_t>(kTable[i].limit) != i) return false;
  }
  return true;
}
static_assert(table_is_in_order());

constexpr std::array<std::string_view, kOrderTypeCount> kOrderTypeNames = {"market",     "limit",             "stop",
                                                             "stop_limit", "previously_quoted", "swap"};
constexpr std::array<std::string_view, kTimeInForceCount> kTimeInForceNames = {"day", "gtc", "ioc", "fok", "gtd"};
constexpr std::array<std::string_view, 9> kScopeNames = {"firm",  "client",  "account", "broker",  "instrument",
                                                         "group", "session", "trader",  "currency"};

// The longest window of duplicate_orders, so that what it must remember stays bounded.
constexpr std::int64_t kMaxDuplicateWindowSeconds = 3600;

// Calls visit with the member of the set that holds the limit; one switch for reading and writing.
template <typename Set, typename Visit>
auto with_member(Set& set, Limit limit, Visit&& visit) {
  switch (limit) {
    case Limit::kMaxOrderQuantity:
      return visit(set.max_order_quantity);
    case Limit::kMaxOrderNotional:
      return visit(set.max_order_notional);
    case Limit::kPriceCollarPercent:
      return visit(set.price_collar_percent);
    case Limit::kMaxOpenOrders:
      return visit(set.max_open_orders);
    case Limit::kMaxGrossOpenNotional:
      return visit(set.max_gross_open_notional);
    case Limit::kMaxLongPosition:
      return visit(set.max_long_position);
    case Limit::kMaxShortPosition:
      return visit(set.max_short_position);
    case Limit::kMaxCurrencyPosition:
      return visit(set.max_currency_position);
    case Limit::kMaxNetOpenPosition:
      return visit(set.max_net_open_position);
    case Limit::kMaxDailySettlement:
      return visit(set.max_daily_settlement);
    case Limit::kMaxDailyVolume:
      return visit(set.max_daily_volume);
    case Limit::kMaxDailyLoss:
      return visit(set.max_daily_loss);
    case Limit::kDuplicateOrders:
      return visit(set.duplicate_orders);
    case Limit::kRepeatedExecutions:
      return visit(set.repeated_executions);
    case Limit::kOrderTypes:
      return visit(set.order_types);
    case Limit::kTimesInForce:
      return visit(set.times_in_force);
    case Limit::kMaxDailyQuantity:
      return visit(set.max_daily_quantity);
    case Limit::kMaxTenorDays:
      return visit(set.max_tenor_days);
    case Limit::kMaxCredit:
      return visit(set.max_credit);
    case Limit::kMaxDrawdown:
      return visit(set.max_drawdown);
    case Limit::kMaxSpreadPercent:
      return visit(set.max_spread_percent);
    case Limit::kPassiveBandPercent:
      return visit(set.passive_band_percent);
  }
  PORTCULLIS_CHECK(false, "a Limit outside its enumeration");
}

Error expected(const LimitInfo& info, std::string_view text, std::string_view what) {
  std::string message(info.name);
  message.append(" is '").append(text.substr(0, 64)).append("', expected ").append(what);
  return Error{std::move(message)};
}

// A decimal of at least zero. `T::parse` refuses what the scale cannot hold exactly.
template <typename T>
Result<LimitValue> parse_decimal(const LimitInfo& info, std::string_view text) {
  const auto value = T::parse(text);
  if (!value || value->is_negative()) {
    return expected(info, text,
                    "a decimal number of at least 0 with at most " + std::to_string(T::kScale) + " decimals (" +
                        std::string(info.unit) + ")");
  }
  return LimitValue(*value);
}

std::optional<std::int64_t> parse_count(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

// "COUNT/SECONDSs", as to_text writes it.
Result<LimitValue> parse_duplicate_orders(const LimitInfo& info, std::string_view text) {
  constexpr std::string_view kExpected = "COUNT/SECONDSs such as 5/1s, COUNT 1 to 1000000, SECONDS 1 to 3600";
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || text.back() != 's') return expected(info, text, kExpected);
  const auto count = parse_count(text.substr(0, slash));
  const auto seconds = parse_count(text.substr(slash + 1, text.size() - slash - 2));
  if (!count || *count < 1 || *count > 1'000'000 || !seconds || *seconds < 1 || *seconds > kMaxDuplicateWindowSeconds) {
    return expected(info, text, kExpected);
  }
  return LimitValue(DuplicateOrders{static_cast<std::uint32_t>(*count), Duration::seconds(*seconds)});
}

template <typename Enum, std::size_t N>
Result<LimitValue> parse_set(const LimitInfo& info, std::string_view text,
                             const std::array<std::string_view, N>& names) {
  EnumSet<Enum> set;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view word = text.substr(0, comma);
    std::size_t index = 0;
    while (index < N && names[index] != word) ++index;
    if (index == N) {
      std::string list;
      for (const std::string_view name : names) list.append(list.empty() ? "" : ", ").append(name);
      return expected(info, word, "names out of " + list);
    }
    set.insert(static_cast<Enum>(index));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return LimitValue(set);
}

template <typename Enum, std::size_t N>
std::string set_text(EnumSet<Enum> set, const std::array<std::string_view, N>& names) {
  std::string text;
  for (std::size_t i = 0; i < N; ++i) {
    if (set.contains(static_cast<Enum>(i))) text.append(text.empty() ? "" : ",").append(names[i]);
  }
  return text;
}

struct TextOf {
  template <int Scale, typename Tag>
  std::string operator()(Decimal<Scale, Tag> value) const {
    return value.to_string();
  }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(const DuplicateOrders& value) const {
    return std::to_string(value.count) + "/" + std::to_string(value.window.ns() / 1'000'000'000) + "s";
  }
  std::string operator()(OrderTypes value) const { return set_text(value, kOrderTypeNames); }
  std::string operator()(TimesInForce value) const { return set_text(value, kTimeInForceNames); }
};

}  // namespace

std::string_view to_text(OrderType type) {
  return kOrderTypeNames[static_cast<std::size_t>(type)];
}
std::string_view to_text(TimeInForce time_in_force) {
  return kTimeInForceNames[static_cast<std::size_t>(time_in_force)];
}
std::string_view to_text(LimitScope scope) {
  return kScopeNames[static_cast<std::size_t>(scope)];
}

std::span<const LimitInfo> limits_table() {
  return kTable;
}

const LimitInfo& limit_info(Limit limit) {
  return kTable[static_cast<std::size_t>(limit)];
}

std::optional<Limit> find_limit(std::string_view name) {
  for (const LimitInfo& info : kTable) {
    if (info.name == name) return info.limit;
  }
  return std::nullopt;
}

std::optional<LimitValue> get_limit(const LimitSet& set, Limit limit) {
  return with_member(set, limit, [](const auto& member) -> std::optional<LimitValue> {
    if (!member) return std::nullopt;
    return LimitValue(*member);
  });
}

void set_limit(LimitSet& set, Limit limit, const std::optional<LimitValue>& value) {
  with_member(set, limit, [&value](auto& member) {
    if (!value) {
      member.reset();
      return;
    }
    using T = typename std::decay_t<decltype(member)>::value_type;
    const T* typed = std::get_if<T>(&*value);
    PORTCULLIS_CHECK(typed != nullptr, "a limit set to a value of another kind");
    member = *typed;
  });
}

bool is_within(Limit limit, const LimitValue& value, const LimitValue& cap) {
  switch (limit_info(limit).kind) {
    case LimitKind::kDuplicateOrders: {
      const auto& [count, window] = std::get<DuplicateOrders>(value);
      const auto& [most, least] = std::get<DuplicateOrders>(cap);
      return count <= most && window >= least;
    }
    case LimitKind::kOrderTypes:
      return std::get<OrderTypes>(value).intersection(std::get<OrderTypes>(cap)) == std::get<OrderTypes>(value);
    case LimitKind::kTimesInForce:
      return std::get<TimesInForce>(value).intersection(std::get<TimesInForce>(cap)) == std::get<TimesInForce>(value);
    case LimitKind::kQuantity:
      return std::get<Quantity>(value) <= std::get<Quantity>(cap);
    case LimitKind::kAmount:
      return std::get<Amount>(value) <= std::get<Amount>(cap);
    case LimitKind::kPercent:
      return std::get<Percent>(value) <= std::get<Percent>(cap);
    case LimitKind::kCount:
      return std::get<std::int64_t>(value) <= std::get<std::int64_t>(cap);
  }
  PORTCULLIS_CHECK(false, "a LimitKind outside its enumeration");
}

std::string to_text(const LimitValue& value) {
  return std::visit(TextOf{}, value);
}

Result<LimitValue> parse_limit(Limit limit, std::string_view text) {
  const LimitInfo& info = limit_info(limit);
  switch (info.kind) {
    case LimitKind::kQuantity:
      return parse_decimal<Quantity>(info, text);
    case LimitKind::kAmount:
      return parse_decimal<Amount>(info, text);
    case LimitKind::kPercent: {
      Result<LimitValue> value = parse_decimal<Percent>(info, text);
      if (value.ok() && std::get<Percent>(*value) > Percent::of(100)) {
        return expected(info, text, "a percentage from 0 to 100");
      }
      return value;
    }
    case LimitKind::kCount: {
      const auto count = parse_count(text);
      if (!count) return expected(info, text, "a whole number of at least 0 (" + std::string(info.unit) + ")");
      return LimitValue(*count);
    }
    case LimitKind::kDuplicateOrders:
      return parse_duplicate_orders(info, text);
    case LimitKind::kOrderTypes:
      return parse_set<OrderType>(info, text, kOrderTypeNames);
    case LimitKind::kTimesInForce:
      return parse_set<TimeInForce>(info, text, kTimeInForceNames);
  }
  PORTCULLIS_CHECK(false, "a LimitKind outside its enumeration");
}

}  // namespace portcullis::config
