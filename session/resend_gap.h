#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"

// What we miss from the peer, and the one ResendRequest(2) that is out for it. The gap stays open until
// every number that was seen above it has arrived, so that a frame that the queue had to drop is asked
// for again. A request that brings nothing within `patience` is repeated; the third that brings nothing
// ends the connection.

namespace portcullis::session {

class ResendGap {
 public:
  static constexpr int kMaxAttempts = 3;

  enum class Due : std::uint8_t { kNothing, kRepeat, kGiveUp };

  explicit ResendGap(Duration patience) : patience_(patience) {}

  // A frame with a number above the expected one. True when a ResendRequest must be sent now.
  bool too_high(std::uint64_t msg_seq_num) {
    highest_seen_ = std::max(highest_seen_, msg_seq_num);
    return !open_;
  }

  // A ResendRequest for everything from `expected` on has been submitted.
  void requested(std::uint64_t expected, SteadyTime now) {
    attempts_ = open_ && expected == asked_from_ ? attempts_ + 1 : 1;
    open_ = true;
    asked_from_ = expected;
    reached_ = expected;
    since_ = now;
  }

  // A record has been written. Only one that moved the expected number brought something: a Heartbeat of our own does
  // not make a lost request any younger.
  void advanced(std::uint64_t expected, SteadyTime now) {
    if (!open_ || expected == reached_) return;
    reached_ = expected;
    since_ = now;
    if (expected > highest_seen_) close();
  }

  Due due(SteadyTime now) const {
    if (!open_ || now - since_ < patience_) return Due::kNothing;
    return attempts_ >= kMaxAttempts ? Due::kGiveUp : Due::kRepeat;
  }

  void close() {
    open_ = false;
    highest_seen_ = 0;
    attempts_ = 0;
  }

  bool open() const { return open_; }
  // Whether it is closed once this number is the expected one.
  bool closed_at(std::uint64_t expected) const { return !open_ || expected > highest_seen_; }

 private:
  Duration patience_;
  SteadyTime since_;
  std::uint64_t highest_seen_ = 0;
  std::uint64_t asked_from_ = 0;
  std::uint64_t reached_ = 0;
  int attempts_ = 0;
  bool open_ = false;
};

}  // namespace portcullis::session
