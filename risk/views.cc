#include <algorithm>
#include <limits>

#include "risk/engine.h"

// What people are shown of the state, and its own proof of consistency.

namespace portcullis::risk {

namespace {

constexpr Wide kAmountTimesRateToAmount = pow10(Rate::kScale);

Wide in_risk_currency(Wide amount, Rate rate) {
  return divide(amount * rate.raw(), kAmountTimesRateToAmount, Rounding::kAwayFromZero);
}

std::int64_t saturate(Wide value) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::clamp<Wide>(value, -kMax, kMax));
}

// What a currency's position can become at the worst, long and short.
Wide worst_long(const CurrencyExposure& cell) {
  return Wide{cell.position.raw()} + cell.in.raw();
}
Wide worst_short(const CurrencyExposure& cell) {
  return Wide{cell.out.raw()} - cell.position.raw();
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
    });
    child.each_currency([this](order::CurrencyId id, const CurrencyExposure& cell) {
      if (currencies_.size() <= id.value()) currencies_.resize(id.value() + std::size_t{1});
      CurrencyExposure& sum = currencies_[id.value()];
      sum.position += cell.position;
      sum.in += cell.in;
      sum.out += cell.out;
    });
  }

  bool equals(const Exposure& parent) {
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
    return same;
  }

 private:
  std::int64_t open_orders_ = 0;
  std::int64_t gross_ = 0;
  std::int64_t traded_ = 0;
  std::vector<InstrumentExposure> instruments_;
  std::vector<CurrencyExposure> currencies_;
};

Error fault(const Node& node, std::string_view what) {
  std::string text(order::to_string(node.scope));
  text.append(" ").append(std::to_string(node.id)).append(": ").append(what);
  return Error{std::move(text)};
}

}  // namespace

Amount Engine::net_open_position(const Exposure& exposure) const {
  Wide long_sum = 0;
  Wide short_sum = 0;
  exposure.each_currency([&](order::CurrencyId currency, const CurrencyExposure& cell) {
    if (currency == state_.market.risk_currency()) return;
    const Rate rate = state_.market.last_rate(currency);
    long_sum += in_risk_currency(std::max<Wide>(0, worst_long(cell)), rate);
    short_sum += in_risk_currency(std::max<Wide>(0, worst_short(cell)), rate);
  });
  return Amount::from_raw(saturate(std::max(long_sum, short_sum)));
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
        const Wide amount = std::max(worst_long(cell), worst_short(cell));
        worst = std::max(worst, in_risk_currency(amount, state_.market.last_rate(currency)));
      });
      return saturate(worst);
    }
    case Limit::kDuplicateOrders: {
      const std::int64_t limit_raw = node.limits[limit];
      return most_of_accounts(
          state_, node, [&](const Node& account) { return alike(state_, account, limit_raw, now); });
    }
    case Limit::kRepeatedExecutions:
      return most_filled_orders(state_, node);
    case Limit::kMaxNetOpenPosition:
      return net_open_position(exposure).raw();
    case Limit::kMaxOrderQuantity:
    case Limit::kMaxOrderNotional:
    case Limit::kPriceCollarPercent:
    case Limit::kMaxDailySettlement:
    case Limit::kMaxDailyLoss:
    case Limit::kOrderTypes:
    case Limit::kTimesInForce:
      return std::nullopt;
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

std::optional<Error> Engine::verify() const {
  if (!state_.firm.exposure.open_is_not_negative()) return fault(state_.firm, "something open is negative");
  for (const std::vector<Node>* nodes :
       {&state_.clients, &state_.accounts, &state_.brokers, &state_.instrument_nodes}) {
    for (const Node& node : *nodes) {
      if (!node.exposure.open_is_not_negative()) return fault(node, "something open is negative");
    }
  }

  std::vector<Sum> accounts_of(state_.clients.size());
  for (const Node& account : state_.accounts) {
    if (account.owner.value() < accounts_of.size()) accounts_of[account.owner.value()].add(account.exposure);
  }
  Sum clients;
  for (std::size_t i = 0; i < state_.clients.size(); ++i) {
    if (!accounts_of[i].equals(state_.clients[i].exposure)) {
      return fault(state_.clients[i], "the sums of its accounts differ from its own");
    }
    clients.add(state_.clients[i].exposure);
  }
  clients.add(state_.suspense);
  if (!clients.equals(state_.firm.exposure)) {
    return fault(state_.firm, "the sums of the clients and the suspense account differ from its own");
  }
  Sum instruments;
  for (const Node& instrument : state_.instrument_nodes) instruments.add(instrument.exposure);
  if (!instruments.equals(state_.firm.exposure)) {
    return fault(state_.firm, "the sums of the instruments differ from its own");
  }
  return std::nullopt;
}

}  // namespace portcullis::risk
