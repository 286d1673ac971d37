#include "tests/gateway/fixture.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/check.h"
#include "fix/scanner.h"
#include "gateway/snapshot.h"

namespace portcullis::gateway::testing {
namespace {

config::Client client(std::string id, config::FixVersion version, std::string comp_id, std::vector<std::string> accounts) {
  config::Client c;
  c.id = std::move(id);
  c.version = version;
  c.comp_id = std::move(comp_id);
  c.gateway_comp_id = "PORTCULLIS";
  c.accounts = std::move(accounts);
  return c;
}

config::Broker broker(std::string id, config::FixVersion version, std::string comp_id) {
  config::Broker b;
  b.id = std::move(id);
  b.version = version;
  b.comp_id = std::move(comp_id);
  b.gateway_comp_id = "PORTCULLIS";
  b.connect = {config::Endpoint{"127.0.0.1", 9901}};
  b.reconcile = config::Reconcile::kStatus;
  b.status_is_authoritative = true;
  return b;
}

config::Instrument pair(std::string symbol, std::string base, std::string term, std::string_view tick) {
  config::Instrument i;
  i.symbol = std::move(symbol);
  i.base = std::move(base);
  i.term = std::move(term);
  i.price_tick = *Price::parse(tick);
  i.quantity_min = Quantity::of(1'000);
  return i;
}

config::ReferenceQuote quote(std::string symbol, std::string_view bid, std::string_view ask) {
  return {std::move(symbol), *Price::parse(bid), *Price::parse(ask)};
}

}  // namespace

config::Config small_configuration() {
  config::Config c;
  c.gateway.id = "LDN1";
  c.gateway.data_dir = "unused";
  c.gateway.currency = "USD";
  c.clients = {client("alpha", config::FixVersion::kFix44, "ALPHA", {"ALPHA-1", "ALPHA-2"}),
               client("beta", config::FixVersion::kFix42, "BETA", {"BETA-1"})};
  c.brokers = {broker("northbank", config::FixVersion::kFix44, "NORTHBANK"),
               broker("southbank", config::FixVersion::kFix42, "SOUTHBANK")};
  c.routes = {config::Route{{"EUR/USD", "GBP/USD"}, {}, {}, {"northbank", "southbank"}},
              config::Route{{}, {}, {}, {"southbank"}}};
  c.instruments = {pair("EUR/USD", "EUR", "USD", "0.00001"), pair("GBP/USD", "GBP", "USD", "0.00001"),
                   pair("USD/JPY", "USD", "JPY", "0.001")};
  c.reference.rates = {{"EUR", *Rate::parse("1.10")}, {"GBP", *Rate::parse("1.25")}, {"JPY", *Rate::parse("0.006666666667")}};
  c.reference.quotes = {quote("EUR/USD", "1.0999", "1.1001"), quote("GBP/USD", "1.2499", "1.2501"),
                        quote("USD/JPY", "149.99", "150.01")};
  config::LimitSet& firm = c.risk.firm;
  firm.max_order_quantity = Quantity::of(10'000'000);
  firm.max_order_notional = Amount::of(10'000'000);
  firm.price_collar_percent = config::Percent::of(2);
  firm.max_open_orders = 100'000;
  firm.max_gross_open_notional = Amount::of(500'000'000);
  firm.max_long_position = Quantity::of(200'000'000);
  firm.max_short_position = Quantity::of(200'000'000);
  firm.max_currency_position = Amount::of(300'000'000);
  firm.max_net_open_position = Amount::of(300'000'000);
  firm.max_daily_settlement = Amount::of(400'000'000);
  firm.max_daily_volume = Amount::of(1'000'000'000);
  firm.max_daily_loss = Amount::of(2'000'000);
  firm.duplicate_orders = config::DuplicateOrders{5, Duration::seconds(1)};
  firm.repeated_executions = 1'000;
  config::OrderTypes types;
  for (const auto type : {config::OrderType::kMarket, config::OrderType::kLimit, config::OrderType::kStop,
                          config::OrderType::kStopLimit, config::OrderType::kPreviouslyQuoted}) {
    types.insert(type);
  }
  firm.order_types = types;
  config::TimesInForce tifs;
  for (const auto tif : {config::TimeInForce::kDay, config::TimeInForce::kGtc, config::TimeInForce::kIoc,
                         config::TimeInForce::kFok, config::TimeInForce::kGtd}) {
    tifs.insert(tif);
  }
  firm.times_in_force = tifs;
  return c;
}

std::string frame(std::string_view begin_string, std::string_view sender, std::string_view target, std::uint64_t seq,
                  UtcTime now, std::string_view body) {
  char time[32];
  const std::size_t time_size = format_utc_timestamp(now, TimePrecision::kMilliseconds, time);
  const std::size_t type_end = body.find('|');
  std::string rest = std::string(body.substr(0, type_end + 1)) + "49=" + std::string(sender) + "|56=" + std::string(target) +
                     "|34=" + std::to_string(seq) + "|52=" + std::string(time, time_size) + "|" +
                     std::string(body.substr(type_end + 1));
  std::string whole = "8=" + std::string(begin_string) + "|9=" + std::to_string(rest.size()) + "|" + rest;
  std::replace(whole.begin(), whole.end(), '|', '\x01');
  unsigned sum = 0;
  for (const char c : whole) sum += static_cast<unsigned char>(c);
  char check[16];
  std::snprintf(check, sizeof check, "10=%03u\x01", sum % 256);
  return whole + check;
}

Sent parse(std::string session, std::string_view bytes) {
  Sent sent;
  sent.session = std::move(session);
  sent.bytes = bytes;
  fix::ScannedMessage message;
  PORTCULLIS_CHECK(!fix::scan(bytes, message), "the core sent a message that does not scan");
  for (const fix::RawField& field : message.fields()) sent.fields.emplace(static_cast<int>(field.tag), std::string(field.value));
  return sent;
}

Gateway::Gateway(config::Config configuration, std::string text)
    : configuration_(std::move(configuration)),
      text_(std::move(text)),
      core_(std::make_unique<Core>()),
      now_(*parse_utc_timestamp("20261123-12:00:00.000")) {
  restart();
  for (const config::Client& c : configuration_.clients) log_on(c.id, false);
  for (const config::Broker& b : configuration_.brokers) {
    log_on(b.id, true);
    drained(b.id);
  }
  pass(Duration());
}

Gateway::Gateway(const Gateway& other, std::unique_ptr<Core> core)
    : configuration_(other.configuration_), text_(other.text_), core_(std::move(core)), now_(other.now_) {}

Gateway Gateway::recovered_from(const Gateway& other) {
  std::vector<std::byte> bytes;
  save(other.state(), bytes);
  State state;
  std::span<const std::byte> rest(bytes);
  const Status loaded = load(rest, state);
  PORTCULLIS_CHECK(loaded.ok() && rest.empty(), "a snapshot that does not load");
  auto core = std::make_unique<Core>();
  core->start_from(std::move(state));
  return Gateway(other, std::move(core));
}

Gateway Gateway::folded_from(const Gateway& other, const std::vector<std::vector<std::byte>>& records) {
  auto core = std::make_unique<Core>();
  for (const std::vector<std::byte>& bytes : records) {
    const auto record = RecordView::parse(bytes);
    PORTCULLIS_CHECK(record && core->replay(*record).ok(), "a record that does not fold");
  }
  return Gateway(other, std::move(core));
}

void Gateway::restart() {
  Input start;
  start.kind = InputKind::kStart;
  start.epoch = core_->state().epoch == 0 ? 1'795'000'000 : core_->state().epoch + 1;
  start.build_version = "0.0.0";
  start.build_id = "00112233445566778899aabbccddeeff00112233";
  handle(start);
  reload(std::move(configuration_));
}

void Gateway::reload(config::Config next) {
  configuration_ = std::move(next);
  Input configure;
  configure.kind = InputKind::kConfigure;
  configure.configuration = &configuration_;
  configure.bytes = text_;
  handle(configure, kConfigureCapacity);
}

SessionId Gateway::session_of(std::string_view id, bool broker) const {
  const SessionId session = broker ? core_->broker_session(id) : core_->client_session(id);
  PORTCULLIS_CHECK(session.has_value(), "no such session");
  return session;
}

std::vector<Sent> Gateway::handle(Input& input, std::size_t capacity) {
  input.now = now_;
  if (!memory_) memory_ = std::make_unique_for_overwrite<std::uint64_t[]>(kConfigureCapacity / 8);
  RecordWriter record(std::as_writable_bytes(std::span(memory_.get(), capacity / 8)));
  outcome_ = core_->handle(input, record);
  record.finish();
  const auto content = record.content();
  records_.emplace_back(content.begin(), content.end());
  const auto view = RecordView::parse(records_.back());
  PORTCULLIS_CHECK(view.has_value(), "a record that does not read back");
  std::vector<Sent> sent;
  view->for_each_outbound([&](const OutboundView& message) {
    const std::uint32_t index = message.header.session.value();
    sent.push_back(parse(std::string(core_->state().session_names[index].name.view()), message.bytes));
  });
  if (const auto fault = core_->state().risk.verify()) {
    std::fprintf(stderr, "risk sums: %s\n", fault->what.c_str());
    std::abort();
  }
  return sent;
}

std::vector<Sent> Gateway::deliver(SessionId session, std::string_view body) {
  const fix::HeaderIdentity identity = core_->state().setup.sessions[session.value()].dialect->identity();
  const std::uint64_t seq = core_->numbers(session).next_target;
  const std::string bytes =
      frame(identity.begin_string, identity.target_comp_id, identity.sender_comp_id, seq, now_, body);
  fix::ScannedMessage message;
  PORTCULLIS_CHECK(!fix::scan(bytes, message), "the test's message does not scan");
  Input input;
  input.kind = InputKind::kMessage;
  input.session = session;
  input.bytes = bytes;
  input.inbound_seq = seq;
  input.deliver = &message;
  input.effects.next_target = seq + 1;
  return handle(input);
}

std::vector<Sent> Gateway::from_client(std::string_view client, std::string_view body) {
  return deliver(session_of(client, false), body);
}
std::vector<Sent> Gateway::from_broker(std::string_view broker, std::string_view body) {
  return deliver(session_of(broker, true), body);
}

std::vector<Sent> Gateway::command(const OperatorCommand& command) {
  Input input;
  input.kind = InputKind::kCommand;
  input.command = command;
  return handle(input);
}

std::vector<Sent> Gateway::pass(Duration time) {
  now_ = now_ + time;
  std::vector<Sent> all;
  while (core_->anything_due(now_)) {
    Input tick;
    tick.kind = InputKind::kTick;
    std::vector<Sent> sent = handle(tick);
    all.insert(all.end(), sent.begin(), sent.end());
  }
  return all;
}

std::vector<Sent> Gateway::disconnect(std::string_view id, bool broker) {
  Input input;
  input.kind = InputKind::kSession;
  input.session = session_of(id, broker);
  input.effects.state = order::SessionState::kDisconnected;
  input.effects.reason = "the test has cut the line";
  return handle(input);
}

std::vector<Sent> Gateway::log_on(std::string_view id, bool broker) {
  Input input;
  input.kind = InputKind::kSession;
  input.session = session_of(id, broker);
  input.effects.state = order::SessionState::kLoggedOn;
  return handle(input);
}

std::vector<Sent> Gateway::drained(std::string_view broker) {
  Input input;
  input.kind = InputKind::kSession;
  input.session = session_of(broker, true);
  input.effects.drained = true;
  return handle(input);
}

std::vector<Sent> Gateway::session(std::string_view id, bool broker, const SessionEffects& effects) {
  Input input;
  input.kind = InputKind::kSession;
  input.session = session_of(id, broker);
  input.effects = effects;
  return handle(input);
}

Sent Gateway::only(const std::vector<Sent>& sent, std::string_view msg_type) {
  std::vector<Sent> found;
  for (const Sent& message : sent) {
    if (message.type() == msg_type) found.push_back(message);
  }
  if (found.size() != 1) {
    std::fprintf(stderr, "expected one message of type %.*s, got %zu of %zu:\n", static_cast<int>(msg_type.size()),
                 msg_type.data(), found.size(), sent.size());
    for (const Sent& message : sent) {
      std::string text = message.bytes;
      std::replace(text.begin(), text.end(), '\x01', '|');
      std::fprintf(stderr, "  %s: %s\n", message.session.c_str(), text.c_str());
    }
    std::abort();
  }
  return found.front();
}

}  // namespace portcullis::gateway::testing
