#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "persistence/blotter/decision_reader.h"
#include "persistence/blotter/projector.h"
#include "persistence/blotter/store.h"
#include "tests/persistence/journal_fixture.h"
#include "tests/persistence/postgres_server.h"

// A journal and an empty blotter, in each engine.

namespace portcullis::persistence::testing {

inline constexpr std::chrono::milliseconds kLong{120'000};

enum class Engine { kSqlite, kPostgres };

// One for all tests of the program.
inline PostgresServer& server() {
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
    options.kept_over = 20;  // so that what comes late finds its rows forgotten
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
    const std::string from(table.view.empty() ? table.name : table.view);
    auto rows = opened->query("SELECT " + column_list(table) + " FROM " + from + " WHERE " + where, {},
                              column_types(table));
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

}  // namespace portcullis::persistence::testing
