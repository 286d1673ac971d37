#include "app/configuration_change.h"

#include <algorithm>

namespace portcullis::app {
namespace {

// The messages themselves change, or the numbers. Who may log on (addresses, password, certificate, HeartBtInt) is
// asked at the next Logon; limits, accounts, throttles and policies are the core's and hold at once.
bool must_restart(const config::Client& a, const config::Client& b) {
  return a.version != b.version || a.comp_id != b.comp_id || a.gateway_comp_id != b.gateway_comp_id ||
         a.reset_on_logon != b.reset_on_logon;
}

bool must_restart(const config::Broker& a, const config::Broker& b) {
  return a.version != b.version || a.comp_id != b.comp_id || a.gateway_comp_id != b.gateway_comp_id ||
         a.reset_on_logon != b.reset_on_logon || a.heartbeat != b.heartbeat || a.connect != b.connect || a.tls != b.tls;
}

template <typename T>
const T* find(const std::vector<T>& all, std::string_view id) {
  const auto found = std::find_if(all.begin(), all.end(), [id](const T& one) { return one.id == id; });
  return found == all.end() ? nullptr : &*found;
}

template <typename T, typename Kept>
void compare_sessions(const std::vector<T>& running, const std::vector<T>& next, ConfigurationChange& change, Kept&& kept) {
  for (const T& one : running) {
    if (find(next, one.id) == nullptr) change.removed.push_back(one.id);
  }
  for (const T& one : next) {
    const T* const before = find(running, one.id);
    if (before == nullptr) {
      change.added.push_back(one.id);
    } else if (must_restart(*before, one)) {
      change.restarted.push_back(one.id);
    } else {
      kept(*before, one);
    }
  }
}

}  // namespace

ConfigurationChange compare(const config::Config& running, const config::Config& next) {
  ConfigurationChange change;
  const auto fixed = [&change](const char* key, bool same) {
    if (!same) change.fixed_keys.emplace_back(key);
  };
  fixed("gateway.id", running.gateway.id == next.gateway.id);
  fixed("gateway.data_dir", running.gateway.data_dir == next.gateway.data_dir);
  fixed("gateway.durability", running.gateway.durability == next.gateway.durability);
  fixed("gateway.journal_ahead_mib", running.gateway.journal_ahead_mib == next.gateway.journal_ahead_mib);
  fixed("gateway.io", running.gateway.io == next.gateway.io);
  fixed("gateway.core_cpu", running.gateway.core_cpu == next.gateway.core_cpu);
  fixed("gateway.other_cpus", running.gateway.other_cpus == next.gateway.other_cpus);
  fixed("gateway.keep_orders_days", running.gateway.keep_orders_days == next.gateway.keep_orders_days);
  fixed("gateway.currency", running.gateway.currency == next.gateway.currency);
  fixed("acceptor.listen", running.acceptor.listen == next.acceptor.listen);
  fixed("acceptor.tls", running.acceptor.tls == next.acceptor.tls);
  fixed("blotter.url", running.blotter == next.blotter);
  fixed("admin.listen", running.admin.listen == next.admin.listen);
  fixed("alerts", running.alerts == next.alerts);
  compare_sessions(running.clients, next.clients, change, [](const config::Client&, const config::Client&) {});
  compare_sessions(running.brokers, next.brokers, change, [&change](const config::Broker& before, const config::Broker& after) {
    if (before.reconnect != after.reconnect) change.reconnected.push_back(after.id);
  });
  return change;
}

}  // namespace portcullis::app
