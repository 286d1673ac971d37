#include "persistence/blotter/reports.h"

#include <gtest/gtest.h>

#include <map>

#include "persistence/order_dossier.h"
#include "tests/persistence/both_engines.h"

namespace portcullis::persistence::testing {
namespace {

using gateway::testing::Gateway;
using gateway::testing::Sent;

class ReportViews : public BothEngines {
 protected:
  // The rows of a report as maps by column, the same from both engines.
  std::vector<std::map<std::string, Value>> read(const std::string& name, ReportFilter filter = {}) {
    const Report* report = find_report(name);
    EXPECT_NE(report, nullptr) << name;
    std::vector<std::vector<Row>> engines;
    for (const std::string& url : urls()) {
      BlotterQueries queries(url, "LDN1");
      auto rows = queries.report(*report, filter);
      EXPECT_TRUE(rows.ok()) << name << ": " << (rows.ok() ? "" : rows.error().what);
      engines.push_back(rows.ok() ? rows->rows : std::vector<Row>());
    }
    EXPECT_EQ(engines[0], engines[1]) << name;
    std::vector<std::map<std::string, Value>> result;
    for (const Row& row : engines[0]) {
      auto& named = result.emplace_back();
      for (std::size_t i = 0; i < row.size(); ++i) named[std::string(report->columns[i].name)] = row[i];
    }
    return result;
  }
  static std::string text(const Value& value) { return std::get<std::string>(value); }
  static std::int64_t number(const Value& value) { return std::get<std::int64_t>(value); }
};

std::string order_text(const std::string& id, const std::string& quantity, const std::string& more = "") {
  return "35=D|11=" + id + "|55=EUR/USD|54=1|38=" + quantity + "|40=2|44=1.1010|60=20261123-12:00:00|" + more;
}

TEST_F(ReportViews, AllOfThemAreThereOnBothEnginesWithTheirColumns) {
  Gateway gateway;
  project(gateway.records());
  for (const Report& report : reports()) read(std::string(report.name));
}

TEST_F(ReportViews, RejectsComeByClientAndControlWithTheWorstCase) {
  Gateway gateway;
  gateway.from_client("alpha", order_text("A1", "20000000"));
  gateway.from_client("alpha", order_text("A2", "70000000"));
  gateway.from_client("alpha", order_text("A3", "30000000"));
  gateway.from_client("beta", "35=D|11=B1|21=1|55=NONE|54=2|38=1000|40=1|60=20261123-12:00:00|");
  gateway.from_client("alpha", order_text("A4", "1000000"));
  project(gateway.records());
  const auto rows = read("rejects_by_control_and_client");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(text(rows[0].at("date")), "2026-11-23");
  EXPECT_EQ(text(rows[0].at("client")), "alpha");
  EXPECT_EQ(text(rows[0].at("control")), "B1") << "the quantity is asked before the notional";
  EXPECT_EQ(number(rows[0].at("rejects")), 3);
  EXPECT_EQ(text(rows[0].at("worst_cl_ord_id")), "A2");
  EXPECT_EQ(number(rows[0].at("worst_used_percent")), 7000) << "70 of 10 million, in thousandths";
  EXPECT_EQ(number(rows[0].at("worst_limit")), Quantity::of(10'000'000).raw());
  EXPECT_EQ(text(rows[1].at("client")), "beta");
  EXPECT_EQ(text(rows[1].at("control")), "A2");

  ReportFilter later;
  later.from_ns = (gateway.now() + Duration::seconds(86'400)).ns();
  EXPECT_TRUE(read("rejects_by_control_and_client", later).empty());
}

TEST_F(ReportViews, ALimitStandsAgainstItsPeakAndAverageUse) {
  Gateway gateway;
  gateway.from_client("alpha", order_text("A1", "2000000"));
  gateway.from_client("alpha", order_text("A2", "4000000"));
  gateway.from_client("alpha", order_text("A3", "50000000"));  // refused by B1: B2 is not asked
  project(gateway.records());
  bool seen = false;
  for (const auto& row : read("limit_usage")) {
    if (text(row.at("control")) == "B2" && text(row.at("scope")) == "firm") {
      seen = true;
      EXPECT_EQ(number(row.at("checks")), 2);
      EXPECT_EQ(number(row.at("refused")), 0);
      EXPECT_EQ(number(row.at("peak_used_percent")), 440);
      EXPECT_EQ(number(row.at("average_used_percent")), (220 + 440) / 2);
      EXPECT_EQ(number(row.at("peak_usage")), Amount::of(4'400'000).raw());
      EXPECT_EQ(text(row.at("flag")), "");
    }
    if (text(row.at("control")) == "B1" && text(row.at("scope")) == "firm") {
      EXPECT_EQ(number(row.at("checks")), 3);
      EXPECT_EQ(number(row.at("refused")), 1);
      EXPECT_EQ(number(row.at("peak_used_percent")), 400) << "what was refused is no use of the limit";
      EXPECT_EQ(number(row.at("average_used_percent")), (200 + 400 + 0) / 3);
    }
    if (text(row.at("control")) == "D1" && text(row.at("scope")) == "firm") {
      EXPECT_EQ(text(row.at("flag")), "over 10 times the peak") << "2 of 100,000 orders";
    }
  }
  EXPECT_TRUE(seen);
}

// What is never nearest to its limit is told by samples.
TEST_F(ReportViews, ALooseLimitStandsAgainstItsSampledUse) {
  Gateway gateway;
  gateway.from_client("alpha", order_text("A1", "2000000"));
  gateway.pass(Duration::seconds(20));
  project(gateway.records());
  bool open_orders = false;
  bool settlement = false;
  for (const auto& row : read("limit_usage")) {
    if (text(row.at("scope")) != "firm") continue;
    if (text(row.at("control")) == "D1") {
      open_orders = true;
      EXPECT_EQ(number(row.at("peak_usage")), 1);
      EXPECT_EQ(text(row.at("flag")), "over 10 times the peak") << "1 of 100,000 orders";
    }
    if (text(row.at("control")) == "D6") {
      settlement = true;
      EXPECT_EQ(number(row.at("peak_usage")), Amount::of(2'200'000).raw()) << "2 million EUR are to be received";
    }
  }
  EXPECT_TRUE(open_orders);
  EXPECT_TRUE(settlement);
}

// Nor is an account whose limit is looser than the firm's ever nearest; it has its row, and no sample of exposures.
TEST_F(ReportViews, AnAccountsLooseLimitStandsAgainstItsUse) {
  config::Config configuration = gateway::testing::small_configuration();
  config::LimitSet loose;
  loose.max_gross_open_notional = Amount::of(400'000'000);
  loose.max_open_orders = 90'000;
  configuration.risk.accounts = {config::ScopeLimits{"ALPHA-1", loose}, config::ScopeLimits{"ALPHA-2", loose}};
  configuration.risk.firm.max_gross_open_notional = Amount::of(10'000'000);
  Gateway gateway(configuration);
  gateway.from_client("alpha", order_text("A1", "2000000"));
  gateway.pass(Duration::seconds(20));
  project(gateway.records());
  std::map<std::string, std::int64_t> peaks;
  for (const auto& row : read("limit_usage")) {
    if (text(row.at("scope")) != "account" || text(row.at("control")) != "D2") continue;
    peaks[text(row.at("id"))] = number(row.at("peak_usage"));
    EXPECT_EQ(number(row.at("checks")), 1);
    EXPECT_EQ(text(row.at("flag")), "over 10 times the peak");
    EXPECT_EQ(number(row.at("limit_at_peak")), Amount::of(400'000'000).raw());
  }
  EXPECT_EQ(peaks.size(), 2u) << "also the one that has not traded";
  EXPECT_EQ(peaks["ALPHA-1"] + peaks["ALPHA-2"], Amount::of(2'200'000).raw());
  for (const auto& row : read("exposure_peaks")) EXPECT_NE(text(row.at("scope")), "account");
}

TEST_F(ReportViews, TheKillTimelineTellsHowLongAStateHeld) {
  Gateway gateway;
  order::SetScopeState kill;
  kill.scope = order::Scope::kClient;
  kill.id = 0;
  kill.state = order::ScopeState::kBlockNew;
  kill.user = order::UserText("ops");
  kill.reason = order::ReasonText("a runaway");
  gateway.command(kill);
  gateway.pass(Duration::seconds(60));
  kill.state = order::ScopeState::kActive;
  kill.reason = order::ReasonText("mended");
  gateway.command(kill);
  project(gateway.records());
  std::vector<std::map<std::string, Value>> states;
  for (const auto& row : read("kill_timeline")) {
    if (text(row.at("kind")) == "state") states.push_back(row);
  }
  ASSERT_EQ(states.size(), 2u);
  EXPECT_EQ(text(states[0].at("state")), "block_new");
  EXPECT_EQ(text(states[0].at("id")), "alpha");
  EXPECT_EQ(text(states[0].at("maker")), "ops");
  EXPECT_EQ(number(states[0].at("until")) - number(states[0].at("time")), Duration::seconds(60).ns());
  EXPECT_TRUE(std::holds_alternative<std::monostate>(states[1].at("until")));
}

TEST_F(ReportViews, ExposuresArePeaksOfTheDayByClientAndBroker) {
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", order_text("A1", "5000000")), "D");
  gateway.pass(Duration::seconds(10));
  gateway.from_broker("northbank",
                      "35=8|37=N1|11=" + order[11] + "|17=E0|150=4|39=4|55=EUR/USD|54=1|38=5000000|14=0|151=0|6=0|");
  gateway.pass(Duration::seconds(10));
  project(gateway.records());
  std::map<std::string, std::int64_t> gross;
  for (const auto& row : read("exposure_peaks")) {
    gross[text(row.at("scope")) + " " + text(row.at("id"))] = number(row.at("peak_gross_open_notional"));
    EXPECT_EQ(text(row.at("date")), "2026-11-23");
  }
  EXPECT_EQ(gross.at("client alpha"), Amount::of(5'500'000).raw());
  EXPECT_EQ(gross.at("broker northbank"), Amount::of(5'500'000).raw());
  EXPECT_EQ(gross.at("firm firm"), Amount::of(5'500'000).raw());
  EXPECT_FALSE(gross.contains("client beta")) << "never had any";
}

TEST_F(ReportViews, ExceptionsNameOverfillsAndBusts) {
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", order_text("A1", "1000000")), "D");
  gateway.from_broker("northbank",
                      "35=8|37=N1|11=" + order[11] +
                          "|17=E1|150=F|39=2|55=EUR/USD|54=1|38=1000000|32=1500000|31=1.1005|14=1500000|151=0|6=1|");
  gateway.from_broker(
      "northbank", "35=8|37=N1|11=" + order[11] +
                       "|17=E2|19=E1|150=H|39=0|55=EUR/USD|54=1|38=1000000|32=1500000|31=1.1005|14=0|151=1000000|6=0|");
  gateway.from_broker("northbank",
                      "35=8|37=N9|11=NOBODY|17=E3|150=F|39=2|55=EUR/USD|54=1|38=1|32=1000|31=1.1|14=1000|151=0|6=1|");
  project(gateway.records());
  std::map<std::string, int> kinds;
  for (const auto& row : read("exceptions")) ++kinds[text(row.at("kind"))];
  EXPECT_EQ(kinds["overfill"], 1);
  EXPECT_EQ(kinds["bust"], 1);
  EXPECT_EQ(kinds["unknown_order_report"], 1);
}

TEST_F(ReportViews, RefusalsOfPricesPermissionsAndThrottleHaveTheirOwn) {
  config::Config configuration = gateway::testing::small_configuration();
  configuration.clients[0].throttle.messages_per_second = 1;
  configuration.clients[0].throttle.burst = 1;
  configuration.reference.quotes.erase(configuration.reference.quotes.begin());  // EUR/USD
  Gateway gateway(configuration);
  gateway.from_client("alpha", order_text("A1", "1000000"));
  gateway.from_client("alpha", order_text("A2", "1000000"));
  gateway.pass(Duration::seconds(5));
  gateway.from_client("alpha", "35=D|11=A3|1=BETA-1|55=EUR/USD|54=1|38=1000|40=2|44=1.1|60=20261123-12:00:00|");
  project(gateway.records());
  const auto prices = read("stale_or_missing_prices");
  ASSERT_GE(prices.size(), 1u);
  EXPECT_EQ(text(prices[0].at("market")), "no_quote");
  EXPECT_TRUE(std::holds_alternative<std::monostate>(prices[0].at("quote_age_s")));
  const auto throttled = read("throttle_and_repeated_executions");
  ASSERT_EQ(throttled.size(), 1u);
  EXPECT_EQ(text(throttled[0].at("cl_ord_id")), "A2");
  EXPECT_EQ(text(throttled[0].at("control")), "C1");
  const auto hits = read("restricted_hits");
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(text(hits[0].at("cl_ord_id")), "A3");
  EXPECT_EQ(text(hits[0].at("account")), "BETA-1");
  EXPECT_TRUE(read("overrides").empty());
}

TEST_F(ReportViews, TheAccessReviewKnowsWhoCameAndWhoActed) {
  config::Config configuration = gateway::testing::small_configuration();
  configuration.admin.users = {{"ops", config::Role::kOperator, {}}, {"rita", config::Role::kRisk, {}}};
  Gateway gateway(configuration);
  order::SetScopeState kill;
  kill.state = order::ScopeState::kReduceOnly;
  kill.user = order::UserText("ops");
  gateway.command(kill);
  project(gateway.records());
  const auto rows = read("access_review");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(text(rows[0].at("name")), "ops");
  EXPECT_EQ(text(rows[0].at("role")), "operator");
  EXPECT_EQ(number(rows[0].at("actions")), 1);
  EXPECT_EQ(text(rows[1].at("standing")), "present");
  EXPECT_TRUE(std::holds_alternative<std::monostate>(rows[1].at("last_action")));
}

TEST_F(ReportViews, AnOrdersDossierHasAllItsMessagesAndNoOther) {
  Gateway gateway;
  const Sent order = Gateway::only(gateway.from_client("alpha", order_text("A1", "5000000")), "D");
  const Sent other = Gateway::only(gateway.from_client("alpha", order_text("Z9", "1000000")), "D");
  gateway.from_broker(
      "northbank", "35=8|37=N1|11=" + order[11] + "|17=E0|150=0|39=0|55=EUR/USD|54=1|38=5000000|14=0|151=5000000|6=0|");
  gateway.from_client("alpha", "35=F|11=C1|41=A1|55=EUR/USD|54=1|38=5000000|60=20261123-12:00:00|");
  project(gateway.records());
  std::vector<std::int64_t> offsets;
  for (const std::string& url : urls()) {
    const auto records = BlotterQueries(url, "LDN1").order_records(0);
    ASSERT_TRUE(records.ok()) << records.error().what;
    offsets.clear();
    for (const OrderRecordRow& row : *records) offsets.push_back(row.journal_offset);
  }
  ASSERT_EQ(offsets.size(), 3u) << "the order, its acknowledgement, its cancel";
  const OrderRow row = rows_of<OrderRow>("order_number = 0").at(0);
  const std::vector<std::string> ids{row.order_id, "A1", "C1", "N1", order[11], row.broker_cl_ord_id};
  const auto lines = read_dossier(posix_file_system(), journal_directory(), order::OrderNumber(0), offsets, ids);
  ASSERT_TRUE(lines.ok()) << lines.error().what;
  std::string shape;
  for (const DossierLine& line : *lines) {
    shape += (line.kind == DossierLine::Kind::kReceived ? "<"
              : line.kind == DossierLine::Kind::kSent   ? ">"
                                                        : "") +
             line.name + " ";
    EXPECT_EQ(line.content.find(other[11]), std::string::npos);
    EXPECT_EQ(line.content.find('\x01'), std::string::npos);
  }
  EXPECT_EQ(shape.substr(0, 46), "<D Decided OrderAccepted OrderRouted >D <8 Exe");
  EXPECT_NE(shape.find("<F Decided CancelRequested OrderRouted"), std::string::npos) << shape;
  EXPECT_NE(shape.find(">F"), std::string::npos) << shape;
}

}  // namespace
}  // namespace portcullis::persistence::testing
