#pragma once

#include "admin/port.h"

// Operators' actions, from the admin thread to the core: names become indices on the core thread, the
// two-person rule is kept, and the answer comes when the record is durable.

namespace portcullis::app {

class Gateway;
class PublishedViews;

class AdminCommands final : public admin::Commands {
 public:
  // Both outlive it. Whoever has an answer finds what it tells of in the views.
  AdminCommands(Gateway& gateway, PublishedViews& views) : gateway_(gateway), views_(views) {}
  void submit(admin::Command command, admin::Authority authority, Done done) override;

 private:
  Gateway& gateway_;
  PublishedViews& views_;
};

}  // namespace portcullis::app
