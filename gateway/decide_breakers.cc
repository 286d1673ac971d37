// Breakers: what is no limit of an order, but a sign that something is wrong with who sends it (F1, C4), with the
// broker that answers (F1), with the market (B4), or with the gateway itself (F2).

#include <algorithm>

#include "gateway/decide_consequences.h"
#include "order/latch_events.h"

namespace portcullis::gateway {
namespace {

using config::Response;
using order::AlertCode;
using order::Control;
using order::Scope;
using order::Severity;
using risk::LatchKey;

void write_told(Deciding& d, const LatchKey& key, std::int64_t usage, std::int64_t limit, bool on) {
  order::BreakerTold event{};
  event.time = d.now;
  event.usage = usage;
  event.limit = limit;
  event.id = key.id;
  event.instrument = key.instrument;
  event.scope = key.scope;
  event.control = key.control;
  event.detail = key.detail;
  event.on = on ? 1 : 0;
  d.events.add(event);
}

// The condition holds: the breaker trips, or where it only warns, says so once.
void trip(Deciding& d, const LatchKey& key, std::int64_t usage, std::int64_t limit, Response response,
          std::string_view reason) {
  const risk::State& risk = d.state.risk.state();
  if (response == Response::kOff || risk.latches.find(key) != nullptr) return;
  if (response == Response::kWarn || response == Response::kSlow) {
    if (risk.told.find(key) != nullptr) return;
    write_told(d, key, usage, limit, true);
    d.alert(AlertCode::kBreaker, Severity::kWarning, reason);
    return;
  }
  latch_scope(d, key, usage, limit, state_of(response), reason);
}

// It holds no longer: the next time is told again.
void calm(Deciding& d, const LatchKey& key, std::int64_t usage, std::int64_t limit) {
  if (d.state.risk.state().told.find(key) != nullptr) write_told(d, key, usage, limit, false);
}

LatchKey of_scope(Control control, Scope scope, std::uint32_t id, std::uint8_t detail = 0) {
  return LatchKey{control, scope, id, order::InstrumentId::none(), risk::Direction::kBoth, detail};
}

enum Detail : std::uint8_t {
  kRejects = 1,
  kUnacked = 2,
  kLatency = 3,
  kCancelRatio = 4,
  kOrderToTrade = 5,
  kFills = 6,
  kFlood = 7,
};

}  // namespace

void decide_reject_rate(Deciding& d, SessionId session) {
  const risk::State& risk = d.state.risk.state();
  const config::RejectBreaker& breaker = risk.settings.breakers.rejects;
  const risk::Session* known = risk.find_session(session);
  if (known == nullptr || breaker.response == Response::kOff || breaker.percent == 0) return;
  // As a rule too few are refused for any window to hold enough of them, and nobody is to hear that it is over.
  if (known->decisions.bad_at_most() < std::max(breaker.least, 1U) && risk.told.empty()) [[likely]]
    return;
  const risk::RecentCounts::Counts counts = known->decisions.within(d.now, breaker.window);
  const LatchKey key = of_scope(Control::kF1, Scope::kSession, session.value(), kRejects);
  const bool too_many =
      counts.bad >= breaker.least && std::uint64_t{counts.bad} * 100 > std::uint64_t{counts.all} * breaker.percent;
  if (too_many) {
    trip(d, key, counts.bad, counts.all, breaker.response,
         "F1: most of what a session sends is refused; usage tells how many, limit of how many");
  } else {
    calm(d, key, counts.bad, counts.all);
  }
}

void decide_fills(Deciding& d, SessionId session) {
  const risk::State& risk = d.state.risk.state();
  const config::FillBreaker& breaker = risk.settings.breakers.fills;
  const risk::Session* known = risk.find_session(session);
  if (known == nullptr || breaker.response == Response::kOff || breaker.count == 0) return;
  const std::uint32_t fills = known->executions.within(d.now, breaker.window).all;
  const LatchKey key = of_scope(Control::kF1, Scope::kSession, session.value(), kFills);
  if (fills > breaker.count) {
    trip(d, key, fills, breaker.count, breaker.response, "F1: a session has more executions in a time than fills allows");
  } else {
    calm(d, key, fills, breaker.count);
  }
}

// Each of the last seconds that are over, so that a burst, which a throttle lets through, is no flood.
void decide_flood(Deciding& d, SessionId session) {
  const State& state = d.state;
  const risk::State& risk = state.risk.state();
  const config::FloodBreaker& breaker = risk.settings.breakers.flood;
  const risk::Session* known = risk.find_session(session);
  if (known == nullptr || breaker.response == Response::kOff || breaker.percent == 0) return;
  const std::uint32_t rate = state.setup.clients[state.sessions[session.value()].client.value()].throttle.messages_per_second;
  const std::uint64_t most = std::uint64_t{rate} * breaker.percent / 100;
  constexpr std::int64_t kSecond = Duration::seconds(1).ns();
  const std::int64_t now = d.now.ns() / kSecond;  // this second is not over
  const LatchKey key = of_scope(Control::kF1, Scope::kSession, session.value(), kFlood);
  const bool told = !risk.told.empty() && risk.told.find(key) != nullptr;
  std::uint64_t least = ~std::uint64_t{0};
  for (std::int64_t ago = 1; ago <= breaker.duration.ns() / kSecond; ++ago) {
    least = std::min<std::uint64_t>(least, known->messages.in_second(now - ago).all);
    if (least <= most && !told) return;  // one quiet second is enough, and nobody is to hear of it
  }
  const auto usage = static_cast<std::int64_t>(least);
  if (least > most) {
    trip(d, key, usage, static_cast<std::int64_t>(most), breaker.response,
         "F1: a session sends far more than its throttle's rate, second after second");
  } else {
    calm(d, key, usage, static_cast<std::int64_t>(most));
  }
}

void decide_broker_rejects(Deciding& d, BrokerId broker) {
  const risk::State& risk = d.state.risk.state();
  const config::CountBreaker& breaker = risk.settings.breakers.broker_rejects;
  if (breaker.response == Response::kOff || broker.value() >= risk.broker_answers.size()) return;
  const std::uint32_t bad = risk.broker_answers[broker.value()].within(d.now, breaker.window).bad;
  const LatchKey key = of_scope(Control::kF1, Scope::kBroker, broker.value(), kRejects);
  if (bad > breaker.count) {
    trip(d, key, bad, breaker.count, breaker.response, "F1: a broker rejects too many of our requests");
  } else {
    calm(d, key, bad, breaker.count);
  }
}

void decide_latency(Deciding& d, BrokerId broker, Duration answered_after) {
  const config::LatencyBreaker& breaker = d.state.risk.state().settings.breakers.broker_latency;
  if (breaker.response == Response::kOff || breaker.limit.ns() == 0) return;
  const LatchKey key = of_scope(Control::kF1, Scope::kBroker, broker.value(), kLatency);
  if (answered_after > breaker.limit) {
    trip(d, key, answered_after.ms(), breaker.limit.ms(), breaker.response,
         "F1: a broker's answer took longer than broker_latency allows, in milliseconds");
  } else {
    calm(d, key, answered_after.ms(), breaker.limit.ms());
  }
}

bool decide_due_breakers(Deciding& d) {
  const State& state = d.state;
  const config::UnackedBreaker& breaker = state.risk.state().settings.breakers.unacked;
  if (breaker.response == Response::kOff) return false;
  const std::size_t before = d.events.size();
  for (std::uint16_t i = 0; i < state.broker_states.size(); ++i) {
    const LatchKey key = of_scope(Control::kF1, Scope::kBroker, i, kUnacked);
    std::int64_t old = 0;
    for (const RequestNumber number : state.broker_states[i].unanswered) {
      const Request& request = state.requests[number];
      if (d.now - request.time <= breaker.age || old >= breaker.count) break;
      if (request.state == RequestState::kSent) ++old;
    }
    if (old >= breaker.count) {
      trip(d, key, old, breaker.count, breaker.response, "F1: a broker leaves too many requests unanswered");
    } else {
      calm(d, key, old, breaker.count);
    }
    if (d.events.size() != before) return true;
  }
  return false;
}

void decide_ratios(Deciding& d, SessionId session) {
  const risk::State& risk = d.state.risk.state();
  const config::RatioBreaker& breaker = risk.settings.breakers.ratios;
  const risk::Session* known = risk.find_session(session);
  if (known == nullptr || known->day.messages() < breaker.least) return;
  const risk::DayCounts& day = known->day;
  if (breaker.cancel_percent != 0) {
    const LatchKey key = of_scope(Control::kC4, Scope::kSession, session.value(), kCancelRatio);
    const auto usage = static_cast<std::int64_t>(day.orders == 0 ? 0 : day.cancels * 100 / day.orders);
    if (usage > breaker.cancel_percent) {
      trip(d, key, usage, breaker.cancel_percent, Response::kWarn,
           "C4: a session cancels more of its orders than cancel_percent");
    } else {
      calm(d, key, usage, breaker.cancel_percent);
    }
  }
  if (breaker.orders_per_trade != 0) {
    const LatchKey key = of_scope(Control::kC4, Scope::kSession, session.value(), kOrderToTrade);
    const auto usage = static_cast<std::int64_t>(day.messages() / std::max<std::uint64_t>(day.executions, 1));
    if (usage > breaker.orders_per_trade) {
      trip(d, key, usage, breaker.orders_per_trade, Response::kWarn,
           "C4: a session sends more messages for each execution than orders_per_trade");
    } else {
      calm(d, key, usage, breaker.orders_per_trade);
    }
  }
}

void decide_drift(Deciding& d, order::InstrumentId instrument, bool by_order) {
  const risk::State& risk = d.state.risk.state();
  const config::DriftBreaker& breaker = risk.settings.breakers.price_drift;
  if (breaker.response == Response::kOff || breaker.percent.is_zero()) return;
  const risk::Quote* quote = risk.market.quote(instrument);
  if (quote == nullptr || instrument.value() >= risk.instruments.size()) return;
  const risk::DriftWindow& window = risk.instruments[instrument.value()].drift;
  const std::int64_t mid = quote->bid.raw() / 2 + quote->ask.raw() / 2;
  const bool open = window.reference.is_positive() && d.now - window.opened < breaker.window;
  if (!open) {
    if (!by_order) return;
    order::DriftWindowOpened event{};
    event.time = d.now;
    event.reference = Price::from_raw(mid);
    event.instrument = instrument;
    d.events.add(event);
    return;
  }
  const Wide moved = Wide{mid} - window.reference.raw();
  const Wide distance = moved < 0 ? -moved : moved;
  // In units of Percent, as the limit is.
  const auto drift = static_cast<std::int64_t>(distance * 100 * config::Percent::kOne / window.reference.raw());
  if (drift > breaker.percent.raw()) {
    trip(d, of_scope(Control::kB4, Scope::kInstrument, instrument.value()), drift, breaker.percent.raw(),
         breaker.response, "B4: the market has moved too far since the first order of the window");
  }
}

order::Reject decide_health(Deciding& d, const order::ReportHealth& report) {
  const config::InfrastructureBreaker& breaker = d.state.risk.state().settings.breakers.infrastructure;
  const LatchKey key = of_scope(Control::kF2, report.scope, report.id, static_cast<std::uint8_t>(report.condition));
  if (report.bad) {
    trip(d, key, report.usage, report.limit, breaker.response, report.reason.view());
  } else {
    calm(d, key, report.usage, report.limit);
  }
  return {};
}

}  // namespace portcullis::gateway
