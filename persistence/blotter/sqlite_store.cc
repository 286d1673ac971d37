#include "persistence/blotter/sqlite_store.h"

#include <sqlite3.h>

#include <map>
#include <mutex>
#include <utility>

namespace portcullis::persistence {
namespace {

constexpr int kBusyTimeoutMs = 5000;
// A decision's row is two kilobytes, so pages of 8 KiB (of a new file) waste less and are half as many writes. A
// checkpoint writes and syncs the pages that changed since the one before: a larger log (64 MiB) makes it rarer. A
// cache of 64 MiB holds the ends of all indexes and what a large batch changes.
constexpr const char* kSettings =
    "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = "
    "8192; "
    "PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;";

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
  SqliteStore(Database database, std::string path) : database_(std::move(database)), path_(std::move(path)) {}

  StoreResult<> begin() override { return execute("BEGIN IMMEDIATE"); }
  StoreResult<> commit() override { return execute("COMMIT"); }
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

  StoreResult<> upsert(const Table& table, const RowBatch& rows) override {
    if (rows.empty()) return std::monostate{};
    auto prepared = prepare(upsert_statement(table));
    if (!prepared) return prepared.error();
    sqlite3_stmt* const statement = *prepared;
    // Each row binds every parameter anew, so nothing is cleared between two of them.
    for (std::size_t first = 0; first < rows.cells(); first += table.columns.size()) {
      for (std::size_t i = 0; i < table.columns.size(); ++i) {
        bind_cell(statement, static_cast<int>(i) + 1, rows.cell(first + i));
      }
      const int code = sqlite3_step(statement);
      if (code != SQLITE_DONE) return finish(statement, code, std::monostate{});
      sqlite3_reset(statement);
    }
    sqlite3_clear_bindings(statement);
    return std::monostate{};
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

  static void bind_cell(sqlite3_stmt* statement, int at, const RowBatch::Cell& cell) {
    switch (cell.kind) {
      case RowBatch::Kind::kInteger:
        sqlite3_bind_int64(statement, at, cell.integer);
        return;
      case RowBatch::Kind::kText:
        // An empty view may have no address, which SQLite would take for NULL.
        sqlite3_bind_text(statement, at, cell.text.empty() ? "" : cell.text.data(), static_cast<int>(cell.text.size()),
                          SQLITE_STATIC);
        return;
      case RowBatch::Kind::kAbsent:
        sqlite3_bind_null(statement, at);
        return;
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

  static std::string upsert_statement(const Table& table) {
    std::string values;
    std::string updates;
    std::string keys;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const std::string name(table.columns[i].name);
      values += (i > 0 ? ", $" : "$") + std::to_string(i + 1);
      if (i < table.key_columns) {
        keys += (i > 0 ? ", " : "") + name;
      } else {
        updates += (updates.empty() ? "" : ", ") + name + " = excluded." + name;
      }
    }
    return "INSERT INTO " + std::string(table.name) + " (" + column_list(table) + ") VALUES (" + values +
           ") ON CONFLICT (" + keys + ") DO UPDATE SET " + updates;
  }

  Database database_;
  const std::string path_;
  std::map<std::string, Statement> statements_;
};

}  // namespace

StoreResult<std::unique_ptr<BlotterStore>> open_sqlite(const std::string& path) {
  // SQLite counts its memory under a lock that every allocation takes, for figures that nobody asks for. It can be
  // told so only before its first use; a refusal leaves it slower and right.
  static std::once_flag told;
  std::call_once(told, [] { static_cast<void>(sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0)); });
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(opened);
  if (code != SQLITE_OK) {
    return StoreError{"sqlite " + path + ": " + (opened != nullptr ? sqlite3_errmsg(opened) : "out of memory"), true};
  }
  sqlite3_busy_timeout(database.get(), kBusyTimeoutMs);
  auto store = std::make_unique<SqliteStore>(std::move(database), path);
  if (auto set = store->execute(kSettings); !set) {
    return StoreError{set.error().what, true};
  }
  return std::unique_ptr<BlotterStore>(std::move(store));
}

}  // namespace portcullis::persistence
