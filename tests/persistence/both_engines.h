#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "persistence/blotter/queries.h"
#include "persistence/blotter/rows.h"
#include "persistence/blotter/store.h"
#include "tests/gateway/fixture.h"
#include "tests/persistence/journal_fixture.h"

// Records of a real core, in a journal, projected into a blotter of each engine: what a test asks must be the same rows
// in both.

namespace portcullis::persistence::testing {

class BothEngines : public ::testing::Test {
 protected:
  // Writes the records to a journal and projects them into SQLite and PostgreSQL; their rows are compared, table by
  // table.
  void project(const std::vector<std::vector<std::byte>>& records);

  const std::vector<std::string>& urls() const { return urls_; }
  std::string journal_directory() const { return temporary_.path() + "/journal"; }

  // All rows of a table, from the SQLite blotter.
  template <typename R>
  std::vector<R> rows_of(const std::string& where = "1 = 1") {
    auto store = open_store(urls_.at(0), "LDN1");
    EXPECT_TRUE(store.ok());
    const Table& table = table_of<R>();
    // As they are read, where that is another form of the same rows.
    const std::string from(table.ordinary.empty() ? table.name : table.view);
    auto rows =
        (*store)->query("SELECT " + column_list(table) + " FROM " + from + " WHERE " + where, {}, column_types(table));
    EXPECT_TRUE(rows.ok()) << (rows.ok() ? "" : rows.error().what);
    std::vector<R> result;
    if (!rows.ok()) return result;
    for (const Row& row : *rows) from_row(row, result.emplace_back());
    if constexpr (std::is_same_v<R, DecisionRow>) {
      const auto completed = DecisionReader().complete(**store, result);
      EXPECT_TRUE(completed.ok()) << (completed.ok() ? "" : completed.error().what);
    }
    return result;
  }

 private:
  TemporaryDirectory temporary_;
  std::vector<std::string> urls_;
};

}  // namespace portcullis::persistence::testing
