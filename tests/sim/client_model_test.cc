#include "sim/client_model.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace portcullis::sim {
namespace {

Moment at(std::int64_t ms) {
  return {SteadyTime::from_ns(ms * 1'000'000), UtcTime::from_ns(1'767'605'400'000'000'000)};
}

Message answer(const Message& order, const char* exec_id, const char* exec_type, const char* status) {
  Message report("8");
  report.set(37, "O").set(17, exec_id).set(11, order.get(11)).set(41, order.get(41)).set(150, exec_type);
  return report.set(39, status).set(38, order.get(38)).set(151, order.get(38)).set(14, "0").set(6, "0");
}

// One acknowledged order with a replace under way and a cancel sent behind it.
class ClientModelTest : public testing::Test {
 protected:
  ClientModelTest() : model_(settings()) {
    std::vector<Message> out;
    while (replace_.msg_type.empty()) {
      out.clear();
      model_.place(now_, out);
      order_ = out.at(0);
      const std::string exec_id = "E" + order_.get(11);
      hear(answer(order_, exec_id.c_str(), "0", "0"));
      now_ = at(now_.steady.ns() / 1'000'000 + 200);
      out.clear();
      model_.on_timer(now_, out);
      for (const Message& message : out) {
        if (message.msg_type == "G" && message.get(41) == order_.get(11)) replace_ = message;
      }
    }
    model_.drain(now_);
    now_ = at(now_.steady.ns() / 1'000'000 + 2000);
    out.clear();
    model_.on_timer(now_, out);
    cancelled_too_ = std::any_of(out.begin(), out.end(), [this](const Message& message) {
      return message.msg_type == "F" && message.get(41) == order_.get(11);
    });
  }

  static ClientModelSettings settings() {
    ClientModelSettings settings;
    settings.version = "FIX.4.4";
    settings.id_prefix = "C";
    settings.symbols = {"EUR/USD"};
    return settings;
  }
  void hear(const Message& message) {
    std::vector<Message> out;
    model_.on_message(message, now_, out, violations_);
  }

  ClientModel model_;
  Moment now_ = at(0);
  Message order_, replace_;
  bool cancelled_too_ = false;
  std::vector<std::string> violations_;
};

TEST_F(ClientModelTest, AReplaceTakesEffectThoughACancelWasSentBehindIt) {
  ASSERT_TRUE(cancelled_too_);
  ASSERT_TRUE(violations_.empty()) << violations_[0];
  hear(answer(replace_, "R", "5", "0"));
  EXPECT_TRUE(violations_.empty()) << violations_[0];
  EXPECT_EQ(model_.counts().replaced, 1);
}

TEST_F(ClientModelTest, BlamesAReplaceThatWasNeverAskedFor) {
  hear(answer(order_, "R", "5", "0"));
  EXPECT_EQ(violations_.size(), 1U);
}

TEST_F(ClientModelTest, BlamesQuantitiesThatDoNotAddUp) {
  hear(answer(replace_, "R", "5", "0").set(151, "1"));
  EXPECT_EQ(violations_.size(), 1U);
}

TEST_F(ClientModelTest, BlamesAnExecIDToldTwiceAsNewButNotARetransmission) {
  Message report = answer(replace_, "R", "5", "0");
  hear(report);
  report.poss_dup = true;
  hear(report);
  EXPECT_TRUE(violations_.empty());
  report.poss_dup = false;
  hear(report);
  EXPECT_EQ(violations_.size(), 1U);
}

}  // namespace
}  // namespace portcullis::sim
