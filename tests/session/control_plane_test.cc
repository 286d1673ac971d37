#include "session/quickfix/control_plane.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/time.h>

#include <ctime>
#include <string>

#include "base/time.h"
#include "tests/session/fix_text.h"

// Each test is one thing that QuickFIX 1.15.1 does and that the fence has to put right.

namespace {
// QuickFIX reads the clock through gettimeofday; the definition below stands before libc's, so that a
// test can move that clock. 0: the real time.
std::int64_t forced_clock_us = 0;
}  // namespace

extern "C" int gettimeofday(struct timeval* out, void*) noexcept {
  if (forced_clock_us != 0) {
    out->tv_sec = forced_clock_us / 1'000'000;
    out->tv_usec = forced_clock_us % 1'000'000;
    return 0;
  }
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}

namespace portcullis::session::quickfix {
namespace {

using test::frame;
using test::readable;
using test::value_of;

constexpr std::int64_t kNow = 1'798'732'800'123'000'000;  // 2026-12-31T16:00:00.123Z

std::string header(const char* type, std::uint64_t seq, const char* more = "") {
  return std::string("35=") + type + "|34=" + std::to_string(seq) + "|49=CLIENT|52=20261231-16:00:00.000|56=GATE|" +
         more;
}

class ControlPlaneTest : public ::testing::Test {
 protected:
  ~ControlPlaneTest() override { forced_clock_us = 0; }

  SessionSettings settings(bool initiator = false) {
    SessionSettings settings;
    settings.begin_string = "FIX.4.4";
    settings.sender_comp_id = "GATE";
    settings.target_comp_id = "CLIENT";
    settings.initiator = initiator;
    settings.dictionary_path = PORTCULLIS_DICTIONARIES "/FIX44.xml";
    settings.checked_data_fields = {89, 91, 96, 213, 349, 351, 353, 355, 357, 359, 361, 363, 365, 446, 619, 622};
    return settings;
  }

  void open(const SessionSettings& with) {
    std::string error;
    session_ = plane_.open(with, &error);
    ASSERT_NE(session_, nullptr) << error;
    session_->connected();
  }

  // Feeds one frame and commits what was staged, as the gateway does.
  Staged feed(const std::string& bytes, bool authorised_reset = false, bool bad_time = false) {
    Frame input;
    input.data = bytes.data();
    input.size = bytes.size();
    const std::string seq = value_of(bytes, 34);
    input.msg_seq_num = seq.empty() ? 0 : std::stoull(seq);
    input.sequence_reset = value_of(bytes, 35) == "4";
    input.authorised_reset = authorised_reset;
    input.sending_time_is_bad = bad_time;
    Staged staged = session_->next(numbers_, kNow, input);
    numbers_ = staged.numbers;
    return staged;
  }

  void log_on() {
    if (session_ == nullptr) open(settings());
    const Staged staged = feed(frame(header("A", numbers_.next_target, "98=0|108=30|")));
    ASSERT_TRUE(session_->logged_on()) << ::testing::PrintToString(staged.events);
  }

  ControlPlane plane_;
  std::unique_ptr<ControlSession> session_;
  Numbers numbers_;
};

TEST_F(ControlPlaneTest, AnswersALogonAndStagesNumbersAndBytes) {
  open(settings());
  const Staged staged = feed(frame(header("A", 1, "98=0|108=17|")));
  EXPECT_TRUE(session_->logged_on());
  EXPECT_TRUE(staged.accepted);
  EXPECT_FALSE(staged.application);
  EXPECT_FALSE(staged.disconnect);
  EXPECT_EQ(staged.numbers.next_sender, 2U);
  EXPECT_EQ(staged.numbers.next_target, 2U);
  ASSERT_EQ(staged.messages.size(), 1U);
  EXPECT_EQ(staged.messages[0].seq, 1U);
  EXPECT_EQ(staged.messages[0].msg_type, "A");
  EXPECT_EQ(value_of(staged.messages[0].bytes, 108), "17");
  EXPECT_EQ(value_of(staged.messages[0].bytes, 56), "CLIENT");
  EXPECT_EQ(session_->heart_bt_int_s(), 17);
}

TEST_F(ControlPlaneTest, SendingTimeIsTheCallersAndNotTheClocks) {
  open(settings());
  const Staged staged = feed(frame(header("A", 1, "98=0|108=30|")));
  EXPECT_EQ(value_of(staged.messages.at(0).bytes, 52), "20261231-16:00:00.123");
}

TEST_F(ControlPlaneTest, TheSameCallGivesTheSameBytesWhateverTheClockSays) {
  std::string first;
  for (const std::int64_t clock : {1'600'000'000'000'000LL, 1'900'000'000'000'000LL}) {
    forced_clock_us = clock;
    session_.reset();
    numbers_ = Numbers();
    open(settings());
    const Staged staged = feed(frame(header("A", 1, "98=0|108=30|")));
    ASSERT_EQ(staged.messages.size(), 1U);
    if (first.empty()) first = staged.messages[0].bytes;
    EXPECT_EQ(readable(staged.messages[0].bytes), readable(first));
  }
}

TEST_F(ControlPlaneTest, DeliversAnApplicationMessageOnTheExpectedNumber) {
  log_on();
  const Staged staged =
      feed(frame(header("D", 2, "11=A1|21=1|38=1000000|40=2|44=1.10|54=1|55=EUR/USD|59=0|60=20261231-16:00:00|")));
  EXPECT_TRUE(staged.accepted) << readable(staged.messages.empty() ? "" : staged.messages[0].bytes);
  EXPECT_TRUE(staged.application);
  EXPECT_TRUE(staged.messages.empty());
  EXPECT_EQ(staged.numbers.next_target, 3U);
}

TEST_F(ControlPlaneTest, RejectsAMalformedMessageAndConsumesItsNumber) {
  log_on();
  const Staged staged = feed(frame(header("D", 2, "11=A1|38=abc|40=2|44=1.10|54=1|55=EUR/USD|60=20261231-16:00:00|")));
  EXPECT_FALSE(staged.accepted);
  ASSERT_EQ(staged.messages.size(), 1U);
  EXPECT_EQ(staged.messages[0].msg_type, "3");
  EXPECT_EQ(value_of(staged.messages[0].bytes, 45), "2");
  EXPECT_EQ(value_of(staged.messages[0].bytes, 371), "38");
  EXPECT_EQ(value_of(staged.messages[0].bytes, 373), "6");
  EXPECT_EQ(numbers_.next_target, 3U);
}

TEST_F(ControlPlaneTest, UndoesTheAdvanceOfALogoutWithANumberTooHigh) {
  log_on();
  const Staged staged = feed(frame(header("5", 9)));
  EXPECT_TRUE(staged.target_undone);
  EXPECT_EQ(staged.numbers.next_target, 2U);
  EXPECT_TRUE(staged.disconnect);
  ASSERT_EQ(staged.messages.size(), 1U);
  EXPECT_EQ(staged.messages[0].msg_type, "5");
}

TEST_F(ControlPlaneTest, UndoesTheAdvanceOfALogoutWithANumberTooLow) {
  log_on();
  feed(frame(header("0", 2)));
  const Staged staged = feed(frame(header("5", 1)));
  EXPECT_TRUE(staged.target_undone);
  EXPECT_EQ(staged.numbers.next_target, 3U);
}

TEST_F(ControlPlaneTest, UndoesTheAdvanceOfARejectWithANumberTooHigh) {
  log_on();
  const Staged staged = feed(frame(header("3", 9, "45=1|58=no|")));
  EXPECT_TRUE(staged.target_undone);
  EXPECT_EQ(staged.numbers.next_target, 2U);
}

TEST_F(ControlPlaneTest, UndoesTheAdvanceOfAnUnknownBeginStringWithANumberTooHigh) {
  log_on();
  const Staged staged = feed(frame(header("0", 7), "FIX.4.2"));
  EXPECT_TRUE(staged.target_undone);
  EXPECT_EQ(staged.numbers.next_target, 2U);
}

TEST_F(ControlPlaneTest, ASequenceResetMovesTheTargetForwardOnly) {
  log_on();
  EXPECT_EQ(feed(frame(header("4", 2, "123=Y|36=12|"))).numbers.next_target, 12U);
  const Staged backwards = feed(frame(header("4", 12, "123=Y|36=5|")));
  EXPECT_EQ(backwards.numbers.next_target, 12U);
  ASSERT_EQ(backwards.messages.size(), 1U);
  EXPECT_EQ(backwards.messages[0].msg_type, "3");
}

TEST_F(ControlPlaneTest, AResetNobodyAuthorisedChangesNothingAndDisconnects) {
  numbers_ = Numbers{40, 50};
  open(settings());
  const Staged staged = feed(frame(header("A", 1, "98=0|108=30|141=Y|")), /*authorised_reset=*/false);
  EXPECT_TRUE(staged.fault);
  EXPECT_TRUE(staged.disconnect);
  EXPECT_TRUE(staged.messages.empty());
  EXPECT_EQ(staged.numbers, (Numbers{40, 50}));
  EXPECT_FALSE(session_->logged_on());
}

TEST_F(ControlPlaneTest, AnAuthorisedResetBeginsBothNumbersAtOne) {
  numbers_ = Numbers{40, 50};
  open(settings());
  const Staged staged = feed(frame(header("A", 1, "98=0|108=30|141=Y|")), /*authorised_reset=*/true);
  EXPECT_TRUE(staged.reset);
  EXPECT_EQ(staged.numbers, (Numbers{2, 2}));
  ASSERT_EQ(staged.messages.size(), 1U);
  EXPECT_EQ(value_of(staged.messages[0].bytes, 34), "1");
  EXPECT_EQ(value_of(staged.messages[0].bytes, 141), "Y");
  EXPECT_TRUE(session_->logged_on());
}

TEST_F(ControlPlaneTest, AMalformedLogonUsesNoNumberAndFreesTheSlot) {
  numbers_ = Numbers{7, 9};
  open(settings());
  const Staged staged = feed(frame(header("A", 9, "98=0|")));  // no HeartBtInt(108)
  EXPECT_TRUE(staged.disconnect);
  EXPECT_TRUE(staged.messages.empty());
  EXPECT_EQ(staged.numbers.next_sender, 7U);
  EXPECT_FALSE(session_->logged_on());
  // The next connection can log on.
  session_->connected();
  log_on();
}

TEST_F(ControlPlaneTest, ALogonWithANumberTooHighIsAnsweredWithAResendRequest) {
  open(settings());
  const Staged staged = feed(frame(header("A", 5, "98=0|108=30|")));
  ASSERT_EQ(staged.messages.size(), 2U);
  EXPECT_EQ(staged.messages[0].msg_type, "A");
  EXPECT_EQ(staged.messages[1].msg_type, "2");
  EXPECT_EQ(value_of(staged.messages[1].bytes, 7), "1");
  EXPECT_EQ(value_of(staged.messages[1].bytes, 16), "0");
  EXPECT_EQ(staged.numbers, (Numbers{3, 1}));
  EXPECT_TRUE(session_->resend_requested());
  session_->clear_resend_request();
  EXPECT_FALSE(session_->resend_requested());
}

TEST_F(ControlPlaneTest, QuickFixKeepsNoMessageBehindAGap) {
  log_on();
  feed(frame(header("0", 4)));
  feed(frame(header("0", 3)));
  EXPECT_EQ(numbers_.next_target, 2U);
  // With its own queue it would now go on to 5 within this one call.
  feed(frame(header("0", 2)));
  EXPECT_EQ(numbers_.next_target, 3U);
}

TEST_F(ControlPlaneTest, TimersOfQuickFixStayQuiet) {
  log_on();
  // A day later by QuickFIX's clock: it would send a TestRequest, or disconnect, at the next call.
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  forced_clock_us = (now.tv_sec + 86'000) * 1'000'000LL;
  const Staged staged = feed(frame(header("0", 2)));
  EXPECT_TRUE(staged.messages.empty());
  EXPECT_FALSE(staged.disconnect);
}

// The Logon of a live session's reset says HeartBtInt(108) to QuickFIX once more.
TEST_F(ControlPlaneTest, TimersOfQuickFixStayQuietAfterAResetOfALiveSession) {
  log_on();
  feed(frame(header("0", 2)));
  const Staged reset = feed(frame(header("A", 1, "98=0|108=30|141=Y|")), /*authorised_reset=*/true);
  EXPECT_TRUE(reset.reset);
  EXPECT_EQ(numbers_, (Numbers{2, 2}));
  EXPECT_EQ(session_->heart_bt_int_s(), 30);
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  forced_clock_us = (now.tv_sec + 86'000) * 1'000'000LL;
  const Staged staged = feed(frame(header("0", 2)));
  EXPECT_TRUE(staged.messages.empty());
  EXPECT_FALSE(staged.disconnect);
}

TEST_F(ControlPlaneTest, AnInitiatorsHeartbeatIsRestoredForItsNextLogon) {
  open(settings(/*initiator=*/true));
  LogonRequest request;
  request.heart_bt_int_s = 25;
  for (int round = 0; round < 2; ++round) {
    session_->connected();
    const Staged sent = session_->send_logon(numbers_, kNow, request);
    numbers_ = sent.numbers;
    ASSERT_EQ(sent.messages.size(), 1U);
    EXPECT_EQ(value_of(sent.messages[0].bytes, 108), "25");
    feed(frame(header("A", numbers_.next_target, "98=0|108=25|")));
    EXPECT_TRUE(session_->logged_on());
    EXPECT_EQ(session_->heart_bt_int_s(), 25);
    session_->disconnected();
    EXPECT_FALSE(session_->logged_on());
  }
  EXPECT_EQ(numbers_, (Numbers{3, 3}));
}

TEST_F(ControlPlaneTest, AnInitiatorsLogonCarriesPasswordAndReset) {
  numbers_ = Numbers{12, 30};
  open(settings(/*initiator=*/true));
  LogonRequest request;
  request.reset = true;
  request.fields = {{553, "gate"}, {554, "secret"}};
  const Staged sent = session_->send_logon(numbers_, kNow, request);
  numbers_ = sent.numbers;
  EXPECT_TRUE(sent.reset);
  EXPECT_EQ(sent.numbers, (Numbers{2, 1}));
  ASSERT_EQ(sent.messages.size(), 1U);
  EXPECT_EQ(value_of(sent.messages[0].bytes, 34), "1");
  EXPECT_EQ(value_of(sent.messages[0].bytes, 141), "Y");
  EXPECT_EQ(value_of(sent.messages[0].bytes, 554), "secret");
  feed(frame(header("A", 1, "98=0|108=30|141=Y|")), /*authorised_reset=*/true);
  EXPECT_TRUE(session_->logged_on());
  EXPECT_EQ(numbers_, (Numbers{2, 2}));
}

// QuickFIX's schedule would reset the store at its boundary. Each call is made at a time near it.
TEST_F(ControlPlaneTest, ItsScheduleNeverActsAcrossMidnightAndTheWeekend) {
  std::int64_t day = 1'798'675'200LL;  // 2026-12-31T00:00:00Z, a Thursday
  for (int days = 0; days < 9; ++days, day += 86'400) {
    for (const std::int64_t offset_us : {-1'000'000LL, -1LL, 0LL, 1LL, 998LL, 999LL, 1'000LL, 1'001LL, 3'600'000'000LL,
                                         82'800'000'000LL, 82'800'000'999LL, 82'800'001'000LL}) {
      forced_clock_us = day * 1'000'000 + offset_us;
      if (session_ == nullptr || !session_->logged_on()) {
        if (session_ == nullptr) open(settings());
        session_->connected();
        log_on();
      }
      const Staged staged = feed(frame(header("0", numbers_.next_target)));
      ASSERT_FALSE(staged.disconnect) << "day " << days << " offset " << offset_us;
      ASSERT_FALSE(staged.reset);
      ASSERT_TRUE(staged.accepted);
    }
  }
  EXPECT_EQ(numbers_.next_target, 2U + 9U * 12U);
}

TEST_F(ControlPlaneTest, ItsLatencyCheckActsOnlyOnWhatTheCallerFoundStale) {
  log_on();
  forced_clock_us = 1'000'000LL * 1'000'000LL;  // 1970: far from every SendingTime(52) here
  EXPECT_TRUE(feed(frame(header("0", 2))).accepted);
  forced_clock_us = 1'798'732'800LL * 1'000'000LL;  // exactly the frame's own SendingTime(52)
  const Staged staged = feed(frame(header("0", 3)), false, /*bad_time=*/true);
  EXPECT_FALSE(staged.accepted);
  ASSERT_EQ(staged.messages.size(), 2U);
  EXPECT_EQ(value_of(staged.messages[0].bytes, 373), "10");
  EXPECT_EQ(staged.messages[1].msg_type, "5");
}

TEST_F(ControlPlaneTest, LogoutIsSentOnceAndItsAnswerCloses) {
  log_on();
  const Staged sent = session_->send_logout(numbers_, kNow, "end of day");
  numbers_ = sent.numbers;
  ASSERT_EQ(sent.messages.size(), 1U);
  EXPECT_EQ(value_of(sent.messages[0].bytes, 58), "end of day");
  EXPECT_TRUE(session_->logout_sent());
  EXPECT_FALSE(session_->enabled());
  EXPECT_TRUE(session_->send_logout(numbers_, kNow, "again").messages.empty());
  const Staged answer = feed(frame(header("5", 2)));
  EXPECT_TRUE(answer.disconnect);
  EXPECT_TRUE(answer.messages.empty());
  EXPECT_EQ(numbers_.next_target, 3U);
  // A new connection is enabled again.
  session_->connected();
  EXPECT_TRUE(session_->enabled());
}

TEST_F(ControlPlaneTest, GarbageIsNoticedAndChangesNothing) {
  log_on();
  const Staged staged = feed("8=FIX.4.4\x01garbage");
  EXPECT_FALSE(staged.accepted);
  EXPECT_TRUE(staged.messages.empty());
  EXPECT_EQ(staged.numbers, (Numbers{2, 2}));
  EXPECT_FALSE(staged.events.empty());
  EXPECT_TRUE(staged.unreadable);
  EXPECT_TRUE(session_->logged_on());
}

TEST_F(ControlPlaneTest, AnsweringAResendRequestWouldBeAFault) {
  log_on();
  const Staged staged = feed(frame(header("2", 2, "7=1|16=0|")));
  EXPECT_TRUE(staged.fault);
  EXPECT_TRUE(staged.messages.empty());
  EXPECT_EQ(staged.numbers, (Numbers{2, 2}));
}

TEST_F(ControlPlaneTest, AResendRequestThatIsOnlyJudgedIsNotAnswered) {
  log_on();
  const std::string good = frame(header("2", 2, "7=1|16=0|"));
  Frame input;
  input.data = good.data();
  input.size = good.size();
  input.msg_seq_num = 2;
  input.judged_only = true;
  const Staged staged = session_->next(numbers_, kNow, input);
  EXPECT_TRUE(staged.accepted);
  EXPECT_FALSE(staged.fault);
  EXPECT_TRUE(staged.messages.empty());
  EXPECT_EQ(staged.numbers, numbers_);
  EXPECT_TRUE(session_->logged_on());
}

TEST_F(ControlPlaneTest, RejectsAMalformedResendRequest) {
  log_on();
  const Staged staged = feed(frame(header("2", 2, "7=1|")));
  ASSERT_EQ(staged.messages.size(), 1U);
  EXPECT_EQ(value_of(staged.messages[0].bytes, 371), "16");
  EXPECT_EQ(staged.numbers, (Numbers{3, 3}));
}

TEST_F(ControlPlaneTest, NumbersPastItsIntegersAreRefused) {
  log_on();
  numbers_ = Numbers{kMaxSeqNum + 1, 2};
  EXPECT_TRUE(feed(frame(header("0", 2))).fault);
}

TEST_F(ControlPlaneTest, AnAuthorisedResetIsTheWayOutOfNumbersThatAreUsedUp) {
  open(settings());
  numbers_ = Numbers{2, kMaxSeqNum + 1};
  const Staged staged = feed(frame(header("A", 1, "98=0|108=30|141=Y|")), /*authorised_reset=*/true);
  EXPECT_FALSE(staged.fault);
  EXPECT_TRUE(staged.reset);
  EXPECT_TRUE(session_->logged_on());
  EXPECT_EQ(numbers_, (Numbers{2, 2}));
}

TEST_F(ControlPlaneTest, ASecondSessionWithTheSameCompIDsIsRefusedByName) {
  open(settings());
  std::string error;
  EXPECT_EQ(plane_.open(settings(), &error), nullptr);
  EXPECT_NE(error.find("GATE->CLIENT"), std::string::npos) << error;
  session_.reset();
  EXPECT_NE(plane_.open(settings(), &error), nullptr);
}

TEST_F(ControlPlaneTest, TwoEnginesMayHaveTheSameCompIDs) {
  ControlPlane other;
  std::string error;
  open(settings());
  {
    const std::unique_ptr<ControlSession> same = other.open(settings(), &error);
    ASSERT_NE(same, nullptr) << error;
  }
  log_on();
}

TEST_F(ControlPlaneTest, ADictionaryWithADataFieldThatNobodyChecksIsRefused) {
  SessionSettings wrong = settings();
  wrong.checked_data_fields = {89, 91};
  std::string error;
  EXPECT_EQ(plane_.open(wrong, &error), nullptr);
  EXPECT_NE(error.find("field 96 is of type DATA"), std::string::npos) << error;
}

TEST_F(ControlPlaneTest, ADictionaryThatDoesNotLoadIsAnErrorThatNamesIt) {
  SessionSettings wrong = settings();
  wrong.dictionary_path = "/nonexistent/FIX44.xml";
  std::string error;
  EXPECT_EQ(plane_.open(wrong, &error), nullptr);
  EXPECT_NE(error.find("/nonexistent/FIX44.xml"), std::string::npos) << error;
}

}  // namespace
}  // namespace portcullis::session::quickfix
