#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

// The frame and the segment header of docs/journal.md, as bytes. Pure functions, no I/O.

namespace portcullis::persistence {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the journal is little-endian, and stored by memcpy");

inline constexpr std::size_t kFrameHeaderBytes = 24;
inline constexpr std::size_t kFrameAlignment = 8;
inline constexpr std::size_t kMaxPayloadBytes = std::size_t{16} << 20;
inline constexpr std::uint32_t kLagUnknown = 0xFFFFFF;

enum class FrameKind : std::uint8_t { kRecord = 1, kMark = 2 };

struct Frame {
  FrameKind kind = FrameKind::kRecord;
  std::uint32_t lag = 0;
  std::uint64_t index = 0;
  std::uint64_t checksum = 0;
  std::span<const std::byte> payload;

  // The newest index that is known to have been durable before this frame was written.
  std::uint64_t durable_before() const {
    if (kind == FrameKind::kMark) return index;
    if (lag == kLagUnknown || lag >= index) return 0;
    return index - 1 - lag;
  }
};

constexpr std::uint64_t aligned_frame_bytes(std::uint64_t payload_bytes) {
  return (kFrameHeaderBytes + payload_bytes + kFrameAlignment - 1) & ~std::uint64_t{kFrameAlignment - 1};
}

// Writes header and padding around the payload that stands already at `frame + kFrameHeaderBytes`. The
// memory holds aligned_frame_bytes(payload_bytes) and is aligned to 8. The checksum is stored last, and returned.
std::uint64_t seal_frame(std::byte* frame, FrameKind kind, std::uint64_t index, std::uint32_t lag,
                         std::uint32_t payload_bytes, std::uint64_t journal_id);

// The frame at the start of `bytes`, or nothing when there is no valid one. Checks everything and reads
// nothing outside `bytes`; `payload` points into it.
std::optional<Frame> parse_frame(std::span<const std::byte> bytes, std::uint64_t journal_id);

// The same of a frame that this process wrote and has not given away: its checksum is taken as it stands, and not made
// again. Nothing when the header is not that of a record or a mark within `bytes`.
std::optional<Frame> own_frame(std::span<const std::byte> bytes);

// The size that the header at the start of `bytes` claims for its whole frame, aligned and not checked; 0 when
// the header is zero or impossible. For readers that have to know how much to read.
std::uint64_t claimed_frame_bytes(std::span<const std::byte> bytes);

// Whether the first kFrameHeaderBytes are zero, or fewer than that are left: nothing was written there.
bool blank_frame(std::span<const std::byte> bytes);

inline constexpr std::size_t kSegmentHeaderBytes = 4096;
inline constexpr std::uint32_t kJournalFormatVersion = 1;
inline constexpr std::uint64_t kMinSegmentBytes = std::uint64_t{64} << 10;
inline constexpr std::uint64_t kMaxSegmentBytes = std::uint64_t{1} << 30;

struct SegmentHeader {
  std::uint32_t format_version = kJournalFormatVersion;
  std::uint32_t content_version = 0;
  std::uint64_t journal_id = 0;
  std::uint64_t base = 0;
  std::uint64_t bytes = 0;
  std::uint64_t number = 0;
};

// `out` holds kSegmentHeaderBytes.
void encode_segment_header(const SegmentHeader& header, std::span<std::byte> out);
// Nothing when magic or checksum are wrong. The version is for the caller to judge.
std::optional<SegmentHeader> decode_segment_header(std::span<const std::byte> bytes);

template <typename T>
T load(std::span<const std::byte> bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.subspan(offset, sizeof value).data(), sizeof value);
  return value;
}

template <typename T>
void store(std::span<std::byte> bytes, std::size_t offset, T value) {
  std::memcpy(bytes.subspan(offset, sizeof value).data(), &value, sizeof value);
}

std::uint64_t checksum_of(std::span<const std::byte> bytes, std::uint64_t seed = 0);

}  // namespace portcullis::persistence
