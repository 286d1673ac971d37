#include "sim/ledger.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace portcullis::sim {
namespace {

// Two logs of a small run through a gateway: CLIENT's order C-1 is BROKER's G-1, O-1; C-2 is refused by risk.
class LedgerTest : public testing::Test {
 protected:
  void SetUp() override {
    note(client_, "CLIENT");
    note(broker_, "BROKER");
    add(client_, "out", "D", {{11, "C-1"}, {38, "3000"}, {526, "C-1"}});
    add(broker_, "in", "D", {{11, "G-1"}, {38, "3000"}, {526, "C-1"}});
    both("0", "0", "1", {});
    both("F", "1", "2", {{32, "1000"}, {31, "1.10"}});
    both("F", "2", "3", {{32, "2000"}, {31, "1.1"}});
    add(client_, "out", "D", {{11, "C-2"}, {38, "9000"}});
    add(client_, "in", "8", {{11, "C-2"}, {37, "P-2"}, {17, "P-E9"}, {150, "8"}, {39, "8"}});
  }

  void both(const char* exec_type, const char* status, const std::string& id,
            std::vector<std::pair<int, std::string>> more) {
    std::vector<std::pair<int, std::string>> broker{
        {11, "G-1"}, {37, "O-1"}, {17, "E-" + id}, {150, exec_type}, {39, status}};
    broker.insert(broker.end(), more.begin(), more.end());
    add(broker_, "out", "8", broker);
    std::vector<std::pair<int, std::string>> client{{11, "C-1"},      {37, "P-1"},      {198, "O-1"}, {17, "P-E" + id},
                                                    {527, "E-" + id}, {150, exec_type}, {39, status}};
    client.insert(client.end(), more.begin(), more.end());
    add(client_, "in", "8", client);
  }

  static void note(std::vector<LogLine>& log, const char* comp_id) {
    LogLine line;
    line.kind = "start";
    line.comp_id = comp_id;
    log.push_back(line);
  }
  static void add(std::vector<LogLine>& log, const char* kind, const char* type,
                  std::vector<std::pair<int, std::string>> fields) {
    LogLine line;
    line.kind = kind;
    line.message = Message(type);
    line.message.seq = static_cast<long>(log.size());
    line.message.fields = std::move(fields);
    log.push_back(line);
  }
  // The one line of the log with this field.
  static std::vector<LogLine>::iterator line_with(std::vector<LogLine>& log, int tag, const std::string& value) {
    return std::find_if(log.begin(), log.end(), [&](const LogLine& line) { return line.message.get(tag) == value; });
  }
  static void drop(std::vector<LogLine>& log, int tag, const std::string& value) {
    log.erase(line_with(log, tag, value));
  }
  // Doubles the line; returns the copy, which stands right behind it.
  static Message& twice(std::vector<LogLine>& log, int tag, const std::string& value) {
    const auto line = line_with(log, tag, value);
    const LogLine copy = *line;
    return log.insert(line + 1, copy)->message;
  }
  static void remove_tag(std::vector<LogLine>& log, int tag) {
    for (LogLine& line : log) {
      auto& fields = line.message.fields;
      fields.erase(std::remove_if(fields.begin(), fields.end(), [tag](const auto& f) { return f.first == tag; }),
                   fields.end());
    }
  }
  LedgerSummary judged() const { return judge({client_}, {broker_}); }

  std::vector<LogLine> client_, broker_;
};

TEST_F(LedgerTest, ACleanRunLosesNothing) {
  const LedgerSummary summary = judged();
  EXPECT_EQ(summary.orders, 2);
  EXPECT_EQ(summary.acknowledged, 1);
  EXPECT_EQ(summary.rejected, 1);
  EXPECT_EQ(summary.filled, 1);
  EXPECT_EQ(summary.executions, 2);
  EXPECT_EQ(summary.lost, 0);
  EXPECT_EQ(summary.duplicated, 0);
  EXPECT_TRUE(summary.details.empty());
}

TEST_F(LedgerTest, WithoutTraceAndSecondaryExecIDTheJoinHolds) {
  remove_tag(broker_, 526);
  remove_tag(client_, 527);
  const LedgerSummary summary = judged();
  EXPECT_EQ(summary.lost, 0);
  EXPECT_EQ(summary.duplicated, 0);
}

TEST_F(LedgerTest, ADroppedAnswerIsOneLost) {
  drop(client_, 17, "P-E9");
  EXPECT_EQ(judged().lost, 1);
  EXPECT_EQ(judged().duplicated, 0);
}

TEST_F(LedgerTest, ADroppedFillIsOneLost) {
  drop(client_, 17, "P-E2");
  const LedgerSummary summary = judged();
  EXPECT_EQ(summary.lost, 1);
  EXPECT_EQ(summary.executions_lost, 1);
  EXPECT_EQ(summary.duplicated, 0);
}

TEST_F(LedgerTest, ADroppedLastFillIsOneLost) {
  drop(client_, 17, "P-E3");
  EXPECT_EQ(judged().lost, 1);
  EXPECT_EQ(judged().duplicated, 0);
}

TEST_F(LedgerTest, ADroppedFillIsSeenWithoutSecondaryExecIDToo) {
  remove_tag(broker_, 526);
  drop(client_, 17, "P-E3");
  remove_tag(client_, 527);
  EXPECT_EQ(judged().lost, 1);
  EXPECT_EQ(judged().duplicated, 0);
}

TEST_F(LedgerTest, AnUnreportedCancelIsOneLost) {
  add(client_, "out", "D", {{11, "C-3"}, {526, "C-3"}});
  add(broker_, "in", "D", {{11, "G-3"}, {526, "C-3"}});
  add(broker_, "out", "8", {{11, "G-3"}, {37, "O-3"}, {17, "E-30"}, {150, "0"}, {39, "0"}});
  add(client_, "in", "8", {{11, "C-3"}, {37, "P-3"}, {198, "O-3"}, {17, "P-E30"}, {150, "0"}, {39, "0"}});
  EXPECT_EQ(judged().open, 1);
  EXPECT_EQ(judged().lost, 0);
  add(broker_, "out", "8", {{11, "G-3"}, {37, "O-3"}, {17, "E-31"}, {150, "4"}, {39, "4"}});
  EXPECT_EQ(judged().lost, 1);
}

TEST_F(LedgerTest, AnOrderThatNoBrokerGotIsOneLost) {
  add(client_, "out", "D", {{11, "C-3"}});
  add(client_, "in", "8", {{11, "C-3"}, {37, "P-3"}, {17, "P-E30"}, {150, "0"}, {39, "0"}});
  EXPECT_EQ(judged().lost, 1);
}

TEST_F(LedgerTest, AReportToldTwiceIsOneDuplicated) {
  twice(client_, 17, "P-E2");
  const LedgerSummary summary = judged();
  EXPECT_EQ(summary.duplicated, 1);
  EXPECT_EQ(summary.executions_duplicated, 1);
  EXPECT_EQ(summary.lost, 0);
}

TEST_F(LedgerTest, ARetransmittedReportIsNotDuplicated) {
  twice(client_, 17, "P-E2").poss_dup = true;
  EXPECT_EQ(judged().duplicated, 0);
}

TEST_F(LedgerTest, AnExecutionUnderTwoExecIDsIsOneDuplicated) {
  twice(client_, 17, "P-E2").set(17, "P-E77");
  EXPECT_EQ(judged().duplicated, 1);
  EXPECT_EQ(judged().lost, 0);
  remove_tag(client_, 527);
  EXPECT_EQ(judged().duplicated, 1);
}

TEST_F(LedgerTest, AnOrderSentTwiceIsOneDuplicated) {
  Message& copy = twice(broker_, 11, "G-1");
  EXPECT_EQ(judged().duplicated, 1);
  copy.poss_dup = true;
  EXPECT_EQ(judged().duplicated, 0);
}

TEST_F(LedgerTest, AnOrderUnderTwoBrokerIdsIsOneDuplicated) {
  add(broker_, "in", "D", {{11, "G-7"}, {526, "C-1"}});
  add(broker_, "out", "8", {{11, "G-7"}, {37, "O-7"}, {17, "E-70"}, {150, "0"}, {39, "0"}});
  EXPECT_EQ(judged().duplicated, 1);
  remove_tag(broker_, 526);
  EXPECT_EQ(judged().duplicated, 1);
}

TEST_F(LedgerTest, ASecondBrokerAfterARefusalIsRight) {
  add(client_, "out", "D", {{11, "C-3"}});
  add(broker_, "in", "D", {{11, "G-3"}, {526, "C-3"}});
  add(broker_, "out", "8", {{11, "G-3"}, {37, "O-3"}, {17, "E-30"}, {150, "8"}, {39, "8"}});
  add(broker_, "in", "D", {{11, "G-4"}, {526, "C-3"}});
  add(broker_, "out", "8", {{11, "G-4"}, {37, "O-4"}, {17, "E-31"}, {150, "0"}, {39, "0"}});
  add(client_, "in", "8", {{11, "C-3"}, {37, "P-3"}, {198, "O-4"}, {17, "P-E30"}, {150, "0"}, {39, "0"}});
  EXPECT_EQ(judged().duplicated, 0);
  EXPECT_EQ(judged().lost, 0);
}

TEST_F(LedgerTest, AVoidedReportOfTheBrokerDoesNotCount) {
  add(broker_, "out", "8", {{11, "G-1"}, {37, "O-1"}, {17, "E-50"}, {150, "F"}, {39, "2"}, {32, "5"}, {31, "1"}});
  EXPECT_EQ(judged().lost, 1);
  LogLine line = broker_.back();
  line.kind = "void";
  broker_.push_back(line);
  EXPECT_EQ(judged().lost, 0);
}

TEST_F(LedgerTest, CountsViolationsAndSaysJson) {
  LogLine line;
  line.kind = "violation";
  client_.push_back(line);
  EXPECT_EQ(judged().violations, 1);
  EXPECT_EQ(to_json(judged()).find("{\"orders\":2,\"acknowledged\":1,\"rejected\":1,\"filled\":1,"), 0U);
}

TEST(LedgerFiles, AnUnreadableLogIsAnError) {
  EXPECT_FALSE(judge_files({"/nonexistent/log"}, {}).ok());
}

}  // namespace
}  // namespace portcullis::sim
