#include "persistence/blotter/sqlite_store.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <map>
#include <mutex>
#include <utility>

#include "persistence/background.h"
#include "persistence/blotter/sqlite_batch.h"
#include "persistence/blotter/sqlite_image.h"
#include "persistence/file.h"

namespace portcullis::persistence {
namespace {

constexpr int kBusyTimeoutMs = 5000;
// An image costs some hundred microseconds, and what it saves is one or two for each row.
constexpr std::size_t kFewestForImage = 200;
constexpr int kStepsOfAPiece = 6;  // of SQLite's machine: a row's
// Pages of 8 KiB (of a new file) are half as many writes. A checkpoint writes and syncs the pages that changed since
// the one before: a larger log (64 MiB) makes it rarer. A cache of 64 MiB holds the ends of all indexes and what a
// large batch changes.
constexpr const char* kSettings =
    "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = "
    "8192; "
    "PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; PRAGMA secure_delete = OFF;";

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

  StoreResult<> begin() override { return execute("BEGIN IMMEDIATE"); }
  StoreResult<> commit() override {
    if (auto committed = execute("COMMIT"); !committed) return committed;
    return let_image_go();
  }
  void rollback() override {
    // The only failure of ROLLBACK is that there is no transaction any more.
    if (sqlite3_get_autocommit(database_.get()) == 0) {
      static_cast<void>(sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr));
    }
    static_cast<void>(let_image_go());  // or else the next transaction says why
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

  StoreResult<> insert(const Table& table, const RowBatch& rows) override {
    if (rows.cells() < kFewestForImage * table.columns.size()) return write(table, rows, "");
    auto found = images_.find(table.name);
    if (found == images_.end()) {
      auto made = SqliteImage::of(database_.get(), table);
      if (!made) return StoreError{"sqlite " + path_ + ": " + made.error().what};
      found = images_.emplace(table.name, std::move(*made)).first;
    }
    if (found->second == nullptr) return write(table, rows, "");
    SqliteImage& image = *found->second;
    others_.clear();
    for (std::size_t at = 0; at < rows.cells();) {
      at = image.fill(rows, at, others_);
      if (image.empty()) continue;
      if (auto copied = copy(table, image); !copied) return copied;
    }
    return write(table, others_, "");
  }
  StoreResult<> upsert(const Table& table, const RowBatch& rows) override {
    // "WHERE true" tells the parser that ON begins no condition of a join.
    return write(table, rows, " WHERE true" + on_conflict(table));
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

  // All rows of the image. The statement is compiled each time, since it is about another database each time.
  StoreResult<> copy(const Table& table, SqliteImage& image) {
    if (!attached_) {
      if (auto attached = execute("ATTACH ':memory:' AS image"); !attached) return attached;
      attached_ = true;
    }
    const auto size = static_cast<sqlite3_int64>(image.size());
    if (sqlite3_deserialize(database_.get(), "image", image.bytes(), size, size, SQLITE_DESERIALIZE_READONLY) !=
        SQLITE_OK) {
      return failed();
    }
    // Its pages are read where they stand, and not into a cache.
    if (auto mapped = execute("PRAGMA image.mmap_size = " + std::to_string(size)); !mapped) return mapped;
    const std::string name(table.name);
    sqlite3_progress_handler(
        database_.get(), kStepsOfAPiece, [](void*) { return give_way(), 0; }, nullptr);
    auto copied = execute("INSERT INTO main." + name + " SELECT * FROM image." + name);
    sqlite3_progress_handler(database_.get(), 0, nullptr, nullptr);
    return copied;
  }

  // Behind a transaction, since BEGIN IMMEDIATE would write into all databases that are attached.
  StoreResult<> let_image_go() {
    if (!attached_) return std::monostate{};
    auto detached = execute("DETACH image");
    attached_ = !detached;
    return detached;
  }

  // One statement for all rows (sqlite_batch.h).
  StoreResult<> write(const Table& table, const RowBatch& rows, const std::string& conflict) {
    if (rows.empty()) return std::monostate{};
    std::string values;
    for (std::size_t i = 0; i < table.columns.size(); ++i) values += (i > 0 ? ", c" : "c") + std::to_string(i);
    auto prepared = prepare("INSERT INTO " + std::string(table.name) + " (" + column_list(table) + ") SELECT " +
                            values + " FROM row_batch" + conflict);
    if (!prepared) return prepared.error();
    *batch_ = SqliteBatch{&rows, table.columns.size()};
    const int code = sqlite3_step(*prepared);
    auto written = finish(*prepared, code, std::monostate{});
    *batch_ = SqliteBatch();
    return written;
  }

  std::unique_ptr<SqliteBatch> batch_;  // before the database, which looks at it
  Database database_;
  const std::string path_;
  std::map<std::string, Statement> statements_;
  std::map<std::string_view, std::unique_ptr<SqliteImage>> images_;  // by table; null: it has none
  RowBatch others_;                                                  // that an image does not hold
  bool attached_ = false;                                            // an image
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
