#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "gateway/record.h"
#include "persistence/frame.h"

// The bytes of a journal may come from a damaged disk or from someone's hand. Whatever they are: a frame and a record
// are read within their bounds or refused, and what was read is inside what was given.

using namespace portcullis;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes = std::as_bytes(std::span(data, size));
  constexpr std::uint64_t kId = 1;

  // As frames, at every place where one may stand.
  for (std::size_t at = 0; at < size; at += persistence::kFrameAlignment) {
    const auto frame = persistence::parse_frame(bytes.subspan(at), kId);
    if (frame) check(frame->payload.size() + persistence::kFrameHeaderBytes <= size - at);
  }
  const auto header = persistence::decode_segment_header(bytes);
  check(!header || size >= persistence::kSegmentHeaderBytes);

  // As the content of a record, which may be any bytes under a right checksum.
  std::size_t seen = 0;
  if (const auto record = gateway::RecordView::parse(bytes)) {
    seen += record->input().size();
    record->for_each_event([&](const order::EventView& event) { seen += event.payload().size(); });
    record->for_each_outbound([&](const gateway::OutboundView& message) { seen += message.bytes.size(); });
    check(seen <= size);
  }

  // Sealed as a payload, they come back as they are; with one bit flipped, they do not.
  std::vector<std::byte> sealed(persistence::aligned_frame_bytes(size));
  std::copy(bytes.begin(), bytes.end(), sealed.begin() + persistence::kFrameHeaderBytes);
  persistence::seal_frame(sealed.data(), persistence::FrameKind::kRecord, 7, 0, static_cast<std::uint32_t>(size), kId);
  const auto back = persistence::parse_frame(sealed, kId);
  check(back && std::equal(bytes.begin(), bytes.end(), back->payload.begin(), back->payload.end()));
  const std::size_t bit = size == 0 ? 0 : (data[0] * std::size_t{257} + size) % (sealed.size() * 8);
  sealed[bit / 8] ^= std::byte{1} << (bit % 8);
  check(!persistence::parse_frame(sealed, kId));
  return 0;
}
