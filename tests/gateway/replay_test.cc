#include <gtest/gtest.h>

#include <span>
#include <utility>
#include <vector>

#include "tests/gateway/fixture.h"

namespace portcullis::gateway {
namespace {

using testing::Gateway;
using testing::Sent;

TEST(Replay, FoldsTheRecordsToTheSameState) {
  Gateway gateway;
  const Sent order = Gateway::only(
      gateway.from_client("alpha", "35=D|11=A|55=EUR/USD|54=1|38=5000000|40=2|44=1.1010|60=20261123-12:00:00|"), "D");
  gateway.from_broker("northbank", "35=8|37=N1|11=" + order[11] + "|17=E1|150=F|39=1|55=EUR/USD|54=1|38=5000000|32=2000000|31=1.1005|14=2000000|151=3000000|6=1|");
  gateway.from_client("alpha", "35=F|11=C|41=A|55=EUR/USD|54=1|38=5000000|60=20261123-12:00:00|");
  gateway.from_client("beta", "35=D|11=A|21=1|55=USD/JPY|54=2|38=1000|40=1|60=20261123-12:00:00|");

  Core folded;
  for (const auto& bytes : gateway.records()) {
    const auto view = RecordView::parse(bytes);
    ASSERT_TRUE(view);
    const Status status = folded.replay(*view);
    ASSERT_TRUE(status.ok()) << status.error().what;
  }
  const State& a = gateway.state();
  const State& b = folded.state();
  ASSERT_EQ(a.orders.size(), b.orders.size());
  ASSERT_EQ(a.requests.size(), b.requests.size());
  ASSERT_EQ(a.executions.size(), b.executions.size());
  for (std::uint64_t i = 0; i < a.orders.size(); ++i) {
    const Order& x = a.orders[OrderNumber(i)];
    const Order& y = b.orders[OrderNumber(i)];
    EXPECT_EQ(x.status, y.status);
    EXPECT_EQ(x.cum_qty, y.cum_qty);
    EXPECT_TRUE(x.reserved == y.reserved);
    EXPECT_EQ(x.broker, y.broker);
  }
  for (std::size_t i = 0; i < a.sessions.size(); ++i) {
    EXPECT_EQ(a.sessions[i].numbers.next_sender, b.sessions[i].numbers.next_sender);
    EXPECT_EQ(a.sessions[i].numbers.next_target, b.sessions[i].numbers.next_target);
  }
  EXPECT_FALSE(b.risk.verify());
}

// Whoever folds looks at the record behind the next one before anybody has checked it.
TEST(Replay, LooksAheadAtWhateverStandsThere) {
  Gateway gateway;
  const Sent order = Gateway::only(
      gateway.from_client("alpha", "35=D|11=A|55=EUR/USD|54=1|38=5000000|40=2|44=1.1010|60=20261123-12:00:00|"), "D");
  gateway.from_broker("northbank", "35=8|37=N1|11=" + order[11] + "|17=E1|150=F|39=1|55=EUR/USD|54=1|38=5000000|32=2000000|31=1.1005|14=2000000|151=3000000|6=1|");
  gateway.from_client("alpha", "35=F|11=C|41=A|55=EUR/USD|54=1|38=5000000|60=20261123-12:00:00|");
  Core folded;
  for (const auto& bytes : gateway.records()) {
    folded.look_ahead(bytes);
    for (std::size_t size = 0; size < bytes.size(); size += 7) folded.look_ahead(std::span(bytes).first(size));
    // A byte is another, wherever it stands: sizes, types, numbers, the length of a text.
    std::vector<std::byte> damaged = bytes;
    for (std::byte& byte : damaged) {
      const std::byte was = std::exchange(byte, ~byte);
      folded.look_ahead(damaged);
      byte = was;
    }
    ASSERT_TRUE(folded.replay(*RecordView::parse(bytes)).ok());
  }
  EXPECT_EQ(folded.state().orders.size(), gateway.state().orders.size());
  EXPECT_EQ(folded.state().executions.size(), gateway.state().executions.size());
}

// What sums are worth is not kept up while folding; whoever asks gets the same.
TEST(Replay, FoldedSumsAreWorthTheSame) {
  Gateway gateway;
  const Sent order = Gateway::only(
      gateway.from_client("alpha", "35=D|11=A|55=EUR/USD|54=1|38=5000000|40=2|44=1.1010|60=20261123-12:00:00|"), "D");
  gateway.from_broker("northbank", "35=8|37=N1|11=" + order[11] + "|17=E1|150=F|39=1|55=EUR/USD|54=1|38=5000000|32=2000000|31=1.1005|14=2000000|151=3000000|6=1|");
  Core folded;
  for (const auto& bytes : gateway.records()) ASSERT_TRUE(folded.replay(*RecordView::parse(bytes)).ok());
  const risk::Exposure& lived = gateway.state().risk.state().firm.exposure;
  const risk::Exposure& sums = folded.state().risk.state().firm.exposure;
  EXPECT_TRUE(lived.is_marked(gateway.state().risk.state().market));
  EXPECT_FALSE(sums.is_marked(folded.state().risk.state().market));
  EXPECT_TRUE(lived.net_open(gateway.state().risk.state().market).long_sum > 0);
  EXPECT_EQ(folded.state().risk.net_open_position(sums), gateway.state().risk.net_open_position(lived));
  EXPECT_FALSE(folded.state().risk.verify());
}

}  // namespace
}  // namespace portcullis::gateway
