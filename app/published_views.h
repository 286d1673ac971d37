#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "admin/port.h"
#include "base/time.h"

// What is so now, for the admin thread: a copy that the core thread makes when it is asked to, so that
// the admin thread reads nothing of the core and the core waits for nobody.

namespace portcullis::app {

class Gateway;

struct ViewsCopy {
  SteadyTime made;
  std::uint64_t outdated = 0;  // how often copies had been outdated before this one was made
  admin::HealthView health;
  std::vector<admin::SessionView> sessions;
  std::vector<admin::ExposureView> exposures;
  std::vector<admin::LimitsView> limits;
  std::vector<admin::AlertView> alerts;
  std::vector<admin::KillView> kills;
  std::vector<admin::ProposalView> proposals;
  std::vector<admin::MassCancelView> mass_cancels;
  std::vector<admin::MetricView> metrics;
};

// On the core thread.
ViewsCopy copy_views(Gateway& gateway);

class PublishedViews final : public admin::Views {
 public:
  explicit PublishedViews(Gateway& gateway) : gateway_(gateway) {}

  admin::GatewayView gateway() override;
  admin::HealthView health() override;
  std::vector<admin::SessionView> sessions() override { return fresh()->sessions; }
  std::vector<admin::ExposureView> exposures(const std::string& scope, const std::string& id) override;
  std::vector<admin::LimitsView> limits() override { return fresh()->limits; }
  std::vector<admin::AlertView> alerts() override { return fresh()->alerts; }
  std::vector<admin::KillView> kills() override { return fresh()->kills; }
  std::vector<admin::MassCancelView> mass_cancels() override { return fresh()->mass_cancels; }
  std::vector<admin::ProposalView> proposals() override { return fresh()->proposals; }
  std::vector<admin::MetricView> metrics() override { return fresh()->metrics; }

  // From any thread, before an operator is told that something is done: what is shown from now on has it.
  void outdate();

 private:
  // A copy at most a few milliseconds old that no action has outdated, or the last one when the core is too busy to
  // make one in time.
  std::shared_ptr<const ViewsCopy> fresh();

  // Shared with the work that is posted to the core, which may outlive a wait for it.
  struct Shared {
    std::mutex mutex;
    std::condition_variable published;
    std::shared_ptr<const ViewsCopy> copy = std::make_shared<ViewsCopy>();
    std::uint64_t outdated = 0;  // how often
    bool asked = false;
  };

  Gateway& gateway_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace portcullis::app
