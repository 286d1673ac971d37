#include "persistence/frame.h"

#include <algorithm>

#ifdef PORTCULLIS_XXHASH_DISPATCHES
#define XXH_DISPATCH_DISABLE_REPLACE
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

namespace portcullis::persistence {
namespace {

constexpr std::size_t kIndexAt = 8;
constexpr std::size_t kSizeAt = 16;
constexpr std::size_t kKindAt = 20;
constexpr char kSegmentMagic[8] = {'P', 'O', 'R', 'T', 'C', 'J', 'N', 'L'};
constexpr std::size_t kSegmentChecksumAt = 48;

// XXH3-64. The library's own choice of vectors takes a fifth of the time that the processor's oldest ones do.
std::uint64_t xxh3(const std::byte* bytes, std::size_t size, std::uint64_t seed) {
#ifdef PORTCULLIS_XXHASH_DISPATCHES
  return XXH3_64bits_withSeed_dispatch(bytes, size, seed);
#else
  return XXH3_64bits_withSeed(bytes, size, seed);
#endif
}

}  // namespace

std::uint64_t checksum_of(std::span<const std::byte> bytes, std::uint64_t seed) {
  return xxh3(bytes.data(), bytes.size(), seed);
}

std::uint64_t seal_frame(std::byte* frame, FrameKind kind, std::uint64_t index, std::uint32_t lag,
                         std::uint32_t payload_bytes, std::uint64_t journal_id) {
  const std::uint32_t word = static_cast<std::uint32_t>(kind) | (std::min(lag, kLagUnknown) << 8);
  std::memcpy(frame + kIndexAt, &index, sizeof index);
  std::memcpy(frame + kSizeAt, &payload_bytes, sizeof payload_bytes);
  std::memcpy(frame + kKindAt, &word, sizeof word);
  const std::size_t used = kFrameHeaderBytes + payload_bytes;
  std::memset(frame + used, 0, aligned_frame_bytes(payload_bytes) - used);
  const std::uint64_t checksum = xxh3(frame + kIndexAt, used - kIndexAt, journal_id ^ index);
  // A reader in another process sees the mapped frame grow; the release keeps the checksum last.
  __atomic_store_n(reinterpret_cast<std::uint64_t*>(frame), checksum, __ATOMIC_RELEASE);
  return checksum;
}

std::optional<Frame> own_frame(std::span<const std::byte> bytes) {
  if (bytes.size() < kFrameHeaderBytes) return std::nullopt;
  const auto size = load<std::uint32_t>(bytes, kSizeAt);
  const auto word = load<std::uint32_t>(bytes, kKindAt);
  const auto kind = static_cast<std::uint8_t>(word & 0xFF);
  if (kind != static_cast<std::uint8_t>(FrameKind::kRecord) && kind != static_cast<std::uint8_t>(FrameKind::kMark)) {
    return std::nullopt;
  }
  if (size > kMaxPayloadBytes || aligned_frame_bytes(size) > bytes.size()) return std::nullopt;
  Frame frame;
  frame.kind = static_cast<FrameKind>(kind);
  frame.lag = word >> 8;
  frame.index = load<std::uint64_t>(bytes, kIndexAt);
  if (frame.kind == FrameKind::kMark && size != 0) return std::nullopt;
  if (frame.kind == FrameKind::kRecord && frame.index == 0) return std::nullopt;
  frame.checksum = load<std::uint64_t>(bytes, 0);
  frame.payload = bytes.subspan(kFrameHeaderBytes, size);
  return frame;
}

std::optional<Frame> parse_frame(std::span<const std::byte> bytes, std::uint64_t journal_id) {
  const std::optional<Frame> frame = own_frame(bytes);
  if (!frame) return std::nullopt;
  const std::size_t size = frame->payload.size();
  const auto checked = bytes.subspan(kIndexAt, kFrameHeaderBytes - kIndexAt + size);
  if (frame->checksum != xxh3(checked.data(), checked.size(), journal_id ^ frame->index)) {
    return std::nullopt;
  }
  // Padding stands outside the checksum; a flipped bit there is found here.
  for (std::byte pad : bytes.subspan(kFrameHeaderBytes + size, aligned_frame_bytes(size) - kFrameHeaderBytes - size)) {
    if (pad != std::byte{0}) return std::nullopt;
  }
  return frame;
}

std::uint64_t claimed_frame_bytes(std::span<const std::byte> bytes) {
  if (bytes.size() < kFrameHeaderBytes || blank_frame(bytes)) return 0;
  const auto size = load<std::uint32_t>(bytes, kSizeAt);
  return size > kMaxPayloadBytes ? 0 : aligned_frame_bytes(size);
}

bool blank_frame(std::span<const std::byte> bytes) {
  const auto head = bytes.first(std::min(bytes.size(), kFrameHeaderBytes));
  return std::all_of(head.begin(), head.end(), [](std::byte b) { return b == std::byte{0}; });
}

void encode_segment_header(const SegmentHeader& header, std::span<std::byte> out) {
  std::fill(out.begin(), out.end(), std::byte{0});
  std::memcpy(out.data(), kSegmentMagic, sizeof kSegmentMagic);
  store(out, 8, header.format_version);
  store(out, 12, header.content_version);
  store(out, 16, header.journal_id);
  store(out, 24, header.base);
  store(out, 32, header.bytes);
  store(out, 40, header.number);
  store(out, kSegmentChecksumAt, checksum_of(out.first(kSegmentChecksumAt)));
}

std::optional<SegmentHeader> decode_segment_header(std::span<const std::byte> bytes) {
  if (bytes.size() < kSegmentHeaderBytes) return std::nullopt;
  if (std::memcmp(bytes.data(), kSegmentMagic, sizeof kSegmentMagic) != 0) return std::nullopt;
  if (load<std::uint64_t>(bytes, kSegmentChecksumAt) != checksum_of(bytes.first(kSegmentChecksumAt))) {
    return std::nullopt;
  }
  SegmentHeader header;
  header.format_version = load<std::uint32_t>(bytes, 8);
  header.content_version = load<std::uint32_t>(bytes, 12);
  header.journal_id = load<std::uint64_t>(bytes, 16);
  header.base = load<std::uint64_t>(bytes, 24);
  header.bytes = load<std::uint64_t>(bytes, 32);
  header.number = load<std::uint64_t>(bytes, 40);
  return header;
}

}  // namespace portcullis::persistence
