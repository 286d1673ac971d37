#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/line.h"
#include "app/outbound_index.h"
#include "app/release_queue.h"
#include "app/stage_times.h"
#include "app/supervisor.h"
#include "config/config.h"
#include "fix/dialect.h"
#include "gateway/core.h"
#include "persistence/journal.h"
#include "session/quickfix/control_plane.h"
#include "session/ready_sockets.h"
#include "session/session.h"

// The core thread: one Asio loop that owns the established sessions, the core and the journal's writing
// end. Each input is one record; what it makes goes out when the record is durable, in the order of the
// records (I3). It waits for nobody but the journal: when the ring is full, sockets are no longer read.
//
// Everything here runs on the thread that calls run(), but for post(), wake_durable() and stop().

namespace portcullis::app {

class CoreLoop final : public session::CorePort, public Line::Owner {
 public:
  // Called when a line's connection has ended, so that a client may come back and a broker is tried again.
  using LineClosed = std::function<void(Line&)>;

  CoreLoop();
  ~CoreLoop() override;

  boost::asio::io_context& io() { return io_; }
  gateway::Core& core() { return core_; }
  const gateway::Core& core() const { return core_; }
  OutboundIndex& outbound_index() { return outbound_; }

  // Before run(): the journal, recovered and folded into core() already.
  void attach(persistence::Journal& journal) { journal_ = &journal; }
  // The first two records of a start; then one line for each configured session.
  // `hold`: why orders are held until the brokers are reconciled; empty: they are not.
  void begin(std::uint64_t epoch, std::string_view hold, const config::Config& configuration,
             std::string_view recorded_text, const std::string& dictionary_directory);
  // Another configuration, while running: one record; then the lines of sessions that are new, or that were among
  // `ended` (idle ones, whose session goes with the configuration that made it). Not inside a call of a line.
  void reconfigure(const config::Config& configuration, std::string_view recorded_text,
                   const std::vector<std::string>& ended, const std::string& dictionary_directory);
  // The record that holds the configuration that runs, and a hash of its text.
  std::uint64_t configuration_index() const { return configuration_index_; }
  const std::string& configuration_hash() const { return configuration_hash_; }
  // While the journal would have to wait for room for so much, nothing is read.
  static constexpr std::size_t kWaitsBelow = 2 * gateway::kRecordCapacity;
  // What was committed outside of a batch is flushed and released.
  void settle() { end_batch(); }
  void on_line_closed(LineClosed callback) { line_closed_ = std::move(callback); }

  // By the configuration's id; null when there is none.
  Line* client_line(const std::string& id);
  Line* broker_line(const std::string& id);
  const std::vector<std::unique_ptr<Line>>& lines() const { return lines_; }
  const StageTimes& stage_times() const { return stage_times_; }

  // Asio starts a thread for names of hosts with the first one that is asked for, on the processors of the thread that
  // asks. This asks, so that it is not the core's.
  void start_resolver();
  // Runs until stop(), then logs every session out and ends when the peers have, or after a limit. `spin`: never
  // sleeps, and looks by itself for what has become durable, so that nobody need wake it.
  void run(config::IoMode io);
  void stop();

  // From any thread: runs on the core thread. False when too much waits already.
  bool post(std::function<void()> work);
  // From the journal's sync thread.
  void wake_durable();

  // One input that is no session's: an operator's command, a configuration. `done` is called when its
  // record is durable (I3 holds for what an operator is shown as done, too).
  using Done = std::function<void(std::uint64_t record_index)>;
  gateway::CommandOutcome submit_command(const gateway::OperatorCommand& command, std::string_view recorded_text,
                                         Done done);
  // Called once a record is durable, on the core thread.
  void when_durable(std::uint64_t record_index, Done done);
  // One input of a session; also for an operator's work on a session that is down.
  std::uint64_t submit(const gateway::Input& input) override;

  // Called on the core thread after each batch in which a session came, went or changed its state, after what was
  // posted, and with each timer, then with false: whoever follows the lines looks.
  void on_change(std::function<void(bool sessions)> callback) { change_callback_ = std::move(callback); }

 private:
  // Of session::CorePort.
  gateway::SessionNumbers numbers(order::SessionId session) const override { return core_.numbers(session); }
  std::optional<gateway::OwedReports> owed_reports(order::SessionId session) const override {
    const auto& owed = core_.state().sessions[session.value()].owed;
    return owed.empty() ? std::nullopt : std::optional(owed.front());
  }
  bool must_drain(order::SessionId session) const override {
    const gateway::State& state = core_.state();
    return state.broker_states[state.sessions[session.value()].broker.value()].phase == gateway::BrokerPhase::kDraining;
  }
  gateway::ResendDecision resend_decision(order::SessionId session, std::uint64_t msg_seq_num, std::string_view bytes,
                                          UtcTime now) override;
  Status read_outbound(order::SessionId session, std::uint32_t sequence_epoch, std::uint64_t first, std::uint64_t last,
                       std::size_t limit, const Visitor& visit) override;
  // Of Line::Owner.
  void on_touched(Line& line) override {
    if (line.touched()) return;
    line.set_touched(true);
    touched_.push_back(&line);
  }
  void on_following(Line& line, std::string_view unread) override {
    line.ahead().look(core_.state(), line.fix().id(), unread, connected_ > kFewConnections);
  }
  void on_coming(Line& line, std::string_view unread, int step) override;
  void on_frame_begin() override { frame_began_ = StageTimes::ticks(); }
  void on_batch_end() override;
  void on_line_closed(Line& line) override;

  // Up to so many connections each read is a batch of its own.
  static constexpr std::size_t kFewConnections = 8;

  class Rules;
  struct Waiting {
    std::uint64_t record = 0;
    Done done;
  };

  void configure(const config::Config& configuration, std::string_view recorded_text);
  void add_lines(const config::Config& configuration, const std::string& dictionary_directory);
  void add_line(std::string id, order::SessionId session, session::SessionConfig config, const fix::Dialect& dialect,
                const std::string& dictionary_directory);
  void commit(const gateway::Input& input, std::size_t capacity, gateway::CommandOutcome* outcome);
  void end_batch();
  void release();
  void arm_timer();
  void on_timer();
  void look_at_lines(session::Now time);
  void look_at(Line& line, session::Now time);
  void look_ahead() const;
  void push_back_if_slow();

  boost::asio::io_context io_;
  session::ReadySockets ready_{io_};
  boost::asio::steady_timer timer_{io_};
  boost::asio::ip::tcp::resolver resolver_{io_};
  gateway::Core core_;
  persistence::Journal* journal_ = nullptr;
  OutboundIndex outbound_;
  ReleaseQueue release_;
  std::vector<std::uint32_t> unreleased_;  // by session: messages in release_
  std::deque<Waiting> waiting_;
  session::quickfix::ControlPlane control_;
  std::vector<std::unique_ptr<Rules>> rules_;  // by SessionId; null when never configured
  std::vector<std::unique_ptr<Line>> lines_;             // as configured
  std::vector<Line*> line_of_session_;                   // by SessionId; null when not configured
  std::vector<SteadyTime> next_look_;                    // likewise: at lines at rest, which need not be near for it
  std::vector<Line*> touched_;  // a batch costs what it touches, however many sessions there are
  std::optional<Supervisor> supervisor_;
  std::vector<std::unique_ptr<Line>> retired_;           // without a session: no longer configured
  std::uint64_t configuration_index_ = 0;
  std::string configuration_hash_;
  std::vector<std::byte> read_scratch_;
  LineClosed line_closed_;
  std::function<void(bool)> change_callback_;
  StageTimes stage_times_;
  std::uint64_t frame_began_ = 0;  // in ticks
  std::uint64_t released_record_ = 0;
  bool releasing_ = false;
  std::size_t turn_ = 0;       // of the lines, which are looked at with the next timer
  std::size_t counted_ = 0;    // lines with a connection, of the turns since all were last looked at
  std::size_t connected_ = 0;  // of all
  bool end_posted_ = false;
  bool changed_ = false;  // a session's state, since the last change_callback_
  bool timer_fired_ = false;
  bool reading_ = true;
  bool stopping_ = false;
  SteadyTime stop_by_;
  std::atomic<bool> wake_posted_{false};
  std::atomic<bool> spins_{false};
  std::atomic<std::size_t> posted_{0};
};

}  // namespace portcullis::app
