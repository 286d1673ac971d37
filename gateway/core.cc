#include "gateway/core.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "base/throwing_checks.h"
#include "fix/decode.h"
#include "gateway/apply.h"
#include "gateway/audit.h"
#include "gateway/configure.h"
#include "gateway/decide_consequences.h"
#include "gateway/ids.h"
#include "gateway/mandatory_limits.h"
#include "gateway/respond.h"
#include "gateway/shadow.h"
#include "gateway/written_events.h"
#include "order/evidence.h"

namespace portcullis::gateway {
namespace {

// A tick does this much at most; the rest waits for the next one, so that no record outgrows its bound.
constexpr int kDueStepsPerTick = 64;
constexpr std::size_t kDueStepReserve = 8 << 10;

// Rule R: an order older than this is stale at its broker.
constexpr Duration kResendFresh = Duration::seconds(5);

// Whether something may follow from them for orders, or for people: not from a number that has moved on.
bool concerns_orders(const SessionEffects& effects) {
  return effects.reset || effects.state || effects.reconcile_again || effects.drained || !effects.alerts.empty() ||
         !effects.outbound.empty();
}

}  // namespace

struct Core::Decoded {
  fix::Command command;
};

Core::Core() : decoded_(std::make_unique<Decoded>()) {}
Core::~Core() = default;

SessionId Core::client_session(std::string_view client) const {
  const std::uint32_t index = state_.clients.find(client);
  return index == NameTable::kUnknown ? SessionId::none() : state_.setup.clients[index].session;
}

SessionId Core::broker_session(std::string_view broker) const {
  const std::uint32_t index = state_.brokers.find(broker);
  return index == NameTable::kUnknown ? SessionId::none() : state_.setup.brokers[index].session;
}

void Core::set_low_space(bool low) {
  state_.setup.low_space = low;
  if (shadow_) shadow_->set_low_space(low);
}

void Core::set_slow_line(BrokerId broker, bool slow) {
  state_.setup.brokers[broker.value()].slow_line = slow;
  note_slow_lines();
  if (shadow_) shadow_->set_slow_line(broker, slow);
}

void Core::note_slow_lines() {
  slow_lines_ = 0;
  for (std::size_t i = 0; i < state_.setup.brokers.size() && i < 64; ++i) {
    if (state_.setup.brokers[i].slow_line) slow_lines_ |= std::uint64_t{1} << i;
  }
}

void Core::set_up_folded(const config::Config& configuration, const config::RiskSection& shadow) {
  set_up(state_, configuration);
  note_slow_lines();
  shadow_ = std::make_unique<Shadow>(state_, configuration, shadow);
}

Core::WhatIf Core::what_if(SessionId session, const fix::ScannedMessage& message, UtcTime now) {
  WhatIf result;
  const SessionSetup& setup = state_.setup.sessions[session.value()];
  if (shadow_ == nullptr || !setup.dialect || state_.sessions[session.value()].of_broker) return result;
  const fix::Command command = fix::decode(message, *setup.dialect, session);
  result.shadow = shadow_->decide(command, now);
  scratch_.resize(kRecordCapacity);
  begin_outbound();
  order::EventWriter events(scratch_.data(), scratch_.size());
  Deciding d(state_, now, events, queued_outbound_);
  if (const auto* order = std::get_if<order::NewOrderSingle>(&command)) decide(d, *order);
  if (const auto* replace = std::get_if<order::OrderCancelReplaceRequest>(&command)) decide(d, *replace);
  result.live = decision_in(events.bytes());
  return result;
}

void Core::decode(const Input& input) {
  if (input.deliver == nullptr) return;
  const SessionSetup& setup = state_.setup.sessions[input.session.value()];
  PORTCULLIS_CHECK(setup.dialect.has_value(), "a message from a session that is not configured");
  fix::decode(*input.deliver, *setup.dialect, input.session, decoded_->command);
}

// As a rule there is something to apply only where something may follow.
inline void Core::settle(Deciding& d) {
  if (d.applied != d.events.size()) apply_step(d);
}

const CommandOutcome& Core::handle_decoded(const Input& input, RecordWriter& record) {
  state_.risk.keep_marks(true);
  const bool has_session = input.session.has_value();
  const std::uint32_t epoch = has_session ? numbers(input.session).sequence_epoch : 0;
  record.begin(input.kind, input.session, epoch, input.now, input.inbound_seq, input.bytes);
  if (input.deliver != nullptr) record.set_flag(kDelivered);
  record.set_facts(state_.setup.low_space, slow_lines_);
  begin_outbound();

  order::EventWriter events = record.events();
  Deciding d(state_, input.now, events, queued_outbound_);
  Cause cause;
  if (has_session) {
    // Numbers that have moved on are no matter for a decision: they are applied with what is decided.
    write_session_effects(input, events);
    if (concerns_orders(input.effects)) {
      settle(d);
      decide_session(d, input.session, input.effects);
      settle(d);
    }
  }
  if (input.deliver != nullptr) {
    const std::size_t before = events.size();
    decide_message(input, *input.deliver, d, cause);
    // The shadow is asked on the state before this decision, as the live limits were.
    if (shadow_) [[unlikely]]
      write_shadow(shadow_->decide(decoded_->command, input.now), before, events);
  } else {
    decide_input(input, d);
  }
  settle(d);
  decide_what_follows(d);
  record.end_events(events);

  for (const StagedMessage& message : input.effects.outbound) {
    Session& session = state_.sessions[input.session.value()];
    PORTCULLIS_CHECK(message.msg_seq_num == session.numbers.next_sender, "a staged message is not the session's next");
    record.add_outbound(input.session, !message.application, session.numbers.sequence_epoch, message.msg_seq_num, message.bytes);
    ++session.numbers.next_sender;
  }
  respond(state_, events.bytes(), cause, input.now, record);
  return input.kind == InputKind::kCommand ? outcome_ : no_outcome_;
}

void Core::decide_input(const Input& input, Deciding& d) {
  switch (input.kind) {
    case InputKind::kStart:
      write_start(input, d);
      break;
    case InputKind::kConfigure:
      PORTCULLIS_CHECK(input.configuration != nullptr, "a configuration record without a configuration");
      for (int stage = 0; stage < kConfigurationStages; ++stage) {
        decide_configuration(d, *input.configuration, stage);
        settle(d);
      }
      set_up(state_, *input.configuration);
      note_slow_lines();
      // A file may have lowered a limit of losses below what is lost already.
      all_losses_decided_ = false;
      disable_without_limits(d);
      settle(d);
      write_audit(d, input, {});
      shadow_.reset();
      if (!input.configuration->risk.shadow.empty()) {
        shadow_ = std::make_unique<Shadow>(state_, *input.configuration, input.configuration->risk.shadow.front());
      }
      break;
    case InputKind::kMessage:
    case InputKind::kSession:
      break;
    case InputKind::kCommand:
      decide_command(input, d);
      break;
    case InputKind::kTick:
      for (int step = 0; step < kDueStepsPerTick && d.events.remaining() > kDueStepReserve; ++step) {
        if (!decide_due(d)) break;
        settle(d);
      }
      break;
  }
}

void Core::decide_command(const Input& input, Deciding& d) {
  outcome_ = CommandOutcome();
  const std::uint64_t proposals = state_.proposal_count;
  outcome_.reject = decide(d, input.command);
  outcome_.refusal = d.refusal;
  if (d.proposed) outcome_.proposal = proposals;
  write_audit(d, input, outcome_.reject);
  outcome_.text = std::move(d.answer);
}

// Of each event of the record so far, one by one: the next is decided on what the one before has brought. Losses that
// a full record has left are looked at again with the next input.
void Core::decide_what_follows(Deciding& d) {
  const std::span<const std::byte> decided = d.events.bytes();
  const bool all_before = std::exchange(all_losses_decided_, true);
  for_each_written(decided, [&](const order::EventView& event) {
    if (!has_consequences(event.type())) return;
    if (event.type() == order::EventType::kDecided && brings_nothing(state_, event.in_place<order::Decided>())) return;
    if (!decide_consequences(d, event)) all_losses_decided_ = false;
    settle(d);
  });
  if (!decided.empty() && d.events.remaining() < kConsequenceReserve) all_losses_decided_ = false;
  if (all_before) return;
  if (!decide_all_losses(d)) all_losses_decided_ = false;
  settle(d);
}

bool Core::anything_due(UtcTime now) {
  if (!all_losses_decided_ || gives_back(state_, now)) return true;
  scratch_.resize(kDueStepReserve);
  order::EventWriter events(scratch_.data(), scratch_.size());
  Deciding d(state_, now, events, queued_outbound_);
  return decide_due(d);
}

Status Core::replay(const RecordView& record) {
  const ThrowingChecks damage;
  try {
    return fold(record);
  } catch (const CheckFailed& failed) {
    return Error{std::string("it does not follow from the records before it: ") + failed.what()};
  }
}

Status Core::fold(const RecordView& record) {
  state_.risk.keep_marks(false);  // nobody decides by them
  bool known = true;
  record.for_each_event([&](const order::EventView& event) {
    if (order::to_string(event.type()) == "unknown") {
      known = false;
      return;
    }
    apply(state_, event, record.time());
    if (shadow_) shadow_->apply(event, record.time());
  });
  if (!known) return Error{"an event of a type that this version does not know"};
  queued_outbound_.resize(state_.sessions.size());
  bool in_order = true;
  record.for_each_outbound([&](const OutboundView& message) {
    const std::uint16_t index = message.header.session.value();
    if (index >= state_.sessions.size()) {
      in_order = false;
      return;
    }
    SessionNumbers& numbers = state_.sessions[index].numbers;
    if (message.header.sequence_epoch != numbers.sequence_epoch || message.header.msg_seq_num != numbers.next_sender) {
      in_order = false;
      return;
    }
    ++numbers.next_sender;
  });
  if (!in_order) return Error{"an outbound message does not continue its session's numbers"};
  return {};
}

namespace {

// Whether a message to a broker is made of it, beside an OrderRouted.
constexpr bool makes_outbound(order::EventType type) {
  return type == order::EventType::kBrokerMassCancelRequested || type == order::EventType::kStatusRequested;
}

}  // namespace

void Core::apply_step(Deciding& d) {
  for_each_written(d.events.bytes().subspan(d.applied), [&](const order::EventView& event) {
    apply(state_, event, d.now);
    if (shadow_) [[unlikely]]
      shadow_->apply(event, d.now);
    // Messages to brokers carry their number in an event, so those of one record are counted as they are decided;
    // numbers to clients are taken when the message is written.
    if (event.type() == order::EventType::kOrderRouted) {
      count_outbound(state_.broker_states[event.in_place<order::OrderRouted>().broker.value()].session, 1);
    } else if (makes_outbound(event.type())) [[unlikely]] {
      count_outbound(event);
    }
    if (event.type() == order::EventType::kNameAdded) [[unlikely]]
      queued_outbound_.resize(state_.sessions.size());
  });
  d.begin_step(queued_outbound_);
}

void Core::count_outbound(const order::EventView& event) {
  BrokerId broker;
  if (event.type() == order::EventType::kBrokerMassCancelRequested) {
    broker = event.in_place<order::BrokerMassCancelRequested>().broker;
  }
  if (event.type() == order::EventType::kStatusRequested) broker = event.in_place<order::StatusRequested>().broker;
  if (broker.has_value()) count_outbound(state_.broker_states[broker.value()].session, 1);
}

void Core::count_outbound(SessionId session, std::size_t messages) {
  std::uint16_t& queued = queued_outbound_[session.value()];
  if (queued == 0 && messages != 0) queued_sessions_.push_back(session);
  queued = static_cast<std::uint16_t>(queued + messages);
}

void Core::begin_outbound() {
  for (const SessionId session : queued_sessions_) queued_outbound_[session.value()] = 0;
  queued_sessions_.clear();
  queued_outbound_.resize(state_.sessions.size());
}

void Core::write_start(const Input& input, Deciding& d) {
  d.events.add(order::EpochStarted{input.epoch});
  if (!input.build_version.empty()) {
    order::BuildStarted build{};
    build.version = FixedText<31>::truncated(input.build_version);
    build.build_id = FixedText<47>::truncated(input.build_id);
    d.events.add(build);
  }
  if (input.hold.empty() && !state_.held) return;
  order::HoldChanged event{};
  event.held = input.hold.empty() ? 0 : 1;
  event.reason = order::ReasonText::truncated(input.hold);
  d.events.add(event);
  if (!input.hold.empty()) d.alert(order::AlertCode::kHold, order::Severity::kCritical, input.hold);
}

void Core::write_session_effects(const Input& input, order::EventWriter& events) {
  const SessionEffects& effects = input.effects;
  const Session& session = state_.sessions[input.session.value()];
  if (effects.written && *effects.written > session.numbers.written) {
    order::MessagesWritten event{};
    event.session = input.session;
    event.sequence_epoch = session.numbers.sequence_epoch;
    event.up_to = *effects.written;
    events.add(event);
  }
  if (effects.reissued) {
    order::ReportsReissued event{};
    event.session = input.session;
    event.sequence_epoch = effects.reissued->sequence_epoch;
    event.up_to = effects.reissued->last;
    events.add(event);
  }
  if (effects.reset) {
    order::SequenceReset event{};
    event.session = input.session;
    event.sequence_epoch = session.numbers.sequence_epoch + 1;
    event.next_sender = effects.set_next_sender.value_or(1);
    event.next_target = 1;
    events.add(event);
  }
  if (effects.state) {
    order::SessionChanged event{};
    event.session = input.session;
    event.state = *effects.state;
    event.reason = order::ReasonText::truncated(effects.reason);
    events.add(event);
  }
  if (effects.next_target) {
    order::TargetAdvanced event{};
    event.session = input.session;
    event.next_target = *effects.next_target;
    events.add(event);
  }
  if (!effects.outbound.empty()) count_outbound(input.session, effects.outbound.size());
}

void Core::decide_message(const Input& input, const fix::ScannedMessage& message, Deciding& d, Cause& cause) {
  const Session& session = state_.sessions[input.session.value()];
  const fix::Command& command = decoded_->command;
  order::MessageContext unread;
  unread.session = input.session;
  unread.msg_seq_num = input.inbound_seq;
  if (session.of_broker) {
    if (const auto* report = std::get_if<order::ExecutionReport>(&command)) {
      cause.report = report;
      decide(d, *report);
    } else if (const auto* refusal = std::get_if<order::OrderCancelReject>(&command)) {
      cause.cancel_reject = refusal;
      decide(d, *refusal);
    } else if (const auto* rejected = std::get_if<order::MessageReject>(&command)) {
      decide(d, *rejected);
    } else if (message.header().msg_type == "r") {
      decide_mass_cancel_report(d, session.broker, message.find(531), message.find(58));
    } else {
      decide_unsupported(d, unread, message.header().msg_type);
    }
  } else if (const auto* order = std::get_if<order::NewOrderSingle>(&command)) {
    cause.new_order = order;
    // A trader who was never seen gets its scope first, so that the order is decided with it.
    if (decide_trader(d, *order)) settle(d);
    decide(d, *order);
  } else if (const auto* cancel = std::get_if<order::OrderCancelRequest>(&command)) {
    cause.cancel = cancel;
    decide(d, *cancel);
  } else if (const auto* replace = std::get_if<order::OrderCancelReplaceRequest>(&command)) {
    cause.replace = replace;
    decide(d, *replace);
  } else if (const auto* status = std::get_if<order::OrderStatusRequest>(&command)) {
    cause.status = status;
    decide(d, *status);
  } else if (const auto* rejected = std::get_if<order::MessageReject>(&command)) {
    decide_client_reject(d, *rejected);
  } else {
    decide_unsupported(d, unread, message.header().msg_type);
  }
}

ResendDecision Core::resend_decision(SessionId id, std::string_view msg_type, std::string_view cl_ord_id, UtcTime sent,
                                     UtcTime now) const {
  const Session& session = state_.sessions[id.value()];
  if (!session.of_broker) return ResendDecision::kResend;  // reports to clients always
  if (msg_type == "H" || msg_type == "AF") return ResendDecision::kResend;
  const RequestNumber number = state_.find_given(cl_ord_id);
  if (!number.has_value()) return ResendDecision::kGapFill;
  const Request& request = state_.requests[number];
  const Order& order = state_.orders[request.order];
  const Broker& line = state_.broker_states[session.broker.value()];
  if (request.kind == RequestKind::kCancel) {
    return order.is_open() ? ResendDecision::kResend : ResendDecision::kGapFill;
  }
  const bool fresh = now - sent < kResendFresh;
  const bool blocked = state_.risk.effective_state(risk::Place{.client = order.client,
                                                               .account = order.account,
                                                               .broker = order.broker,
                                                               .instrument = order.instrument,
                                                               .session = order.session,
                                                               .trader = order.trader}) >= order::ScopeState::kBlockNew;
  if (!fresh || blocked || order.client_canceled || !order.is_open()) return ResendDecision::kGapFill;
  if (request.kind == RequestKind::kReplace) {
    return number == order.newest ? ResendDecision::kResend : ResendDecision::kGapFill;
  }
  const bool immediate = order.time_in_force == order::TimeInForce::kImmediateOrCancel ||
                         order.time_in_force == order::TimeInForce::kFillOrKill ||
                         order.ord_type == order::OrdType::kMarket;
  const bool untouched = !order.acknowledged && line.evidence_seq < request.msg_seq_num;
  const bool same_day = order.trade_date == state_.trade_date;
  return !immediate && untouched && same_day ? ResendDecision::kResend : ResendDecision::kGapFill;
}

}  // namespace portcullis::gateway
