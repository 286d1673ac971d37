#include "config/loader/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "config/loader/values.h"

namespace portcullis::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const char* const kReferenceFile = PORTCULLIS_SOURCE_DIR "/config/gateway.yaml";

std::string read_reference() {
  std::ifstream stream(kReferenceFile);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

Environment tokens() {
  return [](const std::string& name) -> std::optional<std::string> {
    static const std::map<std::string, std::string> kTokens = {
        {"PORTCULLIS_VIEWER_TOKEN", "viewer-0123456789"}, {"PORTCULLIS_OPERATOR_TOKEN", "operator-0123456789"},
        {"PORTCULLIS_RISK1_TOKEN", "risk1-0123456789"},   {"PORTCULLIS_RISK2_TOKEN", "risk2-0123456789"},
        {"PORTCULLIS_ADMIN_TOKEN", "admin-0123456789"},
    };
    const auto found = kTokens.find(name);
    if (found == kTokens.end()) return std::nullopt;
    return found->second;
  };
}

LoadOptions options() {
  LoadOptions result;
  result.environment = tokens();
  result.base_directory = "/etc/portcullis";
  return result;
}

// The text with its first `from` replaced; the test fails when there is none.
std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t position = text.find(from);
  EXPECT_NE(position, std::string::npos) << "the reference no longer holds: " << from;
  if (position != std::string::npos) text.replace(position, from.size(), to);
  return text;
}

std::string faults_of(const Result<Loaded, LoadFailure>& result) {
  std::string text;
  if (result.ok()) return text;
  for (const Fault& fault : result.error().faults) text += to_text(fault, "gateway.yaml") + "\n";
  return text;
}

Config reference() {
  auto loaded = load_text(read_reference(), options());
  EXPECT_TRUE(loaded.ok()) << faults_of(loaded);
  return loaded.ok() ? loaded->config : Config{};
}

TEST(Loader, HowTheCoreWaitsAndWhereThreadsRunIsConfiguredAndNoPartOfTheCoresText) {
  EXPECT_EQ(reference().gateway.io, IoMode::kBlocking);
  EXPECT_FALSE(reference().gateway.core_cpu);
  const std::string text = with(read_reference(), "durability: disk", "io: spin\n  core_cpu: 3\n  other_cpus: [0, 2]");
  const auto loaded = load_text(text, options());
  ASSERT_TRUE(loaded.ok()) << faults_of(loaded);
  const GatewaySection& gateway = loaded->config.gateway;
  EXPECT_EQ(gateway.io, IoMode::kSpin);
  EXPECT_EQ(gateway.core_cpu, 3);
  EXPECT_EQ(gateway.other_cpus, (std::vector<std::uint16_t>{0, 2}));
  EXPECT_EQ(core_text(loaded->config), core_text(reference()));
}

TEST(Loader, ReadsTheReferenceConfigurationAsItMeans) {
  const auto loaded = load_file(kReferenceFile, tokens());
  ASSERT_TRUE(loaded.ok()) << faults_of(loaded);
  const Config& config = loaded->config;
  EXPECT_EQ(config.gateway.id, "LDN1");
  EXPECT_EQ(config.gateway.data_dir,
            (std::filesystem::path(PORTCULLIS_SOURCE_DIR) / "config/data").lexically_normal().string());
  EXPECT_EQ(config.gateway.durability, Durability::kDisk);
  EXPECT_EQ(config.acceptor.listen.to_string(), "127.0.0.1:9880");

  ASSERT_EQ(config.clients.size(), 1u);
  const Client& alpha = config.clients[0];
  EXPECT_EQ(alpha.version, FixVersion::kFix44);
  EXPECT_EQ(alpha.accounts, (std::vector<std::string>{"ALPHA-1", "ALPHA-2"}));
  EXPECT_EQ(alpha.allow_from[0].to_string(), "127.0.0.0/8");
  EXPECT_EQ(alpha.heartbeat.max, Duration::seconds(60));
  EXPECT_EQ(alpha.throttle.burst, 2000u);

  ASSERT_EQ(config.brokers.size(), 2u);
  EXPECT_EQ(config.brokers[0].connect[1].to_string(), "127.0.0.1:9902");
  EXPECT_EQ(config.brokers[0].reconcile, Reconcile::kMassStatus);
  EXPECT_TRUE(config.brokers[0].status_is_authoritative);
  EXPECT_EQ(config.brokers[1].reconcile, Reconcile::kStatus);  // FIX.4.2 has no OrderMassStatusRequest(AF)
  EXPECT_FALSE(config.brokers[1].status_is_authoritative);

  ASSERT_EQ(config.routes.size(), 2u);
  EXPECT_EQ(config.routes[0].to, (std::vector<std::string>{"northbank", "southbank"}));
  EXPECT_TRUE(config.routes[1].symbols.empty());

  const Instrument* euro = config.find_instrument("EUR/USD");
  ASSERT_NE(euro, nullptr);
  EXPECT_EQ(euro->price_tick, *Price::parse("0.00001"));
  EXPECT_EQ(euro->quantity_min, Quantity::of(1000));
  EXPECT_EQ(config.reference.rates[2].rate, *Rate::parse("0.006666666667"));  // EUR, GBP, JPY
  EXPECT_EQ(config.reference.quotes[0].bid, *Price::parse("1.0999"));

  EXPECT_EQ(config.risk.firm.max_order_quantity, Quantity::of(10'000'000));
  EXPECT_EQ(config.risk.firm.price_collar_percent, Percent::of(2));
  EXPECT_EQ(config.risk.firm.duplicate_orders, (DuplicateOrders{5, Duration::seconds(1)}));
  EXPECT_EQ(to_text(LimitValue(*config.risk.firm.times_in_force)), "day,gtc,ioc,fok,gtd");
  EXPECT_EQ(config.risk.accounts[0].limits.max_long_position, Quantity::of(20'000'000));
  EXPECT_EQ(config.risk.accounts[0].limits.max_order_notional, std::nullopt);  // inherited
  EXPECT_EQ(config.risk.roll.second_of_day, 17 * 3600);
  EXPECT_EQ(config.risk.calendars[3].holidays[1].to_iso(), "2027-01-01");

  EXPECT_EQ(config.blotter.kind, BlotterKind::kSqlite);
  ASSERT_EQ(config.admin.users.size(), 5u);
  EXPECT_EQ(config.admin.users[4].role, Role::kAdmin);
  EXPECT_EQ(config.admin.users[4].token.reveal(), "admin-0123456789");
  EXPECT_EQ(config.owner_of("ALPHA-2"), &alpha);
  EXPECT_EQ(config.owner_of("BETA-1"), nullptr);
}

TEST(Loader, ReadsWhatSwapsForwardsAndOtherInstrumentsNeed) {
  std::string text = with(read_reference(), "pending_new: false", "self_cross: reject\n    side_basis: base\n    swap_side_leg: far");
  text = with(text, "status_is_authoritative: true", "mass_cancel: true");
  text = with(text, "# dialect: {symbol: {EUR/USD: EURUSD}, accounts: {ALPHA-1: NB-77}, add: {21: 1}, drop: [5001]}",
              "dialect: {side_basis: base, swap_side_leg: far}");
  text = with(text, "instruments:\n", "instruments:\n"
              "  - {symbol: FESX, type: FUT, term: EUR, multiplier: 10, price_tick: 0.5, quantity_min: 1,"
              " collar_without_data: static, static_collar_percent: 5}\n");
  text = with(text, "price_buffer_percent: 1",
              "price_buffer_percent: 1\n  swap_gross: both\n  tenor_add_on: [{days: 30, percent: 1}, {days: 90, percent: 2.5}]\n"
              "  breakers: {fills: {count: 50, seconds: 30, response: block_new}, flood: {percent: 300, seconds: 5}}");
  const auto loaded = load_text(text, options());
  ASSERT_TRUE(loaded.ok()) << faults_of(loaded);
  const Config& config = loaded->config;
  EXPECT_EQ(config.clients[0].self_cross, SelfCross::kReject);
  EXPECT_EQ(config.clients[0].side_basis, SideBasis::kBase);
  EXPECT_EQ(config.clients[0].swap_side_leg, SwapSideLeg::kFar);
  EXPECT_TRUE(config.brokers[0].mass_cancel);
  EXPECT_EQ(config.brokers[0].dialect.side_basis, SideBasis::kBase);
  EXPECT_EQ(config.brokers[0].dialect.swap_side_leg, SwapSideLeg::kFar);
  EXPECT_EQ(config.instruments[0].type, InstrumentType::kFuture);
  EXPECT_EQ(config.instruments[0].base, "");
  EXPECT_EQ(config.instruments[0].multiplier, 10);
  EXPECT_EQ(config.instruments[0].collar_without_data, CollarWithoutData::kStatic);
  EXPECT_EQ(config.instruments[0].static_collar, Percent::of(5));
  EXPECT_EQ(config.risk.swap_gross, SwapGross::kBoth);
  ASSERT_EQ(config.risk.tenor_add_on.size(), 2u);
  EXPECT_EQ(config.risk.tenor_add_on[1], (TenorAddOn{90, *Percent::parse("2.5")}));
  EXPECT_EQ(config.risk.breakers.fills.count, 50u);
  EXPECT_EQ(config.risk.breakers.flood.duration, Duration::seconds(5));
  // The journal's record of it reads back as the same.
  const auto again = load_core_text(core_text(config));
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->config == core_part(config)) << core_text(config);
}

TEST(Loader, HowLongOrdersAreKeptIsAPartOfTheCoresText) {
  EXPECT_EQ(reference().gateway.keep_orders_days, 5);
  const auto loaded = load_text(with(read_reference(), "durability: disk", "keep_orders_days: 30"), options());
  ASSERT_TRUE(loaded.ok()) << faults_of(loaded);
  EXPECT_EQ(loaded->config.gateway.keep_orders_days, 30);
  const auto again = load_core_text(core_text(loaded->config));
  ASSERT_TRUE(again.ok()) << faults_of(again);
  EXPECT_EQ(again->config.gateway.keep_orders_days, 30);
}

TEST(Loader, WhatIsMadeReadyOfTheJournalDecidesAboutNoOrder) {
  EXPECT_FALSE(reference().gateway.journal_ahead_mib) << "as much as the machine's memory allows";
  const auto loaded = load_text(with(read_reference(), "durability: disk", "journal_ahead_mib: 0"), options());
  ASSERT_TRUE(loaded.ok()) << faults_of(loaded);
  EXPECT_EQ(loaded->config.gateway.journal_ahead_mib, 0);
  EXPECT_TRUE(core_part(loaded->config) == core_part(reference()));
}

TEST(Loader, ACurrencyThatHasAPairWithUsdNeedsNoRate) {
  const auto loaded = load_text(with(read_reference(), "EUR: 1.10, ", ""), options());
  EXPECT_TRUE(loaded.ok()) << faults_of(loaded);
}

TEST(Loader, WarnsOfEachLimitThatIsNotEnforced) {
  const auto loaded = load_text(read_reference(), options());
  ASSERT_TRUE(loaded.ok());
  std::string warnings;
  for (const Fault& warning : loaded->warnings) warnings += warning_text(warning, "gateway.yaml") + "\n";
  std::size_t expected = 0;
  for (const LimitInfo& info : limits_table()) {
    const std::string named = "the limit " + std::string(info.name) + " is read and validated";
    if (info.optional) continue;  // the reference does not state it
    EXPECT_EQ(warnings.find(named) != std::string::npos, !info.enforced) << info.name << "\n" << warnings;
    if (!info.enforced) ++expected;
  }
  EXPECT_EQ(loaded->warnings.size(), expected) << warnings;
}

TEST(Loader, SaysPlaceAndExpectationAsTheContractWritesIt) {
  const std::string text = with(read_reference(), "durability:", "durabilty:");
  const std::string faults = faults_of(load_text(text, options()));
  EXPECT_EQ(faults,
            "gateway.yaml:8:3: unknown key 'durabilty' in gateway, expected 'durability', the nearest known key\n");
}

TEST(Loader, ReportsEveryFaultInOneGoInTheOrderOfTheFile) {
  std::string text = with(read_reference(), "durability: disk", "durability: dsik");
  text = with(text, "version: FIX.4.2", "version: FIX.4.9");
  text = with(text, "max_open_orders: 100000", "max_open_orders: many");
  text = with(text, "to: [southbank]", "to: [southbnk]");
  const auto result = load_text(text, options());
  ASSERT_FALSE(result.ok());
  ASSERT_EQ(result.error().faults.size(), 4u) << faults_of(result);
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_LT(result.error().faults[i - 1].line, result.error().faults[i].line);
  }
}

TEST(Loader, MissingVariableIsAFaultThatNamesIt) {
  LoadOptions without = options();
  without.environment = [](const std::string&) { return std::nullopt; };
  const auto result = load_text(read_reference(), without);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().faults.size(), 5u);
  EXPECT_THAT(faults_of(result), HasSubstr("'PORTCULLIS_RISK2_TOKEN'"));
}

TEST(Loader, NeverShowsASecretInAFault) {
  LoadOptions bad = options();
  bad.environment = [](const std::string&) { return std::string("hunter2 with blank"); };
  const std::string faults = faults_of(load_text(read_reference(), bad));
  EXPECT_THAT(faults, HasSubstr("token"));
  EXPECT_THAT(faults, Not(HasSubstr("hunter2")));
  std::string text = with(read_reference(), "# username: alpha", "username: alpha");
  text = with(text, "# password_hash: $argon2id$…", "password_hash: hunter3");
  EXPECT_THAT(faults_of(load_text(text, options())), Not(HasSubstr("hunter3")));
}

TEST(Loader, AFileThatCannotBeReadIsAFault) {
  const auto result = load_file("/nonexistent/gateway.yaml", tokens());
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(faults_of(result), HasSubstr("no such file"));
  EXPECT_THAT(faults_of(load_file("/", tokens())), HasSubstr("1:1: a directory, expected"));
  EXPECT_THAT(faults_of(load_file("/dev/null", tokens())), HasSubstr("no regular file"));
  EXPECT_THAT(faults_of(load_file(std::string(300, 'x'), tokens())), HasSubstr("cannot be read: File name too long"));
}

// What stops a running gateway needs nothing else, whatever has become of the file.
TEST(Loader, FindsTheDataDirectoryWhateverElseIsWrong) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "half_edited.yaml";
  const auto found = [&path](const std::string& text) {
    std::ofstream(path, std::ios::trunc) << text;
    return load_data_dir(path.string());
  };
  const std::string here = std::filesystem::path(testing::TempDir()).lexically_normal().string();
  const std::string text = with(read_reference(), "durability: disk", "durabilty: disk\n  id: TWICE");
  auto directory = found(text + "\nalerts: {webhook: \"${env:NOT_SET}\"}\nbogus: 1\n");
  ASSERT_TRUE(directory.ok()) << to_text(directory.error().faults.front(), "");
  EXPECT_EQ(*directory, (std::filesystem::path(here) / "data").string());
  EXPECT_EQ(*found("gateway: {data_dir: /var/lib/x}"), "/var/lib/x");
  directory = found(text + "\nadmin: [ {\n");
  ASSERT_TRUE(directory.ok()) << "not even YAML";
  EXPECT_EQ(*directory, (std::filesystem::path(here) / "data").string());
  for (const char* wrong : {"gateway: {id: A}", "gateway: 3", "gateway: {data_dir: [a]}", "gateway: {data_dir: x", "- a"}) {
    EXPECT_FALSE(found(wrong).ok()) << wrong;
  }
  EXPECT_FALSE(load_data_dir("/nonexistent/gateway.yaml").ok());
}

TEST(Loader, ResolvesPathsAgainstTheFile) {
  const Config config = reference();
  EXPECT_EQ(config.gateway.data_dir, "/etc/portcullis/data");
  EXPECT_EQ(config.blotter.location.reveal(), "/etc/portcullis/data/blotter.db");
}

TEST(Loader, ReadsWhatTheReferenceOnlyMentions) {
  std::string text = read_reference();
  text = with(text, "# schedule: {zone: America/New_York, open: Sun 17:05",
              "schedule: {zone: America/New_York, open: Sun 17:05");
  text = with(text, "# username: alpha             #", "username: alpha #");
  text = with(text, "# password_hash: $argon2id$…",
              "password_hash: $argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNo");
  text = with(text, "# dialect:", "dialect:");
  text = with(text, "url: sqlite:./data/blotter.db", "url: postgresql://risk:${env:PORTCULLIS_ADMIN_TOKEN}@db/blotter");
  const auto loaded = load_text(text, options());
  ASSERT_TRUE(loaded.ok()) << faults_of(loaded);
  const Client& alpha = loaded->config.clients[0];
  ASSERT_TRUE(alpha.schedule.has_value());
  EXPECT_EQ(alpha.schedule->open.to_string(), "Sun 17:05");
  EXPECT_EQ(alpha.schedule->reset->to_string(), "daily 17:00");
  EXPECT_TRUE(alpha.password_hash.has_value());
  const BrokerDialect& dialect = loaded->config.brokers[0].dialect;
  EXPECT_EQ(dialect.symbols[0].second, "EURUSD");
  EXPECT_EQ(dialect.add[0], (std::pair<std::uint32_t, std::string>{21, "1"}));
  EXPECT_EQ(dialect.drop[0], 5001u);
  EXPECT_EQ(loaded->config.blotter.location.reveal(), "postgresql://risk:admin-0123456789@db/blotter");
}

TEST(Loader, ReadsDecimalsExactlyFromTheText) {
  const auto loaded = load_text(with(read_reference(), "price_tick: 0.00001", "price_tick: 0.00000001"), options());
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->config.instruments[0].price_tick.raw(), 1);
}

TEST(Loader, ReadsWhatAThrottleDoes) {
  const auto action_of = [](const std::string& action) {
    const auto loaded = load_text(with(read_reference(), "action: reject", "action: " + action), options());
    EXPECT_TRUE(loaded.ok()) << action;
    for (const Fault& warning : loaded->warnings)
      EXPECT_EQ(warning.what.find(action), std::string::npos) << warning.what;
    return loaded->config.clients.front().throttle.action;
  };
  EXPECT_EQ(action_of("delay"), ThrottleAction::kDelay);
  EXPECT_EQ(action_of("disconnect"), ThrottleAction::kDisconnect);
}

TEST(CoreText, LoadsAgainToTheSameCoreAndTheSameText) {
  std::string text = read_reference();
  text = with(text, "# schedule: {zone: America/New_York, open: Sun 17:05",
              "schedule: {zone: America/New_York, open: Sun 17:05");
  text = with(text, "# dialect:", "dialect:");
  text = with(text, "order_types: [market, limit, stop, stop_limit, previously_quoted]", "order_types: []");
  text = with(text, "comp_id: ALPHA ", "comp_id: \"null\" ");
  text = with(text, "  price_buffer_percent: 1\n",
              "  price_buffer_percent: 1\n"
              "  soft_levels_percent: [60, 80]\n"
              "  responses: {account: {60: slow, 80: block_new}, firm: {80: reduce_only}}\n"
              "  breakers:\n"
              "    daily_loss: {soft_percent: 70, response: block_new}\n"
              "    price_drift: {percent: 1.5, seconds: 30, response: reduce_only}\n"
              "    rejects: {percent: 40, least: 10, seconds: 5, response: block_new}\n"
              "    broker_rejects: {count: 7, seconds: 20, response: off}\n"
              "    unacked: {count: 3, seconds: 2, response: block_new}\n"
              "    broker_latency: {ms: 250}\n"
              "    ratios: {cancel_percent: 90, orders_per_trade: 50, least: 10}\n"
              "    infrastructure: {journal_lag_ms: 50, clock_step_ms: 0, reconciliation_s: 10, dead_rates: false}\n");
  const auto loaded = load_text(text, options());
  ASSERT_TRUE(loaded.ok()) << faults_of(loaded);
  const std::string core = core_text(loaded->config);
  const auto again = load_core_text(core);
  ASSERT_TRUE(again.ok()) << faults_of(again) << core;
  EXPECT_TRUE(again->config == core_part(loaded->config)) << core;
  EXPECT_EQ(again->config.risk.soft_levels.count, 2);
  EXPECT_EQ(again->config.risk.responses.size(), 3u);
  EXPECT_EQ(again->config.risk.breakers.price_drift.percent, *Percent::parse("1.5"));
  EXPECT_EQ(again->config.risk.breakers.unacked.age, Duration::seconds(2));
  EXPECT_FALSE(again->config.risk.breakers.infrastructure.dead_rates);
  EXPECT_EQ(core_text(again->config), core);
}

TEST(CoreText, HoldsWhatMayBeTraded) {
  std::string text =
      with(read_reference(), "pending_new: false", "pending_new: false\n    exec_inst: [1, G]\n    order_capacity: []");
  text = with(text, "time: \"17:00\"}", "time: \"17:00\", positions: flat}");
  text = with(text, "  price_buffer_percent: 1\n",
              "  price_buffer_percent: 1\n"
              "  order_level_percent: 80\n"
              "  restricted: [GBP/USD]\n"
              "  groups:\n"
              "    funds: {permissions: [{symbols: [EUR/USD, GBP/USD], sides: [sell]}, {sides: [buy]}]}\n"
              "    banks: {permissions: []}\n");
  const auto loaded = load_text(text, options());
  ASSERT_TRUE(loaded.ok()) << faults_of(loaded);
  const Config& config = loaded->config;
  EXPECT_EQ(config.clients[0].exec_inst, "1G");
  EXPECT_EQ(config.clients[0].order_capacity, "") << "none may be stated";
  EXPECT_EQ(config.risk.soft_levels.order_percent, 80);
  EXPECT_EQ(config.risk.soft_levels.count, 3);
  EXPECT_EQ(config.risk.restricted, std::vector<std::string>{"GBP/USD"});
  EXPECT_EQ(config.risk.roll.positions, RollPositions::kFlat);
  ASSERT_EQ(config.risk.groups.size(), 2u);
  EXPECT_TRUE(config.risk.groups[0].permissions.has_value() && config.risk.groups[0].permissions->empty());
  const std::vector<Permission> funds = {{.symbols = {"EUR/USD", "GBP/USD"}, .buy = false},
                                         {.symbols = {}, .sell = false}};
  EXPECT_EQ(config.risk.groups[1].permissions, funds);
  const auto again = load_core_text(core_text(config));
  ASSERT_TRUE(again.ok()) << faults_of(again) << core_text(config);
  EXPECT_TRUE(again->config == core_part(config)) << core_text(config);
}

TEST(Loader, AClientThatDoesNotBeginEnabledMayLackAMandatoryLimit) {
  const std::string asked =
      with(read_reference(), "  price_buffer_percent: 1\n", "  mandatory_limits: [max_order_quantity]\n");
  const auto later = load_text(with(asked, "pending_new: false", "enabled: false"), options());
  ASSERT_TRUE(later.ok()) << faults_of(later);
  ASSERT_FALSE(later->warnings.empty());
  EXPECT_THAT(warning_text(later->warnings.back(), "gateway.yaml"),
              HasSubstr("client 'alpha' has no max_order_quantity of its own: it cannot be enabled before one is stated"));
  // Where a limit of its own may stand.
  const std::pair<const char*, const char*> places[] = {
      {"    alpha: {max_net_open_position: 100000000}", "    alpha: {max_order_quantity: 5}"},
      {"  accounts:\n    ALPHA-1:", "  accounts:\n    ALPHA-2: {max_order_quantity: 5}\n    ALPHA-1:"},
      {"  accounts:\n    ALPHA-1:", "  sessions: {alpha: {max_order_quantity: 5}}\n  accounts:\n    ALPHA-1:"},
  };
  for (const auto& [from, to] : places) {
    const auto stated = load_text(with(asked, from, to), options());
    EXPECT_TRUE(stated.ok()) << faults_of(stated);
  }
  const auto grouped = load_text(with(with(asked, "pending_new: false", "group: funds"), "  clients:\n    alpha:",
                                      "  groups: {funds: {max_order_quantity: 5}}\n  clients:\n    alpha:"),
                                 options());
  EXPECT_TRUE(grouped.ok()) << faults_of(grouped);
}

TEST(CoreText, HoldsWhatMustBeStatedAndWhatMayNotBeExceeded) {
  std::string text = with(read_reference(), "pending_new: false", "enabled: false");
  text = with(text, "  price_buffer_percent: 1\n",
              "  mandatory_limits: [max_order_quantity, max_net_open_position]\n"
              "  absolute: {max_order_quantity: 20000000, order_types: [market, limit, stop, stop_limit, "
              "previously_quoted, swap]}\n");
  const auto loaded = load_text(text, options());
  ASSERT_TRUE(loaded.ok()) << faults_of(loaded);
  const Config& config = loaded->config;
  EXPECT_FALSE(config.clients[0].enabled);
  EXPECT_EQ(config.risk.mandatory, (std::vector<Limit>{Limit::kMaxOrderQuantity, Limit::kMaxNetOpenPosition}));
  EXPECT_EQ(config.risk.absolute.max_order_quantity, Quantity::of(20'000'000));
  const auto again = load_core_text(core_text(config));
  ASSERT_TRUE(again.ok()) << faults_of(again) << core_text(config);
  EXPECT_TRUE(again->config == core_part(config)) << core_text(config);
}

TEST(CoreText, HoldsNoSecretAndNoAddress) {
  std::string text = read_reference();
  text = with(text, "# username: alpha             #", "username: alphauser #");
  text = with(text, "# password_hash: $argon2id$…",
              "password_hash: $argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNo");
  const auto loaded = load_text(text, options());
  ASSERT_TRUE(loaded.ok()) << faults_of(loaded);
  const std::string core = core_text(loaded->config);
  for (const char* secret : {"0123456789", "argon2id", "alphauser", "127.0.0.1", "9901", "sqlite", "data_dir"}) {
    EXPECT_THAT(core, Not(HasSubstr(secret)));
  }
}

// Whatever is written for a value, the answer is a configuration or faults: never an exception, and
// a fault always has its place and its expectation.
TEST(Loader, SurvivesAnyValueForEachKey) {
  const std::string text = read_reference();
  const char* const kValues[] = {"",        "~",         "[]",  "{}",    "-1",     "0",  "99999999999999999999",
                                 "1.5",     "true",      "x y", "[[1]]", "{a: b}", "''", "\"\\0\"",
                                 "EUR/USD", "2026-02-30"};
  std::size_t changed = 0;
  std::size_t line_start = 0;
  while (line_start < text.size()) {
    const std::size_t line_end = std::min(text.find('\n', line_start), text.size());
    const std::string line = text.substr(line_start, line_end - line_start);
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos && line.find('#') > colon) {
      for (const char* value : kValues) {
        std::string broken = text;
        broken.replace(line_start + colon + 2, line_end - line_start - colon - 2, value);
        const auto result = load_text(broken, options());
        ++changed;
        if (result.ok()) continue;
        ASSERT_FALSE(result.error().faults.empty());
        for (const Fault& fault : result.error().faults) {
          EXPECT_GE(fault.line, 1);
          EXPECT_GE(fault.column, 1);
          EXPECT_FALSE(fault.what.empty());
          EXPECT_FALSE(fault.expected.empty()) << fault.what;
        }
      }
    }
    line_start = line_end + 1;
  }
  EXPECT_GT(changed, 500u);
}

TEST(Yaml, RefusesHostileTexts) {
  std::string deep(1000, '[');
  std::string long_list = "gateway: [" + std::string(400'000, ',') + "]";
  std::string many = "a: [0";
  for (int i = 0; i < 110'000; ++i) many += ",0";
  many += "]";
  const std::pair<std::string, const char*> cases[] = {
      {"a: &x [1]\nb: *x\n", "an anchor"},
      {"a: *x\n", ""},
      {"a: !!binary aGk=\n", "a tag"},
      {"a: 1\n---\nb: 2\n", "a second document"},
      {"? [a]\n: b\n", "a key that is no text"},
      {"a: 1\na: 2\n", "a second time"},
      {"", "expected"},
      {"a: [1\n", "no YAML"},
      {deep, "nested too deeply"},
      {long_list, "expected"},
      {many, "too many values"},
      {std::string(2 * 1024 * 1024, ' '), "bytes"},
      {std::string("a: \0b\n", 7), ""},
      {"\xff\xfe\x00", ""},
  };
  for (const auto& [text, what] : cases) {
    const auto result = load_text(text, options());
    ASSERT_FALSE(result.ok()) << text.substr(0, 40);
    EXPECT_THAT(faults_of(result), HasSubstr(what)) << text.substr(0, 40);
  }
}

TEST(Values, ReadsEndpoints) {
  EXPECT_EQ(parse_endpoint("127.0.0.1:9880", false)->port, 9880);
  EXPECT_EQ(parse_endpoint("[::1]:1", false)->host, "::1");
  EXPECT_EQ(parse_endpoint("fix.broker.example:9901", false)->host, "fix.broker.example");
  EXPECT_TRUE(parse_endpoint("127.0.0.1:0", true).has_value());
  for (const char* text : {"127.0.0.1", "127.0.0.1:", ":1", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:-1",
                           "127.0.0.1:1x", "256.0.0.1:1", "::1:1", "[::1]1", "[x]:1", "-a:1", "a..b:1", "a b:1"}) {
    EXPECT_FALSE(parse_endpoint(text, false).has_value()) << text;
  }
}

TEST(Values, ReadsAddressRanges) {
  EXPECT_EQ(parse_address_range("10.1.2.3")->prefix_bits, 32);
  EXPECT_EQ(parse_address_range("2001:db8::/32")->to_string(), "2001:db8:0:0:0:0:0:0/32");
  EXPECT_EQ(parse_address_range("0.0.0.0/0")->prefix_bits, 0);
  for (const char* text : {"10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "", "::1/129", "x/8", "10.0.0.0/-1"}) {
    EXPECT_FALSE(parse_address_range(text).has_value()) << text;
  }
}

TEST(Values, ReadsPasswordHashes) {
  EXPECT_TRUE(is_argon2id_hash("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$aGFzaA"));
  for (const char* text :
       {"", "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$aGFzaA", "$argon2id$v=19$m=65536,t=2$c2Fs$aA",
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ", "$argon2id$v=19$m=65536,t=2,p=1$$aGFzaA",
        "$argon2id$v=19$m=a,t=2,p=1$c2Fs$aGFzaA", "$argon2id$v=19$m=1,t=2,p=1$c2Fs$aGFzaA$", "secret"}) {
    EXPECT_FALSE(is_argon2id_hash(text)) << text;
  }
}

TEST(Values, FindsTheNearestNameOrNone) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(nearest_name("comp-id", {"id", "comp_id", "connect"}), "comp_id");
  EXPECT_EQ(nearest_name("zzzzzzzz", {"id", "comp_id"}), std::nullopt);
  EXPECT_EQ(nearest_name(std::string(100'000, 'a'), {"id"}), std::nullopt);
}

TEST(Loader, ShadowLimitsAndOperatorsGoIntoTheJournalsText) {
  const std::string path = std::string(PORTCULLIS_SOURCE_DIR) + "/config/gateway.yaml";
  const auto loaded =
      load_file(path, [](const std::string& name) { return std::optional<std::string>("0123456789abcdef0123" + name); });
  ASSERT_TRUE(loaded.ok());
  Config config = loaded->config;
  RiskSection& shadow = config.risk.shadow.emplace_back();
  shadow.firm.max_order_quantity = Quantity::of(5);
  shadow.clients.push_back(ScopeLimits{"alpha", {}});
  shadow.clients.front().limits.max_open_orders = 3;
  const std::string text = core_text(config);
  EXPECT_EQ(text.find("0123456789abcdef0123"), std::string::npos) << "no token is in the journal";
  const auto again = load_core_text(text);
  ASSERT_TRUE(again.ok()) << text;
  ASSERT_EQ(again->config.risk.shadow.size(), 1u);
  EXPECT_EQ(again->config.risk.shadow.front(), shadow);
  ASSERT_FALSE(again->config.admin.users.empty());
  EXPECT_EQ(again->config.admin.users.front().name, config.admin.users.front().name);
  EXPECT_EQ(core_text(again->config), text);
}

}  // namespace
}  // namespace portcullis::config
