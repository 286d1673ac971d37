// SIGHUP: a new configuration takes the place of the one that runs, or is refused whole (docs/configuration.md).
//
// First everything that can fail is tried. Then the sessions that go or must begin anew are logged out; the others
// trade on. When all of those are down, the configuration becomes one journaled record, and what stands around the
// core is changed in the same step.

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

#include "app/admin_side.h"
#include "app/configuration_change.h"
#include "app/gateway.h"
#include "app/log.h"
#include "app/loosened.h"
#include "app/pending_reload.h"
#include "app/raised_limits.h"
#include "gateway/mass_cancel.h"
#include "session/clock.h"
#include "session/password.h"

namespace portcullis::app {
namespace {

// A Logout is answered within 5 s or the session is dropped; beyond this something is wrong with it.
constexpr Duration kReloadPatience = Duration::seconds(20);

std::string listed(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) text += (text.empty() ? "" : ", ") + id;
  return text;
}

// What opening a broker's way would find out too late.
class NoEvents final : public session::InitiatorEvents {
 public:
  void on_connected(session::Stream, const config::Endpoint&) override {}
  void on_connect_failed(const std::string&) override {}
};

Status check_edges(const config::Config& next, boost::asio::io_context& io) {
  for (const config::Client& client : next.clients) {
    if (!client.password_hash) continue;
    if (const Status good = session::check_password_hash(client.password_hash->reveal()); !good) {
      return Error{"client " + client.id + ": " + good.error().what};
    }
  }
  NoEvents nobody;
  for (const config::Broker& broker : next.brokers) {
    const auto link = session::Initiator::open(session::initiator_settings(broker), io, nobody);
    if (!link) return Error{"broker " + broker.id + ": " + link.error().what};
  }
  return {};
}

}  // namespace

bool Gateway::request_reload(config::Loaded loaded, const std::string& file) {
  auto shared = std::make_shared<config::Loaded>(std::move(loaded));
  return loop_.post([this, shared, file] { reload(std::move(*shared), file); });
}

void Gateway::reload(config::Loaded loaded, const std::string& file) {
  const auto refuse = [&file](const std::string& why) { log_error("reload_refused", {{"file", file}, {"why", why}}); };
  if (reload_ != nullptr) return refuse("another reload is under way");
  auto pending = std::make_unique<PendingReload>();
  pending->change = compare(configuration_, loaded.config);
  for (const std::string& key : pending->change.fixed_keys) {
    const config::Place place = loaded.place_of(key);
    log_error("reload_refused", {{"fault", config::to_text(config::Fault{place.line, place.column, key + " has changed",
                                                                         "its value since the start: only a restart changes it"},
                                                           file)}});
  }
  if (!pending->change.fixed_keys.empty()) return;
  const std::vector<std::string> raised = raised_limits(configuration_, loaded.config);
  for (const std::string& what : raised) {
    log_error("reload_refused", {{"file", file}, {"why", "it raises a limit, which takes two persons: PUT /limits; " + what}});
  }
  const std::vector<std::string> looser = loosened(configuration_, loaded.config);
  for (const std::string& what : looser) {
    log_error("reload_refused", {{"file", file}, {"why", "it loosens a control, which only a restart does; " + what}});
  }
  if (!raised.empty() || !looser.empty()) {
    order::TellLimitsNotRaised tell;
    const std::string& first = raised.empty() ? looser.front() : raised.front();
    tell.what = order::ReasonText::truncated(
        "the file read again " + std::string(raised.empty() ? "loosens a control" : "raises limits") +
        " and was refused: " + first + (raised.size() + looser.size() > 1 ? ", and others" : ""));
    loop_.submit_command(tell, R"({"action":"reload refused"})", nullptr);
    return;
  }
  if (const Status good = check_edges(loaded.config, loop_.io()); !good) return refuse(good.error().what);
  auto timetable = Timetable::create(loaded.config);
  if (!timetable) return refuse(timetable.error().what);
  pending->timetable = std::move(timetable).value();
  pending->next = std::move(loaded.config);
  pending->give_up = session::steady_now() + kReloadPatience;
  reload_ = std::move(pending);
  log_info("reload_begins", {{"file", file}, {"added", listed(reload_->change.added)},
                             {"removed", listed(reload_->change.removed)}, {"restarted", listed(reload_->change.restarted)}});
  keep_reload();
}

Line* Gateway::line_of(const std::string& id) {
  const auto found = std::find_if(loop_.lines().begin(), loop_.lines().end(), [&id](const auto& line) { return line->id() == id; });
  return found == loop_.lines().end() ? nullptr : found->get();
}

// Each batch until the sessions concerned are down.
void Gateway::keep_reload() {
  if (reload_ == nullptr || reload_->finishing) return;
  const SteadyTime now = session::steady_now();
  const bool too_late = now > reload_->give_up;
  bool all_down = true;
  for (const std::string& id : reload_->ending()) {
    Line* const line = line_of(id);
    if (line == nullptr) continue;
    const bool removed = std::count(reload_->change.removed.begin(), reload_->change.removed.end(), id) != 0;
    const std::string why = removed ? "removed from the configuration" : "the session's configuration changes";
    if (line->fix().config().broker) {
      links_.at(id)->stop(why);
    } else {
      acceptor_->set_enabled(id, false);
    }
    if (line->idle()) continue;
    all_down = false;
    line->fix().logout(why, {session::utc_now(), now});
  }
  if (!all_down && too_late) {
    log_error("reload_refused", {{"why", "sessions did not end: " + listed(reload_->ending())}});
    const std::vector<std::string> ids = reload_->ending();
    reload_.reset();
    for (const std::string& id : ids) open_session(id);
    return;
  }
  if (!all_down) return;
  reload_->finishing = true;
  // Not inside a call of one of the lines that are about to go.
  boost::asio::post(loop_.io(), [this] { finish_reload(); });
}

void Gateway::finish_reload() {
  const std::unique_ptr<PendingReload> reload = std::move(reload_);
  const ConfigurationChange& change = reload->change;
  for (const std::string& id : reload->ending()) links_.erase(id);
  configuration_ = std::move(reload->next);
  loop_.reconfigure(configuration_, config::core_text(configuration_), reload->ending(), dictionary_directory_);
  timetable_ = std::move(reload->timetable);

  for (const config::Broker& broker : configuration_.brokers) {
    if (links_.count(broker.id) != 0) continue;
    make_link(broker);
  }
  for (const std::string& id : change.reconnected) stale_links_.insert(id);
  was_logged_on_.clear();
  for (const auto& line : loop_.lines()) {
    was_logged_on_.push_back(line->fix().phase() == session::SessionPhase::kLoggedOn);
    if (line->idle()) refresh_link(line->id());
  }
  std::vector<session::LogonRule> rules;
  const bool mutual_tls = configuration_.acceptor.tls && configuration_.acceptor.tls->client_ca;
  for (const config::Client& client : configuration_.clients) rules.push_back(session::logon_rule(client, mutual_tls));
  acceptor_->set_rules(std::move(rules));
  for (const auto& line : loop_.lines()) open_session(line->id());
  admin_->set_users(configuration_.admin.users);

  loop_.when_durable(loop_.configuration_index(), [this, added = listed(change.added), removed = listed(change.removed),
                                                   restarted = listed(change.restarted)](std::uint64_t index) {
    log_info("reloaded", {{"configuration_version", index}, {"configuration_hash", loop_.configuration_hash()},
                          {"added", added}, {"removed", removed}, {"restarted", restarted}});
  });
  loop_.settle();
}

void Gateway::make_link(const config::Broker& broker) {
  auto link = BrokerLink::open(broker, loop_.io(), *loop_.broker_line(broker.id));
  // It could be opened a moment ago; a TLS file that has gone since leaves the broker down, and says so.
  if (!link) {
    log_error("broker_link_failed", {{"broker", broker.id}, {"why", link.error().what}});
    return;
  }
  links_[broker.id] = std::move(link).value();
}

// A broker whose pauses have changed gets its new way once its connection has ended.
void Gateway::refresh_link(const std::string& id) {
  if (stale_links_.erase(id) == 0) return;
  const config::Broker* const broker = configuration_.find_broker(id);
  if (broker == nullptr) return;
  links_.erase(id);
  make_link(*broker);
  open_session(id);
}

void Gateway::open_session(const std::string& id) {
  Line* const line = line_of(id);
  if (line == nullptr) return;
  const bool broker = line->fix().config().broker;
  const bool enabled = core().state().sessions[line->fix().id().value()].enabled;
  const bool killed = gateway::kept_out(core().state(), line->fix().id());
  const bool open = !stopping_ && enabled && !killed && timetable_->is_open(id, broker, session::utc_now());
  if (!broker) {
    acceptor_->set_enabled(id, open);
    if (!enabled) line->fix().logout("the session is disabled", {session::utc_now(), session::steady_now()});
    return;
  }
  BrokerLink* const link = broker_link(id);
  if (link == nullptr) return;
  if (open) {
    link->start();
  } else {
    link->stop(stopping_ ? "the gateway is stopping" : killed ? "stopped by the kill switch" : enabled ? "outside its schedule" : "disabled by an operator");
  }
}

}  // namespace portcullis::app
