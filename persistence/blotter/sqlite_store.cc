#include "persistence/blotter/sqlite_store.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <map>
#include <mutex>
#include <tuple>
#include <utility>

#include "persistence/background.h"
#include "persistence/blotter/sqlite_batch.h"
#include "persistence/file.h"

namespace portcullis::persistence {
namespace {

constexpr int kBusyTimeoutMs = 5000;
// Pages of 8 KiB (of a new file) are half as many writes. A checkpoint writes and syncs the pages that changed since
// the one before: a larger log (64 MiB) makes it rarer. A cache of 64 MiB holds the ends of all indexes and what a
// large batch changes.
constexpr const char* kSettings =
    "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = "
    "8192; "
    "PRAGMA cache_size = -16384; PRAGMA secure_delete = OFF; PRAGMA temp_store = MEMORY;";

// SQLite's writes, on their way to the disk while it writes more: the sync of a checkpoint would otherwise find all of
// the log and of the pages at once, and the journal's syncs would wait behind tens of megabytes.
ssize_t write_and_hand_on(int fd, const void* bytes, std::size_t size, off_t offset) {
  thread_local std::size_t pending = 0;
  const ssize_t written = ::pwrite(fd, bytes, size, offset);
  if (written > 0) pending += static_cast<std::size_t>(written);
  if (pending >= kPieceBytes) {
    pending = 0;
    // Waits for the piece before, and begins with this one. What it may say, the sync says again.
    static_cast<void>(::sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE));
  }
  give_way();
  return written;
}

// Before the first database is opened.
void configure_sqlite() {
  // SQLite counts its memory under a lock that every allocation takes, for figures that nobody asks for. A refusal
  // leaves it slower and right.
  static_cast<void>(sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0));
  sqlite3_vfs* const vfs = sqlite3_vfs_find("unix");
  if (vfs == nullptr || vfs->iVersion < 3) return;
  for (const char* name : {"pwrite", "pwrite64"}) {  // It uses the one that it was built for.
    static_cast<void>(vfs->xSetSystemCall(vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(&write_and_hand_on)));
  }
}

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

class SqliteStore final : public BlotterStore {
 public:
  SqliteStore(Database database, std::string path)
      : batch_(std::make_unique<SqliteBatch>()), database_(std::move(database)), path_(std::move(path)) {}

  StoreResult<> set_up() {
    if (register_row_batch(database_.get(), *batch_) != SQLITE_OK) return failed();
    return execute(kSettings);
  }

  StoreResult<> begin() override { return execute_prepared("BEGIN IMMEDIATE"); }
  StoreResult<> commit() override { return execute_prepared("COMMIT"); }
  void rollback() override {
    if (sqlite3_get_autocommit(database_.get()) != 0) return;
    // The only failure of ROLLBACK is that there is no transaction any more.
    static_cast<void>(sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr));
  }

  // A key that is INTEGER is the row's own number, and a narrow table WITHOUT ROWID is its own index: each is one tree
  // where there would be two.
  std::string in_own_words(std::string statements) const override {
    statements = uncommented_for("SQLite", std::move(statements));
    replace_all(statements, "BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY");
    return statements;
  }

  StoreResult<> execute(const std::string& statements) override {
    if (sqlite3_exec(database_.get(), statements.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return failed();
    return std::monostate{};
  }

  StoreResult<std::vector<Row>> query(const std::string& text, std::span<const Value> parameters,
                                      std::span<const ColumnType> result_types) override {
    auto prepared = prepare(text);
    if (!prepared) return prepared.error();
    sqlite3_stmt* statement = *prepared;
    bind(statement, parameters);
    std::vector<Row> rows;
    int code = sqlite3_step(statement);
    for (; code == SQLITE_ROW; code = sqlite3_step(statement)) rows.push_back(row_of(statement, result_types));
    return finish(statement, code, std::move(rows));
  }

  StoreResult<> insert(const Table& table, const RowBatch& rows) override { return write(table, rows, false); }
  StoreResult<> upsert(const Table& table, const RowBatch& rows) override {
    return write(table, rows, true);
  }

  StoreResult<bool> has_table(std::string_view name) override {
    const Value parameters[] = {std::string(name)};
    constexpr ColumnType kTypes[] = {ColumnType::kInteger};
    auto rows = query("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1", parameters, kTypes);
    if (!rows) return rows.error();
    return std::get<std::int64_t>(rows->front().front()) > 0;
  }

 private:
  StoreError failed() const { return StoreError{"sqlite " + path_ + ": " + sqlite3_errmsg(database_.get()), false}; }

  StoreResult<sqlite3_stmt*> prepare(const std::string& text) {
    auto found = statements_.find(text);
    if (found == statements_.end()) {
      sqlite3_stmt* statement = nullptr;
      if (sqlite3_prepare_v2(database_.get(), text.c_str(), -1, &statement, nullptr) != SQLITE_OK) return failed();
      found = statements_.emplace(text, Statement(statement)).first;
    }
    return found->second.get();
  }

  // The values outlive the step; nothing is copied.
  static void bind(sqlite3_stmt* statement, std::span<const Value> values) {
    int at = 1;
    for (const Value& value : values) {
      if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        sqlite3_bind_int64(statement, at, *integer);
      } else if (const auto* text = std::get_if<std::string>(&value)) {
        sqlite3_bind_text(statement, at, text->data(), static_cast<int>(text->size()), SQLITE_STATIC);
      } else {
        sqlite3_bind_null(statement, at);
      }
      ++at;
    }
  }

  template <typename T>
  StoreResult<T> finish(sqlite3_stmt* statement, int code, T result) {
    StoreError error;
    if (code != SQLITE_DONE) error = failed();
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    if (code != SQLITE_DONE) return error;
    return result;
  }

  static Row row_of(sqlite3_stmt* statement, std::span<const ColumnType> types) {
    Row row;
    row.reserve(types.size());
    for (std::size_t i = 0; i < types.size(); ++i) {
      const int column = static_cast<int>(i);
      if (sqlite3_column_type(statement, column) == SQLITE_NULL) {
        row.emplace_back();
      } else if (types[i] == ColumnType::kInteger) {
        row.emplace_back(std::int64_t{sqlite3_column_int64(statement, column)});
      } else {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
        row.emplace_back(std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))));
      }
    }
    return row;
  }

  // Parsed once, since where little is new there is a transaction for a few rows.
  StoreResult<> execute_prepared(const std::string& text) {
    auto prepared = prepare(text);
    if (!prepared) return prepared.error();
    const int code = sqlite3_step(*prepared);
    return finish(*prepared, code, std::monostate{});
  }

  static std::string text_of_write(const Table& table, std::span<const Column> columns, bool upsert) {
    std::string values;
    for (std::size_t i = 0; i < columns.size(); ++i) values += (i > 0 ? ", c" : "c") + std::to_string(i);
    // "WHERE true" tells the parser that ON begins no condition of a join.
    return "INSERT INTO " + std::string(table.name) + " (" + column_list(columns) + ") SELECT " + values +
           " FROM row_batch" + (upsert ? " WHERE true" + on_conflict(table) : "");
  }

  // One statement for all rows (sqlite_batch.h).
  StoreResult<> write(const Table& table, const RowBatch& rows, bool upsert) {
    if (rows.empty()) return std::monostate{};
    const auto columns = columns_of(table, rows);
    sqlite3_stmt*& known = writes_[{&table, rows.ordinary(), upsert}];
    if (known == nullptr) {
      auto prepared = prepare(text_of_write(table, columns, upsert));
      if (!prepared) return prepared.error();
      known = *prepared;
    }
    *batch_ = SqliteBatch{&rows, columns.size()};
    const int code = sqlite3_step(known);
    auto written = finish(known, code, std::monostate{});
    *batch_ = SqliteBatch();
    return written;
  }

  std::unique_ptr<SqliteBatch> batch_;  // before the database, which looks at it
  Database database_;
  const std::string path_;
  std::map<std::string, Statement> statements_;
  // Of statements_, those that write: by table, whether the rows are ordinary ones, and whether they may be there.
  std::map<std::tuple<const Table*, bool, bool>, sqlite3_stmt*> writes_;
};

}  // namespace

StoreResult<std::unique_ptr<BlotterStore>> open_sqlite(const std::string& path) {
  static std::once_flag configured;
  std::call_once(configured, configure_sqlite);
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(opened);
  if (code != SQLITE_OK) {
    return StoreError{"sqlite " + path + ": " + (opened != nullptr ? sqlite3_errmsg(opened) : "out of memory"), true};
  }
  sqlite3_busy_timeout(database.get(), kBusyTimeoutMs);
  auto store = std::make_unique<SqliteStore>(std::move(database), path);
  if (auto set = store->set_up(); !set) {
    return StoreError{set.error().what, true};
  }
  return std::unique_ptr<BlotterStore>(std::move(store));
}

}  // namespace portcullis::persistence
