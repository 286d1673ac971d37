#pragma once

#include <cstdint>

#include "gateway/archive.h"
#include "gateway/state.h"

// The part of a snapshot that grows: orders, their requests, executions and swaps, and how far they have been given
// back (gateway/giving_back.h). Entries that are gone take no bytes.

namespace portcullis::gateway {

// How many entries each table has, ahead of all of them: entries refer to tables that come later.
struct Counts {
  std::uint64_t clients = 0, accounts = 0, brokers = 0, sessions = 0, instruments = 0, currencies = 0, groups = 0,
                traders = 0;
  std::uint64_t orders = 0, requests = 0, executions = 0;

  static Counts of(const State& state) {
    return Counts{state.clients.size(),     state.accounts.size(),   state.brokers.size(),   state.session_names.size(),
                  state.instruments.size(), state.currencies.size(), state.groups.size(),    state.traders.size(),
                  state.orders.size(),      state.requests.size(),   state.executions.size()};
  }
};

void save_entries(Saving& ar, const State& state, const Counts& counts);
// Whoever loads the brokers has done so before: what waits at one must be there.
void load_entries(Loading& ar, State& state, const Counts& counts);

}  // namespace portcullis::gateway
