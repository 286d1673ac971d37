#include "sim/demo_configuration.h"

#include <fstream>
#include <random>

#include "fix/dictionary/embedded.h"

namespace portcullis::sim {
namespace {

constexpr const char* kTemplate = R"(# Written by `portcullis demo`.
gateway:
  id: DEMO
  data_dir: ./data
  durability: @durability@
  currency: USD

acceptor:
  listen: 127.0.0.1:@clients@

clients:
  - id: alpha
    version: FIX.4.4
    comp_id: ALPHA
    gateway_comp_id: PORTCULLIS
    accounts: [ALPHA-1, ALPHA-2]
    allow_from: [127.0.0.0/8]
    heartbeat_s: {min: 5, max: 60}
    throttle: {messages_per_second: 1000, burst: 2000, action: reject}
  - id: beta
    version: FIX.4.2
    comp_id: BETA
    gateway_comp_id: PORTCULLIS
    accounts: [BETA-1]
    allow_from: [127.0.0.0/8]
    heartbeat_s: {min: 5, max: 60}
    throttle: {messages_per_second: 1000, burst: 2000, action: reject}

brokers:
  - id: northbank
    version: FIX.4.4
    comp_id: NORTHBANK
    gateway_comp_id: PORTCULLIS
    connect: [127.0.0.1:@northbank@]
    heartbeat_s: 30
    reconnect_s: {min: 1, max: 2}
    ack_timeout_s: 5
    throttle: {messages_per_second: 500, burst: 500, reserved_for_cancels_percent: 20}
    reconcile: mass_status
    status_is_authoritative: true
  - id: southbank
    version: FIX.4.2
    comp_id: SOUTHBANK
    gateway_comp_id: PORTCULLIS
    connect: [127.0.0.1:@southbank@]
    heartbeat_s: 30
    reconnect_s: {min: 1, max: 2}
    ack_timeout_s: 5
    throttle: {messages_per_second: 500, burst: 500, reserved_for_cancels_percent: 20}
    reconcile: status
    status_is_authoritative: true

routes:
  - match: {symbol: [EUR/USD, GBP/USD], client: [alpha]}
    to: [northbank, southbank]
  - to: [southbank]

instruments:
  - {symbol: EUR/USD, type: FXSPOT, base: EUR, term: USD, price_tick: 0.00001, quantity_min: 1000, quantity_step: 1, spot_days: 2}
  - {symbol: GBP/USD, type: FXSPOT, base: GBP, term: USD, price_tick: 0.00001, quantity_min: 1000, quantity_step: 1}
  - {symbol: USD/JPY, type: FXSPOT, base: USD, term: JPY, price_tick: 0.001, quantity_min: 1000, quantity_step: 1}

reference:
  rates: {EUR: 1.10, GBP: 1.25, JPY: 0.006666666667}
  quotes: {EUR/USD: {bid: 1.0999, ask: 1.1001}, GBP/USD: {bid: 1.2499, ask: 1.2501}, USD/JPY: {bid: 149.99, ask: 150.01}}
  stale_after_s: 0

risk:
  price_buffer_percent: 1
  roll: {zone: America/New_York, time: "17:00"}
  calendars: {USD: [2026-12-25, 2027-01-01], EUR: [2026-12-25], GBP: [2026-12-25], JPY: [2027-01-01]}
  firm:
    max_order_quantity: 10000000
    max_order_notional: 10000000
    price_collar_percent: 2
    max_open_orders: 100000
    max_gross_open_notional: 500000000
    max_long_position: 200000000
    max_short_position: 200000000
    max_currency_position: 300000000
    max_net_open_position: 300000000
    max_daily_settlement: 400000000
    max_daily_volume: 1000000000
    max_daily_loss: 2000000
    duplicate_orders: {count: 5, seconds: 1}
    repeated_executions: 1000000   # a demonstration fills far more than a client's strategy does
    order_types: [market, limit, stop, stop_limit, previously_quoted]
    times_in_force: [day, gtc, ioc, fok, gtd]
  clients:
    alpha: {max_net_open_position: 100000000}
  accounts:
    ALPHA-1: {max_order_quantity: 10000000, max_long_position: 20000000, max_short_position: 20000000}
  brokers:
    northbank: {max_gross_open_notional: 250000000}

blotter:
  url: sqlite:./data/blotter.db

admin:
  listen: 127.0.0.1:@admin@
  users:
    - {name: viewer, role: viewer, token: "${env:PORTCULLIS_VIEWER_TOKEN}"}
    - {name: ops, role: operator, token: "${env:PORTCULLIS_OPERATOR_TOKEN}"}
    - {name: risk1, role: risk, token: "${env:PORTCULLIS_RISK1_TOKEN}"}
    - {name: risk2, role: risk, token: "${env:PORTCULLIS_RISK2_TOKEN}"}
    - {name: root, role: admin, token: "${env:PORTCULLIS_ADMIN_TOKEN}"}
)";

void replace_all(std::string& text, const std::string& mark, const std::string& value) {
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size())) {
    text.replace(at, mark.size(), value);
  }
}

std::string random_token() {
  std::random_device random;  // the operating system's generator
  std::string token;
  for (int i = 0; i < 40; ++i) token += "0123456789abcdef"[random() % 16];
  return token;
}

}  // namespace

std::string demo_configuration(const DemoPorts& ports, const std::string& durability) {
  std::string text = kTemplate;
  replace_all(text, "@durability@", durability);
  replace_all(text, "@clients@", std::to_string(ports.clients));
  replace_all(text, "@northbank@", std::to_string(ports.northbank));
  replace_all(text, "@southbank@", std::to_string(ports.southbank));
  replace_all(text, "@admin@", std::to_string(ports.admin));
  return text;
}

Result<std::string> write_dictionary(const std::string& directory, const std::string& version) {
  const std::string name = version == "FIX.4.2" ? "FIX42.xml" : "FIX44.xml";
  const std::string path = directory + "/" + name;
  std::ofstream file(path, std::ios::binary);
  file << fix::embedded_dictionary(name);
  file.close();
  if (!file) return Error{"cannot write the data dictionary " + path};
  return path;
}

std::vector<std::pair<std::string, std::string>> demo_tokens() {
  std::vector<std::pair<std::string, std::string>> tokens;
  for (const char* role : {"VIEWER", "OPERATOR", "RISK1", "RISK2", "ADMIN"}) {
    tokens.emplace_back(std::string("PORTCULLIS_") + role + "_TOKEN", random_token());
  }
  return tokens;
}

}  // namespace portcullis::sim
