#include "risk/scopes.h"

#include <cstring>
#include <initializer_list>
#include <limits>

namespace portcullis::risk {

namespace {

// Most specific first, so a scope that states as little as another further up is the one whose word decides.
void find_least(Scopes& scopes, Limit limit) {
  const Node*& least = scopes.least[static_cast<std::size_t>(limit)];
  const Node*& beside = scopes.least_beside[static_cast<std::size_t>(limit)];
  const Node*& of_broker = scopes.least_of_broker[static_cast<std::size_t>(limit)];
  least = beside = of_broker = nullptr;
  const auto take = [limit](const Node*& from, const Node* node) {
    if (from == nullptr || node->limits[limit] < from->limits[limit]) from = node;
  };
  for (const Path<const Node>* list : {&scopes.crossed, &scopes.nodes}) {
    for (const Node* node : *list) {
      if (!node->limits.stated_here(limit)) continue;
      take(least, node);
      take(node->scope == order::Scope::kBroker ? of_broker : beside, node);
    }
  }
}

// What all scopes allow together, of a limit that is a set.
void intersect(const Scopes& scopes, Limit limit, std::int64_t& set, const Node*& last) {
  set = ~std::int64_t{0};
  last = nullptr;
  for (const Node* node : scopes.nodes) {
    if (!node->limits.stated_here(limit)) continue;
    last = node;
    set &= node->limits[limit];
  }
}

void find_states(Scopes& scopes) {
  scopes.strongest = scopes.broker_reduces = nullptr;
  order::ScopeState strongest = order::ScopeState::kActive;
  for (const Node* node : scopes.nodes) {
    if (node->scope == order::Scope::kBroker && node->own_state == order::ScopeState::kReduceOnly) {
      scopes.broker_reduces = node;
    }
    if (node->own_state <= strongest) continue;
    strongest = node->own_state;
    scopes.strongest = node;
  }
}

// What a scope says it may trade; others do not say.
void find_permissions(Scopes& scopes, order::InstrumentId instrument) {
  scopes.permits = scopes.no_buy = scopes.no_sell = nullptr;
  for (const Node* node : scopes.nodes) {
    if (!node->permissions.stated()) continue;
    scopes.permits = node;
    if (scopes.no_buy == nullptr && !node->permissions.allow(instrument, true)) scopes.no_buy = node;
    if (scopes.no_sell == nullptr && !node->permissions.allow(instrument, false)) scopes.no_sell = node;
  }
}

// A trader's word is of its own count, and a broker's executions are counted nowhere.
void find_repeated(Scopes& scopes) {
  constexpr Limit kLimit = Limit::kRepeatedExecutions;
  scopes.repeated = nullptr;
  for (const Node* node : scopes.nodes) {
    if (node->scope == order::Scope::kTrader || node->scope == order::Scope::kBroker) continue;
    if (!node->limits.stated_here(kLimit)) continue;
    if (scopes.repeated == nullptr || node->limits[kLimit] < scopes.repeated->limits[kLimit]) scopes.repeated = node;
  }
}

}  // namespace

void Scopes::find_nodes(State& state, const Place& place, bool broker_alone) {
  if (broker_alone) {
    nodes = Path<const Node>();
    nodes.add(state.find(order::Scope::kBroker, place.broker.value()));
  } else {
    nodes = path_of<const Node>(static_cast<const State&>(state), place);
  }
  instrument_id_ = place.instrument;
  client_id_ = place.client;
  open_prices_ = &state.open_prices;
  resting_buys_ = resting_sells_ = nullptr;
  base_id_ = term_id_ = order::CurrencyId::none();
  if (place.instrument.value() < state.instruments.size()) {
    base_id_ = state.instruments[place.instrument.value()].base;
    term_id_ = state.instruments[place.instrument.value()].term;
  }
  dated = moved_base = moved_term = profited = 0;
  client = 0;
  for (std::size_t at = 0; at < nodes.size(); ++at) {
    const Node& node = *nodes[at];
    Node& own = *state.find(node.scope, node.id);
    const Places bit = Places{1} << at;
    sums[at] = &own.exposure;
    profits[at] = keeps_profit(node.scope) ? &own.profit : nullptr;
    if (profits[at] != nullptr) profited |= bit;
    if (node.scope == order::Scope::kClient) client = at;
    if (keeps_dates(node.scope)) dated |= bit;
    if (node.scope != order::Scope::kCurrency || node.id == base_id_.value()) moved_base |= bit;
    if (node.scope != order::Scope::kCurrency || node.id == term_id_.value()) moved_term |= bit;
  }
}

// Zeros stand in for what was never made; nothing is written to them, since make_cells() comes first.
void Scopes::find_cells() {
  made_ = true;
  for (std::size_t at = 0; at < nodes.size(); ++at) {
    const Exposure& of = *sums[at];
    instrument[at] = const_cast<InstrumentExposure*>(&of.of(instrument_id_));
    base[at] = const_cast<CurrencyExposure*>(&of.of(base_id_));
    term[at] = const_cast<CurrencyExposure*>(&of.of(term_id_));
    settling[at] = const_cast<DateSum*>(&Exposure::kNoSum);
    made_ = made_ && Exposure::is_made(*instrument[at]);
    if (base_id_.has_value()) made_ = made_ && Exposure::is_made(*base[at]) && Exposure::is_made(*term[at]);
  }
  date = 0;
}

void Scopes::look_up_date(std::int32_t wanted) {
  date = wanted;
  base_settles_made_ = term_settles_made_ = true;
  for_places(dated, [this](std::size_t at) {
    const Exposure& of = *sums[at];
    base_settles[at] = const_cast<SettlementExposure*>(&of.of(date, base_id_));
    term_settles[at] = const_cast<SettlementExposure*>(&of.of(date, term_id_));
    settling[at] = const_cast<DateSum*>(&of.sum_of(date));
    base_settles_made_ = base_settles_made_ && base_settles[at]->date == date;
    term_settles_made_ = term_settles_made_ && term_settles[at]->date == date;
    return true;
  });
}

void Scopes::make_all_cells(State& state) {
  for (std::size_t at = 0; at < nodes.size(); ++at) {
    sums[at]->cell(instrument_id_);
    if (!base_id_.has_value()) continue;  // what is no FX moves no currency
    sums[at]->cell(base_id_);
    sums[at]->cell(term_id_);
  }
  find_cells();
  cells_ = ++state.cells;
}

SettlementExposure& Scopes::settlement(State& state, std::size_t place, bool of_base) {
  SettlementExposure* settles = of_base ? base_settles[place] : term_settles[place];
  if (settles->date == date) return *settles;
  sums[place]->cell(date, of_base ? base_id_ : term_id_);
  look_up_date(date);
  cells_ = ++state.cells;
  return of_base ? *base_settles[place] : *term_settles[place];
}

// Each is made at the first order of its date.
void Scopes::make_all_settlements(State& state, bool of_base, bool of_term) {
  for_places(dated, [&](std::size_t at) {
    if (of_base) settlement(state, at, true);
    if (of_term) settlement(state, at, false);
    return true;
  });
}

void Scopes::find_words(const Settings& settings) {
  crossed = Path<const Node>();
  for (const Node* node : nodes) {
    for (const Node& entry : node->crossed) {
      if (entry.crossed_with == instrument_id_) crossed.add(&entry);
    }
  }
  for (std::size_t i = 0; i < kLimitCount; ++i) {
    const auto limit = static_cast<Limit>(i);
    Places of_limit = 0;
    Places of_netted = 0;
    for (std::size_t at = 0; at < nodes.size(); ++at) {
      const Node& node = *nodes[at];
      const Places bit = Places{1} << at;
      std::int64_t holds = node.limits[limit];
      if (node.limits.stated_here(limit)) of_limit |= bit;
      if (asks_netted(node, limit)) of_netted |= bit;
      if (by_instrument(limit)) {
        for (const Node* entry : crossed) {
          if (entry->scope != node.scope || entry->id != node.id || entry->limits[limit] >= holds) continue;
          holds = entry->limits[limit];
          of_limit |= bit;
          of_netted |= bit;
        }
      }
      limits[i][at] = holds;
    }
    stated[i] = of_limit;
    netted[i] = of_netted;
    find_least(*this, limit);
  }
  find_held();
  find_levels(settings.soft_levels);
  intersect(*this, Limit::kOrderTypes, order_types, last_order_types);
  intersect(*this, Limit::kTimesInForce, times_in_force, last_times_in_force);
  find_states(*this);
  find_permissions(*this, instrument_id_);
  find_repeated(*this);
  draft();
}

namespace {

order::CheckResult line_of(order::Control control, const Node& node, std::int64_t delta, std::int64_t limit) {
  return order::CheckResult{control, node.scope, 1, 0, node.id, 0, delta, limit};
}

}  // namespace

void Scopes::draft() {
  using order::Control;
  using order::Scope;
  drafts.is_plain = strongest == nullptr && permits == nullptr;
  for (std::size_t at = 0; at < nodes.size(); ++at) {
    const order::CheckResult head = line_of(Control::kCore, *nodes[at], 0, 0);
    std::memcpy(&drafts.heads[at], &head, sizeof drafts.heads[at]);
  }
  const auto of_set = [](order::CheckResult& line, const Node* last, std::int64_t set) {
    if (last != nullptr) line = line_of(Control::kA3, *last, 0, set);
  };
  of_set(drafts.order_types, last_order_types, order_types);
  of_set(drafts.times_in_force, last_times_in_force, times_in_force);
  const auto words = [this](EvidenceDrafts::Words& to, Control control, Limit limit) {
    to.count = 0;
    for (const ByLimit<const Node*>* of : {&least_beside, &least_of_broker}) {
      const Node* const node = (*of)[static_cast<std::size_t>(limit)];
      if (node != nullptr) to.lines[to.count++] = line_of(control, *node, 0, node->limits[limit]);
    }
  };
  words(drafts.tenor, Control::kA6, Limit::kMaxTenorDays);
  words(drafts.quantity, Control::kB1, Limit::kMaxOrderQuantity);
  words(drafts.notional, Control::kB2, Limit::kMaxOrderNotional);
  words(drafts.collar, Control::kB3, Limit::kPriceCollarPercent);
  const Node* const band = least[static_cast<std::size_t>(Limit::kPassiveBandPercent)];
  drafts.passive_band = band != nullptr ? band->limits[Limit::kPassiveBandPercent] : kNoLimit;
  const Node* const spread = least[static_cast<std::size_t>(Limit::kMaxSpreadPercent)];
  drafts.has_spread = spread != nullptr;
  if (drafts.has_spread) drafts.spread = line_of(Control::kB3, *spread, 0, spread->limits[Limit::kMaxSpreadPercent]);
  if (repeated != nullptr) drafts.of_session = line_of(Control::kC3, *repeated, 1, repeated->limits[Limit::kRepeatedExecutions]);
  drafts.has_of_trader = false;
  drafts.duplicate_count = 0;
  for (const Node* node : nodes) {
    const bool trader = node->scope == Scope::kTrader;
    if (trader && node->limits.stated_here(Limit::kRepeatedExecutions)) {
      drafts.has_of_trader = true;
      drafts.of_trader = line_of(Control::kC3, *node, 1, node->limits[Limit::kRepeatedExecutions]);
    }
    const bool owner = node->scope == Scope::kAccount || node->scope == Scope::kClient || node->scope == Scope::kFirm;
    if (!(owner || trader) || !node->limits.stated_here(Limit::kDuplicateOrders)) continue;
    const std::int64_t raw = node->limits[Limit::kDuplicateOrders];
    drafts.duplicates[drafts.duplicate_count++] = {line_of(Control::kC2, *node, 1, raw >> 32),
                                                   Duration::milliseconds(raw & 0xffffffff), trader};
  }
}

void Scopes::hold(HeldSum sum, Limit limit, Places places) {
  holding |= places;
  for_places(places, [&](std::size_t at) {
    held[at][sum] = std::min(limits_of(limit)[at], kNoLimit);
    return true;
  });
}

void Scopes::find_held() {
  holding = 0;
  for (HeldRow& row : held) row.of.fill(kNoLimit);
  const auto stating = [this](Limit limit) { return stated[static_cast<std::size_t>(limit)]; };
  const auto netting = [this](Limit limit) { return netted[static_cast<std::size_t>(limit)]; };
  for (const auto& [sum, limit] : {std::pair(HeldSum::kOpenOrders, Limit::kMaxOpenOrders),
                                   std::pair(HeldSum::kGrossOpen, Limit::kMaxGrossOpenNotional),
                                   std::pair(HeldSum::kDailyVolume, Limit::kMaxDailyVolume),
                                   std::pair(HeldSum::kDailyQuantity, Limit::kMaxDailyQuantity)}) {
    hold(sum, limit, stating(limit));
  }
  for (const auto& [sum, limit] : {std::pair(HeldSum::kLongPosition, Limit::kMaxLongPosition),
                                   std::pair(HeldSum::kShortPosition, Limit::kMaxShortPosition),
                                   std::pair(HeldSum::kNetOpen, Limit::kMaxNetOpenPosition)}) {
    hold(sum, limit, netting(limit));
  }
  const Places of_currency = netting(Limit::kMaxCurrencyPosition);
  for (const HeldSum side : {HeldSum::kBaseLong, HeldSum::kBaseShort}) {
    hold(side, Limit::kMaxCurrencyPosition, of_currency & moved_base);
  }
  for (const HeldSum side : {HeldSum::kTermLong, HeldSum::kTermShort}) {
    hold(side, Limit::kMaxCurrencyPosition, of_currency & moved_term);
  }
  hold(HeldSum::kSettlement, Limit::kMaxDailySettlement, dated);
}

// What a scope states for one instrument alone has no level.
void Scopes::find_levels(const config::SoftLevels& levels) {
  constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();
  levelled = credit_levelled = losing = 0;
  const std::int64_t percent = levels.count > 0 ? levels.percent.front() : 0;
  for (std::size_t at = 0; at < nodes.size(); ++at) {
    const NodeLimits& says = nodes[at]->limits;
    const Places bit = Places{1} << at;
    below_levels[at].of.fill(kNone);
    const auto set = [&](Limit limit, std::initializer_list<HeldSum> held_sums) {
      if (!says.stated_here(limit)) return;
      levelled |= bit;
      const std::int64_t allowed = says[limit];
      if (allowed <= 0 || levels.count == 0) return;
      // A usage of `first` is the least that is so many per cent.
      const auto first = static_cast<std::int64_t>(divide(Wide{allowed} * percent, 100, Rounding::kAwayFromZero));
      for (const HeldSum sum : held_sums) below_levels[at][sum] = first - 1;
    };
    set(Limit::kMaxOpenOrders, {HeldSum::kOpenOrders});
    set(Limit::kMaxGrossOpenNotional, {HeldSum::kGrossOpen});
    set(Limit::kMaxDailyVolume, {HeldSum::kDailyVolume});
    set(Limit::kMaxNetOpenPosition, {HeldSum::kNetOpen});
    set(Limit::kMaxLongPosition, {HeldSum::kLongPosition});
    set(Limit::kMaxShortPosition, {HeldSum::kShortPosition});
    set(Limit::kMaxDailyQuantity, {HeldSum::kDailyQuantity});
    set(Limit::kMaxDailySettlement, {HeldSum::kSettlement});
    set(Limit::kMaxCurrencyPosition,
        {HeldSum::kBaseLong, HeldSum::kBaseShort, HeldSum::kTermLong, HeldSum::kTermShort});
    if (says.stated_here(Limit::kMaxCredit)) {
      levelled |= bit;
      credit_levelled |= bit;
    }
    const bool loses = says.stated_here(Limit::kMaxDailyLoss) || says.stated_here(Limit::kMaxDrawdown);
    if (loses && keeps_profit(nodes[at]->scope)) losing |= bit;
  }
}

Scopes& ScopeCache::find_anew(State& state, const Place& place, bool broker_alone) {
  if (pairs_.empty()) [[unlikely]]
    pairs_.resize(kPairs);
  const Scopes::Key key = key_of(place, broker_alone);
  Pair& pair = pairs_.data()[place_of(key)];
  Entry& first = pair.entries.data()[0];
  if (first.scopes == nullptr || first.key != key) [[unlikely]]
    take_second_or_new(pair, key);
  Scopes& scopes = *first.scopes;
  last_ = &scopes;
  last_key_ = key;
  if (scopes.shape_ != state.shape) [[unlikely]] {
    scopes.find_nodes(state, place, broker_alone);
    scopes.shape_ = state.shape;
    scopes.words_ = scopes.cells_ = 0;
  }
  if (scopes.cells_ != state.cells) [[unlikely]] {
    scopes.find_cells();
    scopes.cells_ = state.cells;
  }
  return scopes;
}

Scopes& ScopeCache::with_words(Scopes& scopes, const State& state) {
  scopes.find_words(state.settings);
  scopes.words_ = state.words;
  return scopes;
}

// The one that was used first of the two gives way.
void ScopeCache::take_second_or_new(Pair& pair, const Scopes::Key& key) {
  auto& [first, second] = pair.entries;
  std::swap(first, second);
  if (first.scopes == nullptr) first.scopes = std::make_unique<Scopes>();
  if (first.key == key) return;
  first.key = key;
  first.scopes->shape_ = 0;
}

}  // namespace portcullis::risk
