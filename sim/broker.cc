#include "sim/broker.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iterator>

#include "sim/endpoint.h"
#include "sim/load/load.h"
#include "sim/stop_signal.h"

namespace portcullis::sim {
namespace {

Moment now() {
  return {steady_now(), utc_now()};
}

void say_listening(const BrokerOptions& options, std::uint16_t port) {
  const std::string host = options.listen.substr(0, options.listen.rfind(':'));
  std::fprintf(stderr, "%s listening on %s:%u\n", options.comp_id.c_str(), host.c_str(), port);
}

}  // namespace

Result<std::unique_ptr<Broker>> Broker::start(const BrokerOptions& options) {
  const Result<Endpoint> endpoint = parse_endpoint(options.listen);
  if (!endpoint) return endpoint.error();
  if (const Status version = check_version(options.version); !version) return version.error();
  const std::optional<Script> script = parse_script(options.script);
  if (!script) return Error{"script \"" + options.script + "\" is not known: expected mixed, fill, partial, ack, …"};

  // The start's second keeps identifiers apart over restarts; within one start a counter does.
  const std::string prefix = options.comp_id + "-" + std::to_string(utc_now().ns() / 1'000'000'000);
  std::unique_ptr<Broker> broker(new Broker({options.version, prefix, *script}));
  // What the earlier run logged is read before this run writes to the same file.
  std::vector<LogLine> history;
  if (!options.store.empty() && !options.log.empty() && access(options.log.c_str(), F_OK) == 0) {
    Result<std::vector<LogLine>> lines = read_log(options.log);
    if (!lines) return lines.error();
    history = std::move(*lines);
  }
  if (!options.log.empty()) {
    if (const Status opened = broker->log_.open(options.log); !opened) return opened.error();
  }
  broker->log_.start("broker", options.comp_id, options.version);

  EngineSettings settings;
  settings.acceptor = true;
  settings.host = endpoint->host;
  settings.port = endpoint->port;
  settings.begin_string = options.version;
  settings.sender_comp_id = options.comp_id;
  settings.target_comp_id = options.peer_comp_id;
  settings.store_dir = options.store;
  settings.dictionary = options.dictionary;
  std::string error;
  broker->engine_ = start_engine(settings, broker->inbox_, error);
  if (!broker->engine_) return Error{"the broker cannot start: " + error};
  broker->restore(history);
  broker->thread_ = std::thread(&Broker::run, broker.get());
  return broker;
}

// Numbers that the store never gave out were logged just before a crash; they never left.
void Broker::restore(std::vector<LogLine>& history) {
  if (history.empty()) return;
  const long next = engine_->next_sender_seq();
  std::vector<LogLine> voided;
  for (const LogLine& line : history) {
    if (line.kind != "out" || line.message.poss_dup || line.message.seq < next) continue;
    LogLine void_line;
    void_line.kind = "void";
    void_line.message.seq = line.message.seq;
    log_.message("void", void_line.message);
    voided.push_back(std::move(void_line));
  }
  std::move(voided.begin(), voided.end(), std::back_inserter(history));
  std::vector<Message> out;
  model_.restore(history, now(), out);
  send_all(out);
}

void Broker::run() {
  std::vector<Message> out;
  while (!stopping_) {
    const SteadyTime idle = steady_now() + Duration::seconds(1);
    const SteadyTime due = std::min(model_.next_due().value_or(idle), idle);
    const std::optional<Inbox::Item> item = inbox_.wait_until(due);
    if (item && item->kind == Inbox::Kind::kReceived) model_.on_message(item->message, now(), out);
    model_.on_timer(now(), out);
    send_all(out);
  }
}

void Broker::send_all(std::vector<Message>& messages) {
  for (const Message& message : messages) engine_->send(message);
  messages.clear();
}

void Broker::stop() {
  if (stopping_.exchange(true)) return;
  inbox_.wake();
  if (thread_.joinable()) thread_.join();
  if (engine_) engine_->stop();
  log_.note("stop", "");
}

Broker::~Broker() {
  stop();
}

namespace {

int run_raw_broker(const BrokerOptions& options, const StopSignal& stop) {
  const Result<Endpoint> endpoint = parse_endpoint(options.listen);
  const Status version = check_version(options.version);
  const bool fill = options.script == "fill" || options.script == "mixed";
  Status done = !endpoint ? Status(endpoint.error()) : version;
  if (done.ok()) {
    done =
        run_bare_broker({endpoint->host, endpoint->port, options.version, options.comp_id, options.peer_comp_id, fill},
                        stop.file(), [&](std::uint16_t port) { say_listening(options, port); });
  }
  if (done.ok()) return 0;
  std::fprintf(stderr, "portcullis broker: %s\n", done.error().what.c_str());
  return 1;
}

}  // namespace

int run_broker(const BrokerOptions& options) {
  StopSignal stop;
  if (options.engine == "raw") return run_raw_broker(options, stop);
  if (options.engine != "quickfix") {
    std::fprintf(stderr, "portcullis broker: engine \"%s\" is not known: expected quickfix or raw\n",
                 options.engine.c_str());
    return 2;
  }
  Result<std::unique_ptr<Broker>> broker = Broker::start(options);
  if (!broker) {
    std::fprintf(stderr, "portcullis broker: %s\n", broker.error().what.c_str());
    return 1;
  }
  say_listening(options, (*broker)->port());
  stop.wait();
  (*broker)->stop();
  return 0;
}

}  // namespace portcullis::sim
