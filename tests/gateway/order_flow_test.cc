#include <gtest/gtest.h>

#include "tests/gateway/fixture.h"

namespace portcullis::gateway {
namespace {

using testing::Gateway;
using testing::Sent;

const char kBuy5m[] = "35=D|11=A|1=ALPHA-1|55=EUR/USD|54=1|38=5000000|40=2|44=1.1010|60=20261123-12:00:00|";

std::string ack(const Sent& order, std::string_view exec_id) {
  return "35=8|37=N1|11=" + order[11] + "|17=" + std::string(exec_id) + "|150=0|39=0|55=EUR/USD|54=1|38=" + order[38] +
         "|14=0|151=" + order[38] + "|6=0|";
}
std::string fill(const std::string& cl_ord_id, std::string_view exec_id, int last, std::string_view px, int cum, int leaves) {
  return "35=8|37=N1|11=" + cl_ord_id + "|17=" + std::string(exec_id) + "|150=F|39=" + (leaves == 0 ? "2" : "1") +
         "|55=EUR/USD|54=1|38=5000000|32=" + std::to_string(last) + "|31=" + std::string(px) +
         "|14=" + std::to_string(cum) + "|151=" + std::to_string(leaves) + "|6=1|";
}

TEST(OrderFlow, TakesAnOrderToItsBrokerAndTheReportsBack) {
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", kBuy5m), "D");
  EXPECT_EQ(order.session, "northbank");
  EXPECT_NE(order[11], "A");
  EXPECT_EQ(order[38], "5000000");
  EXPECT_EQ(order[44], "1.101");

  const Sent acknowledged = Gateway::only(gateway.from_broker("northbank", ack(order, "E1")), "8");
  EXPECT_EQ(acknowledged.session, "alpha");
  EXPECT_EQ(acknowledged[11], "A");
  EXPECT_EQ(acknowledged[150], "0");
  EXPECT_EQ(acknowledged[198], "N1");

  const Sent partial = Gateway::only(gateway.from_broker("northbank", fill(order[11], "E2", 2'000'000, "1.1005", 2'000'000, 3'000'000)), "8");
  EXPECT_EQ(partial[150], "F");
  EXPECT_EQ(partial[39], "1");
  EXPECT_EQ(partial[14], "2000000");
  EXPECT_EQ(partial[151], "3000000");
  EXPECT_EQ(partial[6], "1.1005");
  EXPECT_EQ(partial[527], "E2");

  const Sent filled = Gateway::only(gateway.from_broker("northbank", fill(order[11], "E3", 3'000'000, "1.1010", 5'000'000, 0)), "8");
  EXPECT_EQ(filled[39], "2");
  EXPECT_EQ(filled[6], "1.1008");
  EXPECT_NE(filled[17], partial[17]);
}

TEST(OrderFlow, RefusesAnOrderOverItsLimitAndKeepsNothing) {
  Gateway gateway;
  const auto sent = gateway.from_client("alpha", "35=D|11=A|55=EUR/USD|54=1|38=10000001|40=2|44=1.1010|60=20261123-12:00:00|");
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0][150], "8");
  EXPECT_EQ(sent[0][103], "3");
  EXPECT_EQ(sent[0][11], "A");
  EXPECT_EQ(sent[0][58].substr(0, 5), "RISK-");
  EXPECT_TRUE(gateway.order(0).reserved == order::Need{});
}

TEST(OrderFlow, CancelsAndReplacesUnderItsOwnIds) {
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", kBuy5m), "D");
  gateway.from_broker("northbank", ack(order, "E1"));
  const Sent replace = Gateway::only(
      gateway.from_client("alpha", "35=G|11=B|41=A|1=ALPHA-1|55=EUR/USD|54=1|38=8000000|40=2|44=1.1010|60=20261123-12:00:00|"), "G");
  EXPECT_EQ(replace[41], order[11]);
  EXPECT_EQ(gateway.order(0).reserved.base, Quantity::of(8'000'000));
  const Sent replaced = Gateway::only(
      gateway.from_broker("northbank", "35=8|37=N1|11=" + replace[11] + "|41=" + order[11] +
                                           "|17=E2|150=5|39=0|55=EUR/USD|54=1|38=8000000|44=1.1010|14=0|151=8000000|6=0|"), "8");
  EXPECT_EQ(replaced[11], "B");
  EXPECT_EQ(replaced[41], "A");
  EXPECT_EQ(replaced[38], "8000000");

  const Sent cancel = Gateway::only(gateway.from_client("alpha", "35=F|11=C|41=B|55=EUR/USD|54=1|38=8000000|60=20261123-12:00:00|"), "F");
  EXPECT_EQ(cancel[41], replace[11]);
  const Sent canceled = Gateway::only(
      gateway.from_broker("northbank", "35=8|37=N1|11=" + cancel[11] + "|41=" + replace[11] +
                                           "|17=E3|150=4|39=4|55=EUR/USD|54=1|38=8000000|14=0|151=0|6=0|"), "8");
  EXPECT_EQ(canceled[11], "C");
  EXPECT_EQ(canceled[41], "B");
  EXPECT_EQ(canceled[39], "4");
  EXPECT_TRUE(gateway.order(0).reserved == order::Need{});
}

TEST(OrderFlow, RefusesAtOnceWhenNoBrokerIsUp) {
  Gateway gateway;
  gateway.disconnect("northbank", true);
  EXPECT_EQ(Gateway::only(gateway.from_client("alpha", kBuy5m), "D").session, "southbank");
  gateway.disconnect("southbank", true);
  const auto sent = gateway.from_client("alpha", "35=D|11=B|55=EUR/USD|54=1|38=5000|40=2|44=1.1010|60=20261123-12:00:00|");
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0][150], "8");
}

TEST(OrderFlow, BooksARepeatedExecIdOnce) {
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", kBuy5m), "D");
  gateway.from_broker("northbank", ack(order, "E1"));
  gateway.from_broker("northbank", fill(order[11], "E2", 2'000'000, "1.1005", 2'000'000, 3'000'000));
  EXPECT_TRUE(gateway.from_broker("northbank", fill(order[11], "E2", 2'000'000, "1.1005", 2'000'000, 3'000'000)).empty());
  EXPECT_EQ(gateway.order(0).cum_qty, Quantity::of(2'000'000));
  EXPECT_EQ(gateway.state().alerts.back().code, order::AlertCode::kDuplicateExecId);
}

TEST(OrderFlow, SurvivesQuantitiesThatNobodyCanHold) {
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", kBuy5m), "D");
  const std::string huge = "|55=EUR/USD|54=1|38=5000000|32=9000000000000000|31=92233720368|14=9000000000000000|151=0|6=1|";
  for (const char* exec_id : {"E1", "E2", "E3"}) {
    gateway.from_broker("northbank", "35=8|37=N1|11=" + order[11] + "|17=" + exec_id + "|150=F|39=2" + huge);
  }
  EXPECT_EQ(gateway.order(0).cum_qty, Quantity::of(9'000'000'000'000'000));
  EXPECT_EQ(gateway.state().alerts.back().code, order::AlertCode::kImpossibleReport);
}

TEST(OrderFlow, PassesOverABrokerThatDoesNotRead) {
  Gateway gateway;
  gateway.core().set_slow_line(BrokerId(0), true);
  EXPECT_EQ(Gateway::only(gateway.from_client("alpha", kBuy5m), "D").session, "southbank");
}

TEST(OrderFlow, KeepsAReportForNoKnownOrderInSuspense) {
  Gateway gateway;
  EXPECT_TRUE(gateway.from_broker("northbank", fill("SOMEBODY", "E9", 1'000, "1.1", 1'000, 0)).empty());
  EXPECT_EQ(gateway.state().alerts.back().code, order::AlertCode::kUnknownOrderReport);
  EXPECT_EQ(gateway.state().executions.size(), 1u);
}

TEST(OrderFlow, SendsACancelFirstWhenItsBrokerIsBack) {
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", kBuy5m), "D");
  gateway.from_broker("northbank", ack(order, "E1"));
  gateway.disconnect("northbank", true);
  const Sent pending = Gateway::only(gateway.from_client("alpha", "35=F|11=C|41=A|55=EUR/USD|54=1|38=5000000|60=20261123-12:00:00|"), "8");
  EXPECT_EQ(pending[150], "6");
  gateway.log_on("northbank", true);
  gateway.drained("northbank");
  std::vector<Sent> sent = gateway.pass(Duration());
  EXPECT_EQ(Gateway::only(sent, "H")[11], order[11]);
  gateway.from_broker("northbank", "35=8|37=N1|11=" + order[11] + "|17=0|150=I|39=0|55=EUR/USD|54=1|38=5000000|14=0|151=5000000|6=0|");
  EXPECT_EQ(Gateway::only(gateway.pass(Duration()), "F")[41], order[11]);
}

TEST(OrderFlow, HoldsAnUnansweredOrderAsUnknown) {
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", kBuy5m), "D");
  const auto sent = gateway.pass(Duration::seconds(6));
  EXPECT_EQ(Gateway::only(sent, "H")[11], order[11]);
  EXPECT_TRUE(gateway.order(0).unknown);
  EXPECT_EQ(gateway.order(0).reserved.base, Quantity::of(5'000'000));
  // The broker's word that it has never had the order is proof.
  const Sent rejected = Gateway::only(
      gateway.from_broker("northbank", "35=8|37=NONE|11=" + order[11] + "|17=0|150=I|39=8|103=5|55=EUR/USD|54=1|38=5000000|14=0|151=0|6=0|"), "8");
  EXPECT_EQ(rejected[39], "8");
  EXPECT_TRUE(gateway.order(0).reserved == order::Need{});
}

TEST(OrderFlow, CancelsEverythingOfAKilledClientAndBlocksNewOrders) {
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", kBuy5m), "D");
  gateway.from_broker("northbank", ack(order, "E1"));
  order::SetScopeState kill;
  kill.scope = order::Scope::kClient;
  kill.id = 0;
  kill.state = order::ScopeState::kKilled;
  kill.reason = order::ReasonText("drill");
  gateway.command(kill);
  const Sent cancel = Gateway::only(gateway.pass(Duration()), "F");
  EXPECT_EQ(cancel[41], order[11]);
  const auto refused = gateway.from_client("alpha", "35=D|11=B|55=EUR/USD|54=1|38=5000|40=2|44=1.1010|60=20261123-12:00:00|");
  EXPECT_EQ(refused.at(0)[150], "8");
  const Sent canceled = Gateway::only(
      gateway.from_broker("northbank", "35=8|37=N1|11=" + cancel[11] + "|41=" + order[11] +
                                           "|17=E3|150=4|39=4|55=EUR/USD|54=1|38=5000000|14=0|151=0|6=0|"), "8");
  EXPECT_EQ(canceled[11], "A");
  EXPECT_EQ(canceled[41], "");
}

TEST(OrderFlow, TakesABrokersRejectAsTheOrdersEnd) {
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", kBuy5m), "D");
  const Sent rejected = Gateway::only(gateway.from_broker("northbank", "35=3|45=" + order[34] + "|58=no such symbol here|"), "8");
  EXPECT_EQ(rejected[150], "8");
  EXPECT_EQ(rejected[58], "no such symbol here");
}

// What a broker says of the order of kBuy5m, beside its ids.
std::string report(const std::string& cl_ord_id, std::string_view exec_id, std::string_view rest) {
  return "35=8|37=N1|11=" + cl_ord_id + "|17=" + std::string(exec_id) + "|55=EUR/USD|54=1|38=5000000|6=0|" +
         std::string(rest);
}
std::string cancel_of(std::string_view cl_ord_id, std::string_view orig_cl_ord_id) {
  return "35=F|11=" + std::string(cl_ord_id) + "|41=" + std::string(orig_cl_ord_id) +
         "|55=EUR/USD|54=1|38=5000000|60=20261123-12:00:00|";
}

TEST(OrderFlow, AsksForAnOrderThatAFillHasEndedAtTheBrokerAlone) {
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", kBuy5m), "D");
  // Executed in part and cancelled, in one report.
  const auto sent =
      gateway.from_broker("northbank", report(order[11], "E1", "150=F|39=4|32=2000000|31=1.1|14=2000000|151=0|"));
  EXPECT_EQ(Gateway::only(sent, "8")[39], "1");
  EXPECT_EQ(Gateway::only(sent, "H")[11], order[11]);
  EXPECT_EQ(gateway.state().alerts.back().code, order::AlertCode::kQuantityMismatch);
  const Sent canceled =
      Gateway::only(gateway.from_broker("northbank", report(order[11], "0", "150=I|39=4|14=2000000|151=0|")), "8");
  EXPECT_EQ(canceled[150], "4");
  EXPECT_EQ(canceled[14], "2000000");
  EXPECT_EQ(canceled[151], "0");
  EXPECT_TRUE(gateway.order(0).reserved == order::Need{});
}

TEST(OrderFlow, HoldsAsUnknownWhatTheBrokerCallsFilledAndHasNotExecuted) {
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", kBuy5m), "D");
  const auto sent = gateway.from_broker("northbank", fill(order[11], "E1", 4'000'000, "1.1", 4'000'000, 0));
  EXPECT_EQ(Gateway::only(sent, "H")[11], order[11]);
  EXPECT_FALSE(gateway.order(0).unknown);
  gateway.from_broker("northbank", report(order[11], "0", "150=I|39=2|14=4000000|151=0|"));
  EXPECT_TRUE(gateway.order(0).unknown);
  EXPECT_EQ(gateway.order(0).reserved.base, Quantity::of(1'000'000));
  EXPECT_EQ(gateway.state().alerts.back().code, order::AlertCode::kOrderUnknown);
}

TEST(OrderFlow, HoldsAsUnknownWhatIsOverAtTheBrokerWithExecutionsThatItHasNotTold) {
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", kBuy5m), "D");
  gateway.from_broker("northbank", ack(order, "E1"));
  gateway.from_broker("northbank", report(order[11], "0", "150=I|39=4|14=3000000|151=0|"));
  EXPECT_TRUE(gateway.order(0).unknown);
  EXPECT_EQ(gateway.order(0).reserved.base, Quantity::of(5'000'000));
  EXPECT_EQ(gateway.state().alerts.back().code, order::AlertCode::kOrderUnknown);
}

TEST(OrderFlow, AsksABrokerThatCountsOtherwise) {
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", kBuy5m), "D");
  const auto sent = gateway.from_broker("northbank", fill(order[11], "E1", 1'000'000, "1.1", 2'000'000, 3'000'000));
  EXPECT_EQ(Gateway::only(sent, "H")[11], order[11]);
  EXPECT_EQ(gateway.state().alerts.back().code, order::AlertCode::kQuantityMismatch);
}

TEST(OrderFlow, TellsThatACancelWasLostWhenItsBrokerReportsTheOrderWithoutIt) {
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", kBuy5m), "D");
  gateway.from_broker("northbank", ack(order, "E1"));
  Gateway::only(gateway.from_client("alpha", cancel_of("C", "A")), "F");
  EXPECT_EQ(Gateway::only(gateway.pass(Duration::seconds(6)), "H")[11], order[11]);
  const Sent refused =
      Gateway::only(gateway.from_broker("northbank", report(order[11], "0", "150=I|39=0|14=0|151=5000000|")), "9");
  EXPECT_EQ(refused[11], "C");
  EXPECT_EQ(refused[41], "A");
  EXPECT_EQ(refused[39], "0");
  EXPECT_EQ(refused[102], "99");
  // The client may ask again, and a late word of the broker on the first cancel still ends the order.
  const Sent again = Gateway::only(gateway.from_client("alpha", cancel_of("C2", "A")), "F");
  EXPECT_EQ(again[41], order[11]);
}

TEST(OrderFlow, TellsThatACancelWasLostWithTheLine) {
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", kBuy5m), "D");
  gateway.from_broker("northbank", ack(order, "E1"));
  const Sent cancel = Gateway::only(gateway.from_client("alpha", cancel_of("C", "A")), "F");
  gateway.from_broker("northbank", report(cancel[11], "E2", "41=" + order[11] + "|150=6|39=6|14=0|151=5000000|"));
  gateway.disconnect("northbank", true);
  gateway.pass(Duration::seconds(1));
  gateway.log_on("northbank", true);
  gateway.drained("northbank");
  EXPECT_EQ(Gateway::only(gateway.pass(Duration()), "H")[11], order[11]);
  const Sent refused =
      Gateway::only(gateway.from_broker("northbank", report(order[11], "0", "150=I|39=0|14=0|151=5000000|")), "9");
  EXPECT_EQ(refused[11], "C");
  EXPECT_EQ(refused[39], "0");
}

TEST(OrderFlow, KeepsACancelThatAnAnswerAboutTheOrderHasCrossed) {
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", kBuy5m), "D");
  EXPECT_EQ(Gateway::only(gateway.pass(Duration::seconds(6)), "H")[11], order[11]);
  const Sent cancel = Gateway::only(gateway.from_client("alpha", cancel_of("C", "A")), "F");
  const std::string answer = report(order[11], "0", "150=I|39=0|14=0|151=5000000|");
  EXPECT_EQ(Gateway::only(gateway.from_broker("northbank", answer), "8")[150], "0");
  EXPECT_EQ(gateway.order(0).open_requests, 1);
  const std::string pending = report(cancel[11], "E2", "150=6|39=6|14=0|151=5000000|");
  EXPECT_EQ(Gateway::only(gateway.from_broker("northbank", pending), "8")[39], "6");
}

TEST(OrderFlow, AnswersACancelThatTheBrokerLeavesWithoutAnswerWhenTheOrderIsFilled) {
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", kBuy5m), "D");
  gateway.from_broker("northbank", ack(order, "E1"));
  Gateway::only(gateway.from_client("alpha", cancel_of("C", "A")), "F");
  gateway.from_broker("northbank", fill(order[11], "E2", 5'000'000, "1.1", 5'000'000, 0));
  const Sent refused = Gateway::only(gateway.pass(Duration::seconds(6)), "9");
  EXPECT_EQ(refused[11], "C");
  EXPECT_EQ(refused[39], "2");
  EXPECT_EQ(refused[102], "0");
  EXPECT_FALSE(gateway.order(0).unknown);
  EXPECT_EQ(gateway.order(0).open_requests, 0);
}

TEST(OrderFlow, TakesAnExecIdThatTheBrokerGivesAnewOnAnotherDay) {
  Gateway gateway;
  const Sent first = Gateway::only(gateway.from_client("alpha", kBuy5m), "D");
  gateway.from_broker("northbank", fill(first[11], "1", 5'000'000, "1.1", 5'000'000, 0));
  order::RollDay roll;
  roll.trade_date = gateway.state().trade_date + 1;
  gateway.command(roll);

  const Sent second = Gateway::only(gateway.from_client("alpha", kBuy5m), "D");
  const std::string filled = fill(second[11], "1", 5'000'000, "1.2", 5'000'000, 0);
  EXPECT_EQ(Gateway::only(gateway.from_broker("northbank", filled), "8")[39], "2");
  EXPECT_EQ(gateway.order(1).cum_qty, Quantity::of(5'000'000));
  // From here on it means the second: said again it is booked once, and it can be busted.
  EXPECT_TRUE(gateway.from_broker("northbank", filled).empty());
  EXPECT_EQ(gateway.state().alerts.back().code, order::AlertCode::kDuplicateExecId);
  const Sent busted = Gateway::only(
      gateway.from_broker("northbank", report(second[11], "2", "19=1|150=H|39=0|14=0|151=5000000|")), "8");
  EXPECT_EQ(busted[14], "0");
  EXPECT_EQ(gateway.order(0).cum_qty, Quantity::of(5'000'000));
}

TEST(OrderFlow, TakesARejectedReportUnderARequestsIdForTheRequest) {
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", kBuy5m), "D");
  gateway.from_broker("northbank", ack(order, "E1"));
  const Sent cancel = Gateway::only(gateway.from_client("alpha", cancel_of("C", "A")), "F");
  const std::string rest = "41=" + order[11] + "|103=0|58=too fast|14=0|151=5000000|150=8|39=";
  const Sent refused = Gateway::only(gateway.from_broker("northbank", report(cancel[11], "E2", rest + "0|")), "9");
  EXPECT_EQ(refused[11], "C");
  EXPECT_EQ(refused[41], "A");
  EXPECT_EQ(refused[39], "0");
  EXPECT_EQ(refused[58], "too fast");
  EXPECT_EQ(gateway.order(0).reserved.base, Quantity::of(5'000'000));
  // One that says of the order, too, that it is rejected ends it.
  const Sent again = Gateway::only(gateway.from_client("alpha", cancel_of("C2", "A")), "F");
  const Sent ended = Gateway::only(gateway.from_broker("northbank", report(again[11], "E3", rest + "8|")), "8");
  EXPECT_EQ(ended[39], "8");
  EXPECT_FALSE(gateway.order(0).is_open());
}

TEST(OrderFlow, KnowsAReplaceThatIsAcceptedAgain) {
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", kBuy5m), "D");
  gateway.from_broker("northbank", ack(order, "E1"));
  const auto replace = [&](const char* id, const char* orig) {
    return Gateway::only(
        gateway.from_client("alpha", "35=G|11=" + std::string(id) + "|41=" + orig +
                                         "|55=EUR/USD|54=1|38=5000000|40=2|44=1.1|60=20261123-12:00:00|"),
        "G");
  };
  const auto accept = [&](const Sent& request, const char* exec_id) {
    return gateway.from_broker("northbank", report(request[11], exec_id, "150=5|39=0|14=0|151=5000000|"));
  };
  const Sent first = replace("B", "A");
  EXPECT_EQ(Gateway::only(accept(first, "E2"), "8")[41], "A");
  EXPECT_EQ(Gateway::only(accept(first, "E3"), "8")[41], "A");
  // One that another has taken the place of does not come back.
  const Sent second = replace("C", "B");
  EXPECT_EQ(Gateway::only(accept(second, "E4"), "8")[41], "B");
  EXPECT_TRUE(accept(first, "E5").empty());
  EXPECT_EQ(gateway.state().alerts.back().code, order::AlertCode::kImpossibleReport);
  EXPECT_EQ(gateway.order(0).live, order::RequestNumber(2));
}

}  // namespace
}  // namespace portcullis::gateway
