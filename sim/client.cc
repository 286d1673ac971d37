#include "sim/client.h"

#include <algorithm>
#include <cstdio>

#include "sim/endpoint.h"
#include "sim/load/load.h"
#include "sim/stop_signal.h"

namespace portcullis::sim {
namespace {

constexpr Duration kTellAfter = Duration::seconds(2);

Moment now() {
  return {steady_now(), utc_now()};
}

// Seconds since 1970 in base 36: keeps the ClOrdIDs of one start apart from any other's, and short.
std::string start_mark() {
  std::string text;
  for (std::int64_t seconds = utc_now().ns() / 1'000'000'000; seconds > 0; seconds /= 36) {
    text.insert(text.begin(), "0123456789abcdefghijklmnopqrstuvwxyz"[seconds % 36]);
  }
  return text;
}

}  // namespace

Result<std::unique_ptr<Client>> Client::start(const ClientOptions& options) {
  const Result<Endpoint> endpoint = parse_endpoint(options.connect);
  if (!endpoint) return endpoint.error();
  if (const Status version = check_version(options.version); !version) return version.error();
  if (options.symbols.empty()) return Error{"at least one symbol is needed"};
  if (options.rate < 1) return Error{"the rate is in orders a second and must be 1 or more"};

  ClientModelSettings model;
  model.version = options.version;
  model.id_prefix = options.comp_id + "-" + start_mark();
  model.accounts = options.accounts;
  model.symbols = options.symbols;
  model.seed = options.seed;
  model.patience = Duration::milliseconds(options.patience_ms);
  model.with_silence = options.with_silence;
  std::unique_ptr<Client> client(new Client(options, std::move(model)));
  if (!options.log.empty()) {
    if (const Status opened = client->log_.open(options.log); !opened) return opened.error();
  }
  client->log_.start("client", options.comp_id, options.version);

  EngineSettings settings;
  settings.host = endpoint->host;
  settings.port = endpoint->port;
  settings.begin_string = options.version;
  settings.sender_comp_id = options.comp_id;
  settings.target_comp_id = options.peer_comp_id;
  settings.username = options.username;
  settings.password = options.password;
  settings.store_dir = options.store;
  settings.dictionary = options.dictionary;
  settings.heartbeat_s = options.heartbeat_s;
  settings.reset_on_logon = options.reset_on_logon;
  std::string error;
  client->engine_ = start_engine(settings, client->inbox_, error);
  if (!client->engine_) return Error{"the client cannot start: " + error};
  return client;
}

ClientCounts Client::run(const std::function<bool()>& stopped) {
  trade(stopped);
  settle(stopped);
  return model_.counts();
}

void Client::trade(const std::function<bool()>& stopped) {
  const Duration between = Duration::nanoseconds(1'000'000'000 / options_.rate);
  const bool endless = options_.orders == 0 && options_.for_s > 0;
  const std::int64_t most = options_.orders > 0 ? options_.orders : 100;
  std::optional<SteadyTime> first_logon;
  SteadyTime next_order = steady_now();
  // It tries for as long as it runs, and who has mistyped an address would wait for ever without a word.
  std::optional<SteadyTime> tell_at = next_order + kTellAfter;
  std::int64_t placed = 0;
  // Orders are placed only while the session is logged on: one that waits in the store would be stale by then.
  while (!stopped() && (endless || placed < most)) {
    const SteadyTime at = steady_now();
    if (engine_->logged_on() && !first_logon) {
      first_logon = at;
      next_order = at;
    }
    if (options_.for_s > 0 && first_logon && at >= *first_logon + Duration::seconds(options_.for_s)) break;
    if (!first_logon && tell_at && at >= *tell_at) {
      std::fprintf(stderr,
                   "portcullis client: not logged on yet, and trying on; expected a gateway that listens at %s and "
                   "lets %s log on over %s\n",
                   options_.connect.c_str(), options_.comp_id.c_str(), options_.version.c_str());
      tell_at.reset();
    }
    if (!first_logon || !engine_->logged_on()) {
      step(at + Duration::milliseconds(50));
      next_order = steady_now();
      continue;
    }
    if (at >= next_order) {
      model_.place(now(), out_);
      send_all();
      ++placed;
      next_order = next_order + between;
      step(at);  // a machine that is behind with its orders hears its reports, too
    } else {
      step(next_order);
    }
  }
}

bool Client::settle(const std::function<bool()>& stopped) {
  model_.drain(now());
  const SteadyTime give_up = steady_now() + Duration::seconds(options_.drain_s);
  SteadyTime quiet_since = steady_now();
  while (!stopped() && steady_now() < give_up) {
    if (step(steady_now() + Duration::milliseconds(50))) quiet_since = steady_now();
    const bool quiet = steady_now() >= quiet_since + Duration::milliseconds(options_.quiet_ms);
    if (in_flight_ == 0 && quiet) break;
  }
  model_.resume();
  return in_flight_ == 0;
}

bool Client::step(SteadyTime until) {
  const SteadyTime soon = std::min(until, steady_now() + Duration::milliseconds(50));
  // While the session is down nothing is sent: a cancel that waits in the store would be stale by then.
  const bool up = engine_->logged_on();
  const SteadyTime due = up ? model_.next_due().value_or(soon) : soon;
  const std::optional<Inbox::Item> item = inbox_.wait_until(std::min(soon, due));
  if (item && item->kind == Inbox::Kind::kReceived) {
    std::vector<std::string> violations;
    model_.on_message(item->message, now(), out_, violations);
    for (const std::string& violation : violations) log_.note("violation", violation);
  }
  if (up) model_.on_timer(now(), out_);
  send_all();
  return item.has_value();
}

void Client::send_all() {
  for (const Message& message : out_) model_.on_sent(message, engine_->send(message));
  out_.clear();
  in_flight_ = model_.not_ended();
}

void Client::stop() {
  if (engine_) engine_->stop();
}

Client::~Client() {
  stop();
  log_.note("stop", "");
}

namespace {

int run_raw_client(const ClientOptions& options) {
  const Result<Endpoint> endpoint = parse_endpoint(options.connect);
  const Status version = check_version(options.version);
  const auto fail = [](const Error& error) {
    std::fprintf(stderr, "portcullis client: %s\n", error.what.c_str());
    return 1;
  };
  if (!endpoint) return fail(endpoint.error());
  if (!version) return fail(version.error());
  LoadSettings settings;
  settings.host = endpoint->host;
  settings.port = endpoint->port;
  settings.begin_string = options.version;
  settings.sender = options.comp_id;
  settings.target = options.peer_comp_id;
  settings.rate = options.rate;
  settings.orders = options.orders;
  settings.for_s = options.for_s > 0 ? options.for_s : settings.for_s;
  settings.in_flight = options.in_flight;
  settings.drain_s = options.drain_s;
  settings.accounts = options.accounts;
  settings.symbols = options.symbols;
  settings.heartbeat_s = options.heartbeat_s;
  settings.reset_on_logon = options.reset_on_logon;
  settings.spin = options.spin;
  const Result<LoadResult> result = run_load(settings);
  if (!result) return fail(result.error());
  std::printf("%s\n", to_json(*result).c_str());
  return result->answered == result->sent ? 0 : 1;
}

}  // namespace

int run_client(const ClientOptions& options) {
  if (options.engine == "raw") return run_raw_client(options);
  if (options.engine != "quickfix") {
    std::fprintf(stderr, "portcullis client: engine \"%s\" is not known: expected quickfix or raw\n",
                 options.engine.c_str());
    return 2;
  }
  StopSignal stop;
  Result<std::unique_ptr<Client>> client = Client::start(options);
  if (!client) {
    std::fprintf(stderr, "portcullis client: %s\n", client.error().what.c_str());
    return 1;
  }
  const ClientCounts counts = (*client)->run([&] { return stop.wait_for(Duration()); });
  (*client)->stop();
  std::printf(
      "{\"orders\":%lld,\"acknowledged\":%lld,\"rejected\":%lld,\"filled\":%lld,\"cancelled\":%lld,\"replaced\":%lld,"
      "\"open\":%lld,\"unanswered\":%lld,\"executions\":%lld,\"violations\":%lld}\n",
      static_cast<long long>(counts.orders), static_cast<long long>(counts.acknowledged),
      static_cast<long long>(counts.rejected), static_cast<long long>(counts.filled),
      static_cast<long long>(counts.cancelled), static_cast<long long>(counts.replaced),
      static_cast<long long>(counts.open), static_cast<long long>(counts.unanswered),
      static_cast<long long>(counts.executions), static_cast<long long>(counts.violations));
  return counts.open == 0 && counts.unanswered == 0 && counts.violations == 0 ? 0 : 1;
}

}  // namespace portcullis::sim
