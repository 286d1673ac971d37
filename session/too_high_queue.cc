#include "session/too_high_queue.h"

#include <utility>

namespace portcullis::session {

bool TooHighQueue::hold(std::uint64_t msg_seq_num, std::string_view bytes, UtcTime arrived, bool answered) {
  if (frames_.size() >= kMaxFrames || bytes_ + bytes.size() > kMaxBytes || frames_.contains(msg_seq_num)) {
    ++dropped_;
    return false;
  }
  frames_.emplace(msg_seq_num, Held{std::string(bytes), arrived, answered});
  bytes_ += bytes.size();
  return true;
}

std::optional<TooHighQueue::Held> TooHighQueue::take(std::uint64_t msg_seq_num) {
  while (!frames_.empty() && frames_.begin()->first < msg_seq_num) {
    bytes_ -= frames_.begin()->second.bytes.size();
    frames_.erase(frames_.begin());
  }
  if (frames_.empty() || frames_.begin()->first != msg_seq_num) return std::nullopt;
  Held held = std::move(frames_.begin()->second);
  bytes_ -= held.bytes.size();
  frames_.erase(frames_.begin());
  return held;
}

void TooHighQueue::clear() {
  frames_.clear();
  bytes_ = 0;
}

}  // namespace portcullis::session
