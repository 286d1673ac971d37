#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>

#include "gateway/ids.h"
#include "persistence/blotter/evidence.h"
#include "persistence/blotter/projector.h"
#include "persistence/blotter/queries.h"
#include "persistence/blotter/store.h"
#include "tests/persistence/journal_fixture.h"
#include "tests/persistence/postgres_server.h"
#include "tests/persistence/trading_day.h"

namespace portcullis::persistence::testing {
namespace {

constexpr std::chrono::milliseconds kLong{120'000};

enum class Engine { kSqlite, kPostgres };

PostgresServer& server() {
  static PostgresServer postgres;
  return postgres;
}

class Blotter : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    if (GetParam() == Engine::kSqlite) {
      url_ = "sqlite:" + temporary_.path() + "/blotter.db";
      return;
    }
    ASSERT_TRUE(server().running()) << server().error();
    static int databases = 0;
    url_ = server().make_database("test" + std::to_string(++databases));
  }

  std::unique_ptr<Journal> open_journal() {
    JournalOptions options = manual_options(JournalDurability::kProcess);
    options.segment_bytes = std::uint64_t{1} << 20;
    options.manual = false;
    auto journal = Journal::open(posix_file_system(), directory_, options);
    EXPECT_TRUE(journal.ok()) << (journal.ok() ? "" : journal.error().what);
    return std::move(*journal);
  }

  ProjectorOptions options(const Journal& journal) const {
    ProjectorOptions options;
    options.url = url_;
    options.gateway_id = "LDN1";
    options.journal_directory = directory_;
    options.durable_index = [&journal] { return journal.durable_index(); };
    options.batch_records = 100;
    options.first_pause = std::chrono::milliseconds(10);
    options.last_pause = std::chrono::milliseconds(50);
    return options;
  }

  std::unique_ptr<BlotterStore> store(const std::string& gateway = "LDN1") {
    auto opened = open_store(url_, gateway);
    EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().what);
    return std::move(*opened);
  }

  std::vector<std::string> hashes() {
    auto opened = store();
    std::vector<std::string> result;
    for (const Table* table : content_tables()) {
      auto hash = table_hash(*opened, *table);
      EXPECT_TRUE(hash.ok()) << (hash.ok() ? "" : hash.error().what);
      result.push_back(std::string(table->name) + " " + (hash.ok() ? *hash : ""));
    }
    return result;
  }

  template <typename R>
  std::vector<R> rows_of(const Table& table, const std::string& where) {
    auto opened = store();
    auto rows = opened->query("SELECT " + column_list(table) + " FROM " + std::string(table.name) + " WHERE " + where,
                              {}, column_types(table));
    EXPECT_TRUE(rows.ok()) << (rows.ok() ? "" : rows.error().what);
    std::vector<R> result;
    for (const Row& row : *rows) from_row(row, result.emplace_back());
    if constexpr (std::is_same_v<R, DecisionRow>) {
      const auto completed = DecisionReader().complete(*opened, result);
      EXPECT_TRUE(completed.ok()) << (completed.ok() ? "" : completed.error().what);
    }
    return result;
  }

  TemporaryDirectory temporary_;
  const std::string directory_ = temporary_.path() + "/journal";
  std::string url_;
};

INSTANTIATE_TEST_SUITE_P(Engines, Blotter, ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& engine) { return engine.param == Engine::kSqlite ? "Sqlite" : "Postgres"; });

TEST_P(Blotter, TheSchemaIsMadeOnceAndHasTheColumnsThatTheCodeKnows) {
  auto opened = store();
  ASSERT_NE(opened, nullptr);
  EXPECT_EQ(*schema_version(*opened), 0);
  EXPECT_EQ(*migrate(*opened), 0);
  EXPECT_EQ(*migrate(*opened), newest_schema_version());
  for (const Table* table : content_tables()) {
    auto rows =
        opened->query("SELECT " + column_list(*table) + " FROM " + std::string(table->name), {}, column_types(*table));
    EXPECT_TRUE(rows.ok()) << (rows.ok() ? "" : rows.error().what);
  }
  ASSERT_TRUE(opened->execute("UPDATE blotter_schema SET version = 99").ok());
  EXPECT_FALSE(migrate(*opened).ok()) << "a newer schema is refused";
}

TEST_P(Blotter, HoldsWhatHappened) {
  auto journal = open_journal();
  TradingDay day(into(*journal));
  day.names();
  while (day.orders() < 70) day.order();
  BlotterProjector projector(posix_file_system(), options(*journal));
  ASSERT_TRUE(projector.wait_for(journal->last_index(), kLong)) << projector.status().error;

  const auto filled = rows_of<OrderRow>(kOrdersTable, "order_number = 1");
  ASSERT_EQ(filled.size(), 1u);
  EXPECT_EQ(filled[0].order_id, gateway::IdBuffer::order_id("LDN1", 1764000000, order::OrderNumber(1)).view());
  EXPECT_EQ(filled[0].client, "alpha");
  EXPECT_EQ(filled[0].account, "ALPHA-\"2\"");
  EXPECT_EQ(filled[0].ord_status, "filled");
  EXPECT_EQ(filled[0].is_open, 0);
  EXPECT_EQ(filled[0].cum_qty, Quantity::of(2000).raw());
  EXPECT_EQ(filled[0].avg_px, 110'001'000);
  EXPECT_EQ(filled[0].broker, "northbank");
  EXPECT_EQ(filled[0].broker_cl_ord_id,
            gateway::IdBuffer::cl_ord_id("LDN1", 1764000000, order::RequestNumber(1)).view());
  EXPECT_EQ(filled[0].text, "done ? \\ \"quoted\" {\xC3\xA9} <img onerror=alert(1)>");

  const auto cancelled = rows_of<OrderRow>(kOrdersTable, "order_number = 3");
  EXPECT_EQ(cancelled.at(0).ord_status, "canceled");
  EXPECT_EQ(cancelled.at(0).cl_ord_id, "CXL3");
  const auto chain = rows_of<RequestRow>(kRequestsTable, "order_number = 3 ORDER BY request_number");
  ASSERT_EQ(chain.size(), 2u);
  EXPECT_EQ(chain[0].status, "accepted");
  EXPECT_EQ(chain[1].kind, "cancel");
  EXPECT_EQ(chain[1].orig_cl_ord_id, "C3");
  EXPECT_EQ(chain[1].status, "accepted");

  const auto replaced = rows_of<OrderRow>(kOrdersTable, "order_number = 4");
  EXPECT_EQ(replaced.at(0).cl_ord_id, "RPL4");
  EXPECT_EQ(replaced.at(0).order_qty, Quantity::of(5500).raw());
  EXPECT_EQ(replaced.at(0).is_open, 1);
  EXPECT_EQ(rows_of<OrderRow>(kOrdersTable, "order_number = 5").at(0).ord_status, "unknown");

  const auto refused = rows_of<OrderRow>(kOrdersTable, "order_number = 9");
  EXPECT_EQ(refused.at(0).ord_status, "rejected");
  const auto decision = rows_of<DecisionRow>(kDecisionsTable, "order_number = 9");
  ASSERT_EQ(decision.size(), 1u);
  EXPECT_EQ(decision[0].outcome, "rejected");
  EXPECT_EQ(decision[0].control, "B1");
  EXPECT_EQ(decision[0].cl_ord_id, "C9");
  EXPECT_EQ(decision[0].text, "B1: quantity above the account's limit");
  EXPECT_NE(decision[0].checks.find(R"(["B1","account","ALPHA-\"2\"",0,10000000,10000000000,false])"),
            std::string::npos)
      << decision[0].checks;

  // The bust of order 35 took its fill back; suspense is an account of its own.
  EXPECT_EQ(rows_of<ExecutionRow>(kExecutionsTable, "order_number = 35").size(), 3u);
  std::int64_t executed = 0;
  for (const auto& execution : rows_of<ExecutionRow>(kExecutionsTable, "exec_type = 'trade'")) {
    executed += (execution.side == "sell" ? -1 : 1) * execution.last_qty;
  }
  for (const auto& busted : rows_of<ExecutionRow>(kExecutionsTable, "exec_type = 'trade_cancel'")) {
    const auto fill =
        rows_of<ExecutionRow>(kExecutionsTable, "execution_number = " + std::to_string(*busted.refers_to));
    executed -= (busted.side == "sell" ? -1 : 1) * fill.at(0).last_qty;
  }
  std::int64_t positions = 0;
  for (const auto& position : rows_of<PositionRow>(kPositionsTable, "1 = 1")) positions += position.quantity;
  EXPECT_EQ(positions, executed);
  EXPECT_EQ(rows_of<PositionRow>(kPositionsTable, "account = ''").at(0).quantity, Quantity::of(9000).raw());
  EXPECT_EQ(rows_of<AlertRow>(kAlertsTable, "alert = 0").at(0).acknowledged_by, "ops");
}

TEST_P(Blotter, ProjectedInPiecesOrAtOnceTheRowsAreTheSame) {
  auto journal = open_journal();
  TradingDay day(into(*journal));
  day.names();
  // Stopped and started again between orders' events, so that rows are read back and changed.
  for (int piece = 0; piece < 6; ++piece) {
    while (day.orders() < static_cast<std::uint64_t>(40 * (piece + 1))) day.order();
    BlotterProjector projector(posix_file_system(), options(*journal));
    ASSERT_TRUE(projector.wait_for(journal->last_index() - 1, kLong)) << projector.status().error;
  }
  {
    BlotterProjector projector(posix_file_system(), options(*journal));
    ASSERT_TRUE(projector.wait_for(journal->last_index(), kLong));
  }
  const auto piecewise = hashes();
  auto whole = options(*journal);
  whole.batch_records = 1'000'000;
  auto rebuilt = rebuild_blotter(posix_file_system(), whole);
  ASSERT_TRUE(rebuilt.ok()) << rebuilt.error().what;
  EXPECT_EQ(rebuilt->last_index, journal->last_index());
  EXPECT_EQ(rebuilt->records, journal->last_index());
  EXPECT_EQ(hashes(), piecewise);
}

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
      ASSERT_TRUE(opened
                      ->execute("UPDATE orders SET account = 'RARE' WHERE order_number = " + std::string(number) +
                                "; INSERT INTO block_accounts (kind, account, block) VALUES (0, 'RARE', " + block + ")")
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
    const auto rows = opened->query(
        "SELECT " + key + " FROM " + std::string(table.name) + " WHERE account = $1 ORDER BY " + key + " DESC", given,
        kTypes);
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

// Versions that no release had are not carried along: the journal has it all.
TEST_P(Blotter, ASchemaOfBeforeTheFirstReleaseIsMadeAnew) {
  auto opened = store();
  ASSERT_TRUE(
      opened
          ->execute("CREATE TABLE blotter_schema (version BIGINT NOT NULL); INSERT INTO blotter_schema (version) "
                    "VALUES (3); CREATE TABLE orders (order_number BIGINT PRIMARY KEY, gone TEXT);"
                    "CREATE TABLE progress (id BIGINT PRIMARY KEY)")
          .ok());
  EXPECT_EQ(*migrate(*opened), 3);
  EXPECT_EQ(*schema_version(*opened), newest_schema_version());
  EXPECT_TRUE(read_progress(*opened)->journal_id.empty()) << "everything is projected again";
  EXPECT_TRUE(
      opened->query("SELECT " + column_list(kOrdersTable) + " FROM orders", {}, column_types(kOrdersTable)).ok());
}

TEST_P(Blotter, IsRebuiltWhenAnOlderJournalWasRestored) {
  auto journal = open_journal();
  TradingDay day(into(*journal));
  day.names();
  while (day.orders() < 20) day.order();
  ASSERT_TRUE(journal->close().ok());
  const std::string backup = temporary_.path() + "/backup";
  std::filesystem::copy(directory_, backup, std::filesystem::copy_options::recursive);
  TradingDay other_day = day;

  journal = open_journal();
  day.go_on(into(*journal), 0);
  while (day.orders() < 40) day.order();
  {
    BlotterProjector projector(posix_file_system(), options(*journal));
    ASSERT_TRUE(projector.wait_for(journal->last_index(), kLong)) << projector.status().error;
  }
  journal.reset();
  std::filesystem::remove_all(directory_);
  std::filesystem::rename(backup, directory_);

  // Records of the same size under the same numbers, but for their times.
  journal = open_journal();
  other_day.go_on(into(*journal), 1'000'000'000);
  while (other_day.orders() < 60) other_day.order();
  {
    BlotterProjector projector(posix_file_system(), options(*journal));
    ASSERT_TRUE(projector.wait_for(journal->last_index(), kLong)) << projector.status().error;
    EXPECT_EQ(projector.status().failures, 1u) << "it was not rebuilt";
  }
  const auto projected = hashes();
  ASSERT_TRUE(rebuild_blotter(posix_file_system(), options(*journal)).ok());
  EXPECT_EQ(hashes(), projected);
}

TEST_P(Blotter, RefusesAnotherJournalAndASecondWriter) {
  auto journal = open_journal();
  TradingDay day(into(*journal));
  day.names();
  day.order();
  auto opened = store();
  ASSERT_TRUE(migrate(*opened).ok());
  {
    Projection first(*opened, "LDN1");
    ASSERT_TRUE(first.load().ok());
    auto other_store = store();
    Projection second(*other_store, "LDN1");
    ASSERT_TRUE(second.load().ok());
    for (Projection* projection : {&first, &second}) {
      auto reader = JournalReader::open(posix_file_system(), directory_);
      auto record = reader->next();
      ASSERT_TRUE(projection->add((*record)->position, *gateway::RecordView::parse((*record)->payload)).ok());
    }
    ASSERT_TRUE(first.write(5).ok());
    EXPECT_FALSE(second.write(5).ok());
  }
  BlotterProjector projector(posix_file_system(), options(*journal));
  while (projector.status().failures < 2) std::this_thread::yield();
  EXPECT_NE(projector.status().error.find("the blotter was made from journal 0000000000000005"), std::string::npos)
      << projector.status().error;
}

TEST(BlotterEngines, MakeTheSameRows) {
  ASSERT_TRUE(server().running()) << server().error();
  TemporaryDirectory temporary;
  const std::string directory = temporary.path() + "/journal";
  JournalOptions with = manual_options(JournalDurability::kProcess);
  auto journal = Journal::open(posix_file_system(), directory, with);
  ASSERT_TRUE(journal.ok());
  TradingDay day(into(**journal));
  day.names();
  while (day.orders() < 200) day.order();
  std::vector<std::string> hashes;
  for (const std::string& url : {"sqlite:" + temporary.path() + "/b.db", server().make_database("same")}) {
    ProjectorOptions options;
    options.url = url;
    options.gateway_id = "LDN1";
    options.journal_directory = directory;
    ASSERT_TRUE(rebuild_blotter(posix_file_system(), options).ok());
    auto store = open_store(url, "LDN1");
    std::string all;
    for (const Table* table : content_tables()) all += *table_hash(**store, *table);
    hashes.push_back(all);
  }
  EXPECT_EQ(hashes[0], hashes[1]);
}

// The database is killed again and again while orders come in; nothing is lost, nothing is there twice.
TEST(BlotterOutage, ConvergesToTheReplayWhenPostgresIsKilled) {
  PostgresServer postgres;
  ASSERT_TRUE(postgres.running()) << postgres.error();
  TemporaryDirectory temporary;
  const std::string directory = temporary.path() + "/journal";
  JournalOptions with = manual_options(JournalDurability::kProcess);
  with.segment_bytes = std::uint64_t{1} << 20;
  with.manual = false;
  auto opened = Journal::open(posix_file_system(), directory, with);
  ASSERT_TRUE(opened.ok());
  Journal& journal = **opened;
  ProjectorOptions options;
  options.url = postgres.make_database("outage");
  options.gateway_id = "LDN1";
  options.journal_directory = directory;
  options.durable_index = [&journal] { return journal.durable_index(); };
  options.batch_records = 20;
  options.first_pause = std::chrono::milliseconds(10);
  options.last_pause = std::chrono::milliseconds(100);
  std::vector<std::string> projected;
  {
    BlotterProjector projector(posix_file_system(), options);
    TradingDay day(into(journal));
    day.names();
    for (int outage = 0; outage < 3; ++outage) {
      const std::uint64_t reached = projector.status().last_index;
      while (day.orders() < static_cast<std::uint64_t>(400 * (outage + 1))) day.order();
      ASSERT_TRUE(projector.wait_for(reached + 200, kLong)) << projector.status().error;
      const std::uint64_t failures = projector.status().failures;
      postgres.kill_now();  // In the midst of its catching up.
      while (projector.status().failures == failures) std::this_thread::yield();
      EXPECT_FALSE(projector.status().connected);
      EXPECT_FALSE(projector.status().error.empty());
      while (day.orders() < static_cast<std::uint64_t>(400 * (outage + 1) + 50)) day.order();  // Trading goes on.
      postgres.start();
      ASSERT_TRUE(postgres.running()) << postgres.error();
    }
    ASSERT_TRUE(projector.wait_for(journal.last_index(), kLong)) << projector.status().error;
  }
  const auto hash_all = [&] {
    auto store = open_store(options.url, "LDN1");
    std::string all;
    for (const Table* table : content_tables()) all += *table_hash(**store, *table);
    return all;
  };
  const std::string after_outages = hash_all();
  ASSERT_TRUE(rebuild_blotter(posix_file_system(), options).ok());
  EXPECT_EQ(hash_all(), after_outages);
}

order::CheckResult check_of(order::Control control, std::int64_t usage, std::int64_t delta, std::int64_t limit,
                            bool passed) {
  order::CheckResult check{};
  check.control = control;
  check.passed = passed ? 1 : 0;
  check.usage = usage;
  check.delta = delta;
  check.limit = limit;
  return check;
}

TEST(Evidence, GivesBackEachFigureAndTheNearestLimits) {
  const std::string plan =
      R"([["A1","firm","firm",0,false],["B1","firm","firm",100,true],["B2","client","a\"b",1000,true],["B3","firm","firm",7,false],["D2","account","x",50,true]])";
  std::string kept;
  append_check(kept, check_of(order::Control::kA1, 0, 0, 0, true), 0);
  append_check(kept, check_of(order::Control::kB1, 0, 90, 100, true), 100);
  append_check(kept, check_of(order::Control::kB2, INT64_MIN, INT64_MAX, -5, true), 1000);
  append_check(kept, check_of(order::Control::kB3, -125607000, 0, -122500000, false), 7);
  append_check(kept, check_of(order::Control::kD2, 40, 20, 50, false), 50);
  EXPECT_EQ(kept, "0 0;0 90;-9223372036854775808 9223372036854775807 -5;-125607000 0 -122500000!;40 20!;");
  DecisionRow row;
  row.outcome = "accepted";
  row.kept_checks = kept;
  ASSERT_TRUE(show_checks(plan, row).ok());
  EXPECT_EQ(
      row.checks,
      R"([["A1","firm","firm",0,0,0,true],["B1","firm","firm",0,90,100,true],["B2","client","a\"b",-9223372036854775808,9223372036854775807,-5,true],["B3","firm","firm",-125607000,0,-122500000,false],["D2","account","x",40,20,50,false]])");
  EXPECT_EQ(row.tightest, R"([["D2","account","x",1200],["B1","firm","firm",900],["B2","client","a\"b",0]])");
  EXPECT_EQ(row.node, "x");
  EXPECT_EQ(row.utilisation, 1200);
  EXPECT_EQ(*limits_of(plan, 5), (std::vector<std::int64_t>{0, 100, 1000, 7, 50}));
}

TEST(Evidence, WhatIsNotAsItWasWrittenIsAnError) {
  const std::string plan = R"([["B1","firm","firm",100,true]])";
  for (const char* kept : {"", "1", "1 ", "1 2", "1 2 ;", "x 2;", "1 2!", "1  2;"}) {
    DecisionRow row;
    row.kept_checks = kept;
    EXPECT_FALSE(show_checks(plan, row).ok()) << kept;
  }
  DecisionRow row;
  row.kept_checks = "1 2;";
  EXPECT_TRUE(show_checks(plan, row).ok());
  for (const char* other : {"", "{}", "[1]", R"([["B1","firm","firm"]])", R"([["B1","firm","firm","100",true]])"}) {
    EXPECT_FALSE(show_checks(other, row).ok()) << other;
    EXPECT_FALSE(limits_of(other, 1).ok()) << other;
  }
  EXPECT_FALSE(limits_of(plan, 2).ok());
}

TEST(RowBatches, GiveBackEachValueAsItIs) {
  RowBatch batch;
  for (int round = 0; round < 2; ++round) {
    batch.clear();
    EXPECT_TRUE(batch.empty());
    batch.add(std::int64_t{-7});
    batch.add(std::string_view("a\tb"));
    batch.add_absent();
    batch.add(std::string_view());
    ASSERT_EQ(batch.cells(), 4u);
    EXPECT_EQ(batch.cell(0).integer, -7);
    EXPECT_EQ(batch.cell(1).text, "a\tb");
    EXPECT_EQ(batch.cell(2).kind, RowBatch::Kind::kAbsent);
    EXPECT_EQ(batch.cell(3).kind, RowBatch::Kind::kText);
    EXPECT_TRUE(batch.cell(3).text.empty());
  }
}

// Tabs, line ends, backslashes and absent values, which COPY writes in a way of its own.
TEST_P(Blotter, KeepsWhateverATextHolds) {
  auto opened = store();
  ASSERT_NE(opened, nullptr);
  ASSERT_TRUE(migrate(*opened).ok());
  const std::string odd = "tab\t, line\n, return\r, backslash\\, \\N, \\., quote\", brace}, \xc3\xa9";
  RowBatch rows;
  for (std::int64_t i = 1; i <= 2; ++i) {
    RefusalRow row;
    row.journal_index = i;
    row.text = i == 1 ? odd : "";
    row.code = "\\N";
    if (i == 2) row.order_number = 5;
    append_row(row, rows);
  }
  ASSERT_TRUE(opened->begin().ok());
  auto written = opened->upsert(kRefusalsTable, rows);
  ASSERT_TRUE(written.ok()) << written.error().what;
  ASSERT_TRUE(opened->upsert(kRefusalsTable, rows).ok()) << "the same rows again take their places";
  ASSERT_TRUE(opened->commit().ok());
  auto read = opened->query("SELECT " + column_list(kRefusalsTable) + " FROM refusals ORDER BY journal_index", {},
                              column_types(kRefusalsTable));
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->size(), 2u);
  RefusalRow first;
  RefusalRow second;
  from_row((*read)[0], first);
  from_row((*read)[1], second);
  EXPECT_EQ(first.text, odd);
  EXPECT_EQ(first.code, "\\N");
  EXPECT_FALSE(first.order_number);
  EXPECT_EQ(second.text, "");
  EXPECT_EQ(second.order_number, 5);
}

TEST(CleanText, IsAlwaysUtf8WithoutNul) {
  EXPECT_EQ(clean_text("plain"), "plain");
  EXPECT_EQ(clean_text(std::string_view("a\0b", 3)), "a?b");
  EXPECT_EQ(clean_text("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(clean_text("\xFF\xC3"), "??");
  EXPECT_EQ(clean_text("\xED\xA0\x80"), "???") << "a surrogate";
  EXPECT_EQ(clean_text("\xC0\xAF"), "??") << "an overlong form";
}

TEST(BlotterUrl, IsShownWithoutItsPassword) {
  EXPECT_EQ(loggable_url("postgresql://u:secret@h:5432/d"), "postgresql://u:***@h:5432/d");
  EXPECT_EQ(loggable_url("sqlite:/a/b.db"), "sqlite:/a/b.db");
  EXPECT_FALSE(open_store("mysql://x", "LDN1").ok());
}

}  // namespace
}  // namespace portcullis::persistence::testing
