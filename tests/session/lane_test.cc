#include "session/lane.h"

#include <gtest/gtest.h>

#include <string>

#include "session/session.h"
#include "tests/session/count_allocations.h"
#include "tests/session/session_harness.h"

namespace portcullis::session {
namespace {

using test::frame;
using test::Harness;

constexpr std::int64_t kNow = test::kStart;

class LaneTest : public ::testing::Test {
 protected:
  LaneRefusal refuses(const std::string& text) {
    bytes_ = frame(text);
    EXPECT_FALSE(fix::scan(bytes_, message_));
    return lane_refuses(message_, state, identity, *rules, UtcTime::from_ns(kNow), Duration::seconds(120));
  }
  std::string order(const char* seq = "7", const char* more = "") {
    return std::string("35=D|34=") + seq + "|49=PEER|52=20261231-16:00:00|56=GATE|" + more + "11=A|";
  }

  LaneState state{true, true, false, false, false, 7};
  LaneIdentity identity{"FIX.4.4", "PEER", "GATE"};
  test::FixedRules yes{true};
  test::FixedRules no{false};
  const MessageRules* rules = &yes;

 private:
  std::string bytes_;
  fix::ScannedMessage message_;
};

TEST_F(LaneTest, TakesTheExpectedApplicationMessage) {
  EXPECT_EQ(refuses(order()), LaneRefusal::kNone);
}

TEST_F(LaneTest, NeedsTheSessionInItsOrdinaryState) {
  const LaneState good = state;
  for (const auto change : {+[](LaneState& s) { s.logged_on = false; }, +[](LaneState& s) { s.enabled = false; },
                            +[](LaneState& s) { s.logout_sent = true; }, +[](LaneState& s) { s.gap_open = true; },
                            +[](LaneState& s) { s.higher_waits = true; }}) {
    state = good;
    change(state);
    EXPECT_EQ(refuses(order()), LaneRefusal::kSession);
  }
}

// Whatever the dictionary says: QuickFIX would look for the length elsewhere.
TEST_F(LaneTest, LeavesADataFieldApartFromItsLengthToTheControlPlane) {
  EXPECT_EQ(refuses(order("7", "354=1|355=x|")), LaneRefusal::kNone);
  for (const char* more : {"355=x|", "354=1|58=x|"}) {
    EXPECT_EQ(refuses(order("7", more)), LaneRefusal::kDictionary) << more;
  }
}

TEST_F(LaneTest, NeedsTheExpectedNumber) {
  EXPECT_EQ(refuses(order("6")), LaneRefusal::kNumber);
  EXPECT_EQ(refuses(order("8")), LaneRefusal::kNumber);
  EXPECT_EQ(refuses(order("00000007")), LaneRefusal::kNone);
}

TEST_F(LaneTest, LeavesDuplicatesAndAdminMessagesToTheControlPlane) {
  EXPECT_EQ(refuses(order("7", "43=Y|")), LaneRefusal::kPossDup);
  for (const char* type : {"0", "1", "2", "3", "4", "5", "A"}) {
    EXPECT_EQ(refuses(std::string("35=") + type + "|34=7|49=PEER|52=20261231-16:00:00|56=GATE|"), LaneRefusal::kAdmin);
  }
  EXPECT_EQ(refuses("35=AE|34=7|49=PEER|52=20261231-16:00:00|56=GATE|"), LaneRefusal::kNone);
}

TEST_F(LaneTest, NeedsTheRightIdentity) {
  EXPECT_EQ(refuses("35=D|34=7|49=OTHER|52=20261231-16:00:00|56=GATE|"), LaneRefusal::kIdentity);
  EXPECT_EQ(refuses("35=D|34=7|49=PEER|52=20261231-16:00:00|56=OTHER|"), LaneRefusal::kIdentity);
  identity.begin_string = "FIX.4.2";
  EXPECT_EQ(refuses(order()), LaneRefusal::kIdentity);
}

TEST_F(LaneTest, NeedsATimelySendingTime) {
  EXPECT_EQ(refuses("35=D|34=7|49=PEER|52=20261231-15:58:00|56=GATE|"), LaneRefusal::kNone);
  EXPECT_EQ(refuses("35=D|34=7|49=PEER|52=20261231-15:57:59|56=GATE|"), LaneRefusal::kTime);
  EXPECT_EQ(refuses("35=D|34=7|49=PEER|52=20261231-16:02:01|56=GATE|"), LaneRefusal::kTime);
  EXPECT_EQ(refuses("35=D|34=7|49=PEER|52=yesterday|56=GATE|"), LaneRefusal::kTime);
  EXPECT_EQ(refuses("35=D|34=7|49=PEER|56=GATE|"), LaneRefusal::kTime);
}

TEST_F(LaneTest, TakesOnlyWhatItsDictionaryUnderstands) {
  rules = &no;
  EXPECT_EQ(refuses(order()), LaneRefusal::kDictionary);
}

// A core that keeps nothing, so that only the session's own allocations count.
class CountingCore : public CorePort {
 public:
  std::uint64_t submit(const gateway::Input& input) override {
    if (input.effects.reset) numbers_ = {};
    numbers_.next_sender += input.effects.outbound.size();
    if (input.effects.next_target) numbers_.next_target = *input.effects.next_target;
    if (input.deliver != nullptr) ++delivered;
    return ++index_;
  }
  gateway::SessionNumbers numbers(order::SessionId) const override { return numbers_; }
  gateway::ResendDecision resend_decision(order::SessionId, std::uint64_t, std::string_view, UtcTime) override {
    return gateway::ResendDecision::kResend;
  }
  Status read_outbound(order::SessionId, std::uint32_t, std::uint64_t, std::uint64_t, std::size_t,
                       const Visitor&) override {
    return {};
  }

  std::uint64_t delivered = 0;

 private:
  gateway::SessionNumbers numbers_;
  std::uint64_t index_ = 0;
};

TEST(LaneSessionTest, AnOrderOnTheLaneAllocatesNothing) {
  quickfix::ControlPlane plane;
  CountingCore core;
  const test::FixedRules rules(true);
  SessionConfig config = Harness::config();
  std::string error;
  auto control = plane.open(Session::control_settings(config, PORTCULLIS_DICTIONARIES "/FIX44.xml"), &error);
  ASSERT_NE(control, nullptr) << error;
  Session session(config, std::move(control), core, rules);
  test::FakeWire wire;
  const Now now{UtcTime::from_ns(kNow), SteadyTime::from_ns(1)};
  session.accept(wire, frame("35=A|34=1|49=PEER|52=20261231-16:00:00|56=GATE|98=0|108=30|"), now);
  ASSERT_EQ(session.phase(), SessionPhase::kLoggedOn);

  std::vector<std::string> frames;
  for (int seq = 2; seq < 102; ++seq) {
    frames.push_back(
        frame("35=D|34=" + std::to_string(seq) + "|49=PEER|52=20261231-16:00:00|56=GATE|" + Harness::order_body("A1")));
  }
  const std::size_t before = test::allocations();
  for (const std::string& bytes : frames) session.on_frame(bytes, now);
  EXPECT_EQ(test::allocations(), before);
  EXPECT_EQ(core.delivered, 100U);
  EXPECT_EQ(session.counters().lane, 100U);
}

}  // namespace
}  // namespace portcullis::session
