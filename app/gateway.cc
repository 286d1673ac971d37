#include "app/gateway.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "app/admin_side.h"
#include "app/followers.h"
#include "app/local_door.h"
#include "app/log.h"
#include "app/pending_reload.h"
#include "app/processors.h"
#include "app/snapshots.h"
#include "fix/dictionary/embedded.h"
#include "fix/version.h"
#include "gateway/mass_cancel.h"
#include "gateway/record.h"
#include "persistence/background.h"
#include "persistence/journal_reader.h"
#include "persistence/replacement.h"
#include "session/clock.h"

namespace portcullis::app {
namespace {

constexpr Duration kTimetablePeriod = Duration::seconds(1);
constexpr Duration kKillPeriod = Duration::milliseconds(20);

// MiB of the journal to be made ready ahead of a burst: a sixteenth of the machine's memory, where they stay until they are
// used, and no more than some 170,000 orders take.
std::uint32_t usual_journal_ahead_mib() {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page_bytes = ::sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_bytes <= 0) return 0;
  return static_cast<std::uint32_t>(std::min<std::int64_t>(pages / 16 * page_bytes >> 20, 512));
}

// New orders have been refused since the reserve was taken, and an alert says so. This is said by the journal's own thread: a
// core that waits for space says nothing.
void tell_journal_space(persistence::JournalSpace space) {
  switch (space) {
    case persistence::JournalSpace::kEnough:
      return log_warning("journal_space_again", {{"why", "there is space for the next segment of the journal"}});
    case persistence::JournalSpace::kLast:
      return log_error("journal_space_used_up",
                       {{"why", "no space for another segment, and the reserve is used up; when this one is full, cancels "
                                "and reports wait, too: make room on the disk of gateway.data_dir"}});
    case persistence::JournalSpace::kNone:
      return log_error("journal_waits_for_space",
                       {{"why", "nothing more is recorded, so nothing is read and nothing sent: make room on the disk of "
                                "gateway.data_dir"}});
  }
}

std::string gateway_text(const persistence::HoldReason reason) {
  return std::string("orders are held until every broker is reconciled: ") + persistence::to_text(reason);
}

}  // namespace

Result<std::unique_ptr<Gateway>> Gateway::open(config::Config configuration) {
  std::unique_ptr<Gateway> gateway(new Gateway(std::move(configuration)));
  for (const auto step : {&Gateway::prepare_storage, &Gateway::recover, &Gateway::write_dictionaries, &Gateway::open_doors}) {
    const Status done = (*gateway.*step)();
    if (!done) return done.error();
  }
  return gateway;
}

Gateway::Gateway(config::Config configuration) : configuration_(std::move(configuration)), started_(session::utc_now()) {}

Gateway::~Gateway() = default;

Status Gateway::prepare_storage() {
  persistence::FileSystem& files = persistence::posix_file_system();
  const Result<std::string> boot_id = persistence::kernel_boot_id();
  if (!boot_id) return boot_id.error();
  persistence::StartArguments arguments;
  arguments.gateway_id = configuration_.gateway.id;
  arguments.unix_seconds = static_cast<std::uint64_t>(started_.ns() / 1'000'000'000);
  arguments.boot_id = *boot_id;
  arguments.durability = configuration_.gateway.durability == config::Durability::kProcess
                             ? persistence::JournalDurability::kProcess
                             : persistence::JournalDurability::kDisk;
  auto start_file = persistence::StartFile::begin(files, configuration_.gateway.data_dir, arguments);
  if (!start_file) return start_file.error();
  start_file_ = std::move(start_file).value();

  std::vector<std::string> passed_over;
  const auto snapshot = load_newest_snapshot(files, configuration_.gateway.data_dir, loop_.core(), loop_.outbound_index(),
                                             passed_over);
  for (const std::string& why : passed_over) log_warning("snapshot_passed_over", {{"why", why}});
  if (!snapshot) return snapshot.error();
  snapshot_ = *snapshot;

  persistence::JournalOptions options;
  options.durability = arguments.durability;
  options.content_version = gateway::kContentVersion;
  options.ahead_bytes = std::uint64_t{configuration_.gateway.journal_ahead_mib.value_or(usual_journal_ahead_mib())} << 20;
  options.scan.from = snapshot_;
  options.scan.power_lost = start_file_->power_lost();
  options.scan.visit = [this](const persistence::JournalRecord& record, std::span<const std::byte> following) {
    loop_.core().look_ahead(following);
    ++folded_records_;
    return fold(record, loop_.core(), loop_.outbound_index());
  };
  options.wake = [this] { loop_.wake_durable(); };
  options.usual_payload = CoreLoop::kWaitsBelow;
  options.tell_space = tell_journal_space;
  auto journal = persistence::Journal::open(files, persistence::journal_directory(configuration_.gateway.data_dir), options);
  if (!journal) return journal.error();
  journal_ = std::move(journal).value();
  const persistence::ScanReport& found = journal_->recovered();
  const auto beyond = persistence::SnapshotStore(files, persistence::snapshot_directory(configuration_.gateway.data_dir),
                                                 kSnapshotContentVersion)
                          .beyond(journal_->journal_id(), found.last_index);
  if (!beyond) return beyond.error();
  if (!beyond->empty()) {
    if (const Status held = start_file_->hold_for(persistence::HoldReason::kEndMissing); !held) return held;
  }
  log_info("journal_opened", {{"records", found.records}, {"last_index", found.last_index},
                              {"stopped_cleanly", found.stopped_cleanly}, {"torn_bytes", found.torn_bytes}});
  if (found.torn_bytes > 0) {
    log_warning("journal_tail_truncated", {{"bytes", found.torn_bytes}, {"records", found.torn_records}, {"at", found.torn_at}});
  }
  return {};
}

Status Gateway::recover() {
  loop_.attach(*journal_);
  if (const std::optional<Error> fault = loop_.core().state().risk.verify()) {
    return Error{"recovery: exposures do not add up: " + fault->what};
  }
  log_info("recovered", {{"from_snapshot_of_record", snapshot_.index}, {"records_folded", folded_records_},
                         {"orders", loop_.core().state().orders.size()},
                         {"executions", loop_.core().state().executions.size()}});
  return {};
}

// QuickFIX reads its dictionaries from files; ours are in the binary.
Status Gateway::write_dictionaries() {
  persistence::FileSystem& files = persistence::posix_file_system();
  dictionary_directory_ = configuration_.gateway.data_dir + "/dictionaries";
  if (const auto made = files.make_directory(dictionary_directory_); !made) {
    return Error{"cannot make " + dictionary_directory_ + ": " + made.error().what};
  }
  for (const char* name : {"FIX42.xml", "FIX44.xml"}) {
    const std::span<const std::byte> text = persistence::as_byte_span(fix::embedded_dictionary(name));
    // One that stands there already is left alone: a start is possible on a full disk.
    const auto there = persistence::read_file(files, dictionary_directory_ + "/" + name, text.size());
    if (there && std::equal(there->begin(), there->end(), text.begin(), text.end())) continue;
    if (const auto written = persistence::replace_file(files, dictionary_directory_, name, std::span(&text, 1)); !written) {
      return Error{"cannot write " + dictionary_directory_ + "/" + name + ": " + written.error().what};
    }
  }
  const std::string hold = start_file_->hold() ? gateway_text(start_file_->hold_reason()) : std::string();
  if (!hold.empty()) log_warning("hold", {{"why", hold}});
  loop_.begin(start_file_->epoch(), hold, configuration_, config::core_text(configuration_), dictionary_directory_);
  hold_released_ = hold.empty();
  return {};
}

Status Gateway::open_doors() {
  auto timetable = Timetable::create(configuration_);
  if (!timetable) return timetable.error();
  timetable_ = std::move(timetable).value();
  session::AcceptorSettings settings;
  settings.listen = configuration_.acceptor.listen;
  settings.tls = configuration_.acceptor.tls;
  const bool mutual_tls = settings.tls && settings.tls->client_ca;
  for (const config::Client& client : configuration_.clients) settings.rules.push_back(session::logon_rule(client, mutual_tls));
  auto acceptor = session::Acceptor::open(std::move(settings), loop_.io(), *this);
  if (!acceptor) return acceptor.error();
  acceptor_ = std::move(acceptor).value();
  for (const config::Broker& broker : configuration_.brokers) {
    Line* const line = loop_.broker_line(broker.id);
    auto link = BrokerLink::open(broker, loop_.io(), *line);
    if (!link) return link.error();
    links_.emplace(broker.id, std::move(link).value());
  }
  was_logged_on_.assign(loop_.lines().size(), false);
  loop_.on_line_closed([this](Line& line) { on_line_closed(line); });
  loop_.on_change([this](bool sessions) {
    if (sessions) watch_lines();
    keep_time();
  });

  followers_ = Followers::start(configuration_, *journal_);
  auto admin = AdminSide::start(*this, *followers_);
  if (!admin) return admin.error();
  admin_ = std::move(admin).value();
  auto door = LocalDoor::open(*this, configuration_.gateway.data_dir);
  if (!door) return door.error();
  local_door_ = std::move(door).value();
  return {};
}

int Gateway::run(const std::set<std::uint16_t>& core_processors) {
  acceptor_->start();
  log_info("listening", {{"for", "clients"}, {"address", acceptor_->listening().to_string()}});
  log_info("listening", {{"for", "operators"}, {"address", admin_->url()}});
  for (const auto& line : lines()) open_session(line->id());
  loop_.start_resolver();
  if (const Status placed = place_thread(core_processors); !placed) {
    log_error("core_not_placed", {{"why", placed.error().what}});
  }
  loop_.run(configuration_.gateway.io);

  log_info("stopping");
  local_door_.reset();
  admin_.reset();
  acceptor_.reset();
  const Status closed = journal_->close();
  if (!closed) {
    log_error("journal_close_failed", {{"why", closed.error().what}});
    return 1;
  }
  persistence::hurry();  // from here on they are what the stop waits for
  followers_->finish(journal_->last_index());
  const Status marked = start_file_->stopped_cleanly();
  if (!marked) {
    log_error("stop_mark_failed", {{"why", marked.error().what}});
    return 1;
  }
  log_info("stopped", {{"last_index", journal_->last_index()}});
  return 0;
}

void Gateway::stop() {
  // A peer that does not answer its Logout takes seconds, in which nobody may log on again.
  boost::asio::post(loop_.io(), [this] {
    stopping_ = true;
    for (const auto& line : lines()) open_session(line->id());
  });
  loop_.stop();
}

const BrokerLink* Gateway::broker_link(const std::string& id) const {
  const auto found = links_.find(id);
  return found == links_.end() ? nullptr : found->second.get();
}

BrokerLink* Gateway::broker_link(const std::string& id) {
  const auto found = links_.find(id);
  return found == links_.end() ? nullptr : found->second.get();
}

std::string Gateway::address_of(const Line& line) const {
  if (!line.fix().config().broker) return acceptor_->listening().to_string();
  const config::Broker* broker = configuration_.find_broker(line.id());
  return broker != nullptr ? broker->connect.front().to_string() : std::string();
}

void Gateway::on_logged_on(session::LoggedOn logged_on) {
  Line* const line = loop_.client_line(logged_on.session_id);
  const bool free = !stopping_ && line != nullptr && !line->has_connection() && line->fix().phase() == session::SessionPhase::kDisconnected;
  if (!free) {
    log_warning("connection_refused", {{"client", logged_on.session_id}, {"address", logged_on.stream.remote},
                                       {"why", stopping_ ? "the gateway is stopping" : "the session has a connection already"}});
    if (stopping_ || line == nullptr) acceptor_->session_ended(logged_on.session_id);
    return;
  }
  line->accept(std::move(logged_on.stream), logged_on.logon);
}

void Gateway::on_audit(const session::AuditLine& line) {
  log_warning("logon_refused", {{"address", line.remote}, {"comp_id", line.comp_id}, {"why", line.what},
                                {"lines_left_out", line.suppressed}});
  if (line.session_id.empty()) return;
  loop_.post([this, session = line.session_id, why = "a Logon from " + line.remote + " was refused: " + line.what] {
    const Line* const ours = loop_.client_line(session);
    if (ours != nullptr && !ours->has_connection()) refused_logons_[session] = why;
  });
}

std::string Gateway::why_out(const Line& line) const {
  if (stopping_) return "the gateway is stopping";
  if (gateway::kept_out(core().state(), line.fix().id())) return "stopped by the kill switch";
  if (!timetable_->is_open(line.id(), false, session::utc_now())) return "outside its schedule";
  const auto refused = refused_logons_.find(line.id());
  return refused == refused_logons_.end() ? std::string() : refused->second;
}

void Gateway::on_line_closed(Line& line) {
  if (line.fix().config().broker) {
    if (BrokerLink* const link = broker_link(line.id())) link->on_line_closed();
    refresh_link(line.id());
  } else {
    acceptor_->session_ended(line.id());
  }
}

// Who has come and gone.
void Gateway::watch_lines() {
  for (std::size_t i = 0; i < loop_.lines().size(); ++i) {
    Line& line = *loop_.lines()[i];
    const bool up = line.fix().phase() == session::SessionPhase::kLoggedOn;
    if (up == was_logged_on_[i]) continue;
    was_logged_on_[i] = up;
    const bool broker = line.fix().config().broker;
    if (up && broker) {
      if (BrokerLink* const link = broker_link(line.id())) link->on_logged_on();
    }
    if (up) {
      refused_logons_.erase(line.id());
      log_info("session_up", {{"session", line.id()}, {"role", broker ? "broker" : "client"}, {"address", line.remote()}});
    } else {
      log_warning("session_down", {{"session", line.id()}, {"role", broker ? "broker" : "client"}, {"why", line.fix().why_down()}});
    }
  }
}

// What the clock has made due, and what follows from the state.
void Gateway::keep_time() {
  const SteadyTime now = session::steady_now();
  if (!stopping_ && now - timetable_kept_ >= kTimetablePeriod) {
    timetable_kept_ = now;
    timetable_->keep(*this, session::utc_now());
    watch_outside();
  }
  keep_reload();
  if (now - kills_watched_ >= kKillPeriod) {
    kills_watched_ = now;
    keep_killed_out();
  }
  if (!hold_released_ && !loop_.core().state().held) {
    hold_released_ = true;
    const Status released = start_file_->release_hold();
    if (!released) log_error("hold_release_failed", {{"why", released.error().what}});
  }
}

// Trading waits for neither, so nothing else would tell of them: once when one fails, and once when it is back.
void Gateway::watch_outside() {
  const Followers::BlotterStatus blotter = followers_->blotter_status();
  const bool no_blotter = !blotter.connected && !blotter.error.empty();
  if (no_blotter && !blotter_down_) log_error("blotter_down", {{"why", blotter.error}});
  if (!no_blotter && blotter_down_) log_info("blotter_up", {});
  blotter_down_ = no_blotter;
  const auto webhook = this->webhook();
  const bool no_webhook = webhook && !webhook->last_error.empty();
  if (no_webhook && !webhook_down_) log_error("alerts_not_sent", {{"why", webhook->last_error}});
  if (!no_webhook && webhook_down_) log_info("alerts_sent", {});
  webhook_down_ = no_webhook;
}

std::optional<admin::Webhook::Counters> Gateway::webhook() const {
  return admin_ == nullptr ? std::nullopt : admin_->webhook();
}

// A killed scope's sessions are logged out once its cancels are sent, and come back when it is enabled again.
void Gateway::keep_killed_out() {
  const gateway::State& state = loop_.core().state();
  const bool killed = gateway::any_killed(state);
  if (!killed && !any_kept_out_) return;
  any_kept_out_ = killed;
  for (std::size_t i = 0; i < loop_.lines().size(); ++i) {
    Line& line = *loop_.lines()[i];
    const order::SessionId id = line.fix().id();
    const bool out = gateway::kept_out(state, id);
    if (out && line.fix().phase() == session::SessionPhase::kLoggedOn) {
      line.fix().logout("stopped by the kill switch", {session::utc_now(), session::steady_now()});
    }
    // By session: a reload may change the lines.
    if (kept_out_.size() < state.sessions.size()) kept_out_.resize(state.sessions.size(), false);
    if (out == kept_out_[id.value()]) continue;
    kept_out_[id.value()] = out;
    open_session(line.id());
    log_warning(out ? "session_kept_out" : "session_let_in", {{"session", line.id()}, {"why", "kill switch"}});
  }
}

}  // namespace portcullis::app
