#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "gateway/record.h"
#include "order/accepted_event.h"
#include "order/execution_event.h"
#include "persistence/frame.h"

// The bytes of a journal may come from a damaged disk or from someone's hand. Whatever they are: a frame and a record
// are read within their bounds or refused, and what was read is inside what was given.

using namespace portcullis;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

// The events that are as long as what they say, with any bytes as what they hold: they are not whole, or all that they
// say is within them.
void look_at_event(std::span<const std::byte> bytes) {
  std::vector<std::uint64_t> words(bytes.size() / 8 + 1);
  std::copy(bytes.begin(), bytes.end(), std::as_writable_bytes(std::span(words)).begin());
  const std::span<const std::byte> payload = std::as_bytes(std::span(words));
  const auto inside = [&payload](const void* from, std::size_t size) {
    const auto* const begin = static_cast<const std::byte*>(from);
    check(begin >= payload.data() && begin + size <= payload.data() + payload.size());
  };
  const order::EventView execution(order::EventType::kExecutionApplied, payload);
  if (order::ExecutionView::is_whole(execution)) {
    const order::ExecutionView view(execution);
    for (const std::string_view text : {view.exec_id(), view.broker_order_id(), view.text()}) inside(text.data(), text.size());
    if (const order::Trade* const trade = view.trade()) inside(trade, sizeof *trade);
    if (const order::Terms* const terms = view.terms_after()) inside(terms, sizeof *terms);
    view.refers_to();
    view.reserved_after(order::Need());
  }
  const order::EventView accepted(order::EventType::kOrderAccepted, payload);
  if (order::AcceptedView::is_whole(accepted)) {
    const order::AcceptedView view(accepted);
    inside(view.cl_ord_id().data(), view.cl_ord_id().size());
    check(view.identity().order == view->order && view.terms().order_qty == view->order_qty);
    view.valuation();
  }
}

// What is written of a report is read back: each part of the bytes is one of its texts.
void write_and_read(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  order::ExecutionDraft draft;
  draft.exec_id = text.substr(0, text.size() / 3);
  draft.broker_order_id = text.substr(text.size() / 3, text.size() / 5);
  draft.text = text.substr(text.size() / 2);
  if (!bytes.empty() && (bytes[0] & std::byte{1}) != std::byte{0}) draft.trade.emplace();
  if (!bytes.empty() && (bytes[0] & std::byte{2}) != std::byte{0}) draft.terms_after.emplace();
  if (!bytes.empty() && (bytes[0] & std::byte{4}) != std::byte{0}) draft.refers_to = order::ExecutionNumber(bytes.size());
  std::vector<std::uint64_t> memory(256);
  order::EventWriter events(reinterpret_cast<std::byte*>(memory.data()), memory.size() * 8);
  order::write(events, draft, order::Need());
  std::size_t count = 0;
  check(order::for_each_event(std::as_bytes(std::span(memory)).first(events.size()), [&](const order::EventView& event) {
    ++count;
    check(order::ExecutionView::is_whole(event));
    const order::ExecutionView view(event);
    check(view.exec_id() == draft.exec_id.substr(0, order::ExecutionDraft::kMaxId));
    check(view.broker_order_id() == draft.broker_order_id.substr(0, order::ExecutionDraft::kMaxId));
    check(view.text() == draft.text.substr(0, order::ExecutionDraft::kMaxText));
    check((view.trade() != nullptr) == draft.trade.has_value());
    check((view.terms_after() != nullptr) == draft.terms_after.has_value());
    check(view.refers_to() == draft.refers_to);
  }));
  check(count == 1);
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

  look_at_event(bytes);
  write_and_read(bytes);

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
