#pragma once

#include <cstdint>

#include "order/event.h"
#include "order/types.h"

// Events of the process, of its names, and of sessions and their numbers.

namespace portcullis::order {

// A start. Ids of this gateway carry the epoch, so that a restored backup cannot reuse one.
struct EpochStarted {
  static constexpr EventType kType = EventType::kEpochStarted;
  std::uint64_t epoch;  // Unix seconds or more
};

enum class NameKind : std::uint8_t { kClient, kAccount, kBroker, kSession, kInstrument, kCurrency, kGroup, kTrader };

// A configured name gets its index, for good.
struct NameAdded {
  static constexpr EventType kType = EventType::kNameAdded;
  NameText name;  // 32 bytes
  std::uint32_t index;
  std::uint32_t owner;  // an account's or a trader's client, a session's client or broker, an instrument's currencies
                        // (base << 16 | term); else 0
  NameKind kind;
  std::uint8_t detail;  // a session: 0 of a client, 1 of a broker; else 0
  std::uint8_t pad[6] = {};
};

// A client joins a group of clients, or leaves it (none); its sums go with it.
struct ClientGrouped {
  static constexpr EventType kType = EventType::kClientGrouped;
  ClientId client;
  GroupId group;
  std::uint8_t pad[4] = {};
};

// What one unit of an instrument that is no FX is worth in units of its price. In the journal, since executions that no
// order of ours explains are worth it, too.
struct ContractSized {
  static constexpr EventType kType = EventType::kContractSized;
  InstrumentId instrument;
  std::uint8_t pad[4] = {};
  std::int64_t multiplier;
};

// --- sessions ----------------------------------------------------------------------------------------

enum class SessionState : std::uint8_t { kDisconnected, kLoggedOn, kLoggingOut };

struct SessionChanged {
  static constexpr EventType kType = EventType::kSessionChanged;
  SessionId session;
  SessionState state;
  std::uint8_t pad[5] = {};
  ReasonText reason;  // why it is down; empty when it is up
};

// The inbound message with this number has been taken: next expected is `next_target`.
struct TargetAdvanced {
  static constexpr EventType kType = EventType::kTargetAdvanced;
  SessionId session;
  std::uint8_t pad[6] = {};
  std::uint64_t next_target;
};

// Both numbers set anew; messages are keyed by (session, sequence epoch, number), so nothing is lost.
struct SequenceReset {
  static constexpr EventType kType = EventType::kSequenceReset;
  SessionId session;
  std::uint8_t pad[2] = {};
  std::uint32_t sequence_epoch;
  std::uint64_t next_sender;
  std::uint64_t next_target;
};

// Our messages of this sequence epoch up to this number have been written to a live connection. Noted from time to
// time and at each disconnect, so it may lag behind what was written, and never runs ahead of it.
struct MessagesWritten {
  static constexpr EventType kType = EventType::kMessagesWritten;
  SessionId session;
  std::uint8_t pad[2] = {};
  std::uint32_t sequence_epoch;
  std::uint64_t up_to;
};

// Reports of an earlier sequence epoch that no connection has carried: those up to this number are dealt with, issued
// again as the new messages of the same record (PossResend(97)=Y), or given up with an alert.
struct ReportsReissued {
  static constexpr EventType kType = EventType::kReportsReissued;
  SessionId session;
  std::uint8_t pad[2] = {};
  std::uint32_t sequence_epoch;
  std::uint64_t up_to;
};

}  // namespace portcullis::order
