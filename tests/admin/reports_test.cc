#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "admin/csv.h"
#include "admin/server.h"
#include "tests/admin/fake_gateway.h"
#include "tests/admin/http_client.h"

namespace portcullis::admin {
namespace {

namespace json = boost::json;

class AdminReports : public testing::Test {
 protected:
  void SetUp() override {
    auto started = Server::start(test_options(), gateway_, gateway_, gateway_, gateway_);
    ASSERT_TRUE(started.ok()) << started.error().what;
    server_ = std::move(*started);
  }

  ClientResponse get(const std::string& target, const std::string& user = "viewer", const std::string& headers = "") {
    return call(server_->port(), "GET", "/api/v1" + target, token_of(user), "", headers);
  }

  FakeGateway gateway_;
  std::unique_ptr<Server> server_;
};

TEST_F(AdminReports, TheIndexTellsWhatMayBeRead) {
  const auto response = get("/reports");
  ASSERT_EQ(response.status, 200u) << response.body;
  const json::array all = json::parse(response.body).as_array();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].at("name").as_string(), "access_review");
  EXPECT_EQ(all[0].at("role").as_string(), "risk");
  EXPECT_FALSE(all[0].at("readable").as_bool());
  EXPECT_TRUE(all[1].at("readable").as_bool());
  EXPECT_EQ(all[1].at("parameters").as_array().size(), 2u);
}

TEST_F(AdminReports, IsJsonByDefaultWithAbsentCellsAsNull) {
  const auto response = get("/reports/restricted_hits?from=2026-11-25");
  ASSERT_EQ(response.status, 200u) << response.body;
  EXPECT_EQ(response.headers.at("content-type"), "application/json");
  const json::value report = json::parse(response.body);
  EXPECT_EQ(report.at("rows").at(0).at("order_qty").as_string(), "-1000");
  EXPECT_EQ(report.at("rows").at(1).at("text").as_string(), "from 2026-11-25T00:00:00.000000000Z");
  EXPECT_TRUE(report.at("rows").at(1).at("order_qty").is_null());
}

TEST_F(AdminReports, CsvByParameterOrByAcceptAndHarmlessToSpreadsheets) {
  const std::string expected =
      "text,order_qty\r\n\"'=HYPERLINK(\"\"http://x\"\"), \"\"quoted\"\"\",-1000\r\nplain,\r\n";
  const auto by_parameter = get("/reports/restricted_hits?format=csv");
  EXPECT_EQ(by_parameter.status, 200u);
  EXPECT_EQ(by_parameter.body, expected);
  EXPECT_EQ(by_parameter.headers.at("content-type"), "text/csv; charset=utf-8; header=present");
  EXPECT_EQ(by_parameter.headers.at("content-disposition"), "attachment; filename=\"restricted_hits.csv\"");
  EXPECT_EQ(get("/reports/restricted_hits", "viewer", "Accept: text/csv\r\n").body, expected);
  const auto json_wins = get("/reports/restricted_hits?format=json", "viewer", "Accept: text/csv\r\n");
  EXPECT_EQ(json_wins.headers.at("content-type"), "application/json");
}

TEST_F(AdminReports, TheAccessReviewIsForRiskAndAbove) {
  EXPECT_EQ(get("/reports/access_review").status, 403u);
  EXPECT_EQ(get("/reports/access_review", "ops").status, 403u);
  EXPECT_EQ(get("/reports/access_review", "risk1").status, 200u);
  EXPECT_EQ(get("/reports/access_review", "root").status, 200u);
}

TEST_F(AdminReports, BadQuestionsAreToldSo) {
  EXPECT_EQ(get("/reports/none").status, 404u);
  EXPECT_EQ(get("/reports/restricted_hits?format=xml").status, 422u);
  EXPECT_EQ(get("/reports/restricted_hits?from=yesterday").status, 422u);
  EXPECT_EQ(get("/reports/restricted_hits?other=1").status, 422u);
}

TEST(Csv, TextThatASpreadsheetWouldRunIsDisarmed) {
  EXPECT_EQ(csv_text("plain"), "plain");
  EXPECT_EQ(csv_text(""), "");
  EXPECT_EQ(csv_text("=1+1"), "'=1+1");
  EXPECT_EQ(csv_text("+1"), "'+1");
  EXPECT_EQ(csv_text("-1"), "'-1");
  EXPECT_EQ(csv_text("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(csv_text("\t=1"), "'\t=1");
  EXPECT_EQ(csv_text("\r=1"), "\"'\r=1\"");
  EXPECT_EQ(csv_text("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_text("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(csv_number("-12.50"), "-12.50");
}

}  // namespace
}  // namespace portcullis::admin
