#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "fix/frame.h"
#include "fix/scanner.h"
#include "session/lane.h"
#include "tests/gateway/fixture.h"

// A message's whole way in process, as a line and its session take it: framing with its checksum, scan, what the lane
// asks (sequence, addresses, time, the dictionary), decode, every risk check, routing, apply and encode into a record;
// without journal and sockets. For what counts along it: allocations in a test, instructions and time in a benchmark.

namespace portcullis::gateway::testing {

// Limits that a long flow of one account in one instrument does not reach.
inline config::Config roomy() {
  config::Config configuration = small_configuration();
  configuration.clients.front().throttle = {10'000'000, 10'000'000, config::ThrottleAction::kReject};
  configuration.brokers.front().throttle = {10'000'000, 10'000'000, 0};
  configuration.risk.firm.duplicate_orders = config::DuplicateOrders{1'000'000, Duration::seconds(1)};
  configuration.risk.firm.repeated_executions = 1'000'000'000;
  configuration.risk.firm.max_long_position = Quantity::of(1'000'000'000'000);
  configuration.risk.firm.max_gross_open_notional = Amount::of(1'000'000'000'000);
  configuration.risk.firm.max_currency_position = Amount::of(1'000'000'000'000);
  configuration.risk.firm.max_net_open_position = Amount::of(1'000'000'000'000);
  configuration.risk.firm.max_daily_settlement = Amount::of(1'000'000'000'000);
  configuration.risk.firm.max_daily_volume = Amount::of(1'000'000'000'000);
  return configuration;
}

class Line {
 public:
  Line(Gateway& gateway, SessionId session)
      : gateway_(gateway),
        session_(session),
        dialect_(*gateway.state().setup.sessions[session.value()].dialect),
        rules_(dialect_.dictionary(), dialect_.user_defined_tags()),
        memory_(kRecordCapacity / 8),
        next_(gateway.core().numbers(session).next_target) {}

  std::string frame(const std::string& body) {
    const fix::HeaderIdentity identity = dialect_.identity();
    return testing::frame(identity.begin_string, identity.target_comp_id, identity.sender_comp_id, next_++,
                          gateway_.now(), body);
  }

  // What is measured; the record's content stands in the line's memory.
  __attribute__((noinline)) std::span<const std::byte> take(std::string_view received, std::uint64_t seq) {
    const fix::Framer::Step step = framer_.next(received);
    PORTCULLIS_CHECK(step.found == fix::Framer::Found::kFrame, "the message is no frame");
    const std::string_view bytes = step.frame.bytes;
    const bool fault = static_cast<bool>(fix::scan(bytes, message_));
    PORTCULLIS_CHECK(!fault, "the message does not scan");
    const session::LaneState state{.logged_on = true, .enabled = true, .next_target = seq};
    const fix::HeaderIdentity ours = dialect_.identity();
    const session::LaneIdentity identity{ours.begin_string, ours.target_comp_id, ours.sender_comp_id};
    const session::LaneRefusal refusal =
        session::lane_refuses(message_, state, identity, rules_, gateway_.now(), Duration::seconds(120));
    PORTCULLIS_CHECK(refusal == session::LaneRefusal::kNone, "the lane does not take the message");
    Input input;
    input.kind = InputKind::kMessage;
    input.session = session_;
    input.now = gateway_.now();
    input.bytes = bytes;
    input.inbound_seq = seq;
    input.deliver = &message_;
    input.effects.next_target = seq + 1;
    RecordWriter record(std::as_writable_bytes(std::span(memory_)));
    gateway_.core().handle(input, record);
    record.finish();
    return record.content();
  }

  std::uint64_t first() const { return gateway_.core().numbers(session_).next_target; }

 private:
  Gateway& gateway_;
  const SessionId session_;
  const fix::Dialect& dialect_;
  const session::DictionaryRules rules_;
  fix::Framer framer_;
  std::vector<std::uint64_t> memory_;
  std::uint64_t next_;
  fix::ScannedMessage message_;
};

}  // namespace portcullis::gateway::testing
