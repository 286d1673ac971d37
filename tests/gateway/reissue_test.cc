#include <gtest/gtest.h>

#include <string>

#include "fix/encode.h"
#include "gateway/snapshot.h"
#include "tests/gateway/fixture.h"

// What a session still owes when its numbers are reset: the reports that no connection has carried.

namespace portcullis::gateway {
namespace {

using testing::Gateway;
using testing::Sent;

const char kBuy[] = "35=D|11=A|1=ALPHA-1|55=EUR/USD|54=1|38=1000000|40=2|44=1.1010|60=20261123-12:00:00|";

class Reissue : public ::testing::Test {
 protected:
  // The order is at the broker, the client has read everything so far, and goes.
  void order_and_leave() {
    given_ = Gateway::only(gateway_.from_client("alpha", kBuy), "D")[11];
    SessionEffects read;
    read.written = gateway_.core().numbers(alpha()).next_sender - 1;
    read.state = order::SessionState::kDisconnected;
    gateway_.session("alpha", false, read);
  }
  Sent broker_fills(const std::string& exec_id, const std::string& cum) {
    return Gateway::only(
        gateway_.from_broker("northbank", "35=8|37=N1|11=" + given_ + "|17=" + exec_id +
                                              "|150=F|39=1|55=EUR/USD|54=1|38=1000000|32=100000|31=1.1005|14=" + cum +
                                              "|151=500000|6=1.1005|60=20261123-12:00:00|"),
        "8");
  }
  void reset() {
    SessionEffects effects;
    effects.reset = true;
    gateway_.session("alpha", false, effects);
  }
  SessionId alpha() { return gateway_.core().client_session("alpha"); }
  const Session& session() { return gateway_.state().sessions[alpha().value()]; }

  Gateway gateway_;
  std::string given_;
};

TEST_F(Reissue, AResetOwesWhatWasNeverWrittenAndNothingElse) {
  order_and_leave();
  const std::uint32_t epoch = session().numbers.sequence_epoch;
  const std::uint64_t read = session().numbers.written;
  broker_fills("E1", "100000");
  broker_fills("E2", "200000");
  EXPECT_TRUE(session().owed.empty());
  reset();
  ASSERT_EQ(session().owed.size(), 1u);
  EXPECT_EQ(session().owed[0].sequence_epoch, epoch);
  EXPECT_EQ(session().owed[0].first, read + 1);
  EXPECT_EQ(session().owed[0].last, read + 2);
  // A second reset with nothing said in between owes nothing more.
  reset();
  EXPECT_EQ(session().owed.size(), 1u);
}

TEST_F(Reissue, WhatWasReadIsNotOwed) {
  order_and_leave();
  reset();
  EXPECT_TRUE(session().owed.empty());
}

TEST_F(Reissue, WhatIsIssuedAgainIsANewMessageOfTheSessionAndNoLongerOwed) {
  order_and_leave();
  const Sent first = broker_fills("E1", "100000");
  broker_fills("E2", "200000");
  reset();
  gateway_.log_on("alpha", false);
  const OwedReports owed = session().owed.front();
  const SessionNumbers numbers = session().numbers;
  char buffer[4096];
  const std::string again(fix::reissue(first.bytes,
                                       gateway_.state().setup.sessions[alpha().value()].dialect->identity(),
                                       numbers.next_sender, gateway_.now(), buffer));
  const StagedMessage staged{numbers.next_sender, again, true};
  SessionEffects effects;
  effects.outbound = std::span(&staged, 1);
  effects.reissued = OwedReports{owed.sequence_epoch, owed.first, owed.first};
  const std::vector<Sent> sent = gateway_.session("alpha", false, effects);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0][97], "Y");
  EXPECT_EQ(sent[0][43], "");
  EXPECT_EQ(sent[0][34], std::to_string(numbers.next_sender));
  for (const int tag : {11, 17, 37, 150, 39, 14, 151, 32, 31, 6, 60}) EXPECT_EQ(sent[0][tag], first[tag]) << tag;
  ASSERT_EQ(session().owed.size(), 1u);
  EXPECT_EQ(session().owed[0].first, owed.first + 1);
  EXPECT_EQ(session().numbers.next_sender, numbers.next_sender + 1);

  // It is no session-level message: a ResendRequest brings it again.
  const auto record = RecordView::parse(gateway_.records().back());
  record->for_each_outbound([](const OutboundView& message) { EXPECT_EQ(message.header.admin, 0); });

  effects.outbound = {};
  effects.reissued = OwedReports{owed.sequence_epoch, owed.first + 1, owed.last};
  gateway_.session("alpha", false, effects);
  EXPECT_TRUE(session().owed.empty());
}

TEST_F(Reissue, ASnapshotAndTheFoldedJournalKnowWhatIsOwed) {
  order_and_leave();
  broker_fills("E1", "100000");
  reset();
  broker_fills("E2", "200000");
  Core folded;
  for (const auto& record : gateway_.records()) {
    const Status status = folded.replay(*RecordView::parse(record));
    ASSERT_TRUE(status.ok()) << status.error().what;
  }
  Gateway recovered = Gateway::recovered_from(gateway_);
  for (const State* state : {&std::as_const(folded).state(), &recovered.state()}) {
    const Session& other = state->sessions[alpha().value()];
    ASSERT_EQ(other.owed.size(), 1u);
    EXPECT_EQ(other.owed[0].first, session().owed[0].first);
    EXPECT_EQ(other.owed[0].last, session().owed[0].last);
    EXPECT_EQ(other.numbers.written, session().numbers.written);
    // A schedule's reset that was made is not made again after a start from a snapshot.
    EXPECT_EQ(other.numbers_since, session().numbers_since);
  }
}

TEST_F(Reissue, WhatIsOwedIsBoundedAndTheOldestAreGivenUpWithAnAlert) {
  order_and_leave();
  // Numbers that were never written, as if so many reports had gone out while nobody read.
  SessionEffects far;
  far.reset = true;
  far.set_next_sender = 1;
  gateway_.session("alpha", false, far);
  std::vector<std::string> texts(1);
  char buffer[4096];
  const fix::HeaderIdentity identity = gateway_.state().setup.sessions[alpha().value()].dialect->identity();
  const std::uint64_t count = kMaxOwedReports + 10;
  std::vector<StagedMessage> staged;
  std::string one(fix::heartbeat(identity, 1, gateway_.now(), "", buffer));
  for (std::uint64_t done = 0; done < count;) {
    staged.clear();
    const std::uint64_t next = session().numbers.next_sender;
    for (std::uint64_t i = 0; i < 1'000 && done < count; ++i, ++done) staged.push_back(StagedMessage{next + i, one});
    SessionEffects effects;
    effects.outbound = staged;
    gateway_.session("alpha", false, effects);
  }
  reset();
  std::uint64_t total = 0;
  for (const OwedReports& range : session().owed) total += range.last - range.first + 1;
  EXPECT_EQ(total, kMaxOwedReports);
  EXPECT_EQ(gateway_.state().alerts.back().code, order::AlertCode::kSequence);
}

}  // namespace
}  // namespace portcullis::gateway
