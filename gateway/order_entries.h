#pragma once

#include "gateway/state.h"

// How orders, their requests and their executions move in the state's tables, with what is counted and indexed of them.
// Called by apply alone.

namespace portcullis::gateway {

// D1: an order is open while anything of it can still be executed. One that is filled is, as long as a replace of it
// has no answer and may open it again: it reserves what that would add.
bool counts_as_open(const Order& order);
// What the order reserves from now on, what it has executed more, and whether it is open, which it was if `counted`:
// its scopes are gone over once. Its status is the new one already.
void move_order(State& state, Order& order, const order::Need& after, const order::Booking& booking, bool counted);
// What the order reserves from now on, whatever it counts as.
void reserve(State& state, Order& order, const order::Need& after);
// An order that ends or opens again is entered where open orders are found.
void set_status(State& state, Order& order, order::OrdStatus status, Quantity leaves_qty);

// Something has happened to the order today: it is kept from here on as long as one that ends today.
inline void touch(const State& state, Order& order) {
  order.last_day = state.giving_back.today;
}

Request& add_request(State& state, Order& order, RequestNumber number, RequestKind kind);
// A request gets its last answer.
void close_request(State& state, Order& order, RequestNumber number, RequestState outcome);
// A ClOrdID that is used again leads to its first request, whatever the layout of the index.
void index_request(State& state, Request& request, RequestNumber number);
void index_execution(State& state, Execution& execution, ExecutionNumber number);

// Drops what no longer waits from the fronts of the broker's queues.
void trim(State& state, Broker& line);

}  // namespace portcullis::gateway
