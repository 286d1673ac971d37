#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/configuration_change.h"
#include "app/timetable.h"
#include "base/time.h"
#include "config/config.h"

namespace portcullis::app {

// A configuration that waits for the sessions that it ends (app/gateway_reload.cc).
struct PendingReload {
  config::Config next;
  ConfigurationChange change;
  std::unique_ptr<Timetable> timetable;
  SteadyTime give_up;
  bool finishing = false;

  // Those whose session must be down first.
  std::vector<std::string> ending() const {
    std::vector<std::string> ids = change.removed;
    ids.insert(ids.end(), change.restarted.begin(), change.restarted.end());
    return ids;
  }
};

}  // namespace portcullis::app
