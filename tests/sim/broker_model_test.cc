#include "sim/broker_model.h"

#include <gtest/gtest.h>

namespace portcullis::sim {
namespace {

class Model {
 public:
  explicit Model(const std::string& version) : model_({version, "B", Script{}}) {}

  std::vector<Message> send(const Message& message) {
    std::vector<Message> out;
    model_.on_message(message, now(), out);
    return out;
  }
  // Lets the time pass until nothing is due any more; everything sent.
  std::vector<Message> settle() {
    std::vector<Message> out;
    while (const auto due = model_.next_due()) {
      steady_ = *due;
      model_.on_timer(now(), out);
    }
    return out;
  }

 private:
  Moment now() const { return {steady_, UtcTime::from_ns(1'767'605'400'000'000'000)}; }

  BrokerModel model_;
  SteadyTime steady_;
};

Message order(const std::string& cl_ord_id, const std::string& quantity) {
  Message message("D");
  return message.set(11, cl_ord_id).set(55, "EUR/USD").set(54, "1").set(38, quantity).set(40, "2").set(44, "1.1");
}

Message request(const char* type, const std::string& cl_ord_id, const std::string& original) {
  Message message(type);
  return message.set(11, cl_ord_id).set(41, original).set(55, "EUR/USD").set(54, "1");
}

// "ExecType OrdStatus CumQty LeavesQty"
std::string shape(const Message& message) {
  return message.get(150) + " " + message.get(39) + " " + message.get(14) + " " + message.get(151);
}

std::vector<std::string> shapes(const std::vector<Message>& messages) {
  std::vector<std::string> result;
  for (const Message& message : messages) result.push_back(shape(message));
  return result;
}

using Shapes = std::vector<std::string>;

TEST(BrokerModel, FillsIn44) {
  Model model("FIX.4.4");
  EXPECT_EQ(shapes(model.send(order("X", "10000"))), (Shapes{"0 0 0 10000"}));
  EXPECT_EQ(shapes(model.settle()), (Shapes{"F 2 10000 0"}));
}

TEST(BrokerModel, FillsInPartsIn42) {
  Model model("FIX.4.2");
  const auto ack = model.send(order("X", "9001"));
  ASSERT_EQ(shapes(ack), (Shapes{"0 0 0 9001"}));
  EXPECT_EQ(ack[0].get(20), "0");
  const auto fills = model.settle();
  EXPECT_EQ(shapes(fills), (Shapes{"1 1 3000 6001", "1 1 6000 3001", "2 2 9001 0"}));
  EXPECT_EQ(fills[0].get(31), "1.09998");
  EXPECT_EQ(fills[1].get(6), "1.099985");
}

TEST(BrokerModel, CancelsAndSaysTooLate) {
  Model model("FIX.4.4");
  model.send(order("X", "10002"));
  const auto cancelled = model.send(request("F", "Y", "X"));
  ASSERT_EQ(shapes(cancelled), (Shapes{"4 4 0 0"}));
  EXPECT_EQ(cancelled[0].get(11), "Y");
  EXPECT_EQ(cancelled[0].get(41), "X");
  const auto late = model.send(request("F", "Z", "Y"));
  ASSERT_EQ(late.size(), 1U);
  EXPECT_EQ(late[0].msg_type, "9");
  EXPECT_EQ(late[0].get(102), "0");
}

TEST(BrokerModel, TooLateOrderIsFilledByItsCancel) {
  Model model("FIX.4.4");
  model.send(order("X", "10008"));
  const auto answers = model.send(request("F", "Y", "X"));
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(shape(answers[0]), "F 2 10008 0");
  EXPECT_EQ(answers[1].msg_type, "9");
}

TEST(BrokerModel, ReportsACancelPendingFirst) {
  Model model("FIX.4.2");
  model.send(order("X", "10005"));
  EXPECT_EQ(shapes(model.settle()), (Shapes{"1 1 5002 5003"}));
  EXPECT_EQ(shapes(model.send(request("F", "Y", "X"))), (Shapes{"6 6 5002 5003"}));
  EXPECT_EQ(shapes(model.settle()), (Shapes{"4 4 5002 0"}));
}

TEST(BrokerModel, ReplacesIn42WithStatusReplaced) {
  Model model("FIX.4.2");
  model.send(order("X", "10002"));
  EXPECT_EQ(shapes(model.send(request("G", "Y", "X").set(38, "12002").set(44, "1.2"))), (Shapes{"5 5 0 12002"}));
}

TEST(BrokerModel, ReplacesPendingThenFills) {
  Model model("FIX.4.4");
  model.send(order("X", "10002"));
  EXPECT_EQ(shapes(model.send(request("G", "Y", "X").set(38, "9001").set(44, "1.2"))), (Shapes{"E E 0 10002"}));
  EXPECT_EQ(shapes(model.settle()), (Shapes{"5 0 0 9001", "F 1 3000 6001", "F 1 6000 3001", "F 2 9001 0"}));
}

TEST(BrokerModel, RefusesAReplace) {
  Model model("FIX.4.4");
  model.send(order("X", "10009"));
  const auto refused = model.send(request("G", "Y", "X").set(38, "12000"));
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].msg_type, "9");
  EXPECT_EQ(refused[0].get(434), "2");
  EXPECT_EQ(refused[0].get(41), "X");
}

TEST(BrokerModel, BustsAndFillsAgain) {
  Model model("FIX.4.4");
  model.send(order("X", "10006"));
  const auto reports = model.settle();
  ASSERT_EQ(shapes(reports), (Shapes{"F 1 5003 5003", "F 2 10006 0", "H 1 5003 5003", "F 2 10006 0"}));
  EXPECT_EQ(reports[2].get(19), reports[0].get(17));
}

TEST(BrokerModel, BustsIn42ByExecTransType) {
  Model model("FIX.4.2");
  model.send(order("X", "10006"));
  const auto reports = model.settle();
  ASSERT_EQ(reports.size(), 4U);
  EXPECT_EQ(reports[2].get(20), "1");
  EXPECT_EQ(reports[2].get(19), reports[0].get(17));
}

TEST(BrokerModel, SilentUntilAsked) {
  Model model("FIX.4.4");
  EXPECT_TRUE(model.send(order("X", "10007")).empty());
  EXPECT_TRUE(model.settle().empty());
  Message status("H");
  EXPECT_EQ(shapes(model.send(status.set(11, "X"))), (Shapes{"I 0 0 10007"}));
  EXPECT_EQ(shapes(model.send(request("F", "Y", "X"))), (Shapes{"4 4 0 0"}));
}

TEST(BrokerModel, AnswersAboutUnknownOrders) {
  Model model("FIX.4.4");
  Message status("H");
  const auto answer = model.send(status.set(11, "X").set(55, "EUR/USD").set(54, "1"));
  ASSERT_EQ(answer.size(), 1U);
  EXPECT_EQ(answer[0].get(39), "8");
  EXPECT_EQ(answer[0].get(103), "5");
  EXPECT_EQ(model.send(request("F", "Y", "X"))[0].get(102), "1");
}

TEST(BrokerModel, MassStatusNamesEveryOrder) {
  Model model("FIX.4.4");
  Message mass("AF");
  mass.set(584, "M").set(585, "7");
  EXPECT_EQ(model.send(mass)[0].get(911), "0");
  model.send(order("X", "10000"));
  model.send(order("Y", "10003"));
  model.settle();
  const auto answers = model.send(mass);
  ASSERT_EQ(shapes(answers), (Shapes{"I 2 10000 0", "I 8 0 0"}));
  EXPECT_EQ(answers[0].get(911), "2");
  EXPECT_EQ(answers[0].get(912), "N");
  EXPECT_EQ(answers[1].get(912), "Y");
}

TEST(BrokerModel, RejectsADuplicateButAnswersARetransmission) {
  Model model("FIX.4.4");
  model.send(order("X", "10002"));
  const auto duplicate = model.send(order("X", "10002"));
  ASSERT_EQ(shapes(duplicate), (Shapes{"8 8 0 0"}));
  EXPECT_EQ(duplicate[0].get(103), "6");
  Message again = order("X", "10002");
  again.poss_dup = true;
  EXPECT_EQ(shapes(model.send(again)), (Shapes{"I 0 0 10002"}));
}

TEST(BrokerModel, ImmediateOrCancelEndsAtOnce) {
  Model model("FIX.4.4");
  EXPECT_EQ(shapes(model.send(order("X", "10000").set(59, "3"))), (Shapes{"0 0 0 10000", "F 2 10000 0"}));
  EXPECT_EQ(shapes(model.send(order("Y", "10002").set(59, "3"))), (Shapes{"0 0 0 10002", "4 4 0 0"}));
}

TEST(BrokerModel, RefusesWhatItCannotRead) {
  Model model("FIX.4.4");
  EXPECT_EQ(shapes(model.send(order("X", "-1"))), (Shapes{"8 8 0 0"}));
  EXPECT_EQ(shapes(model.send(order("Y", "1000").set(44, "abc"))), (Shapes{"8 8 0 0"}));
  EXPECT_EQ(model.send(Message("V"))[0].msg_type, "j");
}

TEST(BrokerModel, RestoresItsBookFromItsLog) {
  const auto line = [](const char* kind, Message message) {
    LogLine result;
    result.kind = kind;
    result.message = std::move(message);
    return result;
  };
  const Moment start{SteadyTime(), UtcTime::from_ns(1'767'605'400'000'000'000)};
  BrokerModel first({"FIX.4.4", "B", Script{}});
  std::vector<LogLine> log;
  long seq = 1;
  const auto play = [&](const Message& message) {
    std::vector<Message> out;
    log.push_back(line("in", message));
    first.on_message(message, start, out);
    for (Message& sent : out) {
      sent.seq = ++seq;
      log.push_back(line("out", sent));
    }
  };
  play(order("X", "10002"));
  play(order("P", "10005"));
  log.push_back(line("in", order("N", "10002")));     // received, not answered
  log.push_back(line("in", request("F", "Y", "X")));  // received, not answered
  Message lost("8");                                  // logged, never stored: void
  lost.set(37, log[1].message.get(37)).set(11, "X").set(150, "F").set(39, "2").set(32, "10002").set(31, "1");
  lost.seq = ++seq;
  log.push_back(line("out", lost));
  log.push_back(line("void", lost));

  BrokerModel second({"FIX.4.4", "C", Script{}});
  std::vector<Message> out;
  second.restore(log, start, out);
  ASSERT_EQ(shapes(out), (Shapes{"0 0 0 10002", "4 4 0 0"}));
  EXPECT_EQ(out[0].get(11), "N");
  EXPECT_EQ(out[1].get(11), "Y");
  EXPECT_EQ(out[1].get(37), log[1].message.get(37));
  EXPECT_EQ(second.orders(), 3U);
  out.clear();
  second.on_timer({SteadyTime::from_ns(1'000'000'000), start.utc}, out);
  EXPECT_EQ(shapes(out), (Shapes{"F 1 5002 5003"}));
}

}  // namespace
}  // namespace portcullis::sim
