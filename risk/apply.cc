#include <algorithm>
#include <optional>

#include "base/check.h"
#include "risk/engine.h"

// The half of the engine that changes its state: by events and by the configuration.

namespace portcullis::risk {

namespace {

// Indices are given out one by one, so a larger one is no index but damage.
constexpr std::uint32_t kMaxIndex = 1u << 22;

// A stale rate is usable, with the haircut, up to this many times the age at which it grows stale.
constexpr std::int64_t kHardAgeFactor = 5;

Node& node_at(std::vector<Node>& nodes, order::Scope scope, std::uint32_t index) {
  while (nodes.size() <= index) {
    Node node;
    node.scope = scope;
    node.id = static_cast<std::uint32_t>(nodes.size());
    nodes.push_back(std::move(node));
  }
  return nodes[index];
}

const config::ScopeLimits& limits_of(const std::vector<config::ScopeLimits>& all, std::string_view id) {
  static const config::ScopeLimits kNothingStated;
  const auto found = std::find_if(all.begin(), all.end(), [id](const auto& scope) { return scope.id == id; });
  return found != all.end() ? *found : kNothingStated;
}

}  // namespace

void Engine::add_name(const order::NameAdded& name) {
  PORTCULLIS_CHECK(name.index < kMaxIndex, "an index of a name out of range");
  ++state_.shape;  // tables may have moved
  switch (name.kind) {
    case order::NameKind::kClient:
      node_at(state_.clients, order::Scope::kClient, name.index);
      break;
    case order::NameKind::kAccount: {
      Node& node = node_at(state_.accounts, order::Scope::kAccount, name.index);
      node.owner = order::ClientId(static_cast<order::ClientId::rep>(name.owner));
      state_.hang(node);
      break;
    }
    case order::NameKind::kBroker:
      node_at(state_.brokers, order::Scope::kBroker, name.index);
      if (state_.broker_throttles.size() <= name.index) state_.broker_throttles.resize(name.index + std::size_t{1});
      if (state_.broker_answers.size() <= name.index) state_.broker_answers.resize(name.index + std::size_t{1});
      break;
    case order::NameKind::kSession: {
      if (state_.sessions.size() <= name.index) state_.sessions.resize(name.index + std::size_t{1});
      Session& session = state_.sessions[name.index];
      session.of_broker = name.detail != 0;
      session.owner = static_cast<std::uint16_t>(name.owner);
      Node& node = node_at(state_.session_nodes, order::Scope::kSession, name.index);
      if (!session.of_broker) node.owner = order::ClientId(session.owner);
      state_.hang(node);
      break;
    }
    case order::NameKind::kInstrument:
      node_at(state_.instrument_nodes, order::Scope::kInstrument, name.index);
      if (state_.instruments.size() <= name.index) state_.instruments.resize(name.index + std::size_t{1});
      if (name.owner != 0) {
        state_.pairs.forget();
        Instrument& instrument = state_.instruments[name.index];
        instrument.base = order::CurrencyId(static_cast<order::CurrencyId::rep>(name.owner >> 16));
        instrument.term = order::CurrencyId(static_cast<order::CurrencyId::rep>(name.owner));
      }
      break;
    case order::NameKind::kCurrency:
      node_at(state_.currency_nodes, order::Scope::kCurrency, name.index);
      // The gateway names its risk currency before all others. What is worth how much is known from here on, before
      // there is any configuration.
      if (name.index == 0) state_.market.set_risk_currency(order::CurrencyId(0));
      if (name.name.view() == "USD") {
        state_.market.set_usd(order::CurrencyId(static_cast<order::CurrencyId::rep>(name.index)));
      }
      break;
    case order::NameKind::kGroup:
      node_at(state_.groups, order::Scope::kGroup, name.index);
      break;
    case order::NameKind::kTrader: {
      Node& node = node_at(state_.traders, order::Scope::kTrader, name.index);
      node.owner = order::ClientId(static_cast<order::ClientId::rep>(name.owner));
      state_.hang(node);
      // It comes with its first order, long after the configuration, and inherits from then on.
      const Node* client = state_.find(order::Scope::kClient, node.owner.value());
      node.limits.resolve(client != nullptr ? &client->limits : &state_.firm.limits, state_.caps);
      if (state_.trader_orders.size() <= name.index) state_.trader_orders.resize(name.index + std::size_t{1});
      break;
    }
  }
}

namespace {

// A2: what a scope says it may trade. An instrument without an index is nobody's to trade.
void permit(Permissions& permissions, const config::ScopeLimits& stated, const NameLookup& index_of) {
  if (!stated.permissions) return;
  permissions.state();
  for (const config::Permission& each : *stated.permissions) {
    if (each.symbols.empty()) permissions.permit({order::InstrumentId::none(), each.buy, each.sell});
    for (const std::string& symbol : each.symbols) {
      const auto index = index_of(order::NameKind::kInstrument, symbol);
      if (index) permissions.permit({order::InstrumentId(*index), each.buy, each.sell});
    }
  }
}

}  // namespace

void Engine::configure(const config::Config& config, const NameLookup& index_of) {
  State& state = state_;
  state.settings.price_buffer = config.risk.price_buffer;
  state.settings.soft_levels = config.risk.soft_levels;
  state.settings.responses = config.risk.responses;
  state.settings.breakers = config.risk.breakers;
  const Duration soft = config.reference.stale_after;
  const Duration dead = config.reference.dead_after;
  state.market.set_ages(MarketAges{soft, dead.ns() != 0 ? dead : Duration::nanoseconds(soft.ns() * kHardAgeFactor),
                                   config.reference.stale_haircut});
  state.settings.offset = config.risk.offset;
  state.settings.swap_gross = config.risk.swap_gross;
  state.settings.tenor_add_on = config.risk.tenor_add_on;
  const auto currency = [&index_of](std::string_view name) {
    const auto index = index_of(order::NameKind::kCurrency, name);
    return index ? order::CurrencyId(static_cast<order::CurrencyId::rep>(*index)) : order::CurrencyId::none();
  };
  state.market.set_risk_currency(currency(config.gateway.currency));
  state.market.set_usd(currency("USD"));

  state.each_node([](Node& node) {
    static const config::LimitSet kNothingStated;
    node.configured = false;
    node.limits.set_configured(kNothingStated);
    node.crossed.clear();
    node.permissions.clear();
  });
  state.firm.configured = true;
  state.firm.limits.set_configured(config.risk.firm);
  for (Instrument& instrument : state.instruments) instrument.defined = false;

  const auto configure_node = [&index_of](std::vector<Node>& nodes, std::optional<std::uint32_t> index,
                                          const std::vector<config::ScopeLimits>& limits, std::string_view id) {
    if (!index || *index >= nodes.size()) return false;
    Node& node = nodes[*index];
    const config::ScopeLimits& stated = limits_of(limits, id);
    node.configured = true;
    node.limits.set_configured(stated.limits);
    for (const auto& [symbol, in_instrument] : stated.instruments) {
      const auto instrument = index_of(order::NameKind::kInstrument, symbol);
      if (!instrument) continue;
      Node& crossed = node.crossed.emplace_back();
      crossed.scope = node.scope;
      crossed.id = node.id;
      crossed.crossed_with = order::InstrumentId(*instrument);
      crossed.limits.set_configured(in_instrument);
    }
    permit(node.permissions, stated, index_of);
    return true;
  };
  const auto session_of = [&state](std::uint32_t owner, bool of_broker) -> std::optional<std::uint32_t> {
    for (std::uint32_t i = 0; i < state.sessions.size(); ++i) {
      if (state.sessions[i].of_broker == of_broker && state.sessions[i].owner == owner) return i;
    }
    return std::nullopt;
  };
  for (const config::ScopeLimits& group : config.risk.groups) {
    configure_node(state.groups, index_of(order::NameKind::kGroup, group.id), config.risk.groups, group.id);
  }
  for (const config::ScopeLimits& trader : config.risk.traders) {
    configure_node(state.traders, index_of(order::NameKind::kTrader, trader.id), config.risk.traders, trader.id);
  }
  for (const config::ScopeLimits& given : config.risk.currencies) {
    configure_node(state.currency_nodes, index_of(order::NameKind::kCurrency, given.id), config.risk.currencies,
                   given.id);
  }
  for (const config::Client& client : config.clients) {
    const auto index = index_of(order::NameKind::kClient, client.id);
    if (!configure_node(state.clients, index, config.risk.clients, client.id)) continue;
    for (Session& session : state.sessions) {
      if (session.of_broker || session.owner != *index) continue;
      session.throttle.configure(client.throttle.messages_per_second, client.throttle.burst);
      session.delays = client.throttle.action == config::ThrottleAction::kDelay;
    }
    configure_node(state.session_nodes, session_of(*index, false), config.risk.sessions, client.id);
    for (const std::string& account : client.accounts) {
      configure_node(state.accounts, index_of(order::NameKind::kAccount, account), config.risk.accounts, account);
    }
  }
  for (const config::Broker& broker : config.brokers) {
    const auto index = index_of(order::NameKind::kBroker, broker.id);
    if (!configure_node(state.brokers, index, config.risk.brokers, broker.id)) continue;
    configure_node(state.session_nodes, session_of(*index, true), config.risk.sessions, broker.id);
    BrokerThrottleState& throttle = state.broker_throttles[*index];
    throttle.bucket.configure(broker.throttle.messages_per_second, broker.throttle.burst);
    throttle.reserved_for_cancels = static_cast<std::uint32_t>(std::uint64_t{broker.throttle.burst} *
                                                               broker.throttle.reserved_for_cancels_percent / 100);
  }
  for (const config::Instrument& given : config.instruments) {
    const auto index = index_of(order::NameKind::kInstrument, given.symbol);
    if (!configure_node(state.instrument_nodes, index, config.risk.instruments, given.symbol)) continue;
    Instrument& instrument = state.instruments[*index];
    if (!instrument.base.has_value()) {
      instrument.base = currency(given.base);
      instrument.term = currency(given.term);
    }
    instrument.price_tick = given.price_tick;
    instrument.quantity_min = given.quantity_min;
    instrument.quantity_step = given.quantity_step;
    instrument.spot_days = given.spot_days;
    instrument.broken_dates = given.broken_dates;
    instrument.restricted = std::find(config.risk.restricted.begin(), config.risk.restricted.end(), given.symbol) !=
                            config.risk.restricted.end();
    instrument.is_fx = config::is_fx(given.type);
    instrument.delivers = given.type != config::InstrumentType::kFxNdf;
    instrument.only_swaps = given.type == config::InstrumentType::kFxSwap;
    instrument.collar_without_data = given.collar_without_data;
    instrument.static_collar = given.static_collar;
    instrument.defined = (instrument.base.has_value() || !instrument.is_fx) && instrument.term.has_value() &&
                         instrument.price_tick.is_positive() && instrument.quantity_step.is_positive();
  }
  state.pairs.forget();
  state.calendars.configure(config.risk.calendars, currency);
  state.date_spot();
  state.caps.configure(config.risk.absolute);
  state.resolve_limits();
  derive_all_rates();
  mark_all_profit();
  state.credit.resolve(state);
}

void Engine::set_quote(order::InstrumentId instrument, Price bid, Price ask, UtcTime time,
                       bool /*from_configuration*/) {
  state_.market.set_quote(instrument, bid, ask, time);
  derive_rates(instrument);
  renew_moved_credit();
  // What is no FX is lent at what its quote says.
  if (state_.credit.is_kept() && !state_.instruments[instrument.value()].is_fx) {
    state_.credit.renew_all(state_, instrument);
  }
  mark_moved_profits(instrument);
}

void Engine::set_rate(order::CurrencyId currency, Rate rate, UtcTime time, bool /*from_configuration*/) {
  if (state_.market.set_rate(currency, rate, time)) moved_rates_.push_back(currency);
  if (currency == state_.market.usd()) derive_all_rates();
  renew_moved_credit();
  mark_moved_profits(order::InstrumentId::none());
}

void Engine::renew_moved_credit() {
  if (!moved_rates_.empty() && state_.credit.is_kept()) state_.credit.renew_all(state_, moved_rates_);
}

void Engine::set_limit(order::Scope scope, std::uint32_t id, std::uint16_t limit, std::int64_t raw, bool unset,
                       std::uint64_t version) {
  change_limit(scope, id, limit, version, [raw, unset](NodeLimits& limits, Limit which) {
    if (unset) {
      limits.set_inherited(which);
    } else {
      limits.set_operator(which, raw);
    }
  });
}

void Engine::forget_limit(order::Scope scope, std::uint32_t id, std::uint16_t limit, std::uint64_t version) {
  change_limit(scope, id, limit, version, [](NodeLimits& limits, Limit which) { limits.forget_operator(which); });
}

template <typename Change>
void Engine::change_limit(order::Scope scope, std::uint32_t id, std::uint16_t limit, std::uint64_t version,
                          Change&& change) {
  Node* node = state_.find(scope, id);
  PORTCULLIS_CHECK(node != nullptr, "a limit of a scope that has none");
  PORTCULLIS_CHECK(limit < kLimitCount, "a limit outside the table of limits");
  const auto which = static_cast<Limit>(limit);
  change(node->limits, which);
  node->limits_version = version;
  state_.limits_version = std::max(state_.limits_version, version);
  state_.resolve_limit(*node, which);
  // A loss is judged only by what its own scope states.
  if (which == Limit::kMaxDailyLoss || which == Limit::kMaxDrawdown) note_moved(*node);
  if (which == Limit::kMaxCredit) state_.credit.resolve(state_);
}

namespace {

// What a control counts begins anew with its re-arming, or it would trip again by what it has tripped by.
void count_anew(State& state, const LatchKey& key) {
  using order::Control;
  using order::Scope;
  if (key.control == Control::kC3 && key.scope == Scope::kSession && key.id < state.sessions.size()) {
    state.sessions[key.id].filled_orders.reset(key.instrument, key.direction);
  }
  if (key.control == Control::kC3 && key.scope == Scope::kTrader && key.id < state.trader_orders.size()) {
    state.trader_orders[key.id].reset(key.instrument, key.direction);
  }
  if (key.control == Control::kF1 && key.scope == Scope::kSession && key.id < state.sessions.size()) {
    state.sessions[key.id].decisions.reset();
    state.sessions[key.id].executions.reset();
    state.sessions[key.id].messages.reset();
  }
  if (key.control == Control::kF1 && key.scope == Scope::kBroker && key.id < state.broker_answers.size()) {
    state.broker_answers[key.id].reset();
  }
  if (key.control == Control::kB4 && key.id < state.instruments.size()) {
    state.instruments[key.id].drift = DriftWindow();
  }
}

}  // namespace

void Engine::set_scope_state(order::Scope scope, std::uint32_t id, order::ScopeState state) {
  PORTCULLIS_CHECK(has_state(scope, id), "a state of a scope that has none");
  state_.find(scope, id)->own_state = state;
  ++state_.words;
  for (const Latch& latch : state_.latches.all()) {
    if (latch.key.scope == scope && latch.key.id == id && latch.response > state) count_anew(state_, latch.key);
  }
  state_.latches.clear_above(scope, id, state);
  note_moved(*state_.find(scope, id));  // what stands over its limit latches again
}

void Engine::start_day(std::int32_t trade_date, config::RollPositions positions) {
  const bool flat = positions == config::RollPositions::kFlat;
  state_.trade_date = trade_date;
  ++state_.cells;  // what has settled leaves
  state_.date_spot();
  for (Exposure* const sums : {&state_.suspense, &state_.adjusted}) {
    sums->start_day(trade_date);
    if (flat) sums->flatten();
  }
  state_.each_node([this, trade_date, flat](Node& node) {
    if (keeps_profit(node.scope)) {
      for (const FixingExposure& fixed : node.exposure.fixings()) {
        if (fixed.date < trade_date) node.profit.leave(fixed.instrument, fixed.position);
      }
    }
    node.exposure.start_day(trade_date);
    node.profit.start_day(state_.market, [this](order::InstrumentId instrument) {
      return state_.instruments[instrument.value()].multiplier;
    });
    node.levels.start_day();
    if (!flat) return;
    node.exposure.flatten();
    node.profit.flatten();
  });
  mark_all_profit();
  state_.credit.resolve(state_);
  for (Session& session : state_.sessions) session.day = DayCounts();
}

void Engine::set_group(order::ClientId client, order::GroupId group) {
  Node* node = state_.find(order::Scope::kClient, client.value());
  PORTCULLIS_CHECK(node != nullptr, "a group of a client that there is not");
  ++state_.cells;
  ++state_.shape;
  if (Node* left = state_.find(order::Scope::kGroup, node->group.value())) left->exposure.absorb(node->exposure, -1);
  node->group = group;
  if (Node* joined = state_.find(order::Scope::kGroup, group.value())) joined->exposure.absorb(node->exposure, 1);
  state_.resolve_limits_of(*node);
}

void Engine::remember_order(order::AccountId account, order::TraderId trader, order::InstrumentId instrument,
                            order::Side side, order::Dealt dealt, const order::Terms& terms, UtcTime now) {
  const std::uint64_t place = state_.order_memory.remember(Likeness::of(account, instrument, side, dealt, terms), now);
  if (account.value() < state_.accounts.size()) state_.accounts[account.value()].newest_order = place;
  if (trader.value() >= state_.traders.size()) return;
  state_.traders[trader.value()].newest_order = state_.order_memory.remember(Likeness::of(trader, instrument, side, dealt, terms), now);
}

void Engine::count_filled_order(order::SessionId session, order::TraderId trader, order::InstrumentId instrument,
                                bool buys_base) {
  const Direction direction = direction_of(buys_base);
  if (session.value() < state_.sessions.size()) state_.sessions[session.value()].filled_orders.add(instrument, direction);
  if (trader.value() < state_.trader_orders.size()) state_.trader_orders[trader.value()].add(instrument, direction);
}

void Engine::rearm(const LatchKey& key) {
  state_.latches.clear(key);
  count_anew(state_, key);
  if (Node* const node = state_.find(key.scope, key.id)) note_moved(*node);
}

void Engine::set_level(order::Scope scope, std::uint32_t id, const LevelReached& to) {
  Node* node = state_.find(scope, id);
  PORTCULLIS_CHECK(node != nullptr, "a soft level of a scope that has none");
  const bool slowed = node->levels.slows();
  node->levels.set(to);
  note_moved(*node);
  if (node->levels.slows() == slowed) return;
  // A slow client is slow on its sessions, whichever scope of it has come too far.
  switch (scope) {
    case order::Scope::kFirm:
      for (const Node& client : state_.clients) slow_sessions(client);
      break;
    case order::Scope::kClient:
      slow_sessions(*node);
      break;
    case order::Scope::kAccount:
      if (const Node* const client = state_.find(order::Scope::kClient, node->owner.value())) slow_sessions(*client);
      break;
    default:
      break;
  }
}

void Engine::slow_sessions(const Node& client) {
  if (client.id >= state_.of_clients.size()) return;
  const ClientScopes& below = state_.of_clients[client.id];
  const bool slows = state_.firm.levels.slows() || client.levels.slows() ||
                     std::any_of(below.accounts.begin(), below.accounts.end(),
                                 [this](std::uint32_t id) { return state_.accounts[id].levels.slows(); });
  for (const std::uint32_t id : below.sessions) state_.sessions[id].slowed = slows;
}

void Engine::take_token(order::SessionId session, UtcTime now) {
  if (session.value() >= state_.sessions.size()) return;
  Session& taker = state_.sessions[session.value()];
  taker.throttle.take(now, taker.message_cost());
}

void Engine::take_broker_token(order::BrokerId broker, UtcTime now) {
  if (broker.value() < state_.broker_throttles.size()) state_.broker_throttles[broker.value()].bucket.take(now);
}

}  // namespace portcullis::risk
