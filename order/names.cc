#include "order/governance.h"
#include "order/reject.h"
#include "order/types.h"

namespace portcullis::order {

std::string_view to_string(Side side) {
  switch (side) {
    case Side::kBuy: return "buy";
    case Side::kSell: return "sell";
    case Side::kSellShort: return "sell_short";
    case Side::kSellShortExempt: return "sell_short_exempt";
  }
  return "unknown";
}

std::string_view to_string(OrdType type) {
  switch (type) {
    case OrdType::kMarket: return "market";
    case OrdType::kLimit: return "limit";
    case OrdType::kStop: return "stop";
    case OrdType::kStopLimit: return "stop_limit";
    case OrdType::kPreviouslyQuoted: return "previously_quoted";
    case OrdType::kForexSwap: return "swap";
  }
  return "unknown";
}

std::string_view to_string(TimeInForce tif) {
  switch (tif) {
    case TimeInForce::kDay: return "day";
    case TimeInForce::kGoodTillCancel: return "gtc";
    case TimeInForce::kAtTheOpening: return "opg";
    case TimeInForce::kImmediateOrCancel: return "ioc";
    case TimeInForce::kFillOrKill: return "fok";
    case TimeInForce::kGoodTillDate: return "gtd";
  }
  return "unknown";
}

std::string_view to_string(OrdStatus status) {
  switch (status) {
    case OrdStatus::kNew: return "new";
    case OrdStatus::kPartiallyFilled: return "partially_filled";
    case OrdStatus::kFilled: return "filled";
    case OrdStatus::kDoneForDay: return "done_for_day";
    case OrdStatus::kCanceled: return "canceled";
    case OrdStatus::kReplaced: return "replaced";
    case OrdStatus::kPendingCancel: return "pending_cancel";
    case OrdStatus::kStopped: return "stopped";
    case OrdStatus::kRejected: return "rejected";
    case OrdStatus::kSuspended: return "suspended";
    case OrdStatus::kPendingNew: return "pending_new";
    case OrdStatus::kCalculated: return "calculated";
    case OrdStatus::kExpired: return "expired";
    case OrdStatus::kAcceptedForBidding: return "accepted_for_bidding";
    case OrdStatus::kPendingReplace: return "pending_replace";
  }
  return "unknown";
}

std::string_view to_string(ExecType type) {
  switch (type) {
    case ExecType::kNew: return "new";
    case ExecType::kDoneForDay: return "done_for_day";
    case ExecType::kCanceled: return "canceled";
    case ExecType::kReplaced: return "replaced";
    case ExecType::kPendingCancel: return "pending_cancel";
    case ExecType::kStopped: return "stopped";
    case ExecType::kRejected: return "rejected";
    case ExecType::kSuspended: return "suspended";
    case ExecType::kPendingNew: return "pending_new";
    case ExecType::kCalculated: return "calculated";
    case ExecType::kExpired: return "expired";
    case ExecType::kRestated: return "restated";
    case ExecType::kPendingReplace: return "pending_replace";
    case ExecType::kTrade: return "trade";
    case ExecType::kTradeCorrect: return "trade_correct";
    case ExecType::kTradeCancel: return "trade_cancel";
    case ExecType::kOrderStatus: return "order_status";
    case ExecType::kTriggered: return "triggered";
  }
  return "unknown";
}

std::string_view to_string(ScopeState state) {
  switch (state) {
    case ScopeState::kActive: return "active";
    case ScopeState::kReduceOnly: return "reduce_only";
    case ScopeState::kBlockNew: return "block_new";
    case ScopeState::kCancel: return "cancel";
    case ScopeState::kKilled: return "killed";
  }
  return "unknown";
}

std::string_view to_string(Scope scope) {
  switch (scope) {
    case Scope::kFirm: return "firm";
    case Scope::kGroup: return "group";
    case Scope::kClient: return "client";
    case Scope::kAccount: return "account";
    case Scope::kSession: return "session";
    case Scope::kTrader: return "trader";
    case Scope::kBroker: return "broker";
    case Scope::kInstrument: return "instrument";
    case Scope::kCurrency: return "currency";
  }
  return "unknown";
}

std::string_view to_string(RejectCode code) {
  switch (code) {
    case RejectCode::kNone: return "none";
    case RejectCode::kBadQuantity: return "bad_quantity";
    case RejectCode::kMaxQuantity: return "max_quantity";
    case RejectCode::kMaxNotional: return "max_notional";
    case RejectCode::kTick: return "tick";
    case RejectCode::kCollar: return "collar";
    case RejectCode::kNoPrice: return "no_price";
    case RejectCode::kExposure: return "exposure";
    case RejectCode::kNotPermitted: return "not_permitted";
    case RejectCode::kUnknownSymbol: return "unknown_symbol";
    case RejectCode::kUnknownAccount: return "unknown_account";
    case RejectCode::kUnsupported: return "unsupported";
    case RejectCode::kDuplicateClOrdId: return "duplicate_cl_ord_id";
    case RejectCode::kStale: return "stale";
    case RejectCode::kThrottled: return "throttled";
    case RejectCode::kBreaker: return "breaker";
    case RejectCode::kBlocked: return "blocked";
    case RejectCode::kNoRoute: return "no_route";
    case RejectCode::kUnknownOrder: return "unknown_order";
    case RejectCode::kTooLateToCancel: return "too_late_to_cancel";
    case RejectCode::kAlreadyPending: return "already_pending";
    case RejectCode::kBrokerDown: return "broker_down";
    case RejectCode::kCannotChange: return "cannot_change";
    case RejectCode::kBadField: return "bad_field";
    case RejectCode::kHold: return "hold";
    case RejectCode::kBrokerRejected: return "broker_rejected";
    case RejectCode::kStorage: return "storage";
    case RejectCode::kOther: return "other";
    case RejectCode::kDuplicateOrder: return "duplicate_order";
  }
  return "unknown";
}

std::string_view to_string(Control control) {
  static constexpr std::string_view kNames[] = {"core", "A1", "A2", "A3", "A4", "A5", "A6", "B1", "B2",
                                                "B3",   "B4", "C1", "C2", "C3", "C4", "D1", "D2", "D3",
                                                "D4",   "D5", "D6", "D7", "D8", "D9", "D10", "E1", "F1", "F2"};
  const auto index = static_cast<std::size_t>(control);
  return index < std::size(kNames) ? kNames[index] : "unknown";
}

std::string_view to_string(EventType type) {
  switch (type) {
    case EventType::kEpochStarted: return "EpochStarted";
    case EventType::kNameAdded: return "NameAdded";
    case EventType::kSessionChanged: return "SessionChanged";
    case EventType::kTargetAdvanced: return "TargetAdvanced";
    case EventType::kSequenceReset: return "SequenceReset";
    case EventType::kDecided: return "Decided";
    case EventType::kOrderAccepted: return "OrderAccepted";
    case EventType::kOrderRejected: return "OrderRejected";
    case EventType::kOrderRouted: return "OrderRouted";
    case EventType::kCancelRequested: return "CancelRequested";
    case EventType::kReplaceRequested: return "ReplaceRequested";
    case EventType::kRequestRefused: return "RequestRefused";
    case EventType::kExecutionApplied: return "ExecutionApplied";
    case EventType::kRequestRejected: return "RequestRejected";
    case EventType::kOrderUnknown: return "OrderUnknown";
    case EventType::kReportSuspended: return "ReportSuspended";
    case EventType::kStatusAnswered: return "StatusAnswered";
    case EventType::kMessageRefused: return "MessageRefused";
    case EventType::kStatusRequested: return "StatusRequested";
    case EventType::kAlertRaised: return "AlertRaised";
    case EventType::kAlertAcknowledged: return "AlertAcknowledged";
    case EventType::kScopeStateSet: return "ScopeStateSet";
    case EventType::kQuoteSet: return "QuoteSet";
    case EventType::kRateSet: return "RateSet";
    case EventType::kLimitSet: return "LimitSet";
    case EventType::kDayRolled: return "DayRolled";
    case EventType::kEntriesGivenBack:
      return "EntriesGivenBack";
    case EventType::kHoldChanged: return "HoldChanged";
    case EventType::kBrokerPhaseChanged: return "BrokerPhaseChanged";
    case EventType::kMassCancelStarted: return "MassCancelStarted";
    case EventType::kBuildStarted: return "BuildStarted";
    case EventType::kOperatorListed: return "OperatorListed";
    case EventType::kExposureSampled: return "ExposureSampled";
    case EventType::kShadowDecided: return "ShadowDecided";
    case EventType::kSessionEnabled: return "SessionEnabled";
    case EventType::kControlLatched: return "ControlLatched";
    case EventType::kControlRearmed: return "ControlRearmed";
    case EventType::kMessagesWritten: return "MessagesWritten";
    case EventType::kReportsReissued: return "ReportsReissued";
    case EventType::kClientGrouped: return "ClientGrouped";
    case EventType::kContractSized: return "ContractSized";
    case EventType::kProposed: return "Proposed";
    case EventType::kLimitProposed: return "LimitProposed";
    case EventType::kProposalDecided: return "ProposalDecided";
    case EventType::kPositionAdjusted: return "PositionAdjusted";
    case EventType::kMassCancelFinished: return "MassCancelFinished";
    case EventType::kMassCancelEscalated: return "MassCancelEscalated";
    case EventType::kDrillAdvanced: return "DrillAdvanced";
    case EventType::kAudited: return "Audited";
    case EventType::kSwapReserved: return "SwapReserved";
    case EventType::kSwapBooked: return "SwapBooked";
    case EventType::kBrokerMassCancelRequested: return "BrokerMassCancelRequested";
    case EventType::kLimitLevelCrossed: return "LimitLevelCrossed";
    case EventType::kBreakerTold: return "BreakerTold";
    case EventType::kDriftWindowOpened: return "DriftWindowOpened";
  }
  return "unknown";
}

std::string_view to_string(AlertCode code) {
  switch (code) {
    case AlertCode::kOverfill: return "overfill";
    case AlertCode::kLateFill: return "late_fill";
    case AlertCode::kDuplicateExecId: return "duplicate_exec_id";
    case AlertCode::kExecIdReused: return "exec_id_reused";
    case AlertCode::kUnknownOrderReport: return "unknown_order_report";
    case AlertCode::kImpossibleReport: return "impossible_report";
    case AlertCode::kQuantityMismatch: return "quantity_mismatch";
    case AlertCode::kOrderUnknown: return "order_unknown";
    case AlertCode::kSequence: return "sequence";
    case AlertCode::kResendStorm: return "resend_storm";
    case AlertCode::kScopeState: return "scope_state";
    case AlertCode::kStorage: return "storage";
    case AlertCode::kHold: return "hold";
    case AlertCode::kUnmatchedReject: return "unmatched_reject";
    case AlertCode::kSessionProtocol: return "session_protocol";
    case AlertCode::kControlLatched: return "control_latched";
    case AlertCode::kMassCancel: return "mass_cancel";
    case AlertCode::kLimitReverted: return "limit_reverted";
    case AlertCode::kLimitLevel: return "limit_level";
    case AlertCode::kBreaker: return "breaker";
    case AlertCode::kTooFast: return "too_fast";
    case AlertCode::kMarketData: return "market_data";
    case AlertCode::kSelfCross: return "self_cross";
    case AlertCode::kLimitsNotRaised: return "limits_not_raised";
    case AlertCode::kOutlived: return "outlived";
    case AlertCode::kStartPositions:
      return "start_positions";
  }
  return "unknown";
}

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::kInfo: return "info";
    case Severity::kWarning: return "warning";
    case Severity::kCritical: return "critical";
  }
  return "unknown";
}

std::string_view to_string(GivenBackTable table) {
  switch (table) {
    case GivenBackTable::kNone:
      return "none";
    case GivenBackTable::kOrders:
      return "orders";
    case GivenBackTable::kRequests:
      return "requests";
    case GivenBackTable::kExecutions:
      return "executions";
  }
  return "unknown";
}

std::string_view to_string(ProposalKind kind) {
  switch (kind) {
    case ProposalKind::kLimits: return "limits";
    case ProposalKind::kScopeState: return "scope_state";
    case ProposalKind::kResolveOrder: return "resolve_order";
    case ProposalKind::kSequence: return "sequence";
    case ProposalKind::kAdjustPosition: return "adjust_position";
  }
  return "unknown";
}

std::string_view to_string(ProposalState state) {
  switch (state) {
    case ProposalState::kWaiting: return "waiting";
    case ProposalState::kApproved: return "approved";
    case ProposalState::kRejected: return "rejected";
    case ProposalState::kExpired: return "expired";
  }
  return "unknown";
}

std::string_view to_string(AuditOutcome outcome) {
  switch (outcome) {
    case AuditOutcome::kDone: return "done";
    case AuditOutcome::kProposed: return "proposed";
    case AuditOutcome::kRefused: return "refused";
  }
  return "unknown";
}

std::string_view to_string(Role role) {
  switch (role) {
    case Role::kViewer: return "viewer";
    case Role::kOperator: return "operator";
    case Role::kRisk: return "risk";
    case Role::kAdmin: return "admin";
  }
  return "unknown";
}

}  // namespace portcullis::order
