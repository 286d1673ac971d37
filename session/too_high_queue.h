#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

// The raw frames that arrived behind a gap, until the gap closes. Bounded: beyond the limits the
// arriving frame is dropped, for the peer's resend brings it again. Held in memory only; nothing here
// has been consumed, so a restart loses nothing.

namespace portcullis::session {

class TooHighQueue {
 public:
  static constexpr std::size_t kMaxFrames = 1024;
  static constexpr std::size_t kMaxBytes = 4 * 1024 * 1024;

  struct Held {
    std::string bytes;
    UtcTime arrived;        // SendingTime(52) is judged against this, not against when its turn comes
    bool answered = false;  // a ResendRequest(2) that has been answered: it only uses up its number
  };

  // False when dropped: full, or this number is held already (the first one stays).
  bool hold(std::uint64_t msg_seq_num, std::string_view bytes, UtcTime arrived, bool answered);

  // The frame with this number, removed; and everything below it is forgotten.
  std::optional<Held> take(std::uint64_t msg_seq_num);

  bool empty() const { return frames_.empty(); }
  std::size_t size() const { return frames_.size(); }
  std::size_t bytes() const { return bytes_; }
  std::uint64_t dropped() const { return dropped_; }
  void clear();

 private:
  std::map<std::uint64_t, Held> frames_;
  std::size_t bytes_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace portcullis::session
