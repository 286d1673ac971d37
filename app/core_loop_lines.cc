// The core loop's lines: which there are, by the configuration, and what a timer looks at.

#include <algorithm>
#include <utility>

#include "app/core_loop.h"
#include "base/check.h"

namespace portcullis::app {
namespace {

// A broker that leaves bytes unread for this long gets no new orders.
constexpr Duration kUnsentPatience = Duration::milliseconds(500);
// A line that waits for nothing is looked at once in so many timers: every 80 ms (Session::poll asks for 100).
constexpr std::size_t kTurns = 4;
// One that is logged on and at rest is looked at as rarely as this, or when its next timer is due.
constexpr Duration kRest = Duration::milliseconds(500);

}  // namespace

// The counterparty's dictionary, as the lane asks it; that of the configuration that runs.
class CoreLoop::Rules final : public session::MessageRules {
 public:
  Rules(const gateway::Core& core, order::SessionId session) : core_(core), session_(session) {}
  bool understands(const fix::ScannedMessage& message) const override {
    const fix::Dialect& dialect = *core_.state().setup.sessions[session_.value()].dialect;
    return dialect.dictionary().understand(message, dialect.user_defined_tags()).understood;
  }
  std::uint32_t broken_group(const fix::ScannedMessage& message) const override {
    return fix::broken_group(message, core_.state().setup.sessions[session_.value()].dialect->dictionary());
  }

 private:
  const gateway::Core& core_;
  const order::SessionId session_;
};

CoreLoop::CoreLoop() = default;
CoreLoop::~CoreLoop() = default;

void CoreLoop::reconfigure(const config::Config& configuration, std::string_view recorded_text,
                           const std::vector<std::string>& ended, const std::string& dictionary_directory) {
  // First: the control plane knows sessions by their CompIDs, which a new one may have.
  for (auto line = lines_.begin(); line != lines_.end();) {
    if (std::find(ended.begin(), ended.end(), (*line)->id()) == ended.end()) {
      ++line;
      continue;
    }
    PORTCULLIS_CHECK((*line)->idle(), "a line is taken away while it has a connection");
    line_of_session_[(*line)->fix().id().value()] = nullptr;
    std::erase(touched_, line->get());
    (*line)->set_session(nullptr);
    retired_.push_back(std::move(*line));
    line = lines_.erase(line);
  }
  configure(configuration, recorded_text);
  add_lines(configuration, dictionary_directory);
}

void CoreLoop::add_lines(const config::Config& configuration, const std::string& dictionary_directory) {
  line_of_session_.resize(core_.state().sessions.size(), nullptr);
  next_look_.resize(line_of_session_.size());
  for (const config::Client& client : configuration.clients) {
    const order::SessionId id = core_.client_session(client.id);
    if (line_of_session_[id.value()] != nullptr) continue;
    const fix::Dialect& dialect = *core_.state().setup.sessions[id.value()].dialect;
    session::SessionConfig settings;
    settings.id = id;
    settings.begin_string = dialect.facts().begin_string;
    settings.our_comp_id = client.gateway_comp_id;
    settings.peer_comp_id = client.comp_id;
    settings.reset_on_logon = client.reset_on_logon;
    add_line(client.id, id, std::move(settings), dialect, dictionary_directory);
    lines_.back()->set_pace(Pace(core_, id));
  }
  for (const config::Broker& broker : configuration.brokers) {
    const order::SessionId id = core_.broker_session(broker.id);
    if (line_of_session_[id.value()] != nullptr) continue;
    const fix::Dialect& dialect = *core_.state().setup.sessions[id.value()].dialect;
    session::SessionConfig settings;
    settings.id = id;
    settings.begin_string = dialect.facts().begin_string;
    settings.our_comp_id = broker.gateway_comp_id;
    settings.peer_comp_id = broker.comp_id;
    settings.initiator = true;
    settings.broker = true;
    settings.heart_bt_int_s = static_cast<int>(broker.heartbeat.ms() / 1000);
    settings.reset_on_logon = broker.reset_on_logon;
    add_line(broker.id, id, std::move(settings), dialect, dictionary_directory);
  }
}

void CoreLoop::add_line(std::string id, order::SessionId session, session::SessionConfig config,
                        const fix::Dialect& dialect, const std::string& dictionary_directory) {
  const std::string dictionary = dictionary_directory + "/" + std::string(dialect.facts().dictionary_file);
  std::string error;
  std::unique_ptr<session::quickfix::ControlSession> control =
      control_.open(session::Session::control_settings(config, dictionary), &error);
  if (control == nullptr) check_failed("control plane", __FILE__, __LINE__, error.c_str());
  if (rules_.size() <= session.value()) rules_.resize(session.value() + std::size_t{1});
  rules_[session.value()] = std::make_unique<Rules>(core_, session);
  lines_.push_back(std::make_unique<Line>(std::move(id), io_, ready_, *this));
  lines_.back()->set_session(
      std::make_unique<session::Session>(std::move(config), std::move(control), *this, *rules_[session.value()]));
  line_of_session_[session.value()] = lines_.back().get();
}

Line* CoreLoop::client_line(const std::string& id) {
  const order::SessionId session = core_.client_session(id);
  return session.has_value() && session.value() < line_of_session_.size() ? line_of_session_[session.value()] : nullptr;
}

Line* CoreLoop::broker_line(const std::string& id) {
  const order::SessionId session = core_.broker_session(id);
  return session.has_value() && session.value() < line_of_session_.size() ? line_of_session_[session.value()] : nullptr;
}

// Among many sessions, what a message asks for is out of the caches. Step by step, since what leads to it is so too.
void CoreLoop::on_coming(Line& line, std::string_view unread, int step) {
  const order::SessionId id = line.session_id();
  switch (step) {
    case 0:
      line.look_ahead();
      return gateway::look_at_session(core_.state(), id);
    case 1:
      line.fix().look_ahead_at_frame();
      gateway::look_at_client_of(core_.state(), id);
      return line.ahead().look(core_.state(), id, unread, true);
    default:
      line.fix().look_ahead_at_control();
      return outbound_.look_ahead(id);
  }
}

void CoreLoop::look_at(Line& line, session::Now time) {
  line.fix().on_durable(released_record_, time);
  line.poll(time);
}

// What a timer costs does not grow with the sessions, or only by a fraction of them: brokers' lines and those that wait
// for something are looked at each time, the others in turn, and of these the ones at rest only now and then.
void CoreLoop::look_at_lines(session::Now time) {
  for (const gateway::Broker& broker : core_.state().broker_states) {
    const std::uint16_t index = broker.session.value();
    Line* const line = index < line_of_session_.size() ? line_of_session_[index] : nullptr;
    if (line == nullptr) continue;
    look_at(*line, time);
    core_.set_slow_line(core_.state().sessions[index].broker, line->oldest_unsent_age(time.steady) > kUnsentPatience);
  }
  for (std::size_t i = 0; i < touched_.size(); ++i) look_at(*touched_[i], time);
  for (std::size_t i = turn_; i < line_of_session_.size(); i += kTurns) {
    if (next_look_[i] > time.steady) {
      ++counted_;  // what is at rest is connected
      continue;
    }
    Line* const line = line_of_session_[i];
    if (line == nullptr) continue;
    if (line->has_connection()) ++counted_;
    look_at(*line, time);
    if (line->fix().at_rest()) next_look_[i] = line->fix().next_timer(time.steady + kRest);
  }
  if (++turn_ < kTurns) return;
  turn_ = 0;
  connected_ = std::exchange(counted_, 0);
  ready_.set_wanted(connected_ > kFewConnections);
}

}  // namespace portcullis::app
