#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/session/session_harness.h"

// Reports that no connection has carried when the numbers are reset: issued again with PossResend(97)=Y.

namespace portcullis::session {
namespace {

using test::field;
using test::Harness;
using test::value_of;
using test::with_soh;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string report(const std::string& exec_id) {
  return "8|37=O1|17=" + exec_id + "|150=F|39=1|55=EUR/USD|54=1|38=1000|32=100|31=1.1|14=100|151=900|6=1.1|";
}

constexpr const char* kReset = "98=0|108=30|141=Y|";

class ReissueTest : public ::testing::Test {
 protected:
  ReissueTest() : h(Harness::config()) { h.log_on(); }

  void client_goes() { h.session->on_closed("the peer closed the connection", h.now()); }
  // ExecID(17) of what was written with PossResend, after `taken`'s other messages.
  static std::vector<std::string> again(const std::vector<std::string>& frames) {
    std::vector<std::string> ids;
    for (const std::string& text : frames) {
      if (field(text, 97) != "Y") continue;
      ids.push_back(field(text, 17));
      EXPECT_EQ(field(text, 43), "") << text;
      EXPECT_EQ(field(text, 35), "8") << text;
    }
    return ids;
  }

  Harness h;
};

TEST_F(ReissueTest, WhatWasSaidWhileNobodyListenedComesAfterAReset) {
  h.core.say(report("E1"));
  h.settle();
  client_goes();
  h.core.say(report("E2"));
  h.core.say(report("E3"));
  h.settle();
  h.log_on(1, kReset);
  const std::vector<std::string> frames = h.wire->take();
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_EQ(field(frames[0], 35), "A");
  EXPECT_EQ(field(frames[1], 34), "2");
  EXPECT_EQ(field(frames[2], 34), "3");
  EXPECT_THAT(again(frames), ElementsAre("E2", "E3"));
  EXPECT_TRUE(h.core.owed.empty());
}

TEST_F(ReissueTest, WithoutAResetTheClientAsksForThemAsEver) {
  client_goes();
  h.core.say(report("E1"));
  h.settle();
  h.log_on(2);
  EXPECT_THAT(again(h.wire->take()), IsEmpty());
  h.from_peer("2", 3, "7=2|16=0|");
  const std::vector<std::string> frames = h.wire->take();
  ASSERT_EQ(frames.size(), 2U);  // the report; the Logon is gap-filled
  EXPECT_EQ(field(frames[0], 43), "Y");
  EXPECT_EQ(field(frames[0], 17), "E1");
  // That was a live connection: a reset owes it no more.
  client_goes();
  h.log_on(1, kReset);
  EXPECT_THAT(again(h.wire->take()), IsEmpty());
}

TEST_F(ReissueTest, AHoleThatWasNeverAskedForIsOwedWithAllBehindIt) {
  client_goes();
  h.core.say(report("E1"));
  h.settle();
  h.log_on(2);
  h.core.say(report("E2"));  // written, but behind one that was not
  h.settle();
  h.wire->take();
  client_goes();
  h.log_on(1, kReset);
  EXPECT_THAT(again(h.wire->take()), ElementsAre("E1", "E2"));
}

TEST_F(ReissueTest, BytesThatNeverLeftTheGatewayDoNotCountAsWritten) {
  h.wire->unsent = 1;
  h.core.say(report("E1"));
  h.settle();
  client_goes();
  h.log_on(1, kReset);
  EXPECT_THAT(again(h.wire->take()), ElementsAre("E1"));
}

TEST_F(ReissueTest, WhatIsIssuedAgainAndNotWrittenIsOwedOnceMore) {
  client_goes();
  h.core.say(report("E1"));
  h.settle();
  h.wire = std::make_unique<test::FakeWire>();
  h.wire->unsent = 1;  // nothing of what this connection is given leaves the gateway
  h.session->accept(*h.wire, test::frame("35=A|34=1|49=PEER|52=" + h.sending_time() + "|56=GATE|" + kReset), h.now());
  h.settle();
  EXPECT_THAT(again(h.wire->take()), ElementsAre("E1"));
  client_goes();
  h.log_on(1, kReset);
  EXPECT_THAT(again(h.wire->take()), ElementsAre("E1"));
}

TEST_F(ReissueTest, ManyComeInChunksAndEachOnce) {
  client_goes();
  std::vector<std::string> expected;
  for (int i = 0; i < 1'000; ++i) {
    expected.push_back("E" + std::to_string(i));
    h.core.say(report(expected.back()));
  }
  h.settle();
  h.log_on(1, kReset);
  h.pass(Duration::seconds(1));
  EXPECT_EQ(again(h.wire->take()), expected);
}

TEST_F(ReissueTest, TheJournalIsToldFromTimeToTimeHowFarWasWritten) {
  for (int i = 0; i < 3; ++i) h.core.say(report("E" + std::to_string(i)));
  h.settle();
  h.pass(Duration::seconds(11));
  EXPECT_EQ(h.core.numbers_.written, 4U);
  for (int i = 0; i < 1'500; ++i) h.core.say(report("F" + std::to_string(i)));
  h.settle();
  h.pass(Duration::milliseconds(200));
  EXPECT_GE(h.core.numbers_.written, 1'500U);
}

}  // namespace
}  // namespace portcullis::session
