#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "gateway/record.h"

// Outbound messages between the commit of their record and its durability: no byte leaves the process
// before (I3). First in, first out. Bounded by what the journal may hold undurable (its ring), since a
// full ring blocks the next record.

namespace portcullis::app {

class ReleaseQueue {
 public:
  struct Message {
    std::uint64_t record = 0;  // index of the record that holds it
    gateway::OutboundHeader header;
    std::size_t begin = 0;        // in the arena
    std::uint64_t committed = 0;  // in ticks (app/stage_times.h)
  };

  void push(std::uint64_t record, const gateway::OutboundView& message, std::uint64_t committed) {
    arena_.insert(arena_.end(), message.bytes.begin(), message.bytes.end());
    messages_.push_back(Message{record, message.header, arena_.size() - message.bytes.size(), committed});
  }

  bool empty() const { return front_ == messages_.size(); }
  std::size_t size() const { return messages_.size() - front_; }
  const Message& front() const { return messages_[front_]; }
  // The one that comes so many later; null: there is none yet.
  const Message* behind_front(std::size_t by) const { return by < size() ? &messages_[front_ + by] : nullptr; }
  std::string_view bytes(const Message& message) const { return {arena_.data() + message.begin, message.header.size}; }

  void pop() {
    if (++front_ < messages_.size()) return;
    messages_.clear();
    arena_.clear();
    front_ = 0;
  }
  // Moves what is left to the front once most of it has been released.
  void compact() {
    if (empty()) return;
    const std::size_t done = front().begin;
    if (done < arena_.size() / 2 || done < (std::size_t{1} << 20)) return;
    arena_.erase(arena_.begin(), arena_.begin() + static_cast<std::ptrdiff_t>(done));
    messages_.erase(messages_.begin(), messages_.begin() + static_cast<std::ptrdiff_t>(front_));
    front_ = 0;
    for (Message& message : messages_) message.begin -= done;
  }

 private:
  // Both keep their memory, so that nothing is allocated in steady state.
  std::vector<char> arena_;
  std::vector<Message> messages_;
  std::size_t front_ = 0;  // of messages_, the first that waits
};

}  // namespace portcullis::app
