#include "persistence/blotter/fold_values.h"
#include "order/latch_events.h"
#include "persistence/blotter/projection.h"

// What persons changed: states, limits, mass cancels.

namespace portcullis::persistence {

using order::NameKind;

StoreResult<> Projection::on(const order::ScopeStateSet& event, RecordContext& record) {
  audit(record, text_of(event.user.view()), "scope_state",
        std::string(to_string(event.scope)) + " " + scope_name(event.scope, event.id),
        std::string(to_string(event.state)) + ": " + text_of(event.reason.view()));
  return kFine;
}

StoreResult<> Projection::on(const order::ControlLatched& event, RecordContext& record) {
  std::string subject = std::string(to_string(event.scope)) + " " + scope_name(event.scope, event.id);
  if (event.instrument.has_value()) subject += ", " + name(NameKind::kInstrument, event.instrument);
  audit(record, "", "control_latched", std::move(subject),
        std::string(to_string(event.control)) + ", usage " + std::to_string(event.usage) + ", limit " +
            std::to_string(event.limit) + ", state " + std::string(to_string(event.response)) + ": " +
            text_of(event.reason.view()));
  return kFine;
}

StoreResult<> Projection::on(const order::ControlRearmed& event, RecordContext& record) {
  std::string subject = std::string(to_string(event.scope)) + " " + scope_name(event.scope, event.id);
  if (event.instrument.has_value()) subject += ", " + name(NameKind::kInstrument, event.instrument);
  audit(record, text_of(event.user.view()), "control_rearmed", std::move(subject),
        std::string(to_string(event.control)) + ", approved by " + text_of(event.approver.view()) + ": " +
            text_of(event.reason.view()));
  return kFine;
}

StoreResult<> Projection::on(const order::LimitSet& event, RecordContext& record) {
  audit(record, text_of(event.user.view()), "limit",
        std::string(to_string(event.scope)) + " " + scope_name(event.scope, event.id),
        "limit " + std::to_string(event.limit) + " " +
            (event.unset != 0 ? std::string("inherited") : "raw " + std::to_string(event.value)) + ", version " +
            std::to_string(event.version) + ": " + text_of(event.reason.view()));
  return kFine;
}

StoreResult<> Projection::on(const order::MassCancelStarted& event, RecordContext& record) {
  audit(record, text_of(event.user.view()), event.drill != 0 ? "drill" : "mass_cancel",
        std::string(to_string(event.scope)) + " " + scope_name(event.scope, event.id),
        std::string(text_of(event.origin)) + (event.day_only != 0 ? ", day orders only" : ""));
  return kFine;
}

StoreResult<> Projection::on(const order::Proposed& event, RecordContext& record) {
  audit(record, text_of(event.maker.view()), "propose", "P" + std::to_string(event.proposal),
        std::string(to_string(event.kind)) + ": " + text_of(event.reason.view()));
  return kFine;
}

StoreResult<> Projection::on(const order::ProposalDecided& event, RecordContext& record) {
  audit(record, text_of(event.checker.view()), "decide_proposal", "P" + std::to_string(event.proposal),
        std::string(to_string(event.state)) + ": " + text_of(event.reason.view()));
  return kFine;
}

StoreResult<> Projection::on(const order::PositionAdjusted& event, RecordContext& record) {
  audit(record, text_of(event.maker.view()), "adjust_position", name(NameKind::kAccount, event.account),
        name(NameKind::kInstrument, event.instrument) + " " + event.quantity.to_string() + " at " +
            event.price.to_string() + ", approved by " + text_of(event.checker.view()) + ": " +
            text_of(event.reason.view()));
  return kFine;
}

StoreResult<> Projection::on(const order::MassCancelFinished& event, RecordContext& record) {
  audit(record, "", event.drill != 0 ? "drill_finished" : "mass_cancel_finished", std::to_string(event.run),
        std::to_string(event.orders) + " orders, " + std::to_string(event.sent) + " cancels sent, " +
            std::to_string(event.canceled) + " cancelled, " + std::to_string(event.too_late) + " too late");
  return kFine;
}

StoreResult<> Projection::on(const order::MassCancelEscalated& event, RecordContext& record) {
  audit(record, "", "mass_cancel_escalated", std::to_string(event.run),
        std::to_string(event.outstanding) + " orders are still open");
  return kFine;
}

}  // namespace portcullis::persistence
