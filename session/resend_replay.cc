#include "session/resend_replay.h"

#include <algorithm>
#include <span>

#include "base/check.h"

namespace portcullis::session {

namespace {
// PossDupFlag(43), OrigSendingTime(122) and a longer BodyLength(9) fit in this.
constexpr std::size_t kPatchRoom = 128;
}  // namespace

void ResendReplay::open(std::uint32_t sequence_epoch, std::uint64_t first, std::uint64_t last,
                        std::uint64_t last_written, std::uint64_t after_record) {
  std::uint64_t end = std::min(last, last_written);
  if (!active_) {
    held_up_to_ = last_written;
  } else if (sent_up_to_ < range_end_) {
    // What is left of the request before, with numbers that a gap fill is still collected of.
    first = std::min(first, gap_begin_ == 0 ? sent_up_to_ + 1 : std::min(gap_begin_, sent_up_to_ + 1));
    end = std::max(end, range_end_);
  }
  active_ = true;
  epoch_ = sequence_epoch;
  next_ = first_ = first;
  sent_up_to_ = first - 1;
  range_end_ = end;
  gap_begin_ = 0;
  last_written_ = last_written;
  after_record_ = after_record;
  chunk_.clear();
  unreadable_.clear();
}

void ResendReplay::cancel() {
  active_ = false;
  chunk_.clear();
  first_ = sent_up_to_ = 0;
}

bool ResendReplay::step(Now now, std::uint64_t durable_index, Wire& wire) {
  while (active_) {
    if (durable_index < after_record_) return true;
    if (!chunk_.empty()) {
      const bool sent = wire.send(chunk_, now.steady);
      chunk_.clear();
      if (!sent) return false;
      sent_up_to_ = std::min(next_ - 1, range_end_);
    }
    if (wire.unsent_bytes() > kHighWaterBytes) return true;
    if (next_ <= range_end_) {
      if (!build_range_chunk(now)) return false;
    } else {
      if (!write_tail(now, wire)) return false;
      if (last_written_ >= held_up_to_) active_ = false;
    }
  }
  return true;
}

// False where it cannot be read: nothing of it is sent, or filled as if it had never been.
bool ResendReplay::build_range_chunk(Now now) {
  gap_fills_.clear();
  std::size_t count = 0;
  const Status read = core_.read_outbound(session_, epoch_, next_, range_end_, kChunk,
                                          [&](std::uint64_t msg_seq_num, bool admin, std::string_view bytes) {
                                            ++count;
                                            if (chunk_.size() >= kChunkBytes) return;  // read again with the next chunk
                                            resend_one(msg_seq_num, admin, bytes, now);
                                            next_ = msg_seq_num + 1;
                                          });
  if (!read) {
    unreadable_ = read.error().what;
    return false;
  }
  if (count < kChunk && chunk_.size() < kChunkBytes) {
    // Numbers that no message has, such as those an operator skipped, are filled as well.
    if (next_ <= range_end_ && gap_begin_ == 0) gap_begin_ = next_;
    next_ = range_end_ + 1;
  }
  if (next_ > range_end_) fill_gap(range_end_ + 1, now);
  if (!gap_fills_.empty()) {
    gateway::Input input;
    input.kind = gateway::InputKind::kSession;
    input.session = session_;
    input.now = now.utc;
    input.bytes = gap_fills_;
    after_record_ = core_.submit(input);
  }
  return true;
}

void ResendReplay::resend_one(std::uint64_t msg_seq_num, bool admin, std::string_view bytes, Now now) {
  if (msg_seq_num > next_ && gap_begin_ == 0) gap_begin_ = next_;
  if (admin || core_.resend_decision(session_, msg_seq_num, bytes, now.utc) == gateway::ResendDecision::kGapFill) {
    if (gap_begin_ == 0) gap_begin_ = msg_seq_num;
    return;
  }
  fill_gap(msg_seq_num, now);
  const std::size_t at = chunk_.size();
  chunk_.resize(at + bytes.size() + kPatchRoom);
  const std::string_view patched =
      fix::retransmit(bytes, now.utc, std::span<char>(chunk_.data() + at, bytes.size() + kPatchRoom));
  PORTCULLIS_CHECK(!patched.empty(), "a stored message of ours cannot be sent again");
  // The writer may leave its message further on in the buffer than where the buffer begins.
  chunk_.replace(at, chunk_.size() - at, std::string(patched));
  ++resent_;
}

void ResendReplay::fill_gap(std::uint64_t next, Now now) {
  if (gap_begin_ == 0) return;
  char buffer[512];
  const std::string_view fill = fix::gap_fill(identity_, gap_begin_, next, now.utc, buffer);
  PORTCULLIS_CHECK(!fill.empty(), "a gap fill outgrows its buffer");
  chunk_.append(fill);
  gap_fills_.append(fill);
  gap_filled_ += next - gap_begin_;
  gap_begin_ = 0;
}

bool ResendReplay::write_tail(Now now, Wire& wire) {
  bool open = true;
  bool any = false;
  if (last_written_ < held_up_to_) {
    const Status read = core_.read_outbound(session_, epoch_, last_written_ + 1, held_up_to_, kChunk,
                                            [&](std::uint64_t msg_seq_num, bool, std::string_view bytes) {
                                              if (!open) return;
                                              open = wire.send(bytes, now.steady);
                                              last_written_ = msg_seq_num;
                                              any = true;
                                            });
    if (!read) {
      unreadable_ = read.error().what;
      return false;
    }
    PORTCULLIS_CHECK(any, "messages that were released are not in the journal");
  }
  return open;
}

}  // namespace portcullis::session
