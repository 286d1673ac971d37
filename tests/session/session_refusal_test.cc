#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/session/session_harness.h"

// Messages that the session level refuses.

namespace portcullis::session {
namespace {

using test::field;
using test::frame;
using test::Harness;
using test::types;
using ::testing::ElementsAre;

TEST(SessionRefusalTest, AMessageWithoutANumberEndsTheSession) {
  Harness h(Harness::config());
  h.log_on();
  h.wire->take();
  h.raw(frame("35=0|49=PEER|52=" + h.sending_time() + "|56=GATE|"));
  EXPECT_THAT(types(h.wire->take()), ElementsAre("5"));
  EXPECT_TRUE(h.wire->closed);
}

TEST(SessionRefusalTest, StaleSendingTimeIsRejectedAndLogsOut) {
  Harness h(Harness::config());
  h.log_on();
  h.wire->take();
  h.raw(frame("35=0|34=2|49=PEER|52=20261231-15:00:00.000|56=GATE|"));
  const std::vector<std::string> out = h.wire->take();
  ASSERT_THAT(types(out), ElementsAre("3", "5"));
  EXPECT_EQ(field(out[0], 373), "10");
  EXPECT_EQ(h.session->phase(), SessionPhase::kLogoutSent);
}

TEST(SessionRefusalTest, ANewSeqNoPastTheNumbersIsRefused) {
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
TEST(SessionRefusalTest, BeginStringBodyLengthAndCheckSumStandOnceAndInTheirPlaces) {
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

TEST(SessionRefusalTest, AMessageWithoutAFieldOfItsHeaderIsRejectedAndTheSessionGoesOn) {
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

TEST(SessionRefusalTest, AGapFillToItsOwnNumberIsRefused) {
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

// QuickFIX ignores the frame, since its dictionary does not have the field whose value it would have to skip.
TEST(SessionRefusalTest, ADataFieldThatTheDictionaryDoesNotHaveIsRejectedAlsoWithAnSohInIt) {
  Harness h(Harness::config(), /*lane=*/false);
  h.log_on();
  h.wire->take();
  h.from_peer("D", 2, Harness::order_body("A1") + "358=3|359=a|b|");
  const std::vector<std::string> out = h.wire->take();
  ASSERT_THAT(types(out), ElementsAre("3"));
  EXPECT_EQ(field(out[0], 45), "2");
  EXPECT_EQ(field(out[0], 371), "359");
  EXPECT_EQ(field(out[0], 372), "D");
  EXPECT_EQ(field(out[0], 373), "2");
  EXPECT_THAT(h.delivered(), ElementsAre());
  h.raw(h.order(3));
  EXPECT_THAT(h.delivered(), ElementsAre(3));
}

TEST(SessionRefusalTest, ATagThatIsNoneIsNamedWhereItIsAnInteger) {
  Harness h(Harness::config());
  h.log_on();
  h.wire->take();
  std::uint64_t seq = 2;
  for (const auto& [text, tag] : {std::pair("0=5|", "0"),
                                  {"-1=5|", "-1"},
                                  {"011=5|", "11"},
                                  {"2147483647=5|", "2147483647"},
                                  {"12a=5|", ""},
                                  {"=5|", ""},
                                  {"half|", ""},
                                  {"4294967307=5|", ""}}) {
    h.from_peer("0", seq++, text);
    const std::vector<std::string> out = h.wire->take();
    ASSERT_THAT(types(out), ElementsAre("3")) << text;
    EXPECT_EQ(field(out[0], 371), tag) << text;
    EXPECT_EQ(field(out[0], 373), "0") << text;
  }
}

// It may tell of an execution, which is then nowhere.
TEST(SessionRefusalTest, ABrokersReportThatIsRejectedIsAnAlert) {
  Harness h(Harness::config(/*initiator=*/true), /*lane=*/false);
  h.connect();
  h.from_peer("A", 1, "98=0|108=30|");
  h.wire->take();
  const std::string fill = "6=1|14=1|17=E1|37=O1|39=1|54=1|55=EUR/USD|150=F|151=1|";
  h.from_peer("8", 2, fill + "109=X|");
  h.from_peer("8", 3, fill + "358=3|359=a|b|");
  EXPECT_THAT(types(h.wire->take()), ElementsAre("3", "3"));
  EXPECT_THAT(
      h.alerts(),
      ElementsAre(
          "an ExecutionReport with MsgSeqNum 2 was rejected, and what it says is lost: Invalid tag number (109)",
          "an ExecutionReport with MsgSeqNum 3 was rejected, and what it says is lost: a data field that this "
          "message type does not have (359)"));
  h.from_peer("1", 4);  // nothing is lost with what is the session's own
  h.from_peer("8", 2, "43=Y|" + fill + "109=X|");  // nor with what has been refused before
  EXPECT_EQ(h.alerts().size(), 2U);
}

}  // namespace
}  // namespace portcullis::session
