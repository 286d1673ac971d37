#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "admin/webhook.h"
#include "app/broker_link.h"
#include "app/core_loop.h"
#include "app/memory_ahead.h"
#include "app/timetable.h"
#include "base/result.h"
#include "config/config.h"
#include "config/loader/loader.h"
#include "persistence/file.h"
#include "persistence/journal.h"
#include "persistence/start_file.h"
#include "session/acceptor.h"

// The running gateway: all edges around one core (`portcullis run`).
//
// Start: lock the data directory and take a new epoch; recover the journal and fold it; write the start
// and the configuration; then open the doors. Stop: log every session out, close the journal, and mark the
// stop as clean.

namespace portcullis::app {

class AdminSide;
struct PendingReload;
class Followers;
class LocalDoor;

class Gateway final : public session::AcceptorEvents {
 public:
  // Everything up to listening sockets; the error says what failed and what was expected.
  static Result<std::unique_ptr<Gateway>> open(config::Config configuration);
  ~Gateway() override;

  // Runs until stop(); the exit code. The thread that calls is the core's, and runs on these processors once all others
  // are started; empty: wherever the system likes.
  int run(const std::set<std::uint16_t>& core_processors = {});
  // Any thread, or a signal handler's thread: drains and ends.
  void stop();

  // Any thread. A configuration that takes the place of this one, or is refused whole; the log says which.
  // False: too much waits for the core.
  bool request_reload(config::Loaded loaded, const std::string& file);

  const config::Config& configuration() const { return configuration_; }
  CoreLoop& loop() { return loop_; }
  session::Acceptor& acceptor() { return *acceptor_; }
  persistence::Journal& journal() { return *journal_; }
  const BrokerLink* broker_link(const std::string& id) const;
  BrokerLink* broker_link(const std::string& id);
  const gateway::Core& core() const { return loop_.core(); }
  const std::vector<std::unique_ptr<Line>>& lines() const { return loop_.lines(); }
  const Followers& followers() const { return *followers_; }
  // How alerts.webhook does; nothing where there is none.
  std::optional<admin::Webhook::Counters> webhook() const;
  // Where a line that is not connected listens or connects to.
  std::string address_of(const Line& line) const;
  UtcTime started() const { return started_; }
  // Why a client that is not logged on is not, beyond what its last connection said; empty: nothing else is known.
  std::string why_out(const Line& line) const;
  // As its operator, its schedule, the kill switch and a stop want it: the door, or the way to the broker.
  void open_session(const std::string& id);

 private:
  explicit Gateway(config::Config configuration);
  Status prepare_storage();
  Status recover();
  Status write_dictionaries();
  Status open_doors();
  void on_line_closed(Line& line);
  void watch_lines();
  void keep_time();
  void watch_outside();
  void keep_killed_out();

  // gateway_reload.cc
  void reload(config::Loaded loaded, const std::string& file);
  void keep_reload();
  void finish_reload();
  Line* line_of(const std::string& id);
  void make_link(const config::Broker& broker);
  void refresh_link(const std::string& id);

  void on_logged_on(session::LoggedOn logged_on) override;
  void on_audit(const session::AuditLine& line) override;

  config::Config configuration_;
  UtcTime started_;
  std::string dictionary_directory_;
  MemoryAhead memory_;
  std::unique_ptr<persistence::FileSystem> files_;
  std::unique_ptr<persistence::StartFile> start_file_;
  CoreLoop loop_;
  std::uint64_t folded_records_ = 0;  // behind the snapshot
  persistence::Position snapshot_;  // what the start began with; {0, 0}: nothing
  std::unique_ptr<persistence::Journal> journal_;
  std::unique_ptr<session::Acceptor> acceptor_;
  std::map<std::string, std::unique_ptr<BrokerLink>> links_;
  std::vector<bool> was_logged_on_;  // by line
  std::unique_ptr<PendingReload> reload_;  // the one under way
  std::set<std::string> stale_links_;
  std::unique_ptr<Timetable> timetable_;
  SteadyTime timetable_kept_;
  std::unique_ptr<Followers> followers_;
  std::unique_ptr<AdminSide> admin_;
  std::unique_ptr<LocalDoor> local_door_;
  std::map<std::string, std::string> refused_logons_;  // by session: the last one since it was logged on
  std::vector<bool> kept_out_;  // by SessionId: a kill switch keeps it out
  bool any_kept_out_ = false;
  SteadyTime kills_watched_;
  bool hold_released_ = false;
  bool stopping_ = false;
  bool blotter_down_ = false;
  bool webhook_down_ = false;
};

}  // namespace portcullis::app
