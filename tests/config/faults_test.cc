// One broken variant of the reference for each rule: what is replaced, by what, and what the fault
// must say. All other values stay good, so the fault named is the only one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <ostream>
#include <string>

#include "config/loader/loader.h"

namespace portcullis::config {
namespace {

struct Broken {
  const char* from;
  const char* to;
  const char* says;
  int faults = 1;
};

void PrintTo(const Broken& broken, std::ostream* out) {
  *out << broken.from << " -> " << broken.to;
}

const Broken kBroken[] = {
    // gateway
    {"id: LDN1 ", "id: LDN-1 ", "id is 'LDN-1', expected 1 to 8 letters and digits"},
    {"id: LDN1 ", "id: LDN123456 ", "expected 1 to 8 letters and digits"},
    {"data_dir: ./data", "data_dir: ''", "data_dir is ''"},
    {"durability: disk", "durability: replicated", "durability 'replicated' is reserved and not built yet"},
    {"durability: disk", "durability: memory", "expected process, disk or replicated"},
    {"durability: disk", "durability: disk\n  io: poll", "io is 'poll', expected blocking or spin"},
    {"durability: disk", "durability: disk\n  keep_orders_days: 0",
     "keep_orders_days is '0', expected a whole number from 1 to 3650"},
    {"durability: disk", "durability: disk\n  keep_orders_days: all", "keep_orders_days is 'all'"},
    {"durability: disk", "durability: disk\n  journal_ahead_mib: 65537",
     "journal_ahead_mib is '65537', expected a whole number from 0 to 65536"},
    {"durability: disk", "durability: disk\n  core_cpu: 1024", "core_cpu is '1024', expected a whole number from 0"},
    {"durability: disk", "durability: disk\n  core_cpu: 1\n  other_cpus: [0, 1]",
     "other_cpus names 1, which is core_cpu"},
    {"durability: disk", "durability: disk\n  other_cpus: []", "other_cpus has 0 entries"},
    {"currency: USD  ", "currency: usd  ", "currency is 'usd', expected an ISO 4217 currency"},
    {"currency: USD  ", "", "gateway has no key 'currency'"},
    // acceptor
    {"listen: 127.0.0.1:9880", "listen: 127.0.0.1", "listen is '127.0.0.1', expected ADDRESS:PORT"},
    {"listen: 127.0.0.1:9880", "listen: 127.0.0.1:70000", "expected ADDRESS:PORT"},
    {"listen: 127.0.0.1:9880", "listen: 127.0.0.1:8080",
     "listen is 127.0.0.1:8080, where clients connect already (acceptor.listen), expected an address or port of its own"},
    {"# tls: {certificate: tls/server.pem, private_key: tls/server.key, client_ca: tls/clients.pem}",
     "tls: {certificate: tls/server.pem, private_key: /dev/null}", "certificate names the file"},
    {"# tls: {certificate: tls/server.pem, private_key: tls/server.key, client_ca: tls/clients.pem}",
     "tls: {certificate: /dev/null}", "tls has no key 'private_key'"},
    // clients
    {"id: alpha", "id: al pha", "id is 'al pha'"},
    {"version: FIX.4.4 ", "version: FIX.4.3 ",
     "version FIX.4.3 is not supported by this release, expected FIX.4.2 or FIX.4.4"},
    {"version: FIX.4.4 ", "version: FIX.5.0SP2 ", "not supported by this release"},
    {"version: FIX.4.4 ", "version: 4.4 ", "version is '4.4', expected FIX.4.0,"},
    {"comp_id: ALPHA ", "comp_id: \"A\\x01B\" ", "comp_id is 'A?B'"},
    {"comp_id: ALPHA ", "comp_id: NORTHBANK ", "the CompIDs NORTHBANK and PORTCULLIS are those of 'alpha'"},
    {"accounts: [ALPHA-1, ALPHA-2]", "accounts: []", "accounts has 0 entries"},
    {"accounts: [ALPHA-1, ALPHA-2]", "accounts: ALPHA-1", "accounts is 'ALPHA-1', expected a list"},
    {"accounts: [ALPHA-1, ALPHA-2]", "accounts: [ALPHA-1, ALPHA-1]", "the account 'ALPHA-1' a second time"},
    {"allow_from: [127.0.0.0/8]", "allow_from: [127.0.0.1/8]",
     "allow_from is '127.0.0.1/8', expected an address range"},
    {"# username: alpha ", "username: alpha ", "only one of username and password_hash"},
    {"# password_hash: $argon2id$…", "username: alpha\n    password_hash: secret", "password_hash is no argon2id hash"},
    {"heartbeat_s: {min: 5, max: 60}", "heartbeat_s: {min: 61, max: 60}", "heartbeat_s.min is above its max"},
    {"heartbeat_s: {min: 5, max: 60}", "heartbeat_s: {min: 0, max: 60}", "min is '0', expected a whole number from 1"},
    {"heartbeat_s: {min: 5, max: 60}", "heartbeat_s: 30", "heartbeat_s is '30', expected a map"},
    {"reset_on_logon: false", "reset_on_logon: no", "reset_on_logon is 'no', expected true or false"},
    {"cancel_on_disconnect: none", "cancel_on_disconnect: some", "expected none, day or all"},
    {"pending_new: false", "pending_new: [true]", "pending_new is a list, expected true or false"},
    {"max_order_age_s: 0", "max_order_age_s: -1", "max_order_age_s is '-1'"},
    {"messages_per_second: 1000", "messages_per_second: 0", "messages_per_second is '0'"},
    {"burst: 2000", "burst: 1e3", "burst is '1e3'"},
    {"action: reject", "action: drop", "expected reject, delay or disconnect"},
    {"# schedule: {zone: America/New_York, open: Sun 17:05", "schedule: {zone: Mars/Olympus, open: Sun 17:05",
     "zone is 'Mars/Olympus', expected an IANA time zone"},
    {"# schedule: {zone: America/New_York, open: Sun 17:05", "schedule: {zone: UTC, open: Sunday 17:05",
     "open is 'Sunday 17:05'"},
    {"# schedule: {zone: America/New_York, open: Sun 17:05", "schedule: {zone: UTC, open: daily 17:05",
     "opens and closes in different ways"},
    {"# schedule: {zone: America/New_York, open: Sun 17:05", "schedule: {zone: UTC, open: Sun 24:00",
     "open is 'Sun 24:00'"},
    // brokers
    {"id: northbank", "id: alpha", "the id 'alpha' is also a client's", 3},
    {"id: southbank", "id: northbank", "the id 'northbank' a second time in brokers", 3},
    {"connect: [127.0.0.1:9903]", "connect: [127.0.0.1:0]", "expected HOST:PORT"},
    {"connect: [127.0.0.1:9903]", "connect: []", "connect has 0 entries"},
    {"heartbeat_s: 30", "heartbeat_s: thirty", "heartbeat_s is 'thirty'"},
    {"reconnect_s: {min: 1, max: 30}", "reconnect_s: {min: 1}", "reconnect_s has no key 'max'"},
    {"ack_timeout_s: 5", "ack_timeout_s: 0", "ack_timeout_s is '0'"},
    {"reserved_for_cancels_percent: 20", "reserved_for_cancels_percent: 91", "expected a whole number from 0 to 90"},
    {"reconcile: mass_status", "reconcile: all", "expected mass_status, status or none"},
    {"comp_id: SOUTHBANK", "reconcile: mass_status\n    comp_id: SOUTHBANK",
     "reconcile is 'mass_status', which FIX.4.2 does not have"},
    {"status_is_authoritative: true", "status_is_authoritative: 1", "expected true or false"},
    {"# dialect: {symbol: {EUR/USD: EURUSD}", "dialect: {symbols: {EUR/USD: EURUSD}",
     "unknown key 'symbols' in dialect, expected 'symbol'"},
    {"# dialect: {symbol: {EUR/USD: EURUSD}, accounts: {ALPHA-1: NB-77}, add: {21: 1}", "dialect: {add: {34: 1}",
     "expected a tag of the body that does not identify"},
    {"# dialect: {symbol: {EUR/USD: EURUSD}, accounts: {ALPHA-1: NB-77}, add: {21: 1}, drop: [5001]}",
     "dialect: {drop: [11]}", "expected a tag of the body that does not identify"},
    {"# dialect: {symbol: {EUR/USD: EURUSD}", "dialect: {symbol: {EUR/USD: FX, GBP/USD: FX}",
     "'EUR/USD' and 'GBP/USD' are both 'FX' at the broker"},
    {"# dialect: {symbol: {EUR/USD: EURUSD}", "dialect: {symbol: {EUR/USX: EURUSD}",
     "no instrument is called 'EUR/USX', expected 'EUR/USD'"},
    {"# dialect: {symbol: {EUR/USD: EURUSD}", "dialect: {symbol: {EUR/USD: GBP/USD}",
     "'GBP/USD' would stand for two of our names"},
    {"# dialect: {symbol: {EUR/USD: EURUSD}, accounts: {ALPHA-1: NB-77}", "dialect: {accounts: {ALPHA-7: NB-77}",
     "no account is called 'ALPHA-7'"},
    {"# dialect: {symbol: {EUR/USD: EURUSD}, accounts: {ALPHA-1: NB-77}, add: {21: 1}", "dialect: {add: {x: 1}",
     "expected a whole number from 1 to 999999999"},
    {"# tls: {ca: tls/ca.pem, server_name: fix.northbank.example, certificate: …, private_key: …}",
     "tls: {server_name: fix.northbank.example, certificate: /dev/null}", "only one of certificate and private_key"},
    // routes
    {"client: [alpha]", "client: [alhpa]", "no client is called 'alhpa', expected 'alpha', the nearest known one"},
    {"symbol: [EUR/USD, GBP/USD]", "symbol: EUR/US", "no instrument is called 'EUR/US', expected 'EUR/USD'"},
    {"to: [northbank, southbank]", "to: [northbank, northbank]", "the broker 'northbank' a second time"},
    {"to: [northbank, southbank]", "to: [northbank, eastbank]", "no broker is called 'eastbank'"},
    {"to: [northbank, southbank]", "to: []", "to has 0 entries"},
    {"pending_new: false", "side_basis: term", "expected dealt or base"},
    {"pending_new: false", "swap_side_leg: both", "expected near or far"},
    {"pending_new: false", "self_cross: refuse", "expected off, warn or reject"},
    {"status_is_authoritative: true", "mass_cancel: perhaps", "mass_cancel is 'perhaps'"},
    // instruments
    {"symbol: USD/JPY", "symbol: EUR/USD", "the symbol 'EUR/USD' a second time in instruments", 2},
    {"type: FXSPOT", "type: FUT", "unknown key 'base'"},
    {"type: FXSPOT", "type: SPOT", "expected FXSPOT, FXFWD, FXNDF, FXSWAP, FUT or CS"},
    {"base: GBP", "base: USD", "base and term are the same currency"},
    {"base: EUR, term: USD", "base: EUR, term: CHF",
     "no rate turns CHF into the risk currency, expected reference.rates.CHF"},
    {"spot_days: 2", "collar_without_data: guess", "expected reject, static or allow"},
    {"spot_days: 2", "static_collar_percent: 0", "static_collar_percent is '0', expected a decimal number above 0"},
    {"spot_days: 2", "multiplier: 2", "unknown key 'multiplier'"},
    {"pending_new: false", "exec_inst: [1, GG]", "exec_inst is 'GG', expected one letter or digit"},
    {"pending_new: false", "order_capacity: A", "order_capacity is 'A', expected a list"},
    {"pending_new: false", "order_capacity: [A, A]", "the value A a second time"},
    {"  price_buffer_percent: 1\n", "  restricted: [EUR/US]\n", "no instrument is called 'EUR/US', expected 'EUR/USD'"},
    {"  price_buffer_percent: 1\n", "  restricted: [EUR/USD, EUR/USD]\n", "the symbol 'EUR/USD' a second time"},
    {"  price_buffer_percent: 1\n", "  order_level_percent: 100\n", "order_level_percent is '100'"},
    {"time: \"17:00\"}", "time: \"17:00\", positions: drop}", "expected carry or flat"},
    {"  price_buffer_percent: 1\n", "  groups: {funds: {permissions: [{sides: [short]}]}}\n",
     "sides is 'short', expected buy or sell"},
    {"  price_buffer_percent: 1\n", "  groups: {funds: {permissions: [{sides: []}]}}\n", "sides has 0 entries"},
    {"  price_buffer_percent: 1\n", "  groups: {funds: {permissions: [{symbols: []}]}}\n", "symbols is empty"},
    {"  price_buffer_percent: 1\n", "  groups: {funds: {permissions: [{symbols: [EUR/US]}]}}\n",
     "no instrument is called 'EUR/US', expected 'EUR/USD'"},
    {"  price_buffer_percent: 1\n", "  groups: {funds: {instruments: {EUR/US: {max_order_quantity: 1}}}}\n",
     "no instrument is called 'EUR/US', expected 'EUR/USD'"},
    {"  price_buffer_percent: 1\n", "  traders: {alpha/ann: {instruments: {EUR/US: {max_order_quantity: 1}}}}\n",
     "no instrument is called 'EUR/US', expected 'EUR/USD'"},
    {"  price_buffer_percent: 1\n", "  sessions: {alpha: {permissions: []}}\n", "unknown key 'permissions'"},
    {"  price_buffer_percent: 1\n", "  mandatory_limits: [max_order_quantity]\n",
     "client 'alpha' begins enabled without a max_order_quantity of its own, which risk.mandatory_limits asks for, "
     "expected risk.clients.alpha.max_order_quantity, or it at its group, its session or each of its accounts, or "
     "enabled: false"},
    {"  price_buffer_percent: 1\n", "  mandatory_limits: [max_order_size]\n",
     "mandatory_limits is 'max_order_size', expected the name of a limit that a client may state"},
    {"  price_buffer_percent: 1\n", "  mandatory_limits: [max_spread_percent]\n",
     "expected the name of a limit that a client may state"},
    {"  price_buffer_percent: 1\n", "  mandatory_limits: [max_net_open_position, max_net_open_position]\n",
     "the limit max_net_open_position a second time"},
    {"pending_new: false", "enabled: perhaps", "enabled is 'perhaps', expected true or false"},
    {"  price_buffer_percent: 1\n", "  absolute: {max_order_quantity: 9999999}\n",
     "max_order_quantity is 10000000, looser than risk.absolute, expected at most what risk.absolute allows: 9999999",
     2},
    {"  price_buffer_percent: 1\n", "  absolute: {order_types: [market, limit, stop, stop_limit]}\n",
     "order_types is market,limit,stop,stop_limit,previously_quoted, looser than risk.absolute"},
    {"  price_buffer_percent: 1\n", "  absolute: {max_credit: 1000000}\n",
     "the firm has no limit 'max_credit', expected a value, since risk.absolute caps it"},
    {"  price_buffer_percent: 1\n", "  absolute: {max_gross_open_notional: -1}\n",
     "expected a decimal number of at least 0"},
    {"  price_buffer_percent: 1\n", "  groups: {funds: {max_spread_percent: 1}}\n",
     "the limit max_spread_percent cannot be set for one group"},
    {"price_buffer_percent: 1", "swap_gross: near", "expected far or both"},
    {"price_buffer_percent: 1", "tenor_add_on: [{days: 30, percent: 1}, {days: 30, percent: 2}]",
     "the days of tenor_add_on do not ascend"},
    {"price_tick: 0.001", "price_tick: 0", "price_tick is '0', expected a decimal number above 0"},
    {"price_tick: 0.001", "price_tick: 0.000000001", "with at most 8 decimals"},
    {"price_tick: 0.001", "price_tick: 1e-3", "price_tick is '1e-3'"},
    {"quantity_min: 1000", "quantity_min: -1000", "quantity_min is '-1000'"},
    {"quantity_step: 1,", "quantity_step: 3,", "quantity_min is no multiple of quantity_step"},
    {"spot_days: 2", "spot_days: 9", "spot_days is '9'"},
    // reference
    {"EUR: 1.10,", "EUR: -1.10,", "EUR is '-1.10'"},
    {"EUR: 1.10,", "EUR: 1.10, USD: 1,", "a rate for USD, the risk currency"},
    {"EUR: 1.10,", "EUR: 1.10, euro: 1,", "expected an ISO 4217 currency"},
    {"bid: 1.0999", "bid: 1.2", "the bid of 'EUR/USD' is above its ask"},
    {"quotes: {EUR/USD:", "quotes: {EUR/USX: {bid: 1, ask: 2}, EUR/USD:", "no instrument is called 'EUR/USX'"},
    {"stale_after_s: 0", "stale_after_s: soon", "stale_after_s is 'soon'"},
    // risk
    {"price_buffer_percent: 1", "price_buffer_percent: 51", "expected a percentage from 0 to 50"},
    {"time: \"17:00\"", "time: \"25:00\"", "time is '25:00', expected a time of day"},
    {"roll: {zone: America/New_York,", "roll: {zone: New York,", "zone is 'New York'"},
    {"2026-12-25, 2027-01-01", "2026-12-25, 2027-02-29", "expected a date such as 2026-12-25"},
    {"2026-12-25, 2027-01-01", "2026-12-25, 2026-12-25", "the holiday 2026-12-25 a second time"},
    {"    max_order_quantity: 10000000\n", "", "the firm has no limit 'max_order_quantity'"},
    {"    times_in_force: [day, gtc, ioc, fok, gtd]\n", "", "the firm has no limit 'times_in_force'"},
    {"max_order_quantity: 10000000\n", "max_order_quantity: 10 million\n", "max_order_quantity is '10 million'"},
    {"max_order_notional: 10000000", "max_order_notional: 1.005", "with at most 2 decimals (risk currency)"},
    {"price_collar_percent: 2", "price_collar_percent: 101", "expected a percentage from 0 to 100"},
    {"max_open_orders: 100000", "max_open_orders: 0.5", "expected a whole number of at least 0 (orders)"},
    {"max_gross_open_notional: 500000000", "max_gross_open_notional:", "max_gross_open_notional has no value"},
    {"max_long_position: 200000000", "max_long_position: -1", "max_long_position is '-1'"},
    {"max_short_position: 200000000", "max_short_position: [1]", "max_short_position is a list"},
    {"max_currency_position: 300000000", "max_currency_position: x", "max_currency_position is 'x'"},
    {"max_net_open_position: 300000000", "max_net_open_position: x", "max_net_open_position is 'x'"},
    {"max_daily_settlement: 400000000", "max_daily_settlement: x", "max_daily_settlement is 'x'"},
    {"max_daily_volume: 1000000000", "max_daily_volume: 99999999999999999999", "max_daily_volume is"},
    {"max_daily_loss: 2000000", "max_daily_loss: -2000000", "max_daily_loss is '-2000000'"},
    {"{count: 5, seconds: 1}", "{count: 5, seconds: 0}", "seconds is '0'"},
    {"{count: 5, seconds: 1}", "{count: 5}", "duplicate_orders has no key 'seconds'"},
    {"{count: 5, seconds: 1}", "5", "duplicate_orders is '5', expected a map"},
    {"repeated_executions: 1000", "repeated_executions: often", "repeated_executions is 'often'"},
    {"[market, limit, stop,", "[market, iceberg, stop,",
     "order_types is 'iceberg', expected names out of market, limit"},
    {"[day, gtc,", "[[day], gtc,", "times_in_force is a list"},
    {"alpha: {max_net", "beta: {max_net", "no client is called 'beta'"},
    {"ALPHA-1: {max_order", "ALPHA-9: {max_order", "no account is called 'ALPHA-9', expected 'ALPHA-1'"},
    {"northbank: {max_gross", "norhtbank: {max_gross", "no broker is called 'norhtbank', expected 'northbank'"},
    {"alpha: {max_net_open_position: 100000000}", "alpha: {max_nop: 1}", "unknown key 'max_nop'"},
    {"northbank: {max_gross_open_notional: 250000000}", "northbank: {repeated_executions: 1}",
     "the limit repeated_executions cannot be set for one broker"},
    {"  brokers:\n    northbank:", "  instruments:\n    EUR/CHF:", "no instrument is called 'EUR/CHF'"},
    // soft levels, responses, breakers
    {"  price_buffer_percent: 1\n", "  price_buffer_percent: 1\n  soft_levels_percent: [50, 40]\n",
     "the soft levels do not ascend"},
    {"  price_buffer_percent: 1\n", "  price_buffer_percent: 1\n  soft_levels_percent: [5]\n",
     "soft_levels_percent is '5'"},
    {"  price_buffer_percent: 1\n", "  price_buffer_percent: 1\n  soft_levels_percent: 50\n",
     "soft_levels_percent is '50', expected a list"},
    {"  price_buffer_percent: 1\n", "  price_buffer_percent: 1\n  responses: {account: {60: warn}}\n",
     "no soft level is 60 percent"},
    {"  price_buffer_percent: 1\n", "  price_buffer_percent: 1\n  responses: {desk: {50: warn}}\n",
     "expected firm, client, account or broker"},
    {"  price_buffer_percent: 1\n", "  price_buffer_percent: 1\n  responses: {broker: {50: slow}}\n",
     "expected off, warn, reduce_only or block_new"},
    {"  price_buffer_percent: 1\n", "  price_buffer_percent: 1\n  breakers: {rejects: {seconds: 61}}\n",
     "seconds is '61'"},
    {"  price_buffer_percent: 1\n", "  price_buffer_percent: 1\n  breakers: {daily_loss: {response: off}}\n",
     "expected warn, reduce_only or block_new"},
    {"  price_buffer_percent: 1\n", "  price_buffer_percent: 1\n  breakers: {price_drift: {seconds: 10}}\n",
     "price_drift has no key 'percent'"},
    {"  price_buffer_percent: 1\n", "  price_buffer_percent: 1\n  breakers: {filled: {count: 1}}\n",
     "unknown key 'filled'"},
    // blotter, admin, alerts
    {"url: sqlite:./data/blotter.db", "url: mysql://root:pass@db/x", "url is of no known kind, expected sqlite:PATH"},
    {"listen: 127.0.0.1:8080", "listen: :8080", "expected ADDRESS:PORT"},
    {"role: viewer", "role: reader", "expected viewer, operator, risk or admin"},
    {"name: ops", "name: viewer", "a second user 'viewer'"},
    {"${env:PORTCULLIS_OPERATOR_TOKEN}", "${env:PORTCULLIS_VIEWER_TOKEN}", "users 'viewer' and 'ops' share a token"},
    {"${env:PORTCULLIS_OPERATOR_TOKEN}", "${PORTCULLIS_OPERATOR_TOKEN}", "expected ${env:NAME}"},
    {"${env:PORTCULLIS_OPERATOR_TOKEN}", "", "token is empty, too long or holds other characters"},
    {"  users:\n", "  positions_key: short\n  users:\n",
     "positions_key is too short (not shown), expected at least 32"},
    {"\nblotter:", "\nalerts: {webhook: ftp://x}\nblotter:", "webhook is no web address"},
    {"\nblotter:", "\nalerts: {url: http://x}\nblotter:", "unknown key 'url' in alerts"},
    // the whole
    // Names of what is missing altogether are no further faults.
    {"\ninstruments:", "\ninstrument:", "unknown key 'instrument' in the file, expected 'instruments'", 2},
    {"\nblotter:", "\nbloter:", "unknown key 'bloter' in the file, expected 'blotter', the nearest known key", 2},
    {"\nadmin:", "\ngateway: {}\nadmin:", "the key 'gateway' a second time"},
};

class BrokenConfiguration : public ::testing::TestWithParam<Broken> {};

TEST_P(BrokenConfiguration, IsRefusedWithItsPlaceAndWhatWasExpected) {
  const Broken& broken = GetParam();
  std::ifstream stream(PORTCULLIS_SOURCE_DIR "/config/gateway.yaml");
  std::string text(std::istreambuf_iterator<char>(stream), {});
  const std::size_t position = text.find(broken.from);
  ASSERT_NE(position, std::string::npos) << "the reference no longer holds: " << broken.from;
  text.replace(position, std::string(broken.from).size(), broken.to);
  LoadOptions options;
  options.environment = [](const std::string& name) { return "token-of-" + name; };
  const auto result = load_text(text, options);
  ASSERT_FALSE(result.ok()) << "accepted: " << broken.to;
  std::string faults;
  for (const Fault& fault : result.error().faults) faults += to_text(fault, "gateway.yaml") + "\n";
  EXPECT_THAT(faults, ::testing::HasSubstr(broken.says));
  EXPECT_EQ(result.error().faults.size(), static_cast<std::size_t>(broken.faults)) << faults;
}

INSTANTIATE_TEST_SUITE_P(EachKey, BrokenConfiguration, ::testing::ValuesIn(kBroken));

}  // namespace
}  // namespace portcullis::config
