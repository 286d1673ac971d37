#include <gtest/gtest.h>
#include <quickfix/DataDictionary.h>
#include <quickfix/Message.h>

#include <string>

namespace {

std::string path(const std::string& file) {
  return std::string(PORTCULLIS_DICTIONARIES) + "/" + file;
}

// "|" for SOH; BodyLength(9) and CheckSum(10) are filled in.
std::string frame(const std::string& begin_string, const std::string& body) {
  std::string bytes;
  for (char c : body) bytes += c == '|' ? '\001' : c;
  std::string whole = "8=" + begin_string + "\001" + "9=" + std::to_string(bytes.size()) + "\001" + bytes;
  int sum = 0;
  for (char c : whole) sum += static_cast<unsigned char>(c);
  char checksum[16];
  std::snprintf(checksum, sizeof(checksum), "10=%03d\001", sum & 255);
  return whole + checksum;
}

void validate(const FIX::DataDictionary& dictionary, const std::string& bytes) {
  FIX::Message message(bytes, dictionary, true);
  dictionary.validate(message);
}

TEST(QuickfixReadsOurDictionaries, Fix42) {
  FIX::DataDictionary dictionary(path("FIX42.xml"));
  EXPECT_EQ(dictionary.getVersion(), "FIX.4.2");
  for (const char* type : {"0", "1", "2", "3", "4", "5", "A", "D", "F", "G", "H", "8", "9", "j"}) {
    EXPECT_TRUE(dictionary.isMsgType(type)) << type;
  }
  EXPECT_TRUE(dictionary.isRequiredField("8", 20));
  EXPECT_TRUE(dictionary.isRequiredField("D", 21));
  EXPECT_FALSE(dictionary.isMsgField("8", 527));
}

TEST(QuickfixReadsOurDictionaries, Fix44) {
  FIX::DataDictionary dictionary(path("FIX44.xml"));
  EXPECT_EQ(dictionary.getVersion(), "FIX.4.4");
  for (const char* type : {"0", "1", "2", "3", "4", "5", "A", "D", "F", "G", "H", "8", "9", "j", "q", "r", "AF"}) {
    EXPECT_TRUE(dictionary.isMsgType(type)) << type;
  }
  EXPECT_FALSE(dictionary.isMsgField("8", 20));
  EXPECT_FALSE(dictionary.isRequiredField("D", 21));
  EXPECT_TRUE(dictionary.isFieldValue(150, "F"));
  EXPECT_FALSE(dictionary.isFieldValue(150, "1"));
  EXPECT_TRUE(dictionary.isGroup("D", 453));
  EXPECT_TRUE(dictionary.isDataField(96));
  EXPECT_TRUE(dictionary.isDataField(355));
}

TEST(QuickfixReadsOurDictionaries, AcceptsAnOrderWithPartiesAndRefusesABadSide) {
  FIX::DataDictionary dictionary(path("FIX44.xml"));
  const std::string order =
      "35=D|49=ALPHA|56=PORTCULLIS|34=2|52=20261122-12:00:00.000|11=A1|453=2|448=X|447=D|452=1|802=1|523=S|803=1|"
      "448=Y|447=D|452=3|55=EUR/USD|54=1|60=20261122-12:00:00|38=1000|40=2|44=1.1|59=0|";
  EXPECT_NO_THROW(validate(dictionary, frame("FIX.4.4", order)));
  std::string bad = order;
  bad.replace(bad.find("54=1"), 4, "54=Z");
  EXPECT_THROW(validate(dictionary, frame("FIX.4.4", bad)), FIX::IncorrectTagValue);
}

TEST(QuickfixReadsOurDictionaries, PrivateRejectCodesPass) {
  FIX::DataDictionary dictionary(path("FIX42.xml"));
  const std::string report =
      "35=8|49=SOUTHBANK|56=PORTCULLIS|34=2|52=20261122-12:00:00|37=1|11=A|17=2|20=0|150=8|39=8|103=120|55=EUR/USD|"
      "54=1|38=1000|151=0|14=0|6=0|";
  EXPECT_NO_THROW(validate(dictionary, frame("FIX.4.2", report)));
}

}  // namespace
