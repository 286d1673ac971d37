#include "order/execution_event.h"

#include "base/copy_text.h"

namespace portcullis::order {
namespace {

template <typename Part>
void put(std::byte*& at, const Part& part) {
  std::memcpy(at, &part, sizeof part);
  at += sizeof part;
}

inline __attribute__((always_inline)) void put(std::byte*& at, std::string_view text) {
  if (text.empty()) return;
  at = reinterpret_cast<std::byte*>(copy_text(reinterpret_cast<char*>(at), text));
}

}  // namespace

void write(EventWriter& events, const ExecutionDraft& draft, const Need& reserved) {
  const std::string_view exec_id = draft.exec_id.substr(0, ExecutionDraft::kMaxId);
  const std::string_view broker_order_id = draft.broker_order_id.substr(0, ExecutionDraft::kMaxId);
  const std::string_view text = draft.text.substr(0, ExecutionDraft::kMaxText);
  ExecutionApplied head = draft.head;
  head.exec_id_size = static_cast<std::uint8_t>(exec_id.size());
  head.broker_order_id_size = static_cast<std::uint8_t>(broker_order_id.size());
  head.text_size = static_cast<std::uint8_t>(text.size());
  std::size_t parts = sizeof head;
  const auto has = [&](bool there, std::uint8_t flag, std::size_t size) {
    if (!there) return;
    head.flags |= flag;
    parts += size;
  };
  const bool changes = !(draft.reserved_after == reserved);
  const bool releases = changes && draft.reserved_after == Need{};
  has(draft.refers_to.has_value(), ExecutionApplied::kRefersTo, sizeof draft.refers_to);
  has(draft.trade.has_value(), ExecutionApplied::kTrade, sizeof *draft.trade);
  has(changes && !releases, ExecutionApplied::kReserved, sizeof draft.reserved_after);
  has(releases, ExecutionApplied::kReleased, 0);
  has(draft.terms_after.has_value(), ExecutionApplied::kTerms, sizeof *draft.terms_after);
  const std::size_t used = parts + exec_id.size() + broker_order_id.size() + text.size();
  const std::size_t payload = (used + 7) & ~std::size_t{7};

  std::byte* at = events.add_parts(ExecutionApplied::kType, payload);
  // The last eight bytes first: what of them is not text stays zero.
  if (payload != used) std::memset(at + payload - 8, 0, 8);
  put(at, head);
  if (draft.refers_to.has_value()) put(at, draft.refers_to);
  if (draft.trade) put(at, *draft.trade);
  if (changes && !releases) put(at, draft.reserved_after);
  if (draft.terms_after) put(at, *draft.terms_after);
  put(at, exec_id);
  put(at, broker_order_id);
  put(at, text);
}

}  // namespace portcullis::order
