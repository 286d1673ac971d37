#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "base/time.h"
#include "config/config.h"
#include "fix/scanner.h"
#include "gateway/record.h"
#include "order/commands.h"
#include "order/events.h"
#include "order/governance.h"

// What the edges hand to the core: one Input is one journal record. Everything is borrowed for the
// length of Core::handle.

namespace portcullis::gateway {

// A session-level message that the control plane or the session made, with the number that it took.
struct StagedMessage {
  std::uint64_t msg_seq_num = 0;
  std::string_view bytes;
  bool application = false;  // a report that is issued again: no session-level message, resent when asked for
};

// Messages of an earlier sequence epoch, by their numbers.
struct OwedReports {
  std::uint32_t sequence_epoch = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

// Something that the operator must see.
struct SessionAlert {
  order::AlertCode code = order::AlertCode::kSessionProtocol;
  order::Severity severity = order::Severity::kWarning;
  std::string_view text;
};

// What an input does to its session, besides what the core decides. Applied in this order: reset,
// state, staged messages, next_target; then the core's own messages take the numbers that follow.
struct SessionEffects {
  bool reset = false;                              // both numbers to 1, a new sequence epoch
  std::optional<std::uint64_t> set_next_sender;    // after a reset: when it does not start at 1 (operator)
  std::optional<std::uint64_t> next_target;        // the next expected MsgSeqNum(34)
  std::optional<order::SessionState> state;
  std::string_view reason;                         // why the session is down, for people
  std::span<const StagedMessage> outbound;         // consecutive, from the session's next_sender on
  std::span<const SessionAlert> alerts;
  bool drained = false;                            // a broker: our TestRequest is answered in sequence, no gap is open
  // A broker: numbers were filled instead of sent, or it has seen more from us than we know of. What it knows of
  // our orders must be asked again: it takes no new ones until it has drained and told.
  bool reconcile_again = false;
  // Our messages up to this number have been written to a live connection (of the epoch before a reset).
  std::optional<std::uint64_t> written;
  // Owed reports up to `last` are issued again in `outbound`, or need not be.
  std::optional<OwedReports> reissued;
};

using OperatorCommand =
    std::variant<std::monostate, order::SetScopeState, order::OperatorCancel, order::SetQuote, order::SetRate,
                 order::SetLimit, order::AcknowledgeAlert, order::ResolveOrder, order::EnableSession, order::RollDay,
                 order::RearmControl, order::RequestChange, order::DecideProposal, order::StartDrill, order::NoteAudit,
                 order::ReportHealth, order::TellLimitsNotRaised, order::NameTrader, order::StartPositions>;

struct Input {
  InputKind kind = InputKind::kTick;
  order::SessionId session;   // none for commands and ticks
  UtcTime now;
  std::string_view bytes;     // exactly what arrived (Logons masked); what the journal keeps
  std::uint64_t inbound_seq = 0;
  // An application message in sequence that the core must decide, as scanned from `bytes`; null for
  // anything else. The core decodes it with the session's dialect.
  const fix::ScannedMessage* deliver = nullptr;
  SessionEffects effects;
  OperatorCommand command;
  // kStart: the epoch that the start file made durable, why orders are held until the brokers are reconciled (empty:
  // they are not), and which program it is (empty: nobody says). kConfigure: what the text says.
  std::uint64_t epoch = 0;
  std::string_view hold;
  std::string_view build_version;
  std::string_view build_id;
  const config::Config* configuration = nullptr;
};

// What a session must know of itself; a view of the state, never cached.
struct SessionNumbers {
  std::uint32_t sequence_epoch = 0;
  std::uint64_t next_sender = 1;
  std::uint64_t next_target = 1;
  std::uint64_t written = 0;  // known to have been written to a live connection; what is above may not have been
};

// Rule R and its like: may this message, sent earlier, be sent once more, or is its number filled?
enum class ResendDecision : std::uint8_t { kResend, kGapFill };

}  // namespace portcullis::gateway
