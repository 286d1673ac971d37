#include "app/replay.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "app/what_if.h"
#include "order/execution_event.h"
#include "persistence/frame.h"
#include "persistence/recovery.h"
#include "tests/app/recorded_day.h"

namespace portcullis::app {
namespace {

using gateway::testing::Gateway;
using gateway::testing::Sent;

// A day with everything that makes a record.
class Replay : public testing::RecordedDay {
 protected:
  void SetUp() override {
    config::Config configuration = gateway::testing::small_configuration();
    configuration.clients[1].cancel_on_disconnect = config::CancelOnDisconnect::kAll;
    configuration.admin.users = {{"ops", config::Role::kOperator, {}}};
    configuration.risk.shadow.emplace_back().firm.max_order_quantity = Quantity::of(1'000'000);
    Gateway gateway = start(configuration);
    const Sent order = Gateway::only(
        gateway.from_client("alpha", "35=D|11=A|55=EUR/USD|54=1|38=5000000|40=2|44=1.1010|60=20261123-12:00:00|"), "D");
    const std::string about = "35=8|37=N1|11=" + order[11] + "|55=EUR/USD|54=1|38=5000000|";
    gateway.from_broker("northbank", about + "17=E0|150=0|39=0|14=0|151=5000000|6=0|");
    gateway.from_broker("northbank", about + "17=E1|150=F|39=1|32=2000000|31=1.1005|14=2000000|151=3000000|6=1|");
    gateway.from_broker("northbank", about + "17=E1|150=F|39=1|32=2000000|31=1.1005|14=2000000|151=3000000|6=1|");
    gateway.from_broker("northbank", about + "17=E2|19=E1|150=G|39=1|32=1500000|31=1.1006|14=1500000|151=3500000|6=1|");
    gateway.from_broker("northbank", about + "17=E3|19=E2|150=H|39=0|32=1500000|31=1.1006|14=0|151=5000000|6=0|");
    gateway.from_broker("northbank",
                        "35=8|37=N9|11=NOBODY|17=X|150=F|39=2|55=EUR/USD|54=1|38=1|32=1000|31=1.1|14=1000|151=0|6=1|");
    gateway.from_client("alpha", "35=G|11=R|41=A|55=EUR/USD|54=1|38=6000000|40=2|44=1.1010|60=20261123-12:00:00|");
    gateway.from_client("alpha", "35=F|11=C|41=A|55=EUR/USD|54=1|38=5000000|60=20261123-12:00:00|");
    gateway.from_client("alpha", "35=H|11=A|55=EUR/USD|54=1|");
    gateway.from_client("alpha", "35=D|11=A|55=EUR/USD|54=1|38=1|40=2|44=1.1|60=20261123-12:00:00|");
    gateway.from_client("beta", "35=D|11=A|21=1|55=USD/JPY|54=2|38=1000|40=1|60=20261123-12:00:00|");
    gateway.from_client("beta", "35=D|11=B|21=1|55=NONE|54=2|38=1000|40=1|60=20261123-12:00:00|");
    gateway.from_client("beta", "35=R|131=Q|");
    gateway.command(
        order::SetQuote{order::InstrumentId(0), *Price::parse("1.1"), *Price::parse("1.1002"), order::UserText("ops")});
    // Sessions' own doings: lines that break and come back, numbers that begin anew, messages that QuickFIX made.
    gateway.disconnect("beta", false);
    gateway.pass(Duration::seconds(10));
    gateway::SessionEffects reset;
    reset.reset = true;
    reset.state = order::SessionState::kLoggedOn;
    reset.next_target = 2;
    const std::string logon =
        gateway::testing::frame("FIX.4.2", "PORTCULLIS", "BETA", 1, gateway.now(), "35=A|98=0|108=30|");
    const gateway::StagedMessage staged[] = {{1, logon}};
    reset.outbound = staged;
    gateway.session("beta", false, reset);
    gateway.disconnect("northbank", true);
    gateway.log_on("northbank", true);
    gateway.drained("northbank");
    gateway.pass(Duration::seconds(15));
    gateway::SessionEffects gap;
    const gateway::SessionAlert alerts[] = {{order::AlertCode::kSequence, order::Severity::kWarning, "a gap"}};
    gap.alerts = alerts;
    gap.reconcile_again = true;
    gateway.session("southbank", true, gap);
    // A full disk and a line that does not read are facts of the machine: the record has them.
    gateway.core().set_low_space(true);
    gateway.from_client("alpha", "35=D|11=L|55=EUR/USD|54=1|38=5000000|40=2|44=1.1010|60=20261123-12:00:00|");
    gateway.core().set_low_space(false);
    gateway.core().set_slow_line(order::BrokerId(0), true);
    gateway.from_client("alpha", "35=D|11=M|55=EUR/USD|54=1|38=50000|40=2|44=1.1010|60=20261123-12:00:00|");
    gateway.core().set_slow_line(order::BrokerId(0), false);
    gateway.restart();
    keep(gateway);
    for (const auto& content : records_) {
      commands_ += gateway::RecordView::parse(content)->header().kind == gateway::InputKind::kCommand ? 1 : 0;
    }
  }

  std::uint64_t commands_ = 0;
};

TEST_F(Replay, DecidesTheSameAgain) {
  const auto report = replay_journal(journal());
  ASSERT_TRUE(report.ok()) << report.error().what;
  EXPECT_EQ(report->differences, 0u) << report->first_difference;
  EXPECT_EQ(report->records, records_.size());
  EXPECT_EQ(report->folded_only, commands_) << "operators' commands alone are not decided again";
  EXPECT_EQ(report->decided_anew, records_.size() - commands_);
  EXPECT_GE(report->orders, 5u);
  EXPECT_GE(report->executions, 4u);
}

TEST_F(Replay, NamesTheRecordThatIsDecidedOtherwise) {
  // The last byte but the checksum's of some message that went out.
  for (std::size_t i = records_.size(); i-- > 0;) {
    const auto view = gateway::RecordView::parse(records_[i]);
    std::string_view sent;
    view->for_each_outbound([&](const gateway::OutboundView& message) {
      if (message.header.admin == 0) sent = message.bytes;
    });
    if (sent.empty()) continue;
    records_[i][static_cast<std::size_t>(sent.data() - reinterpret_cast<const char*>(records_[i].data())) + 20] ^=
        std::byte{1};
    const auto report = replay_journal(journal());
    ASSERT_TRUE(report.ok()) << report.error().what;
    EXPECT_EQ(report->first_difference, "record " + std::to_string(i + 1) + ": decided anew, it is not the same");
    return;
  }
  FAIL() << "no record with a message";
}

// A record as a tick writes it, whose one event another hand has written.
std::vector<std::byte> record_with(const std::function<void(order::EventWriter&)>& event) {
  std::vector<std::uint64_t> memory(1024);
  gateway::RecordWriter writer(std::as_writable_bytes(std::span(memory)));
  writer.begin(gateway::InputKind::kTick, order::SessionId::none(), 0, UtcTime::from_ns(1), 0, {});
  order::EventWriter events = writer.events();
  event(events);
  writer.end_events(events);
  writer.finish();
  const auto content = writer.content();
  return {content.begin(), content.end()};
}

// The checksum of a record may be right, and its content wrong.
class WrongContent : public Replay {
 protected:
  // Everybody who reads the journal says where it stands and what was expected, and nobody dies of it.
  void expect_told(std::vector<std::byte> content, std::string_view expected) {
    const std::string place = " at offset " + std::to_string(put_behind_third(std::move(content))) + ": record 4: ";
    const std::string directory = journal();
    const auto told = [&](const std::string& what) {
      EXPECT_NE(what.find(".journal" + place), std::string::npos) << what;
      EXPECT_NE(what.find(expected), std::string::npos) << what;
    };
    const auto replayed = replay_journal(directory);
    ASSERT_FALSE(replayed.ok());
    told(replayed.error().what);
    const auto asked = replay_with_limits(directory, config::RiskSection(), [](const WhatIfDifference&) {});
    ASSERT_FALSE(asked.ok());
    told(asked.error().what);
  }
  std::string verify() {
    const auto report = persistence::verify_journal(persistence::posix_file_system(), journal());
    return report ? std::string() : report.error().what;
  }

 private:
  // Where its frame begins.
  std::uint64_t put_behind_third(std::vector<std::byte> content) {
    records_.insert(records_.begin() + 3, std::move(content));
    std::uint64_t offset = persistence::kSegmentHeaderBytes;
    for (std::size_t i = 0; i < 3; ++i) offset += persistence::aligned_frame_bytes(records_[i].size());
    return offset;
  }
};

TEST_F(WrongContent, AnEventThatIsTooShortIsTold) {
  const auto short_event = record_with([](order::EventWriter& events) {
    std::memset(events.add_parts(order::EventType::kOrderRouted, 8), 0, 8);
  });
  expect_told(short_event, "its OrderRouted has 8 bytes; at least 32 were expected");
  EXPECT_NE(verify().find("its OrderRouted has 8 bytes"), std::string::npos) << verify();
}

TEST_F(WrongContent, AnEventWithoutAPartThatItSaysItHasIsTold) {
  const auto without_trade = record_with([](order::EventWriter& events) {
    order::ExecutionApplied head = {};
    head.flags = order::ExecutionApplied::kTrade;
    events.add(head);
  });
  expect_told(without_trade, "its ExecutionApplied has 48 bytes; more were expected");
}

TEST_F(WrongContent, AnEventThatFollowsFromNothingIsTold) {
  const auto of_no_order = record_with([](order::EventWriter& events) {
    order::OrderRouted event = {};
    event.order = order::OrderNumber(1'000'000);
    events.add(event);
  });
  expect_told(of_no_order, "it does not follow from the records before it: no entry of this number");
}

TEST_F(WrongContent, AnEventOfAnotherVersionIsTold) {
  const auto unknown = record_with([](order::EventWriter& events) {
    std::memset(events.add_parts(static_cast<order::EventType>(60'000), 8), 0, 8);
  });
  expect_told(unknown, "an event of a type that this version does not know");
}

TEST_F(WrongContent, AHeaderThatSaysOtherSizesIsTold) {
  std::vector<std::byte> content = records_[2];
  content.resize(content.size() + 8);
  expect_told(content, "its header says " + std::to_string(content.size() - 8));
}

}  // namespace
}  // namespace portcullis::app
