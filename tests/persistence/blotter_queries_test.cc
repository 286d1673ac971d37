#include <algorithm>
#include <map>

#include "gateway/ids.h"
#include "persistence/blotter/queries.h"
#include "tests/persistence/blotter_fixture.h"
#include "tests/persistence/trading_day.h"

namespace portcullis::persistence::testing {
namespace {

TEST_P(Blotter, AnswersWhatTheApiAsks) {
  auto journal = open_journal();
  TradingDay day(into(*journal));
  day.names();
  while (day.orders() < 120) day.order();
  BlotterProjector projector(posix_file_system(), options(*journal));
  ASSERT_TRUE(projector.wait_for(journal->last_index(), kLong)) << projector.status().error;
  BlotterQueries queries(url_, "LDN1");

  // Pages join without a gap, newest first.
  BlotterFilter filter;
  filter.account = "ALPHA-1";
  filter.limit = 7;
  std::vector<std::int64_t> seen;
  while (true) {
    auto page = queries.orders(filter);
    ASSERT_TRUE(page.ok()) << page.error().what;
    for (const OrderRow& row : page->rows) seen.push_back(row.order_number);
    if (!page->next_before) break;
    filter.before = page->next_before;
  }
  EXPECT_TRUE(std::is_sorted(seen.rbegin(), seen.rend()));
  EXPECT_EQ(seen.size(), rows_of<OrderRow>(kOrdersTable, "account = 'ALPHA-1'").size());

  filter = BlotterFilter();
  filter.open_only = true;
  filter.symbol = "USD/JPY";
  const auto open_only = queries.orders(filter);
  ASSERT_TRUE(open_only.ok());
  for (const OrderRow& row : open_only->rows) {
    EXPECT_EQ(row.is_open, 1);
    EXPECT_EQ(row.symbol, "USD/JPY");
  }
  filter = BlotterFilter();
  filter.symbol = "EUR/USD'; DROP TABLE orders; --";
  EXPECT_TRUE(queries.orders(filter)->rows.empty());

  const std::string id = seen.empty() ? "" : rows_of<OrderRow>(kOrdersTable, "order_number = 3").at(0).order_id;
  auto order = queries.order(id);
  ASSERT_TRUE(order.ok() && order->has_value());
  EXPECT_EQ((*order)->chain.size(), 2u);
  EXPECT_EQ((*order)->executions.size(), 2u);
  EXPECT_FALSE(queries.order("LDN1-ONONE")->has_value());
  filter = BlotterFilter();
  filter.order_id = id;
  EXPECT_EQ(queries.executions(filter)->rows.size(), 2u);
  EXPECT_EQ(queries.decisions(filter)->rows.size(), 1u);
  EXPECT_EQ(queries.positions("ALPHA-1")->size(), 2u);
  EXPECT_EQ(queries.positions("")->size(), 5u);
  EXPECT_FALSE(queries.audit(std::nullopt, 5)->empty());

  // Following the changes shows each order's last state, however small the steps.
  std::map<std::int64_t, std::string> states;
  std::size_t executions = 0;
  std::uint64_t after = 0;
  while (true) {
    // With a limit of 1, the record that makes both an execution and an order's change comes whole.
    auto changes = queries.changes(after, after % 2 == 0 ? 9 : 1);
    ASSERT_TRUE(changes.ok()) << changes.error().what;
    for (const OrderRow& row : changes->orders) states[row.order_number] = row.ord_status;
    executions += changes->executions.size();
    if (!changes->more) break;
    ASSERT_GT(changes->last_index, after);
    after = changes->last_index;
  }
  EXPECT_EQ(states.size(), 120u);
  EXPECT_EQ(executions, rows_of<ExecutionRow>(kExecutionsTable, "1 = 1").size());
}

// More orders than a block of the coarse index has, so that pages cross blocks, with accounts that are rare.
TEST_P(Blotter, PagesByAccountCrossTheBlocksOfTheIndex) {
  auto journal = open_journal();
  TradingDay day(into(*journal));
  day.names();
  while (day.orders() < 1300) day.order();
  {
    // In two pieces, the second of which takes up a block that has rows.
    auto first = options(*journal);
    first.durable_index = [] { return std::uint64_t{1000}; };
    BlotterProjector projector(posix_file_system(), first);
    ASSERT_TRUE(projector.wait_for(1000, kLong)) << projector.status().error;
  }
  BlotterProjector projector(posix_file_system(), options(*journal));
  ASSERT_TRUE(projector.wait_for(journal->last_index(), kLong)) << projector.status().error;
  {
    // One row each of an account that nobody else has, in the first block and in the last.
    auto opened = store();
    for (const char* number : {"3", "1290"}) {
      const std::string block = std::to_string(std::stoll(number) / kBlockRows);
      ASSERT_TRUE(
          opened
              ->execute(
                  "UPDATE orders SET account = 'RARE' WHERE order_number = " + std::string(number) +
                  "; UPDATE block_accounts SET accounts = accounts || 'RARE\x01' WHERE kind = 0 AND block = " + block)
              .ok());
    }
  }
  BlotterQueries queries(url_, "LDN1");
  const auto all_of = [&](const std::string& account, auto page_of, auto key_of) {
    BlotterFilter filter;
    filter.account = account;
    filter.limit = 37;
    std::vector<std::int64_t> seen;
    while (true) {
      auto page = page_of(filter);
      EXPECT_TRUE(page.ok()) << (page.ok() ? "" : page.error().what);
      if (!page.ok()) return seen;
      for (const auto& row : page->rows) seen.push_back(key_of(row));
      if (!page->next_before) return seen;
      filter.before = page->next_before;
    }
  };
  const auto expected = [&](const Table& table, const std::string& account) {
    std::vector<std::int64_t> numbers;
    auto opened = store();
    const std::string key(table.columns.front().name);
    constexpr ColumnType kTypes[] = {ColumnType::kInteger};
    const Value given[] = {account};
    const auto rows =
        opened->query("SELECT " + key + " FROM " + std::string(table.view.empty() ? table.name : table.view) +
                          " WHERE account = $1 ORDER BY " + key + " DESC",
                      given, kTypes);
    EXPECT_TRUE(rows.ok());
    for (const Row& row : *rows) numbers.push_back(std::get<std::int64_t>(row.front()));
    return numbers;
  };
  for (const std::string account : {"ALPHA-1", "ALPHA-\"2\"", "RARE", "NOBODY"}) {
    EXPECT_EQ(all_of(
                  account, [&](const auto& f) { return queries.orders(f); },
                  [](const OrderRow& row) { return row.order_number; }),
              expected(kOrdersTable, account));
    EXPECT_EQ(all_of(
                  account, [&](const auto& f) { return queries.executions(f); },
                  [](const ExecutionRow& row) { return row.execution_number; }),
              expected(kExecutionsTable, account));
    EXPECT_EQ(all_of(
                  account, [&](const auto& f) { return queries.decisions(f); },
                  [](const DecisionRow& row) { return row.decision; }),
              expected(kDecisionsTable, account));
  }
  EXPECT_EQ(expected(kOrdersTable, "RARE").size(), 2u);
  // And by time, in the middle of it.
  const auto middle = rows_of<DecisionRow>(kDecisionsTable, "decision IN (600, 610) ORDER BY decision");
  ASSERT_EQ(middle.size(), 2u);
  BlotterFilter filter;
  filter.from_ns = middle[0].time_ns;
  filter.to_ns = middle[1].time_ns;
  const auto page = queries.decisions(filter);
  ASSERT_TRUE(page.ok()) << page.error().what;
  ASSERT_EQ(page->rows.size(), 10u);
  EXPECT_EQ(page->rows.front().decision, 609);
  EXPECT_EQ(page->rows.back().decision, 600);
}

}  // namespace
}  // namespace portcullis::persistence::testing
