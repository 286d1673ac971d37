// core_part() and core_text(): what decided about orders, without secrets, for the journal.

#include <yaml-cpp/emitter.h>

#include <algorithm>
#include <type_traits>
#include <utility>

#include "base/check.h"
#include "config/loader/breaker_text.h"
#include "config/loader/loader.h"
#include "config/loader/values.h"

namespace portcullis::config {

namespace {

// Texts from the file are always in quotes, so that none can be read as something else.
void text(YAML::Emitter& out, std::string_view value) {
  out << YAML::DoubleQuoted << std::string(value);
}

void pair(YAML::Emitter& out, const char* key, std::string_view value) {
  out << YAML::Key << key << YAML::Value;
  text(out, value);
}

template <typename T>
void number(YAML::Emitter& out, const char* key, T value) {
  out << YAML::Key << key << YAML::Value << std::to_string(value);
}

void flag(YAML::Emitter& out, const char* key, bool value) {
  out << YAML::Key << key << YAML::Value << (value ? "true" : "false");
}

void seconds(YAML::Emitter& out, const char* key, Duration value) {
  number(out, key, value.ns() / 1'000'000'000);
}

void range(YAML::Emitter& out, const char* key, const SecondsRange& value) {
  out << YAML::Key << key << YAML::Value << YAML::Flow << YAML::BeginMap;
  seconds(out, "min", value.min);
  seconds(out, "max", value.max);
  out << YAML::EndMap;
}

void texts(YAML::Emitter& out, const char* key, const std::vector<std::string>& values) {
  out << YAML::Key << key << YAML::Value << YAML::Flow << YAML::BeginSeq;
  for (const std::string& value : values) text(out, value);
  out << YAML::EndSeq;
}

void schedule(YAML::Emitter& out, const std::optional<Schedule>& value) {
  if (!value) return;
  out << YAML::Key << "schedule" << YAML::Value << YAML::BeginMap;
  pair(out, "zone", value->zone);
  pair(out, "open", value->open.to_string());
  pair(out, "close", value->close.to_string());
  if (value->reset) pair(out, "reset", value->reset->to_string());
  out << YAML::EndMap;
}

void characters(YAML::Emitter& out, const char* key, const std::optional<std::string>& values) {
  if (!values) return;
  std::vector<std::string> each;
  for (const char value : *values) each.emplace_back(1, value);
  texts(out, key, each);
}

void client(YAML::Emitter& out, const Client& value) {
  out << YAML::BeginMap;
  pair(out, "id", value.id);
  pair(out, "version", to_text(value.version));
  pair(out, "comp_id", value.comp_id);
  pair(out, "gateway_comp_id", value.gateway_comp_id);
  texts(out, "accounts", value.accounts);
  range(out, "heartbeat_s", value.heartbeat);
  flag(out, "reset_on_logon", value.reset_on_logon);
  pair(out, "cancel_on_disconnect", to_text(value.cancel_on_disconnect));
  seconds(out, "cancel_on_disconnect_grace_s", value.cancel_on_disconnect_grace);
  flag(out, "pending_new", value.pending_new);
  if (!value.enabled) flag(out, "enabled", false);
  seconds(out, "max_order_age_s", value.max_order_age);
  out << YAML::Key << "throttle" << YAML::Value << YAML::Flow << YAML::BeginMap;
  number(out, "messages_per_second", value.throttle.messages_per_second);
  number(out, "burst", value.throttle.burst);
  pair(out, "action", to_text(value.throttle.action));
  out << YAML::EndMap;
  if (!value.group.empty()) pair(out, "group", value.group);
  pair(out, "trader", to_text(value.trader));
  pair(out, "self_cross", to_text(value.self_cross));
  pair(out, "side_basis", to_text(value.side_basis));
  pair(out, "swap_side_leg", to_text(value.swap_side_leg));
  characters(out, "exec_inst", value.exec_inst);
  characters(out, "order_capacity", value.order_capacity);
  schedule(out, value.schedule);
  out << YAML::EndMap;
}

template <typename Key>
void text_map(YAML::Emitter& out, const char* key, const std::vector<std::pair<Key, std::string>>& values) {
  if (values.empty()) return;
  out << YAML::Key << key << YAML::Value << YAML::BeginMap;
  for (const auto& [name, value] : values) {
    out << YAML::Key;
    if constexpr (std::is_integral_v<Key>) {
      out << std::to_string(name);
    } else {
      text(out, name);
    }
    out << YAML::Value;
    text(out, value);
  }
  out << YAML::EndMap;
}

void dialect(YAML::Emitter& out, const BrokerDialect& value) {
  if (value == BrokerDialect{}) return;
  out << YAML::Key << "dialect" << YAML::Value << YAML::BeginMap;
  text_map(out, "symbol", value.symbols);
  text_map(out, "accounts", value.accounts);
  text_map(out, "add", value.add);
  if (!value.drop.empty()) {
    out << YAML::Key << "drop" << YAML::Value << YAML::Flow << YAML::BeginSeq;
    for (const std::uint32_t tag : value.drop) out << std::to_string(tag);
    out << YAML::EndSeq;
  }
  pair(out, "side_basis", to_text(value.side_basis));
  pair(out, "swap_side_leg", to_text(value.swap_side_leg));
  out << YAML::EndMap;
}

void broker(YAML::Emitter& out, const Broker& value) {
  out << YAML::BeginMap;
  pair(out, "id", value.id);
  pair(out, "version", to_text(value.version));
  pair(out, "comp_id", value.comp_id);
  pair(out, "gateway_comp_id", value.gateway_comp_id);
  seconds(out, "heartbeat_s", value.heartbeat);
  range(out, "reconnect_s", value.reconnect);
  seconds(out, "ack_timeout_s", value.ack_timeout);
  out << YAML::Key << "throttle" << YAML::Value << YAML::Flow << YAML::BeginMap;
  number(out, "messages_per_second", value.throttle.messages_per_second);
  number(out, "burst", value.throttle.burst);
  number(out, "reserved_for_cancels_percent", value.throttle.reserved_for_cancels_percent);
  out << YAML::EndMap;
  pair(out, "reconcile", to_text(value.reconcile));
  flag(out, "status_is_authoritative", value.status_is_authoritative);
  flag(out, "mass_cancel", value.mass_cancel);
  flag(out, "reset_on_logon", value.reset_on_logon);
  dialect(out, value.dialect);
  schedule(out, value.schedule);
  out << YAML::EndMap;
}

void route(YAML::Emitter& out, const Route& value) {
  out << YAML::BeginMap << YAML::Key << "match" << YAML::Value << YAML::BeginMap;
  if (!value.symbols.empty()) texts(out, "symbol", value.symbols);
  if (!value.clients.empty()) texts(out, "client", value.clients);
  if (!value.accounts.empty()) texts(out, "account", value.accounts);
  out << YAML::EndMap;
  texts(out, "to", value.to);
  out << YAML::EndMap;
}

void instrument(YAML::Emitter& out, const Instrument& value) {
  out << YAML::BeginMap;
  pair(out, "symbol", value.symbol);
  pair(out, "type", to_text(value.type));
  if (is_fx(value.type)) {
    pair(out, "base", value.base);
  } else {
    number(out, "multiplier", value.multiplier);
  }
  pair(out, "term", value.term);
  pair(out, "price_tick", value.price_tick.to_string());
  pair(out, "quantity_min", value.quantity_min.to_string());
  pair(out, "quantity_step", value.quantity_step.to_string());
  number(out, "spot_days", value.spot_days);
  flag(out, "broken_dates", value.broken_dates);
  pair(out, "collar_without_data", to_text(value.collar_without_data));
  pair(out, "static_collar_percent", value.static_collar.to_string());
  out << YAML::EndMap;
}

void reference(YAML::Emitter& out, const ReferenceSection& value) {
  out << YAML::BeginMap << YAML::Key << "rates" << YAML::Value << YAML::BeginMap;
  for (const ReferenceRate& rate : value.rates) pair(out, rate.currency.c_str(), rate.rate.to_string());
  out << YAML::EndMap << YAML::Key << "quotes" << YAML::Value << YAML::BeginMap;
  for (const ReferenceQuote& quote : value.quotes) {
    out << YAML::Key;
    text(out, quote.symbol);
    out << YAML::Value << YAML::Flow << YAML::BeginMap;
    pair(out, "bid", quote.bid.to_string());
    pair(out, "ask", quote.ask.to_string());
    out << YAML::EndMap;
  }
  out << YAML::EndMap;
  seconds(out, "stale_after_s", value.stale_after);
  seconds(out, "dead_after_s", value.dead_after);
  pair(out, "stale_haircut_percent", value.stale_haircut.to_string());
  out << YAML::EndMap;
}

void permissions(YAML::Emitter& out, const std::vector<Permission>& values) {
  out << YAML::Key << "permissions" << YAML::Value << YAML::BeginSeq;
  for (const Permission& value : values) {
    out << YAML::BeginMap;
    if (!value.symbols.empty()) texts(out, "symbols", value.symbols);
    std::vector<std::string> sides;
    if (value.buy) sides.emplace_back("buy");
    if (value.sell) sides.emplace_back("sell");
    texts(out, "sides", sides);
    out << YAML::EndMap;
  }
  out << YAML::EndSeq;
}

void limits(YAML::Emitter& out, const LimitSet& set,
            const std::vector<std::pair<std::string, LimitSet>>& instruments = {},
            const std::optional<std::vector<Permission>>& permitted = {}) {
  out << YAML::BeginMap;
  if (permitted) permissions(out, *permitted);
  if (!instruments.empty()) {
    out << YAML::Key << "instruments" << YAML::Value << YAML::BeginMap;
    for (const auto& [symbol, in_instrument] : instruments) {
      out << YAML::Key;
      text(out, symbol);
      out << YAML::Value;
      limits(out, in_instrument);
    }
    out << YAML::EndMap;
  }
  for (const LimitInfo& info : limits_table()) {
    const auto value = get_limit(set, info.limit);
    if (!value) continue;
    out << YAML::Key << std::string(info.name) << YAML::Value;
    if (const auto* duplicates = std::get_if<DuplicateOrders>(&*value)) {
      out << YAML::Flow << YAML::BeginMap;
      number(out, "count", duplicates->count);
      seconds(out, "seconds", duplicates->window);
      out << YAML::EndMap;
    } else if (info.kind == LimitKind::kOrderTypes || info.kind == LimitKind::kTimesInForce) {
      // to_text() joins the names with commas, which is also how a list stands between brackets.
      out << YAML::Flow << YAML::BeginSeq;
      const std::string names = to_text(*value);
      for (std::size_t start = 0; start < names.size();) {
        const std::size_t comma = std::min(names.find(',', start), names.size());
        text(out, std::string_view(names).substr(start, comma - start));
        start = comma + 1;
      }
      out << YAML::EndSeq;
    } else {
      text(out, to_text(*value));
    }
  }
  out << YAML::EndMap;
}

void scopes(YAML::Emitter& out, const char* key, const std::vector<ScopeLimits>& values) {
  out << YAML::Key << key << YAML::Value << YAML::BeginMap;
  for (const ScopeLimits& scope : values) {
    out << YAML::Key;
    text(out, scope.id);
    out << YAML::Value;
    limits(out, scope.limits, scope.instruments, scope.permissions);
  }
  out << YAML::EndMap;
}

// Limits of all scopes: those in force, or a shadow's.
void limit_tree(YAML::Emitter& out, const RiskSection& value) {
  out << YAML::Key << "firm" << YAML::Value;
  limits(out, value.firm);
  scopes(out, "clients", value.clients);
  scopes(out, "accounts", value.accounts);
  scopes(out, "brokers", value.brokers);
  scopes(out, "instruments", value.instruments);
  scopes(out, "groups", value.groups);
  scopes(out, "sessions", value.sessions);
  scopes(out, "traders", value.traders);
  scopes(out, "currencies", value.currencies);
}

void operator_of(YAML::Emitter& out, const AdminUser& value) {
  out << YAML::Flow << YAML::BeginMap;
  pair(out, "name", value.name);
  pair(out, "role", to_text(value.role));
  out << YAML::EndMap;
}

void risk(YAML::Emitter& out, const RiskSection& value) {
  out << YAML::BeginMap;
  pair(out, "price_buffer_percent", value.price_buffer.to_string());
  out << YAML::Key << "roll" << YAML::Value << YAML::BeginMap;
  pair(out, "zone", value.roll.zone);
  // The text of a daily schedule time without its first word.
  pair(out, "time", ScheduleTime{std::nullopt, value.roll.second_of_day}.to_string().substr(6));
  pair(out, "positions", to_text(value.roll.positions));
  out << YAML::EndMap;
  if (!value.mandatory.empty()) {
    std::vector<std::string> names;
    for (const Limit limit : value.mandatory) names.emplace_back(limit_info(limit).name);
    texts(out, "mandatory_limits", names);
  }
  if (value.absolute != LimitSet{}) {
    out << YAML::Key << "absolute" << YAML::Value;
    limits(out, value.absolute);
  }
  if (!value.restricted.empty()) texts(out, "restricted", value.restricted);
  pair(out, "offset", to_text(value.offset));
  pair(out, "swap_gross", to_text(value.swap_gross));
  out << YAML::Key << "tenor_add_on" << YAML::Value << YAML::BeginSeq;
  for (const TenorAddOn& step : value.tenor_add_on) {
    out << YAML::Flow << YAML::BeginMap;
    number(out, "days", step.days);
    pair(out, "percent", step.percent.to_string());
    out << YAML::EndMap;
  }
  out << YAML::EndSeq;
  out << YAML::Key << "calendars" << YAML::Value << YAML::BeginMap;
  for (const Calendar& calendar : value.calendars) {
    out << YAML::Key << YAML::DoubleQuoted << calendar.currency << YAML::Value << YAML::Flow << YAML::BeginSeq;
    for (const Date date : calendar.holidays) text(out, date.to_iso());
    out << YAML::EndSeq;
  }
  out << YAML::EndMap;
  emit_risk_responses(out, value);
  limit_tree(out, value);
  for (const RiskSection& shadow : value.shadow) {
    out << YAML::Key << "shadow" << YAML::Value << YAML::BeginMap;
    limit_tree(out, shadow);
    out << YAML::EndMap;
  }
  out << YAML::EndMap;
}

template <typename List, typename Write>
void section(YAML::Emitter& out, const char* key, const List& list, Write write) {
  out << YAML::Key << key << YAML::Value << YAML::BeginSeq;
  for (const auto& item : list) write(out, item);
  out << YAML::EndSeq;
}

}  // namespace

Config core_part(const Config& config) {
  Config core = config;
  core.gateway.data_dir.clear();
  core.gateway.durability = Durability::kDisk;
  core.gateway.journal_ahead_mib.reset();
  core.gateway.io = IoMode::kBlocking;
  core.gateway.core_cpu.reset();
  core.gateway.other_cpus.clear();
  core.acceptor = AcceptorSection{};
  for (Client& value : core.clients) {
    value.allow_from.clear();
    value.certificate_name.reset();
    value.username.reset();
    value.password_hash.reset();
  }
  for (Broker& value : core.brokers) {
    value.connect.clear();
    value.tls.reset();
  }
  core.blotter = BlotterSection{};
  core.admin.listen = Endpoint{};
  core.admin.positions_key.reset();
  for (AdminUser& user : core.admin.users) user.token = Secret{};
  core.alerts = AlertsSection{};
  return core;
}

std::string core_text(const Config& config) {
  YAML::Emitter out;
  out << YAML::BeginMap << YAML::Key << "gateway" << YAML::Value << YAML::BeginMap;
  pair(out, "id", config.gateway.id);
  pair(out, "currency", config.gateway.currency);
  number(out, "keep_orders_days", config.gateway.keep_orders_days);
  out << YAML::EndMap;
  section(out, "clients", config.clients, client);
  section(out, "brokers", config.brokers, broker);
  section(out, "routes", config.routes, route);
  section(out, "instruments", config.instruments, instrument);
  out << YAML::Key << "reference" << YAML::Value;
  reference(out, config.reference);
  out << YAML::Key << "risk" << YAML::Value;
  risk(out, config.risk);
  out << YAML::Key << "emergency" << YAML::Value << YAML::BeginMap;
  seconds(out, "retry_s", config.emergency.retry);
  seconds(out, "escalate_s", config.emergency.escalate);
  if (!config.emergency.contact.empty()) pair(out, "contact", config.emergency.contact);
  out << YAML::EndMap;
  if (!config.admin.users.empty()) section(out, "operators", config.admin.users, operator_of);
  out << YAML::EndMap;
  PORTCULLIS_CHECK(out.good(), "core_text wrote YAML out of order");
  return std::string(out.c_str(), out.size()) + "\n";
}

}  // namespace portcullis::config
