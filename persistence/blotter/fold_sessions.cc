#include "persistence/blotter/fold_values.h"
#include "persistence/blotter/projection.h"

// Names, sessions, brokers' lines and holds: what the gateway is connected to, in names and audit.

namespace portcullis::persistence {

using order::NameKind;

StoreResult<> Projection::on(const order::NameAdded& event) {
  const auto kind = static_cast<std::int64_t>(event.kind);
  std::string text = text_of(event.name.view());
  names_[{kind, event.index}] = text;
  add_row(new_names_, to_row(NameRow{kind, std::int64_t{event.index}, std::int64_t{event.owner}, std::move(text)}));
  return kFine;
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
