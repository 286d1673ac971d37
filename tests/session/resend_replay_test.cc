#include "session/resend_replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "session/session.h"
#include "tests/session/session_harness.h"

// A peer's ResendRequest(2), from the frame to the bytes that answer it.

namespace portcullis::session {
namespace {

using test::frame;
using test::Harness;
using test::value_of;
using test::with_soh;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string field(const std::string& readable_frame, int tag) {
  return value_of(with_soh(readable_frame), tag);
}

// MsgType and MsgSeqNum, ">NewSeqNo" of a gap fill, "*" when PossDupFlag is Y: "4:2>5*".
std::vector<std::string> shapes(const std::vector<std::string>& frames) {
  std::vector<std::string> result;
  for (const std::string& text : frames) {
    std::string shape = field(text, 35) + ":" + field(text, 34);
    if (field(text, 35) == "4") shape += ">" + field(text, 36);
    if (field(text, 43) == "Y") shape += "*";
    result.push_back(shape);
  }
  return result;
}

const char kReport[] = "8|6=0|14=0|17=E|37=O|39=0|54=1|55=EUR/USD|150=0|151=1|";
const char kNewOrder[] = "D|11=B|38=1|40=1|54=1|55=EUR/USD|60=20261231-16:00:00|";

class ResendReplayTest : public ::testing::Test {
 protected:
  ResendReplayTest() : h(Harness::config()) { h.log_on(1, "98=0|108=60|"); }

  void say(const char* body, int times = 1) {
    for (int i = 0; i < times; ++i) h.core.say(body);
    if (!h.hold) h.settle();
  }
  void ask(std::uint64_t seq, const std::string& begin, const std::string& end) {
    h.from_peer("2", seq, "7=" + begin + "|16=" + end + "|");
  }

  Harness h;
};

TEST_F(ResendReplayTest, SendsTheJournalsBytesAndFillsAdminMessages) {
  say(kReport, 2);                // 2, 3
  h.from_peer("1", 2, "112=x|");  // our Heartbeat is 4
  say(kReport);                   // 5
  const std::vector<std::string> first_time = h.wire->take();
  ask(3, "1", "0");
  const std::vector<std::string> again = h.wire->take();
  ASSERT_THAT(shapes(again), ElementsAre("4:1>2*", "8:2*", "8:3*", "4:4>5*", "8:5*"));
  // Only 9, 43, 52, 122 and 10 differ from what was sent.
  for (const int tag : {35, 34, 49, 56, 6, 14, 17, 37, 39, 54, 55, 150, 151}) {
    EXPECT_EQ(field(again[1], tag), field(first_time[1], tag)) << tag;
  }
  EXPECT_EQ(field(again[1], 122), field(first_time[1], 52));
  EXPECT_EQ(h.core.numbers_.next_target, 4U);
  EXPECT_FALSE(h.session->replaying());
}

TEST_F(ResendReplayTest, AContiguousRangeIsFilledByOneSequenceReset) {
  for (std::uint64_t seq = 2; seq < 6; ++seq) h.from_peer("1", seq, "112=x|");  // 2 to 5
  h.wire->take();
  ask(6, "2", "0");
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("4:2>6*"));
}

TEST_F(ResendReplayTest, RuleRFillsWhatMayNotBeSentAgain) {
  say(kReport);
  say(kNewOrder, 2);
  say(kReport);
  h.wire->take();
  ask(2, "2", "5");
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("8:2*", "4:3>5*", "8:5*"));
}

TEST_F(ResendReplayTest, GapFillsAreJournaledBeforeTheyAreWritten) {
  h.wire->take();
  h.hold = true;
  ask(2, "1", "0");
  h.core.settle(*h.session, h.now());  // the request's own record
  const test::Record& fill = h.core.records.back();
  EXPECT_EQ(fill.kind, gateway::InputKind::kSession);
  EXPECT_EQ(field(test::readable(fill.bytes), 36), "2");
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("4:1>2*"));  // settle() went on until that was durable too
}

TEST_F(ResendReplayTest, NothingIsReadBeforeTheRequestsRecordIsDurable) {
  h.hold = true;
  say(kReport);  // 2: committed, not durable
  ask(2, "1", "0");
  EXPECT_EQ(h.core.reads, 0U);
  EXPECT_TRUE(h.session->replaying());
  h.wire->take();
  h.settle();
  // 2 was released while the replay was open: it follows, and was never written before.
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("4:1>2*", "8:2"));
}

TEST_F(ResendReplayTest, NewMessagesAreCommittedButNotWrittenUntilTheReplayMeetsThem) {
  say(kReport, 3);  // 2 to 4
  h.wire->take();
  h.wire->unsent = ResendReplay::kHighWaterBytes + 1;  // the peer reads slowly
  ask(2, "2", "0");
  say(kReport, 2);  // 5, 6: committed meanwhile
  EXPECT_THAT(h.wire->take(), IsEmpty());
  EXPECT_TRUE(h.session->replaying());
  h.wire->unsent = 0;
  h.pass(Duration::milliseconds(100));
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("8:2*", "8:3*", "8:4*", "8:5", "8:6"));
  EXPECT_FALSE(h.session->replaying());
  say(kReport);
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("8:7"));
}

TEST_F(ResendReplayTest, AFiniteRangeIsAnsweredAloneAndThenWhatWasHeld) {
  say(kReport, 5);  // 2 to 6
  h.wire->take();
  h.hold = true;
  ask(2, "3", "4");
  say(kReport);  // 7
  h.settle();
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("8:3*", "8:4*", "8:7"));
}

TEST_F(ResendReplayTest, ALongReplayIsReadInChunksWithoutALimit) {
  constexpr int kMessages = 20'000;
  say(kReport, kMessages);
  h.wire->take();
  ask(2, "2", "0");
  const std::vector<std::string> out = h.wire->take();
  EXPECT_EQ(out.size(), static_cast<std::size_t>(kMessages));
  for (std::size_t i = 0; i < out.size(); ++i) ASSERT_EQ(field(out[i], 34), std::to_string(i + 2));
  EXPECT_GE(h.core.reads, kMessages / ResendReplay::kChunk);
}

TEST_F(ResendReplayTest, NumbersThatNoMessageHasAreFilled) {
  say(kReport);                      // 2
  h.core.numbers_.next_sender = 10;  // an operator's action
  say(kReport);                      // 10
  h.wire->take();
  ask(2, "2", "0");
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("8:2*", "4:3>10*", "8:10*"));
}

TEST_F(ResendReplayTest, MessagesOfATimeWithoutConnectionAreSentWhenAskedFor) {
  h.session->on_closed("gone", h.now());
  say(kReport, 2);  // 2, 3 while nobody is there
  h.log_on(2, "98=0|108=60|");
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("A:4"));
  ask(3, "2", "0");
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("8:2*", "8:3*", "4:4>5*"));
}

TEST_F(ResendReplayTest, ARequestWithANumberTooHighIsAnsweredAtOnceAndTheGapAskedFor) {
  say(kReport);
  h.wire->take();
  ask(4, "2", "0");
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("8:2*", "2:3"));
  EXPECT_EQ(h.core.numbers_.next_target, 2U);
  h.raw(h.order(2));
  h.raw(h.order(3));
  // Its turn: the number is used, and it is not answered again.
  EXPECT_EQ(h.core.numbers_.next_target, 5U);
  EXPECT_THAT(h.wire->take(), IsEmpty());
}

TEST_F(ResendReplayTest, OddRangesAreRejectedAndTheirNumbersUsed) {
  say(kReport, 8);
  h.wire->take();
  struct Case {
    const char* begin;
    const char* end;
    const char* ref_tag;
  };
  std::uint64_t seq = 2;
  for (const Case& odd : {Case{"5", "2", "16"}, Case{"-1", "0", "7"}, Case{"0", "0", "7"}, Case{"5", "-1", "16"},
                          Case{"99999999999999999999", "0", "7"}}) {
    ask(seq, odd.begin, odd.end);
    const std::vector<std::string> out = h.wire->take();
    ASSERT_THAT(out, ::testing::SizeIs(1)) << odd.begin << ".." << odd.end;
    EXPECT_EQ(field(out[0], 35), "3") << odd.begin << ".." << odd.end;
    EXPECT_EQ(field(out[0], 371), odd.ref_tag) << odd.begin << ".." << odd.end;
    EXPECT_EQ(h.core.numbers_.next_target, ++seq);
  }
}

TEST_F(ResendReplayTest, AMalformedRequestIsQuickFixsToReject) {
  h.wire->take();
  h.from_peer("2", 2, "7=1|");
  const std::vector<std::string> out = h.wire->take();
  ASSERT_THAT(shapes(out), ElementsAre("3:2"));
  EXPECT_EQ(field(out[0], 371), "16");
  EXPECT_EQ(field(out[0], 373), "1");
}

// QuickFIX judges what our dictionary does not understand, and does not answer it.
TEST(ResendRequestFieldsTest, ARequestWithAForeignFieldIsRejectedAndOneThatIsOnlyUnusualIsAnswered) {
  Harness h(Harness::config(), /*lane=*/false);
  h.log_on(1, "98=0|108=60|");
  h.core.say(kReport);
  h.settle();
  h.wire->take();
  h.from_peer("2", 2, "7=2|16=0|55=EUR/USD|");
  std::vector<std::string> out = h.wire->take();
  ASSERT_THAT(shapes(out), ElementsAre("3:3"));
  EXPECT_EQ(field(out[0], 371), "55");
  EXPECT_EQ(field(out[0], 373), "2");
  h.from_peer("2", 3, "7=2|7=2|16=0|");
  out = h.wire->take();
  ASSERT_THAT(shapes(out), ElementsAre("3:4"));
  EXPECT_EQ(field(out[0], 373), "13");
  h.from_peer("2", 4, "627=1|628=HUB|7=2|16=2|");
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("8:2*"));
  EXPECT_EQ(h.core.numbers_.next_target, 5U);
  // Too high: answered at once, or rejected in its turn.
  h.from_peer("2", 6, "627=1|628=HUB|7=2|16=2|");
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("8:2*", "2:5"));
  h.from_peer("2", 7, "7=2|16=2|55=EUR/USD|");
  EXPECT_THAT(shapes(h.wire->take()), IsEmpty());
  h.from_peer("0", 5);
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("3:6"));
  EXPECT_EQ(h.core.numbers_.next_target, 8U);
}

TEST_F(ResendReplayTest, ARequestBehindAnotherTakesNothingFromIt) {
  say(kReport, 8);  // 2 to 9
  h.wire->take();
  h.hold = true;
  ask(2, "2", "4");
  ask(3, "6", "7");
  ask(4, "9", "9");
  h.settle();
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("8:2*", "8:3*", "8:4*", "8:5*", "8:6*", "8:7*", "8:8*", "8:9*"));
  EXPECT_FALSE(h.session->replaying());
  h.hold = false;
  ask(5, "5", "5");  // one that is over leaves nothing to the next
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("8:5*"));
}

TEST_F(ResendReplayTest, ARequestInTheMiddleOfAnotherIsAnsweredWithWhatIsLeftOfThat) {
  h.hold = true;
  for (int i = 0; i < 6000; ++i) h.core.say(i < 4000 ? kNewOrder : kReport);  // 2 to 6001; orders are gap-filled
  h.settle();
  h.wire->take();
  h.hold = false;
  h.core.on_submit = [this] {  // the chunk with the gap fill is as much as the wire takes
    if (h.core.records.back().kind == gateway::InputKind::kSession) h.wire->unsent = ResendReplay::kHighWaterBytes + 1;
  };
  ask(2, "2", "0");
  std::vector<std::string> out = shapes(h.wire->take());
  ASSERT_EQ(out.size(), 1001U);  // two chunks of 2,500, 4,000 of them in one gap fill
  EXPECT_EQ(out.front(), "4:2>4002*");
  EXPECT_EQ(out.back(), "8:5001*");
  h.core.on_submit = {};
  ask(3, "5000", "5001");
  h.wire->unsent = 0;
  h.pass(Duration::milliseconds(100));
  out = shapes(h.wire->take());
  ASSERT_EQ(out.size(), 1002U);
  EXPECT_EQ(out.front(), "8:5000*");
  EXPECT_EQ(out.back(), "8:6001*");
}

TEST_F(ResendReplayTest, APeerThatMissesMessagesWeNeverSentIsRejectedWithACriticalAlert) {
  h.wire->take();
  ask(2, "500", "0");
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("3:2"));
  EXPECT_THAT(h.alerts(), ElementsAre(HasSubstr("asks for message 500, but the newest that we sent is 1")));
}

TEST_F(ResendReplayTest, TheSameRequestThreeTimesEndsTheConnectionWithAnAlert) {
  say(kReport);
  h.wire->take();
  ask(2, "2", "0");
  ask(3, "2", "0");
  EXPECT_FALSE(h.wire->closed);
  ask(4, "2", "0");
  EXPECT_TRUE(h.wire->closed);
  EXPECT_THAT(h.alerts(), ElementsAre(HasSubstr("the same ResendRequest came 3 times")));
}

// What was sent is not filled as if it had never been, and nothing behind it is sent in its place.
TEST_F(ResendReplayTest, AMessageThatCannotBeReadEndsTheSessionWithAnAlert) {
  say(kReport, 3);  // 2 to 4
  h.wire->take();
  h.core.unreadable = 3;
  ask(2, "2", "0");
  const std::vector<std::string> told = h.wire->take();
  ASSERT_THAT(shapes(told), ElementsAre("5:5"));
  EXPECT_THAT(field(told[0], 58), HasSubstr("MsgSeqNum(34) 3 cannot be read"));
  EXPECT_TRUE(h.wire->closed);
  EXPECT_THAT(h.alerts(), ElementsAre(HasSubstr("MsgSeqNum(34) 3 cannot be read")));
  // Once it can be, all is there.
  h.core.unreadable = 0;
  h.log_on(3, "98=0|108=60|");
  h.wire->take();
  ask(4, "2", "5");
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("8:2*", "8:3*", "8:4*", "4:5>6*"));
}

TEST_F(ResendReplayTest, ADuplicateRequestIsNotAnsweredAgain) {
  say(kReport);
  ask(2, "2", "0");
  h.wire->take();
  h.from_peer("2", 2, "43=Y|122=20261231-15:59:59.000|7=2|16=0|");
  EXPECT_THAT(h.wire->take(), IsEmpty());
  EXPECT_FALSE(h.wire->closed);
}

TEST_F(ResendReplayTest, ARequestWithANumberTooLowEndsTheSession) {
  h.from_peer("0", 2);
  h.wire->take();
  ask(2, "1", "0");
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("5:2"));
  EXPECT_TRUE(h.wire->closed);
}

TEST_F(ResendReplayTest, AResetMidwayLeavesTheOldMessagesBehind) {
  say(kReport, 3);
  h.wire->take();
  h.wire->unsent = ResendReplay::kHighWaterBytes + 1;
  ask(2, "2", "0");
  EXPECT_TRUE(h.session->replaying());
  h.session->on_closed("gone", h.now());
  EXPECT_FALSE(h.session->replaying());
  h.log_on(1, "98=0|108=60|141=Y|");
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("A:1"));
  say(kReport);
  h.wire->take();
  ask(2, "1", "0");
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("4:1>2*", "8:2*"));
}

TEST_F(ResendReplayTest, NextExpectedOfALogonIsAnsweredWithoutARequest) {
  say(kReport, 3);  // 2 to 4
  h.session->on_closed("gone", h.now());
  h.log_on(2, "98=0|108=60|789=3|");
  const std::vector<std::string> out = h.wire->take();
  EXPECT_THAT(shapes(out), ElementsAre("A:5", "8:3*", "8:4*"));
  EXPECT_EQ(field(out[0], 789), "3");  // we expect the message after its Logon
  say(kReport);
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("8:6"));
}

TEST_F(ResendReplayTest, NextExpectedWithNothingMissingIsOnlyAnswered) {
  h.session->on_closed("gone", h.now());
  h.log_on(2, "98=0|108=60|789=2|");
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("A:2"));
}

TEST(ResendReplayInitiatorTest, ABrokersNextExpectedIsAnsweredWithoutARequest) {
  SessionConfig config = Harness::config(/*initiator=*/true);
  config.send_next_expected = true;
  Harness h(config);
  h.connect();
  h.from_peer("A", 1, "98=0|108=30|");
  h.core.say(kReport);  // 2
  h.settle();
  h.session->on_closed("gone", h.now());
  h.connect();
  const std::vector<std::string> logon = h.wire->take();
  ASSERT_THAT(shapes(logon), ElementsAre("A:3"));
  EXPECT_EQ(field(logon[0], 789), "2");
  h.from_peer("A", 2, "98=0|108=30|789=2|");
  EXPECT_THAT(shapes(h.wire->take()), ElementsAre("8:2*", "4:3>4*"));
}

TEST_F(ResendReplayTest, AWireThatClosesInTheMiddleEndsNothingElse) {
  say(kReport, 3);
  h.wire->take();
  h.wire->unsent = ResendReplay::kHighWaterBytes + 1;
  ask(2, "2", "0");
  h.wire->unsent = 0;
  h.wire->closed = true;
  h.pass(Duration::milliseconds(100));
  h.session->on_closed("the peer is too slow", h.now());
  EXPECT_EQ(h.session->phase(), SessionPhase::kDisconnected);
  EXPECT_EQ(h.core.records.back().reason, "the peer is too slow");
}

}  // namespace
}  // namespace portcullis::session
