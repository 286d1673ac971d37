// clients, brokers and routes.

#include <algorithm>
#include <cctype>

#include "config/loader/sections.h"

namespace portcullis::config {

namespace {

constexpr std::int64_t kMaxRate = 1'000'000;      // messages a second, and burst
constexpr std::size_t kMaxFieldLength = 256;      // of a value that a dialect adds
constexpr std::size_t kMaxDialectEntries = 4096;  // of each list and map of a dialect
constexpr std::int64_t kMaxTag = 999'999'999;

void read_seconds_range(const Value& value, SecondsRange& out, std::int64_t max) {
  MapReader map(value);
  map.required("min", [&](const Value& v) { v.seconds(out.min, 1, max); });
  map.required("max", [&](const Value& v) { v.seconds(out.max, 1, max); });
  map.finish();
  if (out.min > out.max) value.fault(value.name() + ".min is above its max", "min at most max");
}

void read_client_throttle(const Value& value, ClientThrottle& out) {
  constexpr ThrottleAction kActions[] = {ThrottleAction::kReject, ThrottleAction::kDelay, ThrottleAction::kDisconnect};
  MapReader map(value);
  map.required("messages_per_second", [&](const Value& v) { v.integer(out.messages_per_second, 1, kMaxRate); });
  map.required("burst", [&](const Value& v) { v.integer(out.burst, 1, kMaxRate); });
  map.optional("action", [&](const Value& v) { v.choice(out.action, kActions); });
  map.finish();
}

void read_broker_throttle(const Value& value, BrokerThrottle& out) {
  MapReader map(value);
  map.required("messages_per_second", [&](const Value& v) { v.integer(out.messages_per_second, 1, kMaxRate); });
  map.required("burst", [&](const Value& v) { v.integer(out.burst, 1, kMaxRate); });
  map.optional("reserved_for_cancels_percent",
               [&](const Value& v) { v.integer(out.reserved_for_cancels_percent, 0, 90); });
  map.finish();
}

void read_accounts(const Value& value, std::vector<std::string>& out) {
  value.list(1, kMaxAccountsPerClient, [&](const Value& item) {
    std::string account;
    item.fix_text(account, kMaxIdLength);
    if (!account.empty() && std::find(out.begin(), out.end(), account) != out.end()) {
      item.fault("the account " + shown(account) + " a second time", "each account once");
    }
    out.push_back(account);
  });
}

void read_allow_from(const Value& value, std::vector<AddressRange>& out) {
  value.list(1, kMaxAddressesPerList, [&](const Value& item) {
    const char* const expected = "an address range such as 10.1.0.0/16, with no bits beyond the prefix";
    const std::string* text = item.scalar(expected);
    if (text == nullptr) return;
    const auto range = parse_address_range(*text);
    if (!range) return item.wrong(expected);
    out.push_back(*range);
  });
}

void read_password_hash(const Value& value, std::optional<Secret>& out) {
  Secret hash;
  value.secret(hash, 127);
  if (hash.empty()) return;
  if (!is_argon2id_hash(hash.reveal())) {
    return value.fault("password_hash is no argon2id hash (not shown)", "what `portcullis user hash` prints");
  }
  out = hash;
}

// What Side(54) speaks of in the session's messages.
void read_sides(MapReader& map, SideBasis& basis, SwapSideLeg& leg) {
  map.optional("side_basis", [&](const Value& v) {
    constexpr SideBasis kBases[] = {SideBasis::kDealt, SideBasis::kBase};
    v.choice(basis, kBases);
  });
  map.optional("swap_side_leg", [&](const Value& v) {
    constexpr SwapSideLeg kLegs[] = {SwapSideLeg::kNear, SwapSideLeg::kFar};
    v.choice(leg, kLegs);
  });
}

// Values of a field that has one character for each.
void read_characters(const Value& value, std::optional<std::string>& out) {
  std::string read;
  value.list(0, 64, [&](const Value& item) {
    const char* const expected = "one letter or digit, as the field's values are";
    const std::string* text = item.scalar(expected);
    if (text == nullptr) return;
    const bool good = text->size() == 1 && std::isalnum(static_cast<unsigned char>(text->front())) != 0;
    if (!good) return item.wrong(expected);
    if (read.find(*text) != std::string::npos) return item.fault("the value " + *text + " a second time", "each once");
    read.append(*text);
  });
  if (value.node().kind == YamlNode::Kind::kSequence) out = std::move(read);
}

void read_client(const Value& value, Client& out) {
  constexpr CancelOnDisconnect kCancels[] = {CancelOnDisconnect::kNone, CancelOnDisconnect::kDay,
                                             CancelOnDisconnect::kAll};
  MapReader map(value);
  map.required("id", [&](const Value& v) { v.id(out.id); });
  map.required("version", [&](const Value& v) { read_version(v, out.version); });
  map.required("comp_id", [&](const Value& v) { v.fix_text(out.comp_id, kMaxIdLength); });
  map.required("gateway_comp_id", [&](const Value& v) { v.fix_text(out.gateway_comp_id, kMaxIdLength); });
  map.required("accounts", [&](const Value& v) { read_accounts(v, out.accounts); });
  const bool restricted = map.has("allow_from");
  map.optional("allow_from", [&](const Value& v) { read_allow_from(v, out.allow_from); });
  map.optional("certificate_name", [&](const Value& v) { v.fix_text(out.certificate_name.emplace(), 253); });
  const bool has_username = map.has("username");
  const bool has_password = map.has("password_hash");
  map.optional("username", [&](const Value& v) { v.fix_text(out.username.emplace(), kMaxIdLength); });
  map.optional("password_hash", [&](const Value& v) { read_password_hash(v, out.password_hash); });
  map.optional("heartbeat_s", [&](const Value& v) { read_seconds_range(v, out.heartbeat, 3600); });
  map.optional("reset_on_logon", [&](const Value& v) { v.boolean(out.reset_on_logon); });
  map.optional("cancel_on_disconnect", [&](const Value& v) { v.choice(out.cancel_on_disconnect, kCancels); });
  map.optional("cancel_on_disconnect_grace_s", [&](const Value& v) { v.seconds(out.cancel_on_disconnect_grace, 0, 3'600); });
  map.optional("enabled", [&](const Value& v) { v.boolean(out.enabled); });
  map.optional("pending_new", [&](const Value& v) { v.boolean(out.pending_new); });
  map.optional("max_order_age_s", [&](const Value& v) { v.seconds(out.max_order_age, 0, 86'400); });
  map.optional("throttle", [&](const Value& v) { read_client_throttle(v, out.throttle); });
  map.optional("schedule", [&](const Value& v) { read_schedule(v, out.schedule); });
  map.optional("group", [&](const Value& v) { v.id(out.group); });
  map.optional("trader", [&](const Value& v) {
    constexpr TraderField kFields[] = {TraderField::kNone, TraderField::kSenderSubId, TraderField::kParty};
    v.choice(out.trader, kFields);
  });
  map.optional("self_cross", [&](const Value& v) {
    constexpr SelfCross kWays[] = {SelfCross::kOff, SelfCross::kWarn, SelfCross::kReject};
    v.choice(out.self_cross, kWays);
  });
  read_sides(map, out.side_basis, out.swap_side_leg);
  map.optional("exec_inst", [&](const Value& v) { read_characters(v, out.exec_inst); });
  map.optional("order_capacity", [&](const Value& v) { read_characters(v, out.order_capacity); });
  map.finish();
  if (!map.is_map()) return;
  if (has_username != has_password) {
    value.fault("client " + shown(out.id) + " has only one of username and password_hash", "both or neither");
  }
  if (!restricted && !value.context().core_only) {
    value.warn("client " + shown(out.id) + " may connect from any address", "allow_from");
  }
}

void read_connect(const Value& value, std::vector<Endpoint>& out) {
  value.list(1, kMaxAddressesPerList, [&](const Value& item) {
    const char* const expected = "HOST:PORT such as fix.broker.example:9901";
    const std::string* text = item.scalar(expected);
    if (text == nullptr) return;
    const auto endpoint = parse_endpoint(*text, false);
    if (!endpoint) return item.wrong(expected);
    out.push_back(*endpoint);
  });
}

void read_client_tls(const Value& value, std::optional<ClientTls>& out) {
  MapReader map(value);
  ClientTls tls;
  map.optional("ca", [&](const Value& v) { v.file(tls.ca.emplace()); });
  map.required("server_name", [&](const Value& v) { v.fix_text(tls.server_name, 253); });
  const bool has_certificate = map.has("certificate");
  const bool has_key = map.has("private_key");
  map.optional("certificate", [&](const Value& v) { v.file(tls.certificate.emplace()); });
  map.optional("private_key", [&](const Value& v) { v.file(tls.private_key.emplace()); });
  map.finish();
  if (has_certificate != has_key) {
    value.fault("tls has only one of certificate and private_key", "both or neither");
  }
  out = std::move(tls);
}

void read_tag(const Value& value, std::vector<std::uint32_t>& out) {
  // Header and trailer belong to the session, and without the others orders and reports could not be told
  // apart; fix/dialect.h refuses the same.
  constexpr std::int64_t kReserved[] = {8,  9,  10, 11, 17, 34, 35, 37,  39,  41,
                                        43, 49, 52, 56, 89, 93, 97, 122, 150, 369};
  std::int64_t tag = 0;
  value.integer(tag, 1, kMaxTag);
  if (tag == 0) return;
  if (std::find(std::begin(kReserved), std::end(kReserved), tag) != std::end(kReserved)) {
    return value.wrong("a tag of the body that does not identify an order or a report");
  }
  out.push_back(static_cast<std::uint32_t>(tag));
}

void read_text_map(const Value& value, std::size_t max_length, std::vector<std::pair<std::string, std::string>>& out) {
  value.entries(kMaxDialectEntries, [&](const Value& key, const Value& entry) {
    std::pair<std::string, std::string> pair;
    key.fix_text(pair.first, max_length);
    entry.fix_text(pair.second, max_length);
    out.push_back(std::move(pair));
  });
  std::sort(out.begin(), out.end());
  for (std::size_t i = 0; i < out.size(); ++i) {
    for (std::size_t k = i + 1; k < out.size(); ++k) {
      if (out[i].second.empty() || out[i].second != out[k].second) continue;
      value.fault(
          shown(out[i].first) + " and " + shown(out[k].first) + " are both " + shown(out[i].second) + " at the broker",
          "a name of its own for each");
    }
  }
}

void read_dialect(const Value& value, BrokerDialect& out) {
  MapReader map(value);
  map.optional("symbol", [&](const Value& v) { read_text_map(v, kMaxSymbolLength, out.symbols); });
  map.optional("accounts", [&](const Value& v) { read_text_map(v, kMaxIdLength, out.accounts); });
  map.optional("add", [&](const Value& v) {
    v.entries(kMaxDialectEntries, [&](const Value& key, const Value& entry) {
      std::vector<std::uint32_t> tag;
      read_tag(key, tag);
      std::string text;
      entry.fix_text(text, kMaxFieldLength);
      if (!tag.empty()) out.add.emplace_back(tag.front(), text);
    });
    std::sort(out.add.begin(), out.add.end());
  });
  map.optional("drop", [&](const Value& v) {
    v.list(0, kMaxDialectEntries, [&](const Value& item) { read_tag(item, out.drop); });
    std::sort(out.drop.begin(), out.drop.end());
    if (std::adjacent_find(out.drop.begin(), out.drop.end()) != out.drop.end()) {
      v.fault("a tag is dropped twice", "each tag once");
    }
  });
  read_sides(map, out.side_basis, out.swap_side_leg);
  map.finish();
}

void read_reconcile(const Value& value, const Broker& broker, Reconcile& out) {
  constexpr Reconcile kWays[] = {Reconcile::kMassStatus, Reconcile::kStatus, Reconcile::kNone};
  value.choice(out, kWays);
  if (out == Reconcile::kMassStatus && broker.version < FixVersion::kFix43) {
    value.fault("reconcile is 'mass_status', which " + std::string(to_text(broker.version)) + " does not have",
                "status or none before FIX.4.3");
  }
}

void read_broker(const Value& value, Broker& out) {
  MapReader map(value);
  map.required("id", [&](const Value& v) { v.id(out.id); });
  map.required("version", [&](const Value& v) { read_version(v, out.version); });
  map.required("comp_id", [&](const Value& v) { v.fix_text(out.comp_id, kMaxIdLength); });
  map.required("gateway_comp_id", [&](const Value& v) { v.fix_text(out.gateway_comp_id, kMaxIdLength); });
  map.required_outside_core("connect", [&](const Value& v) { read_connect(v, out.connect); });
  map.optional("heartbeat_s", [&](const Value& v) { v.seconds(out.heartbeat, 1, 3600); });
  map.optional("reconnect_s", [&](const Value& v) { read_seconds_range(v, out.reconnect, 3600); });
  map.optional("ack_timeout_s", [&](const Value& v) { v.seconds(out.ack_timeout, 1, 3600); });
  map.optional("throttle", [&](const Value& v) { read_broker_throttle(v, out.throttle); });
  if (out.version < FixVersion::kFix43) out.reconcile = Reconcile::kStatus;
  map.optional("reconcile", [&](const Value& v) { read_reconcile(v, out, out.reconcile); });
  map.optional("status_is_authoritative", [&](const Value& v) { v.boolean(out.status_is_authoritative); });
  map.optional("mass_cancel", [&](const Value& v) {
    v.boolean(out.mass_cancel);
    if (out.mass_cancel && out.version < FixVersion::kFix43) {
      v.fault("mass_cancel is true, but " + std::string(to_text(out.version)) + " has no OrderMassCancelRequest(q)",
              "false before FIX.4.3");
    }
  });
  map.optional("reset_on_logon", [&](const Value& v) { v.boolean(out.reset_on_logon); });
  map.optional("tls", [&](const Value& v) { read_client_tls(v, out.tls); });
  map.optional("dialect", [&](const Value& v) { read_dialect(v, out.dialect); });
  map.optional("schedule", [&](const Value& v) { read_schedule(v, out.schedule); });
  map.finish();
}

void read_route(const Value& value, Route& out) {
  MapReader map(value);
  map.optional("match", [&](const Value& v) {
    MapReader match(v);
    const auto texts = [](std::vector<std::string>& list, std::size_t max_length) {
      return [&list, max_length](const Value& m) {
        m.one_or_list(kMaxInstruments, [&](const Value& item) { item.fix_text(list.emplace_back(), max_length); });
      };
    };
    match.optional("symbol", texts(out.symbols, kMaxSymbolLength));
    match.optional("client", texts(out.clients, kMaxIdLength));
    match.optional("account", texts(out.accounts, kMaxIdLength));
    match.finish();
  });
  map.required("to", [&](const Value& v) {
    v.list(1, kMaxBrokers, [&](const Value& item) {
      std::string broker;
      item.id(broker);
      if (!broker.empty() && std::find(out.to.begin(), out.to.end(), broker) != out.to.end()) {
        item.fault("the broker " + shown(broker) + " a second time", "each broker once in a route");
      }
      out.to.push_back(std::move(broker));
    });
  });
  map.finish();
}

}  // namespace

void read_version(const Value& value, FixVersion& out) {
  constexpr FixVersion kVersions[] = {FixVersion::kFix40,    FixVersion::kFix41,   FixVersion::kFix42,
                                      FixVersion::kFix43,    FixVersion::kFix44,   FixVersion::kFix50,
                                      FixVersion::kFix50Sp1, FixVersion::kFix50Sp2};
  FixVersion version = FixVersion::kFix44;
  value.choice(version, kVersions);
  if (!is_supported(version)) {
    return value.fault("version " + std::string(to_text(version)) + " is not supported by this release",
                       "FIX.4.2 or FIX.4.4");
  }
  out = version;
}

void read_schedule(const Value& value, std::optional<Schedule>& out) {
  const auto time_into = [](ScheduleTime& time) {
    return [&time](const Value& v) {
      const char* const expected = "a day and a time such as 'Sun 17:05' or 'daily 17:00'";
      const std::string* text = v.scalar(expected);
      if (text == nullptr) return;
      const auto parsed = parse_schedule_time(*text);
      if (!parsed) return v.wrong(expected);
      time = *parsed;
    };
  };
  const std::size_t before = value.context().faults.size();
  MapReader map(value);
  Schedule schedule;
  map.required("zone", [&](const Value& v) { v.time_zone(schedule.zone); });
  map.required("open", time_into(schedule.open));
  map.required("close", time_into(schedule.close));
  map.optional("reset", [&](const Value& v) { time_into(schedule.reset.emplace())(v); });
  map.finish();
  if (value.context().faults.size() != before) return;
  if (schedule.open.weekday.has_value() != schedule.close.weekday.has_value()) {
    return value.fault("the schedule opens and closes in different ways", "open and close both weekly or both daily");
  }
  if (schedule.open == schedule.close) {
    return value.fault("the schedule opens and closes at the same time", "a time between open and close");
  }
  out = std::move(schedule);
}

void read_clients(const Value& value, std::vector<Client>& out) {
  value.list(1, kMaxClients, [&](const Value& item) { read_client(item, out.emplace_back()); });
}

void read_brokers(const Value& value, std::vector<Broker>& out) {
  value.list(1, kMaxBrokers, [&](const Value& item) { read_broker(item, out.emplace_back()); });
}

void read_routes(const Value& value, std::vector<Route>& out) {
  value.list(1, kMaxRoutes, [&](const Value& item) { read_route(item, out.emplace_back()); });
}

}  // namespace portcullis::config
