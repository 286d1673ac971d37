// What limits owe to other parts of the file.

#include <algorithm>
#include <utility>

#include "config/loader/cross_checks.h"

namespace portcullis::config {

namespace {

const ScopeLimits* find(const std::vector<ScopeLimits>& all, const std::string& id) {
  const auto found = std::find_if(all.begin(), all.end(), [&id](const ScopeLimits& each) { return each.id == id; });
  return found == all.end() ? nullptr : &*found;
}

class LimitChecker {
 public:
  LimitChecker(Context& context, const YamlNode& root, const Config& config)
      : context_(context), root_(root), config_(config), risk_(config.risk) {}

  void run() {
    check_mandatory();
    check_absolute();
  }

 private:
  void tell(std::vector<Fault>& to, const Path& path, std::string what, std::string expected) {
    const YamlNode& node = place(root_, path);
    to.push_back(Fault{node.line, node.column, std::move(what), std::move(expected)});
  }

  static bool states(const std::vector<ScopeLimits>& all, const std::string& id, Limit limit) {
    const ScopeLimits* const scope = find(all, id);
    return scope != nullptr && get_limit(scope->limits, limit).has_value();
  }

  bool has_of_its_own(const Client& client, Limit limit) const {
    if (states(risk_.clients, client.id, limit) || states(risk_.sessions, client.id, limit)) return true;
    if (!client.group.empty() && states(risk_.groups, client.group, limit)) return true;
    return std::all_of(client.accounts.begin(), client.accounts.end(),
                       [&](const std::string& account) { return states(risk_.accounts, account, limit); });
  }

  // RTS 6, Art. 8: limits are set before what trades under them is let go.
  void check_mandatory() {
    for (std::size_t i = 0; i < config_.clients.size(); ++i) {
      const Client& client = config_.clients[i];
      if (client.id.empty()) continue;
      for (const Limit limit : risk_.mandatory) {
        if (has_of_its_own(client, limit)) continue;
        const std::string name(limit_info(limit).name);
        // max_credit has a meaning at clients alone.
        const bool beside = limit_info(limit).scopes.contains(LimitScope::kSession);
        const std::string where = "risk.clients." + client.id + "." + name +
                                  (beside ? ", or it at its group, its session or each of its accounts" : "");
        if (client.enabled) {
          tell(context_.faults, {"clients", std::to_string(i)},
               "client " + shown(client.id) + " begins enabled without a " + name +
                   " of its own, which risk.mandatory_limits asks for",
               where + ", or enabled: false");
        } else {
          tell(context_.warnings, {"clients", std::to_string(i)},
               "client " + shown(client.id) + " has no " + name +
                   " of its own: it cannot be enabled before one is stated",
               where + "; or PUT /limits");
        }
      }
    }
  }

  void within(const Path& path, const LimitSet& set) {
    for (const LimitInfo& info : limits_table()) {
      const auto cap = get_limit(risk_.absolute, info.limit);
      const auto value = get_limit(set, info.limit);
      if (!cap || !value || is_within(info.limit, *value, *cap)) continue;
      Path at = path;
      at.emplace_back(info.name);
      tell(context_.faults, at, std::string(info.name) + " is " + to_text(*value) + ", looser than risk.absolute",
           "at most what risk.absolute allows: " + to_text(*cap));
    }
  }

  void check_absolute() {
    within({"risk", "firm"}, risk_.firm);
    for (const LimitInfo& info : limits_table()) {
      if (!info.optional || !get_limit(risk_.absolute, info.limit) || get_limit(risk_.firm, info.limit)) continue;
      tell(context_.faults, {"risk", "firm"}, "the firm has no limit '" + std::string(info.name) + "'",
           "a value, since risk.absolute caps it");
    }
    const std::pair<const char*, const std::vector<ScopeLimits>*> lists[] = {
        {"groups", &risk_.groups},   {"clients", &risk_.clients},         {"accounts", &risk_.accounts},
        {"brokers", &risk_.brokers}, {"instruments", &risk_.instruments}, {"sessions", &risk_.sessions},
        {"traders", &risk_.traders}, {"currencies", &risk_.currencies}};
    for (const auto& [name, list] : lists) {
      for (const ScopeLimits& scope : *list) {
        within({"risk", name, scope.id}, scope.limits);
        for (const auto& [symbol, limits] : scope.instruments) {
          within({"risk", name, scope.id, "instruments", symbol}, limits);
        }
      }
    }
  }

  Context& context_;
  const YamlNode& root_;
  const Config& config_;
  const RiskSection& risk_;
};

}  // namespace

void check_own_limits(Context& context, const YamlNode& root, const Config& config) {
  LimitChecker(context, root, config).run();
}

}  // namespace portcullis::config
