#include "persistence/blotter/write_batch.h"

#include <gtest/gtest.h>

#include <semaphore>

#include "persistence/blotter/rows.h"

namespace portcullis::persistence::testing {
namespace {

// A database that takes its time, or fails.
class SlowStore final : public BlotterStore {
 public:
  // BEGIN waits until it may, each time.
  std::binary_semaphore may_begin{0};
  std::vector<std::string> done;
  bool refuses_commit = false;

  StoreResult<> begin() override {
    may_begin.acquire();
    return note("begin");
  }
  StoreResult<> commit() override {
    if (refuses_commit) return StoreError{"the disk is full"};
    return note("commit");
  }
  void rollback() override { static_cast<void>(note("rollback")); }
  std::string in_own_words(std::string statements) const override { return statements; }
  StoreResult<> execute(const std::string&) override { return std::monostate{}; }
  StoreResult<std::vector<Row>> query(const std::string& statement, std::span<const Value>,
                                      std::span<const ColumnType>) override {
    static_cast<void>(note(statement.substr(0, 6)));
    return std::vector<Row>(1);
  }
  StoreResult<> insert(const Table& table, const RowBatch&) override {
    return note("insert " + std::string(table.name));
  }
  StoreResult<> upsert(const Table& table, const RowBatch&) override {
    return note("upsert " + std::string(table.name));
  }
  StoreResult<bool> has_table(std::string_view) override { return true; }

 private:
  StoreResult<> note(std::string what) {
    done.push_back(std::move(what));
    return std::monostate{};
  }
};

WriteBatch batch_from(std::string journal_before) {
  WriteBatch batch;
  batch.from.journal_id = std::move(journal_before);
  batch.to.journal_id = "0000000000000005";
  batch.rows.resize(2);
  batch.rows[0].table = &kExecutionsTable;
  batch.rows[1].table = &kOrdersTable;
  batch.rows[1].stored = true;
  return batch;
}

TEST(BackgroundWriter, WritesWhileItsOwnerWorksOn) {
  SlowStore store;
  const WriteBatch first = batch_from("");
  const WriteBatch second = batch_from("0000000000000005");
  BackgroundWriter writer(store);
  EXPECT_TRUE(writer.wait().ok()) << "nothing is under way";
  writer.start(first);
  store.may_begin.release();  // Here: start() did not wait for it.
  ASSERT_TRUE(writer.wait().ok());
  EXPECT_EQ(store.done,
            (std::vector<std::string>{"begin", "INSERT", "insert execution_rows", "upsert orders", "commit"}));
  store.done.clear();
  writer.start(second);
  store.may_begin.release();
  ASSERT_TRUE(writer.wait().ok());
  EXPECT_EQ(store.done,
            (std::vector<std::string>{"begin", "UPDATE", "insert execution_rows", "upsert orders", "commit"}));
}

TEST(BackgroundWriter, TellsWhatFailedAsOftenAsItIsAsked) {
  SlowStore store;
  store.refuses_commit = true;
  const WriteBatch batch = batch_from("");
  BackgroundWriter writer(store);
  writer.start(batch);
  store.may_begin.release();
  for (int time = 0; time < 2; ++time) {
    const auto written = writer.wait();
    ASSERT_FALSE(written.ok());
    EXPECT_EQ(written.error().what, "the disk is full");
  }
  EXPECT_EQ(store.done.back(), "rollback");
}

TEST(BackgroundWriter, EndsWhatItHasBegun) {
  SlowStore store;
  const WriteBatch batch = batch_from("");
  {
    BackgroundWriter writer(store);
    writer.start(batch);
    store.may_begin.release();
  }
  EXPECT_EQ(store.done.back(), "commit");
}

}  // namespace
}  // namespace portcullis::persistence::testing
