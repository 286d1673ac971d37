#include "fix/scanner.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/fix/messages.h"

namespace portcullis::fix {
namespace {

class Scanner : public ::testing::Test {
 protected:
  ScanFault scan_body(std::string_view body) {
    frame_ = framed("FIX.4.4", body);
    return scan(frame_, *message_);
  }
  std::string frame_;
  std::unique_ptr<ScannedMessage> message_ = std::make_unique<ScannedMessage>();
};

TEST_F(Scanner, YieldsEveryFieldInOrderAndTheHeader) {
  ASSERT_FALSE(
      scan_body("35=D|49=ALPHA|56=PORTCULLIS|34=00000007|52=20261122-12:00:00.123|43=Y|97=N|"
                "122=20261122-11:00:00|11=A1|55=EUR/USD|58=a=b c|"));
  const auto fields = message_->fields();
  ASSERT_EQ(fields.size(), 14u);
  EXPECT_EQ(fields[0].tag, 8u);
  EXPECT_EQ(fields[13].tag, 10u);
  EXPECT_EQ(message_->find(58), "a=b c");
  EXPECT_EQ(message_->find(59), "");
  const HeaderFields& header = message_->header();
  EXPECT_EQ(header.begin_string, "FIX.4.4");
  EXPECT_EQ(header.msg_type, "D");
  EXPECT_EQ(header.sender_comp_id, "ALPHA");
  EXPECT_EQ(header.target_comp_id, "PORTCULLIS");
  EXPECT_EQ(header.msg_seq_num, 7u);
  EXPECT_EQ(header.sending_time, "20261122-12:00:00.123");
  EXPECT_EQ(header.orig_sending_time, "20261122-11:00:00");
  EXPECT_TRUE(header.poss_dup);
  EXPECT_FALSE(header.poss_resend);
  EXPECT_TRUE(message_->regular());
}

TEST_F(Scanner, DataFieldsMayHoldSohAndEquals) {
  ASSERT_FALSE(scan_body("35=D|34=1|95=7|96=a|9=b|c|354=3|355=|x||58=after|"));
  EXPECT_EQ(message_->find(96), soh("a|9=b|c"));
  EXPECT_EQ(message_->find(355), soh("|x|"));
  EXPECT_EQ(message_->find(58), "after");
  EXPECT_TRUE(message_->regular());
}

TEST_F(Scanner, RefusesADataLengthThatLeavesTheFrameOrMissesTheEnd) {
  for (const char* body :
       {"35=D|34=1|95=99999|96=abc|", "35=D|34=1|95=2|96=abc|", "35=D|34=1|95=4|96=abc|",
        "35=D|34=1|95=999999999999999999|96=abc|", "35=D|34=1|95=0|96=|", "35=D|34=1|95=-1|96=abc|",
        "35=D|34=1|95=9x|96=abc|", "35=D|34=1|95=9999999999999999999999|96=abc|", "35=D|34=1|93=5000|89=sig|"}) {
    const ScanFault fault = scan_body(body);
    EXPECT_EQ(fault.kind, ScanFault::Kind::kDataLength) << body;
    EXPECT_EQ(fault.session_reject_reason, 6) << body;
    EXPECT_EQ(message_->header().msg_seq_num, 1u) << "the number is known, so it can be consumed";
  }
}

TEST_F(Scanner, RefusesADataFieldWhoseLengthStoodElsewhere) {
  // A reader that remembers 95=99999 would read out of bounds at the later 96.
  EXPECT_EQ(scan_body("35=D|34=1|95=99999|58=x|96=abc|").kind, ScanFault::Kind::kDataLength);
  // Without any length before it the field ends at SOH for every reader; odd, but bounded.
  EXPECT_FALSE(scan_body("35=D|34=1|96=abc|"));
  EXPECT_FALSE(message_->regular());
  EXPECT_FALSE(scan_body("35=D|34=1|95=3|58=x|"));
  EXPECT_FALSE(message_->regular());
}

TEST_F(Scanner, BoundsTagsAndFields) {
  EXPECT_FALSE(scan_body("35=D|34=1|999999999=x|"));
  EXPECT_EQ(scan_body("35=D|34=1|1000000000=x|").kind, ScanFault::Kind::kTag);
  EXPECT_EQ(scan_body("35=D|34=1|018=x|").kind, ScanFault::Kind::kTag);
  EXPECT_EQ(scan_body("35=D|34=1|0=x|").kind, ScanFault::Kind::kTag);
  for (const char* body : {"35=D|34=1|=x|", "35=D|34=1|58x|", "35=D|34=1||", "35=D|34=1|-58=x|", "35=D|34=1|5 8=x|"}) {
    EXPECT_EQ(scan_body(body).kind, ScanFault::Kind::kNotAField) << body;
  }
  std::string body = "35=D|34=1|";
  for (int i = 0; i < 507; ++i) body += "58=x|";
  EXPECT_FALSE(scan_body(body)) << "8, 9, 35, 34, 10 and 507 make 512";
  body += "58=x|";
  EXPECT_EQ(scan_body(body).kind, ScanFault::Kind::kTooManyFields);
}

TEST_F(Scanner, RefusesTwoMessageTypesOrTwoNumbers) {
  EXPECT_EQ(scan_body("35=D|34=1|35=A|").kind, ScanFault::Kind::kHeader);
  EXPECT_EQ(scan_body("35=D|34=1|35=A|").session_reject_reason, 13);
  EXPECT_EQ(scan_body("35=D|34=1|34=2|").kind, ScanFault::Kind::kHeader);
  EXPECT_EQ(scan_body("35=D|34=1|34=2|").session_reject_reason, 13);
}

TEST_F(Scanner, ANumberThatIsNoneReadsAsZero) {
  ASSERT_FALSE(scan_body("35=D|34=1x|"));
  EXPECT_EQ(message_->header().msg_seq_num, 0u);
  ASSERT_FALSE(scan_body("35=D|34=|"));
  EXPECT_EQ(message_->header().msg_seq_num, 0u);
  EXPECT_EQ(parse_number("999999999999999999"), 999999999999999999u);
  EXPECT_EQ(parse_number("1000000000000000000"), 0u);
}

TEST_F(Scanner, TruncatedBytesAreAFaultAndNeverReadBeyond) {
  const std::string whole = framed("FIX.4.4", "35=D|34=1|95=3|96=abc|58=some longer text than eight bytes|");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // An allocation of its own, so that a sanitizer sees any read beyond the end.
    const std::unique_ptr<char[]> cut(new char[size + 1]);
    std::copy_n(whole.data(), size, cut.get());
    const ScanFault fault = scan({cut.get(), size}, *message_);
    const bool ends_field = size == 0 || whole[size - 1] == kSoh;
    if (!ends_field) {
      EXPECT_TRUE(fault) << size;
    }
  }
}

TEST_F(Scanner, RandomBytesStayInBounds) {
  std::mt19937 random(7);
  const std::string alphabet = soh("|||===0123456789953544ab-");
  for (int round = 0; round < 20'000; ++round) {
    const std::size_t size = random() % 80;
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes += alphabet[random() % alphabet.size()];
    const ScanFault fault = scan(bytes, *message_);
    for (const RawField& field : message_->fields()) {
      ASSERT_GE(field.value.data(), bytes.data());
      ASSERT_LE(field.value.data() + field.value.size(), bytes.data() + bytes.size());
      ASSERT_GT(field.tag, 0u);
    }
    if (fault) {
      ASSERT_NE(std::string_view(fault.text), "");
    }
  }
}

// Messages of one layout have the same tags, whole, and no empty value.
void expect_layout_holds(const ScannedMessage& message, bool fault) {
  static std::map<std::uint64_t, std::vector<std::uint32_t>> known;
  if (message.fields().layout() == 0) return;
  ASSERT_FALSE(fault) << readable(message.bytes());
  std::vector<std::uint32_t> tags;
  for (const RawField& field : message.fields()) {
    ASSERT_FALSE(field.value.empty()) << readable(message.bytes());
    tags.push_back(field.tag);
  }
  const auto& before = known.try_emplace(message.fields().layout(), tags).first->second;
  ASSERT_EQ(tags, before) << readable(message.bytes());
}

// Both ways of cutting a frame give the same fields, header and fault.
void expect_the_same(std::string_view frame) {
  const auto quick = std::make_unique<ScannedMessage>();
  const auto plain = std::make_unique<ScannedMessage>();
  const ScanFault a = scan(frame, *quick);
  const ScanFault b = scan_by_bytes(frame, *plain);
  ASSERT_EQ(a.kind, b.kind) << readable(frame);
  ASSERT_EQ(a.ref_tag, b.ref_tag) << readable(frame);
  ASSERT_STREQ(a.text, b.text) << readable(frame);
  ASSERT_EQ(quick->regular(), plain->regular()) << readable(frame);
  ASSERT_EQ(quick->fields().size(), plain->fields().size()) << readable(frame);
  for (std::size_t i = 0; i < quick->fields().size(); ++i) {
    ASSERT_EQ(quick->fields()[i].tag, plain->fields()[i].tag) << readable(frame);
    ASSERT_EQ(quick->fields()[i].value.data(), plain->fields()[i].value.data()) << readable(frame);
    ASSERT_EQ(quick->fields()[i].value.size(), plain->fields()[i].value.size()) << readable(frame);
  }
  ASSERT_NO_FATAL_FAILURE(expect_layout_holds(*quick, static_cast<bool>(a)));
  ASSERT_EQ(plain->fields().layout(), 0u);
  const HeaderFields& x = quick->header();
  const HeaderFields& y = plain->header();
  ASSERT_TRUE(x.begin_string == y.begin_string && x.msg_type == y.msg_type && x.sender_comp_id == y.sender_comp_id &&
              x.target_comp_id == y.target_comp_id && x.sending_time == y.sending_time &&
              x.orig_sending_time == y.orig_sending_time && x.msg_seq_num == y.msg_seq_num &&
              x.poss_dup == y.poss_dup && x.poss_resend == y.poss_resend)
      << readable(frame);
}

TEST_F(Scanner, CutsByMarksAsByteByByte) {
  std::mt19937_64 random(23);
  const std::string order =
      framed("FIX.4.4",
             "35=D|49=ALPHA|56=PORTCULLIS|34=7|52=20261122-12:00:00.123|11=A1|95=3|96=|=||55=EUR/USD|54=1|999999999=x|"
             "12345678=y|58=some text|453=1|448=X|447=D|452=11|354=2|355=ab|43=Y|");
  constexpr char kBytes[] = {kSoh, '=', '0', '1', '3', '4', '5', '9', '8', 'x', '\x00', '\xff'};
  for (int round = 0; round < 200'000; ++round) {
    std::string frame = order;
    for (auto changes = random() % 4; changes > 0; --changes) {
      const std::size_t at = random() % frame.size();
      switch (random() % 3) {
        case 0:
          frame[at] = kBytes[random() % sizeof kBytes];
          break;
        case 1:
          frame.insert(at, 1, kBytes[random() % sizeof kBytes]);
          break;
        default:
          frame.erase(at, 1 + random() % 3);
          break;
      }
    }
    ASSERT_NO_FATAL_FAILURE(expect_the_same(frame));
  }
  for (std::size_t size = 0; size <= order.size(); ++size) {
    ASSERT_NO_FATAL_FAILURE(expect_the_same(std::string_view(order).substr(0, size)));
  }
  std::string many = "35=D|";
  for (int i = 0; i < 520; ++i) {
    ASSERT_NO_FATAL_FAILURE(expect_the_same(soh(many)));
    many += "58=t|";
  }
}

TEST_F(Scanner, KnowsTheLayoutOfAMessageThatComesAgain) {
  const std::string first = "35=D|49=A|56=B|34=7|52=20261122-12:00:00|11=A1|55=EUR/USD|54=1|38=100|40=1|5001=x|60=1|";
  const std::string other = "35=D|49=A|56=B|34=7|52=20261122-12:00:00|11=A1|55=EUR/USD|38=100|54=1|40=1|5001=x|60=1|";
  for (int i = 0; i < 3; ++i) ASSERT_FALSE(scan_body(first));
  const std::uint64_t layout = message_->fields().layout();
  EXPECT_NE(layout, 0u);
  ASSERT_FALSE(scan_body("35=D|49=ALPHA|56=B|34=8|52=20261122-12:00:01|11=B|55=X|54=2|38=1|40=2|5001=yy|60=20|"));
  EXPECT_EQ(message_->fields().layout(), layout);
  EXPECT_EQ(message_->header().sender_comp_id, "ALPHA");
  EXPECT_EQ(message_->header().msg_seq_num, 8u);
  // Without a value; in another order; with the tag of another length.
  ASSERT_FALSE(scan_body("35=D|49=A|56=B|34=7|52=20261122-12:00:00|11=|55=EUR/USD|54=1|38=100|40=1|5001=x|60=1|"));
  EXPECT_EQ(message_->fields().layout(), 0u);
  ASSERT_FALSE(scan_body(other));
  EXPECT_EQ(message_->fields().layout(), 0u);
  ASSERT_FALSE(scan_body("35=D|49=A|56=B|34=7|52=20261122-12:00:00|11=A1|55=EUR/USD|54=1|38=100|40=1|500=x|60=1|"));
  EXPECT_EQ(message_->fields().layout(), 0u);
  for (int i = 0; i < 3; ++i) ASSERT_FALSE(scan_body(other));
  EXPECT_NE(message_->fields().layout(), 0u);
  EXPECT_NE(message_->fields().layout(), layout);
}

// So many fields as are kept, one less and one more, with another tag at each place in turn.
TEST_F(Scanner, AnotherTagIsNeverOfTheSameLayoutHoweverManyFieldsThereAre) {
  const auto body = [](std::size_t fields, std::size_t other) {
    std::string text = "35=D|49=A|56=B|34=7|52=20261122-12:00:00|";
    for (std::size_t i = 0; i < fields; ++i) text += std::to_string((i == other ? 6000 : 5000) + i) + "=x|";
    return text;
  };
  // BeginString(8), BodyLength(9) and CheckSum(10) stand around the body, whose first five fields are of the header.
  for (std::size_t fields = 30; fields <= 36; ++fields) {
    for (std::size_t other = 0; other < fields; ++other) {
      for (int i = 0; i < 3; ++i) ASSERT_FALSE(scan_body(body(fields, fields)));
      const std::uint64_t layout = message_->fields().layout();
      ASSERT_FALSE(scan_body(body(fields, other)));
      EXPECT_TRUE(message_->fields().layout() == 0 || message_->fields().layout() != layout)
          << message_->fields().size() << " fields, another tag at " << other;
    }
  }
}

// A few senders in turn, each of whose messages is changed now and then.
TEST_F(Scanner, ALayoutStandsForItsTags) {
  std::mt19937_64 random(29);
  const std::vector<std::string> bodies = {
      "35=D|49=A|56=B|34=7|52=20261122-12:00:00|11=A1|55=EUR/USD|54=1|38=100|40=1|60=1|",
      "35=D|49=A|56=B|34=7|52=20261122-12:00:00|11=A1|54=1|55=EUR/USD|38=100|40=1|60=1|",
      "35=8|34=9|49=A|56=B|52=20261122-12:00:00|37=1|11=2|17=3|150=F|39=2|5001=x|55=EUR/USD|",
      "35=8|34=9|49=A|56=B|43=N|97=Y|122=1|52=20261122-12:00:00|37=1|11=2|17=3|150=F|39=2|151=0|"};
  constexpr char kBytes[] = {kSoh, '=', '0', '1', '5', 'x'};
  for (int round = 0; round < 50'000; ++round) {
    std::string frame = framed("FIX.4.4", bodies[random() % bodies.size()]);
    if (random() % 3 == 0) {
      const std::size_t at = random() % frame.size();
      if (random() % 2 == 0) frame[at] = kBytes[random() % sizeof kBytes];
      else frame.erase(at, 1 + random() % 3);
    }
    ASSERT_NO_FATAL_FAILURE(expect_the_same(frame));
  }
}

// A message of a known layout of which any one byte is another, or that ends anywhere, in memory of exactly its size.
TEST_F(Scanner, AKnownLayoutIsCutAsByteByByteWhateverStandsInIt) {
  constexpr char kBytes[] = {kSoh, '=', '0', '9', ':', '/', 'x', '\x00', '\x31', '\xff'};
  for (const std::string_view body :
       {"35=D|49=A|56=B|34=7|52=20261122-12:00:00|11=A1|55=EUR/USD|54=1|5001=x|1234567=y|60=1|",
        "35=8|34=9|49=A|56=B|43=Y|97=N|122=1|52=20261122-12:00:00|37=1|11=2|17=3|150=F|39=2|151=0|9876543=12345678|"}) {
    const std::string whole = framed("FIX.4.4", body);
    const auto known = std::make_unique<ScannedMessage>();
    for (int i = 0; i < 3; ++i) ASSERT_FALSE(scan(whole, *known));
    ASSERT_NE(known->fields().layout(), 0u);
    const auto expect_the_same_of = [&whole](std::string_view frame) {
      // It is known again, whatever came before.
      for (int i = 0; i < 3; ++i) expect_the_same(whole);
      const std::unique_ptr<char[]> exact(new char[frame.size()]);
      std::copy(frame.begin(), frame.end(), exact.get());
      expect_the_same({exact.get(), frame.size()});
    };
    for (std::size_t at = 0; at < whole.size(); ++at) {
      ASSERT_NO_FATAL_FAILURE(expect_the_same_of(std::string_view(whole).substr(0, at)));
      ASSERT_NO_FATAL_FAILURE(expect_the_same_of(std::string_view(whole).substr(at)));
      for (const char byte : kBytes) {
        std::string frame = whole;
        frame[at] = byte;
        ASSERT_NO_FATAL_FAILURE(expect_the_same_of(frame));
      }
    }
  }
}

// Messages that are kept at one place may be of any type and length: the beginning of a known one is not all of it.
TEST_F(Scanner, TheBeginningOfAKnownMessageIsNotOfItsLayout) {
  const auto body = [](char type, std::size_t fields) {
    std::string text = std::string("35=") + type + "|49=A|56=B|34=7|52=20261122-12:00:00|";
    for (std::size_t i = 0; i < fields; ++i) text += std::to_string(5000 + i) + "=x|";
    return text;
  };
  for (std::size_t fields = 1; fields <= 32; ++fields) {
    const std::string whole = framed("FIX.4.4", body('D', fields));
    for (std::size_t fewer = 0; fewer < fields; ++fewer) {
      for (const char type : std::string_view("0158AFGHjq")) {
        for (int i = 0; i < 3; ++i) ASSERT_FALSE(scan(whole, *message_));
        ASSERT_NO_FATAL_FAILURE(expect_the_same(framed("FIX.4.4", body(type, fewer))));
      }
    }
  }
}

// What is expected of a field is its first eight bytes at most, and before the number of a message stands BeginString(8).
TEST_F(Scanner, NoLayoutIsLearnedOfTagsOfEightDigitsNorOfAFrameThatDoesNotBeginWithBeginString) {
  for (const std::string& frame : {framed("FIX.4.4", "35=D|34=7|49=A|56=B|12345678=x|11=A1|"),
                                   framed("FIX.4.4", "35=D|34=7|49=A|56=B|999999999=x|11=A1|"),
                                   soh("34=7|35=D|49=A|56=B|11=A1|10=000|")}) {
    for (int i = 0; i < 5; ++i) {
      ASSERT_FALSE(scan(frame, *message_));
      EXPECT_EQ(message_->fields().layout(), 0u) << readable(frame);
      ASSERT_NO_FATAL_FAILURE(expect_the_same(frame));
    }
  }
}

}  // namespace
}  // namespace portcullis::fix
