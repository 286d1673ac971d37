#include "tests/scenarios/table.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

// The tables against each other and against the rules of the specification, before anything is played.

namespace portcullis::scenarios {
namespace {

// The scenarios whose figures or rows differ between the versions; the others are the same once translated.
const std::set<std::string> kDiffer = {"D6", "D13", "D15", "D17", "D20", "D22", "D31", "D35", "D37"};

bool is_figure(const std::string& column) {
  return column != "scenario" && column != "same_as" && column != "title" && column != "also" && column != "fields" &&
         column != "exec_trans_type";
}

TEST(Tables, SayTheSameInBothVersionsWhereTheSpecificationDoes) {
  std::map<std::string, std::vector<Row>> in44;
  for (const Row& row : load_table(Version::kFix44)) in44[row["scenario"]].push_back(row);
  std::map<std::string, std::vector<Row>> in42;
  for (const Row& row : load_table(Version::kFix42)) in42[row["scenario"]].push_back(row);
  EXPECT_EQ(in44.size(), 48u);
  EXPECT_EQ(in42.size(), 37u);
  for (const auto& [name, rows] : in42) {
    if (kDiffer.contains(name)) continue;
    SCOPED_TRACE(name);
    const std::vector<Row>& others = in44.at(rows.front()["same_as"]);
    ASSERT_EQ(rows.size(), others.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      SCOPED_TRACE(rows[i]["time"] + " " + rows[i]["path"]);
      const Row up = translated(rows[i], Version::kFix42, Version::kFix44);
      const Row down = translated(others[i], Version::kFix44, Version::kFix42);
      for (const auto& [column, value] : others[i].cells) {
        if (is_figure(column)) {
          EXPECT_EQ(up[column], value) << column;
        }
      }
      for (const auto& [column, value] : rows[i].cells) {
        if (is_figure(column)) {
          EXPECT_EQ(down[column], value) << column;
        }
      }
      EXPECT_EQ(rows[i].fields, others[i].fields);
    }
  }
}

TEST(Tables, ALiveOrderIsItsExecutedAndItsOpenQuantity) {
  for (const Version version : {Version::kFix44, Version::kFix42}) {
    for (const Row& row : load_table(version)) {
      if (row["message"] != "8" || row["order_qty"].empty() || row["leaves_qty"] == "0") continue;
      const auto also = row.also.find("order_qty");
      if (also != row.also.end()) continue;
      EXPECT_EQ(std::stol(row["order_qty"]), std::stol(row["cum_qty"]) + std::stol(row["leaves_qty"]))
          << row["scenario"] << " " << row["time"];
    }
  }
}

TEST(Tables, EveryScenarioIsPlayedOrLeftOutByName) {
  std::set<std::string> unplayed;
  for (const Row& row : load_table(Version::kFix44)) unplayed.insert(row["scenario"]);
  for (const Play& play : plays(Version::kFix44, Version::kFix44, Version::kFix44))
    unplayed.erase(play.rows[0]["scenario"]);
  EXPECT_EQ(unplayed, (std::set<std::string>{"H.1.b", "L.1.b"}));
}

}  // namespace
}  // namespace portcullis::scenarios
