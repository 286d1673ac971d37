#include "order/evidence.h"
#include "persistence/blotter/fold_values.h"
#include "persistence/blotter/projection.h"
#include "persistence/frame.h"

// Names, sessions, brokers' lines and holds: what the gateway is connected to, in names and audit.

namespace portcullis::persistence {

using order::NameKind;

StoreResult<> Projection::on(const order::NameAdded& event) {
  std::string text = text_of(event.name.view());
  keep_name(event.kind, event.index, text, event.owner);
  add_row(new_names_, NameRow{static_cast<std::int64_t>(event.kind), std::int64_t{event.index},
                              std::int64_t{event.owner}, std::move(text)});
  return kFine;
}

// A row at the start already, so that a projection which is taken up between the two records knows the program.
void Projection::on_start(const gateway::RecordView& record, RecordContext& context) {
  configuration_ = ConfigurationRow();
  configuration_.journal_index = context.index;
  configuration_.time_ns = context.time_ns;
  record.for_each_event([&](const order::EventView& event) {
    if (event.type() == order::EventType::kEpochStarted) {
      configuration_.epoch = static_cast<std::int64_t>(event.as<order::EpochStarted>().epoch);
    } else if (event.type() == order::EventType::kBuildStarted) {
      const auto build = event.as<order::BuildStarted>();
      configuration_.version = text_of(build.version.view());
      configuration_.build_id = text_of(build.build_id.view());
    }
  });
  add_row(new_configurations_, configuration_);
}

void Projection::on_configure(const gateway::RecordView& record, RecordContext& context) {
  configuration_.journal_index = context.index;
  configuration_.time_ns = context.time_ns;
  configuration_.configuration = hexadecimal(checksum_of(std::as_bytes(std::span(record.input()))));
  configuration_.content = text_of(record.input());
  add_row(new_configurations_, configuration_);
  configuration_.content.clear();
}

StoreResult<> Projection::on(const order::SessionChanged& event, RecordContext& record) {
  std::string detail = text_of(event.state);
  if (!event.reason.empty()) detail += ": " + text_of(event.reason.view());
  audit(record, "", "session", name(NameKind::kSession, event.session), detail);
  return kFine;
}

StoreResult<> Projection::on(const order::SequenceReset& event, RecordContext& record) {
  audit(record, "", "sequence_reset", name(NameKind::kSession, event.session),
        "epoch " + std::to_string(event.sequence_epoch) + ", next sender " + std::to_string(event.next_sender) +
            ", next target " + std::to_string(event.next_target));
  return kFine;
}

StoreResult<> Projection::on(const order::SessionEnabled& event, RecordContext& record) {
  audit(record, text_of(event.user.view()), event.enabled != 0 ? "enable_session" : "disable_session",
        name(NameKind::kSession, event.session), "");
  return kFine;
}

StoreResult<> Projection::on(const order::HoldChanged& event, RecordContext& record) {
  audit(record, "", event.held != 0 ? "hold" : "release_hold", "", text_of(event.reason.view()));
  return kFine;
}

StoreResult<> Projection::on(const order::BrokerPhaseChanged& event, RecordContext& record) {
  audit(record, "", "broker", name(NameKind::kBroker, event.broker), text_of(event.phase));
  return kFine;
}

}  // namespace portcullis::persistence
