#include "tests/acceptance/live_gateway.h"

#include <signal.h>
#include <time.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <stdexcept>

#include "sim/demo_configuration.h"
#include "sim/inbox.h"
#include "tests/acceptance/rig.h"

namespace portcullis::acceptance {
namespace {

constexpr const char* kRest = R"(
instruments:
  - {symbol: EUR/USD, type: FXSPOT, base: EUR, term: USD, price_tick: 0.00001, quantity_min: 1000, quantity_step: 1}
  - {symbol: GBP/USD, type: FXSPOT, base: GBP, term: USD, price_tick: 0.00001, quantity_min: 1000, quantity_step: 1}
reference:
  rates: {EUR: 1.10, GBP: 1.25}
  quotes: {EUR/USD: {bid: 1.0999, ask: 1.1001}, GBP/USD: {bid: 1.2499, ask: 1.2501}}
  stale_after_s: 0
risk:
  price_buffer_percent: 1
  roll: {zone: America/New_York, time: "17:00"}
  firm:
    max_order_quantity: 10000000
    max_order_notional: 20000000
    price_collar_percent: 5
    max_open_orders: 100000
    max_gross_open_notional: 5000000000
    max_long_position: 2000000000
    max_short_position: 2000000000
    max_currency_position: 3000000000
    max_net_open_position: 3000000000
    max_daily_settlement: 40000000000
    max_daily_volume: 100000000000
    max_daily_loss: 2000000000
    duplicate_orders: {count: 1000, seconds: 1}
    repeated_executions: 100000
    order_types: [market, limit, stop, stop_limit, previously_quoted]
    times_in_force: [day, gtc, ioc, fok, gtd]
)";

void pause_ms(long ms) {
  const timespec time{ms / 1000, ms % 1000 * 1'000'000};
  nanosleep(&time, nullptr);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::string LiveGateway::comp_id(const std::string& id) {
  std::string upper = id;
  std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return upper;
}

LiveGateway::LiveGateway(LiveSettings settings) : directory_("portcullis-live"), tokens_(sim::demo_tokens()) {
  auto ports = sim::free_ports(3);
  if (!ports) throw std::runtime_error(ports.error().what);
  ports_ = *ports;
  write_configuration(text(settings));
}

std::string LiveGateway::text(const LiveSettings& settings) const {
  std::string yaml = "gateway: {id: LIVE, data_dir: ./data, durability: " + settings.durability + ", currency: USD}\n";
  yaml += "acceptor: {listen: \"127.0.0.1:" + std::to_string(ports_[0]) + "\"}\n";
  yaml += "clients:\n";
  for (const LiveClient& client : settings.clients) {
    yaml += "  - {id: " + client.id + ", version: " + client.version + ", comp_id: " + comp_id(client.id) +
            ", gateway_comp_id: GATE, accounts: [" + client.id + "-1], allow_from: [127.0.0.0/8]" +
            (client.more.find("heartbeat_s") == std::string::npos ? ", heartbeat_s: {min: 1, max: 60}" : "") + client.more + "}\n";
  }
  yaml += "brokers:\n";
  std::vector<LiveBroker> brokers = settings.brokers;
  if (brokers.empty()) brokers.push_back({"nobody", ports_[2], "FIX.4.4", ""});
  std::string all;
  for (const LiveBroker& broker : brokers) {
    yaml += "  - {id: " + broker.id + ", version: " + broker.version + ", comp_id: " + comp_id(broker.id) +
            ", gateway_comp_id: GATE, connect: [\"127.0.0.1:" + std::to_string(broker.port) +
            "\"], reconnect_s: {min: 1, max: 1}" + broker.more + "}\n";
    all += (all.empty() ? "" : ", ") + broker.id;
  }
  yaml += "routes:\n  - {to: [" + all + "]}\n";
  yaml += kRest;
  yaml += "blotter: {url: \"" + (settings.blotter.empty() ? "sqlite:./data/blotter.db" : settings.blotter) + "\"}\n";
  yaml += "admin:\n  listen: 127.0.0.1:" + std::to_string(ports_[1]) + "\n  users:\n";
  const std::pair<const char*, const char*> users[] = {
      {"VIEWER", "viewer"}, {"OPERATOR", "operator"}, {"RISK1", "risk"}, {"RISK2", "risk"}, {"ADMIN", "admin"}};
  for (const auto& [name, role] : users) {
    yaml += std::string("    - {name: ") + name + ", role: " + role + ", token: \"${env:PORTCULLIS_" + name + "_TOKEN}\"}\n";
  }
  return yaml + settings.more;
}

void LiveGateway::write_configuration(const std::string& text) const { std::ofstream(configuration()) << text; }

void LiveGateway::start() {
  const std::size_t from = log().size();
  sim::Process::Spec spec;
  spec.command = {program(), "run", "--config", configuration()};
  spec.environment = tokens_;
  spec.errors = path("gateway.log");
  auto process = sim::Process::start(spec);
  if (!process) throw std::runtime_error(process.error().what);
  process_ = std::move(*process);
  if (wait_for_log("\"for\":\"operators\"", Duration::seconds(60), from) == std::string::npos) {
    throw std::runtime_error("the gateway does not start: " + log().substr(from));
  }
}

void LiveGateway::kill() {
  process_.signal(SIGKILL);
  process_.wait(Duration::seconds(30));
}

int LiveGateway::stop() { return process_.stop(Duration::seconds(30)); }

std::string LiveGateway::token(const std::string& role) const {
  for (const auto& [name, value] : tokens_) {
    if (name == "PORTCULLIS_" + role + "_TOKEN") return value;
  }
  throw std::runtime_error("no user " + role);
}

admin::ClientResponse LiveGateway::rest(const std::string& method, const std::string& target, const std::string& role,
                                        const std::string& body) const {
  return admin::call(admin_port(), method, target, token(role), body);
}

std::string LiveGateway::log() const { return read_file(path("gateway.log")); }

std::size_t LiveGateway::wait_for_log(const std::string& text, Duration time, std::size_t from) const {
  const SteadyTime deadline = sim::steady_now() + time;
  while (true) {
    const std::size_t at = log().find(text, from);
    if (at != std::string::npos || sim::steady_now() > deadline) return at;
    pause_ms(5);
  }
}

int LiveGateway::run(const std::vector<std::string>& arguments, std::string& output) const {
  sim::Process::Spec spec;
  spec.command = {program()};
  spec.command.insert(spec.command.end(), arguments.begin(), arguments.end());
  spec.environment = tokens_;
  spec.output = spec.errors = path("command.out");
  std::ofstream(spec.output, std::ios::trunc).close();
  auto process = sim::Process::start(spec);
  if (!process) throw std::runtime_error(process.error().what);
  const std::optional<int> code = process->wait(Duration::seconds(120));
  output = read_file(spec.output);
  return code.value_or(-1);
}

}  // namespace portcullis::acceptance
