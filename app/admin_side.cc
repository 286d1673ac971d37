#include "app/admin_side.h"

#include "admin/server.h"
#include "admin/webhook.h"
#include "app/admin_commands.h"
#include "app/followers.h"
#include "app/gateway.h"
#include "app/history.h"
#include "app/log.h"
#include "app/published_views.h"
#include "persistence/start_file.h"

namespace portcullis::app {
namespace {

// Into the log, and what no command of the core's tells of into the journal's trail as well.
class AuditLog final : public admin::Audit {
 public:
  explicit AuditLog(Gateway& gateway) : gateway_(gateway) {}

  void write(const admin::AuditLine& line) override {
    const LogLevel level = line.status >= 400 ? LogLevel::kWarning : LogLevel::kInfo;
    log(level, "audit", {{"user", line.user}, {"address", line.address}, {"action", line.action}, {"status", line.status},
                         {"detail", line.detail}});
    if (line.detail.empty()) return;  // the core has made a line of its own, or nothing was asked of it
    order::NoteAudit note;
    note.user = order::UserText::truncated(line.user);
    note.action = order::IdText::truncated(line.action);
    note.detail = order::ReasonText::truncated(line.detail + " from " + line.address);
    const bool posted = gateway_.loop().post([this, note] { gateway_.loop().submit_command(note, "", nullptr); });
    if (!posted) log(LogLevel::kError, "audit_line_left_out", {{"action", line.action}, {"why", "the core is too busy"}});
  }

 private:
  Gateway& gateway_;
};

static_assert(config::kMaxAdminUsers <= admin::kMaxUsers);

Result<std::vector<admin::User>> users_of(const std::vector<config::AdminUser>& configured) {
  std::vector<admin::User> users;
  for (const config::AdminUser& user : configured) {
    const std::optional<admin::Role> role = admin::parse_role(config::to_text(user.role));
    if (!role) return Error{"admin user " + user.name + ": a role that the admin server does not know"};
    users.push_back(admin::User{user.name, *role, user.token.reveal()});
  }
  return users;
}

}  // namespace

struct AdminSide::Parts {
  Parts(Gateway& gateway, const config::Config& configuration)
      : views(gateway), commands(gateway, views),
        history(blotter_url(configuration.blotter), configuration.gateway.id,
                persistence::journal_directory(configuration.gateway.data_dir)),
        audit(gateway) {}

  PublishedViews views;
  AdminCommands commands;
  History history;
  AuditLog audit;
  std::unique_ptr<admin::Server> server;
  std::unique_ptr<admin::Webhook> webhook;
};

AdminSide::AdminSide() = default;
AdminSide::~AdminSide() = default;

Result<std::unique_ptr<AdminSide>> AdminSide::start(Gateway& gateway, Followers&) {
  const config::Config& configuration = gateway.configuration();
  std::unique_ptr<AdminSide> side(new AdminSide);
  side->parts_ = std::make_unique<Parts>(gateway, configuration);
  admin::ServerOptions options;
  options.address = configuration.admin.listen.host;
  options.port = configuration.admin.listen.port;
  auto users = users_of(configuration.admin.users);
  if (!users) return users.error();
  options.users = std::move(users).value();
  Parts& parts = *side->parts_;
  auto server = admin::Server::start(std::move(options), parts.views, parts.history, parts.commands, parts.audit);
  if (!server) return server.error();
  parts.server = std::move(server).value();
  if (configuration.alerts.webhook) {
    admin::WebhookOptions hook;
    hook.url = configuration.alerts.webhook->reveal();
    hook.gateway = configuration.gateway.id;
    auto webhook = admin::Webhook::start(std::move(hook), parts.views);
    if (!webhook) return webhook.error();
    parts.webhook = std::move(webhook).value();
  }
  return side;
}

void AdminSide::set_users(const std::vector<config::AdminUser>& users) {
  auto converted = users_of(users);
  if (converted.ok()) parts_->server->set_users(std::move(converted).value());
}

std::optional<admin::Webhook::Counters> AdminSide::webhook() const {
  if (parts_->webhook == nullptr) return std::nullopt;
  return parts_->webhook->counters();
}

std::string AdminSide::url() const { return parts_->server->url(); }

}  // namespace portcullis::app
