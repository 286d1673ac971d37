#include "config/loader/cross_checks.h"

#include <algorithm>
#include <map>
#include <utility>

namespace portcullis::config {

const YamlNode& place(const YamlNode& root, const Path& path) {
  const YamlNode* node = &root;
  for (const std::string& step : path) {
    const YamlNode* next = node->find(step);
    if (node->kind == YamlNode::Kind::kSequence) {
      const std::size_t index = std::stoul(step);
      next = index < node->items.size() ? &node->items[index] : nullptr;
    }
    if (next == nullptr) break;
    node = next;
  }
  return *node;
}

namespace {

class Checker {
 public:
  Checker(Context& context, const YamlNode& root, const Config& config)
      : context_(context), root_(root), config_(config) {}

  void run() {
    check_listens();
    check_ids();
    check_comp_ids();
    check_accounts();
    check_routes();
    check_instruments();
    check_restricted();
    check_limits_scopes({"risk"}, config_.risk);
    check_groups();
    for (const RiskSection& shadow : config_.risk.shadow) check_limits_scopes({"risk", "shadow"}, shadow);
    check_dialects();
    check_certificate_names();
  }

 private:
  void fault(const Path& path, std::string what, std::string expected) {
    const YamlNode& node = place(root_, path);
    context_.faults.push_back(Fault{node.line, node.column, std::move(what), std::move(expected)});
  }
  void warn(const Path& path, std::string what, std::string expected) {
    const YamlNode& node = place(root_, path);
    context_.warnings.push_back(Fault{node.line, node.column, std::move(what), std::move(expected)});
  }

  // The key of an entry rather than its value, for faults about names.
  void fault_at_key(const Path& parent, const std::string& key, std::string what, std::string expected) {
    for (const YamlEntry& entry : place(root_, parent).entries) {
      if (entry.key.text == key) {
        context_.faults.push_back(Fault{entry.key.line, entry.key.column, std::move(what), std::move(expected)});
        return;
      }
    }
    fault(parent, std::move(what), std::move(expected));
  }

  static std::string known(std::string_view name, const std::vector<std::string>& names) {
    if (const auto nearest = nearest_name(name, names)) return shown(*nearest) + ", the nearest known one";
    if (names.size() <= 8) return list_of(names);
    return "one that this file names";
  }

  // Where a name was refused, or all were, one that seems unknown may be that one: no second fault for it.
  static bool complete(const std::vector<std::string>& names) {
    return !names.empty() && std::find(names.begin(), names.end(), "") == names.end();
  }

  // Each text once; the place of the second one is `list`/index/`key`.
  void check_unique(const std::string& list, const std::string& key, const std::vector<std::string>& texts) {
    std::map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (texts[i].empty() || seen.emplace(texts[i], i).second) continue;
      fault({list, std::to_string(i), key}, "the " + key + " " + shown(texts[i]) + " a second time in " + list,
            "each " + key + " once");
    }
  }

  template <typename List, typename Member>
  static std::vector<std::string> names_of(const List& list, Member member) {
    std::vector<std::string> names;
    for (const auto& item : list) names.push_back(item.*member);
    return names;
  }

  void check_listens() {
    const Endpoint& clients = config_.acceptor.listen;
    if (clients.host.empty() || clients.port == 0 || !(clients == config_.admin.listen)) return;
    fault({"admin", "listen"}, "listen is " + clients.to_string() + ", where clients connect already (acceptor.listen)",
          "an address or port of its own");
  }

  void check_ids() {
    check_unique("clients", "id", names_of(config_.clients, &Client::id));
    check_unique("brokers", "id", names_of(config_.brokers, &Broker::id));
    check_unique("instruments", "symbol", names_of(config_.instruments, &Instrument::symbol));
    // Sessions of both kinds share one list in REST, logs and metrics.
    const auto clients = names_of(config_.clients, &Client::id);
    for (std::size_t i = 0; i < config_.brokers.size(); ++i) {
      const std::string& id = config_.brokers[i].id;
      if (!id.empty() && std::find(clients.begin(), clients.end(), id) != clients.end()) {
        fault({"brokers", std::to_string(i), "id"}, "the id " + shown(id) + " is also a client's",
              "an id of its own: both are sessions");
      }
    }
  }

  void check_comp_ids() {
    std::map<std::pair<std::string, std::string>, std::string> seen;
    const auto check = [&](const std::string& list, std::size_t index, const auto& session) {
      if (session.comp_id.empty() || session.gateway_comp_id.empty()) return;
      const auto [found, inserted] = seen.emplace(std::pair(session.comp_id, session.gateway_comp_id), session.id);
      if (inserted) return;
      fault({list, std::to_string(index), "comp_id"},
            "the CompIDs " + session.comp_id + " and " + session.gateway_comp_id + " are those of " +
                shown(found->second),
            "a pair of CompIDs that no other session has");
    };
    for (std::size_t i = 0; i < config_.clients.size(); ++i) check("clients", i, config_.clients[i]);
    for (std::size_t i = 0; i < config_.brokers.size(); ++i) check("brokers", i, config_.brokers[i]);
  }

  void check_accounts() {
    std::map<std::string, std::size_t> owner;
    for (std::size_t i = 0; i < config_.clients.size(); ++i) {
      const auto& accounts = config_.clients[i].accounts;
      for (std::size_t k = 0; k < accounts.size(); ++k) {
        accounts_.push_back(accounts[k]);
        if (accounts[k].empty()) continue;
        const auto [found, inserted] = owner.emplace(accounts[k], i);
        if (inserted || found->second == i) continue;
        fault({"clients", std::to_string(i), "accounts", std::to_string(k)},
              "the account " + shown(accounts[k]) + " is also " + shown(config_.clients[found->second].id) + "'s",
              "each account with one client");
      }
    }
  }

  void check_names(const Path& path, const std::vector<std::string>& names, const std::vector<std::string>& all,
                   const std::string& kind) {
    if (!complete(all)) return;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i].empty() || std::find(all.begin(), all.end(), names[i]) != all.end()) continue;
      Path item = path;
      item.push_back(std::to_string(i));
      // `symbol: X` is a scalar, which has no items.
      fault(place(root_, path).kind == YamlNode::Kind::kSequence ? item : path,
            "no " + kind + " is called " + shown(names[i]), known(names[i], all));
    }
  }

  void check_routes() {
    const auto symbols = names_of(config_.instruments, &Instrument::symbol);
    const auto clients = names_of(config_.clients, &Client::id);
    const auto brokers = names_of(config_.brokers, &Broker::id);
    bool everything_matched = false;
    for (std::size_t i = 0; i < config_.routes.size(); ++i) {
      const Route& route = config_.routes[i];
      const std::string index = std::to_string(i);
      check_names({"routes", index, "match", "symbol"}, route.symbols, symbols, "instrument");
      check_names({"routes", index, "match", "client"}, route.clients, clients, "client");
      check_names({"routes", index, "match", "account"}, route.accounts, accounts_, "account");
      check_names({"routes", index, "to"}, route.to, brokers, "broker");
      if (everything_matched) {
        warn({"routes", index}, "this route is never reached", "no route after one that matches every order");
      }
      if (route.symbols.empty() && route.clients.empty() && route.accounts.empty()) everything_matched = true;
    }
  }

  void check_instruments() {
    const auto has_rate = [&](const std::string& currency) {
      return std::any_of(config_.reference.rates.begin(), config_.reference.rates.end(),
                         [&](const ReferenceRate& rate) { return rate.currency == currency; });
    };
    const std::string& risk_currency = config_.gateway.currency;
    if (!risk_currency.empty() && has_rate(risk_currency)) {
      fault_at_key({"reference", "rates"}, risk_currency, "a rate for " + risk_currency + ", the risk currency",
                   "rates for other currencies only: its own is always 1");
    }
    for (std::size_t i = 0; i < config_.instruments.size(); ++i) {
      const Instrument& instrument = config_.instruments[i];
      for (const auto& [key, currency] : {std::pair{"base", instrument.base}, std::pair{"term", instrument.term}}) {
        if (risk_currency.empty() || currency.empty() || currency == risk_currency || has_rate(currency)) continue;
        if (follows_from_quotes(currency)) continue;
        fault({"instruments", std::to_string(i), key}, "no rate turns " + currency + " into the risk currency",
              "reference.rates." + currency);
      }
      const bool has_quote =
          std::any_of(config_.reference.quotes.begin(), config_.reference.quotes.end(),
                      [&](const ReferenceQuote& quote) { return quote.symbol == instrument.symbol; });
      if (!instrument.symbol.empty() && !has_quote) {
        warn({"instruments", std::to_string(i)},
             shown(instrument.symbol) + " has no reference quote: its orders are refused until one is given",
             "reference.quotes." + instrument.symbol);
      }
    }
    check_calendars();
    const auto symbols = names_of(config_.instruments, &Instrument::symbol);
    if (!complete(symbols)) return;
    for (const ReferenceQuote& quote : config_.reference.quotes) {
      if (quote.symbol.empty() || std::find(symbols.begin(), symbols.end(), quote.symbol) != symbols.end()) continue;
      fault_at_key({"reference", "quotes"}, quote.symbol, "no instrument is called " + shown(quote.symbol),
                   known(quote.symbol, symbols));
    }
  }

  bool has_pair(const std::string& one, const std::string& other) const {
    return std::any_of(config_.instruments.begin(), config_.instruments.end(), [&](const Instrument& pair) {
      return (pair.base == one && pair.term == other) || (pair.base == other && pair.term == one);
    });
  }
  // By way of USD: the currency has a pair with it, and USD itself a worth in the risk currency.
  bool follows_from_quotes(const std::string& currency) const {
    const std::string usd = "USD";
    const std::string& risk_currency = config_.gateway.currency;
    const auto& rates = config_.reference.rates;
    const bool usd_has_rate =
        risk_currency == usd || has_pair(usd, risk_currency) ||
        std::any_of(rates.begin(), rates.end(), [&](const ReferenceRate& rate) { return rate.currency == usd; });
    return usd_has_rate && (currency == usd || has_pair(currency, usd));
  }

  void check_restricted() {
    check_names({"risk", "restricted"}, config_.risk.restricted, names_of(config_.instruments, &Instrument::symbol),
                "instrument");
  }

  void check_calendars() {
    const auto known_currencies = names_of(config_.risk.calendars, &Calendar::currency);
    if (known_currencies.empty()) {
      return warn({"risk"}, "no calendars: value dates leave out weekends and no holidays", "risk.calendars");
    }
    for (std::size_t i = 0; i < config_.instruments.size(); ++i) {
      const Instrument& instrument = config_.instruments[i];
      if (!is_fx(instrument.type)) continue;
      for (const auto& [key, currency] : {std::pair{"base", instrument.base}, std::pair{"term", instrument.term}}) {
        if (currency.empty() ||
            std::find(known_currencies.begin(), known_currencies.end(), currency) != known_currencies.end()) {
          continue;
        }
        warn({"instruments", std::to_string(i), key},
             "no calendar of " + currency + ": orders in " + shown(instrument.symbol) +
                 " have no value date and are refused",
             "risk.calendars." + currency);
      }
    }
  }

  void check_scope(Path path, const std::string& list, const std::vector<ScopeLimits>& scopes,
                   const std::vector<std::string>& all, const std::string& kind) {
    if (!complete(all)) return;
    path.push_back(list);
    for (const ScopeLimits& scope : scopes) {
      if (scope.id.empty() || std::find(all.begin(), all.end(), scope.id) != all.end()) continue;
      fault_at_key(path, scope.id, "no " + kind + " is called " + shown(scope.id), known(scope.id, all));
    }
    check_symbols(path, scopes);
  }

  // What a scope says of single instruments.
  void check_symbols(const Path& path, const std::vector<ScopeLimits>& scopes) {
    const auto symbols = names_of(config_.instruments, &Instrument::symbol);
    if (!complete(symbols)) return;
    for (const ScopeLimits& scope : scopes) {
      for (const auto& [symbol, limits] : scope.instruments) {
        if (symbol.empty() || std::find(symbols.begin(), symbols.end(), symbol) != symbols.end()) continue;
        Path place = path;
        place.push_back(scope.id);
        place.push_back("instruments");
        fault_at_key(place, symbol, "no instrument is called " + shown(symbol),
                     known(symbol, symbols));
      }
      if (!scope.permissions) continue;
      for (std::size_t i = 0; i < scope.permissions->size(); ++i) {
        Path place = path;
        for (std::string step : {scope.id, std::string("permissions"), std::to_string(i), std::string("symbols")}) {
          place.push_back(std::move(step));
        }
        check_names(place, (*scope.permissions)[i].symbols, symbols, "instrument");
      }
    }
  }

  void check_limits_scopes(const Path& path, const RiskSection& risk) {
    check_scope(path, "clients", risk.clients, names_of(config_.clients, &Client::id), "client");
    check_scope(path, "accounts", risk.accounts, accounts_, "account");
    check_scope(path, "brokers", risk.brokers, names_of(config_.brokers, &Broker::id), "broker");
    check_scope(path, "instruments", risk.instruments, names_of(config_.instruments, &Instrument::symbol),
                "instrument");
    // A broker's session is its broker, whose limits are asked.
    check_scope(path, "sessions", risk.sessions, names_of(config_.clients, &Client::id), "session of a client");
    std::vector<std::string> currencies;
    for (const Instrument& instrument : config_.instruments) {
      currencies.push_back(instrument.base);
      currencies.push_back(instrument.term);
    }
    check_scope(path, "currencies", risk.currencies, currencies, "currency of an instrument");
    check_traders(path, risk);
    Path groups = path;
    groups.push_back("groups");
    check_symbols(groups, risk.groups);
  }

  void check_groups() {
    const auto groups = names_of(config_.risk.groups, &ScopeLimits::id);
    for (std::size_t i = 0; i < config_.clients.size(); ++i) {
      const std::string& group = config_.clients[i].group;
      if (group.empty() || std::find(groups.begin(), groups.end(), group) != groups.end()) continue;
      fault({"clients", std::to_string(i), "group"}, "no group is called " + shown(group),
            groups.empty() ? "a group of risk.groups" : known(group, groups));
    }
  }

  void check_traders(Path path, const RiskSection& risk) {
    path.push_back("traders");
    check_symbols(path, risk.traders);
    const auto clients = names_of(config_.clients, &Client::id);
    if (!complete(clients)) return;
    for (const ScopeLimits& trader : risk.traders) {
      const std::size_t slash = trader.id.find('/');
      const std::string client = trader.id.substr(0, slash);
      if (trader.id.empty()) continue;
      if (slash == std::string::npos || slash + 1 == trader.id.size()) {
        fault_at_key(path, trader.id, shown(trader.id) + " names no client and trader", "CLIENT/TRADER");
      } else if (std::find(clients.begin(), clients.end(), client) == clients.end()) {
        fault_at_key(path, trader.id, "no client is called " + shown(client), known(client, clients));
      }
    }
  }

  // Names that a dialect maps exist, and no mapped name is one that goes out as it is.
  void check_mapped(const Path& path, const std::vector<std::pair<std::string, std::string>>& names,
                    const std::vector<std::string>& all, const std::string& kind) {
    if (!complete(all)) return;
    for (const auto& [ours, theirs] : names) {
      if (!ours.empty() && std::find(all.begin(), all.end(), ours) == all.end()) {
        fault_at_key(path, ours, "no " + kind + " is called " + shown(ours), known(ours, all));
      }
      const bool mapped_itself = std::any_of(names.begin(), names.end(),
                                             [&theirs = theirs](const auto& pair) { return pair.first == theirs; });
      if (!mapped_itself && std::find(all.begin(), all.end(), theirs) != all.end()) {
        fault_at_key(path, ours, shown(theirs) + " would stand for two of our names", "a name that is not also ours");
      }
    }
  }

  void check_dialects() {
    const auto symbols = names_of(config_.instruments, &Instrument::symbol);
    for (std::size_t i = 0; i < config_.brokers.size(); ++i) {
      const BrokerDialect& dialect = config_.brokers[i].dialect;
      check_mapped({"brokers", std::to_string(i), "dialect", "symbol"}, dialect.symbols, symbols, "instrument");
      check_mapped({"brokers", std::to_string(i), "dialect", "accounts"}, dialect.accounts, accounts_, "account");
    }
  }

  void check_certificate_names() {
    const bool asked = config_.acceptor.tls && config_.acceptor.tls->client_ca;
    for (std::size_t i = 0; i < config_.clients.size(); ++i) {
      if (!config_.clients[i].certificate_name || asked || context_.core_only) continue;
      fault({"clients", std::to_string(i), "certificate_name"}, "certificate_name where no certificate is asked for",
            "acceptor.tls.client_ca");
    }
  }

  Context& context_;
  const YamlNode& root_;
  const Config& config_;
  std::vector<std::string> accounts_;
};

}  // namespace

void check_across(Context& context, const YamlNode& root, const Config& config) {
  Checker(context, root, config).run();
  check_own_limits(context, root, config);
}

}  // namespace portcullis::config
