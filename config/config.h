#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/decimal.h"
#include "base/time.h"
#include "config/breakers.h"
#include "config/limits.h"

// The configuration as validated values: what config/loader makes of the YAML file, or a test of nothing at all. Plain
// data without I/O; a Config that the loader returned keeps every rule that is written here, so readers need not check
// again. Lists keep the order of the file; what is a map in the file is a list sorted by its key here.

namespace portcullis::config {

// Written limits of the file; more is a fault.
inline constexpr std::size_t kMaxIdLength = 31;        // ids, CompIDs, accounts, user names
inline constexpr std::size_t kMaxSymbolLength = 31;    // Symbol(55)
inline constexpr std::size_t kMaxGatewayIdLength = 8;  // part of every OrderID(37) that we give
inline constexpr std::size_t kMaxClients = 1024;
inline constexpr std::size_t kMaxAccountsPerClient = 1024;
inline constexpr std::size_t kMaxBrokers = 64;
inline constexpr std::size_t kMaxRoutes = 1024;
inline constexpr std::size_t kMaxInstruments = 4096;
inline constexpr std::size_t kMaxAdminUsers = 256;
inline constexpr std::int64_t kMaxKeepOrdersDays = 3650;
inline constexpr std::size_t kMaxAddressesPerList = 256;  // connect, allow_from
inline constexpr std::size_t kMaxHolidays = 4096;         // of one currency

// BeginString(8), or for FIX.5.x ApplVerID(1128) over FIXT.1.1. The loader accepts those that is_supported() names.
enum class FixVersion : std::uint8_t {
  kFix40,
  kFix41,
  kFix42,
  kFix43,
  kFix44,
  kFix50,
  kFix50Sp1,
  kFix50Sp2,
};

enum class Durability : std::uint8_t {
  kProcess,     // a record survives a crash of the process
  kDisk,        // and a loss of power
  kReplicated,  // and the loss of the machine; refused by the loader in this release
};

// How the core thread waits for its sockets: asleep in the kernel, or asking again and again, which keeps one
// processor busy and saves the time of waking up.
enum class IoMode : std::uint8_t { kBlocking, kSpin };

// Where a client's messages name the trader or the strategy: SenderSubID(50), or PartyID(448) of the party
// whose PartyRole(452) is 11 (order origination trader) or 12 (executing trader).
enum class TraderField : std::uint8_t { kNone, kSenderSubId, kParty };
// Whether open buys are reduced by a short position when the long limit is tested, and the reverse.
enum class PositionOffset : std::uint8_t { kFull, kNone };
// What happens to an order that would trade with a resting one of the same client.
enum class SelfCross : std::uint8_t { kOff, kWarn, kReject };
// How a price is judged while there is no fresh quote: not at all, against the last quote with a wider band, or it
// passes. Market orders are refused always.
enum class CollarWithoutData : std::uint8_t { kReject, kStatic, kAllow };
// The currency that Side(54) speaks of in a session's messages, both ways: the dealt one, as FIX says, or the pair's
// base whatever is dealt.
enum class SideBasis : std::uint8_t { kDealt, kBase };
// The leg of a swap that Side(54) speaks of.
enum class SwapSideLeg : std::uint8_t { kNear, kFar };
// Which legs of a swap count in gross sums and as its notional.
enum class SwapGross : std::uint8_t { kFar, kBoth };
// What becomes of positions at the day's roll: they stay, or the new day begins without any.
enum class RollPositions : std::uint8_t { kCarry, kFlat };
// What happens to a client's message that finds no token.
enum class ThrottleAction : std::uint8_t { kReject, kDelay, kDisconnect };
// Which open orders are cancelled when a client's connection ends.
enum class CancelOnDisconnect : std::uint8_t { kNone, kDay, kAll };
// How a broker's view of our orders is asked for before it is opened: by AF, by one H an order, or not at all.
enum class Reconcile : std::uint8_t { kMassStatus, kStatus, kNone };
// SecurityType(167). Pairs take swaps where order_types allow them; an FXSWAP takes nothing else. What is no FX is
// counted in units, valued by price and multiplier, and moves no currency.
enum class InstrumentType : std::uint8_t { kFxSpot, kFxForward, kFxNdf, kFxSwap, kFuture, kStock };
constexpr bool is_fx(InstrumentType type) { return type <= InstrumentType::kFxSwap; }
enum class Role : std::uint8_t { kViewer, kOperator, kRisk, kAdmin };
enum class BlotterKind : std::uint8_t { kSqlite, kPostgres };

// The text of the file ("FIX.4.4", "cancel"…); the loader reads the same tables.
std::string_view to_text(FixVersion version);
std::string_view to_text(Durability durability);
std::string_view to_text(IoMode mode);
std::string_view to_text(TraderField field);
std::string_view to_text(PositionOffset offset);
std::string_view to_text(SelfCross action);
std::string_view to_text(CollarWithoutData way);
std::string_view to_text(SideBasis basis);
std::string_view to_text(SwapSideLeg leg);
std::string_view to_text(SwapGross gross);
std::string_view to_text(RollPositions positions);
std::string_view to_text(ThrottleAction action);
std::string_view to_text(CancelOnDisconnect cancel);
std::string_view to_text(Reconcile reconcile);
std::string_view to_text(InstrumentType type);
std::string_view to_text(Role role);

// Whether sessions of this version can be configured in this release: FIX.4.2 and FIX.4.4.
bool is_supported(FixVersion version);

// A text that must not reach a log, a journal or a screen: no stream operator; reveal() says where it is read.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  friend bool operator==(const Secret&, const Secret&) = default;

 private:
  std::string value_;
};

// A host (name, IPv4 or IPv6 address without brackets) and a TCP port. Port 0 only where we listen.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
  std::string to_string() const;  // 127.0.0.1:9880, [::1]:9880
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// A range of addresses such as 10.1.0.0/16; bits past the prefix are zero. IPv4 uses bytes 0 to 3.
struct AddressRange {
  bool ipv6 = false;
  std::uint8_t prefix_bits = 0;  // 0 to 32, or to 128 for IPv6
  std::array<std::uint8_t, 16> address = {};
  std::string to_string() const;
  friend bool operator==(const AddressRange&, const AddressRange&) = default;
};

// A local time of day, of one weekday (0 Sunday … 6 Saturday) or of every day.
struct ScheduleTime {
  std::optional<std::uint8_t> weekday;
  std::int32_t second_of_day = 0;
  std::string to_string() const;  // "Sun 17:05", "daily 17:00", seconds only when there are some
  friend bool operator==(const ScheduleTime&, const ScheduleTime&) = default;
};

// When a session is open; without a schedule it always is. open and close are both weekly or both daily.
struct Schedule {
  std::string zone;  // IANA name; whether the machine knows it is checked where the schedule is used
  ScheduleTime open;
  ScheduleTime close;
  std::optional<ScheduleTime> reset;  // both numbers start at 1 again
  friend bool operator==(const Schedule&, const Schedule&) = default;
};

struct SecondsRange {
  Duration min;
  Duration max;
  friend bool operator==(const SecondsRange&, const SecondsRange&) = default;
};

// A token bucket: `burst` tokens at most, `messages_per_second` come back each second.
struct ClientThrottle {
  std::uint32_t messages_per_second = 1000;
  std::uint32_t burst = 2000;
  ThrottleAction action = ThrottleAction::kReject;
  friend bool operator==(const ClientThrottle&, const ClientThrottle&) = default;
};

struct BrokerThrottle {
  std::uint32_t messages_per_second = 500;
  std::uint32_t burst = 500;
  std::uint32_t reserved_for_cancels_percent = 20;  // 0 to 90 of the burst that new orders cannot use
  friend bool operator==(const BrokerThrottle&, const BrokerThrottle&) = default;
};

struct GatewaySection {
  std::string id;        // letters and digits; part of every OrderID(37) that we give
  std::string data_dir;  // absolute
  Durability durability = Durability::kDisk;
  std::string currency;  // the risk currency, ISO 4217
  IoMode io = IoMode::kBlocking;
  std::optional<std::uint32_t> journal_ahead_mib;  // made ready ahead of a burst; none: by the machine's memory
  std::uint16_t keep_orders_days = 5;  // trading days after its last event that an order that is over is kept in memory
  std::optional<std::uint16_t> core_cpu;  // the core thread runs on this processor, and nothing else of ours does
  std::vector<std::uint16_t> other_cpus;  // the other threads run on these; empty: on all that the process may use
  friend bool operator==(const GatewaySection&, const GatewaySection&) = default;
};

// Paths of PEM files, absolute.
struct ServerTls {
  std::string certificate;
  std::string private_key;
  std::optional<std::string> client_ca;  // given: a client must show a certificate that it signed
  friend bool operator==(const ServerTls&, const ServerTls&) = default;
};

struct ClientTls {
  std::optional<std::string> ca;           // none: the system's trust store
  std::string server_name;                 // what the broker's certificate must name; also SNI
  std::optional<std::string> certificate;  // ours, with its key, where the broker asks for one
  std::optional<std::string> private_key;
  friend bool operator==(const ClientTls&, const ClientTls&) = default;
};

struct AcceptorSection {
  Endpoint listen;  // port 0: any free one
  std::optional<ServerTls> tls;
  friend bool operator==(const AcceptorSection&, const AcceptorSection&) = default;
};

// A client's FIX session. SenderCompID(49) and TargetCompID(56) are as in what the client sends.
struct Client {
  std::string id;
  FixVersion version = FixVersion::kFix44;
  std::string comp_id;                          // SenderCompID(49)
  std::string gateway_comp_id;                  // TargetCompID(56)
  std::vector<std::string> accounts;            // Account(1); at least one, the first is the default
  std::vector<AddressRange> allow_from;         // empty: any address, with a warning
  std::optional<std::string> certificate_name;  // the name its TLS certificate must carry
  std::optional<std::string> username;          // Username(553)
  std::optional<Secret> password_hash;          // of Password(554): argon2id, as `user hash` prints
  SecondsRange heartbeat = {Duration::seconds(5), Duration::seconds(60)};  // HeartBtInt(108) we accept
  bool reset_on_logon = false;
  CancelOnDisconnect cancel_on_disconnect = CancelOnDisconnect::kNone;
  Duration cancel_on_disconnect_grace;  // a client that is back within it keeps its orders
  bool pending_new = false;  // ExecType(150)=A when we accept, before the broker answers
  Duration max_order_age;    // of SendingTime(52) or TransactTime(60); zero: not checked
  ClientThrottle throttle;
  std::optional<Schedule> schedule;
  std::string group;  // of clients that share limits; empty: none
  TraderField trader = TraderField::kNone;
  SelfCross self_cross = SelfCross::kOff;
  SideBasis side_basis = SideBasis::kDealt;
  SwapSideLeg swap_side_leg = SwapSideLeg::kNear;
  // The values, a character each, that its orders may state; not given: any. One that is absent always passes.
  std::optional<std::string> exec_inst;       // ExecInst(18)
  std::optional<std::string> order_capacity;  // OrderCapacity(528)
  bool enabled = true;  // false: when it is new to the gateway, it may log on only once an operator has enabled it
  friend bool operator==(const Client&, const Client&) = default;
};

// What one broker wants said differently.
struct BrokerDialect {
  std::vector<std::pair<std::string, std::string>> symbols;   // ours → Symbol(55) at the broker
  std::vector<std::pair<std::string, std::string>> accounts;  // ours → Account(1) at the broker
  std::vector<std::pair<std::uint32_t, std::string>> add;     // tag → value, on each order we send
  std::vector<std::uint32_t> drop;                            // tags never sent to this broker
  SideBasis side_basis = SideBasis::kDealt;
  SwapSideLeg swap_side_leg = SwapSideLeg::kNear;
  friend bool operator==(const BrokerDialect&, const BrokerDialect&) = default;
};

struct Broker {
  std::string id;
  FixVersion version = FixVersion::kFix44;
  std::string comp_id;            // TargetCompID(56) of what we send
  std::string gateway_comp_id;    // SenderCompID(49) of what we send
  std::vector<Endpoint> connect;  // at least one; tried in turn
  Duration heartbeat = Duration::seconds(30);
  SecondsRange reconnect = {Duration::seconds(1), Duration::seconds(30)};
  Duration ack_timeout = Duration::seconds(5);
  BrokerThrottle throttle;
  // Default: mass_status where the version has OrderMassStatusRequest(AF), since FIX.4.3; else status.
  Reconcile reconcile = Reconcile::kMassStatus;
  // Its answer to a status request proves what it has; false: an absent order stays UNKNOWN.
  bool status_is_authoritative = false;
  bool mass_cancel = false;  // it takes OrderMassCancelRequest(q): cancel-all says so first, and cancels each order too
  bool reset_on_logon = false;
  std::optional<ClientTls> tls;
  BrokerDialect dialect;
  std::optional<Schedule> schedule;
  friend bool operator==(const Broker&, const Broker&) = default;
};

// An empty list matches everything.
struct Route {
  std::vector<std::string> symbols;
  std::vector<std::string> clients;
  std::vector<std::string> accounts;
  std::vector<std::string> to;  // broker ids, at least one; the first that can take the order does
  friend bool operator==(const Route&, const Route&) = default;
};

struct Instrument {
  std::string symbol;  // Symbol(55)
  InstrumentType type = InstrumentType::kFxSpot;
  std::string base;                          // ISO 4217; what Quantity counts; empty when it is no FX
  std::string term;                          // ISO 4217; what Price is in
  Price price_tick;                          // positive
  Quantity quantity_min;                     // positive
  Quantity quantity_step = Quantity::of(1);  // positive; orders are a multiple of it
  std::uint32_t spot_days = 2;
  std::int64_t multiplier = 1;  // units of price that one unit of quantity is worth; 1 of FX
  CollarWithoutData collar_without_data = CollarWithoutData::kReject;
  Percent static_collar = Percent::of(10);  // of the last quote, for collar_without_data: static
  bool broken_dates = true;                 // false: only dates that a tenor of the market leads to
  friend bool operator==(const Instrument&, const Instrument&) = default;
};

struct ReferenceRate {
  std::string currency;
  Rate rate;  // risk currency for one unit; positive
  friend bool operator==(const ReferenceRate&, const ReferenceRate&) = default;
};

struct ReferenceQuote {
  std::string symbol;
  Price bid;  // positive, at most ask
  Price ask;
  friend bool operator==(const ReferenceQuote&, const ReferenceQuote&) = default;
};

// Every currency of every instrument, but the risk currency, has a rate.
struct ReferenceSection {
  std::vector<ReferenceRate> rates;
  std::vector<ReferenceQuote> quotes;
  Duration stale_after;                    // zero: values never grow stale
  Duration dead_after;                     // at least stale_after; zero: five times as old
  Percent stale_haircut = Percent::of(2);  // that a stale rate is raised by
  friend bool operator==(const ReferenceSection&, const ReferenceSection&) = default;
};

// Part of a notional that credit adds for what settles later than `days` after the trade date.
struct TenorAddOn {
  std::int32_t days = 0;
  Percent percent;
  friend bool operator==(const TenorAddOn&, const TenorAddOn&) = default;
};

// The moment the trade date changes, in local time.
struct Roll {
  std::string zone = "America/New_York";
  std::int32_t second_of_day = 17 * 3600;
  RollPositions positions = RollPositions::kCarry;
  friend bool operator==(const Roll&, const Roll&) = default;
};

struct Calendar {
  std::string currency;
  std::vector<Date> holidays;  // ascending, each once
  friend bool operator==(const Calendar&, const Calendar&) = default;
};

// What a scope may trade: instruments, and the side of their base currency (or of units).
struct Permission {
  std::vector<std::string> symbols;  // empty: every instrument
  bool buy = true;
  bool sell = true;
  friend bool operator==(const Permission&, const Permission&) = default;
};

// The limits that one scope states itself; what it leaves open comes from the scope above.
struct ScopeLimits {
  std::string id;
  LimitSet limits;
  // By symbol: what holds in one instrument beside them (of single orders and positions); the tighter counts.
  std::vector<std::pair<std::string, LimitSet>> instruments = {};
  // Of groups, clients, accounts and traders. Not given: everything; else what one of the entries allows.
  std::optional<std::vector<Permission>> permissions = {};
  friend bool operator==(const ScopeLimits&, const ScopeLimits&) = default;
};

struct RiskSection {
  Percent price_buffer = Percent::of(1);  // of the conservative price
  PositionOffset offset = PositionOffset::kFull;
  SwapGross swap_gross = SwapGross::kFar;
  std::vector<TenorAddOn> tenor_add_on;  // by days, ascending; empty: none
  Roll roll;
  std::vector<Calendar> calendars;
  std::vector<Limit> mandatory;  // that each client has of its own (not of the firm) before it may log on
  LimitSet absolute;  // no limit of any scope may be looser, whoever asks and approves
  std::vector<std::string> restricted;  // symbols of which positions may only be reduced, whoever asks
  SoftLevels soft_levels;
  std::vector<LevelResponse> responses;  // by scope and percent; what has no entry is a warning
  RiskBreakers breakers;
  LimitSet firm;  // states every limit
  std::vector<ScopeLimits> clients;
  std::vector<ScopeLimits> accounts;
  std::vector<ScopeLimits> brokers;
  std::vector<ScopeLimits> instruments;
  std::vector<ScopeLimits> groups;    // of clients
  std::vector<ScopeLimits> sessions;  // by the client's or the broker's id
  std::vector<ScopeLimits> traders;   // "CLIENT/TRADER"
  std::vector<ScopeLimits> currencies;
  // None, or one: limits evaluated beside these and reported, never enforced; it has only limits.
  std::vector<RiskSection> shadow;
  friend bool operator==(const RiskSection&, const RiskSection&) = default;
};

struct BlotterSection {
  BlotterKind kind = BlotterKind::kSqlite;
  Secret location;  // SQLite: absolute path of the file; Postgres: the URL, which may hold a password
  friend bool operator==(const BlotterSection&, const BlotterSection&) = default;
};

struct AdminUser {
  std::string name;
  Role role = Role::kViewer;
  Secret token;
  friend bool operator==(const AdminUser&, const AdminUser&) = default;
};

struct AdminSection {
  Endpoint listen;  // port 0: any free one
  std::vector<AdminUser> users;
  std::optional<Secret> positions_key;  // that files of start-of-day positions are signed with; none: none is taken
  friend bool operator==(const AdminSection&, const AdminSection&) = default;
};

struct AlertsSection {
  std::optional<Secret> webhook;  // a URL, which may hold a token
  friend bool operator==(const AlertsSection&, const AlertsSection&) = default;
};

// What happens when orders of a stopped scope do not go away.
struct EmergencySection {
  Duration retry = Duration::seconds(3);      // a cancel without an answer is sent again
  Duration escalate = Duration::seconds(10);  // a critical alert tells what is still open
  std::string contact;                        // whom to call; part of that alert
  friend bool operator==(const EmergencySection&, const EmergencySection&) = default;
};

struct Config {
  GatewaySection gateway;
  AcceptorSection acceptor;
  std::vector<Client> clients;
  std::vector<Broker> brokers;
  std::vector<Route> routes;
  std::vector<Instrument> instruments;
  ReferenceSection reference;
  RiskSection risk;
  BlotterSection blotter;
  AdminSection admin;
  AlertsSection alerts;
  EmergencySection emergency;

  // Null when there is none; the pointer lives as long as this Config and its lists are unchanged.
  const Client* find_client(std::string_view id) const;
  const Broker* find_broker(std::string_view id) const;
  const Instrument* find_instrument(std::string_view symbol) const;
  // The client that owns the account; an account belongs to one client only.
  const Client* owner_of(std::string_view account) const;

  friend bool operator==(const Config&, const Config&) = default;
};

}  // namespace portcullis::config
