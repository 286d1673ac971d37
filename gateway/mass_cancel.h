#pragma once

#include <span>
#include <string_view>

#include "gateway/state.h"

// Mass cancels: every open order of a scope is to be cancelled, at its broker's pace and ahead of all other traffic
// (spec/risk, cancel-all). A run counts what becomes of its orders: the snapshot of them is the scope and the number
// below which they were there, so that nothing is kept an order. Called by apply alone, but for what is const.

namespace portcullis::gateway {

// Whether the order was open when the run began, or would have been its order.
bool belongs_to(const State& state, const MassCancel& run, const Order& order);
// The newest run, a drill aside, that the order belongs to; null when there is none.
const MassCancel* run_of(const State& state, const Order& order);
const MassCancel* find_run(const State& state, std::uint64_t run);

// The scope's orders are counted and queued; a drill counts them alone.
void start_run(State& state, const order::MassCancelStarted& event);
// A cancel of the order has gone out.
void count_cancel_sent(State& state, Order& order, UtcTime time);
// The order is open no more.
void count_ended(State& state, const Order& order);
void finish_run(State& state, const order::MassCancelFinished& event);
void advance_drill(State& state, const order::DrillAdvanced& event);
// Drops what needs no cancel any more from the fronts of the broker's queues.
void trim_cancels(State& state, Broker& line);

// A scope is killed at present.
bool any_killed(const State& state);
// A killed scope's session stays out: a client's once its cancels are sent, a broker's once all of its orders are over.
bool kept_out(const State& state, SessionId session);

// Who has had the order cancelled, and why, when it was not its client; else nothing. A view into `memory`.
inline constexpr std::size_t kMaxCancelText = 192;
std::string_view why_cancelled(const State& state, const Order& order, const Request& request, std::span<char> memory);

}  // namespace portcullis::gateway
