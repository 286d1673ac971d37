#include "persistence/journal.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/check.h"
#include "persistence/journal_internal.h"

// What the core thread calls. Opening stands in journal_open.cc, the other threads' work in journal_sync.cc.

namespace portcullis::persistence {

std::span<std::byte> Journal::begin(std::size_t max_payload) {
  PORTCULLIS_CHECK(max_payload <= largest_payload_, "a record larger than the journal's options allow");
  if (would_block(max_payload)) [[unlikely]] {
    wait_until_ready(max_payload);
  }
  if (failed() || would_block(max_payload)) [[unlikely]] {
    return {};
  }
  if (needs_roll(max_payload)) [[unlikely]] {
    roll();
  }
  begun_payload_ = max_payload;
  return {frame_memory() + kFrameHeaderBytes, max_payload};
}

Position Journal::commit(std::size_t payload_size) {
  PORTCULLIS_CHECK(payload_size <= begun_payload_, "a commit of more than begin was asked for");
  begun_payload_ = 0;
  ++last_index_;
  return seal(FrameKind::kRecord, payload_size);
}

Position Journal::seal(FrameKind kind, std::size_t payload_size) {
  std::byte* frame = frame_memory();
  const std::uint64_t size = aligned_frame_bytes(payload_size);
  std::uint64_t lag = 0;
  if (disk_ && kind == FrameKind::kRecord) {
    lag = std::min<std::uint64_t>(last_index_ - 1 - durable_index_.load(std::memory_order_relaxed), kLagUnknown);
  }
  const std::uint64_t checksum = seal_frame(frame, kind, last_index_, static_cast<std::uint32_t>(lag),
                                            static_cast<std::uint32_t>(payload_size), recovered_.journal_id);
  const Position position{last_index_, head_, checksum};
  head_ += size;
  if (disk_) {
    // A frame that began near the end of the ring stands whole behind it; its end belongs at the ring's start.
    const std::uint64_t ring_bytes = options_.ring_bytes;
    const std::uint64_t begin = position.offset % ring_bytes;
    if (begin + size > ring_bytes) std::memcpy(ring_.data(), ring_.data() + ring_bytes, begin + size - ring_bytes);
    committed_offset_.store(head_, std::memory_order_release);
    committed_index_.store(last_index_, std::memory_order_release);
  } else {
    // The place of the next header is made blank, in case a record was begun there and given up.
    std::memset(frame + size, 0, std::min<std::uint64_t>(kFrameHeaderBytes, segment_end_ - head_));
    committed_offset_.store(head_, std::memory_order_relaxed);
    durable_index_.store(last_index_, std::memory_order_release);
  }
  return position;
}

void Journal::flush() {
  if (threads_ != nullptr && disk_ && last_index_ != durable_index()) threads_->sync.wake();
}

bool Journal::would_block(std::size_t max_payload) const {
  if (needs_roll(max_payload) && next_.load(std::memory_order_acquire) == nullptr) return true;
  return disk_ && !ring_has_room(max_payload);
}

bool Journal::needs_roll(std::size_t max_payload) const {
  return head_ + aligned_frame_bytes(max_payload) > segment_end_;
}

bool Journal::ring_has_room(std::size_t max_payload) const {
  const std::uint64_t begin = needs_roll(max_payload) ? segment_end_ + kSegmentHeaderBytes : head_;
  const std::uint64_t end = begin + aligned_frame_bytes(max_payload);
  return end - synced_offset_.load(std::memory_order_acquire) <= options_.ring_bytes;
}

// The caller saw that next_ is set; only this thread takes it, once the segment that it leaves has been handed over:
// who sees that there is no next segment sees what was retired, too.
void Journal::roll() {
  Segment* next = next_.load(std::memory_order_acquire);
  const std::uint64_t left_at = head_;
  segment_base_ = next->base;
  segment_end_ = next->base + next->bytes;
  head_ = segment_base_ + kSegmentHeaderBytes;
  if (disk_) {
    // The ring is at most half a segment, so the sync thread has followed the roll before this one.
    PORTCULLIS_CHECK(rolled_.load(std::memory_order_acquire) == nullptr, "two segments left without a sync");
    roll_end_ = left_at;
    rolled_.store(next, std::memory_order_release);
  } else {
    // The preparing thread took the segment retired before, before it made this one ready.
    PORTCULLIS_CHECK(retired_.load(std::memory_order_acquire) == nullptr, "two segments retired at once");
    retired_.store(mapped_.release(), std::memory_order_release);
    mapped_.reset(next);
  }
  next_.store(nullptr, std::memory_order_release);
  if (threads_ == nullptr) return;
  threads_->preparing.end();
  threads_->prepare.wake();
}

void Journal::hurry_preparing() {
  if (threads_ == nullptr || next_.load(std::memory_order_relaxed) != nullptr) return;
  if (is_behind(head_ - segment_base_, prepared_bytes_.load(std::memory_order_relaxed))) threads_->preparing.end();
}

void Journal::wait_until_ready(std::size_t max_payload) {
  if (threads_ != nullptr) threads_->preparing.end();
  while (would_block(max_payload) && !failed()) {
    if (threads_ == nullptr) {
      const bool synced = disk_ && sync_step();
      const bool prepared = prepare_step();
      if (!synced && !prepared) return;
    } else {
      flush();
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  }
}

std::byte* Journal::frame_memory() const {
  if (disk_) return const_cast<std::byte*>(ring_.data()) + head_ % options_.ring_bytes;
  return mapped_->mapping->bytes().data() + (head_ - segment_base_);
}

Result<std::span<const std::byte>> Journal::read(std::uint64_t offset, std::vector<std::byte>& scratch) {
  std::span<const std::byte> memory;
  if (offset >= head_) {
    return Error{"the journal ends at global offset " + std::to_string(head_) + "; nothing stands at " +
                 std::to_string(offset)};
  }
  if (disk_ && offset >= synced_offset_.load(std::memory_order_acquire)) {
    memory = std::span<const std::byte>(ring_).subspan(offset % options_.ring_bytes);
  } else if (!disk_ && offset >= segment_base_) {
    memory = mapped_->mapping->bytes().subspan(offset - segment_base_);
  } else {
    auto frame = frames_->read(offset, scratch);
    if (!frame) return frame.error();
    return frame->payload;
  }
  const auto frame = parse_frame(memory, recovered_.journal_id);
  if (!frame) return Error{"no record of the journal begins at global offset " + std::to_string(offset)};
  return frame->payload;
}

}  // namespace portcullis::persistence
