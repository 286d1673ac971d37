#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "fix/dictionary.h"
#include "fix/dictionary/embedded.h"
#include "fix/frame.h"
#include "session/session.h"

// Any conversation of frames that are whole (the framer saw to that) reaches a session: the bounds, the
// lane, QuickFIX itself, gaps and replays. Whatever comes, the process lives, outbound numbers are
// consecutive, the expected number never falls but by a reset, and nothing of QuickFIX's dangers is met.
//
// The input says for each message its type, its number, how many pieces it has, and which; now and then a
// piece of the input itself follows.

namespace {

using namespace portcullis;

constexpr const char* kPieces[] = {"11=A|",
                                   "21=1|",
                                   "38=1000|",
                                   "40=2|",
                                   "44=1.1|",
                                   "54=1|",
                                   "55=EUR/USD|",
                                   "59=0|",
                                   "60=20261231-16:00:00|",
                                   "7=1|",
                                   "16=0|",
                                   "7=5|",
                                   "16=2|",
                                   "7=-1|",
                                   "16=99999999999999999999|",
                                   "36=9|",
                                   "36=99999999999|",
                                   "123=Y|",
                                   "123=N|",
                                   "112=x|",
                                   "45=1|",
                                   "58=text|",
                                   "58=|",
                                   "95=3|",
                                   "96=abc|",
                                   "95=99999|",
                                   "96=a|",
                                   "354=2|",
                                   "355=xy|",
                                   "212=1|",
                                   "213=z|",
                                   "93=4|",
                                   "89=sign|",
                                   "453=2|",
                                   "448=P|",
                                   "447=D|",
                                   "452=1|",
                                   "453=100|",
                                   "453=-1|",
                                   "802=1|",
                                   "523=s|",
                                   "803=4|",
                                   "141=Y|",
                                   "98=0|108=30|141=Y|",
                                   "98=0|",
                                   "108=30|",
                                   "108=0|",
                                   "789=3|",
                                   "34=2|",
                                   "43=Y|",
                                   "97=Y|",
                                   "122=20261231-15:59:59|",
                                   "122=never|",
                                   "50=desk|",
                                   "115=other|",
                                   "6=1|",
                                   "14=0|",
                                   "17=E|",
                                   "37=O|",
                                   "39=0|",
                                   "150=0|",
                                   "151=1|",
                                   "20=0|",
                                   "5001=mine|",
                                   "999999999=big|",
                                   "0=zero|",
                                   "=none|",
                                   "x=y|",
                                   "noequals|",
                                   "10=000|",
                                   "9=5|",
                                   "8=FIX.4.4|",
                                   "35=D|",
                                   "627=1|",
                                   "628=hop|",
                                   "1=acc|",
                                   "15=EUR|",
                                   "41=B|",
                                   "434=1|",
                                   "102=0|",
                                   "380=3|"};
constexpr const char* kTypes[] = {"D", "F", "G", "H", "8", "9", "j", "0", "1", "2", "3", "4", "5", "A", "ZZ", ""};

std::string framed(std::string_view readable) {
  std::string body(readable);
  for (char& c : body) {
    if (c == '|') c = '\x01';
  }
  std::string frame =
      "8=FIX.4.4\x01"
      "9=" +
      std::to_string(body.size()) + "\x01" + body;
  const unsigned sum = fix::checksum(frame);
  const char digits[] = {static_cast<char>('0' + sum / 100), static_cast<char>('0' + sum / 10 % 10),
                         static_cast<char>('0' + sum % 10), '\x01'};
  return frame + "10=" + std::string(digits, 4);
}

class Core : public session::CorePort {
 public:
  std::uint64_t submit(const gateway::Input& input) override {
    const std::uint64_t target = numbers_.next_target;
    if (input.effects.reset) numbers_ = {numbers_.sequence_epoch + 1, 1, 1};
    for (const gateway::StagedMessage& message : input.effects.outbound) {
      PORTCULLIS_CHECK(message.msg_seq_num == numbers_.next_sender, "outbound numbers are consecutive");
      ++numbers_.next_sender;
    }
    if (input.effects.next_target) {
      PORTCULLIS_CHECK(input.effects.reset || *input.effects.next_target > target, "the expected number only rises");
      numbers_.next_target = *input.effects.next_target;
    }
    PORTCULLIS_CHECK(input.deliver == nullptr || numbers_.next_target == target + 1, "delivered once, in sequence");
    return ++index_;
  }
  gateway::SessionNumbers numbers(order::SessionId) const override { return numbers_; }
  gateway::ResendDecision resend_decision(order::SessionId, std::uint64_t, std::string_view, UtcTime) override {
    return gateway::ResendDecision::kGapFill;
  }
  Status read_outbound(order::SessionId, std::uint32_t, std::uint64_t, std::uint64_t, std::size_t,
                       const Visitor&) override {
    return {};
  }
  std::uint64_t index() const { return index_; }

 private:
  gateway::SessionNumbers numbers_;
  std::uint64_t index_ = 0;
};

class NullWire : public session::Wire {
 public:
  bool send(std::string_view, SteadyTime) override { return true; }
  std::size_t unsent_bytes() const override { return 0; }
  void close_when_sent(std::string_view) override {}
};

struct Fixture {
  Fixture() : dictionary(std::move(fix::Dictionary::compile(fix::embedded_dictionary("FIX44.xml"))).value()) {}
  fix::Dictionary dictionary;
  session::quickfix::ControlPlane plane;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Fixture fixture;
  session::SessionConfig config;
  config.id = order::SessionId(0);
  config.begin_string = "FIX.4.4";
  config.our_comp_id = "GATE";
  config.peer_comp_id = "PEER";
  std::string error;
  auto control =
      fixture.plane.open(session::Session::control_settings(config, PORTCULLIS_DICTIONARIES "/FIX44.xml"), &error);
  PORTCULLIS_CHECK(control != nullptr, error.c_str());
  Core core;
  const session::DictionaryRules rules(fixture.dictionary, true);
  session::Session session(config, std::move(control), core, rules);
  NullWire wire;
  const session::Now now{UtcTime::from_ns(1'798'732'800'000'000'000), SteadyTime::from_ns(1)};
  const auto header = [&](const char* type, std::uint64_t seq) {
    return std::string("35=") + type + "|34=" + std::to_string(seq) + "|49=PEER|52=20261231-16:00:00|56=GATE|";
  };
  const auto log_on = [&] {
    session.accept(wire, framed(header("A", core.numbers(config.id).next_target) + "98=0|108=30|"), now);
  };
  log_on();

  std::size_t at = 0;
  while (at + 3 < size) {
    if (session.wire() == nullptr || session.phase() == session::SessionPhase::kClosing) {
      session.on_closed("cut", now);
      log_on();
    }
    const char* const type = kTypes[data[at] % std::size(kTypes)];
    const std::uint64_t expected = core.numbers(config.id).next_target;
    const std::uint8_t offset = data[at + 1] % 16;
    const bool begins_anew = *type == 'A' && offset % 2 == 1;  // perhaps a reset of the live session
    const std::uint64_t seq = begins_anew    ? 1
                              : offset < 12  ? expected
                              : offset == 12 ? expected - (expected > 1)
                                             : expected + offset - 12;
    const std::size_t pieces = data[at + 2] % 24;
    at += 3;
    std::string body = header(type, seq);
    for (std::size_t i = 0; i < pieces && at < size; ++i) body += kPieces[data[at++] % std::size(kPieces)];
    if (at < size && data[at] % 16 == 15) {  // a piece of the input itself, as it stands
      const std::size_t length = std::min<std::size_t>(size - at, 24);
      body.append(reinterpret_cast<const char*>(data + at), length);
      body += "|";
      at += length;
    }
    session.on_frame(framed(body), now);
    session.on_durable(core.index(), now);
  }
  return 0;
}
