#include "admin/stream_feed.h"

#include <array>
#include <cmath>
#include <limits>

#include "admin/json.h"

namespace portcullis::admin {

namespace json = boost::json;

namespace {

enum TopicIndex : std::size_t {
  kGateway,
  kHealth,
  kCounters,
  kStages,
  kSessions,
  kExposures,
  kAlerts,
  kKills,
  kProposals
};

// Read again. Sent once the feed knows from which index on it tells the changes, so that a console
// that reads now misses nothing between its reading and the first change it is told.
constexpr std::array<const char*, 2> kResync = {R"({"topic":"orders","resync":true})",
                                                R"({"topic":"executions","resync":true})"};

template <typename T, typename Key>
std::vector<std::pair<std::string, std::string>> rows_of(const T& values, Key key) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const auto& value : values) rows.emplace_back(key(value), serialized(to_json(value)));
  return rows;
}

std::string joined(const std::vector<std::string_view>& rows) {
  std::string text;
  for (const std::string_view row : rows) {
    if (!text.empty()) text += ',';
    text += row;
  }
  return text;
}

// The sum of a counter's samples; 0 when there is no such metric. For the console's rates, which have to
// be right when more changes than the rows can show.
std::uint64_t total_of(const std::vector<MetricView>& metrics, std::string_view name) {
  std::uint64_t total = 0;
  for (const MetricView& metric : metrics) {
    if (metric.name != name) continue;
    for (const MetricView::Sample& sample : metric.samples) total += static_cast<std::uint64_t>(sample.value);
  }
  return total;
}

// A row for each stage of a message, with its histogram since the start: a console takes the difference of two of them
// for what it shows, so it needs no history here.
std::vector<std::pair<std::string, std::string>> stage_rows(const std::vector<MetricView>& metrics) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const MetricView& metric : metrics) {
    if (metric.name != "portcullis_stage_seconds") continue;
    for (const MetricView::Sample& sample : metric.samples) {
      if (sample.labels.empty() || sample.buckets.empty()) continue;
      json::array bounds, counts;
      for (const MetricView::Bucket& bucket : sample.buckets) {
        if (std::isfinite(bucket.upper_bound)) bounds.emplace_back(bucket.upper_bound);
        counts.emplace_back(bucket.cumulative);
      }
      const std::string& stage = sample.labels.front().second;
      rows.emplace_back(stage, serialized(json::object{
                                   {"stage", stage}, {"order", rows.size()}, {"bounds_s", bounds}, {"cumulative", counts}}));
    }
  }
  return rows;
}

template <typename Row>
std::string changed_message(const char* topic, const std::vector<Row>& rows) {
  return serialized(json::object{{"topic", topic}, {"rows", to_json(rows)}});
}

}  // namespace

StreamFeed::StreamFeed(boost::asio::io_context& io, Dispatcher& dispatcher, std::uint32_t period_ms)
    : dispatcher_(dispatcher), period_ms_(period_ms), timer_(io) {
  for (const char* name : {"gateway", "health", "counters", "stages", "sessions", "exposures", "alerts", "kills", "proposals"}) {
    topics_.push_back({name, {}});
  }
}

void StreamFeed::subscribe(Subscriber* subscriber) {
  if (subscribers_.empty()) has_index_ = false;
  look_at_views();  // brings the others up to date too, so that everyone has seen the same rows
  subscribers_.insert(subscriber);
  for (const Topic& topic : topics_) subscriber->send(std::make_shared<const std::string>(snapshot_of(topic)));
  if (has_index_) {
    for (const char* message : kResync) subscriber->send(std::make_shared<const std::string>(message));
  } else {
    look_at_history();
  }
  if (!running_) {
    running_ = true;
    arm();
  }
}

void StreamFeed::unsubscribe(Subscriber* subscriber) {
  subscribers_.erase(subscriber);
}

void StreamFeed::arm() {
  timer_.expires_after(std::chrono::milliseconds(period_ms_));
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) look();
  });
}

void StreamFeed::look() {
  if (subscribers_.empty()) {
    running_ = false;
    return;
  }
  look_at_views();
  look_at_history();
  arm();
}

void StreamFeed::look_at_views() {
  Views& views = dispatcher_.views();
  const auto by_id = [](const auto& row) { return row.id; };
  const auto by_node = [](const auto& row) { return row.scope + " " + row.id; };
  update(topics_[kGateway], {{"gateway", serialized(to_json(views.gateway()))}});
  update(topics_[kHealth], {{"health", serialized(to_json(views.health()))}});
  const std::vector<MetricView> metrics = views.metrics();
  update(
      topics_[kCounters],
      {{"counters", serialized(json::object{{"orders", total_of(metrics, "portcullis_orders_total")},
                                                 {"executions", total_of(metrics, "portcullis_executions_total")}})}});
  update(topics_[kStages], stage_rows(metrics));
  update(topics_[kSessions], rows_of(views.sessions(), by_id));
  Rows exposures;
  for (const char* scope : {"firm", "group", "client", "account", "session", "trader", "broker", "instrument",
                            "currency"}) {
    for (auto& row : rows_of(views.exposures(scope, ""), by_node)) exposures.push_back(std::move(row));
  }
  update(topics_[kExposures], std::move(exposures));
  update(topics_[kAlerts], rows_of(views.alerts(), by_id));
  update(topics_[kKills], rows_of(views.kills(), by_node));
  update(topics_[kProposals], rows_of(dispatcher_.views().proposals(), by_id));
}

void StreamFeed::update(Topic& topic, Rows rows) {
  std::map<std::string, std::string> next;
  std::vector<std::string_view> changed;
  for (auto& [key, row] : rows) {
    const auto [place, inserted] = next.insert_or_assign(key, std::move(row));
    const auto before = topic.rows.find(key);
    if (before == topic.rows.end() || before->second != place->second) changed.push_back(place->second);
  }
  json::array removed;
  for (const auto& [key, row] : topic.rows) {
    if (!next.contains(key)) removed.emplace_back(key);
  }
  if (!changed.empty() || !removed.empty()) {
    std::string message = "{\"topic\":\"" + topic.name + "\",\"rows\":[" + joined(changed) + "]";
    if (!removed.empty()) message += ",\"removed\":" + serialized(removed);
    broadcast(message + "}");
  }
  topic.rows = std::move(next);
}

void StreamFeed::look_at_history() {
  if (history_asked_) return;
  const std::uint64_t after = has_index_ ? index_ : std::numeric_limits<std::uint64_t>::max();
  history_asked_ = dispatcher_.on_worker([this, after](History& history) -> std::function<void()> {
    auto changes = history.changes(after, kMaxChanges);
    // Too much for a console to follow: it is told to read again, and the feed goes on at the end.
    if (changes && changes->more) {
      auto end = history.changes(std::numeric_limits<std::uint64_t>::max(), 1);
      if (end) changes->last_index = end->last_index;
      changes->orders.clear();
      changes->executions.clear();
    }
    std::string orders;
    std::string executions;
    const bool resync = changes && (changes->more || after == std::numeric_limits<std::uint64_t>::max());
    if (resync) {
      orders = kResync[0];
      executions = kResync[1];
    } else if (changes) {
      if (!changes->orders.empty()) orders = changed_message("orders", changes->orders);
      if (!changes->executions.empty()) executions = changed_message("executions", changes->executions);
    }
    return [this, ok = changes.ok(), last = changes ? changes->last_index : 0, orders, executions] {
      history_asked_ = false;
      if (!ok) return;  // the blotter is away: health says so, and the next look tries again
      index_ = last;
      has_index_ = true;
      if (!orders.empty()) broadcast(orders);
      if (!executions.empty()) broadcast(executions);
    };
  });
}

void StreamFeed::broadcast(std::string message) {
  const auto shared = std::make_shared<const std::string>(std::move(message));
  // A subscriber that is too slow may leave while it is told.
  const std::set<Subscriber*> now = subscribers_;
  for (Subscriber* subscriber : now) subscriber->send(shared);
}

std::string StreamFeed::snapshot_of(const Topic& topic) {
  std::vector<std::string_view> rows;
  for (const auto& [key, row] : topic.rows) rows.push_back(row);
  return "{\"topic\":\"" + topic.name + "\",\"snapshot\":true,\"rows\":[" + joined(rows) + "]}";
}

}  // namespace portcullis::admin
