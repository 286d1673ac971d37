#include "order/whole_event.h"

#include <array>

#include "order/events.h"
#include "order/evidence.h"
#include "order/governance.h"
#include "order/latch_events.h"
#include "order/swap.h"

namespace portcullis::order {
namespace {

constexpr std::size_t kTypes = static_cast<std::size_t>(EventType::kBrokerMassCancelRequested) + 1;
using Sizes = std::array<std::uint16_t, kTypes>;

template <typename... Events>
constexpr Sizes sizes_of() {
  Sizes sizes{};
  ((sizes[static_cast<std::size_t>(Events::kType)] = sizeof(Events)), ...);
  return sizes;
}

// Of each type what its payload holds at least; zero where there is no such type.
constexpr Sizes kLeast =
    sizes_of<EpochStarted, NameAdded, SessionChanged, TargetAdvanced, SequenceReset, Decided, OrderAccepted, OrderRejected,
             OrderRouted, CancelRequested, ReplaceRequested, RequestRefused, ExecutionApplied, RequestRejected,
             OrderUnknown, ReportSuspended, StatusAnswered, MessageRefused, StatusRequested, AlertRaised,
             AlertAcknowledged, ScopeStateSet, QuoteSet, RateSet, LimitSet, DayRolled, HoldChanged, BrokerPhaseChanged,
             SessionEnabled, MassCancelStarted, ClientGrouped, ContractSized, ControlLatched, ControlRearmed,
             LimitLevelCrossed, BreakerTold, DriftWindowOpened, Proposed, LimitProposed, ProposalDecided,
             PositionAdjusted, MassCancelFinished, MassCancelEscalated, DrillAdvanced, Audited, BuildStarted,
             OperatorListed, ExposureSampled, ShadowDecided, MessagesWritten, ReportsReissued, EntriesGivenBack,
             SwapReserved, SwapBooked, BrokerMassCancelRequested>();

std::size_t least_of(EventType type) {
  const auto number = static_cast<std::size_t>(type);
  return number < kLeast.size() ? kLeast[number] : 0;
}

}  // namespace

bool is_whole(const EventView& event) {
  if (event.payload().size() < least_of(event.type())) return false;
  if (event.type() == EventType::kExecutionApplied) return ExecutionView::is_whole(event);
  if (event.type() == EventType::kOrderAccepted) return AcceptedView::is_whole(event);
  return true;
}

std::string why_not_whole(const EventView& event) {
  const std::size_t least = least_of(event.type());
  const std::string what = "its " + std::string(to_string(event.type())) + " has " +
                           std::to_string(event.payload().size()) + " bytes; ";
  if (event.payload().size() < least) return what + "at least " + std::to_string(least) + " were expected";
  return what + "more were expected, for all the parts that it says it has";
}

}  // namespace portcullis::order
