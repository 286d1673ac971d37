#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "fix/dictionary.h"
#include "session/lane.h"
#include "tests/session/session_harness.h"

// The same conversation through two sessions: one with the lane, one whose every frame goes through
// QuickFIX. They must give the core the same records and the peer the same bytes. A failure names its
// seed; PORTCULLIS_SEED runs that one alone, PORTCULLIS_SEEDS so many.

namespace portcullis::session {
namespace {

using test::Harness;

using Fields = std::vector<std::pair<int, std::string>>;

const char* dictionary_path(const std::string& begin_string) {
  return begin_string == "FIX.4.2" ? PORTCULLIS_DICTIONARIES "/FIX42.xml" : PORTCULLIS_DICTIONARIES "/FIX44.xml";
}

fix::Dictionary load(const std::string& begin_string) {
  std::ifstream file(dictionary_path(begin_string));
  const std::string xml{std::istreambuf_iterator<char>(file), {}};
  auto dictionary = fix::Dictionary::compile(xml);
  PORTCULLIS_CHECK(dictionary.ok(), "the built dictionary does not compile");
  return std::move(dictionary).value();
}

// Writes one side of a conversation, with the faults that counterparties make.
class Generator {
 public:
  Generator(std::uint32_t seed, std::string begin_string) : random_(seed), begin_string_(std::move(begin_string)) {}

  bool chance(int percent) { return static_cast<int>(random_() % 100) < percent; }
  std::uint32_t pick(std::uint32_t count) { return random_() % count; }
  std::uint64_t next_seq = 1;

  std::string logon() { return build("A", next_seq++, {{98, "0"}, {108, "30"}}); }
  std::string logout() { return build("5", next_seq++, {}); }

  std::string frame() {
    const std::uint32_t dice = pick(100);
    if (chance(20)) return twin(next_seq++);
    if (dice < 60) return application(next_seq++, false);
    if (dice < 66) return build("0", next_seq++, chance(50) ? Fields{} : Fields{{112, "id"}});
    if (dice < 70) return build("1", next_seq++, {{112, "t" + std::to_string(pick(9))}});
    if (dice < 73) return build("2", next_seq++, {{7, number()}, {16, number()}});
    if (dice < 76) return build("3", next_seq++, {{45, number()}, {58, "no"}});
    if (dice < 79)
      return build("4", next_seq++, {{123, chance(80) ? "Y" : "N"}, {36, std::to_string(next_seq + pick(3))}});
    if (dice < 84) return application(next_seq++, true);  // PossDupFlag at the expected number
    if (dice < 88) return application(next_seq > 2 ? next_seq - 1 - pick(2) : next_seq, true);  // a duplicate
    if (dice < 92) {  // a gap, filled by what follows
      const std::uint64_t ahead = next_seq + 1 + pick(3);
      return application(ahead, false);
    }
    if (dice < 93) return application(next_seq > 3 ? next_seq - 2 : next_seq++, false);  // too low: ends it
    if (dice < 94) return build("5", next_seq++, {});
    if (dice < 95) return build(chance(50) ? "ZZ" : "AE", next_seq++, {{11, "x"}});
    return application(next_seq++, false);
  }

 private:
  std::string number() { return std::to_string(static_cast<int>(pick(12)) - 1); }

  Fields body(std::string* type) {
    switch (pick(5)) {
      case 0:
        *type = "F";
        return {{11, "C1"}, {38, "1000"}, {41, "A1"}, {54, "1"}, {55, "EUR/USD"}, {60, "20261231-16:00:00"}};
      case 1:
        *type = "G";
        return {{11, "C2"}, {21, "1"},       {38, "2000"},
                {40, "2"},  {41, "A1"},      {44, "1.2"},
                {54, "2"},  {55, "EUR/USD"}, {60, "20261231-16:00:00.123"}};
      case 2:
        *type = "8";
        return begin_string_ == "FIX.4.2" ? Fields{{6, "1.1"}, {14, "0"}, {17, "E1"},      {20, "0"},  {37, "B1"},
                                                   {39, "0"},  {54, "1"}, {55, "EUR/USD"}, {150, "0"}, {151, "1000"}}
                                          : Fields{{6, "1.1"}, {14, "0"},       {17, "E1"}, {37, "B1"},   {39, "0"},
                                                   {54, "1"},  {55, "EUR/USD"}, {150, "0"}, {151, "1000"}};
      case 3:
        *type = "H";
        return {{11, "A1"}, {54, "1"}, {55, "EUR/USD"}};
      default:
        *type = "D";
        return {{1, "ALPHA-1"},
                {11, "A" + std::to_string(next_seq)},
                {15, "EUR"},
                {21, "1"},
                {38, "1000000"},
                {40, "2"},
                {44, "1.10"},
                {54, "1"},
                {55, "EUR/USD"},
                {59, "0"},
                {60, "20261231-16:00:00"}};
    }
  }

  std::string application(std::uint64_t seq, bool poss_dup) {
    std::string type;
    Fields fields = body(&type);
    if (!begin_string_.ends_with("4.2") && type == "D" && chance(30)) {
      const Fields parties = {{453, "2"}, {448, "P1"}, {447, "D"}, {452, "1"}, {448, "P2"}, {447, "D"}, {452, "3"}};
      fields.insert(fields.end(), parties.begin(), parties.end());
    }
    if (chance(35)) damage(fields);
    Fields header;
    if (poss_dup) {
      header.emplace_back(43, "Y");
      if (chance(90)) header.emplace_back(122, chance(90) ? "20261231-15:59:59.000" : "20261231-17:59:59.000");
    }
    if (chance(5)) header.emplace_back(97, "Y");
    if (chance(5)) header.emplace_back(50, "desk");
    return build(type, seq, fields, header);
  }

  // The last message again, of which one byte is another: what is remembered of a message's fields is asked most of one
  // that has nearly all of them. An SOH may come, go or move, and the length of a value change with it.
  std::string twin(std::uint64_t seq) {
    static constexpr char kBytes[] = {'|', '|', '=', '0', '1', '3', '5', '9', '.', '-', ':', ' ', 'A', 'N', 'Y', '\x02', '\x00', '\xff'};
    if (last_.empty()) return application(seq, false);
    const auto [type, rest] = last_[pick(static_cast<std::uint32_t>(last_.size()))];
    std::string changed = rest;
    if (chance(60)) {
      const std::size_t at = pick(static_cast<std::uint32_t>(changed.size() - 1));
      const char byte = kBytes[pick(sizeof kBytes)];
      switch (pick(5)) {
        case 0:
          changed.insert(at, 1, byte);
          break;
        case 1:
          changed.erase(at, 1);
          break;
        case 2:  // the SOH before it stands one further on
          if (const std::size_t soh = changed.rfind('|', at); soh != std::string::npos && soh + 2 < changed.size()) {
            std::swap(changed[soh], changed[soh + 1]);
          }
          break;
        default:
          changed[at] = byte;
          break;
      }
    }
    return test::frame("35=" + type + "|34=" + std::to_string(seq) + "|" + changed, begin_string_);
  }

  void damage(Fields& fields) {
    static const char* const kValues[] = {
        "",   "abc", "-1", "0",       "1.5", "1e5", "99999999999999999999", "Y", "+5", " 1", "1 2", "20261399-25:61:61",
        "01", "1.",  ".5", "\xc3\xa9"};
    const std::size_t at = pick(static_cast<std::uint32_t>(fields.size()));
    const auto position = fields.begin() + static_cast<std::ptrdiff_t>(at);
    switch (pick(9)) {
      case 0:
        fields.erase(position);
        break;
      case 1:
        position->second = kValues[pick(std::size(kValues))];
        break;
      case 2:
        fields.push_back(fields[at]);
        break;
      case 3:
        std::swap(fields[at], fields[pick(static_cast<std::uint32_t>(fields.size()))]);
        break;
      case 4:
        fields.emplace_back(static_cast<int>(1 + pick(700)), kValues[pick(std::size(kValues))]);
        break;
      case 5:
        fields.emplace_back(static_cast<int>(5000 + pick(5000)), "mine");
        break;
      case 6:
        fields.emplace(position, 34, "3");
        break;
      case 7:
        fields.emplace_back(58, "free text | with a bar");
        break;
      default:
        fields.emplace_back(95, "3");
        fields.emplace_back(96, chance(70) ? "abc" : "a");
        break;
    }
  }

  std::string build(const std::string& type, std::uint64_t seq, const Fields& fields, const Fields& header = {}) {
    std::string text = "35=" + type + "|34=" + std::to_string(seq) + "|";
    text += chance(2) ? "49=OTHER|" : "49=PEER|";
    for (const auto& [tag, value] : header) text += std::to_string(tag) + "=" + value + "|";
    text += chance(2) ? "52=20261231-15:00:00|" : "52=20261231-16:00:00.5|";
    text += "56=GATE|";
    for (const auto& [tag, value] : fields) text += std::to_string(tag) + "=" + value + "|";
    constexpr std::string_view kOfTheLane = "DFGH8";
    if (type.size() == 1 && kOfTheLane.find(type[0]) != std::string_view::npos) {
      if (last_.size() == 8) last_.erase(last_.begin());
      last_.emplace_back(type, text.substr(text.find("49=")));
    }
    return test::frame(text, begin_string_);
  }

  std::mt19937 random_;
  std::string begin_string_;
  std::vector<std::pair<std::string, std::string>> last_;  // types, and what stands behind MsgSeqNum(34)
};

class Side {
 public:
  Side(const std::string& begin_string, const MessageRules& rules) {
    SessionConfig config = Harness::config();
    config.begin_string = begin_string;
    config.resend_patience = Duration::seconds(1000);
    std::string error;
    auto control = plane_.open(Session::control_settings(config, dictionary_path(begin_string)), &error);
    PORTCULLIS_CHECK(control != nullptr, error.c_str());
    session_ = std::make_unique<Session>(config, std::move(control), core, rules);
  }

  void connect(const std::string& logon) {
    if (session_->wire() != nullptr) session_->on_closed("cut", now());
    wire = std::make_unique<test::FakeWire>();
    session_->accept(*wire, logon, now());
    core.settle(*session_, now());
  }
  void feed(const std::string& frame) {
    session_->on_frame(frame, now());
    core.settle(*session_, now());
  }
  Now now() const { return Now{UtcTime::from_ns(test::kStart), SteadyTime::from_ns(1)}; }
  bool up() const { return session_->wire() != nullptr; }
  bool logging_out() const { return session_->phase() == SessionPhase::kLogoutSent; }
  const SessionCounters& counters() const { return session_->counters(); }
  void settle() { core.settle(*session_, now()); }

  test::FakeCore core;
  std::unique_ptr<test::FakeWire> wire;

 private:
  quickfix::ControlPlane plane_;
  std::unique_ptr<Session> session_;
};

struct Comparison {
  std::string difference;  // empty: none
  std::uint64_t by_lane = 0;
  std::uint64_t records = 0;
};

std::string shown(const test::Record& record) {
  std::string text = test::readable(record.bytes) + " delivered " + (record.deliver ? "yes" : "no") + " next target " +
                     std::to_string(record.next_target.value_or(0));
  for (const auto& [seq, bytes] : record.outbound) text += "\n    out " + bytes;
  for (const std::string& alert : record.alerts) text += "\n    alert " + alert;
  return text;
}

Comparison compare(std::uint32_t seed, const std::string& begin_string, const fix::Dictionary& dictionary,
                   const MessageRules& lane_rules, int frames) {
  const test::FixedRules never(false, &dictionary);
  Side with_lane(begin_string, lane_rules);
  Side without(begin_string, never);
  Generator generator(seed, begin_string);
  Comparison result;
  std::size_t compared = 0;
  for (int i = 0; i < frames; ++i) {
    std::string frame;
    if (!with_lane.up()) {
      generator.next_seq = with_lane.core.numbers_.next_target;
      frame = generator.logon();
      with_lane.connect(frame);
      without.connect(frame);
    } else {
      // Our Logout is answered soon, or most of a conversation would be one that is ending.
      frame = with_lane.logging_out() && generator.chance(30) ? generator.logout() : generator.frame();
      with_lane.feed(frame);
      without.feed(frame);
      if (generator.chance(20)) {
        for (Side* side : {&with_lane, &without}) {
          side->core.say("8|6=0|14=0|17=E|37=O|39=0|54=1|55=EUR/USD|150=0|151=1|");
          side->settle();
        }
      }
      // The peer goes on from what was accepted, so that one fault does not make all that follows too high.
      generator.next_seq = with_lane.core.numbers_.next_target;
    }
    const auto& a = with_lane.core.records;
    const auto& b = without.core.records;
    for (; compared < std::min(a.size(), b.size()); ++compared) {
      if (a[compared] == b[compared]) continue;
      result.difference = "at frame " + std::to_string(i) + " " + test::readable(frame) +
                          "\n  lane:     " + shown(a[compared]) + "\n  QuickFIX: " + shown(b[compared]);
      return result;
    }
    if (a.size() != b.size() || with_lane.wire->written != without.wire->written || with_lane.up() != without.up()) {
      result.difference = "at frame " + std::to_string(i) + " " + test::readable(frame) +
                          "\n  lane:     " + std::to_string(a.size()) + " records, wrote " +
                          test::readable(with_lane.wire->written) + "\n  QuickFIX: " + std::to_string(b.size()) +
                          " records, wrote " + test::readable(without.wire->written);
      return result;
    }
    with_lane.wire->written.clear();
    without.wire->written.clear();
  }
  result.by_lane = with_lane.counters().lane;
  result.records = with_lane.core.records.size();
  EXPECT_EQ(without.counters().lane, 0U);
  return result;
}

class DifferentialTest : public ::testing::TestWithParam<const char*> {};

TEST_P(DifferentialTest, TheLaneAndQuickFixGiveTheSameRecordsAndTheSameBytes) {
  const fix::Dictionary dictionary = load(GetParam());
  const DictionaryRules rules(dictionary, /*user_defined_tags=*/true);
  std::uint32_t first = 1;
  std::uint32_t last = 40;
  if (const char* count = std::getenv("PORTCULLIS_SEEDS")) last = static_cast<std::uint32_t>(std::stoul(count));
  if (const char* seed = std::getenv("PORTCULLIS_SEED")) first = last = static_cast<std::uint32_t>(std::stoul(seed));
  std::uint64_t by_lane = 0;
  std::uint64_t records = 0;
  for (std::uint32_t seed = first; seed <= last; ++seed) {
    const Comparison result = compare(seed, GetParam(), dictionary, rules, 250);
    ASSERT_EQ(result.difference, "") << "seed " << seed;
    by_lane += result.by_lane;
    records += result.records;
  }
  // The comparison would prove nothing if the lane took little.
  if (first != last) {
    EXPECT_GT(by_lane, records / 8);
  }
}

// A lane that takes what its dictionary does not understand must be found out.
TEST_P(DifferentialTest, APlantedDifferenceIsFound) {
  const fix::Dictionary dictionary = load(GetParam());
  const test::FixedRules everything(true, &dictionary);
  int found = 0;
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    if (!compare(seed, GetParam(), dictionary, everything, 250).difference.empty()) ++found;
  }
  EXPECT_EQ(found, 10);
}

INSTANTIATE_TEST_SUITE_P(Versions, DifferentialTest, ::testing::Values("FIX.4.2", "FIX.4.4"), [](const auto& version) {
  return std::string(version.param) == "FIX.4.2" ? "Fix42" : "Fix44";
});

}  // namespace
}  // namespace portcullis::session
