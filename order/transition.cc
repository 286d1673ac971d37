#include "order/transition.h"

namespace portcullis::order {
namespace {

// What executions alone say of a live order.
OrdStatus by_quantity(Quantity cum, Quantity leaves) {
  if (!leaves.is_positive()) return OrdStatus::kFilled;
  return cum.is_positive() ? OrdStatus::kPartiallyFilled : OrdStatus::kNew;
}

// A guaranteed price ranks above partial fills, and a complete one above it (L.1.a).
OrdStatus by_executions(OrdStatus before, Quantity cum, Quantity leaves) {
  return before == OrdStatus::kStopped && leaves.is_positive() ? before : by_quantity(cum, leaves);
}

// Over for the broker, so executions change but the status stays (J.1.b, J.1.d, late fills).
bool is_closed(OrdStatus status) {
  return status == OrdStatus::kCanceled || status == OrdStatus::kExpired || status == OrdStatus::kRejected ||
         status == OrdStatus::kDoneForDay || status == OrdStatus::kCalculated;
}

}  // namespace

Move transition(OrdStatus before, ExecType report, Quantity cum, Quantity leaves) {
  const bool closed = is_closed(before);
  const bool over = closed || before == OrdStatus::kFilled;
  switch (report) {
    case ExecType::kOrderStatus:
    case ExecType::kTriggered:
    case ExecType::kPendingCancel:
    case ExecType::kPendingReplace:
      return {Transition::kKeep, before};

    case ExecType::kPendingNew:
      return {before == OrdStatus::kPendingNew ? Transition::kApply : Transition::kKeep, before};

    case ExecType::kNew:
      // Also the way out of suspended and done for day (GTC on the next day, H.1.c; K.1.a).
      if (before == OrdStatus::kPendingNew || before == OrdStatus::kSuspended || before == OrdStatus::kDoneForDay ||
          before == OrdStatus::kStopped) {
        return {Transition::kApply, by_quantity(cum, leaves)};
      }
      return {over ? Transition::kImpossible : Transition::kKeep, before};

    case ExecType::kTrade:
      if (closed) return {Transition::kApply, before};  // booked; the caller alarms a late fill
      return {Transition::kApply, by_executions(before, cum, leaves)};

    case ExecType::kTradeCancel:
    case ExecType::kTradeCorrect:
      if (closed) return {Transition::kApply, before};
      return {Transition::kApply, by_executions(before, cum, leaves)};

    case ExecType::kReplaced:
      // A replace may open a filled order again by agreement (C.1.c), and one below CumQty fills it.
      if (closed && before != OrdStatus::kDoneForDay) return {Transition::kImpossible, before};
      return {Transition::kApply, by_quantity(cum, leaves)};

    case ExecType::kRestated:
      if (closed) return {Transition::kKeep, before};
      if (before == OrdStatus::kSuspended || before == OrdStatus::kStopped) return {Transition::kApply, before};
      return {Transition::kApply, by_quantity(cum, leaves)};

    case ExecType::kCanceled:
      if (before == OrdStatus::kCanceled) return {Transition::kKeep, before};
      // A cancel of a filled order's balance of zero is no move; the fill stands (B.1.c).
      if (over) return {Transition::kImpossible, before};
      return {Transition::kApply, OrdStatus::kCanceled};

    case ExecType::kExpired:
      if (before == OrdStatus::kExpired) return {Transition::kKeep, before};
      if (over && before != OrdStatus::kDoneForDay) return {Transition::kImpossible, before};
      return {Transition::kApply, OrdStatus::kExpired};

    case ExecType::kRejected:
      // An acknowledged order can still be rejected (A.1.a), but not one that has executed.
      if (over || cum.is_positive()) return {Transition::kImpossible, before};
      return {Transition::kApply, OrdStatus::kRejected};

    case ExecType::kDoneForDay:
      if (before == OrdStatus::kDoneForDay) return {Transition::kKeep, before};
      if (closed) return {Transition::kImpossible, before};
      return {Transition::kApply, OrdStatus::kDoneForDay};

    case ExecType::kStopped:
      if (over) return {Transition::kKeep, before};
      return {Transition::kApply, OrdStatus::kStopped};

    case ExecType::kSuspended:
      if (over) return {Transition::kImpossible, before};
      return {Transition::kApply, OrdStatus::kSuspended};

    case ExecType::kCalculated:
      return {Transition::kApply, OrdStatus::kCalculated};
  }
  return {Transition::kImpossible, before};
}

OrdStatus shown(OrdStatus base, bool pending_cancel, bool pending_replace) {
  // Nothing that is pending can come of an order that ended without a fill of the rest, whoever still has to say so.
  if (base == OrdStatus::kCanceled || base == OrdStatus::kExpired || base == OrdStatus::kRejected) return base;
  if (pending_cancel) return OrdStatus::kPendingCancel;
  if (pending_replace) return OrdStatus::kPendingReplace;
  return base;
}

}  // namespace portcullis::order
