#include "app/recorded_input.h"

#include "config/loader/loader.h"
#include "order/evidence.h"

namespace portcullis::app {
namespace {

using order::EventType;

// What a session itself raises; a decision's alerts have other codes.
bool is_of_session(order::AlertCode code) {
  return code == order::AlertCode::kSessionProtocol || code == order::AlertCode::kSequence ||
         code == order::AlertCode::kResendStorm || code == order::AlertCode::kHold;
}

}  // namespace

bool RecordedInput::read(const gateway::RecordView& record) {
  const gateway::RecordHeader& header = record.header();
  input_ = gateway::Input();
  input_.kind = header.kind;
  input_.session = header.session;
  input_.now = record.time();
  input_.bytes = record.input();
  input_.inbound_seq = header.inbound_seq;
  switch (header.kind) {
    case gateway::InputKind::kStart:
      read_start(record);
      return true;
    case gateway::InputKind::kConfigure:
      return read_configuration(record);
    case gateway::InputKind::kTick:
      return true;
    case gateway::InputKind::kMessage:
    case gateway::InputKind::kSession:
      read_effects(record);
      if ((header.flags & gateway::kDelivered) == 0) return true;
      if (fix::scan(record.input(), message_)) return false;
      input_.deliver = &message_;
      return true;
    case gateway::InputKind::kCommand:
      return false;
  }
  return false;
}

void RecordedInput::read_start(const gateway::RecordView& record) {
  hold_.clear();
  build_version_.clear();
  build_id_.clear();
  record.for_each_event([&](const order::EventView& event) {
    if (event.type() == EventType::kEpochStarted) input_.epoch = event.as<order::EpochStarted>().epoch;
    if (event.type() == EventType::kHoldChanged) hold_ = event.as<order::HoldChanged>().reason.view();
    if (event.type() == EventType::kBuildStarted) {
      const auto build = event.as<order::BuildStarted>();
      build_version_ = build.version.view();
      build_id_ = build.build_id.view();
    }
  });
  input_.hold = hold_;
  input_.build_version = build_version_;
  input_.build_id = build_id_;
}

bool RecordedInput::read_configuration(const gateway::RecordView& record) {
  auto loaded = config::load_core_text(std::string(record.input()));
  if (!loaded.ok()) return false;
  configuration_ = std::move(loaded).value().config;
  input_.configuration = &configuration_;
  return true;
}

// Core::handle writes what the session did first, then its alerts, and only then what the message decides.
void RecordedInput::read_effects(const gateway::RecordView& record) {
  gateway::SessionEffects& effects = input_.effects;
  staged_.clear();
  alert_texts_.clear();
  alerts_.clear();
  std::vector<order::AlertRaised> raised;
  bool decided = false;
  record.for_each_event([&](const order::EventView& event) {
    switch (event.type()) {
      case EventType::kMessagesWritten:
        effects.written = event.as<order::MessagesWritten>().up_to;
        return;
      case EventType::kReportsReissued: {
        const auto reissued = event.as<order::ReportsReissued>();
        // What a reset gives up is decided from it, and comes behind it.
        if (!effects.reset) effects.reissued = gateway::OwedReports{reissued.sequence_epoch, 0, reissued.up_to};
        return;
      }
      case EventType::kSequenceReset: {
        const auto reset = event.as<order::SequenceReset>();
        effects.reset = true;
        if (reset.next_sender != 1) effects.set_next_sender = reset.next_sender;
        return;
      }
      case EventType::kSessionChanged: {
        const auto changed = event.as<order::SessionChanged>();
        effects.state = changed.state;
        reason_ = changed.reason.view();
        effects.reason = reason_;
        return;
      }
      case EventType::kTargetAdvanced:
        effects.next_target = event.as<order::TargetAdvanced>().next_target;
        return;
      case EventType::kAlertRaised: {
        const auto alert = event.as<order::AlertRaised>();
        if (!decided && alert.session == input_.session && is_of_session(alert.code)) raised.push_back(alert);
        return;
      }
      case EventType::kBrokerPhaseChanged: {
        const auto phase = event.as<order::BrokerPhaseChanged>().phase;
        const bool follows_logon = effects.state == order::SessionState::kLoggedOn;
        if (phase == order::BrokerPhase::kDraining && !follows_logon) effects.reconcile_again = true;
        if (phase == order::BrokerPhase::kReconciling || phase == order::BrokerPhase::kOpen) effects.drained = true;
        return;
      }
      case EventType::kHoldChanged:
      case EventType::kMassCancelStarted:
        return;  // follow from the effects
      default:
        decided = true;
        return;
    }
  });
  // The views are made when no string moves any more.
  for (const order::AlertRaised& alert : raised) alert_texts_.emplace_back(alert.text.view());
  for (std::size_t i = 0; i < raised.size(); ++i) {
    alerts_.push_back(gateway::SessionAlert{raised[i].code, raised[i].severity, alert_texts_[i]});
  }
  effects.alerts = alerts_;
  // What the session staged stands before what the core answers. Without a decision all of it is the session's.
  const bool delivered = (record.header().flags & gateway::kDelivered) != 0;
  record.for_each_outbound([&](const gateway::OutboundView& message) {
    if (message.header.session != input_.session || (delivered && message.header.admin == 0)) return;
    staged_.push_back(gateway::StagedMessage{message.header.msg_seq_num, message.bytes, message.header.admin == 0});
  });
  effects.outbound = staged_;
}

}  // namespace portcullis::app
