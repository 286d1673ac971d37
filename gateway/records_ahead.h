#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "gateway/state.h"

// What the records behind the one that is folded will ask for, brought near meanwhile, one step with each record: the
// places of their ids and their order; then, where there are many sessions, what that order's session counts and where
// its scopes are known; these; and the sums that they move.
//
// A hint: the bytes may be anything, nothing of the state changes, and nothing is decided by it.

namespace portcullis::gateway {

class RecordsAhead {
 public:
  // So many records behind the one that is about to be folded stands the one to look at.
  static constexpr std::uint64_t kRecords = 4;

  // `content`: that record's; empty where there is none yet. Called once for each record that is folded.
  void look(const State& state, std::span<const std::byte> content);

  // What a record moves.
  struct Looked {
    OrderNumber order;  // of a report
    risk::Place place;  // of a new order; no session: it moves nothing
  };
  // What its ids lead to is not near yet.
  static Looked look_first(const State& state, std::span<const std::byte> content);

 private:
  std::array<Looked, kRecords - 1> next_;  // the next record to be folded, and those behind it
};

// What risk knows of scopes, and where that is near, their sums.
void look_at_scopes(const State& state, const risk::Place& place);
void look_at_sums(const State& state, const risk::Place& place);

}  // namespace portcullis::gateway
