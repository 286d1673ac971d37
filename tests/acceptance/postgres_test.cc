// QuickFIX counterparties, the gateway, and a Postgres that is killed with SIGKILL while they trade (reliability scenario
// 22 in small). Trading does not notice; the blotter catches up, exactly once.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <map>
#include <pqxx/pqxx>
#include <string>

#include "tests/acceptance/rig.h"
#include "tests/persistence/postgres_server.h"

namespace portcullis::acceptance {
namespace {

using persistence::testing::PostgresServer;

// Each gateway has a schema of its own in the database.
void use_gateways_schema(pqxx::nontransaction& work) {
  const pqxx::row schema = work.exec1("SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'portcullis%'");
  work.exec("SET search_path = " + work.quote_name(schema[0].as<std::string>()));
}

// Every table's rows as one hash each, whatever the order in which they were written.
std::map<std::string, std::string> hashes(const std::string& url) {
  pqxx::connection connection(url);
  pqxx::nontransaction work(connection);
  use_gateways_schema(work);
  std::map<std::string, std::string> result;
  for (const pqxx::row& row : work.exec("SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'")) {
    const std::string table = row[0].as<std::string>();
    const pqxx::row hash = work.exec1("SELECT count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM " +
                                      work.quote_name(table) + " t");
    result[table] = hash[0].as<std::string>() + " rows, " + hash[1].as<std::string>();
  }
  return result;
}

std::int64_t orders_in(const std::string& url) {
  try {
    pqxx::connection connection(url);
    pqxx::nontransaction work(connection);
    use_gateways_schema(work);
    return work.exec1("SELECT count(*) FROM orders")[0].as<std::int64_t>();
  } catch (const std::exception&) {
    return -1;  // not there yet, or not there any more
  }
}

void expect_books_agree(Rig& rig) {
  ASSERT_TRUE(rig.settle()) << rig.last_words();
  const sim::LedgerSummary summary = rig.judged();
  const bool good = summary.lost == 0 && summary.duplicated == 0 && summary.violations == 0;
  if (!good) rig.keep();
  ASSERT_TRUE(good) << to_json(summary) << "\nlogs: " << rig.path();
}

// Trades until the blotter has so many orders more, and orders are still being placed. On a busy machine it may get its
// share only when all of a round have been placed: then in the next.
void trade_until_blotter_has(Rig& rig, const std::string& url, std::int64_t more) {
  for (int round = 0; round < 20; ++round) {
    const std::int64_t before = std::max<std::int64_t>(orders_in(url), 0);
    rig.begin_trading();
    while (rig.trading() && orders_in(url) < before + more) rig.gateway().wait(Duration::milliseconds(5));
    if (rig.trading()) return;
    ASSERT_TRUE(rig.settle()) << rig.last_words();
  }
  FAIL() << "in twenty rounds the blotter never followed while orders were placed: " << rig.last_words();
}

TEST(PostgresTest, TradingGoesOnWhileItIsDeadAndTheBlotterConverges) {
  PostgresServer postgres;
  ASSERT_TRUE(postgres.running()) << postgres.error();
  const std::string url = postgres.make_database("blotter");
  Rig rig("disk", 200, 600, 22, url);
  rig.start_gateway();
  ASSERT_TRUE(rig.wait_for_sessions(Duration::seconds(60))) << rig.last_words();

  ASSERT_NO_FATAL_FAILURE(trade_until_blotter_has(rig, url, 20));
  postgres.kill_hard();
  expect_books_agree(rig);  // with no database at all
  rig.begin_trading();
  expect_books_agree(rig);

  postgres.start();
  ASSERT_TRUE(postgres.running()) << postgres.error();
  EXPECT_EQ(rig.blotter_disagreement(Duration::seconds(60)), "") << "logs: " << rig.path();

  // Killed again while it catches up with live trading, and back at once.
  ASSERT_NO_FATAL_FAILURE(trade_until_blotter_has(rig, url, 1));
  postgres.kill_hard();
  postgres.start();
  ASSERT_TRUE(postgres.running()) << postgres.error();
  expect_books_agree(rig);
  EXPECT_EQ(rig.blotter_disagreement(Duration::seconds(60)), "") << "logs: " << rig.path();

  rig.gateway().signal(SIGTERM);
  ASSERT_TRUE(rig.gateway().wait(Duration::seconds(60)));
  ASSERT_EQ(rig.gateway().exit_code(), 0) << rig.last_words();
  const auto projected = hashes(url);
  ASSERT_GT(projected.size(), 5U);
  std::string output;
  ASSERT_EQ(rig.run({"blotter", "rebuild", "--config", rig.configuration()}, output), 0) << output;
  EXPECT_EQ(hashes(url), projected) << "rebuilt from the journal, the rows are others";
}

}  // namespace
}  // namespace portcullis::acceptance
