#include "gateway/audit.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <type_traits>

namespace portcullis::gateway {
namespace {

struct Who {
  std::string_view user;
  order::Role role = order::Role::kViewer;
};

template <typename Command>
Who who_of(const Command& command) {
  if constexpr (std::is_same_v<Command, order::RequestChange>) {
    return {command.change.maker.view(), command.change.maker_role};
  } else if constexpr (requires { command.role; }) {
    return {command.user.view(), command.role};
  } else if constexpr (requires { command.user; }) {
    return {command.user.view()};
  } else {
    return {};
  }
}

template <typename Command>
std::string action_of(const Command& command) {
  if constexpr (std::is_same_v<Command, order::RequestChange>) {
    return "change " + std::string(to_string(command.change.kind));
  } else if constexpr (std::is_same_v<Command, order::DecideProposal>) {
    return std::string(command.approve ? "approve" : "reject") + " proposal P" + std::to_string(command.proposal);
  } else if constexpr (std::is_same_v<Command, order::NoteAudit>) {
    return std::string(command.action.view());
  } else if constexpr (std::is_same_v<Command, order::SetScopeState>) {
    return "state of " + std::string(to_string(command.scope)) + " to " + std::string(to_string(command.state));
  } else if constexpr (std::is_same_v<Command, order::StartDrill>) {
    return "drill of " + std::string(to_string(command.scope));
  } else if constexpr (std::is_same_v<Command, order::OperatorCancel>) {
    return "cancel order";
  } else if constexpr (std::is_same_v<Command, order::SetQuote>) {
    return "set quote";
  } else if constexpr (std::is_same_v<Command, order::SetRate>) {
    return "set rate";
  } else if constexpr (std::is_same_v<Command, order::SetLimit>) {
    return "set limit";
  } else if constexpr (std::is_same_v<Command, order::AcknowledgeAlert>) {
    return "acknowledge alert " + std::to_string(command.alert);
  } else if constexpr (std::is_same_v<Command, order::ResolveOrder>) {
    return "resolve order";
  } else if constexpr (std::is_same_v<Command, order::EnableSession>) {
    return command.enabled ? "enable session" : "disable session";
  } else if constexpr (std::is_same_v<Command, order::RollDay>) {
    return "roll the trading day";
  } else if constexpr (std::is_same_v<Command, order::StartPositions>) {
    return "start-of-day positions";
  } else {
    return "command";
  }
}

void copy(const Sha256& from, std::uint8_t (&to)[32]) {
  std::copy(from.begin(), from.end(), to);
}

void write(Deciding& d, const Input& input, const Who& who, std::string_view action, order::AuditOutcome outcome,
           std::string_view detail) {
  order::Audited line{};
  line.number = d.state.audit_count;
  line.time = d.now;
  line.outcome = outcome;
  line.role = who.role;
  line.user = order::UserText::truncated(who.user);
  line.action = order::IdText::truncated(action);
  line.detail = order::ReasonText::truncated(detail);
  copy(audit_content(input.bytes), line.content);
  copy(audit_digest(d.state.audit_digest, line), line.digest);
  d.events.add(line);
}

}  // namespace

Sha256 audit_content(std::string_view input) {
  return sha256({std::as_bytes(std::span(input))});
}

Sha256 audit_digest(const Sha256& before, const order::Audited& line) {
  constexpr std::size_t kHead = offsetof(order::Audited, digest);
  return sha256({std::as_bytes(std::span(before)), std::as_bytes(std::span(&line, 1)).first(kHead)});
}

void write_audit(Deciding& d, const Input& input, const order::Reject& reject) {
  if (input.kind == InputKind::kConfigure) {
    return write(d, input, {}, "configuration", order::AuditOutcome::kDone, "as the start has read it");
  }
  if (input.kind != InputKind::kCommand) return;
  std::visit(
      [&](const auto& command) {
        using Command = std::decay_t<decltype(command)>;
        if constexpr (std::is_same_v<Command, order::NoteAudit>) {
          write(d, input, who_of(command), command.action.view(), command.outcome, command.detail.view());
        } else {
          const order::AuditOutcome outcome = reject       ? order::AuditOutcome::kRefused
                                              : d.proposed ? order::AuditOutcome::kProposed
                                                           : order::AuditOutcome::kDone;
          write(d, input, who_of(command), action_of(command), outcome,
                reject ? reject.text.view() : std::string_view(d.answer));
        }
      },
      input.command);
}

}  // namespace portcullis::gateway
