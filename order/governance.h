#pragma once

#include <vector>

#include "order/events.h"

// The events of people and of emergencies: what waits for a second person, what came of it, how a mass
// cancel went, and the chain of what was audited. As order/events.h: the bytes are the value and a part
// of the journal's format.

namespace portcullis::order {

// What a proposal would change.
enum class ProposalKind : std::uint8_t { kLimits, kScopeState, kResolveOrder, kSequence, kAdjustPosition };
enum class ProposalState : std::uint8_t { kWaiting, kApproved, kRejected, kExpired };

// A change that loosens waits for a second person. Which members count depends on the kind; of a change
// of limits, one LimitProposed a limit follows in the same record.
struct Proposed {
  static constexpr EventType kType = EventType::kProposed;
  std::uint64_t proposal;  // counter
  UtcTime time;
  UtcTime lapses;                  // without a decision until then it is over
  UtcTime until;                   // kLimits: it goes back then; zero: it stays
  std::uint64_t expected_version;  // kLimits: of the node when it was proposed
  OrderNumber order;               // kResolveOrder
  Quantity quantity;               // kResolveOrder: CumQty; kAdjustPosition: what is added, signed
  Price price;                     // kResolveOrder: AvgPx; kAdjustPosition: at which
  std::uint64_t next_sender;       // kSequence
  std::uint64_t next_target;
  std::uint32_t id;  // of the scope's thing; kAdjustPosition: the account
  InstrumentId instrument;
  SessionId session;
  ProposalKind kind;
  Scope scope;
  ScopeState state;
  OrdStatus as;  // kResolveOrder
  Role maker_role;
  std::uint8_t pad = 0;
  UserText maker;
  IdText ticket;
  ReasonText reason;
  ReasonText evidence;
};

struct LimitProposed {
  static constexpr EventType kType = EventType::kLimitProposed;
  std::uint64_t proposal;
  std::int64_t before;  // raw, what held when it was proposed
  std::int64_t value;
  std::uint16_t limit;
  std::uint8_t pad[6] = {};
};

// What the approval does stands behind it in the same record.
struct ProposalDecided {
  static constexpr EventType kType = EventType::kProposalDecided;
  std::uint64_t proposal;
  UtcTime time;
  ProposalState state;
  Role checker_role;
  std::uint8_t pad[6] = {};
  UserText checker;  // empty: it has expired
  ReasonText reason;
};

// Two persons correct a position from outside evidence.
struct PositionAdjusted {
  static constexpr EventType kType = EventType::kPositionAdjusted;
  UtcTime time;
  std::uint64_t proposal;
  AccountId account;
  InstrumentId instrument;
  ClientId client;
  std::uint8_t buys_base;
  std::uint8_t pad[5] = {};
  Quantity quantity;  // signed
  Price price;
  Booking booking;  // traded and volume stay zero: nothing was traded
  UserText maker;
  UserText checker;
  ReasonText reason;
  ReasonText evidence;
};

// The last order of a mass cancel is over; of a drill: the last cancel would have been sent.
struct MassCancelFinished {
  static constexpr EventType kType = EventType::kMassCancelFinished;
  std::uint64_t run;
  UtcTime time;
  UtcTime started;
  UtcTime last_sent;  // zero: there was nothing to send
  std::uint32_t orders;
  std::uint32_t sent;  // orders whose cancel has gone out
  std::uint32_t canceled;
  std::uint32_t too_late;  // filled or over otherwise
  std::uint8_t drill;
  std::uint8_t pad[7] = {};
};

// Orders are still open after the time to escalate.
struct MassCancelEscalated {
  static constexpr EventType kType = EventType::kMassCancelEscalated;
  std::uint64_t run;
  UtcTime time;
  std::uint32_t outstanding;
  std::uint8_t pad[4] = {};
};

// A drill: this many cancels would have gone to the broker now.
struct DrillAdvanced {
  static constexpr EventType kType = EventType::kDrillAdvanced;
  std::uint64_t run;
  UtcTime time;
  std::uint32_t count;
  BrokerId broker;
  std::uint8_t pad[2] = {};
};

enum class AuditOutcome : std::uint8_t { kDone, kProposed, kRefused };

// One line of the audit trail. `digest` is the SHA-256 of the line before it (zero for the first), of this
// event up to `digest`, and `content` the SHA-256 of the record's own input, so that no line can be
// changed, left out or put in without all that follow.
struct Audited {
  static constexpr EventType kType = EventType::kAudited;
  std::uint64_t number;  // counter
  UtcTime time;
  AuditOutcome outcome;
  Role role;
  std::uint8_t pad[6] = {};
  UserText user;  // empty: nobody was recognized
  IdText action;
  ReasonText detail;
  std::uint8_t content[32];
  std::uint8_t digest[32];
};

// --- commands ------------------------------------------------------------------------------------------

// A person asks for a change. What tightens is done at once; what loosens becomes a proposal. The kind's
// members of `change` count, with maker, maker_role, reason and the like; counters and times are the core's.
struct RequestChange {
  Proposed change{};
  std::vector<LimitProposed> limits;  // kLimits: limit and value
};

// What is no command of the core's, for the audit trail alone: a failed login, a role that was too low.
struct NoteAudit {
  UserText user;
  Role role = Role::kViewer;
  AuditOutcome outcome = AuditOutcome::kRefused;
  IdText action;
  ReasonText detail;
};

// How long the cancels of a scope would take, without sending any.
struct StartDrill {
  Scope scope = Scope::kFirm;
  std::uint32_t id = 0;
  UserText user;
  ReasonText reason;
};

// The second person's word; or the first one's, to take it back.
struct DecideProposal {
  std::uint64_t proposal = 0;
  bool approve = false;
  UserText user;
  Role role = Role::kViewer;
  ReasonText reason;
};

std::string_view to_string(ProposalKind kind);    // "limits"
std::string_view to_string(ProposalState state);  // "waiting"
std::string_view to_string(AuditOutcome outcome);
std::string_view to_string(Role role);  // "risk"

}  // namespace portcullis::order
