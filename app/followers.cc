#include "app/followers.h"

#include <chrono>

#include "app/order_log.h"
#include "app/snapshots.h"
#include "persistence/blotter/projector.h"

namespace portcullis::app {
namespace {

constexpr auto kFinishPatience = std::chrono::seconds(5);

}  // namespace

std::string blotter_url(const config::BlotterSection& blotter) {
  return blotter.kind == config::BlotterKind::kSqlite ? "sqlite:" + blotter.location.reveal() : blotter.location.reveal();
}

struct Followers::Parts {
  std::unique_ptr<persistence::BlotterProjector> projector;
  std::unique_ptr<OrderLog> order_log;
  std::unique_ptr<Snapshots> snapshots;
};

std::unique_ptr<Followers> Followers::start(const config::Config& configuration, persistence::Journal& journal) {
  std::unique_ptr<Followers> followers(new Followers);
  followers->parts_ = std::make_unique<Parts>();
  const auto durable_index = [&journal] { return journal.durable_index(); };
  persistence::ProjectorOptions options;
  options.url = blotter_url(configuration.blotter);
  options.gateway_id = configuration.gateway.id;
  options.journal_directory = journal.directory();
  options.durable_index = durable_index;
  options.own_records_behind = journal.recovered().last_index;
  followers->parts_->projector =
      std::make_unique<persistence::BlotterProjector>(persistence::posix_file_system(), std::move(options));
  followers->parts_->order_log = std::make_unique<OrderLog>(journal.directory(), configuration.gateway.id,
                                                            journal.recovered().last_index, durable_index);
  followers->parts_->snapshots = std::make_unique<Snapshots>(
      persistence::posix_file_system(), configuration.gateway.data_dir, durable_index, Snapshots::Pace{},
      journal.recovered().last_index);
  return followers;
}

Followers::~Followers() = default;

Followers::BlotterStatus Followers::blotter_status() const {
  const persistence::ProjectorStatus status = parts_->projector->status();
  return BlotterStatus{status.connected, status.last_index, status.error};
}

std::uint64_t Followers::logged_index() const {
  return parts_->order_log->last_index();
}
std::uint64_t Followers::folded_index() const {
  return parts_->snapshots->folded_index();
}

void Followers::finish(std::uint64_t last_index) {
  parts_->order_log.reset();
  parts_->snapshots->finish();
  parts_->projector->wait_for(last_index, kFinishPatience);
}

}  // namespace portcullis::app
