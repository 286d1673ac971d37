#include "app/loosened.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace portcullis::app {
namespace {

using config::Config;
using config::Response;

std::string seconds(Duration time) {
  return time.ns() == 0 ? std::string("never") : std::to_string(time.ms()) + " ms";
}

// The first route that matches, as a set of brokers. Empty names stand for those that no route speaks of.
const config::Route* route_of(const std::vector<config::Route>& routes, const std::string& symbol,
                              const std::string& client, const std::string& account) {
  const auto matches = [](const std::vector<std::string>& list, const std::string& name) {
    return list.empty() || std::find(list.begin(), list.end(), name) != list.end();
  };
  for (const config::Route& route : routes) {
    if (matches(route.symbols, symbol) && matches(route.clients, client) && matches(route.accounts, account))
      return &route;
  }
  return nullptr;
}

class Comparison {
 public:
  Comparison(const Config& running, const Config& next) : running_(running), next_(next) {}

  std::vector<std::string> run() {
    for (const config::Client& client : running_.clients) {
      if (const config::Client* after = next_.find_client(client.id)) of_client(client, *after);
    }
    for (const config::Broker& broker : running_.brokers) {
      if (const config::Broker* after = next_.find_broker(broker.id)) of_broker(broker, *after);
    }
    for (const config::Instrument& instrument : running_.instruments) {
      if (const config::Instrument* after = next_.find_instrument(instrument.symbol)) of_instrument(instrument, *after);
    }
    of_risk(running_.risk, next_.risk);
    of_breakers(running_.risk.breakers, next_.risk.breakers);
    of_reference(running_.reference, next_.reference);
    of_routes();
    return std::move(found_);
  }

 private:
  void say(const std::string& key, std::string_view after, std::string_view before) {
    found_.push_back(key + ": " + std::string(after) + " instead of " + std::string(before));
  }
  template <typename T>
  void above(const std::string& key, T before, T after) {
    if (after > before) say(key, std::to_string(after), std::to_string(before));
  }
  template <typename T>
  void below(const std::string& key, T before, T after) {
    if (after < before) say(key, after.to_string(), before.to_string());
  }
  // Of enumerations whose values grow more careful.
  template <typename E>
  void weaker(const std::string& key, E before, E after) {
    if (after < before) say(key, config::to_text(after), config::to_text(before));
  }
  // Zero: never.
  void later(const std::string& key, Duration before, Duration after) {
    if (before.ns() != 0 && (after.ns() == 0 || after > before)) say(key, seconds(after), seconds(before));
  }

  void of_client(const config::Client& before, const config::Client& after) {
    const std::string key = "clients." + before.id + ".";
    // Its group's limits hold no more; joining one adds some.
    if (!before.group.empty() && after.group != before.group)
      say(key + "group", after.group.empty() ? "none" : after.group, before.group);
    above(key + "throttle.messages_per_second", before.throttle.messages_per_second, after.throttle.messages_per_second);
    above(key + "throttle.burst", before.throttle.burst, after.throttle.burst);
    later(key + "max_order_age_s", before.max_order_age, after.max_order_age);
    weaker(key + "self_cross", before.self_cross, after.self_cross);
    weaker(key + "cancel_on_disconnect", before.cancel_on_disconnect, after.cancel_on_disconnect);
    of_values(key + "exec_inst", before.exec_inst, after.exec_inst);
    of_values(key + "order_capacity", before.order_capacity, after.order_capacity);
    for (const std::string& account : before.accounts) {
      const config::Client* owner = next_.owner_of(account);
      // Its position would stay with the client that it leaves.
      if (owner != nullptr && owner->id != before.id) say("account " + account, owner->id, before.id);
    }
  }

  // Values of one character each; none given: any.
  void of_values(const std::string& key, const std::optional<std::string>& before,
                 const std::optional<std::string>& after) {
    if (!before) return;
    if (!after) return say(key, "any", "some");
    for (const char value : *after) {
      if (before->find(value) == std::string::npos) say(key, "with " + std::string(1, value), "without it");
    }
  }

  // A2: what a scope may trade of what runs, that it could not trade before.
  void of_permissions(const std::string& key, const std::vector<config::ScopeLimits>& before,
                      const std::vector<config::ScopeLimits>& after) {
    const auto allows = [](const std::optional<std::vector<config::Permission>>& permissions, const std::string& symbol,
                           bool buy) {
      if (!permissions) return true;
      for (const config::Permission& each : *permissions) {
        const bool of_it =
            each.symbols.empty() || std::find(each.symbols.begin(), each.symbols.end(), symbol) != each.symbols.end();
        if (of_it && (buy ? each.buy : each.sell)) return true;
      }
      return false;
    };
    for (const config::ScopeLimits& scope : before) {
      if (!scope.permissions) continue;
      const auto same = std::find_if(after.begin(), after.end(), [&](const auto& each) { return each.id == scope.id; });
      const auto now = same != after.end() ? same->permissions : std::nullopt;
      for (const config::Instrument& instrument : running_.instruments) {
        for (const bool buy : {true, false}) {
          if (allows(scope.permissions, instrument.symbol, buy) || !allows(now, instrument.symbol, buy)) continue;
          found_.push_back(key + scope.id + ".permissions: it may " + (buy ? "buy " : "sell ") + instrument.symbol +
                           ", which it could not before");
          break;
        }
      }
    }
  }

  void of_broker(const config::Broker& before, const config::Broker& after) {
    const std::string key = "brokers." + before.id + ".";
    above(key + "throttle.messages_per_second", before.throttle.messages_per_second, after.throttle.messages_per_second);
    above(key + "throttle.burst", before.throttle.burst, after.throttle.burst);
    // What its silence proves.
    if (after.status_is_authoritative && !before.status_is_authoritative) say(key + "status_is_authoritative", "true", "false");
    if (after.reconcile > before.reconcile)
      say(key + "reconcile", config::to_text(after.reconcile), config::to_text(before.reconcile));
  }

  void of_instrument(const config::Instrument& before, const config::Instrument& after) {
    const std::string key = "instruments." + before.symbol + ".";
    if (after.type != before.type) say(key + "type", config::to_text(after.type), config::to_text(before.type));
    // Its positions would be worth something else.
    if (after.multiplier != before.multiplier)
      say(key + "multiplier", std::to_string(after.multiplier), std::to_string(before.multiplier));
    using config::CollarWithoutData;
    const auto care = [](CollarWithoutData way) {
      return way == CollarWithoutData::kReject ? 2 : way == CollarWithoutData::kStatic ? 1 : 0;
    };
    if (care(after.collar_without_data) < care(before.collar_without_data)) {
      say(key + "collar_without_data", config::to_text(after.collar_without_data),
          config::to_text(before.collar_without_data));
    }
    if (after.static_collar > before.static_collar)
      say(key + "static_collar_percent", after.static_collar.to_string(), before.static_collar.to_string());
    if (after.broken_dates && !before.broken_dates) say(key + "broken_dates", "true", "false");
    below(key + "quantity_min", before.quantity_min, after.quantity_min);
  }

  static config::Percent add_on_at(const std::vector<config::TenorAddOn>& steps, std::int32_t days) {
    config::Percent percent;
    for (const config::TenorAddOn& step : steps) {
      if (days > step.days) percent = step.percent;
    }
    return percent;
  }

  void of_risk(const config::RiskSection& before, const config::RiskSection& after) {
    below("risk.price_buffer_percent", before.price_buffer, after.price_buffer);
    weaker("risk.offset", before.offset, after.offset);
    weaker("risk.swap_gross", before.swap_gross, after.swap_gross);
    for (const auto* steps : {&before.tenor_add_on, &after.tenor_add_on}) {
      for (const config::TenorAddOn& step : *steps) {
        below("risk.tenor_add_on of more than " + std::to_string(step.days) + " days",
              add_on_at(before.tenor_add_on, step.days + 1), add_on_at(after.tenor_add_on, step.days + 1));
      }
    }
    for (std::uint8_t i = 0; i < before.soft_levels.count; ++i) {
      const std::uint8_t level = before.soft_levels.percent[i];
      const auto* end = after.soft_levels.percent.data() + after.soft_levels.count;
      if (std::find(after.soft_levels.percent.data(), end, level) == end)
        say("risk.soft_levels_percent", "without " + std::to_string(level), "with it");
    }
    const auto response_at = [](const config::RiskSection& risk, const config::LevelResponse& at) {
      for (const config::LevelResponse& each : risk.responses) {
        if (each.scope == at.scope && each.percent == at.percent) return each.response;
      }
      return Response::kWarn;
    };
    for (const auto* responses : {&before.responses, &after.responses}) {
      for (const config::LevelResponse& each : *responses) {
        weaker("risk.responses." + std::string(config::to_text(each.scope)) + "." + std::to_string(each.percent),
               response_at(before, each), response_at(after, each));
      }
    }
    for (const config::LimitInfo& info : config::limits_table()) {
      const auto cap = config::get_limit(before.absolute, info.limit);
      const auto now = config::get_limit(after.absolute, info.limit);
      if (!cap || (now && config::is_within(info.limit, *now, *cap))) continue;
      say("risk.absolute." + std::string(info.name), now ? config::to_text(*now) : "none", config::to_text(*cap));
    }
    for (const config::Limit limit : before.mandatory) {
      if (std::find(after.mandatory.begin(), after.mandatory.end(), limit) != after.mandatory.end()) continue;
      const std::string name(config::limit_info(limit).name);
      say("risk.mandatory_limits", "without " + name, "with it");
    }
    for (const std::string& symbol : before.restricted) {
      const bool still = std::find(after.restricted.begin(), after.restricted.end(), symbol) != after.restricted.end();
      if (!still && next_.find_instrument(symbol) != nullptr) say("risk.restricted", "without " + symbol, "with it");
    }
    of_permissions("risk.groups.", before.groups, after.groups);
    of_permissions("risk.clients.", before.clients, after.clients);
    of_permissions("risk.accounts.", before.accounts, after.accounts);
    of_permissions("risk.traders.", before.traders, after.traders);
    if (before.soft_levels.order_percent != 0 &&
        (after.soft_levels.order_percent == 0 || after.soft_levels.order_percent > before.soft_levels.order_percent)) {
      say("risk.order_level_percent", std::to_string(after.soft_levels.order_percent),
          std::to_string(before.soft_levels.order_percent));
    }
    // A day that begins without positions has all of their limits anew.
    if (after.roll.positions == config::RollPositions::kFlat && before.roll.positions != after.roll.positions)
      say("risk.roll.positions", "flat", "carry");
    for (const config::Calendar& calendar : before.calendars) {
      const auto same = std::find_if(after.calendars.begin(), after.calendars.end(),
                                     [&](const config::Calendar& each) { return each.currency == calendar.currency; });
      if (same == after.calendars.end()) {
        say("risk.calendars." + calendar.currency, "none", "one");
        continue;
      }
      for (const Date& day : calendar.holidays) {
        if (!std::binary_search(same->holidays.begin(), same->holidays.end(), day))
          say("risk.calendars." + calendar.currency, "without " + day.to_iso(), "with it");
      }
    }
  }

  // Zero: off.
  template <typename T>
  void later_trip(const std::string& key, T before, T after) {
    if (before != T() && (after == T() || after > before)) found_.push_back(key + ": trips later than before, or never");
  }

  void of_breakers(const config::RiskBreakers& before, const config::RiskBreakers& after) {
    const std::string key = "risk.breakers.";
    weaker(key + "daily_loss.response", before.daily_loss.response, after.daily_loss.response);
    weaker(key + "price_drift.response", before.price_drift.response, after.price_drift.response);
    weaker(key + "rejects.response", before.rejects.response, after.rejects.response);
    weaker(key + "broker_rejects.response", before.broker_rejects.response, after.broker_rejects.response);
    weaker(key + "unacked.response", before.unacked.response, after.unacked.response);
    weaker(key + "broker_latency.response", before.broker_latency.response, after.broker_latency.response);
    weaker(key + "fills.response", before.fills.response, after.fills.response);
    weaker(key + "flood.response", before.flood.response, after.flood.response);
    weaker(key + "infrastructure.response", before.infrastructure.response, after.infrastructure.response);
    later_trip(key + "daily_loss.soft_percent", before.daily_loss.soft_percent, after.daily_loss.soft_percent);
    later_trip(key + "price_drift.percent", before.price_drift.percent, after.price_drift.percent);
    later_trip(key + "rejects.percent", before.rejects.percent, after.rejects.percent);
    later_trip(key + "rejects.least", before.rejects.least, after.rejects.least);
    later_trip(key + "broker_rejects.count", before.broker_rejects.count, after.broker_rejects.count);
    later_trip(key + "unacked.count", before.unacked.count, after.unacked.count);
    later_trip(key + "unacked.seconds", before.unacked.age, after.unacked.age);
    later_trip(key + "broker_latency.ms", before.broker_latency.limit, after.broker_latency.limit);
    later_trip(key + "fills.count", before.fills.count, after.fills.count);
    later_trip(key + "flood.percent", before.flood.percent, after.flood.percent);
    later_trip(key + "flood.seconds", before.flood.duration, after.flood.duration);
    later_trip(key + "ratios.cancel_percent", before.ratios.cancel_percent, after.ratios.cancel_percent);
    later_trip(key + "ratios.orders_per_trade", before.ratios.orders_per_trade, after.ratios.orders_per_trade);
    later_trip(key + "infrastructure.journal_lag_ms", before.infrastructure.journal_lag, after.infrastructure.journal_lag);
    later_trip(key + "infrastructure.clock_step_ms", before.infrastructure.clock_step, after.infrastructure.clock_step);
    later_trip(key + "infrastructure.reconciliation_s", before.infrastructure.reconciliation,
               after.infrastructure.reconciliation);
    if (before.infrastructure.dead_rates && !after.infrastructure.dead_rates)
      say(key + "infrastructure.dead_rates", "false", "true");
  }

  void of_reference(const config::ReferenceSection& before, const config::ReferenceSection& after) {
    later("reference.stale_after_s", before.stale_after, after.stale_after);
    // Not stated it is five times the other one, which is compared.
    if (before.dead_after.ns() != 0) later("reference.dead_after_s", before.dead_after, after.dead_after);
    below("reference.stale_haircut_percent", before.stale_haircut, after.stale_haircut);
  }

  // Whether an order of what runs could go to a broker that it could not go to before. Names that no route speaks of are
  // all alike, so one stands for them.
  void of_routes() {
    if (running_.routes == next_.routes) return;
    std::set<std::string> symbols = {""}, clients = {""}, accounts = {""};
    for (const auto* routes : {&running_.routes, &next_.routes}) {
      for (const config::Route& route : *routes) {
        for (const std::string& name : route.symbols) {
          if (running_.find_instrument(name) != nullptr) symbols.insert(name);
        }
        for (const std::string& name : route.clients) {
          if (running_.find_client(name) != nullptr) clients.insert(name);
        }
        for (const std::string& name : route.accounts) {
          if (running_.owner_of(name) != nullptr) accounts.insert(name);
        }
      }
    }
    for (const std::string& symbol : symbols) {
      for (const std::string& client : clients) {
        for (const std::string& account : accounts) {
          if (!account.empty() && !client.empty() && running_.owner_of(account)->id != client) continue;
          const std::string& of = account.empty() || !client.empty() ? client : running_.owner_of(account)->id;
          if (is_wider(symbol, of, account)) return;
        }
      }
    }
  }

  // Says the first one.
  bool is_wider(const std::string& symbol, const std::string& client, const std::string& account) {
    const config::Route* after = route_of(next_.routes, symbol, client, account);
    if (after == nullptr) return false;
    const config::Route* before = route_of(running_.routes, symbol, client, account);
    for (const std::string& broker : after->to) {
      if (running_.find_broker(broker) == nullptr) continue;  // it is new itself
      if (before != nullptr && std::find(before->to.begin(), before->to.end(), broker) != before->to.end()) continue;
      const auto named = [](const std::string& name) { return name.empty() ? std::string("any other") : name; };
      found_.push_back("routes: orders of client " + named(client) + ", account " + named(account) + ", in " +
                       named(symbol) + " could go to " + broker + ", where they could not go before");
      return true;
    }
    return false;
  }

  const Config& running_;
  const Config& next_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> loosened(const Config& running, const Config& next) {
  return Comparison(running, next).run();
}

}  // namespace portcullis::app
