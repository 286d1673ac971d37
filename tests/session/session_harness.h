#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fix/encode.h"
#include "session/session.h"
#include "tests/session/fix_text.h"

// A Session with everything around it in memory: a core that only counts numbers and keeps records, a
// journal whose durability the test moves, a wire, and two clocks.

namespace portcullis::session::test {

constexpr std::int64_t kStart = 1'798'732'800'000'000'000;  // 2026-12-31T16:00:00Z

// Of a frame as fix_text.h's readable() gives it.
inline std::string field(const std::string& readable_frame, int tag) {
  return value_of(with_soh(readable_frame), tag);
}

// The MsgTypes(35) of frames.
inline std::vector<std::string> types(const std::vector<std::string>& frames) {
  std::vector<std::string> result;
  for (const std::string& text : frames) result.push_back(field(text, 35));
  return result;
}

class FakeWire : public Wire {
 public:
  bool send(std::string_view bytes, SteadyTime) override {
    if (closed) return false;
    written.append(bytes);
    return true;
  }
  std::size_t unsent_bytes() const override { return unsent; }
  void close_when_sent(std::string_view why) override {
    closed = true;
    close_reason = why;
  }

  // What was written since the last call, as readable frames.
  std::vector<std::string> take() {
    std::vector<std::string> frames;
    std::string_view rest = written;
    while (!rest.empty()) {
      const std::size_t trailer = rest.find(
          "\x01"
          "10=");
      const std::size_t end = trailer == std::string_view::npos ? rest.size() : trailer + 8;
      frames.push_back(readable(rest.substr(0, end)));
      rest.remove_prefix(end);
    }
    written.clear();
    return frames;
  }

  std::string written;
  std::size_t unsent = 0;
  bool closed = false;
  std::string close_reason;
};

// One record, copied.
struct Record {
  gateway::InputKind kind;
  std::string bytes;
  std::uint64_t inbound_seq = 0;
  bool deliver = false;
  bool reset = false;
  std::optional<std::uint64_t> next_target;
  std::optional<order::SessionState> state;
  std::string reason;
  std::vector<std::pair<std::uint64_t, std::string>> outbound;
  std::vector<std::string> alerts;
  bool drained = false;
  bool reconcile_again = false;
  std::optional<std::uint64_t> written;
};

inline bool operator==(const Record& a, const Record& b) {
  return a.kind == b.kind && a.bytes == b.bytes && a.inbound_seq == b.inbound_seq && a.deliver == b.deliver &&
         a.reset == b.reset && a.next_target == b.next_target && a.state == b.state && a.reason == b.reason &&
         a.outbound == b.outbound && a.alerts == b.alerts && a.drained == b.drained &&
         a.reconcile_again == b.reconcile_again && a.written == b.written;
}

class FakeCore : public CorePort {
 public:
  std::uint64_t submit(const gateway::Input& input) override {
    Record record;
    record.kind = input.kind;
    record.bytes = input.bytes;
    record.inbound_seq = input.inbound_seq;
    record.deliver = input.deliver != nullptr;
    const gateway::SessionEffects& effects = input.effects;
    record.reset = effects.reset;
    record.next_target = effects.next_target;
    record.state = effects.state;
    record.reason = effects.reason;
    record.drained = effects.drained;
    record.reconcile_again = effects.reconcile_again;
    for (const gateway::SessionAlert& alert : effects.alerts) record.alerts.emplace_back(alert.text);
    record.written = effects.written;
    if (effects.written) numbers_.written = *effects.written;
    if (effects.reissued) {
      owed.front().first = effects.reissued->last + 1;
      if (owed.front().first > owed.front().last) owed.pop_front();
    }
    if (effects.reset) {
      if (numbers_.written + 1 < numbers_.next_sender) {
        owed.push_back({numbers_.sequence_epoch, numbers_.written + 1, numbers_.next_sender - 1});
      }
      ++numbers_.sequence_epoch;
      numbers_.next_sender = numbers_.next_target = 1;
      numbers_.written = 0;
    }
    for (const gateway::StagedMessage& message : effects.outbound) {
      EXPECT_EQ(message.msg_seq_num, numbers_.next_sender) << "outbound numbers must be consecutive";
      record.outbound.emplace_back(message.msg_seq_num, readable(message.bytes));
      commit(!message.application, message.bytes);
    }
    if (effects.next_target) numbers_.next_target = *effects.next_target;
    records.push_back(std::move(record));
    ++newest_;
    if (on_submit) on_submit();
    return newest_;
  }

  gateway::SessionNumbers numbers(order::SessionId) const override { return numbers_; }
  std::optional<gateway::OwedReports> owed_reports(order::SessionId) const override {
    return owed.empty() ? std::nullopt : std::optional(owed.front());
  }
  bool must_drain(order::SessionId) const override { return drain_again; }

  gateway::ResendDecision resend_decision(order::SessionId, std::uint64_t, std::string_view bytes, UtcTime) override {
    return value_of(bytes, 35) == "D" ? gateway::ResendDecision::kGapFill : gateway::ResendDecision::kResend;
  }

  Status read_outbound(order::SessionId, std::uint32_t epoch, std::uint64_t first, std::uint64_t last, std::size_t limit,
                       const Visitor& visit) override {
    ++reads;
    std::size_t count = 0;
    for (auto at = messages_.lower_bound({epoch, first}); at != messages_.end() && at->first <= std::pair(epoch, last);
         ++at) {
      if (at->second.record > durable_) continue;
      if (count++ == limit) return {};
      if (at->first.second == unreadable) return Error{"MsgSeqNum(34) " + std::to_string(unreadable) + " cannot be read"};
      visit(at->first.second, at->second.admin, at->second.bytes);
    }
    return {};
  }

  // An application message of the core's own, as a record of some other session's input.
  std::uint64_t say(const std::string& body) {
    const std::uint64_t seq = numbers_.next_sender;
    ++newest_;
    --newest_;
    commit(false, frame("35=" + body.substr(0, body.find('|') + 1) + "34=" + std::to_string(seq) +
                        "|49=GATE|52=20261231-16:00:00.000|56=PEER|" + body.substr(body.find('|') + 1)));
    ++newest_;
    return seq;
  }

  // All records become durable; what they hold goes to the session.
  void settle(Session& session, Now now) {
    while (durable_ < newest_) {
      durable_ = newest_;
      auto released = std::exchange(unreleased_, {});
      for (const auto& [key, bytes] : released) session.release(key.first, key.second, bytes, now);
      session.on_durable(durable_, now);
    }
  }

  std::vector<Record> records;
  std::size_t reads = 0;
  std::uint64_t unreadable = 0;  // this number is, in the journal
  std::function<void()> on_submit;
  std::deque<gateway::OwedReports> owed;
  bool drain_again = false;
  gateway::SessionNumbers numbers_;

 private:
  struct Message {
    bool admin;
    std::string bytes;
    std::uint64_t record;
  };
  void commit(bool admin, std::string_view bytes) {
    const std::pair key(numbers_.sequence_epoch, numbers_.next_sender++);
    messages_[key] = Message{admin, std::string(bytes), newest_ + 1};
    unreleased_.emplace_back(key, std::string(bytes));
  }

  std::map<std::pair<std::uint32_t, std::uint64_t>, Message> messages_;
  std::vector<std::pair<std::pair<std::uint32_t, std::uint64_t>, std::string>> unreleased_;
  std::uint64_t newest_ = 0;
  std::uint64_t durable_ = 0;
};

// Says yes to everything, or to nothing, which sends everything through QuickFIX.
class FixedRules : public MessageRules {
 public:
  // `dictionary`, which outlives this, says which groups are whole; without one all are.
  explicit FixedRules(bool answer, const fix::Dictionary* dictionary = nullptr)
      : answer_(answer), dictionary_(dictionary) {}
  bool understands(const fix::ScannedMessage&) const override { return answer_; }
  std::uint32_t broken_group(const fix::ScannedMessage& message) const override {
    return dictionary_ == nullptr ? 0 : fix::broken_group(message, *dictionary_);
  }

 private:
  bool answer_;
  const fix::Dictionary* dictionary_;
};

class Harness {
 public:
  explicit Harness(SessionConfig config, bool lane = true) : rules_(lane) { open(std::move(config)); }
  Harness() : rules_(true) {}

  static SessionConfig config(bool initiator = false) {
    SessionConfig config;
    config.id = order::SessionId(3);
    config.begin_string = "FIX.4.4";
    config.our_comp_id = "GATE";
    config.peer_comp_id = "PEER";
    config.initiator = initiator;
    config.broker = initiator;
    return config;
  }

  void open(SessionConfig config) {
    std::string error;
    auto control = plane_.open(Session::control_settings(config, PORTCULLIS_DICTIONARIES "/FIX44.xml"), &error);
    ASSERT_NE(control, nullptr) << error;
    session = std::make_unique<Session>(std::move(config), std::move(control), core, rules_);
  }

  // A frame from the peer; everything that follows becomes durable at once unless `hold` is set.
  void from_peer(const std::string& type, std::uint64_t seq, const std::string& more = "") {
    raw(frame("35=" + type + "|34=" + std::to_string(seq) + "|49=PEER|52=" + sending_time() + "|56=GATE|" + more));
  }
  void raw(const std::string& bytes) {
    session->on_frame(bytes, now());
    if (!hold) settle();
  }
  std::string sending_time() const {
    char text[32];
    return {text, format_utc_timestamp(now().utc, TimePrecision::kMilliseconds, text)};
  }
  std::string order(std::uint64_t seq, const std::string& cl_ord_id = "A1") const {
    return frame("35=D|34=" + std::to_string(seq) + "|49=PEER|52=" + sending_time() + "|56=GATE|" +
                 order_body(cl_ord_id));
  }
  static std::string order_body(const std::string& cl_ord_id) {
    return "11=" + cl_ord_id + "|21=1|38=1000000|40=2|44=1.10|54=1|55=EUR/USD|59=0|60=20261231-16:00:00|";
  }

  void log_on(std::uint64_t seq = 1, const std::string& more = "98=0|108=30|") {
    wire = std::make_unique<FakeWire>();
    session->accept(
        *wire, frame("35=A|34=" + std::to_string(seq) + "|49=PEER|52=" + sending_time() + "|56=GATE|" + more), now());
    settle();
  }
  void connect(bool reset = false) {
    wire = std::make_unique<FakeWire>();
    session->connect(*wire, reset, now());
    settle();
  }

  void settle() { core.settle(*session, now()); }
  Now now() const { return Now{UtcTime::from_ns(kStart + elapsed_.ns()), SteadyTime::from_ns(1 + elapsed_.ns())}; }
  // Time passes, with poll() each 100 ms.
  void pass(Duration time) {
    for (std::int64_t ms = 0; ms < time.ms(); ms += 100) {
      elapsed_ = elapsed_ + Duration::milliseconds(100);
      session->poll(now());
      if (!hold) settle();
    }
  }

  std::vector<std::uint64_t> delivered() const {
    std::vector<std::uint64_t> numbers;
    for (const Record& record : core.records) {
      if (record.deliver) numbers.push_back(record.inbound_seq);
    }
    return numbers;
  }
  std::vector<std::string> alerts() const {
    std::vector<std::string> texts;
    for (const Record& record : core.records) texts.insert(texts.end(), record.alerts.begin(), record.alerts.end());
    return texts;
  }

  FakeCore core;
  std::unique_ptr<FakeWire> wire;
  bool hold = false;

 private:
  FixedRules rules_;
  quickfix::ControlPlane plane_;
  Duration elapsed_;

 public:
  std::unique_ptr<Session> session;  // after the plane it lives in
};

}  // namespace portcullis::session::test
