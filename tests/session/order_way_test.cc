#include "tests/session/order_way.h"

#include <gtest/gtest.h>

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
    const Sent filled = take(broker_,
                             broker_.frame("35=8" + about + "|17=F" + number + "|150=F|39=2|32=" + quantity +
                                           "|31=1.1005|151=0|14=" + quantity + "|6=1.1005|"),
                             broker_seq_++);
    ASSERT_EQ(filled[39], "2");
    ASSERT_EQ(filled[11], "ORDER-" + number);
  }

  Gateway gateway_{roomy()};
  Line client_{gateway_, gateway_.core().client_session("alpha")};
  Line broker_{gateway_, gateway_.core().broker_session("northbank")};
  std::uint64_t client_seq_ = client_.first();
  std::uint64_t broker_seq_ = broker_.first();
  int count_ = 0;
  std::size_t allocated_ = 0;
};

TEST_F(OrderWay, AllocatesWhereTheStateGrowsAndNowhereElse) {
  trade(kWarm);
  const std::size_t grown = trade(kCounted);
  // Each message that allocated once would make it 1,000 at least.
  EXPECT_LE(grown, 300u);
  EXPECT_EQ(count_, kWarm + kCounted);
}

}  // namespace
}  // namespace portcullis::gateway::testing
