#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "gateway/decide.h"
#include "gateway/input.h"
#include "gateway/record.h"
#include "gateway/shadow.h"
#include "gateway/state.h"

// The core: one thread, no I/O, no clock, no locks. decide -> apply -> respond, one record an input.

namespace portcullis::gateway {

// What became of an operator's command.
struct CommandOutcome {
  order::Reject reject;                   // none: done, once the record is durable
  Refusal refusal = Refusal::kConflict;   // what kind of no, with a reject
  std::string text;                       // the whole answer for a person; may be empty
  std::optional<std::uint64_t> proposal;  // it waits for a second person under this number
};

class Core {
 public:
  Core();
  ~Core();

  // Decides one input and builds its record's content in place; the state has changed when it returns.
  // The caller commits the record and releases the outbound messages when it is durable, in order.
  // kStart comes first, kConfigure next; before that nothing else may come.
  // `record`'s memory holds at least kRecordCapacity, for kConfigure kConfigureCapacity.
  // What it returns is a command's outcome, or says nothing; it stands until the next input.
  const CommandOutcome& handle(const Input& input, RecordWriter& record) {
    decode(input);
    return handle_decoded(input, record);
  }
  // The same in two steps, for who measures them: a message that is delivered becomes a command, which the next call
  // decides. Nothing comes in between.
  void decode(const Input& input);
  const CommandOutcome& handle_decoded(const Input& input, RecordWriter& record);

  // Folds a record of the journal: applies its events and takes its numbers, decides nothing. After an error, which is a
  // record that does not follow from those before it, this core is of no use any more.
  Status replay(const RecordView& record);
  // Of the record that will be folded after the one that is next: brings near what its ids lead to, so that folding
  // does not wait for memory (gateway/records_ahead.h). A hint: `content` may be anything, and nothing changes.
  void look_ahead(std::span<const std::byte> content) const;

  // A recovered state (gateway/snapshot.h) takes the place of this core's, which has handled nothing yet.
  void start_from(State&& recovered) {
    state_ = std::move(recovered);
    note_slow_lines();
  }

  const State& state() const { return state_; }

  // The journal's disk is nearly full, or has room again; not journaled, since it is a fact of this machine.
  void set_low_space(bool low);

  // The broker does not read what we send; the same kind of fact.
  void set_slow_line(BrokerId broker, bool slow);

  // For a core that folds and is asked what it would decide: sets it up as a configuration's record did, with the limits
  // of `shadow` beside those in force; what they say is told by what_if().
  void set_up_folded(const config::Config& configuration, const config::RiskSection& shadow);
  struct WhatIf {
    std::optional<Shadow::Decision> live;    // under the limits in force, by this program
    std::optional<Shadow::Decision> shadow;  // under the others
  };
  // Of a client's message before it is folded; changes nothing.
  WhatIf what_if(order::SessionId session, const fix::ScannedMessage& message, UtcTime now);

  SessionNumbers numbers(SessionId session) const { return state_.sessions[session.value()].numbers; }
  // By the configuration's ids; none when there is no such session.
  SessionId client_session(std::string_view client) const;
  SessionId broker_session(std::string_view broker) const;

  // Rule R: whether a message that we sent under this number may be sent again. `sent`: its bytes' record.
  ResendDecision resend_decision(SessionId session, std::string_view msg_type, std::string_view cl_ord_id,
                                 UtcTime sent, UtcTime now) const;

  // A kTick would decide something now. Ticks that would decide nothing make no record.
  bool anything_due(UtcTime now);

 private:
  void decide_message(const Input& input, const fix::ScannedMessage& message, Deciding& d, struct Cause& cause);
  // Any other input.
  Status fold(const RecordView& record);
  void decide_input(const Input& input, Deciding& d);
  void decide_command(const Input& input, Deciding& d);
  void decide_what_follows(Deciding& d);
  void write_start(const Input& input, Deciding& d);
  void write_session_effects(const Input& input, order::EventWriter& events);
  // Ends a step: applies the events that are not applied yet, and counts the outbound messages that they will make.
  void settle(Deciding& d);
  void apply_step(Deciding& d);
  void count_outbound(const order::EventView& event);
  void count_outbound(SessionId session, std::size_t messages);
  void begin_outbound();
  void note_slow_lines();

  State state_;
  std::unique_ptr<Shadow> shadow_;  // null: no limits are asked beside those in force
  std::uint64_t slow_lines_ = 0;  // bit by BrokerId, of the first 64: BrokerSetup::slow_line
  CommandOutcome outcome_;        // of the newest command
  const CommandOutcome no_outcome_;
  std::vector<std::uint16_t> queued_outbound_;  // by session, of the record being built
  std::vector<SessionId> queued_sessions_;      // that are not zero there: a record costs what it sends to
  bool all_losses_decided_ = true;  // false: a record had no room for all of them
  std::vector<std::byte> scratch_;  // events of a question that is only asked
  struct Decoded;
  std::unique_ptr<Decoded> decoded_;  // the message being decided, used again for the next
};

}  // namespace portcullis::gateway
