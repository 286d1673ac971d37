#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "gateway/input.h"
#include "order/types.h"

// What a Session (session/session.h) asks of its surroundings. The gateway implements these over the
// core, the journal and a Connection; the simulator over its own. All calls come on the core thread.

namespace portcullis::session {

// Both clocks, read once by the caller: UTC is written into messages and records, the steady one drives
// timers.
struct Now {
  UtcTime utc;
  SteadyTime steady;
};

// The byte stream to the peer. Nothing here may call back into the Session before it returns.
class Wire {
 public:
  virtual ~Wire() = default;
  // Adds bytes to what is to be written. False when the stream is closed, by this call too: a peer that
  // does not read is dropped by the stream's own limit.
  virtual bool send(std::string_view bytes, SteadyTime now) = 0;
  // Bytes that the peer has not taken yet.
  virtual std::size_t unsent_bytes() const = 0;
  // Writes what waits, then closes. Session::on_closed may or may not follow.
  virtual void close_when_sent(std::string_view why) = 0;
};

// The core and the journal, as one session sees them.
class CorePort {
 public:
  virtual ~CorePort() = default;

  // One record. The state has changed when this returns; the outbound messages come back through
  // Session::release, in the order of their numbers, when the record is durable. Returns the record's
  // index, for Session::on_durable. Must not call back into the Session.
  virtual std::uint64_t submit(const gateway::Input& input) = 0;

  // The session's numbers as they stand now.
  virtual gateway::SessionNumbers numbers(order::SessionId session) const = 0;

  // The oldest of what this session owes: reports of an ended sequence epoch that no connection has carried.
  virtual std::optional<gateway::OwedReports> owed_reports(order::SessionId) const { return std::nullopt; }

  // A broker that was drained is to be drained once more: the core waits for it before it asks for our orders.
  virtual bool must_drain(order::SessionId) const { return false; }

  // Rule R: whether this application message of ours may be sent once more, or is gap-filled.
  virtual gateway::ResendDecision resend_decision(order::SessionId session, std::uint64_t msg_seq_num,
                                                  std::string_view bytes, UtcTime now) = 0;

  // The durable messages of (session, epoch) with first <= number <= last, in ascending order, at most
  // `limit`; a number that was never used is left out. `visit` gets views that live until it returns. An error: one of
  // them cannot be read, and those before it were visited.
  using Visitor = std::function<void(std::uint64_t msg_seq_num, bool admin, std::string_view bytes)>;
  virtual Status read_outbound(order::SessionId session, std::uint32_t sequence_epoch, std::uint64_t first,
                               std::uint64_t last, std::size_t limit, const Visitor& visit) = 0;
};

}  // namespace portcullis::session
