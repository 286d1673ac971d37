#include "session/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/session/session_harness.h"

namespace portcullis::session {
namespace {

using test::field;
using test::frame;
using test::Harness;
using test::types;
using test::value_of;
using test::with_soh;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

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

TEST(SessionTest, ABrokerThatAnswersUnderOtherNamesIsToldOfInPlainWords) {
  const auto why = [](const std::string& version, const std::string& from, const std::string& to) {
    Harness h(Harness::config(/*initiator=*/true));
    h.connect();
    h.raw(frame("35=A|34=1|49=" + from + "|52=" + h.sending_time() + "|56=" + to + "|98=0|108=30|", version));
    EXPECT_TRUE(h.wire->closed);
    EXPECT_EQ(h.core.records.back().next_target, std::nullopt) << "no number is used";
    return h.session->why_down();
  };
  const std::string expected =
      ", expected FIX.4.4 from PEER to GATE (BeginString(8), SenderCompID(49), TargetCompID(56))";
  EXPECT_EQ(why("FIX.4.4", "OTHER", "GATE"), "the peer's first message is FIX.4.4 from OTHER to GATE" + expected);
  EXPECT_EQ(why("FIX.4.4", "PEER", "BANK"), "the peer's first message is FIX.4.4 from PEER to BANK" + expected);
  EXPECT_EQ(why("FIX.4.2", "PEER", "GATE"), "the peer's first message is FIX.4.2 from PEER to GATE" + expected);
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
