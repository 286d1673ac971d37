#include <thread>

#include "tests/persistence/blotter_fixture.h"
#include "tests/persistence/trading_day.h"

namespace portcullis::persistence::testing {
namespace {

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

}  // namespace
}  // namespace portcullis::persistence::testing
