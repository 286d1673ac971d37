#pragma once

#include <cstdint>
#include <string_view>

#include "fix/peek.h"
#include "gateway/state.h"

// What the messages of one connection will ask for that have been received and wait for the one before them, brought
// near meanwhile: the places of their ids, then what those lead to. A busy socket's read brings many messages, and what
// each of them asks for is not in the processor's caches once there are many orders.
//
// A hint: the bytes may be anything, nothing of the state changes, and nothing is decided by it.

namespace portcullis::gateway {

class MessagesAhead {
 public:
  // `unread`: what stands behind the message that is about to be handled.
  void look(const State& state, SessionId session, std::string_view unread);

 private:
  struct Looked {
    const char* at = nullptr;  // where it stood; compared, and never read through
    std::size_t size = 0;
    RequestNumber request;   // that a broker's report is about
    std::uint64_t hash = 0;  // of the OrigClOrdID(41) of a client's cancel or replace; 0: none
  };
  Looked look_first(const State& state, const Session& session, SessionId id, std::string_view message);
  static void look_again(const State& state, const Looked& message);

  Looked next_;  // the message behind the one that was handled last, which has been looked at once
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
