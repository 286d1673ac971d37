#include "gateway/snapshot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "tests/gateway/random_flow.h"

namespace portcullis::gateway {
namespace {

using testing::Gateway;
using testing::RandomFlow;
using testing::Sent;

std::vector<std::byte> saved(const State& state) {
  std::vector<std::byte> bytes;
  save(state, bytes);
  return bytes;
}

// Where two savings differ first, for the person who reads it; they are too long to print.
std::string difference(const std::vector<std::byte>& a, const std::vector<std::byte>& b) {
  const auto [at, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (at == a.end() && other == b.end()) return "";
  return "byte " + std::to_string(at - a.begin()) + " of " + std::to_string(a.size()) + " and " +
         std::to_string(b.size());
}

// What the flow must have met for the comparison to say something.
void expect_much_happened(const State& state) {
  std::uint64_t open = 0, filled = 0, refused = 0, pending = 0;
  for (OrderNumber n = state.orders.next_kept(OrderNumber(0)); n.has_value();
       n = state.orders.next_kept(OrderNumber(n.value() + 1))) {
    const Order& order = state.orders[n];
    open += order.is_open() ? 1 : 0;
    filled += order.status == order::OrdStatus::kFilled ? 1 : 0;
    refused += order.status == order::OrdStatus::kRejected ? 1 : 0;
    pending += order.open_requests > 0 ? 1 : 0;
  }
  EXPECT_GT(open, 5u);
  EXPECT_GT(filled, 5u);
  EXPECT_GT(refused, 5u);
  EXPECT_GT(pending, 0u);
  EXPECT_GT(state.executions.size(), 50u);
  EXPECT_GT(state.alerts.size(), 5u);
  EXPECT_GT(state.exec_ids.size(), 50u);
  EXPECT_FALSE(state.scope_changes.empty());
}

TEST(Snapshot, ALoadedCoreAnswersAsTheOneThatWasSaved) {
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u, 5u, 6u}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Gateway first;
    RandomFlow flow(seed);
    for (int i = 0; i < 1'000; ++i) flow.next(first)(first);
    expect_much_happened(first.state());

    Gateway second = Gateway::recovered_from(first);
    EXPECT_EQ(difference(saved(second.state()), saved(first.state())), "");
    const std::size_t before = first.records().size();
    first.restart();
    second.restart();
    for (int i = 0; i < 1'000; ++i) {
      const RandomFlow::Step step = flow.next(first);
      const std::vector<Sent> by_first = step(first);
      const std::vector<Sent> by_second = step(second);
      ASSERT_EQ(by_first.size(), by_second.size()) << "step " << i;
      for (std::size_t m = 0; m < by_first.size(); ++m)
        ASSERT_EQ(by_first[m].bytes, by_second[m].bytes) << "step " << i;
    }
    ASSERT_EQ(first.records().size() - before, second.records().size());
    for (std::size_t i = 0; i < second.records().size(); ++i) {
      ASSERT_EQ(first.records()[before + i], second.records()[i]) << "record " << i << " after the snapshot";
    }
    EXPECT_EQ(difference(saved(second.state()), saved(first.state())), "");
  }
}

TEST(Snapshot, TheFoldedJournalGivesTheSameBytes) {
  Gateway gateway;
  RandomFlow flow(7);
  for (int i = 0; i < 1'500; ++i) flow.next(gateway)(gateway);
  const auto fold = [&](Core& core, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      const Status folded = core.replay(*RecordView::parse(gateway.records()[i]));
      ASSERT_TRUE(folded.ok()) << folded.error().what;
    }
  };
  const std::size_t all = gateway.records().size();
  Core whole;
  fold(whole, 0, all);
  // Up to risk's own bytes: their throttles are full again after a start, whatever the last run had left in them.
  const auto without_risk = [](const State& state) {
    std::vector<std::byte> bytes = saved(state), risk;
    state.risk.save(risk);
    bytes.resize(bytes.size() - risk.size());
    return bytes;
  };
  EXPECT_EQ(difference(without_risk(whole.state()), without_risk(gateway.state())), "");

  // From a snapshot in between, and from one of the beginning.
  for (const std::size_t cut : {std::size_t{0}, all / 3, all - 1, all}) {
    Core early;
    fold(early, 0, cut);
    const std::vector<std::byte> bytes = saved(early.state());
    State recovered;
    std::span<const std::byte> rest(bytes);
    const Status loaded = load(rest, recovered);
    ASSERT_TRUE(loaded.ok()) << loaded.error().what;
    EXPECT_TRUE(rest.empty());
    Core late;
    late.start_from(std::move(recovered));
    fold(late, cut, all);
    EXPECT_EQ(difference(saved(late.state()), saved(whole.state())), "") << "cut at " << cut;
    EXPECT_FALSE(late.state().risk.verify());
  }
}

// A snapshot says of each entry whether its index leads to it, and asks a mark, not the index: across days whose ids
// are forgotten, orders that open again, and ids that are used twice.
TEST(Snapshot, AnEntryIsMarkedWhereItsIndexLeadsToIt) {
  std::uint64_t requests_left_out = 0, executions_left_out = 0;
  const auto expect_marked = [&](const State& state) {
    for (std::uint64_t i = 0; i < state.requests.size(); ++i) {
      if (!state.requests.contains(RequestNumber(i))) continue;
      const Request& request = state.requests[RequestNumber(i)];
      const bool found = state.find_request(request.session, request.cl_ord_id.view()) == RequestNumber(i);
      ASSERT_EQ(state.is_indexed(request), found) << "request " << i;
      requests_left_out += !found && !request.cl_ord_id.empty() ? 1 : 0;
    }
    for (std::uint64_t i = 0; i < state.executions.size(); ++i) {
      if (!state.executions.contains(ExecutionNumber(i))) continue;
      const Execution& execution = state.executions[ExecutionNumber(i)];
      const bool found = state.find_execution(execution.broker, execution.exec_id.view()) == ExecutionNumber(i);
      ASSERT_EQ(execution.indexed, found) << "execution " << i;
      executions_left_out += found ? 0 : 1;
    }
  };
  for (const std::uint64_t seed : {21u, 22u, 23u}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Gateway gateway;
    RandomFlow flow(seed);
    for (int i = 1; i <= 1'500; ++i) {
      flow.next(gateway)(gateway);
      if (i % 400 != 0) continue;
      order::RollDay roll;
      roll.trade_date = gateway.state().trade_date + 1;
      gateway.command(roll);
      expect_marked(gateway.state());
    }
    expect_marked(gateway.state());
    Gateway recovered = Gateway::recovered_from(gateway);
    expect_marked(recovered.state());
    recovered.restart();
    for (int i = 0; i < 300; ++i) flow.next(recovered)(recovered);
    expect_marked(recovered.state());
  }
  EXPECT_GT(requests_left_out, 100u);
  EXPECT_GT(executions_left_out, 0u);
}

TEST(Snapshot, ASinkThatTakesNoMoreEndsTheSaving) {
  Gateway gateway;
  RandomFlow flow(12);
  for (int i = 0; i < 1'500; ++i) flow.next(gateway)(gateway);
  const std::vector<std::byte> whole = saved(gateway.state());
  ASSERT_GT(whole.size(), 3 * ByteSink::kPieceBytes);
  std::vector<std::byte> taken;
  ByteSink sink([&](std::span<const std::byte> piece) {
    if (taken.size() >= 2 * ByteSink::kPieceBytes) return false;
    taken.insert(taken.end(), piece.begin(), piece.end());
    return true;
  });
  save(gateway.state(), sink);
  EXPECT_FALSE(sink.flush());
  EXPECT_EQ(difference(taken, {whole.begin(), whole.begin() + 2 * ByteSink::kPieceBytes}), "");
}

TEST(Snapshot, WhatFollowsItIsLeftToItsReader) {
  Gateway gateway;
  std::vector<std::byte> bytes = saved(gateway.state());
  bytes.push_back(std::byte{42});
  State state;
  std::span<const std::byte> rest(bytes);
  ASSERT_TRUE(load(rest, state).ok());
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest.front(), std::byte{42});
}

TEST(Snapshot, RefusesAnotherVersionByNumber) {
  std::vector<std::byte> bytes = saved(State());
  bytes[0] = std::byte{99};
  State state;
  std::span<const std::byte> rest(bytes);
  const Status loaded = load(rest, state);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().what, "the gateway's state in the snapshot has version 99, expected " + std::to_string(kStateVersion));
}

TEST(Snapshot, BytesThatEndEarlyAreAnError) {
  Gateway gateway;
  RandomFlow flow(8);
  for (int i = 0; i < 60; ++i) flow.next(gateway)(gateway);
  const std::vector<std::byte> bytes = saved(gateway.state());
  for (std::size_t size = 0; size < bytes.size(); size += size < 1'000 ? 7 : 397) {
    State state;
    std::span<const std::byte> rest(bytes.data(), size);
    EXPECT_FALSE(load(rest, state).ok()) << size << " of " << bytes.size();
  }
}

TEST(Snapshot, BytesThatWereChangedAreReadWithinBounds) {
  Gateway gateway;
  RandomFlow flow(9);
  for (int i = 0; i < 60; ++i) flow.next(gateway)(gateway);
  const std::vector<std::byte> bytes = saved(gateway.state());
  std::mt19937_64 random(10);
  int refused = 0;
  for (int round = 0; round < 1'000; ++round) {
    std::vector<std::byte> changed = bytes;
    for (std::uint64_t n = 1 + random() % 4; n > 0; --n) {
      changed[random() % changed.size()] = random() % 2 == 0 ? std::byte{0xFF} : static_cast<std::byte>(random());
    }
    State state;
    std::span<const std::byte> rest(changed);
    if (!load(rest, state).ok()) {
      ++refused;
      continue;
    }
    // What was read leads nowhere outside: it can be written again.
    EXPECT_FALSE(saved(state).empty());
  }
  EXPECT_GT(refused, 100);
}

// Counts that agree with each other, and not with how many bytes there are: none of them is a reason to allocate.
TEST(Snapshot, ACountThatTheBytesCannotHoldIsNotBelieved) {
  Gateway gateway;
  const std::vector<std::byte> bytes = saved(gateway.state());
  State with_more;
  std::span<const std::byte> all(bytes);
  ASSERT_TRUE(load(all, with_more).ok());
  with_more.broker_states[0].cancel_queue.resize(1);
  const std::vector<std::byte> more = saved(with_more);
  const auto at = std::mismatch(bytes.begin(), bytes.end(), more.begin(), more.end()).first - bytes.begin();
  std::vector<std::byte> changed = bytes;
  const auto put = [&changed](std::ptrdiff_t where, std::uint64_t value) {
    std::memcpy(changed.data() + where, &value, sizeof value);
  };
  constexpr std::ptrdiff_t kOrders = sizeof kStateVersion + 8 * sizeof(std::uint64_t);
  put(kOrders, 1'000'000);
  put(at, 30'000'000);
  State state;
  std::span<const std::byte> rest(changed);
  const Status loaded = load(rest, state);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().what, "the gateway's state in the snapshot counts more than it has bytes for");
  EXPECT_TRUE(state.broker_states[0].cancel_queue.empty());
}

}  // namespace
}  // namespace portcullis::gateway
