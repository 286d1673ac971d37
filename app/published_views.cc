#include "app/published_views.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>

#include "app/exposure_views.h"
#include "app/followers.h"
#include "app/gateway.h"
#include "app/governance_views.h"
#include "app/log.h"
#include "config/limits.h"
#include "gateway/ids.h"
#include "session/clock.h"

namespace portcullis::app {
namespace {

using order::Scope;

// A copy this old is new enough; a reader waits this long for a newer one.
constexpr Duration kFreshEnough = Duration::milliseconds(5);
constexpr auto kPatience = std::chrono::milliseconds(200);

admin::LimitValue limit_value(config::Limit limit, const config::LimitValue& value) {
  if (const auto* duplicates = std::get_if<config::DuplicateOrders>(&value)) {
    return admin::CountPerSeconds{duplicates->count, duplicates->window.ms() / 1000};
  }
  const std::string text = config::to_text(value);
  const config::LimitKind kind = config::limit_info(limit).kind;
  if (kind != config::LimitKind::kOrderTypes && kind != config::LimitKind::kTimesInForce) return text;
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    names.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

// A usage in the scale of its limit, as exact text.
std::string used_text(config::LimitKind kind, std::int64_t raw) {
  switch (kind) {
    case config::LimitKind::kQuantity: return Quantity::from_raw(raw).to_string();
    case config::LimitKind::kAmount: return Amount::from_raw(raw).to_string();
    case config::LimitKind::kPercent: return config::Percent::from_raw(raw).to_string();
    default: return std::to_string(raw);
  }
}

admin::LimitsView limits_view(const gateway::State& state, const risk::Node& node, UtcTime now) {
  admin::LimitsView view;
  view.scope = order::to_string(node.scope);
  view.id = name_of(state, node.scope, node.id);
  view.version = node.limits_version;
  for (const config::LimitInfo& info : config::limits_table()) {
    if (!node.limits.stated_here(info.limit)) continue;
    admin::LimitView limit;
    limit.name = info.name;
    limit.value = limit_value(info.limit, risk::from_raw(info.limit, node.limits[info.limit]));
    if (const auto used = state.risk.used(node, info.limit, now)) limit.used = used_text(info.kind, *used);
    limit.enforced = info.enforced;
    const risk::AbsoluteCaps& caps = state.risk.state().caps;
    if (caps.stated(info.limit)) limit.absolute = limit_value(info.limit, risk::from_raw(info.limit, caps[info.limit]));
    view.limits.push_back(std::move(limit));
  }
  return view;
}

std::string session_state(const Gateway& gateway, const Line& line, const gateway::Session& session) {
  if (!session.enabled) return "disabled";
  switch (line.fix().phase()) {
    case session::SessionPhase::kLogonSent: return "logging_on";
    case session::SessionPhase::kLoggedOn:
      if (session.of_broker) {
        const gateway::Broker& broker = gateway.core().state().broker_states[session.broker.value()];
        if (broker.phase != gateway::BrokerPhase::kOpen) return "reconciling";
      }
      return "up";
    case session::SessionPhase::kLogoutSent:
    case session::SessionPhase::kClosing: return "down";
    case session::SessionPhase::kDisconnected: break;
  }
  if (session.of_broker) {
    const BrokerLink* link = gateway.broker_link(line.id());
    if (link != nullptr && link->state() == session::Initiator::State::kConnecting) return "connecting";
  }
  return "down";
}

std::vector<admin::SessionView> session_views(const Gateway& gateway) {
  const gateway::State& state = gateway.core().state();
  std::vector<admin::SessionView> views;
  for (const auto& line : gateway.lines()) {
    const session::SessionConfig& settings = line->fix().config();
    const gateway::Session& session = state.sessions[settings.id.value()];
    admin::SessionView view;
    view.id = line->id();
    view.role = session.of_broker ? "broker" : "client";
    view.version = settings.begin_string;
    view.state = session_state(gateway, *line, session);
    view.enabled = session.enabled;
    view.comp_id = settings.peer_comp_id;
    view.gateway_comp_id = settings.our_comp_id;
    view.address = line->remote();
    if (view.address.empty()) view.address = gateway.address_of(*line);
    if (!session.of_broker) view.listen = gateway.address_of(*line);
    view.next_sender_seq = session.numbers.next_sender;
    view.next_target_seq = session.numbers.next_target;
    if (view.state != "up") {
      view.reason = line->fix().why_down();
      const BrokerLink* link = session.of_broker ? gateway.broker_link(line->id()) : nullptr;
      if (link != nullptr && !link->why_down().empty()) view.reason = link->why_down();
      if (view.reason.empty()) view.reason = session.reason.view();
      if (!session.of_broker && view.state == "down") {
        if (std::string out = gateway.why_out(*line); !out.empty()) view.reason = std::move(out);
      }
      if (view.state == "reconciling") view.reason = "asking the broker for the state of our orders";
      if (view.state == "disabled") view.reason = "disabled, by an operator or the configuration";
    }
    views.push_back(std::move(view));
  }
  std::sort(views.begin(), views.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return views;
}

std::vector<admin::AlertView> alert_views(const gateway::State& state) {
  std::vector<admin::AlertView> views;
  constexpr std::size_t kShown = 500;  // the newest; the blotter has all
  const std::size_t begin = state.alerts.size() > kShown ? state.alerts.size() - kShown : 0;
  for (std::size_t i = begin; i < state.alerts.size(); ++i) {
    const gateway::Alert& alert = state.alerts[i];
    admin::AlertView view;
    view.id = std::to_string(alert.alert);
    view.severity = order::to_string(alert.severity);
    view.kind = order::to_string(alert.code);
    if (alert.order.has_value()) {
      const gateway::IdBuffer id = gateway::IdBuffer::order_id(state.setup.gateway_id, alert.order_epoch, alert.order);
      view.subject = id.view();
    } else if (alert.session.has_value()) {
      view.subject = state.session_names[alert.session.value()].name.view();
    }
    view.text = alert.text.view();
    view.raised = alert.time;
    view.acknowledged_by = alert.acknowledged_by.view();
    if (alert.acknowledged) view.acknowledged = alert.acknowledged_at;
    views.push_back(std::move(view));
  }
  return views;
}

std::vector<admin::KillView> kill_views(const gateway::State& state) {
  std::vector<admin::KillView> views;
  const auto add = [&](Scope scope, std::uint32_t id, order::ScopeState own) {
    if (own == order::ScopeState::kActive) return;
    admin::KillView view;
    view.scope = order::to_string(scope);
    view.id = name_of(state, scope, id);
    view.state = order::to_string(own);
    for (const gateway::State::ScopeChange& change : state.scope_changes) {
      if (change.scope != scope || change.id != id) continue;
      view.reason = change.reason.view();
      view.user = change.user.view();
      view.since = change.time;
    }
    views.push_back(std::move(view));
  };
  each_node(state, [&](const risk::Node& node) { add(node.scope, node.id, node.own_state); });
  return views;
}

admin::MetricView metric(std::string name, std::string help, admin::MetricView::Kind kind, std::uint64_t value) {
  admin::MetricView view;
  view.name = std::move(name);
  view.help = std::move(help);
  view.kind = kind;
  admin::MetricView::Sample sample;
  sample.value = static_cast<double>(value);
  view.samples.push_back(std::move(sample));
  return view;
}

admin::MetricView stage_view(const StageTimes& times) {
  admin::MetricView view;
  view.name = "portcullis_stage_seconds";
  view.help = "Time that the stages of a message take on the core thread";
  view.kind = admin::MetricView::Kind::kHistogram;
  const double ns_per_tick = times.ns_per_tick();
  for (std::size_t i = 0; i < StageTimes::kStages; ++i) {
    const auto stage = static_cast<StageTimes::Stage>(i);
    const StageTimes::Histogram histogram = times.histogram(stage, ns_per_tick);
    admin::MetricView::Sample sample;
    sample.labels = {{"stage", StageTimes::name(stage)}};
    sample.value = histogram.sum_s;
    for (const StageTimes::Histogram::Bucket& bucket : histogram.buckets) {
      sample.buckets.push_back({bucket.upper_s, bucket.cumulative});
    }
    sample.buckets.push_back({std::numeric_limits<double>::infinity(), histogram.count});
    view.samples.push_back(std::move(sample));
  }
  return view;
}

// What was given back is the rest of the totals.
admin::MetricView kept_view(const gateway::State& state) {
  admin::MetricView view;
  view.name = "portcullis_entries_kept";
  view.help = "Orders, requests and executions in memory; those that are over leave it after gateway.keep_orders_days";
  view.kind = admin::MetricView::Kind::kGauge;
  for (const auto& [table, kept] : {std::pair{"orders", state.orders.kept()},
                                    {"requests", state.requests.kept()},
                                    {"executions", state.executions.kept()}}) {
    admin::MetricView::Sample sample;
    sample.labels = {{"table", table}};
    sample.value = static_cast<double>(kept);
    view.samples.push_back(std::move(sample));
  }
  return view;
}

std::uint64_t memory_of_orders(const gateway::State& state) {
  return state.orders.bytes() + state.requests.bytes() + state.executions.bytes() + state.beside.bytes();
}

std::vector<admin::MetricView> metric_views(Gateway& gateway) {
  using Kind = admin::MetricView::Kind;
  const gateway::State& state = gateway.core().state();
  const persistence::Journal& journal = gateway.journal();
  std::vector<admin::MetricView> views;
  views.push_back(metric("portcullis_orders_total", "Orders taken or refused since the journal began", Kind::kCounter, state.orders.size()));
  views.push_back(metric("portcullis_requests_total", "Orders, cancels and replaces of clients and operators", Kind::kCounter, state.requests.size()));
  views.push_back(metric("portcullis_executions_total", "Reports of brokers that were taken", Kind::kCounter, state.executions.size()));
  views.push_back(kept_view(state));
  views.push_back(metric("portcullis_order_memory_bytes", "Memory of the tables of orders, requests and executions",
                         Kind::kGauge, memory_of_orders(state)));
  views.push_back(metric("portcullis_decisions_total", "Decisions of pre-trade risk", Kind::kCounter, state.decisions));
  if (!gateway.configuration().risk.shadow.empty()) {
    admin::MetricView shadow;
    shadow.name = "portcullis_shadow_differences_total";
    shadow.help = "Decisions that the shadow limits would have made otherwise, by what they would have done";
    shadow.kind = Kind::kCounter;
    for (const auto& [would, count] : {std::pair{"refuse", state.shadow_would_refuse}, {"accept", state.shadow_would_accept}}) {
      admin::MetricView::Sample sample;
      sample.labels = {{"would", would}};
      sample.value = static_cast<double>(count);
      shadow.samples.push_back(std::move(sample));
    }
    views.push_back(std::move(shadow));
  }
  views.push_back(metric("portcullis_alerts_total", "Alerts raised", Kind::kCounter, state.alert_count));
  views.push_back(metric("portcullis_open_orders", "Orders that are open at a broker", Kind::kGauge,
                         static_cast<std::uint64_t>(std::max<std::int64_t>(0, state.risk.state().firm.exposure.open_orders()))));
  views.push_back(metric("portcullis_held", "1 while orders are held until the brokers are reconciled", Kind::kGauge, state.held ? 1 : 0));
  views.push_back(metric("portcullis_journal_records_total", "Records committed to the journal", Kind::kCounter, journal.last_index()));
  views.push_back(metric("portcullis_journal_undurable_records", "Records committed and not durable yet", Kind::kGauge,
                         journal.last_index() - std::min(journal.last_index(), journal.durable_index())));
  views.push_back(metric("portcullis_journal_syncs_total", "Groups of records that were synced together", Kind::kCounter, journal.groups()));
  views.push_back(metric("portcullis_journal_low_space", "1 while the disk is nearly full and new orders are refused", Kind::kGauge, journal.low_space() ? 1 : 0));
  views.push_back(metric("portcullis_journal_waits_for_space", "1 while nothing can be recorded for want of space, so that nothing is read or sent",
                         Kind::kGauge, journal.space() == persistence::JournalSpace::kNone ? 1 : 0));
  const Followers::BlotterStatus blotter = gateway.followers().blotter_status();
  views.push_back(metric("portcullis_blotter_lag_records", "Durable records that the blotter does not hold yet", Kind::kGauge,
                         journal.durable_index() - std::min(journal.durable_index(), blotter.last_index)));
  const auto behind = [&journal](std::uint64_t index) {
    return journal.durable_index() - std::min(journal.durable_index(), index);
  };
  views.push_back(metric("portcullis_order_log_lag_records", "Durable records whose lines are not logged yet", Kind::kGauge,
                         behind(gateway.followers().logged_index())));
  views.push_back(metric("portcullis_snapshots_lag_records", "Durable records that the maker of snapshots has not folded yet",
                         Kind::kGauge, behind(gateway.followers().folded_index())));
  views.push_back(metric("portcullis_blotter_connected", "1 while the blotter's database answers", Kind::kGauge, blotter.connected ? 1 : 0));
  if (const auto webhook = gateway.webhook()) {
    views.push_back(metric("portcullis_webhook_delivered_total", "Alerts that alerts.webhook has taken", Kind::kCounter, webhook->delivered));
    views.push_back(metric("portcullis_webhook_failed_total", "Deliveries that failed and are tried again", Kind::kCounter, webhook->failed));
    views.push_back(metric("portcullis_webhook_lost_total", "Alerts lost to a full queue", Kind::kCounter, webhook->lost));
    views.push_back(metric("portcullis_webhook_waiting", "Alerts that wait to be sent", Kind::kGauge, webhook->waiting));
  }
  views.push_back(stage_view(gateway.loop().stage_times()));
  views.push_back(metric("portcullis_log_lines_lost_total", "Log lines lost to a full queue", Kind::kCounter, lost_log_lines()));
  admin::MetricView up;
  up.name = "portcullis_session_up";
  up.help = "1 while the session is logged on";
  admin::MetricView lane;
  lane.name = "portcullis_session_lane_messages_total";
  lane.help = "Messages that took the lane";
  lane.kind = Kind::kCounter;
  admin::MetricView control;
  control.name = "portcullis_session_control_messages_total";
  control.help = "Messages that went through the session engine";
  control.kind = Kind::kCounter;
  for (const auto& line : gateway.loop().lines()) {
    const std::vector<std::pair<std::string, std::string>> labels = {
        {"session", line->id()}, {"role", line->fix().config().broker ? "broker" : "client"}};
    const session::SessionCounters& counters = line->fix().counters();
    const auto add = [&labels](admin::MetricView& view, std::uint64_t value) {
      admin::MetricView::Sample sample;
      sample.labels = labels;
      sample.value = static_cast<double>(value);
      view.samples.push_back(std::move(sample));
    };
    add(up, line->fix().phase() == session::SessionPhase::kLoggedOn ? 1 : 0);
    add(lane, counters.lane);
    add(control, counters.control_plane);
  }
  views.push_back(std::move(up));
  views.push_back(std::move(lane));
  views.push_back(std::move(control));
  for (admin::MetricView& view : views) {
    for (admin::MetricView::Sample& sample : view.samples) sample.labels.emplace_back("gateway", state.setup.gateway_id);
  }
  return views;
}

admin::HealthView health_view(Gateway& gateway, const std::vector<admin::SessionView>& sessions) {
  const gateway::State& state = gateway.core().state();
  admin::HealthView health;
  health.live = true;
  health.ready = true;
  const auto not_ready = [&](std::string why) {
    health.ready = false;
    health.reasons.push_back(std::move(why));
  };
  if (state.held) not_ready(std::string(state.held_reason.view()));
  if (gateway.journal().space() == persistence::JournalSpace::kNone) {
    not_ready("the journal's disk is full: nothing is recorded, read or sent until there is space");
  } else if (gateway.journal().low_space()) {
    not_ready("the journal's disk is nearly full: new orders are refused");
  }
  const bool broker_up = std::any_of(sessions.begin(), sessions.end(),
                                     [](const auto& s) { return s.role == "broker" && s.state == "up"; });
  if (!broker_up) not_ready("no broker is logged on and open");
  const Followers::BlotterStatus blotter = gateway.followers().blotter_status();
  if (!blotter.connected) {
    health.reasons.push_back(blotter.error.empty() ? std::string("the blotter's database has not been reached yet")
                                                   : "the blotter's database does not answer: " + blotter.error);
  }
  if (const auto webhook = gateway.webhook(); webhook && !webhook->last_error.empty()) {
    health.reasons.push_back("alerts do not reach alerts.webhook (" + std::to_string(webhook->waiting) +
                             " wait): " + webhook->last_error);
  }
  health.configuration_version = gateway.loop().configuration_index();
  health.configuration_hash = gateway.loop().configuration_hash();
  return health;
}

}  // namespace

ViewsCopy copy_views(Gateway& gateway) {
  const gateway::State& state = gateway.core().state();
  ViewsCopy copy;
  copy.made = session::steady_now();
  copy.sessions = session_views(gateway);
  copy.health = health_view(gateway, copy.sessions);
  each_node(state, [&](const risk::Node& node) {
    copy.exposures.push_back(exposure_view(state, node));
    admin::LimitsView limits = limits_view(state, node, session::utc_now());
    if (!limits.limits.empty() || limits.version > 0) copy.limits.push_back(std::move(limits));
  });
  copy.alerts = alert_views(state);
  copy.kills = kill_views(state);
  copy.proposals = proposal_views(state);
  copy.mass_cancels = mass_cancel_views(state);
  for (admin::KillView& kill : copy.kills) {
    for (const admin::MassCancelView& run : copy.mass_cancels) {
      if (run.origin == "scope_state" && run.scope == kill.scope && run.id == kill.id) kill.cancel = run;
    }
  }
  copy.metrics = metric_views(gateway);
  return copy;
}

admin::GatewayView PublishedViews::gateway() {
  const config::GatewaySection& section = gateway_.configuration().gateway;
  admin::GatewayView view;
  view.id = section.id;
  view.version = PORTCULLIS_VERSION;
  view.durability = config::to_text(section.durability);
  view.currency = section.currency;
  view.started = gateway_.started();
  return view;
}

admin::HealthView PublishedViews::health() {
  const std::shared_ptr<const ViewsCopy> copy = fresh();
  admin::HealthView health = copy->health;
  // The core thread has not answered for a while: it does not move.
  if (session::steady_now() - copy->made > Duration::seconds(5)) {
    health.live = false;
    health.ready = false;
    health.reasons.push_back("the core thread has not moved for more than 5 seconds");
  }
  return health;
}

std::vector<admin::ExposureView> PublishedViews::exposures(const std::string& scope, const std::string& id) {
  const std::string wanted = scope.empty() ? "account" : scope;
  std::vector<admin::ExposureView> found;
  const std::shared_ptr<const ViewsCopy> copy = fresh();
  for (const admin::ExposureView& view : copy->exposures) {
    if (view.scope == wanted && (id.empty() || view.id == id)) found.push_back(view);
  }
  return found;
}

void PublishedViews::outdate() {
  const std::lock_guard guard(shared_->mutex);
  ++shared_->outdated;
}

std::shared_ptr<const ViewsCopy> PublishedViews::fresh() {
  std::unique_lock lock(shared_->mutex);
  const std::uint64_t wanted = shared_->outdated;
  const SteadyTime asked_at = session::steady_now();
  const auto fresh_enough = [&] {
    return shared_->copy->outdated >= wanted && asked_at - shared_->copy->made < kFreshEnough;
  };
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!fresh_enough()) {
    if (!shared_->asked) {
      shared_->asked = gateway_.loop().post([&gateway = gateway_, shared = shared_] {
        std::unique_lock guard(shared->mutex);
        const std::uint64_t outdated = shared->outdated;
        guard.unlock();
        auto copy = std::make_shared<ViewsCopy>(copy_views(gateway));
        copy->outdated = outdated;
        guard.lock();
        shared->copy = std::move(copy);
        shared->asked = false;
        shared->published.notify_all();
      });
    }
    if (shared_->published.wait_until(lock, until) == std::cv_status::timeout) break;
  }
  return shared_->copy;
}

}  // namespace portcullis::app
