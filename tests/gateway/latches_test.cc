#include <gtest/gtest.h>

#include <algorithm>

#include "gateway/snapshot.h"
#include "order/latch_events.h"
#include "tests/gateway/fixture.h"

// Controls that trip and stay so, through FIX: what trips them, what is refused then, and what arms them again.

namespace portcullis::gateway {
namespace {

using order::AlertCode;
using order::Control;
using testing::Gateway;
using testing::Sent;

class Latches : public ::testing::Test {
 protected:
  // An order under the next ClOrdID; what came back for it.
  std::vector<Sent> send(Gateway& gateway, std::string_view side = "1", std::string_view symbol = "EUR/USD") {
    const std::string id = "A" + std::to_string(++orders_);
    return gateway.from_client("alpha", "35=D|11=" + id + "|1=ALPHA-1|55=" + std::string(symbol) +
                                            "|54=" + std::string(side) + "|38=" + std::to_string(10'000 + orders_) +
                                            "|40=2|44=1.1|60=20261123-12:00:00|");
  }
  void fill(Gateway& gateway, const Sent& order) {
    gateway.from_broker("northbank", "35=8|37=N|11=" + order[11] + "|17=E" + std::to_string(++executions_) +
                                         "|150=F|39=2|55=EUR/USD|54=" + order[54] + "|38=" + order[38] +
                                         "|32=" + order[38] + "|31=1.1|14=" + order[38] + "|151=0|6=1.1|");
  }
  static std::size_t count(const State& state, AlertCode code) {
    return static_cast<std::size_t>(std::count_if(state.alerts.begin(), state.alerts.end(),
                                                  [code](const Alert& alert) { return alert.code == code; }));
  }
  static std::vector<std::byte> saved(const State& state) {
    std::vector<std::byte> bytes;
    save(state, bytes);
    return bytes;
  }
  int orders_ = 0;
  int executions_ = 0;
};

config::Config with_repeated_executions(std::int64_t limit) {
  config::Config config = testing::small_configuration();
  config.risk.firm.repeated_executions = limit;
  return config;
}

// Example 41 of the risk specification.
TEST_F(Latches, No41TheTwentiethFilledOrderLatchesAndTwoPersonsRearm) {
  Gateway gateway(with_repeated_executions(20));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(count(gateway.state(), AlertCode::kControlLatched), 0u);
    fill(gateway, Gateway::only(send(gateway), "D"));
  }
  EXPECT_EQ(count(gateway.state(), AlertCode::kControlLatched), 1u);
  ASSERT_EQ(gateway.state().risk.state().latches.all().size(), 1u);

  const Sent refused = Gateway::only(send(gateway), "8");
  EXPECT_EQ(refused[150], "8");
  EXPECT_EQ(refused[103], "0");
  EXPECT_EQ(refused[58].substr(0, 11), "RISK-15 C3:");
  EXPECT_EQ(Gateway::only(send(gateway, "2"), "D").session, "northbank") << "selling is counted for itself";

  // It holds over a restart.
  Gateway recovered = Gateway::recovered_from(gateway);
  recovered.restart();
  EXPECT_EQ(saved(recovered.state()).size(), saved(gateway.state()).size() + sizeof(GivingBack::Start));
  ASSERT_EQ(recovered.state().risk.state().latches.all().size(), 1u);

  order::RearmControl rearm;
  rearm.control = Control::kC3;
  rearm.scope = order::Scope::kSession;
  rearm.id = gateway.core().client_session("alpha").value();
  rearm.instrument = order::InstrumentId(gateway.state().instruments.find("EUR/USD"));
  rearm.direction = 1;
  rearm.user = order::UserText("risk1");
  rearm.approver = order::UserText("risk1");
  gateway.command(rearm);
  EXPECT_TRUE(gateway.last_outcome().reject) << "nobody re-arms alone";
  EXPECT_EQ(Gateway::only(send(gateway), "8")[150], "8");
  rearm.approver = order::UserText("risk2");
  gateway.command(rearm);
  EXPECT_FALSE(gateway.last_outcome().reject);
  EXPECT_EQ(Gateway::only(send(gateway), "D").session, "northbank");
  gateway.command(rearm);
  EXPECT_TRUE(gateway.last_outcome().reject) << "it is armed";

  // Counting begins anew, and the folded journal has all of it.
  for (int i = 0; i < 20; ++i) fill(gateway, Gateway::only(send(gateway), "D"));
  EXPECT_EQ(Gateway::only(send(gateway), "8")[150], "8");
  Core folded;
  for (const auto& bytes : gateway.records()) ASSERT_TRUE(folded.replay(*RecordView::parse(bytes)).ok());
  EXPECT_EQ(folded.state().risk.state().latches.all().size(), 1u);
  EXPECT_EQ(saved(folded.state()).size(), saved(gateway.state()).size());
}

TEST_F(Latches, C2RefusesTheSixthOrderAlikeWithTheDialectsCode) {
  Gateway gateway;
  const auto same = [&](const std::string& id, std::string_view client) {
    const bool alpha = client == "alpha";
    return gateway.from_client(client, "35=D|11=" + id + (alpha ? "|1=ALPHA-1" : "|21=1") +
                                           "|55=EUR/USD|54=1|38=10000|40=2|44=1.1|60=20261123-12:00:00|");
  };
  for (int i = 0; i < 5; ++i) Gateway::only(same("A" + std::to_string(i), "alpha"), "D");
  const Sent refused = Gateway::only(same("A5", "alpha"), "8");
  EXPECT_EQ(refused[103], "6");
  EXPECT_EQ(refused[58], "RISK-28 C2: too many orders alike in a short time: a limit of the firm");
  gateway.pass(Duration::seconds(1));
  Gateway::only(same("A6", "alpha"), "D");
}

}  // namespace
}  // namespace portcullis::gateway
