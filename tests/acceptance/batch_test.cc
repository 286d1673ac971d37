// What a batch of messages costs in system calls, counted in the running program: one epoll_wait, one read and one
// write a session on the core's thread, and nothing for the journal there; at level `disk` one write and one sync on
// the journal's own. Counts are a promise where times are not.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/syscall.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/acceptance/broker_peer.h"
#include "tests/acceptance/live_gateway.h"
#include "tests/acceptance/thread_calls.h"

namespace portcullis::acceptance {
namespace {

constexpr Duration kPatience = Duration::seconds(30);
constexpr int kOrders = 30;

class BatchTest : public testing::TestWithParam<const char*> {
 protected:
  static constexpr int kMore = 12;  // further clients, more than the gateway calls few

  void SetUp() override {
    LiveSettings settings;
    settings.durability = GetParam();
    settings.clients = {{"alpha", "FIX.4.4", ""}};
    for (int i = 0; i < kMore; ++i) settings.clients.push_back({"more" + std::to_string(i), "FIX.4.4", ""});
    settings.brokers = {{"north", broker.port(), "FIX.4.4", ", reconcile: none"}};
    gateway = std::make_unique<LiveGateway>(settings);
    gateway->start();
    ASSERT_TRUE(broker.open(kPatience)) << gateway->log();
    client.connect(gateway->client_port());
    client.send("35=A|98=0|108=30");
    const auto answer = client.receive(kPatience);
    ASSERT_TRUE(answer && (*answer)[35] == "A") << gateway->log();
  }

  static std::string order(const std::string& id) {
    return "35=D|11=" + id + "|55=EUR/USD|54=1|38=1000|40=2|44=1.1|60=now";
  }
  // One segment on the wire, so that one read can bring it all.
  void send_batch(const std::string& prefix) {
    std::string bytes;
    for (int i = 0; i < kOrders; ++i) bytes += client.compose(order(prefix + std::to_string(i)));
    client.send_bytes(bytes);
  }
  void expect_batch_at_broker(const std::string& prefix) {
    for (int i = 0; i < kOrders; ++i) {
      const auto message = broker.next(kPatience);
      ASSERT_TRUE(message && (*message)[35] == "D") << prefix << i << "\n" << gateway->log();
    }
  }

  BrokerPeer broker{"NORTH"};
  FixPeer client{{"FIX.4.4", "ALPHA", "GATE"}};
  std::unique_ptr<LiveGateway> gateway;
};

TEST_P(BatchTest, CostsOneReadAndOneWriteASession) {
  const bool disk = GetParam() == std::string("disk");
  // The first batch finds memory that was never used.
  send_batch("W");
  expect_batch_at_broker("W");

  ThreadCalls core(gateway->process().pid(), "portcullis");
  std::unique_ptr<ThreadCalls> sync;
  if (disk) sync = std::make_unique<ThreadCalls>(gateway->process().pid(), "sync");
  send_batch("B");
  expect_batch_at_broker("B");
  core.stop();

  EXPECT_EQ(core.count_moving({SYS_recvfrom, SYS_recvmsg, SYS_read, SYS_readv}), 1) << core.summary();
  EXPECT_EQ(core.count_moving({SYS_sendto, SYS_sendmsg, SYS_write, SYS_writev}), 1) << core.summary();
  // Timers come in between: each is a wait of its own and is armed again. At level `disk` the durable group is one too.
  const int timers = core.count({SYS_timerfd_settime});
  EXPECT_LE(core.count({SYS_epoll_wait, SYS_epoll_pwait}), timers + 2 + (disk ? 2 : 0)) << core.summary();
  EXPECT_EQ(core.count({SYS_pwrite64, SYS_pwritev, SYS_fdatasync, SYS_fsync, SYS_msync}), 0) << core.summary();
  // One wake-up of the sync thread for the group, and a few for the event loop's lock when both threads want it: not
  // one for each of the thirty.
  EXPECT_LE(core.count({SYS_futex}), disk ? 5 : 0) << core.summary();
  if (!disk) return;
  sync->stop();
  // One group, or two where the sync thread looked by itself while the batch was made.
  EXPECT_GE(sync->count({SYS_fdatasync}), 1) << sync->summary();
  EXPECT_LE(sync->count({SYS_fdatasync}), 2) << sync->summary();
  EXPECT_EQ(sync->count({SYS_pwritev}), sync->count({SYS_fdatasync})) << sync->summary();
}

// What is ready on many sessions at once is one batch. The gateway sleeps while they send, so that it is.
TEST_P(BatchTest, OfManySessionsLosesAndMixesNothing) {
  std::vector<std::unique_ptr<FixPeer>> clients;
  for (int i = 0; i < kMore; ++i) {
    const std::string name = LiveGateway::comp_id("more" + std::to_string(i));
    clients.push_back(std::make_unique<FixPeer>(FixPeer::Identity{"FIX.4.4", name, "GATE"}));
    clients.back()->connect(gateway->client_port());
    clients.back()->send("35=A|98=0|108=30");
    const auto answer = clients.back()->receive(kPatience);
    ASSERT_TRUE(answer && (*answer)[35] == "A") << gateway->log();
  }
  constexpr int kRounds = 3;
  for (int round = 0; round < kRounds; ++round) {
    ASSERT_EQ(kill(gateway->process().pid(), SIGSTOP), 0);
    for (int i = 0; i < kMore; ++i)
      clients[static_cast<std::size_t>(i)]->send(order("R" + std::to_string(round) + "C" + std::to_string(i)));
    ASSERT_EQ(kill(gateway->process().pid(), SIGCONT), 0);
    for (int i = 0; i < kMore; ++i) {
      const auto message = broker.next(kPatience);
      ASSERT_TRUE(message && (*message)[35] == "D") << gateway->log();
      const std::string given = (*message)[11];
      broker.peer().send("35=8|37=N" + given + "|11=" + given + "|17=A" + given +
                         "|150=0|39=0|14=0|151=1000|6=0|55=EUR/USD|54=1|38=1000");
    }
    for (int i = 0; i < kMore; ++i) {
      const auto report = clients[static_cast<std::size_t>(i)]->receive(kPatience);
      ASSERT_TRUE(report.has_value()) << gateway->log();
      EXPECT_EQ((*report)[11], "R" + std::to_string(round) + "C" + std::to_string(i)) << report->text;
      EXPECT_EQ((*report)[39], "0") << report->text;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, BatchTest, testing::Values("process", "disk"),
                         [](const auto& level) { return std::string(level.param); });

}  // namespace
}  // namespace portcullis::acceptance
