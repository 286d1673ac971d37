#include "gateway/messages_ahead.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "gateway/ids.h"
#include "gateway/records_ahead.h"

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

constexpr std::size_t kLine = 64;  // of the processor's cache

void near(const void* what, std::size_t size) {
  const char* const begin = static_cast<const char*>(what);
  for (std::size_t at = 0; at < size; at += kLine) __builtin_prefetch(begin + at);
}

}  // namespace

void MessagesAhead::look(const State& state, SessionId id, std::string_view unread, bool many_sessions) {
  const Session& session = state.sessions[id.value()];
  // The first of them is the message in hand by now; or these are other bytes.
  if (count_ != 0 && next_[0].at + next_[0].size == unread.data()) {
    std::copy(next_.begin() + 1, next_.end(), next_.begin());
    --count_;
  }
  std::size_t end = 0;
  for (std::size_t i = 0; i < count_; ++i) end += next_[i].size;
  if (count_ != 0 && (next_[0].at != unread.data() || end > unread.size())) [[unlikely]]
    end = count_ = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    switch (next_[i].looks++) {
      case 1:
        look_again(state, next_[i]);
        break;
      case 2:
        if (many_sessions) look_at_session_of(state, next_[i]);
        break;
      case 3:
        if (many_sessions) look_at_scopes_of(state, next_[i]);
        break;
      case 4:
        if (many_sessions) look_at_sums_of(state, next_[i]);
        break;
      default:
        break;
    }
  }
  while (count_ < kMessages) {
    const std::string_view behind = unread.substr(end);
    const std::size_t size = fix::likely_size(behind);
    if (size == 0) return;
    next_[count_++] = look_first(state, session, id, behind.substr(0, size));
    end += size;
  }
}

// What the message's ids lead to is not near yet.
MessagesAhead::Looked MessagesAhead::look_first(const State& state, const Session& session, SessionId id,
                                                std::string_view message) {
  Looked looked{message.data(), message.size(), 1, RequestNumber::none(), 0};
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

// A message later.
void MessagesAhead::look_again(const State& state, const Looked& message) {
  if (message.request.has_value()) {
    if (state.requests.contains(message.request)) state.orders.prefetch(state.requests[message.request].order);
  } else if (message.hash != 0) {
    const std::uint64_t request = state.cl_ord_ids.likely(message.hash);
    if (request != HashIndex::kNone) state.requests.prefetch(RequestNumber(request));
  }
}

const Order* MessagesAhead::order_of(const State& state, const Looked& message) {
  if (!message.request.has_value() || !state.requests.contains(message.request)) return nullptr;
  const OrderNumber number = state.requests[message.request].order;
  return state.orders.contains(number) ? &state.orders[number] : nullptr;
}

// Two messages later.
void MessagesAhead::look_at_session_of(const State& state, const Looked& message) {
  const Order* const order = order_of(state, message);
  if (order == nullptr) return;
  look_at_session(state, order->session);
  state.risk.look_at(place_of(*order));
}

// Three messages later.
void MessagesAhead::look_at_scopes_of(const State& state, const Looked& message) {
  const Order* const order = order_of(state, message);
  if (order == nullptr) return;
  look_at_client_of(state, order->session);
  look_at_scopes(state, place_of(*order));
}

// Four messages later.
void MessagesAhead::look_at_sums_of(const State& state, const Looked& message) {
  if (const Order* const order = order_of(state, message)) look_at_sums(state, place_of(*order));
}

void look_at_session(const State& state, SessionId id) {
  if (id.value() >= state.sessions.size() || id.value() >= state.setup.sessions.size()) return;
  near(&state.sessions[id.value()], sizeof(Session));
  near(&state.setup.sessions[id.value()], sizeof(SessionSetup));
  if (const risk::Session* const counts = state.risk.state().find_session(id)) counts->look_at();
}

void look_at_client_of(const State& state, SessionId id) {
  if (id.value() >= state.sessions.size() || id.value() >= state.setup.sessions.size()) return;
  const Session& session = state.sessions[id.value()];
  if (session.of_broker || session.client.value() >= state.setup.clients.size()) return;
  near(&state.setup.clients[session.client.value()], sizeof(ClientSetup));
  const auto& dialect = state.setup.sessions[id.value()].dialect;
  if (dialect) __builtin_prefetch(dialect->addresses().data());
}

}  // namespace portcullis::gateway
