#include "app/replay.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace portcullis::app
