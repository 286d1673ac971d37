#include "persistence/blotter/sqlite_image.h"

#include <gtest/gtest.h>

#include <limits>

#include "persistence/blotter/projector.h"
#include "persistence/blotter/rows.h"
#include "persistence/blotter/store.h"
#include "tests/persistence/journal_fixture.h"
#include "tests/persistence/trading_day.h"

// Rows that SQLite copies out of pages of ours: they must be those that it would have written itself.

namespace portcullis::persistence::testing {
namespace {

constexpr std::int64_t kRows = 1'000;  // an image is made for as many

class SqliteImages : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = open_store(url(), "LDN1");
    ASSERT_TRUE(opened.ok());
    store_ = std::move(*opened);
    ASSERT_TRUE(migrate(*store_).ok());
  }

  std::string url(const std::string& name = "blotter") { return "sqlite:" + temporary_.path() + "/" + name + ".db"; }

  // The rows in one transaction.
  StoreResult<> insert(const Table& table, const RowBatch& rows) {
    EXPECT_TRUE(store_->begin().ok());
    auto inserted = store_->insert(table, rows);
    if (inserted) return store_->commit();
    store_->rollback();
    return inserted;
  }

  std::vector<Row> query(const std::string& statement, std::vector<ColumnType> types) {
    auto rows = store_->query(statement, {}, types);
    EXPECT_TRUE(rows.ok()) << (rows.ok() ? "" : rows.error().what);
    return rows.ok() ? std::move(*rows) : std::vector<Row>();
  }

  // What SQLite finds wrong with its file: also a row that is missing in an index.
  std::string faults() {
    return std::get<std::string>(query("PRAGMA integrity_check", {ColumnType::kText}).at(0).at(0));
  }

  std::vector<ExecutionRow> executions() {
    std::vector<ExecutionRow> result;
    for (const Row& row :
         query("SELECT " + column_list(kExecutionsTable) + " FROM executions ORDER BY execution_number",
               column_types(kExecutionsTable))) {
      from_row(row, result.emplace_back());
    }
    return result;
  }

  TemporaryDirectory temporary_;
  std::unique_ptr<BlotterStore> store_;
};

RowBatch batch_of(const std::vector<ExecutionRow>& rows) {
  RowBatch batch;
  for (const ExecutionRow& row : rows) append_row(row, batch);
  return batch;
}

TEST_F(SqliteImages, GiveBackEachIntegerAndEachText) {
  std::vector<std::int64_t> integers{0, 1, -1, std::numeric_limits<std::int64_t>::max(),
                                     std::numeric_limits<std::int64_t>::min()};
  for (int bits = 1; bits < 63; ++bits) {
    for (const std::int64_t near : {-1, 0, 1}) {
      integers.push_back((std::int64_t{1} << bits) + near);
      integers.push_back(-(std::int64_t{1} << bits) + near);
    }
  }
  // Around the lengths at which a text's type takes another byte, a row a page, and a row no page.
  const std::size_t lengths[] = {0, 1, 56, 57, 58, 59, 8'184, 8'185, 8'186, 8'187, 32'600, 32'700, 32'768, 100'000};
  std::vector<ExecutionRow> rows;
  for (std::int64_t i = 0; i < kRows; ++i) {
    const auto at = static_cast<std::size_t>(i);
    ExecutionRow& row = rows.emplace_back();
    row.execution_number = i * i * i * i;
    row.last_qty = integers[at % integers.size()];
    row.time_ns = integers[(7 * at) % integers.size()];
    if (i % 3 == 0) row.last_px = integers[(at / 3) % integers.size()];
    row.text = std::string(lengths[at % std::size(lengths)], static_cast<char>('a' + i % 26));
    row.account = std::string(at % 61, 'x');
    if (i % 50 == 0) row.client = "ā\xE2\x82\xAC";
  }
  const auto written = insert(kExecutionsTable, batch_of(rows));
  ASSERT_TRUE(written.ok()) << written.error().what;
  EXPECT_EQ(faults(), "ok");
  const std::vector<ExecutionRow> found = executions();
  ASSERT_EQ(found.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(found[i].execution_number, rows[i].execution_number);
    EXPECT_EQ(found[i].last_qty, rows[i].last_qty);
    EXPECT_EQ(found[i].time_ns, rows[i].time_ns);
    EXPECT_EQ(found[i].last_px, rows[i].last_px);
    EXPECT_EQ(found[i].text, rows[i].text);
    EXPECT_EQ(found[i].account, rows[i].account);
    EXPECT_EQ(found[i].client, rows[i].client);
    EXPECT_EQ(found[i].previous_execution, rows[i].previous_execution);
  }
  // SQLite keeps an integer in the fewest bytes, and would read it in more as well.
  EXPECT_EQ(query("SELECT count(*) FROM executions WHERE typeof(last_qty) <> 'integer' OR typeof(text) <> 'text'",
                  {ColumnType::kInteger})[0][0],
            Value(std::int64_t{0}));
}

TEST_F(SqliteImages, RowsOfManyImagesComeAlsoWhereTheyAreNotInOrder) {
  std::vector<ExecutionRow> rows;
  for (std::int64_t i = 0; i < 8 * kRows; ++i) {
    ExecutionRow& row = rows.emplace_back();
    row.execution_number = i % 100 == 99 ? -i : i;
    row.text = std::string(300, 'x');
  }
  ASSERT_TRUE(insert(kExecutionsTable, batch_of(rows)).ok());
  EXPECT_EQ(faults(), "ok");
  EXPECT_EQ(executions().size(), rows.size());
}

TEST_F(SqliteImages, ARowThatIsThereOrHasNoValueWhereOneMustBeLeavesNothing) {
  std::vector<ExecutionRow> rows;
  for (std::int64_t i = 1; i <= kRows; ++i) rows.emplace_back().execution_number = i;
  ASSERT_TRUE(insert(kExecutionsTable, batch_of(rows)).ok());
  for (std::int64_t i = 0; i < kRows; ++i) rows[static_cast<std::size_t>(i)].execution_number = kRows + i;
  const auto repeated = insert(kExecutionsTable, batch_of(rows));
  ASSERT_FALSE(repeated.ok());
  EXPECT_NE(repeated.error().what.find("UNIQUE constraint failed: executions.execution_number"), std::string::npos)
      << repeated.error().what;
  for (ExecutionRow& row : rows) row.execution_number += kRows;
  RowBatch incomplete = batch_of(rows);
  incomplete.set_absent(incomplete.cells() - 2);  // journal_offset of the last one
  const auto refused = insert(kExecutionsTable, incomplete);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().what.find("NOT NULL constraint failed: executions.journal_offset"), std::string::npos)
      << refused.error().what;
  EXPECT_EQ(executions().size(), static_cast<std::size_t>(kRows));
  ASSERT_TRUE(insert(kExecutionsTable, batch_of(rows)).ok()) << "the store is as good as before";
  EXPECT_EQ(executions().size(), static_cast<std::size_t>(2 * kRows));
  EXPECT_EQ(faults(), "ok");
}

// A whole day of orders, of which some are refused or stay open and stand in indexes: at once, where images are made,
// and in small pieces, where none is.
TEST_F(SqliteImages, ADayInOnePieceHasTheRowsAndIndexesOfADayInMany) {
  const std::string directory = temporary_.path() + "/journal";
  auto journal = Journal::open(posix_file_system(), directory, manual_options(JournalDurability::kProcess));
  ASSERT_TRUE(journal.ok());
  TradingDay day(into(**journal));
  day.names();
  while (day.orders() < 3'000) day.order();
  std::vector<std::string> hashes;
  for (const std::size_t records : {std::size_t{100}, std::size_t{20'000}}) {
    ProjectorOptions options;
    options.url = url("of" + std::to_string(records));
    options.gateway_id = "LDN1";
    options.journal_directory = directory;
    options.batch_records = records;
    const auto rebuilt = rebuild_blotter(posix_file_system(), options);
    ASSERT_TRUE(rebuilt.ok()) << rebuilt.error().what;
    auto opened = open_store(options.url, "LDN1");
    ASSERT_TRUE(opened.ok());
    store_ = std::move(*opened);
    EXPECT_EQ(faults(), "ok");
    std::string all;
    for (const Table* table : content_tables())
      all += *table_hash(*store_, *table) + " " + std::string(table->name) + "\n";
    hashes.push_back(all);
    EXPECT_GT(std::get<std::int64_t>(query("SELECT count(*) FROM orders INDEXED BY orders_open WHERE is_open = 1",
                                           {ColumnType::kInteger})[0][0]),
              0);
    EXPECT_GT(std::get<std::int64_t>(
                  query("SELECT count(*) FROM decisions WHERE outcome = 'rejected'", {ColumnType::kInteger})[0][0]),
              0);
  }
  EXPECT_EQ(hashes[0], hashes[1]);
}

// Each table says of its indexes what SQLite finds: a row with these values stands in none of them.
TEST_F(SqliteImages, AreMadeOfTheTablesWithMostRows) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open((temporary_.path() + "/blotter.db").c_str(), &database), SQLITE_OK);
  for (const Table* table : {&kOrdersTable, &kExecutionsTable, &kDecisionsTable}) {
    const auto image = SqliteImage::of(database, *table);
    ASSERT_TRUE(image.ok()) << table->name << ": " << image.error().what;
    EXPECT_NE(*image, nullptr) << table->name;
  }
  const auto none = SqliteImage::of(database, kRequestsTable);
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(*none, nullptr) << "its key is two columns";
  sqlite3_close(database);
}

}  // namespace
}  // namespace portcullis::persistence::testing
