#include <filesystem>
#include <fstream>
#include <thread>

#include "gateway/ids.h"
#include "tests/persistence/blotter_fixture.h"
#include "tests/persistence/trading_day.h"

namespace portcullis::persistence::testing {
namespace {

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

  // What a NewOrderSingle asked for is told by the order's own row until that tells something else.
  const auto plain = rows_of<RequestRow>(kRequestsTable, "order_number = 1");
  ASSERT_EQ(plain.size(), 1u);
  EXPECT_EQ(plain[0].request_number, 1);
  EXPECT_EQ(plain[0].kind, "new");
  EXPECT_EQ(plain[0].status, "accepted");
  EXPECT_EQ(plain[0].cl_ord_id, filled[0].cl_ord_id);
  EXPECT_EQ(plain[0].order_qty, filled[0].order_qty);
  EXPECT_EQ(plain[0].time_ns, filled[0].entered_ns);
  const auto changed = rows_of<RequestRow>(kRequestsTable, "order_number = 4 ORDER BY request_number");
  ASSERT_EQ(changed.size(), 2u);
  EXPECT_EQ(changed[0].kind, "new");
  EXPECT_EQ(changed[0].cl_ord_id, "C4");
  EXPECT_NE(changed[0].order_qty, changed[1].order_qty);
  EXPECT_EQ(changed[1].cl_ord_id, "RPL4");
  EXPECT_EQ(rows_of<RequestRow>(kRequestsTable, "order_number = 9").at(0).status, "rejected");
  constexpr ColumnType kCount[] = {ColumnType::kInteger};
  EXPECT_EQ(store()->query("SELECT COUNT(*) FROM requests WHERE order_number IN (1, 4)", {}, kCount)->at(0).at(0),
            Value(std::int64_t{2}));

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
  // Stopped and started again between an order's events, each time behind another one, so that rows are read back and
  // changed.
  for (std::uint64_t piece = 0; piece < 6; ++piece) {
    while (day.orders() < 40 * (piece + 1) + 1) day.order();
    auto piecemeal = options(*journal);
    const std::uint64_t last = journal->last_index() - 1 - piece % 3;
    piecemeal.durable_index = [last] { return last; };
    BlotterProjector projector(posix_file_system(), piecemeal);
    ASSERT_TRUE(projector.wait_for(last, kLong)) << projector.status().error;
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

// Versions that no release had are not carried along: the journal has it all.
TEST_P(Blotter, ASchemaOfBeforeTheFirstReleaseIsMadeAnew) {
  auto opened = store();
  ASSERT_TRUE(
      opened
          ->execute("CREATE TABLE blotter_schema (version BIGINT NOT NULL); INSERT INTO blotter_schema (version) "
                    "VALUES (3); CREATE TABLE orders (order_number BIGINT PRIMARY KEY, gone TEXT);"
                    "CREATE TABLE executions (gone TEXT); CREATE TABLE decisions (gone TEXT);"
                    "CREATE TABLE progress (id BIGINT PRIMARY KEY)")
          .ok());
  EXPECT_EQ(*migrate(*opened), 3);
  EXPECT_EQ(*schema_version(*opened), newest_schema_version());
  EXPECT_TRUE(read_progress(*opened)->journal_id.empty()) << "everything is projected again";
  EXPECT_TRUE(
      opened->query("SELECT " + column_list(kOrdersTable) + " FROM orders", {}, column_types(kOrdersTable)).ok());
}

// Ordinary rows have what no other row tells, and are read whole.
TEST_P(Blotter, WhatTheOrdersRowTellsIsWrittenOnce) {
  auto journal = open_journal();
  TradingDay day(into(*journal));
  day.names();
  while (day.orders() < 60) day.order();
  ASSERT_TRUE(rebuild_blotter(posix_file_system(), options(*journal)).ok());
  auto opened = store();
  const auto count = [&](const std::string& rows) {
    constexpr ColumnType kTypes[] = {ColumnType::kInteger};
    const auto found = opened->query("SELECT count(*) FROM " + rows, {}, kTypes);
    EXPECT_TRUE(found.ok()) << (found.ok() ? "" : found.error().what);
    return found.ok() ? std::get<std::int64_t>(found->front().front()) : -1;
  };
  EXPECT_GT(count("execution_rows WHERE order_id IS NULL AND client IS NULL AND applied IS NULL"), 0);
  EXPECT_GT(count("execution_rows WHERE refers_to IS NOT NULL AND client IS NOT NULL"), 0) << "a bust is not ordinary";
  EXPECT_GT(count("decision_rows WHERE outcome IS NULL AND client IS NULL AND session IS NULL"), 0);
  EXPECT_GT(count("decision_rows WHERE outcome = 'rejected' AND client IS NOT NULL"), 0);
  EXPECT_EQ(count("execution_rows"), count("executions"));
  EXPECT_EQ(count("decision_rows"), count("decisions"));
  const std::string same =
      " x JOIN orders o ON o.order_number = x.order_number WHERE x.order_id = o.order_id AND "
      "x.client = o.client AND x.account = o.account AND x.symbol = o.symbol AND x.side = o.side";
  EXPECT_EQ(count("executions" + same + " AND x.applied IN (0, 1) AND x.late IN (0, 1) AND x.broker = o.broker"),
            count("execution_rows WHERE order_number IS NOT NULL"));
  EXPECT_EQ(count("decisions" + same +
                  " AND x.outcome = 'accepted' AND x.msg_type = 'D' AND x.code = 'none' AND "
                  "x.control = 'core' AND x.session = o.session AND x.broker = o.broker"),
            count("decision_rows WHERE outcome IS NULL"));
}

// What the blotter has may be all that is left of it.
TEST_P(Blotter, DropsNothingForAJournalOfWhichNotAllIsThere) {
  auto journal = open_journal();
  TradingDay day(into(*journal));
  day.names();
  while (day.orders() < 20) day.order();
  {
    BlotterProjector projector(posix_file_system(), options(*journal));
    ASSERT_TRUE(projector.wait_for(journal->last_index(), kLong)) << projector.status().error;
  }
  ProjectorOptions rebuilding = options(*journal);
  rebuilding.durable_index = nullptr;
  ASSERT_TRUE(journal->close().ok());
  const std::vector<std::string> before = hashes();
  const std::string file = directory_ + "/0000000000000000.journal";
  auto positions = JournalReader::open(posix_file_system(), directory_);
  Position middle;
  for (std::uint64_t i = 0; i < journal->last_index() / 2; ++i) middle = (*positions->next())->position;
  const auto turn_over = [&] {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekg(static_cast<std::streamoff>(middle.offset + kFrameHeaderBytes));
    const char old = static_cast<char>(bytes.get());
    bytes.seekp(static_cast<std::streamoff>(middle.offset + kFrameHeaderBytes));
    bytes.put(static_cast<char>(old ^ 1));
  };
  turn_over();
  const auto damaged = rebuild_blotter(posix_file_system(), rebuilding);
  ASSERT_FALSE(damaged.ok());
  EXPECT_NE(damaged.error().what.find("the journal is damaged"), std::string::npos) << damaged.error().what;
  EXPECT_EQ(hashes(), before);
  turn_over();
  ASSERT_TRUE(rebuild_blotter(posix_file_system(), rebuilding).ok());
  EXPECT_EQ(hashes(), before);
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

TEST_P(Blotter, CountsTheUseOfLimitsByTheDayHoweverItsTransactionsAreCut) {
  constexpr std::int64_t kDayNs = std::int64_t{86'400} * 1'000'000'000;
  auto journal = open_journal();
  TradingDay day(into(*journal));
  day.names();
  while (day.orders() < 30) day.order();
  day.go_on(into(*journal), kDayNs);
  while (day.orders() < 50) day.order();
  day.go_on(into(*journal), -kDayNs);  // a clock that was set
  while (day.orders() < 70) day.order();
  std::vector<std::string> expected;
  for (const std::size_t batch : {std::size_t{7}, std::size_t{20'000}}) {
    ProjectorOptions with = options(*journal);
    with.batch_records = batch;
    ASSERT_TRUE(rebuild_blotter(posix_file_system(), with).ok());
    if (expected.empty()) expected = hashes();
    EXPECT_EQ(hashes(), expected) << "transactions of " << batch << " records";
  }
  const auto of_the_firm = rows_of<LimitUseRow>(kLimitUseTable, "scope = 'firm' ORDER BY date");
  ASSERT_EQ(of_the_firm.size(), 2u);
  EXPECT_EQ(of_the_firm[0].checks, 50);
  EXPECT_EQ(of_the_firm[0].refused, 5);
  EXPECT_EQ(of_the_firm[1].checks, 20);
  EXPECT_EQ(of_the_firm[1].refused, 2);
}

TEST_P(Blotter, RefusesAnotherJournalAndASecondWriter) {
  auto journal = open_journal();
  TradingDay day(into(*journal));
  day.names();
  day.order();
  auto opened = store();
  ASSERT_TRUE(migrate(*opened).ok());
  {
    Projection first(*opened, "LDN1", 20);
    ASSERT_TRUE(first.load().ok());
    auto other_store = store();
    Projection second(*other_store, "LDN1", 20);
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

}  // namespace
}  // namespace portcullis::persistence::testing
