#include "gateway/sampling.h"

#include <array>
#include <span>

#include "gateway/decide.h"

namespace portcullis::gateway {
namespace {

// Of one step: each takes at most 400 bytes of the record.
constexpr int kSamplesPerStep = 8;

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

// Lines of evidence, of the limits that the scope states.
struct Uses {
  std::array<order::CheckResult, std::size(kOnSums)> lines;
  std::size_t size = 0;

  Uses(const risk::Engine& risk, const risk::Node& node, UtcTime now) {
    for (const OnSum& sum : kOnSums) {
      if (!node.limits.stated_here(sum.limit)) continue;
      const auto used = risk.used(node, sum.limit, now);
      if (!used) continue;
      lines[size++] = order::CheckResult{sum.control, node.scope, 1, 0, node.id, *used, 0, node.limits[sum.limit]};
    }
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

bool is_due(const State& state, UtcTime now) {
  const Sampling& sampling = state.sampling;
  if (sampling.next != 0) return true;
  const bool news = sampling.decisions != state.decisions || sampling.executions != state.executions.size() ||
                    sampling.market_version != state.market_version;
  return news && now - sampling.round_over >= kSamplingPeriod;
}

}  // namespace

bool decide_sample(Deciding& d) {
  const State& state = d.state;
  if (!is_due(state, d.now)) return false;
  int written = 0;
  for (std::uint32_t place = state.sampling.next; place <= end_of_round(state) && written < kSamplesPerStep; ++place) {
    const Subject subject = subject_at(state, place);
    const risk::Node* node = state.risk.state().find(subject.scope, subject.id);
    if (node == nullptr) continue;
    const Sampling::Sums sums = sums_of(state.risk, *node);
    // The firm ends the round, and so is always told.
    if (subject.scope != order::Scope::kFirm && sums == last_of(state.sampling, subject)) continue;
    order::ExposureSampled event{};
    event.time = d.now;
    event.gross_open = sums.gross_open;
    event.net_open_position = sums.net_open_position;
    event.settlement = sums.settlement;
    event.traded = sums.traded;
    event.open_orders = sums.open_orders;
    event.id = subject.id;
    event.scope = subject.scope;
    const Uses uses(state.risk, *node, d.now);
    d.events.add_with_tail(event, std::span(uses.lines).first(uses.size));
    ++written;
  }
  return written > 0;
}

namespace {

void apply_sample(State& state, const order::ExposureSampled& event) {
  Sampling& sampling = state.sampling;
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
  if (event.type() == order::EventType::kExposureSampled) {
    apply_sample(state, event.as<order::ExposureSampled>());
  } else if (event.type() == order::EventType::kShadowDecided) {
    const bool would_accept = event.as<order::ShadowDecided>().shadow == order::RejectCode::kNone;
    ++(would_accept ? state.shadow_would_accept : state.shadow_would_refuse);
  }
}

}  // namespace portcullis::gateway
