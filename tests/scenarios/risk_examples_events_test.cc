#include "tests/scenarios/risk_desk.h"

// The worked examples 11 to 24 of pre-trade risk: what each event of an order's life does to what it holds.

namespace portcullis::scenarios {
namespace {

using WorkedExamples = RiskDesk;
using order::AlertCode;

TEST_F(WorkedExamples, E11_AFillMovesFromOpenToPosition) {
  const Ticket order = live("buy 5m @1.1010");
  fills(order, "2m", "1.1005");
  shows("pos 2m, ob 3m, WL 5m, EUR 2m, EUR in 3m, USD -2,201,000, USD out 3,303,000, gross 3.3m, traded 2.2m");
}

TEST_F(WorkedExamples, E12_OnlyTheBrokersWordReleases) {
  const Ticket order = live("buy 5m @1.1010");
  fills(order, "2m", "1.1005");
  const Ticket cancel = cancels(order);
  shows("pos 2m, ob 3m, gross 3.3m, orders 1");
  reports(cancel, "150=6|39=6|14=2000000|151=3000000");
  shows("pos 2m, ob 3m, gross 3.3m, orders 1");
  reports(cancel, "150=4|39=4|14=2000000|151=0");
  shows("pos 2m, ob 0, EUR in 0, USD out 0, gross 0, traded 2.2m, orders 0");
}

TEST_F(WorkedExamples, E13_AReplaceUpHoldsTheMore) {
  Ticket order = live("buy 5m @1.1010");
  Ticket up = replaces(order, "8m");
  shows("ob 8m, gross 8.8m");
  rejects(up, "0");
  shows("ob 5m, gross 5.5m");
  up = replaces(order, "8m");
  reports(up, "150=5|39=0|14=0|151=8000000|44=1.1010");
  shows("ob 8m, gross 8.8m, USD out 8,808,000");
}

TEST_F(WorkedExamples, E14_AReplaceDownHoldsTheOldUntilItIsAnswered) {
  const Ticket order = live("buy 5m @1.1010");
  const Ticket down = replaces(order, "2m");
  shows("ob 5m");
  reports(down, "150=5|39=0|14=0|151=2000000|44=1.1010");
  shows("ob 2m, gross 2.2m");
}

TEST_F(WorkedExamples, E15_AFillWhileAReplaceDownIsPendingThenReplaced) {
  const Ticket order = live("buy 5m @1.1010");
  const Ticket down = replaces(order, "2m");
  fills(order, "3m", "1.1005");
  shows("pos 3m, ob 2m, WL 5m");
  reports(down, "150=5|39=2|38=3000000|14=3000000|151=0|44=1.1010");
  shows("pos 3m, ob 0, gross 0, orders 0");
}

TEST_F(WorkedExamples, E15_AFillWhileAReplaceDownIsPendingThenRefused) {
  const Ticket order = live("buy 5m @1.1010");
  const Ticket down = replaces(order, "2m");
  fills(order, "3m", "1.1005");
  rejects(down, "1");
  shows("pos 3m, ob 2m, WL 5m");
}

TEST_F(WorkedExamples, E16_AFullFillWhileAReplaceUpIsPending) {
  const Ticket order = live("buy 5m @1.1010");
  const Ticket up = replaces(order, "8m");
  fills(order, "5m", "1.1005");
  shows("pos 5m, ob 3m");
  EXPECT_FALSE(alerted(AlertCode::kOverfill));
  rejects(up, "2");
  shows("pos 5m, ob 0, gross 0, orders 0");
}

TEST_F(WorkedExamples, E17_TheLargestOfAllPendingReplacesIsHeld) {
  const Ticket order = live("buy 5m @1.1010");
  const Ticket y = replaces(order, "8m");
  const Ticket z = replaces(order, "4m");
  shows("ob 8m");
  rejects(y, "0");
  shows("ob 5m");
  reports(z, "150=5|39=0|14=0|151=4000000|44=1.1010");
  shows("ob 4m");
}

TEST_F(WorkedExamples, E18_AReplaceOverTheLimitLeavesTheOrderAlone) {
  holds("14m");
  const Ticket order = live("buy 5m @1.1010");
  replace_refused(order, "8m", "2");
  shows("pos 14m, ob 5m");
}

TEST_F(WorkedExamples, E19_AReplaceOfThePriceHoldsTheHigher) {
  const Ticket order = live("buy 5m @1.1010");
  const Ticket dearer = replaces(order, "5m @1.1200");
  shows("ob 5m, USD out 5,600,000");
  rejects(dearer, "0");
  shows("ob 5m, USD out 5,505,000");
}

TEST_F(WorkedExamples, E20_AnOverfillIsBookedAndNothingOpenIsNegative) {
  const Ticket order = live("buy 1m @1.1010");
  fills(order, "1.5m", "1.1005");
  shows("pos 1.5m, ob 0, EUR in 0, USD out 0, gross 0");
  EXPECT_TRUE(alerted(AlertCode::kOverfill, "500000 more than was ordered"));
}

TEST_F(WorkedExamples, E21_AnExecIdIsBookedOnce) {
  const Ticket order = live("buy 5m @1.1010");
  reports(order, "17=X|150=F|39=1|32=2000000|31=1.1005|14=2000000|151=3000000");
  reports(order, "17=X|150=F|39=1|32=2000000|31=1.1005|14=2000000|151=3000000");
  shows("pos 2m, ob 3m, traded 2.2m");
  EXPECT_TRUE(alerted(AlertCode::kDuplicateExecId));
}

TEST_F(WorkedExamples, E22_ABustOfALiveOrderOpensItAgain) {
  const Ticket order = live("buy 5m @1.1010");
  const std::string fill = fills(order, "2m", "1.1005");
  reports(order, "150=H|19=" + fill + "|39=0|32=2000000|31=1.1005|14=0|151=5000000");
  shows("pos 0, ob 5m, EUR 0, USD 0, USD out 5,505,000, gross 5.5m, traded 0");
}

TEST_F(WorkedExamples, E22_EvenWhereTheLimitNoLongerHasRoom) {
  const Ticket order = live("buy 5m @1.1010");
  const std::string fill = fills(order, "2m", "1.1005");
  limit("account ALPHA-1", "max_gross_open_notional", "4m");
  reports(order, "150=H|19=" + fill + "|39=0|32=2000000|31=1.1005|14=0|151=5000000");
  shows("pos 0, ob 5m, gross 5.5m");
  refused("sell 1000", "D2", "3");
}

TEST_F(WorkedExamples, E23_ABustAfterTheEndAndALateFill) {
  const Ticket order = live("buy 5m @1.1010");
  const std::string fill = fills(order, "2m", "1.1005");
  reports(order, "150=4|39=4|14=2000000|151=0");
  reports(order, "150=H|19=" + fill + "|39=4|32=2000000|31=1.1005|14=0|151=0");
  shows("pos 0, ob 0, traded 0, orders 0");
  reports(order, "150=F|39=4|32=4000000|31=1.1005|14=4000000|151=0");
  shows("pos 4m, ob 0, gross 0, orders 0");
  EXPECT_TRUE(alerted(AlertCode::kLateFill));
}

TEST_F(WorkedExamples, E24_ACorrectionTakesTheOldOnesPlace) {
  const Ticket order = live("buy 5m @1.1010");
  const std::string fill = fills(order, "2m", "1.1005");
  reports(order, "150=G|19=" + fill + "|39=1|32=1500000|31=1.1006|14=1500000|151=3500000");
  shows("pos 1.5m, ob 3.5m, USD -1,650,900");
}

TEST_F(WorkedExamples, ABustOfAnotherOrdersExecutionMovesNothing) {
  const Ticket first = live("buy 5m @1.1010");
  const std::string execution = fills(first, "2m", "1.1005");
  const Ticket other = live("buy 3m @1.1010");
  fills(other, "2m", "1.1005");
  reports(other, "150=H|19=" + execution + "|39=0|32=2000000|31=1.1005|14=0|151=3000000");
  EXPECT_TRUE(alerted(order::AlertCode::kImpossibleReport));
  shows("pos 4m, ob 4m, traded 4.4m");
}

}  // namespace
}  // namespace portcullis::scenarios
