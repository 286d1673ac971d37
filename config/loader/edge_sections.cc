// gateway, acceptor, blotter, admin and alerts: what surrounds the core.

#include <algorithm>
#include <cctype>

#include "config/loader/sections.h"

namespace portcullis::config {

namespace {

constexpr std::size_t kMaxTokenLength = 256;
constexpr std::size_t kShortToken = 16;
constexpr std::size_t kMaxUrlLength = 1024;
constexpr std::int64_t kMaxCpu = 1023;
constexpr std::int64_t kMaxJournalAheadMib = 64 * 1024;

void read_listen(const Value& value, Endpoint& out) {
  const char* const expected = "ADDRESS:PORT such as 127.0.0.1:9880 (port 0: any free one)";
  const std::string* text = value.scalar(expected);
  if (text == nullptr) return;
  const auto endpoint = parse_endpoint(*text, true);
  if (!endpoint) return value.wrong(expected);
  out = *endpoint;
}

void read_server_tls(const Value& value, std::optional<ServerTls>& out) {
  MapReader map(value);
  ServerTls tls;
  map.required("certificate", [&](const Value& v) { v.file(tls.certificate); });
  map.required("private_key", [&](const Value& v) { v.file(tls.private_key); });
  map.optional("client_ca", [&](const Value& v) { v.file(tls.client_ca.emplace()); });
  map.finish();
  out = std::move(tls);
}

bool starts_with(const std::string& text, std::string_view prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

void read_user(const Value& value, AdminUser& user) {
  constexpr Role kRoles[] = {Role::kViewer, Role::kOperator, Role::kRisk, Role::kAdmin};
  MapReader map(value);
  map.required("name", [&](const Value& v) { v.id(user.name); });
  map.required("role", [&](const Value& v) { v.choice(user.role, kRoles); });
  map.required("token", [&](const Value& v) {
    v.secret(user.token, kMaxTokenLength);
    if (!user.token.empty() && user.token.reveal().size() < kShortToken) {
      v.warn("the token of " + shown(user.name) + " is short", "at least 16 random characters");
    }
  });
  map.finish();
}

}  // namespace

void read_gateway(const Value& value, GatewaySection& out) {
  constexpr Durability kDurabilities[] = {Durability::kProcess, Durability::kDisk, Durability::kReplicated};
  constexpr IoMode kIoModes[] = {IoMode::kBlocking, IoMode::kSpin};
  MapReader map(value);
  map.required("id", [&](const Value& v) {
    std::string id;
    v.id(id);
    if (id.empty()) return;
    const bool plain = std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
    if (!plain || id.size() > kMaxGatewayIdLength) {
      return v.wrong("1 to " + std::to_string(kMaxGatewayIdLength) + " letters and digits");
    }
    out.id = id;
  });
  map.required_outside_core("data_dir", [&](const Value& v) { v.path(out.data_dir); });
  map.optional("durability", [&](const Value& v) {
    v.choice(out.durability, kDurabilities);
    if (out.durability == Durability::kReplicated) {
      v.fault("durability 'replicated' is reserved and not built yet", "process or disk");
    }
  });
  map.required("currency", [&](const Value& v) { v.currency(out.currency); });
  map.optional("keep_orders_days", [&](const Value& v) { v.integer(out.keep_orders_days, 1, kMaxKeepOrdersDays); });
  map.optional("journal_ahead_mib",
               [&](const Value& v) { v.integer(out.journal_ahead_mib.emplace(), 0, kMaxJournalAheadMib); });
  map.optional("io", [&](const Value& v) { v.choice(out.io, kIoModes); });
  map.optional("core_cpu", [&](const Value& v) { v.integer(out.core_cpu.emplace(), 0, kMaxCpu); });
  map.optional("other_cpus", [&](const Value& v) {
    v.list(1, kMaxCpu + 1, [&](const Value& item) { item.integer(out.other_cpus.emplace_back(), 0, kMaxCpu); });
  });
  map.finish();
  if (out.core_cpu && std::count(out.other_cpus.begin(), out.other_cpus.end(), *out.core_cpu) != 0) {
    value.fault("other_cpus names " + std::to_string(*out.core_cpu) + ", which is core_cpu",
                "processors that the core thread does not use");
  }
}

void read_acceptor(const Value& value, AcceptorSection& out) {
  MapReader map(value);
  map.required("listen", [&](const Value& v) { read_listen(v, out.listen); });
  map.optional("tls", [&](const Value& v) { read_server_tls(v, out.tls); });
  map.finish();
  if (!out.listen.host.empty() && !out.tls && !is_loopback(out.listen.host)) {
    value.warn("clients connect to " + out.listen.to_string() + " without TLS", "acceptor.tls beyond loopback");
  }
}

void read_blotter(const Value& value, BlotterSection& out) {
  MapReader map(value);
  map.required("url", [&](const Value& v) {
    const char* const expected = "sqlite:PATH or postgresql://USER@HOST:PORT/DATABASE";
    Secret url;
    v.secret(url, kMaxUrlLength);
    if (url.empty()) return;
    const std::string& text = url.reveal();
    if (starts_with(text, "sqlite:") && text.size() > 7) {
      // Only the path is shown in messages from here on; it holds no password.
      YamlNode node = v.node();
      node.text = text.substr(7);
      std::string path;
      Value(v.context(), node, v.name()).path(path);
      out.kind = BlotterKind::kSqlite;
      out.location = Secret(path);
    } else if (starts_with(text, "postgresql://") || starts_with(text, "postgres://")) {
      out.kind = BlotterKind::kPostgres;
      out.location = url;
    } else {
      v.fault(v.name() + " is of no known kind", expected);
    }
  });
  map.finish();
}

void read_admin(const Value& value, AdminSection& out) {
  MapReader map(value);
  map.required("listen", [&](const Value& v) {
    read_listen(v, out.listen);
    if (!out.listen.host.empty() && !is_loopback(out.listen.host)) {
      v.warn("the console and REST listen on " + out.listen.to_string() + " without TLS",
             "a loopback address behind a proxy that speaks TLS");
    }
  });
  map.required("users", [&](const Value& v) {
    v.list(1, kMaxAdminUsers, [&](const Value& item) {
      AdminUser user;
      read_user(item, user);
      for (const AdminUser& other : out.users) {
        if (!user.name.empty() && other.name == user.name) {
          item.fault("a second user " + shown(user.name), "each name once");
        }
        if (!user.token.empty() && other.token == user.token) {
          item.fault("users " + shown(other.name) + " and " + shown(user.name) + " share a token",
                     "a token of its own for each user");
        }
      }
      out.users.push_back(std::move(user));
    });
  });
  map.optional("positions_key", [&](const Value& v) {
    Secret key;
    v.secret(key, 256);
    if (key.empty()) return;
    if (key.reveal().size() < 32) return v.fault("positions_key is too short (not shown)", "at least 32 characters");
    out.positions_key = key;
  });
  map.finish();
}

void read_emergency(const Value& value, EmergencySection& out) {
  MapReader map(value);
  map.optional("retry_s", [&](const Value& v) { v.seconds(out.retry, 1, 60); });
  map.optional("escalate_s", [&](const Value& v) { v.seconds(out.escalate, 1, 600); });
  map.optional("contact", [&](const Value& v) { v.fix_text(out.contact, 60); });
  map.finish();
  if (map.is_map() && out.escalate < out.retry) {
    value.fault("escalate_s is less than retry_s", "time for a second try before the alert");
  }
}

void read_operators(const Value& value, AdminSection& out) {
  constexpr Role kRoles[] = {Role::kViewer, Role::kOperator, Role::kRisk, Role::kAdmin};
  value.list(0, kMaxAdminUsers, [&](const Value& item) {
    AdminUser& user = out.users.emplace_back();
    MapReader map(item);
    map.required("name", [&](const Value& v) { v.id(user.name); });
    map.required("role", [&](const Value& v) { v.choice(user.role, kRoles); });
    map.finish();
  });
}

void read_alerts(const Value& value, AlertsSection& out) {
  MapReader map(value);
  map.optional("webhook", [&](const Value& v) {
    Secret url;
    v.secret(url, kMaxUrlLength);
    if (url.empty()) return;
    if (!starts_with(url.reveal(), "https://") && !starts_with(url.reveal(), "http://")) {
      return v.fault("webhook is no web address", "a URL that begins with https:// or http://");
    }
    out.webhook = url;
  });
  map.finish();
}

}  // namespace portcullis::config
