// instruments, reference and risk: what decides about an order.

#include <algorithm>

#include "config/loader/sections.h"

namespace portcullis::config {

namespace {

void read_instrument(const Value& value, Instrument& out) {
  constexpr InstrumentType kTypes[] = {InstrumentType::kFxSpot, InstrumentType::kFxForward, InstrumentType::kFxNdf,
                                       InstrumentType::kFxSwap, InstrumentType::kFuture,    InstrumentType::kStock};
  MapReader map(value);
  map.required("symbol", [&](const Value& v) { v.symbol(out.symbol); });
  map.required("type", [&](const Value& v) { v.choice(out.type, kTypes); });
  if (is_fx(out.type)) {
    map.required("base", [&](const Value& v) { v.currency(out.base); });
  } else {
    map.optional("multiplier", [&](const Value& v) { v.integer(out.multiplier, 1, 1'000'000); });
  }
  map.required("term", [&](const Value& v) {
    v.currency(out.term);
    if (!out.term.empty() && out.term == out.base) v.fault("base and term are the same currency", "two currencies");
  });
  map.required("price_tick", [&](const Value& v) { v.decimal(out.price_tick, Value::Sign::kPositive, "price"); });
  map.required("quantity_min",
               [&](const Value& v) { v.decimal(out.quantity_min, Value::Sign::kPositive, "base units"); });
  map.optional("quantity_step",
               [&](const Value& v) { v.decimal(out.quantity_step, Value::Sign::kPositive, "base units"); });
  map.optional("spot_days", [&](const Value& v) { v.integer(out.spot_days, 0, 5); });
  map.optional("broken_dates", [&](const Value& v) { v.boolean(out.broken_dates); });
  map.optional("collar_without_data", [&](const Value& v) {
    constexpr CollarWithoutData kWays[] = {CollarWithoutData::kReject, CollarWithoutData::kStatic,
                                           CollarWithoutData::kAllow};
    v.choice(out.collar_without_data, kWays);
  });
  map.optional("static_collar_percent", [&](const Value& v) {
    v.decimal(out.static_collar, Value::Sign::kPositive, "percent");
    if (out.static_collar > Percent::of(100)) v.wrong("a percentage from 0 to 100");
  });
  map.finish();
  if (out.quantity_min.raw() % out.quantity_step.raw() != 0) {
    value.fault("quantity_min is no multiple of quantity_step", "a quantity_min that an order may have");
  }
}

void read_quote(const Value& value, ReferenceQuote& out) {
  MapReader map(value);
  map.required("bid", [&](const Value& v) { v.decimal(out.bid, Value::Sign::kPositive, "price"); });
  map.required("ask", [&](const Value& v) { v.decimal(out.ask, Value::Sign::kPositive, "price"); });
  map.finish();
  if (!out.ask.is_zero() && out.bid > out.ask) {
    value.fault("the bid of " + shown(out.symbol) + " is above its ask", "bid at most ask");
  }
}

void read_calendar(const Value& value, Calendar& out) {
  const char* const expected = "a date such as 2026-12-25";
  value.list(0, kMaxHolidays, [&](const Value& item) {
    const std::string* text = item.scalar(expected);
    if (text == nullptr) return;
    const auto date = Date::parse_iso(*text);
    if (!date) return item.wrong(expected);
    if (std::find(out.holidays.begin(), out.holidays.end(), *date) != out.holidays.end()) {
      return item.fault("the holiday " + *text + " a second time", "each date once");
    }
    out.holidays.push_back(*date);
  });
  std::sort(out.holidays.begin(), out.holidays.end());
}

void read_tenor_add_on(const Value& value, std::vector<TenorAddOn>& out) {
  value.list(0, 64, [&](const Value& item) {
    TenorAddOn& step = out.emplace_back();
    MapReader map(item);
    map.required("days", [&](const Value& v) { v.integer(step.days, 0, 36'500); });
    map.required("percent", [&](const Value& v) {
      v.decimal(step.percent, Value::Sign::kNotNegative, "percent");
      if (step.percent > Percent::of(1000)) v.wrong("a percentage from 0 to 1000");
    });
    map.finish();
    if (out.size() > 1 && step.days <= out[out.size() - 2].days) {
      item.fault("the days of tenor_add_on do not ascend", "each step later than the one before");
    }
  });
}

void read_roll(const Value& value, Roll& out) {
  MapReader map(value);
  map.required("zone", [&](const Value& v) { v.time_zone(out.zone); });
  map.required("time", [&](const Value& v) {
    const char* const expected = "a time of day such as \"17:00\"";
    const std::string* text = v.scalar(expected);
    if (text == nullptr) return;
    const auto time = parse_time_of_day(*text);
    if (!time) return v.wrong(expected);
    out.second_of_day = *time;
  });
  map.optional("positions", [&](const Value& v) {
    constexpr RollPositions kWays[] = {RollPositions::kCarry, RollPositions::kFlat};
    v.choice(out.positions, kWays);
  });
  map.finish();
}

void read_symbols(const Value& value, std::vector<std::string>& out) {
  value.list(0, kMaxInstruments, [&](const Value& item) {
    std::string symbol;
    item.symbol(symbol);
    if (!symbol.empty() && std::find(out.begin(), out.end(), symbol) != out.end()) {
      item.fault("the symbol " + shown(symbol) + " a second time", "each symbol once");
    }
    out.push_back(std::move(symbol));
  });
}

// A2. A list that is empty permits nothing.
void read_permissions(const Value& value, std::optional<std::vector<Permission>>& out) {
  std::vector<Permission> read;
  value.list(0, kMaxInstruments, [&](const Value& item) {
    Permission& permission = read.emplace_back();
    MapReader map(item);
    map.optional("symbols", [&](const Value& v) {
      read_symbols(v, permission.symbols);
      if (permission.symbols.empty())
        v.fault("symbols is empty", "at least one, or no symbols at all for every instrument");
    });
    map.optional("sides", [&](const Value& v) {
      permission.buy = permission.sell = false;
      v.list(1, 2, [&](const Value& side) {
        const char* const expected = "buy or sell";
        const std::string* text = side.scalar(expected);
        if (text == nullptr) return;
        if (*text != "buy" && *text != "sell") return side.wrong(expected);
        (*text == "buy" ? permission.buy : permission.sell) = true;
      });
    });
    map.finish();
  });
  if (value.node().kind == YamlNode::Kind::kSequence) out = std::move(read);
}

constexpr bool has_permissions(LimitScope scope) {
  return scope == LimitScope::kGroup || scope == LimitScope::kClient || scope == LimitScope::kAccount ||
         scope == LimitScope::kTrader;
}

bool is_of_clients(const LimitInfo& info) {
  return info.scopes.contains(LimitScope::kClient) || info.scopes.contains(LimitScope::kAccount);
}

// The texts that parse_limit reads, one a kind of value.
void read_single_limit(const Value& value, Limit limit, const std::string& text, LimitSet& out) {
  const auto parsed = parse_limit(limit, text);
  if (!parsed.ok()) {
    const std::string& what = parsed.error().what;
    const std::size_t split = what.find(", expected ");
    return value.fault(what.substr(0, split), what.substr(split + 11));
  }
  set_limit(out, limit, *parsed);
}

void read_duplicate_orders(const Value& value, LimitSet& out) {
  std::int64_t count = 0;
  std::int64_t seconds = 0;
  MapReader map(value);
  map.required("count", [&](const Value& v) { v.integer(count, 1, 1'000'000); });
  map.required("seconds", [&](const Value& v) { v.integer(seconds, 1, 3600); });
  map.finish();
  if (count == 0 || seconds == 0) return;
  out.duplicate_orders = DuplicateOrders{static_cast<std::uint32_t>(count), Duration::seconds(seconds)};
}

void read_set_limit(const Value& value, Limit limit, LimitSet& out) {
  std::string text;
  bool good = true;
  value.list(0, 16, [&](const Value& item) {
    const std::string* word = item.scalar("a name");
    LimitSet ignored;
    const std::size_t before = item.context().faults.size();
    if (word != nullptr) read_single_limit(item, limit, word->empty() ? "''" : *word, ignored);
    if (word == nullptr || item.context().faults.size() != before) {
      good = false;
      return;
    }
    text.append(text.empty() ? "" : ",").append(*word);
  });
  if (good && value.node().kind == YamlNode::Kind::kSequence) read_single_limit(value, limit, text, out);
}

// Limits of single orders, and of one instrument at a time: what a scope may state for one instrument.
bool is_of_one_instrument(Limit limit) {
  switch (limit) {
    case Limit::kMaxOrderQuantity:
    case Limit::kMaxOrderNotional:
    case Limit::kPriceCollarPercent:
    case Limit::kPassiveBandPercent:
    case Limit::kMaxLongPosition:
    case Limit::kMaxShortPosition:
    case Limit::kMaxDailyQuantity:
    case Limit::kMaxTenorDays:
      return true;
    default:
      return false;
  }
}

void read_limits_in_instruments(const Value& value, LimitScope scope, ScopeLimits& out);

// A shadow states what it wants to differ, at the firm too.
enum class Stated : std::uint8_t { kAll, kSome };

// With `whole`, the scope may state limits of single instruments too.
void read_limits(const Value& value, LimitScope scope, LimitSet& out, ScopeLimits* whole = nullptr,
                 Stated stated = Stated::kAll) {
  MapReader map(value);
  if (whole != nullptr && scope != LimitScope::kInstrument && scope != LimitScope::kCurrency) {
    map.optional("instruments", [&](const Value& v) { read_limits_in_instruments(v, scope, *whole); });
  }
  if (whole != nullptr && has_permissions(scope) && stated == Stated::kAll) {
    map.optional("permissions", [&](const Value& v) { read_permissions(v, whole->permissions); });
  }
  for (const LimitInfo& info : limits_table()) {
    const std::string name(info.name);
    if (!info.scopes.contains(scope)) {
      if (map.has(name)) {
        Value(value.context(), *value.node().find(name), name)
            .fault("the limit " + name + " cannot be set for one " + std::string(to_text(scope)),
                   "it at a scope where it has a meaning, such as firm");
      }
      continue;
    }
    map.optional(name, [&](const Value& v) {
      switch (info.kind) {
        case LimitKind::kDuplicateOrders:
          return read_duplicate_orders(v, out);
        case LimitKind::kOrderTypes:
        case LimitKind::kTimesInForce:
          return read_set_limit(v, info.limit, out);
        default:
          if (const std::string* text = v.scalar("a number (" + std::string(info.unit) + ")")) {
            read_single_limit(v, info.limit, *text, out);
          }
      }
    });
    // A fault was reported above where the key is there and its value is not to be used.
    if (stated == Stated::kAll && scope == LimitScope::kFirm && map.is_map() && !map.has(name) && !info.optional) {
      value.fault("the firm has no limit '" + name + "'", "a value: there is no scope above to inherit it from");
    }
    if (scope == LimitScope::kFirm && !info.enforced && map.is_map() && map.has(name)) {
      Value(value.context(), *value.node().find(name), name)
          .warn("the limit " + name + " is read and validated, but this release does not enforce it", "");
    }
  }
  map.finish();
}

void read_limits_in_instruments(const Value& value, LimitScope scope, ScopeLimits& out) {
  value.entries(kMaxInstruments, [&](const Value& key, const Value& entry) {
    auto& [symbol, limits] = out.instruments.emplace_back();
    key.symbol(symbol);
    read_limits(entry, LimitScope::kInstrument, limits);
    for (const LimitInfo& info : limits_table()) {
      if (is_of_one_instrument(info.limit) || !get_limit(limits, info.limit)) continue;
      entry.fault(
          "the limit " + std::string(info.name) + " of one " + std::string(to_text(scope)) + " in one instrument",
          "it for the " + std::string(to_text(scope)) + " as a whole");
    }
  });
  std::sort(out.instruments.begin(), out.instruments.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
}

// Names of limits that a client can have of its own.
void read_mandatory(const Value& value, std::vector<Limit>& out) {
  value.list(0, kLimitCount, [&](const Value& item) {
    const char* const expected = "the name of a limit that a client may state, such as max_order_quantity";
    const std::string* text = item.scalar(expected);
    if (text == nullptr) return;
    const std::optional<Limit> limit = find_limit(*text);
    if (!limit || !is_of_clients(limit_info(*limit))) return item.wrong(expected);
    if (std::find(out.begin(), out.end(), *limit) != out.end()) {
      return item.fault("the limit " + *text + " a second time", "each limit once");
    }
    out.push_back(*limit);
  });
}

void read_scopes(const Value& value, LimitScope scope, std::vector<ScopeLimits>& out, Stated stated = Stated::kAll) {
  value.entries(kMaxInstruments, [&](const Value& key, const Value& entry) {
    ScopeLimits limits;
    if (scope == LimitScope::kCurrency) {
      key.currency(limits.id);
    } else {
      key.fix_text(limits.id, kMaxSymbolLength);
    }
    read_limits(entry, scope, limits.limits, &limits, stated);
    out.push_back(std::move(limits));
  });
  std::sort(out.begin(), out.end(), [](const ScopeLimits& a, const ScopeLimits& b) { return a.id < b.id; });
}

}  // namespace

void read_instruments(const Value& value, std::vector<Instrument>& out) {
  value.list(1, kMaxInstruments, [&](const Value& item) { read_instrument(item, out.emplace_back()); });
}

void read_reference(const Value& value, ReferenceSection& out) {
  MapReader map(value);
  map.optional("rates", [&](const Value& v) {
    v.entries(kMaxInstruments, [&](const Value& key, const Value& entry) {
      ReferenceRate rate;
      key.currency(rate.currency);
      entry.decimal(rate.rate, Value::Sign::kPositive, "risk currency for one unit");
      out.rates.push_back(std::move(rate));
    });
    std::sort(out.rates.begin(), out.rates.end(), [](const auto& a, const auto& b) { return a.currency < b.currency; });
  });
  map.optional("quotes", [&](const Value& v) {
    v.entries(kMaxInstruments, [&](const Value& key, const Value& entry) {
      ReferenceQuote quote;
      key.symbol(quote.symbol);
      read_quote(entry, quote);
      out.quotes.push_back(std::move(quote));
    });
    std::sort(out.quotes.begin(), out.quotes.end(), [](const auto& a, const auto& b) { return a.symbol < b.symbol; });
  });
  map.optional("stale_after_s", [&](const Value& v) { v.seconds(out.stale_after, 0, 86'400); });
  map.optional("dead_after_s", [&](const Value& v) { v.seconds(out.dead_after, 0, 86'400 * 7); });
  map.optional("stale_haircut_percent", [&](const Value& v) {
    v.decimal(out.stale_haircut, Value::Sign::kNotNegative, "percent");
    if (out.stale_haircut > Percent::of(100)) v.wrong("a percentage from 0 to 100");
  });
  map.finish();
  if (out.dead_after.ns() != 0 && out.dead_after < out.stale_after) {
    value.fault("dead_after_s is below stale_after_s", "dead_after_s at least stale_after_s, or 0 for five times that");
  }
}

void read_risk(const Value& value, RiskSection& out) {
  MapReader map(value);
  map.optional("price_buffer_percent", [&](const Value& v) {
    v.decimal(out.price_buffer, Value::Sign::kNotNegative, "percent");
    if (out.price_buffer > Percent::of(50)) v.wrong("a percentage from 0 to 50");
  });
  map.optional("offset", [&](const Value& v) {
    constexpr PositionOffset kOffsets[] = {PositionOffset::kFull, PositionOffset::kNone};
    v.choice(out.offset, kOffsets);
  });
  map.optional("swap_gross", [&](const Value& v) {
    constexpr SwapGross kLegs[] = {SwapGross::kFar, SwapGross::kBoth};
    v.choice(out.swap_gross, kLegs);
  });
  map.optional("tenor_add_on", [&](const Value& v) { read_tenor_add_on(v, out.tenor_add_on); });
  map.optional("roll", [&](const Value& v) { read_roll(v, out.roll); });
  map.optional("calendars", [&](const Value& v) {
    v.entries(kMaxInstruments, [&](const Value& key, const Value& entry) {
      Calendar calendar;
      key.currency(calendar.currency);
      read_calendar(entry, calendar);
      out.calendars.push_back(std::move(calendar));
    });
    std::sort(out.calendars.begin(), out.calendars.end(),
              [](const Calendar& a, const Calendar& b) { return a.currency < b.currency; });
  });
  map.optional("mandatory_limits", [&](const Value& v) { read_mandatory(v, out.mandatory); });
  map.optional("absolute",
               [&](const Value& v) { read_limits(v, LimitScope::kFirm, out.absolute, nullptr, Stated::kSome); });
  map.optional("restricted", [&](const Value& v) { read_symbols(v, out.restricted); });
  read_risk_responses(map, out);
  map.required("firm", [&](const Value& v) { read_limits(v, LimitScope::kFirm, out.firm); });
  map.optional("clients", [&](const Value& v) { read_scopes(v, LimitScope::kClient, out.clients); });
  map.optional("accounts", [&](const Value& v) { read_scopes(v, LimitScope::kAccount, out.accounts); });
  map.optional("brokers", [&](const Value& v) { read_scopes(v, LimitScope::kBroker, out.brokers); });
  map.optional("instruments", [&](const Value& v) { read_scopes(v, LimitScope::kInstrument, out.instruments); });
  map.optional("groups", [&](const Value& v) { read_scopes(v, LimitScope::kGroup, out.groups); });
  map.optional("sessions", [&](const Value& v) { read_scopes(v, LimitScope::kSession, out.sessions); });
  map.optional("traders", [&](const Value& v) { read_scopes(v, LimitScope::kTrader, out.traders); });
  map.optional("currencies", [&](const Value& v) { read_scopes(v, LimitScope::kCurrency, out.currencies); });
  map.optional("shadow", [&](const Value& v) { read_shadow(v, out.shadow.emplace_back()); });
  map.finish();
}

void read_shadow(const Value& value, RiskSection& out) {
  MapReader map(value);
  map.optional("firm", [&](const Value& v) { read_limits(v, LimitScope::kFirm, out.firm, nullptr, Stated::kSome); });
  map.optional("clients", [&](const Value& v) { read_scopes(v, LimitScope::kClient, out.clients, Stated::kSome); });
  map.optional("accounts", [&](const Value& v) { read_scopes(v, LimitScope::kAccount, out.accounts, Stated::kSome); });
  map.optional("brokers", [&](const Value& v) { read_scopes(v, LimitScope::kBroker, out.brokers, Stated::kSome); });
  map.optional("instruments",
               [&](const Value& v) { read_scopes(v, LimitScope::kInstrument, out.instruments, Stated::kSome); });
  map.optional("groups", [&](const Value& v) { read_scopes(v, LimitScope::kGroup, out.groups, Stated::kSome); });
  map.optional("sessions", [&](const Value& v) { read_scopes(v, LimitScope::kSession, out.sessions, Stated::kSome); });
  map.optional("traders", [&](const Value& v) { read_scopes(v, LimitScope::kTrader, out.traders, Stated::kSome); });
  map.optional("currencies",
               [&](const Value& v) { read_scopes(v, LimitScope::kCurrency, out.currencies, Stated::kSome); });
  map.finish();
}

}  // namespace portcullis::config
