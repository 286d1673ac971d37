#include "session/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/session/session_harness.h"

namespace portcullis::session {
namespace {

using test::frame;
using test::Harness;
using test::value_of;
using test::with_soh;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string field(const std::string& readable_frame, int tag) {
  return value_of(with_soh(readable_frame), tag);
}

std::vector<std::string> types(const std::vector<std::string>& frames) {
  std::vector<std::string> result;
  for (const std::string& text : frames) result.push_back(field(text, 35));
  return result;
}

TEST(SessionTest, LogsOnAndTellsTheCore) {
  Harness h(Harness::config());
  h.log_on();
  EXPECT_EQ(h.session->phase(), SessionPhase::kLoggedOn);
  EXPECT_THAT(types(h.wire->take()), ElementsAre("A"));
  ASSERT_THAT(h.core.records, SizeIs(1));
  EXPECT_EQ(h.core.records[0].state, order::SessionState::kLoggedOn);
  EXPECT_EQ(h.core.records[0].next_target, 2U);
  EXPECT_TRUE(h.session->why_down().empty());
}

TEST(SessionTest, WritesNothingBeforeItsRecordIsDurable) {
  Harness h(Harness::config());
  h.wire = std::make_unique<test::FakeWire>();
  h.session->accept(*h.wire, frame("35=A|34=1|49=PEER|52=" + h.sending_time() + "|56=GATE|98=0|108=30|"), h.now());
  EXPECT_THAT(h.core.records, SizeIs(1));
  EXPECT_TRUE(h.wire->written.empty());
  h.settle();
  EXPECT_THAT(types(h.wire->take()), ElementsAre("A"));
}

TEST(SessionTest, AnInSequenceOrderTakesTheLaneAsOneRecord) {
  Harness h(Harness::config());
  h.log_on();
  const std::string order = h.order(2);
  h.raw(order);
  ASSERT_THAT(h.core.records, SizeIs(2));
  const test::Record& record = h.core.records[1];
  EXPECT_TRUE(record.deliver);
  EXPECT_EQ(record.bytes, order);
  EXPECT_EQ(record.inbound_seq, 2U);
  EXPECT_EQ(record.next_target, 3U);
  EXPECT_EQ(h.session->counters().lane, 1U);
  EXPECT_EQ(h.session->counters().control_plane, 1U);  // the Logon
}

TEST(SessionTest, WhatTheLaneDoesNotUnderstandGoesThroughQuickFixToTheSameRecord) {
  Harness h(Harness::config(), /*lane=*/false);
  h.log_on();
  const std::string order = h.order(2);
  h.raw(order);
  ASSERT_THAT(h.core.records, SizeIs(2));
  EXPECT_TRUE(h.core.records[1].deliver);
  EXPECT_EQ(h.core.records[1].bytes, order);
  EXPECT_EQ(h.core.records[1].next_target, 3U);
  EXPECT_EQ(h.session->counters().lane, 0U);
}

TEST(SessionTest, AFrameOverTheBoundsIsRejectedByUsAndItsNumberIsUsed) {
  Harness h(Harness::config());
  h.log_on();
  h.wire->take();
  // RawDataLength(95) reaches past the end of the message: QuickFIX would read out of bounds.
  h.from_peer("D", 2, "11=A1|95=99999|96=x|");
  const std::vector<std::string> out = h.wire->take();
  ASSERT_THAT(types(out), ElementsAre("3"));
  EXPECT_EQ(field(out[0], 45), "2");
  EXPECT_EQ(h.core.numbers_.next_target, 3U);
  EXPECT_EQ(h.session->counters().over_bounds, 1U);
  EXPECT_EQ(h.session->counters().control_plane, 1U);
  EXPECT_THAT(h.delivered(), IsEmpty());
}

TEST(SessionTest, AGapIsAskedForOnceAndWhatWaitedIsDeliveredInOrderOneRecordEach) {
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

TEST(SessionTest, TheLaneIsClosedWhileAGapIsOpen) {
  Harness h(Harness::config());
  h.log_on();
  h.raw(h.order(5, "A5"));
  h.raw(h.order(2, "A2"));
  h.raw(h.order(3, "A3"));
  EXPECT_EQ(h.session->counters().lane, 0U);
  EXPECT_THAT(h.delivered(), ElementsAre(2, 3));
}

TEST(SessionTest, AResentDuplicateOfWhatWaitedIsDeliveredOnce) {
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

TEST(SessionTest, FiftyThousandOutOfOrderFramesAreBoundedAndEachIsDeliveredOnce) {
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

TEST(SessionTest, ARequestThatBringsNothingIsRepeatedAndThenEndsTheConnection) {
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

TEST(SessionTest, ALogonWithANumberTooHighOpensTheGapAndClosesItByGapFill) {
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

TEST(SessionTest, ARejectWithANumberTooHighWaitsAndTheMissingFillIsAskedFor) {
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

TEST(SessionTest, ALogoutWithANumberTooHighEndsTheSessionAndTheMissingIsAskedForAtTheNextLogon) {
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

TEST(SessionTest, AResetIsObeyedOnlyWhereAllowed) {
  SessionConfig config = Harness::config();
  config.peer_may_reset = false;
  Harness refused(config);
  refused.core.numbers_ = {0, 40, 50};
  refused.log_on(1, "98=0|108=30|141=Y|");
  EXPECT_TRUE(refused.wire->closed);
  EXPECT_TRUE(refused.wire->written.empty());
  EXPECT_EQ(refused.core.numbers_.next_sender, 40U);
  EXPECT_EQ(refused.core.numbers_.next_target, 50U);
  EXPECT_THAT(refused.session->why_down(), HasSubstr("reset"));

  Harness allowed(Harness::config());
  allowed.core.numbers_ = {0, 40, 50};
  allowed.log_on(1, "98=0|108=30|141=Y|");
  EXPECT_EQ(allowed.session->phase(), SessionPhase::kLoggedOn);
  EXPECT_EQ(allowed.core.numbers_.sequence_epoch, 1U);
  EXPECT_EQ(allowed.core.numbers_.next_sender, 2U);
  EXPECT_EQ(allowed.core.numbers_.next_target, 2U);
}

TEST(SessionTest, AClientMayResetALiveSession) {
  Harness h(Harness::config());
  h.log_on();
  h.raw(h.order(2));
  h.core.say("8|6=0|14=0|17=E1|37=O|39=0|54=1|55=EUR/USD|150=0|151=1|");
  h.settle();
  h.wire->take();
  h.core.say("8|6=0|14=0|17=E2|37=O|39=0|54=1|55=EUR/USD|150=0|151=1|");  // not durable yet when the reset comes
  h.from_peer("0", 7);  // and a gap is open
  h.hold = true;
  h.from_peer("A", 1, "98=0|108=30|141=Y|");
  EXPECT_EQ(h.core.numbers_.sequence_epoch, 1U);
  EXPECT_EQ(h.core.numbers_.next_sender, 2U);
  EXPECT_EQ(h.core.numbers_.next_target, 2U);
  EXPECT_FALSE(h.session->gap_open());
  h.hold = false;
  h.settle();
  const std::vector<std::string> out = h.wire->take();
  EXPECT_EQ(h.session->phase(), SessionPhase::kLoggedOn);
  const auto answer = std::find_if(out.begin(), out.end(), [](const std::string& text) { return field(text, 35) == "A"; });
  ASSERT_NE(answer, out.end());
  EXPECT_EQ(field(*answer, 34), "1");
  EXPECT_EQ(field(*answer, 141), "Y");
  h.raw(h.order(2));
  EXPECT_EQ(h.core.numbers_.next_target, 3U);
  // Our timers are the only ones still.
  h.pass(Duration::seconds(31));
  EXPECT_THAT(types(h.wire->take()), ElementsAre("0"));
}

TEST(SessionTest, WhatWasWrittenBeforeALiveResetIsNotIssuedAgainAndResendRequestsAreCountedAnew) {
  Harness h(Harness::config());
  h.log_on();
  h.core.say("8|6=0|14=0|17=E1|37=O|39=0|54=1|55=EUR/USD|150=0|151=1|");
  h.settle();
  h.from_peer("2", 2, "7=1|16=0|");
  h.from_peer("2", 3, "7=1|16=0|");
  h.wire->take();
  h.from_peer("A", 1, "98=0|108=30|141=Y|");
  h.from_peer("2", 2, "7=1|16=0|");
  EXPECT_THAT(types(h.wire->take()), ElementsAre("A", "4"));
  EXPECT_FALSE(h.wire->closed);
}

TEST(SessionTest, AReportThatWasNotWrittenBeforeALiveResetIsIssuedAgain) {
  Harness h(Harness::config());
  h.log_on();
  h.wire->take();
  h.wire->unsent = 1;  // the peer does not read
  h.core.say("8|6=0|14=0|17=E1|37=O|39=0|54=1|55=EUR/USD|150=0|151=1|");
  h.settle();
  h.wire->take();
  h.from_peer("A", 1, "98=0|108=30|141=Y|");
  const std::vector<std::string> out = h.wire->take();
  ASSERT_THAT(types(out), ElementsAre("A", "8"));
  EXPECT_EQ(field(out[1], 97), "Y");
  EXPECT_EQ(field(out[1], 17), "E1");
}

TEST(SessionTest, ALiveSessionIsResetOnlyByAClientThatMayAndAgreesOnTheRest) {
  for (const auto& [seq, more] : {std::pair(1, "98=0|108=31|141=Y|"), {1, "98=2|108=30|141=Y|"}, {1, "108=30|141=Y|"},
                                  {1, "98=0|141=Y|"}, {2, "98=0|108=30|141=Y|"}, {1, "98=0|108=30|141=N|"}}) {
    Harness h(Harness::config());
    h.log_on();
    h.wire->take();
    h.from_peer("A", static_cast<std::uint64_t>(seq), more);
    EXPECT_TRUE(h.wire->closed) << more;
    EXPECT_EQ(h.core.numbers_.sequence_epoch, 0U) << more;
    EXPECT_EQ(h.core.numbers_.next_target, 2U) << more;
  }
  // Of another sender, sent long ago, or a duplicate.
  for (const char* header : {"49=OTHER|52=20261231-16:00:00|", "49=PEER|52=20261231-15:00:00|",
                             "49=PEER|52=20261231-16:00:00|43=Y|122=20261231-16:00:00|"}) {
    Harness h(Harness::config());
    h.log_on();
    h.raw(frame("35=A|34=1|" + std::string(header) + "56=GATE|98=0|108=30|141=Y|"));
    EXPECT_TRUE(h.wire->closed) << header;
    EXPECT_EQ(h.core.numbers_.sequence_epoch, 0U) << header;
    EXPECT_EQ(h.core.numbers_.next_target, 2U) << header;
  }
  SessionConfig config = Harness::config();
  config.peer_may_reset = false;
  Harness refused(config);
  refused.log_on();
  refused.from_peer("A", 1, "98=0|108=30|141=Y|");
  EXPECT_TRUE(refused.wire->closed);
  EXPECT_EQ(refused.core.numbers_.sequence_epoch, 0U);

  Harness broker(Harness::config(/*initiator=*/true));
  broker.connect();
  broker.from_peer("A", 1, "98=0|108=30|");
  broker.from_peer("A", 1, "98=0|108=30|141=Y|");
  EXPECT_TRUE(broker.wire->closed);
  EXPECT_EQ(broker.core.numbers_.sequence_epoch, 0U);
}

TEST(SessionTest, ABrokersResetThatNobodyAskedForIsRefused) {
  Harness h(Harness::config(/*initiator=*/true));
  h.core.numbers_ = {0, 40, 50};
  h.connect();
  h.from_peer("A", 1, "98=0|108=30|141=Y|");
  EXPECT_TRUE(h.wire->closed);
  EXPECT_EQ(h.core.numbers_.next_target, 50U);
  h.connect(/*reset=*/true);
  h.from_peer("A", 1, "98=0|108=30|141=Y|");
  EXPECT_EQ(h.session->phase(), SessionPhase::kLoggedOn);
  EXPECT_EQ(h.core.numbers_.next_target, 2U);
}

TEST(SessionTest, APeerThatExpectsMoreThanWeHaveSentRaisesACriticalAlert) {
  Harness h(Harness::config(/*initiator=*/true));
  h.connect();
  h.from_peer("5", 1, "58=MsgSeqNum too low, expecting 57 but received 1|");
  EXPECT_THAT(h.alerts(), ElementsAre(HasSubstr("expecting 57")));
  EXPECT_TRUE(h.wire->closed);

  Harness g(Harness::config());
  g.log_on(1, "98=0|108=30|789=9|");
  EXPECT_THAT(g.alerts(), ElementsAre(HasSubstr("expects our message 9, but the next is 1")));
  const std::vector<std::string> out = g.wire->take();
  ASSERT_THAT(types(out), ElementsAre("5"));
  EXPECT_THAT(field(out[0], 58), HasSubstr("expects our message 9, but the next is 1"));
  EXPECT_TRUE(g.wire->closed);
  EXPECT_EQ(g.core.numbers_.next_target, 1U);
  EXPECT_EQ(g.core.numbers_.next_sender, 2U);
  // Neither is anything reset for a Logon that expects more than the first message behind the reset.
  g.log_on(1, "98=0|108=30|141=Y|789=3|");
  EXPECT_THAT(types(g.wire->take()), ElementsAre("5"));
  EXPECT_EQ(g.core.numbers_.sequence_epoch, 0U);
  g.log_on(1, "98=0|108=30|789=3|");
  EXPECT_EQ(g.session->phase(), SessionPhase::kLoggedOn);
}

TEST(SessionTest, ALogonWithANumberTooLowIsAnsweredAndEnds) {
  Harness h(Harness::config());
  h.core.numbers_ = {0, 40, 50};
  h.log_on(3);
  const std::vector<std::string> out = h.wire->take();
  ASSERT_THAT(types(out), ElementsAre("5"));
  EXPECT_THAT(field(out[0], 58), HasSubstr("expecting 50 but received 3"));
  EXPECT_TRUE(h.wire->closed);
  EXPECT_THAT(h.alerts(), ElementsAre(HasSubstr("logged on with MsgSeqNum 3 while 50 was expected")));
}

TEST(SessionTest, ALogonFarFromOurClockIsDroppedWithThatReason) {
  Harness h(Harness::config());
  h.wire = std::make_unique<test::FakeWire>();
  h.session->accept(*h.wire, frame("35=A|34=1|49=PEER|52=20261231-12:00:00|56=GATE|98=0|108=30|"), h.now());
  h.settle();
  EXPECT_TRUE(h.wire->closed);
  EXPECT_TRUE(h.wire->written.empty());
  EXPECT_THAT(h.session->why_down(), HasSubstr("SendingTime(52)"));
  EXPECT_EQ(h.core.numbers_.next_sender, 1U);
}

// QuickFIX takes the length of a data field from wherever the length field stood last, and reads that far.
TEST(SessionTest, ADataFieldApartFromItsLengthNeverReachesQuickFix) {
  Harness h(Harness::config(), /*lane=*/false);
  h.log_on();
  h.wire->take();
  const std::uint64_t seen = h.session->counters().control_plane;
  std::uint64_t seq = 2;
  for (const std::string& fields :
       {"95=1000|96=" + std::string(1000, 'x') + "|96=a|", std::string("95=3|58=between|96=abc|"),
        std::string("96=abc|"), std::string("95=3|"), std::string("96=abc|95=3|"),
        "95=1000|96=" + std::string(1000, 'x') + "|95=1|96=a|"}) {
    h.from_peer("D", seq, Harness::order_body("A1") + fields);
    const std::vector<std::string> out = h.wire->take();
    ASSERT_THAT(types(out), ElementsAre("3")) << fields.substr(0, 40);
    EXPECT_EQ(h.core.numbers_.next_target, ++seq);
  }
  EXPECT_EQ(h.session->counters().control_plane, seen);
}

TEST(SessionTest, TextsOfAPeerAsLongAsAFrameAreCut) {
  const std::string lengthy(50'000, '7');
  Harness h(Harness::config());
  h.log_on();
  h.wire->take();
  h.from_peer(lengthy, 2, "95=99999|96=x|");  // over the bounds, with a MsgType of 50,000
  ASSERT_THAT(types(h.wire->take()), ElementsAre("3"));
  for (std::uint64_t seq = 3; seq < 6; ++seq) h.from_peer("2", seq, "7=" + lengthy + "|16=" + lengthy + "|");
  EXPECT_THAT(types(h.wire->take()), ElementsAre("3", "3", "3"));
  for (std::uint64_t seq = 6; seq < 9; ++seq) h.from_peer("2", seq, "7=1|16=" + std::string(15, '0') + "2|");
  EXPECT_TRUE(h.wire->closed);
  h.log_on(9);
  h.from_peer("5", 10, "58=too low" + lengthy + "|");
  for (const std::string& text : h.alerts()) EXPECT_LE(text.size(), 512U);
  for (const test::Record& record : h.core.records) EXPECT_LE(record.reason.size(), 512U);
}

TEST(SessionTest, ASecondConnectionIsRefusedAndTheFirstGoesOn) {
  Harness h(Harness::config());
  h.log_on();
  test::FakeWire second;
  h.session->accept(second, frame("35=A|34=2|49=PEER|52=" + h.sending_time() + "|56=GATE|98=0|108=30|"), h.now());
  EXPECT_TRUE(second.closed);
  EXPECT_EQ(h.session->phase(), SessionPhase::kLoggedOn);
  h.raw(h.order(2));
  EXPECT_THAT(h.delivered(), ElementsAre(2));
}

TEST(SessionTest, ResetOnLogonStartsBothNumbersAtOneEveryTime) {
  SessionConfig config = Harness::config();
  config.reset_on_logon = true;
  Harness h(config);
  h.core.numbers_ = {0, 40, 50};
  h.log_on(1, "98=0|108=30|");
  EXPECT_EQ(h.session->phase(), SessionPhase::kLoggedOn);
  EXPECT_EQ(h.core.numbers_.next_target, 2U);
  EXPECT_THAT(types(h.wire->take()), ElementsAre("A"));
}

TEST(SessionTest, HeartbeatsAreSentOnTheSteadyClock) {
  Harness h(Harness::config());
  h.log_on(1, "98=0|108=10|");
  h.wire->take();
  h.pass(Duration::milliseconds(9'900));
  EXPECT_THAT(h.wire->take(), IsEmpty());
  h.pass(Duration::milliseconds(200));
  EXPECT_THAT(types(h.wire->take()), ElementsAre("0"));
}

// Who looks at a thousand sessions need not look at those that are at rest before then.
TEST(SessionTest, AtRestItDoesNothingBeforeItsNextTimer) {
  Harness h(Harness::config());
  h.log_on();
  const SteadyTime far = h.now().steady + Duration::seconds(3600);
  ASSERT_TRUE(h.session->at_rest());
  EXPECT_EQ(h.session->next_timer(h.now().steady + Duration::seconds(1)), h.now().steady + Duration::seconds(1));
  const SteadyTime heartbeat = h.session->next_timer(far);
  EXPECT_EQ(heartbeat, h.now().steady + Duration::seconds(30));

  h.pass(Duration::seconds(20));
  h.raw(h.order(2));  // puts off what was to be asked of a silent peer, and not our Heartbeat
  EXPECT_TRUE(h.session->at_rest());
  EXPECT_EQ(h.session->next_timer(far), heartbeat);
  const std::size_t records = h.core.records.size();
  while (h.now().steady + Duration::milliseconds(100) < heartbeat) h.pass(Duration::milliseconds(100));
  EXPECT_EQ(h.core.records.size(), records);
  h.pass(Duration::milliseconds(100));
  EXPECT_EQ(h.core.records.size(), records + 1);
  EXPECT_EQ(h.session->next_timer(far), h.now().steady + Duration::seconds(26));  // 36 s of silence: a TestRequest

  h.pass(Duration::seconds(26));
  EXPECT_FALSE(h.session->at_rest());  // it is out
  h.from_peer("0", 3);
  EXPECT_TRUE(h.session->at_rest());
  h.from_peer("0", 5);
  EXPECT_FALSE(h.session->at_rest());  // a gap
  h.from_peer("0", 4);
  EXPECT_TRUE(h.session->at_rest());
  h.session->logout("enough", h.now());
  EXPECT_FALSE(h.session->at_rest());
}

TEST(SessionTest, ASilentPeerIsTestedAndDroppedWithin2Point4Heartbeats) {
  Harness h(Harness::config());
  h.log_on(1, "98=0|108=10|");
  h.wire->take();
  h.pass(Duration::milliseconds(12'100));
  EXPECT_THAT(types(h.wire->take()), ElementsAre("0", "1"));
  h.pass(Duration::milliseconds(11'800));
  EXPECT_TRUE(h.wire->closed);
  EXPECT_THAT(h.session->why_down(), HasSubstr("nothing was received"));
  EXPECT_EQ(h.core.records.back().state, order::SessionState::kDisconnected);
}

TEST(SessionTest, ATestRequestIsAnsweredWithItsId) {
  Harness h(Harness::config());
  h.log_on();
  h.wire->take();
  h.from_peer("1", 2, "112=hello|");
  const std::vector<std::string> out = h.wire->take();
  ASSERT_THAT(types(out), ElementsAre("0"));
  EXPECT_EQ(field(out[0], 112), "hello");
}

TEST(SessionTest, AnInitiatorThatGetsNoAnswerToItsLogonGivesUp) {
  Harness h(Harness::config(/*initiator=*/true));
  h.connect();
  EXPECT_THAT(types(h.wire->take()), ElementsAre("A"));
  EXPECT_EQ(h.session->phase(), SessionPhase::kLogonSent);
  h.pass(Duration::milliseconds(10'100));
  EXPECT_TRUE(h.wire->closed);
  EXPECT_THAT(h.session->why_down(), HasSubstr("no answer to our Logon"));
}

TEST(SessionTest, ALogoutWithoutAnswerTimesOut) {
  Harness h(Harness::config());
  h.log_on();
  h.wire->take();
  h.session->logout("end of day", h.now());
  h.settle();
  EXPECT_THAT(types(h.wire->take()), ElementsAre("5"));
  EXPECT_EQ(h.core.records.back().state, order::SessionState::kLoggingOut);
  h.pass(Duration::milliseconds(5'100));
  EXPECT_TRUE(h.wire->closed);
}

TEST(SessionTest, ABrokerIsDrainedWhenOurTestRequestIsAnsweredInSequence) {
  Harness h(Harness::config(/*initiator=*/true));
  h.connect();
  h.from_peer("A", 1, "98=0|108=30|");
  h.pass(Duration::milliseconds(100));
  const std::vector<std::string> out = h.wire->take();
  ASSERT_THAT(types(out), ElementsAre("A", "1"));
  EXPECT_FALSE(std::ranges::any_of(h.core.records, [](const auto& r) { return r.drained; }));
  h.from_peer("0", 2, "112=" + field(out[1], 112) + "|");
  EXPECT_TRUE(h.core.records.back().drained);
}

TEST(SessionTest, ABrokerThatThrewOurTestRequestAwayIsAskedAgain) {
  Harness h(Harness::config(/*initiator=*/true));
  h.connect();
  h.from_peer("A", 1, "98=0|108=30|");
  h.pass(Duration::milliseconds(100));
  h.wire->take();
  h.pass(Duration::seconds(4));
  const std::vector<std::string> again = h.wire->take();
  ASSERT_THAT(types(again), ElementsAre("1"));
  h.from_peer("0", 2, "112=" + field(again[0], 112) + "|");
  EXPECT_TRUE(h.core.records.back().drained);
}

TEST(SessionTest, ABrokerWithAnOpenGapIsNotDrained) {
  Harness h(Harness::config(/*initiator=*/true));
  h.connect();
  h.from_peer("A", 1, "98=0|108=30|");
  h.pass(Duration::milliseconds(100));
  const std::string id = field(h.wire->take().back(), 112);
  h.from_peer("0", 9, "112=" + id + "|");
  EXPECT_FALSE(h.core.records.back().drained);
  h.from_peer("4", 2, "43=Y|122=20261231-15:59:59.000|123=Y|36=9|");
  EXPECT_TRUE(h.core.records.back().drained);  // its turn came, in sequence, with the gap closed
  EXPECT_THAT(h.alerts(), ElementsAre(HasSubstr("filled its numbers 2 to 8")));
}

TEST(SessionTest, ABrokerThatFillsItsNumbersOrMissesUnknownOnesIsDrainedAgain) {
  Harness h(Harness::config(/*initiator=*/true));
  h.connect();
  h.from_peer("A", 1, "98=0|108=30|");
  h.pass(Duration::milliseconds(100));
  h.from_peer("0", 2, "112=" + field(h.wire->take().back(), 112) + "|");
  ASSERT_TRUE(h.core.records.back().drained);
  for (const auto& [type, more] : {std::pair{"4", "123=Y|36=9|"}, std::pair{"2", "7=500|16=0|"}}) {
    h.from_peer(type, h.core.numbers_.next_target, more);
    EXPECT_TRUE(h.core.records.back().reconcile_again);
    h.wire->take();
    h.pass(Duration::milliseconds(100));
    const std::vector<std::string> out = h.wire->take();
    ASSERT_THAT(types(out), ElementsAre("1"));
    h.from_peer("0", h.core.numbers_.next_target, "112=" + field(out[0], 112) + "|");
    EXPECT_TRUE(h.core.records.back().drained);
  }
}

TEST(SessionTest, TheLogonsSecretsAreWrittenButNotRecorded) {
  SessionConfig config = Harness::config(/*initiator=*/true);
  config.logon_fields = {{553, "gate"}, {554, "secret"}};
  Harness h(config);
  h.connect();
  EXPECT_THAT(h.core.records.at(0).outbound.at(0).second, HasSubstr("554=***|"));
  EXPECT_THAT(h.wire->take().at(0), HasSubstr("554=secret"));
}

TEST(SessionTest, AClosedTransportIsOneRecordAndTheSessionCanBeginAgain) {
  Harness h(Harness::config());
  h.log_on();
  h.session->on_closed("connection reset by peer", h.now());
  EXPECT_EQ(h.core.records.back().state, order::SessionState::kDisconnected);
  EXPECT_EQ(h.core.records.back().reason, "connection reset by peer");
  EXPECT_EQ(h.session->why_down(), "connection reset by peer");
  const std::size_t count = h.core.records.size();
  h.session->on_closed("again", h.now());
  EXPECT_EQ(h.core.records.size(), count);
  h.log_on(2);
  EXPECT_EQ(h.session->phase(), SessionPhase::kLoggedOn);
}

TEST(SessionTest, AMessageWithoutANumberEndsTheSession) {
  Harness h(Harness::config());
  h.log_on();
  h.wire->take();
  h.raw(frame("35=0|49=PEER|52=" + h.sending_time() + "|56=GATE|"));
  EXPECT_THAT(types(h.wire->take()), ElementsAre("5"));
  EXPECT_TRUE(h.wire->closed);
}

TEST(SessionTest, StaleSendingTimeIsRejectedAndLogsOut) {
  Harness h(Harness::config());
  h.log_on();
  h.wire->take();
  h.raw(frame("35=0|34=2|49=PEER|52=20261231-15:00:00.000|56=GATE|"));
  const std::vector<std::string> out = h.wire->take();
  ASSERT_THAT(types(out), ElementsAre("3", "5"));
  EXPECT_EQ(field(out[0], 373), "10");
  EXPECT_EQ(h.session->phase(), SessionPhase::kLogoutSent);
}

TEST(SessionTest, ANewSeqNoPastTheNumbersIsRefused) {
  Harness h(Harness::config());
  h.log_on();
  h.wire->take();
  h.from_peer("4", 2, "123=Y|36=99999999999|");
  const std::vector<std::string> out = h.wire->take();
  ASSERT_THAT(types(out), ElementsAre("3"));
  EXPECT_EQ(field(out[0], 371), "36");
  EXPECT_EQ(h.core.numbers_.next_target, 3U);
}

// QuickFIX counts the body's bytes without these, wherever they stand, and would take the frame for a garbled one: its
// number would be asked for again and again.
TEST(SessionTest, BeginStringBodyLengthAndCheckSumStandOnceAndInTheirPlaces) {
  Harness h(Harness::config(), /*lane=*/false);
  h.log_on();
  h.wire->take();
  const std::uint64_t seen = h.session->counters().control_plane;
  std::uint64_t seq = 2;
  for (const auto& [fields, tag] : {std::pair("8=FIX.4.4|", "8"), {"9=100|", "9"}, {"10=000|", "10"}, {"10=000|58=x|", "10"}}) {
    h.from_peer("D", seq, Harness::order_body("A1") + fields);
    const std::vector<std::string> out = h.wire->take();
    ASSERT_THAT(types(out), ElementsAre("3")) << fields;
    EXPECT_EQ(field(out[0], 371), tag);
    EXPECT_EQ(field(out[0], 373), "13");
    EXPECT_EQ(h.core.numbers_.next_target, ++seq);
  }
  EXPECT_EQ(h.session->counters().control_plane, seen);
}

TEST(SessionTest, AMessageWithoutAFieldOfItsHeaderIsRejectedAndTheSessionGoesOn) {
  Harness h(Harness::config());
  h.log_on();
  h.wire->take();
  const std::string header[] = {"49=PEER|", "52=" + h.sending_time() + "|", "56=GATE|"};
  std::uint64_t seq = 2;
  for (const char* type : {"0", "D", "2"}) {
    for (std::size_t left_out = 0; left_out < 3; ++left_out) {
      std::string text = "35=" + std::string(type) + "|34=" + std::to_string(seq) + "|";
      for (std::size_t i = 0; i < 3; ++i) text += i == left_out ? "" : header[i];
      if (*type == 'D') text += Harness::order_body("A1");
      if (*type == '2') text += "7=1|16=0|";
      h.raw(frame(text));
      const std::vector<std::string> out = h.wire->take();
      ASSERT_THAT(types(out), ElementsAre("3")) << text;
      EXPECT_EQ(field(out[0], 371), header[left_out].substr(0, 2));
      EXPECT_EQ(field(out[0], 373), "1");
      EXPECT_EQ(h.core.numbers_.next_target, ++seq);
    }
  }
  EXPECT_THAT(h.delivered(), ElementsAre());
  h.raw(h.order(seq));
  EXPECT_THAT(h.delivered(), ElementsAre(seq));
}

TEST(SessionTest, AGapFillToItsOwnNumberIsRefused) {
  Harness h(Harness::config());
  h.log_on();
  h.wire->take();
  h.from_peer("4", 2, "123=Y|36=0000002|");
  const std::vector<std::string> out = h.wire->take();
  ASSERT_THAT(types(out), ElementsAre("3"));
  EXPECT_EQ(field(out[0], 371), "36");
  EXPECT_EQ(h.core.numbers_.next_target, 3U);
  h.from_peer("4", 1, "36=3|");  // a reset to the expected number changes nothing, and is no fault
  EXPECT_THAT(types(h.wire->take()), ElementsAre());
}

TEST(SessionTest, AnIgnoredDuplicateMakesNoRecord) {
  Harness h(Harness::config());
  h.log_on();
  h.raw(h.order(2));
  const std::size_t count = h.core.records.size();
  h.from_peer("D", 2, "43=Y|122=20261231-15:59:59.000|" + Harness::order_body("A1"));
  EXPECT_EQ(h.core.records.size(), count);
}

TEST(SessionTest, ANumberTooLowWithoutPossDupEndsTheSession) {
  Harness h(Harness::config());
  h.log_on();
  h.raw(h.order(2));
  h.wire->take();
  h.raw(h.order(2));
  const std::vector<std::string> out = h.wire->take();
  ASSERT_THAT(types(out), ElementsAre("5"));
  EXPECT_THAT(field(out[0], 58), HasSubstr("expecting 3 but received 2"));
  EXPECT_TRUE(h.wire->closed);
  EXPECT_THAT(h.session->why_down(), HasSubstr("too low"));
}

}  // namespace
}  // namespace portcullis::session
