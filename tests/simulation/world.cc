#include "tests/simulation/world.h"

#include <algorithm>
#include <map>
#include <set>

#include "risk/engine.h"
#include "tests/gateway/fixture.h"

namespace portcullis::simulation {
namespace {

constexpr std::int64_t kStartOfTime = 1'795'435'200'000'000'000;  // 2026-11-23T12:00:00Z, a Monday
constexpr int kTradingTicks = 900;
constexpr std::int64_t kTickMs = 10;
constexpr std::int64_t kPeacefulTickMs = 50;
constexpr std::int64_t kPatienceMs = 240'000;
constexpr int kMostOrders = 60;

config::Config configuration_of_the_world() {
  config::Config c = gateway::testing::small_configuration();
  c.clients.resize(1);
  c.brokers.resize(1);
  c.brokers[0].heartbeat = Duration::seconds(5);
  c.brokers[0].ack_timeout = Duration::seconds(3);
  c.brokers[0].reconcile = config::Reconcile::kMassStatus;
  c.routes = {config::Route{{}, {}, {}, {"northbank"}}};
  return c;
}

// QuickFIX's dictionaries are read once for all worlds; an engine outlives the processes that use it.
session::quickfix::ControlPlane& control_plane() {
  static session::quickfix::ControlPlane plane;
  return plane;
}

const char* type_of(const std::string& frame) {
  const std::size_t at = frame.find(
      "\x01"
      "35=");
  return at == std::string::npos ? "" : frame.c_str() + at + 4;
}

}  // namespace

Faults some_faults(std::mt19937_64& random) {
  const auto one_of = [&](std::initializer_list<int> values) { return *(values.begin() + random() % values.size()); };
  Faults f;
  f.lost = one_of({0, 0, 1, 5, 15, 30});
  f.doubled = one_of({0, 0, 1, 5, 15, 30});
  f.delayed = one_of({0, 0, 1, 5, 15, 30});
  f.cut = one_of({0, 0, 10, 30});
  f.crash = one_of({0, 2, 5, 10});
  f.power = one_of({0, 2, 5, 10});
  f.torn = one_of({0, 0, 5, 20});
  f.slow_disk = one_of({0, 0, 30, 80});
  return f;
}

bool World::Line::send(std::string_view bytes, SteadyTime) {
  if (!open || closed_by_gateway) return false;
  written.append(bytes);
  return true;
}

World::World(std::uint64_t seed)
    : random_(seed),
      faults_(some_faults(random_)),
      configuration_(configuration_of_the_world()),
      disk_(std::make_unique<persistence::testing::FaultFileSystem>()),
      client_(true, "ALPHA", "PORTCULLIS"),
      broker_(false, "NORTHBANK", "PORTCULLIS"),
      client_model_({"FIX.4.4",
                     "A" + std::to_string(seed),
                     {"ALPHA-1", "ALPHA-2"},
                     {"EUR/USD", "GBP/USD", "USD/JPY"},
                     seed,
                     Duration::seconds(4),
                     false}),
      broker_model_({"FIX.4.4", "N" + std::to_string(seed), {}}) {}

World::~World() {
  process_.reset();
}

session::Now World::now() const {
  return {UtcTime::from_ns(kStartOfTime + elapsed_ms_ * 1'000'000), SteadyTime::from_ns(1 + elapsed_ms_ * 1'000'000)};
}

sim::Moment World::moment() const {
  return {now().steady, now().utc};
}

sim::LedgerSummary World::ledger() const {
  return sim::judge({client_.log()}, {broker_.log()});
}

// --- the process ------------------------------------------------------------------------------------------------

void World::start() {
  process_ = std::make_unique<Process>(*disk_, configuration_, control_plane(), PORTCULLIS_DICTIONARIES, now());
  if (!process_->fault().empty()) {
    if (process_->stopped_by_disk()) return die(false);
    return fail("the gateway does not start: " + process_->fault());
  }
  // What anybody was told is known still.
  const gateway::State& state = process_->core().state();
  for (const sim::LogLine& line : broker_.log()) {
    if (line.kind != "in" || line.message.msg_type != "D") continue;
    if (!state.find_given(line.message.get(11)).has_value()) {
      return fail("after a restart the gateway does not know order " + line.message.get(11) + ", which the broker has");
    }
  }
  for (const sim::LogLine& line : client_.log()) {
    if (line.kind != "in" || line.message.msg_type != "8" || line.message.get(37) == "NONE") continue;
    if (!state.find_order(line.message.get(37)).has_value()) {
      return fail("after a restart the gateway does not know order " + line.message.get(37) +
                  ", which the client was told of");
    }
    const std::string& execution = line.message.get(527);
    if (!execution.empty() && !state.find_execution(order::BrokerId(0), execution).has_value()) {
      return fail("after a restart the gateway does not know execution " + execution +
                  ", which the client was told of");
    }
  }
}

// True when the process is gone.
bool World::maybe_die() {
  if (process_ == nullptr || !failure_.empty()) return true;
  if (!process_->fault().empty()) {
    if (!process_->stopped_by_disk()) {
      fail("the gateway stopped: " + process_->fault());
      return true;
    }
    // The disk has failed; the machine goes down with it, or not.
    die(below(2) == 0);
    return true;
  }
  if (!faulty_) return false;
  if (chance(faults_.crash, 10'000)) {
    die(false);
    return true;
  }
  if (chance(faults_.power, 10'000)) {
    die(true);
    return true;
  }
  return false;
}

void World::die(bool power) {
  process_.reset();
  ++(power ? counts_.power_losses : counts_.crashes);
  for (const bool broker : {false, true}) cut(broker, nullptr);
  if (power) {
    const std::uint64_t kept = below(101);
    disk_ = disk_->after_power_loss(
        disk_->trace().size(), [&](std::size_t, std::size_t) { return below(100) < kept; }, below(4));
  } else {
    // What a failed write was to do next belongs to that process.
    disk_->tear_write(0, 0);
  }
  start_again_ms_ = elapsed_ms_ + 20 + static_cast<std::int64_t>(below(1'500));
}

// --- the network ------------------------------------------------------------------------------------------------

void World::cut(bool broker, const char* why) {
  Line& line = broker ? broker_line_ : client_line_;
  Peer& peer = broker ? broker_ : client_;
  const bool attached = line.attached;
  const bool was_open = line.open;
  line = Line();
  line.retry_ms = elapsed_ms_ + 100 + static_cast<std::int64_t>(below(900));
  if (was_open) peer.on_disconnected();
  if (attached && process_ != nullptr && why != nullptr) {
    process_->session_of(broker ? "northbank" : "alpha", broker).on_closed(why, now());
  }
}

void World::connect(bool broker) {
  Line& line = broker ? broker_line_ : client_line_;
  if (line.open || process_ == nullptr || elapsed_ms_ < line.retry_ms) return;
  session::Session& session = process_->session_of(broker ? "northbank" : "alpha", broker);
  if (session.phase() != session::SessionPhase::kDisconnected) return;
  line.open = true;
  (broker ? broker_ : client_).on_connected(now().utc);
  if (broker) {
    line.attached = true;
    session.connect(line, false, now());
  }
}

// A frame sets out. Frames of one connection keep their order, but for those that are delayed.
void World::carry(std::deque<Line::Frame>& queue, std::string frame) {
  std::int64_t due = elapsed_ms_ + 1;
  if (faulty_) {
    if (chance(faults_.lost, 100)) {
      ++counts_.lost;
      return;
    }
    if (chance(faults_.doubled, 100)) {
      ++counts_.doubled;
      queue.push_back({due, frame});
    }
    if (chance(faults_.delayed, 100)) {
      ++counts_.delayed;
      due += static_cast<std::int64_t>(below(200));
    }
  }
  queue.push_back({due, std::move(frame)});
}

void World::network() {
  for (const bool broker : {true, false}) {
    Line& line = broker ? broker_line_ : client_line_;
    Peer& peer = broker ? broker_ : client_;
    connect(broker);
    for (std::string& frame : peer.take_frames()) {
      if (line.open) carry(line.to_gateway, std::move(frame));
    }
    // To the gateway; the process may die between two frames.
    for (std::size_t i = 0; i < line.to_gateway.size() && line.open && !line.closed_by_gateway;) {
      if (line.to_gateway[i].due_ms > elapsed_ms_) {
        ++i;
        continue;
      }
      const std::string frame = std::move(line.to_gateway[i].bytes);
      line.to_gateway.erase(line.to_gateway.begin() + static_cast<std::ptrdiff_t>(i));
      session::Session& session = process_->session_of(broker ? "northbank" : "alpha", broker);
      if (line.attached) {
        session.on_frame(frame, now());
      } else if (type_of(frame)[0] == 'A') {
        line.attached = true;
        session.accept(line, frame, now());
      } else {
        cut(broker, "not a Logon");
      }
      if (maybe_die()) return;
    }
    // What the gateway has written is cut into frames.
    std::size_t begin = 0;
    for (std::size_t end = line.written.find("\x01"
                                             "10=");
         end != std::string::npos && end + 8 <= line.written.size(); end = line.written.find("\x01"
                                                                                             "10=",
                                                                                             begin)) {
      std::string frame = line.written.substr(begin, end + 8 - begin);
      begin = end + 8;
      if (!tamper || tamper(broker, frame)) carry(line.to_peer, std::move(frame));
    }
    line.written.erase(0, begin);
    for (std::size_t i = 0; i < line.to_peer.size() && line.open;) {
      if (line.to_peer[i].due_ms > elapsed_ms_) {
        ++i;
        continue;
      }
      const std::string frame = std::move(line.to_peer[i].bytes);
      line.to_peer.erase(line.to_peer.begin() + static_cast<std::ptrdiff_t>(i));
      peer.on_frame(frame, now().utc);
    }
    if (line.open && ((line.closed_by_gateway && line.to_peer.empty()) || peer.wants_close()))
      cut(broker, "the transport has ended");
    if (line.open && faulty_ && chance(faults_.cut, 10'000)) {
      ++counts_.cuts;
      cut(broker, "the network has cut the connection");
    }
    if (maybe_die()) return;
  }
}

// --- a tick -----------------------------------------------------------------------------------------------------

void World::peers() {
  std::vector<sim::Message> out;
  std::vector<std::string> violations;
  for (const sim::Message& message : client_.take_messages())
    client_model_.on_message(message, moment(), out, violations);
  client_model_.on_timer(moment(), out);
  for (sim::Message& message : out) client_.send(std::move(message), now().utc);
  for (const std::string& violation : violations) fail("the client was told what cannot be: " + violation);
  out.clear();
  for (const sim::Message& message : broker_.take_messages()) broker_model_.on_message(message, moment(), out);
  broker_model_.on_timer(moment(), out);
  for (sim::Message& message : out) broker_.send(std::move(message), now().utc);
  client_.poll(now().utc);
  broker_.poll(now().utc);
}

void World::tick(std::int64_t ms, bool trading) {
  ++counts_.ticks;
  elapsed_ms_ += ms;
  if (process_ == nullptr && elapsed_ms_ >= start_again_ms_) start();
  if (trading && placed_ < kMostOrders && client_.logged_on() && below(8) == 0) {
    std::vector<sim::Message> out;
    client_model_.place(moment(), out);
    ++placed_;
    for (sim::Message& message : out) client_.send(std::move(message), now().utc);
  }
  peers();
  if (process_ != nullptr && faulty_ && chance(faults_.torn, 10'000)) {
    ++counts_.torn;
    disk_->tear_write(1, below(3'000));
  }
  if (!maybe_die()) {
    network();
    if (!maybe_die()) {
      process_->timers(now());
      if (!maybe_die()) {
        if (!faulty_ || !chance(faults_.slow_disk, 100)) process_->sync();
        if (!maybe_die()) process_->release(now());
      }
    }
  }
  if (failure_.empty()) failure_ = oracle();
}

std::string World::oracle() {
  if (!client_.violations().empty()) return "to the client: " + client_.violations().front();
  if (!broker_.violations().empty()) return "to the broker: " + broker_.violations().front();
  if (process_ != nullptr && process_->fault().empty() && counts_.ticks % 8 == 0) {
    if (const auto wrong = process_->core().state().risk.verify()) return "exposures do not add up: " + wrong->what;
  }
  return {};
}

bool World::at_peace() {
  return process_ != nullptr && client_.logged_on() && broker_.logged_on() && client_model_.not_ended() == 0 &&
         client_.nothing_waits() && broker_.nothing_waits() &&
         process_->core().state().broker_states[0].phase == gateway::BrokerPhase::kOpen;
}

// Everybody's books agree, and nothing is held for nobody.
std::string World::at_rest() {
  const sim::LedgerSummary summary = ledger();
  if (summary.lost != 0 || summary.duplicated != 0 || summary.violations != 0) {
    return "the ledger: " + sim::to_json(summary);
  }
  const gateway::State& state = process_->core().state();
  const risk::Exposure& firm = state.risk.state().firm.exposure;
  if (firm.open_orders() != 0 || !firm.gross_open_notional().is_zero()) {
    return "all orders are over, but the gateway holds " + firm.gross_open_notional().to_string() + " for " +
           std::to_string(firm.open_orders());
  }
  std::map<std::string, std::pair<std::string, Quantity>> fills;  // by the broker's ExecID(17): symbol, signed
  for (const sim::LogLine& line : broker_.log()) {
    const sim::Message& m = line.message;
    if (line.kind != "out" || m.poss_dup || m.msg_type != "8") continue;
    if (m.get(150) == "F") {
      const Quantity quantity = *Quantity::parse(m.get(32));
      fills[m.get(17)] = {m.get(55), m.get(54) == "1" ? quantity : -quantity};
    } else if (m.get(150) == "H") {
      fills.erase(m.get(19));
    }
  }
  std::map<std::string, Quantity> positions;
  for (const auto& [id, fill] : fills) positions[fill.first] += fill.second;
  for (const auto& [symbol, quantity] : positions) {
    const order::InstrumentId instrument(state.instruments.find(symbol));
    if (firm.of(instrument).position != quantity) {
      return symbol + ": the gateway's position is " + firm.of(instrument).position.to_string() +
             ", the broker's executions make " + quantity.to_string();
    }
  }
  return {};
}

std::string World::run() {
  for (int i = 0; i < kTradingTicks && failure_.empty(); ++i) tick(kTickMs, true);
  faulty_ = false;
  client_model_.drain(moment());
  const std::int64_t until = elapsed_ms_ + kPatienceMs;
  std::int64_t quiet_since = -1;
  while (failure_.empty() && elapsed_ms_ < until) {
    tick(kPeacefulTickMs, false);
    // Status answers and late reports may still come.
    if (!at_peace())
      quiet_since = -1;
    else if (quiet_since < 0)
      quiet_since = elapsed_ms_;
    if (quiet_since >= 0 && elapsed_ms_ - quiet_since > 12'000) break;
  }
  if (!failure_.empty()) return failure_;
  if (!at_peace()) {
    return "no peace after " + std::to_string(kPatienceMs / 1'000) +
           " s without faults: " + std::to_string(client_model_.not_ended()) + " orders are not at an end, client " +
           (client_.logged_on() ? "logged on" : "down") + ", broker " + (broker_.logged_on() ? "logged on" : "down") +
           "; " + sim::to_json(ledger());
  }
  return at_rest();
}

}  // namespace portcullis::simulation
