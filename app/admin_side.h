#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admin/webhook.h"
#include "base/result.h"
#include "config/config.h"

// The admin server with what it stands on: views, commands, history and the audit log.

namespace portcullis::app {

class Gateway;
class Followers;

class AdminSide {
 public:
  static Result<std::unique_ptr<AdminSide>> start(Gateway& gateway, Followers& followers);
  ~AdminSide();
  std::string url() const;
  // How alerts.webhook does; nothing where there is none. Any thread.
  std::optional<admin::Webhook::Counters> webhook() const;
  // Takes the place of those before, at once or soon after.
  void set_users(const std::vector<config::AdminUser>& users);

 private:
  AdminSide();
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace portcullis::app
