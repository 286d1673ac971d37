#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fix/encode.h"
#include "session/session.h"

// What a session knows of its own writing: which messages have been on a connection at all. A reset of the numbers
// takes from the peer the means to ask for the others, so the reports among them are issued again as new messages
// with PossResend(97)=Y; their ExecID(17) is the same, by which the peer knows one that it has.

namespace portcullis::session {

namespace {

// One record's worth, and how much may be unsent when the next is read.
constexpr std::size_t kReissueChunk = 200;
constexpr std::size_t kReissueBytes = 128 * 1024;
constexpr std::size_t kReissueRoom = 512;
constexpr std::size_t kReissueHighWater = 1024 * 1024;

// How far the journal may lag behind what was written: so much more than needed is issued again after a crash.
constexpr std::uint64_t kWrittenLag = 1'000;
constexpr Duration kWrittenPeriod = Duration::seconds(10);

}  // namespace

void Session::begin_written(std::uint64_t newest, std::uint64_t written) {
  newest_at_start_ = newest;
  handed_ = written_ = written;
}

// Messages behind one that was never written do not count as written: a replay must bring that one first.
void Session::note_written() {
  if (wire_ == nullptr) return;
  if (replay_.first() <= handed_ + 1) handed_ = std::max(handed_, replay_.sent_up_to());
  if (handed_ >= newest_at_start_) handed_ = std::max(handed_, last_written_);
  if (wire_->unsent_bytes() == 0) written_ = handed_;
}

void Session::say_written(gateway::Input& input) const {
  if (!config_.broker && written_ > core_.numbers(config_.id).written) input.effects.written = written_;
}

void Session::say_written_in_time(Now now) {
  note_written();
  const std::uint64_t said = core_.numbers(config_.id).written;
  if (written_ <= said) return;
  if (written_ - said < kWrittenLag && now.steady - written_said_ < kWrittenPeriod) return;
  written_said_ = now.steady;
  commit_own(own_input(now), now);
}

// The next of what is owed, as one record. Nothing is read before the record that logged the session on is durable:
// with it, all that was committed before the reset is.
void Session::reissue_owed(Now now) {
  if (phase_ != SessionPhase::kLoggedOn || replay_.active() || durable_record_ < logged_on_record_ ||
      wire_->unsent_bytes() > kReissueHighWater) {
    return;
  }
  const std::optional<gateway::OwedReports> owed = core_.owed_reports(config_.id);
  if (!owed) {
    owes_ = false;
    return;
  }
  const std::uint64_t first_number = core_.numbers(config_.id).next_sender;
  std::vector<std::string> messages;
  std::size_t bytes_built = 0;
  std::size_t read = 0;
  std::uint64_t next = owed->first;
  bool unreadable = false;
  const Status outbound =
      core_.read_outbound(config_.id, owed->sequence_epoch, owed->first, owed->last, kReissueChunk,
                      [&](std::uint64_t msg_seq_num, bool admin, std::string_view bytes) {
                        ++read;
                        if (bytes_built >= kReissueBytes) return;  // read again with the next chunk
                        next = msg_seq_num + 1;
                        if (admin || fix::scan(bytes, message())) return;
                        const std::string_view type = message().header().msg_type;
                        if (type != "8" && type != "9") return;
                        std::string buffer(bytes.size() + kReissueRoom, '\0');
                        const std::string_view again =
                            fix::reissue(bytes, identity_, first_number + messages.size(), now.utc, buffer);
                        if (again.empty()) {
                          unreadable = true;
                          return;
                        }
                        messages.emplace_back(again);
                        bytes_built += again.size();
                      });
  if (!outbound) return end_unreadable(outbound.error().what, now);
  if (read < kReissueChunk && bytes_built < kReissueBytes) next = owed->last + 1;

  staged_.clear();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    staged_.push_back(gateway::StagedMessage{first_number + i, messages[i], true});
  }
  gateway::Input input = own_input(now);
  input.effects.outbound = staged_;
  input.effects.reissued = gateway::OwedReports{owed->sequence_epoch, owed->first, next - 1};
  const gateway::SessionAlert alert{
      order::AlertCode::kSequence, order::Severity::kCritical,
      "a report that was never written cannot be issued again: it was made in another version of FIX"};
  if (unreadable) input.effects.alerts = std::span(&alert, 1);
  commit_own(input, now);
}

}  // namespace portcullis::session
