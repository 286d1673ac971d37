#include "tests/persistence/both_engines.h"

#include "persistence/blotter/projector.h"
#include "tests/persistence/postgres_server.h"

namespace portcullis::persistence::testing {
namespace {

PostgresServer& server() {
  static PostgresServer postgres;
  return postgres;
}

}  // namespace

void BothEngines::project(const std::vector<std::vector<std::byte>>& records) {
  ASSERT_TRUE(server().running()) << server().error();
  JournalOptions with = manual_options(JournalDurability::kProcess);
  with.segment_bytes = std::uint64_t{1} << 20;
  auto journal = Journal::open(posix_file_system(), journal_directory(), with);
  ASSERT_TRUE(journal.ok()) << journal.error().what;
  for (const auto& content : records) into (**journal)(content);
  static int databases = 0;
  urls_ = {"sqlite:" + temporary_.path() + "/blotter.db", server().make_database("both" + std::to_string(++databases))};
  std::vector<std::string> hashes;
  for (const std::string& url : urls_) {
    ProjectorOptions options;
    options.url = url;
    options.gateway_id = "LDN1";
    options.journal_directory = journal_directory();
    const auto rebuilt = rebuild_blotter(posix_file_system(), options);
    ASSERT_TRUE(rebuilt.ok()) << rebuilt.error().what;
    auto store = open_store(url, "LDN1");
    ASSERT_TRUE(store.ok());
    std::string all;
    for (const Table* table : content_tables())
      all += std::string(table->name) + " " + *table_hash(**store, *table) + "\n";
    hashes.push_back(all);
  }
  EXPECT_EQ(hashes[0], hashes[1]);
}

}  // namespace portcullis::persistence::testing
