#include "persistence/blotter/sqlite_batch.h"

#include <new>
#include <string>

#include "persistence/background.h"

// SQLite's documentation, "The Virtual Table Mechanism Of SQLite": an eponymous table, read from the first row to the
// last.

namespace portcullis::persistence {
namespace {

struct BatchTable : sqlite3_vtab {
  const SqliteBatch* batch = nullptr;
};
struct BatchCursor : sqlite3_vtab_cursor {
  const SqliteBatch* batch = nullptr;
  RowBatch::Reader row;    // at the row's first value
  RowBatch::Reader value;  // at the value of `column`
  std::size_t column = 0;
  sqlite3_int64 number = 0;
};

BatchCursor& cursor_of(sqlite3_vtab_cursor* cursor) {
  return *static_cast<BatchCursor*>(cursor);
}

int connect(sqlite3* database, void* batch, int, const char* const*, sqlite3_vtab** table, char**) {
  std::string columns;
  for (std::size_t i = 0; i < SqliteBatch::kMostColumns; ++i) columns += (i > 0 ? ", c" : "c") + std::to_string(i);
  if (const int code = sqlite3_declare_vtab(database, ("CREATE TABLE row_batch(" + columns + ")").c_str());
      code != SQLITE_OK) {
    return code;
  }
  auto* made = new (std::nothrow) BatchTable;
  if (made == nullptr) return SQLITE_NOMEM;
  made->batch = static_cast<const SqliteBatch*>(batch);
  *table = made;
  return SQLITE_OK;
}

int disconnect(sqlite3_vtab* table) {
  delete static_cast<BatchTable*>(table);
  return SQLITE_OK;
}

int best_index(sqlite3_vtab*, sqlite3_index_info*) {
  return SQLITE_OK;
}

int open(sqlite3_vtab* table, sqlite3_vtab_cursor** cursor) {
  auto* made = new (std::nothrow) BatchCursor;
  if (made == nullptr) return SQLITE_NOMEM;
  made->batch = static_cast<BatchTable*>(table)->batch;
  *cursor = made;
  return SQLITE_OK;
}

int close(sqlite3_vtab_cursor* cursor) {
  delete static_cast<BatchCursor*>(cursor);
  return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* cursor, int, const char*, int, sqlite3_value**) {
  BatchCursor& at = cursor_of(cursor);
  at.row = at.batch->rows == nullptr ? RowBatch::Reader() : RowBatch::Reader(*at.batch->rows);
  at.value = at.row;
  at.column = 0;
  at.number = 0;
  return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* cursor) {
  BatchCursor& at = cursor_of(cursor);
  for (; at.column < at.batch->columns; ++at.column) at.value.next();
  at.row = at.value;
  at.column = 0;
  ++at.number;
  give_way();
  return SQLITE_OK;
}

int eof(sqlite3_vtab_cursor* cursor) {
  return cursor_of(cursor).row.done() ? 1 : 0;
}

// SQLite asks for a row's columns once each and in their order, as the statement has them; any other order is slower.
int column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int number) {
  BatchCursor& at = cursor_of(cursor);
  const auto wanted = static_cast<std::size_t>(number);
  if (wanted != at.column) [[unlikely]] {
    if (wanted >= at.batch->columns) return SQLITE_OK;
    if (wanted < at.column) {
      at.value = at.row;
      at.column = 0;
    }
    for (; at.column < wanted; ++at.column) at.value.next();
  }
  if (wanted >= at.batch->columns) return SQLITE_OK;
  ++at.column;
  at.value.next([context](std::int64_t integer) { sqlite3_result_int64(context, integer); },
                [context](std::string_view text) {
                  // The address of an empty one is that of what follows it. The batch outlives the statement.
                  sqlite3_result_text(context, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
                },
                [] {});  // NULL is what it is without a result.
  return SQLITE_OK;
}

int row_id(sqlite3_vtab_cursor* cursor, sqlite3_int64* id) {
  *id = cursor_of(cursor).number;
  return SQLITE_OK;
}

sqlite3_module make_module() {
  sqlite3_module module = {};
  module.xConnect = connect;  // and no xCreate: the table is there by its name alone
  module.xBestIndex = best_index;
  module.xDisconnect = disconnect;
  module.xOpen = open;
  module.xClose = close;
  module.xFilter = filter;
  module.xNext = next;
  module.xEof = eof;
  module.xColumn = column;
  module.xRowid = row_id;
  return module;
}

}  // namespace

int register_row_batch(sqlite3* database, SqliteBatch& batch) {
  static const sqlite3_module kModule = make_module();
  return sqlite3_create_module(database, "row_batch", &kModule, &batch);
}

}  // namespace portcullis::persistence
