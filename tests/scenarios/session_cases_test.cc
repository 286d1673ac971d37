#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/acceptance/fix_peer.h"
#include "tests/acceptance/live_gateway.h"

// Plays tests/scenarios/session_cases.tsv against the program over a real socket: one gateway, a client session of its
// own for each case and version.

namespace portcullis::scenarios {
namespace {

using acceptance::FixPeer;
using acceptance::FixText;
using acceptance::LiveClient;
using acceptance::LiveGateway;

constexpr Duration kPatience = Duration::seconds(10);

struct Line {
  int number = 0;
  std::string from;
  std::string message;
};

struct Case {
  std::string name;
  std::string title;
  std::string version;  // 42 or 44
  std::vector<Line> lines;

  // Both the id of the client session and the name of the test.
  std::string id() const {
    std::string id = "c";
    for (const char c : name) id += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    return id + "_" + version;
  }
  std::string begin_string() const { return version == "42" ? "FIX.4.2" : "FIX.4.4"; }
};

std::vector<std::string> cells_of(const std::string& text) {
  std::vector<std::string> cells;
  std::size_t at = 0;
  while (true) {
    const std::size_t tab = text.find('\t', at);
    cells.push_back(text.substr(at, tab - at));
    if (tab == std::string::npos) return cells;
    at = tab + 1;
  }
}

std::vector<Case> load_cases() {
  std::ifstream file(PORTCULLIS_SCENARIOS "/session_cases.tsv");
  std::vector<Case> cases;
  std::map<std::string, std::size_t> places;
  std::string text;
  for (int number = 1; std::getline(file, text); ++number) {
    if (text.empty() || text[0] == '#') continue;
    std::vector<std::string> cells = cells_of(text);
    cells.resize(4);
    for (const std::string version : {"42", "44"}) {
      if (cells[1] != "all" && cells[1] != version) continue;
      const auto [place, fresh] = places.emplace(cells[0] + "/" + version, cases.size());
      if (fresh) cases.push_back(Case{cells[0], "", version, {}});
      Case& one = cases[place->second];
      if (cells[2] == "title") {
        one.title = cells[3];
      } else {
        one.lines.push_back(Line{number, cells[2], cells[3]});
      }
    }
  }
  return cases;
}

const std::vector<Case>& all_cases() {
  static const std::vector<Case> cases = load_cases();
  return cases;
}

void replace_all(std::string& text, const std::string& mark, const std::string& value) {
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size())) {
    text.replace(at, mark.size(), value);
  }
}

class SessionCases : public testing::TestWithParam<Case> {
 public:
  static void SetUpTestSuite() {
    acceptance::LiveSettings settings;
    for (const Case& one : all_cases()) settings.clients.push_back(LiveClient{one.id(), one.begin_string(), ""});
    gateway = std::make_unique<LiveGateway>(settings);
    gateway->start();
  }
  static void TearDownTestSuite() {
    EXPECT_EQ(gateway->stop(), 0) << gateway->log();
    std::string output;
    EXPECT_EQ(gateway->run({"journal", "verify", gateway->data_dir() + "/journal"}, output), 0) << output;
    gateway.reset();
  }

 protected:
  void play(const Line& line);
  void expect(const Line& line, const std::string& message);
  std::string expanded(std::string text) const;
  FixPeer& connected(FixPeer& peer) {
    if (!peer.connected()) peer.connect(gateway->client_port(), address());
    return peer;
  }

  // One of its own, since an address that fails too often is locked out.
  static std::string address() {
    std::size_t place = 0;
    while (all_cases()[place].id() != GetParam().id()) ++place;
    return "127.0.1." + std::to_string(place + 1);
  }

  static std::unique_ptr<LiveGateway> gateway;
  FixPeer client{{GetParam().begin_string(), LiveGateway::comp_id(GetParam().id()), "GATE"}};
  FixPeer second{{GetParam().begin_string(), LiveGateway::comp_id(GetParam().id()), "GATE"}};
  std::string conversation;
  int checks = 0;
};

std::unique_ptr<LiveGateway> SessionCases::gateway;

std::string SessionCases::expanded(std::string text) const {
  replace_all(text, "{begin}", GetParam().begin_string());
  replace_all(text, "{news}", GetParam().version == "42" ? "148=Markets are open|33=1|58=Hello" : "148=Markets are open|33=1|58=Hello");
  for (std::size_t at = text.find("{order "); at != std::string::npos; at = text.find("{order ")) {
    const std::size_t end = text.find('}', at);
    const std::string id = text.substr(at + 7, end - at - 7);
    text.replace(at, end + 1 - at, "11=" + id + "|21=1|55=EUR/USD|54=1|38=1000|40=2|44=1.1|60=now");
  }
  return text;
}

// Each field that is named must be there with its value: `*` any, `-` none, `~text` a value that holds the text.
void SessionCases::expect(const Line& line, const std::string& message) {
  const std::optional<FixText> got = client.receive(kPatience);
  ASSERT_TRUE(got.has_value()) << "expected " << message << ", the gateway said nothing";
  conversation += "  gateway  " + got->text + "\n";
  for (std::size_t at = 0; at < message.size();) {
    const std::size_t end = std::min(message.find('|', at), message.size());
    const std::string field = message.substr(at, end - at);
    at = end + 1;
    const int tag = std::stoi(field);
    const std::string value = field.substr(field.find('=') + 1);
    const std::string actual = (*got)[tag];
    if (value == "-") {
      EXPECT_FALSE(got->has(tag)) << "tag " << tag << " in line " << line.number;
    } else if (value == "*") {
      // Only where this version has the tag at all: ExecTransType(20) is of FIX 4.2, for one.
      EXPECT_TRUE(tag == 20 || got->has(tag)) << "tag " << tag << " in line " << line.number;
    } else if (!value.empty() && value[0] == '~') {
      EXPECT_NE(actual.find(value.substr(1)), std::string::npos) << "tag " << tag << " is " << actual << ", line " << line.number;
    } else {
      EXPECT_EQ(actual, value) << "tag " << tag << " in line " << line.number;
    }
  }
}

void SessionCases::play(const Line& line) {
  const std::string message = expanded(line.message);
  conversation += "  " + line.from + "  " + message + "\n";
  if (line.from == "client") {
    connected(client).send(message);
  } else if (line.from == "bytes") {
    connected(client).send_bytes(message);
  } else if (line.from == "gateway") {
    expect(line, message);
  } else if (line.from == "logon") {
    connected(client).send("35=A|34=1|98=0|108=30");
    expect(line, "35=A|34=1|98=0|108=30");
  } else if (line.from == "check") {
    const std::string id = "CHECK-" + std::to_string(++checks);
    client.send("35=1|112=" + id);
    expect(line, "35=0|112=" + id);
  } else if (line.from == "connect") {
    client.connect(gateway->client_port(), address());
  } else if (line.from == "hangup") {
    // The session is free again once the gateway has noticed.
    const std::size_t from = gateway->log().size();
    client.hang_up();
    gateway->wait_for_log("\"session_down\",\"session\":\"" + GetParam().id() + "\"", Duration::seconds(2), from);
  } else if (line.from == "closes") {
    EXPECT_TRUE(client.closed(kPatience)) << "line " << line.number << ": the gateway says more, or does not close";
    client.hang_up();
  } else if (line.from == "second") {
    connected(second).send(message);
  } else if (line.from == "second_closes") {
    EXPECT_TRUE(second.closed(kPatience)) << "line " << line.number;
  } else {
    FAIL() << "line " << line.number << ": nobody is called " << line.from;
  }
}

TEST_P(SessionCases, IsPlayed) {
  for (const Line& line : GetParam().lines) {
    play(line);
    if (HasFailure()) break;
  }
  if (HasFailure()) std::fprintf(stderr, "%s: %s\n%s", GetParam().id().c_str(), GetParam().title.c_str(), conversation.c_str());
}

std::string name_of(const testing::TestParamInfo<Case>& one) { return one.param.id().substr(1); }

INSTANTIATE_TEST_SUITE_P(Fix, SessionCases, testing::ValuesIn(all_cases()), name_of);

}  // namespace
}  // namespace portcullis::scenarios
