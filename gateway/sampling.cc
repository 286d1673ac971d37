#include "gateway/sampling.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>

#include "gateway/decide.h"

namespace portcullis::gateway {
namespace {

// Of one step. Each sample takes at most kSampleSize of the record.
constexpr int kSamplesPerStep = 8;
constexpr int kVisitsPerStep = 256;
constexpr std::size_t kMostLines = 16;
constexpr std::size_t kSampleSize = sizeof(order::ExposureSampled) + kMostLines * sizeof(order::CheckResult) + 16;

// The limits on sums, whose use is told with them.
struct OnSum {
  config::Limit limit;
  order::Control control;
};
constexpr OnSum kOnSums[] = {
    {config::Limit::kMaxOpenOrders, order::Control::kD1},
    {config::Limit::kMaxGrossOpenNotional, order::Control::kD2},
    {config::Limit::kMaxLongPosition, order::Control::kD3},
    {config::Limit::kMaxShortPosition, order::Control::kD3},
    {config::Limit::kMaxCurrencyPosition, order::Control::kD4},
    {config::Limit::kMaxNetOpenPosition, order::Control::kD5},
    {config::Limit::kMaxDailySettlement, order::Control::kD6},
    {config::Limit::kMaxDailyVolume, order::Control::kD7},
    {config::Limit::kMaxDailyQuantity, order::Control::kD7},
    {config::Limit::kMaxCredit, order::Control::kD8},
};

bool states_any(const risk::NodeLimits& limits) {
  return limits.states_any() && std::any_of(std::begin(kOnSums), std::end(kOnSums),
                                            [&](const OnSum& sum) { return limits.stated_here(sum.limit); });
}

// A scope with a limit on sums of its own, everywhere or in one instrument.
bool states_any(const risk::Node& node) {
  return states_any(node.limits) || std::any_of(node.crossed.begin(), node.crossed.end(),
                                                [](const risk::Node& crossed) { return states_any(crossed.limits); });
}

// Lines of evidence, of the limits that the scope states.
struct Uses {
  std::array<order::CheckResult, kMostLines> lines;
  std::size_t size = 0;

  Uses(const risk::Engine& risk, const risk::Node& node, UtcTime now) {
    for (const OnSum& sum : kOnSums) {
      if (!node.limits.stated_here(sum.limit)) continue;
      const auto used = risk.used(node, sum.limit, now);
      if (used) add(node, sum, *used, node.limits[sum.limit]);
    }
    // What holds in one instrument alone is all per instrument: positions and the day's quantity.
    for (const risk::Node& crossed : node.crossed) {
      const risk::InstrumentExposure& held = node.exposure.of(crossed.crossed_with);
      for (const OnSum& sum : kOnSums) {
        if (size == kMostLines || !crossed.limits.stated_here(sum.limit)) continue;
        const Wide used = sum.limit == config::Limit::kMaxLongPosition ? Wide{held.position.raw()} + held.open_buy.raw()
                          : sum.limit == config::Limit::kMaxShortPosition
                              ? Wide{held.open_sell.raw()} - held.position.raw()
                          : sum.limit == config::Limit::kMaxDailyQuantity ? held.volume()
                                                                          : Wide{-1};
        constexpr Wide kMost = std::numeric_limits<std::int64_t>::max();
        if (used >= 0) add(node, sum, static_cast<std::int64_t>(std::min(used, kMost)), crossed.limits[sum.limit]);
      }
    }
  }

 private:
  void add(const risk::Node& node, const OnSum& sum, std::int64_t used, std::int64_t limit) {
    lines[size++] = order::CheckResult{sum.control, node.scope, 1, 0, node.id, used, 0, limit};
  }
};

std::uint32_t end_of_round(const State& state) {
  return static_cast<std::uint32_t>(state.clients.size() + state.brokers.size());
}

struct Subject {
  order::Scope scope;
  std::uint32_t id;
};

Subject subject_at(const State& state, std::uint32_t place) {
  const auto clients = static_cast<std::uint32_t>(state.clients.size());
  if (place < clients) return {order::Scope::kClient, place};
  if (place < end_of_round(state)) return {order::Scope::kBroker, place - clients};
  return {order::Scope::kFirm, 0};
}

std::uint32_t place_of(const State& state, order::Scope scope, std::uint32_t id) {
  if (scope == order::Scope::kClient) return id;
  if (scope == order::Scope::kBroker) return static_cast<std::uint32_t>(state.clients.size()) + id;
  return end_of_round(state);
}

Sampling::Sums last_of(const Sampling& sampling, const Subject& subject) {
  const auto at = [&](const std::vector<Sampling::Sums>& sums) {
    return subject.id < sums.size() ? sums[subject.id] : Sampling::Sums();
  };
  if (subject.scope == order::Scope::kClient) return at(sampling.clients);
  if (subject.scope == order::Scope::kBroker) return at(sampling.brokers);
  return sampling.firm;
}

Sampling::Sums sums_of(const risk::Engine& risk, const risk::Node& node) {
  Sampling::Sums sums;
  sums.gross_open = node.exposure.gross_open_notional();
  sums.net_open_position = risk.net_open_position(node.exposure);
  sums.settlement = Amount::from_raw(risk.used(node, config::Limit::kMaxDailySettlement).value_or(0));
  sums.traded = node.exposure.traded_notional();
  sums.open_orders = static_cast<std::uint64_t>(node.exposure.open_orders());
  return sums;
}

void write_sample(Deciding& d, const risk::Node& node, const Sampling::Sums& sums) {
  order::ExposureSampled event{};
  event.time = d.now;
  event.gross_open = sums.gross_open;
  event.net_open_position = sums.net_open_position;
  event.settlement = sums.settlement;
  event.traded = sums.traded;
  event.open_orders = sums.open_orders;
  event.id = node.id;
  event.scope = node.scope;
  const Uses uses(d.state.risk, node, d.now);
  d.events.add_with_tail(event, std::span(uses.lines).first(uses.size));
}

// The scopes beside clients, brokers and the firm, one behind the other.
using order::Scope;
constexpr Scope kOthers[] = {Scope::kAccount,    Scope::kSession,  Scope::kTrader,
                             Scope::kInstrument, Scope::kCurrency, Scope::kGroup};

const std::vector<risk::Node>& table_of(const risk::State& risk, Scope scope) {
  switch (scope) {
    case Scope::kAccount:
      return risk.accounts;
    case Scope::kSession:
      return risk.session_nodes;
    case Scope::kTrader:
      return risk.traders;
    case Scope::kInstrument:
      return risk.instrument_nodes;
    case Scope::kCurrency:
      return risk.currency_nodes;
    default:
      return risk.groups;
  }
}

// What every order and execution moves, and what the day has begun with; what rates and quotes move is the clients' and
// the firm's to tell. Never zero.
std::uint64_t digest_of(Amount gross_open, Amount traded, std::uint64_t open_orders, std::int32_t trade_date) {
  std::uint64_t digest = 0;
  for (const std::uint64_t part :
       {static_cast<std::uint64_t>(gross_open.raw()), static_cast<std::uint64_t>(traded.raw()), open_orders,
        static_cast<std::uint64_t>(trade_date)}) {
    digest = (digest ^ part) * 0x9e3779b97f4a7c15;
    digest ^= digest >> 29;
  }
  return digest | 1;
}

bool was_told(const State& state, const risk::Node& node) {
  const std::vector<std::uint64_t>& told = state.sampling.told[static_cast<std::size_t>(node.scope)];
  const risk::Exposure& sums = node.exposure;
  return node.id < told.size() &&
         told[node.id] == digest_of(sums.gross_open_notional(), sums.traded_notional(),
                                    static_cast<std::uint64_t>(sums.open_orders()), state.trade_date);
}

// Those whose turn it is now.
bool decide_others(Deciding& d) {
  const State& state = d.state;
  const risk::State& risk = state.risk.state();
  if (state.decisions == 0) return false;
  std::uint64_t count = 0;
  for (const Scope scope : kOthers) count += table_of(risk, scope).size();
  constexpr std::uint64_t kFewest = static_cast<std::uint64_t>(kSamplingPeriod.ns() / kSamplingSlot.ns());
  const std::uint64_t slots = std::max(kFewest, (count + kOthersPerSlot - 1) / kOthersPerSlot);
  std::uint64_t first = static_cast<std::uint64_t>(d.now.ns() / kSamplingSlot.ns()) % slots * kOthersPerSlot;
  std::uint64_t left = kOthersPerSlot;
  bool written = false;
  for (const Scope scope : kOthers) {
    const std::vector<risk::Node>& nodes = table_of(risk, scope);
    for (; first < nodes.size() && left > 0; ++first, --left) {
      const risk::Node& node = nodes[first];
      if (!states_any(node) || was_told(state, node)) continue;
      if (d.events.remaining() < 2 * kSampleSize) return written;
      write_sample(d, node, sums_of(state.risk, node));
      written = true;
    }
    first -= std::min<std::uint64_t>(first, nodes.size());
  }
  return written;
}

bool is_due(const State& state, UtcTime now) {
  const Sampling& sampling = state.sampling;
  if (sampling.next != 0) return true;
  const bool news = sampling.decisions != state.decisions || sampling.executions != state.executions.size() ||
                    sampling.market_version != state.market_version;
  return news && now - sampling.round_over >= kSamplingPeriod;
}

bool decide_round(Deciding& d) {
  const State& state = d.state;
  if (state.sampling.stepped == d.now || !is_due(state, d.now)) return false;
  int written = 0, visited = 0;
  for (std::uint32_t place = state.sampling.next; place <= end_of_round(state) && written < kSamplesPerStep; ++place) {
    const Subject subject = subject_at(state, place);
    const risk::Node* node = state.risk.state().find(subject.scope, subject.id);
    if (node == nullptr) continue;
    const Sampling::Sums sums = sums_of(state.risk, *node);
    // The firm ends the round, and so is always told; so is one that has not changed where a long step ends.
    const bool ends_step = ++visited == kVisitsPerStep;
    if (ends_step && written > 0) break;
    if (subject.scope != order::Scope::kFirm && !ends_step && sums == last_of(state.sampling, subject)) continue;
    write_sample(d, *node, sums);
    ++written;
    if (ends_step) break;
  }
  return written > 0;
}

}  // namespace

bool decide_sample(Deciding& d) {
  return decide_round(d) || decide_others(d);
}

namespace {

void apply_sample(State& state, const order::ExposureSampled& event) {
  Sampling& sampling = state.sampling;
  if (std::find(std::begin(kOthers), std::end(kOthers), event.scope) != std::end(kOthers)) {
    std::vector<std::uint64_t>& told = sampling.told[static_cast<std::size_t>(event.scope)];
    if (told.size() <= event.id) told.resize(table_of(state.risk.state(), event.scope).size());
    if (event.id < told.size()) {
      told[event.id] = digest_of(event.gross_open, event.traded, event.open_orders, state.trade_date);
    }
    return;
  }
  sampling.stepped = event.time;
  const Sampling::Sums sums{event.gross_open, event.net_open_position, event.settlement, event.traded,
                            event.open_orders};
  if (event.scope == order::Scope::kFirm) {
    sampling.firm = sums;
    sampling.next = 0;
    sampling.round_over = event.time;
    sampling.decisions = state.decisions;
    sampling.executions = state.executions.size();
    sampling.market_version = state.market_version;
    return;
  }
  std::vector<Sampling::Sums>& told = event.scope == order::Scope::kClient ? sampling.clients : sampling.brokers;
  if (told.size() <= event.id) told.resize(std::size_t{event.id} + 1);
  told[event.id] = sums;
  sampling.next = place_of(state, event.scope, event.id) + 1;
}

}  // namespace

void apply_evidence(State& state, const order::EventView& event) {
  if (event.type() == order::EventType::kBuildStarted) {
    for (std::vector<std::uint64_t>& told : state.sampling.told) told.clear();
    state.sampling.stepped = UtcTime();
  } else if (event.type() == order::EventType::kExposureSampled) {
    apply_sample(state, event.as<order::ExposureSampled>());
  } else if (event.type() == order::EventType::kShadowDecided) {
    const bool would_accept = event.as<order::ShadowDecided>().shadow == order::RejectCode::kNone;
    ++(would_accept ? state.shadow_would_accept : state.shadow_would_refuse);
  }
}

}  // namespace portcullis::gateway
