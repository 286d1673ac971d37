#include "app/timetable.h"

#include "app/gateway.h"
#include "app/log.h"
#include "session/clock.h"

namespace portcullis::app {

Result<std::unique_ptr<Timetable>> Timetable::create(const config::Config& configuration) {
  std::unique_ptr<Timetable> table(new Timetable);
  const auto add = [](std::map<std::string, Kept>& kept, const std::string& id,
                      const std::optional<config::Schedule>& settings) -> Status {
    if (!settings) return {};
    auto schedule = session::Schedule::create(*settings);
    if (!schedule) return Error{"schedule of " + id + ": " + schedule.error().what};
    kept.emplace(id, Kept{std::move(schedule).value()});
    return {};
  };
  for (const config::Client& client : configuration.clients) {
    if (const Status added = add(table->clients_, client.id, client.schedule); !added) return added.error();
  }
  for (const config::Broker& broker : configuration.brokers) {
    if (const Status added = add(table->brokers_, broker.id, broker.schedule); !added) return added.error();
  }
  const config::ScheduleTime daily{std::nullopt, configuration.risk.roll.second_of_day};
  auto roll = session::Schedule::create(config::Schedule{configuration.risk.roll.zone, daily, daily, daily});
  if (!roll) return Error{"risk.roll: " + roll.error().what};
  table->roll_ = std::move(roll).value();
  table->roll_after_noon_ = configuration.risk.roll.second_of_day >= 12 * 3600;
  return table;
}

bool Timetable::is_open(const std::string& id, bool broker, UtcTime now) const {
  const auto& kept = broker ? brokers_ : clients_;
  const auto found = kept.find(id);
  return found == kept.end() || found->second.schedule.is_open(now);
}

void Timetable::keep(Gateway& gateway, UtcTime now) {
  for (const auto& line : gateway.lines()) keep_line(gateway, *line, now);
  const std::optional<UtcTime> rolled = roll_.last_reset(now);
  if (!rolled) return;
  const std::int32_t trade_date = Date::of(*rolled).days() + (roll_after_noon_ ? 1 : 0);
  if (trade_date <= gateway.core().state().trade_date) return;
  gateway.loop().submit_command(order::RollDay{trade_date}, "", nullptr);
  log_info("trading_day", {{"trade_date", Date::from_days(trade_date).to_iso()}});
}

void Timetable::keep_line(Gateway& gateway, Line& line, UtcTime now) {
  const bool broker = line.fix().config().broker;
  auto& all = broker ? brokers_ : clients_;
  const auto found = all.find(line.id());
  if (found == all.end()) return;
  Kept& kept = found->second;
  const gateway::Session& session = gateway.core().state().sessions[line.fix().id().value()];
  const bool open = kept.schedule.is_open(now);
  if (open != kept.was_open) {
    kept.was_open = open;
    log_info(open ? "session_opens" : "session_closes", {{"session", line.id()}});
    if (broker) {
      if (open && session.enabled) gateway.broker_link(line.id())->start();
      if (!open) gateway.broker_link(line.id())->stop("outside its schedule");
    } else {
      gateway.acceptor().set_enabled(line.id(), open && session.enabled);
    }
    if (!open) line.fix().logout("outside its schedule", {now, session::steady_now()});
  }
  // Both numbers begin anew once, while nobody is connected; a reset that was missed is made up for.
  const std::optional<UtcTime> due = kept.schedule.last_reset(now);
  const bool free = line.fix().phase() == session::SessionPhase::kDisconnected && !line.has_connection();
  if (!due || *due <= session.numbers_since || !free) return;
  gateway::Input input;
  input.kind = gateway::InputKind::kSession;
  input.session = line.fix().id();
  input.now = now;
  input.effects.reset = true;
  gateway.loop().submit(input);
  log_info("sequence_reset", {{"session", line.id()}, {"why", "its schedule"}});
}

}  // namespace portcullis::app
