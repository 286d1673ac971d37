#include <gtest/gtest.h>

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gateway/records_ahead.h"
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

// Among many sessions whoever folds looks further, at the sums that the records behind will move, and moves none.
TEST(Replay, LooksAtTheRecordsAheadAndFoldsTheSame) {
  config::Config configuration = testing::small_configuration();
  for (int i = 0; i < 8; ++i) {
    config::Client more = configuration.clients.front();
    more.id = more.comp_id = "more" + std::to_string(i);
    more.accounts = {"MORE-" + std::to_string(i)};
    configuration.clients.push_back(more);
  }
  Gateway gateway(configuration);
  for (int i = 0; i < 40; ++i) {
    const std::string client = i % 2 == 0 ? "alpha" : "more" + std::to_string(i % 8);
    const std::string id = std::to_string(i);
    const Sent order = Gateway::only(gateway.from_client(client, "35=D|11=A" + id + (i % 2 == 0 ? "|1=ALPHA-1" : "") +
                                                                     "|55=EUR/USD|54=1|38=" + std::to_string(1000 + i) +
                                                                     "|40=2|44=1.1010|60=20261123-12:00:00|"),
                                     "D");
    gateway.from_broker("northbank", "35=8|37=N" + id + "|11=" + order[11] + "|17=E" + id +
                                         "|150=F|39=1|55=EUR/USD|54=1|38=" + order[38] +
                                         "|32=500|31=1.1005|14=500|151=" + std::to_string(500 + i) + "|6=1.1005|");
  }
  const std::vector<std::vector<std::byte>>& records = gateway.records();
  Core plain;
  Core looks;
  RecordsAhead ahead;
  std::uint64_t known = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::size_t far = i + RecordsAhead::kRecords;
    std::vector<std::byte> next = far < records.size() ? records[far] : std::vector<std::byte>();
    // Some of them damaged, wherever it may be.
    if (i % 3 == 0 && !next.empty()) next[i * 37 % next.size()] ^= std::byte{0x15};
    ahead.look(looks.state(), next);
    const RecordsAhead::Looked looked = RecordsAhead::look_first(looks.state(), records[i]);
    if (looked.place.session.has_value() && looks.state().risk.known_scopes_of(looked.place) != nullptr) ++known;
    ASSERT_TRUE(plain.replay(*RecordView::parse(records[i])).ok());
    ASSERT_TRUE(looks.replay(*RecordView::parse(records[i])).ok());
  }
  EXPECT_GT(known, 20u);  // new orders of whose scopes something was known already
  std::vector<std::byte> without;
  std::vector<std::byte> with;
  plain.state().risk.save(without);
  looks.state().risk.save(with);
  EXPECT_EQ(with, without);
  EXPECT_EQ(looks.state().executions.size(), 40u);
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
