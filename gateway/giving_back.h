#pragma once

#include <cstdint>
#include <deque>

#include "base/time.h"
#include "order/events.h"

// What of the orders that are over leaves the state, and when (docs/decisions/giving-back.md).
//
// A trading day here is a trade date on which anything was taken; they are counted from the journal's beginning. An
// order may go when it is over, nothing waits for it, and its last event is more than keep_days trading days old: the
// horizon, which each day roll moves. From then on ticks go through the tables, a few entries each, and write down
// which of them go; applying that takes them out. First orders; then the requests whose order is gone; then the
// executions whose order is gone, and those on no order that are as old.

namespace portcullis::gateway {

struct State;
class Deciding;

struct GivingBack {
  // Where each table stood when a trading day began. What was added before can have its last event before that day;
  // what was added later cannot.
  struct Day {
    std::uint64_t orders = 0;
    std::uint64_t requests = 0;
    std::uint64_t executions = 0;
    friend bool operator==(const Day&, const Day&) = default;
  };
  std::uint32_t today = 0;
  std::uint32_t kept_from = 0;     // the horizon: an order whose last event is of an earlier day may go
  std::deque<Day> days = {Day()};  // of kept_from to today

  // A round through the tables. It takes what was before the horizon of its own beginning.
  order::GivenBackTable table = order::GivenBackTable::kNone;  // that it is at; none: no round is under way
  std::uint32_t round = 0;                                     // its horizon, or that of the last one
  Day end;                                                     // where it ends in each table
  std::uint64_t at = 0;                                        // the next number to look at
  UtcTime last;                                                // when it has last looked

  // Which request numbers each start of the gateway has taken: an id of an order that is gone tells so from its epoch
  // and number. The newest kMaxStarts.
  struct Start {
    std::uint64_t epoch = 0;
    std::uint64_t first_request = 0;
  };
  std::deque<Start> starts;
  static constexpr std::size_t kMaxStarts = 4096;

  // A request of this number was there before the start of this epoch ended.
  bool was_taken_by(std::uint64_t epoch, std::uint64_t request) const;
};

// apply's part.
void begin_trading_day(State& state, std::uint16_t keep_days);
void note_start(State& state, std::uint64_t epoch);
void give_back(State& state, const order::EntriesGivenBack& event);

// Something may be given back, and nothing has been at this time: one step of it will write an event.
bool gives_back(const State& state, UtcTime now);
// That step. False: there is nothing to do.
bool decide_giving_back(Deciding& d);

}  // namespace portcullis::gateway
