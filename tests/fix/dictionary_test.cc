#include "fix/dictionary.h"

#include <array>
#include <random>
#include <vector>

#include "base/decimal.h"
#include "base/short_digits.h"
#include "fix/pass_through.h"
#include "tests/fix/dialects.h"
#include "tests/fix/quickfix/judge.h"

namespace portcullis::fix {
namespace {

const std::string kOrder44 = head("D") +
                             "11=A1|453=2|448=X|447=D|452=1|802=1|523=S|803=1|448=Y|447=D|452=3|1=ALPHA-1|55=EUR/USD|"
                             "54=1|60=20261122-12:00:00|38=1000|40=2|44=1.1|59=0|";

Understanding understand(std::string_view body, bool user_defined_tags = true,
                         FixVersion version = FixVersion::kFix44) {
  return dictionary_of(version).understand(*parsed(version, body), user_defined_tags);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Understand, ValidMessagesOfTheOrderFlow) {
  EXPECT_TRUE(understand(kOrder44));
  EXPECT_TRUE(understand(head("F") + "41=A|11=B|55=EUR/USD|54=1|60=20261122-12:00:00|38=5|"));
  EXPECT_TRUE(understand(head("H") + "11=A|55=EUR/USD|54=1|"));
  EXPECT_TRUE(understand(head("8") + "37=1|17=2|150=F|39=1|55=EUR/USD|54=1|32=1|31=1.1|151=1|14=1|6=1.1|"));
  EXPECT_TRUE(understand(head("D") + "11=A|21=1|55=EUR/USD|54=1|60=20261122-12:00:00|38=5|40=1|18=G 6|", true,
                         FixVersion::kFix42));
  EXPECT_TRUE(understand(head("D") + "11=A|55=EUR/USD|54=1|60=20261122-12:00:00|38=5|40=1|354=3|355=a|b|"));
}

TEST(Understand, WhatIsNotValidOrInDoubtIsNotUnderstood) {
  struct Case {
    std::string_view from;
    std::string_view to;
    std::uint32_t tag;
  };
  const Case cases[] = {
      {"54=1|", "54=Z|", 54},       // enumeration
      {"38=1000|", "38=abc|", 38},  // type
      {"38=1000|", "38=|", 38},     // empty
      {"38=1000|", "38=1e3|", 38},  //
      {"44=1.1|", "44=1.|", 44},    //
      {"60=20261122-12:00:00|", "60=20261132-12:00:00|", 60},
      {"11=A1|", "", 0},                // required
      {"59=0|", "59=0|59=0|", 59},      // twice
      {"59=0|", "59=0|150=0|", 150},    // of another message
      {"59=0|", "59=0|4999=0|", 4999},  // unknown
      {"59=0|", "59=0|50=X|", 50},      // header behind the body
      {"453=2|", "453=3|", 453},        // counts
      {"453=2|", "453=1|", 453},
      {"453=2|", "453=0|", 453},
      {"453=2|", "453=-1|", 453},
      {"453=2|", "453=101|", 453},
      {"448=X|447=D|", "447=D|448=X|", 453},  // delimiter first
      {"452=3|", "452=3|452=4|", 453},        // twice in an entry
      {"802=1|", "802=2|", 453},              // nested count
      {"35=D|", "35=ZZ|", 35},
      {"59=0|", "59=0|355=x|", 0},                      // data without its length
      {"59=0|", "59=0|354=1|58=x|", 0},                 // and the other way round
      {"59=0|", "59=0|93=1|89=x|5001=u|", 5001},        // a field of the user behind the trailer
      {"59=0|", "59=0|93=1|89=x|58=t|", 58},            // and one of the body
  };
  for (const Case& c : cases) {
    const Understanding understanding = understand(replaced(kOrder44, c.from, c.to));
    EXPECT_FALSE(understanding) << c.from << " -> " << c.to;
    EXPECT_EQ(understanding.tag, c.tag) << c.from << " -> " << c.to << ": " << understanding.why;
  }
  EXPECT_FALSE(dictionary_of(FixVersion::kFix42).understand(*parsed(FixVersion::kFix44, kOrder44), true));
}

TEST(BrokenGroup, IsOneThatWouldBeLeftOutOnTheWay) {
  const auto broken = [](const std::string& body, FixVersion version = FixVersion::kFix44) {
    return broken_group(*parsed(version, body), dictionary_of(version));
  };
  EXPECT_EQ(broken(kOrder44), 0U);
  EXPECT_EQ(broken(replaced(kOrder44, "453=2|448=X|447=D|452=1|802=1|523=S|803=1|448=Y|447=D|452=3|", "453=0|")), 0U);
  EXPECT_EQ(broken(replaced(kOrder44, "448=X|447=D|452=1|", "448=X|452=1|447=D|")), 0U)
      << "QuickFIX takes any order, and so do we";
  EXPECT_EQ(broken(replaced(kOrder44, "802=1|", "802=2|")), 453U);
  EXPECT_EQ(broken(replaced(kOrder44, "523=S|803=1|", "523=S|803=1|523=T|803=1|")), 453U);
  EXPECT_EQ(broken(replaced(kOrder44, "802=1|523=S|803=1|", "802=1|")), 453U);
  EXPECT_EQ(broken(replaced(kOrder44, "59=0|", "59=0|78=1|79=A|539=2|524=P|80=1000|")), 78U);
  std::string many = "59=0|386=101|";
  for (int i = 0; i < 101; ++i) many += "336=S|";
  EXPECT_EQ(broken(replaced(kOrder44, "59=0|", many)), 386U);
  EXPECT_EQ(broken(replaced(head("D") + "11=A1|59=0|", "59=0|", many), FixVersion::kFix42), 386U);
  EXPECT_EQ(broken(head("ZZ") + "453=2|448=X|"), 0U);
}

// The judge remembers which tags a message had that it understood, and never what they were worth.
TEST(Understand, AnotherMessageOfTheSameFieldsIsJudgedByItsValues) {
  const std::string order = head("D") + "11=A|55=EUR/USD|54=1|60=20261122-12:00:00|38=5|40=1|";
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(understand(order));
    EXPECT_FALSE(understand(replaced(order, "38=5", "38=x")));
    EXPECT_FALSE(understand(replaced(order, "54=1", "54=Z")));
    EXPECT_FALSE(understand(replaced(order, "60=20261122", "60=20261132")));
    EXPECT_FALSE(understand(replaced(order, "40=1", "11=1")));
  }
  // The same fields under another type, which has not all of them.
  EXPECT_FALSE(understand(replaced(order, "35=D", "35=H")));
  EXPECT_TRUE(understand(order));
}

// Two dictionaries that differ in one list of values only: what one of them has understood says nothing to the other.
TEST(Understand, AShapeThatOneDictionaryKnowsIsNotAnothersWithOtherValues) {
  const auto xml = [](std::string_view values) {
    std::string text =
        "<fix type='FIX' major='4' minor='4'><header><field name='BeginString' required='Y'/>"
        "<field name='BodyLength' required='Y'/><field name='MsgType' required='Y'/></header>"
        "<trailer><field name='CheckSum' required='Y'/></trailer>"
        "<messages><message name='M' msgtype='M' msgcat='app'><field name='Side' required='Y'/></message></messages>"
        "<fields><field number='8' name='BeginString' type='STRING'/><field number='9' name='BodyLength' type='INT'/>"
        "<field number='35' name='MsgType' type='STRING'/><field number='10' name='CheckSum' type='STRING'/>"
        "<field number='54' name='Side' type='CHAR'>";
    for (const char value : values) text += std::string("<value enum='") + value + "' description='V'/>";
    return text + "</field></fields></fix>";
  };
  const Result<Dictionary> wide = Dictionary::compile(xml("12Z"));
  const Result<Dictionary> narrow = Dictionary::compile(xml("12"));
  ASSERT_TRUE(wide.ok() && narrow.ok());
  for (const char* value : {"3", "Z", "1"}) {
    const auto message = parsed(FixVersion::kFix44, "35=M|54=" + std::string(value) + "|");
    for (int i = 0; i < 3; ++i) {
      for (const Dictionary* dictionary : {&*wide, &*narrow, &*wide}) {
        EXPECT_EQ(dictionary->understand(*message, true).understood, dictionary->examine(*message, true).understood) << value;
      }
    }
  }
}

TEST(Understand, UserDefinedTagsAreTheDialectsMatter) {
  const std::string body = kOrder44 + "5001=x|9999=y|";
  EXPECT_TRUE(understand(body, true));
  EXPECT_FALSE(understand(body, false));
  EXPECT_FALSE(understand(body + "5001=z|", true)) << "twice";
  EXPECT_FALSE(understand(body + "5002=|", true)) << "empty";
}

// Mutates valid messages at random. Understood must imply that QuickFIX accepts; the reverse need not
// hold, but for unchanged messages it must, or the lane would be of little use.
TEST(Understand, ImpliesThatQuickfixAccepts) {
  struct Base {
    FixVersion version;
    std::string body;
  };
  const std::vector<Base> bases = {
      {FixVersion::kFix44, kOrder44 + "18=1 G|526=x|110=5|354=3|355=a|b|5001=u|"},
      {FixVersion::kFix44, head("D") +
                               "11=A|78=2|79=S1|467=I|539=1|524=P|525=D|538=4|804=1|545=T|805=2|80=5|79=S2|80=6|"
                               "55=EUR/USD|54=1|60=20261122-12:00:00.123|38=5|40=1|432=20261224|"},
      {FixVersion::kFix44, head("G") + "37=O|41=A|11=B|55=EUR/USD|54=2|60=20261122-12:00:00|38=7|40=2|44=1.25|"},
      {FixVersion::kFix44, head("F") + "41=A|11=B|55=EUR/USD|54=1|60=20261122-12:00:00|38=5|58=why|"},
      {FixVersion::kFix44, head("H") + "11=A|55=EUR/USD|54=1|790=q|"},
      {FixVersion::kFix44, head("8") +
                               "37=1|198=9|11=A|41=B|17=2|19=3|150=F|39=1|103=99|1=ALPHA|55=EUR/USD|54=1|38=10|"
                               "40=2|44=1.1|32=1|31=1.1|151=9|14=1|6=1.1|60=20261122-12:00:00|382=1|375=X|58=t|"},
      {FixVersion::kFix44, head("9") + "37=1|11=A|41=B|39=2|434=1|102=0|58=late|"},
      {FixVersion::kFix42, head("D") + "11=A|21=1|18=G 6|55=EUR/USD|54=1|60=20261122-12:00:00|38=5|40=2|44=1.1|78=1|"
                                       "79=S|80=5|5001=u|"},
      {FixVersion::kFix42, head("8") +
                               "37=1|11=A|17=2|20=0|150=1|39=1|382=2|375=X|337=T|375=Y|55=EUR/USD|54=1|38=10|32=1|"
                               "31=1.1|151=9|14=1|6=1.1|60=20261122-12:00:00|424=10|"},
      {FixVersion::kFix42, head("9") + "37=1|11=A|41=B|39=2|434=2|102=3|"},
  };
  const auto split = [](const std::string& body) {
    std::vector<std::string> fields;
    for (std::size_t at = 0; at < body.size();) {
      std::size_t end = body.find('|', at);
      if (body.compare(at, 4, "355=") == 0) end = body.find('|', end + 1);
      fields.push_back(body.substr(at, end - at + 1));
      at = end + 1;
    }
    return fields;
  };
  const std::vector<std::string> values = {"",
                                           "0",
                                           "1",
                                           "-1",
                                           "2",
                                           "Y",
                                           "N",
                                           "1.5",
                                           "1.",
                                           ".5",
                                           "1e5",
                                           "ab",
                                           "1 2",
                                           " ",
                                           "1 ",
                                           "G",
                                           "20261122",
                                           "999999999",
                                           "99999999999",
                                           "20261122-12:00:00",
                                           "20261122-25:00:00",
                                           "A",
                                           "F",
                                           "3=4"};
  const std::vector<std::string> tags = {"1",   "11",   "38",   "44",  "54",  "55",  "59",  "60",  "78",  "79", "80",
                                         "448", "447",  "452",  "453", "523", "802", "18",  "150", "20",  "58", "50",
                                         "43",  "5001", "7000", "382", "375", "539", "524", "627", "628", "89"};
  std::mt19937 random(20261122);
  const auto pick = [&random](const auto& list) -> const auto& {
    return list[random() % list.size()];
  };
  auto message = std::make_unique<ScannedMessage>();
  int understood = 0;
  int accepted = 0;
  for (const Base& base : bases) {
    const std::string begin_string = base.version == FixVersion::kFix42 ? "FIX.4.2" : "FIX.4.4";
    const std::string valid = framed(begin_string, base.body);
    ASSERT_FALSE(scan(valid, *message));
    const Understanding understanding = dictionary_of(base.version).understand(*message, true);
    EXPECT_TRUE(understanding) << base.body << " " << understanding.tag << " " << understanding.why;
    EXPECT_TRUE(quickfix_judge::judge(begin_string, valid, true).accepted) << base.body;

    for (int round = 0; round < 3000; ++round) {
      std::vector<std::string> fields = split(base.body);
      const int changes = 1 + static_cast<int>(random() % 2);
      for (int change = 0; change < changes; ++change) {
        const std::size_t at = 1 + random() % (fields.size() - 1);  // MsgType stays in its place
        switch (random() % 5) {
          case 0:
            fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(at));
            break;
          case 1:
            fields.insert(fields.begin() + static_cast<std::ptrdiff_t>(at), pick(tags) + "=" + pick(values) + "|");
            break;
          case 2:
            fields[at] = fields[at].substr(0, fields[at].find('=') + 1) + pick(values) + "|";
            break;
          case 3:
            std::swap(fields[at], fields[1 + random() % (fields.size() - 1)]);
            break;
          default:
            fields.insert(fields.begin() + static_cast<std::ptrdiff_t>(at), std::string(pick(fields)));
            break;
        }
        if (fields[0] != split(base.body)[0]) fields[0] = split(base.body)[0];
      }
      std::string body;
      for (const std::string& field : fields) body += field;
      const std::string bytes = framed(begin_string, body);
      if (scan(bytes, *message)) continue;  // our own Reject; QuickFIX never sees it
      const bool user_defined_tags = round % 2 == 0;
      const bool ours = static_cast<bool>(dictionary_of(base.version).understand(*message, user_defined_tags));
      const quickfix_judge::Judgement theirs = quickfix_judge::judge(begin_string, bytes, user_defined_tags);
      understood += ours ? 1 : 0;
      accepted += theirs.accepted ? 1 : 0;
      if (ours) {
        ASSERT_TRUE(theirs.accepted) << theirs.why << ": " << body;
      }
    }
  }
  EXPECT_GT(understood, 1000) << "too few mutations stayed valid for the test to mean much";
  EXPECT_GT(understood * 10, accepted * 7) << understood << " of " << accepted << " that QuickFIX accepts";
}

TEST(Compile, SaysWhatIsWrongWithAnXml) {
  const auto error = [](std::string_view xml) {
    const Result<Dictionary> dictionary = Dictionary::compile(xml);
    return dictionary.ok() ? std::string() : dictionary.error().what;
  };
  EXPECT_NE(error(""), "");
  EXPECT_NE(error("<fix"), "");
  EXPECT_NE(error("<other/>").find("<fix>"), std::string::npos);
  EXPECT_NE(error("<fix major='4' minor='4'/>"), "");
  const std::string good =
      "<fix type='FIX' major='4' minor='4'><header><field name='BeginString' required='Y'/></header>"
      "<trailer><field name='CheckSum' required='Y'/></trailer>"
      "<messages><message name='M' msgtype='M' msgcat='app'><field name='A' required='Y'/></message>"
      "</messages><fields><field number='8' name='BeginString' type='STRING'/>"
      "<field number='10' name='CheckSum' type='STRING'/><field number='500' name='A' type='INT'/>"
      "</fields></fix>";
  EXPECT_EQ(error(good), "");
  EXPECT_NE(error(replaced(good, "number='500'", "number='0'")).find("'A'"), std::string::npos);
  EXPECT_NE(error(replaced(good, "number='500'", "number='70000'")).find("65535"), std::string::npos);
  EXPECT_NE(error(replaced(good, "<field name='A' required='Y'/>", "<field name='B' required='Y'/>")).find("'B'"),
            std::string::npos);
  EXPECT_NE(error(replaced(good, "<field name='A' required='Y'/>", "<component name='C' required='Y'/>")).find("'C'"),
            std::string::npos);
}

TEST(Compile, ComponentsCountAsTheirUsers) {
  const std::string xml =
      "<fix type='FIX' major='4' minor='4'><header><field name='BeginString' required='Y'/></header>"
      "<trailer><field name='CheckSum' required='Y'/></trailer><messages>"
      "<message name='M' msgtype='M' msgcat='app'><component name='C' required='N'/></message>"
      "<message name='N' msgtype='N' msgcat='app'><component name='C' required='Y'/></message></messages>"
      "<components><component name='C'><field name='A' required='Y'/>"
      "<group name='G' required='N'><field name='B' required='Y'/></group></component></components>"
      "<fields><field number='8' name='BeginString' type='STRING'/><field number='10' name='CheckSum' type='STRING'/>"
      "<field number='500' name='A' type='INT'/><field number='501' name='G' type='NUMINGROUP'/>"
      "<field number='502' name='B' type='STRING'/></fields></fix>";
  const Result<Dictionary> dictionary = Dictionary::compile(xml);
  ASSERT_TRUE(dictionary.ok());
  EXPECT_EQ(dictionary->message("M")->required_count(), 0u);
  EXPECT_EQ(dictionary->message("N")->required_count(), 1u);
  ASSERT_NE(dictionary->message("M")->find(501), nullptr);
  EXPECT_EQ(dictionary->message("M")->find(501)->group->delimiter(), 502u);
}

// The quick way never says yes where the full examination has a doubt, and says it itself for all messages of an
// ordinary order's life, of which each is changed here in every way that comes to mind.
TEST(Understand, TheQuickWayAgreesWithTheExamination) {
  std::mt19937_64 random(31);
  const std::pair<FixVersion, std::string> messages[] = {
      {FixVersion::kFix44, kOrder44},
      {FixVersion::kFix44, head("F") + "41=A|11=B|55=EUR/USD|54=1|60=20261122-12:00:00|38=5|5001=u|"},
      {FixVersion::kFix44,
       head("8") + "37=1|17=2|150=F|39=1|55=EUR/USD|54=1|38=9|32=1|31=1.1|151=1|14=1|6=1.1|103=0|58=x|"},
      {FixVersion::kFix44, head("9") + "37=1|11=B|41=A|39=0|434=1|102=3|58=no|"},
      {FixVersion::kFix42, head("D") + "11=A|21=1|55=EUR/USD|54=1|60=20261122-12:00:00|38=5|40=1|18=G 6|64=20261124|"},
      {FixVersion::kFix42, head("8") + "37=1|17=2|20=0|150=1|39=1|55=EUR/USD|54=1|38=9|32=1|31=1.1|151=1|14=1|6=1.1|"},
  };
  constexpr const char* kFields[] = {"59=0|",
                                     "59=1|",
                                     "54=1|",
                                     "38=-5|",
                                     "38=.5|",
                                     "44=1.|",
                                     "44=00000000000000000000000001.5|",
                                     "60=20260229-12:00:00|",
                                     "60=20261122-12:00:60.123456789|",
                                     "60=22600101-00:00:00|",
                                     "60=20261122-12:00:00.|",
                                     "50=X|",
                                     "10=000|",
                                     "5002=user|",
                                     "5002=|",
                                     "4999=1|",
                                     "58=|",
                                     "40=|",
                                     "18=G|",
                                     "18=G  6|",
                                     "21=22|",
                                     "64=20261131|",
                                     "453=1|448=X|",
                                     "382=1|375=X|",
                                     "70000=far|",
                                     "35=D|",
                                     "8=FIX.4.4|",
                                     "114=Y|",
                                     "114=X|",
                                     "8888=a|8888=b|",
                                     "1=|",
                                     "34=07|",
                                     "355=x|",
                                     "354=1|355=x|",
                                     "93=1|89=x|",
                                     "93=1|89=x|5003=user|"};
  const auto message = std::make_unique<ScannedMessage>();
  int understood = 0;
  for (int round = 0; round < 60'000; ++round) {
    const auto& [version, body] = messages[random() % std::size(messages)];
    std::vector<std::string> fields;
    for (std::size_t at = 0; at < body.size();) {
      const std::size_t next = body.find('|', at) + 1;
      fields.push_back(body.substr(at, next - at));
      at = next;
    }
    for (auto changes = random() % 3; changes > 0; --changes) {
      const auto place = fields.begin() + static_cast<std::ptrdiff_t>(1 + random() % (fields.size() - 1));
      switch (random() % 4) {
        case 0:
          *place = kFields[random() % std::size(kFields)];
          break;
        case 1:
          fields.insert(place, kFields[random() % std::size(kFields)]);
          break;
        case 2:
          fields.erase(place);
          break;
        default:
          std::swap(*place, fields[1 + random() % (fields.size() - 1)]);
          break;
      }
    }
    std::string changed;
    for (const std::string& field : fields) changed += field;
    const std::string frame = framed(version == FixVersion::kFix42 ? "FIX.4.2" : "FIX.4.4", changed);
    if (scan(frame, *message)) continue;
    for (const FixVersion reader : {FixVersion::kFix42, FixVersion::kFix44}) {
      for (const bool user_defined_tags : {false, true}) {
        const Understanding quick = dictionary_of(reader).understand(*message, user_defined_tags);
        const Understanding full = dictionary_of(reader).examine(*message, user_defined_tags);
        ASSERT_EQ(quick.understood, full.understood) << full.tag << " " << full.why << ": " << readable(frame);
        ASSERT_EQ(quick.tag, full.tag);
        understood += quick.understood ? 1 : 0;
      }
    }
  }
  EXPECT_GT(understood, 10'000);
}

// A shape that is known is judged by its values alone: whatever a value is changed to, the answer is the examination's, and a
// decimal that was read in passing is what its text says.
TEST(Understand, AKnownShapeIsJudgedByItsValuesAsTheExaminationDoes) {
  std::mt19937_64 random(37);
  const std::pair<FixVersion, std::string> messages[] = {
      {FixVersion::kFix44, head("D") + "11=A1|1=ALPHA-1|55=EUR/USD|54=1|60=20261122-12:00:00|38=1000|40=2|44=1.1|59=0|"},
      {FixVersion::kFix44,
       head("8") + "37=1|17=2|150=F|39=1|55=EUR/USD|54=1|38=9|32=1|31=1.1|151=1|14=1|6=1.1|103=0|58=x|"},
      {FixVersion::kFix42, head("D") + "11=A|21=1|55=EUR/USD|54=1|60=20261122-12:00:00|38=5|40=1|18=G 6|64=20261124|"},
  };
  constexpr char kCharacters[] = {'0', '1', '2', '9', '9', '.', '-', '/', ':', 'A', 'N', 'Y', 'o', 'p', ' ', '\x1e', '\x00', '\xff', '+', ','};
  const auto message = std::make_unique<ScannedMessage>();
  int understood = 0;
  for (int round = 0; round < 60'000; ++round) {
    const auto& [version, body] = messages[random() % std::size(messages)];
    const std::string_view begin_string = version == FixVersion::kFix42 ? "FIX.4.2" : "FIX.4.4";
    const std::string whole = framed(begin_string, body);
    for (int i = 0; i < 3; ++i) {
      ASSERT_FALSE(scan(whole, *message));
      ASSERT_TRUE(dictionary_of(version).understand(*message, true));
    }
    ASSERT_NE(message->fields().layout(), 0u);
    // Any value but MsgType(35)'s, which stands first.
    const std::size_t field = body.find('|', random() % (body.size() - 1)) + 1;
    if (field >= body.size()) continue;
    const std::size_t value = body.find('=', field) + 1;
    std::string other;
    const std::size_t digits = random() % 3 == 0 ? sizeof kCharacters : 6;
    for (auto size = 1 + random() % 10; size > 0; --size) other += kCharacters[random() % digits];
    const std::string changed = framed(begin_string, body.substr(0, value) + other + body.substr(body.find('|', value)));
    ASSERT_FALSE(scan(changed, *message));
    const Understanding quick = dictionary_of(version).understand(*message, true);
    const Understanding full = dictionary_of(version).examine(*message, true);
    ASSERT_EQ(quick.understood, full.understood) << full.tag << " " << full.why << ": " << readable(changed);
    ASSERT_EQ(quick.tag, full.tag) << readable(changed);
    understood += quick.understood ? 1 : 0;
    for (const RawField& read : message->fields()) {
      if (read.short_decimal == 0) continue;
      std::int64_t raw = short_digits::digits_of_packed(read.short_decimal);
      for (std::uint32_t n = short_digits::decimals_of_packed(read.short_decimal); n < 8; ++n) raw *= 10;
      ASSERT_EQ(Price::parse(read.value), Price::from_raw(raw)) << readable(changed);
    }
  }
  EXPECT_GT(understood, 10'000);
}

}  // namespace
}  // namespace portcullis::fix
