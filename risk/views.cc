#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "risk/engine.h"

// What people are shown of the state, and its own proof of consistency.

namespace portcullis::risk {

namespace {

std::int64_t saturate(Wide value) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::clamp<Wide>(value, -kMax, kMax));
}

// C2: orders alike the account's newest one, itself included.
std::int64_t alike(const State& state, const Node& account, std::int64_t limit, UtcTime now) {
  return state.order_memory.alike_at(account.newest_order, now, Duration::milliseconds(limit & 0xffffffff));
}

// The worst of the accounts, or of the sessions, below a node.
template <typename Count>
std::int64_t most_of_accounts(const State& state, const Node& node, Count&& count) {
  if (node.scope == order::Scope::kAccount) return count(node);
  std::int64_t most = 0;
  for (const Node& account : state.accounts) {
    if (node.scope == order::Scope::kFirm || account.owner.value() == node.id) most = std::max(most, count(account));
  }
  return most;
}

std::int64_t most_filled_orders(const State& state, const Node& node) {
  const std::uint32_t client = node.scope == order::Scope::kAccount ? node.owner.value() : node.id;
  std::int64_t most = 0;
  for (const Session& session : state.sessions) {
    if (session.of_broker || (node.scope != order::Scope::kFirm && session.owner != client)) continue;
    most = std::max(most, session.filled_orders.most());
  }
  return most;
}

// Sums up children and compares them with their parent.
class Sum {
 public:
  void add(const Exposure& child) {
    open_orders_ += child.open_orders();
    gross_ += child.gross_open_notional().raw();
    traded_ += child.traded_notional().raw();
    child.each_instrument([this](order::InstrumentId id, const InstrumentExposure& cell) {
      if (instruments_.size() <= id.value()) instruments_.resize(id.value() + std::size_t{1});
      InstrumentExposure& sum = instruments_[id.value()];
      sum.position += cell.position;
      sum.open_buy += cell.open_buy;
      sum.open_sell += cell.open_sell;
      sum.traded += cell.traded;
      sum.swapped += cell.swapped;
    });
    child.each_currency([this](order::CurrencyId id, const CurrencyExposure& cell) {
      if (currencies_.size() <= id.value()) currencies_.resize(id.value() + std::size_t{1});
      CurrencyExposure& sum = currencies_[id.value()];
      sum.position += cell.position;
      sum.in += cell.in;
      sum.out += cell.out;
    });
    for (const SettlementExposure& cell : child.settlements()) {
      SettlementExposure& sum = settlements_[{cell.date, cell.currency}];
      sum.net += cell.net;
      sum.receivable += cell.receivable;
    }
  }

  bool equals(const Exposure& parent, bool with_dates = true) {
    bool same = open_orders_ == parent.open_orders() && gross_ == parent.gross_open_notional().raw() &&
                traded_ == parent.traded_notional().raw();
    for (std::uint32_t i = 0; i < instruments_.size(); ++i) {
      same = same && instruments_[i] == parent.of(order::InstrumentId(i));
    }
    for (std::uint16_t i = 0; i < currencies_.size(); ++i) {
      same = same && currencies_[i] == parent.of(order::CurrencyId(i));
    }
    // And the parent has nothing that no child has.
    parent.each_instrument(
        [&](order::InstrumentId id, const InstrumentExposure&) { same = same && id.value() < instruments_.size(); });
    parent.each_currency(
        [&](order::CurrencyId id, const CurrencyExposure&) { same = same && id.value() < currencies_.size(); });
    // Value dates are kept by every child and its parent alike.
    if (!with_dates) return same;
    std::size_t dates = 0;
    for (const auto& [key, sum] : settlements_) {
      if (sum.net.is_zero() && sum.receivable.is_zero()) continue;
      ++dates;
      const auto known = std::find_if(parent.settlements().begin(), parent.settlements().end(),
                                      [&key = key](const SettlementExposure& cell) {
                                        return cell.date == key.first && cell.currency == key.second;
                                      });
      same =
          same && known != parent.settlements().end() && known->net == sum.net && known->receivable == sum.receivable;
    }
    for (const SettlementExposure& cell : parent.settlements()) {
      if (!cell.net.is_zero() || !cell.receivable.is_zero()) --dates;
    }
    return same && dates == 0;
  }

 private:
  std::int64_t open_orders_ = 0;
  std::int64_t gross_ = 0;
  std::int64_t traded_ = 0;
  std::vector<InstrumentExposure> instruments_;
  std::vector<CurrencyExposure> currencies_;
  std::map<std::pair<std::int32_t, order::CurrencyId>, SettlementExposure> settlements_;
};

Error fault(const Node& node, std::string_view what) {
  std::string text(order::to_string(node.scope));
  text.append(" ").append(std::to_string(node.id)).append(": ").append(what);
  return Error{std::move(text)};
}

// E1: whom a quote and a rate move, as the index has it, is who has something: each cell that has knows that it is
// listed, and what is listed is what knows so, once.
std::optional<Error> wrong_in_index(const State& state) {
  std::optional<Error> wrong;
  std::size_t listed = 0;
  state.each_node([&](const Node& node) {
    node.profit.each([&](order::InstrumentId instrument, const InstrumentProfit& profit) {
      const Profit::Listed lists = node.profit.listed(instrument);
      const auto is_in = [lists](Profit::Listed list) { return (lists & list) != 0; };
      listed += (is_in(Profit::kHeld) ? 1 : 0) + (is_in(Profit::kCounted) ? 1 : 0);
      if (wrong || !keeps_profit(node.scope)) return;
      if (profit.is_held() && !is_in(Profit::kHeld)) wrong = fault(node, "no quote moves what it holds");
      if (profit.is_anything() && !is_in(Profit::kCounted)) wrong = fault(node, "no rate moves its profit");
    });
  });
  for (std::uint32_t i = 0; i < state.profits.instruments.size() && !wrong; ++i) {
    for (const Profit::Listed list : {Profit::kHeld, Profit::kCounted}) {
      std::vector<ProfitScope> scopes = *state.profits.find(order::InstrumentId(i), list);
      std::sort(scopes.begin(), scopes.end());
      if (std::adjacent_find(scopes.begin(), scopes.end()) != scopes.end()) {
        return fault(state.instrument_nodes[i], "a scope is listed twice as having a profit in it");
      }
      for (const ProfitScope scope : scopes) {
        const Node* const node = state.find(scope.scope(), scope.id());
        if (node == nullptr || (node->profit.listed(order::InstrumentId(i)) & list) == 0) {
          return fault(state.instrument_nodes[i], "a scope is listed that has no profit in it");
        }
      }
      listed -= scopes.size();
    }
  }
  if (!wrong && listed != 0) wrong = Error{"the firm: profits are listed in other instruments than their own"};
  return wrong;
}

}  // namespace

bool Engine::has_state(order::Scope scope, std::uint32_t id) const {
  return state_.find(scope, id) != nullptr;
}

Amount Engine::net_open_position(const Exposure& exposure) const {
  const NetOpen sums = exposure.net_open(state_.market);
  return Amount::from_raw(saturate(std::max(sums.long_sum, sums.short_sum)));
}

std::optional<std::int64_t> Engine::used(const Node& node, Limit limit, UtcTime now) const {
  const Exposure& exposure = node.exposure;
  switch (limit) {
    case Limit::kMaxOpenOrders:
      return exposure.open_orders();
    case Limit::kMaxGrossOpenNotional:
      return exposure.gross_open_notional().raw();
    case Limit::kMaxDailyVolume: {
      std::int64_t sum = 0;
      return __builtin_add_overflow(exposure.traded_notional().raw(), exposure.gross_open_notional().raw(), &sum)
                 ? std::numeric_limits<std::int64_t>::max()
                 : sum;
    }
    case Limit::kMaxLongPosition:
    case Limit::kMaxShortPosition: {
      Wide worst = 0;
      exposure.each_instrument([&](order::InstrumentId, const InstrumentExposure& cell) {
        const Wide here = limit == Limit::kMaxLongPosition ? Wide{cell.position.raw()} + cell.open_buy.raw()
                                                           : Wide{cell.open_sell.raw()} - cell.position.raw();
        worst = std::max(worst, here);
      });
      return saturate(worst);
    }
    case Limit::kMaxCurrencyPosition: {
      Wide worst = 0;
      exposure.each_currency([&](order::CurrencyId currency, const CurrencyExposure& cell) {
        if (currency == state_.market.risk_currency()) return;
        if (node.scope == order::Scope::kCurrency && currency.value() != node.id) return;
        const Wide amount = std::max(cell.worst_long(), cell.worst_short());
        worst = std::max<Wide>(worst, mark_of(amount, state_.market.last_rate(currency)).raw());
      });
      return saturate(worst);
    }
    case Limit::kMaxDailyLoss:
      return std::max<std::int64_t>(0, -node.profit.total().raw());
    case Limit::kDuplicateOrders: {
      const std::int64_t limit_raw = node.limits[limit];
      return most_of_accounts(
          state_, node, [&](const Node& account) { return alike(state_, account, limit_raw, now); });
    }
    case Limit::kRepeatedExecutions:
      return most_filled_orders(state_, node);
    case Limit::kMaxNetOpenPosition:
      return net_open_position(exposure).raw();
    case Limit::kMaxDailyQuantity: {
      Wide worst = 0;
      exposure.each_instrument([&](order::InstrumentId, const InstrumentExposure& cell) {
        worst = std::max(worst, cell.volume());
      });
      return saturate(worst);
    }
    case Limit::kMaxOrderQuantity:
    case Limit::kMaxOrderNotional:
    case Limit::kPriceCollarPercent:
    case Limit::kOrderTypes:
    case Limit::kTimesInForce:
    case Limit::kMaxTenorDays:
    case Limit::kMaxSpreadPercent:
    case Limit::kPassiveBandPercent:
      return std::nullopt;
    case Limit::kMaxDailySettlement: {
      if (!keeps_dates(node.scope)) return std::nullopt;
      std::int64_t worst = 0;  // of the value date with the most
      for (const SettlementExposure& cell : exposure.settlements()) {
        worst = std::max(worst, exposure.settlement(cell.date, state_.market).raw());
      }
      return worst;
    }
    case Limit::kMaxCredit:
      if (node.scope == order::Scope::kBroker) {
        if (!node.limits.stated_here(limit)) return std::nullopt;
        return state_.credit.of(order::BrokerId(static_cast<order::BrokerId::rep>(node.id))).raw();
      }
      if (!state_.credit.is_kept_of_clients()) return std::nullopt;
      return node.scope == order::Scope::kClient
                 ? state_.credit.of(order::ClientId(static_cast<order::ClientId::rep>(node.id))).raw()
                 : state_.credit.of_all().raw();
    case Limit::kMaxDrawdown:
      return std::max<std::int64_t>(0, node.profit.drawdown().raw());
  }
  return std::nullopt;
}

std::int64_t Engine::repeated_executions_limit(order::AccountId account) const {
  std::int64_t least = state_.firm.limits[Limit::kRepeatedExecutions];
  const Node* node = state_.find(order::Scope::kAccount, account.value());
  if (node == nullptr) return least;
  least = std::min(least, node->limits[Limit::kRepeatedExecutions]);
  const Node* client = state_.find(order::Scope::kClient, node->owner.value());
  return client != nullptr ? std::min(least, client->limits[Limit::kRepeatedExecutions]) : least;
}

std::optional<std::int64_t> Engine::repeated_executions_limit_of(order::TraderId trader) const {
  const Node* node = state_.find(order::Scope::kTrader, trader.value());
  if (node == nullptr || !node->limits.stated_here(Limit::kRepeatedExecutions)) return std::nullopt;
  return node->limits[Limit::kRepeatedExecutions];
}

std::optional<Error> Engine::verify() const {
  const State& state = state_;
  std::optional<Error> wrong;
  state.each_node([&](const Node& node) {
    if (wrong) return;
    if (!node.exposure.open_is_not_negative()) wrong = fault(node, "something open is negative");
    if (!node.exposure.marks_are_true(state.market)) wrong = fault(node, "what its positions are worth is out of date");
  });
  if (wrong) return wrong;
  if ((wrong = wrong_in_index(state))) return wrong;

  // Each tree: what hangs at a scope sums up to it.
  std::vector<Sum> accounts_of(state.clients.size());
  std::vector<Sum> sessions_of(state.clients.size());
  std::vector<Sum> clients_of(state.groups.size());
  const auto add = [](std::vector<Sum>& sums, std::uint32_t parent, const Node& child) {
    if (parent < sums.size()) sums[parent].add(child.exposure);
  };
  for (const Node& account : state.accounts) add(accounts_of, account.owner.value(), account);
  for (const Node& session : state.session_nodes) add(sessions_of, session.owner.value(), session);
  Sum clients;
  for (std::size_t i = 0; i < state.clients.size(); ++i) {
    const Node& client = state.clients[i];
    if (!accounts_of[i].equals(client.exposure)) return fault(client, "the sums of its accounts differ from its own");
    if (!sessions_of[i].equals(client.exposure, false)) {
      return fault(client, "the sums of its sessions differ from its own");
    }
    add(clients_of, client.group.value(), client);
    clients.add(client.exposure);
  }
  for (std::size_t i = 0; i < state.groups.size(); ++i) {
    if (!clients_of[i].equals(state.groups[i].exposure)) {
      return fault(state.groups[i], "the sums of its clients differ from its own");
    }
  }
  clients.add(state.suspense);
  if (!clients.equals(state.firm.exposure)) {
    return fault(state.firm, "the sums of the clients and the suspense account differ from its own");
  }
  Sum brokers;
  for (const Node& broker : state.brokers) brokers.add(broker.exposure);
  brokers.add(state.adjusted);
  if (!brokers.equals(state.firm.exposure)) return fault(state.firm, "the sums of the brokers differ from its own");
  Sum instruments;
  for (const Node& instrument : state.instrument_nodes) instruments.add(instrument.exposure);
  if (!instruments.equals(state.firm.exposure, false)) {
    return fault(state.firm, "the sums of the instruments differ from its own");
  }
  for (const Node& node : state.currency_nodes) {
    const order::CurrencyId currency(static_cast<order::CurrencyId::rep>(node.id));
    if (node.exposure.of(currency) != state.firm.exposure.of(currency)) {
      return fault(node, "its position differs from the firm's in it");
    }
  }
  return std::nullopt;
}

bool Engine::has_reference(order::InstrumentId instrument, UtcTime now) const {
  const Quote* const quote = state_.market.fresh_quote(instrument, now);
  if (quote == nullptr) return false;
  std::int64_t most = state_.firm.limits[Limit::kMaxSpreadPercent];
  if (const Node* const node = state_.find(order::Scope::kInstrument, instrument.value())) {
    most = std::min(most, node->limits[Limit::kMaxSpreadPercent]);
  }
  return most == std::numeric_limits<std::int64_t>::max() || quote->spread() <= most;
}

bool Engine::broker_has_token(order::BrokerId broker, UtcTime now, bool is_cancel) const {
  if (broker.value() >= state_.broker_throttles.size()) return false;
  const BrokerThrottleState& throttle = state_.broker_throttles[broker.value()];
  return throttle.bucket.has(is_cancel ? 1 : std::int64_t{1} + throttle.reserved_for_cancels, now);
}

order::ScopeState Engine::own_state(order::Scope scope, std::uint32_t id) const {
  const Node* const node = state_.find(scope, id);
  return node != nullptr ? node->own_state : order::ScopeState::kActive;
}

order::ScopeState Engine::effective_state(const Place& place) const {
  order::ScopeState strongest = order::ScopeState::kActive;
  for (const Node* node : path_of<const Node>(state_, place)) strongest = std::max(strongest, node->own_state);
  return strongest;
}

order::ScopeState Engine::broker_state(order::BrokerId broker) const {
  const Node* node = state_.find(order::Scope::kBroker, broker.value());
  return node != nullptr ? std::max(state_.firm.own_state, node->own_state) : state_.firm.own_state;
}

}  // namespace portcullis::risk
