#include "app/raised_limits.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "risk/limits.h"

namespace portcullis::app {
namespace {

using config::LimitSet;
using config::ScopeLimits;

const ScopeLimits* find(const std::vector<ScopeLimits>& all, std::string_view id) {
  const auto found = std::find_if(all.begin(), all.end(), [id](const ScopeLimits& each) { return each.id == id; });
  return found == all.end() ? nullptr : &*found;
}

const LimitSet* limits_in(const ScopeLimits* scope, const std::string& symbol) {
  if (scope == nullptr) return nullptr;
  for (const auto& [in, limits] : scope->instruments) {
    if (in == symbol) return &limits;
  }
  return nullptr;
}

class Comparison {
 public:
  Comparison(const config::Config& running, const config::Config& next) : running_(running), next_(next) {}

  std::vector<std::string> run() {
    const config::RiskSection& now = running_.risk;
    const config::RiskSection& then = next_.risk;
    compare("risk.firm", {&now.firm}, &now.firm, &then.firm);
    // A scope that is in neither file's list states nothing; one that is new to the gateway may state what it likes.
    scopes("clients", now.clients, then.clients, [&](const std::string& id) { return running_.find_client(id) != nullptr; },
           [&](const std::string& id) { return above_client(id); });
    scopes("accounts", now.accounts, then.accounts,
           [&](const std::string& id) { return running_.owner_of(id) != nullptr; },
           [&](const std::string& id) {
             const config::Client* owner = running_.owner_of(id);
             return owner == nullptr ? Chain{&now.firm} : of_client(owner->id);
           });
    scopes("brokers", now.brokers, then.brokers, [&](const std::string& id) { return running_.find_broker(id) != nullptr; },
           [&](const std::string&) { return Chain{&now.firm}; });
    const auto always = [](const std::string&) { return true; };
    const auto firm = [&](const std::string&) { return Chain{&now.firm}; };
    scopes("instruments", now.instruments, then.instruments,
           [&](const std::string& id) { return running_.find_instrument(id) != nullptr; }, firm);
    scopes("currencies", now.currencies, then.currencies, always, firm);
    scopes("groups", now.groups, then.groups, [&](const std::string& id) { return find(now.groups, id) != nullptr; }, firm);
    scopes("sessions", now.sessions, then.sessions,
           [&](const std::string& id) {
             return running_.find_client(id) != nullptr || running_.find_broker(id) != nullptr;
           },
           [&](const std::string& id) { return of_client(id); });
    scopes("traders", now.traders, then.traders, always,
           [&](const std::string& id) { return of_client(id.substr(0, id.find('/'))); });
    return std::move(raised_);
  }

 private:
  // What a scope inherits from, nearest first.
  using Chain = std::vector<const LimitSet*>;

  Chain above_client(const std::string& id) const {
    Chain chain;
    const config::Client* client = running_.find_client(id);
    if (client != nullptr && !client->group.empty()) {
      if (const ScopeLimits* group = find(running_.risk.groups, client->group)) chain.push_back(&group->limits);
    }
    chain.push_back(&running_.risk.firm);
    return chain;
  }
  Chain of_client(const std::string& id) const {
    Chain chain = above_client(id);
    if (const ScopeLimits* stated = find(running_.risk.clients, id)) chain.insert(chain.begin(), &stated->limits);
    return chain;
  }

  template <typename Known, typename Above>
  void scopes(const char* list, const std::vector<ScopeLimits>& now, const std::vector<ScopeLimits>& then,
              const Known& known, const Above& above) {
    std::vector<std::string> ids;
    for (const auto* all : {&now, &then}) {
      for (const ScopeLimits& each : *all) {
        if (std::find(ids.begin(), ids.end(), each.id) == ids.end()) ids.push_back(each.id);
      }
    }
    static const LimitSet kNothing;
    for (const std::string& id : ids) {
      if (!known(id)) continue;
      const ScopeLimits* before = find(now, id);
      const ScopeLimits* after = find(then, id);
      const std::string name = "risk." + std::string(list) + "." + id;
      Chain chain = above(id);
      if (before != nullptr) chain.insert(chain.begin(), &before->limits);
      compare(name, chain, before != nullptr ? &before->limits : &kNothing, after != nullptr ? &after->limits : &kNothing);
      // Beside the scope's own, in one instrument: what is not stated there is none.
      if (before == nullptr) continue;
      for (const auto& [symbol, limits] : before->instruments) {
        const LimitSet* in = limits_in(after, symbol);
        compare(name + ".instruments." + symbol, {&limits}, &limits, in != nullptr ? in : &kNothing);
      }
    }
  }

  void compare(const std::string& name, const Chain& chain, const LimitSet* before, const LimitSet* after) {
    for (const config::LimitInfo& info : config::limits_table()) {
      const auto stated = config::get_limit(*before, info.limit);
      const auto states = config::get_limit(*after, info.limit);
      if (stated == states) continue;
      std::optional<config::LimitValue> held;
      for (const LimitSet* set : chain) {
        held = config::get_limit(*set, info.limit);
        if (held) break;
      }
      if (!held) continue;  // there was no such limit: any is tighter
      if (states && risk::tightens(info.limit, risk::to_raw(*held), risk::to_raw(*states))) continue;
      raised_.push_back(name + "." + std::string(info.name) + ": " +
                        (states ? config::to_text(*states) : std::string("not stated")) + " instead of " +
                        config::to_text(*held));
    }
  }

  const config::Config& running_;
  const config::Config& next_;
  std::vector<std::string> raised_;
};

}  // namespace

std::vector<std::string> raised_limits(const config::Config& running, const config::Config& next) {
  return Comparison(running, next).run();
}

}  // namespace portcullis::app
