#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/session/session_harness.h"

// Sequence numbers that begin anew, at a Logon or on a live session.

namespace portcullis::session {
namespace {

using test::field;
using test::frame;
using test::Harness;
using test::types;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(SessionResetTest, AResetIsObeyedOnlyWhereAllowed) {
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

TEST(SessionResetTest, AClientMayResetALiveSession) {
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

TEST(SessionResetTest, WhatWasWrittenBeforeALiveResetIsNotIssuedAgainAndResendRequestsAreCountedAnew) {
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

TEST(SessionResetTest, AReportThatWasNotWrittenBeforeALiveResetIsIssuedAgain) {
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

TEST(SessionResetTest, ALiveSessionIsResetOnlyByAClientThatMayAndAgreesOnTheRest) {
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

TEST(SessionResetTest, ABrokersResetThatNobodyAskedForIsRefused) {
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

}  // namespace
}  // namespace portcullis::session
