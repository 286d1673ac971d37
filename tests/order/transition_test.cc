#include "order/transition.h"

#include <gtest/gtest.h>

namespace portcullis::order {
namespace {

const Quantity kNone;
const Quantity kSome = Quantity::of(2'000);
const Quantity kRest = Quantity::of(8'000);

OrdStatus after(OrdStatus before, ExecType report, Quantity cum = kNone, Quantity leaves = kRest) {
  const Move move = transition(before, report, cum, leaves);
  EXPECT_NE(move.transition, Transition::kImpossible) << to_string(before) << " by " << to_string(report);
  return move.after;
}

bool impossible(OrdStatus before, ExecType report, Quantity cum = kNone, Quantity leaves = kRest) {
  return transition(before, report, cum, leaves).transition == Transition::kImpossible;
}

TEST(Transition, FollowsAPlainOrder) {
  EXPECT_EQ(after(OrdStatus::kPendingNew, ExecType::kNew), OrdStatus::kNew);
  EXPECT_EQ(after(OrdStatus::kNew, ExecType::kTrade, kSome, kRest), OrdStatus::kPartiallyFilled);
  EXPECT_EQ(after(OrdStatus::kPartiallyFilled, ExecType::kTrade, kSome, kNone), OrdStatus::kFilled);
}

TEST(Transition, AcceptsAFillBeforeTheAcknowledgement) {
  EXPECT_EQ(after(OrdStatus::kPendingNew, ExecType::kTrade, kSome, kRest), OrdStatus::kPartiallyFilled);
}

TEST(Transition, KeepsTheStatusForReportsThatOnlyTell) {
  for (const ExecType report : {ExecType::kOrderStatus, ExecType::kPendingCancel, ExecType::kPendingReplace}) {
    const Move move = transition(OrdStatus::kPartiallyFilled, report, kSome, kRest);
    EXPECT_EQ(move.transition, Transition::kKeep);
    EXPECT_EQ(move.after, OrdStatus::kPartiallyFilled);
  }
}

TEST(Transition, BooksAFillOnAClosedOrderWithoutReopeningIt) {
  EXPECT_EQ(after(OrdStatus::kCanceled, ExecType::kTrade, kSome, kNone), OrdStatus::kCanceled);
  EXPECT_EQ(after(OrdStatus::kExpired, ExecType::kTradeCorrect, kSome, kNone), OrdStatus::kExpired);
}

TEST(Transition, ReopensAFilledOrderByABust) {
  EXPECT_EQ(after(OrdStatus::kFilled, ExecType::kTradeCancel, kNone, kRest), OrdStatus::kNew);
  EXPECT_EQ(after(OrdStatus::kFilled, ExecType::kTradeCancel, kSome, kRest), OrdStatus::kPartiallyFilled);
}

TEST(Transition, FillsAnOrderThatIsReplacedBelowItsCumQty) {
  EXPECT_EQ(after(OrdStatus::kPartiallyFilled, ExecType::kReplaced, kSome, kNone), OrdStatus::kFilled);
}

TEST(Transition, RejectsAnAcknowledgedOrderButNotAnExecutedOne) {
  EXPECT_EQ(after(OrdStatus::kNew, ExecType::kRejected), OrdStatus::kRejected);
  EXPECT_TRUE(impossible(OrdStatus::kPartiallyFilled, ExecType::kRejected, kSome, kRest));
}

TEST(Transition, RefusesMovesThatNoMatrixHas) {
  EXPECT_TRUE(impossible(OrdStatus::kFilled, ExecType::kCanceled, kSome, kNone));
  EXPECT_TRUE(impossible(OrdStatus::kCanceled, ExecType::kNew));
  EXPECT_TRUE(impossible(OrdStatus::kRejected, ExecType::kReplaced));
  EXPECT_TRUE(impossible(OrdStatus::kExpired, ExecType::kCanceled));
}

TEST(Transition, ResumesASuspendedOrderAndANextDaysOrder) {
  EXPECT_EQ(after(OrdStatus::kSuspended, ExecType::kNew), OrdStatus::kNew);
  EXPECT_EQ(after(OrdStatus::kDoneForDay, ExecType::kNew, kSome, kRest), OrdStatus::kPartiallyFilled);
}

TEST(Transition, ShowsAGuaranteedPriceAbovePartialFills) {
  EXPECT_EQ(after(OrdStatus::kStopped, ExecType::kTrade, kSome, kRest), OrdStatus::kStopped);
  EXPECT_EQ(after(OrdStatus::kStopped, ExecType::kTradeCorrect, kSome, kRest), OrdStatus::kStopped);
  EXPECT_EQ(after(OrdStatus::kStopped, ExecType::kTrade, kSome, kNone), OrdStatus::kFilled);
}

TEST(Over, NotWhenTheOrderIsDoneForTodayOnly) {
  EXPECT_FALSE(is_over(OrdStatus::kDoneForDay, kRest));
  EXPECT_TRUE(is_over(OrdStatus::kDoneForDay, kNone));
  EXPECT_TRUE(is_over(OrdStatus::kCanceled, kRest));
  EXPECT_FALSE(is_over(OrdStatus::kPartiallyFilled, kRest));
}

TEST(ShownStatus, PutsPendingCancelAbovePendingReplaceAboveTheBase) {
  EXPECT_EQ(shown(OrdStatus::kPartiallyFilled, true, true), OrdStatus::kPendingCancel);
  EXPECT_EQ(shown(OrdStatus::kPartiallyFilled, false, true), OrdStatus::kPendingReplace);
  EXPECT_EQ(shown(OrdStatus::kPartiallyFilled, false, false), OrdStatus::kPartiallyFilled);
  EXPECT_EQ(shown(OrdStatus::kFilled, true, false), OrdStatus::kPendingCancel);
  EXPECT_EQ(shown(OrdStatus::kCanceled, true, true), OrdStatus::kCanceled);
  EXPECT_EQ(shown(OrdStatus::kExpired, false, true), OrdStatus::kExpired);
  EXPECT_EQ(shown(OrdStatus::kRejected, false, true), OrdStatus::kRejected);
}

}  // namespace
}  // namespace portcullis::order
