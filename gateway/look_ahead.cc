// What a record will ask for, brought near while the one before it is folded.

#include <cstdint>
#include <cstring>

#include "gateway/core.h"
#include "order/events.h"

namespace portcullis::gateway {
namespace {

// The event where it stands; null when it is not whole. Of bytes that nobody has checked.
template <typename E>
const E* unchecked(const order::EventView& event) {
  const std::span<const std::byte> payload = event.payload();
  const bool in_place = reinterpret_cast<std::uintptr_t>(payload.data()) % alignof(E) == 0;
  return payload.size() >= sizeof(E) && in_place ? &event.in_place<E>() : nullptr;
}

template <std::size_t N>
std::uint64_t hash_unchecked(std::uint64_t scope, const FixedText<N>& text) {
  return hash_text(scope, text.view().substr(0, N));
}

}  // namespace

void Core::look_ahead(std::span<const std::byte> content) const {
  RecordHeader header;
  if (content.size() < sizeof header) return;
  std::memcpy(&header, content.data(), sizeof header);
  const std::size_t before = events_at(header);
  if (before + header.events_size > content.size()) return;
  using order::EventType;
  order::for_each_event(content.subspan(before, header.events_size), [this](const order::EventView& event) {
    if (event.type() == EventType::kOrderAccepted) {
      if (unchecked<order::OrderAccepted>(event) == nullptr || !order::AcceptedView::is_whole(event)) return;
      const order::AcceptedView accepted(event);
      state_.cl_ord_ids.prefetch(hash_text(accepted->session.value(), accepted.cl_ord_id()));
    } else if (event.type() == EventType::kExecutionApplied) {
      if (unchecked<order::ExecutionApplied>(event) == nullptr || !order::ExecutionView::is_whole(event)) return;
      const order::ExecutionView report(event);
      state_.exec_ids.prefetch(hash_text(report->broker.value(), report.exec_id()));
      state_.orders.prefetch(report->order);
      state_.requests.prefetch(report->request);
    } else if (event.type() == EventType::kCancelRequested) {
      const auto* cancel = unchecked<order::CancelRequested>(event);
      if (cancel == nullptr) return;
      state_.cl_ord_ids.prefetch(hash_unchecked(cancel->session.value(), cancel->cl_ord_id));
      state_.orders.prefetch(cancel->order);
    }
  });
}

}  // namespace portcullis::gateway
