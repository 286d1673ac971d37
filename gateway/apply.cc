#include "gateway/apply.h"

#include "gateway/applying.h"

namespace portcullis::gateway {
namespace {

template <typename E>
void dispatch(State& state, const order::EventView& event, UtcTime time) {
  applying::on(state, event.in_place<E>(), time);
}

}  // namespace

void apply(State& state, const order::EventView& event, UtcTime time) {
  using order::EventType;
  switch (event.type()) {
    case EventType::kEpochStarted:
      return dispatch<order::EpochStarted>(state, event, time);
    case EventType::kBuildStarted:
    case EventType::kOperatorListed:
    case EventType::kExposureSampled:
    case EventType::kShadowDecided:
      return apply_evidence(state, event);
    case EventType::kNameAdded:
      return dispatch<order::NameAdded>(state, event, time);
    case EventType::kSessionChanged:
      return dispatch<order::SessionChanged>(state, event, time);
    case EventType::kTargetAdvanced:
      return dispatch<order::TargetAdvanced>(state, event, time);
    case EventType::kSequenceReset:
      return dispatch<order::SequenceReset>(state, event, time);
    case EventType::kMessagesWritten:
      return dispatch<order::MessagesWritten>(state, event, time);
    case EventType::kReportsReissued:
      return dispatch<order::ReportsReissued>(state, event, time);
    case EventType::kDecided:
      return dispatch<order::Decided>(state, event, time);
    case EventType::kOrderAccepted:
      return applying::on(state, order::AcceptedView(event), time);
    case EventType::kOrderRejected:
      return dispatch<order::OrderRejected>(state, event, time);
    case EventType::kOrderRouted:
      return dispatch<order::OrderRouted>(state, event, time);
    case EventType::kCancelRequested:
      return dispatch<order::CancelRequested>(state, event, time);
    case EventType::kReplaceRequested:
      return dispatch<order::ReplaceRequested>(state, event, time);
    case EventType::kRequestRefused:
      return dispatch<order::RequestRefused>(state, event, time);
    case EventType::kExecutionApplied:
      return applying::on(state, order::ExecutionView(event), time);
    case EventType::kRequestRejected:
      return dispatch<order::RequestRejected>(state, event, time);
    case EventType::kOrderUnknown:
      return dispatch<order::OrderUnknown>(state, event, time);
    case EventType::kReportSuspended:
      return dispatch<order::ReportSuspended>(state, event, time);
    case EventType::kStatusAnswered:
      return dispatch<order::StatusAnswered>(state, event, time);
    case EventType::kMessageRefused:
      return dispatch<order::MessageRefused>(state, event, time);
    case EventType::kStatusRequested:
      return dispatch<order::StatusRequested>(state, event, time);
    case EventType::kAlertRaised:
      return dispatch<order::AlertRaised>(state, event, time);
    case EventType::kAlertAcknowledged:
      return dispatch<order::AlertAcknowledged>(state, event, time);
    case EventType::kScopeStateSet:
      return dispatch<order::ScopeStateSet>(state, event, time);
    case EventType::kQuoteSet:
      return dispatch<order::QuoteSet>(state, event, time);
    case EventType::kRateSet:
      return dispatch<order::RateSet>(state, event, time);
    case EventType::kDayRolled:
      return dispatch<order::DayRolled>(state, event, time);
    case EventType::kEntriesGivenBack:
      return give_back(state, event.in_place<order::EntriesGivenBack>());
    case EventType::kHoldChanged:
      return dispatch<order::HoldChanged>(state, event, time);
    case EventType::kBrokerPhaseChanged:
      return dispatch<order::BrokerPhaseChanged>(state, event, time);
    case EventType::kSessionEnabled:
      return dispatch<order::SessionEnabled>(state, event, time);
    case EventType::kLimitSet:
    case EventType::kProposed:
    case EventType::kLimitProposed:
    case EventType::kProposalDecided:
    case EventType::kPositionAdjusted:
      return apply_governance(state, event);
    case EventType::kMassCancelFinished:
      return dispatch<order::MassCancelFinished>(state, event, time);
    case EventType::kMassCancelEscalated:
      return dispatch<order::MassCancelEscalated>(state, event, time);
    case EventType::kDrillAdvanced:
      return dispatch<order::DrillAdvanced>(state, event, time);
    case EventType::kAudited:
      return dispatch<order::Audited>(state, event, time);
    case EventType::kMassCancelStarted:
      return dispatch<order::MassCancelStarted>(state, event, time);
    case EventType::kControlLatched:
      return dispatch<order::ControlLatched>(state, event, time);
    case EventType::kControlRearmed:
      return dispatch<order::ControlRearmed>(state, event, time);
    case EventType::kClientGrouped:
      return dispatch<order::ClientGrouped>(state, event, time);
    case EventType::kContractSized:
      return dispatch<order::ContractSized>(state, event, time);
    case EventType::kLimitLevelCrossed:
      return dispatch<order::LimitLevelCrossed>(state, event, time);
    case EventType::kBreakerTold:
      return dispatch<order::BreakerTold>(state, event, time);
    case EventType::kDriftWindowOpened:
      return dispatch<order::DriftWindowOpened>(state, event, time);
    case EventType::kSwapReserved:
    case EventType::kSwapBooked:
      return apply_swap(state, event);
    case EventType::kBrokerMassCancelRequested:
      return dispatch<order::BrokerMassCancelRequested>(state, event, time);
  }
  PORTCULLIS_CHECK(false, "an event of a type that this version does not know");
}

}  // namespace portcullis::gateway
