#include "fix/encode.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "fix/frame.h"
#include "fix/scanner.h"
#include "tests/fix/messages.h"

namespace portcullis::fix {
namespace {

const HeaderIdentity kIdentity = {"FIX.4.4", "PORTCULLIS", "ALPHA", TimePrecision::kMilliseconds};
const UtcTime kNow = *parse_utc_timestamp("20261122-12:00:00.123456789");

bool is_frame(std::string_view bytes) {
  Framer framer;
  const Framer::Step step = framer.next(bytes);
  return step.found == Framer::Found::kFrame && step.frame.bytes.size() == bytes.size();
}

TEST(Writer, WritesAFrameWithPatchedBodyLengthAndCheckSum) {
  std::array<char, 512> buffer;
  Writer writer(buffer);
  writer.header(kIdentity, "8", 42, kNow);
  writer.text(37, "LDN1-1");
  writer.text(58, "");
  writer.character(54, '1');
  writer.decimal(38, Quantity::of(1000));
  writer.decimal(44, *Price::parse("1.10000000"), 2);
  writer.number(103, -5);
  writer.boolean(43, true);
  writer.date(64, *Date::parse_fix("20261124"));
  writer.timestamp(60, kNow, TimePrecision::kNanoseconds);
  writer.data(354, 355, soh("a|b"));
  const std::string_view bytes = writer.finish();
  EXPECT_EQ(readable(bytes.substr(0, bytes.size() - 7)),
            "8=FIX.4.4|9=00159|35=8|49=PORTCULLIS|56=ALPHA|34=42|52=20261122-12:00:00.123|37=LDN1-1|54=1|38=1000|"
            "44=1.10|103=-5|43=Y|64=20261124|60=20261122-12:00:00.123456789|354=3|355=a|b|");
  EXPECT_TRUE(is_frame(bytes));
}

TEST(Writer, NeverWritesBeyondTheBuffer) {
  std::array<char, 600> guarded;
  for (std::size_t size = 0; size < 160; ++size) {
    guarded.fill('#');
    Writer writer(std::span<char>(guarded.data(), size));
    writer.header(kIdentity, "8", 42, kNow);
    writer.text(58, "some text");
    writer.number(34, 1234567);
    const std::string_view bytes = writer.finish();
    if (bytes.empty()) {
      EXPECT_FALSE(writer.ok());
    }
    for (std::size_t i = size; i < guarded.size(); ++i) ASSERT_EQ(guarded[i], '#') << "at size " << size;
  }
}

TEST(Writer, RefusesTextThatWouldEndTheField) {
  std::array<char, 512> buffer;
  Writer writer(buffer);
  writer.header(kIdentity, "8", 42, kNow);
  writer.text(58, soh("evil|35=D"));
  EXPECT_TRUE(writer.finish().empty());
}

TEST(Retransmit, PatchesNothingButTheFieldsThatFixNames) {
  std::array<char, 1024> first;
  Writer writer(first);
  writer.header(kIdentity, "8", 42, kNow);
  writer.text(37, "LDN1-1");
  writer.data(354, 355, soh("52=x|43=N|"));
  const std::string stored(writer.finish());

  std::array<char, 1024> buffer;
  const UtcTime later = *parse_utc_timestamp("20261122-12:30:00.000");
  const std::string_view again = retransmit(stored, later, buffer);
  EXPECT_TRUE(is_frame(again));
  EXPECT_EQ(readable(again.substr(0, again.size() - 7)),
            "8=FIX.4.4|9=00122|35=8|49=PORTCULLIS|56=ALPHA|34=42|43=Y|52=20261122-12:30:00.000|"
            "122=20261122-12:00:00.123|37=LDN1-1|354=10|355=52=x|43=N||");
}

TEST(Retransmit, ARetransmissionOfARetransmissionHasOnePossDupFlag) {
  std::array<char, 1024> first;
  Writer writer(first);
  writer.header(kIdentity, "8", 42, kNow);
  writer.text(37, "LDN1-1");
  const std::string stored(writer.finish());
  std::array<char, 1024> buffer;
  std::array<char, 1024> buffer2;
  const std::string once(retransmit(stored, kNow + Duration::seconds(5), buffer));
  const std::string twice(retransmit(once, kNow + Duration::seconds(9), buffer2));
  EXPECT_TRUE(is_frame(twice));
  EXPECT_EQ(twice.find("43=Y"), twice.rfind("43=Y"));
  EXPECT_EQ(twice.find("122="), twice.rfind("122="));
  EXPECT_EQ(once.size(), twice.size());
}

TEST(Retransmit, KeepsTheTimePrecisionOfTheSession) {
  for (const auto precision : {TimePrecision::kSeconds, TimePrecision::kMilliseconds, TimePrecision::kMicroseconds,
                               TimePrecision::kNanoseconds}) {
    HeaderIdentity identity = kIdentity;
    identity.time_precision = precision;
    std::array<char, 512> first;
    std::array<char, 512> second;
    const std::string stored(heartbeat(identity, 3, kNow, "id", first));
    const std::string again(retransmit(stored, kNow, second));
    auto a = std::make_unique<ScannedMessage>();
    auto b = std::make_unique<ScannedMessage>();
    ASSERT_FALSE(scan(stored, *a));
    ASSERT_FALSE(scan(again, *b));
    EXPECT_EQ(a->header().sending_time, b->header().sending_time);
    EXPECT_EQ(b->header().orig_sending_time, a->header().sending_time);
    EXPECT_TRUE(b->header().poss_dup);
  }
}

TEST(Retransmit, GivesNothingForWhatIsNoMessageAndForASmallBuffer) {
  std::array<char, 512> buffer;
  EXPECT_TRUE(retransmit("", kNow, buffer).empty());
  EXPECT_TRUE(retransmit(soh("8=FIX.4.4|9=5|35=0|"), kNow, buffer).empty());
  EXPECT_TRUE(retransmit("8=FIX.4.4", kNow, buffer).empty());
  std::array<char, 512> first;
  const std::string stored(heartbeat(kIdentity, 3, kNow, "id", first));
  std::array<char, 40> small;
  EXPECT_TRUE(retransmit(stored, kNow, small).empty());
}

TEST(SessionMessages, AreFramesOfTheirType) {
  std::array<char, 512> buffer;
  auto message = std::make_unique<ScannedMessage>();
  const auto check = [&](std::string_view bytes, std::string_view type) {
    EXPECT_TRUE(is_frame(bytes));
    EXPECT_FALSE(scan(bytes, *message));
    EXPECT_EQ(message->header().msg_type, type);
  };
  check(heartbeat(kIdentity, 2, kNow, "", buffer), "0");
  EXPECT_EQ(message->find(112), "");
  check(test_request(kIdentity, 2, kNow, "T1", buffer), "1");
  EXPECT_EQ(message->find(112), "T1");
  check(resend_request(kIdentity, 2, kNow, 5, 0, buffer), "2");
  EXPECT_EQ(message->find(7), "5");
  EXPECT_EQ(message->find(16), "0");
  check(gap_fill(kIdentity, 2, 9, kNow, buffer), "4");
  EXPECT_EQ(message->find(123), "Y");
  EXPECT_EQ(message->find(36), "9");
  EXPECT_TRUE(message->header().poss_dup);
  EXPECT_EQ(message->header().orig_sending_time, message->header().sending_time);
  check(logout(kIdentity, 2, kNow, "bye", buffer), "5");
  EXPECT_EQ(message->find(58), "bye");
  check(
      reject(kIdentity, 2, kNow,
             {.ref_seq_num = 7, .ref_tag = 96, .ref_msg_type = "D", .session_reject_reason = 6, .text = "no"}, buffer),
      "3");
  EXPECT_EQ(message->find(45), "7");
  EXPECT_EQ(message->find(371), "96");
  EXPECT_EQ(message->find(372), "D");
  EXPECT_EQ(message->find(373), "6");
}

}  // namespace
}  // namespace portcullis::fix
