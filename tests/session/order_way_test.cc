#include "tests/session/order_way.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/session/count_allocations.h"

// An order and its two reports, from the received bytes to the bytes of the record: no message allocates anything. What
// allocates is the growth of the state: its hash tables, each a few hundred orders or more, and its queues by blocks.

namespace portcullis::gateway::testing {
namespace {

constexpr int kWarm = 3000;
constexpr int kCounted = 1000;

class OrderWay : public ::testing::Test {
 protected:
  // What the record's only message says.
  Sent only(std::span<const std::byte> content) {
    std::vector<Sent> sent;
    const auto record = RecordView::parse(content);
    EXPECT_TRUE(record.has_value());
    record->for_each_outbound([&](const OutboundView& message) { sent.push_back(parse("", message.bytes)); });
    EXPECT_EQ(sent.size(), 1u);
    return sent.empty() ? Sent() : sent.front();
  }

  Sent take(Line& line, const std::string& bytes, std::uint64_t seq) {
    const std::size_t before = session::test::allocations();
    const std::span<const std::byte> content = line.take(bytes, seq);
    allocated_ += session::test::allocations() - before;
    beside_text_ = content.size() - padded(bytes.size());
    RecordView::parse(content)->for_each_outbound(
        [&](const OutboundView& message) { beside_text_ -= padded(message.bytes.size()); });
    return only(content);
  }
  // So many orders, each with its acknowledgement and its fill. How often was something allocated?
  std::size_t trade(int orders) {
    allocated_ = 0;
    for (int i = 0; i < orders && !HasFatalFailure(); ++i) trade_one();
    return allocated_;
  }
  void trade_one() {
    const std::string number = std::to_string(count_);
    const std::string quantity = std::to_string(10'000 + count_++);
    const Sent order = take(client_,
                            client_.frame("35=D|11=ORDER-" + number + "|1=ALPHA-1|55=EUR/USD|54=1|38=" + quantity +
                                          "|40=2|44=1.1010|59=0|60=20261123-12:00:00.000|"),
                            client_seq_++);
    ASSERT_EQ(order.type(), "D");
    const std::string about = "|37=N" + number + "|11=" + order[11] + "|55=EUR/USD|54=1|38=" + quantity;
    const Sent accepted =
        take(broker_, broker_.frame("35=8" + about + "|17=A" + number + "|150=0|39=0|151=" + quantity + "|14=0|6=0|"),
             broker_seq_++);
    ASSERT_EQ(accepted[150], "0");
    beside_text_of_acknowledgement_ = beside_text_;
    const Sent filled = take(broker_,
                             broker_.frame("35=8" + about + "|17=F" + number + "|150=F|39=2|32=" + quantity +
                                           "|31=1.1005|151=0|14=" + quantity + "|6=1.1005|"),
                             broker_seq_++);
    ASSERT_EQ(filled[39], "2");
    ASSERT_EQ(filled[11], "ORDER-" + number);
  }

  // The day ends. How often ticks allocate while what is old enough is given back?
  std::size_t roll() {
    gateway_.command(order::RollDay{gateway_.state().trade_date + 1});
    std::size_t allocated = 0;
    // No minute passes, so that ticks have nothing else to do.
    for (int i = 0; gives_back(); ++i) {
      Input tick;
      tick.kind = InputKind::kTick;
      tick.now = gateway_.now() + Duration::milliseconds(i % 2);
      RecordWriter record(std::as_writable_bytes(std::span(memory_)));
      const std::size_t before = session::test::allocations();
      gateway_.core().handle(tick, record);
      record.finish();
      allocated += session::test::allocations() - before;
    }
    return allocated;
  }
  bool gives_back() const {
    const GivingBack& self = gateway_.state().giving_back;
    return self.round != self.kept_from || self.table != order::GivenBackTable::kNone;
  }

  Gateway gateway_{roomy()};
  std::vector<std::uint64_t> memory_ = std::vector<std::uint64_t>(kRecordCapacity / 8);
  Line client_{gateway_, gateway_.core().client_session("alpha")};
  Line broker_{gateway_, gateway_.core().broker_session("northbank")};
  std::uint64_t client_seq_ = client_.first();
  std::uint64_t broker_seq_ = broker_.first();
  int count_ = 0;
  std::size_t allocated_ = 0;
  std::size_t beside_text_ = 0;  // bytes of the newest record that are neither the message's text nor that of the answer
  std::size_t beside_text_of_acknowledgement_ = 0;
};

TEST_F(OrderWay, AllocatesWhereTheStateGrowsAndNowhereElse) {
  trade(kWarm);
  const std::size_t grown = trade(kCounted);
  // Each message that allocated once would make it 1,000 at least.
  EXPECT_LE(grown, 300u);
  EXPECT_EQ(count_, kWarm + kCounted);
}

// Everything that follows the journal pays for each byte of it: an event holds what a report says, and is as long as that.
TEST_F(OrderWay, AReportsRecordIsShort) {
  trade(100);
  constexpr std::size_t kAround = sizeof(RecordHeader) + sizeof(OutboundHeader) +
                                  2 * sizeof(order::EventHeader) + sizeof(order::TargetAdvanced);
  constexpr std::size_t kIds = 8;  // "A99" and "N99", "F99"
  EXPECT_EQ(beside_text_of_acknowledgement_, kAround + sizeof(order::ExecutionApplied) + kIds);
  EXPECT_EQ(beside_text_, kAround + sizeof(order::ExecutionApplied) + sizeof(order::Trade) + kIds);
}

// A month of trading takes the memory of the days that are kept: blocks are used again, entries of the index of ExecIDs
// make room, and giving back asks nobody for memory.
TEST_F(OrderWay, AMonthOfOrdersTakesTheMemoryOfAWeek) {
  constexpr int kOrdersADay = 4'000;
  constexpr int kDays = 30;
  struct Memory {
    std::size_t orders, requests, executions, beside, exec_ids;
  };
  const State& state = gateway_.state();
  const auto memory = [&state] {
    return Memory{state.orders.bytes(), state.requests.bytes(), state.executions.bytes(), state.beside.bytes(),
                  state.exec_ids.bytes()};
  };
  Memory week{};
  std::size_t allocated = 0;
  for (int day = 0; day < kDays && !HasFatalFailure(); ++day) {
    trade(kOrdersADay);
    allocated += roll();
    if (day == 13) week = memory();
  }
  const std::uint64_t kept = 5 * kOrdersADay;
  EXPECT_EQ(state.orders.size(), std::uint64_t{kDays} * kOrdersADay);
  EXPECT_EQ(state.orders.kept(), kept);
  EXPECT_EQ(state.requests.kept(), kept);
  EXPECT_EQ(state.executions.kept(), 2 * kept);
  EXPECT_EQ(state.exec_ids.size(), 2 * kept);
  const Memory month = memory();
  EXPECT_EQ(month.orders, week.orders);
  EXPECT_EQ(month.requests, week.requests);
  EXPECT_EQ(month.executions, week.executions);
  EXPECT_EQ(month.beside, week.beside);
  EXPECT_LE(month.exec_ids, week.exec_ids * 5 / 4);  // a shard's share is a matter of chance
  EXPECT_EQ(allocated, 0u);
}

}  // namespace
}  // namespace portcullis::gateway::testing
