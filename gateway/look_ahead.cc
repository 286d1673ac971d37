// What a record will ask for, brought near while those before it are folded.

#include <cstdint>
#include <cstring>

#include "gateway/core.h"
#include "gateway/records_ahead.h"
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

RecordsAhead::Looked RecordsAhead::look_first(const State& state, std::span<const std::byte> content) {
  Looked looked;
  RecordHeader header;
  if (content.size() < sizeof header) return looked;
  std::memcpy(&header, content.data(), sizeof header);
  const std::size_t before = events_at(header);
  if (before + header.events_size > content.size()) return looked;
  using order::EventType;
  order::for_each_event(content.subspan(before, header.events_size), [&](const order::EventView& event) {
    if (event.type() == EventType::kOrderAccepted) {
      if (unchecked<order::OrderAccepted>(event) == nullptr || !order::AcceptedView::is_whole(event)) return;
      const order::AcceptedView accepted(event);
      const order::OrderIdentity order = accepted.identity();
      state.cl_ord_ids.prefetch(hash_text(order.session.value(), accepted.cl_ord_id()));
      looked.place = risk::Place{.client = order.client,
                                 .account = order.account,
                                 .instrument = order.instrument,
                                 .session = order.session,
                                 .trader = order.trader};
    } else if (event.type() == EventType::kOrderRouted) {
      if (const auto* routed = unchecked<order::OrderRouted>(event)) looked.place.broker = routed->broker;
    } else if (event.type() == EventType::kExecutionApplied) {
      if (unchecked<order::ExecutionApplied>(event) == nullptr || !order::ExecutionView::is_whole(event)) return;
      const order::ExecutionView report(event);
      state.exec_ids.prefetch(hash_text(report->broker.value(), report.exec_id()));
      state.orders.prefetch(report->order);
      state.requests.prefetch(report->request);
      looked.order = report->order;
    } else if (event.type() == EventType::kCancelRequested) {
      const auto* cancel = unchecked<order::CancelRequested>(event);
      if (cancel == nullptr) return;
      state.cl_ord_ids.prefetch(hash_unchecked(cancel->session.value(), cancel->cl_ord_id));
      state.orders.prefetch(cancel->order);
    }
  });
  return looked;
}

void RecordsAhead::look(const State& state, std::span<const std::byte> content) {
  constexpr std::size_t kFewSessions = 8;  // what they ask for is near already
  if (state.sessions.size() > kFewSessions) {
    auto& [next, behind, last] = next_;
    if (next.place.session.has_value()) look_at_sums(state, next.place);
    if (behind.place.session.has_value()) look_at_scopes(state, behind.place);
    if (last.order.has_value() && state.orders.contains(last.order)) last.place = place_of(state.orders[last.order]);
    if (last.place.session.has_value()) {
      state.risk.look_at(last.place);
      if (const auto* const session = state.risk.state().find_session(last.place.session)) session->look_at();
    }
  }
  next_ = {next_[1], next_[2], look_first(state, content)};
}

void Core::look_ahead(std::span<const std::byte> content) const {
  RecordsAhead::look_first(state_, content);
}

void look_at_scopes(const State& state, const risk::Place& place) {
  if (const risk::Scopes* const scopes = state.risk.known_scopes_of(place)) scopes->look_at();
}

void look_at_sums(const State& state, const risk::Place& place) {
  if (const risk::Scopes* const scopes = state.risk.known_scopes_of(place)) scopes->look_at_sums();
}

}  // namespace portcullis::gateway
