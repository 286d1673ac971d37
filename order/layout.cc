#include "order/governance.h"
#include "order/events.h"
#include "order/evidence.h"
#include "order/latch_events.h"
#include "order/swap.h"

// The journal holds these structures byte for byte: each must be free of padding and as large as the
// format document says. A failing line here means that the format has changed.

namespace portcullis::order {

static_assert(EventPayload<EpochStarted> && sizeof(EpochStarted) == 8);
static_assert(EventPayload<BuildStarted> && sizeof(BuildStarted) == 80);
static_assert(EventPayload<OperatorListed> && sizeof(OperatorListed) == 40);
static_assert(EventPayload<ExposureSampled> && sizeof(ExposureSampled) == 64);
static_assert(EventPayload<ShadowDecided> && sizeof(ShadowDecided) == 56);
static_assert(EventPayload<NameAdded> && sizeof(NameAdded) == 48);
static_assert(EventPayload<SessionChanged> && sizeof(SessionChanged) == 136);
static_assert(EventPayload<TargetAdvanced> && sizeof(TargetAdvanced) == 16);
static_assert(EventPayload<SequenceReset> && sizeof(SequenceReset) == 24);
static_assert(EventPayload<Decided> && sizeof(Decided) == 80);
static_assert(EventPayload<OrderAccepted> && sizeof(OrderAccepted) == 96);
static_assert(sizeof(AcceptedRarely) == 56 && std::has_unique_object_representations_v<AcceptedRarely>);
static_assert(EventPayload<OrderRejected> && sizeof(OrderRejected) == 376);
static_assert(EventPayload<OrderRouted> && sizeof(OrderRouted) == 32);
static_assert(EventPayload<CancelRequested> && sizeof(CancelRequested) == 96);
static_assert(EventPayload<ReplaceRequested> && sizeof(ReplaceRequested) == 200);
static_assert(EventPayload<RequestRefused> && sizeof(RequestRefused) == 288);
static_assert(EventPayload<ExecutionApplied> && sizeof(ExecutionApplied) == 48);
static_assert(sizeof(Trade) == 72 && std::has_unique_object_representations_v<Trade>);
static_assert(sizeof(Need) == 24 && std::has_unique_object_representations_v<Need>);
static_assert(sizeof(Terms) == 56 && std::has_unique_object_representations_v<Terms>);
static_assert(EventPayload<RequestRejected> && sizeof(RequestRejected) == 184);
static_assert(EventPayload<OrderUnknown> && sizeof(OrderUnknown) == 144);
static_assert(EventPayload<ReportSuspended> && sizeof(ReportSuspended) == 400);
static_assert(EventPayload<StatusAnswered> && sizeof(StatusAnswered) == 80);
static_assert(EventPayload<MessageRefused> && sizeof(MessageRefused) == 216);
static_assert(EventPayload<StatusRequested> && sizeof(StatusRequested) == 24);
static_assert(EventPayload<AlertRaised> && sizeof(AlertRaised) == 160);
static_assert(EventPayload<AlertAcknowledged> && sizeof(AlertAcknowledged) == 48);
static_assert(EventPayload<ScopeStateSet> && sizeof(ScopeStateSet) == 280);
static_assert(EventPayload<QuoteSet> && sizeof(QuoteSet) == 32);
static_assert(EventPayload<RateSet> && sizeof(RateSet) == 24);
static_assert(EventPayload<LimitSet> && sizeof(LimitSet) == 320);
static_assert(EventPayload<DayRolled> && sizeof(DayRolled) == 16);
static_assert(EventPayload<EntriesGivenBack> && sizeof(EntriesGivenBack) == 32);
static_assert(EventPayload<HoldChanged> && sizeof(HoldChanged) == 136);
static_assert(EventPayload<BrokerPhaseChanged> && sizeof(BrokerPhaseChanged) == 16);
static_assert(EventPayload<ControlLatched> && sizeof(ControlLatched) == 168);
static_assert(EventPayload<ControlRearmed> && sizeof(ControlRearmed) == 216);
static_assert(EventPayload<MessagesWritten> && sizeof(MessagesWritten) == 16);
static_assert(EventPayload<ReportsReissued> && sizeof(ReportsReissued) == 16);
static_assert(EventPayload<MassCancelStarted> && sizeof(MassCancelStarted) == 184);
static_assert(EventPayload<Proposed> && sizeof(Proposed) == 448);
static_assert(EventPayload<LimitProposed> && sizeof(LimitProposed) == 32);
static_assert(EventPayload<ProposalDecided> && sizeof(ProposalDecided) == 184);
static_assert(EventPayload<PositionAdjusted> && sizeof(PositionAdjusted) == 408);
static_assert(EventPayload<MassCancelFinished> && sizeof(MassCancelFinished) == 56);
static_assert(EventPayload<MassCancelEscalated> && sizeof(MassCancelEscalated) == 24);
static_assert(EventPayload<DrillAdvanced> && sizeof(DrillAdvanced) == 24);
static_assert(EventPayload<Audited> && sizeof(Audited) == 312);
static_assert(EventPayload<LimitLevelCrossed> && sizeof(LimitLevelCrossed) == 40);
static_assert(EventPayload<BreakerTold> && sizeof(BreakerTold) == 40);
static_assert(EventPayload<DriftWindowOpened> && sizeof(DriftWindowOpened) == 24);
static_assert(EventPayload<SessionEnabled> && sizeof(SessionEnabled) == 40);
static_assert(EventPayload<SwapReserved> && sizeof(SwapReserved) == 72);
static_assert(EventPayload<SwapBooked> && sizeof(SwapBooked) == 48);
static_assert(EventPayload<BrokerMassCancelRequested> && sizeof(BrokerMassCancelRequested) == 32);
static_assert(EventPayload<ClientGrouped> && sizeof(ClientGrouped) == 8);
static_assert(EventPayload<ContractSized> && sizeof(ContractSized) == 16);

}  // namespace portcullis::order
