#pragma once

#include "admin/port.h"

// Operators' actions, from the admin thread to the core: names become indices on the core thread, the
// two-person rule is kept, and the answer comes when the record is durable.

namespace portcullis::app {

class Gateway;

class AdminCommands final : public admin::Commands {
 public:
  explicit AdminCommands(Gateway& gateway) : gateway_(gateway) {}
  void submit(admin::Command command, admin::Authority authority, Done done) override;

 private:
  Gateway& gateway_;
};

}  // namespace portcullis::app
