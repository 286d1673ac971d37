#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "fix/encode.h"
#include "order/types.h"
#include "session/session_ports.h"

// Answers a valid ResendRequest(2): the journal's own bytes, patched only where FIX says, in chunks,
// with back-pressure and without a limit on the whole. What is not resent is gap-filled, a contiguous
// range in one SequenceReset(4), and the gap fills are journaled before they are written.
//
// While a replay is open, the session's new messages are committed but not written; the replay runs on
// until it meets them. Those were never written, so they go out as they are, without PossDupFlag(43).

namespace portcullis::session {

class ResendReplay {
 public:
  static constexpr std::size_t kChunk = 2'500;                 // messages read at a time
  static constexpr std::size_t kChunkBytes = 1024 * 1024;      // the chunk ends when it is this large
  static constexpr std::size_t kHighWaterBytes = 1024 * 1024;  // no next chunk while this much is unsent

  // `core` and the identity's texts outlive this.
  ResendReplay(CorePort& core, order::SessionId session, const fix::HeaderIdentity& identity)
      : core_(core), session_(session), identity_(identity) {}

  // The peer asks for [first, last]. `last_written` is the highest number that may have been written to
  // it; `last` beyond it is cut there. Nothing is read before the record `after_record` is durable, since
  // a message that is committed but not durable would be taken for one that never was. A request that
  // arrives while a replay is open is answered together with what is left of that one, in one range.
  void open(std::uint32_t sequence_epoch, std::uint64_t first, std::uint64_t last, std::uint64_t last_written,
            std::uint64_t after_record);
  void cancel();
  bool active() const { return active_; }

  // A new message is durable and must not be written now.
  void hold(std::uint64_t msg_seq_num) { held_up_to_ = msg_seq_num; }

  // Goes on as far as durability and the wire allow. The highest number written so far is last_written().
  // False when the wire has closed, or what is to be sent cannot be read: then unreadable() says what.
  bool step(Now now, std::uint64_t durable_index, Wire& wire);

  const std::string& unreadable() const { return unreadable_; }
  std::uint64_t last_written() const { return last_written_; }
  // What the newest request began with, and how far its range has been handed to the wire; 0 after cancel().
  std::uint64_t first() const { return first_; }
  std::uint64_t sent_up_to() const { return sent_up_to_; }
  std::uint64_t resent() const { return resent_; }
  std::uint64_t gap_filled() const { return gap_filled_; }

 private:
  bool build_range_chunk(Now now);
  void resend_one(std::uint64_t msg_seq_num, bool admin, std::string_view bytes, Now now);
  void fill_gap(std::uint64_t next, Now now);
  bool write_tail(Now now, Wire& wire);

  CorePort& core_;
  order::SessionId session_;
  const fix::HeaderIdentity& identity_;
  bool active_ = false;
  std::uint32_t epoch_ = 0;
  std::uint64_t next_ = 0;       // the next number of the range to look at
  std::uint64_t range_end_ = 0;  // the range's last number
  std::uint64_t first_ = 0;
  std::uint64_t sent_up_to_ = 0;
  std::uint64_t gap_begin_ = 0;  // 0: no gap is being collected
  std::uint64_t last_written_ = 0;
  std::uint64_t held_up_to_ = 0;
  std::uint64_t after_record_ = 0;
  std::string chunk_;      // built, waits for after_record_
  std::string gap_fills_;  // the gap fills of the chunk, as journaled
  std::string unreadable_;
  std::uint64_t resent_ = 0;
  std::uint64_t gap_filled_ = 0;  // numbers, not messages
};

}  // namespace portcullis::session
