#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/session/session_harness.h"

// What comes behind a gap in the numbers, and how the gap is closed.

namespace portcullis::session {
namespace {

using test::field;
using test::frame;
using test::Harness;
using test::types;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(SessionGapTest, AGapIsAskedForOnceAndWhatWaitedIsDeliveredInOrderOneRecordEach) {
  Harness h(Harness::config());
  h.log_on();
  h.wire->take();
  h.raw(h.order(4, "A4"));
  h.raw(h.order(5, "A5"));
  h.raw(h.order(3, "A3"));
  const std::vector<std::string> out = h.wire->take();
  ASSERT_THAT(types(out), ElementsAre("2"));
  EXPECT_EQ(field(out[0], 7), "2");
  EXPECT_EQ(field(out[0], 16), "0");
  EXPECT_THAT(h.delivered(), IsEmpty());
  const std::size_t before = h.core.records.size();
  h.raw(h.order(2, "A2"));
  EXPECT_THAT(h.delivered(), ElementsAre(2, 3, 4, 5));
  EXPECT_EQ(h.core.records.size(), before + 4);
  EXPECT_FALSE(h.session->gap_open());
  // And the lane is open again.
  h.raw(h.order(6, "A6"));
  EXPECT_EQ(h.session->counters().lane, 1U);
}

TEST(SessionGapTest, TheLaneIsClosedWhileAGapIsOpen) {
  Harness h(Harness::config());
  h.log_on();
  h.raw(h.order(5, "A5"));
  h.raw(h.order(2, "A2"));
  h.raw(h.order(3, "A3"));
  EXPECT_EQ(h.session->counters().lane, 0U);
  EXPECT_THAT(h.delivered(), ElementsAre(2, 3));
}

TEST(SessionGapTest, AResentDuplicateOfWhatWaitedIsDeliveredOnce) {
  Harness h(Harness::config());
  h.log_on();
  h.raw(h.order(3, "A3"));
  for (int seq = 2; seq <= 3; ++seq) {
    h.from_peer("D", static_cast<std::uint64_t>(seq),
                "43=Y|122=20261231-15:59:59.000|" + Harness::order_body("A" + std::to_string(seq)));
  }
  EXPECT_THAT(h.delivered(), ElementsAre(2, 3));
  EXPECT_EQ(h.core.numbers_.next_target, 4U);
}

TEST(SessionGapTest, FiftyThousandOutOfOrderFramesAreBoundedAndEachIsDeliveredOnce) {
  Harness h(Harness::config(), /*lane=*/true);
  h.log_on();
  constexpr std::uint64_t kLast = 50'000;
  for (std::uint64_t seq = 3; seq <= kLast; ++seq) h.session->on_frame(h.order(seq), h.now());
  EXPECT_EQ(h.session->too_high_queue().size(), TooHighQueue::kMaxFrames);
  EXPECT_LE(h.session->too_high_queue().bytes(), TooHighQueue::kMaxBytes);
  h.settle();
  EXPECT_THAT(types(h.wire->take()), ElementsAre("A", "2"));
  // The peer resends from the missing one on; the first is enough for all that waited.
  h.raw(h.order(2));
  EXPECT_EQ(h.core.numbers_.next_target, 3U + TooHighQueue::kMaxFrames);
  for (std::uint64_t seq = 3 + TooHighQueue::kMaxFrames; seq <= kLast; ++seq) {
    h.session->on_frame(frame("35=D|34=" + std::to_string(seq) + "|43=Y|49=PEER|52=" + h.sending_time() +
                              "|56=GATE|122=20261231-15:59:59.000|" + Harness::order_body("A1")),
                        h.now());
  }
  EXPECT_THAT(h.delivered(), SizeIs(kLast - 1));
  EXPECT_FALSE(h.session->gap_open());
}

TEST(SessionGapTest, ARequestThatBringsNothingIsRepeatedAndThenEndsTheConnection) {
  Harness h(Harness::config());
  h.log_on(1, "98=0|108=60|");
  h.wire->take();
  h.raw(h.order(5));
  for (int i = 0; i < 45; ++i) {
    h.pass(Duration::seconds(1));
    if (h.session->phase() != SessionPhase::kLoggedOn) break;
  }
  const std::vector<std::string> out = h.wire->take();
  EXPECT_EQ(std::ranges::count(types(out), "2"), 3);
  EXPECT_EQ(field(out.back(), 35), "5");
  EXPECT_TRUE(h.wire->closed);
  EXPECT_THAT(h.alerts(), ElementsAre(HasSubstr("three ResendRequests")));
}

TEST(SessionGapTest, ALogonWithANumberTooHighOpensTheGapAndClosesItByGapFill) {
  Harness h(Harness::config());
  h.log_on(4);
  EXPECT_THAT(types(h.wire->take()), ElementsAre("A", "2"));
  EXPECT_TRUE(h.session->gap_open());
  EXPECT_EQ(h.session->phase(), SessionPhase::kLoggedOn);
  h.from_peer("4", 1, "43=Y|122=20261231-15:59:59.000|123=Y|36=5|");
  EXPECT_FALSE(h.session->gap_open());
  EXPECT_EQ(h.core.numbers_.next_target, 5U);
  h.raw(h.order(5));
  EXPECT_EQ(h.session->counters().lane, 1U);
}

TEST(SessionGapTest, ARejectWithANumberTooHighWaitsAndTheMissingFillIsAskedFor) {
  Harness h(Harness::config(/*initiator=*/true));
  h.connect();
  h.from_peer("A", 1, "98=0|108=30|");
  h.pass(Duration::milliseconds(100));
  h.wire->take();
  h.from_peer("3", 3, "45=1|58=no|");
  EXPECT_THAT(types(h.wire->take()), ElementsAre("2"));
  EXPECT_EQ(h.core.numbers_.next_target, 2U);
  h.from_peer("8", 2, "43=Y|122=20261231-15:59:59.000|6=1.1|14=0|17=E1|37=B1|39=0|54=1|55=EUR/USD|150=0|151=1000000|");
  EXPECT_THAT(h.delivered(), ElementsAre(2, 3));  // the fill, and then the Reject(3)
}

TEST(SessionGapTest, ALogoutWithANumberTooHighEndsTheSessionAndTheMissingIsAskedForAtTheNextLogon) {
  Harness h(Harness::config());
  h.log_on();
  h.wire->take();
  h.from_peer("5", 5);
  EXPECT_THAT(types(h.wire->take()), ElementsAre("5"));
  EXPECT_TRUE(h.wire->closed);
  EXPECT_EQ(h.core.numbers_.next_target, 2U);
  EXPECT_EQ(h.session->phase(), SessionPhase::kDisconnected);
  h.log_on(6);
  const std::vector<std::string> out = h.wire->take();
  ASSERT_THAT(types(out), ElementsAre("A", "2"));
  EXPECT_EQ(field(out[1], 7), "2");
}

}  // namespace
}  // namespace portcullis::session
