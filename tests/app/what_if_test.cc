#include "app/what_if.h"

#include <gtest/gtest.h>

#include <vector>

#include "config/loader/loader.h"
#include "tests/app/recorded_day.h"

namespace portcullis::app {
namespace {

std::string order_text(const std::string& id, const std::string& quantity) {
  return "35=D|11=" + id + "|1=ALPHA-1|55=EUR/USD|54=1|38=" + quantity + "|40=2|44=1.1010|60=20261123-12:00:00|";
}

struct Answer {
  WhatIfReport report;
  std::vector<WhatIfDifference> differences;
};

Answer ask(const std::string& journal, const std::string& yaml) {
  Answer answer;
  const auto limits = config::load_limits(yaml);
  EXPECT_TRUE(limits.ok());
  const auto report = replay_with_limits(
      journal, *limits, [&](const WhatIfDifference& difference) { answer.differences.push_back(difference); });
  EXPECT_TRUE(report.ok()) << report.error().what;
  if (report.ok()) answer.report = *report;
  return answer;
}

class WhatIf : public testing::RecordedDay {
 protected:
  void SetUp() override {
    gateway::testing::Gateway gateway = start(gateway::testing::small_configuration());
    gateway.from_client("alpha", order_text("A1", "4000000"));
    gateway.from_client("alpha", order_text("A2", "3000000"));
    gateway.from_client("alpha", order_text("A3", "15000000"));  // refused: 10 million at most
    gateway.from_client("alpha", order_text("A4", "1000000"));
    keep(gateway);
  }
};

TEST_F(WhatIf, TheSameLimitsDecideTheSame) {
  const Answer answer = ask(journal(), "firm: {max_order_quantity: 10000000}\n");
  EXPECT_EQ(answer.report.decided, 4u);
  EXPECT_EQ(answer.report.passed_over, 0u);
  EXPECT_TRUE(answer.differences.empty());
}

TEST_F(WhatIf, TighterLimitsNameWhatTheyWouldRefuseOnWhatReallyHappened) {
  const Answer answer = ask(journal(), "accounts:\n  ALPHA-1: {max_gross_open_notional: 6000000}\n");
  ASSERT_EQ(answer.differences.size(), 2u);
  EXPECT_EQ(answer.report.would_refuse, 2u);
  const WhatIfDifference& first = answer.differences[0];
  EXPECT_EQ(first.cl_ord_id, "A2");
  EXPECT_TRUE(first.live_accepts);
  EXPECT_EQ(first.control, "D2");
  EXPECT_EQ(first.scope, "account");
  EXPECT_EQ(first.id, "ALPHA-1");
  EXPECT_EQ(first.usage, "4400000");
  EXPECT_EQ(first.delta, "3300000");
  EXPECT_EQ(first.limit, "6000000");
  // A2 did happen, so A4 stands on both.
  EXPECT_EQ(answer.differences[1].cl_ord_id, "A4");
  EXPECT_EQ(answer.differences[1].usage, "7700000");
  EXPECT_NE(to_text(first).find("alpha D A2 EUR/USD for ALPHA-1: was accepted, would be refused by D2"),
            std::string::npos)
      << to_text(first);
  EXPECT_NE(to_json(first).find(R"("control":"D2")"), std::string::npos);
}

TEST_F(WhatIf, LooserLimitsNameWhatTheyWouldAccept) {
  const Answer answer = ask(journal(), "firm: {max_order_quantity: 20000000, max_order_notional: 30000000}\n");
  ASSERT_EQ(answer.differences.size(), 1u);
  EXPECT_EQ(answer.differences[0].cl_ord_id, "A3");
  EXPECT_FALSE(answer.differences[0].live_accepts);
  EXPECT_EQ(answer.report.would_accept, 1u);
}

TEST(LoadLimits, FaultsHaveTheirPlace) {
  const auto faulty = config::load_limits("firm: {max_order_quantty: 1}\n");
  ASSERT_FALSE(faulty.ok());
  EXPECT_EQ(faulty.error().faults.front().line, 1);
  EXPECT_FALSE(config::load_limits("- a list\n").ok());
}

}  // namespace
}  // namespace portcullis::app
