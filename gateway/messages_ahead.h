#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "fix/peek.h"
#include "gateway/state.h"

// What the messages of one connection will ask for that have been received and wait for the one before them, brought
// near meanwhile: the places of their ids, then what those lead to, and where there are many sessions what a report
// asks for of the client's whose order it is. A busy socket's read brings many messages, and what each of them asks for
// is not in the processor's caches once there are many orders.
//
// A hint: the bytes may be anything, nothing of the state changes, and nothing is decided by it.

namespace portcullis::gateway {

// What the state and the configuration say of a session, and then of its client: of those that are not the one in hand.
void look_at_session(const State& state, SessionId id);
void look_at_client_of(const State& state, SessionId id);

class MessagesAhead {
 public:
  // `unread`: what stands behind the message that is about to be handled, or what is handled soon.
  void look(const State& state, SessionId session, std::string_view unread, bool many_sessions);

 private:
  struct Looked {
    const char* at = nullptr;  // where it stood; compared, and never read through
    std::size_t size = 0;
    int looks = 1;
    RequestNumber request;   // that a broker's report is about
    std::uint64_t hash = 0;  // of the OrigClOrdID(41) of a client's cancel or replace; 0: none
  };
  Looked look_first(const State& state, const Session& session, SessionId id, std::string_view message);
  static void look_again(const State& state, const Looked& message);
  static const Order* order_of(const State& state, const Looked& message);  // null: there is none
  static void look_at_session_of(const State& state, const Looked& message);
  static void look_at_scopes_of(const State& state, const Looked& message);
  static void look_at_sums_of(const State& state, const Looked& message);

  static constexpr std::size_t kMessages = 5;
  std::array<Looked, kMessages> next_;  // the messages behind the one that was handled last
  std::size_t count_ = 0;
  fix::Peek cl_ord_id_{
      "\x01"
      "11="};
  fix::Peek orig_cl_ord_id_{
      "\x01"
      "41="};
  fix::Peek exec_id_{
      "\x01"
      "17="};
};

}  // namespace portcullis::gateway
