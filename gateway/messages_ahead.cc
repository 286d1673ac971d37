#include "gateway/messages_ahead.h"

#include <optional>

#include "gateway/ids.h"

namespace portcullis::gateway {
namespace {

// MsgType(35) of a cancel or a replace, where it stands behind "8=FIX.m.n|9=nnn|": the length has two to five digits.
bool names_another(std::string_view message) {
  constexpr std::size_t kFirst = 14;
  constexpr std::size_t kLast = 17;
  if (message.size() < kLast + 5) return false;
  for (std::size_t soh = kFirst; soh <= kLast; ++soh) {
    if (message[soh] == '\x01') return message[soh + 4] == 'F' || message[soh + 4] == 'G';
  }
  return false;
}

}  // namespace

void MessagesAhead::look(const State& state, SessionId id, std::string_view unread) {
  const Session& session = state.sessions[id.value()];
  std::size_t size = next_.size;
  if (next_.at == unread.data() && next_.size <= unread.size()) [[likely]] {
    look_again(state, next_);
  } else {
    size = fix::likely_size(unread);
    if (size != 0) look_first(state, session, id, unread.substr(0, size));
  }
  const std::string_view behind = unread.substr(size);
  const std::size_t next = size == 0 ? 0 : fix::likely_size(behind);
  next_ = next == 0 ? Looked() : look_first(state, session, id, behind.substr(0, next));
}

// What the message's ids lead to is not near yet.
MessagesAhead::Looked MessagesAhead::look_first(const State& state, const Session& session, SessionId id,
                                                std::string_view message) {
  Looked looked{message.data(), message.size(), RequestNumber::none(), 0};
  const std::string_view cl_ord_id = cl_ord_id_.in(message);
  if (cl_ord_id.empty()) return looked;
  if (session.of_broker) {
    // Of ours, where the request's number stands.
    if (const std::optional<GivenId> given = parse_cl_ord_id(state.setup.gateway_id, cl_ord_id)) {
      looked.request = RequestNumber(given->number);
      state.requests.prefetch(looked.request);
    }
    const std::string_view exec_id = exec_id_.in(message);
    if (!exec_id.empty()) state.exec_ids.prefetch(hash_text(session.broker.value(), exec_id));
    return looked;
  }
  state.cl_ord_ids.prefetch(hash_text(id.value(), cl_ord_id));
  if (names_another(message)) {
    const std::string_view orig_cl_ord_id = orig_cl_ord_id_.in(message);
    if (!orig_cl_ord_id.empty()) {
      looked.hash = hash_text(id.value(), orig_cl_ord_id);
      state.cl_ord_ids.prefetch(looked.hash);
    }
  }
  return looked;
}

// One message later.
void MessagesAhead::look_again(const State& state, const Looked& message) {
  if (message.request.has_value()) {
    if (state.requests.contains(message.request)) state.orders.prefetch(state.requests[message.request].order);
  } else if (message.hash != 0) {
    const std::uint64_t request = state.cl_ord_ids.likely(message.hash);
    if (request != HashIndex::kNone) state.requests.prefetch(RequestNumber(request));
  }
}

}  // namespace portcullis::gateway
