// Many connections of one thread, read in a row.
#include "session/ready_sockets.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "session/clock.h"
#include "session/connection.h"
#include "tests/session/peer.h"

namespace portcullis::session {
namespace {

using testing::fix_message;

// One connection and the other end of its socket.
class Counterparty : public ConnectionHandler {
 public:
  Counterparty(int number, std::vector<std::string>& heard) : number_(number), heard_(heard) {}

  void on_coming(std::string_view unread, int step) override { coming.emplace_back(unread, step); }
  void on_frame(const fix::Frame& frame) override {
    heard_.push_back(std::to_string(number_) + ":" + std::string(frame.bytes));
    if (act) act();
  }
  void on_garbled(const char*) override {}
  void on_batch_end() override { heard_.push_back(std::to_string(number_) + ": end"); }
  void on_closed(const CloseReason& reason) override { closed.push_back(reason); }

  void send(std::string_view bytes) {
    ASSERT_EQ(write(peer.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }

  FileDescriptor peer;
  std::unique_ptr<Connection> connection;
  std::vector<std::pair<std::string, int>> coming;
  std::vector<CloseReason> closed;
  std::function<void()> act;  // inside on_frame

 private:
  const int number_;
  std::vector<std::string>& heard_;
};

class ReadySocketsTest : public ::testing::Test {
 protected:
  ReadySocketsTest() { ready_.set_wanted(true); }

  Counterparty& connect() {
    int pair[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    auto& made = *all_.emplace_back(std::make_unique<Counterparty>(static_cast<int>(all_.size()), heard_));
    made.peer = FileDescriptor(pair[0]);
    Stream stream;
    stream.socket = FileDescriptor(pair[1]);
    stream.remote = "peer";
    made.connection = std::make_unique<Connection>(io_, std::move(stream), made, &ready_);
    made.connection->start();
    return made;
  }
  void connect(int count) {
    for (int i = 0; i < count; ++i) connect();
    poll();
  }
  // What is there; nothing else is on its way, since socket pairs deliver at once.
  void poll() {
    io_.restart();
    io_.poll();
  }

  boost::asio::io_context io_;
  ReadySockets ready_{io_};
  std::vector<std::string> heard_;
  std::vector<std::unique_ptr<Counterparty>> all_;
};

const std::string kOne = fix_message("35=0|34=1|");
const std::string kTwo = fix_message("35=0|34=2|");

TEST_F(ReadySocketsTest, AreHandedOverInTheOrderInWhichTheyBecameReady) {
  connect(20);
  std::vector<std::string> expected;
  for (int i = 19; i >= 0; --i) {
    all_[static_cast<std::size_t>(i)]->send(kOne + kTwo);
    for (const std::string& what : {":" + kOne, ":" + kTwo, std::string(": end")}) {
      expected.push_back(std::to_string(i) + what);
    }
  }
  poll();
  EXPECT_EQ(heard_, expected);
}

TEST_F(ReadySocketsTest, TellWhatIsComingStepByStepBeforeItIsHandedOver) {
  connect(8);
  for (const auto& counterparty : all_) counterparty->send(kOne);
  std::vector<std::size_t> told;
  all_[0]->act = [&] {
    for (const auto& counterparty : all_) told.push_back(counterparty->coming.size());
  };
  poll();
  EXPECT_EQ(told, (std::vector<std::size_t>{3, 3, 2, 1, 0, 0, 0, 0}));
  for (const auto& counterparty : all_) {
    EXPECT_EQ(counterparty->coming, (std::vector<std::pair<std::string, int>>{{kOne, 0}, {kOne, 1}, {kOne, 2}}));
  }
}

TEST_F(ReadySocketsTest, AConnectionThatAnotherOneEndsInItsTurnIsNotTouched) {
  connect(9);
  for (const auto& counterparty : all_) counterparty->send(kOne);
  all_[0]->act = [&] {
    for (int i : {1, 2, 6, 8}) all_[static_cast<std::size_t>(i)]->connection.reset();
    all_[3]->connection->close("ended by another");
    all_[4]->connection->close_when_sent("logged out by another", Duration::seconds(1));
  };
  poll();
  const std::vector<std::string> expected{"0:" + kOne, "0: end", "5:" + kOne, "5: end", "7:" + kOne, "7: end"};
  EXPECT_EQ(heard_, expected);
  ASSERT_EQ(all_[3]->closed.size(), 1U);
  EXPECT_EQ(all_[3]->closed[0].text, "ended by another");
  for (int i : {1, 2, 6, 8}) EXPECT_TRUE(all_[static_cast<std::size_t>(i)]->closed.empty());
  // What came is dropped and the end is read, so that the peer has the last words.
  all_[4]->peer.reset();
  poll();
  ASSERT_EQ(all_[4]->closed.size(), 1U);
  EXPECT_EQ(all_[4]->closed[0].text, "logged out by another");
}

TEST_F(ReadySocketsTest, ThePlaceOfOneThatEndedIsAnothers) {
  connect(3);
  for (int round = 0; round < 50; ++round) {
    Counterparty& last = *all_.back();
    last.connection->close("next");
    poll();
    EXPECT_EQ(last.closed.size(), 1U);
    Counterparty& next = connect();
    next.send(kOne);
    heard_.clear();
    poll();
    EXPECT_EQ(heard_.size(), 2U);
  }
}

TEST_F(ReadySocketsTest, AnEndBehindTheLastMessageIsSeen) {
  connect(4);
  all_[1]->send(kOne);
  all_[1]->peer.reset();
  all_[2]->send(kTwo);
  poll();
  EXPECT_EQ(heard_, (std::vector<std::string>{"1:" + kOne, "1: end", "2:" + kTwo, "2: end"}));
  ASSERT_EQ(all_[1]->closed.size(), 1U);
  EXPECT_EQ(all_[1]->closed[0].cause, CloseCause::kByPeer);
}

TEST_F(ReadySocketsTest, AnEndWhileItIsNotReadIsSeenOnceItIs) {
  connect(2);
  all_[0]->act = [&] { all_[0]->connection->pause_reading(); };
  all_[0]->send(kOne);
  poll();
  EXPECT_EQ(heard_.size(), 2U);
  all_[0]->send(kTwo);
  all_[0]->peer.reset();
  poll();
  EXPECT_EQ(heard_.size(), 2U);
  EXPECT_TRUE(all_[0]->closed.empty());
  all_[0]->act = nullptr;
  all_[0]->connection->resume_reading();
  poll();
  EXPECT_EQ(heard_.size(), 4U);
  ASSERT_EQ(all_[0]->closed.size(), 1U);
  EXPECT_EQ(all_[0]->closed[0].cause, CloseCause::kByPeer);
}

TEST_F(ReadySocketsTest, OneThatIsReadByAsioMovesWithItsNextRead) {
  ready_.set_wanted(false);
  Counterparty& counterparty = connect();
  counterparty.send(kOne);
  poll();
  EXPECT_TRUE(counterparty.coming.empty());
  ready_.set_wanted(true);
  counterparty.send(kOne);
  poll();
  EXPECT_TRUE(counterparty.coming.empty());
  counterparty.send(kTwo);
  poll();
  EXPECT_EQ(counterparty.coming.size(), 3U);
  EXPECT_EQ(heard_.size(), 6U);
}

// More than a round takes, and more than one read takes.
TEST_F(ReadySocketsTest, AllThatWaitsIsReadRoundByRound) {
  constexpr int kConnections = 300;
  connect(kConnections);
  std::string many;
  for (int i = 0; i < 1'000; ++i) many += kOne;
  for (const auto& counterparty : all_) counterparty->send(kOne + kTwo);
  Counterparty& busy = *all_[7];
  while (heard_.size() < 3 * kConnections) poll();
  heard_.clear();
  std::string rest;
  for (int i = 0; i < 20; ++i) rest += many;
  while (!rest.empty()) {
    const ssize_t sent = ::send(busy.peer.get(), rest.data(), rest.size(), MSG_DONTWAIT);
    if (sent > 0) rest.erase(0, static_cast<std::size_t>(sent));
    poll();
  }
  std::size_t frames = 0;
  for (const std::string& what : heard_) frames += what == "7:" + kOne;
  EXPECT_EQ(frames, 20'000U);
}

TEST_F(ReadySocketsTest, WhatTheSocketDidNotTakeFollowsWhenThereIsRoom) {
  connect(2);
  const std::string long_one = fix_message("35=B|58=" + std::string(60'000, 'x') + "|");
  std::size_t given = 0;
  while (all_[0]->connection->unsent_bytes() < 500'000) {
    ASSERT_TRUE(all_[0]->connection->send(long_one, steady_now()));
    all_[0]->connection->flush();
    given += long_one.size();
  }
  std::size_t taken = 0;
  std::vector<char> room(1 << 20);
  while (taken < given) {
    const ssize_t got = ::recv(all_[0]->peer.get(), room.data(), room.size(), MSG_DONTWAIT);
    if (got > 0) taken += static_cast<std::size_t>(got);
    poll();
    if (got <= 0) {
      ASSERT_GT(all_[0]->connection->unsent_bytes(), 0U);
    }
  }
  EXPECT_EQ(all_[0]->connection->unsent_bytes(), 0U);
}

}  // namespace
}  // namespace portcullis::session
